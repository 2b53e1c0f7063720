/**
 * The public log, read and checked in the browser: checkpoints with the signatures of the log and of those who watch it
 * (c2sp.org/signed-note, tlog-checkpoint, tlog-cosignature), the tree over the leaves (RFC 6962), bundles of leaves
 * (tlog-tiles) and proofs (tlog-proof).
 *
 * The twin of internal/transparency; FORMAT.md there says what the leaves are, and both run the same vectors.
 */
import { ed25519 } from "@noble/curves/ed25519.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { Panels } from "./chain.js";
import { concat, equalBytes, fromBase64, fromUtf8, toBase64, toHex, utf8 } from "./encoding.js";
import { leafHash, parseSubmissionLeaf, type SubmissionLeaf } from "./leaf.js";

/** What a server gave is not what its log signs. */
export class LogError extends Error {
  override name = "LogError";
}

const TILE = 256;
const HASH = 32;

// Keys and signatures.

interface VerifierKey {
  name: string;
  /** The first four bytes of a hash over name and key; a signature begins with them. */
  id: Uint8Array;
  type: number;
  key: Uint8Array;
}

const ED25519 = 1;
const COSIGNATURE = 4;

/** Reads a verifier key: name, key id and key, joined by "+". Throws LogError. */
export function parseVerifierKey(vkey: string): VerifierKey {
  const [name = "", id = "", ...rest] = vkey.split("+");
  const bytes = decoded(rest.join("+"));
  const type = bytes?.[0];
  if (name === "" || /\s/u.test(name) || bytes?.length !== 33 || (type !== ED25519 && type !== COSIGNATURE)) {
    throw new LogError("a verifier key does not read");
  }
  const worked = sha256(concat(utf8(`${name}\n`), bytes)).slice(0, 4);
  if (toHex(worked) !== id) throw new LogError("a verifier key's id is not its own");
  return { name, id: worked, type, key: bytes.slice(1) };
}

/** Standard base64, written in the one way that it has; null for anything else. */
function decoded(text: string): Uint8Array | null {
  try {
    const bytes = fromBase64(text);
    return toBase64(bytes) === text ? bytes : null;
  } catch {
    return null;
  }
}

interface Note {
  text: string;
  signatures: { name: string; id: Uint8Array; signature: Uint8Array }[];
}

function parseNote(note: string): Note {
  const cut = note.lastIndexOf("\n\n");
  // eslint-disable-next-line no-control-regex -- that is what a note may not hold
  if (cut < 0 || !note.endsWith("\n") || /[\u0000-\u0009\u000b-\u001f]/.test(note)) throw new LogError("this is not a signed note");
  const lines = note.slice(cut + 2).split("\n").slice(0, -1);
  if (lines.length === 0 || lines.length > 100) throw new LogError("this note is signed by nobody, or by too many");
  const signatures = lines.map((line) => {
    const [, name, b64] = /^— (\S+) (\S+)$/u.exec(line) ?? [];
    const bytes = decoded(b64 ?? "");
    if (name === undefined || !bytes || bytes.length < 5) throw new LogError("a signature's line does not read");
    return { name, id: bytes.slice(0, 4), signature: bytes.slice(4) };
  });
  return { text: note.slice(0, cut + 1), signatures };
}

/** Signatures that claim to be of a key. */
function by(note: Note, key: VerifierKey): Uint8Array[] {
  return note.signatures.filter((s) => s.name === key.name && equalBytes(s.id, key.id)).map((s) => s.signature);
}

function verifies(signature: Uint8Array, message: Uint8Array, key: Uint8Array): boolean {
  try {
    return ed25519.verify(signature, message, key, { zip215: false });
  } catch {
    return false;
  }
}

// Checkpoints.

export interface Checkpoint {
  origin: string;
  /** How many leaves. */
  size: number;
  root: Uint8Array;
  /** The signed text as it came. */
  note: string;
}

