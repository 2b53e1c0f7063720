import assert from "node:assert/strict";
import { test } from "node:test";
import { fold, words } from "../src/search/fold.js";
import { scan, SearchIndex, type Entry } from "../src/search/index.js";
import { parseQuery, type Term } from "../src/search/query.js";

const folded = (text: string): string[] => words(text).map((w) => w.folded);

test("case, accents and marks that people leave out make no difference, in several scripts", () => {
  for (const [one, other] of [
    ["RESTRAINED", "restrained"], ["niño", "NINO"], ["Müller", "muller"], ["Straße", "STRASSE"], ["Søren", "soren"], ["œuvre", "OEUVRE"], ["Łódź", "lodz"], ["İstanbul", "istanbul"], ["ısı", "isi"],
    ["đường", "duong"], ["naïve", "nai\u0308ve"], ["ﬁne", "fine"], ["self\u00adish", "selfish"], ["ΜΆΘΟΣ", "μαθος"], ["ёлка", "елка"], ["don’t", "dont"], ["שָׁלוֹם", "שלום"],
    ["مُسْتَشْفَى", "مستشفي"], ["أَلَم", "الم"], ["إهانة", "اهانه"], ["آسف", "اسف"], ["ٱسم", "اسم"], ["مـــرحبا", "مرحبا"], ["مسؤول", "مسوول"], ["یک", "يك"],
    ["الممرضة", "ممرضه"], ["والممرضة", "ممرضة"], ["بالغرفة", "غرفة"], ["١٢٣", "123"], ["۴۵", "45"], ["ＡＢＣ", "abc"], ["が", "か\u3099"],
  ] as const) assert.equal(fold(one), fold(other), `${one} and ${other}`);
});

test("what a script needs stays: vowel signs, and letters after a short beginning that looks like the article", () => {
  assert.notEqual(fold("कि"), fold("का"));
  assert.equal(fold("والد"), "والد");
  assert.equal(fold("بالغ"), "بالغ");
  assert.notEqual(fold("สวัสดี"), "");
});

test("a text is cut into words with their places, and signs of scripts without spaces each by itself", () => {
  assert.deepEqual(words("Don't! (self-harm)").map((w) => [w.folded, w.start, w.end]), [["dont", 0, 5], ["self", 8, 12], ["harm", 13, 17]]);
  assert.deepEqual(folded("被打了 twice"), ["被", "打", "了", "twice"]);
  assert.deepEqual(folded("room12b 'quoted' ..."), ["room12b", "quoted"]);
  assert.deepEqual(folded("😀 \u0301 -- \u200d"), []);
  assert.equal(folded("สวัสดี").join(""), fold("สวัสดี"));
});

test("a question is read into terms: words, beginnings, and words side by side", () => {
  assert.deepEqual(parseQuery('Held rest* "by the Door" self-harm'), [
    { words: ["held"], prefix: false }, { words: ["rest"], prefix: true }, { words: ["by", "the", "door"], prefix: false }, { words: ["self", "harm"], prefix: false },
  ]);
  assert.deepEqual(parseQuery("虐待*"), [{ words: ["虐", "待"], prefix: false }]);
  assert.deepEqual([parseQuery("  ... "), parseQuery("a*"), parseQuery("a b c d e f g h i j k")], ["empty", "short", "many"]);
});

const entry = (leaf: string, ...texts: string[]): Entry => ({ leaf, texts: texts.map((t, message) => ({ q: "words", message, words: folded(t) })) });
const terms = (q: string): Term[] => { const t = parseQuery(q); return typeof t === "string" ? assert.fail(t) : t; };

test("every term has to stand in a report, and each place is told once", () => {
  const index = new SearchIndex();
  index.put(entry("a", "They held me down. Down, they said.", "Later they held me again"));
  index.put(entry("b", "Nobody was held"));
  assert.deepEqual([...index.find(terms("held"))].map(([leaf, p]) => [leaf, p.length]), [["a", 2], ["b", 1]]);
  assert.deepEqual(index.find(terms('"held me" dow*')).get("a"), [{ text: 0, word: 1, words: 2 }, { text: 0, word: 3, words: 1 }, { text: 0, word: 4, words: 1 }, { text: 1, word: 2, words: 2 }]);
  assert.equal(index.find(terms("held nowhere")).size, 0);
  index.drop("a");
  assert.deepEqual([[...index.find(terms("held")).keys()], index.find(terms("down")).size, index.reportsWith("down")], [["b"], 0, 0]);
});

/** mulberry32: the same reports and questions each time. */
function generator(seed: number): (n: number) => number {
  let state = seed;
  return (n) => {
    state = (state + 0x6d2b79f5) | 0;
    let x = Math.imul(state ^ (state >>> 15), state | 1);
    x ^= x + Math.imul(x ^ (x >>> 7), x | 61);
    return Math.floor((((x ^ (x >>> 14)) >>> 0) / 2 ** 32) * n);
  };
}

test("the index gives what going through every report gives, whatever was put in and dropped", () => {
  const below = generator(7);
  const some = ["held", "hold", "holding", "down", "Döwn", "rest", "rested", "restraint", "ضرب", "الضرب", "虐待", "虐", "niño", "self-harm", "ward", "no"];
  const text = (most: number): string => Array.from({ length: below(most) }, () => some[below(some.length)]).join(" ");
  const question = (): string => Array.from({ length: 1 + below(3) }, () => {
    const word = some[below(some.length)] ?? "";
    return [word, `${word.slice(0, 2 + below(3))}*`, `"${word} ${some[below(some.length)] ?? ""}"`][below(3)] ?? word;
  }).join(" ");
  let hits = 0;
  for (let round = 0; round < 15; round++) {
    const index = new SearchIndex();
    const kept = new Map<string, Entry>();
    for (let n = 0; n < 40; n++) {
      const e = entry(`r${String(below(25))}`, ...Array.from({ length: 1 + below(3) }, () => text(12)));
      index.put(e);
      kept.set(e.leaf, e);
      const gone = `r${String(below(25))}`;
      if (below(4) === 0) { index.drop(gone); kept.delete(gone); }
    }
    for (let n = 0; n < 15; n++) {
      const asked = parseQuery(question());
      if (typeof asked === "string") continue;
      const [got, want] = [index.find(asked), scan(kept.values(), asked)];
      const sorted = (m: typeof got) => [...m].sort(([a], [b]) => (a < b ? -1 : 1));
      assert.deepEqual(sorted(got), sorted(want));
      hits += got.size;
    }
  }
  assert.ok(hits > 300, `only ${String(hits)} reports were found at all`);
});
