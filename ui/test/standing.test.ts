import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { split, withSignatures } from "../src/chain.js";
import type { Rotation } from "../src/decision.js";
import { toBase64 } from "../src/encoding.js";
import { leafHash } from "../src/leaf.js";
import { fits, Standing } from "../src/standing.js";
import { CLINIC, members, signAs, signedList, type Member } from "./panels.js";

interface Log {
  name: string;
  leaves: string[] | null;
  lists: number;
  rotation: string;
  revoked: string[];
  epochs: string[];
  shown: string[];
  withheld: string[];
  waits: boolean;
}

interface Vectors {
  clinic_id: string;
  texts: Record<string, string>;
  logs: Log[];
  fits: { rotation: string; k: number; n: number; days: string; want: string }[];
}

const file = path.join(import.meta.dirname, "../../../internal/keyring/testdata/standing.json");
const vectors = JSON.parse(readFileSync(file, "utf8")) as Vectors;
const text = (name: string): string => vectors.texts[name] ?? "";
const words = (r: Rotation | null): string => (r === null ? "" : [r.k, r.days, r.retainDays].join(" "));
const ids = ["2026-12-aaaa", "2026-12-bbbb"];

assert.ok(vectors.logs.length >= 15 && vectors.fits.length >= 14);
for (const log of vectors.logs) {
  test(`standing: ${log.name}`, () => {
    const s = new Standing(vectors.clinic_id, (log.leaves ?? []).map(text));
    assert.equal(s.withheld([], []).filter((w) => w.startsWith("list ")).length, log.lists);
    assert.equal(words(s.rotation), log.rotation);
    assert.deepEqual(ids.filter((id) => s.revoked(id)), log.revoked);
    assert.deepEqual(ids.flatMap((id) => { const e = s.epoch(id); return e ? [`${id}: ${words(e.decided)}`] : []; }), log.epochs);
    const shown = log.shown.map(text);
    const isList = (leaf: string): boolean => leaf.startsWith("answerable/leaf/v1\npanel\n");
    const decided = shown.filter((leaf) => !isList(leaf));
    assert.deepEqual(s.withheld(shown.filter(isList).map((leaf) => toBase64(leafHash(leaf))), decided.map((leaf) => split(leaf, "signature").lines)), log.withheld);
    assert.equal(s.waits(decided), log.waits);
  });
}

for (const f of vectors.fits) {
  test(`a key of ${f.days}, opened by ${String(f.k)}, where "${f.rotation}" was decided: "${f.want}"`, () => {
    const [k = 0, days = 0, retainDays = 0] = f.rotation.split(" ").map(Number);
    const [notBefore = "", notAfter = "", retainUntil = ""] = f.days.split(" ");
    assert.equal(fits(f.rotation === "" ? null : { k, days, retainDays }, { k: f.k, n: f.n, notBefore, notAfter, retainUntil }), f.want);
  });
}

test("a byte changed in a leaf takes it out", () => {
  const leaves = ["list 1", "two open", "december called back"].map(text);
  for (const [i, leaf] of leaves.entries()) {
    const changed = leaves.map((l, n) => (n === i ? leaf.slice(0, -10) + (leaf.at(-10) === "A" ? "B" : "A") + leaf.slice(-9) : l));
    const s = new Standing(vectors.clinic_id, changed);
    assert.ok(s.rotation === null || !s.revoked("2026-12-aaaa"), `leaf ${String(i)} counts`);
  }
});

test("a list that is shown and not in the log yet is waited for", () => {
  const list = text("list 1");
  const hash = toBase64(leafHash(list));
  assert.equal(new Standing(vectors.clinic_id, []).unlogged([hash]), true);
  assert.equal(new Standing(vectors.clinic_id, [list]).unlogged([hash]), false);
  assert.equal(new Standing(vectors.clinic_id, []).unlogged([]), false);
});

test("days that were let out are found, with as many signatures as the list in force asks for", async () => {
  const on = await members(3);
  const list = signedList(on, 2);
  const lines = (period: string): string => ["answerable/leaf/v1", "release", CLINIC, "1", "plan", period, "2026-11-01", "hash"].map((l) => `${l}\n`).join("");
  const leaf = (period: string, by: Member[]): string => withSignatures(lines(period), "signature", by.map((m) => signAs(m, "release", lines(period))));
  const first = withSignatures(list.lines, "signature", list.signatures);
  const s = new Standing(CLINIC, [first, leaf("2026-04-01 2026-06-30", on.slice(0, 2)), leaf("2026-07-01 2026-09-30", on.slice(0, 1))]);
  for (const [from, to, want] of [
    ["2026-04-01", "2026-06-30", true], ["2026-06-30", "2026-08-01", true], ["2026-01-01", "2026-12-31", true], ["2026-05-01", "2026-05-31", true],
    ["2026-01-01", "2026-03-31", false], ["2026-07-01", "2026-09-30", false], // one signature of two lets nothing out
  ] as const) assert.equal(s.released(from, to), want, `${from} to ${to}`);
});
