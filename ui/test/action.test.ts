import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { actionLeaf, actionTag, parseAction, signAct, verifyAct, weekOf, type ActCode } from "../src/action.js";
import { fromHex, toHex } from "../src/encoding.js";
import { signingKey } from "../src/identity.js";
import { LeafError } from "../src/leaf.js";

interface Vectors {
  seed: string;
  verify_key: string;
  tags: { key: string; code: ActCode; n: number; tag: string }[];
  leaves: { tag: string; code: ActCode; outcome: string; day: string; reviewer: string; text: string }[];
  refuse: { comment: string; text: string }[];
  forged: { comment: string; text: string }[];
}
const v = JSON.parse(readFileSync(path.join(import.meta.dirname, "../../../internal/transparency/testdata/action.json"), "utf8")) as Vectors;
const key = fromHex(v.verify_key);

test("tags, leaves and signatures are the same as everywhere else", () => {
  for (const t of v.tags) assert.equal(toHex(actionTag(fromHex(t.key), t.code, t.n)), t.tag);
  for (const leaf of v.leaves) {
    const a = parseAction(leaf.text);
    assert.deepEqual([toHex(a.tag), a.code, a.outcome, a.day, a.reviewer], [leaf.tag, leaf.code, leaf.outcome, leaf.day, leaf.reviewer]);
    assert.ok(verifyAct(a, key));
    const own = signAct({ tag: a.tag, code: a.code, outcome: a.outcome, day: a.day }, { ...signingKey(new Uint8Array(32)), reviewer: a.reviewer, secret: fromHex(v.seed) });
    assert.equal(actionLeaf(own), leaf.text);
  }
});

test("any other text is refused, and a forged act does not verify", async (t) => {
  for (const bad of v.refuse) {
    await t.test(bad.comment, () => { assert.throws(() => parseAction(bad.text), LeafError); });
  }
  for (const bad of v.forged) {
    await t.test(bad.comment, () => { assert.equal(verifyAct(parseAction(bad.text), key), false); });
  }
});

test("a contact is dated to the Monday of its week", () => {
  for (const day of ["2026-11-23", "2026-11-26", "2026-11-29"]) assert.equal(weekOf(day), "2026-11-23");
  assert.equal(weekOf("2026-11-22"), "2026-11-16");
});
