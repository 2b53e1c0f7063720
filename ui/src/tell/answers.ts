/**
 * What was answered, read from the form by the same rules by which the server reads it: a text of blanks alone says
 * nothing, a skipped question is not among the answers, and at least one thing has to be said.
 */
import { ownWords } from "../ownwords.js";
import type { Answer } from "../pad.js";

/** Of these, at least one must be answered. */
const SAYS = ["words", "pictures", "themes", "items", "good", "other_text"];

/** The answers in the order of the form; several codes of one question are joined by line feeds. */
export function readAnswers(form: HTMLFormElement): Answer[] {
  const order: string[] = [];
  const values = new Map<string, string[]>();
  for (const control of Array.from(form.elements)) {
    const value = answered(control);
    if (value === null) continue;
    if (!values.has(value.q)) order.push(value.q);
    values.set(value.q, [...(values.get(value.q) ?? []), value.a]);
  }
  return inOrderOfForm(order, values);
}

function answered(control: Element): Answer | null {
  if (control instanceof HTMLTextAreaElement) return typed(control);
  if (!(control instanceof HTMLInputElement)) return null;
  if (control.type === "text") return typed(control);
  const picked = (control.type === "radio" || control.type === "checkbox") && control.checked && control.name !== "surely" && !skipped(control);
  return picked ? { q: control.name, a: control.value } : null;
}

/** Somebody asked to skip its question: what is ticked beside that is not told. */
const skipped = ({ form, name }: HTMLInputElement): boolean =>
  (form?.querySelector(`[name="${name}"][value="skip"]:checked`) ?? null) !== null;

/** The text as it was typed, unless a reader would see nothing. Its line breaks are line feeds whatever the device. */
function typed(control: HTMLTextAreaElement | HTMLInputElement): Answer | null {
  return /^[\p{White_Space}\p{Cc}\p{Cf}]*$/u.test(control.value) ? null : { q: control.name, a: control.value };
}

/** Items stand under their themes on the page, yet are a question of their own that follows them. */
function inOrderOfForm(order: string[], values: Map<string, string[]>): Answer[] {
  const keys = order.filter((q) => q !== "items");
  if (values.has("items")) {
    const after = keys.indexOf("themes");
    const before = keys.findIndex((q) => !["words", "pictures", "for_whom", "themes"].includes(q));
    keys.splice(after >= 0 ? after + 1 : before >= 0 ? before : keys.length, 0, "items");
  }
  return keys.map((q) => ({ q, a: (values.get(q) ?? []).join("\n") }));
}

export function saysSomething(answers: Answer[]): boolean {
  return answers.some(({ q }) => SAYS.includes(q));
}

/** What was answered as a person reads it: each question as it stands on the page, and below it the answer. */
export function readable(form: HTMLFormElement): string[] {
  const told = new Map<string, string[]>();
  for (const control of Array.from(form.elements)) {
    const value = answered(control);
    if (value === null) continue;
    const picked = control instanceof HTMLInputElement && control.type !== "text";
    const question = (picked ? ownWords(control.closest("fieldset")?.querySelector("legend") ?? null) : labelOf(control)) || value.q;
    told.set(question, [...(told.get(question) ?? []), picked ? labelOf(control) : value.a]);
  }
  return [...told].map(([question, answers]) => [question, ...answers].join("\n"));
}

const labelOf = (control: Element): string => ownWords((control as HTMLInputElement | HTMLTextAreaElement).labels?.[0] ?? null);
