/** What a colleague's card says of a message, and what none of them makes this reviewer sign. Twin of internal/client/falsecards_test.go. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { sha256 } from "@noble/hashes/sha2.js";
import { receiptOf } from "../src/card.js";
import { parseRecord } from "../src/chain.js";
import type { Card } from "../src/coding.js";
import { fromBase64url, toBase64, toBase64url, utf8 } from "../src/encoding.js";
import { leafHash, submissionLeaf } from "../src/leaf.js";
import type { Plaintext, Submission } from "../src/pad.js";
import { Desk, type Delivered } from "../src/panel/desk.js";
import type { At, ServedWork } from "../src/panel/epochwork.js";
import { ReviewWork } from "../src/panel/reviewwork.js";
import { sealReview, type Served } from "../src/reviewfile.js";
import { seal } from "../src/seal.js";
import { CLINIC, members, offered, served, shownOf, signedList } from "./panels.js";

const [anna, bela, cleo] = await members(3) as [Member, Member, Member];
type Member = Awaited<ReturnType<typeof members>>[0];
const lists = served([signedList([anna, bela, cleo], 2)]);
const origin = "clinic.example/answerable";
const epoch = await offered(lists, anna);
const recipient = parseRecord(epoch.record)?.recipient ?? "";
const at: At = { slug: "riverside", clinic: CLINIC, epoch: epoch.id, origin, today: "2026-12-02" };
const CODES = { version: "0.2.0", themes: [], roles: [], when: [] };
const ALL = [anna.id, bela.id, cleo.id];

async function desk(): Promise<Desk> {
  const d = new Desk();
  await d.unlock(utf8(anna.identity), "");
  d.keys.walk("riverside", lists, "", shownOf(lists));
  await d.openWrap("riverside", epoch);
  return d;
}

const id = (n: number): string => toBase64url(new Uint8Array(32).fill(n));
let next = 10;
interface Told { file: Delivered & { day: string }; leaf: string; mailbox: string }

async function told(mailbox: string, change: Partial<Submission> = {}): Promise<Told> {
  const anchor = new Uint8Array(32).fill(next++);
  const p = {
    v: 1, t: "submission", epoch: at.epoch, origin, sealed_by: "client", form: "f", lang: "en", answers: [{ q: "words", a: "held" }],
    subject: null, reply_to: null, mailbox, thread: null, ...change, anchor: toBase64url(anchor),
  };
  const file = await seal(p as Plaintext, recipient);
  const text = submissionLeaf({ epoch: at.epoch, fileHash: sha256(file), anchor, withdraw: new Uint8Array(32) });
  const delivered = { epoch: at.epoch, origin, leaf: text, file: toBase64(file), day: "2026-12-01" };
  return { file: delivered, leaf: toBase64url(leafHash(text)), mailbox };
}

const standing = (...all: Told[]): ServedWork => ({
  today: at.today, parts: [],
  messages: all.map(({ leaf, file }) => ({ leaf: toBase64(fromBase64url(leaf)), day: file.day, carded: true, coded_in_clear: false, finding: false })),
});

const rightly = ({ mailbox }: Pick<Told, "mailbox">, of: Card["of"] = "submission"): Card =>
  ({ of, thread: "", service: "", roles: [], when: "", chips: [], urgent: false, taxonomy: "0.2.0", receipt: receiptOf(mailbox) });

/** A card as a member stores it, whatever their program made. */
const card = (by: Member, { leaf }: Told, body: Card): Promise<Served> =>
  sealReview({ t: "card", epoch: at.epoch, origin, leaf, by: by.id, body }, { recipient, clinic: CLINIC, leaf: fromBase64url(leaf), n: 0, day: at.today }, by.key);

/** A reviewer who has stepped back from a message. */
async function left(one: Told, ...others: Told[]): Promise<ReviewWork> {
  const work = new ReviewWork(await desk());
  await work.take(at, standing(one, ...others), []);
  await work.read([one.file], CODES);
  await work.recuse(at, one.leaf);
  return work;
}

const [one, other] = [await told(id(1)), await told(id(2))];
/** What a card says that would tie the other message to the first. */
const LIES: Partial<Card>[] = [{ thread: one.leaf }, { receipt: receiptOf(one.mailbox) }, { of: "followup", thread: one.leaf, receipt: "" }];
const lying = (lie: Partial<Card>): Card => {
  const { receipt, ...rest } = { ...rightly(other), ...lie };
  return receipt === "" ? rest : { ...rest, ...(receipt === undefined ? {} : { receipt }) };
};

