/** What a reviewer typed on a message in another window or in a terminal, where it cannot stand in a box of this page. */
import type { Answer } from "../pad.js";
import { button, el, typed } from "./dom.js";
import type { Part } from "./drafts.js";
import { ELSEWHERE } from "./merged.js";

export const BESIDE = {
  title: "Typed elsewhere",
  lead: "You typed this about this message in another window or in a terminal. It is kept, sealed to you alone.",
  terminal: "In a terminal",
  other: (q: string): string => `In another window, where here stands something else (${q})`,
  go: "Let this go",
};

/** The field in which a terminal keeps what is typed there; internal/client. */
const TERMINAL = "terminal";

/** A part of the draft that shows them; none where there is nothing. What is let go is not kept any more. */
export function elsewhere(fields: readonly Answer[]): Part[] {
  const left = new Map(fields.filter(({ q }) => q === TERMINAL || q.endsWith(ELSEWHERE)).map(({ q, a }) => [q, a]));
  if (left.size === 0) return [];
  const rows = [...left].map(([q, a]) => {
    const row = el("div", {}, el("p", { class: "quiet" }, q === TERMINAL ? BESIDE.terminal : BESIDE.other(q.slice(0, -ELSEWHERE.length))), typed(a));
    row.append(button(BESIDE.go, () => { left.delete(q); row.remove(); element.hidden = left.size === 0; }));
    return row;
  });
  const element = el("section", {}, el("h3", {}, BESIDE.title), el("p", {}, BESIDE.lead), ...rows);
  return [{ element, fields: () => [...left].map(([q, a]) => ({ q, a })) }];
}
