/**
 * The clocks of a message. On its row in the queue stands the one that presses most, in a few words, so that a row fits on a
 * phone. All of them, with what each hangs on, stand in the message itself.
 */
import type { Bench } from "./bench.js";
import { isToAsk, type Role, type Row, type Stage } from "./casework.js";
import { CASE, dueText, shortDue } from "./casewords.js";
import { clockAt, due, type Due } from "./clocks.js";
import { el } from "./dom.js";
import { isPaused, pausedDays, type Pause } from "./pause.js";
import { dayText } from "./reading.js";
import { ASK } from "./reply.js";

/** One clock of a message. */
export interface Running {
  /** For a row. */
  short: string;
  /** The same with its day, and what it hangs on: sentences without the last full stop. */
  long: string;
  late: boolean;
  /** `YYYY-MM-DD`; the smaller, the more it presses. */
  day: string;
  /** What may change it and is not known to this reviewer yet: a sentence for all rows together, "" for nothing. */
  hint: string;
}

/** What runs for a message, the most pressing first. */
export function clocksOf(c: Row, bench: Pick<Bench, "me" | "today" | "clocks">): Running[] {
  return [...asking(c, bench), ...[...working(c, bench), ...waiting(c, bench)].sort((a, b) => (a.day < b.day ? -1 : a.day > b.day ? 1 : 0))];
}

/** The one for a row; null where none runs. Whom it is not yet time to ask stands in the message. */
export const rowLine = (clocks: readonly Running[]): Running | null => clocks.find(({ short }) => short !== "") ?? null;

/** What is said once for a whole list of rows. */
export const hints = (clocks: readonly Running[]): string[] => [...new Set(clocks.map(({ hint }) => hint).filter((hint) => hint !== ""))];

/** All clocks of a message, as they stand in it. */
export function clockList(c: Row, bench: Pick<Bench, "me" | "today" | "clocks">): HTMLElement[] {
  const all = clocksOf(c, bench);
  return all.length === 0 ? [] : [el("ul", { class: "clocks" }, ...all.map(({ long, late }) => el("li", late ? { class: "late" } : {}, `${long}.`)))];
}

/** The clock of the panel's own work. */
function working(c: Row, { me, today, clocks }: Pick<Bench, "me" | "today" | "clocks">): Running[] {
  const taken = c.claims.length > 0 || c.coded.length > 0; // a coding stays when its author steps back
  const runs = due(c.day, clockAt(c.stage, taken), today, clocks, pausedDays(c.pauses ?? [], today));
  if (runs === null) return [];
  const hint = c.pauses === null && runs.clock !== "taken" ? CASE.mayPause : "";
  return [running(runs, c.stage, c.pauses, hint === "" ? "" : CASE.mayPauseThis, hint, [...(c.pauses ?? []).map(pauseText), ...silent(c, runs, me)])];
}

/** The clock of the writer, who waits for a word beside all that the panel does. */
function waiting({ day, stage, answering, pauses }: Row, { today, clocks }: Pick<Bench, "today" | "clocks">): Running[] {
  const runs = due(day, answering?.clock ?? null, today, clocks, pausedDays(pauses ?? [], today));
  if (runs === null) return [];
  const sure = answering?.sure === true;
  return [running(runs, stage, runs.clock === "feedback" ? pauses : null, sure ? "" : CASE.mayNotContactThis, sure ? "" : CASE.mayNotContact, [])];
}

function running(runs: Due, stage: Row["stage"], pauses: readonly Pause[] | null, hangs: string, hint: string, more: string[]): Running {
  const paused = pauses !== null && isPaused(pauses);
  const long = [dueText(runs, stage, dayText(runs.day), paused), ...(hangs === "" ? [] : [hangs]), ...more].join(". ");
  return { short: shortDue(runs, stage, paused), long, late: runs.left < 0, day: runs.day, hint };
}

/** Whom the writer wished to be asked by now comes before every clock; until then it stands in the message alone. */
function asking(c: Row, { today }: Pick<Bench, "today">): Running[] {
  if (c.checkIn === "") return [];
  const now = isToAsk(c, today);
  return [{ short: now ? ASK.title : "", long: `${ASK.title}. ${now ? ASK.due(dayText(c.checkIn)) : ASK.later(dayText(c.checkIn))}`.replace(/\.$/, ""), late: false, day: c.checkIn, hint: "" }];
}

/** The part whose file a message waits for at a stage. */
const WAITS_FOR: Partial<Record<Stage, Role>> = { coding: "coder", differs: "third", "one-left": "third", agreed: "checker" };

/**
 * Who has the part that a message waits for and has sent nothing for it that counts, once the time is over; `left` in days. A claim
 * is the server's word, and nobody else is given the part. Twin of Go's Row.Silent.
 */
export function silentOn({ stage, claims, coded }: Pick<Row, "stage" | "claims" | "coded">, left: number): string[] {
  const waits = WAITS_FOR[stage];
  return left >= 0 ? [] : claims.filter(({ by, role }) => role === waits && !coded.includes(by)).map(({ by }) => by);
}

/** Nothing that anybody signed says who has a part, and they can be asked. */
function silent(c: Row, runs: Due, me: string): string[] {
  const names = silentOn(c, runs.left).filter((by) => by !== me);
  return names.length === 0 ? [] : [CASE.silent(names)];
}

/** When the clocks of a message stood still. */
export const pauseText = ({ from, to }: Pause): string => (to === "" ? CASE.pausedSince(dayText(from)) : CASE.paused(dayText(from), dayText(to)));
