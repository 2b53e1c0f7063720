import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { sha256 } from "@noble/hashes/sha2.js";
import { concat, fromHex, toHex, utf8 } from "../src/encoding.js";
import { leafHash, submissionLeaf } from "../src/leaf.js";
import { findOwn, readLedger } from "../src/ledger.js";
import { entriesPath, LogError, parseBundle, parseCheckpoint, parseProof, parseTicket, readLeaves } from "../src/log.js";
import { parseVerifierKey } from "../src/note.js";
import { nodeHash, Tree, verifyConsistency, verifyInclusion } from "../src/tree.js";
import { cosignedAfter, cosigners, missingFile, parsePolicy } from "../src/watchers.js";
import { toBase64 } from "../src/encoding.js";
import { randomFrom } from "./vectors.js";

const folder = path.join(import.meta.dirname, "../../../internal/transparency/testdata");
const read = (name: string): unknown => JSON.parse(readFileSync(path.join(folder, name), "utf8"));

interface TreeVectors {
  roots: string[];
  inclusion: string[];
  consistency: string[];
}
const tree = read("tree.json") as TreeVectors;

interface CheckpointVectors {
  vkey: string;
  witnesses: string[];
  good: { comment: string; note: string; size: number; root: string; cosigners: string[] }[];
  refuse: { comment: string; note: string }[];
  ticket_key: string;
  ticket: string;
  proof: string;
  leaf: string;
  bundle: string;
}
const points = read("checkpoint.json") as CheckpointVectors;

const vectorLeaf = (i: number): Uint8Array => leafHash(`leaf ${i}\n`);
const MAX = tree.roots.length - 1;

// The definitions of RFC 6962, sections 2.1 to 2.1.2, word for word, to make proofs with.

function split(n: number): number {
  let k = 1;
  while (k * 2 < n) k *= 2;
  return k;
}

function root(leaves: Uint8Array[]): Uint8Array {
  const [only] = leaves;
  if (only === undefined) return sha256(new Uint8Array());
  if (leaves.length === 1) return only;
  const k = split(leaves.length);
  return nodeHash(root(leaves.slice(0, k)), root(leaves.slice(k)));
}

function inclusion(m: number, leaves: Uint8Array[]): Uint8Array[] {
  if (leaves.length === 1) return [];
  const k = split(leaves.length);
  if (m < k) return [...inclusion(m, leaves.slice(0, k)), root(leaves.slice(k))];
  return [...inclusion(m - k, leaves.slice(k)), root(leaves.slice(0, k))];
}

function consistency(m: number, leaves: Uint8Array[], whole = true): Uint8Array[] {
  if (m === leaves.length) return whole ? [] : [root(leaves)];
  const k = split(leaves.length);
  if (m <= k) return [...consistency(m, leaves.slice(0, k), whole), root(leaves.slice(k))];
  return [...consistency(m - k, leaves.slice(k), false), root(leaves.slice(0, k))];
}

const flipped = (bytes: Uint8Array): Uint8Array => bytes.map((b, i) => (i === 7 ? b ^ 1 : b));

/** Every way to spoil a proof a little. */
function spoilt(proof: Uint8Array[]): Uint8Array[][] {
  const changed = proof.map((_, i) => proof.map((h, j) => (i === j ? flipped(h) : h)));
  const shorter = proof.length > 0 ? [proof.slice(1), proof.slice(0, -1)] : [];
  const longer = [[...proof, new Uint8Array(32)], [new Uint8Array(32), ...proof]];
  const turned = proof.length > 1 && toHex(proof[0] ?? new Uint8Array()) !== toHex(proof[proof.length - 1] ?? new Uint8Array()) ? [[...proof].reverse()] : [];
  return [...changed, ...shorter, ...longer, ...turned];
}

