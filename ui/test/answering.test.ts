import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { actionTag } from "../src/action.js";
import { fromHex, toBase64, toBase64url } from "../src/encoding.js";
import { answering, answersTo, clockOf, decidedOn, toldIn, type Answering } from "../src/panel/answering.js";
import type { Case } from "../src/panel/casework.js";
import { DEFAULT_CLOCKS, due } from "../src/panel/clocks.js";
import { MOST_PRIVATE } from "../src/sharing.js";

// The cases are those of internal/client/answering_test.go. 2026-11-25 is a Wednesday.
const CASES: { name: string; weeks: string[]; decided: string | null; clock: Answering["clock"] | null; told: string | null }[] = [
  { name: "nobody answered", weeks: [], decided: null, clock: "reply", told: null },
  { name: "nobody answered, and it is decided", weeks: [], decided: "2026-11-25", clock: "reply", told: null },
  { name: "answered before the decision", weeks: ["2026-11-16"], decided: null, clock: "feedback", told: null },
  { name: "answered in an earlier week", weeks: ["2026-11-16"], decided: "2026-11-25", clock: "feedback", told: null },
  { name: "answered for the first time in its week", weeks: ["2026-11-23"], decided: "2026-11-25", clock: "feedback", told: null },
  { name: "answered again in its week", weeks: ["2026-11-16", "2026-11-23"], decided: "2026-11-25", clock: null, told: "2026-11-23" },
  { name: "answered twice in its week", weeks: ["2026-11-23", "2026-11-23"], decided: "2026-11-25", clock: null, told: "2026-11-23" },
  { name: "answered for the first time in a later week", weeks: ["2026-11-30"], decided: "2026-11-25", clock: null, told: "2026-11-30" },
  { name: "decided on a Monday", weeks: ["2026-11-23"], decided: "2026-11-23", clock: "feedback", told: null },
];

test("the first answer is the reply, and one after the decision the feedback", () => {
  for (const { name, weeks, decided, clock, told } of CASES) assert.deepEqual([clockOf(weeks, decided), toldIn(weeks, decided)], [clock, told], name);
});

test("an answer that did not go hides no later one", () => {
  const vectors = JSON.parse(readFileSync(path.join(import.meta.dirname, "../../../internal/client/testdata/answers.json"), "utf8")) as { key: string; cases: { name: string; answered: Record<string, string>; weeks: string[] }[] };
  const key = fromHex(vectors.key);
  for (const { name, answered, weeks } of vectors.cases) {
    const acts = new Map([["another's", "2026-01-05"], ...Object.entries(answered).map(([n, week]): [string, string] => [toBase64(actionTag(key, "contacted", Number(n))), week])]);
    assert.deepEqual(answersTo({ actions: toBase64url(key) }, acts), weeks, name);
  }
});

test("whoever wrote waits for an answer unless they wish for none, and who has not declared is told by no clock what they wish", () => {
  const key = new Uint8Array(32).fill(8);
  const tag = (n: number): string => toBase64(actionTag(key, "contacted", n));
  const card: Case["card"] = { of: "submission", thread: "", service: "", roles: [], when: "", chips: [], urgent: false, taxonomy: "0.2.0", receipt: "r", actions: toBase64url(key) };
  const c: Case = { leaf: "l", epoch: "e", day: "2026-11-20", card, claims: [], codings: [], coded: [], consensuses: [], checks: [], sharings: [], notes: [], back: [], checkIn: "", free: [], recused: [], given: [] };
  const quiet = { ...MOST_PRIVATE, must_not: ["do_not_contact_me"] };
  assert.deepEqual([answering(c, null, false, new Map()), answering(c, MOST_PRIVATE, true, new Map()), answering(c, quiet, true, new Map())],
    [{ clock: "reply", sure: false }, { clock: "reply", sure: true }, null]);
  assert.equal(answering(c, MOST_PRIVATE, false, new Map()), null, "whoever has it open sees that no answer can be sealed");
  assert.equal(answering({ ...c, card: { ...card, of: "followup" } }, null, true, new Map()), null, "a further message waits with its first");
  assert.equal(answering({ ...c, card: { of: "submission", thread: "", service: "", roles: [], when: "", chips: [], urgent: false, taxonomy: "0.2.0" } }, null, true, new Map()), null, "its writer left no way to answer");
  const answered = new Map([[tag(0), "2026-11-23"], [tag(1), "2026-11-30"], [tag(3), "2026-12-07"]]);
  assert.deepEqual(answersTo(card, answered), ["2026-11-23", "2026-11-30", "2026-12-07"]);
  assert.equal(answering(c, null, true, answered)?.clock, "feedback");
  const share = { by: "a", hash: "h", day: "2026-11-25", body: { decision: "share" as const, form: "count" as const, words: "", wishes: MOST_PRIVATE, consensus: [], check: "", of: "" } };
  assert.deepEqual([decidedOn({ ...c, sharings: [share] }), decidedOn({ ...c, sharings: [share], given: [share.hash] })], [null, "2026-11-28"]);
  assert.equal(answering({ ...c, sharings: [{ ...share, body: { ...share.body, decision: "keep" } }] }, null, true, answered), null);
  assert.deepEqual(due("2026-11-20", "reply", "2026-11-25", DEFAULT_CLOCKS, 5), { clock: "reply", day: "2026-11-27", left: 2 }, "a wait for the writer begins with an answer");
  assert.deepEqual(due("2026-11-02", "feedback", "2026-11-25", DEFAULT_CLOCKS, 3), { clock: "feedback", day: "2027-02-03", left: 70 });
});
