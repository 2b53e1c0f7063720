/** A writer's own words in a text that goes out. Twin of internal/coding/repeats.go. */
import type { Answer } from "./pad.js";
import { wishesForbid, type Outgoing, type Wishes } from "./sharing.js";
import { WORD } from "./word.js";

/** So many words in a row of the writer's are marked: four can be chance, and a person decides. */
export const MARKED_RUN = 4;

/**
 * So many are refused in a paraphrase whose writer does not allow their own words: six in a row are hardly chance, and where they
 * are, as in "at the end of the day", other words are soon found. A shorter run is for people to judge.
 */
export const OWN_RUN = 6;

/** What a writer answered in words of their own: no codes, which have no spaces. */
export const typedWords = (answers: readonly Answer[]): string[] => answers.filter(({ a }) => /[^\S\n]/u.test(a)).map(({ a }) => a);

/** A stretch of a text, in UTF-16 units as slice() counts them. */
export interface Stretch {
  start: number;
  end: number;
}

/**
 * Where a text says so many words in a row of one of the own texts again, whatever stands between the words and in capitals. Runs
 * that overlap are one stretch. Of languages that put no space between words a whole clause counts as one: there a repetition of
 * less than several clauses is not seen.
 */
export function repeated(text: string, own: readonly string[], run: number): Stretch[] {
  const runs = new Set(own.flatMap((o) => runsOf(o.match(WORD) ?? [], run)));
  const words = Array.from(text.matchAll(WORD), (m) => ({ start: m.index, end: m.index + m[0].length }));
  const out: Stretch[] = [];
  for (const [i, said] of runsOf(words.map(({ start, end }) => text.slice(start, end)), run).entries()) {
    const [first, last] = [words[i], words[i + run - 1]];
    if (!first || !last || !runs.has(said)) continue;
    const before = out[out.length - 1];
    if (before && first.start <= before.end) before.end = last.end;
    else out.push({ start: first.start, end: last.end });
  }
  return out;
}

const runsOf = (words: readonly string[], run: number): string[] =>
  words.slice(run - 1).map((_, i) => words.slice(i, i + run).join(" ").toLowerCase().replace(/\u2019/gu, "'"));

/** Whether a writer does not allow that their own words go out. */
export const keepsWords = (wishes: Wishes): boolean =>
  wishesForbid(wishes, "quote").some((why) => why === "not-allowed" || why === "no-quotes");

/**
 * The stretches for which something may not go out: its writer's own words, OWN_RUN of them in a row, in what is called the panel's
 * words, where the writer does not allow their own.
 */
export function repeats(wishes: Wishes, { form, words }: Pick<Outgoing, "form" | "words">, own: readonly string[]): string[] {
  if (form !== "paraphrase" || !keepsWords(wishes)) return [];
  return repeated(words, own, OWN_RUN).map(({ start, end }) => words.slice(start, end));
}
