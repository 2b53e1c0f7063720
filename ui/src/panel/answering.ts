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
import { isGiven } from "./decisions.js";
import { addDays, type ClockName } from "./clocks.js";
import type { Opened } from "./desk.js";

/** Which of the two runs, and whether it is certain that it does. */
export interface Answering {
  clock: Extract<ClockName, "reply" | "feedback">;
  /** The writer's own words are known to this reviewer, and do not say that nobody is to contact them. */
  sure: boolean;
}

/** So many tags in a row may be missing before an answer's: each belongs to an answer that was sealed and did not go. */
const MOST_LET_GO = 8;

/**
 * The Mondays of the weeks in which a writer was answered, in their order: acts tell no day, and a tag that was let go may be taken after
 * a later one. `answered` is by base64 of their tags.
 */
export function answersTo({ actions }: Pick<Card, "actions">, answered: ReadonlyMap<string, string>): string[] {
  const weeks: string[] = [];
  for (let n = 0, missing = 0; actions !== undefined && missing <= MOST_LET_GO && weeks.length < answered.size; n++) {
    const week = answered.get(toBase64(actionTag(fromBase64url(actions), "contacted", n)));
    missing = week === undefined ? missing + 1 : 0;
    if (week !== undefined) weeks.push(week);
  }
  return weeks.sort();
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

/** Whether an answer can be sealed for the writer of an opened message, and has a mailbox to go to. */
export const canReply = (o: Opened | undefined): boolean => o !== undefined && "replyTo" in o && o.mailbox !== null && o.replyTo !== null;

/**
 * Whether the writer of a first message can be answered and did not ask not to be. A card tells of the first that there is a receipt, and
 * not whether answers can be sealed for it, `canReply`; nor the second, which stands in the writer's words: it is on no card, and is not
 * put on one for this. So both count only for who has declared and has the message open, and gives `wishes`; for all others, null, the
 * clock runs and says that it may not be wanted. Were it to stand still for them, its standing still would tell them what the writer wrote.
 */
export function mayAnswer(card: Card, wishes: Wishes | null, canReply: boolean): boolean {
  if (card.of !== "submission" || card.receipt === undefined || card.actions === undefined) return false;
  return wishes === null || (canReply && !wishes.must_not.includes("do_not_contact_me"));
}

/** The clock of an answer that runs for a message; null when none does. `wishes` and `canReply` as for mayAnswer. */
export function answering(c: Case, wishes: Wishes | null, canReply: boolean, answered: ReadonlyMap<string, string>): Answering | null {
  const clock = mayAnswer(c.card, wishes, canReply) ? clockOf(answersTo(c.card, answered), decidedOn(c)) : null;
  return clock === null ? null : { clock, sure: wishes !== null };
}
