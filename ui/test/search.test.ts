import assert from "node:assert/strict";
import { test } from "node:test";
import { sha256 } from "@noble/hashes/sha2.js";
import { parseRecord } from "../src/chain.js";
import type { Bodies, Found } from "../src/coding.js";
import { fromBase64, fromBase64url, toBase64, toBase64url, toHex, utf8 } from "../src/encoding.js";
import { leafHash, submissionLeaf } from "../src/leaf.js";
import type { Plaintext, Submission } from "../src/pad.js";
import { Desk, Locked, type Delivered } from "../src/panel/desk.js";
import type { At, ServedWork } from "../src/panel/epochwork.js";
import { NotDeclared } from "../src/panel/openmessages.js";
import { ReviewWorks, type ReviewCall } from "../src/panel/reviewcalls.js";
import { ReviewWork } from "../src/panel/reviewwork.js";
import { Search, type Hit, type Passages } from "../src/panel/search.js";
import { NoWriter } from "../src/panel/writers.js";
import { sealReview, type Served } from "../src/reviewfile.js";
import { seal } from "../src/seal.js";
import { parseQuery, type Term } from "../src/search/query.js";
import { signRecusal } from "../src/stepback.js";
import { CLINIC, members, offered, served, shownOf, signedList } from "./panels.js";

type Member = Awaited<ReturnType<typeof members>>[0];
const [anna, bela, cleo] = (await members(3)) as [Member, Member, Member];
const lists = served([signedList([anna, bela, cleo], 1)]);
const ON = (): string[] => [anna.id, bela.id, cleo.id];
const origin = "clinic.example/answerable";
const epoch = await offered(lists, anna);
const recipient = parseRecord(epoch.record)?.recipient ?? "";
const nextEpoch = await offered(lists, anna, anna, { not_before: "2027-01-01", not_after: "2027-01-31", retain_until: "2027-07-31" });
const at: At = { slug: "riverside", clinic: CLINIC, epoch: epoch.id, origin, today: "2026-12-02" };
const CODES = { version: "0.2.0", themes: [], roles: [], when: [] };
const PICKED = ["themes", "items", "good", "service"];

async function desk(): Promise<Desk> {
  const d = new Desk();
  await d.unlock(utf8(anna.identity), "");
  d.keys.walk("riverside", lists, "", shownOf(lists));
  await d.openWrap("riverside", epoch);
  return d;
}

let next = 10;
interface Told { file: Delivered & { day: string }; leaf: string }

async function told(change: Partial<Submission>, day = "2026-12-01", under = epoch): Promise<Told> {
  const anchor = new Uint8Array(32).fill(next++);
  const p = { v: 1, t: "submission", epoch: under.id, origin, sealed_by: "client", form: "f", lang: "en", answers: [], subject: null, reply_to: null, mailbox: null, thread: null, ...change, anchor: toBase64url(anchor) };
  const file = await seal(p as Plaintext, parseRecord(under.record)?.recipient ?? "");
  const text = submissionLeaf({ epoch: under.id, fileHash: sha256(file), anchor, withdraw: new Uint8Array(32) });
  return { file: { epoch: under.id, origin, leaf: text, file: toBase64(file), day }, leaf: toBase64url(leafHash(text)) };
}

const b64 = (leaf: string): string => toBase64(fromBase64url(leaf));
const standing = (all: readonly Told[]): ServedWork => ({ today: at.today, parts: [], messages: all.map(({ leaf, file }) => ({ leaf: b64(leaf), day: file.day, carded: true, coded_in_clear: false, finding: false })) });
const terms = (q: string): Term[] => { const t = parseQuery(q); return typeof t === "string" ? assert.fail(t) : t; };
const mailbox = (n: number): string => toBase64url(new Uint8Array(32).fill(n));
const leavesOf = (s: Search, q: string): string[] => s.find(terms(q), "").map(({ leaf }) => leaf);

const first = await told({ mailbox: mailbox(1), answers: [{ q: "words", a: "They held me down on the marmalade stairs. It was Tuesday." }, { q: "names", a: "Quillwort" }, { q: "language", a: "Quillspeak" }, { q: "themes", a: "force" }, { q: "items", a: "force.held_down" }, { q: "service", a: "ward" }] });
const more = await told({ t: "followup", mailbox: mailbox(1), answers: [{ q: "words", a: "And Quillfeather laughed about the stairs" }] }, "2026-12-02");
const about = await told({ t: "about_you", mailbox: mailbox(1), answers: [{ q: "communities", a: "stairs people" }] }, "2026-12-02");
const other = await told({ answers: [{ q: "words", a: "Held again, on the stairs by the kitchen" }, { q: "themes", a: "force\nvoice" }, { q: "service", a: "ward" }] });
const undeclared = await told({ answers: [{ q: "words", a: "marmalade stairs, undeclared" }, { q: "themes", a: "force" }] });
const ALL = [first, more, about, other, undeclared];

