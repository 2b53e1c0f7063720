/** Items of a clinic's own, as its panel decided them over time: settings tell what held when. */
import { parseDecision } from "../decision.js";
import type { Decision } from "./api.js";
import { settingsText } from "./settingsview.js";

/** One of them: the theme under which it stands for good, and its code, which begins with x_ and does not say the theme. */
export interface OwnItem { theme: string; code: string; label: string }

/** The items of one decision, from its day to that of the next; `until` is "" for those that hold now. Days are `YYYY-MM-DD`. */
export interface Term { from: string; until: string; items: readonly OwnItem[] }

/** What held when, the oldest first. Decisions come as the server gives them, the newest first; what is not signed as it reads is left out. */
export function heldItems(decided: readonly Decision[]): Term[] {
  const made = decided.filter(({ state, made_on: day }) => state === "made" && day !== null).reverse().flatMap((d) => {
    const what = parseDecision(d.lines);
    const items = what?.kind === "settings" ? settingsText(what, d.body)?.items : undefined;
    return items === undefined ? [] : [{ from: d.made_on ?? "", items }];
  });
  return made.map(({ from, items }, i) => ({ from, until: made[i + 1]?.from ?? "", items }));
}

/**
 * Those that held on any day between two, each as it was called last in that time: all that a writer can have been asked. So whoever codes
 * a message is asked the same, however much later they read it.
 */
export function heldBetween(held: readonly Term[], first: string, last: string): OwnItem[] {
  const then = held.filter(({ from, until }) => from <= last && (until === "" || until >= first));
  return [...new Map(then.flatMap(({ items }) => items.map((item) => [item.code, item] as const))).values()];
}

/** How a coding writes one: its theme comes first. */
export const codedOwn = ({ theme, code }: OwnItem): string => `${theme}.${code}`;
