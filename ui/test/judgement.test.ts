import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { ed25519 } from "@noble/curves/ed25519.js";
import { toBase64, utf8 } from "../src/encoding.js";
import { doubtsOf, findingOf, type PublicPledge } from "../src/judged.js";
import { isPromise, judgementLines, type Verdict } from "../src/judgement.js";
import { parseManifest, type Manifest } from "../src/chain.js";
import { CLINIC, listLines, members, signAs } from "./panels.js";

const v = JSON.parse(readFileSync(path.join(import.meta.dirname, "../../../internal/promise/testdata/judgement.json"), "utf8")) as {
  clinic: string; promise: string; what: string; who: string; how: string; first_due: string; round: number; verdict: Verdict; day: string; lines: string; signature: string;
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
  const shown = { ...p, state: "kept", round: 1, judged: ["kept"] };
  assert.deepEqual(doubtsOf(CLINIC, lists, shown, everybody), []);
  assert.deepEqual(findingOf(CLINIC, lists, everybody), { kind: "holds", members: [ann.id, bo.id] });

  const [first = word(ann, 0, "kept")] = both;
  for (const [name, judgements] of [
    ["one alone", [first]], ["one twice", [first, first]], ["somebody who is on no list", [first, word(eve, 0, "kept")]],
    ["another round", [first, { ...word(bo, 1, "kept"), round: 0 }]], ["another verdict", [first, { ...word(bo, 0, "partly"), verdict: "kept" }]],
    ["another day", [first, { ...word(bo, 0, "kept"), day: "2026-12-03" }]], ["no base64", [first, { ...word(bo, 0, "kept"), signature: "!" }]],
  ] as const) {
    assert.deepEqual(doubtsOf(CLINIC, lists, shown, { ...everybody, judgements: [...judgements] }), [{ kind: "signatures", verdict: "kept", members: 1 }], name);
    assert.equal(findingOf(CLINIC, lists, { ...everybody, judgements: [...judgements] }).kind, "broken", name);
  }
  const kinds = (...doubts: ReturnType<typeof doubtsOf>): string[] => doubts.map((d) => d.kind);
  assert.deepEqual(kinds(...doubtsOf(CLINIC, lists, shown, undefined)), ["missing"]);
  assert.deepEqual(kinds(...doubtsOf(CLINIC, lists, { ...shown, what: "More than was promised" }, everybody)), ["words", "signatures"]);
  assert.deepEqual(kinds(...doubtsOf(CLINIC, lists, { ...shown, state: "not_kept" }, everybody)), ["state", "unsaid"]);
  assert.deepEqual(kinds(...doubtsOf(CLINIC, lists, { ...shown, judged: [] }, everybody)), ["unsaid"]);
  assert.deepEqual(doubtsOf(CLINIC, lists, shown, { ...everybody, what: "", who: "", how: "" }), []); // its words are for the panel only
  assert.equal(findingOf(CLINIC, lists, { ...everybody, what: "" }).kind, "withheld");
  assert.equal(findingOf(CLINIC, lists, { ...everybody, state: "not_kept" }).kind, "broken");
  assert.equal(findingOf(CLINIC, lists, { ...everybody, judgements: [] }).kind, "broken");
  assert.equal(findingOf(CLINIC, lists, { ...everybody, state: "open", judgements: [] }).kind, "unjudged");
});
