/**
 * A review file on its way: sealed, signed by its author, and held against where it was found. The server only carries it.
 *
 * What is signed is the label and lines of an envelope: clinic, message, kind, number, the sealed file's hash and the day.
 * Twin of internal/review/sign.go. A reader takes nothing of an envelope from the server's word: the author's key comes from
 * the panel's signed lists, and what is inside has to say the same place once more.
 */
import { sha256 } from "@noble/hashes/sha2.js";
import { verifySignature, type Manifest } from "./chain.js";
import { encode, isAt, parse, ReviewFileError, SIZE, type Bodies, type Kind, type Place, type ReviewFile } from "./coding.js";
import { fromBase64, toBase64, toBase64url } from "./encoding.js";
import type { SigningKey } from "./identity.js";
import { openBytes, OVERHEAD, sealBytes, ShapeError, WrongKey } from "./seal.js";
import { sign } from "./signin.js";
import { wrote, type Listed } from "./wrote.js";

/** The length in bytes of every sealed review file. */
export const SEALED = SIZE + OVERHEAD;

export interface Envelope {
  clinic: string;
  /** The message's leaf hash. */
  leaf: Uint8Array;
  kind: Kind;
  /** Counts the author's files of one kind on one message, from 0. */
  n: number;
  /** SHA-256 of the sealed file. */
  hash: Uint8Array;
  /** `YYYY-MM-DD`. */
  day: string;
}

export function envelopeLines(e: Envelope): string {
  return [e.clinic, toBase64(e.leaf), e.kind, String(e.n), toBase64(e.hash), e.day].map((line) => `${line}\n`).join("");
}

/** A review file as the server takes and gives it; base64. */
export interface Served {
  leaf: string;
  kind: string;
  author: string;
  n: number;
  file: string;
  signature: string;
  day: string;
  /** Of a draft that is to be stored: base64 of the hash of the sealed one whose place it takes, "" for none. */
  replaces?: string;
  /** Of a draft that is to be stored: its author had a part in the message as they typed. */
  inPart?: boolean;
}

/** Seals a file to a recipient, the epoch's or, for a draft, the author's own, and signs it. */
export async function sealReview(f: ReviewFile, to: { recipient: string; clinic: string; leaf: Uint8Array; n: number; day: string }, key: SigningKey): Promise<Served> {
  const sealed = await sealBytes(encode(f), to.recipient);
  const signature = signEnvelope({ clinic: to.clinic, leaf: to.leaf, kind: f.t, n: to.n, hash: sha256(sealed), day: to.day }, key);
  return { leaf: toBase64(to.leaf), kind: f.t, author: key.reviewer, n: to.n, file: toBase64(sealed), signature, day: to.day };
}

const signEnvelope = (e: Envelope, key: SigningKey): string => sign(`answerable/v1/review\n${envelopeLines(e)}`, key);

/**
 * Signs a file that one has sealed and signed before, for another day and place among its author's: what is sealed stays as it
 * is. Throws Error for what this key did not sign.
 */
export function signAgain(s: Served, clinic: string, now: { n: number; day: string }, key: SigningKey): Served {
  const signed = (at: { n: number; day: string }): string =>
    signEnvelope({ clinic, leaf: fromBase64(s.leaf), kind: s.kind as Kind, hash: sha256(fromBase64(s.file)), n: at.n, day: at.day }, key);
  if (s.author !== key.reviewer || signed(s) !== s.signature) throw new Error("not signed by this key");
  return { ...s, ...now, signature: signed(now) };
}

/** Why a file that the server gave is not taken. */
export type ServedProblem = "size" | "author" | "signature" | "away" | "key" | "content" | "place";

export type OpenedReview = { [K in Kind]: { kind: K; by: string; n: number; day: string; hash: string; leaf: string; body: Bodies[K] } }[Kind];

/** A panel's signed lists, the newest last, and how many of them stand in the log before a message, by base64url of its leaf hash; null where the log was not read. */
export interface Lists {
  lists: readonly (Manifest & Listed)[];
  before: (leaf: string) => number | null;
}

/**
 * Opens what the server gave. Who has left the panel signed as the member they were, while they were. `identity` is the epoch's, or, for
 * a draft, the reviewer's own.
 */
export async function openReview(s: Served, at: { clinic: string; epoch: string; origin: string }, { lists, before }: Lists, identity: string): Promise<OpenedReview | ServedProblem> {
  const bytes = bytesOf(s);
  if (bytes === null || bytes.sealed.length !== SEALED) return "size";
  const list = [...lists].reverse().find((m) => m.members.some(({ id }) => id === s.author));
  if (list === undefined) return "author";
  const hash = sha256(bytes.sealed);
  const lines = envelopeLines({ clinic: at.clinic, leaf: bytes.leaf, kind: s.kind as Kind, n: s.n, hash, day: s.day });
  if (!verifySignature(list, "review", lines, s.author, bytes.signature)) return "signature";
  if (!wrote(lists, s.author, before(toBase64url(bytes.leaf)), s.day)) return "away";
  const place: Place = { epoch: at.epoch, origin: at.origin, leaf: toBase64url(bytes.leaf), by: s.author };
  const f = await opened(bytes.sealed, identity);
  if (typeof f === "string") return f;
  if (f.t !== s.kind || !isAt(f, place)) return "place";
  return { kind: f.t, by: s.author, n: s.n, day: s.day, hash: toBase64url(hash), leaf: place.leaf, body: f.body } as OpenedReview;
}

function bytesOf(s: Served): { leaf: Uint8Array; sealed: Uint8Array; signature: Uint8Array } | null {
  try {
    const leaf = fromBase64(s.leaf);
    return leaf.length === 32 ? { leaf, sealed: fromBase64(s.file), signature: fromBase64(s.signature) } : null;
  } catch {
    return null;
  }
}

async function opened(sealed: Uint8Array, identity: string): Promise<ReviewFile | ServedProblem> {
  try {
    return parse(await openBytes(sealed, identity));
  } catch (err) {
    if (err instanceof ShapeError) return "size";
    if (err instanceof WrongKey) return "key";
    if (err instanceof ReviewFileError) return "content";
    throw err;
  }
}
