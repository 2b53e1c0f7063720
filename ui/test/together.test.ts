import assert from "node:assert/strict";
import { test } from "node:test";
import { armor } from "age-encryption";
import { fromBase64, toBase64 } from "../src/encoding.js";
import { decisionLines } from "../src/decision.js";
import { recipientOf } from "../src/identity.js";
import { Keywork, KeyworkError } from "../src/panel/keywork.js";
import type { ServedEpoch, ServedPanel, SignedLines } from "../src/panel/served.js";
import type { Collected, ServedOpening } from "../src/panel/together.js";
import { openBytes } from "../src/seal.js";
import { answerLines, openingLines, parseOpening, sealEpochShare, wrapEpochShares, type OpeningRequest } from "../src/share.js";
import { acked, CLINIC, members, served, signAs, signedList, TERM, type Member, shownOf } from "./panels.js";
import { randomFrom } from "./vectors.js";

const [ann, bo, cy, di, ed] = (await members(5)) as [Member, Member, Member, Member, Member];
const everybody = [ann, bo, cy, di];
const first = signedList(everybody, 2);
const lists = served([first]);
const TODAY = "2026-12-10";

function worker(who: Member, panel: ServedPanel = lists, today = TODAY, decided: SignedLines[] = []): Keywork {
  const k = new Keywork(who.identity, who.key, () => today);
  k.walk("riverside", panel, "", shownOf(panel, decided));
  return k;
}

/** A key that two or three open, as each member is given it. */
async function dealt(k: number): Promise<(to: Member) => ServedEpoch> {
  const lines = decisionLines({ kind: "rotation", clinic: CLINIC, day: "2026-12-01", rotation: { k, days: 0, retainDays: 180 } });
  const decided = [{ lines, signatures: [ann, bo].map((m) => signAs(m, "rotation", lines)) }];
  const offer = { term: TERM, previous: null, ticketKey: "clinic.example/answerable/ticket+00000000+AAAA" };
  const made = await worker(ann, lists, "2026-12-01", decided).deal("riverside", offer, k);
  const id = made.record.split("\n")[3] ?? "";
  return (to) => {
    const wrap = made.wraps.find((w) => w.reviewer === to.id)?.file ?? null;
    const e: ServedEpoch = { id, state: "offered", record: made.record, dealer: ann.id, dealer_signature: made.signature, acks: [], wrap, wrap_from: null, files: 1 };
    return acked(e, [ann, bo]);
  };
}

const byTwo = await dealt(2);
const byThree = await dealt(3);

/** A request of a member's, as the server keeps it. */
async function request(of: Member, e: ServedEpoch): Promise<ServedOpening> {
  const { lines, signature } = await worker(of).ask("riverside", e);
  return { id: "1", epoch: e.id, requester: of.id, lines, signature, answers: [] };
}

async function answeredBy(o: ServedOpening, given: (to: Member) => ServedEpoch, ...by: Member[]): Promise<ServedOpening> {
  const answers = [];
  for (const m of by) answers.push({ reviewer: m.id, ...(await worker(m).answer("riverside", o, [given(m)])) });
  return { ...o, answers };
}

const refusedTo = async (m: Member, o: ServedOpening, given: (to: Member) => ServedEpoch): Promise<string> => (await worker(m).readRequest("riverside", o, [given(m)])).refused;

