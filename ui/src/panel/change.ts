/**
 * A change of the panel, from a list that is proposed to keys that only those on it hold. Which steps are done follows from
 * what is signed and stored, and from nothing that a page remembers: anybody on the panel goes on where somebody stopped.
 */
import type { ServedEpoch } from "./served.js";
import type { Proven } from "./told.js";

/** A key as it is shown: as the server gives it, and what of it the panel signed. */
export interface Shown {
  epoch: ServedEpoch;
  proven: Proven | null;
}

/** What a change is judged by. */
export interface Situation {
  /** A list waits for signatures. */
  draft: boolean;
  /** Who was on each signed list, the oldest first. */
  lists: string[][];
  keys: Shown[];
  /** Days for which the server wants keys and nobody has made them. */
  unmade: number;
  /** Keys of the past that members lack and this reviewer holds. */
  lacking: number;
}

export interface Step {
  name: "list" | "call-back" | "keys" | "past";
  done: boolean;
}

const USABLE = ["offered", "logged", "active", "grace"];

/** Whether a key takes words, or will. */
export const usable = ({ epoch, proven }: Shown): boolean => proven !== null && USABLE.includes(epoch.state);

/** Who was on the list that a key was made for and is on none now. */
export function goneFrom(proven: Proven | null, lists: string[][]): string[] {
  const then = lists[(proven?.version ?? 0) - 1] ?? [];
  const now = lists[lists.length - 1] ?? [];
  return then.filter((id) => !now.includes(id));
}

/**
 * The keys that begin before one that is to be destroyed and still hold messages: of those nothing goes out any more afterwards. None where
 * that one holds nothing. Twin of OlderKeys in internal/client/latergone.go.
 */
export function olderKeys(keys: readonly Shown[], destroyed: string): { id: string; files: number }[] {
  const holding = keys.flatMap(({ epoch, proven }) => (proven !== null && epoch.files > 0 ? [{ id: epoch.id, files: epoch.files, begins: proven.notBefore }] : []));
  const begins = holding.find(({ id }) => id === destroyed)?.begins ?? "";
  return holding.flatMap((k) => (k.begins < begins ? [{ id: k.id, files: k.files }] : []));
}

/**
 * The steps of the change that goes on; none when nothing is left of it but the past, which is a choice. A first list is no
 * change.
 */
export function stepsOf(s: Situation): Step[] {
  if (s.lists.length === 0 || (s.lists.length === 1 && !s.draft)) return [];
  const held = s.keys.filter((k) => usable(k) && goneFrom(k.proven, s.lists).length > 0).length;
  const now = s.keys.filter((k) => k.proven?.version === s.lists.length && usable(k));
  const steps: Step[] = [
    { name: "list", done: !s.draft },
    { name: "call-back", done: !s.draft && held === 0 },
    { name: "keys", done: !s.draft && s.unmade === 0 && now.length > 0 && now.every((k) => k.epoch.state !== "offered") },
  ];
  if (steps.every((step) => step.done)) return [];
  return [...steps, { name: "past", done: s.lacking === 0 }];
}
