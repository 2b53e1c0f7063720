import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { ed25519 } from "@noble/curves/ed25519.js";
import type { Manifest } from "../src/chain.js";
import type { ReviewFile } from "../src/coding.js";
import { toBase64, toBase64url, utf8 } from "../src/encoding.js";
import { identityFromSeed, recipientOf, signingKey } from "../src/identity.js";
import { envelopeLines, openReview, SEALED, sealReview, type Lists, type Served } from "../src/reviewfile.js";
import { keptLines, recusalLines, reminderLines, signKept, signRecusal, signReminder } from "../src/stepback.js";
import { sign } from "../src/signin.js";
import type { Listed } from "../src/wrote.js";

const CLINIC = "6f9a1c3e-0000-4000-8000-000000000001";
const [ANNA, BELA] = [signingKey(new Uint8Array(32).fill(1)), signingKey(new Uint8Array(32).fill(2))] as const;
const EPOCH = identityFromSeed(new Uint8Array(32).fill(9));
const LEAF = new Uint8Array(32).fill(5);
const AT = { clinic: CLINIC, epoch: "2026-12-ab3d", origin: "panel.example/answerable" };

const panel = (...lists: (Manifest & Listed)[]): Lists => ({ lists, before: () => lists.length });
const list = (...keys: (typeof ANNA)[]): Manifest => ({ members: keys.map((k) => ({ id: k.reviewer, recipient: "", verifyKey: k.public })) }) as unknown as Manifest;
const note = (text = "x"): ReviewFile => ({ t: "note", epoch: AT.epoch, origin: AT.origin, leaf: toBase64url(LEAF), by: ANNA.reviewer, body: { text } });
const sealed = async (f = note()): Promise<Served> => sealReview(f, { recipient: await recipientOf(EPOCH), clinic: CLINIC, leaf: LEAF, n: 0, day: "2026-11-25" }, ANNA);

test("a review file is sealed to one size, signed, and opened by who holds the key", async () => {
  const s = await sealed(note("hello"));
  assert.equal(SEALED, 18043);
  assert.equal(Buffer.from(s.file, "base64").length, SEALED);
  const got = await openReview(s, AT, panel(list(ANNA)), EPOCH);
  assert.ok(typeof got !== "string" && got.kind === "note" && got.body.text === "hello" && got.by === ANNA.reviewer);
});

test("lines and signatures are those of Go", () => {
  const v = JSON.parse(readFileSync(path.join(import.meta.dirname, "../../../internal/review/testdata/sign.json"), "utf8")) as Record<string, string>;
  const secret = new Uint8Array(32).fill(7);
  const key = { secret, public: ed25519.getPublicKey(secret), reviewer: v["reviewer"] ?? "" };
  const [clinic, leaf, hash] = [v["clinic"] ?? "", new Uint8Array(32).fill(1), new Uint8Array(32).fill(250)];
  const lines = envelopeLines({ clinic, leaf, kind: "note", n: 12, hash, day: "2026-12-02" });
  assert.equal(lines, v["envelope"]);
  assert.equal(sign(`answerable/v1/review\n${lines}`, key), v["envelope_signature"]);
  assert.equal(recusalLines(clinic, leaf, key.reviewer), v["recusal"]);
  assert.equal(signRecusal(clinic, leaf, key), v["recusal_signature"]);
  assert.equal(reminderLines(clinic, leaf, key.reviewer, hash), v["reminder"]);
  assert.equal(signReminder(clinic, leaf, hash, key), v["reminder_signature"]);
  assert.equal(keptLines(clinic, key.reviewer, hash), v["kept"]);
  assert.equal(signKept(clinic, hash, key), v["kept_signature"]);
});

test("what was signed are these lines", () => {
  const e = { clinic: CLINIC, leaf: LEAF, kind: "note" as const, n: 3, hash: new Uint8Array(32), day: "2026-11-25" };
  assert.equal(envelopeLines(e), `${CLINIC}\n${toBase64(LEAF)}\nnote\n3\n${toBase64(new Uint8Array(32))}\n2026-11-25\n`);
  const text = `answerable/v1/recusal\n${CLINIC}\n${toBase64(LEAF)}\n${ANNA.reviewer}\n`;
  assert.ok(ed25519.verify(Buffer.from(signRecusal(CLINIC, LEAF, ANNA), "base64"), utf8(text), ANNA.public));
});

test("a server that moves, renumbers, redates or reattributes a file is found out", async () => {
  const s = await sealed();
  const lists = [list(ANNA, BELA)];
  const read = (change: Partial<Served>, at: Partial<typeof AT> = {}, by = lists): Promise<unknown> => openReview({ ...s, ...change }, { ...AT, ...at }, panel(...by), EPOCH);
  for (const change of [{ n: 1 }, { day: "2026-11-24" }, { kind: "check" }, { author: BELA.reviewer }, { leaf: toBase64(new Uint8Array(32)) }]) assert.equal(await read(change), "signature");
  assert.equal(await read({}, { clinic: "another" }), "signature");
  assert.equal(await read({}, { epoch: "2026-12-zzzz" }), "place");
  assert.equal(await read({}, { origin: "other.example/answerable" }), "place");
  assert.equal(await read({}, {}, [list(BELA)]), "author");
  assert.equal(await read({ file: s.file.slice(4) }), "size");
  assert.equal(await read({ leaf: "%" }), "size");
  assert.equal(await openReview(s, AT, panel(...lists), identityFromSeed(new Uint8Array(32).fill(8))), "key");
});

test("a file signed by a member whose envelope and content disagree is refused", async () => {
  assert.equal(await openReview(await sealed({ ...note(), by: BELA.reviewer }), AT, panel(list(ANNA)), EPOCH), "place");
  assert.equal(await openReview(await sealed({ ...note(), leaf: toBase64url(new Uint8Array(32)) }), AT, panel(list(ANNA)), EPOCH), "place");
});

test("who has left the panel still signed what they signed, up to the day they left and about what had come by then", async () => {
  const left = [{ ...list(ANNA, BELA), day: "2026-11-01" }, { ...list(BELA), day: "2026-11-25" }];
  const read = async (lists: typeof left, before: number | null): Promise<unknown> => {
    const got = await openReview(await sealed(), AT, { lists, before: (leaf) => (leaf === toBase64url(LEAF) ? before : assert.fail("of another message")) }, EPOCH);
    return typeof got === "string" ? got : got.day;
  };
  assert.deepEqual([await read(left, 1), await read(left, null), await read(left, 2)], ["2026-11-25", "2026-11-25", "away"]);
  assert.equal(await read([{ ...list(ANNA, BELA), day: "2026-11-01" }, { ...list(BELA), day: "2026-11-24" }], 1), "away");
});
