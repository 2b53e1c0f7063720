/** How far coders agreed on one question, quarter by quarter: a drawing where there are two points or more, and always the table. */
import { fewUnits, type Summary } from "../agreement.js";
import { el } from "./dom.js";
import { at, CHART, make } from "./linechart.js";
import type { Agreement } from "./tally.js";

const [WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM] = [400, 220, 44, 96, 24, 34];

/** Where alpha can be relied on, and where it can with care (Krippendorff). */
const LEVELS = [[0.8, "rely on it"], [2 / 3, "with care"]] as const;

export const AGREED = {
  title: (question: string): string => `How far you agreed: ${question}`,
  heads: ["Quarter from", "Messages", "The same", "Alpha", "Kappa", "AC1", "Said yes"],
  few: "too few to say", noVariation: "all said the same", none: "none",
  alpha: "alpha", kappa: "kappa",
  says: (question: string, from: string, to: string): string => `${question}: alpha went from ${from} to ${to}.`,
  little: `It takes two quarters with ${String(fewUnits)} messages or more each to draw how it changed.`,
};

type Quarter = Agreement["quarters"][number];

export function agreementChart(a: Agreement, question: string, id: string): HTMLElement {
  const enough = a.quarters.filter(({ summary }) => summary.state === "enough");
  const drawn = enough.length > 1;
  return el("figure", { class: "chart" },
    el("p", { class: "chart-title" }, AGREED.title(question)),
    ...(drawn ? [drawing(a.quarters, question, id)] : []),
    drawn ? el("details", { class: "chart-table" }, el("summary", {}, CHART.table), table(a, question)) : el("div", { class: "chart-table" }, table(a, question)),
    el("figcaption", {}, drawn ? said(enough, question) : AGREED.little),
  );
}

const said = (enough: readonly Quarter[], question: string): string => AGREED.says(question, two(enough[0]?.summary.alpha ?? 0), two(enough[enough.length - 1]?.summary.alpha ?? 0));

const two = (n: number): string => n.toFixed(2);
const percent = (n: number): string => `${String(Math.round(n * 100))} in 100`;

function table(a: Agreement, question: string): HTMLElement {
  const rows = a.quarters.map(({ quarter, summary: s, kappa, ac1 }) => {
    const yes = s.prevalence.filter(({ code }) => code > 0).reduce((n, p) => n + p.part, 0);
    const cells = [String(s.units), s.units === 0 ? AGREED.none : percent(s.percent), valueText(s), ...[kappa, ac1].map((v) => (v === null ? AGREED.none : two(v))), a.of === "seriousness" ? "" : s.units === 0 ? AGREED.none : percent(yes)];
    return el("tr", {}, el("th", { scope: "row" }, quarter), ...cells.map((c) => el("td", { class: "chart-number" }, c)));
  });
  return el("div", { class: "scrolls", tabindex: "0", role: "region", "aria-label": AGREED.title(question) }, el("table", {},
    el("caption", {}, AGREED.title(question)),
    el("thead", {}, el("tr", {}, ...AGREED.heads.map((h, i) => el("th", i === 0 ? { scope: "col" } : { scope: "col", class: "chart-number" }, h)))),
    el("tbody", {}, ...rows)));
}

function valueText(s: Summary): string {
  if (s.state !== "enough") return s.state === "too-few" ? AGREED.few : AGREED.noVariation;
  return two(s.alpha) + (s.has_range ? ` (${two(s.low)} to ${two(s.high)})` : "");
}

