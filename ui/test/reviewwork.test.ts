import assert from "node:assert/strict";
import { test } from "node:test";
import { sha256 } from "@noble/hashes/sha2.js";
import { parseRecord } from "../src/chain.js";
import { actionTag, parseAction } from "../src/action.js";
import { fromBase64, fromBase64url, fromUtf8, toBase64, toBase64url, utf8 } from "../src/encoding.js";
import { leafHash, submissionLeaf } from "../src/leaf.js";
import type { Card } from "../src/coding.js";
import type { Answer, Plaintext, Submission } from "../src/pad.js";
import { Desk, type Delivered } from "../src/panel/desk.js";
import type { Story } from "../src/panel/bench.js";
import { isToAsk, type Case, type Row } from "../src/panel/casework.js";
import { ReviewWorks, type ReviewCall } from "../src/panel/reviewcalls.js";
import type { At, ServedWork } from "../src/panel/epochwork.js";
import type { ServedCodes } from "../src/panel/heldcodes.js";
import { NotDeclared } from "../src/panel/openmessages.js";
import { codedLines, factsOf } from "../src/panel/outgoing.js";
import { NotAskFirst, ReviewWork } from "../src/panel/reviewwork.js";
import { SEALED, sealReview, type Served } from "../src/reviewfile.js";
import { receiptOf } from "../src/card.js";
import { signRecusal, signStepBack } from "../src/stepback.js";
import { openBytes, seal } from "../src/seal.js";
import { MOST_PRIVATE } from "../src/sharing.js";
import { sign } from "../src/signin.js";
import { datedLines } from "../src/panel/outgoing.js";
import { CLINIC, members, offered, served, shownOf, signedList } from "./panels.js";

type Member = Awaited<ReturnType<typeof members>>[0];
const [anna, bela, cleo, dara] = (await members(4)) as [Member, Member, Member, Member];
const lists = served([signedList([anna, bela, cleo, dara], 1)]);
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

/** What a member wrote about a message, sealed and signed. */
const by = (m: typeof anna, leaf: string, kind: "coding" | "consensus" | "note" | "sharing" | "draft", body: object): ReturnType<typeof sealReview> =>
  sealReview({ t: kind, epoch: at.epoch, origin, leaf, by: m.id, body } as Parameters<typeof sealReview>[0],
    { recipient: kind === "draft" ? m.recipient : recipient, clinic: CLINIC, leaf: fromBase64url(leaf), n: 0, day: at.today }, m.key);

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
  const { changes: got, wishes, first: asks } = work.story(first.leaf);
  assert.deepEqual(got.map((c) => c.hold), ["now", "now", "wait_until_i_say"]);
  assert.deepEqual([wishes, asks], [{ share_level: "count_me", ask_me_first: true, hold: "now", hide: ["quotes", "the_date"], must_not: [] }, true]);
});

test("the clocks stand still while a writer who wants to see it first is asked, and who has not declared is not told", async () => {
  const work = new ReviewWork(await desk());
  const asks = [...STORY, { q: "ask_me_first", a: "show_me_before_sharing" }];
  const [first, plain] = [await told({ answers: asks, mailbox: id(4) }), await told({ answers: STORY, mailbox: id(5) })];
  const wish = { v: 1, t: "consent", epoch: at.epoch, origin, sealed_by: "client", mailbox: id(4), thread: null, share_level: "count_me", ask_me_first: false, hold: "now", hide: [] };
  const answer = await toldConsent(wish);
  const answered = toBase64url(leafHash(answer.file.leaf));
  await work.read([first.file, plain.file, answer.file], CODES);
  for (const { leaf } of [first, plain]) {
    await assert.rejects(work.seal(at, leaf, "note", { text: "x" }, 0), NotDeclared);
    work.declare(leaf);
  }
  await assert.rejects(work.seal(at, plain.leaf, "note", { text: "x", asked: true }, 0), NotAskFirst);
  await work.seal(at, first.leaf, "note", { text: "x", asked: true }, 0); // they have said yes, and may be shown other words
  const claimed = await sealReview({ t: "note", epoch: at.epoch, origin, leaf: plain.leaf, by: bela.id, body: { text: "x", asked: true } },
    { recipient, clinic: CLINIC, leaf: fromBase64url(plain.leaf), n: 0, day: at.today }, bela.key);
  await work.take(at, standing([plain.leaf]), [claimed]);
  await work.seal(at, plain.leaf, "note", { text: "x", asked: true }, 0); // a colleague says that they were asked, so only words that they are shown go out

  const opened = new ReviewWork(await desk());
  await opened.read([first.file], CODES);
  const note = await by(anna, first.leaf, "note", { text: "x", asked: true });
  const hers: Served = await sealReview({ t: "note", epoch: at.epoch, origin, leaf: first.leaf, by: bela.id, body: { text: "x", asked: true } },
    { recipient, clinic: CLINIC, leaf: fromBase64url(first.leaf), n: 0, day: at.today }, bela.key);
  const row = async (w: ReviewWork, served: Served[], work: ServedWork): Promise<Row | undefined> => {
    await w.take(at, work, served);
    return w.rows(anna.id, [anna.id, bela.id]).find(({ leaf }) => leaf === first.leaf);
  };
  assert.equal((await row(opened, [hers], standing([first.leaf])))?.pauses, null);
  opened.declare(first.leaf);
  assert.deepEqual((await row(opened, [hers], standing([first.leaf])))?.pauses, [{ from: at.today, to: "" }]);
  assert.deepEqual((await row(opened, [note], standing([first.leaf])))?.pauses, [{ from: at.today, to: "" }]);
  await opened.read([answer.file], CODES);
  const later = standing([first.leaf, answered]);
  later.messages.forEach((m) => { if (m.leaf === b64(answered)) m.day = "2026-12-30"; });
  assert.deepEqual((await row(opened, [hers], later))?.pauses, [{ from: at.today, to: "2026-12-30" }]);

  // What shows them something names what is here of theirs, whatever the page says, and so it is no answer to it.
  const shows = await opened.seal(at, first.leaf, "note", { text: "x", asked: true, form: "theme", had: [] }, 0);
  const one = (await opened.open(at, [shows]))[0];
  assert.deepEqual(typeof one === "object" && "body" in one ? one.body : one, { text: "x", asked: true, form: "theme", had: [answered] });
  later.messages.forEach((m) => { m.day = at.today; });
  assert.deepEqual((await row(opened, [shows], later))?.pauses, [{ from: at.today, to: "" }]);
});

