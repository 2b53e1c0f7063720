/**
 * How far coders agree who read the same reports without seeing each other's codes: the twin of
 * internal/figures/agreement, for codings that only the reviewer's browser can read. Both are held to the same vectors;
 * FORMAT.md beside the Go half spells out the generator behind the interval.
 */

/** A code, or null where a coder did not read the unit. */
export type Code = number | null;
/** Codes by unit, then by coder; every unit has the same coders, in the same order. */
export type Ratings = readonly (readonly Code[])[];
export type Metric = "nominal" | "ordinal" | "interval" | "ratio";
export type Weights = "plain" | "linear" | "quadratic";

/** Below this many units nothing is said; from the other on an interval is given. */
export const fewUnits = 10;
export const intervalUnits = 30;

const maxUnits = 100_000;
const maxCoders = 100;
const maxCodes = 1000;
const rounds = 1000;

/** Codings that cannot be compared: the message says what to mend. */
export class RatingsError extends Error {
  override name = "RatingsError";
}

export interface Summary {
  state: "enough" | "too-few" | "no-variation";
  /** With two codes or more. */
  units: number;
  /** Plain agreement, from 0 to 1. */
  percent: number;
  /** 0 unless state is "enough". */
  alpha: number;
  reading?: "rely" | "tentative" | "retrain";
  /** Whether low and high, a 95 % bootstrap interval, are given. */
  has_range: boolean;
  low: number;
  high: number;
  prevalence: { code: number; part: number }[];
}

/** Refuses what cannot be compared. Throws RatingsError. */
function check(ratings: Ratings): void {
  if (ratings.length === 0 || ratings.length > maxUnits) {
    throw new RatingsError(`there are ${ratings.length} units, and there must be from 1 to ${maxUnits}`);
  }
  const coders = ratings[0]?.length ?? 0;
  if (coders === 0 || coders > maxCoders) {
    throw new RatingsError(`there are ${coders} coders, and there must be from 1 to ${maxCoders}`);
  }
  for (const [i, unit] of ratings.entries()) {
    if (unit.length !== coders) throw new RatingsError(`unit ${i + 1} has ${unit.length} places for codes, and the first has ${coders}`);
    if (!unit.every((v) => v === null || Number.isFinite(v))) throw new RatingsError(`unit ${i + 1} holds a code that is no number`);
  }
  const codes = codesOf(ratings).length;
  if (codes > maxCodes) throw new RatingsError(`there are ${codes} different codes, and at most ${maxCodes} are compared`);
}

function given(unit: readonly Code[]): number[] {
  return unit.filter((v) => v !== null);
}

/** All different codes, in order. */
function codesOf(ratings: Ratings): number[] {
  return [...new Set(ratings.flatMap(given))].sort((a, b) => a - b);
}

/** Ratings as places in the list of codes, units with fewer than two codes left out. */
interface Tally {
  codes: number[];
  units: number[][];
}

function tally(ratings: Ratings): Tally {
  const codes = codesOf(ratings);
  const place = new Map(codes.map((code, i) => [code, i]));
  const units = ratings.map(given).filter((unit) => unit.length > 1);
  return { codes, units: units.map((unit) => unit.map((v) => place.get(v) ?? 0)) };
}

/** How often two codes of one unit are the same; null when no unit has two codes. */
export function percent(ratings: Ratings): number | null {
  const { units } = tally(ratings);
  if (units.length === 0) return null;
  let agree = 0;
  for (const unit of units) {
    let same = 0;
    let pairs = 0;
    for (let i = 0; i < unit.length; i++) {
      for (let j = 0; j < i; j++) {
        pairs++;
        if (unit[i] === unit[j]) same++;
      }
    }
    agree += same / pairs;
  }
  return agree / units.length;
}

/**
 * Krippendorff's alpha, 1 - Do/De; null when no unit has two codes or all codes are the same.
 * Source: Krippendorff (2011), "Computing Krippendorff's Alpha-Reliability". Throws RatingsError.
 */
export function alpha(ratings: Ratings, metric: Metric): number | null {
  check(ratings);
  const t = tally(ratings);
  checkMetric(metric, t.codes);
  return alphaOf(t, metric, t.units);
}

