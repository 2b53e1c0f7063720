import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { ed25519 } from "@noble/curves/ed25519.js";
import { toBase64, utf8 } from "../src/encoding.js";
import { judgementLines, type Verdict } from "../src/judgement.js";

const v = JSON.parse(readFileSync(path.join(import.meta.dirname, "../../../internal/promise/testdata/judgement.json"), "utf8")) as {
  clinic: string; promise: string; what: string; who: string; how: string; first_due: string; round: number; verdict: Verdict; day: string; lines: string; signature: string;
};

test("a word on a promise is signed over the same lines as in the terminal", () => {
  const lines = judgementLines(v.clinic, { id: v.promise, what: v.what, who: v.who, how: v.how, firstDue: v.first_due }, v.round, v.verdict, v.day);
  assert.equal(lines, v.lines);
  assert.equal(toBase64(ed25519.sign(utf8(`answerable/v1/judgement\n${lines}`), new Uint8Array(32).fill(7))), v.signature);
});
