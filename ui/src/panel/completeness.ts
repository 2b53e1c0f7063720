/**
 * Whether the panel was given everything that was told. The server counts files, and could count wrongly on purpose; the
 * log is signed and seen by others. For every submission of an epoch that stands in it, there has to be a file, or the
 * writer's withdrawal, or the panel's own signatures under the epoch's end.
 */
import { equalBytes, toBase64 } from "../encoding.js";
import { isDay, plusDays } from "../chain.js";
import { leafHash } from "../leaf.js";
import { epochKey, readLedger, type Ledger, type Placed } from "../ledger.js";
import { LogError, parseCheckpoint, readLeaves, type Checkpoint, type Get } from "../log.js";
import { parseVerifierKey } from "../note.js";
import { Tree } from "../tree.js";
import { cosigners, daySeen, parsePolicy } from "../watchers.js";
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

/** Epochs that the server lists with files and that the log does not name: it is older than they are, or they are not for others to see. */
export function unlogged(ledger: Ledger, clinicId: string, listed: { id: string; files: number }[]): string[] {
  return listed.filter((e) => e.files > 0 && !(ledger.epochs.get(e.id) ?? []).includes(clinicId)).map((e) => e.id);
}

/** Whether the log names a submission, by its leaf hash in hex, under another epoch than this. */
export function isElsewhere(ledger: Ledger, epoch: string, hash: string): boolean {
  const placed = ledger.submissions.get(hash);
  return placed !== undefined && placed.epoch !== epoch;
}

/** Whether days of submissions, by leaf hash in hex, are not in the order in which the log has them. One that it does not have yet has none. */
export function isMisdated(ledger: Ledger, days: ReadonlyMap<string, string>): boolean {
  const placed = [...days].flatMap(([hash, day]) => {
    const s = ledger.submissions.get(hash);
    return s === undefined ? [] : [{ index: s.index, day }];
  });
  placed.sort((a, b) => a.index - b.index);
  return placed.some(({ day }, i) => day < (placed[i - 1]?.day ?? ""));
}

/** The log as this panel's page has read it, to compare with the next time. */
export interface Read {
  ledger: Ledger;
  checkpoint: Checkpoint;
  /** The leaves about panels and their keys. */
  ofKeys: string[];
  /** Roots over as many of the first leaves, in base64, by size. */
  roots: (sizes: readonly number[]) => Map<number, string>;
}

/** A log as a member of the panel has signed to have seen it: how many leaves, and the root over them in base64. */
export interface Sighting {
  by: string;
  size: number;
  root: string;
}

/** Whose log is not the beginning of the one that was read: it is longer, or another. */
export function disagreeing(read: Pick<Read, "checkpoint" | "roots">, seen: readonly Sighting[]): string[] {
  const roots = read.roots(seen.map(({ size }) => size).filter((size) => size <= read.checkpoint.size));
  return seen.filter(({ size, root }) => roots.get(size) !== root).map(({ by }) => by);
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
  return { ledger: readLedger(leaves), checkpoint, ofKeys: leaves.filter(isOfKeys), roots: (sizes) => rootsAt(leaves, sizes) };
}

function rootsAt(leaves: readonly string[], sizes: readonly number[]): Map<number, string> {
  const roots = new Map<number, string>();
  const tree = new Tree();
  const last = Math.max(0, ...sizes);
  for (const leaf of leaves.slice(0, last)) {
    tree.add(leafHash(leaf));
    if (sizes.includes(tree.size)) roots.set(tree.size, toBase64(tree.root()));
  }
  return roots;
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

/** What this server says about its log. None of it counts but where a signature bears it out. */
export interface LogInfo {
  /** The key that signs it. It is worth something once it is compared with what others see. */
  vkey: string;
  /** The day on which the newest batch began; null before the first. */
  batchedOn: string | null;
  everySeconds: number;
  /** Verifier keys of those who watch the log. */
  witnesses: string[];
}

export async function logInfo(): Promise<LogInfo> {
  const response = await fetch("/api/v1/log", { credentials: "omit", cache: "no-store" });
  const said = (await response.json()) as { vkey?: unknown; batched_on?: unknown; batch_every_seconds?: unknown; policy?: unknown };
  if (!response.ok || typeof said.vkey !== "string") throw new LogError("the server does not say which key signs its log");
  return {
    vkey: said.vkey,
    batchedOn: isDay(said.batched_on) ? said.batched_on : null,
    everySeconds: typeof said.batch_every_seconds === "number" && said.batch_every_seconds >= 0 ? said.batch_every_seconds : 0,
    witnesses: typeof said.policy === "string" ? parsePolicy(said.policy).witnesses : [],
  };
}

/** How many days after its time a batch is overdue: as long as a ticket promises a leaf within. */
const GRACE_DAYS = 2;

/** How new the log is that was shown. */
export interface Age {
  /** Leaves. */
  size: number;
  /** The day of the newest batch by the server's own word; null before the first. */
  batch: string | null;
  /** Nothing new came for longer than a batch may take, by that word or by the witnesses. */
  overdue: boolean;
  /** Witnesses that the policy names and that have not signed this checkpoint. */
  silent: string[];
  /** The witness that has signed this checkpoint last, and the day; null when none has. */
  witness: { name: string; day: string } | null;
}

/** Works out how new a log is. `now` is this device's own clock. */
export function ageOf(info: LogInfo, checkpoint: Checkpoint, now: Date): Age {
  const signed = cosigners(checkpoint.note, info.witnesses).sort((a, b) => b.at - a.at);
  const [last] = signed;
  const silent = info.witnesses.map((vkey) => parseVerifierKey(vkey).name).filter((name) => !signed.some((s) => s.name === name));
  const days = Math.ceil(info.everySeconds / 86_400) + GRACE_DAYS;
  const limit = plusDays(now.toISOString().slice(0, 10), -days);
  const witness = last ? { name: last.name, day: daySeen(last) } : null;
  const overdue = (info.batchedOn !== null && info.batchedOn < limit) || (info.witnesses.length > 0 && (witness === null || witness.day < limit));
  return { size: checkpoint.size, batch: info.batchedOn, overdue, silent, witness };
}
