/** Whether a decision that was made over what a page had drawn still fits where its message stands. */
import type { Sharing } from "../coding.js";
import type { Wishes } from "../sharing.js";
import { changedSince, checkOf, mayKeep, mayShare, objectedOn, standing, type Case } from "./casework.js";
import { agreementOf } from "./whoseword.js";

/**
 * A message is shared by the check, the agreement and the wishes that stand, and no others; and it is shared or kept where that may be
 * decided now. An objection always fits: it lets nothing out.
 */
export function isAsDrawn(now: Case, wishes: Wishes, body: Sharing, me: string, today: string): boolean {
  switch (body.decision) {
    case "object": return true;
    case "keep": return mayKeep(now, me, today);
    case "share": return mayShare(now, me, today) && !objectedOn(now, today) && !changedSince({ body }, wishes) &&
      checkOf(now)?.hash === body.check && agreementOf(now)?.hashes.join() === body.consensus.join();
  }
}

/** Whether the decision that stands is this one, by the same reviewer: it was sent before, and its answer did not come. */
export function isSent(now: Case, body: Sharing, me: string): boolean {
  const decision = standing(now);
  if (decision?.by !== me || decision.body.decision !== body.decision) return false;
  const { form, words, consensus, check } = decision.body;
  return form === body.form && words === body.words && check === body.check && consensus.join() === body.consensus.join();
}