/** A search over all that was told, with some of it declared on. */
async function at_work(declared: readonly Told[], d?: Desk): Promise<{ work: ReviewWork; search: Search; desk: Desk }> {
  const own = d ?? (await desk());
  const work = new ReviewWork(own);
  await work.take(at, standing(ALL), []);
  await work.read(ALL.map(({ file }) => file), CODES);
  for (const { leaf } of declared) work.declare(leaf);
  const search = new Search(own, work, ON);
  search.step(PICKED, 10_000);
  return { work, search, desk: own };
}

test("a search goes through reports that were declared on and what their writers sent later, and through nothing else", async () => {
  const { work, search } = await at_work([first, other]);
  assert.deepEqual(search.standing(), { reports: 2, indexed: 2, unopened: [], version: 2 });
  assert.deepEqual(leavesOf(search, "stairs").sort(), [first.leaf, other.leaf].sort());
  assert.deepEqual(search.find(terms("stairs marmalade"), ""), [{
    leaf: first.leaf, epoch: at.epoch, day: "2026-12-01", service: "ward", themes: ["force"], chips: [], places: [{ q: "words", later: false, times: 2 }, { q: "words", later: true, times: 1 }],
  }]);
  assert.deepEqual([leavesOf(search, "quillwort"), leavesOf(search, "quill*"), leavesOf(search, "undeclared"), leavesOf(search, "people"), leavesOf(search, "quillspeak")], [[], [first.leaf], [], [], []]);
  assert.ok(!JSON.stringify(search.find(terms("marmalade"), "")).includes("marmalade"), "a hit holds words");
  assert.deepEqual(search.find([], "voice").map(({ leaf }) => leaf), [other.leaf]);
  assert.deepEqual(search.passages(first.leaf, terms('"marmalade stairs"'), PICKED), { first: [{ q: "words", later: false, before: "They held me down on the ", found: "marmalade stairs", after: ". It was Tuesday." }], more: 0, grave: false });
  assert.equal(search.passages(undeclared.leaf, terms("stairs"), PICKED), null);
  await work.recuse(at, first.leaf);
  assert.deepEqual([leavesOf(search, "stairs"), search.passages(first.leaf, terms("stairs"), PICKED), search.similar(other.leaf)], [[other.leaf], null, []]);
});

test("who signed words on a report has declared on it, also before this day", async () => {
  const d = await desk();
  const work = new ReviewWork(d);
  const note = (by: typeof anna, leaf: string) => sealReview({ t: "note", epoch: at.epoch, origin, leaf, by: by.id, body: { text: "I have read it" } }, { recipient, clinic: CLINIC, leaf: fromBase64url(leaf), n: 0, day: at.today }, by.key);
  await work.take(at, standing(ALL), [await note(anna, other.leaf), await note(bela, first.leaf)]);
  await work.read(ALL.map(({ file }) => file), CODES);
  const search = new Search(d, work, ON);
  search.step(PICKED, 10_000);
  assert.deepEqual(leavesOf(search, "stairs"), [other.leaf]);
});