test("who wished to be asked is to be asked from a Monday on, until an answer of that week or later, and what comes later is as urgent as what came first", async () => {
  const work = new ReviewWork(await desk());
  const [receipt, other] = [id(6), id(7)];
  const first = await told({ answers: [{ q: "words", a: "zebrafinch" }], mailbox: receipt, actions: id(8) });
  const beside = await told({ answers: STORY.slice(0, 1), mailbox: other, actions: id(9) });
  const further = async (answers: Answer[]): ReturnType<typeof told> => told({ t: "followup", answers, mailbox: receipt, actions: id(8) });
  const wish = await further([{ q: "check_in", a: "month" }]);
  const payback = await further(STORY.slice(1));
  const never = await further([{ q: "check_in", a: "never" }]);
  await work.read([first.file, beside.file, wish.file], CODES);
  const served = standing([first.leaf, beside.leaf, wish.leaf]);
  await work.take(at, served, []);
  const row = (leaf: string): Row | undefined => work.rows(anna.id, [anna.id, bela.id]).find((r) => r.leaf === leaf);
  assert.deepEqual([row(first.leaf)?.checkIn, row(beside.leaf)?.checkIn], ["2027-01-04", ""]);
  assert.ok(isToAsk({ checkIn: "2027-01-04" }, "2027-01-04") && !isToAsk({ checkIn: "2027-01-04" }, "2027-01-03") && !isToAsk({ checkIn: "" }, "2027-01-04"));
  assert.equal(row(first.leaf)?.card.urgent, false);
  const tag = (n: number, key = 8): string => toBase64(actionTag(new Uint8Array(32).fill(key), "contacted", n));
  const contacted = (day: string, n = 0, key = 8) => ({ tag: tag(n, key), code: "contacted", day });
  for (const [acts, from] of [
    [[contacted("2026-12-28")], "2027-01-04"],
    [[contacted("2027-01-04", 0, 9)], "2027-01-04"],
    [[{ ...contacted("2027-01-04"), code: "received" }], "2027-01-04"],
    [[contacted("2026-12-28"), contacted("2027-01-04", 1)], ""],
  ] as const) {
    work.acted(acts);
    assert.equal(row(first.leaf)?.checkIn, from);
  }
  // They answer, and a new wish is a new wish.
  await work.read([payback.file], CODES);
  await work.take(at, standing([first.leaf, beside.leaf, wish.leaf, payback.leaf]), []);
  assert.deepEqual([row(first.leaf)?.card.urgent, row(first.leaf)?.card.chips], [true, ["force.held_down"]]);
  assert.equal(row(beside.leaf)?.card.urgent, false);
  work.acted([]);
  await work.read([never.file], CODES);
  await work.take(at, standing([first.leaf, beside.leaf, wish.leaf, payback.leaf, never.leaf]), []);
  assert.equal(row(first.leaf)?.checkIn, "");
  assert.ok(!JSON.stringify(work.rows(anna.id, [anna.id, bela.id])).includes("check_in"));
});

test("after a step back the message is forgotten and never opened here again", async () => {
  const work = new ReviewWork(await desk());
  const { file, leaf } = await told({ answers: STORY });
  await work.read([file], CODES);
  work.declare(leaf);
  assert.equal((await work.recuse(at, leaf)).signature.length, 88);
  assert.deepEqual(await work.read([file], CODES), []);
  work.declare(leaf);
  assert.throws(() => work.story(leaf), NotDeclared);
});

test("what is sealed here opens here, a draft for its author alone", async () => {
  const work = new ReviewWork(await desk());
  const { leaf } = await told({});
  work.declare(leaf);
  const note = await work.seal(at, leaf, "note", { text: "hello" }, 0);
  const draft = await work.seal(at, leaf, "draft", { fields: [{ q: "note", a: "half" }] }, 0);
  const got = await work.open(at, [note, draft, { ...note, n: 1 }]);
  assert.deepEqual(got.map((g) => (typeof g === "string" ? g : g.kind)), ["note", "draft", "signature"]);
  assert.equal((await work.open(at, [{ ...draft, kind: "note" }]))[0], "signature");
  const [d, works] = [await desk(), new ReviewWorks()];
  const typed = (served: Served): Promise<unknown> => works.answer(d, { do: "openDraft", at, served });
  assert.deepEqual([await typed(draft), await typed(note)], [[{ q: "note", a: "half" }], null], "what was held over a lock is given to its author");
});

const b64 = (leaf: string): string => toBase64(fromBase64url(leaf));
const message = (leaf: string, more: Record<string, boolean> = {}) => ({ leaf: b64(leaf), day: "2026-12-01", carded: true, coded_in_clear: false, finding: false, ...more });
const standing = (leaves: string[], parts: { leaf: string; reviewer: string; part: string }[] = []): ServedWork => ({ today: at.today, messages: leaves.map((l) => message(l)), parts });

test("no answer to the page holds a word before the declaration, and the calls that would give one refuse", async () => {
  const d = await desk();
  const works = new ReviewWorks();
  const said: unknown[] = [];
  const ask = async (call: ReviewCall): Promise<unknown> => { const a = await works.answer(d, call); said.push(a); return a; };
  const { file, leaf } = await told({ answers: STORY });
  await ask({ do: "takeWork", at, work: standing([leaf]), served: [] });
  await ask({ do: "readFiles", at, files: [file], codes: CODES });
  await ask({ do: "sealCards", at, leaves: [leaf], log: "" });
  const note = await by(bela, leaf, "note", { text: "zebrafinch said so" });
  await ask({ do: "takeWork", at, work: standing([leaf]), served: [note] });
  const rows = await ask({ do: "rows", slug: at.slug }) as Row[];
  assert.deepEqual(rows.map((r) => [r.leaf, r.stage, r.task]), [[leaf, "coding", "declare"]]);
  const more: ReviewCall[] = [
    { do: "openCase", slug: at.slug, leaf, unread: false }, { do: "ownDraft", slug: at.slug, leaf }, { do: "coded", at, leaf, unread: false }, { do: "finding", at, leaf, unread: false },
    { do: "contacted", at, leaf, taken: [] }, { do: "sealReview", at, leaf, kind: "note", body: { text: "x", asked: true } }, { do: "sealReview", at, leaf, kind: "draft", body: { fields: [] } },
  ];
  for (const call of more) await assert.rejects(works.answer(d, call), NotDeclared, JSON.stringify(call));
  assert.equal(works.declared(leaf), false, "nobody is answered");
  await ask({ do: "owed", slug: at.slug, today: at.today, quorum: [], fresh: [], taken: [] });
  const out = [{ leaf, form: "quote" }, { leaf, form: "count" }];
  assert.deepEqual(await ask({ do: "forbidden", slug: at.slug, out }), [false, false], "of what does not lie in the clear nobody is told what its writer forbids");
  assert.ok(!JSON.stringify(said).includes("zebrafinch"));
  await ask({ do: "declare", slug: at.slug, leaf });
  const opened = await ask({ do: "openCase", slug: at.slug, leaf, unread: false }) as { of: Case; story: Story };
  assert.deepEqual([opened.story.answers[0]?.a, opened.of.notes, works.declared(leaf)], ["zebrafinch", [], true], "and what others say of it waits for the own coding");
});