test("two open a key together in their browsers, and one alone does not", async () => {
  const asked = await request(bo, byTwo(bo));
  const k = worker(bo);
  assert.deepEqual((await k.collect("riverside", [asked], byTwo(bo))).open, false);
  await assert.rejects(k.open("riverside", byTwo(bo)), (e) => e instanceof KeyworkError && e.problem === "together");
  const shown = await worker(cy).readRequest("riverside", asked, [byTwo(cy)]);
  assert.deepEqual(shown, { id: "1", epoch: byTwo(cy).id, asker: bo.id, day: TODAY, k: 2, n: 4, lastDay: TERM.not_after, answered: [], mine: false, given: false, refused: "" });
  const came = await k.collect("riverside", [await answeredBy(asked, byTwo, cy)], byTwo(bo));
  assert.deepEqual(came, { epoch: byTwo(bo).id, open: true, from: [bo.id, cy.id], need: 2, problems: [], dealtWrongly: "" } satisfies Collected);
  assert.equal(await recipientOf(await k.open("riverside", byTwo(bo))), byTwo(bo).record.split("\n")[5]);
  // Unlocked again, it is asked for with the same key: nothing had to lie on the device.
  assert.deepEqual(await worker(bo).ask("riverside", byTwo(bo)), { lines: asked.lines, signature: asked.signature });
});

test("a request that a member did not make, or that is for nothing, is not answered", async () => {
  const good = await request(bo, byTwo(bo));
  const theirs = await recipientOf(ed.identity);
  const forged = (by: Member, change: Partial<OpeningRequest>): ServedOpening => {
    const lines = openingLines({ ...(parseOpening(good.lines) as OpeningRequest), recipient: theirs, ...change });
    return { ...good, lines, signature: signAs(by, "open", lines).signature };
  };
  const tries: Record<string, [ServedOpening, string]> = {
    "the server's key in the asker's request": [{ ...good, lines: good.lines.replace(/age1pq1\S+/, theirs) }, "not-signed"],
    "made up in a member's name": [forged(ed, { requester: di.id }), "not-signed"],
    "by an outsider": [forged(ed, { requester: ed.id }), "not-a-member"],
    "another clinic's": [forged(bo, { clinic: CLINIC.replace("1", "2") }), "elsewhere"],
    "an old one again": [forged(bo, { day: "2026-11-20" }), "days"],
    "of a day to come": [forged(bo, { day: "2026-12-12" }), "days"],
    "for a key that is not here": [forged(bo, { epoch: "2020-01-none" }), "key"],
    "not to be read": [{ ...good, lines: good.lines + "x" }, "unreadable"],
    "without a signature": [{ ...good, signature: "" }, "not-signed"],
    "with a signature that is no base64": [{ ...good, signature: "%" }, "not-signed"],
  };
  for (const [what, [o, why]] of Object.entries(tries)) {
    assert.equal(await refusedTo(cy, o, byTwo), why, what);
    await assert.rejects(worker(cy).answer("riverside", o, [byTwo(cy)]), (e) => e instanceof KeyworkError && e.problem === "request", what);
  }
  await assert.rejects(worker(bo).answer("riverside", good, [byTwo(bo)]), KeyworkError); // one's own
  await assert.rejects(worker(cy).answer("riverside", good, [{ ...byTwo(cy), wrap: byTwo(di).wrap }]), (e) => e instanceof KeyworkError && e.problem === "wrap");
});

test("whatever a server does to an answer, it is named and the others still open the key", async () => {
  const random = randomFrom(7);
  const asked = await answeredBy(await request(ann, byThree(ann)), byThree, bo, cy, di);
  const madeUp = await wrapEpochShares(byThree(ann).id, ed.identity, [1, 2, 3, 4].map(() => parseOpening(asked.lines)?.recipient ?? ""), 3);
  const turned = (base64: string): string => {
    const bytes = fromBase64(base64);
    const at = random.int(bytes.length);
    bytes[at] = (bytes[at] ?? 0) ^ (1 << random.int(8));
    return toBase64(bytes);
  };
  for (let round = 0; round < 30; round++) {
    const at = random.int(3);
    const one = asked.answers[at];
    const other = asked.answers[(at + 1 + random.int(2)) % 3];
    assert.ok(one && other);
    const swaps = [
      { file: other.file }, { file: other.file, signature: other.signature }, { file: turned(one.file ?? "") }, { signature: turned(one.signature) },
      { file: toBase64(madeUp.files[at] ?? new Uint8Array()) }, { file: null }, { file: "%" }, { signature: "" },
    ];
    const answers = asked.answers.map((a) => (a === one ? { ...a, ...swaps[round % swaps.length] } : a));
    const came = await worker(ann).collect("riverside", [{ ...asked, answers }], byThree(ann));
    assert.deepEqual(came.problems, [{ who: one.reviewer, why: "changed", hash: "" }], `round ${String(round)}`);
    assert.equal(came.open, true);
  }
});

