/**
 * The age test vectors of C2SP's CCTV project, through the library the pages ship and through our
 * own door to it.
 */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { inflateSync } from "node:zlib";
import { armor, Decrypter } from "age-encryption";
import * as suite from "cctv-age";
import { fromUtf8 } from "../src/encoding.js";
import { open, openBytes, ShapeError, WrongKey } from "../src/seal.js";

interface Vector {
  expect: string;
  payload: string | undefined;
  identities: string[];
  passphrases: string[];
  armored: boolean;
  file: Uint8Array;
}

/** Header lines, an empty line, then the file, perhaps compressed. */
function parseVector(bytes: Uint8Array): Vector {
  const text = Buffer.from(bytes).toString("latin1");
  const split = text.indexOf("\n\n");
  const lines = text.slice(0, split).split("\n").map((l) => {
    const colon = l.indexOf(": ");
    return [l.slice(0, colon), l.slice(colon + 2)] as const;
  });
  const all = (name: string): string[] => lines.filter(([n]) => n === name).map(([, v]) => v);
  const body = bytes.subarray(split + 2);
  return {
    expect: all("expect")[0] ?? "",
    payload: all("payload")[0],
    identities: all("identity"),
    passphrases: all("passphrase"),
    armored: all("armored")[0] === "yes",
    file: all("compressed")[0] === "zlib" ? new Uint8Array(inflateSync(body)) : body,
  };
}

const all = Object.entries(suite as unknown as Record<string, unknown>)
  .filter((e): e is [string, Uint8Array] => e[1] instanceof Uint8Array)
  .map(([name, bytes]) => ({ name, v: parseVector(bytes) }));

async function decrypt(v: Vector): Promise<Uint8Array> {
  const d = new Decrypter();
  for (const i of v.identities) d.addIdentity(i);
  for (const p of v.passphrases) d.addPassphrase(p);
  return d.decrypt(v.armored ? armor.decode(fromUtf8(v.file)) : v.file);
}

test("the suite is whole", () => {
  assert.equal(all.length, 143);
  assert.equal(all.filter(({ v }) => v.expect === "success").length, 26);
});

test("the library that opens files agrees with every vector", async (t) => {
  for (const { name, v } of all) {
    await t.test(name, async () => {
      if (v.expect !== "success") {
        await assert.rejects(decrypt(v));
        return;
      }
      assert.equal(createHash("sha256").update(await decrypt(v)).digest("hex"), v.payload);
    });
  }
});

test("our door opens files with one hybrid stanza and no others", async () => {
  const opened: string[] = [];
  for (const { name, v } of all) {
    await assert.rejects(open(v.file, v.identities[0] ?? ""), ShapeError, name);
    const identity = v.identities.find((i) => i.startsWith("AGE-SECRET-KEY-PQ-"));
    if (identity === undefined) {
      await assert.rejects(openBytes(v.file, v.identities[0] ?? ""), ShapeError, name);
      continue;
    }
    try {
      const bytes = await openBytes(v.file, identity);
      assert.equal(v.expect, "success", name);
      assert.equal(createHash("sha256").update(bytes).digest("hex"), v.payload, name);
      opened.push(name);
    } catch (err) {
      assert.ok(err instanceof ShapeError || err instanceof WrongKey, `${name}: ${String(err)}`);
    }
  }
  assert.ok(opened.includes("hybrid"), `opened: ${opened.join(", ")}`);
});
