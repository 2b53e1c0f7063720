/**
 * Sealed files: age files with exactly one post-quantum hybrid recipient.
 *
 * The age library would mix a classic recipient in without a word, so this is the only door to it:
 * one `age1pq1...` recipient in, and files of any other shape are refused before they are opened.
 */
import { Decrypter, Encrypter } from "age-encryption";
import { base64nopad } from "@scure/base";
import { BUCKETS, encode, parse, type Plaintext } from "./pad.js";

/** Bytes that age adds to a padded plaintext with one hybrid stanza: header 1627, nonce 16, tag 16. */
export const OVERHEAD = 1659;
const HEADER_BYTES = 1627;
const RECIPIENT_CHARS = 1959;

/** A file does not have the one shape that is accepted. The message is a sentence without its end. */
export class ShapeError extends Error {
  override name = "ShapeError";
}

/** A well-shaped file does not open with this key: it was sealed to another one, or it was damaged. */
export class WrongKey extends Error {
  override name = "WrongKey";
}

/** True for something that can be a hybrid recipient; the age library checks the rest. */
export function isHybridRecipient(recipient: string): boolean {
  return recipient.length === RECIPIENT_CHARS && /^age1pq1[02-9ac-hj-np-z]+$/.test(recipient);
}

/** Seals a plaintext to one `age1pq1...` recipient. Throws TooLong, or ShapeError for any other recipient. */
export async function seal(p: Plaintext, recipient: string): Promise<Uint8Array> {
  return sealBytes(encode(p), recipient).then(checked);
}

/** Encrypts bytes, of any length, to one hybrid recipient. */
export async function sealBytes(plaintext: Uint8Array, recipient: string): Promise<Uint8Array> {
  if (!isHybridRecipient(recipient)) throw new ShapeError("the key to seal to is not a post-quantum age key");
  const encrypter = new Encrypter();
  encrypter.addRecipient(recipient);
  return encrypter.encrypt(plaintext);
}

function checked(file: Uint8Array): Uint8Array {
  checkShape(file);
  return file;
}

/** Throws ShapeError unless the file has one of the two sizes and exactly one hybrid stanza. */
export function checkShape(file: Uint8Array): void {
  if (!BUCKETS.some((b) => b + OVERHEAD === file.length)) throw new ShapeError("the file does not have one of the two sizes in use");
  checkStanza(file);
}

/** Throws ShapeError unless the header holds exactly one hybrid stanza. */
export function checkStanza(file: Uint8Array): void {
  const header = String.fromCharCode(...file.subarray(0, HEADER_BYTES));
  const m = /^age-encryption\.org\/v1\n-> mlkem768x25519 (.{1494})\n(.{43})\n--- (.{43})\n$/.exec(header);
  if (!m || !m.slice(1).every(isBase64)) throw new ShapeError("the file is not sealed to exactly one post-quantum age key");
}

function isBase64(s: string): boolean {
  try {
    return base64nopad.encode(base64nopad.decode(s)) === s;
  } catch {
    return false;
  }
}

/** Opens a submission with an `AGE-SECRET-KEY-PQ-1...` identity. Throws ShapeError, WrongKey or PlaintextError. */
export async function open(file: Uint8Array, identity: string): Promise<Plaintext> {
  checkShape(file);
  return parse(await openBytes(file, identity));
}

/** Decrypts a file of any length that has exactly one hybrid stanza. Throws ShapeError or WrongKey. */
export async function openBytes(file: Uint8Array, identity: string): Promise<Uint8Array> {
  checkStanza(file);
  const decrypter = new Decrypter();
  decrypter.addIdentity(identity);
  try {
    return await decrypter.decrypt(file);
  } catch {
    throw new WrongKey("the file does not open with this key");
  }
}
