/** How far each two coders agree, as a folded detail of the panel's own numbers. */
import { fewUnits } from "../agreement.js";
import { el } from "./dom.js";
import type { Pair, PairQuestion } from "./pairs.js";
import { table } from "./table.js";

export const PAIRS = {
  title: "Each two of you, with kappa",
  lead: "Kappa is 1 when both always code the same and 0 when it is chance. It says how two people use the words of the code, not who is right. Where nearly nobody says yes it is low though you agree: look at the columns beside it.",
  two: ([a, b]: readonly [string, string]): string => `${a} and ${b}`,
  question: "Question", units: "Messages", same: "The same", kappa: "Kappa", said: "Said yes",
  few: "too few to say", noVariation: "both always said the same",
  hundred: (part: number): string => `${String(Math.round(part * 100))} in 100`,
};

/** `name` gives a question's words; said yes is left out for how serious it is. */
export function pairsBox(list: readonly Pair[], name: (of: string) => string): HTMLElement[] {
  if (list.length === 0) return [];
  const row = (q: PairQuestion): (string | number)[] =>
    [name(q.of), q.units, PAIRS.hundred(q.percent), kappaText(q), q.of === "seriousness" ? "" : q.units < fewUnits ? PAIRS.few : PAIRS.hundred(q.said)];
  return [el("details", { class: "pairs" }, el("summary", {}, PAIRS.title), el("p", { class: "hint" }, PAIRS.lead),
    ...list.map((p) => table(PAIRS.two(p.coders), [PAIRS.question, PAIRS.units, PAIRS.same, PAIRS.kappa, PAIRS.said], p.questions.map(row))))];
}

function kappaText(q: PairQuestion): string {
  if (q.units < fewUnits) return PAIRS.few;
  return q.kappa === null ? PAIRS.noVariation : q.kappa.toFixed(2);
}
