/** What a gentler wording does to a text: how much of what stands around the hint it takes with it, and what stands there then. */
import type { MarkKind } from "../looks.js";

/** The wordings, by their sentences (guard.instead.…). */
export type Wording =
  | "date" | "date_that" | "date_ago" | "number" | "amount" | "age" | "place" | "place_bare"
  | "name" | "name_she" | "own_name" | "their_name" | "contact" | "contact_that" | "address_that" | "kept" | "web"
  | "something" | "only" | "state" | "about" | "close" | "close_many";

/** What is there: the words of the hint, and what stands before and after them in the text. */
export interface Spot {
  kind: MarkKind;
  found: string;
  before: string;
  after: string;
  /** What stands before it in its sentence, and after it there with what ends it, however long that is. */
  sentence: string;
  rest: string;
}

/** What to do about a hint; null where nothing is sure to keep what the sentence says. */
export type Plan = Offer | null;

export interface Offer {
  /** "out" where the sentence says the same without it. */
  say: Wording | "out";
  /** How many units before the hint go too; fewer than none where its beginning stays. */
  back?: number;
  /** How many units after it go too. */
  on?: number;
  /** What stands before and after the wording, in the language of the text. */
  lead?: string;
  tail?: string;
}

/** One of these, as whole words. */
export const among = (words: string): RegExp => new RegExp(`(?:^|[^\\p{L}\\p{M}'\u2019])(?:${words})(?![\\p{L}\\p{M}])`, "iu");

const made = new Map<string, RegExp>();

/** A pattern is made once: for an old phone that is work. */
function pattern(source: string): RegExp {
  const known = made.get(source) ?? new RegExp(source, "iu");
  made.set(source, known);
  return known;
}

const LETTER = String.raw`[\p{L}\p{M}\p{N}]`;

/** The last of the words before a hint, with the space that follows them, if they are what is looked for; "" otherwise. Older phones know no lookbehind. */
export function ending(before: string, words: string): string {
  return pattern(`(?:^|[^\\p{L}\\p{M}\\p{N}])((?:${words})\\s+)$`).exec(before)?.[1] ?? "";
}

/** The first of the words after a hint, with the space before them, if they are what is looked for; "" otherwise. */
export function beginning(after: string, words: string): string {
  return pattern(`^(?:${words})(?!${LETTER})`).exec(after)?.[0] ?? "";
}

/** Whether a word follows that is none of these: it may be what the hint says something of. */
export function thingFollows(after: string, plain: RegExp): boolean {
  const word = /^[ -]([\p{L}\p{M}'\u2019-]+)/u.exec(after)?.[1];
  return word !== undefined && !plain.test(word);
}

/** Whether the sentence is over here, or goes on with what says nothing of the hint. */
export const ends = (after: string, goesOn: string): boolean =>
  /^\s*(?:$|[.,;:!?)\n\u060c\u061b\u061f])/u.test(after) || beginning(after, ` (?:${goesOn})`) !== "";

/** Another way to reach somebody in the same sentence: of two, "that number" would not say which. */
export const another = (sentence: string, rest: string): boolean =>
  /[\d\u0660-\u0669][\d\u0660-\u0669 ()-]{6,}|@|www\.|:\/\//u.test(`${sentence}\n${rest}`);

const LAST = /([\p{L}\p{M}]*)[.!?\u2026\u061f]+["'\u201d\u2019)\u00bb]*\s+|\n\s*\n/gu;
const TITLE = /^(?:dra?|mrs?|ms|mx|prof|rev|sra?|srta|lic|st|no|\p{L})$/iu;

const count = (text: string, marks: RegExp): number => text.match(marks)?.length ?? 0;
/** Whether somebody is quoted who has not ended. */
const quoted = (text: string): boolean => count(text, /[\u201c\u00ab]/g) > count(text, /[\u201d\u00bb]/g)
  || count(text, /"/g) % 2 === 1;

/** Where the sentence begins that this stands in. What may be one sentence, or two, is one; so is what quotes several. */
export function sentenceStart(text: string, at: number): number {
  let start = 0;
  for (const found of text.slice(0, at).matchAll(LAST)) {
    const end = found.index + found[0].length;
    if (!TITLE.test(found[1] ?? "") && !quoted(text.slice(start, end))) start = end;
  }
  return start;
}

/** What is left of a sentence, with what ends it. */
export const sentenceRest = (after: string): string =>
  /^[\s\S]*?(?:[.!?\u2026\u061f]+(?=["'\u201d\u2019)\u00bb]*(?:\s|$))|\n\s*\n|$)/u.exec(after)?.[0] ?? after;

/** The stop behind an address, which is no part of it. */
export const stop = (address: string): string => /[.,;:!?)]*$/u.exec(address)?.[0] ?? "";

/** A way to reach somebody, where it matters that it is that one. */
export function that(address: string): Offer {
  return { say: /^[\d\u0660-\u0669+][^@]*$/u.test(address) ? "contact_that" : "address_that", tail: stop(address) };
}
