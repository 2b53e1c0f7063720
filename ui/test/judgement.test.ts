import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { ed25519 } from "@noble/curves/ed25519.js";
import { toBase64, utf8 } from "../src/encoding.js";
import { findingOf, type PublicPledge } from "../src/judged.js";
import { doubtsOf, isPromise, judgementLines, parseDecided, type Doubt, promiseHash, saidLines, type Verdict } from "../src/judgement.js";
import { parseManifest, reviewerId, withSignatures, type Manifest } from "../src/chain.js";
import { Standing } from "../src/standing.js";
import { CLINIC, listLines, members, signAs, signedList, type Member } from "./panels.js";

const v = JSON.parse(readFileSync(path.join(import.meta.dirname, "../../../internal/promise/testdata/judgement.json"), "utf8")) as {
  clinic: string; promise: string; what: string; who: string; how: string; first_due: string; round: number; verdict: Verdict; day: string; lines: string; signature: string; leaf: string; not_leaves: Record<string, string>;
};

test("a word on a promise is signed over the same lines as in the terminal", () => {
  const lines = judgementLines(v.clinic, { id: v.promise, what: v.what, who: v.who, how: v.how, firstDue: v.first_due }, v.round, v.verdict, v.day);
  assert.equal(lines, v.lines);
  const good = { id: v.promise, what: v.what, who: v.who, how: v.how, firstDue: v.first_due };
  assert.ok(isPromise(good));
  for (const bad of [{ ...good, id: `${v.promise}\n` }, { ...good, what: "a\0b" }, { ...good, how: "" }]) assert.ok(!isPromise(bad));
  assert.equal(toBase64(ed25519.sign(utf8(`answerable/v1/judgement\n${lines}`), new Uint8Array(32).fill(7))), v.signature);
});

test("what members judged holds by the signatures of two, over these words and on a list of the panel, and by nothing else", async () => {
  const [ann, bo, eve] = await members(3);
  if (bo === undefined || eve === undefined) throw new Error("three members");
  const lists = [parseManifest(listLines([ann, bo], 2))].filter((m): m is Manifest => m !== null);
  assert.equal(lists.length, 1);
  const p = { id: v.promise, what: v.what, who: v.who, how: v.how, firstDue: v.first_due };
  const word = (by: typeof ann, round: number, verdict: Verdict): PublicPledge["judgements"][number] => {
    const { signature } = signAs(by, "judgement", judgementLines(CLINIC, p, round, verdict, "2026-12-02"));
    return { reviewer: by.id, round, verdict, day: "2026-12-02", signature };
  };
  const both = [word(ann, 0, "kept"), word(bo, 0, "kept")];
  const everybody = { id: p.id, what: p.what, who: p.who, how: p.how, first_due: p.firstDue, state: "kept", judgements: both };
  assert.deepEqual(findingOf(CLINIC, lists, everybody), { kind: "holds", members: [ann.id, bo.id] });

  const [first = word(ann, 0, "kept")] = both;
  for (const [name, judgements] of [
    ["one alone", [first]], ["one twice", [first, first]], ["somebody who is on no list", [first, word(eve, 0, "kept")]],
    ["another round", [first, { ...word(bo, 1, "kept"), round: 0 }]], ["another verdict", [first, { ...word(bo, 0, "partly"), verdict: "kept" }]],
    ["another day", [first, { ...word(bo, 0, "kept"), day: "2026-12-03" }]], ["no base64", [first, { ...word(bo, 0, "kept"), signature: "!" }]],
  ] as const) {
    assert.equal(findingOf(CLINIC, lists, { ...everybody, judgements: [...judgements] }).kind, "broken", name);
  }
  assert.equal(findingOf(CLINIC, lists, { ...everybody, what: "" }).kind, "withheld");
  assert.equal(findingOf(CLINIC, lists, { ...everybody, state: "not_kept" }).kind, "broken");
  assert.equal(findingOf(CLINIC, lists, { ...everybody, judgements: [] }).kind, "broken");
  assert.equal(findingOf(CLINIC, lists, { ...everybody, state: "open", judgements: [] }).kind, "unjudged");
});

