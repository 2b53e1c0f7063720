/**
 * Whether the panel was given everything that was told. The server counts files, and could count wrongly on purpose; the
 * log is signed and seen by others. For every submission of an epoch that stands in it, there has to be a file, or the
 * writer's withdrawal, or the panel's own signatures under the epoch's end.
 */
import { equalBytes } from "../encoding.js";
import { leafHash } from "../leaf.js";
import { LogError, Tree, epochKey, parseCheckpoint, readLeaves, readLedger, type Checkpoint, type Get, type Ledger, type Placed } from "../log.js";
import { isOfKeys } from "../standing.js";

/** The submissions of a clinic's epoch that the log names and the panel was not given. `delivered` holds leaf hashes in hex. */
export function undelivered(ledger: Ledger, clinicId: string, epoch: string, delivered: ReadonlySet<string>): Placed[] {
  if (ledger.shredded.has(epochKey(clinicId, epoch))) return [];
  return [...ledger.submissions.values()].filter((s) => {
    return s.epoch === epoch && !delivered.has(s.hash) && !ledger.withdrawn.has(s.hash);
  });
}

/** The submissions of a clinic's epochs that the log names and that the server does not even list. */
export function unlisted(ledger: Ledger, clinicId: string, listed: string[]): Placed[] {
  const hidden = [...ledger.epochs].filter(([epoch, clinics]) => clinics.includes(clinicId) && !listed.includes(epoch));
  return hidden.flatMap(([epoch]) => undelivered(ledger, clinicId, epoch, new Set()));
}

/** The log as this panel's page has read it, to compare with the next time. */
export interface Read {
  ledger: Ledger;
  checkpoint: Checkpoint;
  /** The leaves about panels and their keys. */
  ofKeys: string[];
}

/**
 * Reads the whole log of this server and checks it: every leaf against the signed root, and the log against `before`, when
 * this page has read it already. Read it before the files: what is in it by then must be among them. Throws LogError when
 * the log is not what it signs, or does not begin with what it was before.
 */
export async function readLog(get: Get, vkey: string, before: Checkpoint | null): Promise<Read> {
  const note = new TextDecoder().decode(await get("checkpoint"));
  const checkpoint = parseCheckpoint(note, vkey);
  const leaves = await readLeaves(get, checkpoint);
  if (before && !equalBytes(rootAt(leaves, before.size), before.root)) {
    throw new LogError("the log does not begin with what it was before");
  }
  return { ledger: readLedger(leaves), checkpoint, ofKeys: leaves.filter(isOfKeys) };
}

/** The root over the first leaves; over all of them when there are fewer, which then is another root. */
function rootAt(leaves: string[], size: number): Uint8Array {
  const tree = new Tree();
  for (const leaf of leaves.slice(0, size)) tree.add(leafHash(leaf));
  return tree.root();
}

/** Fetches files of this server's log. */
export async function getLog(path: string): Promise<Uint8Array> {
  const response = await fetch(`/log/${path}`, { credentials: "omit", cache: path === "checkpoint" ? "no-store" : "default" });
  if (!response.ok) throw new LogError(`the server does not give ${path}`);
  return new Uint8Array(await response.arrayBuffer());
}

/** The key of this server's log, as the server says it. It is worth something once it is compared with what others see. */
export async function logKey(): Promise<string> {
  const response = await fetch("/api/v1/log", { credentials: "omit", cache: "no-store" });
  const { vkey } = (await response.json()) as { vkey?: unknown };
  if (!response.ok || typeof vkey !== "string") throw new LogError("the server does not say which key signs its log");
  return vkey;
}
