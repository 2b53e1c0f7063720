import assert from "node:assert/strict";
import { test } from "node:test";
import { fromBase64 } from "../src/encoding.js";
import { EpochKeyError, openEpochKey } from "../src/epochkey.js";
import { identityFromSeed, recipientOf } from "../src/identity.js";
import { sealBytes, ShapeError, WrongKey } from "../src/seal.js";
import { vectors } from "./vectors.js";

interface File {
  identity: string; epoch: string; recipient: string; epoch_identity: string; file: string;
  refuse: { comment: string; file: string }[];
}
const v = vectors<File>("epochkey.json");

test("a wrap gives the epoch's identity", async () => {
  assert.equal(await openEpochKey(fromBase64(v.file), v.identity, v.epoch, v.recipient), v.epoch_identity);
});

test("a wrap for another epoch, or with another key than the epoch's, is refused", async (t) => {
  for (const r of v.refuse) {
    await t.test(r.comment, () => assert.rejects(openEpochKey(fromBase64(r.file), v.identity, v.epoch, v.recipient), EpochKeyError));
  }
  const stranger = identityFromSeed(new Uint8Array(32).fill(9));
  await t.test("the epoch has another recipient", async () =>
    assert.rejects(openEpochKey(fromBase64(v.file), v.identity, v.epoch, await recipientOf(stranger)), EpochKeyError));
  await t.test("it was sealed to somebody else", () =>
    assert.rejects(openEpochKey(fromBase64(v.file), stranger, v.epoch, v.recipient), WrongKey));
  await t.test("it is not an age file", () =>
    assert.rejects(openEpochKey(new Uint8Array(1858), v.identity, v.epoch, v.recipient), ShapeError));
  await t.test("it is far too large", async () =>
    assert.rejects(openEpochKey(await sealBytes(new Uint8Array(5000), await recipientOf(v.identity)), v.identity, v.epoch, v.recipient), EpochKeyError));
});
