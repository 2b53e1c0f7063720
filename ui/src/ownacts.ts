/**
 * What the panel owned up to in public about a writer's messages. Whoever holds the receipt works out under which tags such
 * acts stand, and nobody else but the panel can. Twin of Go's client.OwnActs.
 */
import { ACT_CODES, actionTag, parseAction, verifyAct, type SignedAct } from "./action.js";
import { Panels } from "./chain.js";
import { toHex } from "./encoding.js";
import { LeafError } from "./leaf.js";

/** So many acts of one code are looked for on one receipt. */
const MOST_ACTS = 100;

export interface OwnAct {
  act: SignedAct;
  /** In the log. */
  index: number;
  /** Somebody signed it who sat on that clinic's panel then, or had left since the batch before. Otherwise it is nobody's word. */
  holds: boolean;
}

const kindOf = (leaf: string): string => leaf.split("\n", 2)[1] ?? "";

/** Kinds of leaves that wait for a batch; all others stand at once. */
const BATCHED = ["submission", "action", "withdrawn"];

/** A leaf that `ownActs` needs. */
export interface ActLeaf {
  index: number;
  leaf: string;
  /** It is the first of another kind after a batch. */
  afterBatch: boolean;
}

/** The leaves of a log that `ownActs` needs: acts, lists of members, and those that end a batch. */
export function ofActs(leaves: string[]): ActLeaf[] {
  let inBatch = false;
  return leaves.flatMap((leaf, index) => {
    const kind = kindOf(leaf);
    const afterBatch = inBatch && !BATCHED.includes(kind);
    inBatch = BATCHED.includes(kind);
    return afterBatch || kind === "action" || kind === "panel" ? [{ index, leaf, afterBatch }] : [];
  });
}

/**
 * The acts on one receipt, by day and then in the order in which acts usually come. `actions` is the receipt's key;
 * `clinics` are the ids of the clinics it wrote to.
 */
export function ownActs(leaves: readonly ActLeaf[], actions: Uint8Array, clinics: Iterable<string>): OwnAct[] {
  const panels = new Panels();
  const found: OwnAct[] = [];
  const names = [...clinics];
  const tags = new Set(ACT_CODES.flatMap((code) => Array.from({ length: MOST_ACTS }, (_, n) => toHex(actionTag(actions, code, n)))));
  for (const { index, leaf, afterBatch } of leaves) {
    if (afterBatch) panels.batched();
    if (kindOf(leaf) === "panel") panels.add(leaf);
    const act = kindOf(leaf) === "action" ? readAct(leaf) : null;
    if (act === null || !tags.has(toHex(act.tag))) continue;
    found.push({ act, index, holds: panels.seats(names, act.reviewer).some((key) => verifyAct(act, key)) });
  }
  const place = ({ act }: OwnAct): string => `${act.day} ${String(ACT_CODES.indexOf(act.code))}`;
  return found.sort((a, b) => (place(a) < place(b) ? -1 : place(a) > place(b) ? 1 : a.index - b.index));
}

function readAct(leaf: string): SignedAct | null {
  try {
    return parseAction(leaf);
  } catch (err) {
    if (err instanceof LeafError) return null; // the follower of the log reports it; it is nobody's own
    throw err;
  }
}
