/**
 * Answers of the panel: signed by one reviewer, padded to one size and sealed to the writer's reply key.
 *
 * Twin of Go's internal/seal: both must write the same bytes for the same input, and read the same vectors.
 */
import { ed25519 } from "@noble/curves/ed25519.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { isDay } from "./chain.js";
import { CHECK_IN } from "./checkin.js";
import { fromBase64, fromUtf8, toBase64, toBase64url, utf8, wellFormed } from "./encoding.js";
import type { SigningKey } from "./identity.js";
import { JsonError, onlyMembers, parseStrict, type Json } from "./json.js";
import { BUCKETS, isId32, PlaintextError, TooLong } from "./pad.js";
import { checkShape, openBytes, sealBytes } from "./seal.js";

export interface Reply {
  v: 1;
  t: "reply";
  /** Base64url of the anchor of the message it answers. */
  anchor: string;
  /** The day it was written, inside the seal only. */
  day: string;
  text: string;
  /** The question whether something has happened to the writer's care since comes with it. */
  asks?: typeof CHECK_IN;
  reviewer: string;
  /** Ed25519, base64. */
  sig: string;
}

const SIZE = BUCKETS[0];
/** How many bytes of JSON an answer may take. */
export const REPLY_LIMIT = SIZE - 1;

/** What somebody says in an answer. */
export type Saying = Pick<Reply, "anchor" | "day" | "text" | "asks">;

/** What a reviewer signs: where it was said, to which message, on which day, the words by their hash, and what it asks. */
export function replyText(origin: string, r: Saying): string {
  const lines = ["answerable/v1/reply", origin, r.anchor, r.day, toBase64url(sha256(utf8(r.text))), ...(r.asks === undefined ? [] : [r.asks])];
  return lines.map((line) => line + "\n").join("");
}

/** Signs an answer. */
export function signReply(origin: string, said: Saying, key: SigningKey): Reply {
  const r = { ...said, text: wellFormed(said.text) };
  return { v: 1, t: "reply", ...r, reviewer: key.reviewer, sig: toBase64(ed25519.sign(utf8(replyText(origin, r)), key.secret)) };
}

/** The padded bytes, members in their fixed order. Throws TooLong. */
export function encodeReply(r: Reply): Uint8Array {
  const { v, t, anchor, day, text, asks, reviewer, sig } = r;
  const json = utf8(JSON.stringify({ v, t, anchor, day, text, asks, reviewer, sig })); // what is undefined is left out
  if (json.length > REPLY_LIMIT) throw new TooLong(json.length, REPLY_LIMIT);
  const out = new Uint8Array(SIZE).fill(0x20);
  out.set(json);
  out[SIZE - 1] = 0x0a;
  return out;
}

/** Seals a signed answer to the writer's `age1pq1...` key. Throws TooLong or ShapeError. */
export function sealReply(r: Reply, replyTo: string): Promise<Uint8Array> {
  return sealBytes(encodeReply(r), replyTo);
}

/** Opens an answer with the writer's reply identity. Throws ShapeError, WrongKey or PlaintextError. */
export async function openReply(file: Uint8Array, identity: string): Promise<Reply> {
  checkShape(file);
  return parseReply(await openBytes(file, identity));
}

/** Reads what encodeReply wrote, and throws PlaintextError for anything else; members may come in any order. */
export function parseReply(padded: Uint8Array): Reply {
  if (padded.length !== SIZE || padded[SIZE - 1] !== 0x0a) throw new PlaintextError("it is not padded as an answer is");
  let end = SIZE - 1;
  while (end > 0 && padded[end - 1] === 0x20) end--;
  const o = members(padded.subarray(0, end));
  const text = (name: string): string => {
    const value = o[name];
    if (typeof value !== "string" || wellFormed(value) !== value) throw new PlaintextError(`its "${name}" is not text`);
    return value;
  };
  const asks = o["asks"];
  if (asks !== undefined && asks !== CHECK_IN) throw new PlaintextError("what it asks is not known");
  const r: Reply = { v: 1, t: "reply", anchor: text("anchor"), day: text("day"), text: text("text"), ...(asks === undefined ? {} : { asks }), reviewer: text("reviewer"), sig: text("sig") };
  if (o["v"] !== 1 || o["t"] !== "reply") throw new PlaintextError("it is no answer");
  if (!isId32(r.anchor) || !isDay(r.day)) throw new PlaintextError("it does not name its message and its day");
  if (!/^r[a-z2-7]{8}$/.test(r.reviewer) || signature(r.sig) === null) throw new PlaintextError("it is not signed by a reviewer");
  return r;
}

function members(json: Uint8Array): Record<string, Json> {
  try {
    return onlyMembers(parseStrict(fromUtf8(json)), ["v", "t", "anchor", "day", "text", "asks", "reviewer", "sig"]);
  } catch (err) {
    throw new PlaintextError(err instanceof JsonError ? err.message : "its text is not UTF-8");
  }
}

function signature(sig: string): Uint8Array | null {
  try {
    const bytes = fromBase64(sig);
    return bytes.length === 64 && toBase64(bytes) === sig ? bytes : null;
  } catch {
    return null;
  }
}

/**
 * Whether a reviewer of the panel signed an answer to one of these messages. `keyOf` gives the Ed25519 key of somebody who
 * is or was on the panel. Whoever runs the server knows the reply key of words that were locked there, so an answer without
 * a signature that holds is nobody's word.
 */
export function holds(r: Reply, origin: string, anchors: string[], keyOf: (reviewer: string) => Uint8Array | undefined): boolean {
  const key = keyOf(r.reviewer);
  const sig = signature(r.sig);
  if (key === undefined || sig === null || !anchors.includes(r.anchor)) return false;
  try {
    return ed25519.verify(sig, utf8(replyText(origin, r)), key, { zip215: false });
  } catch {
    return false;
  }
}

/** The last day of a mailbox: a day of the thirty before its newest epoch is destroyed, drawn from its id. */
export function lastDay(mailbox: Uint8Array, retainUntil: string): string {
  const back = (((mailbox[0] ?? 0) << 8) | (mailbox[1] ?? 0)) % 30;
  return new Date(Date.parse(retainUntil) - back * 86_400_000).toISOString().slice(0, 10);
}
