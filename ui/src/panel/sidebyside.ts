/** Codings side by side. */
import { ownCode, type Found } from "../coding.js";
import { compare, type Coded, type Difference } from "../compare.js";
import type { Case } from "./casework.js";
import { CASE } from "./casewords.js";
import { el } from "./dom.js";
import type { FormCodes } from "./codingform.js";
import { inOrder } from "./firstcodings.js";
import type { Labels } from "./labels.js";

/** Codings side by side: the questions on which any two of them differ, and whether the first two agree. */
export interface Compared {
  codings: readonly Coded<Found>[];
  differing: Difference[];
  agree: boolean;
}

/** Codings in the order given; null for fewer than two. */
export function compared(codings: readonly Coded<Found>[]): Compared | null {
  const [a, b] = codings;
  if (!a || !b) return null;
  const differing = new Map<string, Difference>();
  for (const x of codings) for (const y of codings) for (const d of compare(x.body, y.body).differences) differing.set(`${d.of} ${d.code}`, d);
  return { codings, differing: [...differing.values()], agree: compare(a.body, b.body).agree };
}

/**
 * The codings of a message, those first that were made without sight of another: its stage, and so what its coders are asked to
 * do, goes by these two. Twin of SideBySide in internal/client/firstcodings.go.
 */
export const comparedIn = (c: Pick<Case, "claims" | "codings">): Compared | null => compared(inOrder(c));

/** A table in which each row is a question on which two codings differ. */
export function sideBySide(side: Compared | null, codes: FormCodes, labels: Labels): HTMLElement[] {
  if (side === null) return [];
  const { codings, differing, agree } = side;
  const old = codings.filter(({ body }) => body.taxonomy !== codes.version);
  const rows = differing.map((d) => el("tr", {}, el("th", { scope: "row" }, questionOf(d, labels)), ...codings.map(({ body }) => el("td", {}, answerOf(body, d, codes)))));
  const table = el("table", {},
    el("thead", {}, el("tr", {}, el("th", { scope: "col" }, CASE.compareHead[0] ?? ""), ...codings.map(({ by }) => el("th", { scope: "col" }, by)))), el("tbody", {}, ...rows));
  return [
    el("h3", {}, CASE.compareTitle),
    ...(old.length > 0 ? [el("p", { class: "quiet" }, CASE.older([...new Set(old.map(({ body }) => body.taxonomy))].join(", ")))] : []),
    ...(rows.length === 0 ? [el("p", {}, CASE.compareSame)] : [el("div", { class: "wide", role: "region", "aria-label": CASE.compareTitle, tabindex: "0" }, table)]),
    el("p", {}, agree ? CASE.compareAgree : CASE.compareDiffers),
  ];
}

function questionOf(d: Difference, labels: Labels): string {
  if (d.of === "seriousness") return CASE.seriousness;
  if (d.of === "role") return CASE.writer;
  if (d.of === "own") return labels.choices({ q: "items", a: ownCode(d.code) })[0] ?? d.code;
  const list = { theme: "themes", items: "items", good: "items", involved: "roles", repair: "wants" }[d.of];
  return labels.choices({ q: list, a: d.code })[0] ?? d.code;
}

function answerOf(f: Found, d: Difference, codes: FormCodes): string {
  if (d.of === "seriousness") return `${String(f.seriousness)}. ${codes.seriousness.find(({ v }) => v === f.seriousness)?.anchor ?? ""}`;
  if (d.of === "role") return CASE.writers[f.role ?? "unsaid"];
  if (d.of !== "theme") return (f[d.of] ?? []).includes(d.code) ? CASE.yes : CASE.no;
  if (f.yes.includes(d.code)) return CASE.yes;
  return f.no.includes(d.code) ? CASE.no : CASE.notAsked;
}
