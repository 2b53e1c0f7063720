import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";
import type { Stage } from "../src/panel/casework.js";
import { STAGES } from "../src/panel/casewords.js";
import { clockAt, DEFAULT_CLOCKS, due } from "../src/panel/clocks.js";

// The table is that of internal/client/clocks_test.go, too.
test("every stage has the clock that the terminal shows, where nobody is left to read it too", () => {
  const file = path.join(import.meta.dirname, "../../../internal/client/testdata/stages.json");
  const table = JSON.parse(readFileSync(file, "utf8")) as { stage: Stage; claimed: boolean; clock: string }[];
  assert.deepEqual(table.map(({ stage, claimed }) => [stage, claimed, clockAt(stage, claimed) ?? ""]), table.map(({ stage, claimed, clock }) => [stage, claimed, clock]));
  assert.deepEqual([...new Set(table.map(({ stage }) => stage))].sort(), Object.keys(STAGES).sort(), "every stage is in the table, with and without a claim");
  assert.equal(table.length, 2 * Object.keys(STAGES).length);
});

// The days are those of internal/client/clocks_test.go, too.
test("what is missed is late on days off too", () => {
  const file = path.join(import.meta.dirname, "../../../internal/client/testdata/taken.json");
  const { arrived, taken, day, working_days: workingDays, cases } = JSON.parse(readFileSync(file, "utf8")) as {
    arrived: string; taken: number; day: string; working_days: number[]; cases: { today: string; off: string[]; left: number }[];
  };
  assert.ok(cases.length > 0);
  for (const { today, off, left } of cases) {
    assert.deepEqual(due(arrived, "taken", today, { ...DEFAULT_CLOCKS, taken, workingDays, holidays: off }), { clock: "taken", day, left }, `${today}, off: ${off.join()}`);
  }
});
