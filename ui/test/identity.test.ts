import assert from "node:assert/strict";
import { test } from "node:test";
import { armor, Encrypter, generateHybridIdentity, generateX25519Identity, identityToRecipient } from "age-encryption";
import { wantsPassphrase } from "../src/agefile.js";
import { utf8 } from "../src/encoding.js";
import { IdentityError, identityFromSeed, readIdentityFile, seedOf, type IdentityProblem } from "../src/identity.js";
import { randomFrom } from "./vectors.js";

const identity = await generateHybridIdentity();
const keygen = `# created: 2026-11-22T10:00:00Z\n# public key: ${await identityToRecipient(identity)}\n${identity}\n`;

async function locked(text: string, passphrase: string, logN: number): Promise<Uint8Array> {
  const e = new Encrypter();
  e.setPassphrase(passphrase);
  e.setScryptWorkFactor(logN);
  return e.encrypt(text);
}

function refuses(file: Uint8Array, problem: IdentityProblem, passphrase = ""): Promise<void> {
  return assert.rejects(readIdentityFile(file, passphrase), (err: unknown) => {
    assert.ok(err instanceof IdentityError);
    assert.equal(err.problem, problem);
    assert.ok(!String(err.stack).includes(identity));
    return true;
  });
}

test("a plain file is read, with comments, CR LF, a byte order mark or nothing but the key", async () => {
  for (const text of [keygen, identity, keygen.replace(/\n/g, "\r\n"), "\ufeff" + identity + "\n", `\n\n  ${identity}  \n`]) {
    assert.equal(wantsPassphrase(utf8(text)), false);
    assert.equal(await readIdentityFile(utf8(text)), identity);
  }
});

test("a file locked with a passphrase is read, in binary and in text form", async () => {
  const file = await locked(keygen, "correct horse", 10);
  for (const form of [file, utf8(armor.encode(file)), utf8("\n" + armor.encode(file) + "\n")]) {
    assert.equal(wantsPassphrase(form), true);
    assert.equal(await readIdentityFile(form, "correct horse"), identity);
    await refuses(form, "wrong-passphrase", "incorrect horse");
    await refuses(form, "wrong-passphrase");
  }
});

test("the factor that age -p writes is accepted, and a costlier or cheaper one refused before any work", async () => {
  assert.equal(await readIdentityFile(await locked(identity, "x", 18), "x"), identity);
  const text = String.fromCharCode(...(await locked(identity, "x", 10)));
  for (const logN of ["9", "1", "19", "20", "22", "40"]) {
    const file = Uint8Array.from(text.replace(/( \S{22}) 10\n/, `$1 ${logN}\n`), (c) => c.charCodeAt(0));
    const started = performance.now();
    await refuses(file, "work-factor", "x");
    assert.ok(performance.now() - started < 100);
  }
});

test("a file that is locked to keys, or to a passphrase and a key, is refused", async () => {
  const e = new Encrypter();
  e.addRecipient(await identityToRecipient(identity));
  await refuses(await e.encrypt(identity), "not-a-passphrase-file", "x");
  const text = String.fromCharCode(...(await locked(identity, "x", 10)));
  const two = text.replace("\n--- ", "\n-> X25519 abc\nabc\n--- ");
  await refuses(Uint8Array.from(two, (c) => c.charCodeAt(0)), "not-a-passphrase-file", "x");
});

test("anything else is refused with its reason", async () => {
  const classic = await generateX25519Identity();
  await refuses(utf8(classic), "classic-key");
  await refuses(utf8(`${identity}\n${identity}\n`), "several-identities");
  await refuses(utf8(""), "not-an-identity");
  await refuses(utf8("# only a comment\n"), "not-an-identity");
  await refuses(utf8(await identityToRecipient(identity)), "not-an-identity");
  await refuses(utf8(identity.toLowerCase()), "not-an-identity");
  await refuses(utf8(identity.slice(0, -1) + (identity.endsWith("Q") ? "P" : "Q")), "not-an-identity");
  await refuses(Uint8Array.of(0xff, 0xfe, 0x00), "not-an-identity");
  await refuses(new Uint8Array(16385).fill(0x23), "too-large");
  await refuses(utf8("-----BEGIN AGE ENCRYPTED FILE-----\nnot base64\n-----END AGE ENCRYPTED FILE-----\n"), "not-an-identity");
});

test("every seed comes back from its identity", () => {
  const random = randomFrom(6);
  for (let i = 0; i < 200; i++) {
    const seed = random.bytes(32);
    assert.deepEqual(seedOf(identityFromSeed(seed)), seed);
  }
});

test("whatever is in the file, reading it gives an identity or an IdentityError", async () => {
  const random = randomFrom(7);
  const sources = [utf8(keygen), await locked(identity, "x", 10)];
  for (let i = 0; i < 300; i++) {
    const bytes = (sources[i % 2] ?? new Uint8Array()).slice(0, i % 5 === 0 ? random.int(400) : undefined);
    for (let n = random.int(3); n >= 0; n--) bytes[random.int(Math.min(bytes.length, 200))] = random.int(256);
    await readIdentityFile(bytes, "x").catch((err: unknown) => { assert.ok(err instanceof IdentityError, String(err)); });
  }
});
