/**
 * Hints for the person who writes: what in their words could tell others who they are, in the language of the page. It leaves
 * out what is in every such text, so that a hint is worth reading. How common a word is, it knows for English alone, and only
 * once the list for it is there.
 */
import { marksBy, type Mark, type Rank } from "./marking.js";

export interface Hint extends Mark {
  text: string;
}

/**
 * The hints for a text in the order in which they stand there, each said once. Rank is of English words; null without the list.
 * `joined` makes one hint of those that say one thing; it comes with the gentler wordings.
 */
export function hints(text: string, lang: string, rank: Rank | null = null, joined = (all: Hint[]): Hint[] => all): Hint[] {
  const seen = new Set<string>();
  return joined(marksBy(text, lang, lang === "en" ? rank : null).map((m) => ({ ...m, text: text.slice(m.start, m.end) })))
    .filter((h) => worthSaying(h) && !howOften(text, h))
    .filter((h) => !seen.has(h.text) && seen.add(h.text));
}

/** How often something happened says nothing of who wrote. */
const howOften = (text: string, { kind, end }: Hint): boolean =>
  kind === "number" && /^ (?:times|veces|\u0645\u0631\u0627\u062a)/.test(text.slice(end));

/** "the ward" is in every text, "Ward 7" and "leeds hospital" are not. */
export function worthSaying({ kind, text }: Hint): boolean {
  if (kind === "place") return /[\p{Lu}\p{Nd}]|\s\S/u.test(text);
  if (kind === "number") return /[1-9\u0661-\u0669\u06f1-\u06f9]/.test(text);
  if (kind === "rare" && /^[a-z'\u2019-]+$/i.test(text)) return text.length > 3;
  return true;
}
