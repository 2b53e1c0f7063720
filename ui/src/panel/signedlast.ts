/** Whether what a coder signed last can still hold. */
import { proposal } from "../compare.js";
import type { Case } from "./casework.js";

/** Whether the last agreement that somebody signed is about all codings that there are: one about fewer holds no more, whoever signs it too. */
export function hasSigned(c: Pick<Case, "codings" | "consensuses">, me: string): boolean {
  const last = c.consensuses.filter(({ by }) => by === me).pop();
  return last !== undefined && last.body.codings.join() === proposal(c.codings).codings.join();
}
