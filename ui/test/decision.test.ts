import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { CHARTER_PARTS, charterTexts, decisionLines, hashText, parseDecision, type Resolution } from "../src/decision.js";

interface Case {
  name: string;
  lines: string;
  body: string;
  want: string;
}

const file = path.join(import.meta.dirname, "../../../internal/keyring/testdata/decisions.json");
const { cases } = JSON.parse(readFileSync(file, "utf8")) as { cases: Case[] };

function summary(r: Resolution): string {
  const content = {
    revoke: (x: Resolution) => (x.kind === "revoke" ? x.epochs : []),
    shred: (x: Resolution) => (x.kind === "shred" ? [x.epoch, x.effective] : []),
    charter: (x: Resolution) => (x.kind === "charter" ? CHARTER_PARTS.map((p) => x.parts[p]) : []),
    support: (x: Resolution) => (x.kind === "support" ? [x.without ? "open-without" : "required"] : []),
    rotation: (x: Resolution) => (x.kind === "rotation" ? [x.rotation.k, x.rotation.days, x.rotation.retainDays].map(String) : []),
    settings: (x: Resolution) => (x.kind === "settings" ? [x.after, x.text] : []),
  }[r.kind](r);
  return [r.kind, r.day, ...content].join(" ");
}

assert.ok(cases.length >= 30);
for (const c of cases) {
  test(`decision: ${c.name}`, () => {
    const r = parseDecision(c.lines);
    if (r?.kind === "charter" && charterTexts(r, c.body) === null || r?.kind === "settings" && hashText(c.body) !== r.text) assert.equal("body", c.want);
    else assert.equal(r === null ? "" : summary(r), c.want);
    if (r !== null) assert.equal(decisionLines(r), c.lines);
  });
}