test("a kept index gives the same again without the files, to its reviewer alone, and nothing of what may be read no more", async () => {
  const { search, desk: d } = await at_work([first, other]);
  const kept = await search.seal(CLINIC, at.epoch);
  assert.equal((kept.length - 1659) % 65_536, 0);
  const again = async (own: Desk, here: readonly Told[], declared: readonly Told[]): Promise<Search> => {
    const work = new ReviewWork(own);
    // Cards of colleagues, as they come when nothing is opened here.
    const receipt = (t: Told): Bodies["card"] => ({ of: t === more ? "followup" : "submission", thread: "", service: "ward", roles: [], when: "", chips: [], urgent: false, taxonomy: "0.2.0", ...(t === first || t === more ? { receipt: mailbox(9) } : {}) });
    const cards = await Promise.all(here.map((t) => sealReview({ t: "card", epoch: at.epoch, origin, leaf: t.leaf, by: bela.id, body: receipt(t) }, { recipient, clinic: CLINIC, leaf: fromBase64url(t.leaf), n: 0, day: at.today }, bela.key)));
    await work.take(at, standing(here), cards);
    for (const { leaf } of declared) work.declare(leaf);
    return new Search(own, work, ON);
  };
  const fresh = await again(d, [first, more, other], [first, other]);
  assert.deepEqual(fresh.standing().unopened, [at.epoch]);
  assert.equal(await fresh.take(CLINIC, at.epoch, kept), true);
  assert.deepEqual(fresh.standing().unopened, []);
  assert.deepEqual(fresh.find(terms("stairs"), ""), search.find(terms("stairs"), ""));
  assert.equal(fresh.passages(first.leaf, terms("stairs"), PICKED), null, "words come from the files alone");

  const without = await again(d, [first, other], [other]); // one was taken back or not declared on, and the writer of the other one wrote on
  await without.take(CLINIC, at.epoch, kept);
  assert.deepEqual(leavesOf(without, "stairs"), [other.leaf]);
  const changed = await again(d, [first, other], [first, other]);
  await changed.take(CLINIC, at.epoch, kept);
  assert.deepEqual([leavesOf(changed, "stairs"), changed.standing().unopened], [[other.leaf], [at.epoch]]);

  const having = (identity: string, key: string): Search => new Search({ own: { ...d.own, identity }, epochKey: () => key } as unknown as Desk, new ReviewWork(d), ON);
  assert.equal(await having(bela.identity, d.epochKey(at.epoch)).take(CLINIC, at.epoch, kept), false, "another member opens it");
  assert.equal(await having(anna.identity, bela.identity).take(CLINIC, at.epoch, kept), false, "it opens without the epoch's key");
  assert.equal(await having(anna.identity, d.epochKey(at.epoch)).take(CLINIC, at.epoch, kept), true);
  const damaged = kept.slice();
  damaged[damaged.length - 1] = (damaged[damaged.length - 1] ?? 0) ^ 1;
  assert.deepEqual([await (await again(d, [], [])).take(CLINIC, at.epoch, damaged), await (await again(d, [], [])).take("another", at.epoch, kept)], [false, false]);
});

test("reports that are alike are found by theme, item, service and rare words, with what coders agreed on, and no number goes with them", async () => {
  const { work, search } = await at_work([first, other, undeclared]);
  const found: Found = { taxonomy: "0.2.0", yes: ["force"], no: [], items: ["force.held_down"], good: [], seriousness: 3, involved: [], repair: [] };
  const post = async <K extends "coding" | "consensus">(by: typeof anna, t: K, body: Bodies[K]) => sealReview({ t, epoch: at.epoch, origin, leaf: other.leaf, by: by.id, body } as Parameters<typeof sealReview>[0], { recipient, clinic: CLINIC, leaf: fromBase64url(other.leaf), n: 0, day: at.today }, by.key);
  const codings = [await post(anna, "coding", found), await post(bela, "coding", found)];
  const hashes = codings.map((s) => toBase64url(sha256(Buffer.from(s.file, "base64")))).sort();
  const agreed = await Promise.all([anna, bela].map((m) => post(m, "consensus", { ...found, codings: hashes })));
  await work.take(at, standing(ALL), codings.slice(1));
  assert.deepEqual([search.similar(first.leaf)[0]?.grave, search.passages(other.leaf, terms("stairs"), PICKED)?.grave], [false, false], "what a colleague found is told before the own coding");
  await work.take(at, standing(ALL), [...codings, ...agreed]);
  const alike = search.similar(first.leaf);
  assert.deepEqual([alike.map(({ grave }) => grave), search.passages(other.leaf, terms("stairs"), PICKED)?.grave], [[true, false], true], "the pause begins with words of the gravest kind");
  assert.deepEqual(alike.map(({ leaf }) => leaf), [other.leaf, undeclared.leaf], "the one with the same item comes first");
  assert.deepEqual([alike[0]?.items, alike[0]?.themes, alike[0]?.service, alike[0]?.words], [["force.held_down"], ["force"], "ward", ["held"]]);
  assert.deepEqual(alike[1]?.words, ["marmalade"]);
  assert.ok(!Object.values(alike[0] ?? {}).some((v) => typeof v === "number"));
});

test("of what two reports share at most five rare words are shown, and the language that a writer asks for is none", async () => {
  const rare = ["lampshade", "gooseberry", "trombone", "saxophone", "cinnamon", "umbrella"].join(" ");
  const pair = await Promise.all([1, 2].map(() => told({ answers: [{ q: "words", a: rare }, { q: "language", a: "Tigrinya" }] })));
  const work = new ReviewWork(await desk());
  await work.take(at, standing(pair), []);
  await work.read(pair.map(({ file }) => file), CODES);
  for (const { leaf } of pair) work.declare(leaf);
  const search = new Search(await desk(), work, ON);
  search.step(PICKED, 10_000);
  assert.deepEqual(search.similar(pair[0]?.leaf ?? "").map(({ words }) => words), [["lampshade", "gooseberry", "trombone", "saxophone", "cinnamon"]]);
});