test("what decided a promise is read as the terminal writes it, and nothing that is near it", () => {
  const d = parseDecided(v.leaf);
  assert.ok(d);
  assert.deepEqual([d.clinic, d.promise, d.round, d.verdict], [v.clinic, v.promise, v.round, v.verdict]);
  assert.equal(d.hash, promiseHash({ id: v.promise, what: v.what, who: v.who, how: v.how, firstDue: v.first_due }));
  const keys = new Map([7, 8].map((seed) => ed25519.getPublicKey(new Uint8Array(32).fill(seed))).map((key) => [reviewerId(key), key]));
  assert.equal(d.by.length, 2);
  for (const s of d.by) assert.ok(ed25519.verify(s.signature, utf8(`answerable/v1/judgement\n${saidLines(d, s.day)}`), keys.get(s.id) ?? new Uint8Array(32)));
  assert.ok(Object.keys(v.not_leaves).length >= 14);
  for (const [name, bad] of Object.entries(v.not_leaves)) assert.equal(parseDecided(bad), null, name);
});

test("a round of a promise is decided once, by enough of the list in force at its place and by nobody else", async () => {
  const on = await members(3);
  const [stranger] = await members(1, 9);
  const list = signedList(on, 2);
  const promised = { id: v.promise, what: "Open doors.", who: "manager", how: "Try it.", firstDue: "2026-12-24" };
  const leaf = (round: number, verdict: Verdict, by: Member[], day = "2027-01-02"): string => {
    const head = ["answerable/leaf/v1", "judgement", CLINIC, promised.id, promiseHash(promised), String(round), verdict].map((l) => `${l}\n`).join("");
    return head + by.map((m) => `signature ${m.id} ${day} ${signAs(m, "judgement", judgementLines(CLINIC, promised, round, verdict, "2027-01-02")).signature}\n`).join("");
  };
  const first = withSignatures(list.lines, "signature", list.signatures);
  const judged = (...leaves: string[]): string[] => [...new Standing(CLINIC, leaves).judged(promised.id)].map(([n, d]) => `${String(n)} ${d.verdict}`);
  const two = on.slice(0, 2);
  assert.deepEqual(judged(first, leaf(0, "kept", two), leaf(1, "partly", on), leaf(0, "not_kept", two)), ["0 kept", "1 partly"]);
  const logged = new Standing(CLINIC, [first, leaf(0, "kept", two), leaf(1, "partly", on)]).judged(promised.id);
  const doubts = (verdicts: Verdict[], what = promised.what): string[] => doubtsOf({ ...promised, what, judged: verdicts }, logged).map((d: Doubt) => `${d.what} ${d.verdict}`);
  assert.deepEqual(doubts(["kept", "partly"]), []);
  assert.deepEqual(doubts(["kept"]), ["hidden partly"]);
  assert.deepEqual(doubts(["kept", "kept"]), ["unlogged kept", "hidden partly"]);
  assert.deepEqual(doubts(["kept", "partly", "kept"]), ["unlogged kept"]);
  assert.deepEqual(doubts(["kept", "partly"], "Fewer doors."), ["unlogged kept", "unlogged partly"]);
  assert.deepEqual(judged(leaf(0, "kept", two), first), [], "before its list");
  assert.deepEqual(judged(first, leaf(0, "kept", on.slice(0, 1))), [], "by one");
  assert.deepEqual(judged(first, leaf(0, "kept", two, "2027-01-03")), [], "of a day that nobody signed");
  assert.deepEqual(judged(first, leaf(0, "kept", [...two, stranger].sort((a, b) => (a.id < b.id ? -1 : 1)))), [], "with a stranger");
});
