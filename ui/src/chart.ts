/**
 * Limits and signals over a series of numbers, for what only the panel's browsers can count: the twin of
 * internal/figures/chart.go and rates.go, which say where each formula comes from. Both are held to the same published examples.
 */

/** Fewer points have trial limits; runs are not judged below the other number of points off the median. */
export const trialPoints = 12;
export const runPoints = 10;

/** What stands out about a point: the first of these that holds. */
export type Signal = "" | "outside" | "trend" | "near" | "shift";

export interface Point {
  value: number;
  lower: number;
  upper: number;
  signal: Signal;
}

export interface Runs {
  judged: boolean;
  useful: number;
  longest: number;
  crossings: number;
  signal: boolean;
}

export interface Chart {
  centre: number;
  points: Point[];
  /** False for a run chart, and where there are too few points for any. */
  limits: boolean;
  trial: boolean;
  runs: Runs;
}

const mean = (values: readonly number[]): number => values.reduce((sum, v) => sum + v, 0) / values.length;

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const n = sorted.length;
  return ((sorted[(n - 1) >> 1] ?? 0) + (sorted[n >> 1] ?? 0)) / 2;
}

/** Anhøj's limits: the longest run, and the fewest crossings of the median, that chance explains among so many useful points. */
export function anhoejLimits(useful: number): [maxLongest: number, minCrossings: number] {
  if (useful < 2) return [useful, 0];
  return [halfToEven(Math.log2(useful)) + 3, binomialQuantile(0.05, useful - 1)];
}

function halfToEven(x: number): number {
  const down = Math.floor(x);
  if (x - down !== 0.5) return Math.round(x);
  return down % 2 === 0 ? down : down + 1;
}

/** The least x with P(X <= x) >= p, for X of n trials with odds of one half. */
function binomialQuantile(p: number, n: number): number {
  let log = -n * Math.LN2; // of the chance of exactly x
  let sum = 0;
  for (let x = 0; x < n; x++) {
    sum += Math.exp(log);
    if (sum >= p) return x;
    log += Math.log(n - x) - Math.log(x + 1);
  }
  return n;
}

function runsAbout(values: readonly number[], centre: number): Runs {
  const sides = values.map((v) => Math.sign(v - centre)).filter((side) => side !== 0);
  let [run, longest, crossings] = [0, 0, 0];
  sides.forEach((side, i) => {
    if (i > 0 && side !== sides[i - 1]) {
      crossings++;
      run = 0;
    }
    longest = Math.max(longest, ++run);
  });
  const [maxLongest, minCrossings] = anhoejLimits(sides.length);
  const judged = sides.length >= runPoints && crossings > 0; // all on one side: more than half lie on the line, which splits nothing
  return { judged, useful: sides.length, longest, crossings, signal: judged && (longest > maxLongest || crossings < minCrossings) };
}

const bare = (values: readonly number[]): Point[] => values.map((value) => ({ value, lower: 0, upper: 0, signal: "" as const }));

/** The median of a series and its runs. */
export function runChart(values: readonly number[]): Chart {
  const centre = median(values);
  return { centre, points: bare(values), limits: false, trial: false, runs: runsAbout(values, centre) };
}

const ranges = (values: readonly number[]): number[] => values.slice(1).map((v, i) => Math.abs(v - (values[i] ?? 0)));

/** Single values: mean ± 2.66 times the mean moving range, of which `screen` leaves leaps of 3.267 times the mean out, once. */
export function xmr(values: readonly number[], screen: boolean): Chart {
  const c: Chart = { centre: mean(values), points: bare(values), limits: values.length > 1, trial: values.length < trialPoints, runs: runsAbout(values, median(values)) };
  if (!c.limits) return c;
  const all = ranges(values);
  const amr = mean(all);
  const reach = 2.66 * (screen && amr > 0 ? mean(all.filter((r) => r < 3.267 * amr)) : amr);
  for (const p of c.points) [p.lower, p.upper] = [c.centre - reach, c.centre + reach];
  mark(c);
  return c;
}

const outside = (p: Point): boolean => p.value < p.lower || p.value > p.upper;

/** Marks the points by the four rules of Making Data Count. */
function mark(c: Chart): void {
  const sides = c.points.map((p) => Math.sign(p.value - c.centre));
  const near = c.points.map((p) => Math.abs(p.value - c.centre) > (2 / 3) * (p.upper - c.centre) && !outside(p));
  const [trend, pairs, shift] = [inTrend(c.points.map(({ value }) => value)), inTwoInThree(near, sides), inShift(sides)];
  c.points.forEach((p, i) => {
    if (outside(p)) p.signal = "outside";
    else if (trend[i] === true) p.signal = "trend";
    else if (pairs[i] === true) p.signal = "near";
    else if (shift[i] === true) p.signal = "shift";
  });
}

const WINDOW = 7;

