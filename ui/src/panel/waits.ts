/** How long things took where some are not done yet, and what is told again and again: for the panel alone. */
import type { Consensus } from "../coding.js";
import { addDays } from "./clocks.js";

/** One that is not over has lasted so long up to now, and may last longer. */
export interface Wait { days: number; over: boolean }

/**
 * The first day by which a part of all is over, after Kaplan and Meier; null while so many still wait that no such day is known.
 * With a half it is the twin of medianWait in internal/promise/measures.go.
 */
export function dayBy(part: number, waits: readonly Wait[]): number | null {
  // On one day those that are over come before those that still wait, as usual.
  const sorted = [...waits].sort((x, y) => x.days - y.days || Number(y.over) - Number(x.over));
  let open = 1;
  for (const [i, { days, over }] of sorted.entries()) {
    if (!over) continue;
    open *= (sorted.length - i - 1) / (sorted.length - i);
    if (open <= 1 - part + 1e-9) return days;
  }
  return null;
}

/** The same thing at the same part of the place, so many times in AGAIN_DAYS. */
export interface Again { service: string; item: string; reports: number }

const AGAIN_DAYS = 180;
const AGAIN_LEAST = 3;

/** What was told again and again in the last days, in the order of services and items: nothing is ranked. */
export function again(messages: readonly { day: string; service: string; agreed: Consensus | null }[], today: string): Again[] {
  const counts = new Map<string, Again>();
  const since = addDays(today, -AGAIN_DAYS);
  for (const { day, service, agreed } of messages) {
    if (agreed === null || day <= since) continue;
    for (const item of new Set(agreed.items)) {
      const key = `${service} ${item}`;
      const one = counts.get(key) ?? { service, item, reports: 0 };
      counts.set(key, { ...one, reports: one.reports + 1 });
    }
  }
  return [...counts.entries()].filter(([, { reports }]) => reports >= AGAIN_LEAST).sort(([a], [b]) => (a < b ? -1 : 1)).map(([, one]) => one);
}