test("what a writer sends later under the next key is fetched by that key and looked through, and lies in no kept index", async () => {
  const d = await desk();
  await d.openWrap("riverside", nextEpoch);
  const early = await told({ mailbox: mailbox(3), answers: [{ q: "words", a: "The lighthouse door was shut" }] });
  const late = await told({ t: "followup", mailbox: mailbox(3), answers: [{ q: "words", a: "They shut the lighthouse again" }] }, "2027-01-03", nextEpoch);
  const reading = new ReviewWork(d);
  const [read] = await reading.read([early.file], CODES);
  const receipt = read?.card.receipt ?? assert.fail("a card without its receipt");
  const card = (t: Told, under: typeof epoch, of: "submission" | "followup") => sealReview(
    { t: "card", epoch: under.id, origin, leaf: t.leaf, by: bela.id, body: { of, thread: "", service: "ward", roles: [], when: "", chips: of === "followup" ? ["force.held_down"] : [], urgent: false, taxonomy: "0.2.0", receipt } },
    { recipient: parseRecord(under.record)?.recipient ?? "", clinic: CLINIC, leaf: fromBase64url(t.leaf), n: 0, day: at.today }, bela.key);
  const work = new ReviewWork(d);
  await work.take(at, standing([early]), [await card(early, epoch, "submission")]);
  await work.take({ ...at, epoch: nextEpoch.id }, standing([late]), [await card(late, nextEpoch, "followup")]);
  work.declare(early.leaf);
  const search = new Search(d, work, ON);
  assert.deepEqual(search.standing().unopened, [epoch.id, nextEpoch.id]);
  await work.read([early.file], CODES);
  assert.deepEqual(search.standing().unopened, [nextEpoch.id], "what is open is asked for again");
  await work.read([late.file], CODES);
  search.step(PICKED, 10_000);
  assert.deepEqual(search.find(terms("lighthouse"), "")[0]?.places.map(({ later }) => later), [false, true]);

  const fresh = new ReviewWork(d);
  await fresh.take(at, standing([early]), [await card(early, epoch, "submission")]);
  await fresh.take({ ...at, epoch: nextEpoch.id }, standing([late]), [await card(late, nextEpoch, "followup")]);
  fresh.declare(early.leaf);
  const again = new Search(d, fresh, ON);
  assert.equal(await again.take(CLINIC, epoch.id, await search.seal(CLINIC, epoch.id)), true);
  assert.deepEqual(leavesOf(again, "lighthouse"), [], "words under a later key lie sealed to an earlier one");
  assert.deepEqual(fresh.declared(anna.id).map(({ chips }) => chips), [["force.held_down"]], "what came later may hold more, and that is said first");

  work.keepOnly([nextEpoch.id]);
  assert.deepEqual([leavesOf(search, "door"), search.passages(early.leaf, terms("door"), PICKED), work.answers(early.leaf)], [[], null, null], "what is under a destroyed key is still there");
  assert.notEqual(work.answers(late.leaf), null);
});

