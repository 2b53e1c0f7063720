import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { ChainError, fingerprint, parseManifest, parseRecord, reviewerId, verifyChain, type Chain } from "../src/chain.js";
import { checked } from "#signatures"; // this file is built with each of the two that stand for it: build.mjs
import { randomFrom } from "./vectors.js";

interface Case {
  name: string;
  manifests: string[] | null;
  epoch: string;
  revocations: string[];
  instead_of?: string;
  fingerprint: string;
  today: string;
  want: string;
  recipient?: string;
}

interface Vectors {
  clinic_id: string;
  texts: Record<string, string>;
  cases: Case[];
}

const file = path.join(import.meta.dirname, "../../../internal/keyring/testdata/chain.json");
const vectors = JSON.parse(readFileSync(file, "utf8")) as Vectors;
const text = (name: string): string => vectors.texts[name] ?? "";

function chainOf(c: Case): Chain {
  return { clinic_id: vectors.clinic_id, manifests: (c.manifests ?? []).map(text), epoch: text(c.epoch), revocations: c.revocations.map(text), instead_of: text(c.instead_of ?? "") };
}

async function outcome(chain: Chain, pinned: string, today: string): Promise<string> {
  try {
    return (await checked(() => verifyChain(chain, pinned, today))).recipient;
  } catch (err) {
    if (err instanceof ChainError) return err.reason;
    throw err;
  }
}

assert.ok(vectors.cases.length >= 30);
for (const c of vectors.cases) {
  test(`chain: ${c.name}`, async () => {
    assert.equal(await outcome(chainOf(c), c.fingerprint, c.today), c.want === "" ? c.recipient : c.want);
  });
}

test("no byte of a chain that holds can be changed", async () => {
  const good = vectors.cases.find((c) => c.want === "");
  assert.ok(good);
  const random = randomFrom(7);
  const change = (s: string): string => {
    const at = random.int(s.length);
    return s.slice(0, at) + String.fromCharCode((s.charCodeAt(at) + 1 + random.int(90)) % 127) + s.slice(at + 1);
  };
  for (let i = 0; i < 150; i++) {
    const chain = chainOf(good);
    if (i % 2 === 0) chain.epoch = change(chain.epoch);
    else chain.manifests = chain.manifests.map(change);
    const got = await outcome(chain, good.fingerprint, good.today);
    assert.ok(["fingerprint", "panel", "record", "signatures", "days"].includes(got), `change ${String(i)} gave ${got}`);
  }
});

test("what is no text of ours is refused by every parser", () => {
  for (const junk of ["", "\n", "answerable/leaf/v1\npanel\n", "answerable/leaf/v1\nepoch\n", "\u0000".repeat(5000), text("v1").replaceAll("\n", "\r\n")]) {
    assert.equal(parseManifest(junk), null);
    assert.equal(parseRecord(junk), null);
  }
});

test("ids and fingerprints are those of the first list", () => {
  const lines = text("v1").slice(0, text("v1").indexOf("\nsignature ") + 1);
  const manifest = parseManifest(lines);
  assert.equal(manifest?.members.length, 3);
  for (const m of manifest.members) assert.equal(m.id, reviewerId(m.verifyKey));
  assert.equal(fingerprint(lines), vectors.cases[0]?.fingerprint);
});
