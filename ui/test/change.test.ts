import assert from "node:assert/strict";
import { test } from "node:test";
import { goneFrom, olderKeys, stepsOf, type Shown, type Situation } from "../src/panel/change.js";
import type { Proven } from "../src/panel/told.js";

/** A key of a list, in a state. */
function key(version: number, state: string): Shown {
  const proven: Proven = { id: "2026-12-abcd", notBefore: "2026-12-01", notAfter: "2026-12-31", retainUntil: "2027-06-29", k: 1, n: 3, version };
  return { epoch: { id: proven.id, state, record: "", dealer: "", dealer_signature: "", acks: [], wrap: null, wrap_from: null, files: 0 }, proven };
}

const BEFORE = ["ann", "bo", "cy"];
const REPLACED = ["ann", "bo", "di"];
const settled: Situation = { draft: false, lists: [BEFORE], keys: [key(1, "active"), key(1, "logged")], unmade: 0, lacking: 0 };

/** The steps in short: a capital for what is done. */
const short = (s: Situation): string => stepsOf(s).map((step) => (step.done ? step.name.toUpperCase() : step.name)).join(" ");

test("a change of the panel goes from step to step, by what is signed and stored alone", () => {
  assert.equal(short(settled), "");
  assert.equal(short({ ...settled, draft: true }), "list call-back keys PAST");
  const after = { ...settled, lists: [BEFORE, REPLACED] };
  assert.equal(short({ ...after, unmade: 4, lacking: 3 }), "LIST call-back keys past");
  assert.equal(short({ ...after, keys: [key(1, "active"), key(2, "offered")] }), "LIST call-back keys PAST");
  assert.equal(short({ ...after, keys: [key(1, "active"), key(2, "logged")], lacking: 1 }), "LIST call-back KEYS past");
  assert.equal(short({ ...after, keys: [key(1, "revoked"), key(2, "offered")] }), "LIST CALL-BACK keys PAST");
  assert.equal(short({ ...after, keys: [key(1, "revoked"), key(2, "active")] }), "");
  assert.equal(short({ ...after, keys: [key(1, "revoked"), key(2, "active")], lacking: 9 }), "", "handing on the past is a choice, and asked for elsewhere");
});

test("who destroys a key is told which older ones still hold messages", () => {
  const of = (id: string, notBefore: string, files: number, proven = true): Shown => {
    const k = key(1, "closed");
    return { epoch: { ...k.epoch, id, files }, proven: proven && k.proven !== null ? { ...k.proven, id, notBefore } : null };
  };
  const keys = [
    of("oct", "2026-10-01", 2), of("nov", "2026-11-01", 0), of("unsigned", "2026-11-15", 9, false), of("dec", "2026-12-01", 3), of("jan", "2027-01-01", 1),
  ];
  const older = (id: string, all = keys): string[] => olderKeys(all, id).map((k) => `${k.id} ${String(k.files)}`);
  assert.deepEqual([older("jan"), older("dec"), older("oct"), older("unsigned"), older("none")], [["oct 2", "dec 3"], ["oct 2"], [], [], []]);
  assert.deepEqual(older("jan", [...keys.slice(0, 4), of("jan", "2027-01-01", 0)]), [], "nothing came in under it");
});

test("a first list is no change, and a key that the panel did not sign counts for nothing", () => {
  assert.equal(short({ ...settled, lists: [], draft: true }), "");
  assert.equal(short({ ...settled, keys: [], unmade: 4 }), "");
  const unsigned = { ...key(2, "logged"), proven: null };
  assert.equal(short({ ...settled, lists: [BEFORE, REPLACED], keys: [unsigned] }), "LIST CALL-BACK keys PAST");
  assert.deepEqual(goneFrom(null, [BEFORE, REPLACED]), []);
  assert.deepEqual(goneFrom(key(1, "active").proven, [BEFORE, REPLACED]), ["cy"]);
});