test("a message that is open goes with one that was stepped back from by its own mailbox alone, and who says otherwise on a card is named", async () => {
  const names = await told(id(3), { t: "followup", thread: one.leaf });
  const more = await told(one.mailbox, { t: "followup" });
  for (const lie of LIES) {
    const work = await left(one, other, names, more);
    await work.read([other.file, names.file, more.file], CODES);
    await work.take(at, standing(other, names, more), [await card(bela, other, lying(lie)), await card(cleo, other, rightly(other))]);
    assert.deepEqual(work.followers(null), { leaves: [more.leaf], unopened: [] }, JSON.stringify(lie));
    assert.deepEqual(work.wrongCards().map(({ by }) => by), [bela.id], JSON.stringify(lie));
    assert.ok(work.rows(anna.id, ALL).some(({ leaf }) => leaf === other.leaf));
  }
});

test("what is not open is never stepped back from by a card: it is out of sight until it was opened, and that decides", async () => {
  const more = await told(one.mailbox, { t: "followup" });
  for (const lie of LIES) {
    const work = await left(one, other, more);
    const cards = [await card(bela, other, lying(lie)), await card(cleo, other, rightly(other)), await card(bela, more, rightly(more, "followup"))];
    await work.take(at, standing(other, more), cards);
    const shown = (): string[] => work.rows(anna.id, ALL).map(({ leaf }) => leaf);
    assert.deepEqual([work.followers(null), shown()], [{ leaves: [], unopened: [at.epoch] }, []], JSON.stringify(lie));
    await work.read([{ ...other.file, file: more.file.file }], CODES); // the server swapped it: that says nothing of the message
    assert.deepEqual([work.followers(null), shown()], [{ leaves: [], unopened: [at.epoch] }, []]);
    await work.read([other.file, more.file], CODES);
    assert.deepEqual([work.followers(null), shown()], [{ leaves: [more.leaf], unopened: [] }, [other.leaf, more.leaf]]);
  }
});

test("a reviewer's own card is their own word: nothing is opened for it, and no colleague's outweighs it", async () => {
  const more = await told(one.mailbox, { t: "followup" });
  const work = await left(one, other, more);
  const own = [await card(anna, other, rightly(other)), await card(anna, more, rightly(more, "followup"))];
  await work.take(at, standing(other, more), [...own, await card(bela, other, lying(LIES[1] ?? {})), await card(bela, more, rightly({ ...more, mailbox: id(9) }, "followup"))]);
  assert.deepEqual(work.followers(null), { leaves: [more.leaf], unopened: [] });
  assert.deepEqual(work.rows(anna.id, ALL).some(({ leaf }) => leaf === other.leaf), true);
});

test("a step back from what is not open waits until it is, and takes along by no card what is of another writer", async () => {
  const work = new ReviewWork(await desk());
  const more = await told(one.mailbox, { t: "followup" });
  await work.take(at, standing(one, other, more), []);
  await work.read([other.file], CODES);
  const pretends = { ...rightly(one), receipt: receiptOf(other.mailbox) };
  await work.take(at, standing(one, other, more), [await card(bela, one, pretends), await card(cleo, one, rightly(one)), await card(bela, more, rightly(more, "followup"))]);
  assert.deepEqual(work.followers(one.leaf), { leaves: [], unopened: [at.epoch] }, "its card alone says that it is the other's");
  await work.read([one.file], CODES);
  assert.deepEqual(work.followers(one.leaf), { leaves: [], unopened: [at.epoch] }, "what a card puts beside it is opened too");
  await work.read([more.file], CODES);
  assert.deepEqual(work.followers(one.leaf), { leaves: [more.leaf], unopened: [] });

  const blind = new ReviewWork(await desk()); // the server does not give it
  await blind.take(at, standing(one, other), [await card(bela, one, pretends)]);
  await blind.read([other.file], CODES);
  await blind.recuse(at, one.leaf);
  assert.deepEqual(blind.followers(null), { leaves: [], unopened: [] }, "nothing is remembered of it that its card alone said");
});

test("a card that names a first message is right where its maker can have known no better", async () => {
  const [first, gone] = [await told(id(4)), id(8)];
  const more = await told(first.mailbox, { t: "followup", thread: gone });
  const work = await left(one, first, more);
  await work.read([first.file, more.file], CODES);
  const wrong = async (thread: string, of = more): Promise<string[]> => {
    await work.take(at, standing(first, more), [await card(bela, of, { ...rightly(of, of === more ? "followup" : "submission"), thread })]);
    return work.wrongCards().map(({ by }) => by);
  };
  for (const thread of ["", first.leaf, gone, id(9)]) assert.deepEqual(await wrong(thread), [], thread);
  for (const thread of [more.leaf, one.leaf]) assert.deepEqual(await wrong(thread), [bela.id], thread);
  assert.deepEqual(await wrong(gone, first), [bela.id], "a first message belongs to none");
});
