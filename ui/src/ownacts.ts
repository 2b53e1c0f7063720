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
  /** A member of a list of that clinic's panel signed it. Otherwise it is nobody's word. */
  holds: boolean;
}

const kindOf = (leaf: string): string => leaf.split("\n", 2)[1] ?? "";

/** The leaves of a log that `ownActs` needs, each with its index. */
export const ofActs = (leaves: string[]): Map<number, string> =>
  new Map([...leaves.entries()].filter(([, leaf]) => ["action", "panel"].includes(kindOf(leaf))));

/**
 * The acts on one receipt, by day and then in the order in which acts usually come. `actions` is the receipt's key;
 * `clinics` are the ids of the clinics it wrote to.
 */
export function ownActs(leaves: Map<number, string>, actions: Uint8Array, clinics: Iterable<string>): OwnAct[] {
  const panels = new Panels();
  const found: OwnAct[] = [];
  const tags = new Set(ACT_CODES.flatMap((code) => Array.from({ length: MOST_ACTS }, (_, n) => toHex(actionTag(actions, code, n)))));
  for (const [index, leaf] of leaves) {
    if (kindOf(leaf) === "panel") panels.add(leaf);
    const act = kindOf(leaf) === "action" ? readAct(leaf) : null;
    if (act !== null && tags.has(toHex(act.tag))) found.push({ act, index, holds: false });
  }
  const keys = panels.keysOf(clinics);
  const place = ({ act }: OwnAct): string => `${act.day} ${String(ACT_CODES.indexOf(act.code))}`;
  return found
    .map((own) => ({ ...own, holds: (keys.get(own.act.reviewer) ?? []).some((key) => verifyAct(own.act, key)) }))
    .sort((a, b) => (place(a) < place(b) ? -1 : place(a) > place(b) ? 1 : a.index - b.index));
}

function readAct(leaf: string): SignedAct | null {
  try {
    return parseAction(leaf);
  } catch (err) {
    if (err instanceof LeafError) return null; // the follower of the log reports it; it is nobody's own
    throw err;
  }
}
