/**
 * Fetching and opening everything a reviewer may read. Whole epochs are fetched, never one file, so
 * that the server does not learn whose words somebody is reading.
 */
import * as api from "./api.js";
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
}

/** Told how many files are done, of how many there are. */
export type Progress = (done: number, of: number) => void;

/** Opens every clinic's files, oldest first. Throws ApiError. */
export async function openAll(clinics: Tended[], keys: Keyholder, progress: Progress): Promise<Pile[]> {
  const total = clinics.flatMap((t) => t.epochs).reduce((n, e) => n + e.files, 0);
  const piles: Pile[] = [];
  let done = 0;
  for (const { clinic, origin, epochs } of clinics) {
    const pile: Pile = { clinic, messages: [], decoys: 0, notes: [] };
    for (const epoch of epochs) {
      const before = done;
      await openEpoch(pile, origin, epoch, keys, () => { progress(++done, total); });
      done = Math.max(done, before + epoch.files);
    }
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

async function openEpoch(pile: Pile, origin: string, epoch: ServedEpoch, keys: Keyholder, opened: () => void): Promise<void> {
  if (epoch.files === 0) return;
  try {
    await keys.ask<"openWrap">({ do: "openWrap", clinic: pile.clinic.slug, epoch });
  } catch (err) {
    const why = err instanceof KeyholderError ? err.failure : "failed";
    pile.notes.push(why === "no-wrap" ? SAY.noWrap(epoch.id, epoch.files) : why === "together" ? SAY.together(epoch.id, epoch.files) : SAY.badKey(epoch.id, epoch.files, FAILURES[why]));
    return;
  }
  const got = await openFiles(pile, origin, epoch, keys, opened);
  if (got < epoch.files) pile.notes.push(SAY.gap(got, epoch.files));
}

/** Pages through an epoch; returns how many different files came. */
async function openFiles(pile: Pile, origin: string, epoch: ServedEpoch, keys: Keyholder, opened: () => void): Promise<number> {
  const seen = new Set<string>();
  let after: string | null = "";
  while (after !== null) {
    const page: api.FilesPage = await api.files(pile.clinic.slug, epoch.id, after);
    for (const { leaf, file, day } of page.files) {
      const result = await keys.ask<"openFile">({ do: "openFile", delivered: { epoch: epoch.id, origin, leaf, file } });
      if (seen.has(result.leafHash)) continue;
      seen.add(result.leafHash);
      if (result.kind === "decoy") pile.decoys++;
      else pile.messages.push({ opened: result, day });
      opened();
    }
    // Pages go on in order of leaf hash; a server that goes in circles must not keep us here.
    after = page.next !== null && page.next > after ? page.next : null;
  }
  return seen.size;
}
