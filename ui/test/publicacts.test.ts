import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { owedNumbers } from "../src/panel/publicacts.js";

const ACTS = path.join(import.meta.dirname, "../../../internal/client/testdata/actnumbers.json");

test("of a fresh message the acts that stand are those of earlier ones of its receipt, which may be gone", () => {
  const { cases } = JSON.parse(readFileSync(ACTS, "utf8")) as { cases: { name: string; all: number; fresh: number; stand: number[]; owed: number[] }[] };
  assert.ok(cases.length > 0);
  for (const { name, all, fresh, stand, owed } of cases) assert.deepEqual(owedNumbers(all, fresh, (n) => stand.includes(n)), owed, name);
});
