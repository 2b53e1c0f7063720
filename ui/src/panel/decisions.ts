/** Which decisions about a message are the newest, and whether something went out by one. Twin of internal/client/given.go. */
import type { Sharing } from "../coding.js";
import type { Case, Dated } from "./casework.js";

type Decided = readonly Dated<Sharing>[];

/** A finding lies in the clear that a member signed, by the newest decision. The server alone can say of none that it went out. */
export const isGiven = (c: Pick<Case, "given" | "sharings">): boolean => newestOfDay(c.sharings).some((s) => gave(c, s));

/** Whether a finding lies in the clear by a decision. */
export const gave = ({ given }: Pick<Case, "given">, { body, hash }: Dated<Sharing>): boolean => body.decision === "share" && given.includes(hash);

/**
 * The decisions to share or keep of which one is the newest that was not taken up again, whoever signed them. Files of one day have no
 * order between authors, so of two the one that shares less is it; there can be several that share.
 */
export function newestOfDay(sharings: Decided): Dated<Sharing>[] {
  const rank = (s: Dated<Sharing>): string => `${s.day} ${s.body.decision === "keep" ? "1" : "0"}`;
  const all = sharings.filter(({ body, hash }) => body.decision !== "object" && !(body.decision === "keep" && isTakenUp(sharings, hash)));
  const newest = all.map(rank).sort().pop();
  return all.filter((s) => rank(s) === newest);
}

/** A kept message is taken up again by an objection that names the decision to keep it. */
const isTakenUp = (sharings: Decided, keep: string): boolean => sharings.some(({ body }) => body.decision === "object" && body.of === keep);