test("of a writer's wishes nobody who has not declared is told more than that something in the clear has to be taken back", async () => {
  const work = new ReviewWork(await desk());
  const { file, leaf } = await told({ answers: [...STORY, { q: "share_level", a: "panel_summary_to_clinic" }, { q: "hold_until", a: "now" }], mailbox: id(40) });
  await work.read([file], CODES);
  const of = async (lies: Record<string, boolean>): Promise<boolean[]> => {
    await work.take(at, { ...standing([]), messages: [message(leaf, lies)] }, []);
    return work.clear.forbidden(["count", "paraphrase", "quote", "another"].map((form) => ({ leaf, form })));
  };
  assert.deepEqual(await of({}), [false, false, false, false]);
  assert.deepEqual(await of({ finding: true }), [false, false, true, true]);
  const less = await toldConsent({ v: 1, t: "consent", epoch: at.epoch, origin, sealed_by: "client", mailbox: id(40), thread: null, share_level: "panel_only", ask_me_first: false, hold: "now", hide: [] });
  await work.read([less.file], CODES);
  assert.deepEqual([await of({ finding: true }), await of({ coded_in_clear: true })], [[false, true, true, true], [true, false, false, false]]);
});

const wish = (mailbox: string, more: object): Record<string, unknown> =>
  ({
    v: 1, t: "consent", epoch: at.epoch, origin, sealed_by: "client", mailbox, thread: null,
    share_level: "my_words_public", ask_me_first: false, hold: "now", hide: [], ...more,
  });

// The claims are those of TestWhatCameLaterIsReadWithTheFirstMessageAndWithoutItNeverSharedOrCounted in internal/client.
test("what came later has the wishes of the first message, and without it is read, and never shared or counted", async () => {
  const work = new ReviewWork(await desk());
  const found = { taxonomy: "0.2.0", yes: ["force"], no: [], items: [], good: [], seriousness: 2, involved: [], repair: [] };
  const asks = { q: "ask_me_first", a: "show_me_before_sharing" };
  const little = [{ q: "share_level", a: "panel_only" }, { q: "must_not", a: "do_not_tell_my_worker" }, asks];
  const much = [{ q: "share_level", a: "my_words_public" }, { q: "hold_until", a: "now" }];
  const first = await told({ mailbox: id(41), answers: little });
  const more = await told({ t: "followup", mailbox: id(41), answers: [...STORY, ...much] });
  const change = await toldConsent(wish(id(41), {}));
  const codings = [await by(anna, more.leaf, "coding", found), await by(bela, more.leaf, "coding", found)];
  const agreed = { ...found, codings: codings.map((c) => toBase64url(sha256(fromBase64(c.file)))).sort() };
  const files = [...codings, await by(anna, more.leaf, "consensus", agreed), await by(bela, more.leaf, "consensus", agreed)];
  const members = [anna.id, bela.id];
  const held = (leaves: string[], lies: Record<string, boolean> = {}): Promise<unknown> =>
    work.take(at, { ...standing([]), messages: leaves.map((leaf) => message(leaf, leaf === more.leaf ? lies : {})) }, files);
  const lying = ["count", "quote"].map((form) => ({ leaf: more.leaf, form }));
  const clear = (): unknown => [work.clear.forbidden(lying), work.clear.uncounted(), work.coded(at, more.leaf, members)];

  await work.read([first.file, more.file, change.file], CODES);
  await held([first.leaf, more.leaf]);
  const wishes = work.behind(more.leaf, members)?.wishes;
  assert.deepEqual([wishes, work.behind(more.leaf, members)?.first], [work.behind(first.leaf, members)?.wishes, true]);
  assert.deepEqual([wishes?.must_not, wishes?.share_level], [["do_not_tell_my_worker"], "my_words_public"]);
  await held([first.leaf, more.leaf], { coded_in_clear: true, finding: true });
  assert.deepEqual(clear(), [[true, true], [], null], "they are shared and counted once, with what they told first");

  await held([more.leaf], { coded_in_clear: true, finding: true }); // the first one is taken back
  assert.equal(work.behind(more.leaf, members)?.wishes.share_level, "panel_only");
  assert.deepEqual(clear(), [[true, true], [], null]);
  await held([more.leaf]);
  assert.deepEqual(clear(), [[false, false], [], null]);
  const [row] = work.rows(anna.id, members);
  assert.deepEqual([row?.stage, row?.task, row?.card.thread], ["beside", "look", ""]);
  work.declare(more.leaf);
  const story = work.story(more.leaf);
  assert.deepEqual([story.orphan, story.allRead, story.answers.some(({ a }) => a === "zebrafinch")], [true, false, true]);
  assert.deepEqual(work.finding(at, more.leaf, members), { why: ["not-agreed"] });
});

test("what a writer hides since the decision, and their own words once they do not allow them, are taken back", async () => {
  const work = new ReviewWork(await desk());
  const own = "they held me down on the cold floor until I stopped";
  const much = [{ q: "share_level", a: "my_words_to_clinic" }, { q: "hold_until", a: "now" }];
  const first = await told({ mailbox: id(42), answers: [{ q: "words", a: own }, ...much] });
  const wishes = { share_level: "my_words_to_clinic", ask_me_first: false, hold: "now", hide: [], must_not: [] };
  const words = `Somebody says: ${own}.`;
  const decided = (form: string): Promise<Served> =>
    by(bela, first.leaf, "sharing", { decision: "share", form, words, wishes, consensus: [id(1), id(2)], check: id(3), of: "" });
  const forbidden = async (form: string, consent: object | null): Promise<boolean | undefined> => {
    const decision = await decided(form);
    const fresh = new ReviewWork(await desk());
    const change = await toldConsent(wish(id(42), { share_level: "my_words_to_clinic", ...consent }));
    await fresh.read([first.file, ...(consent === null ? [] : [change.file])], CODES);
    await fresh.take(at, { ...standing([]), messages: [message(first.leaf, { finding: true })] }, [decision]);
    return fresh.clear.forbidden([{ leaf: first.leaf, form, sharing: toBase64url(sha256(fromBase64(decision.file))) }])[0];
  };
  assert.equal(work.clear.forbidden([{ leaf: first.leaf, form: "quote" }])[0], false, "it is not here");
  assert.deepEqual([await forbidden("quote", null), await forbidden("paraphrase", null)], [false, false]);
  for (const form of ["quote", "paraphrase"]) assert.equal(await forbidden(form, { hide: ["the_date"] }), true, form);
  assert.equal(await forbidden("paraphrase", { hide: ["quotes"] }), true, "their own words, called the panel's");
  assert.equal(await forbidden("paraphrase", { share_level: "panel_summary_to_clinic" }), true);
});

