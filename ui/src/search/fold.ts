/**
 * Words as a search compares them: without case, accents and the marks that people leave out when they type fast.
 *
 * The browser's own segmenter is not used: it cuts by the words it knows, and those differ from browser to browser, so an index
 * made in one would miss in another. Here letters between spaces are a word, and scripts that are written without spaces are cut
 * into single signs, which a search then wants side by side.
 */

/** A word of a text: as it is compared, and where it stands in the text, in UTF-16 units. */
export interface Word {
  folded: string;
  start: number;
  end: number;
}

/** Scripts that put no space between words. A sign keeps the marks that belong to it. */
const UNSPACED = "\\p{Script=Han}\\p{Script=Hiragana}\\p{Script=Katakana}\\p{Script=Thai}\\p{Script=Lao}\\p{Script=Khmer}\\p{Script=Myanmar}々ー";
const SIGN = new RegExp(`^[${UNSPACED}]`, "u");
/** An apostrophe belongs to a word only between letters; marks without a shape, such as a soft hyphen, belong to any. */
const WORD = new RegExp(`[${UNSPACED}]\\p{M}*|(?:(?![${UNSPACED}])[\\p{L}\\p{N}])(?:(?![${UNSPACED}])[\\p{L}\\p{N}\\p{M}\\p{Cf}]|['’ʼ](?=\\p{L}))*`, "gu");

/** Marks over and under letters of the scripts in which a reader does without them: Latin, Greek, Cyrillic, Hebrew, Arabic. */
const MARKS = /[\u0300-\u036f\u0483-\u0487\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06dc\u06df-\u06e8\u06ea-\u06ed\u08ca-\u08ff]/g;
/** Signs without a shape, apostrophes, and the Arabic line that only stretches a word. */
const SHAPELESS = /[\p{Cf}'’ʼ\u0640]/gu;

/** Letters that no table of Unicode takes apart, and that people write in several ways. */
const ALIKE: Record<string, string> = {
  ß: "ss", æ: "ae", œ: "oe", ø: "o", đ: "d", ð: "d", ł: "l", þ: "th", ı: "i", ħ: "h", ŋ: "n", ς: "σ",
  ٱ: "ا", ى: "ي", ی: "ي", ک: "ك", ة: "ه", ہ: "ه", ۀ: "ه", ە: "ه",
};
const ALIKE_ANY = new RegExp(`[${Object.keys(ALIKE).join("")}]`, "gu");
/** The first digit of each row of ten that stands for 0 to 9 in Arabic, Persian and Devanagari. */
const ZEROS = [0x0660, 0x06f0, 0x0966] as const;
const OTHER_DIGITS = /[\u0660-\u0669\u06f0-\u06f9\u0966-\u096f]/g;

/** The Arabic article, alone or with "and", "by", "as", "so", "to" before it: three letters or more have to be left. */
const ARTICLE = /^(?:ال|وال|بال|كال|فال|لل)(?=\p{L}{3,}$)/u;

const known = new Map<string, string>();
/** So many different words are remembered; more would be a list of everything that was ever read. */
const MOST_KNOWN = 50_000;

/** A word as it is compared; "" for one that has no letter or digit of its own. */
export function fold(word: string): string {
  const had = known.get(word);
  if (had !== undefined) return had;
  const folded = foldAnew(word);
  if (known.size < MOST_KNOWN) known.set(word, folded);
  return folded;
}

function foldAnew(word: string): string {
  const plain = word.toLowerCase().normalize("NFKD").replace(MARKS, "").replace(SHAPELESS, "").normalize("NFC");
  return plain
    .replace(ALIKE_ANY, (c) => ALIKE[c] ?? c)
    .replace(OTHER_DIGITS, digit)
    .replace(ARTICLE, "");
}

function digit(c: string): string {
  const at = c.charCodeAt(0);
  const zero = ZEROS.find((z) => at >= z && at <= z + 9) ?? at;
  return String(at - zero);
}

/** The words of a text, in order, with their places in it. */
export function words(text: string): Word[] {
  const out: Word[] = [];
  for (const m of text.matchAll(WORD)) {
    const folded = fold(m[0]);
    if (folded !== "") out.push({ folded, start: m.index, end: m.index + m[0].length });
  }
  return out;
}

/** Whether a folded word is one sign of a script without spaces: its beginning says nothing, what follows it does. */
export const isSign = (folded: string): boolean => SIGN.test(folded);
