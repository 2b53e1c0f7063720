/** A message that is open: first who may see it, then a veil that says what it holds, then the words, whole or sentence by sentence. */
import type { Answer } from "../pad.js";
import type { Choice } from "./desk.js";
import { button, el, focusOn, typed } from "./dom.js";
import type { Labels } from "./labels.js";
import { JUNK, SAY } from "./words.js";

/** What the writer decided about the message, shown before anything is read. */
const TERMS = ["share_level", "must_not", "ask_me_first", "hold_until", "hide"];

/** A choice of who may see what, in the words of the form. */
export function choiceBlock(c: Choice, labels: Labels): HTMLElement {
  const changed: Answer[] = [
    { q: "share_level", a: c.share_level },
    { q: "hold_until", a: c.hold },
    ...(c.ask_me_first ? [{ q: "ask_me_first", a: "show_me_before_sharing" }] : []),
    ...(c.hide.length > 0 ? [{ q: "hide", a: c.hide.join("\n") }] : []),
  ];
  return termsBlock(changed, labels);
}

/** Why a file does not open; null when a colleague found out and this browser did not try. */
export function junk(reason: keyof typeof JUNK | null): HTMLElement[] {
  return [el("p", {}, el("strong", {}, `${SAY.junk}. `), reason === null ? SAY.junkFound : JUNK[reason]), el("p", { class: "quiet" }, SAY.junkMore)];
}

/** A message from its terms to its veiled words. */
export function submission(s: { sealedBy: "client" | "server"; answers: Answer[] }, labels: Labels, first = true): HTMLElement[] {
  const terms = s.answers.filter((a) => isTerm(a, labels));
  const rest = s.answers.filter((a) => !terms.includes(a));
  const by = el("p", { class: "quiet" }, s.sealedBy === "client" ? `${SAY.byClient}.` : `${SAY.byServer}.`);
  // Only a first message says what may be done with it; silence in a further one changes nothing.
  const allowed = first || terms.length > 0 ? [termsBlock(terms, labels)] : [];
  return [...allowed, by, veil(rest, labels)];
}

/** Only codes we know are shown before the veil: anything else could be words. */
function isTerm(a: Answer, labels: Labels): boolean {
  return TERMS.includes(a.q) && labels.knows(a);
}

function termsBlock(terms: Answer[], labels: Labels): HTMLElement {
  const list = el("dl", { class: "terms" });
  const ordered = TERMS.flatMap((q) => terms.filter((a) => a.q === q));
  if (!ordered.some(({ q }) => q === "share_level")) list.append(el("dt", {}, SAY.share), el("dd", {}, SAY.shareDefault));
  for (const a of ordered) {
    const term = a.q === "must_not" ? SAY.mustNot : a.q === "share_level" ? SAY.share : labels.question(a.q);
    list.append(el("dt", {}, term), ...labels.choices(a).map((c) => el("dd", {}, c)));
  }
  return list;
}

function veil(answers: Answer[], labels: Labels): HTMLElement {
  const room = el("div", { class: "veil" });
  if (answers.length === 0) {
    room.append(el("p", {}, SAY.noAnswers));
    return room;
  }
  const lift = (first: (words: HTMLElement) => void) => (): void => {
    const words = el("div", { class: "words", "aria-live": "polite", tabindex: "-1" });
    room.replaceWith(words);
    first(words);
    words.focus();
  };
  room.append(
    ...warning(labels.warnings(answers)),
    el(
      "div",
      { class: "buttons" },
      button(SAY.lift, lift((words) => { pieces(answers, labels, words).forEach((p) => { p(); }); }), "button"),
      button(SAY.sentences, lift((words) => { oneByOne(pieces(answers, labels, words), words); })),
    ),
  );
  return room;
}

function warning(holds: string[]): HTMLElement[] {
  if (holds.length === 0) return [el("p", {}, SAY.holdsNothing)];
  const list = el("ul", {}, ...holds.map((h) => el("li", {}, h)));
  return [el("p", {}, el("strong", {}, SAY.holds)), list, el("p", { class: "quiet" }, SAY.unlisted)];
}

/** The message as steps that each add one sentence, list or question to `words`. */
function pieces(answers: Answer[], labels: Labels, words: HTMLElement): (() => void)[] {
  return answers.flatMap((a) => {
    const heading = el("h3", {}, labels.question(a.q));
    if (labels.isChoice(a.q)) {
      const list = el("ul", {}, ...labels.choices(a).map((c) => el("li", {}, c)));
      return [() => { words.append(heading, list); }];
    }
    if (a.q === "names") return [() => { words.append(heading, namesVeil(a.a)); }];
    return textPieces(heading, a.a, words);
  });
}

function textPieces(heading: HTMLElement, text: string, words: HTMLElement): (() => void)[] {
  const paragraph = typed("");
  const [first = "", ...rest] = sentences(text);
  const begin = (): void => {
    paragraph.append(first);
    words.append(heading, paragraph);
  };
  return [begin, ...rest.map((s) => (): void => { paragraph.append(s); })];
}

/** Splits text so that the parts joined are the text again. */
export function sentences(text: string): string[] {
  const Segmenter = (Intl as { Segmenter?: typeof Intl.Segmenter }).Segmenter;
  if (Segmenter === undefined) return text.match(/[^.!?\n]*[.!?\n]*\s*/g)?.filter((s) => s !== "") ?? [];
  return Array.from(new Segmenter(undefined, { granularity: "sentence" }).segment(text), (s) => s.segment);
}

function namesVeil(text: string): HTMLElement {
  const room = el("div", { class: "veil" }, el("p", {}, SAY.namesRule));
  room.append(button(SAY.namesShow, () => {
    const names = typed(text);
    room.replaceWith(names);
    focusOn(names);
  }));
  return room;
}

function oneByOne(steps: (() => void)[], words: HTMLElement): void {
  let at = 0;
  const controls = el("div", { class: "buttons" });
  const advance = (to: number): void => {
    const here = words.lastElementChild; // what was read last: it goes on from there
    for (; at < to; at++) steps[at]?.();
    if (at < steps.length) return;
    const pressed = controls.contains(document.activeElement);
    controls.remove();
    if (pressed) focusOn(here instanceof HTMLElement ? here : words);
  };
  controls.append(
    button(SAY.next, () => { advance(at + 1); }, "button"),
    button(SAY.rest, () => { advance(steps.length); }),
  );
  words.after(controls);
  advance(1);
}

/** This day in UTC, `YYYY-MM-DD`. */
export const today = (): string => new Date().toISOString().slice(0, 10);

/** A day in words. Parsed and shown as UTC: it is a date and not a moment. */
export function dayText(day: string): string {
  const date = new Date(`${day}T00:00:00Z`);
  if (Number.isNaN(date.getTime())) return day;
  return date.toLocaleDateString("en-GB", { timeZone: "UTC", day: "numeric", month: "long", year: "numeric" });
}
