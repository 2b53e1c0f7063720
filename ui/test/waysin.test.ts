/** The ways in and out of an identity: paper, passphrase, passkey, invitation. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Decrypter, webauthn } from "age-encryption";
import { wordlist } from "@scure/bip39/wordlists/english.js";
import { fromHex, fromUtf8, toBase64 } from "../src/encoding.js";
import { IdentityError, identityFromSeed, readIdentityFile, readPaper, recipientOf, signingKey, type IdentityProblem } from "../src/identity.js";
import { invitationIn } from "../src/invitation.js";
import { guessDevice } from "../src/panel/device.js";
import { Desk, Locked } from "../src/panel/desk.js";
import { answerWay, type Enrolment, type LockedFile } from "../src/panel/ways.js";
import { paperGroups } from "../src/paper.js";
import { knowsPassphrase, newPassphrase } from "../src/passphrase.js";
import { prfInputs, type PrfResults } from "../src/prf.js";
import { lockToPasskey, openWithPasskey } from "../src/prflock.js";
import { enrolText, sign } from "../src/signin.js";
import { randomFrom, vectors } from "./vectors.js";

interface File {
  identity_seed: string; recipient: string; verify_key: string; invitation: string; text: string; signature: string;
}
const v = vectors<File>("enrol.json");
const identity = identityFromSeed(fromHex(v.identity_seed));

test("a text of joining and its signature are the same bytes as everywhere else", async () => {
  const key = signingKey(fromHex(v.identity_seed));
  assert.equal(await recipientOf(identity), v.recipient);
  assert.equal(toBase64(key.public), v.verify_key);
  assert.equal(enrolText(v.invitation, v.recipient), v.text);
  assert.equal(sign(v.text, key), v.signature);
});

test("the worker signs for an invitation and for nothing else", async () => {
  const desk = new Desk();
  await assert.rejects(answerWay(desk, { do: "enrol", invitation: v.invitation }), Locked);
  await desk.take(identity);
  const made = (await answerWay(desk, { do: "enrol", invitation: v.invitation })) as Enrolment;
  assert.deepEqual(made, { invitation: v.invitation, recipient: v.recipient, verify_key: v.verify_key, signature: v.signature });
  for (const other of ["", "x", `${v.invitation}\nmore`, `${v.invitation}a`, v.invitation.toUpperCase()]) {
    await assert.rejects(answerWay(desk, { do: "enrol", invitation: other }), /not an invitation/);
  }
  desk.lock();
  await assert.rejects(answerWay(desk, { do: "paper" }), Locked);
});

test("an invitation is found in a link, in a fragment and alone, and nowhere else", () => {
  const code = "abcdefghijklmnopqrstuvwxyz234567";
  for (const given of [code, `#${code}`, `https://words.example.org/panel/join#${code}`, `  ${code}\n`, code.toUpperCase(), `${code.slice(0, 16)} ${code.slice(16)}`]) {
    assert.equal(invitationIn(given), code, given);
  }
  for (const given of ["", "#", code.slice(1), `${code}a`, code.replace("a", "1"), "https://words.example.org/panel/join"]) assert.equal(invitationIn(given), null, given);
});

test("every identity comes back from its paper copy, however it is typed", () => {
  const random = randomFrom(11);
  for (let i = 0; i < 100; i++) {
    const made = identityFromSeed(random.bytes(32));
    const { start, groups } = paperGroups(made);
    assert.equal(start + groups.join(""), made);
    assert.deepEqual(groups.map((g) => g.length), [...Array<number>(14).fill(4), 2]);
    const rest = groups.join(" ");
    for (const typed of [made, rest, ` ${start}\n${rest} `, rest.toLowerCase(), rest.replace(/0/g, "O").replace(/8/g, "B").replace(/L/g, i % 2 ? "I" : "1"), made.replace("PQ-1", "PQ-l")]) {
      assert.equal(readPaper(typed), made, typed);
    }
  }
});

test("a mistake on the paper is found and never gives another key", () => {
  const refuses = (typed: string, problem: IdentityProblem): void => {
    assert.throws(() => readPaper(typed), (err: unknown) => err instanceof IdentityError && err.problem === problem && !String(err.stack).includes(typed));
  };
  const rest = identity.slice(19);
  refuses(rest.slice(1), "paper-short");
  refuses(`${rest}Q`, "paper-long");
  const random = randomFrom(12);
  for (let i = 0; i < 300; i++) {
    const at = random.int(rest.length);
    const wrong = "QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L"[random.int(32)] ?? "";
    if (wrong !== rest[at]) refuses(rest.slice(0, at) + wrong + rest.slice(at + 1), "paper-mistake");
  }
  refuses(rest.slice(4, 8) + rest.slice(0, 4) + rest.slice(8), "paper-mistake"); // two groups exchanged
  refuses("ü".repeat(58), "paper-short");
});

test("a passphrase is seven words of the list, each as likely as another, and its last two are known again", () => {
  const seen = new Set<string>();
  for (let i = 0; i < 3000; i++) {
    const words = newPassphrase().split(" ");
    assert.equal(words.length, 7);
    for (const word of words) seen.add(word);
  }
  assert.ok(seen.size > wordlist.length * 0.99, `${seen.size} words in 21000`);
  assert.ok([...seen].every((word) => wordlist.includes(word)));
  const phrase = "one two three four five six seven";
  for (const typed of ["six seven", " Six,  SEVEN ", phrase]) assert.ok(knowsPassphrase(phrase, typed), typed);
  for (const typed of ["", "seven", "seven six", "five six", "two three"]) assert.ok(!knowsPassphrase(phrase, typed), typed);
});

test("the locked file opens with its words, in our reader and in the library's", async () => {
  const desk = new Desk();
  await desk.take(identity);
  const { file, passphrase } = (await answerWay(desk, { do: "lockPassphrase" })) as LockedFile;
  assert.match(String.fromCharCode(...file.subarray(0, 80)), /^age-encryption\.org\/v1\n-> scrypt \S{22} 17\n/);
  assert.equal(await readIdentityFile(file, passphrase), identity);
  const d = new Decrypter();
  d.addPassphrase(passphrase);
  assert.match(await d.decrypt(file, "text"), new RegExp(`^# reviewer: r[a-z2-7]{8}\n# public key: ${v.recipient}\n${identity}\n$`));
});

/** A passkey made of numbers: what it computes depends on all of its input. */
function passkey(secret: number): (nonce: Uint8Array) => Promise<PrfResults> {
  return async (nonce) => {
    const { first, second } = prfInputs(nonce);
    const key = await crypto.subtle.importKey("raw", new Uint8Array(32).fill(secret), { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
    const hmac = async (input: Uint8Array<ArrayBuffer>): Promise<Uint8Array> => new Uint8Array(await crypto.subtle.sign("HMAC", key, input));
    return { first: await hmac(first), second: await hmac(second) };
  };
}

test("a file that is locked to a passkey opens with it, and with no other", async () => {
  const file = await lockToPasskey(`${identity}\n`, passkey(1));
  assert.ok(file.length < 4096);
  assert.match(String.fromCharCode(...file.subarray(0, 80)), /^age-encryption\.org\/v1\n-> age-encryption\.org\/fido2prf \S{22}\n/);
  assert.equal(await readIdentityFile(await openWithPasskey(file, passkey(1))), identity);
  const is = (problem: IdentityProblem) => (err: unknown): boolean => err instanceof IdentityError && err.problem === problem;
  await assert.rejects(openWithPasskey(file, passkey(2)), is("not-for-this-passkey"));
  await assert.rejects(openWithPasskey(new Uint8Array(4097), passkey(1)), is("too-large"));
  await assert.rejects(openWithPasskey(file.subarray(0, 100), passkey(1)), is("not-for-this-passkey"));
  await assert.rejects(openWithPasskey(file, () => Promise.reject(new Error("put off"))), /put off/);
});

test("the library's own passkey code opens the file, asking for the same input", async () => {
  const file = await lockToPasskey(identity, passkey(3));
  let asked: unknown;
  Object.defineProperty(globalThis, "navigator", { configurable: true, value: {
    credentials: {
      get: async ({ publicKey }: { publicKey: { extensions: { prf: { eval: { first: Uint8Array } } } } }) => {
        asked = publicKey.extensions.prf.eval;
        const results = await passkey(3)(publicKey.extensions.prf.eval.first.slice(-16));
        return { getClientExtensionResults: () => ({ prf: { results } }) };
      },
    },
  } });
  const d = new Decrypter();
  d.addIdentity(new webauthn.WebAuthnIdentity());
  assert.equal(fromUtf8(await d.decrypt(file)), identity);
  assert.deepEqual(asked, prfInputs((asked as { first: Uint8Array }).first.slice(-16)));
});

test("whatever file the server gives for a passkey, opening it gives bytes or an IdentityError", async () => {
  const random = randomFrom(13);
  const good = await lockToPasskey(identity, passkey(4));
  for (let i = 0; i < 200; i++) {
    const bytes = good.slice(0, i % 4 === 0 ? random.int(good.length) : undefined);
    for (let n = random.int(3); n >= 0 && bytes.length > 0; n--) bytes[random.int(bytes.length)] = random.int(256);
    await openWithPasskey(bytes, passkey(4)).catch((err: unknown) => { assert.ok(err instanceof IdentityError, String(err)); });
  }
});

test("a device's first name tells no more than its kind", () => {
  assert.equal(guessDevice({ touch: true, shortSide: 360 }), "A phone");
  assert.equal(guessDevice({ touch: true, shortSide: 800 }), "A tablet");
  assert.equal(guessDevice({ touch: false, shortSide: 360 }), "A computer");
});
