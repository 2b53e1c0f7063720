import assert from "node:assert/strict";
import { test } from "node:test";
import { sha256 } from "@noble/hashes/sha2.js";
import { fromBase64, fromHex, toBase64url, toHex, utf8 } from "../src/encoding.js";
import { signingKey } from "../src/identity.js";
import { PlaintextError, TooLong } from "../src/pad.js";
import { derive } from "../src/receipt.js";
import { encodeReply, holds, lastDay, openReply, parseReply, sealReply, signReply } from "../src/reply.js";
import { WrongKey } from "../src/seal.js";
import { vectors } from "./vectors.js";

interface File {
  origin: string; receipt: string; reviewer_seed: string; reviewer: string; verify_key: string; anchor: string;
  replies: { comment: string; day: string; text: string; asks?: "check_in"; sig: string; padded_sha256: string; file: string }[];
  accept: { comment: string; json: string }[];
  refuse: { comment: string; json: string }[];
}
const v = vectors<File>("reply.json");
const keyOf = (id: string): Uint8Array | undefined => (id === v.reviewer ? fromBase64(v.verify_key) : undefined);

function padded(json: string): Uint8Array {
  const out = new Uint8Array(16384).fill(0x20);
  out.set(utf8(json));
  out[16383] = 0x0a;
  return out;
}

test("an answer is signed and padded as in Go, and what Go sealed opens", async () => {
  const key = signingKey(fromHex(v.reviewer_seed));
  const writer = await derive(fromHex(v.receipt), v.origin);
  assert.equal(key.reviewer, v.reviewer);
  assert.equal(toBase64url(writer.anchor), v.anchor);
  for (const c of v.replies) {
    const r = signReply(v.origin, { anchor: v.anchor, day: c.day, text: c.text, ...(c.asks === undefined ? {} : { asks: c.asks }) }, key);
    assert.equal(r.sig, c.sig, c.comment);
    assert.equal(toHex(sha256(encodeReply(r))), c.padded_sha256, c.comment);
    assert.deepEqual(parseReply(encodeReply(r)), r);
    if (c.file !== "") assert.deepEqual(await openReply(fromBase64(c.file), writer.replyIdentity), r);
    const sealed = await sealReply(r, writer.replyRecipient);
    assert.equal(sealed.length, 18043);
    assert.deepEqual(await openReply(sealed, writer.replyIdentity), r);
    const other = await derive(new Uint8Array(11), v.origin);
    await assert.rejects(openReply(sealed, other.replyIdentity), WrongKey);
  }
});

test("only a signature of the panel, for this message of this place, holds", () => {
  const [c] = v.replies;
  assert.ok(c);
  const r = signReply(v.origin, { anchor: v.anchor, day: c.day, text: c.text }, signingKey(fromHex(v.reviewer_seed)));
  assert.ok(holds(r, v.origin, ["x", v.anchor], keyOf));
  assert.ok(!holds(r, "other.example/answerable", [v.anchor], keyOf));
  assert.ok(!holds(r, v.origin, [], keyOf));
  assert.ok(!holds({ ...r, text: r.text + "!" }, v.origin, [v.anchor], keyOf));
  assert.ok(!holds({ ...r, asks: "check_in" }, v.origin, [v.anchor], keyOf));
  assert.ok(!holds({ ...r, day: "2026-12-04" }, v.origin, [v.anchor], keyOf));
  assert.ok(!holds(r, v.origin, [v.anchor], () => undefined));
});

test("what is no answer is refused, and so is one that is too long", () => {
  for (const c of v.accept) parseReply(padded(c.json));
  assert.ok(v.refuse.length > 10);
  for (const c of v.refuse) assert.throws(() => parseReply(padded(c.json)), PlaintextError, c.comment);
  assert.throws(() => parseReply(new Uint8Array(16384).fill(0xff)), PlaintextError);
  const r = signReply(v.origin, { anchor: v.anchor, day: "2026-12-03", text: "y".repeat(16384) }, signingKey(fromHex(v.reviewer_seed)));
  assert.throws(() => encodeReply(r), TooLong);
});

test("a mailbox ends on a day drawn from its id, as in Go", () => {
  assert.equal(lastDay(Uint8Array.of(0, 0), "2027-06-30"), "2027-06-30");
  assert.equal(lastDay(Uint8Array.of(1, 4), "2027-06-30"), "2027-06-10");
  assert.equal(lastDay(Uint8Array.of(255, 255), "2027-03-01"), "2027-02-14");
});
