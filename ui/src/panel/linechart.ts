/** A series as a drawing with its table, in the page: the twin of what internal/draw writes for public pages, for exact numbers of the panel. */
import { runPoints, type Chart, type Signal } from "../chart.js";
import { el } from "./dom.js";

const SVG = "http://www.w3.org/2000/svg";
const [WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM] = [400, 220, 48, 88, 20, 34];

export const CHART = {
  table: "The numbers as a table",
  lower: "lower limit", upper: "upper limit", limits: "Limits", stands: "What stands out", nothing: "nothing",
  signals: { "": "nothing", outside: "beyond a limit", trend: "one of seven that go one way", near: "near a limit, with another", shift: "one of seven on one side" } satisfies Record<Signal, string>,
  few: "Too few points to say whether anything changed: it takes ten at least.",
  fewOff: "Too few points lie above and below the middle line to say whether anything changed: it takes ten at least.",
  signal: "Something changed that chance does not explain. Why, a chart cannot say.",
  trial: "Nothing stands out so far. With fewer than twelve points these limits are on trial.",
  none: "Nothing stands out: what goes up and down here is what chance does.",
};

export interface Series {
  /** Unique in the page, of a-z, 0-9 and -. */
  id: string;
  title: string;
  /** Heads of the table: what a point is, and what its number is. */
  when: string;
  value: string;
  suffix: string;
  labels: readonly string[];
  centre: string;
  chart: Chart;
}

/** Limits of a handful of points would look like knowledge. */
const hasLimits = (c: Chart): boolean => c.limits && c.points.length >= runPoints;

/** What a chart says in a sentence. */
export function verdict(c: Chart): string {
  if (c.points.length < runPoints) return CHART.few;
  if (!c.limits && !c.runs.judged) return CHART.fewOff;
  if (c.runs.signal || c.points.some(({ signal }) => signal !== "")) return CHART.signal;
  return c.trial ? CHART.trial : CHART.none;
}

const number = (x: number): string => String(Math.round(x * 100) / 100);

export function lineChart(s: Series): HTMLElement {
  const { points } = s.chart;
  const limits = hasLimits(s.chart);
  const rows = points.map((p, i) => el("tr", {}, el("th", { scope: "row" }, s.labels[i] ?? ""), cell(number(p.value) + s.suffix),
    ...(limits ? [cell(`${number(p.lower)}–${number(p.upper)}${s.suffix}`)] : []), el("td", {}, CHART.signals[limits ? p.signal : ""])));
  const head = (text: string, kind = ""): HTMLElement => el("th", kind === "" ? { scope: "col" } : { scope: "col", class: kind }, text);
  return el("figure", { class: "chart" },
    el("p", { class: "chart-title" }, s.title),
    drawing(s),
    el("details", { class: "chart-table" }, el("summary", {}, CHART.table), el("table", {},
      el("caption", {}, s.title),
      el("thead", {}, el("tr", {}, head(s.when), head(s.value, "chart-number"), ...(limits ? [head(CHART.limits, "chart-number")] : []), head(CHART.stands))),
      el("tbody", {}, ...rows))),
    el("figcaption", {}, verdict(s.chart)),
  );
}

const cell = (text: string): HTMLElement => el("td", { class: "chart-number" }, text);

function drawing(s: Series): SVGElement {
  const { points, centre } = s.chart;
  const limits = hasLimits(s.chart);
  const values = [...points.flatMap((p) => (limits ? [p.value, p.lower, p.upper] : [p.value])), centre];
  const low = Math.min(0, ...values);
  const high = Math.max(low + 1, ...values);
  const y = (v: number): number => TOP + ((high - v) / (high - low)) * (HEIGHT - TOP - BOTTOM);
  const x = (i: number): number => (points.length === 1 ? (LEFT + WIDTH - RIGHT) / 2 : LEFT + 6 + (i / (points.length - 1)) * (WIDTH - RIGHT - LEFT - 12));
  const path = (of: (i: number) => number): string => points.map((_, i) => `${i === 0 ? "M" : "L"}${at(x(i))} ${at(of(i))}`).join("");
  const svg = make("svg", { class: "chart-drawing", viewBox: `0 0 ${String(WIDTH)} ${String(HEIGHT)}`, role: "img", "aria-labelledby": `${s.id}-title ${s.id}-desc`, fill: "currentColor", "font-size": "15", direction: "ltr" });
  const line = (kind: string, level: number, width: string): SVGElement => make("line", { class: kind, x1: String(LEFT), x2: String(WIDTH - RIGHT), y1: at(y(level)), y2: at(y(level)), stroke: "currentColor", "stroke-width": width });
  const text = (kind: string, px: number, py: number, anchor: string, words: string): SVGElement => make("text", { class: kind, x: at(px), y: at(py), "text-anchor": anchor }, words);
  svg.append(
    make("title", { id: `${s.id}-title` }, s.title),
    make("desc", { id: `${s.id}-desc` }, `${s.title}: ${String(points.length)} points. ${verdict(s.chart)}`),
    ...[low, high].flatMap((v) => [line("chart-grid", v, "1"), text("chart-quiet", LEFT - 6, y(v) + 5, "end", number(v) + s.suffix)]),
    ...(limits ? [(i: number) => y(points[i]?.upper ?? 0), (i: number) => y(points[i]?.lower ?? 0)].map((of) => make("path", { class: "chart-limit", d: path(of), fill: "none", stroke: "currentColor", "stroke-dasharray": "5 4" })) : []),
    line("chart-centre", centre, "2"), text("chart-name", WIDTH - RIGHT + 8, y(centre) + 5, "start", s.centre),
    make("path", { class: "chart-line", d: path((i) => y(points[i]?.value ?? 0)), fill: "none", stroke: "currentColor", "stroke-width": "2", "stroke-linejoin": "round" }),
    ...points.map((p, i) => (!limits || p.signal === "" ? make("circle", { class: "chart-point", cx: at(x(i)), cy: at(y(p.value)), r: "3.5" })
      : make("path", { class: "chart-signal", d: `M${at(x(i))} ${at(y(p.value) - 7)}l7 7-7 7-7-7z` }))),
    text("chart-quiet", x(0), HEIGHT - BOTTOM + 22, points.length === 1 ? "middle" : "start", s.labels[0] ?? ""),
    ...(points.length > 1 ? [text("chart-quiet", x(points.length - 1), HEIGHT - BOTTOM + 22, "end", s.labels[points.length - 1] ?? "")] : []),
  );
  return svg;
}

export const at = (n: number): string => String(Math.round(n * 10) / 10);

export function make(tag: string, attributes: Record<string, string>, words = ""): SVGElement {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  if (words !== "") element.textContent = words;
  return element;
}
