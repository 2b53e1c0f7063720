/** What the server says of parts, held against what members signed. Twin of internal/client/firstcodings.go. */
import type { Found } from "../coding.js";
import type { Case, Dated } from "./casework.js";

/**
 * By the day, which is signed: a third reader comes after both. Which part somebody has is the server's word, and who left the panel has
 * none any more: it tells apart only those of one day.
 */
function rank(c: Pick<Case, "claims">, f: Dated<unknown>): string {
  const role = c.claims.find(({ by }) => by === f.by)?.role;
  return `${f.day} ${role === "coder" ? "0" : role === "third" ? "2" : "1"}`;
}

/** Codings, the first two first. Those of one day and part have no order: they go by author. */
export function inOrder(c: Pick<Case, "claims" | "codings">): Dated<Found>[] {
  const key = (f: Dated<Found>): string => `${rank(c, f)} ${f.by}`;
  return [...c.codings].sort((a, b) => (key(a) < key(b) ? -1 : 1));
}

/** Codings made without sight of another. Where nobody can tell which of three these were, none. */
export function blindOf(c: Pick<Case, "claims" | "codings">): Dated<Found>[] {
  const thirds = c.claims.filter(({ role }) => role === "third").map(({ by }) => by);
  const [first, second, ...others] = inOrder(c).filter(({ by }) => !thirds.includes(by));
  if (first === undefined || second === undefined) return first === undefined ? [] : [first];
  return others.some((f) => rank(c, f) === rank(c, second)) ? [] : [first, second];
}
