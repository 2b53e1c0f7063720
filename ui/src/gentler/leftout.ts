/** A text without what could tell who wrote. */
import { opensSentence } from "../marking.js";

/** What a text would be with a gentler wording: `text` in the place of start to end, in UTF-16 units. */
export interface Gentler {
  start: number;
  end: number;
  text: string;
  /** The wording as somebody reads it before choosing it; null where something is left out. */
  says: string | null;
}

/** Takes one space with it, puts "a" right in English, and begins a sentence with a capital again. */
export function leftOut(text: string, start: number, end: number, lang: string): Gentler {
  const tight = /^\s|^[.,;:!?)\u060c\u061b\u061f]|^$/u.test(text.slice(end, end + 1));
  const article = lang === "en" ? (/(?:^|[^\p{L}])(an?) $/iu.exec(text.slice(Math.max(0, start - 4), start))?.[1] ?? "") : "";
  if (article !== "" && tight) {
    const next = /^\s(\p{L})/u.exec(text.slice(end))?.[1] ?? "";
    const first = article.slice(0, 1);
    return { start: start - article.length - 1, end, text: /[aeiou]/iu.test(next) ? `${first}n` : first, says: null };
  }
  const opens = opensSentence(text, start);
  if (start > 0 && tight && !opens && /\s/u.test(text.slice(start - 1, start))) return { start: start - 1, end, text: "", says: null };
  const spaces = /^\s*/u.exec(text.slice(end))?.[0].length ?? 0;
  if (!opens || !/^\p{Lu}/u.test(text.slice(start))) return { start, end: end + spaces, text: "", says: null };
  const next = text.slice(end + spaces, end + spaces + 1);
  return { start, end: end + spaces + next.length, text: capital(next), says: null };
}

export const capital = (text: string): string => text.slice(0, 1).toUpperCase() + text.slice(1);