/** The points that belong to seven or more on one side. */
export function inShift(sides: readonly number[]): boolean[] {
  return windows(sides.length, WINDOW, (from) => sides[from] !== 0 && sides.slice(from, from + WINDOW).every((s) => s === sides[from]));
}

/** The points that belong to seven or more that strictly rise, or strictly fall. */
export function inTrend(values: readonly number[]): boolean[] {
  return windows(values.length, WINDOW, (from) => {
    const steps = values.slice(from + 1, from + WINDOW).map((v, i) => Math.sign(v - (values[from + i] ?? 0)));
    return steps[0] !== 0 && steps.every((s) => s === steps[0]);
  });
}

/** The points near a limit that belong to three in a row on one side of which two or more are near. */
export function inTwoInThree(near: readonly boolean[], sides: readonly number[]): boolean[] {
  const inWindow = windows(near.length, 3, (from) => {
    const side = sides[from];
    return side !== 0 && near.slice(from, from + 3).filter(Boolean).length >= 2 && sides.slice(from, from + 3).every((s) => s === side);
  });
  return inWindow.map((yes, i) => yes && near[i] === true);
}

/** Marks every point of every window that holds. */
function windows(n: number, size: number, holds: (from: number) => boolean): boolean[] {
  const marked = new Array<boolean>(n).fill(false);
  for (let from = 0; from + size <= n; from++) if (holds(from)) marked.fill(true, from, from + size);
  return marked;
}

/** A count, and what it is a part of, or how much there was of that in which it could happen. */
export interface Part {
  count: number;
  of: number;
}

const MAX_DISPERSION = 1.5;

/** Proportions: p ± 3 sqrt(p(1-p)/n), within 0 and 1, wider by Laney's sigma z where points vary more than chance makes them. */
export function pChart(parts: readonly Part[]): Chart {
  return attributes(parts, 1, (centre, of) => Math.sqrt((centre * (1 - centre)) / of));
}

/** Rates: u ± 3 sqrt(u/n), not below 0, wider by Laney's sigma z as for proportions. */
export function uChart(parts: readonly Part[]): Chart {
  return attributes(parts, Infinity, (centre, of) => Math.sqrt(centre / of));
}

function attributes(parts: readonly Part[], most: number, deviation: (centre: number, of: number) => number): Chart {
  const centre = parts.reduce((n, p) => n + p.count, 0) / parts.reduce((n, p) => n + p.of, 0);
  const values = parts.map((p) => p.count / p.of);
  const c: Chart = { centre, points: bare(values), limits: parts.length > 1, trial: parts.length < trialPoints, runs: runsAbout(values, median(values)) };
  if (!c.limits) return c;
  const deviations = parts.map((p) => deviation(centre, p.of));
  const wider = laney(values, deviations, centre);
  c.points.forEach((p, i) => {
    const reach = 3 * wider * (deviations[i] ?? 0);
    [p.lower, p.upper] = [Math.max(0, centre - reach), Math.min(most, centre + reach)];
    if (outside(p)) p.signal = "outside";
  });
  return c;
}

function laney(values: readonly number[], deviations: readonly number[], centre: number): number {
  if (deviations.includes(0)) return 1; // nobody, or everybody
  const z = values.map((v, i) => (v - centre) / (deviations[i] ?? 1));
  const middle = mean(z);
  const dispersion = z.reduce((sum, v) => sum + (v - middle) ** 2, 0) / (z.length - 1);
  return dispersion <= MAX_DISPERSION ? 1 : Math.max(1, mean(ranges(z)) / 1.128);
}

const T_POWER = 3.6;

/** Days between rare events: each to the power of 1/3.6, charted as single values with leaps screened, and brought back. */
export function tChart(days: readonly number[]): Chart {
  const x = xmr(days.map((d) => Math.max(d, 0.1) ** (1 / T_POWER)), true);
  const back = (v: number): number => Math.max(0, v) ** T_POWER;
  const points = days.map((value, i): Point => {
    const p = x.points[i];
    return { value, lower: back(p?.lower ?? 0), upper: back(p?.upper ?? 0), signal: p?.signal === "outside" ? "outside" : "" };
  });
  return { ...x, centre: x.centre ** T_POWER, points };
}

/** Cases between rare events: the median, and limits at the mean m ± 3 sqrt(m(m+1)), not below 0. */
export function gChart(cases: readonly number[]): Chart {
  const centre = median(cases);
  const c: Chart = { centre, points: bare(cases), limits: cases.length > 1, trial: cases.length < trialPoints, runs: runsAbout(cases, centre) };
  if (!c.limits) return c;
  const m = mean(cases);
  const reach = 3 * Math.sqrt(m * (m + 1));
  for (const p of c.points) {
    [p.lower, p.upper] = [Math.max(0, m - reach), m + reach];
    if (outside(p)) p.signal = "outside";
  }
  return c;
}
