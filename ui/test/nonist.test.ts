/** The form's script does without curves and passphrases, which it never uses; what it locks must be the same to the byte. */
import assert from "node:assert/strict";
import path from "node:path";
import { test } from "node:test";
import { build } from "esbuild";
import { generateHybridIdentity, identityToRecipient } from "age-encryption";
import { openBytes } from "../src/seal.js";

const ui = path.join(import.meta.dirname, "../..");

/** src/seal.ts as one module, with the age library as it is or without what the form does not use. */
async function sealing(alias: Record<string, string>): Promise<typeof import("../src/seal.js")> {
  const { outputFiles } = await build({ absWorkingDir: ui, entryPoints: ["src/seal.ts"], bundle: true, format: "esm", platform: "browser", write: false, alias });
  return (await import(`data:text/javascript;base64,${Buffer.from(outputFiles[0]?.contents ?? []).toString("base64")}`)) as typeof import("../src/seal.js");
}

/** Runs with bytes that are the same each time in the place of chance. */
async function withoutChance<T>(act: () => Promise<T>): Promise<T> {
  const real = crypto.getRandomValues.bind(crypto);
  let n = 0;
  crypto.getRandomValues = <A extends ArrayBufferView | null>(into: A): A => {
    if (into instanceof Uint8Array) for (let i = 0; i < into.length; i++) into[i] = (n = (n * 73 + 41) % 251);
    return into;
  };
  try {
    return await act();
  } finally {
    crypto.getRandomValues = real;
  }
}

test("without the NIST curves and scrypt the same words and the same chance make the same file, which opens", async () => {
  const [whole, less] = await Promise.all([sealing({}), sealing({ "@noble/curves/nist.js": "./src/nonist.ts", "@noble/hashes/scrypt.js": "./src/noscrypt.ts" })]);
  const identity = await generateHybridIdentity();
  const recipient = await identityToRecipient(identity);
  const words = new TextEncoder().encode("words to lock, שלום 🕊️");
  const [a, b] = [await withoutChance(() => whole.sealBytes(words, recipient)), await withoutChance(() => less.sealBytes(words, recipient))];
  assert.deepEqual(Buffer.from(b), Buffer.from(a));
  assert.notDeepEqual(Buffer.from(await less.sealBytes(words, recipient)), Buffer.from(b), "chance plays no part in it");
  assert.deepEqual(await openBytes(b, identity), words);
});

test("asking for one of those curves, or for a passphrase, stops", async () => {
  const { p256 } = (await import("../src/nonist.js")) as unknown as { p256: { getPublicKey: (key: Uint8Array) => Uint8Array } };
  assert.throws(() => p256.getPublicKey(new Uint8Array(32)), /not in this script/);
  assert.throws((await import("../src/noscrypt.js")).scrypt, /not in this script/);
});
