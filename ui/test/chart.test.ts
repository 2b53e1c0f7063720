import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { anhoejLimits, gChart, inShift, inTrend, inTwoInThree, pChart, runChart, tChart, uChart, xmr } from "../src/chart.js";

interface Attributes { counts: number[]; of: number; centre: number; lower: number; upper: number; digits: number }
interface Examples {
  xmr: { comment: string; values: number[]; screen: boolean; centre: number; lower: number; upper: number; digits: number }[];
  two_in_three: { part_of: { close: number[]; side: number[]; expected: number[] }[] };
  trend: { cases: { values: number[]; in_trend: number[] }[] };
  anhoej: { limits: Record<string, [number, number]> };
  p: Attributes;
  u: Attributes;
  t: { days: number[]; transformed: number[] };
  g: { cases: number[]; centre: number; lower: number; upper: number; outside: number[] };
}
const e = JSON.parse(readFileSync(path.join(import.meta.dirname, "../../../internal/figures/testdata/charts.json"), "utf8")) as Examples;
const near = (got: number | undefined, want: number, digits: number, what: string): void => {
  assert.ok(Math.abs((got ?? NaN) - want) <= 0.5000001 * 10 ** -digits, `${what}: ${String(got)}, want ${String(want)}`);
};
const flags = (list: number[]): boolean[] => list.map((f) => f !== 0);

test("charts in the browser give the published limits and signals", () => {
  for (const x of e.xmr) {
    const c = xmr(x.values, x.screen);
    near(c.centre, x.centre, x.digits, x.comment);
    near(c.points[0]?.lower, x.lower, x.digits, x.comment);
    near(c.points[0]?.upper, x.upper, x.digits, x.comment);
  }
  for (const t of e.trend.cases) assert.deepEqual(inTrend(t.values), flags(t.in_trend));
  for (const t of e.two_in_three.part_of) assert.deepEqual(inTwoInThree(flags(t.close), t.side), flags(t.expected));
  assert.deepEqual(inShift([1, 1, 1, 1, 1, 1, 1, 1, -1]), [true, true, true, true, true, true, true, true, false]);
  for (const [useful, limits] of Object.entries(e.anhoej.limits)) assert.deepEqual(anhoejLimits(Number(useful)), limits, useful);
  const p = pChart(e.p.counts.map((count) => ({ count, of: e.p.of })));
  near(p.centre, e.p.centre, e.p.digits, "p");
  // The published p chart varies more than chance, so the guard widens ours by Laney's sigma z; before it the limits are the published ones.
  const z = e.p.counts.map((n) => (n / e.p.of - p.centre) / Math.sqrt((p.centre * (1 - p.centre)) / e.p.of));
  const wider = z.slice(1).reduce((sum, v, i) => sum + Math.abs(v - (z[i] ?? 0)), 0) / (z.length - 1) / 1.128;
  const reach = ((p.points[0]?.upper ?? 0) - p.centre) / wider;
  assert.ok(wider > 1);
  near(p.centre - reach, e.p.lower, e.p.digits, "p");
  near(p.centre + reach, e.p.upper, e.p.digits, "p");
  const u = uChart(e.u.counts.map((count) => ({ count, of: e.u.of })));
  near(u.centre, e.u.centre, e.u.digits, "u");
  near(u.points[0]?.lower, e.u.lower, e.u.digits, "u");
  near(u.points[0]?.upper, e.u.upper, e.u.digits, "u");
  const g = gChart(e.g.cases);
  assert.equal(g.centre, e.g.centre);
  near(g.points[0]?.lower, e.g.lower, 4, "g");
  near(g.points[0]?.upper, e.g.upper, 4, "g");
  assert.deepEqual(g.points.flatMap(({ signal }, i) => (signal === "outside" ? [i] : [])), e.g.outside);
  const t = tChart(e.t.days);
  assert.ok(t.limits && t.points.every((q) => q.lower >= 0 && q.lower < t.centre && t.centre < q.upper));
});

test("few points, or all on one line, say nothing", () => {
  for (const n of [1, 11, 12]) {
    const same = new Array<number>(n).fill(3);
    for (const c of [xmr(same, true), gChart(same), uChart(same.map((count) => ({ count, of: 2 })))]) {
      assert.deepEqual([c.limits, c.trial, c.points.every((p) => p.signal === "")], [n > 1, n < 12, true]);
    }
    assert.equal(runChart(new Array<number>(n).fill(3)).runs.judged, false);
  }
  const rare = [...Array(23).keys()].map((i) => [0, 1, 0, 2][i % 4] ?? 0);
  const { judged, useful, signal } = runChart(rare).runs;
  assert.deepEqual([judged, useful, signal], [false, 11, false], "a line that splits nothing");
});
