import assert from "node:assert/strict";
import { test } from "node:test";
import { sha256 } from "@noble/hashes/sha2.js";
import { Encrypter } from "age-encryption";
import { parseRecord } from "../src/chain.js";
import { fromBase64url, fromHex, toBase64, toBase64url, toHex, utf8 } from "../src/encoding.js";
import { IdentityError, identityFromSeed, recipientOf } from "../src/identity.js";
import { leafHash, submissionLeaf } from "../src/leaf.js";
import type { Consent, Decoy, Submission } from "../src/pad.js";
import { Desk, Locked, type Opened } from "../src/panel/desk.js";
import { seal, sealBytes } from "../src/seal.js";
import { members, offered, served, signedList, shownOf } from "./panels.js";
import { vectors } from "./vectors.js";

const [me] = await members(1);
const stranger = await recipientOf(identityFromSeed(new Uint8Array(32).fill(3)));
const lists = served([signedList([me], 1)]);
const key = await offered(lists, me);
const epoch = key.id;
const recipient = parseRecord(key.record)?.recipient ?? "";
const origin = "clinic.example/answerable";
const anchor = new Uint8Array(32).fill(4);
const withdraw = new Uint8Array(32).fill(5);

const submission: Submission = {
  v: 1, t: "submission", epoch, origin, sealed_by: "client", form: "f", lang: "en", answers: [{ q: "words", a: "<b>it was cold</b>" }],
  subject: null, reply_to: null, mailbox: null, anchor: toBase64url(anchor), thread: null,
};

async function ready(): Promise<Desk> {
  const desk = new Desk();
  await desk.unlock(utf8(me.identity), "");
  desk.keys.walk("riverside", lists, "", shownOf(lists));
  await desk.openWrap("riverside", key);
  return desk;
}
const desk = await ready();

/** Delivers a file under the leaf that names it, unless told otherwise. */
async function deliver(file: Uint8Array, more: { leaf?: string; epoch?: string; origin?: string } = {}): Promise<Opened> {
  const leaf = more.leaf ?? submissionLeaf({ epoch, fileHash: sha256(file), anchor, withdraw });
  return desk.openFile({ epoch, origin, ...more, leaf, file: toBase64(file) });
}

function sealedWith(change: Partial<Submission> | Consent | Decoy, to = recipient): Promise<Uint8Array> {
  return seal(change.t === "decoy" || change.t === "consent" ? change : { ...submission, ...change }, to);
}

test("a true file opens to its answers under its leaf hash", async () => {
  const file = await sealedWith({});
  const leaf = submissionLeaf({ epoch, fileHash: sha256(file), anchor, withdraw });
  assert.deepEqual(await deliver(file), {
    kind: "submission", leafHash: toHex(leafHash(leaf)), sealedBy: "client", answers: submission.answers,
    thread: null, mailbox: null, replyTo: null, actions: null,
  });
});

test("further messages of a receipt say what they belong to, and carry the key of the panel's acts", async () => {
  const mailbox = toBase64url(new Uint8Array(32).fill(8));
  const actions = toBase64url(new Uint8Array(32).fill(9));
  for (const t of ["submission", "followup", "about_you"] as const) {
    const opened = await deliver(await sealedWith({ t, mailbox, actions }));
    assert.ok(opened.kind === t);
    assert.deepEqual([opened.mailbox, opened.actions], [mailbox, actions]);
  }
  const choice = { share_level: "count_me", ask_me_first: true, hold: "wait_until_i_say", hide: ["the_date", "quotes"] } as const;
  const changed: Consent = {
    v: 1, t: "consent", epoch, origin, sealed_by: "client", mailbox, anchor: toBase64url(anchor), thread: null, ...choice, hide: [...choice.hide],
  };
  const opened = await deliver(await sealedWith(changed));
  assert.ok(opened.kind === "consent");
  assert.deepEqual(opened.consent, choice);
  assert.equal(opened.mailbox, mailbox);
});

