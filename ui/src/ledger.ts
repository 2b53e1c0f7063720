/** What the leaves of a whole log say of messages, epochs and panels, and which an honest server would not have written. */
import { sha256 } from "@noble/hashes/sha2.js";
import { Panels } from "./chain.js";
import { equalBytes, toHex } from "./encoding.js";
import { leafHash, parseSubmissionLeaf, type SubmissionLeaf } from "./leaf.js";
import { decoded } from "./note.js";

export interface Placed extends SubmissionLeaf {
  index: number;
  /** The leaf's hash, in hex. */
  hash: string;
}

/**
 * Why a leaf is one that an honest server would not have written: it is of no kind that this page knows; its lines are not
 * those of its kind; a submission has the anchor of an earlier one, or an epoch that no leaf before it names; a withdrawal
 * comes without the token; a list of members does not follow; an epoch is not signed by its panel, or is a second one by
 * its name; a shredding is not signed by the panel of its epoch.
 */
export type Oddness = "kind" | "form" | "anchor" | "epochless" | "withdrawal" | "panel" | "epoch" | "other-epoch" | "shredding";

export interface Oddity {
  index: number;
  reason: Oddness;
}

/** What the leaves of a log come to. */
export interface Ledger {
  /** Submissions by leaf hash in hex. */
  submissions: Map<string, Placed>;
  /** Submissions by anchor in hex; more than one is an oddity. */
  anchors: Map<string, Placed[]>;
  /** The leaf hashes, in hex, of what its writers took back. */
  withdrawn: Set<string>;
  /** Epochs whose files their own panel has destroyed, as epochKey writes them. */
  shredded: Set<string>;
  /** The ids of the clinics whose panel made an epoch, by epoch; more than one is an oddity. */
  epochs: Map<string, string[]>;
  /** The first days of these, YYYY-MM-DD. */
  begins: Map<string, string>;
  /** Places of each clinic's lists of members, by its id, the first one first. */
  lists: Map<string, number[]>;
  /** The keys that tickets are signed with, as the epochs name them. */
  ticketKeys: Set<string>;
  oddities: Oddity[];
}

/** An epoch and its clinic as one text, for a set. */
export const epochKey = (clinic: string, epoch: string): string => `${clinic} ${epoch}`;

/** Kinds of leaves that this page has nothing to do with. */
const OTHER_KINDS = new Set(["action", "revoke", "code", "export", "charter", "support", "rotation", "settings", "open", "release", "judgement"]);

/**
 * Sorts the leaves of a whole log. A withdrawal counts only with the token that nobody but the writer had, and a shredding
 * or an epoch only with the panel's signatures: whoever drops files could write any other leaf.
 */
export function readLedger(leaves: string[]): Ledger {
  const ledger: Ledger = {
    submissions: new Map(), anchors: new Map(), withdrawn: new Set(), shredded: new Set(), epochs: new Map(), begins: new Map(), lists: new Map(),
    ticketKeys: new Set(), oddities: [],
  };
  const panels = new Panels();
  leaves.forEach((leaf, index) => {
    const reason = take(ledger, panels, leaf, index);
    if (reason !== null) ledger.oddities.push({ index, reason });
  });
  return ledger;
}

/** Takes one leaf; says why it is odd, null when it is not. */
function take(ledger: Ledger, panels: Panels, leaf: string, index: number): Oddness | null {
  const [version, kind = "", third] = leaf.split("\n", 3);
  if (version !== "answerable/leaf/v1" || third === undefined) return "kind";
  switch (kind) {
    case "submission":
      return takeSubmission(ledger, leaf, index);
    case "withdrawn":
      return takeWithdrawal(ledger, leaf);
    case "panel":
      if (!panels.add(leaf)) return "panel";
      ledger.lists.set(third, [...(ledger.lists.get(third) ?? []), index]);
      return null;
    case "epoch":
      return takeEpoch(ledger, panels, leaf);
    case "shred": {
      const destroyed = panels.shredded(leaf);
      if (destroyed === null) return "shredding";
      ledger.shredded.add(epochKey(destroyed.clinic, destroyed.epoch));
      return null;
    }
    default:
      return OTHER_KINDS.has(kind) ? null : "kind";
  }
}

function takeSubmission(ledger: Ledger, leaf: string, index: number): Oddness | null {
  const s = readSubmission(leaf);
  if (!s) return "form";
  const placed = { ...s, index, hash: toHex(leafHash(leaf)) };
  const anchor = toHex(s.anchor);
  const before = ledger.anchors.get(anchor) ?? [];
  ledger.submissions.set(placed.hash, placed);
  ledger.anchors.set(anchor, [...before, placed]);
  if (before.length > 0) return "anchor";
  return ledger.epochs.has(s.epoch) ? null : "epochless";
}

