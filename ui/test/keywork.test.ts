import assert from "node:assert/strict";
import { test } from "node:test";
import { sha256 } from "@noble/hashes/sha2.js";
import { ChainError, fingerprint } from "../src/chain.js";
import { fromBase64, toBase64 } from "../src/encoding.js";
import { openEpochKey } from "../src/epochkey.js";
import { decisionLines } from "../src/decision.js";
import { Keywork, KeyworkError } from "../src/panel/keywork.js";
import type { ServedEpoch, ServedPanel, Shown, SignedLines } from "../src/panel/served.js";
import { wrapEpochShares } from "../src/share.js";
import { acked, CLINIC, listLines, members, offered, served, shownOf, signAs, signedList, TERM, type Member } from "./panels.js";

const [ann, bo, cy, di] = (await members(4)) as [Member, Member, Member, Member];
const first = signedList([ann, bo, cy], 2);
const lists = served([first]);
const TODAY = "2026-11-25";

function worker(who: Member, panel: ServedPanel = lists, pinned = "", shown: Shown = shownOf(panel)): Keywork {
  const k = new Keywork(who.identity, who.key, () => TODAY);
  k.walk("riverside", panel, pinned, shown);
  return k;
}

/** The word for why something was refused. */
async function refusal(work: () => unknown): Promise<string> {
  try {
    await work();
  } catch (err) {
    if (err instanceof ChainError) return err.reason;
    if (err instanceof KeyworkError) return err.problem;
    throw err;
  }
  return "";
}

const forBo = await offered(lists, ann, bo);
const good = acked(forBo, [ann, bo]);

test("a key that the panel dealt and signed opens, and its ack and its record are believed", async () => {
  const identity = await worker(bo).open("riverside", good);
  assert.match(identity, /^AGE-SECRET-KEY-PQ-1/);
  const signature = await worker(bo).ack("riverside", forBo);
  assert.equal(signature, signAs(bo, "epoch-ack", forBo.record).signature);
  assert.deepEqual(worker(bo).prove("riverside", good), {
    id: good.id, notBefore: TERM.not_before, notAfter: TERM.not_after, retainUntil: TERM.retain_until, k: 1, n: 3, version: 1,
  });
});

// A server has everything but the members' keys. Each of these is what it could try.
const recipientOfAnother = (await offered(lists, ann, bo)).record.split("\n")[5] ?? "";
const swapped: Record<string, { e: ServedEpoch; want: string }> = {
  "the recipient": { e: { ...good, record: good.record.replace(/age1pq1\S+/, recipientOfAnother) }, want: "signatures" },
  "the days": { e: { ...good, record: good.record.replace("2026-12-31", "2027-02-28") }, want: "signatures" },
  "the record, by another that was dealt": { e: { ...good, record: (await offered(lists, ann, bo)).record }, want: "signatures" },
  "the whole key, by one of an outsider": { e: acked(await offered(served([signedList([di], 1)]), di), [di]), want: "record" },
  "the whole key, dealt by an outsider in a member's name": {
    e: { ...good, dealer: ann.id, dealer_signature: signAs(di, "epoch-deal", good.record).signature }, want: "signatures",
  },
  "an ack, by one of too few": { e: acked(forBo, [ann]), want: "signatures" },
  "an ack, by an outsider's": { e: { ...good, acks: [signAs(ann, "epoch-ack", good.record), signAs(di, "epoch-ack", good.record)] }, want: "signatures" },
  "an ack, by one signed under another label": { e: { ...good, acks: [signAs(ann, "epoch-ack", good.record), signAs(bo, "epoch-deal", good.record)] }, want: "signatures" },
  "the wrap, by another member's": { e: { ...good, wrap: (await offered(lists, ann, cy)).wrap }, want: "wrap" },
  "the wrap, by that of another key": { e: { ...good, wrap: (await offered(lists, ann, bo)).wrap }, want: "wrap" },
  "the wrap, by nothing": { e: { ...good, wrap: null }, want: "no-wrap" },
  "the id": { e: { ...good, id: "2026-12-zzzz" }, want: "record" },
};
for (const [what, { e, want }] of Object.entries(swapped)) {
  test(`a server that swaps ${what}, is refused and nothing is signed`, async () => {
    assert.equal(await refusal(() => worker(bo).open("riverside", e)), want);
    const state = e.acks.length > 0 && want !== "signatures" ? e : { ...e, state: "offered" };
    const onAck = await refusal(() => worker(bo).ack("riverside", state));
    assert.ok(onAck !== "" || what.startsWith("an ack"), "it was acknowledged");
  });
}