/** Reads a checkpoint signed by the log whose key vkey is. Signatures of unknown keys are passed over. Throws LogError. */
export function parseCheckpoint(note: string, vkey: string): Checkpoint {
  const key = parseVerifierKey(vkey);
  const parsed = parseNote(note);
  if (key.type !== ED25519 || !by(parsed, key).some((s) => verifies(s, utf8(parsed.text), key.key))) {
    throw new LogError("the checkpoint is not signed by this log");
  }
  const [origin = "", digits = "", b64 = "", ...more] = parsed.text.split("\n");
  const root = decoded(b64);
  const size = Number(digits);
  if (origin !== key.name || !/^(0|[1-9][0-9]*)$/.test(digits) || !Number.isSafeInteger(size) || root?.length !== HASH) {
    throw new LogError("the checkpoint's lines do not read");
  }
  if (more.pop() !== "" || more.includes("")) throw new LogError("the checkpoint's lines do not read");
  return { origin, size, root, note };
}

/** The last second of the year 9999: what claims to be later is taken for that. */
const LAST_SECOND = 253_402_300_799;

export interface Cosigner {
  name: string;
  /** When it saw this checkpoint, in Unix seconds. */
  at: number;
}

/** Which of the witnesses, named by their verifier keys, have cosigned a note. */
export function cosigners(note: string, witnesses: string[]): Cosigner[] {
  const parsed = parseNote(note);
  return witnesses.flatMap((vkey) => {
    const key = parseVerifierKey(vkey);
    if (key.type !== COSIGNATURE) return [];
    for (const signature of by(parsed, key)) {
      if (signature.length !== 72) continue;
      const at = new DataView(signature.buffer, signature.byteOffset).getBigUint64(0);
      const message = utf8(`cosignature/v1\ntime ${at.toString()}\n${parsed.text}`);
      if (verifies(signature.slice(8), message, key.key)) return [{ name: key.name, at: Math.min(Number(at), LAST_SECOND) }];
    }
    return [];
  });
}

/** Who watches a log, as a policy names them (c2sp.org/tlog-policy). */
export interface Watchers {
  /** Verifier keys of the logs that the policy is for. */
  logs: string[];
  /** Verifier keys of the witnesses. */
  witnesses: string[];
}

/** Reads the keys out of a policy; groups and the quorum are passed over. Throws LogError. */
export function parsePolicy(policy: string): Watchers {
  const watchers: Watchers = { logs: [], witnesses: [] };
  for (const line of policy.split("\n")) {
    const [word = "", first, second] = line.trim().split(/[ \t]+/);
    if (word === "" || word.startsWith("#") || word === "group" || word === "quorum") continue;
    const key = word === "log" ? first : word === "witness" ? second : undefined;
    if (key === undefined || parseVerifierKey(key).type !== (word === "log" ? ED25519 : COSIGNATURE)) throw new LogError("this is no policy");
    (word === "log" ? watchers.logs : watchers.witnesses).push(key);
  }
  return watchers;
}

/** The day on which a cosignature was made, YYYY-MM-DD in UTC. */
export const daySeen = (c: Cosigner): string => new Date(c.at * 1000).toISOString().slice(0, 10);

/**
 * The cosigners that have signed on a later day than the one by which a ticket promises its leaf. Only they prove that it is
 * missing: a log that stands still, and a clock that is ahead, look the same as a broken promise.
 */
export const cosignedAfter = (seen: Cosigner[], ticket: Ticket): Cosigner[] => seen.filter((c) => daySeen(c) > ticket.logBy);

/**
 * A ticket and a checkpoint without its leaf, after lines that say what they prove: who has signed the checkpoint on a later
 * day than the ticket's, or that nobody has. FORMAT.md of internal/transparency has it.
 */
export function missingFile(ticket: string, checkpoint: string, proven: Cosigner[]): string {
  const lines = proven.length === 0 ? "not proved\n" : proven.map((c) => `proved by ${c.name} ${daySeen(c)}\n`).join("");
  return `answerable/missing/v1\n${lines}\n${ticket}\n${checkpoint}`;
}

// The tree.

/** The hash over two halves (RFC 6962, section 2.1). */
export function nodeHash(left: Uint8Array, right: Uint8Array): Uint8Array {
  return sha256(concat(Uint8Array.of(1), left, right));
}

/** Grows a tree leaf by leaf and keeps only its right edge. */
export class Tree {
  /** Roots of full subtrees from the left, each with its height. */
  private edge: { height: number; hash: Uint8Array }[] = [];
  size = 0;