test("every proof up to 70 leaves is the one that Go makes, holds, and no tampered one does", () => {
  assert.equal(MAX, 70);
  const all = Array.from({ length: MAX }, (_, i) => vectorLeaf(i));
  const grown = new Tree();
  for (let n = 0; n <= MAX; n++) {
    const leaves = all.slice(0, n);
    const now = root(leaves);
    assert.equal(toHex(now), tree.roots[n]);
    assert.equal(toHex(grown.root()), tree.roots[n], `grown to ${n}`);
    const inside: Uint8Array[] = [];
    const growth: Uint8Array[] = [];
    for (let m = 0; m < n; m++) {
      const leaf = all[m] ?? new Uint8Array();
      const proof = inclusion(m, leaves);
      inside.push(...proof);
      assert.ok(verifyInclusion(m, n, leaf, proof, now), `leaf ${m} of ${n}`);
      for (const bad of spoilt(proof)) assert.ok(!verifyInclusion(m, n, leaf, bad, now), `spoilt, leaf ${m} of ${n}`);
      assert.ok(!verifyInclusion(m, n, flipped(leaf), proof, now) && !verifyInclusion(m, n, leaf, proof, flipped(now)));
      for (const other of [m + 1, m - 1, n, -1, 0.5]) {
        assert.ok(!verifyInclusion(other, n, leaf, proof, now), `leaf ${m} of ${n} at ${other}`);
      }

      const before = root(all.slice(0, m + 1));
      const path = consistency(m + 1, leaves);
      growth.push(...path);
      assert.ok(verifyConsistency(m + 1, n, before, now, path), `from ${m + 1} to ${n}`);
      for (const bad of spoilt(path)) assert.ok(!verifyConsistency(m + 1, n, before, now, bad), `spoilt, from ${m + 1} to ${n}`);
      assert.ok(!verifyConsistency(m + 1, n, flipped(before), now, path) && !verifyConsistency(m + 1, n, before, flipped(now), path));
    }
    assert.equal(toHex(sha256(concat(...inside))), tree.inclusion[n], `inclusion at ${n}`);
    assert.equal(toHex(sha256(concat(...growth))), tree.consistency[n], `consistency at ${n}`);
    assert.ok(!verifyConsistency(0, n, now, now, []));
    if (n < MAX) grown.add(vectorLeaf(n));
  }
});

test("checkpoints and cosignatures are read as Go reads them", async (t) => {
  for (const v of points.good) {
    await t.test(v.comment, () => {
      const c = parseCheckpoint(v.note, points.vkey);
      assert.equal(c.size, v.size);
      assert.equal(toHex(c.root), v.root);
      assert.deepEqual(cosigners(v.note, points.witnesses).map((w) => w.name), v.cosigners);
      for (const w of cosigners(v.note, points.witnesses)) assert.ok(w.at > 1_700_000_000 && w.at < 4_000_000_000);
    });
  }
  for (const v of points.refuse) {
    await t.test(v.comment, () => { assert.throws(() => parseCheckpoint(v.note, points.vkey), LogError); });
  }
});

test("a checkpoint with one byte changed is refused, or the byte is outside of what the log signs", () => {
  const note = points.good[1]?.note ?? "";
  const random = randomFrom(5);
  const good = parseCheckpoint(note, points.vkey);
  for (let i = 0; i < 300; i++) {
    const at = random.int(note.length);
    const changed = note.slice(0, at) + String.fromCharCode(32 + random.int(95)) + note.slice(at + 1);
    try {
      assert.equal(parseCheckpoint(changed, points.vkey).size, good.size);
      assert.equal(changed, note);
    } catch (err) {
      assert.ok(err instanceof LogError, String(err));
    }
  }
});

test("keys that are none are refused", () => {
  const [name = "", id = "", key = ""] = points.vkey.split("+");
  for (const bad of ["", name, `${name}+${id}`, `${name}+00000000+${key}`, `${name}+${id}+AAAA`, `other+${id}+${key}`, `${points.vkey}=`, ` ${points.vkey}`]) {
    assert.throws(() => parseVerifierKey(bad), LogError, bad);
  }
});

