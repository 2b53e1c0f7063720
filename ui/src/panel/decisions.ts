/** Which decision about a message is the newest, and whether something went out by it. Twin of internal/client/given.go. */
import type { Sharing } from "../coding.js";
import type { Case, Dated } from "./casework.js";

type Decided = readonly Dated<Sharing>[];

/** A finding lies in the clear that a member signed, by the newest decision. The server alone can say of none that it went out. */
export function isGiven(c: Pick<Case, "given" | "sharings">): boolean {
  const decision = newestOf(c.sharings);
  return decision?.body.decision === "share" && c.given.includes(decision.hash);
}

/** The newest decision to share or keep that was not taken up again, whoever signed it. Of two of one day the one that shares less is it. */
export function newestOf(sharings: Decided): Dated<Sharing> | null {
  const rank = (s: Dated<Sharing>): string => `${s.day} ${s.body.decision === "keep" ? "1" : "0"}`;
  const all = sharings.filter(({ body, hash }) => body.decision !== "object" && !(body.decision === "keep" && isTakenUp(sharings, hash)));
  return all.reduce<Dated<Sharing> | null>((newest, s) => (newest === null || rank(s) >= rank(newest) ? s : newest), null);
}

/** A kept message is taken up again by an objection that names the decision to keep it. */
const isTakenUp = (sharings: Decided, keep: string): boolean => sharings.some(({ body }) => body.decision === "object" && body.of === keep);
