/**
 * Help with "could someone guess who?": what often gives people away, whether words repeat the writer's own, and how many
 * others there are who fit the same service, role and month. A person decides: it is a pointing finger and no judge.
 */
import { themeOf } from "../coding.js";
import { WORD, type Mark } from "../marks.js";

export { marks, type Mark, type MarkKind } from "../marks.js";

/** This many words in a row are the writer's own words. */
export const QUOTE_WORDS = 4;

/** Where a text says the writer's own words again. */
export function quotes(text: string, original: string): Omit<Mark, "kind">[] {
  const own = original.toLowerCase().match(WORD) ?? [];
  const runs = new Set(own.slice(QUOTE_WORDS - 1).map((_, i) => own.slice(i, i + QUOTE_WORDS).join(" ")));
  const words = Array.from(text.matchAll(WORD), (m) => ({ word: m[0].toLowerCase(), start: m.index, end: m.index + m[0].length }));
  const out: Omit<Mark, "kind">[] = [];
  for (let i = 0; i + QUOTE_WORDS <= words.length; i++) {
    const run = words.slice(i, i + QUOTE_WORDS);
    const [first, last] = [run[0], run[QUOTE_WORDS - 1]];
    if (!first || !last || !runs.has(run.map(({ word }) => word).join(" "))) continue;
    const before = out[out.length - 1];
    if (before && first.start <= before.end) before.end = last.end;
    else out.push({ start: first.start, end: last.end });
  }
  return out;
}

/** What is at hand of other messages: from their cards, and the day of the batch they came in. */
export interface Passer {
  service: string;
  roles: readonly string[];
  when: string;
  chips: readonly string[];
  /** `YYYY-MM-DD`. */
  day: string;
}

export interface Crowd {
  /** How many messages, this one among them, fit the same service, month and role: the least over its roles. */
  k: number;
  /** The role for which there are so few; "" when none was named. */
  role: string;
}

/**
 * How large the crowd is that a message stands in. It counts messages and not people: one person can have written several,
 * so the true crowd may be smaller, and those who wrote nothing here make it larger.
 */
export function crowd(one: Passer, all: readonly Passer[]): Crowd {
  const near = all.filter((p) => p.service === one.service && p.day.slice(0, 7) === one.day.slice(0, 7));
  const counts = (one.roles.length > 0 ? one.roles : [""]).map((role) => ({
    role,
    k: near.filter((p) => (role === "" ? p.roles.length === 0 : p.roles.includes(role))).length,
  }));
  return counts.reduce((least, c) => (c.k < least.k ? c : least));
}

/** The theme among a message's chips that the fewest of all have, and how many those are; null without chips. */
export function rarestTheme(one: Passer, all: readonly Passer[]): { theme: string; k: number } | null {
  const themes = [...new Set(one.chips.map(themeOf))];
  const counts = themes.map((theme) => ({ theme, k: all.filter((p) => p.chips.some((chip) => themeOf(chip) === theme)).length }));
  return counts.reduce<{ theme: string; k: number } | null>((least, c) => (least === null || c.k < least.k ? c : least), null);
}