function drawing(quarters: readonly Quarter[], question: string, id: string): SVGElement {
  const enough = quarters.filter(({ summary }) => summary.state === "enough");
  const low = Math.min(0, ...enough.flatMap(({ summary, kappa }) => [summary.alpha, kappa ?? 0]));
  const y = (v: number): number => TOP + ((1 - v) / (1 - low)) * (HEIGHT - TOP - BOTTOM);
  const x = (i: number): number => LEFT + 8 + (i / (quarters.length - 1)) * (WIDTH - RIGHT - LEFT - 16);
  const text = (kind: string, px: number, py: number, anchor: string, words: string): SVGElement => make("text", { class: kind, x: at(px), y: at(py), "text-anchor": anchor }, words);
  const alphas = quarters.map(({ summary }) => (summary.state === "enough" ? summary.alpha : null));
  const kappas = quarters.map(({ summary, kappa }) => (summary.state === "enough" ? kappa : null));
  const svg = make("svg", { class: "chart-drawing", viewBox: `0 0 ${String(WIDTH)} ${String(HEIGHT)}`, role: "img", "aria-labelledby": `${id}-title ${id}-desc`, fill: "currentColor", "font-size": "15", direction: "ltr" });
  svg.append(
    make("title", { id: `${id}-title` }, AGREED.title(question)),
    make("desc", { id: `${id}-desc` }, said(enough, question)),
    ...[low, 1].flatMap((v) => [line("chart-grid", y(v), "1"), text("chart-quiet", LEFT - 6, y(v) + 5, "end", v === low && low < 0 ? two(v) : String(v))]),
    ...LEVELS.flatMap(([v, words]) => [line("chart-limit", y(v), "1", "5 4"), text("chart-quiet", WIDTH - RIGHT + 8, y(v) + 5, "start", words)]),
    make("path", { class: "chart-line", d: joined(alphas, x, y), fill: "none", stroke: "currentColor", "stroke-width": "2" }),
    make("path", { class: "chart-centre", d: joined(kappas, x, y), fill: "none", stroke: "currentColor", "stroke-width": "2", "stroke-dasharray": "2 3" }),
    ...alphas.flatMap((v, i) => (v === null ? [] : [make("circle", { class: "chart-point", cx: at(x(i)), cy: at(y(v)), r: "4" })])),
    ...kappas.flatMap((v, i) => (v === null ? [] : [make("path", { class: "chart-signal", d: `M${at(x(i))} ${at(y(v) - 6)}l6 6-6 6-6-6z` })])),
    ...names(alphas, kappas, y).map(([py, words]) => text("chart-name", x(lastOf(alphas)) + 6, py, "end", words)),
    text("chart-quiet", x(0), HEIGHT - BOTTOM + 22, "start", quarters[0]?.quarter ?? ""),
    text("chart-quiet", x(quarters.length - 1), HEIGHT - BOTTOM + 22, "end", quarters[quarters.length - 1]?.quarter ?? ""),
  );
  return svg;
}

const line = (kind: string, level: number, width: string, dash = ""): SVGElement =>
  make("line", { class: kind, x1: String(LEFT), x2: String(WIDTH - RIGHT), y1: at(level), y2: at(level), stroke: "currentColor", "stroke-width": width, ...(dash === "" ? {} : { "stroke-dasharray": dash }) });

const lastOf = (values: readonly (number | null)[]): number => values.reduce<number>((last, v, i) => (v === null ? last : i), 0);

/** The lines' names at their last points, the higher one's above and the lower one's below; one for both where they would lie on each other. */
function names(alphas: readonly (number | null)[], kappas: readonly (number | null)[], y: (v: number) => number): [number, string][] {
  const [alpha, kappa] = [alphas[lastOf(alphas)] ?? null, kappas[lastOf(kappas)] ?? null];
  if (alpha === null) return [];
  if (kappa === null) return [[y(alpha) - 10, AGREED.alpha]];
  const [above, below] = alpha >= kappa ? [AGREED.alpha, AGREED.kappa] : [AGREED.kappa, AGREED.alpha];
  const [top, bottom] = [y(Math.max(alpha, kappa)) - 10, y(Math.min(alpha, kappa)) + 20];
  return bottom - top < 40 ? [[top, `${AGREED.alpha}, ${AGREED.kappa}`]] : [[top, above], [bottom, below]];
}

/** A path through what is known; a quarter without a value is a gap. */
function joined(values: readonly (number | null)[], x: (i: number) => number, y: (v: number) => number): string {
  return values.map((v, i) => (v === null ? "" : `${(values[i - 1] ?? null) === null ? "M" : "L"}${at(x(i))} ${at(y(v))}`)).join("");
}