test("after a new look nothing stays here of what was taken back or destroyed: no word, no key, and nobody to answer", async () => {
  const d = await desk();
  await d.openWrap("riverside", nextEpoch);
  const works = new ReviewWorks();
  const ask = (call: ReviewCall): Promise<unknown> => works.answer(d, call);
  const find = (): Promise<unknown> => works.search(d, { do: "find", slug: "riverside", terms: terms("windowsill"), theme: "" });
  const answer = (t: Told): Promise<unknown> => d.sealReply(toHex(fromBase64url(t.leaf)), { day: at.today, text: "read" });
  const words = { reply_to: recipient, answers: [{ q: "words", a: "on the windowsill" }] };
  const [stays, back] = [await told({ ...words, mailbox: mailbox(21) }), await told({ ...words, mailbox: mailbox(22) })];
  const later = await told({ ...words, mailbox: mailbox(23) }, "2027-01-05", nextEpoch);
  const next = { ...at, epoch: nextEpoch.id };
  await ask({ do: "takeWork", at, work: standing([stays, back]), served: [] });
  await ask({ do: "takeWork", at: next, work: standing([later]), served: [] });
  await ask({ do: "readFiles", at, files: [stays.file, back.file], codes: CODES });
  await ask({ do: "readFiles", at: next, files: [later.file], codes: CODES });
  for (const { leaf } of [stays, back, later]) await ask({ do: "declare", slug: "riverside", leaf });
  await works.search(d, { do: "searchStep", slug: "riverside", picked: PICKED, ms: 10_000 });
  assert.equal((await find() as Hit[]).length, 3);
  for (const one of [stays, back, later]) await answer(one);

  await ask({ do: "takeWork", at, work: standing([stays]), served: [] });
  await assert.rejects(ask({ do: "openCase", slug: "riverside", leaf: back.leaf, unread: false }), NotDeclared);
  await assert.rejects(answer(back), NoWriter);
  assert.deepEqual((await find() as Hit[]).map(({ leaf }) => leaf).sort(), [stays.leaf, later.leaf].sort());
  await ask({ do: "openCase", slug: "riverside", leaf: stays.leaf, unread: false });

  await ask({ do: "keepOnly", slug: "elsewhere", epochs: [] });
  assert.notEqual(d.epochKey(epoch.id), "", "another clinic's keys go");
  await ask({ do: "keepOnly", slug: "riverside", epochs: [nextEpoch.id] });
  assert.throws(() => d.epochKey(epoch.id), Locked);
  await assert.rejects(d.openFile(stays.file), Locked);
  await assert.rejects(answer(stays), NoWriter);
  await assert.rejects(ask({ do: "openCase", slug: "riverside", leaf: stays.leaf, unread: false }), NotDeclared);
  assert.deepEqual((await find() as Hit[]).map(({ leaf }) => leaf), [later.leaf]);
  await answer(later);
});

test("a report that two found of the gravest kind is told so beside its words, also once one of them has stepped back", async () => {
  const d = await desk();
  const works = new ReviewWorks();
  const ask = (call: ReviewCall): Promise<unknown> => works.answer(d, call);
  const signed = (kind: "coding" | "consensus", by: Member, body: object): Promise<Served> =>
    sealReview({ t: kind, epoch: at.epoch, origin, leaf: other.leaf, by: by.id, body } as Parameters<typeof sealReview>[0], { recipient, clinic: CLINIC, leaf: fromBase64url(other.leaf), n: 0, day: at.today }, by.key);
  const found: Found = { taxonomy: "0.2.0", yes: ["force"], no: [], items: [], good: [], seriousness: 3, involved: [], repair: [] };
  const codings = [await signed("coding", bela, found), await signed("coding", cleo, found)];
  const agreed = { ...found, codings: codings.map(({ file }) => toBase64url(sha256(fromBase64(file)))).sort() };
  const left = { leaf: b64(other.leaf), reviewer: cleo.id, part: "recused", signature: signRecusal(CLINIC, fromBase64url(other.leaf), cleo.key) };
  for (const parts of [[], [left]]) {
    await ask({ do: "takeWork", at, work: { ...standing([other]), parts }, served: [...codings, await signed("consensus", bela, agreed), await signed("consensus", cleo, agreed)] });
    await ask({ do: "readFiles", at, files: [other.file], codes: CODES });
    await ask({ do: "declare", slug: "riverside", leaf: other.leaf });
    const shown = await works.search(d, { do: "passages", slug: "riverside", leaf: other.leaf, terms: terms("stairs"), picked: PICKED }) as Passages;
    assert.equal(shown.grave, true, `${String(parts.length)} stepped back`);
  }
});

test("of one report a few places are shown, so that no search takes the place of opening it", async () => {
  const long = await told({ answers: [{ q: "words", a: Array.from({ length: 40 }, (_, n) => `the step ${String(n)}`).join(", ") }] });
  const work = new ReviewWork(await desk());
  await work.take(at, standing([long]), []);
  await work.read([long.file], CODES);
  work.declare(long.leaf);
  const found = new Search(await desk(), work, ON).passages(long.leaf, terms("the"), PICKED);
  assert.deepEqual([found?.first.length, found?.more], [5, 35]);
});

test("cards that were worked out before are worked out anew when their report changes", async () => {
  const work = new ReviewWork(await desk());
  await work.take(at, standing([first, more]), []);
  await work.read([more.file], CODES);
  work.declare(first.leaf);
  assert.deepEqual(work.declared(anna.id), [], "the first message is not open here");
  await work.read([first.file], CODES);
  assert.deepEqual(work.declared(anna.id).map(({ parts }) => parts.map(({ leaf }) => leaf)), [[first.leaf, more.leaf]]);
  work.forget(more.leaf);
  assert.deepEqual(work.declared(anna.id).map(({ parts }) => parts.length), [1]);
});
