/**
 * Gentler wordings for what could tell who wrote. A wording takes what goes with the hint along, such as "on" before a day, so
 * that what is left reads as a sentence. Where none would, or in a language whose sentences it does not know, it says that the
 * stretch is left out. It is no part of the hints: it is larger than they are, and comes when somebody looks everything over.
 */
import { arabic } from "./gentler/arabic.js";
import { english } from "./gentler/english.js";
import { capital, leftOut, type Gentler } from "./gentler/leftout.js";
import type { Plan, Spot, Wording } from "./gentler/plan.js";
import { spanish } from "./gentler/spanish.js";
import { opensSentence, type Mark } from "./marking.js";

export { together } from "./gentler/together.js";

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
