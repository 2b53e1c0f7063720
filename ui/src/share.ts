/**
 * Opening an epoch together: its secret key is split into parts, one for each reviewer, of which k give it back and
 * fewer tell nothing. A part is sealed to its reviewer in a file of its own, and sealed again to whoever asks.
 *
 * The twin of share.go in internal/seal; FORMAT.md there is the specification, and both run the same vectors. The
 * splitting is the audited npm library's. Its tables are not constant in time, unlike ours in Go: a page's worker shares
 * its processor's caches with what else runs on the reviewer's own device.
 */
import { hkdf } from "@noble/hashes/hkdf.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { combine, split } from "shamir-secret-sharing";
import { concat, equalBytes, fromBase64, fromBase64url, fromUtf8, toBase64, toBase64url, utf8 } from "./encoding.js";
import { identityFromSeed, recipientOf, seedOf } from "./identity.js";
import { onlyMembers, parseStrict, type Json } from "./json.js";
import { isHybridRecipient, openBytes, sealBytes } from "./seal.js";

/** What an epoch's record says about opening it together; a Record of chain.ts has these members and `id`. */
export interface Quorum {
  epoch: string;
  /** The key that people seal to. */
  recipient: string;
  k: number;
  n: number;
  /** Base64 of the hash of all parts' hashes, as in the record. */
  shares: string;
}

export interface EpochShare {
  /** 32 values, and the coordinate they belong to. */
  share: Uint8Array;
  /** SHA-256 of every reviewer's part, in the order of the reviewers in the manifest. */
  hashes: Uint8Array[];
}

export type ShareProblem =
  | "not-a-share"
  /** It is a part of another epoch, or for other numbers. */
  | "another-epoch"
  /** Its list of parts is not the one in the record: not what the dealer signed. */
  | "other-parts"
  /** It is not the part that was dealt to this reviewer; `hash` names it. */
  | "not-dealt"
  /** All parts are as they were dealt and do not give the key: the dealer made them wrongly. */
  | "dealt-wrongly";

/** A part, or what came of all of them, is not right. */
export class ShareError extends Error {
  override name = "ShareError";
  constructor(readonly problem: ShareProblem, readonly hash = "") {
    super(`part of an epoch's key: ${problem}${hash === "" ? "" : ` (${hash})`}`);
  }
}

/** There are fewer parts than it takes. */
export class MissingShares extends Error {
  override name = "MissingShares";
  constructor(readonly have: number, readonly need: number) {
    super(`${String(have)} of the ${String(need)} parts that open this epoch are here`);
  }
}

/** A file has at most 2700 bytes, for twenty reviewers. */
const MAX_BYTES = 4096;
const SHARE_BYTES = 33;
const HASH_BYTES = 32;
const MEMBERS = ["v", "t", "epoch", "k", "n", "share", "share_hashes"] as const;

/**
 * Splits an epoch's identity for its reviewers, `k` of whom are then needed, and seals each part in a file of its own.
 * `reviewers` are their recipients in the order of the manifest; `files` come in that order. `quorum` is the record's line
 * about it, with which the dealer signs who holds which part. 2 <= k <= reviewers.length <= 20.
 */
export async function wrapEpochShares(epoch: string, identity: string, reviewers: readonly string[], k: number): Promise<{ files: Uint8Array[]; quorum: string }> {
  const n = reviewers.length;
  const seed = seedOf(identity);
  const parts = await split(seed, n, k);
  const hashes = parts.map((part) => sha256(part));
  const q = { epoch, k, n };
  const files = await Promise.all(parts.map((share, i) => sealEpochShare(q, { share, hashes }, reviewers[i] ?? "")));
  for (const secret of [seed, ...parts]) secret.fill(0);
  return { files, quorum: `${String(k)}/${String(n)} ${hashShares(hashes)}` };
}

/** Base64 of SHA-256 of the parts' hashes, joined: what binds a record to its parts. */
export const hashShares = (hashes: readonly Uint8Array[]): string => toBase64(sha256(concat(...hashes)));

/** Seals a part to one recipient: to a reviewer when it is dealt, to the key of a request when a colleague is answered. */
export function sealEpochShare(q: Pick<Quorum, "epoch" | "k" | "n">, s: EpochShare, recipient: string): Promise<Uint8Array> {
  const plaintext = {
    v: 1, t: "epoch-share", epoch: q.epoch, k: q.k, n: q.n, share: toBase64(s.share), share_hashes: s.hashes.map(toBase64url),
  };
  return sealBytes(utf8(JSON.stringify(plaintext)), recipient);
}

/**
 * Opens a part, one's own wrap or a colleague's answer, and holds it against the epoch's record: all hashes must be those
 * that the dealer signed, and the part must be the one at place `at`, its reviewer's place in the manifest under which the
 * epoch was dealt. Throws ShapeError, WrongKey or ShareError.
 */
