import assert from "node:assert/strict";
import { test } from "node:test";
import { Encrypter, armor, generateHybridIdentity, generateX25519Identity, identityToRecipient } from "age-encryption";
import { fromBase64, fromHex, toBase64url, utf8 } from "../src/encoding.js";
import { encode, PlaintextError, TooLong, type Submission } from "../src/pad.js";
import { checkShape, open, openBytes, OVERHEAD, seal, sealBytes, ShapeError, WrongKey } from "../src/seal.js";
import { vectors } from "./vectors.js";

const identity = await generateHybridIdentity();
const recipient = await identityToRecipient(identity);
const classic = await identityToRecipient(await generateX25519Identity());
const other = await identityToRecipient(await generateHybridIdentity());

function saying(a: string): Submission {
  return {
    v: 1, t: "submission", epoch: "2026-12", origin: "clinic.example/answerable", sealed_by: "client", form: "f", lang: "en",
    answers: [{ q: "words", a }], subject: null, reply_to: null, mailbox: null, anchor: toBase64url(new Uint8Array(32)), thread: null,
  };
}

async function sealedTo(recipients: string[], plaintext: Uint8Array): Promise<Uint8Array> {
  const e = new Encrypter();
  for (const r of recipients) e.addRecipient(r);
  return e.encrypt(plaintext);
}

test("what is sealed opens again, whatever the writing", async (t) => {
  const texts = ["", "plain", "👩‍👩‍👧‍👦", "שלום מרחבא", "e\u0301\u0323", "\u2028\u2029", "one\r\ntwo", "界".repeat(20000)];
  for (const a of texts) {
    await t.test(JSON.stringify(a.slice(0, 20)), async () => {
      assert.deepEqual(await open(await seal(saying(a), recipient), identity), saying(a));
    });
  }
});

test("a sealed file has one of two sizes, and they change at the bucket's edge", async () => {
  const empty = utf8(JSON.stringify(saying(""))).length;
  const sizeOf = async (json: number): Promise<number> => (await seal(saying("a".repeat(json - empty)), recipient)).length;
  assert.deepEqual(
    [await sizeOf(empty), await sizeOf(16383), await sizeOf(16384), await sizeOf(65535)],
    [18043, 18043, 67195, 67195],
  );
  await assert.rejects(sizeOf(65536), TooLong);
});

test("only one post-quantum recipient is sealed to", async () => {
  for (const r of [classic, "", "age1pq1", recipient.toUpperCase(), recipient + "\n", recipient.slice(0, -1), `${recipient} ${recipient}`, "age1tag1qt8lw0ual6avlwmwatk888yqnmdamm7xfd0wak53ut6elz5c4swx2yqdj4e"]) {
    await assert.rejects(seal(saying("x"), r), ShapeError);
  }
  // A last character that breaks the checksum is the age library's to refuse.
  await assert.rejects(seal(saying("x"), recipient.slice(0, -1) + (recipient.endsWith("q") ? "p" : "q")));
});

test("a file sealed to more or other keys is refused before it is opened", async () => {
  const plaintext = encode(saying("x"));
  const passphrase = new Encrypter();
  passphrase.setPassphrase("x");
  passphrase.setScryptWorkFactor(10);
  const files = {
    classic: await sealedTo([classic], plaintext),
    "hybrid and classic": await sealedTo([recipient, classic], plaintext),
    "classic and hybrid": await sealedTo([classic, recipient], plaintext),
    "two hybrid": await sealedTo([recipient, other], plaintext),
    passphrase: await passphrase.encrypt(plaintext),
  };
  for (const [name, file] of Object.entries(files)) {
    await assert.rejects(open(file, identity), ShapeError, name);
    await assert.rejects(openBytes(file, identity), ShapeError, name);
  }
});

test("a mixed file of an accepted size is still refused", async () => {
  const overhead = (await sealedTo([recipient, classic], new Uint8Array(1))).length - 1;
  const file = await sealedTo([recipient, classic], new Uint8Array(16384 + OVERHEAD - overhead));
  assert.equal(file.length, 16384 + OVERHEAD);
  assert.throws(() => { checkShape(file); }, /exactly one/);
});

test("armor, a cut end, a cut start and a longer file are refused", async () => {
  const file = await seal(saying("x"), recipient);
  for (const bad of [utf8(armor.encode(file)), file.subarray(0, -1), file.subarray(1), Uint8Array.from([...file, 0]), new Uint8Array(18043), new Uint8Array()]) {
    await assert.rejects(open(bad, identity), ShapeError);
  }
  // A shorter file whose last chunk is cut passes openBytes' look at the header and fails on its seal.
  await assert.rejects(openBytes(file.subarray(0, -1), identity), WrongKey);
});

test("a changed byte anywhere keeps it shut", async () => {
  const file = await seal(saying("x"), recipient);
  for (const at of [0, 30, 50, 1000, 1540, 1575, 1600, 1626, 1630, 1650, 10000, 18042]) {
    const bad = file.slice();
    bad[at] = (bad[at] ?? 0) ^ 1;
    await assert.rejects(open(bad, identity), (err: unknown) => err instanceof ShapeError || err instanceof WrongKey, `byte ${at}`);
  }
});

test("a file for somebody else is told apart from a damaged plaintext", async () => {
  await assert.rejects(open(await seal(saying("x"), other), identity), WrongKey);
  await assert.rejects(open(await sealBytes(new Uint8Array(16384).fill(0x20), recipient), identity), PlaintextError);
});

test("the file in the vectors opens to the words that were put in", async () => {
  const v = vectors<{ identity: string; words: string; themes: string; epoch: string; origin: string; anchor: string; file: string }>("sealed_by_browser.json");
  const p = await open(fromBase64(v.file), v.identity);
  assert.ok(p.t === "submission");
  assert.deepEqual(p.answers, [{ q: "words", a: v.words }, { q: "themes", a: v.themes }]);
  assert.deepEqual([p.epoch, p.origin, p.anchor], [v.epoch, v.origin, toBase64url(fromHex(v.anchor))]);
});