test("naming somebody's message ties nothing to it: another mailbox raises no wish, and what names it stands alone", async () => {
  const work = new ReviewWork(await desk());
  const first = await told({ answers: [...STORY, { q: "share_level", a: "panel_only" }], mailbox: id(5) });
  const wish = { v: 1, t: "consent", epoch: at.epoch, origin, sealed_by: "client", mailbox: id(6), thread: first.leaf, share_level: "my_words_public", ask_me_first: false, hold: "now", hide: [] };
  const forged = await toldConsent(wish);
  assert.equal((await work.read([forged.file], CODES))[0]?.card.thread, first.leaf, "alone it says what it says");
  const cards = await work.read([first.file], CODES);
  assert.equal(cards[0]?.card.thread, "");
  await work.take(at, standing([first.leaf, toBase64url(leafHash(forged.file.leaf))]), []);
  assert.deepEqual(work.rows(anna.id, [anna.id, bela.id]).map((r) => [r.card.of, r.card.thread]), [["submission", ""], ["consent", ""]]);
  await work.take(at, { ...standing([]), messages: [message(first.leaf, { coded_in_clear: true, finding: true })] }, []);
  assert.deepEqual(work.clear.forbidden(["count", "theme"].map((form) => ({ leaf: first.leaf, form }))), [true, true]);
  work.declare(first.leaf);
  assert.deepEqual(work.story(first.leaf).changes, []);
});

test("what somebody sent that does not open keeps nobody's words back; what the server swapped does, and gets no card", async () => {
  const work = new ReviewWork(await desk());
  const first = await told({ answers: STORY });
  const sent = await told({ answers: STORY, origin: "other.example/answerable" });
  await work.read([first.file, sent.file], CODES);
  work.declare(first.leaf);
  assert.equal(work.story(first.leaf).allRead, true);
  assert.equal((await work.cards(at, [sent.leaf])).length, 1);
  const swapped = { ...(await told({})).file, file: first.file.file };
  const [card] = await work.read([swapped], CODES);
  assert.ok(card);
  assert.equal(card.card.of, "junk");
  assert.equal((await work.cards(at, [card.leaf])).length, 0);
  assert.equal(work.story(first.leaf).allRead, false);
});

test("a missing file of an epoch that is read whole, or a key that stays shut, keeps words back", async () => {
  const work = new ReviewWork(await desk());
  const [first, other] = [await told({ answers: STORY }), await told({})];
  await work.take(at, standing([first.leaf, other.leaf]), []);
  await work.read([first.file], CODES);
  work.declare(first.leaf);
  work.want([at.epoch]);
  assert.deepEqual([work.lacking(at.epoch), work.story(first.leaf).allRead], [1, false]);
  await work.read([other.file], CODES);
  assert.deepEqual([work.lacking(at.epoch), work.story(first.leaf).allRead, work.story(first.leaf, true).allRead], [0, true, false]);
});

test("what came in after a message and went with its key keeps its words back, and who reads it is told", async () => {
  const work = new ReviewWork(await desk());
  const first = await told({ answers: STORY });
  await work.read([first.file], CODES);
  const toldOf = async (laterGone: boolean): Promise<boolean> => {
    await work.take(at, { ...standing([]), messages: [message(first.leaf, { laterGone })] }, []);
    work.declare(first.leaf);
    return work.story(first.leaf).laterGone;
  };
  assert.deepEqual([await toldOf(false), await toldOf(true)], [false, true]);
});

test("of stored cards one that says there is something to read counts, and a wrong one is told once the message is here", async () => {
  const mine = await desk();
  const { file, leaf } = await told({ answers: STORY });
  const of = (kind: "decoy" | "submission") => ({ of: kind, thread: "", service: "", roles: [], when: "", chips: [], urgent: false, taxonomy: "0.2.0" });
  const file0 = { t: "card", epoch: at.epoch, origin, leaf, by: bela.id, body: of("decoy") } as const;
  const hiding = await sealReview(file0, { recipient, clinic: CLINIC, leaf: fromBase64url(leaf), n: 0, day: at.today }, bela.key);
  const right = await new ReviewWork(mine).seal(at, leaf, "card", of("submission"), 0);
  const work = new ReviewWork(mine);
  assert.deepEqual((await work.take(at, standing([leaf]), [hiding, right])).carded, [leaf]);
  assert.equal(work.rows(anna.id, [anna.id, bela.id])[0]?.card.of, "submission");
  assert.deepEqual(work.wrongCards(), []);
  await work.take(at, standing([leaf]), [hiding]);
  await work.read([file], CODES);
  assert.equal(work.rows(anna.id, [anna.id, bela.id])[0]?.card.of, "submission");
  assert.deepEqual(work.wrongCards().map(({ by }) => by), [bela.id]);
});

test("of cards that differ all warnings, the urgent one and each service stand, whoever made them, and once the message is here the wrong ones are told", async () => {
  const mine = await desk();
  const { file, leaf } = await told({ answers: [...STORY, { q: "service", a: "ward" }] });
  const reader = new ReviewWork(mine);
  await reader.read([file], CODES);
  const [right] = await reader.cards(at, [leaf]);
  const card: Card = { of: "submission", thread: "", service: "crisis_house", roles: ["doctor"], when: "this_month", chips: ["bias"], urgent: false, taxonomy: "0.1.0" };
  const theirs = (body: Card): ReturnType<typeof sealReview> =>
    sealReview({ t: "card", epoch: at.epoch, origin, leaf, by: bela.id, body }, { recipient, clinic: CLINIC, leaf: fromBase64url(leaf), n: 0, day: at.today }, bela.key);
  assert.ok(right);
  const seen = async (other: Card): Promise<unknown> => {
    const work = new ReviewWork(mine);
    await work.take(at, standing([leaf]), [await theirs(other), right]);
    const { of, service, roles, when, chips, urgent, differ } = work.rows(anna.id, [anna.id, bela.id])[0]?.card ?? assert.fail();
    return { of, one: service !== "", roles, one_when: when, chips, urgent, differ };
  };
  const all = { of: "submission", one: true, roles: ["doctor", "nurse"], chips: ["bias", "force.held_down"], urgent: true };
  assert.deepEqual(await seen(card), { ...all, one_when: anna.id < bela.id ? "" : "this_month", differ: { services: ["crisis_house", "ward"], whens: ["", "this_month"] } });
  assert.deepEqual(await seen({ ...card, of: "about_you", service: "", roles: [], when: "", chips: [] }), { ...all, roles: ["nurse"], chips: ["force.held_down"], one_when: "", differ: undefined });
  const wrong = async (other: Card): Promise<string[]> => {
    const work = new ReviewWork(mine);
    await work.take(at, standing([leaf]), [await theirs(other), right]);
    await work.read([file], CODES);
    return work.wrongCards().map(({ by: who }) => who);
  };
  const same: Card = { ...card, service: "ward", roles: ["nurse"], when: "", chips: ["force.held_down"], urgent: true, taxonomy: "0.2.0" };
  assert.deepEqual(await wrong({ ...same, taxonomy: "0.1.0", log: `7 ${toBase64(new Uint8Array(32))}` }), [], "by which list and log it was made does not matter");
  for (const lie of [{ of: "about_you" as const }, { service: "crisis_house" }, { roles: [] }, { when: "this_month" }, { chips: [] }, { urgent: false }, { receipt: id(3) }, { actions: id(3) }]) {
    assert.deepEqual(await wrong({ ...same, ...lie }), [bela.id], JSON.stringify(lie));
  }
});