export async function openEpochShare(file: Uint8Array, mine: string, q: Quorum, at: number): Promise<EpochShare> {
  if (file.length > MAX_BYTES) throw new ShareError("not-a-share");
  const s = parseEpochShare(await openBytes(file, mine), q);
  if (hashShares(s.hashes) !== q.shares) throw new ShareError("other-parts");
  const hash = sha256(s.share);
  const dealt = s.hashes[at];
  if (!dealt || !equalBytes(hash, dealt)) throw new ShareError("not-dealt", shortHash(hash));
  return s;
}

function parseEpochShare(plaintext: Uint8Array, q: Quorum): EpochShare {
  let o: Record<string, Json>;
  try {
    o = onlyMembers(parseStrict(fromUtf8(plaintext)), MEMBERS);
  } catch {
    throw new ShareError("not-a-share");
  }
  if (o["v"] !== 1 || o["t"] !== "epoch-share") throw new ShareError("not-a-share");
  const texts = o["share_hashes"];
  if (o["epoch"] !== q.epoch || o["k"] !== q.k || o["n"] !== q.n || !Array.isArray(texts) || texts.length !== q.n) throw new ShareError("another-epoch");
  const share = exactly(o["share"], SHARE_BYTES, fromBase64, toBase64);
  if (share[SHARE_BYTES - 1] === 0) throw new ShareError("not-a-share");
  return { share, hashes: texts.map((text) => exactly(text, HASH_BYTES, fromBase64url, toBase64url)) };
}

function exactly(text: Json | undefined, size: number, decode: (s: string) => Uint8Array, encode: (b: Uint8Array) => string): Uint8Array {
  if (typeof text !== "string") throw new ShareError("not-a-share");
  let bytes: Uint8Array;
  try {
    bytes = decode(text);
  } catch {
    throw new ShareError("not-a-share");
  }
  if (bytes.length !== size || encode(bytes) !== text) throw new ShareError("not-a-share");
  return bytes;
}

/** Enough of a hash to compare by eye. */
const shortHash = (hash: Uint8Array): string => toBase64url(hash).slice(0, 12);

/**
 * Gives an epoch's identity from k different parts that openEpochShare has passed, and compares its recipient with the one
 * that people seal to. Throws MissingShares or ShareError.
 */
export async function combineShares(q: Quorum, parts: readonly Uint8Array[]): Promise<string> {
  const different = parts.filter((part, i) => parts.findIndex((other) => equalBytes(other, part)) === i);
  if (different.length < q.k) throw new MissingShares(different.length, q.k);
  let identity: string;
  try {
    const seed = await combine(different.slice(0, q.k));
    identity = identityFromSeed(seed);
    seed.fill(0);
  } catch {
    throw new ShareError("dealt-wrongly"); // two parts at one coordinate
  }
  if ((await recipientOf(identity)) !== q.recipient) throw new ShareError("dealt-wrongly");
  return identity;
}

/** A request to open, as its asker signs it. */
export interface OpeningRequest {
  clinic: string;
  epoch: string;
  requester: string;
  /** Made for this request alone. */
  recipient: string;
  /** YYYY-MM-DD. */
  day: string;
}

/** The lines of a request, to be signed under the label `open` (chain.ts verifySignature takes it too). */
export const openingLines = (r: OpeningRequest): string =>
  ["answerable/leaf/v1", "open", r.clinic, r.epoch, r.requester, r.recipient, r.day].map((line) => `${line}\n`).join("");

/** Reads a request exactly as openingLines writes it; null otherwise. */
export function parseOpening(text: string): OpeningRequest | null {
  const [, , clinic = "", epoch = "", requester = "", recipient = "", day = ""] = text.split("\n");
  const r = { clinic, epoch, requester, recipient, day };
  const named = /^[a-z0-9-]{4,32}$/.test(epoch) && isHybridRecipient(recipient) && /^[0-9]{4}-[0-9]{2}-[0-9]{2}$/.test(day);
  return named && openingLines(r) === text ? r : null;
}

/**
 * The key that answers to a browser's request are sealed to. It is derived, so that it is there again after the page was
 * locked and nothing has to lie on the device; a terminal makes a random one and keeps it sealed until it has collected.
 */
export function askingIdentity(identity: string, r: Pick<OpeningRequest, "clinic" | "epoch" | "day">): string {
  return identityFromSeed(hkdf(sha256, seedOf(identity), utf8("answerable/v1/opening"), utf8(`${r.clinic}\n${r.epoch}\n${r.day}`), 32));
}

/** The lines of an answer, to be signed under the label `share`: the request's hash, and that of the sealed part. */
export const answerLines = (request: string, file: Uint8Array): string => `${toBase64(sha256(utf8(request)))}\n${toBase64(sha256(file))}\n`;
