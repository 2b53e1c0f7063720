/**
 * The plaintext of a submission and its padding.
 *
 * A plaintext is JSON with its members in a fixed order, filled up with spaces and one line feed to
 * 16 384 or 65 536 bytes, so that the size of a sealed file says next to nothing about how much
 * somebody wrote. Twin of Go's internal/seal: both must write the same bytes for the same input.
 */
import { fromBase64url, fromUtf8, toBase64url, utf8, wellFormed } from "./encoding.js";
import { JsonError, onlyMembers, parseStrict, type Json } from "./json.js";

export const BUCKETS = [16384, 65536] as const;
/** The most bytes of JSON that fit: the larger bucket less its line feed. */
export const LIMIT = 65535;

export interface Answer {
  /** The key of the question in the form. */
  q: string;
  /** What was said; choices of a list are joined by line feeds. */
  a: string;
}

export interface Submission {
  v: 1;
  t: "submission";
  epoch: string;
  origin: string;
  /** Who locked it: the writer's device, or the server for a form without script. */
  sealed_by: "client" | "server";
  /** Base64url of SHA-256 of the form definition. */
  form: string;
  lang: string;
  answers: Answer[];
  subject: string | null;
  /** The writer's `age1pq1...` recipient for replies. */
  reply_to: string | null;
  /** Base64url of the 32-byte mailbox id. */
  mailbox: string | null;
  /** Base64url of the 32-byte anchor, the same as in the public leaf. */
  anchor: string;
  /** Base64url of the leaf hash of the first message, in a follow-up. */
  thread: string | null;
}

/** A file that holds nothing, added so that the public log does not tell how many people wrote. */
export interface Decoy {
  v: 1;
  t: "decoy";
}

export type Plaintext = Submission | Decoy;

/** The text is longer than the larger bucket holds. Both numbers are bytes of JSON. */
export class TooLong extends Error {
  override name = "TooLong";
  constructor(
    readonly bytes: number,
    readonly limit: number,
  ) {
    super(`the text takes ${bytes} bytes and at most ${limit} fit`);
  }
}

/** An opened plaintext is not what the format says. The message never quotes it. */
export class PlaintextError extends Error {
  override name = "PlaintextError";
}

/** The JSON bytes before padding, members in their fixed order. */
export function toJson(p: Plaintext): Uint8Array {
  if (p.t === "decoy") return utf8(JSON.stringify({ v: p.v, t: p.t }));
  const ordered = {
    v: p.v,
    t: p.t,
    epoch: p.epoch,
    origin: p.origin,
    sealed_by: p.sealed_by,
    form: p.form,
    lang: wellFormed(p.lang),
    answers: p.answers.map(({ q, a }) => ({ q: wellFormed(q), a: wellFormed(a) })),
    subject: p.subject === null ? null : wellFormed(p.subject),
    reply_to: p.reply_to,
    mailbox: p.mailbox,
    anchor: p.anchor,
    thread: p.thread,
  };
  return utf8(JSON.stringify(ordered));
}

/** How many bytes of JSON the plaintext takes, of LIMIT. */
export function countBytes(p: Plaintext): number {
  return toJson(p).length;
}

/** The padded plaintext: exactly one of BUCKETS long. Throws TooLong. */
export function encode(p: Plaintext): Uint8Array {
  const json = toJson(p);
  const bucket = BUCKETS.find((b) => json.length <= b - 1);
  if (bucket === undefined) throw new TooLong(json.length, LIMIT);
  return pad(json, bucket);
}

function pad(json: Uint8Array, bucket: number): Uint8Array {
  const out = new Uint8Array(bucket).fill(0x20);
  out.set(json);
  out[bucket - 1] = 0x0a;
  return out;
}

/** Reads a padded plaintext and throws PlaintextError unless it is what encode writes; members may come in any order. */
export function parse(padded: Uint8Array): Plaintext {
  if (!BUCKETS.some((b) => b === padded.length)) throw new PlaintextError("it has a size that is not in use");
  if (padded[padded.length - 1] !== 0x0a) throw new PlaintextError("its padding is not as described");
  let end = padded.length - 1;
  while (end > 0 && padded[end - 1] === 0x20) end--;
  try {
    return fromJson(parseStrict(textOf(padded.subarray(0, end))));
  } catch (err) {
    if (err instanceof JsonError) throw new PlaintextError(err.message);
    throw err;
  }
}

function textOf(json: Uint8Array): string {
  try {
    return fromUtf8(json);
  } catch {
    throw new PlaintextError("its text is not UTF-8");
  }
}

const MEMBERS = [
  "v", "t", "epoch", "origin", "sealed_by", "form", "lang", "answers", "subject", "reply_to", "mailbox", "anchor", "thread",
] as const;

function fromJson(value: Json): Plaintext {
  const o = onlyMembers(value, MEMBERS);
  if (o["v"] !== 1) throw new PlaintextError("its version is not known");
  if (o["t"] === "decoy") {
    onlyMembers(o, ["v", "t"]);
    return { v: 1, t: "decoy" };
  }
  if (o["t"] !== "submission") throw new PlaintextError("its kind is not known");
  return {
    v: 1,
    t: "submission",
    epoch: text(o, "epoch"),
    origin: text(o, "origin"),
    sealed_by: sealedBy(o),
    form: text(o, "form"),
    lang: text(o, "lang"),
    answers: answers(o),
    subject: textOrNull(o, "subject"),
    reply_to: textOrNull(o, "reply_to"),
    mailbox: textOrNull(o, "mailbox"),
    anchor: id32(o, "anchor"),
    thread: textOrNull(o, "thread"),
  };
}

/** An escape can name half a character. Nothing that seals writes one, so it is refused and not mended. */
function text(o: Record<string, Json>, member: string): string {
  const value = o[member];
  if (typeof value !== "string" || wellFormed(value) !== value) throw new PlaintextError(`its "${member}" is not text`);
  return value;
}

function textOrNull(o: Record<string, Json>, member: string): string | null {
  return o[member] === null || o[member] === undefined ? null : text(o, member);
}

function id32(o: Record<string, Json>, member: string): string {
  const value = text(o, member);
  if (!isId32(value)) throw new PlaintextError(`its "${member}" is not 32 bytes of base64url`);
  return value;
}

/** True for the one base64url spelling of 32 bytes. */
export function isId32(s: string): boolean {
  try {
    const bytes = fromBase64url(s);
    return bytes.length === 32 && toBase64url(bytes) === s;
  } catch {
    return false;
  }
}

function sealedBy(o: Record<string, Json>): "client" | "server" {
  const value = o["sealed_by"];
  if (value !== "client" && value !== "server") throw new PlaintextError('its "sealed_by" is not known');
  return value;
}

function answers(o: Record<string, Json>): Answer[] {
  const list = o["answers"];
  if (!Array.isArray(list)) throw new PlaintextError('its "answers" are not a list');
  return list.map((item) => {
    const answer = onlyMembers(item, ["q", "a"]);
    return { q: text(answer, "q"), a: text(answer, "a") };
  });
}
