/** Deadlines of the panel's own practice, counted in days of its calendar. Every number is a setting of the panel. */
import type { Stage } from "./casework.js";

export interface Clocks {
  /** Working days until somebody has taken the message. */
  taken: number;
  /** Days until both codings are there. */
  coded: number;
  /** Days until it is decided how far it may go. */
  decided: number;
  /** Days until somebody has answered the writer. */
  reply: number;
  /** Days until the writer is told what was decided. */
  feedback: number;
  /** Weekdays on which the panel works: 1 is Monday, 7 Sunday. */
  workingDays: number[];
  /** Days off, `YYYY-MM-DD`. */
  holidays: string[];
}

export const DEFAULT_CLOCKS: Clocks = { taken: 3, coded: 14, decided: 21, reply: 7, feedback: 90, workingDays: [1, 2, 3, 4, 5], holidays: [] };

export type ClockName = "taken" | "coded" | "decided" | "reply" | "feedback";

export interface Due {
  clock: ClockName;
  /** `YYYY-MM-DD`. */
  day: string;
  /** Days left; less than 0 when it is over. Working days where the clock counts those. */
  left: number;
}

const AT: Partial<Record<Stage, ClockName>> = {
  coding: "coded", differs: "coded", compared: "coded", "one-left": "coded", "no-third": "coded",
  "no-checker": "decided", agreed: "decided", checked: "decided", objected: "decided", objecting: "decided", ready: "decided", "taken-back": "decided",
};

/**
 * The clock of the panel's work that runs at a stage, or null when none does; `claimed` says whether anybody has a part in
 * reading it. Twin of clock in internal/client/clocks.go.
 */
export const clockAt = (stage: Stage, claimed: boolean): ClockName | null => (stage === "coding" && !claimed ? "taken" : AT[stage] ?? null);

/**
 * The clock that runs for a message of a day, or null when none does; paused days put it off. Nobody waits for a writer before
 * somebody has read the message, so nothing puts off the first clock; nor the one of the first answer, since a wait for the writer
 * begins with an answer. Twin of internal/client/clocks.go.
 */
export function due(arrived: string, at: ClockName | null, today: string, clocks: Clocks, paused = 0): Due | null {
  if (at === null) return null;
  if (at === "taken") {
    const day = addWorkingDays(arrived, clocks.taken, clocks);
    const left = workingDaysBetween(today, day, clocks);
    return { clock: at, day, left: today > day ? Math.min(left, -1) : left }; // over on a day off, too
  }
  const day = addDays(arrived, clocks[at] + (at === "reply" ? 0 : paused));
  return { clock: at, day, left: daysBetween(today, day) };
}

export function addDays(day: string, n: number): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) + n * 86_400_000).toISOString().slice(0, 10);
}

export function daysBetween(from: string, to: string): number {
  return Math.round((Date.parse(`${to}T00:00:00Z`) - Date.parse(`${from}T00:00:00Z`)) / 86_400_000);
}

export function isWorkingDay(day: string, clocks: Clocks): boolean {
  const weekday = new Date(`${day}T00:00:00Z`).getUTCDay() || 7;
  return clocks.workingDays.includes(weekday) && !clocks.holidays.includes(day);
}

/** The nth working day after a day. A panel without working days is taken to work every day. */
export function addWorkingDays(day: string, n: number, clocks: Clocks): string {
  if (clocks.workingDays.length === 0) return addDays(day, n);
  let at = day;
  for (let left = n, tried = 0; left > 0 && tried < 3660; tried++) {
    at = addDays(at, 1);
    if (isWorkingDay(at, clocks)) left--;
  }
  return at;
}

/** Working days after `from` up to and with `to`; less than 0 when `to` lies before. */
export function workingDaysBetween(from: string, to: string, clocks: Clocks): number {
  if (clocks.workingDays.length === 0) return daysBetween(from, to);
  const [early, late, sign] = from <= to ? [from, to, 1] : [to, from, -1];
  let n = 0;
  for (let at = addDays(early, 1); at <= late && n < 3660; at = addDays(at, 1)) if (isWorkingDay(at, clocks)) n++;
  return n === 0 ? 0 : sign * n;
}
