/**
 * The clocks of whoever wrote: until somebody first answers them, and until they are told what came of it. They are counted from the
 * arrival and do not wait for the panel. Twin of internal/client/answering.go.
 */
import { actionTag, weekOf } from "../action.js";
import type { Card } from "../coding.js";
import { fromBase64url, toBase64 } from "../encoding.js";
import { OBJECTION_DAYS, type Wishes } from "../sharing.js";
import type { Case } from "./casework.js";
import { standing } from "./casework.js";
import { addDays, type ClockName } from "./clocks.js";
import { isGiven } from "./firstcodings.js";

/** Which of the two runs, and whether it is certain that it does. */
export interface Answering {
  clock: Extract<ClockName, "reply" | "feedback">;
  /** The writer's own words are known to this reviewer, and do not say that nobody is to contact them. */
  sure: boolean;
}

/** The Mondays of the weeks in which a writer was answered, the first answer first: acts tell no day. `answered` is by base64 of their tags. */
export function answersTo({ actions }: Pick<Card, "actions">, answered: ReadonlyMap<string, string>): string[] {
  const weeks: string[] = [];
  for (let n = 0; actions !== undefined; n++) {
    const week = answered.get(toBase64(actionTag(fromBase64url(actions), "contacted", n)));
    if (week === undefined) break;
    weeks.push(week);
  }
  return weeks;
}

/**
 * From which day an answer tells a writer what was decided: the day on which the panel kept their message, or the first on which nobody
 * could object any more to what was given out; null before.
 */
export function decidedOn(c: Case): string | null {
  const decision = standing(c);
  if (decision?.body.decision === "keep") return decision.day;
  return decision !== null && isGiven(c) ? addDays(decision.day, OBJECTION_DAYS + 1) : null;
}

/**
 * The week, by its Monday, of the answer by which a writer was told what was decided; null for none. It is one of a later week, or of the
 * same one and not the first of all: nobody can tell which came before within a week, and the first is taken for the first reply.
 */
export function toldIn(weeks: readonly string[], decided: string | null): string | null {
  if (decided === null) return null;
  return weeks.find((week, n) => week > decided || (n > 0 && week === weekOf(decided))) ?? null;
}

/** The one that runs, by the weeks of the answers; null when both are over. */
export function clockOf(weeks: readonly string[], decided: string | null): Answering["clock"] | null {
  if (weeks.length === 0) return "reply";
  return toldIn(weeks, decided) === null ? "feedback" : null;
}

/**
 * Whether the writer of a first message can be answered and did not ask not to be. A card tells the first, by its receipt, and not the
 * second, which stands in the writer's words: it is on no card, and is not put on one for this. So it counts only for who has declared
 * and has the message open, and gives `wishes`; for all others, null, the clock runs and says that it may not be wanted. Were it to
 * stand still for them, its standing still would tell them what the writer wrote.
 */
export function mayAnswer(card: Card, wishes: Wishes | null): boolean {
  return card.of === "submission" && card.receipt !== undefined && card.actions !== undefined && wishes?.must_not.includes("do_not_contact_me") !== true;
}

/** The clock of an answer that runs for a message; null when none does. `wishes` as for mayAnswer. */
export function answering(c: Case, wishes: Wishes | null, answered: ReadonlyMap<string, string>): Answering | null {
  const clock = mayAnswer(c.card, wishes) ? clockOf(answersTo(c.card, answered), decidedOn(c)) : null;
  return clock === null ? null : { clock, sure: wishes !== null };
}
