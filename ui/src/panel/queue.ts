/**
 * Fetching and opening everything a reviewer may read. Whole epochs are fetched, never one file, so
 * that the server does not learn whose words somebody is reading.
 */
import { sha256 } from "@noble/hashes/sha2.js";
import { equalBytes, fromBase64, toHex } from "../encoding.js";
import { leafHash, parseSubmissionLeaf } from "../leaf.js";
import { excuse, type Ledger } from "../log.js";
import * as api from "./api.js";
import { undelivered, unlisted, unlogged } from "./completeness.js";
import { KeyholderError, type Keyholder } from "./keyholder.js";
import type { ServedEpoch } from "./keywork.js";
import type { Message } from "./reading.js";
import type { Tended } from "./tending.js";
import { FAILURES, SAY } from "./words.js";

/** What one clinic's files come to. */
export interface Pile {
  clinic: api.Clinic;
  messages: Message[];
  decoys: number;
  /** Sentences about files that cannot be read, or that the server did not give. */
  notes: string[];
  /** What the log says was told and nobody can read: for the whole panel to know. */
  alarms: string[];
}

/** Told how many files are done, of how many there are. */
export type Progress = (done: number, of: number) => void;

/**
 * Opens every clinic's files, oldest first, and compares them with the log, which was read before; null when it could not
 * be. Throws ApiError.
 */
export async function openAll(clinics: Tended[], keys: Keyholder, log: Ledger | null, progress: Progress): Promise<Pile[]> {
  const total = clinics.flatMap((t) => t.epochs).reduce((n, e) => n + e.files, 0);
  const piles: Pile[] = [];
  let done = 0;
  for (const t of clinics) {
    const { clinic, clinicId, epochs, withdrawn, walked, listed } = t;
    const pile: Pile = { clinic, messages: [], decoys: 0, notes: [], alarms: [] };
    if (walked !== null && !listed) {
      piles.push(pile); // signed lists that hold do not name this reviewer: nothing is theirs to be given, so nothing is missing
      continue;
    }
    if (log !== null) excuse(log, withdrawn);
    for (const epoch of epochs) {
      const before = done;
      const delivered = await openEpoch(pile, t, epoch, keys, () => { progress(++done, total); });
      done = Math.max(done, before + epoch.files);
      const missing = log === null ? 0 : undelivered(log, clinicId, epoch.id, delivered).length;
      if (missing > 0) pile.alarms.push(SAY.dropped(missing, epoch.id));
    }
    const hidden = log === null ? 0 : unlisted(log, clinicId, epochs.map((e) => e.id)).length;
    if (hidden > 0) pile.alarms.push(SAY.hidden(hidden));
    if (log !== null) pile.alarms.push(...unlogged(log, clinicId, epochs).map(SAY.unlogged));
    pile.messages.sort(oldestFirst);
    piles.push(pile);
  }
  return piles;
}

function oldestFirst(a: Message, b: Message): number {
  const left = a.day + a.opened.leafHash;
  const right = b.day + b.opened.leafHash;
  return left < right ? -1 : left > right ? 1 : 0;
}

/** Returns the leaf hashes of what was delivered, whether it could be opened or not. */
async function openEpoch(pile: Pile, t: Tended, epoch: ServedEpoch, keys: Keyholder, opened: () => void): Promise<Set<string>> {
  if (epoch.files === 0) return new Set();
  let holder: Keyholder | null = keys;
  try {
    await keys.ask<"openWrap">({ do: "openWrap", clinic: pile.clinic.slug, epoch });
  } catch (err) {
    const why = err instanceof KeyholderError ? err.failure : "failed";
    pile.notes.push(why === "no-wrap" ? SAY.noWrap(epoch.id, epoch.files) : why === "together" ? SAY.together(epoch.id, epoch.files) : SAY.badKey(epoch.id, epoch.files, FAILURES[why]));
    if (why === "wrap") t.unreadable.add(epoch.id);
    holder = null;
  }
  const got = await openFiles(pile, t.origin, epoch, holder, opened);
  if (got.count < epoch.files) pile.notes.push(SAY.gap(got.count, epoch.files));
  return got.delivered;
}

/** Pages through an epoch. Without a key the files are fetched all the same, and held against their leaves. */
async function openFiles(pile: Pile, origin: string, epoch: ServedEpoch, keys: Keyholder | null, opened: () => void): Promise<{ count: number; delivered: Set<string> }> {
  const seen = new Set<string>();
  const delivered = new Set<string>();
  let after: string | null = "";
  while (after !== null) {
    const page: api.FilesPage = await api.files(pile.clinic.slug, epoch.id, after);
    for (const { leaf, file, day } of page.files) {
      const hash = toHex(leafHash(leaf));
      if (seen.has(hash)) continue;
      seen.add(hash);
      if (isFileOf(leaf, file)) delivered.add(hash);
      opened();
      if (keys === null) continue;
      const result = await keys.ask<"openFile">({ do: "openFile", delivered: { epoch: epoch.id, origin, leaf, file } });
      if (result.kind === "decoy") pile.decoys++;
      else pile.messages.push({ opened: result, day });
    }
    // Pages go on in order of leaf hash; a server that goes in circles must not keep us here.
    after = page.next !== null && page.next > after ? page.next : null;
  }
  return { count: seen.size, delivered };
}

/** Whether a file is the one that its leaf names. */
function isFileOf(leaf: string, file: string): boolean {
  try {
    return equalBytes(sha256(fromBase64(file)), parseSubmissionLeaf(leaf).fileHash);
  } catch {
    return false; // no leaf of a submission, or no base64
  }
}
