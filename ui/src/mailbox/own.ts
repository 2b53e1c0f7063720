/**
 * What the public log says about a receipt's messages. The whole log is fetched, the same for everybody, and searched here,
 * so that nothing that leaves the page depends on the words.
 */
import { concat, fromUtf8, toBase64, toBase64url, fromHex } from "../encoding.js";
import { leafHash, submissionLeaf } from "../leaf.js";
import { findOwn, readLedger, type Found, type Oddity } from "../ledger.js";
import { parseCheckpoint, readLeaves, type Checkpoint } from "../log.js";
import { nodeHash } from "../tree.js";
import { ofActs, ownActs, type OwnAct } from "../ownacts.js";
import type { Stretched } from "../receipt.js";
import { lastDay } from "../reply.js";
import { MOST_MESSAGES } from "./takeback.js";

/** A receipt's messages as the log has them. */
export interface Own {
  vkey: string;
  checkpoint: Checkpoint;
  /** In the order in which they were sent, each with its number from 0. */
  found: (Found & { message: number })[];
  /** Numbers, from 0, of messages without a leaf though a later one has its own: they are numbered as they are sent. */
  missing: number[];
  /** What no honest server writes into its log. */
  oddities: Oddity[];
  /** Base64url of the first message's leaf hash; null while it waits for its batch. */
  thread: string | null;
  /** The mailbox's last day; null while no message is in the log. */
  ends: string | null;
  /** For each message the proof of its place (c2sp.org/tlog-proof). */
  proofs: string[];
  /** What the panel says it did about these messages, with the proof of its place in the log. */
  acts: (OwnAct & { proof: string })[];
}

/** Reads the log. Throws LogError when it does not hold, and what `get` throws. */
export async function readOwn(get: (path: string) => Promise<Uint8Array>, keys: Stretched, mailbox: Uint8Array): Promise<Own> {
  const { vkey } = JSON.parse(fromUtf8(await get("/api/v1/log"))) as { vkey: string };
  const checkpoint = parseCheckpoint(fromUtf8(await get("/log/checkpoint")), vkey);
  const leaves = await readLeaves((path) => get(`/log/${path}`), checkpoint);
  const ledger = readLedger(leaves);
  const found: Own["found"] = [];
  for (let message = 0; message < MOST_MESSAGES; message++) {
    const { anchor, withdraw } = keys.commitments(message);
    const one = findOwn(ledger, anchor, withdraw);
    if (one !== null) found.push({ ...one, message });
  }
  const there = new Set(found.map(({ message }) => message));
  const missing = Array.from({ length: sentOf(found) }, (_, message) => message).filter((message) => !there.has(message));
  const first = found.find(({ message }) => message === 0);
  const hashes = found.length > 0 ? leaves.map(leafHash) : [];
  const clinics = found.flatMap(({ placed }) => ledger.epochs.get(placed.epoch) ?? []);
  const acts = found.length > 0 ? ownActs(ofActs(leaves), keys.actions(), clinics) : [];
  return {
    vkey,
    checkpoint,
    found,
    missing,
    oddities: ledger.oddities,
    thread: first === undefined ? null : toBase64url(fromHex(first.placed.hash)),
    ends: endOf(leaves, found, mailbox),
    proofs: found.map(({ placed }) => proofOf(hashes, placed.index, submissionLeaf(placed), checkpoint)),
    acts: acts.map((own) => ({ ...own, proof: proofOf(hashes, own.index, leaves[own.index] ?? "", checkpoint) })),
  };
}

/** How many messages were sent at least: one more than the number of the last that the log has. */
export const sentOf = (found: Own["found"]): number => 1 + Math.max(-1, ...found.map(({ message }) => message));

/** The day that the newest epoch of the messages gives the mailbox. */
function endOf(leaves: string[], found: Found[], mailbox: Uint8Array): string | null {
  const epochs = new Set(found.filter((f) => f.state !== "shredded").map((f) => f.placed.epoch));
  const until = leaves.flatMap((leaf) => {
    const lines = leaf.split("\n");
    const day = lines[7]?.split(" ")[2];
    return lines[1] === "epoch" && epochs.has(lines[3] ?? "") && day !== undefined ? [day] : [];
  }).sort();
  const last = until[until.length - 1];
  return last === undefined ? null : lastDay(mailbox, last);
}

function proofOf(hashes: Uint8Array[], index: number, leaf: string, checkpoint: Checkpoint): string {
  const path = inclusion(index, hashes).map((h) => toBase64(h) + "\n").join("");
  return `c2sp.org/tlog-proof@v1\nextra ${toBase64(concat(new TextEncoder().encode(leaf)))}\nindex ${index}\n${path}\n${checkpoint.note}`;
}

/** The hashes beside the way from a leaf to the root (RFC 6962, section 2.1.1), nearest the leaf first. */
export function inclusion(index: number, hashes: Uint8Array[]): Uint8Array[] {
  if (hashes.length <= 1) return [];
  const half = 2 ** Math.ceil(Math.log2(hashes.length) - 1);
  const left = hashes.slice(0, half);
  const right = hashes.slice(half);
  return index < half ? [...inclusion(index, left), root(right)] : [...inclusion(index - half, right), root(left)];
}

function root(hashes: Uint8Array[]): Uint8Array {
  const [only] = hashes;
  if (only !== undefined && hashes.length === 1) return only;
  const half = 2 ** Math.ceil(Math.log2(hashes.length) - 1);
  return nodeHash(root(hashes.slice(0, half)), root(hashes.slice(half)));
}
