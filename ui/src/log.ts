/**
 * The public log, read and checked in the browser: checkpoints (c2sp.org/tlog-checkpoint), bundles of leaves (tlog-tiles), proofs
 * (tlog-proof) and tickets. note.ts has the signatures, watchers.ts those who watch the log, tree.ts the tree over the leaves, and
 * ledger.ts what the leaves say.
 *
 * The twin of internal/transparency; FORMAT.md there says what the leaves are, and both run the same vectors.
 */
import { equalBytes, fromUtf8, toHex, utf8 } from "./encoding.js";
import { leafHash } from "./leaf.js";
import { by, decoded, ED25519, LogError, parseNote, parseVerifierKey, verifies } from "./note.js";
import { Tree, verifyInclusion } from "./tree.js";

export { LogError };

const TILE = 256;
const HASH = 32;

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