test("a part that the server names is no declaration: only this reviewer's own signed words on a message are", async () => {
  const work = new ReviewWork(await desk());
  const { leaf } = await told({ answers: STORY });
  const card = await work.seal(at, leaf, "card", { of: "submission", thread: "", service: "", roles: [], when: "", chips: [], urgent: false, taxonomy: "0.2.0" }, 0);
  const theirs = await sealReview({ t: "note", epoch: at.epoch, origin, leaf, by: bela.id, body: { text: "theirs" } }, { recipient, clinic: CLINIC, leaf: fromBase64url(leaf), n: 0, day: at.today }, bela.key);
  const claimed = { ...standing([leaf]), parts: [{ leaf: b64(leaf), reviewer: anna.id, part: "coder" }] };
  const declared = async (files: Parameters<ReviewWork["take"]>[2]): Promise<boolean | undefined> => {
    await work.take(at, claimed, files);
    return work.rows(anna.id, [anna.id, bela.id])[0]?.declared;
  };
  assert.equal(await declared([card, theirs]), false);
  for (const own of [await by(anna, leaf, "draft", { fields: [] }), await by(anna, leaf, "note", { text: "mine" })]) {
    assert.equal(await declared([card, theirs, own]), true);
  }
});

test("only a step back that this reviewer signed counts, and with it goes what its writer sends later", async () => {
  const d = await desk();
  const work = new ReviewWork(d);
  const first = await told({ answers: STORY, mailbox: id(7) });
  await work.read([first.file], CODES);
  await work.recuse(at, first.leaf); // the server does not take it, and it is signed again
  const { signature, reminder } = await work.recuse(at, first.leaf);
  assert.equal(fromBase64(reminder.file).length, SEALED);
  const [theirs] = [signRecusal(CLINIC, fromBase64url(id(9)), bela.key)];
  const again = new ReviewWork(d);
  assert.deepEqual(await again.ownRecusals(CLINIC, [{ leaf: b64(first.leaf), signature }, { leaf: b64(id(9)), signature: theirs }, { leaf: b64(id(8)), signature }, { leaf: "%", signature: "%" }]), [first.leaf]);
  assert.deepEqual(await again.ownRecusals("another", [{ leaf: b64(first.leaf), signature }]), []);
  const more = await told({ t: "followup", mailbox: id(7), thread: first.leaf, answers: STORY });
  await again.read([first.file, more.file], CODES);
  assert.deepEqual(again.followers(null).leaves, [], "what a message says of its thread is anybody's word");

  // In another sign-in, of a message that does not say what it belongs to: by what the reviewer kept of it.
  const silent = await told({ t: "followup", mailbox: id(7), answers: STORY });
  const after = async (kept: { file: string; signature: string } | null): Promise<string[]> => {
    const anew = new ReviewWork(d);
    assert.deepEqual(await anew.ownRecusals(CLINIC, [{ leaf: b64(first.leaf), signature, reminder: kept }]), [first.leaf]);
    await anew.read([silent.file], CODES);
    return anew.followers(null).leaves;
  };
  assert.deepEqual(await after(reminder), [silent.leaf]);
  assert.deepEqual(await after(null), []);
  assert.deepEqual(await after({ ...reminder, signature }), [], "signed for something else");
  const forged = await signStepBack({ ...at, leaf: first.leaf, receipt: receiptOf(id(7)) }, anna.recipient, bela.key);
  assert.deepEqual(await after(forged.reminder), [], "sealed to this reviewer by somebody else");
});

test("what its writer sends after a message that somebody stepped back from is gone goes with it, by what they keep, which names no message", async () => {
  const d = await desk();
  const work = new ReviewWork(d);
  const first = await told({ answers: STORY, mailbox: id(7) });
  await work.read([first.file], CODES);
  const { kept, reminder, signature } = await work.recuse(at, first.leaf);
  assert.equal(fromBase64(kept.file).length, SEALED);
  const inside = fromUtf8(await openBytes(fromBase64(kept.file), anna.identity));
  for (const named of [first.leaf, at.epoch]) assert.ok(!inside.includes(named), "it names the message or its month");
  const next = await told({ t: "followup", mailbox: id(7), thread: first.leaf, answers: STORY });
  const other = await told({ t: "followup", mailbox: id(6), answers: STORY });
  const after = async (given: typeof kept, clinic = CLINIC): Promise<string[]> => {
    const anew = new ReviewWork(d);
    assert.deepEqual(await anew.ownRecusals(clinic, [], [given]), [], "the server lists no step back any more");
    await anew.read([next.file, other.file], CODES);
    return anew.followers(null).leaves;
  };
  assert.deepEqual(await after(kept), [next.leaf]);
  const forged = await signStepBack({ ...at, leaf: first.leaf, receipt: receiptOf(id(7)) }, anna.recipient, bela.key);
  for (const wrong of [{ ...kept, signature }, forged.kept, reminder, { file: "%", signature: "%" }]) assert.deepEqual(await after(wrong), []);
  assert.deepEqual(await after(kept, "another"), []);
});

test("acts that are owed are worked out from cards, each under one tag, whoever did the others; a file without a key has a tag that the panel alone works out", async () => {
  const mine = await desk();
  const work = new ReviewWork(mine);
  const actions = id(11);
  const tagOf = (n: number): string => toBase64(actionTag(fromBase64url(actions), "received", n));
  const [first, more, decoy] = [await told({ answers: STORY, actions, mailbox: id(12) }), await told({ t: "followup", actions, mailbox: id(12) }), await told({ v: 1, t: "decoy" })];
  const leaves = [first.leaf, more.leaf, decoy.leaf];
  await work.take(at, standing(leaves), []);
  await work.read([first.file, more.file, decoy.file], CODES);
  const owed = (w: ReviewWork, fresh: string[], taken: string[]): string[] => w.owed(at.today, [], fresh, taken).map(({ text }) => toBase64(parseAction(text).tag));
  assert.deepEqual(owed(work, leaves, []), [], "nothing is owed before there is a card");
  const cards = await work.cards(at, leaves);
  await work.take(at, standing(leaves), cards);
  const all = owed(work, leaves, []);
  assert.deepEqual([all.length, all.includes(tagOf(0)), all.includes(tagOf(1))], [3, true, true]);
  assert.deepEqual(owed(work, [], all.slice(1)), all.slice(0, 1), "an act that was lost is owed at the next start");
  assert.deepEqual(owed(work, [], all), [], "what stands is not done again");
  assert.equal(work.owed(at.today, [at.epoch], [], all).length, 3, "one more of each where several open the key");
  const later = new ReviewWork(mine);
  await later.take(at, standing(leaves), cards);
  const decoyTag = all.filter((tag) => tag !== tagOf(0) && tag !== tagOf(1));
  assert.deepEqual(owed(later, [], []), all, "whoever has the cards makes good what was lost, and opens nothing for it");
  await later.take(at, standing([more.leaf]), cards);
  assert.deepEqual(owed(later, [more.leaf], [tagOf(0)]), [tagOf(1)], "of a receipt whose first message is gone the next one is owed");
  assert.equal(decoyTag.length, 1);
});

