/**
 * A reviewer's step back from a message, and what they keep of it: sealed to nobody but themselves, so that their own browser knows
 * what the same writer sends later, in another sign-in too. Twin of internal/review/sign.go and internal/client/recusals.go.
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

/** Steps back. `leaf` is base64url; `receipt` is what a card says of its receipt, or "": every reminder has one size. */
export async function signStepBack(of: { clinic: string; epoch: string; origin: string; leaf: string; receipt: string }, recipient: string, key: SigningKey): Promise<SignedRecusal> {
  const { clinic, epoch, origin, leaf, receipt } = of;
  const file = await sealBytes(encode({ t: "draft", epoch, origin, leaf, by: key.reviewer, body: { fields: [{ q: FIELD, a: receipt }] } }), recipient);
  const hash = fromBase64url(leaf);
  return { signature: signRecusal(clinic, hash, key), reminder: { file: toBase64(file), signature: signReminder(clinic, hash, sha256(file), key) } };
}

const FIELD = "receipt";

/** Whether a reviewer's own key signed a step back. */
export function isOwnRecusal(clinic: string, s: ServedRecusal, key: SigningKey): boolean {
  const leaf = bytesOf(s.leaf);
  return leaf !== null && signed(`answerable/v1/recusal\n${recusalLines(clinic, leaf, key.reviewer)}`, s.signature, key);
}

/** The receipt that a reminder holds; "" where there is none, where it holds none, and where it is not this reviewer's own word. */
export async function remembered(clinic: string, s: ServedRecusal, identity: string, key: SigningKey): Promise<string> {
  const [leaf, file] = [bytesOf(s.leaf), bytesOf(s.reminder?.file ?? "")];
  if (leaf === null || file === null || !s.reminder) return "";
  try {
    if (!signed(`answerable/v1/recusal-reminder\n${reminderLines(clinic, leaf, key.reviewer, sha256(file))}`, s.reminder.signature, key)) return "";
    const f = parse(await openBytes(file, identity));
    if (f.t !== "draft" || f.leaf !== toBase64url(leaf)) return "";
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
