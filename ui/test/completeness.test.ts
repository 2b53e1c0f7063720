import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { ed25519 } from "@noble/curves/ed25519.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { plusDays } from "../src/chain.js";
import { concat, toBase64, toHex, utf8 } from "../src/encoding.js";
import { leafHash, parseSubmissionLeaf, submissionLeaf } from "../src/leaf.js";
import { excuse, findLeaf, findOwn, lastGone, readLedger, type Found, type Oddity } from "../src/ledger.js";
import { Tree } from "../src/tree.js";
import { cosigners, daySeen } from "../src/watchers.js";
import { ageOf, disagreeing, isElsewhere, isMisdated, undelivered, readLog, unlisted, unlogged } from "../src/panel/completeness.js";

const bytes32 = (n: number): Uint8Array => new Uint8Array(32).fill(n);
const told = (epoch: string, n: number): string => submissionLeaf({ epoch, fileHash: bytes32(n), anchor: bytes32(n), withdraw: sha256(bytes32(n)) });
const hash = (leaf: string): string => toHex(leafHash(leaf));

interface Shredding {
  manifests: string[];
  shred: string;
  epoch: string;
  records: string[];
  forged: string[];
}
const file = path.join(import.meta.dirname, "../../../internal/keyring/testdata/shred.json");
const shredding = JSON.parse(readFileSync(file, "utf8")) as Shredding;

test("every submission of an epoch has a file, or its writer took it back", () => {
  const leaves = [told("2026-11", 1), told("2026-11", 2), told("2026-12", 3), told("2026-11", 4)];
  const [first = "", second = "", , fourth = ""] = leaves;
  const withdrawn = `answerable/leaf/v1\nwithdrawn\n${toBase64(bytes32(2))}\n${toBase64(bytes32(2))}\n`;
  const indexes = (delivered: string[], more: string[] = []): number[] =>
    undelivered(readLedger([...leaves, ...more]), "clinic", "2026-11", new Set(delivered.map(hash))).map((s) => s.index);
  assert.deepEqual(indexes([first, second, fourth]), []);
  assert.deepEqual(indexes([first, fourth]), [1]);
  assert.deepEqual(indexes([]), [0, 1, 3]);
  assert.deepEqual(indexes([first, fourth], [withdrawn]), []);
  assert.deepEqual(indexes([fourth], [withdrawn]), [0]);
  const faked = withdrawn.replace(`${toBase64(bytes32(2))}\n`, `${toBase64(bytes32(1))}\n`);
  assert.deepEqual(indexes([second, fourth], [faked]), [0]);
});

test("a message stands under the key that its leaf names, and days are in the order of the log", () => {
  const [first, second] = [told("2026-11", 1), told("2026-12", 2)];
  const log = readLedger([first, second]);
  assert.deepEqual(["2026-11", "2026-12"].map((epoch) => isElsewhere(log, epoch, hash(first))), [false, true]);
  assert.equal(isElsewhere(log, "2026-11", "ff".repeat(32)), false, "what is not in the log yet is nowhere else");
  const misdated = (one: string, other: string): boolean => isMisdated(log, new Map([[hash(second), other], [hash(first), one], ["ff".repeat(32), "1999-01-01"]]));
  assert.deepEqual([misdated("2026-11-30", "2026-12-01"), misdated("2026-12-01", "2026-12-01"), misdated("2026-12-02", "2026-12-01")], [false, false, true]);
});

