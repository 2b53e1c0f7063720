/** Signed notes (c2sp.org/signed-note), and the keys that verify them. */
import { ed25519 } from "@noble/curves/ed25519.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { concat, equalBytes, fromBase64, toBase64, toHex, utf8 } from "./encoding.js";

/** What a server gave is not what its log signs. */
export class LogError extends Error {
  override name = "LogError";
}

export interface VerifierKey {
  name: string;
  /** The first four bytes of a hash over name and key; a signature begins with them. */
  id: Uint8Array;
  type: number;
  key: Uint8Array;
}

export const ED25519 = 1;
export const COSIGNATURE = 4;

/** Reads a verifier key: name, key id and key, joined by "+". Throws LogError. */
export function parseVerifierKey(vkey: string): VerifierKey {
  const [name = "", id = "", ...rest] = vkey.split("+");
  const bytes = decoded(rest.join("+"));
  const type = bytes?.[0];
  if (name === "" || /\s/u.test(name) || bytes?.length !== 33 || (type !== ED25519 && type !== COSIGNATURE)) {
    throw new LogError("a verifier key does not read");
  }
  const worked = sha256(concat(utf8(`${name}\n`), bytes)).slice(0, 4);
  if (toHex(worked) !== id) throw new LogError("a verifier key's id is not its own");
  return { name, id: worked, type, key: bytes.slice(1) };
}

/** Standard base64, written in the one way that it has; null for anything else. */
export function decoded(text: string): Uint8Array | null {
  try {
    const bytes = fromBase64(text);
    return toBase64(bytes) === text ? bytes : null;
  } catch {
    return null;
  }
}

export interface Note {
  text: string;
  signatures: { name: string; id: Uint8Array; signature: Uint8Array }[];
}

export function parseNote(note: string): Note {
  const cut = note.lastIndexOf("\n\n");
  // eslint-disable-next-line no-control-regex -- that is what a note may not hold
  if (cut < 0 || !note.endsWith("\n") || /[\u0000-\u0009\u000b-\u001f]/.test(note)) throw new LogError("this is not a signed note");
  const lines = note.slice(cut + 2).split("\n").slice(0, -1);
  if (lines.length === 0 || lines.length > 100) throw new LogError("this note is signed by nobody, or by too many");
  const signatures = lines.map((line) => {
    const [, name, b64] = /^— (\S+) (\S+)$/u.exec(line) ?? [];
    const bytes = decoded(b64 ?? "");
    if (name === undefined || !bytes || bytes.length < 5) throw new LogError("a signature's line does not read");
    return { name, id: bytes.slice(0, 4), signature: bytes.slice(4) };
  });
  return { text: note.slice(0, cut + 1), signatures };
}

/** Signatures that claim to be of a key. */
export function by(note: Note, key: VerifierKey): Uint8Array[] {
  return note.signatures.filter((s) => s.name === key.name && equalBytes(s.id, key.id)).map((s) => s.signature);
}

export function verifies(signature: Uint8Array, message: Uint8Array, key: Uint8Array): boolean {
  try {
    return ed25519.verify(signature, message, key, { zip215: false });
  } catch {
    return false;
  }
}