test("a list that the panel did not sign is not walked", async () => {
  const forged = signedList([bo, cy, di], 2, [first], [bo, di]); // one of the old panel, where two are needed
  assert.equal(await refusal(() => worker(bo, served([first, forged]))), "panel");
  assert.equal(await refusal(() => worker(bo, served([signedList([ann, bo, di], 2, [], [bo, di])]))), "panel");
  assert.equal(await refusal(() => worker(bo, { ...lists, clinic: CLINIC.replace("1", "2") })), "panel");
  assert.equal(await refusal(() => worker(bo, lists, "AAAA-AAAA-AAAA-AAAA-AAAA")), "fingerprint");
  worker(bo, lists, fingerprint(first.lines));
});

test("a list that puts another key beside a member's name is neither walked nor signed", async () => {
  const swapped: Member = { ...cy, recipient: (await members(1, 90))[0].recipient };
  assert.equal(await refusal(() => worker(bo, served([first, signedList([ann, bo, swapped, di], 2, [first], [ann, bo, cy, di])]))), "panel");
  assert.equal(await refusal(() => worker(ann).signDraft("riverside", CLINIC, listLines([ann, bo, swapped, di], 2, [first]))), "draft");
  const newcomer: Member = { ...di, recipient: swapped.recipient };
  assert.equal(await refusal(() => worker(bo, served([first, signedList([ann, bo, cy, newcomer], 2, [first], [ann, bo, cy])]))), "panel");
  worker(bo, served([first, signedList([ann, bo, cy, di], 2, [first], [ann, bo, di])]));
});

test("a panel that was made up whole is refused by who is not on it with their own key", async () => {
  const madeUp = served([signedList([ann, di], 2)]);
  assert.equal(await refusal(() => worker(bo, madeUp).deal("riverside", { term: TERM, previous: null, ticketKey: "t" }, 1)), "seat");
  const imposter: Member = { ...bo, recipient: di.recipient };
  const swappedKey = served([signedList([ann, imposter, cy], 2)]);
  assert.equal(await refusal(() => worker(bo, swappedKey).deal("riverside", { term: TERM, previous: null, ticketKey: "t" }, 1)), "seat");
});

test("a list that waits is read from its lines, and signed only when it follows and names oneself rightly", async () => {
  const lines = listLines([ann, bo, di], 2, [first]);
  const k = worker(ann);
  assert.deepEqual(k.readDraft("riverside", CLINIC, lines), { name: fingerprint(lines), version: 2, m: 2, members: [ann.id, bo.id, di.id].sort(), joined: [di.id], left: [cy.id] });
  assert.equal(await k.signDraft("riverside", CLINIC, lines), signAs(ann, "panel", lines).signature);
  assert.equal(await worker(cy).signDraft("riverside", CLINIC, lines), signAs(cy, "panel", lines).signature); // who leaves may say so
  assert.equal(await refusal(() => k.signDraft("riverside", CLINIC, listLines([ann, bo], 2))), "draft"); // a second first list
  assert.equal(await refusal(() => k.signDraft("riverside", CLINIC, lines.replace(CLINIC, CLINIC.replace("1", "2")))), "draft");
  const asAnother = listLines([{ ...ann, recipient: di.recipient }, bo, cy], 2, [first]);
  assert.equal(await refusal(() => k.signDraft("riverside", CLINIC, asAnother)), "draft");
  const newAsAnother = listLines([ann, bo, { ...di, recipient: cy.recipient }], 2, [first]);
  assert.equal(await refusal(() => worker(di).signDraft("riverside", CLINIC, newAsAnother)), "seat");
  assert.equal(await refusal(() => worker(di).signDraft("riverside", CLINIC, listLines([ann, bo], 2, [first]))), "seat");
  const newcomer = worker(di, served([])); // before the first list
  assert.equal(await newcomer.signDraft("riverside", CLINIC, listLines([ann, di], 2)), signAs(di, "panel", listLines([ann, di], 2)).signature);
});