test("bundles of leaves read back, and nothing else does", () => {
  const bundle = fromHex(points.bundle);
  assert.deepEqual(parseBundle(bundle, 3), ["leaf 0\n", "leaf 1\n", "leaf 2\n"]);
  for (const bad of [bundle.slice(0, -1), concat(bundle, Uint8Array.of(0)), Uint8Array.of(0, 2, 0xff, 0xff)]) {
    assert.throws(() => parseBundle(bad, bad.length === 4 ? 1 : 3), LogError);
  }
  assert.throws(() => parseBundle(bundle, 2), LogError);
  assert.throws(() => parseBundle(bundle, 4), LogError);
  const random = randomFrom(11);
  for (let i = 0; i < 2000; i++) {
    try {
      parseBundle(random.bytes(random.int(40)), random.int(4));
    } catch (err) {
      assert.ok(err instanceof LogError, String(err));
    }
  }
});

test("paths of bundles are those of tlog-tiles", () => {
  assert.equal(entriesPath(0, 256), "tile/entries/000");
  assert.equal(entriesPath(0, 3), "tile/entries/000.p/3");
  assert.equal(entriesPath(1234067, 112), "tile/entries/x001/x234/067.p/112");
  assert.equal(entriesPath(1000, 256), "tile/entries/x001/000");
});

test("a proof that Go made holds, and not one that was changed", () => {
  const proof = parseProof(points.proof, points.vkey);
  assert.equal(proof.index, 13);
  assert.equal(proof.leaf, points.leaf);
  assert.equal(cosigners(proof.checkpoint.note, points.witnesses).length, 2);
  const signed = points.proof.indexOf("\n\n", points.proof.indexOf("\n\n") + 2);
  for (let at = 0; at < signed; at++) {
    const changed = points.proof.slice(0, at) + (points.proof[at] === "A" ? "B" : "A") + points.proof.slice(at + 1);
    assert.throws(() => parseProof(changed, points.vkey), LogError, `byte ${at}`);
  }
});

test("a ticket is believed with the key it is signed with, and not when it was changed", () => {
  assert.deepEqual(parseTicket(points.ticket, [points.vkey, points.ticket_key]), { origin: "words.example/answerable", leaf: toHex(vectorLeaf(13)), logBy: "2026-11-24" });
  assert.throws(() => parseTicket(points.ticket, [points.vkey]), LogError);
  assert.throws(() => parseTicket(points.good[1]?.note ?? "", [points.vkey, points.ticket_key]), LogError, "a checkpoint is no ticket");
  const signed = points.ticket.indexOf("\n\n");
  for (let at = 0; at < signed; at++) {
    const changed = points.ticket.slice(0, at) + (points.ticket[at] === "2" ? "3" : "2") + points.ticket.slice(at + 1);
    assert.throws(() => parseTicket(changed, [points.ticket_key]), LogError, `byte ${at}`);
  }
});

test("only a witness who signed on a later day proves that a promise was broken, and the file says who", () => {
  const ticket = parseTicket(points.ticket, [points.ticket_key]);
  const seen = [{ name: "one.example/witness", at: Date.parse("2026-11-24T23:59:59Z") / 1000 }, { name: "two.example/witness", at: Date.parse("2026-11-25T00:00:00Z") / 1000 }];
  assert.deepEqual(cosignedAfter(seen, ticket).map((c) => c.name), ["two.example/witness"]);
  const note = points.good[1]?.note ?? "";
  assert.equal(missingFile(points.ticket, note, []), `answerable/missing/v1\nnot proved\n\n${points.ticket}\n${note}`);
  assert.equal(missingFile(points.ticket, note, cosignedAfter(seen, ticket)), `answerable/missing/v1\nproved by two.example/witness 2026-11-25\n\n${points.ticket}\n${note}`);
});

