/**
 * When a writer wishes to be asked whether something has happened to their care since.
 *
 * Twin of Go's internal/seal: both read the same vectors.
 */
import { weekOf } from "./action.js";

/** What an answer asks that brings the question; and the question of a follow-up in which its writer wishes when to be asked. */
export const CHECK_IN = "check_in";

/** The soonest first. They are coarse: nobody can tell a day by them. */
export const CHECK_INS = ["month", "three_months", "six_months", "never"] as const;
export type CheckIn = (typeof CHECK_INS)[number];

/** The whole weeks that pass at least. */
const WEEKS: Record<CheckIn, number> = { month: 4, three_months: 13, six_months: 26, never: 0 };

/** A wish, and the day of the batch that it came in, `YYYY-MM-DD`. */
export interface Wished {
  wish: CheckIn;
  day: string;
}

export const isCheckIn = (code: string): code is CheckIn => (CHECK_INS as readonly string[]).includes(code);

/**
 * The Monday from which a writer of these wishes is to be asked; "" for never. The newest wish counts. Messages carry days and no
 * hours, so of several wishes of one day the latest time counts.
 */
export function checkInFrom(wishes: readonly Wished[]): string {
  const later = (a: Wished, b: Wished): boolean => a.day > b.day || (a.day === b.day && CHECK_INS.indexOf(a.wish) > CHECK_INS.indexOf(b.wish));
  const newest = wishes.reduce<Wished | null>((found, w) => (found === null || later(w, found) ? w : found), null);
  return newest === null ? "" : checkInWeek(newest.wish, newest.day);
}

/** The first Monday after all the weeks of a wish of a day have passed; "" for never. */
export function checkInWeek(wish: CheckIn, day: string): string {
  if (wish === "never") return "";
  return new Date(Date.parse(`${weekOf(day)}T00:00:00Z`) + 7 * (WEEKS[wish] + 1) * 86_400_000).toISOString().slice(0, 10);
}