test("a decoy is told apart, and a file sealed by the server says so", async () => {
  assert.equal((await deliver(await sealedWith({ v: 1, t: "decoy" }))).kind, "decoy");
  const opened = await deliver(await sealedWith({ sealed_by: "server" }));
  assert.ok(opened.kind === "submission");
  assert.equal(opened.sealedBy, "server");
});

test("everything that does not fit is junk with its reason, and nothing of it is shown", async (t) => {
  const good = await sealedWith({});
  const classic = new Encrypter();
  classic.addRecipient("age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p");
  const cases: [string, string, Promise<Opened>][] = [
    ["a leaf that does not read", "leaf", deliver(good, { leaf: "answerable/leaf/v1\nsubmission\n" })],
    ["a leaf of another epoch", "epoch", deliver(good, { leaf: submissionLeaf({ epoch: "2027-01-abcd", fileHash: sha256(good), anchor, withdraw }) })],
    ["another file than the leaf names", "hash", deliver(await sealedWith({}), { leaf: submissionLeaf({ epoch, fileHash: sha256(good), anchor, withdraw }) })],
    ["random bytes of the right size", "shape", deliver(new Uint8Array(18043).fill(7))],
    ["a file for another kind of key", "shape", deliver(await classic.encrypt(new Uint8Array(16384)))],
    ["a file for another key", "key", deliver(await sealedWith({}, stranger))],
    ["a file that opens to something else", "plaintext", deliver(await sealBytes(utf8("x".repeat(16383) + "\n"), recipient))],
    ["words for another epoch", "other-epoch", deliver(await sealedWith({ epoch: "2026-11-abcd" }))],
    ["words for another place", "other-origin", deliver(await sealedWith({ origin: "other.example/answerable" }))],
    ["words of another receipt", "other-anchor", deliver(await sealedWith({ anchor: toBase64url(withdraw) }))],
    ["a place other than the one served", "other-origin", deliver(good, { origin: "other.example/answerable" })],
  ];
  for (const [name, reason, opening] of cases) {
    await t.test(name, async () => {
      const opened = await opening;
      assert.ok(opened.kind === "junk", opened.kind);
      assert.equal(opened.reason, reason);
      assert.ok(!JSON.stringify(opened).includes("cold"));
    });
  }
  await t.test("base64 that is not base64", async () => {
    const leaf = submissionLeaf({ epoch, fileHash: sha256(good), anchor, withdraw });
    const opened = await desk.openFile({ epoch, origin, leaf, file: "%%%" });
    assert.ok(opened.kind === "junk" && opened.reason === "hash");
  });
});

test("nothing opens and nothing is signed while it is locked", async () => {
  const other = await ready();
  other.lock();
  const file = await sealedWith({});
  const leaf = submissionLeaf({ epoch, fileHash: sha256(file), anchor, withdraw });
  await assert.rejects(other.openFile({ epoch, origin, leaf, file: toBase64(file) }), Locked);
  await assert.rejects(other.openWrap("riverside", key), Locked);
  assert.throws(() => other.signIn("https://clinic.example", "A".repeat(43), 1), Locked);
});

test("a file that gives no identity locks what was open", async () => {
  const other = await ready();
  await assert.rejects(other.unlock(utf8("nothing"), ""), IdentityError);
  assert.throws(() => other.signIn("https://clinic.example", "A".repeat(43), 1), Locked);
});

test("it signs the sign-in text of the vectors, and nothing that is not a nonce", async () => {
  const v = vectors<{ identity: string; reviewer: string; origin: string; nonce: string; expires: number; text: string; signature: string }>("signin.json");
  const other = new Desk();
  assert.equal((await other.unlock(utf8(v.identity), "")).reviewer, v.reviewer);
  assert.deepEqual(other.signIn(v.origin, v.nonce, v.expires + 0.7), { text: v.text, signature: v.signature });
  for (const bad of ["", "AAAA", v.nonce + "\nanswerable/v1/epoch-ack", toBase64url(fromHex("00".repeat(33))), "B".repeat(43)]) {
    assert.throws(() => other.signIn(v.origin, bad, v.expires), bad);
  }
  assert.equal(fromBase64url(v.nonce).length, 32);
});