test("an agreement and a decision to keep are owed in public, once for a receipt, and wait for their hour on the day itself", async () => {
  const work = new ReviewWork(await desk());
  const actions = id(13);
  const first = await told({ answers: STORY, actions, mailbox: id(14) });
  await work.read([first.file], CODES);
  const [card] = await work.cards(at, [first.leaf]);
  assert.ok(card);
  const wishes = { share_level: "panel_only", ask_me_first: false, hold: "now", hide: [], must_not: [] };
  const kept = await by(anna, first.leaf, "sharing", { decision: "keep", form: "", words: "too few work there", wishes, consensus: [], check: "", of: "" });
  const theirs = await sealReview({ t: "sharing", epoch: at.epoch, origin, leaf: first.leaf, by: bela.id, body: { decision: "keep", form: "", words: "so do I", wishes, consensus: [], check: "", of: "" } },
    { recipient, clinic: CLINIC, leaf: fromBase64url(first.leaf), n: 0, day: at.today }, bela.key);
  const received = toBase64(actionTag(fromBase64url(actions), "received", 0));
  const owed = async (files: Parameters<ReviewWork["take"]>[2], today = at.today): Promise<[string, boolean][]> => {
    await work.take(at, standing([first.leaf]), files);
    return work.owed(today, [], [], [received]).map(({ text, old }) => [parseAction(text).code, old]);
  };
  assert.deepEqual(await owed([card, theirs]), [], "who had no part in it says nothing");
  assert.deepEqual(await owed([card, kept]), [["closed", false]]);
  assert.deepEqual(await owed([card, kept, theirs], "2026-12-03"), [["closed", true]]);
  work.declare(first.leaf);
  assert.deepEqual(work.contacted(at, first.leaf, []).map((t) => parseAction(t).day), Array(4).fill("2026-11-30"));
});

test("one member's card is not enough: the message is opened by a second, and what a card says of its receipt ties no other to it", async () => {
  const mine = await desk();
  const first = await told({ answers: STORY, mailbox: id(15), actions: id(16) });
  const decoy: Card = { of: "decoy", thread: "", service: "", roles: [], when: "", chips: [], urgent: false, taxonomy: "0.2.0" };
  const by = (who: typeof bela, body: Card): ReturnType<typeof sealReview> =>
    sealReview({ t: "card", epoch: at.epoch, origin, leaf: first.leaf, by: who.id, body }, { recipient, clinic: CLINIC, leaf: fromBase64url(first.leaf), n: 0, day: at.today }, who.key);
  const work = new ReviewWork(mine);
  const one = await work.take(at, standing([first.leaf]), [await by(bela, decoy)]);
  assert.deepEqual([one.carded, one.seen], [[], [first.leaf]]);
  const seen = (n: number): string => `${String(n)} ${toBase64(new Uint8Array(32).fill(n))}`;
  await work.take(at, standing([first.leaf]), [await by(bela, { ...decoy, log: seen(9) }), await by(anna, { ...decoy, log: seen(7) })]);
  assert.deepEqual(work.sightings().map(({ by: who, size, root }) => [who === bela.id, `${String(size)} ${root}`]).sort(), [[false, seen(7)], [true, seen(9)]]);
  const two = await work.take(at, standing([first.leaf]), [await by(bela, decoy), await by(anna, decoy)]);
  assert.deepEqual(two.carded, [first.leaf]);
  await work.read([first.file], CODES);
  const [own] = await work.cards(at, [first.leaf]);
  assert.ok(own);
  const shown = work.rows(anna.id, [anna.id, bela.id])[0]?.card;
  assert.deepEqual([shown?.of, shown?.receipt, shown?.actions], ["submission", undefined, undefined], "what ties a message stays in the worker");

  // A consent of another receipt that names the message stands alone, though nobody here opened either.
  const others = new ReviewWork(mine);
  const wish = await toldConsent({ v: 1, t: "consent", epoch: at.epoch, origin, sealed_by: "client", mailbox: id(17), thread: first.leaf, share_level: "my_words_public", ask_me_first: false, hold: "now", hide: [] });
  const wishLeaf = toBase64url(leafHash(wish.file.leaf));
  const elsewhere = new ReviewWork(mine);
  await elsewhere.read([wish.file], CODES);
  const [named] = await elsewhere.cards(at, [wishLeaf]);
  assert.ok(named);
  await others.take(at, standing([first.leaf, wishLeaf]), [own, named]);
  assert.deepEqual(others.rows(anna.id, [anna.id, bela.id]).map((r) => [r.card.of, r.card.thread]), [["submission", ""], ["consent", ""]]);
});

test("a message that the server lists under another key than its leaf names is not there", async () => {
  const work = new ReviewWork(await desk());
  const first = await told({ answers: STORY });
  await work.take({ ...at, epoch: "2026-12-moved" }, standing([first.leaf]), []);
  await work.take(at, standing([]), []);
  await work.read([first.file], CODES);
  work.declare(first.leaf);
  assert.deepEqual(work.rows(anna.id, [anna.id]), []);
  assert.throws(() => work.case(first.leaf, [anna.id]), NotDeclared);
});

test("codes that two agree on lie in the clear for a writer who allows a count, and for none whose wishes forbid it", async () => {
  const work = new ReviewWork(await desk());
  const found = { taxonomy: "0.2.0", yes: ["force"], no: [], items: [], good: [], seriousness: 2, involved: [], repair: [] };
  const codedOf = async (answers: { q: string; a: string }[], unread = false, laterGone = false): Promise<boolean> => {
    const { file, leaf } = await told({ answers: [...STORY, ...answers], mailbox: id(next++) });
    const codings = [await by(anna, leaf, "coding", found), await by(bela, leaf, "coding", found)];
    const agreed = { ...found, codings: codings.map((c) => toBase64url(sha256(fromBase64(c.file)))).sort() };
    const files = [...codings, await by(anna, leaf, "consensus", agreed), await by(bela, leaf, "consensus", agreed)];
    await work.read([file], CODES);
    await work.take(at, { ...standing([]), messages: [message(leaf, { laterGone })] }, files); // what she signed counts, in a browser that has not seen her declare too
    const counts = work.coded(at, leaf, [anna.id, bela.id], unread) !== null;
    if (!unread && !laterGone) assert.deepEqual(work.clear.uncounted(), counts ? [{ leaf, epoch: at.epoch }] : []);
    await work.take(at, { ...standing([]), messages: [message(leaf, { coded_in_clear: true })] }, files);
    assert.deepEqual(work.clear.uncounted(), []);
    return counts;
  };
  const [allows, now] = [{ q: "share_level", a: "my_words_public" }, { q: "hold_until", a: "now" }];
  assert.equal(await codedOf([allows, now]), true);
  assert.equal(await codedOf([{ q: "share_level", a: "count_me" }, { q: "hide", a: "quotes\nthe_date" }, { q: "must_not", a: "do_not_tell_my_worker" }]), true, "what hides words hides no count");
  for (const wish of [[], [allows], [{ q: "share_level", a: "panel_only" }], [{ q: "share_level", a: "everything" }], [allows, { q: "hold_until", a: "wait_until_i_say" }],
    [allows, { q: "hold_until", a: "whenever" }], [allows, now, { q: "ask_me_first", a: "show_me_before_sharing" }]]) {
    assert.equal(await codedOf(wish), false, JSON.stringify(wish));
  }
  assert.equal(await codedOf([allows, now], true), false, "something later is not read");
  assert.equal(await codedOf([allows, now], false, true), false, "something later went with its key");
});