test("what a member signed to have seen of the log is its beginning, or it is another", async () => {
  const bundle = (all: string[]): Uint8Array => Buffer.concat(all.map((l) => Buffer.concat([Buffer.from([l.length >> 8, l.length & 255]), Buffer.from(l)])));
  const leaves = [told("2026-11", 1), told("2026-11", 2), told("2026-12", 3)];
  const roots = leaves.map((_, i) => { const tree = new Tree(); for (const l of leaves.slice(0, i + 1)) tree.add(leafHash(l)); return tree.root(); });
  const secret = bytes32(7);
  const key = concat(new Uint8Array([1]), ed25519.getPublicKey(secret));
  const id = sha256(concat(utf8("log.example\n"), key)).slice(0, 4);
  const text = `log.example\n3\n${toBase64(roots[2] ?? bytes32(0))}\n`;
  const note = `${text}\n— log.example ${toBase64(concat(id, ed25519.sign(utf8(text), secret)))}\n`;
  const get = (path: string): Promise<Uint8Array> => Promise.resolve(path === "checkpoint" ? utf8(note) : bundle(leaves));
  const read = await readLog(get, `log.example+${toHex(id)}+${toBase64(key)}`, null);
  const root = (n: number): string => toBase64(roots[n - 1] ?? bytes32(0));
  assert.deepEqual(disagreeing(read, [1, 2, 3].map((size) => ({ by: `of ${String(size)}`, size, root: root(size) }))), []);
  assert.deepEqual(disagreeing(read, [{ by: "longer", size: 4, root: root(3) }, { by: "other", size: 2, root: root(1) }, { by: "same", size: 1, root: root(1) }]), ["longer", "other"]);
});

test("only the panel's own signatures under its end excuse an epoch", () => {
  const leaf = told(shredding.epoch, 1);
  const clinic = shredding.records[0]?.split("\n")[2] ?? "";
  const missing = (leaves: string[]): number => undelivered(readLedger(leaves), clinic, shredding.epoch, new Set()).length;
  const start = [...shredding.manifests, ...shredding.records, leaf];
  assert.equal(missing([...start, shredding.shred]), 0);
  assert.equal(missing([leaf, shredding.shred]), 1, "no panel in the log");
  assert.equal(missing([...shredding.manifests, leaf, shredding.shred]), 1, "no such epoch in the log");
  assert.ok(shredding.forged.length >= 3);
  for (const forged of shredding.forged) assert.equal(missing([...start, forged]), 1, forged);
});

interface Hostile {
  other: string;
  clinic: string;
  leaves: Record<string, string>;
  cases: {
    name: string; leaves: string[]; listed: string[]; delivered: string[];
    oddities: Oddity[]; missing: number[]; states: Record<string, Found["state"]>; ticket_keys: string[]; last_gone: number;
  }[];
}
const hostileFile = path.join(import.meta.dirname, "../../../internal/client/testdata/hostile_logs.json");
const hostile = JSON.parse(readFileSync(hostileFile, "utf8")) as Hostile;
const leafOf = (name: string): string => hostile.leaves[name] ?? assert.fail(`no leaf ${name}`);

test("whatever a server writes into its log, what it dropped stays missing, and what it tries is shown", () => {
  assert.ok(hostile.cases.length >= 20);
  for (const c of hostile.cases) {
    const ledger = readLedger(c.leaves.map(leafOf));
    const delivered = new Set(c.delivered.map((name) => hash(leafOf(name))));
    assert.deepEqual(ledger.oddities, c.oddities, c.name);
    const missing = [...c.listed.flatMap((e) => undelivered(ledger, hostile.clinic, e, delivered)), ...unlisted(ledger, hostile.clinic, c.listed)];
    assert.deepEqual(missing.map((s) => s.index), c.missing, c.name);
    for (const [name, state] of Object.entries(c.states)) {
      const s = parseSubmissionLeaf(leafOf(name));
      assert.equal(findLeaf(ledger, hash(leafOf(name)))?.state, state, c.name);
      assert.equal(findOwn(ledger, s.anchor, s.withdraw)?.state, state, c.name);
    }
    assert.deepEqual([...ledger.ticketKeys].sort(), c.ticket_keys, c.name);
    assert.equal(lastGone(ledger, hostile.clinic, c.listed[0] ?? ""), c.last_gone, c.name);
  }
});