  add(hash: Uint8Array): void {
    let last = { height: 0, hash };
    for (let before = this.edge[this.edge.length - 1]; before?.height === last.height; before = this.edge[this.edge.length - 1]) {
      this.edge.pop();
      last = { height: last.height + 1, hash: nodeHash(before.hash, last.hash) };
    }
    this.edge.push(last);
    this.size++;
  }

  root(): Uint8Array {
    const hashes = this.edge.map((e) => e.hash);
    let root = hashes.pop();
    if (root === undefined) return sha256(new Uint8Array());
    for (let left = hashes.pop(); left !== undefined; left = hashes.pop()) root = nodeHash(left, root);
    return root;
  }
}

const half = (n: number): number => Math.floor(n / 2);
const odd = (n: number): boolean => n % 2 === 1;

/** Whether a leaf stands at an index of a tree (RFC 9162, section 2.1.3.2). */
export function verifyInclusion(index: number, size: number, leaf: Uint8Array, proof: Uint8Array[], root: Uint8Array): boolean {
  if (!Number.isSafeInteger(index) || index < 0 || index >= size) return false;
  let at = index;
  let last = size - 1;
  let hash = leaf;
  for (const sibling of proof) {
    if (last === 0) return false;
    if (odd(at) || at === last) {
      hash = nodeHash(sibling, hash);
      while (!odd(at) && at !== 0) {
        at = half(at);
        last = half(last);
      }
    } else {
      hash = nodeHash(hash, sibling);
    }
    at = half(at);
    last = half(last);
  }
  return last === 0 && equalBytes(hash, root);
}

/** Whether a tree begins with a smaller one (RFC 9162, section 2.1.4.2). From size 0 there is nothing to prove. */
export function verifyConsistency(from: number, size: number, fromRoot: Uint8Array, root: Uint8Array, proof: Uint8Array[]): boolean {
  if (from < 1 || from > size) return false;
  if (from === size) return proof.length === 0 && equalBytes(fromRoot, root);
  const path = [...proof];
  let at = from - 1;
  let last = size - 1;
  while (odd(at)) {
    at = half(at);
    last = half(last);
  }
  const first = at === 0 ? fromRoot : path.shift();
  if (!first) return false;
  let old = first;
  let now = first;
  for (const hash of path) {
    if (last === 0) return false;
    if (odd(at) || at === last) {
      old = nodeHash(hash, old);
      now = nodeHash(hash, now);
      while (!odd(at) && at !== 0) {
        at = half(at);
        last = half(last);
      }
    } else {
      now = nodeHash(now, hash);
    }
    at = half(at);
    last = half(last);
  }
  return last === 0 && equalBytes(old, fromRoot) && equalBytes(now, root);
}

// Tiles.

/** The path of a bundle of leaves below a log's prefix. */
export function entriesPath(n: number, width: number): string {
  let digits = String(n % 1000).padStart(3, "0");
  for (let rest = Math.floor(n / 1000); rest > 0; rest = Math.floor(rest / 1000)) digits = `x${String(rest % 1000).padStart(3, "0")}/${digits}`;
  return `tile/entries/${digits}${width === TILE ? "" : `.p/${width}`}`;
}

/** Reads exactly n leaves. Throws LogError. */
export function parseBundle(bundle: Uint8Array, n: number): string[] {
  const leaves: string[] = [];
  let at = 0;
  while (leaves.length < n) {
    const high = bundle[at];
    const low = bundle[at + 1];
    const end = at + 2 + (high ?? 0) * 256 + (low ?? 0);
    if (high === undefined || low === undefined || end > bundle.length) throw new LogError("a bundle of leaves ends too early");
    leaves.push(text(bundle.slice(at + 2, end)));
    at = end;
  }
  if (at !== bundle.length) throw new LogError("something follows the last leaf of a bundle");
  return leaves;
}

function text(bytes: Uint8Array): string {
  try {
    return fromUtf8(bytes);
  } catch {
    throw new LogError("a leaf is not text");
  }
}

/** Fetches a file of the log by its path below the prefix. */
export type Get = (path: string) => Promise<Uint8Array>;

/**
 * Reads every leaf of a checkpoint, whole bundles only, so that the server does not learn which leaf somebody looks for,
 * and checks them against the root. Throws LogError, and what get throws.
 */