test("a policy names logs and witnesses, and what is none is refused", () => {
  const [one = "", two = ""] = points.witnesses;
  const policy = `# ours\nlog ${points.vkey}\n\nwitness a ${one} https://one.example\nwitness\tb ${two}\ngroup g 1 a b\nquorum g\n`;
  assert.deepEqual(parsePolicy(policy), { logs: [points.vkey], witnesses: [one, two] });
  assert.deepEqual(parsePolicy(""), { logs: [], witnesses: [] });
  for (const bad of [`witness a ${points.vkey}`, `log ${one}`, "witness a", "log", "hello", one, `witness a ${one.slice(0, -1)}`]) {
    assert.throws(() => parsePolicy(bad), LogError, bad);
  }
});

/** A log in memory, with a checkpoint that is not signed: what is read is checked against its root. */
function memoryLog(leaves: string[]): { get: (path: string) => Promise<Uint8Array>; checkpoint: { origin: string; size: number; root: Uint8Array; note: string }; asked: string[] } {
  const grown = new Tree();
  const files = new Map<string, Uint8Array>();
  const bundle: Uint8Array[] = [];
  leaves.forEach((leaf, i) => {
    grown.add(leafHash(leaf));
    const bytes = utf8(leaf);
    bundle.push(Uint8Array.of(bytes.length >> 8, bytes.length & 255), bytes);
    files.set(entriesPath(Math.floor(i / 256), (i % 256) + 1), concat(...bundle));
    if (i % 256 === 255) bundle.length = 0;
  });
  const asked: string[] = [];
  const get = (file: string): Promise<Uint8Array> => {
    asked.push(file);
    return Promise.resolve(files.get(file) ?? new Uint8Array());
  };
  return { get, asked, checkpoint: { origin: "o", size: leaves.length, root: grown.root(), note: "" } };
}

const bytes32 = (n: number): Uint8Array => new Uint8Array(32).fill(n);
const withdrawnLeaf = (anchor: Uint8Array, token: Uint8Array): string => `answerable/leaf/v1\nwithdrawn\n${toBase64(anchor)}\n${toBase64(token)}\n`;

test("a writer finds the own leaf in whole bundles, and a withdrawal counts only with the token", async () => {
  const token = bytes32(9);
  const mine = { epoch: "2026-12", fileHash: bytes32(1), anchor: bytes32(2), withdraw: sha256(token) };
  const leaves = Array.from({ length: 300 }, (_, i) => `answerable/leaf/v1\npanel\n${i}\n`);
  leaves[280] = submissionLeaf(mine);
  leaves[281] = submissionLeaf({ ...mine, withdraw: bytes32(7) }); // somebody copied the anchor
  leaves[282] = withdrawnLeaf(mine.anchor, bytes32(5)); // a clinic that would like it gone
  const log = memoryLog(leaves);
  const got = await readLeaves(log.get, log.checkpoint);
  assert.deepEqual(got, leaves);
  assert.deepEqual(log.asked, ["tile/entries/000", "tile/entries/001.p/44"]);
  assert.equal(findOwn(readLedger(got), mine.anchor, mine.withdraw)?.state, "there");
  assert.equal(findOwn(readLedger(got), mine.anchor, mine.withdraw)?.placed.index, 280);
  assert.equal(findOwn(readLedger(got), bytes32(3), mine.withdraw), null);
  leaves[283] = withdrawnLeaf(mine.anchor, token);
  assert.equal(findOwn(readLedger(leaves), mine.anchor, mine.withdraw)?.state, "withdrawn");
  // A shredding that nobody signed counts for nothing.
  leaves[283] = "answerable/leaf/v1\nshred\nclinic\n2026-12\n2026-11-25\n2026-12-30\n";
  assert.equal(findOwn(readLedger(leaves), mine.anchor, mine.withdraw)?.state, "there");

  const wrong = memoryLog(leaves.slice(0, 299));
  await assert.rejects(readLeaves(wrong.get, { ...wrong.checkpoint, root: bytes32(0) }), LogError);
  await assert.rejects(readLeaves(wrong.get, { ...wrong.checkpoint, size: 300 }), LogError);
});