test("a key is made for days that a plan can have, and for no others", async () => {
  const offer = (not_before: string, not_after: string, retain_until = "2030-01-01"): Parameters<Keywork["deal"]>[1] => ({ term: { not_before, not_after, retain_until }, previous: null, ticketKey: "t" });
  const k = worker(ann);
  for (const bad of [offer("2026-11-23", "2026-12-20"), offer("2027-06-01", "2027-06-30"), offer("2026-12-31", "2026-12-01"), offer("2026-12-01", "2027-12-01"), offer("2026-12-01", "2026-12-32"), offer("x", "y")]) {
    assert.equal(await refusal(() => k.deal("riverside", bad, 1)), "term");
  }
  const made = await k.deal("riverside", offer("2026-11-25", "2026-11-25", "2027-05-24"), 1);
  assert.equal(made.wraps.length, 3);
  assert.equal(made.signature, signAs(ann, "epoch-deal", made.record).signature);
});

const byTwo = decisionLines({ kind: "rotation", clinic: CLINIC, day: TODAY, rotation: { k: 2, days: 0, retainDays: 180 } });
const decidedBy = (...by: Member[]): SignedLines[] => [{ lines: byTwo, signatures: by.map((m) => signAs(m, "rotation", byTwo)) }];
const twoOpen = shownOf(lists, decidedBy(ann, bo));

test("a key that two open is dealt as the panel signed it, and each acknowledges the own part", async () => {
  const offer = { term: TERM, previous: null, ticketKey: "clinic.example/answerable/ticket+00000000+AAAA" };
  const made = await worker(ann, lists, "", twoOpen).deal("riverside", offer, 2);
  assert.match(made.record, /\n2\/3 [A-Za-z0-9+/]{43}=\n/);
  const given = (to: Member, wrap = made.wraps.find((w) => w.reviewer === to.id)?.file ?? ""): ServedEpoch => ({
    id: made.record.split("\n")[3] ?? "", state: "offered", record: made.record, dealer: ann.id, dealer_signature: made.signature, acks: [], wrap, wrap_from: null, files: 0,
  });
  const k = worker(bo, lists, "", twoOpen);
  for (const m of [ann, bo, cy]) assert.equal(await worker(m, lists, "", twoOpen).ack("riverside", given(m)), signAs(m, "epoch-ack", made.record).signature);
  assert.equal(await refusal(() => k.ack("riverside", given(bo, given(cy).wrap ?? ""))), "wrap");
  // A part that the server made up, with the list that names it.
  const forged = await wrapEpochShares(given(bo).id, di.identity, [bo.recipient, bo.recipient, bo.recipient], 2);
  assert.equal(await refusal(() => k.ack("riverside", given(bo, toBase64(forged.files[1] ?? new Uint8Array())))), "wrap");
  assert.equal(await refusal(() => worker(bo).open("riverside", given(bo))), "together");
});

test("no key is dealt or acknowledged that another number opens than the panel signed", async () => {
  const offer = { term: TERM, previous: null, ticketKey: "t" };
  const tries: [number, SignedLines[]][] = [
    [1, decidedBy(ann, bo)], [3, decidedBy(ann, bo)], [2, []], [2, decidedBy(ann)], [2, decidedBy(ann, di)],
  ];
  for (const [k, decisions] of tries) assert.equal(await refusal(() => worker(ann, lists, "", shownOf(lists, decisions)).deal("riverside", offer, k)), "number");
  assert.equal(await refusal(() => worker(bo, lists, "", twoOpen).ack("riverside", forBo)), "number");
});

test("no key is dealt or acknowledged whose words are kept longer than the panel decided, or that lasts longer", async () => {
  const k = worker(ann, lists, "", twoOpen);
  for (const retain_until of ["2027-06-28", "2027-06-30", "2126-12-31"]) {
    assert.equal(await refusal(() => k.deal("riverside", { term: { ...TERM, retain_until }, previous: null, ticketKey: "t" }, 2)), "term");
  }
  assert.equal(await refusal(() => k.deal("riverside", { term: { not_before: "2026-12-01", not_after: "2027-02-01", retain_until: "2027-07-31" }, previous: null, ticketKey: "t" }, 2)), "term");
  assert.equal(await refusal(() => worker(ann).deal("riverside", { term: { ...TERM, retain_until: "2126-12-31" }, previous: null, ticketKey: "t" }, 1)), "term");
  const forever = await offered(lists, ann, bo, { ...TERM, retain_until: "2126-12-31" });
  assert.equal(await refusal(() => worker(bo).ack("riverside", forever)), "term");
});

