import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { ac1, alpha, cohen, fleiss, percent, RatingsError, summarise, type Metric, type Ratings, type Summary } from "../src/agreement.js";

interface File {
  published: { comment: string; ratings: Ratings; alpha?: Record<Metric, [number, number]>; fleiss?: [number, number]; cohen?: [number, number]; ac1?: [number, number] }[];
  seeded: { comment: string; seed: number; ratings: Ratings; want: Record<Metric, Summary> }[];
  refuse: { comment: string; metric?: Metric; ratings: Ratings }[];
}
const place = "../../../internal/figures/agreement/testdata/agreement.json";
const file = JSON.parse(readFileSync(path.join(import.meta.dirname, place), "utf8")) as File;

function near(got: number | null, [want, within]: [number, number], what: string): void {
  assert.ok(got !== null && Math.abs(got - want) <= within, `${what}: got ${String(got)}, want ${want}`);
}

test("published agreement comes out as published", () => {
  let checked = 0;
  for (const v of file.published) {
    for (const [metric, want] of Object.entries(v.alpha ?? {})) {
      near(alpha(v.ratings, metric as Metric), want, `${v.comment}, ${metric}`);
      checked++;
    }
    if (v.fleiss) { near(fleiss(v.ratings), v.fleiss, v.comment); checked++; }
    if (v.ac1) { near(ac1(v.ratings), v.ac1, v.comment); checked++; }
    if (v.cohen) { near(cohen(v.ratings, 0, 1, "plain"), v.cohen, v.comment); checked++; }
  }
  assert.equal(checked, 9);
});

test("a summary with its seed is the same as in Go, interval included", () => {
  assert.equal(file.seeded.length, 6);
  for (const v of file.seeded) {
    for (const [metric, want] of Object.entries(v.want)) {
      const what = `${v.comment}, ${metric}`;
      const got = summarise(v.ratings, metric as Metric, v.seed);
      for (const key of ["state", "units", "reading", "has_range"] as const) assert.equal(got[key], want[key], `${what}: ${key}`);
      for (const key of ["percent", "alpha", "low", "high"] as const) near(got[key], [want[key], 1e-9], `${what}: ${key}`);
      assert.deepEqual(got.prevalence.map((s) => s.code), want.prevalence.map((s) => s.code));
      for (const [i, share] of want.prevalence.entries()) near(got.prevalence[i]?.part ?? null, [share.part, 1e-9], `${what}: share ${i}`);
    }
  }
});

test("weighted kappa is its definition", () => {
  const ratings: Ratings = [[0, 1], [1, 1], [2, 3], [3, 3], [0, 0], [2, 0], [1, 2], [3, 2]];
  for (const [weights, far] of [["linear", (a: number, b: number) => Math.abs(a - b)], ["quadratic", (a: number, b: number) => (a - b) ** 2]] as const) {
    const n = ratings.length;
    const sum = (list: number[]): number => list.reduce((a, b) => a + b, 0);
    const observed = sum(ratings.map(([a, b]) => far(a ?? 0, b ?? 0))) / n;
    const expected = sum(ratings.flatMap(([a]) => ratings.map((u) => far(a ?? 0, u[1] ?? 0)))) / (n * n);
    near(cohen(ratings, 0, 1, weights), [1 - observed / expected, 1e-12], weights);
  }
});

test("what cannot be said is not said", () => {
  const everyone: Ratings = Array.from({ length: 40 }, () => [0, 0]);
  assert.equal(alpha(everyone, "nominal"), null);
  assert.equal(cohen(everyone, 0, 1, "plain"), null);
  assert.equal(fleiss(everyone), null);
  assert.equal(ac1(everyone), null);
  assert.equal(summarise(everyone, "nominal", 1).state, "no-variation");
  assert.equal(percent([[1, null], [null, 2]]), null);
  assert.equal(cohen([[1, null], [null, 2]], 0, 1, "plain"), null);
});

test("codings that cannot be compared are refused", () => {
  for (const v of file.refuse) assert.throws(() => summarise(v.ratings, v.metric ?? "nominal", 1), RatingsError, v.comment);
  const pair: Ratings = [[1, 2], [1, 1]];
  assert.throws(() => alpha([[1, Infinity]], "nominal"), RatingsError);
  assert.throws(() => cohen(pair, 1, 1, "plain"), RatingsError);
  assert.throws(() => cohen(pair, 0, 2, "plain"), RatingsError);
  assert.throws(() => fleiss([[1]]), RatingsError);
  assert.throws(() => fleiss([[1, null]]), RatingsError);
});