export async function readLeaves(get: Get, checkpoint: Checkpoint, progress: (done: number) => void = () => undefined): Promise<string[]> {
  const leaves: string[] = [];
  const tree = new Tree();
  for (let n = 0; n * TILE < checkpoint.size; n++) {
    const width = Math.min(TILE, checkpoint.size - n * TILE);
    for (const leaf of parseBundle(await get(entriesPath(n, width)), width)) {
      leaves.push(leaf);
      tree.add(leafHash(leaf));
    }
    progress(leaves.length);
  }
  if (!equalBytes(tree.root(), checkpoint.root)) throw new LogError("the leaves are not those that the checkpoint signs");
  return leaves;
}

// Proofs.

export interface Proof {
  index: number;
  leaf: string;
  checkpoint: Checkpoint;
}

/** Reads a c2sp.org/tlog-proof@v1 file that carries its leaf, and checks it. Throws LogError. */
export function parseProof(file: string, vkey: string): Proof {
  const cut = file.indexOf("\n\n");
  const [version, extra = "", index = "", ...hashes] = file.slice(0, Math.max(cut, 0)).split("\n");
  const leaf = decoded(extra.replace(/^extra /, ""));
  const digits = index.replace(/^index /, "");
  const proof = hashes.map(decoded);
  const whole = version === "c2sp.org/tlog-proof@v1" && extra.startsWith("extra ") && index.startsWith("index ");
  if (!whole || leaf === null || !/^(0|[1-9][0-9]*)$/.test(digits)) throw new LogError("this is not a proof");
  const path = proof.filter((h): h is Uint8Array => h?.length === HASH);
  const checkpoint = parseCheckpoint(file.slice(cut + 2), vkey);
  const found = text(leaf);
  if (path.length !== proof.length || !verifyInclusion(Number(digits), checkpoint.size, leafHash(found), path, checkpoint.root)) {
    throw new LogError("the proof does not hold");
  }
  return { index: Number(digits), leaf: found, checkpoint };
}

// Tickets.

export interface Ticket {
  origin: string;
  /** The hash of the promised leaf, in hex. */
  leaf: string;
  /** The day by which it is promised, YYYY-MM-DD. */
  logBy: string;
}

/** Reads a ticket signed by one of a place's ticket keys, which stand in the log's epochs. Throws LogError. */
export function parseTicket(signed: string, keys: string[]): Ticket {
  const parsed = parseNote(signed);
  const key = keys.map(parseVerifierKey).find((k) => k.type === ED25519 && by(parsed, k).some((s) => verifies(s, utf8(parsed.text), k.key)));
  const [version, origin = "", b64 = "", logBy = "", end, ...more] = parsed.text.split("\n");
  const hash = decoded(b64);
  const whole = version === "answerable/ticket/v1" && end === "" && more.length === 0 && /^[0-9]{4}-[0-9]{2}-[0-9]{2}$/.test(logBy);
  if (!key || !whole || hash?.length !== HASH || key.name !== `${origin}/ticket`) throw new LogError("this is no ticket of this place");
  return { origin, leaf: toHex(hash), logBy };
}

// What the leaves say.

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
    submissions: new Map(), anchors: new Map(), withdrawn: new Set(), shredded: new Set(), epochs: new Map(), ticketKeys: new Set(), oddities: [],
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
      return panels.add(leaf) ? null : "panel";
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
  if (kind !== "withdrawn" || anchor?.length !== HASH || token?.length !== HASH || end !== "" || more !== undefined) return "form";
  const opened = sha256(token);
  const undone = (ledger.anchors.get(toHex(anchor)) ?? []).filter((p) => equalBytes(p.withdraw, opened));
  for (const p of undone) ledger.withdrawn.add(p.hash);
  return undone.length > 0 ? null : "withdrawal";
}

function takeEpoch(ledger: Ledger, panels: Panels, leaf: string): Oddness | null {
  const taken = panels.epoch(leaf);
  if (!taken) return "epoch";
  if (taken.other) return "other-epoch";
  const { id, clinic, ticketKey } = taken.record;
  const clinics = ledger.epochs.get(id) ?? [];
  ledger.ticketKeys.add(ticketKey);
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
