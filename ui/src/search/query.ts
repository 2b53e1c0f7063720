/** What somebody looks for: every term has to stand somewhere in a report. */
import { isSign, words } from "./fold.js";

/** Words that stand side by side, in this order; of the last one the beginning is enough where `prefix` says so. */
export interface Term {
  words: string[];
  prefix: boolean;
}

export type QueryProblem = "empty" | "many" | "short";

/** More terms than this are no question that a person asks. */
const MOST_TERMS = 10;
/** The beginning of a word needs so many letters, or nearly every report has it. */
const LEAST_PREFIX = 2;

const PART = /["“”„«»]([^"“”„«»]*)["“”„«»]|\S+/gu;

/** Reads `held down rest* "by the door"`. */
export function parseQuery(text: string): Term[] | QueryProblem {
  const terms: Term[] = [];
  for (const m of text.matchAll(PART)) {
    const term = termOf(m[1] ?? m[0], m[1] === undefined);
    if (term === "short") return "short";
    if (term !== null) terms.push(term);
  }
  if (terms.length > MOST_TERMS) return "many";
  return terms.length === 0 ? "empty" : terms;
}

function termOf(part: string, starred: boolean): Term | "short" | null {
  const found = words(part).map(({ folded }) => folded);
  const last = found[found.length - 1];
  if (last === undefined) return null;
  const prefix = starred && /[*＊٭]$/u.test(part) && !isSign(last);
  if (prefix && Array.from(last).length < LEAST_PREFIX) return "short";
  return { words: found, prefix };
}

/** Whether a term stands in a list of folded words from a place on. */
export function standsAt(term: Term, list: readonly string[], at: number): boolean {
  const last = term.words.length - 1;
  return term.words.every((word, i) => {
    const there = list[at + i];
    if (there === undefined) return false;
    return i === last && term.prefix ? there.startsWith(word) : there === word;
  });
}
