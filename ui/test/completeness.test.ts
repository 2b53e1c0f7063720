import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { sha256 } from "@noble/hashes/sha2.js";
import { toBase64, toHex } from "../src/encoding.js";
import { leafHash, submissionLeaf } from "../src/leaf.js";
import { excuse, readLedger } from "../src/log.js";
import { undelivered, unlisted } from "../src/panel/completeness.js";

const bytes32 = (n: number): Uint8Array => new Uint8Array(32).fill(n);
const told = (epoch: string, n: number): string => submissionLeaf({ epoch, fileHash: bytes32(n), anchor: bytes32(n), withdraw: sha256(bytes32(n)) });
const hash = (leaf: string): string => toHex(leafHash(leaf));

interface Shredding {
  manifests: string[];
  shred: string;
  epoch: string;
  forged: string[];
}
const file = path.join(import.meta.dirname, "../../../internal/keyring/testdata/shred.json");
const shredding = JSON.parse(readFileSync(file, "utf8")) as Shredding;

test("every submission of an epoch has a file, or its writer took it back", () => {
  const leaves = [told("2026-11", 1), told("2026-11", 2), told("2026-12", 3), told("2026-11", 4)];
  const [first = "", second = "", , fourth = ""] = leaves;
  const withdrawn = `answerable/leaf/v1\nwithdrawn\n${toBase64(bytes32(2))}\n${toBase64(bytes32(2))}\n`;
  const indexes = (delivered: string[], more: string[] = []): number[] =>
    undelivered(readLedger([...leaves, ...more]), "2026-11", new Set(delivered.map(hash))).map((s) => s.index);
  assert.deepEqual(indexes([first, second, fourth]), []);
  assert.deepEqual(indexes([first, fourth]), [1]);
  assert.deepEqual(indexes([]), [0, 1, 3]);
  assert.deepEqual(indexes([first, fourth], [withdrawn]), []);
  assert.deepEqual(indexes([fourth], [withdrawn]), [0]);
  const faked = withdrawn.replace(`${toBase64(bytes32(2))}\n`, `${toBase64(bytes32(1))}\n`);
  assert.deepEqual(indexes([second, fourth], [faked]), [0]);
});

test("only the panel's own signatures under its end excuse an epoch", () => {
  const leaf = told(shredding.epoch, 1);
  assert.equal(undelivered(readLedger([...shredding.manifests, leaf, shredding.shred]), shredding.epoch, new Set()).length, 0);
  assert.equal(undelivered(readLedger([leaf, shredding.shred]), shredding.epoch, new Set()).length, 1, "no panel in the log");
  assert.ok(shredding.forged.length >= 3);
  for (const forged of shredding.forged) {
    assert.equal(undelivered(readLedger([...shredding.manifests, leaf, forged]), shredding.epoch, new Set()).length, 1, forged);
  }
});

test("an epoch that the server does not list is found by its leaf, and those of other clinics are not looked for", () => {
  const epoch = (clinic: string, id: string): string => `answerable/leaf/v1\nepoch\n${clinic}\n${id}\n-\n`;
  const ledger = readLedger([epoch("one", "2026-11"), told("2026-11", 1), epoch("one", "2026-12"), told("2026-12", 2), epoch("two", "2026-13"), told("2026-13", 3)]);
  assert.deepEqual(unlisted(ledger, "one", ["2026-11", "2026-12"]), []);
  assert.deepEqual(unlisted(ledger, "one", ["2026-11"]).map((s) => s.epoch), ["2026-12"]);
  assert.equal(unlisted(ledger, "one", []).length, 2);
});

test("a withdrawal that waits for its place in the log excuses a file with its token, and with nothing else", () => {
  const ledger = readLedger([told("2026-11", 1), told("2026-11", 2)]);
  const withdrawn = (anchor: number, token: number): string => `answerable/leaf/v1\nwithdrawn\n${toBase64(bytes32(anchor))}\n${toBase64(bytes32(token))}\n`;
  excuse(ledger, [withdrawn(1, 2), withdrawn(3, 3), "", "withdrawn", withdrawn(1, 1).replace("withdrawn", "submission")]);
  assert.equal(undelivered(ledger, "2026-11", new Set()).length, 2);
  excuse(ledger, [withdrawn(1, 1)]);
  assert.deepEqual(undelivered(ledger, "2026-11", new Set()).map((s) => s.index), [1]);
});
