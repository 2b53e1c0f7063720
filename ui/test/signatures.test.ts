import assert from "node:assert/strict";
import { test } from "node:test";
import { ed25519 } from "@noble/curves/ed25519.js";
import { fromHex } from "../src/encoding.js";
import { verify as now } from "../src/signatures.js";
import { checked, knowsOne, verify as asked } from "../src/signaturesasked.js";
import { randomFrom } from "./vectors.js";

/** RFC 8032, section 7.1, tests 1 to 3: key, message, signature. */
const RFC = [
  ["d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "", "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"],
  ["3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72", "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"],
  ["fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82", "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a"],
] as const;

test("the browser's own Ed25519 and the library say the same of true signatures, of changed ones, and of what is none", async () => {
  const random = randomFrom(11);
  const bytes = (n: number): Uint8Array => Uint8Array.from({ length: n }, () => random.int(256));
  const cases = RFC.map(([key, message, signature]) => ({ key: fromHex(key), message: fromHex(message), signature: fromHex(signature), good: true }));
  for (let i = 0; i < 20; i++) {
    const [seed, message] = [bytes(32), bytes(random.int(100))];
    const [key, signature] = [ed25519.getPublicKey(seed), ed25519.sign(message, seed)];
    const changed = signature.map((b, at) => (at === i * 3 ? b ^ 1 : b));
    cases.push({ key, message, signature, good: true }, { key, message, signature: changed, good: false }, { key, message: bytes(3), signature, good: false },
      { key: bytes(32), message, signature, good: false }, { key, message, signature: signature.subarray(1), good: false }, { key: key.subarray(1), message, signature, good: false });
  }
  const high = RFC[1][2].slice(0, 64) + "f9ce".padEnd(64, "f"); // a scalar that is too large
  cases.push({ key: fromHex(RFC[1][0]), message: fromHex("72"), signature: fromHex(high), good: false });
  const all = await checked(() => cases.map(({ signature, message, key }) => asked(signature, message, key)));
  assert.deepEqual(all, cases.map(({ good }) => good));
  assert.deepEqual(cases.map(({ signature, message, key }) => now(signature, message, key)), all);
});

test("work is done again until all that it asks is known, and what came of it before counts for nothing", async () => {
  const seed = new Uint8Array(32).fill(9);
  const [key, signature] = [ed25519.getPublicKey(seed), ed25519.sign(Uint8Array.of(0), seed)];
  assert.equal(asked(signature, Uint8Array.of(0), key), false, "nobody checked it");
  let runs = 0;
  const work = (): string => {
    runs++;
    if (asked(signature, Uint8Array.of(1), key)) throw new Error("a signature of nothing was taken");
    return asked(signature, Uint8Array.of(2), key) ? "taken" : "refused";
  };
  assert.equal(await checked(work), "refused");
  assert.equal(runs, 3);
  await assert.rejects(checked(() => { throw new RangeError("its own"); }), RangeError);
});

test("a browser that takes every signature, or none, is not asked", async () => {
  assert.ok(await knowsOne(now));
  assert.ok(!await knowsOne(() => true));
  assert.ok(!await knowsOne(() => false));
});
