/** What came later with a receipt, by the cards alone, and what follows from it for the row of its first message. */
import { checkInFrom } from "../checkin.js";
import { sorted, type Card } from "../coding.js";
import { answersTo } from "./answering.js";

/** A message that came later: a follow-up, or a change of wishes. */
export interface Later {
  /** Base64url of the leaf hash. */
  leaf: string;
  /** Day of the batch, `YYYY-MM-DD`. */
  day: string;
  card: Card;
}

/** An act in public that stands. The tag is base64. */
export interface StandingAct {
  tag: string;
  code: string;
  day: string;
}

/** By receipt, as cards name it. */
export function byReceipt(messages: readonly Later[]): Map<string, Later[]> {
  const all = new Map<string, Later[]>();
  for (const m of messages) {
    const { of, receipt } = m.card;
    if (receipt !== undefined && (of === "followup" || of === "consent")) all.set(receipt, [...(all.get(receipt) ?? []), m]);
  }
  return all;
}

/** A further message has no row of its own: what it may hold, and that it is urgent, stands in the row of its first one. Twin of withLater in internal/client. */
export function withLater<C extends Card>(card: C, later: readonly Later[]): C {
  const all = [card, ...later.map((m) => m.card)];
  return { ...card, urgent: all.some(({ urgent }) => urgent), chips: sorted(all.flatMap(({ chips }) => chips)) };
}

/**
 * The Monday from which the writer of a first message wishes to be asked what happened since; "" when there is none, or they were
 * asked: an answer of that week or later brought the question. `answered` has the days of acts that say that a writer was answered,
 * by their tags. Twin of Bench.checkIn in internal/client.
 */
export function checkInOf(first: Card, later: readonly Later[], answered: ReadonlyMap<string, string>): string {
  const from = checkInFrom(later.flatMap(({ day, card }) => (card.check_in === undefined ? [] : [{ wish: card.check_in, day }])));
  return from !== "" && answersTo(first, answered).some((week) => week >= from) ? "" : from;
}

/** The days of acts that say that a writer was answered, by their tags. */
export const answeredOn = (acts: readonly StandingAct[]): Map<string, string> => new Map(acts.filter(({ code }) => code === "contacted").map(({ tag, day }) => [tag, day]));
