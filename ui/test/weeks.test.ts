import assert from "node:assert/strict";
import { test } from "node:test";
import { onOne } from "../src/panel/weeksview.js";

const weeks = (...taken: number[][]) => ({
  weeks: taken[0]?.map((_, i) => ({ week: `2026-11-${String(2 + 7 * i).padStart(2, "0")}`, ended: i < 3, handed_back: null })) ?? [],
  members: taken.map((list, n) => ({ reviewer: `r${String(n)}`, finished: list, rests: list.map(() => false) })),
});

test("work that lies on one of three is said, and two who share it are left alone", () => {
  assert.deepEqual(onOne(weeks([3, 3, 2, 1, 9], [0, 1, 0, 0, 0], [0, 0, 0, 1, 0])), { n: 9, of: 11 }, "weeks to come do not count");
  assert.equal(onOne(weeks([3, 3, 2, 1], [3, 1, 1, 0], [2, 0, 1, 1])), null);
  assert.equal(onOne(weeks([2, 2, 1, 0], [0, 0, 0, 0], [0, 0, 0, 0])), null, "five are not many");
  assert.equal(onOne(weeks([9, 0, 0, 0], [0, 0, 0, 0])), null);
});
