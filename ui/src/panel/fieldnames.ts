/** What a field of the draft is called on the page, and what was chosen in it: a person is never shown the names of the program. */
import type { Answer } from "../pad.js";
import { ownCode } from "../coding.js";
import { CASE, FORM_NAMES } from "./casewords.js";
import type { Labels } from "./labels.js";
import { REPLY } from "./reply.js";

/** Boxes of the forms for steps that others can take first, and what stands above each. */
export const BOXES = new Map([
  ["check_words", CASE.words], ["check_changed", CASE.changed], ["decide_why", CASE.why], ["object_why", CASE.why],
  ["first_words", CASE.words], ["first_lead", CASE.firstLead],
]);

const OTHERS = new Map([
  ...BOXES, ["note", CASE.noteLabel], ["alone", CASE.aloneLabel], ["reply", REPLY.words],
  ["check_form", CASE.form], ["first_form", CASE.form], ["check_guess", CASE.checkTitle],
]);

const CODING: Record<string, string> = {
  items: CASE.items, own: CASE.items, good: CASE.good, involved: CASE.involved, repair: CASE.repair, seriousness: CASE.seriousness, role: CASE.writer,
};

/** Begins the names of the fields of a coding, of one's own or of both. */
const OF_CODING = /^(mine|both)_/;

/** What stands above a field. */
export function fieldName(q: string, labels: Labels): string {
  const name = q.replace(OF_CODING, "");
  if (name === q) return OTHERS.get(q) ?? CASE.coding;
  const theme = name.startsWith("theme.") ? labels.choices({ q: "themes", a: name.slice("theme.".length) })[0] : undefined;
  return theme ?? CODING[name] ?? CASE.coding;
}

/** What was typed or chosen in a field. */
export function fieldText({ q, a }: Answer, labels: Labels): string {
  const name = q.replace(OF_CODING, "");
  if (name === q) return q.endsWith("_form") ? called(FORM_NAMES, a) : a;
  if (name.startsWith("theme.")) return a === "yes" ? CASE.yes : a === "no" ? CASE.no : a;
  if (name === "role") return called(CASE.writers, a);
  const list = { items: "items", own: "items", good: "items", involved: "roles", repair: "wants" }[name];
  if (list === undefined) return a;
  return a.split("\n").flatMap((code) => labels.choices({ q: list, a: name === "own" ? ownCode(code) : code })).join("\n");
}

const called = (names: Readonly<Record<string, string | undefined>>, code: string): string => names[code] ?? code;

/** Whether a field stands in a part of the view that is open, given the fields that these have. */
export function isOpen(q: string, open: readonly Answer[]): boolean {
  const form = /^(mine|both|check|first)_/.exec(q)?.[0];
  return open.some((o) => o.q === q || (form !== undefined && o.q.startsWith(form)));
}
