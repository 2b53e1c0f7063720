/** Who of the panel is left for which part in a message. The server holds to the same in internal/review/board.go. */
import { follows } from "../compare.js";
import type { Case } from "./casework.js";

/** How many coders are still wanted. */
export function openSeats(c: Pick<Case, "coded" | "claims">): number {
  const coders = new Set([...c.coded, ...c.claims.filter(({ role }) => role === "coder").map(({ by }) => by)]);
  return Math.max(0, 2 - coders.size);
}

export const isCoder = (c: Pick<Case, "codings">, reviewer: string): boolean => c.codings.some(({ by }) => by === reviewer);

/** Those who coded it and still sit on the panel, not stepped back. */
const codersHere = (c: Case): string[] => c.free.filter((id) => isCoder(c, id));

/** Who may still look whether somebody could guess who wrote: everybody left who did not code it. */
export const mayCheck = (c: Pick<Case, "coded" | "free">): string[] => c.free.filter((id) => !c.coded.includes(id));

/** Whether two coders can still sign the same: who left has signed already, or has not and cannot any more. */
export function canAgree(c: Case): boolean {
  const here = codersHere(c);
  const last = new Map(c.consensuses.map((s) => [s.by, s.body]));
  const left = c.codings.filter(({ by }) => !here.includes(by)).some(({ by }) => {
    const signed = last.get(by);
    return signed !== undefined && follows(signed, c.codings);
  });
  return here.length >= 2 || (here.length === 1 && left);
}

/** Whether somebody is reading it as the third, and has not sent what they found. */
export const thirdReads = (c: Pick<Case, "coded" | "claims">): boolean => c.claims.some(({ by, role }) => role === "third" && !c.coded.includes(by));

/** Whether the third's part can be taken: a third who is gone, or with whom still too few are left, is followed by another. */
export const thirdIsOpen = (c: Case): boolean => !thirdReads(c) && (c.coded.length <= 2 || codersHere(c).length < 2);

/**
 * Whether a third reads it, or somebody is left who can, with whom there are two. Who has the checker's part has seen what others found, and
 * would have to give it back first.
 */
export function thirdToCome(c: Case): boolean {
  const left = mayCheck(c);
  const checks = (id: string): boolean => c.claims.some(({ by, role }) => by === id && role === "checker");
  return thirdReads(c) || (!left.every(checks) && left.length + codersHere(c).length >= 2);
}

/**
 * Whether somebody who has not coded it can be its third. Who has seen what others found can, where nobody else is left and two
 * coders cannot agree without them: it would lie there for ever. Twin of mayReadAlone in internal/client/steps.go.
 */
export const mayReadAlone = (c: Case, me: string): boolean =>
  c.compared !== true || (!canAgree(c) && mayCheck(c).every((id) => id === me));
