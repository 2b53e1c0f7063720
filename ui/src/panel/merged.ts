/** One person's draft on one message, typed at two places: other fields stay as they were, and of one that changed at both, both texts. */
import type { Answer } from "../pad.js";
import { ordered } from "./drafts.js";

/** Ends the name of a field that holds what was typed elsewhere at the same place. */
export const ELSEWHERE = "_elsewhere";

/**
 * What is to be kept. `theirs` is what is kept now; `before` what this page showed when both were the same, `had` the names that were
 * kept then, and `mine` what it shows now. A field that the page neither showed nor shows is not its to change.
 */
export function merged(theirs: readonly Answer[], before: readonly Answer[], had: ReadonlySet<string>, mine: readonly Answer[]): Answer[] {
  const out = new Map(theirs.map(({ q, a }) => [q, a]));
  const of = (fields: readonly Answer[], name: string): string => fields.find(({ q }) => q === name)?.a ?? "";
  for (const q of new Set([...before, ...mine].map((f) => f.q))) {
    const [t, b, m] = [of(theirs, q), of(before, q), of(mine, q)];
    if (m === b && (had.has(q) || t !== "")) continue; // not touched here
    if (m === "" && t !== b) continue; // emptied here, and changed elsewhere
    out.set(q, m);
    if (t === "" || t === b || t === m) continue;
    const more = out.get(q + ELSEWHERE) ?? "";
    if (!more.includes(t)) out.set(q + ELSEWHERE, more === "" ? t : `${more}\n\n${t}`);
  }
  return ordered([...out].map(([q, a]) => ({ q, a })));
}