// What a server leaves out: each of these shows less than the log has. Every signature that is shown holds.
const second = signedList([ann, bo, di], 2, [first]);
const revoked: SignedLines = (() => {
  const lines = decisionLines({ kind: "revoke", clinic: CLINIC, day: TODAY, epochs: [forBo.id] });
  return { lines, signatures: [ann, cy].map((m) => signAs(m, "revoke", lines)) };
})();
const log = (...decided: SignedLines[]): string[] => shownOf(lists, decided).leaves ?? [];
const leftOut: Record<string, { shown: Shown; want: string; withheld: string[] }> = {
  "the newest list": { shown: { ...shownOf(lists), leaves: shownOf(served([first, second])).leaves }, want: "withheld", withheld: ["list 2"] },
  "the newest list, to writers alone": { shown: { ...shownOf(lists), chain: { manifests: [], revocations: [] } }, want: "withheld", withheld: ["list 1"] },
  "that a key was called back": { shown: { ...shownOf(lists), leaves: log(revoked) }, want: "withheld", withheld: ["revoke"] },
  "that a key was called back, to writers alone": { shown: { ...shownOf(lists, [revoked]), chain: shownOf(lists).chain }, want: "withheld", withheld: ["revoke"] },
  "what was decided": { shown: { ...shownOf(lists), leaves: log(...decidedBy(ann, bo)) }, want: "withheld", withheld: ["rotation"] },
  "the log": { shown: { ...shownOf(lists), leaves: null }, want: "unread", withheld: [] },
};
for (const [what, { shown, want, withheld }] of Object.entries(leftOut)) {
  test(`a server that leaves out ${what} gets nothing made or signed`, async () => {
    const k = new Keywork(bo.identity, bo.key, () => TODAY);
    const walked = k.walk("riverside", lists, "", shown);
    assert.deepEqual([walked.withheld, walked.unread], [withheld, want === "unread"]);
    const lines = decisionLines({ kind: "support", clinic: CLINIC, day: TODAY, without: true });
    const acts: (() => unknown)[] = [
      () => k.ack("riverside", forBo),
      () => k.deal("riverside", { term: TERM, previous: null, ticketKey: "t" }, 1),
      () => k.rewrap("riverside", good, cy.id),
      () => k.signDecision("riverside", lines),
      () => k.signDraft("riverside", CLINIC, listLines([ann, bo, di], 2, [first])),
    ];
    for (const act of acts) assert.equal(await refusal(act), want);
    assert.match(await k.open("riverside", good), /^AGE-SECRET-KEY-PQ-1/); // reading goes on
  });
}

test("a list that the log has cannot be hidden from who signs the first one", async () => {
  const k = new Keywork(di.identity, di.key, () => TODAY);
  assert.deepEqual(k.walk("riverside", served([]), "", { ...shownOf(served([])), leaves: shownOf(lists).leaves }).withheld, ["list 1"]);
  assert.equal(await refusal(() => k.signDraft("riverside", CLINIC, listLines([ann, di], 2))), "withheld");
});

test("who has only joined is shown no decisions, and who is on the list cannot be told the same", () => {
  const shown = { ...shownOf(lists, decidedBy(ann, bo)), decided: null };
  const walk = (who: Member, what: Shown): string[] => new Keywork(who.identity, who.key, () => TODAY).walk("riverside", lists, "", what).withheld;
  assert.deepEqual(walk(di, shown), []);
  assert.deepEqual(walk(bo, shown), ["rotation"]);
  // What writers are not shown stops the newcomer too.
  assert.deepEqual(walk(di, { ...shownOf(lists, [revoked]), chain: shownOf(lists).chain, decided: null }), ["revoke"]);
});

test("a list that is not in the log yet is waited for: what its members decided cannot be there either", async () => {
  const k = new Keywork(ann.identity, ann.key, () => TODAY);
  assert.equal(k.walk("riverside", lists, "", { ...shownOf(lists), leaves: [] }).waits, true);
  assert.equal(await refusal(() => k.deal("riverside", { term: TERM, previous: null, ticketKey: "t" }, 1)), "unlogged");
});

