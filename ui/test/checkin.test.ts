import assert from "node:assert/strict";
import { test } from "node:test";
import { checkInFrom, type Wished } from "../src/checkin.js";
import { vectors } from "./vectors.js";

test("a writer is to be asked from the same day as in Go", () => {
  const v = vectors<{ cases: { comment: string; wishes: Wished[]; from: string }[] }>("checkin.json");
  assert.ok(v.cases.length >= 10);
  for (const c of v.cases) assert.equal(checkInFrom(c.wishes), c.from, c.comment);
});
