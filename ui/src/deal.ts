/**
 * Dealing an epoch: a key pair in memory, the private half sealed for every member in a file of its own, and the record
 * that the dealer signs. Runs in the worker; the private half is gone when this returns.
 *
 * The twin of client.Deal; internal/keyring/FORMAT.md is the specification.
 */
import { sha256 } from "@noble/hashes/sha2.js";
import { base32 } from "@scure/base";
import { generateHybridIdentity } from "age-encryption";
import type { Panel } from "./chain.js";
import { concat, toBase64 } from "./encoding.js";
import { wrapEpochKey } from "./epochkey.js";
import { recipientOf } from "./identity.js";
import { wrapEpochShares } from "./share.js";

/** When an epoch is in use, and until when what it sealed is kept. Days, YYYY-MM-DD. */
export interface Term {
  not_before: string;
  not_after: string;
  retain_until: string;
}

/** What a new record has to name. */
export interface Offer {
  term: Term;
  /** Base64 leaf hash of the epoch logged before; null for the first. */
  previous: string | null;
  /** Verifier key of the server's tickets. */
  ticketKey: string;
}

export interface Wrap {
  reviewer: string;
  file: Uint8Array;
}

/** Makes a key that `k` members of a panel open. Returns the record's lines and a wrap for each member. */
export async function deal(panel: Panel, offer: Offer, k = 1): Promise<{ lines: string; wraps: Wrap[] }> {
  const id = newEpochId(offer.term.not_before);
  const identity = await generateHybridIdentity();
  const { files, quorum } = await wrapFor(panel, id, identity, k);
  const wraps = panel.manifest.members.map((member, i) => ({ reviewer: member.id, file: files[i] ?? new Uint8Array() }));
  return { lines: recordLines(panel, offer, { id, recipient: await recipientOf(identity), quorum, wraps }), wraps };
}

/** Seals the key, or its parts, to each member in the order of the list; `quorum` is the record's line about it. */
async function wrapFor({ manifest }: Panel, id: string, identity: string, k: number): Promise<{ files: Uint8Array[]; quorum: string }> {
  const recipients = manifest.members.map((member) => member.recipient);
  if (k > 1) return wrapEpochShares(id, identity, recipients, k);
  return { files: await Promise.all(recipients.map((to) => wrapEpochKey(id, identity, to))), quorum: `1/${String(recipients.length)}` };
}

/** The lines of a record, each ended by a line feed. */
export function recordLines(panel: Panel, offer: Offer, made: { id: string; recipient: string; quorum: string; wraps: Wrap[] }): string {
  const { manifest, hash } = panel;
  const { not_before, not_after, retain_until } = offer.term;
  const lines = [
    "answerable/leaf/v1", "epoch", manifest.clinic, made.id, offer.previous ?? "-", made.recipient, "-",
    `${not_before} ${not_after} ${retain_until}`, made.quorum,
    toBase64(hashWraps(made.wraps.map((w) => w.file))), hash, offer.ticketKey,
  ];
  return lines.map((line) => line + "\n").join("");
}

/** The month an epoch starts in and four random letters and digits. */
export function newEpochId(notBefore: string): string {
  return `${notBefore.slice(0, 7)}-${base32.encode(crypto.getRandomValues(new Uint8Array(5))).slice(0, 4).toLowerCase()}`;
}

/** SHA-256 of the sorted SHA-256 sums of the wraps, joined. */
export function hashWraps(files: Uint8Array[]): Uint8Array {
  return sha256(concat(...files.map((f) => sha256(f)).sort(byBytes)));
}

function byBytes(a: Uint8Array, b: Uint8Array): number {
  const at = a.findIndex((x, i) => x !== b[i]);
  return at < 0 ? 0 : (a[at] ?? 0) - (b[at] ?? 0);
}
