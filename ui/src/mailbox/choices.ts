/** What the forms of an open mailbox say. The twin of the same in Go's internal/web, for who comes without script. */
import { CHECK_IN, isCheckIn, type CheckIn } from "../checkin.js";
import type { Choice } from "../consent.js";
import { HIDES, HOLDS, SHARE_LEVELS, type Answer } from "../pad.js";

/** A form is not filled in. The message is the key of a sentence. */
export class Missing extends Error {
  override name = "Missing";
}

const PRACTICAL = "I need practical help.";

const ticked = (form: HTMLFormElement, name: string): string[] =>
  Array.from(form.querySelectorAll<HTMLInputElement>(`input[name="${name}"]`)).filter((i) => i.checked).map((i) => i.value);

function words(form: HTMLFormElement): string {
  const text = form.querySelector("textarea")?.value ?? "";
  return text.trim() === "" ? "" : text;
}

/** Throws Missing. */
export function written(form: HTMLFormElement): Answer[] {
  const wishes = ticked(form, "wish");
  const wants = wishes.filter((w) => w !== "practical");
  const answers: Answer[] = [];
  if (words(form) !== "") answers.push({ q: "words", a: words(form) });
  if (wants.length > 0) answers.push({ q: "wants", a: wants.join("\n") });
  if (wishes.includes("practical")) answers.push({ q: "wants_text", a: PRACTICAL });
  if (answers.length === 0) throw new Missing("mailbox.nothing_written");
  return answers;
}

/**
 * Whether something happened since, in the codes of the form: being treated worse is response.payback; and when to be asked that.
 * Either may be left out. Twin of SinceAnswers in Go's internal/seal. Throws Missing.
 */
export function since(form: HTMLFormElement): Answer[] {
  const [happened] = ticked(form, "since");
  const wish = wished(form);
  const text = words(form);
  if (happened === undefined && (wish === null || text !== "")) throw new Missing("mailbox.choose_since");
  const answers: Answer[] = [];
  if (happened === "nothing") answers.push({ q: "words", a: `Nothing bad has happened to my care since.\n${text}`.trim() });
  else if (text !== "") answers.push({ q: "words", a: text });
  if (happened === "payback") answers.push({ q: "themes", a: "response" }, { q: "items", a: "response.payback" });
  return wish === null ? answers : [...answers, { q: CHECK_IN, a: wish }];
}

/** When its writer wishes to be asked; null when they do not say. */
export const wished = (form: HTMLFormElement): CheckIn | null => ticked(form, CHECK_IN).find(isCheckIn) ?? null;

/** Throws Missing. */
export function consent(form: HTMLFormElement): Choice {
  const level = SHARE_LEVELS.find((l) => l === ticked(form, "share_level")[0]);
  const hold = HOLDS.find((h) => h === ticked(form, "hold_until")[0]);
  if (level === undefined || hold === undefined) throw new Missing("mailbox.choose");
  const hidden = ticked(form, "hide");
  return { share_level: level, ask_me_first: ticked(form, "ask_me_first").length > 0, hold, hide: HIDES.filter((h) => hidden.includes(h)) };
}

/** Whoever takes everything back says so twice: nothing brings it back. Throws Missing. */
export function sure(form: HTMLFormElement): void {
  if (ticked(form, "sure").length === 0) throw new Missing("mailbox.back_unsure");
}