test("codes are held against what two agree on whether the message is open here or not, with what was written as new as they are", async () => {
  const mine = await desk();
  const work = new ReviewWork(mine);
  const found = { taxonomy: "0.2.0", yes: ["force"], no: [], items: [], good: [], seriousness: 2, involved: [], repair: [] };
  const { file, leaf } = await told({ answers: [...STORY, { q: "service", a: "ward" }], mailbox: id(next++) });
  const codings = [await by(anna, leaf, "coding", found), await by(bela, leaf, "coding", found)];
  const agreed = { ...found, codings: codings.map((c) => toBase64url(sha256(fromBase64(c.file)))).sort() };
  const card = await sealReview({ t: "card", epoch: at.epoch, origin, leaf, by: bela.id, body: { of: "submission", thread: "", service: "ward", roles: [], when: "", chips: [], urgent: false, taxonomy: "0.2.0" } },
    { recipient, clinic: CLINIC, leaf: fromBase64url(leaf), n: 0, day: at.today }, bela.key);
  const files = [card, ...codings, await by(anna, leaf, "consensus", agreed), await by(bela, leaf, "consensus", agreed)];
  const codesOf = (yes: string[], service = "ward"): ServedCodes => {
    const hash = toBase64(sha256(utf8(JSON.stringify(factsOf(service, { ...agreed, yes })))));
    return { facts_hash: hash, by: bela.id, signature: sign(`answerable/v1/coded\n${codedLines(CLINIC, b64(leaf), hash)}`, bela.key) };
  };
  const wrong = async (codes: ServedCodes | undefined, served: Served[] | null = files, parts: ServedWork["parts"] = []): Promise<string[]> => {
    await work.take(at, { ...standing([], parts), messages: [{ ...message(leaf, { coded_in_clear: true }), ...(codes !== undefined && { codes }) }] }, served);
    return work.clear.wrong(CLINIC, mine.keys.lists(at.slug)).map(({ holding, by: who, signed }) => `${holding} ${String(who === bela.id)} ${String(signed)}`);
  };
  assert.deepEqual(await wrong(codesOf(["voice"]), null), [], "nothing was fetched that they could be held against");
  assert.deepEqual([await wrong(codesOf(["force"])), await wrong(codesOf(["voice"])), await wrong(codesOf(["force"], "visits"))], [[], ["differs true true"], ["differs true true"]]);
  assert.deepEqual([await wrong(codesOf(["force"])), await wrong(codesOf(["voice"]), null)], [[], []], "they came after what was fetched");
  assert.deepEqual(await wrong({ ...codesOf(["force"]), by: anna.id }), ["differs false false"]);
  assert.deepEqual(await wrong(undefined), ["hidden false false"]);
  assert.deepEqual(await wrong(undefined, files, [{ leaf: b64(leaf), reviewer: anna.id, part: "third" }]), ["hidden false false"], "who has coded is shown them");
  const alone = files.filter(({ author }) => author !== anna.id);
  assert.deepEqual(await wrong(undefined, alone, [{ leaf: b64(leaf), reviewer: anna.id, part: "third" }]), [], "who reads as the third is not");
  assert.deepEqual(await wrong(codesOf(["force"]), alone), ["differs true true"], "one agrees with nobody");
  const count = [{ leaf, form: "count" }];
  assert.deepEqual([await wrong(codesOf(["force"])), work.clear.forbidden(count)], [[], [false]], "what its writer allows nobody knows who does not have it open");
  await work.read([file], CODES);
  assert.deepEqual([await wrong(codesOf(["force"])), await wrong(codesOf(["force"], "visits")), work.clear.forbidden(count)], [[], ["differs true true"], [true]]);
  work.forget(leaf);
  assert.deepEqual(await wrong(codesOf(["voice"])), [], "of what was stepped back from nothing is said");
});

// The claims are those of TestNothingUnsignedTakesAMessageOutOfTheWork in internal/client.
test("nothing unsigned takes a message out of the work: a coding and a step back count with the signature of whose they are", async () => {
  const work = new ReviewWork(await desk());
  const { file, leaf } = await told({ answers: STORY });
  await work.read([file], CODES);
  const part = (more: Partial<ServedWork["parts"][number]>): ServedWork["parts"][number] => ({ leaf: b64(leaf), reviewer: bela.id, part: "coded", ...more });
  const row = async (parts: ServedWork["parts"], served: Served[] = []): Promise<Row | undefined> => {
    await work.take(at, standing([leaf], parts), served);
    return work.rows(anna.id, [anna.id, bela.id])[0];
  };
  const sealed = await sealReview({ t: "coding", epoch: at.epoch, origin, leaf, by: bela.id, body: { taxonomy: "0.2.0", yes: ["force"], no: [], items: [], good: [], seriousness: 2, involved: [], repair: [] } }, { recipient, clinic: CLINIC, leaf: fromBase64url(leaf), n: 0, day: at.today }, bela.key);
  const envelope = { signature: sealed.signature, file_hash: toBase64(sha256(fromBase64(sealed.file))), day: at.today };
  const stepped = signRecusal(CLINIC, fromBase64url(leaf), bela.key);
  const invented = [
    part({}), part({ ...envelope, day: "2026-11-30" }), part({ ...envelope, reviewer: anna.id }), part({ ...envelope, signature: "no base64" }),
    part({ part: "recused" }), part({ part: "recused", signature: signRecusal(CLINIC, fromBase64url(leaf), anna.key) }), part({ part: "recused", reviewer: anna.id, signature: stepped }),
    part({ part: "coder", reviewer: "rstranger" }), part({ reviewer: "rstranger" }),
  ];
  for (const p of invented) {
    const r = await row([p, part({ part: "coder", reviewer: anna.id })]);
    assert.deepEqual([r?.coded, r?.free, r?.claims, r?.stage], [[], [anna.id, bela.id], [{ by: anna.id, role: "coder" }], "coding"], JSON.stringify(p));
    assert.deepEqual(work.unproven(), p.part === "coder" ? [] : [{ by: p.reviewer, part: p.part }]);
  }
  assert.deepEqual((await row([part(envelope)]))?.coded, [bela.id], "it is shown with its envelope before anybody is given it");
  assert.deepEqual((await row([part({})], [sealed]))?.coded, [bela.id], "what is here itself needs no more");
  const left = await row([part({ part: "recused", signature: stepped })]);
  assert.deepEqual([left?.free, left?.stage, work.unproven()], [[anna.id], "too-few", []]);
});

