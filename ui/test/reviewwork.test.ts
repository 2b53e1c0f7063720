import assert from "node:assert/strict";
import { test } from "node:test";
import { sha256 } from "@noble/hashes/sha2.js";
import { parseRecord } from "../src/chain.js";
import { toBase64, toBase64url, utf8 } from "../src/encoding.js";
import { leafHash, submissionLeaf } from "../src/leaf.js";
import type { Plaintext, Submission } from "../src/pad.js";
import { Desk, type Delivered } from "../src/panel/desk.js";
import { NotDeclared, ReviewWork, type At } from "../src/panel/reviewwork.js";
import { seal } from "../src/seal.js";
import { CLINIC, members, offered, served, shownOf, signedList } from "./panels.js";

const [anna, bela] = (await members(2)) as [Awaited<ReturnType<typeof members>>[0], Awaited<ReturnType<typeof members>>[0]];
const lists = served([signedList([anna, bela], 1)]);
const origin = "clinic.example/answerable";
const forAnna = await offered(lists, anna);
const recipient = parseRecord(forAnna.record)?.recipient ?? "";
const at: At = { slug: "riverside", clinic: CLINIC, epoch: forAnna.id, origin, today: "2026-12-02" };
const CODES = { version: "0.2.0", themes: [{ code: "force", items: [{ code: "force.held_down", cw: true, urgent: true, urgent_if_still_going: false }] }], roles: ["nurse"], when: ["this_month"] };

async function desk(): Promise<Desk> {
  const d = new Desk();
  await d.unlock(utf8(anna.identity), "");
  d.keys.walk("riverside", lists, "", shownOf(lists));
  await d.openWrap("riverside", forAnna);
  return d;
}

const id = (n: number): string => toBase64url(new Uint8Array(32).fill(n));
let next = 10;

/** Seals a message and delivers it; gives its leaf too. */
async function told(change: Partial<Submission> | Record<string, unknown>): Promise<{ file: Delivered & { day: string }; leaf: string }> {
  const anchor = new Uint8Array(32).fill(next++);
  const base = { v: 1, t: "submission", epoch: at.epoch, origin, sealed_by: "client", form: "f", lang: "en", answers: [], subject: null, reply_to: null, mailbox: null, thread: null };
  const file = await seal((change["t"] === "decoy" ? change : { ...base, ...change, anchor: toBase64url(anchor) }) as unknown as Plaintext, recipient);
  const text = submissionLeaf({ epoch: at.epoch, fileHash: sha256(file), anchor, withdraw: new Uint8Array(32) });
  return { file: { epoch: at.epoch, origin, leaf: text, file: toBase64(file), day: "2026-12-01" }, leaf: toBase64url(leafHash(text)) };
}

const STORY = [{ q: "words", a: "zebrafinch" }, { q: "items", a: "force.held_down" }, { q: "roles", a: "nurse" }];

test("only cards leave the worker before a reviewer has declared, and every file has one", async () => {
  const work = new ReviewWork(await desk());
  const [first, decoy] = [await told({ answers: STORY }), await told({ v: 1, t: "decoy" })];
  const junk = { file: { ...first.file, origin: "other.example/answerable" }, leaf: "" };
  const cards = await work.read([first.file, decoy.file], CODES);
  assert.deepEqual(cards.map((c) => c.card.of), ["submission", "decoy"]);
  assert.ok(!JSON.stringify(cards).includes("zebrafinch"));
  assert.deepEqual([cards[0]?.card.chips, cards[0]?.card.roles, cards[0]?.card.urgent], [["force.held_down"], ["nurse"], true]);
  assert.throws(() => work.story(first.leaf), NotDeclared);
  work.declare(first.leaf);
  assert.equal(work.story(first.leaf).answers[0]?.a, "zebrafinch");
  assert.equal((await work.read([junk.file], CODES))[0]?.card.of, "junk");
});

test("what came later from the same writer stands with the first message, whatever order it comes in", async () => {
  const work = new ReviewWork(await desk());
  const first = await told({ answers: STORY, mailbox: id(1) });
  const more = await told({ t: "followup", mailbox: id(1), answers: [{ q: "words", a: "and then" }] });
  const wish = { v: 1, t: "consent", epoch: at.epoch, origin, sealed_by: "client", mailbox: id(1), thread: null, share_level: "count_me", ask_me_first: false, hold: "now", hide: [] };
  const other = await told({ t: "followup", mailbox: id(2), answers: [{ q: "words", a: "of another" }] });
  const changed = await toldConsent(wish);
  const cards = await work.read([changed.file, other.file, more.file, first.file], CODES);
  assert.deepEqual(cards.map((c) => c.card.thread), [first.leaf, "", first.leaf, ""]);
  work.declare(first.leaf);
  const story = work.story(first.leaf);
  assert.deepEqual([story.later.length, story.changes[0]?.share_level, story.allRead], [1, "count_me", true]);
});

async function toldConsent(body: Record<string, unknown>, day = "2026-12-01"): Promise<{ file: Delivered & { day: string } }> {
  const anchor = new Uint8Array(32).fill(next++);
  const file = await seal({ ...body, anchor: toBase64url(anchor) } as unknown as Plaintext, recipient);
  return { file: { epoch: at.epoch, origin, leaf: submissionLeaf({ epoch: at.epoch, fileHash: sha256(file), anchor, withdraw: new Uint8Array(32) }), file: toBase64(file), day } };
}

test("of a writer's changes the newest day counts, and on one day the most private of each answer", async () => {
  const work = new ReviewWork(await desk());
  const wish = { v: 1, t: "consent", epoch: at.epoch, origin, sealed_by: "client", mailbox: id(3), thread: null, share_level: "my_words_public", ask_me_first: false, hold: "now", hide: [] };
  const first = await told({ answers: STORY, mailbox: id(3) });
  const changes = [
    await toldConsent({ ...wish, share_level: "count_me", hide: ["quotes"] }, "2026-12-03"),
    await toldConsent({ ...wish, ask_me_first: true, hide: ["the_date"] }, "2026-12-03"),
    await toldConsent({ ...wish, hold: "wait_until_i_say" }, "2026-12-01"),
  ];
  await work.read([first.file, ...changes.map(({ file }) => file)], CODES);
  work.declare(first.leaf);
  const { changes: got } = work.story(first.leaf);
  assert.deepEqual(got.map((c) => c.hold), ["wait_until_i_say", "now"]);
  assert.deepEqual(got[1], { share_level: "count_me", ask_me_first: true, hold: "now", hide: ["the_date", "quotes"] });
});

test("after a step back the message is forgotten and never opened here again", async () => {
  const work = new ReviewWork(await desk());
  const { file, leaf } = await told({ answers: STORY });
  await work.read([file], CODES);
  work.declare(leaf);
  assert.equal(work.recuse(at, leaf).length, 88);
  assert.deepEqual(await work.read([file], CODES), []);
  work.declare(leaf);
  assert.throws(() => work.story(leaf), NotDeclared);
});

test("what is sealed here opens here, a draft for its author alone", async () => {
  const work = new ReviewWork(await desk());
  const { leaf } = await told({});
  const note = await work.seal(at, leaf, "note", { text: "hello" }, 0);
  const draft = await work.seal(at, leaf, "draft", { fields: [{ q: "note", a: "half" }] }, 0);
  const got = await work.open(at, [note, draft, { ...note, n: 1 }]);
  assert.deepEqual(got.map((g) => (typeof g === "string" ? g : g.kind)), ["note", "draft", "signature"]);
  assert.equal((await work.open(at, [{ ...draft, kind: "note" }]))[0], "signature");
});
