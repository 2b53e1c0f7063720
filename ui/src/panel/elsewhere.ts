/** What a reviewer typed on a message in another window or in a terminal, where it cannot stand in a box of this page. */
import type { Answer } from "../pad.js";
import { CASE } from "./casewords.js";
import { button, el, focusOn, typed } from "./dom.js";
import type { Part } from "./drafts.js";
import { ELSEWHERE } from "./merged.js";

export const BESIDE = {
  title: "Typed elsewhere",
  lead: "You typed this about this message in another window or in a terminal. It is kept, sealed to you alone.",
  terminal: "In a terminal",
  other: (q: string): string => `In another window, where here stands something else (${q})`,
  go: "Let this go",
  sure: "Then it is kept nowhere any more, and cannot be fetched back. Copy what you still want first.",
  yes: "Yes, let it go",
  gone: "Nothing typed elsewhere is kept any more.",
};

/** The field in which a terminal keeps what is typed there; internal/client. */
const TERMINAL = "terminal";

/** A part of the draft that shows them; none where there is nothing. What is let go, with one question before, is not kept any more. */
export function elsewhere(fields: readonly Answer[]): Part[] {
  const left = new Map(fields.filter(({ q }) => q === TERMINAL || q.endsWith(ELSEWHERE)).map(({ q, a }) => [q, a]));
  if (left.size === 0) return [];
  const rows = el("div", {}, ...[...left].map(([q, a]) => row(q, a, () => { left.delete(q); })));
  const element = el("section", {}, el("h3", {}, BESIDE.title), el("p", {}, BESIDE.lead), rows);
  return [{ element, fields: () => [...left].map(([q, a]) => ({ q, a })) }];
}

/** One text, until it is let go: the focus goes to the next one then, or to the sentence that there is none. */
function row(q: string, a: string, gone: () => void): HTMLElement {
  const choose = el("div", { class: "buttons" });
  const one = el("div", {}, el("p", { class: "quiet" }, q === TERMINAL ? BESIDE.terminal : BESIDE.other(q.slice(0, -ELSEWHERE.length))), typed(a), choose);
  const begin = (): void => { choose.replaceChildren(button(BESIDE.go, ask)); };
  const ask = (): void => {
    const no = button(CASE.cancel, () => { begin(); choose.querySelector("button")?.focus(); });
    choose.replaceChildren(el("p", {}, BESIDE.sure), button(BESIDE.yes, go, "button"), no);
    no.focus(); // pressing twice by mistake loses nothing
  };
  const go = (): void => {
    gone();
    const rest = one.parentElement;
    const next = (one.nextElementSibling ?? one.previousElementSibling)?.querySelector<HTMLElement>(".second") ?? el("p", {}, BESIDE.gone);
    one.remove();
    if (!next.isConnected) rest?.append(next);
    focusOn(next);
  };
  begin();
  return one;
}