function checkMetric(metric: string, codes: readonly number[]): void {
  if (!["nominal", "ordinal", "interval", "ratio"].includes(metric)) {
    throw new RatingsError(`the metric "${metric}" is not one of nominal, ordinal, interval, ratio`);
  }
  if (metric === "ratio" && (codes[0] ?? 0) < 0) throw new RatingsError("a code below 0 has no ratio to another");
}

function alphaOf(t: Tally, metric: Metric, units: readonly (readonly number[])[]): number | null {
  const n = t.codes.length;
  const coincide = coincidences(units, n);
  const margin = new Float64Array(n);
  let all = 0;
  for (let a = 0; a < n; a++) {
    let sum = 0;
    for (let b = 0; b < n; b++) sum += coincide[a * n + b] ?? 0;
    margin[a] = sum;
    all += sum;
  }
  let observed = 0;
  let expected = 0;
  for (let a = 0; a < n; a++) {
    for (let b = a + 1; b < n; b++) {
      const d = distance(t.codes, metric, margin, a, b);
      observed += (coincide[a * n + b] ?? 0) * d;
      expected += (margin[a] ?? 0) * (margin[b] ?? 0) * d;
    }
  }
  return expected === 0 ? null : 1 - ((all - 1) * observed) / expected;
}

/** How often each code stands beside each other in a unit, each unit by one over its pairs a code. */
function coincidences(units: readonly (readonly number[])[], n: number): Float64Array {
  const coincide = new Float64Array(n * n);
  for (const unit of units) {
    const weight = 1 / (unit.length - 1);
    for (const [i, a] of unit.entries()) {
      for (const [j, b] of unit.entries()) {
        if (i !== j) coincide[a * n + b] = (coincide[a * n + b] ?? 0) + weight;
      }
    }
  }
  return coincide;
}

/** The square of how far apart two codes are, given by their places a < b. */
function distance(codes: readonly number[], metric: Metric, margin: Float64Array, a: number, b: number): number {
  const x = codes[a] ?? 0;
  const y = codes[b] ?? 0;
  if (metric === "nominal") return 1;
  if (metric === "interval") return (x - y) * (x - y);
  if (metric === "ratio") return ((x - y) / (x + y)) * ((x - y) / (x + y));
  let between = -((margin[a] ?? 0) + (margin[b] ?? 0)) / 2;
  for (let g = a; g <= b; g++) between += margin[g] ?? 0;
  return between * between;
}

function weigh(weights: Weights, a: number, b: number): number {
  if (weights === "linear") return Math.abs(a - b);
  if (weights === "quadratic") return (a - b) * (a - b);
  return a === b ? 0 : 1;
}

/**
 * Cohen's kappa of two coders, by their places, over the units both coded; null when they share none, or when chance
 * alone would have them agree always. Sources: Cohen (1960); Cohen (1968) for weights. Throws RatingsError.
 */
export function cohen(ratings: Ratings, first: number, second: number, weights: Weights): number | null {
  check(ratings);
  const coders = ratings[0]?.length ?? 0;
  if (Math.min(first, second) < 0 || Math.max(first, second) >= coders || first === second) {
    throw new RatingsError(`coders ${first + 1} and ${second + 1} are not two of ${coders}`);
  }
  if (!["plain", "linear", "quadratic"].includes(weights)) throw new RatingsError(`the weights "${weights}" are not one of plain, linear, quadratic`);
  const codes = codesOf(ratings);
  const one = new Map<number, number>();
  const two = new Map<number, number>();
  let both = 0;
  let observed = 0;
  for (const unit of ratings) {
    const a = unit[first] ?? null;
    const b = unit[second] ?? null;
    if (a === null || b === null) continue;
    both++;
    observed += weigh(weights, a, b);
    one.set(a, (one.get(a) ?? 0) + 1);
    two.set(b, (two.get(b) ?? 0) + 1);
  }
  let expected = 0;
  for (const a of codes) {
    for (const b of codes) expected += (one.get(a) ?? 0) * (two.get(b) ?? 0) * weigh(weights, a, b);
  }
  return expected === 0 ? null : 1 - (both * observed) / expected;
}

/**
 * The kappa of any number of coders who all coded every unit; null when all codes are the same.
 * Source: Fleiss (1971), "Measuring nominal scale agreement among many raters". Throws RatingsError.
 */
