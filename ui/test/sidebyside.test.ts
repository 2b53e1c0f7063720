import assert from "node:assert/strict";
import { test } from "node:test";
import type { Card, Found } from "../src/coding.js";
import { stageOf, type Case, type Dated } from "../src/panel/casework.js";
import { comparedIn } from "../src/panel/sidebyside.js";

const CARD: Card = { of: "submission", thread: "", service: "", roles: [], when: "", chips: [], urgent: false, taxonomy: "0.2.0" };
const FOUND: Found = { taxonomy: "0.2.0", yes: ["force"], no: ["voice"], items: [], good: [], seriousness: 0, involved: [], repair: [] };
const dated = (by: string, day: string, seriousness: Found["seriousness"]): Dated<Found> => ({ by, hash: `h${by}`, body: { ...FOUND, seriousness }, day });

// The case is that of internal/client/firstcodings_test.go.
test("a third who comes first by name agrees for nobody: what is said beside the codings is what the stage says", () => {
  const c: Case = {
    leaf: "leaf", epoch: "e", day: "2026-11-20", card: CARD, coded: ["ra", "rb", "rc"], consensuses: [], checks: [], sharings: [], notes: [], back: [], checkIn: "", free: ["ra", "rb", "rc"], recused: [], given: [],
    claims: [{ by: "ra", role: "third" }, { by: "rb", role: "coder" }, { by: "rc", role: "coder" }],
    codings: [dated("ra", "2026-11-23", 0), dated("rb", "2026-11-21", 0), dated("rc", "2026-11-22", 3)],
  };
  assert.equal(stageOf(c, "2026-11-25"), "differs");
  assert.deepEqual([comparedIn(c)?.agree, comparedIn(c)?.codings.map(({ by }) => by), comparedIn(c)?.differing.length], [false, ["rb", "rc", "ra"], 1]);
  c.codings = [dated("ra", "2026-11-23", 3), dated("rb", "2026-11-21", 0), dated("rc", "2026-11-22", 1)];
  assert.deepEqual([stageOf(c, "2026-11-25"), comparedIn(c)?.agree], ["compared", true], "the third differs from both");
  assert.equal(comparedIn({ claims: c.claims, codings: c.codings.slice(0, 1) }), null);
});
