/**
 * Age identities: the secret keys of reviewers, epochs and reply mailboxes.
 *
 * Only post-quantum hybrid identities (`AGE-SECRET-KEY-PQ-1...`) are taken; their secret is a seed
 * of 32 bytes. A reviewer's signing key is derived from that seed, so one secret is all there is to
 * keep. Reading a passphrase-locked file takes a second or more: call it in a worker.
 */
import { armor, Decrypter, identityToRecipient } from "age-encryption";
import { ed25519 } from "@noble/curves/ed25519.js";
import { hkdf } from "@noble/hashes/hkdf.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { base32, base64nopad, bech32 } from "@scure/base";
import { wantsPassphrase } from "./agefile.js";
import { fromUtf8, utf8 } from "./encoding.js";
import { fromPaper } from "./paper.js";

const PREFIX = "age-secret-key-pq-";
const MAX_FILE_BYTES = 16384;
/** 2^18 is what `age -p` writes; more would let a planted file freeze the page. */
const MIN_LOG_N = 10;
const MAX_LOG_N = 18;

export type IdentityProblem =
  | "too-large"
  | "not-an-identity"
  | "several-identities"
  | "classic-key"
  | "not-a-passphrase-file"
  | "work-factor"
  | "wrong-passphrase"
  | "paper-short"
  | "paper-long"
  | "paper-mistake"
  | "not-for-this-passkey";

/** The file does not give an identity. `problem` says why; the message never quotes the file. */
export class IdentityError extends Error {
  override name = "IdentityError";
  constructor(readonly problem: IdentityProblem) {
    super(`identity file: ${problem}`);
  }
}

/** Reads the identity out of a file, plain or locked with a passphrase. Throws IdentityError. */
export async function readIdentityFile(file: Uint8Array, passphrase = ""): Promise<string> {
  if (file.length > MAX_FILE_BYTES) throw new IdentityError("too-large");
  if (!wantsPassphrase(file)) return parseIdentities(file);
  return parseIdentities(await unlock(unarmored(file), passphrase));
}

function unarmored(file: Uint8Array): Uint8Array {
  if (file[0] === 0x61) return file; // the "a" of the binary form's first line
  try {
    return armor.decode(fromUtf8(file));
  } catch {
    throw new IdentityError("not-an-identity");
  }
}

async function unlock(file: Uint8Array, passphrase: string): Promise<Uint8Array> {
  checkScrypt(file);
  const decrypter = new Decrypter();
  decrypter.addPassphrase(passphrase);
  try {
    return await decrypter.decrypt(file);
  } catch {
    throw new IdentityError("wrong-passphrase");
  }
}

/** Looks at the header before any work is done for it: scrypt must be the only stanza, at a cost we accept. */
function checkScrypt(file: Uint8Array): void {
  const start = String.fromCharCode(...file.subarray(0, 256));
  const m = /^age-encryption\.org\/v1\n-> scrypt (\S{22}) ([1-9]\d?)\n(\S{43})\n--- \S{43}\n/.exec(start);
  if (!m || !isBase64(m[1] ?? "") || !isBase64(m[3] ?? "")) throw new IdentityError("not-a-passphrase-file");
  const logN = Number(m[2]);
  if (logN < MIN_LOG_N || logN > MAX_LOG_N) throw new IdentityError("work-factor");
}

function isBase64(s: string): boolean {
  try {
    return base64nopad.encode(base64nopad.decode(s)) === s;
  } catch {
    return false;
  }
}

/** Reads what `age-keygen -pq` writes: one identity; empty lines and lines that start with # do not count. */
function parseIdentities(file: Uint8Array): string {
  let text: string;
  try {
    text = fromUtf8(file).replace(/^\uFEFF/, "");
  } catch {
    throw new IdentityError("not-an-identity");
  }
  const lines = text.split("\n").map((l) => l.trim()).filter((l) => l !== "" && !l.startsWith("#"));
  if (lines.length > 1) throw new IdentityError("several-identities");
  const line = lines[0] ?? "";
  if (line.startsWith("AGE-SECRET-KEY-1")) throw new IdentityError("classic-key");
  seedOf(line);
  return line;
}

/** Reads an identity that somebody typed from their paper copy. Throws IdentityError. */
export function readPaper(typed: string): string {
  const { identity, problem } = fromPaper(typed);
  if (problem !== null) throw new IdentityError(problem);
  try {
    seedOf(identity);
  } catch {
    throw new IdentityError("paper-mistake");
  }
  return identity;
}

/** The 32-byte secret behind an `AGE-SECRET-KEY-PQ-1...` string. Throws IdentityError. */
export function seedOf(identity: string): Uint8Array {
  let decoded: { prefix: string; bytes: Uint8Array };
  try {
    decoded = bech32.decodeToBytes(identity);
  } catch {
    throw new IdentityError("not-an-identity");
  }
  if (decoded.prefix.toLowerCase() !== PREFIX || identity !== identity.toUpperCase() || decoded.bytes.length !== 32) {
    throw new IdentityError("not-an-identity");
  }
  return decoded.bytes;
}

/** The identity string of a 32-byte seed. */
export function identityFromSeed(seed: Uint8Array): string {
  if (seed.length !== 32) throw new IdentityError("not-an-identity");
  return bech32.encodeFromBytes(PREFIX, seed).toUpperCase();
}

/** The `age1pq1...` recipient of an identity. */
export async function recipientOf(identity: string): Promise<string> {
  seedOf(identity);
  return identityToRecipient(identity);
}

/** A reviewer's signing key, derived from the seed of their identity. */
export interface SigningKey {
  secret: Uint8Array;
  public: Uint8Array;
  /** `r` and eight characters of base32, from the public key. */
  reviewer: string;
}

export function signingKey(seed: Uint8Array): SigningKey {
  const secret = hkdf(sha256, seed, utf8("answerable/v1/reviewer"), utf8("sign/ed25519"), 32);
  const pub = ed25519.getPublicKey(secret);
  return { secret, public: pub, reviewer: reviewerId(pub) };
}

export function reviewerId(publicKey: Uint8Array): string {
  return "r" + base32.encode(sha256(publicKey)).slice(0, 8).toLowerCase();
}
