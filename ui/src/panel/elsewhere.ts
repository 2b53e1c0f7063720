/** What a reviewer typed on a message and finds in no box of this page: in another window, in a terminal, or in a form that is not open any more. */
import type { Answer } from "../pad.js";
import type { Case } from "./casework.js";
import { CASE } from "./casewords.js";
import { asked, button, el, focusOn, typed } from "./dom.js";
import type { Part } from "./drafts.js";
import { BOXES, fieldName, fieldText, isOpen } from "./fieldnames.js";
import type { Labels } from "./labels.js";
import { ELSEWHERE } from "./merged.js";
import { lines } from "./shown.js";

export const BESIDE = {
  title: "Typed elsewhere",
  lead: "You typed this about this message in another window or in a terminal. It is kept, sealed to you alone.",
  terminal: "In a terminal",
  other: (name: string): string => `In another window, where here stands something else: ${name}`,
  otherForm: (name: string): string => `In another window, in a form that is not open here any more: ${name}`,
  go: "Let this go",
  sure: "Then it is kept nowhere any more, and cannot be fetched back. Copy what you still want first.",
  yes: "Yes, let it go",
  gone: "Nothing of this is kept any more.",
  beforeTitle: "Typed before, and not sent",
  beforeLead: "You typed this in a form that is not open now: somebody has taken the step meanwhile, or it is not the time for it. Nobody was sent it. It is kept, sealed to you alone.",
};

/** The field in which a terminal keeps what is typed there; internal/client. */
const TERMINAL = "terminal";

/**
 * A part of the draft that shows them; none where there is nothing. What is let go, with one question before, is not kept any
 * more. `open` are the fields of the forms that are open.
 */
export function elsewhere(fields: readonly Answer[], open: readonly Answer[], labels: Labels): Part[] {
  const left = new Map(fields.filter(({ q }) => q === TERMINAL || q.endsWith(ELSEWHERE)).map(({ q, a }) => [q, a]));
  const box = (q: string): string => q.slice(0, -ELSEWHERE.length);
  const name = (q: string): string => {
    if (q === TERMINAL) return BESIDE.terminal;
    return (isOpen(box(q), open) ? BESIDE.other : BESIDE.otherForm)(fieldName(box(q), labels));
  };
  return kept(left, BESIDE.title, BESIDE.lead, name, (q, a) => (q === TERMINAL ? a : fieldText({ q: box(q), a }, labels)));
}

/**
 * A part of the draft that shows what was typed in forms that are not open; none where there is nothing. `open` are the fields of
 * those that are. What stands in a signed file already, as a form begins with it or because it was sent, was not typed in vain.
 */
export function typedBefore(fields: readonly Answer[], open: readonly Answer[], c: Pick<Case, "checks" | "sharings" | "notes">): Part[] {
  const signed = new Set([...c.checks.flatMap(({ body }) => [body.words, body.changed]), ...c.sharings.map(({ body }) => body.words), ...c.notes.map(({ body }) => body.words ?? "")].map(lines));
  const left = fields.filter(({ q, a }) => BOXES.has(q) && !open.some((o) => o.q === q) && !signed.has(lines(a)));
  return kept(new Map(left.map(({ q, a }) => [q, a])), BESIDE.beforeTitle, BESIDE.beforeLead, (q) => BOXES.get(q) ?? q);
}

function kept(
  left: Map<string, string>, title: string, lead: string, name: (q: string) => string, text = (_q: string, a: string): string => a,
): Part[] {
  if (left.size === 0) return [];
  const rows = el("div", {}, ...[...left].map(([q, a]) => row(name(q), text(q, a), () => { left.delete(q); })));
  const element = el("section", {}, el("h3", {}, title), el("p", {}, lead), rows);
  return [{ element, fields: () => [...left].map(([q, a]) => ({ q, a })) }];
}

/** One text, until it is let go: the focus goes to the next one then, or to the sentence that there is none. */
function row(name: string, a: string, gone: () => void): HTMLElement {
  const choose = el("div", { class: "buttons" });
  const one = el("div", {}, el("p", { class: "quiet" }, name), typed(a), choose);
  const begin = (): void => { choose.replaceChildren(button(BESIDE.go, ask)); };
  const ask = (): void => {
    const no = button(CASE.cancel, () => { begin(); choose.querySelector("button")?.focus(); });
    asked(choose, BESIDE.sure, button(BESIDE.yes, go, "button"), no);
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
