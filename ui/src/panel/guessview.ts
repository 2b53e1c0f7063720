/** The words that may go out, with what stands out in them, as they are typed. */
import { CASE, MARKS } from "./casewords.js";
import { el } from "./dom.js";
import { marks, quotes, type Crowd } from "./guess.js";
import type { Labels } from "./labels.js";

const SMALL = 10;

/** What stands out in words, and how large the crowd is. Read out when it changes, politely. */
export function lookAt(words: string, original: string, crowd: Crowd, labels: Labels): HTMLElement[] {
  return [el("h4", {}, CASE.marksTitle), ...markedText(words), ...quoted(words, original), ...crowdText(crowd, labels), el("p", { class: "quiet" }, CASE.marksLimit)];
}

function markedText(words: string): HTMLElement[] {
  const found = marks(words);
  if (found.length === 0) return [el("p", {}, CASE.marksNone)];
  const kinds = new Map<string, string[]>();
  for (const m of found) kinds.set(MARKS[m.kind], [...(kinds.get(MARKS[m.kind]) ?? []), words.slice(m.start, m.end)]);
  const text = el("p", { class: "typed marked", dir: "auto", translate: "no" });
  let at = 0;
  for (const m of found) {
    text.append(words.slice(at, m.start), el("mark", { title: MARKS[m.kind] }, words.slice(m.start, m.end)));
    at = m.end;
  }
  text.append(words.slice(at));
  // A mark in the text is for the eye; the list says the same to everybody.
  const list = el("ul", {}, ...[...kinds].map(([kind, said]) => el("li", {}, `${kind}: ${[...new Set(said)].join(", ")}`)));
  return [text, list];
}

function quoted(words: string, original: string): HTMLElement[] {
  const runs = quotes(words, original);
  if (runs.length === 0) return [];
  return [el("p", {}, el("strong", {}, CASE.quotes(runs.length))), el("ul", {}, ...runs.map((r) => el("li", { class: "typed" }, words.slice(r.start, r.end))))];
}

function crowdText({ k, role, rare }: Crowd, labels: Labels): HTMLElement[] {
  const named = (of: string): string => (of === "" ? "" : labels.choices({ q: "roles", a: of })[0] ?? of);
  const few = (n: number): (HTMLElement | string)[] => (n < SMALL ? [" ", el("strong", {}, CASE.crowdSmall)] : []);
  return [
    el("p", {}, `${CASE.crowd(k, named(role))} ${CASE.crowdCounts}`, ...few(k)),
    ...(rare === null ? [] : [el("p", {}, CASE.crowd(rare.k, named(rare.role), labels.choices({ q: "themes", a: rare.theme })[0] ?? rare.theme), ...few(rare.k))]),
  ];
}
