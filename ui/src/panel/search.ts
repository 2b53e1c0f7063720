/**
 * The worker's part of a search: it goes through the words of reports that this reviewer has declared on, and of no others. The
 * page gets where words stand, and a few words round them when it asks for one report. People's names are not gone through: two
 * look at those together. Nor is what writers say about themselves.
 *
 * An index can be sealed, to be kept on the device. Its key comes from the reviewer's key and the epoch's together: with the
 * epoch's key destroyed no copy of the index opens any more, wherever it lies.
 */
import { hkdf } from "@noble/hashes/hkdf.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { ownCode, themeOf } from "../coding.js";
import { concat, fromUtf8, utf8 } from "../encoding.js";
import { identityFromSeed, recipientOf, seedOf } from "../identity.js";
import { openBytes, sealBytes, ShapeError, WrongKey } from "../seal.js";
import { words } from "../search/fold.js";
import { SearchIndex, type Entry, type Place, type Text } from "../search/index.js";
import type { Term } from "../search/query.js";
import type { Desk } from "./desk.js";
import type { ReviewWork } from "./reviewwork.js";
import type { Part, Report } from "./storedcards.js";

/** Answers that no search goes through: we look at people's names when two agree, and the language of a writer is about them. */
const NEVER: readonly string[] = ["names", "language"];
/** The length in bytes of a kept index is a multiple of this. */
const KEPT_STEP = 65_536;
/** So much of a text is shown on each side of what was found, in UTF-16 units. */
const AROUND = 60;
/** So many places of one report are shown: who wants more of it opens it, where its warnings and the limits on reading stand. */
const MOST_PLACES = 5;

/** How far the index is: reports that may be gone through, those of them that are in it, and keys under which messages of others lie unopened. */
export interface Standing {
  reports: number;
  indexed: number;
  unopened: string[];
  /** Another number each time when something came into the index or left it. */
  version: number;
}

/** A report that was found. No word of it is among this. */
export interface Hit {
  leaf: string;
  epoch: string;
  day: string;
  service: string;
  themes: string[];
  /** What it may hold, as on its cards: said before any of its words. */
  chips: string[];
  /** Questions under which the words stand, and how often. */
  places: { q: string; later: boolean; times: number }[];
}

/** A few words of a report round what was found. */
export interface Passage {
  q: string;
  later: boolean;
  before: string;
  found: string;
  after: string;
}

/** The first places in a report, and in how many more the words stand. */
export interface Passages {
  first: Passage[];
  more: number;
  /** Whether somebody found the report to be of the gravest kind, as far as this reviewer is told. */
  grave: boolean;
}

/** What two reports have in common. */
export interface Alike {
  leaf: string;
  epoch: string;
  day: string;
  chips: string[];
  themes: string[];
  items: string[];
  service: string;
  words: string[];
  /** As with words that are found. */
  grave: boolean;
}

/** What a writer picked. */
interface Picked {
  themes: string[];
  items: string[];
}

interface Indexed extends Picked {
  parts: string;
}

export class Search {
  readonly #index = new SearchIndex();
  /** By leaf: which messages are in the index, and what their writer picked. */
  readonly #indexed = new Map<string, Indexed>();
  #version = 0;

  /** `members` are on the panel's newest list. */
  constructor(private readonly desk: Desk, private readonly work: ReviewWork, private readonly members: () => readonly string[]) {}