test("a wrong part is named with who gave it, and who left or came later counts for nothing", async () => {
  const asked = await answeredBy(await request(ann, byTwo(ann)), byTwo, bo);
  const [, , , epoch = ""] = byTwo(ann).record.split("\n");
  const wrong = await sealEpochShare({ epoch, k: 2, n: 4 }, { share: new Uint8Array(33).fill(5), hashes: [1, 2, 3, 4].map((b) => new Uint8Array(32).fill(b)) }, parseOpening(asked.lines)?.recipient ?? "");

  const signed = { reviewer: cy.id, file: toBase64(wrong), signature: signAs(cy, "share", answerLines(asked.lines, wrong)).signature };
  const came = await worker(ann).collect("riverside", [{ ...asked, answers: [signed] }], byTwo(ann));
  assert.deepEqual([came.open, came.problems.map((p) => [p.who, p.why])], [false, [[cy.id, "wrong"]]]);
  const later = served([first, signedList([ann, cy, di, ed], 2, [first], [ann, cy, ed])]);
  const gone = await worker(ann, later).collect("riverside", [asked], byTwo(ann));
  assert.deepEqual([gone.open, gone.problems], [false, [{ who: bo.id, why: "left", hash: "" }]]);
  // Who came later can ask all the same, and needs as many answers as open a key.
  const k = worker(ed, later);
  const { lines, signature } = await k.ask("riverside", byTwo(ed));
  const theirs: ServedOpening = { id: "2", epoch, requester: ed.id, lines, signature, answers: [] };
  for (const m of [cy, di]) theirs.answers.push({ reviewer: m.id, ...(await worker(m, later).answer("riverside", theirs, [byTwo(m)])) });
  assert.equal((await k.collect("riverside", [{ ...theirs, answers: theirs.answers.slice(0, 1) }], byTwo(ed))).open, false);
  assert.equal((await k.collect("riverside", [theirs], byTwo(ed))).open, true);
  assert.match(await k.open("riverside", byTwo(ed)), /^AGE-SECRET-KEY-PQ-1/);
});

test("a paper kit is made of a key that is open here, for those who hold a part and are still on the panel", async () => {
  const problem = (p: string) => (e: unknown): boolean => e instanceof KeyworkError && e.problem === p;
  const later = served([first, signedList([ann, cy, di, ed], 2, [first], [ann, cy, ed])]);
  const k = worker(ann, later);
  await assert.rejects(k.kit("riverside", byTwo(ann)), problem("together"));
  await assert.rejects(k.kit("riverside", byThree(ann)), problem("kit"));
  const asked = await request(ann, byTwo(ann));
  const answer = { reviewer: cy.id, ...(await worker(cy, later).answer("riverside", asked, [byTwo(cy)])) };
  assert.equal((await k.collect("riverside", [{ ...asked, answers: [answer] }], byTwo(ann))).open, true);

  const stayed = [ann, cy, di];
  const files = await k.kit("riverside", byTwo(ann));
  assert.deepEqual(files.map((f) => [f.first, f.then]), stayed.flatMap((a) => stayed.filter((b) => b !== a).map((b) => [a.id, b.id])));
  for (const f of files) {
    const [a, b] = [everybody.find((m) => m.id === f.first), everybody.find((m) => m.id === f.then)];
    const inner = await openBytes(armor.decode(f.file), a?.identity ?? "");
    assert.equal(new TextDecoder().decode(await openBytes(inner, b?.identity ?? "")), `${await k.open("riverside", byTwo(ann))}\n`);
    await assert.rejects(openBytes(armor.decode(f.file), b?.identity ?? ""));
  }
});
