/** After reading: who else carries it, and a note to oneself that nobody else ever gets. */
import type { Answer } from "../pad.js";
import type { Case } from "./casework.js";
import { CASE } from "./casewords.js";
import { el } from "./dom.js";
import { box, type Part } from "./drafts.js";

/** The draft's field that is never sent. */
const FIELD = "alone";

/**
 * The part for whoever has coded a message, or wrote to themselves before. What stands in it stays in the reviewer's draft:
 * sealed to them alone, and gone with the message. The server sees a draft, as it does of everybody who reads.
 */
export function alone(c: Pick<Case, "coded" | "claims">, me: string, begun: readonly Answer[]): Part[] {
  if (!c.coded.includes(me) && !begun.some(({ q }) => q === FIELD)) return [];
  const others = c.claims.filter(({ by, role }) => by !== me && role !== "checker").map(({ by }) => by);
  const area = el("textarea", { id: "case-alone", rows: "3", autocomplete: "off", spellcheck: "false", "aria-describedby": "case-alone-hint" });
  const element = el("section", {}, el("h3", {}, CASE.alone), el("p", {}, CASE.buddy(others)),
    el("div", { class: "field" }, el("label", { for: "case-alone" }, CASE.aloneLabel), el("p", { class: "hint", id: "case-alone-hint" }, CASE.aloneHint), area));
  return [box(FIELD, element, area)];
}
