import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { sha256 } from "@noble/hashes/sha2.js";
import { toBase64, utf8 } from "../src/encoding.js";
import { planOf, planText, readPlan } from "../src/plan.js";
import { readRelease } from "../src/release.js";

interface Vectors {
  clinic: string;
  lines: string;
  good: string[];
  refuse: Change[];
  plans: string[];
  refuse_plans: Change[];
}

interface Change { why: string; good: number; old: string; new: string }

const file = JSON.parse(readFileSync(path.join(import.meta.dirname, "../../../internal/figures/testdata/release.json"), "utf8")) as Vectors;

/** Reads a content with lines that name it, as a server may write both. */
const read = (content: string): unknown => readRelease(file.clinic, `${file.lines}${toBase64(sha256(utf8(content)))}\n`, content);

test("what is drafted is read, with all that is in it", () => {
  for (const content of file.good) {
    const got = read(content) as { tables: { rowTotals: number[]; total: number }[] };
    const want = JSON.parse(content) as { tables: { shown: { row_totals: number[]; total: number } }[] };
    assert.deepEqual(got.tables.map((t) => [t.rowTotals, t.total]), want.tables.map((t) => [t.shown.row_totals, t.shown.total]));
  }
});

test("what is never drafted is not read, whatever lines name it", () => {
  assert.ok(file.good.length === 2 && file.refuse.length > 50);
  for (const v of file.refuse) {
    const good = file.good[v.good] ?? "";
    const content = v.old === "" ? v.new : good.replace(v.old, () => v.new);
    assert.notEqual(content, good, v.why);
    assert.equal(read(content), null, v.why);
  }
});

test("lines that name another content, or another clinic, are refused", () => {
  const [a = "", b = ""] = file.good;
  assert.equal(readRelease(file.clinic, `${file.lines}${toBase64(sha256(utf8(b)))}\n`, a), null);
  assert.equal(readRelease("another", `${file.lines}${toBase64(sha256(utf8(a)))}\n`, a), null);
});

test("a release is read with its own plan, and with no other that a server names", () => {
  const under = (good: number, plan: string): unknown => {
    const content = file.good[good] ?? "";
    const lines = `${file.lines.replace("A".repeat(43) + "=", toBase64(sha256(utf8(plan))))}${toBase64(sha256(utf8(content)))}\n`;
    const release = readRelease(file.clinic, lines, content);
    assert.ok(release !== null);
    return planOf(file.clinic, lines, release, plan);
  };
  file.plans.forEach((plan, i) => { assert.deepEqual(under(i, plan), readPlan(plan)); });
  assert.ok(file.plans.length === 2 && file.refuse_plans.length > 20);
  for (const v of file.refuse_plans) {
    const good = file.plans[v.good] ?? "";
    const plan = v.old === "" ? v.new : good.replace(v.old, () => v.new);
    assert.notEqual(plan, good, v.why);
    assert.equal(under(v.good, plan), null, v.why);
    const read = readPlan(plan);
    assert.ok(read === null || planText(read) === plan, v.why);
  }
  const [content = ""] = file.good;
  const release = readRelease(file.clinic, `${file.lines}${toBase64(sha256(utf8(content)))}\n`, content);
  assert.ok(release !== null);
  assert.equal(planOf(file.clinic, file.lines, release, file.plans[0] ?? ""), null, "a plan that the lines do not name");
});
