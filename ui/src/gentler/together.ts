/** Days, places and numbers that say one thing. */
import { worthSaying, type Hint } from "../guard.js";
import type { MarkKind } from "../looks.js";

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

/** Makes one hint of those that say one thing, where one of them is worth saying. */
export function together(hints: Hint[], text: string, lang: string): Hint[] {
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
  return all.map((h) => ({ ...h, text: text.slice(h.start, h.end) }));
}
