import assert from "node:assert/strict";
import { test } from "node:test";
import { fromHex, toHex } from "../src/encoding.js";
import { LeafError, leafHash, parseSubmissionLeaf, submissionLeaf } from "../src/leaf.js";
import { randomFrom, vectors } from "./vectors.js";

interface File {
  leaves: { epoch: string; file_hash: string; anchor: string; withdraw: string; text: string; leaf_hash: string }[];
  refuse: { comment: string; text: string }[];
}
const file = vectors<File>("leaf.json");

test("a leaf has the same text and hash as everywhere else", () => {
  assert.ok(file.leaves.length > 0);
  for (const v of file.leaves) {
    const leaf = { epoch: v.epoch, fileHash: fromHex(v.file_hash), anchor: fromHex(v.anchor), withdraw: fromHex(v.withdraw) };
    assert.equal(submissionLeaf(leaf), v.text);
    assert.equal(toHex(leafHash(v.text)), v.leaf_hash);
    assert.deepEqual(parseSubmissionLeaf(v.text), leaf);
  }
});

test("any other text is refused", async (t) => {
  for (const v of file.refuse) {
    await t.test(v.comment, () => { assert.throws(() => parseSubmissionLeaf(v.text), LeafError); });
  }
});

test("a leaf with one character changed is refused or is another leaf", () => {
  const text = file.leaves[0]?.text ?? "";
  const random = randomFrom(3);
  for (let i = 0; i < 3000; i++) {
    const at = random.int(text.length);
    const changed = text.slice(0, at) + String.fromCharCode(random.int(128)) + text.slice(at + 1);
    try {
      assert.equal(submissionLeaf(parseSubmissionLeaf(changed)), changed);
    } catch (err) {
      assert.ok(err instanceof LeafError, String(err));
    }
  }
});
