import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { readLedger, listsBefore } from "../src/ledger.js";
import { toHex } from "../src/encoding.js";
import { leafHash, submissionLeaf } from "../src/leaf.js";
import { withSignatures } from "../src/chain.js";
import { wrote, type Listed } from "../src/wrote.js";
import { CLINIC, members, signedList } from "./panels.js";

interface Vectors {
  lists: Record<string, string[][]>;
  cases: { name: string; lists: string; author: string; before: number | null; day: string; wrote: boolean }[];
}

test("who may have written a file about a message is told as in Go", () => {
  const file = JSON.parse(readFileSync(path.join(import.meta.dirname, "../../../internal/keyring/testdata/wrote.json"), "utf8")) as Vectors;
  assert.ok(file.cases.length >= 25);
  for (const c of file.cases) {
    const lists = (file.lists[c.lists] ?? assert.fail(c.name)).map(([day = "", ...ids]) => ({ day, members: ids.map((id) => ({ id })) }) as unknown as Listed);
    assert.equal(wrote(lists, c.author, c.before, c.day), c.wrote, c.name);
  }
});

test("the lists before a message are counted by the log, and what it does not have comes after all", async () => {
  const [a, b, c] = await members(3);
  const lists = [signedList([a, b, c].filter((m) => m !== undefined), 1)];
  lists.push(signedList([a, b].filter((m) => m !== undefined), 1, lists, [a, b].filter((m) => m !== undefined)));
  const [one = "", two = ""] = lists.map((l) => withSignatures(l.lines, "signature", l.signatures));
  const told = (n: number): string => submissionLeaf({ epoch: "2026-12-ab3d", fileHash: new Uint8Array(32).fill(n), anchor: new Uint8Array(32).fill(n), withdraw: new Uint8Array(32) });
  const log = readLedger([told(1), one, told(2), two, one, told(3)]);
  const before = (n: number, clinic = CLINIC): number => listsBefore(log, clinic, toHex(leafHash(told(n))));
  assert.deepEqual([before(1), before(2), before(3), before(4), before(3, "another")], [0, 1, 2, 2, 0]);
});