export function fleiss(ratings: Ratings): number | null {
  check(ratings);
  const coders = ratings[0]?.length ?? 0;
  if (coders < 2) throw new RatingsError("one coder agrees with nobody");
  const codes = codesOf(ratings);
  const shares = new Map<number, number>();
  let observed = 0;
  for (const [i, unit] of ratings.entries()) {
    const list = given(unit);
    if (list.length !== coders) throw new RatingsError(`unit ${i + 1} lacks a code, and Fleiss' kappa takes no gaps`);
    let squares = 0;
    for (const code of codes) {
      const n = list.filter((v) => v === code).length;
      squares += n * n;
      shares.set(code, (shares.get(code) ?? 0) + n / coders / ratings.length);
    }
    observed += (squares - coders) / (coders * (coders - 1)) / ratings.length;
  }
  let expected = 0;
  for (const code of codes) expected += (shares.get(code) ?? 0) ** 2;
  return codes.length === 1 ? null : (observed - expected) / (1 - expected);
}

/**
 * Gwet's AC1, which stays near plain agreement where nearly all say the same; null when no unit has two codes or all codes are the same.
 * Source: Gwet (2008), "Computing inter-rater reliability and its variance in the presence of high agreement". Throws RatingsError.
 */
export function ac1(ratings: Ratings): number | null {
  check(ratings);
  const agree = percent(ratings);
  const codes = codesOf(ratings);
  if (agree === null || codes.length === 1) return null;
  const units = ratings.map(given).filter((list) => list.length > 0);
  let chance = 0;
  for (const code of codes) {
    const share = units.reduce((n, list) => n + list.filter((v) => v === code).length / list.length, 0) / units.length;
    chance += (share * (1 - share)) / (codes.length - 1);
  }
  return (agree - chance) / (1 - chance);
}

/** What is shown about one question; the seed makes the interval repeatable. Throws RatingsError. */
export function summarise(ratings: Ratings, metric: Metric, seed: number): Summary {
  check(ratings);
  const t = tally(ratings);
  checkMetric(metric, t.codes);
  const s: Summary = {
    state: "too-few", units: t.units.length, percent: percent(ratings) ?? 0, alpha: 0,
    has_range: false, low: 0, high: 0, prevalence: prevalence(t),
  };
  if (s.units < fewUnits) return s;
  const value = alphaOf(t, metric, t.units);
  if (value === null) return { ...s, state: "no-variation" };
  const summary: Summary = { ...s, state: "enough", alpha: value, reading: readingOf(value) };
  const range = s.units >= intervalUnits ? bootstrap(t, metric, seed) : null;
  return range === null ? summary : { ...summary, has_range: true, ...range };
}

/** Source: Krippendorff, Content Analysis: 0.800 to rely on, 0.667 for tentative conclusions. */
function readingOf(value: number): "rely" | "tentative" | "retrain" {
  if (value >= 0.8) return "rely";
  return value >= 2 / 3 ? "tentative" : "retrain";
}

function prevalence(t: Tally): { code: number; part: number }[] {
  const places = t.units.flat();
  return t.codes
    .map((code, i) => ({ code, part: places.filter((p) => p === i).length / places.length }))
    .filter(({ part }) => part > 0);
}

/** The percentile interval of alpha over draws of units with replacement. Source: Efron and Tibshirani (1993). */
function bootstrap(t: Tally, metric: Metric, seed: number): { low: number; high: number } | null {
  const below = generator(seed);
  const alphas: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const draw = t.units.map(() => t.units[below(t.units.length)] ?? []);
    const value = alphaOf(t, metric, draw);
    if (value !== null) alphas.push(value);
  }
  if (2 * alphas.length < rounds) return null;
  alphas.sort((a, b) => a - b);
  const at = (p: number): number => alphas[Math.ceil(p * alphas.length) - 1] ?? 0;
  return { low: at(0.025), high: at(0.975) };
}

/** mulberry32: numbers below n that are the same in every language. It is no source of secrets. */
function generator(seed: number): (n: number) => number {
  let state = seed >>> 0;
  return (n) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let x = Math.imul(state ^ (state >>> 15), state | 1);
    x ^= x + Math.imul(x ^ (x >>> 7), x | 61);
    return Math.floor((((x ^ (x >>> 14)) >>> 0) / 2 ** 32) * n);
  };
}
