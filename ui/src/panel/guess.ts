/**
 * Help with "could someone guess who?": what often gives people away, whether words repeat the writer's own, and how many
 * others there are who fit the same service, role and month. A person decides: it is a pointing finger and no judge.
 */
import { themeOf, type Card } from "../coding.js";
import { settled } from "../compare.js";
import { MARKED_RUN, repeated, type Stretch } from "../repeats.js";
import type { Case } from "./casework.js";

export { marks, type Mark, type MarkKind } from "../marks.js";

/** Where a text says the writer's own words again. */
export const quotes = (text: string, original: string): Stretch[] => repeated(text, [original], MARKED_RUN);

/** What is at hand of a message to count by. */
export interface Passer {
  leaf: string;
  card: Pick<Card, "of" | "service" | "roles" | "chips">;
  /** Of its batch, `YYYY-MM-DD`. */
  day: string;
  /** Themes that its coders agree on; null before they do. */
  agreed: readonly string[] | null;
}

export interface Crowd {
  /** How many messages, this one among them, fit the same service, month and role: the least over its roles. */
  k: number;
  /** The role for which there are so few; "" when none was named. */
  role: string;
  /** Of its themes and roles those that the fewest of such messages have together, and how many those are; null without themes. */
  rare: { theme: string; role: string; k: number } | null;
}

/**
 * How large the crowd is that a message stands in: first messages that came in in the same month and name the same service and role, and
 * of them those about the same theme, as coders agree; before they do, a message is about the themes of the warnings in its row, those of
 * what its writer sent later among them. It counts messages and not people: one person can have written several, so the true crowd may be
 * smaller, and those who wrote nothing here make it larger.
 */
export function crowd(leaf: string, all: readonly Passer[]): Crowd {
  const one = all.find((p) => p.leaf === leaf);
  const near = all.filter((p) => p === one || (p.card.of === "submission" && p.card.service === one?.card.service && p.day.slice(0, 7) === one.day.slice(0, 7)));
  const roles = one === undefined || one.card.roles.length === 0 ? [""] : one.card.roles;
  const crowds = roles.map((role) => {
    const passers = near.filter(({ card }) => (role === "" ? card.roles.length === 0 : card.roles.includes(role)));
    return { role, k: passers.length, themes: passers.map(themesOf) };
  });
  const { role, k } = least(crowds) ?? { role: "", k: 0 };
  const themes = one === undefined ? [] : themesOf(one);
  return { k, role, rare: least(crowds.flatMap((c) => themes.map((theme) => ({ theme, role: c.role, k: c.themes.filter((t) => t.includes(theme)).length })))) };
}

/** What the coders of a message agree that it is about, as far as its reader may know; null before. */
export const agreedThemes = (c: Pick<Case, "codings" | "consensuses"> | null): readonly string[] | null =>
  c === null ? null : settled(c.codings, c.consensuses)?.consensus.yes ?? null;

const themesOf = ({ card, agreed }: Passer): readonly string[] => agreed ?? [...new Set(card.chips.map(themeOf))];

const least = <C extends { k: number }>(counts: readonly C[]): C | null =>
  counts.reduce<C | null>((fewest, c) => (fewest === null || c.k < fewest.k ? c : fewest), null);
