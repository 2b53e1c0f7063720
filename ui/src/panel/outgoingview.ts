/** What would leave the panel of a message, as its members see it and as its writer is shown it first. */
import { goesAlong, type Outgoing, type Wishes } from "../sharing.js";
import { CASE, FORM_NAMES } from "./casewords.js";
import { el, typed } from "./dom.js";
import type { Labels } from "./labels.js";

/** What stands before what goes along, for the writer. Twin of MustNotLead in internal/coding/outgoing.go. */
const MUST_NOT_LEAD = "And for the clinic alone, what must not happen, as you said:";

/**
 * What goes out, in sentences, as a writer is shown it below what a reviewer says before it. Twin of Said in
 * internal/coding/outgoing.go.
 */
export function outgoingText(out: Outgoing, labels: Labels): string {
  const said = out.form === "theme" ? listed("themes", out.themes, labels) : out.words;
  return out.must_not === undefined ? said : `${said}\n\n${MUST_NOT_LEAD}\n\n${listed("must_not", out.must_not, labels)}`;
}

const named = (q: string, codes: readonly string[] | undefined, labels: Labels): string[] => labels.choices({ q, a: (codes ?? []).join("\n") });
const listed = (q: string, codes: readonly string[] | undefined, labels: Labels): string => named(q, codes, labels).map((name) => `- ${name}`).join("\n");

/** All that a check or a decision lets out. */
export function outgoingShown(out: Outgoing, labels: Labels): HTMLElement[] {
  return [
    el("p", {}, el("strong", {}, FORM_NAMES[out.form])),
    ...(out.words === "" ? [] : [typed(out.words)]),
    ...(out.form === "theme" ? themes(CASE.themesOut, out.themes ?? [], labels) : []),
    ...list(CASE.along, "must_not", out.must_not ?? [], labels),
  ];
}

const themes = (lead: string, codes: readonly string[], labels: Labels): HTMLElement[] =>
  (codes.length === 0 ? [el("p", { class: "note" }, CASE.noThemesOut)] : list(lead, "themes", codes, labels));

/**
 * What goes out besides the words that are typed, by the form that is chosen, and what of the writer's conditions is only the
 * panel's to keep to.
 */
export function besides(agreed: readonly string[] | null, { must_not: mustNot }: Wishes, labels: Labels): HTMLElement[] {
  return [
    ...(agreed === null ? [] : themes(CASE.themesWould, agreed, labels)),
    ...list(CASE.alongWould, "must_not", mustNot.filter(goesAlong), labels),
    ...kept(mustNot, labels),
  ];
}

/** What the writer said must not happen and goes to nobody. */
export const kept = (mustNot: readonly string[], labels: Labels): HTMLElement[] => list(CASE.conditions, "must_not", mustNot.filter((code) => !goesAlong(code)), labels);

function list(lead: string, q: string, codes: readonly string[], labels: Labels): HTMLElement[] {
  return codes.length === 0 ? [] : [el("p", {}, lead), el("ul", {}, ...named(q, codes, labels).map((name) => el("li", {}, name)))];
}
