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

/** A first message, a further one of the same receipt, or what somebody said about themselves. */
export interface Submission {
  v: 1;
  t: "submission" | "followup" | "about_you";
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
  /** Base64url of the 32-byte mailbox id, which all messages of one receipt share; it alone can tie answers about a person. */
  mailbox: string | null;
  /** Base64url of the 32-byte anchor, the same as in the public leaf. */
  anchor: string;
  /** Base64url of the leaf hash of the first message, in a follow-up whose device knows it. */
  thread: string | null;
  /** Base64url of the key that tags the panel's acts in public. */
  actions?: string;
}

/** How far words may go, from the panel alone to everybody. A level covers those before it. */
export const SHARE_LEVELS = ["panel_only", "count_me", "panel_summary_to_clinic", "my_words_to_clinic", "my_words_public"] as const;
/** When sharing may begin. */
export const HOLDS = ["now", "wait_until_i_say"] as const;
/** What must be taken out before words are shared, in the order they are written. */
export const HIDES = ["the_date", "the_place", "the_role", "quotes"] as const;

/** A change of what may happen to the words of a receipt. It takes the place of every earlier answer on the same things. */
export interface Consent {
  v: 1;
  t: "consent";
  epoch: string;
  origin: string;
  sealed_by: "client" | "server";
  mailbox: string | null;
  anchor: string;
  thread: string | null;
  share_level: (typeof SHARE_LEVELS)[number];
  /** Show me first; who does not come back is not shared. */
  ask_me_first: boolean;
  hold: (typeof HOLDS)[number];
  hide: (typeof HIDES)[number][];
}

/** A file that holds nothing, added so that the public log does not tell how many people wrote. */
export interface Decoy {
  v: 1;
  t: "decoy";
}

export type Plaintext = Submission | Consent | Decoy;

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
  if (p.t === "consent") return utf8(JSON.stringify(orderedConsent(p)));
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
    actions: p.actions, // absent when there is none
  };
  return utf8(JSON.stringify(ordered));
}

function orderedConsent(p: Consent): Consent {
  return {
    v: p.v,
    t: p.t,
    epoch: p.epoch,
    origin: p.origin,
    sealed_by: p.sealed_by,
    mailbox: p.mailbox,
    anchor: p.anchor,
    thread: p.thread,
    share_level: p.share_level,
    ask_me_first: p.ask_me_first,
    hold: p.hold,
    hide: p.hide,
  };
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
  "actions",
] as const;
const CONSENT_MEMBERS = [
  "v", "t", "epoch", "origin", "sealed_by", "mailbox", "anchor", "thread", "share_level", "ask_me_first", "hold", "hide",
] as const;

function fromJson(value: Json): Plaintext {
  const o = onlyMembers(value, [...MEMBERS, ...CONSENT_MEMBERS]);
  if (o["v"] !== 1) throw new PlaintextError("its version is not known");
  switch (o["t"]) {
    case "decoy":
      onlyMembers(o, ["v", "t"]);
      return { v: 1, t: "decoy" };
    case "consent":
      return consent(onlyMembers(o, CONSENT_MEMBERS));
    case "followup":
      return tied(submission(onlyMembers(o, MEMBERS), o["t"]));
    case "submission":
      return submission(onlyMembers(o, MEMBERS), o["t"]);
    case "about_you":
      return aboutYou(submission(onlyMembers(o, MEMBERS), o["t"]));
  }
  throw new PlaintextError("its kind is not known");
}

function submission(o: Record<string, Json>, kind: Submission["t"]): Submission {
  const actions = textOrNull(o, "actions");
  return {
    v: 1,
    t: kind,
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
    ...(actions === null ? {} : { actions: id32(o, "actions") }),
  };
}

/** What somebody says about themselves names nothing, or what it belongs to. */
const aboutYou = (p: Submission): Submission => (p.mailbox === null && p.thread === null ? p : tied(p));

function consent(o: Record<string, Json>): Consent {
  if (typeof o["ask_me_first"] !== "boolean") throw new PlaintextError('its "ask_me_first" is neither yes nor no');
  return tied({
    v: 1,
    t: "consent",
    epoch: text(o, "epoch"),
    origin: text(o, "origin"),
    sealed_by: sealedBy(o),
    mailbox: textOrNull(o, "mailbox"),
    anchor: id32(o, "anchor"),
    thread: textOrNull(o, "thread"),
    share_level: code(o, "share_level", SHARE_LEVELS),
    ask_me_first: o["ask_me_first"],
    hold: code(o, "hold", HOLDS),
    hide: hides(o),
  });
}

/** A further message names what it belongs to: the first one's leaf, the receipt's mailbox, or both. */
function tied<T extends { thread: string | null; mailbox: string | null }>(p: T): T {
  const ids = [p.thread, p.mailbox].filter((id) => id !== null);
  if (ids.length === 0 || !ids.every(isId32)) throw new PlaintextError("it does not name what it belongs to");
  return p;
}

function code<T extends string>(o: Record<string, Json>, member: string, codes: readonly T[]): T {
  const found = codes.find((c) => c === o[member]);
  if (found === undefined) throw new PlaintextError(`its "${member}" is not known`);
  return found;
}

/** Each code once and in order, so that one choice has one spelling. */
function hides(o: Record<string, Json>): Consent["hide"] {
  const list = o["hide"];
  const known = Array.isArray(list) ? HIDES.filter((h) => list.includes(h)) : null;
  if (known === null || JSON.stringify(known) !== JSON.stringify(list)) throw new PlaintextError('its "hide" is not as described');
  return known;
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
