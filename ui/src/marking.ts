/** Finds what stands out in a text, by what things look like in its language and, where there is one, a list of common words. */
import { looksOf, westernDigits, type MarkKind } from "./looks.js";
import { WORD } from "./word.js";

/** A stretch of a text, in UTF-16 units as slice() counts them. */
export interface Mark {
  start: number;
  end: number;
  kind: MarkKind;
}

/** The place of a word on a list of common ones, where it opens a sentence and elsewhere; Infinity where it is not there. */
export type Rank = (word: string, opens: boolean) => number;

/** A first word of a sentence has a capital anyway; beyond this rank it may be a name. "John" is in the 400s. */
const OPENING_RANK = 300;

/** What stands out in a text, in order, no two overlapping. Without a list no word is rare, and none is a name that opens a sentence. */
export function marksBy(text: string, lang: string, rank: Rank | null): Mark[] {
  const taken: Mark[] = [];
  const covered = new Uint8Array(text.length); // asking each mark whether it is there would take long where there are many
  const take = (m: Mark): void => {
    if (m.end <= m.start || covered.subarray(m.start, m.end).includes(1)) return;
    covered.fill(1, m.start, m.end);
    taken.push(m);
  };
  const western = westernDigits(text);
  for (const [kind, look] of looksOf(lang)) {
    for (const found of western.matchAll(look)) {
      const end = found.index + found[0].length;
      take({ start: end - (found[1] ?? found[0]).length, end, kind });
    }
  }
  for (const found of text.matchAll(WORD)) {
    const kind = wordKind(found[0], opensSentence(text, found.index), rank);
    if (kind !== null) take({ start: found.index, end: found.index + found[0].length, kind });
  }
  return taken.sort((a, b) => a.start - b.start);
}

/** A sentence begins after its predecessor's end, at the text's beginning, and after a line break or an opening quote there. */
export function opensSentence(text: string, at: number): boolean {
  return /(?:^|[.!?\u2026:\n])[\s"'\u201c\u2018(\u00ab-]*$/u.test(text.slice(Math.max(0, at - 20), at));
}

function wordKind(word: string, opens: boolean, rank: Rank | null): MarkKind | null {
  if (word === "I" || /^I['\u2019]/u.test(word)) return null;
  const place = rank?.(word.toLowerCase().replace(/\u2019/g, "'"), opens) ?? 0;
  const capital = /^\p{Lu}/u.test(word) && (place === Infinity || word !== word.toUpperCase()); // HELD DOWN is loud and no name
  if (capital && (!opens || place > OPENING_RANK)) return "name";
  // Without letters of both cases (Hebrew, Arabic, Chinese), and in other languages, an English list knows no word: it is marked.
  return place === Infinity ? "rare" : null;
}
