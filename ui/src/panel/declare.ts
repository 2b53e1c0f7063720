/** Before anything is opened: does anything tie this reviewer to it? Only the card is shown. */
import type { Card } from "../coding.js";
import type { Row } from "./casework.js";
import { chipText, facts } from "./cards.js";
import { CASE } from "./casewords.js";
import { asked, button, el } from "./dom.js";
import type { Labels } from "./labels.js";
import { dayText } from "./reading.js";

/** `clear` and `recuse` are told what was chosen; `take` says what the first is called. */
export function declaration(c: Row, labels: Labels, take: string, clear: () => void, recuse: () => void): HTMLElement[] {
  const shown = el("dl", { class: "terms" }, ...[...facts(c, labels), [CASE.arrived, dayText(c.day)]].flatMap(([q, a]) => [el("dt", {}, q ?? ""), el("dd", {}, a ?? "")]));
  const choose = stepBack(recuse, () => c.declared, button(take, clear, "button"));
  return [
    el("p", { class: "quiet" }, CASE.declareShown), shown, ...(c.card.differ === undefined ? [] : [el("p", { class: "note" }, CASE.cardsDiffer)]), chips(c, labels),
    el("h3", {}, CASE.declareTitle),
    el("p", {}, CASE.hard), el("ul", {}, ...CASE.hardBars.map((bar) => el("li", {}, bar))),
    el("p", {}, CASE.soft), choose,
  ];
}

/**
 * The way to step back for good, with one question before, which says what goes with it where something is `typed`; beside it stands
 * what else can be chosen.
 */
export function stepBack(recuse: () => void, typed: () => boolean, ...beside: HTMLElement[]): HTMLElement {
  const choose = el("div", { class: "buttons" });
  const ask = (): HTMLButtonElement => {
    const first = button(CASE.recuse, sure);
    choose.replaceChildren(...beside, first);
    return first;
  };
  const sure = (): void => {
    const no = button(CASE.cancel, () => { ask().focus(); });
    const question = typed() ? `${CASE.recuseSure} ${CASE.recuseTyped}` : CASE.recuseSure;
    asked(choose, question, button(CASE.recuseYes, recuse, "button"), no);
  };
  ask();
  return choose;
}

/** What it may hold, before any text. */
export function chips(c: { card: Pick<Card, "chips"> }, labels: Labels): HTMLElement {
  if (c.card.chips.length === 0) return el("p", {}, CASE.noChips);
  return el("div", {}, el("p", {}, CASE.chips), el("ul", { class: "chips" }, ...c.card.chips.map((chip) => el("li", { class: "chip" }, chipText(chip, labels)))));
}
