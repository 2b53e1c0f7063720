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
    .filter((h) => worthSaying(h) && !turned(text, h))
    .filter((h) => !seen.has(h.text) && seen.add(h.text));
}

/** A "no" or "not" before a number, or before somebody who is the only one, with at most one word between. */
const NOT = /(?:^|[^\p{L}])(?:not|never|\p{L}+n['\u2019]t|(?:no|nunca) \p{L}+|\u0648?(?:\u0644\u0633\u062a|\u0644\u064a\u0633\u062a?|\u0644\u0633\u0646\u0627))(?: \p{L}+)? $/iu;
const NO = /(?:^|[^\p{L}])(?:no|\u0644\u0627) $/iu;
const NUMBERED = /(?:room|bed|ward|bay|unit|flat|patient|file|case) no $/i;

/** Whether a text would say the opposite without this, or with a gentler wording: "I said no 3 times", "I am not the only one". */
function turned(text: string, { start, end, kind, text: found }: Hint): boolean {
  if (kind === "number") return (found.length < 3 && NO.test(text.slice(0, start)) && !NUMBERED.test(text.slice(0, start))) || /^ (?:times|veces|\u0645\u0631\u0627\u062a)/u.test(text.slice(end));
  const only = kind === "rare" ? found.search(/only|[u\u00fa]nic|\u0627\u0644\u0648\u062d\u064a\u062f/iu) : -1;
  return only >= 0 && NOT.test(text.slice(0, start + only));
}

/** "the ward" is in every text, "Ward 7" and "leeds hospital" are not. */
export function worthSaying({ kind, text }: Hint): boolean {
  if (kind === "place") return /[\p{Lu}\p{Nd}]|\s\S/u.test(text);
  if (kind === "number") return /[1-9\u0661-\u0669\u06f1-\u06f9]/.test(text);
  if (kind === "rare" && /^[a-z'\u2019-]+$/i.test(text)) return text.length > 3;
  return true;
}
