/**
 * Gentler wordings for what could tell who wrote. A wording takes what goes with the hint along, such as "on" before a day, so
 * that what is left reads as a sentence. One is offered only where it is sure that the sentence says the same with it: where that
 * is not known, and in a language whose sentences it does not know, nothing is, and who writes changes it by hand. It is no part
 * of the hints: it is larger than they are, and comes when somebody looks everything over.
 */
import { arabic } from "./gentler/arabic.js";
import { english } from "./gentler/english.js";
import { capital, leftOut, type Gentler } from "./gentler/leftout.js";
import { sentenceRest, sentenceStart, type Plan, type Spot, type Wording } from "./gentler/plan.js";
import { spanish } from "./gentler/spanish.js";
import { opensSentence, type Mark } from "./marking.js";

export { together } from "./gentler/together.js";

const PLANS: Partial<Record<string, (spot: Spot) => Plan>> = { en: english, es: spanish, ar: arabic };
/** No preposition and no article is longer than this, with what stands between. */
const AROUND = 80;

/** Says a wording in the language of the page. */
type Words = (key: `guard.instead.${Wording}`) => string;

/** The wording for a hint of a text in a language, said with the sentences of the page; null where none is sure to say the same. */
export function gentler(text: string, { start, end, kind }: Mark, lang: string, say: Words): Gentler | null {
  const before = text.slice(Math.max(0, start - AROUND), start);
  const sentence = text.slice(sentenceStart(text, start), start);
  const rest = sentenceRest(text.slice(end));
  const spot = { kind, found: text.slice(start, end), before, after: text.slice(end, end + AROUND), sentence, rest };
  const plan = PLANS[lang]?.(spot) ?? null;
  if (plan === null) return null;
  const [from, to] = [start - (plan.back ?? 0), end + (plan.on ?? 0)];
  if (plan.say === "out") return leftOut(text, from, to, lang);
  const says = say(`guard.instead.${plan.say}`);
  const whole = (plan.lead ?? "") + says + (plan.tail ?? "");
  const opens = opensSentence(text, from) && /^[\p{Lu}\p{N}]/u.test(text.slice(from));
  return { start: from, end: to, text: opens ? capital(whole) : whole, says: (plan.lead ?? "") + says };
}