test("a decision that is not in the log yet does not rule, and no key is made meanwhile", async () => {
  const k = new Keywork(ann.identity, ann.key, () => TODAY);
  assert.equal(k.walk("riverside", lists, "", { ...shownOf(lists, decidedBy(ann, bo)), leaves: shownOf(lists).leaves }).waits, true);
  assert.equal(await refusal(() => k.deal("riverside", { term: TERM, previous: null, ticketKey: "t" }, 2)), "unlogged");
  assert.equal(await refusal(() => worker(bo, lists, "", { ...shownOf(lists, decidedBy(ann, bo)), leaves: shownOf(lists).leaves }).ack("riverside", forBo)), "unlogged");
});

test("a key that the log says was called back is neither acknowledged nor shown as one in use", async () => {
  const shown = shownOf(lists, [revoked]);
  assert.equal(await refusal(() => worker(bo, lists, "", shown).ack("riverside", forBo)), "revoked");
  assert.equal(await refusal(() => worker(bo, lists, "", shown).prove("riverside", { ...good, state: "active" })), "revoked");
  assert.equal(worker(bo, lists, "", shown).prove("riverside", { ...good, state: "revoked" }).id, good.id);
});

test("a key handed on opens for its receiver, and only when somebody of the panel signed that", async () => {
  const second = signedList([ann, bo, cy, di], 2, [first]);
  const now = served([first, second]);
  const { file, signature } = await worker(bo, now).rewrap("riverside", good, di.id);
  const got: ServedEpoch = { ...good, wrap: file, wrap_from: { reviewer: bo.id, signature } };
  assert.equal(await worker(di, now).open("riverside", got), await worker(bo, now).open("riverside", good));
  assert.equal(await refusal(() => worker(di, now).open("riverside", { ...got, wrap_from: { reviewer: ann.id, signature } })), "giver");
  const forged = { reviewer: di.id, signature: signAs(di, "wrap", "x").signature };
  assert.equal(await refusal(() => worker(di, now).open("riverside", { ...got, wrap_from: forged })), "giver");
  assert.equal(await refusal(() => worker(bo, lists).rewrap("riverside", good, di.id)), "seat");
});

test("what was dealt opens with the age identity of each member, and of nobody else", async () => {
  for (const m of [ann, bo, cy]) {
    const e = await offered(lists, ann, m);
    const recipient = e.record.split("\n")[5] ?? "";
    const identity = await openEpochKey(fromBase64(e.wrap ?? ""), m.identity, e.id, recipient);
    assert.match(identity, /^AGE-SECRET-KEY-PQ-1/);
    await assert.rejects(openEpochKey(fromBase64(e.wrap ?? ""), di.identity, e.id, recipient));
  }
});

test("an epoch of an earlier list is not acknowledged for a later one", async () => {
  const second = signedList([ann, bo], 2, [first]);
  assert.equal(await refusal(() => worker(bo, served([first, second])).ack("riverside", forBo)), "record");
});

test("only a decision of this clinic that reads as one is signed", async () => {
  const lines = decisionLines({ kind: "support", clinic: CLINIC, day: TODAY, without: true });
  assert.equal(await worker(ann).signDecision("riverside", lines), signAs(ann, "support", lines).signature);
  for (const bad of [lines.replace("open-without", "open"), lines.replace(CLINIC, "x"), lines + "\n", "", lines.replace("support", "panel"), lines.replace("\n", "\r\n")]) {
    assert.equal(await refusal(() => worker(ann).signDecision("riverside", bad)), "decision");
  }
});

test("that a copy does not open is signed only when it does not", async () => {
  const bad: ServedEpoch = { ...good, wrap: (await offered(lists, ann, cy)).wrap };
  const signature = await worker(bo).refuse("riverside", bad);
  const hash = toBase64(sha256(fromBase64(bad.wrap ?? "")));
  assert.equal(signature, signAs(bo, "wrap-refused", `${bad.id}\n${bo.id}\n${hash}\n`).signature);
  assert.equal(await refusal(() => worker(bo).refuse("riverside", good)), "opens");
  assert.equal(await refusal(() => worker(bo).refuse("riverside", { ...good, wrap: null })), "no-wrap");
});

test("base64 of a wrap that does not decode is refused like one that does not open", async () => {
  await assert.rejects(worker(bo).open("riverside", { ...good, wrap: "%%%" }));
  assert.equal(await refusal(() => worker(bo).open("riverside", { ...good, wrap: toBase64(new Uint8Array(5000)) })), "wrap");
});