test("a withdrawal that waits for its place in the log excuses a file with its token, and with nothing else", () => {
  const ledger = readLedger([told("2026-11", 1), told("2026-11", 2)]);
  const withdrawn = (anchor: number, token: number): string => `answerable/leaf/v1\nwithdrawn\n${toBase64(bytes32(anchor))}\n${toBase64(bytes32(token))}\n`;
  excuse(ledger, [withdrawn(1, 2), withdrawn(3, 3), "", "withdrawn", withdrawn(1, 1).replace("withdrawn", "submission")]);
  assert.equal(undelivered(ledger, "clinic", "2026-11", new Set()).length, 2);
  excuse(ledger, [withdrawn(1, 1)]);
  assert.deepEqual(undelivered(ledger, "clinic", "2026-11", new Set()).map((s) => s.index), [1]);
});

interface Points {
  witnesses: string[];
  good: { note: string; cosigners: string[] }[];
}

/** A checkpoint that witnesses have signed. */
function cosigned(): { note: string; witnesses: string[] } {
  const points = JSON.parse(readFileSync(path.join(import.meta.dirname, "../../../internal/transparency/testdata/checkpoint.json"), "utf8")) as Points;
  return { note: points.good.find((g) => g.cosigners.length > 0)?.note ?? assert.fail("no cosigned checkpoint"), witnesses: points.witnesses };
}

/** The same without its witnesses. */
const unsigned = (note: string): string => note.split("\n").filter((line) => !line.includes("/witness ")).join("\n");

test("a log that stands still is told by this device's clock, and with a witness by what it signed", () => {
  const { note, witnesses } = cosigned();
  const checkpoint = { origin: "o", size: 5, root: bytes32(0), note };
  const info = { vkey: "", batchedOn: "2026-11-24", everySeconds: 86_400, witnesses: [] };
  const at = (day: string): Date => new Date(`${day}T12:00:00Z`);
  assert.deepEqual(ageOf(info, checkpoint, at("2026-11-27")), { size: 5, batch: "2026-11-24", overdue: false, silent: [], witness: null });
  assert.equal(ageOf(info, checkpoint, at("2026-11-28")).overdue, true);
  assert.equal(ageOf({ ...info, batchedOn: null }, checkpoint, at("2026-11-28")).overdue, false, "before the first batch");
  // Whatever day the server names, a witness's own day is the one that counts.
  const [seen] = cosigners(note, witnesses);
  const day = daySeen(seen ?? assert.fail("no cosignature"));
  const lying = { ...info, batchedOn: "2999-01-01", witnesses };
  assert.equal(ageOf(lying, checkpoint, at(day)).witness?.day, day);
  assert.equal(ageOf(lying, checkpoint, at(plusDays(day, 3))).overdue, false);
  assert.equal(ageOf(lying, checkpoint, at(plusDays(day, 4))).overdue, true);
  assert.deepEqual(ageOf(lying, checkpoint, at(day)).silent, []);
  const [silent] = ageOf(lying, { ...checkpoint, note: unsigned(note) }, at(day)).silent;
  assert.equal(silent, seen?.name, "a witness that is named and has not signed is said to be missing");
  assert.equal(ageOf(lying, { ...checkpoint, note: unsigned(note) }, at(day)).overdue, true, "witnesses are named and none has signed");
});

test("files under a key that the log does not name are told", () => {
  const c = hostile.cases.find((one) => one.name === "an honest log");
  const ledger = readLedger((c?.leaves ?? []).map(leafOf));
  const epoch = c?.listed[0] ?? "";
  assert.deepEqual(unlogged(ledger, hostile.clinic, [{ id: epoch, files: 2 }, { id: "2027-01-aaaa", files: 0 }]), []);
  assert.deepEqual(unlogged(ledger, hostile.clinic, [{ id: "2027-01-aaaa", files: 1 }]), ["2027-01-aaaa"]);
  assert.deepEqual(unlogged(ledger, hostile.other, [{ id: epoch, files: 1 }]), [epoch]);
});
