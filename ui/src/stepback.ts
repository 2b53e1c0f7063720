/**
 * A reviewer's step back from a message, and what they keep of it: sealed to nobody but themselves, so that their own browser knows
 * what the same writer sends later, in another sign-in too, and when the message is gone. Twin of internal/review/sign.go and internal/client/recusals.go.
 */
import { ed25519 } from "@noble/curves/ed25519.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { encode, parse, ReviewFileError } from "./coding.js";
import { fromBase64, fromBase64url, toBase64, toBase64url, utf8 } from "./encoding.js";
import type { SigningKey } from "./identity.js";
import { openBytes, sealBytes, ShapeError, WrongKey } from "./seal.js";
import { sign } from "./signin.js";

/** Sealed, and signed by whom it is sealed to; base64. Without the signature anybody could make one. */
export interface Reminder {
  file: string;
  signature: string;
}

export interface SignedRecusal {
  signature: string;
  reminder: Reminder;
  /** What stays when the message goes: it names none. */
  kept: Reminder;
}

/** As the server gives it; base64. */
export interface ServedRecusal {
  leaf: string;
  signature: string;
  reminder?: Reminder | null;
}

/** What a reviewer signs who steps back from a message. It has no day and no reason. */
export function recusalLines(clinic: string, leaf: Uint8Array, reviewer: string): string {
  return [clinic, toBase64(leaf), reviewer].map((line) => `${line}\n`).join("");
}

/** What they sign about the sealed file that reminds them. */
export const reminderLines = (clinic: string, leaf: Uint8Array, reviewer: string, hash: Uint8Array): string =>
  `${recusalLines(clinic, leaf, reviewer)}${toBase64(hash)}\n`;

/** Base64. */
export const signRecusal = (clinic: string, leaf: Uint8Array, key: SigningKey): string =>
  sign(`answerable/v1/recusal\n${recusalLines(clinic, leaf, key.reviewer)}`, key);

/** Base64. */
export const signReminder = (clinic: string, leaf: Uint8Array, hash: Uint8Array, key: SigningKey): string =>
  sign(`answerable/v1/recusal-reminder\n${reminderLines(clinic, leaf, key.reviewer, hash)}`, key);

/** Of a sealed file that outlives its message no signature names that: leaves are public, and whoever has the text signed can try them all. */
export const keptLines = (clinic: string, reviewer: string, hash: Uint8Array): string => [clinic, reviewer, toBase64(hash)].map((line) => `${line}\n`).join("");

/** Base64. */
export const signKept = (clinic: string, hash: Uint8Array, key: SigningKey): string => sign(`answerable/v1/kept-reminder\n${keptLines(clinic, key.reviewer, hash)}`, key);

/** Steps back. `leaf` is base64url; `receipt` is what a card says of its receipt, or "": every reminder has one size. */
export async function signStepBack(of: { clinic: string; epoch: string; origin: string; leaf: string; receipt: string }, recipient: string, key: SigningKey): Promise<SignedRecusal> {
  const { clinic, epoch, origin, leaf, receipt } = of;
  const sealed = (at: { epoch: string; leaf: string }): Promise<Uint8Array> =>
    sealBytes(encode({ t: "draft", ...at, origin, by: key.reviewer, body: { fields: [{ q: FIELD, a: receipt }] } }), recipient);
  const [file, stays] = [await sealed({ epoch, leaf }), await sealed({ epoch: KEPT, leaf: NO_LEAF })];
  const hash = fromBase64url(leaf);
  return {
    signature: signRecusal(clinic, hash, key),
    reminder: { file: toBase64(file), signature: signReminder(clinic, hash, sha256(file), key) },
    kept: { file: toBase64(stays), signature: signKept(clinic, sha256(stays), key) },
  };
}

const FIELD = "receipt";

/** They stand in a kept reminder where others name their message and its epoch: sealed as it is, it outlives both. */
const KEPT = "kept";
const NO_LEAF = toBase64url(new Uint8Array(32));

/** Whether a reviewer's own key signed a step back. */
export function isOwnRecusal(clinic: string, s: ServedRecusal, key: SigningKey): boolean {
  const leaf = bytesOf(s.leaf);
  return leaf !== null && signed(`answerable/v1/recusal\n${recusalLines(clinic, leaf, key.reviewer)}`, s.signature, key);
}

/** The receipt that a reminder holds; "" where there is none, where it holds none, and where it is not this reviewer's own word. */
export async function remembered(clinic: string, s: ServedRecusal, identity: string, key: SigningKey): Promise<string> {
  const leaf = bytesOf(s.leaf);
  if (leaf === null || !s.reminder) return "";
  return receiptIn(s.reminder, (hash) => `answerable/v1/recusal-reminder\n${reminderLines(clinic, leaf, key.reviewer, hash)}`, toBase64url(leaf), identity, key);
}

/** The receipt that a kept reminder holds; "" as with `remembered`. */
export const rememberedStill = (clinic: string, kept: Reminder, identity: string, key: SigningKey): Promise<string> =>
  receiptIn(kept, (hash) => `answerable/v1/kept-reminder\n${keptLines(clinic, key.reviewer, hash)}`, NO_LEAF, identity, key);

async function receiptIn(r: Reminder, text: (hash: Uint8Array) => string, leaf: string, identity: string, key: SigningKey): Promise<string> {
  const file = bytesOf(r.file);
  try {
    if (file === null || !signed(text(sha256(file)), r.signature, key)) return "";
    const f = parse(await openBytes(file, identity));
    if (f.t !== "draft" || f.leaf !== leaf) return "";
    return f.body.fields.find(({ q }) => q === FIELD)?.a ?? "";
  } catch (err) {
    if (err instanceof ShapeError || err instanceof WrongKey || err instanceof ReviewFileError) return "";
    throw err;
  }
}

function signed(text: string, signature: string, key: SigningKey): boolean {
  try {
    return ed25519.verify(fromBase64(signature), utf8(text), key.public, { zip215: false });
  } catch {
    return false; // no base64, or not of the length of a signature
  }
}

function bytesOf(base64: string): Uint8Array | null {
  try {
    return fromBase64(base64);
  } catch {
    return null;
  }
}
