/**
 * Hints for the person who writes: what in their words could tell others who they are. It takes what the panel's own check
 * marks and leaves out what is in every such text, so that a hint is worth reading.
 */
import { marks, type Mark } from "./marks.js";

export interface Hint extends Mark {
  text: string;
}

/** The hints for a text in the order in which they stand there, each said once. */
export function hints(text: string, lang: string): Hint[] {
  const seen = new Set<string>();
  return marks(text)
    .map((m) => ({ ...m, text: text.slice(m.start, m.end) }))
    .filter((h) => worthSaying(h, lang))
    .filter((h) => !seen.has(h.text) && seen.add(h.text));
}

/** "the ward" is in every text, "Ward 7" is not. What a rare word is, this knows for English alone. */
function worthSaying({ kind, text }: Hint, lang: string): boolean {
  if (kind === "place") return /[\p{Lu}\d]/u.test(text);
  if (kind === "number") return /\d/.test(text);
  if (kind === "rare") return lang === "en" && /^[a-z'\u2019-]+$/i.test(text) && text.length > 3;
  return true;
}
