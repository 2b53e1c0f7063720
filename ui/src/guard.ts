/**
 * Hints for the person who writes: what in their words could tell others who they are, in the language of the page. It leaves
 * out what is in every such text, so that a hint is worth reading. How common a word is, it knows for English alone, and only
 * once the list for it is there.
 */
import type { MarkKind } from "./looks.js";
import { marksBy, type Mark, type Rank } from "./marking.js";

export { gentler } from "./gentler.js";

export interface Hint extends Mark {
  text: string;
}

/** The hints for a text in the order in which they stand there, each said once. Rank is of English words; null without the list. */
export function hints(text: string, lang: string, rank: Rank | null = null): Hint[] {
  const seen = new Set<string>();
  const all = marksBy(text, lang, lang === "en" ? rank : null).map((m) => ({ ...m, text: text.slice(m.start, m.end) }));
  return together(all, text, lang)
    .filter((h) => !seen.has(h.text) && seen.add(h.text));
}

/** What may stand between two days, two places or two numbers that say one thing, such as "Monday, 3 March" or "2 or 3". */
const BETWEEN: Partial<Record<string, Partial<Record<MarkKind, RegExp>>>> = {
  en: {
    date: /^,? ?(?:(?:the|of|at|on|in|around|about) )*$/i,
    place: /^,? ?(?:(?:in|on|of|at) (?:the )?)?$/i,
    number: /^(?: (?:or|to) | ?[-\u2013] ?)$/i,
  },
  es: {
    date: /^,? ?(?:(?:el|de|del|en|a las?) )*$/i,
    place: /^,? ?(?:(?:en|de) (?:la |el )?|del )?$/i,
    number: /^(?: [oa] | ?[-\u2013] ?)$/i,
  },
  ar: {
    date: /^\u060c? ?(?:(?:من|في|عام|سنة|الساعة) )*$/,
    place: /^\u060c? ?(?:(?:في|من) )?$/,
  },
};

/** Makes one hint of those that say one thing, and leaves out what is in every text. */
function together(hints: Hint[], text: string, lang: string): Hint[] {
  const all: Hint[] = [];
  let worth = false;
  for (const hint of hints) {
    const last = all[all.length - 1];
    const between = last?.kind === hint.kind ? BETWEEN[lang]?.[hint.kind]?.test(text.slice(last.end, hint.start)) : false;
    if (last === undefined || between !== true || hint.start === last.end || !(worth || worthSaying(hint))) {
      all.push(hint);
      worth = worthSaying(hint);
      continue;
    }
    last.end = hint.end;
    worth = true;
  }
  return all.map((h) => ({ ...h, text: text.slice(h.start, h.end) })).filter((h) => worthSaying(h));
}

/** "the ward" is in every text, "Ward 7" and "leeds hospital" are not. */
function worthSaying({ kind, text }: Hint): boolean {
  if (kind === "place") return /[\p{Lu}\p{Nd}]|\s\S/u.test(text);
  if (kind === "number") return /\p{Nd}/u.test(text);
  if (kind === "rare" && /^[a-z'\u2019-]+$/i.test(text)) return text.length > 3;
  return true;
}
