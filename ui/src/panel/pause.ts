/**
 * Times in which the clocks of a message stand still: its writer was shown what may go out, as they wanted, and has not answered.
 * Twin of internal/coding/pause.go.
 */
import type { Note } from "../coding.js";
import type { Dated } from "./casework.js";
import { daysBetween } from "./clocks.js";
import { cameAfter, type Came } from "./shown.js";

/** Days are `YYYY-MM-DD`. */
export interface Pause {
  from: string;
  /** "" while it lasts. */
  to: string;
}

type Noted = Pick<Dated<Note>, "hash" | "day" | "body">;

/**
 * The times in which a panel waited for a writer, from notes that are signed and from what else came from the same receipt. A wait
 * ends with the first of that which was not there when the writer was asked, or with a note that names it. None overlaps another.
 * Days have no order within, so where a note does not say what was there, what came on its day did not answer it.
 */
export function pauses(notes: readonly Noted[], back: readonly Came[]): Pause[] {
  const all = notes.filter(({ body }) => body.asked === true).map((asked): Pause => ({ from: asked.day, to: endOf(asked, notes, back) }));
  const out: Pause[] = [];
  for (const p of all.sort((a, b) => (a.from < b.from ? -1 : a.from > b.from ? 1 : 0))) {
    const last = out[out.length - 1];
    if (last === undefined || (last.to !== "" && last.to < p.from)) out.push({ ...p });
    else if (last.to !== "" && (p.to === "" || p.to > last.to)) last.to = p.to;
  }
  return out;
}

/** The hashes of the notes that began a wait which lasts. */
export function waits(notes: readonly Noted[], back: readonly Came[]): string[] {
  return notes.filter((n) => n.body.asked === true && endOf(n, notes, back) === "").map(({ hash }) => hash);
}

function endOf(asked: Noted, notes: readonly Noted[], back: readonly Came[]): string {
  const over = notes.filter(({ body, day }) => body.over === asked.hash && day >= asked.day).map(({ day }) => day);
  const ends = back.filter((c) => cameAfter(asked, c) && (asked.body.had !== undefined || c.day > asked.day)).map(({ day }) => day);
  return [...over, ...ends].sort()[0] ?? "";
}

/** By how many days pauses put a deadline off; one that lasts counts up to today. */
export function pausedDays(all: readonly Pause[], today: string): number {
  return all.reduce((n, { from, to }) => n + Math.max(0, daysBetween(from, to === "" ? today : to)), 0);
}

/** Whether the last of them lasts. */
export const isPaused = (all: readonly Pause[]): boolean => all[all.length - 1]?.to === "";