/**
 * Believes a withdrawal only of the very leaf whose commitment its token opens: a server can put a second leaf with the same
 * anchor beside it, and take that one back.
 */
function takeWithdrawal(ledger: Ledger, leaf: string): Oddness | null {
  const [, kind, anchorLine = "", tokenLine = "", end, more] = leaf.split("\n");
  const [anchor, token] = [decoded(anchorLine), decoded(tokenLine)];
  if (kind !== "withdrawn" || anchor?.length !== 32 || token?.length !== 32 || end !== "" || more !== undefined) return "form";
  const opened = sha256(token);
  const undone = (ledger.anchors.get(toHex(anchor)) ?? []).filter((p) => equalBytes(p.withdraw, opened));
  for (const p of undone) ledger.withdrawn.add(p.hash);
  return undone.length > 0 ? null : "withdrawal";
}

function takeEpoch(ledger: Ledger, panels: Panels, leaf: string): Oddness | null {
  const taken = panels.epoch(leaf);
  if (!taken) return "epoch";
  if (taken.other) return "other-epoch";
  const { id, clinic, notBefore, ticketKey } = taken.record;
  const clinics = ledger.epochs.get(id) ?? [];
  ledger.ticketKeys.add(ticketKey);
  ledger.begins.set(id, notBefore);
  if (!clinics.includes(clinic)) ledger.epochs.set(id, [...clinics, clinic]);
  return clinics.every((c) => c === clinic) ? null : "other-epoch";
}

/**
 * Believes withdrawals that a server names before they have their place in the log, for the file is gone at once, each with
 * the token that only its writer had. Others count for nothing.
 */
export function excuse(ledger: Ledger, leaves: string[]): void {
  for (const leaf of leaves) takeWithdrawal(ledger, leaf);
}

function readSubmission(leaf: string): SubmissionLeaf | null {
  try {
    return parseSubmissionLeaf(leaf);
  } catch {
    return null;
  }
}

/**
 * The place of the last message that a clinic's panel destroyed with its key, of those that were not taken back and whose key is not
 * older than an epoch's; -1 where there is none. It may have changed what the writer of any message of that epoch before it wishes. A
 * change is locked to the key of its day, so none lies under a key older than that of what it changes, though on the day on which a
 * key follows another the log takes messages of both. Twin of lastGone in internal/client/latergone.go.
 */
export function lastGone(ledger: Ledger, clinic: string, epoch: string): number {
  const begun = ledger.begins.get(epoch) ?? "";
  let last = -1;
  for (const s of ledger.submissions.values()) {
    const older = (ledger.begins.get(s.epoch) ?? begun) < begun;
    if (ledger.shredded.has(epochKey(clinic, s.epoch)) && !ledger.withdrawn.has(s.hash) && !older) last = Math.max(last, s.index);
  }
  return last;
}

/** How many lists of a clinic stand in the log before a message, by its leaf hash in hex. One that the log does not have comes after all. */
export function listsBefore(ledger: Ledger, clinic: string, hash: string): number {
  const at = ledger.submissions.get(hash)?.index ?? Infinity;
  return (ledger.lists.get(clinic) ?? []).filter((index) => index < at).length;
}

/** What a receipt's writer finds of one message. */
export interface Found {
  placed: Placed;
  state: "there" | "withdrawn" | "shredded";
  /** Another leaf carries the same anchor. */
  doubled: boolean;
}

/**
 * Finds the leaf of a message by its anchor and withdraw commitments, both worked out from the receipt. Another leaf with
 * the same anchor is none of the writer's.
 */
export function findOwn(ledger: Ledger, anchor: Uint8Array, withdraw: Uint8Array): Found | null {
  const placed = ledger.anchors.get(toHex(anchor))?.find((p) => equalBytes(p.withdraw, withdraw));
  return placed ? foundAt(ledger, placed) : null;
}

/** Finds a leaf by its hash in hex. */
export function findLeaf(ledger: Ledger, leaf: string): Found | null {
  const placed = ledger.submissions.get(leaf);
  return placed ? foundAt(ledger, placed) : null;
}

function foundAt(ledger: Ledger, placed: Placed): Found {
  const clinics = ledger.epochs.get(placed.epoch) ?? [];
  const destroyed = clinics.length > 0 && clinics.every((clinic) => ledger.shredded.has(epochKey(clinic, placed.epoch)));
  const state = ledger.withdrawn.has(placed.hash) ? "withdrawn" : destroyed ? "shredded" : "there";
  return { placed, state, doubled: (ledger.anchors.get(toHex(placed.anchor)) ?? []).length > 1 };
}
