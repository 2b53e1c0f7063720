/**
 * An index of the words of reports, for one reviewer's eyes. It gives what going through every report word by word gives (`scan`),
 * and faster. It holds the folded words in order, and so nearly the texts: it stays in the worker, or sealed.
 */
import { standsAt, type Term } from "./query.js";

/** One text of a report: the question it answers, which message of the writer's it stands in (0 is the first), its folded words. */
export interface Text {
  q: string;
  message: number;
  words: readonly string[];
}

/** A report with all that its writer sent later. */
export interface Entry {
  /** Base64url of the first message's leaf hash. */
  leaf: string;
  texts: readonly Text[];
}

/** Where a term stands: the text of the report, the first word and how many. */
export interface Place {
  text: number;
  word: number;
  words: number;
}

/** A report in which every term stands, by leaf. */
export type Found = Map<string, Place[]>;

/** Goes through every report: what the index has to be equal to. */
export function scan(entries: Iterable<Entry>, terms: readonly Term[]): Found {
  const found: Found = new Map();
  for (const { leaf, texts } of entries) {
    const places = terms.map((term) => texts.flatMap((t, text) => t.words.flatMap((_, word) => (standsAt(term, t.words, word) ? [{ text, word, words: term.words.length }] : []))));
    if (terms.length > 0 && places.every((p) => p.length > 0)) found.set(leaf, inOrder(places.flat()));
  }
  return found;
}

/** Each place once, in the order in which one reads. */
function inOrder(places: readonly Place[]): Place[] {
  const sorted = [...places].sort((a, b) => a.text - b.text || a.word - b.word || a.words - b.words);
  return sorted.filter((p, i) => { const before = sorted[i - 1]; return before === undefined || before.text !== p.text || before.word !== p.word || before.words !== p.words; });
}

/** Where a word stands, three numbers each: the report's number, the text, the place in it. */
type Postings = number[];

export class SearchIndex {
  readonly #entries = new Map<string, { n: number; entry: Entry }>();
  readonly #byNumber = new Map<number, Entry>();
  readonly #postings = new Map<string, Postings>();
  /** All words in order, for beginnings of words; null when one was added since. */
  #vocabulary: string[] | null = null;
  #next = 0;

  get size(): number { return this.#entries.size; }

  has(leaf: string): boolean { return this.#entries.has(leaf); }
  get(leaf: string): Entry | undefined { return this.#entries.get(leaf)?.entry; }
  entries(): Entry[] { return [...this.#entries.values()].map(({ entry }) => entry); }

  /** Takes a report, in place of what was here of it. */
  put(entry: Entry): void {
    this.drop(entry.leaf);
    const n = this.#next++;
    const own: Entry = { leaf: entry.leaf, texts: entry.texts.map((t, text) => ({ ...t, words: t.words.map((word, at) => this.#post(word, n, text, at)) })) };
    this.#entries.set(entry.leaf, { n, entry: own });
    this.#byNumber.set(n, own);
  }

  /** Gives the word as it is held, so that one word is held once. */
  #post(word: string, ...where: [number, number, number]): string {
    let list = this.#postings.get(word);
    if (list === undefined) {
      this.#postings.set(word, list = []);
      this.#vocabulary = null;
    }
    list.push(...where);
    return word;
  }

  /** Forgets a report, and words that no other has. What fold remembers of all words that were read stays until the worker ends. */
  drop(leaf: string): void {
    const had = this.#entries.get(leaf);
    if (had === undefined) return;
    this.#entries.delete(leaf);
    this.#byNumber.delete(had.n);
    for (const word of new Set(had.entry.texts.flatMap((t) => t.words))) {
      const left = without(this.#postings.get(word) ?? [], had.n);
      if (left.length > 0) this.#postings.set(word, left);
      else if (this.#postings.delete(word)) this.#vocabulary = null;
    }
  }

  /** Reports in which every term stands. */
  find(terms: readonly Term[]): Found {
    const found: Found = new Map();
    const [first, ...rest] = terms.map((term) => this.#places(term)).sort((a, b) => a.size - b.size);
    for (const [n, places] of first ?? []) {
      const others = rest.map((r) => r.get(n));
      const entry = this.#byNumber.get(n);
      if (entry === undefined || others.some((p) => p === undefined)) continue;
      found.set(entry.leaf, inOrder([...places, ...others.flatMap((p) => p ?? [])]));
    }
    return found;
  }

  /** In how many reports a word stands. */
  reportsWith(word: string): number {
    return new Set((this.#postings.get(word) ?? []).filter((_, i) => i % 3 === 0)).size;
  }

  /** Where a term stands, by the report's number: it is looked up by its rarest word, and held against the text there. */
  #places(term: Term): Map<number, Place[]> {
    const out = new Map<number, Place[]>();
    const lists = term.words.map((word, i) => (i === term.words.length - 1 && term.prefix ? this.#beginning(word) : [this.#postings.get(word) ?? []]));
    const lengths = lists.map((l) => l.reduce((n, p) => n + p.length, 0));
    const rarest = lengths.indexOf(Math.min(...lengths));
    for (const postings of lists[rarest] ?? []) {
      for (let i = 0; i < postings.length; i += 3) {
        const [n = 0, text = 0, at = 0] = postings.slice(i, i + 3);
        const word = at - rarest;
        if (word < 0 || !standsAt(term, this.#byNumber.get(n)?.texts[text]?.words ?? [], word)) continue;
        const places = out.get(n);
        if (places === undefined) out.set(n, [{ text, word, words: term.words.length }]);
        else places.push({ text, word, words: term.words.length });
      }
    }
    return out;
  }

  #beginning(prefix: string): Postings[] {
    this.#vocabulary ??= [...this.#postings.keys()].sort((a, b) => (a < b ? -1 : 1));
    const all = this.#vocabulary;
    let [low, high] = [0, all.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((all[middle] ?? "") < prefix) low = middle + 1;
      else high = middle;
    }
    const out: Postings[] = [];
    for (; all[low]?.startsWith(prefix) === true; low++) out.push(this.#postings.get(all[low] ?? "") ?? []);
    return out;
  }
}

function without(postings: Postings, n: number): Postings {
  const left: Postings = [];
  for (let i = 0; i < postings.length; i += 3) if (postings[i] !== n) left.push(...postings.slice(i, i + 3));
  return left;
}