  /** What may be gone through now, by leaf. What may be no more is forgotten first. */
  #allowed(): Map<string, Report> {
    const allowed = new Map(this.work.declared(this.desk.own.key.reviewer).map((d) => [d.leaf, d]));
    for (const [leaf, { parts }] of this.#indexed) {
      const d = allowed.get(leaf);
      if (d === undefined || partsOf(d) !== parts) this.#drop(leaf);
    }
    return allowed;
  }

  #drop(leaf: string): void {
    this.#version++;
    this.#indexed.delete(leaf);
    this.#index.drop(leaf);
  }

  standing(): Standing {
    const allowed = [...this.#allowed().values()];
    const shut = allowed.filter((d) => !this.#indexed.has(d.leaf)).flatMap((d) => d.parts.filter((p) => !this.#isHere(p)));
    return { reports: allowed.length, indexed: this.#indexed.size, unopened: [...new Set(shut.map(({ epoch }) => epoch))], version: this.#version };
  }

  #isHere({ leaf }: Part): boolean {
    return this.work.answers(leaf) !== null;
  }

  #isOpen(d: Report): boolean {
    return d.parts.every((p) => this.#isHere(p));
  }

  /** Takes more reports into the index, for about so many milliseconds. `picked` are questions whose answers are codes. */
  step(picked: readonly string[], ms: number): { done: number; of: number } {
    const ready = [...this.#allowed().values()].filter((d) => !this.#indexed.has(d.leaf) && this.#isOpen(d));
    const end = performance.now() + ms;
    let left = ready.length;
    for (const d of ready) {
      this.#take(d, picked);
      left--;
      if (performance.now() > end) break;
    }
    return { done: this.#index.size, of: this.#index.size + left };
  }

  #take(d: Report, picked: readonly string[]): void {
    const texts: Text[] = [];
    const codes: Picked = { themes: [], items: [] };
    d.parts.forEach(({ leaf }, message) => {
      for (const { q, a } of this.work.answers(leaf) ?? []) {
        const list = a.split("\n").filter((code) => code !== "");
        if (q === "themes") codes.themes.push(...list);
        else if (q === "items" || q === "good") codes.items.push(...list);
        else if (isText(q, picked)) texts.push({ q, message, words: words(a).map(({ folded }) => folded) });
      }
    });
    this.#put({ leaf: d.leaf, texts }, { parts: partsOf(d), ...codes });
  }

  #put(entry: Entry, of: Indexed): void {
    this.#version++;
    this.#index.put(entry);
    this.#indexed.set(entry.leaf, of);
  }

  /** Finds reports in which every term stands, of a theme where one is named; without terms, all of the theme. The newest first. */
  find(terms: readonly Term[], theme: string): Hit[] {
    const allowed = this.#allowed();
    const found = terms.length > 0 ? this.#index.find(terms) : new Map(this.#index.entries().map(({ leaf }): [string, Place[]] => [leaf, []]));
    return [...found].flatMap(([leaf, places]): Hit[] => {
      const d = allowed.get(leaf);
      const themes = this.#picked(leaf).themes;
      if (d === undefined || (theme !== "" && !themes.includes(theme))) return [];
      return [{ leaf, epoch: d.epoch, day: d.day, service: d.service, themes, chips: d.chips, places: this.#counted(leaf, places) }];
    }).sort((a, b) => (a.day + a.leaf > b.day + b.leaf ? -1 : 1));
  }

  /** What the writer picked and what coders agree on. */
  #picked(leaf: string): Picked {
    const own = this.#indexed.get(leaf) ?? { themes: [], items: [] };
    const agreed = this.work.agreed(leaf);
    const common = [...own.items, ...(agreed?.items ?? []), ...(agreed?.good ?? [])];
    const items = [...new Set([...common, ...(agreed?.own ?? []).map(ownCode)])];
    return { themes: [...new Set([...own.themes, ...(agreed?.yes ?? []), ...common.filter((i) => !i.startsWith("x_")).map(themeOf)])], items }; // an own item does not say its theme
  }

  #counted(leaf: string, places: readonly Place[]): Hit["places"] {
    const texts = this.#index.get(leaf)?.texts ?? [];
    return texts.flatMap(({ q, message }, n) => {
      const times = places.filter(({ text }) => text === n).length;
      return times === 0 ? [] : [{ q, later: message > 0, times }];
    });
  }

  /** A few words round the first places in a report that is open here; null when it is not. */
  passages(leaf: string, terms: readonly Term[], picked: readonly string[]): Passages | null {
    const d = this.#allowed().get(leaf);
    if (d === undefined || !this.#isOpen(d)) return null;
    if (!this.#indexed.has(leaf)) this.#take(d, picked);
    const texts = d.parts.flatMap((part, message) => (this.work.answers(part.leaf) ?? []).filter(({ q }) => isText(q, picked)).map(({ q, a }) => ({ q, a, later: message > 0 })));
    const places = this.#index.find(terms).get(leaf) ?? [];
    const first = places.slice(0, MOST_PLACES).flatMap((p) => {
      const t = texts[p.text];
      return t === undefined ? [] : [{ q: t.q, later: t.later, ...cut(t.a, p) }];
    });
    return { first, more: places.length - first.length, grave: this.work.isGrave(leaf, this.members()) };
  }

  /** Other reports that share a theme or an item with one, or several words that few reports have; those with most in common first. */
  similar(leaf: string): Alike[] {
    const allowed = this.#allowed();
    const [own, mine, service] = [this.#picked(leaf), this.#rare(leaf), allowed.get(leaf)?.service ?? ""];
    const alike = this.#index.entries().filter((e) => e.leaf !== leaf).flatMap((e): Alike[] => {
      const d = allowed.get(e.leaf);
      if (d === undefined) return [];
      const other = this.#picked(e.leaf);
      const theirs = new Set(e.texts.flatMap((t) => t.words));
      const shared: Alike = {
        leaf: e.leaf, epoch: d.epoch, day: d.day, chips: d.chips, themes: own.themes.filter((t) => other.themes.includes(t)), items: own.items.filter((i) => other.items.includes(i)),
        service: d.service === service ? service : "", words: mine.filter((w) => theirs.has(w)),
        grave: this.work.isGrave(e.leaf, this.members()),
      };
      return shared.themes.length > 0 || shared.words.length >= FEW_WORDS ? [shared] : [];
    });
    // Nothing is added up: what panels named weighs more than what words happen to be the same.
    const rank = (a: Alike): number[] => [a.items.length, a.words.length, a.themes.length, a.service === "" ? 0 : 1];
    const first = (a: Alike, b: Alike): number => rank(b).map((n, i) => n - (rank(a)[i] ?? 0)).find((n) => n !== 0) ?? (a.leaf < b.leaf ? -1 : 1);
    return alike.sort(first).slice(0, MOST_ALIKE).map((a) => ({ ...a, words: a.words.slice(0, MOST_WORDS) }));
  }

  /** Words of a report that few others have: nobody's list of common words knows every language. */
  #rare(leaf: string): string[] {
    const few = Math.max(2, Math.floor(this.#index.size / 5));
    const own = new Set(this.#index.get(leaf)?.texts.flatMap((t) => t.words) ?? []);
    return [...own].filter((w) => w.length >= LONG_WORD && this.#index.reportsWith(w) <= few);
  }

  /**
   * The index of an epoch's reports, sealed to a key that only this reviewer has, and only while the epoch has its own. A report that
   * goes on under another key is left out: its words would outlive that one.
   */
  async seal(clinic: string, epoch: string): Promise<Uint8Array> {
    const reports = [...this.#allowed().values()].filter((d) => this.#indexed.has(d.leaf) && d.parts.every((p) => p.epoch === epoch)).map((d) => {
      const { parts, themes, items } = this.#indexed.get(d.leaf) ?? { parts: "", themes: [], items: [] };
      return { leaf: d.leaf, parts, themes, items, texts: (this.#index.get(d.leaf)?.texts ?? []).map((t) => ({ q: t.q, message: t.message, words: t.words.join(" ") })) };
    });
    const json = utf8(JSON.stringify({ v: 1, clinic, epoch, reports }));
    const padded = new Uint8Array(Math.ceil((json.length + 1) / KEPT_STEP) * KEPT_STEP).fill(0x20);
    padded.set(json);
    return sealBytes(padded, await recipientOf(this.#key(clinic, epoch)));
  }

  /** Takes an index that was kept. False when it is not this reviewer's, or is damaged: then it is worth nothing. */
  async take(clinic: string, epoch: string, file: Uint8Array): Promise<boolean> {
    try {
      const kept = JSON.parse(fromUtf8(await openBytes(file, this.#key(clinic, epoch)))) as Kept;
      if (kept.v !== 1 || kept.clinic !== clinic || kept.epoch !== epoch) return false;
      const allowed = this.#allowed();
      for (const r of kept.reports) {
        const d = allowed.get(r.leaf);
        if (d === undefined || partsOf(d) !== r.parts || this.#indexed.has(r.leaf)) continue;
        this.#put(entryOf(r), { parts: r.parts, themes: r.themes, items: r.items });
      }
      return true;
    } catch (err) {
      if (err instanceof WrongKey || err instanceof ShapeError || err instanceof SyntaxError || err instanceof TypeError) return false;
      throw err;
    }
  }

  #key(clinic: string, epoch: string): string {
    const both = concat(seedOf(this.desk.own.identity), seedOf(this.desk.epochKey(epoch)));
    return identityFromSeed(hkdf(sha256, both, utf8("answerable/v1/search-index"), utf8(`${clinic}\n${epoch}\n`), 32));
  }
}

/** What is in a kept index. */
interface Kept {
  v: number;
  clinic: string;
  epoch: string;
  reports: { leaf: string; parts: string; themes: string[]; items: string[]; texts: { q: string; message: number; words: string }[] }[];
}

const entryOf = (r: Kept["reports"][number]): Entry => ({ leaf: r.leaf, texts: r.texts.filter(({ q }) => !NEVER.includes(q)).map((t) => ({ q: t.q, message: t.message, words: t.words === "" ? [] : t.words.split(" ") })) });

/** So many rare words in common make two reports alike where no theme does. */
const FEW_WORDS = 3;
/** Shorter words are mostly such that every report has. */
const LONG_WORD = 4;
const MOST_ALIKE = 20;
/** So many of those words are shown: more of them would be half a report. */
const MOST_WORDS = 5;

/** Which messages a report is made of, in one word. */
const partsOf = (d: Report): string => d.parts.map(({ leaf }) => leaf).join();

const isText = (q: string, picked: readonly string[]): boolean => !picked.includes(q) && !NEVER.includes(q);

/** A text cut before, at and after a place, between words. */
function cut(text: string, p: Place): Pick<Passage, "before" | "found" | "after"> {
  const all = words(text);
  const [start, end] = [all[p.word]?.start ?? 0, all[p.word + p.words - 1]?.end ?? 0];
  const [from, to] = [Math.max(0, start - AROUND), Math.min(text.length, end + AROUND)];
  const before = text.slice(from, start);
  const after = text.slice(end, to);
  return {
    before: from === 0 ? before : `…${before.replace(/^\S*\s?/u, "")}`, found: text.slice(start, end),
    after: to === text.length ? after : `${after.replace(/\s?\S*$/u, "")}…`,
  };
}

/** What the page may ask of a search. Leaves are base64url. */
export type SearchCall =
  | { do: "searchStanding"; slug: string }
  | { do: "searchStep"; slug: string; picked: string[]; ms: number }
  | { do: "find"; slug: string; terms: Term[]; theme: string }
  | { do: "passages"; slug: string; leaf: string; terms: Term[]; picked: string[] }
  | { do: "similar"; slug: string; leaf: string }
  | { do: "sealIndex"; slug: string; clinic: string; epoch: string }
  | { do: "takeIndex"; slug: string; clinic: string; epoch: string; file: Uint8Array };

export interface SearchAnswers {
  searchStanding: Standing;
  searchStep: { done: number; of: number };
  find: Hit[];
  passages: Passages | null;
  similar: Alike[];
  sealIndex: Uint8Array;
  takeIndex: boolean;
}

const CALLS: { [K in SearchCall["do"]]: (s: Search, c: Extract<SearchCall, { do: K }>) => SearchAnswers[K] | Promise<SearchAnswers[K]> } = {
  searchStanding: (s) => s.standing(),
  searchStep: (s, c) => s.step(c.picked, c.ms),
  find: (s, c) => s.find(c.terms, c.theme),
  passages: (s, c) => s.passages(c.leaf, c.terms, c.picked),
  similar: (s, c) => s.similar(c.leaf),
  sealIndex: (s, c) => s.seal(c.clinic, c.epoch),
  takeIndex: (s, c) => s.take(c.clinic, c.epoch, c.file),
};

export const isSearch = (call: { do: string }): call is SearchCall => Object.keys(CALLS).includes(call.do);

/** Answers the page. Throws Locked when an epoch's key is not open. */
export async function answerSearch(s: Search, call: SearchCall): Promise<unknown> {
  const act = CALLS[call.do] as (s: Search, call: SearchCall) => unknown;
  return await act(s, call);
}