// The steps are those of TestAServerCannotEndTheDaysInWhichMembersObject in internal/client.
test("a server cannot end the days in which members object: a message is given out by a finding that a member signed for the decision that stands", async () => {
  const work = new ReviewWork(await desk());
  const { file, leaf } = await told({ answers: STORY });
  await work.read([file], CODES);
  const found = { taxonomy: "0.2.0", yes: ["force"], no: [], items: [], good: [], seriousness: 2, involved: [], repair: [] };
  const codings = [await by(anna, leaf, "coding", found), await by(bela, leaf, "coding", found)];
  const named = codings.map((s) => toBase64url(sha256(fromBase64(s.file)))).sort();
  const agreements = [await by(anna, leaf, "consensus", { ...found, codings: named }), await by(bela, leaf, "consensus", { ...found, codings: named })];
  const consensus = agreements.map((s) => toBase64url(sha256(fromBase64(s.file)))).sort();
  const decision = await by(bela, leaf, "sharing", { decision: "share", form: "paraphrase", words: "held", wishes: { ...MOST_PRIVATE, share_level: "panel_summary_to_clinic", ask_me_first: false, hold: "now", hide: [] }, consensus, check: id(1), of: "" });
  const says = { ...standing([]), messages: [message(leaf, { finding: true, handed_over: true })] };
  await work.take(at, says, [...codings, ...agreements, decision]);
  const sharing = toBase64(sha256(fromBase64(decision.file)));
  const signed = { form: "paraphrase" as const, words: "held", themes: [], must_not: [], leaf: b64(leaf), sharing };
  const finding = { ...signed, id: "1", day: at.today, by: bela.id, signature: sign(`answerable/v1/dated-finding\n${datedLines(CLINIC, signed, at.today)}`, bela.key) };
  const owed = (): string[] => work.owed(at.today, [], [], []).map(({ text }) => parseAction(text).code);
  const card = await by(anna, leaf, "card" as "note", work.rows(anna.id, [anna.id, bela.id])[0]?.card ?? {});
  await work.take(at, says, [...codings, ...agreements, decision, card]);
  const now = (): unknown => [work.rows(anna.id, [anna.id, bela.id])[0]?.stage, work.unsigned(), owed().sort()];
  const open = ["agreed", [{ epoch: at.epoch, day: "2026-12-01" }], ["assessed", "received"]];
  assert.deepEqual(now(), open);
  for (const change of [{ by: anna.id }, { sharing: b64(leaf) }, { day: "2026-12-01" }, { words: "other" }]) {
    work.found(at, [{ ...finding, ...change }]);
    assert.deepEqual(now(), open, JSON.stringify(change));
  }
  work.found(at, [finding]);
  assert.deepEqual(now(), ["released", [], ["acted", "assessed", "closed", "received"]]);
  await work.take(at, { ...says, messages: [message(leaf)] }, null);
  assert.deepEqual(now(), ["agreed", [], ["assessed", "received"]], "it was taken back");
});

test("the crowd that a message stands in counts what this reviewer may know: no message stepped back from, and agreed themes before warnings", async () => {
  const work = new ReviewWork(await desk());
  const told3 = [await told({ answers: STORY, mailbox: id(91) }), await told({ answers: STORY, mailbox: id(92) }), await told({ answers: [{ q: "roles", a: "nurse" }], mailbox: id(93) })];
  const leaves = told3.map(({ leaf }) => leaf);
  await work.read(told3.map(({ file }) => file), CODES);
  await work.take(at, standing(leaves), []);
  const both = [anna.id, bela.id];
  const [first = "", second = "", third = ""] = leaves;
  assert.deepEqual(work.crowd(first, both), { k: 3, role: "nurse", rare: { theme: "force", role: "nurse", k: 2 } });
  const found = { taxonomy: "0.2.0", yes: ["force", "voice"], no: [], items: [], good: [], seriousness: 1, involved: [], repair: [] };
  const files: Served[] = [];
  const sent = async (m: typeof anna, kind: "coding" | "consensus", body: object): Promise<Served> => {
    const served = await sealReview({ t: kind, epoch: at.epoch, origin, leaf: third, by: m.id, body } as never, { recipient, clinic: CLINIC, leaf: fromBase64url(third), n: 0, day: at.today }, m.key);
    files.push(served);
    return served;
  };
  const codings = [await sent(anna, "coding", found), await sent(bela, "coding", found)].map(({ file }) => toBase64url(sha256(fromBase64(file)))).sort();
  for (const m of [anna, bela]) await sent(m, "consensus", { ...found, codings });
  await work.take(at, standing(leaves), files);
  assert.deepEqual(work.crowd(third, both), { k: 3, role: "nurse", rare: { theme: "voice", role: "nurse", k: 1 } }, "they agree on a theme that carries no warning");
  assert.deepEqual(work.crowd(first, both).rare, { theme: "force", role: "nurse", k: 3 });
  work.forget(second);
  assert.deepEqual(work.crowd(first, both), { k: 2, role: "nurse", rare: { theme: "force", role: "nurse", k: 2 } });
});

// The case is that of internal/client/coders_test.go.
test("who opened a message that two agree on, and has not coded it, reads it alone no more once they agree no longer", async () => {
  const found = { taxonomy: "0.2.0", yes: ["force"], no: [], items: [], good: [], seriousness: 2, involved: [], repair: [] };
  const all = [anna.id, bela.id, cleo.id, dara.id];
  const { file, leaf } = await told({ answers: STORY });
  const codings = [await by(bela, leaf, "coding", found), await by(cleo, leaf, "coding", { ...found, seriousness: 0 })];
  const body = { ...found, codings: codings.map((c) => toBase64url(sha256(fromBase64(c.file)))).sort() };
  const agreed = [...codings, await by(bela, leaf, "consensus", body), await by(cleo, leaf, "consensus", body)];
  const next = await sealReview({ t: "consensus", epoch: at.epoch, origin, leaf, by: cleo.id, body: { ...body, yes: [], no: ["force"] } } as never,
    { recipient, clinic: CLINIC, leaf: fromBase64url(leaf), n: 1, day: at.today }, cleo.key);
  const apart = [...agreed, next];
  for (const opens of [false, true]) {
    const work = new ReviewWork(await desk());
    await work.read([file], CODES);
    await work.take(at, standing([leaf], [bela.id, cleo.id].map((reviewer) => ({ leaf: b64(leaf), reviewer, part: "coder" }))), agreed);
    work.declare(leaf);
    if (opens) assert.equal(work.case(leaf, all).codings.length, 2);
    const [before] = work.rows(anna.id, all);
    await work.take(at, standing([leaf]), apart);
    const [after] = work.rows(anna.id, all);
    assert.deepEqual([before?.stage, after?.stage, after?.task], ["agreed", "differs", opens ? "nothing" : "third"]);
  }
});
