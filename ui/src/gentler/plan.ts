/** What a gentler wording does to a text: how much of what stands around the hint it takes with it, and what stands there then. */
import type { MarkKind } from "../looks.js";

/** The wordings, by their sentences (guard.instead.…). */
export type Wording =
  | "date" | "date_that" | "date_ago" | "number" | "amount" | "age" | "place" | "place_bare"
  | "name" | "name_she" | "own_name" | "their_name" | "contact" | "kept" | "web"
  | "something" | "only" | "state" | "about" | "close" | "close_many";

/** What is there: the words of the hint, and what stands before and after them in the text. */
export interface Spot {
  kind: MarkKind;
  found: string;
  before: string;
  after: string;
}

export interface Plan {
  /** Null where no wording would read as a sentence: then it is left out. */
  say: Wording | null;
  /** How many units before the hint go too; fewer than none where its beginning stays. */
  back?: number;
  /** How many units after it go too. */
  on?: number;
  /** What stands before and after the wording, in the language of the text. */
  lead?: string;
  tail?: string;
}

const LETTER = String.raw`[\p{L}\p{M}\p{N}]`;

/** The last of the words before a hint, with the space that follows them, if they are what is looked for; "" otherwise. Older phones know no lookbehind. */
export function ending(before: string, words: string): string {
  return new RegExp(`(?:^|[^\\p{L}\\p{M}\\p{N}])((?:${words})\\s+)$`, "iu").exec(before)?.[1] ?? "";
}

/** The first of the words after a hint, with the space before them, if they are what is looked for; "" otherwise. */
export function beginning(after: string, words: string): string {
  return new RegExp(`^(?:${words})(?!${LETTER})`, "iu").exec(after)?.[0] ?? "";
}

/** Whether a word follows that is none of these: it may be what the hint says something of. */
export function thingFollows(after: string, plain: RegExp): boolean {
  const word = /^[ -]([\p{L}\p{M}'\u2019-]+)/u.exec(after)?.[1];
  return word !== undefined && !plain.test(word);
}
