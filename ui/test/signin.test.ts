import assert from "node:assert/strict";
import { createHash, createPublicKey, verify } from "node:crypto";
import { test } from "node:test";
import { fromBase64, fromHex, toBase64url, toHex, utf8 } from "../src/encoding.js";
import { identityFromSeed, recipientOf, seedOf, signingKey } from "../src/identity.js";
import { sign, signInText } from "../src/signin.js";
import { vectors } from "./vectors.js";

interface File {
  identity_seed: string; identity: string; recipient_sha256: string; public_key: string; reviewer: string;
  origin: string; nonce: string; expires: number; text: string; signature: string;
}
const v = vectors<File>("signin.json");

test("an identity gives the same reviewer as everywhere else", async () => {
  assert.equal(identityFromSeed(fromHex(v.identity_seed)), v.identity);
  const key = signingKey(seedOf(v.identity));
  assert.equal(toHex(key.public), v.public_key);
  assert.equal(key.reviewer, v.reviewer);
  assert.equal(createHash("sha256").update(await recipientOf(v.identity)).digest("hex"), v.recipient_sha256);
});

test("a sign-in text and its signature are the same bytes as everywhere else", () => {
  const text = signInText({ origin: v.origin, reviewer: v.reviewer, nonce: v.nonce, exp: v.expires });
  assert.equal(text, v.text);
  assert.equal(sign(text, signingKey(fromHex(v.identity_seed))), v.signature);
});

test("another library accepts the signature, for this text only", () => {
  const jwk = { kty: "OKP", crv: "Ed25519", x: toBase64url(fromHex(v.public_key)) };
  const key = createPublicKey({ key: jwk, format: "jwk" });
  assert.ok(verify(null, utf8(v.text), key, fromBase64(v.signature)));
  assert.ok(!verify(null, utf8(v.text.replace("clinic.example", "clinic.example.evil")), key, fromBase64(v.signature)));
});
