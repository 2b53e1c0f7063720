/**
 * Gentler wordings for what could tell who wrote. A wording takes what goes with the hint along, such as "on" before a day, so
 * that what is left reads as a sentence. Where none would, or in a language whose sentences it does not know, it says that the
 * stretch is left out.
 */
import { arabic } from "./gentler/arabic.js";
import { english } from "./gentler/english.js";
import type { Plan, Spot, Wording } from "./gentler/plan.js";
import { spanish } from "./gentler/spanish.js";
import { opensSentence, type Mark } from "./marking.js";

/** What a text would be with a gentler wording: `text` in the place of start to end, in UTF-16 units. */
export interface Gentler {
  start: number;
  end: number;
  text: string;
  /** The wording as somebody reads it before choosing it; null where something is left out. */
  says: string | null;
}

const PLANS: Partial<Record<string, (spot: Spot) => Plan>> = { en: english, es: spanish, ar: arabic };
/** No preposition and no article is longer than this, with what stands between. */
const AROUND = 80;

/** The wording for a hint of a text in a language, said with the sentences of the page. */
export function gentler(text: string, { start, end, kind }: Mark, lang: string, say: (key: `guard.instead.${Wording}`) => string): Gentler {
  const before = text.slice(Math.max(0, start - AROUND), start);
  const spot = { kind, found: text.slice(start, end), before, after: text.slice(end, end + AROUND) };
  const plan = PLANS[lang]?.(spot) ?? { say: null };
  const [from, to] = [start - (plan.back ?? 0), end + (plan.on ?? 0)];
  if (plan.say === null) return leftOut(text, from, to, lang);
  const says = say(`guard.instead.${plan.say}`);
  const whole = (plan.lead ?? "") + says + (plan.tail ?? "");
  const opens = opensSentence(text, from) && /^[\p{Lu}\p{N}]/u.test(text.slice(from));
  return { start: from, end: to, text: opens ? capital(whole) : whole, says: (plan.lead ?? "") + says };
}

/** Takes one space with it, puts "a" right in English, and begins a sentence with a capital again. */
function leftOut(text: string, start: number, end: number, lang: string): Gentler {
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

const capital = (text: string): string => text.slice(0, 1).toUpperCase() + text.slice(1);
