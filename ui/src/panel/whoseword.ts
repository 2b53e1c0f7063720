/**
 * Whose word about a message counts. Who steps back takes no part in it, and neither do the checks and decisions that they signed before.
 * What they objected to stays stopped, until somebody decides anew: that lets nothing out.
 * Twin of internal/client/whoseword.go.
 */
import { settled, type Settled } from "../compare.js";
import type { Case } from "./casework.js";
import { isGiven } from "./decisions.js";

type Signed = Pick<Case, "codings" | "consensuses" | "sharings" | "given" | "free" | "recused">;

/**
 * Whether what somebody signed alone counts: a check, or a decision. Who has only left the panel signed as the member they were. What was
 * given out before somebody stepped back stays as it was decided.
 */
export const counts = (c: Pick<Signed, "recused" | "sharings" | "given">, by: string): boolean => isGiven(c) || !c.recused.includes(by);

/**
 * What two coders agree on, with the hashes of their files; null for nothing. Once one of them has stepped back, somebody who signed it
 * has to be left: free, on the panel and not stepped back.
 */
export const agreementOf = (c: Signed): Settled | null =>
  settled(c.codings, c.consensuses, (signers) => signers.every((by) => counts(c, by)) || signers.some((by) => c.free.includes(by)));
