import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { newCard, tied, type CardCodes } from "../src/card.js";
import { encode, isAt, MOST_HAD, parse, ReviewFileError, ReviewFileTooLong, roleOf, SIZE, type Card, type CardKind, type Consensus, type Found, type Note, type ReviewFile } from "../src/coding.js";
import { compare, proposal, settled, type Coded, type Comparison } from "../src/compare.js";
import type { Choice, Said } from "../src/consent.js";
import { utf8 } from "../src/encoding.js";
import type { Answer } from "../src/pad.js";
import type { Dated } from "../src/panel/casework.js";
import { Labels } from "../src/panel/labels.js";
import { outgoingText } from "../src/panel/outgoingview.js";
import { isPaused, pausedDays, pauses, waits, type Pause } from "../src/panel/pause.js";
import { asksFirst, bare, hadOf, lines, ownShowings, shown, wasAsked, type Came } from "../src/panel/shown.js";
import { MARKED_RUN, repeated, repeats, typedWords } from "../src/repeats.js";
import {
  goesOut, hidesMore, leftOut, verdicts, wishesOf, type Form, type Outgoing, type Progress, type Verdict, type Wishes,
} from "../src/sharing.js";

interface Vectors {
  files: { name: string; text: string; good: boolean }[];
  cards: { of: CardKind; answers: Answer[]; mailbox: string; actions: string; card: Card; role: string }[];
  compared: { a: Found; b: Found; want: Comparison }[];
  settled: { codings: Coded<Found>[] | null; consensuses: Coded<Consensus>[] | null; proposal: Consensus; hashes: string[] | null }[];
  wishes: { said: (Omit<Said, "consent"> & { consent: Choice | null })[]; want: Wishes; along: string[]; first: boolean }[];
  lines: { words: string; want: string }[];
  repeats: { answers: Answer[]; wishes: Wishes; out: Outgoing; own: string[]; marked: string[]; refused: string[] }[];
  hides: { wishes: Wishes; form: Form; had: string[]; left: string[]; want: boolean }[];
  shown: { notes: Dated<Note>[]; back: Came[]; out: Outgoing; here: string[]; asked: boolean; want: string[] }[];
  said: { out: Outgoing; said: string }[];
  pauses: { notes: Dated<Note>[]; back: Came[]; today: string; want: Pause[]; days: number }[];
  verdicts: { wishes: Wishes; progress: Progress; want: Verdict[] }[];
}

const internal = path.join(import.meta.dirname, "../../../internal");
const vectors = JSON.parse(readFileSync(path.join(internal, "coding/testdata/coding.json"), "utf8")) as Vectors;

function padded(text: string): Uint8Array {
  const out = new Uint8Array(SIZE).fill(0x20);
  out.set(utf8(text));
  out[SIZE - 1] = 0x0a;
  return out;
}

assert.ok(vectors.files.length > 50);
for (const { name, text, good } of vectors.files) {
  test(`review file: ${name}`, () => {
    if (!good) {
      assert.throws(() => parse(padded(text)), ReviewFileError);
      return;
    }
    const f = parse(padded(text));
    assert.deepEqual(encode(f), padded(text));
    assert.ok(isAt(f, f));
    for (const m of ["epoch", "origin", "leaf", "by"] as const) assert.ok(!isAt(f, { ...f, [m]: "x" }));
  });
}

test("a review file of another size is refused, and one that does not fit says by how much", () => {
  for (const n of [0, SIZE - 1, SIZE + 1]) assert.throws(() => parse(new Uint8Array(n).fill(0x0a)), ReviewFileError);
  const f = parse(padded(vectors.files.find(({ name }) => name === "note")?.text ?? "")) as ReviewFile & { t: "note" };
  assert.throws(() => encode({ ...f, body: { text: "a".repeat(SIZE) } }), (err) => err instanceof ReviewFileTooLong && err.bytes > SIZE && err.limit === SIZE - 1);
});

/** The codes as the panel's page carries them. */
function cardCodes(): CardCodes {
  const taxonomy = JSON.parse(readFileSync(path.join(internal, "taxonomy/taxonomy.json"), "utf8")) as {
    version: string; themes: { code: string; items: { code: string; flags?: string[] }[] }[];
  };
  const form = JSON.parse(readFileSync(path.join(internal, "taxonomy/form_v1.json"), "utf8")) as { steps: { fields: { key: string; options?: string[] }[] }[] };
  const options = (key: string): string[] => form.steps.flatMap((s) => s.fields).find((f) => f.key === key)?.options ?? [];
  const flagged = (i: { flags?: string[] }, flag: string): boolean => i.flags?.includes(flag) === true;
  return {
    version: taxonomy.version,
    themes: taxonomy.themes.map((t) => ({
      code: t.code,
      items: t.items.map((i) => ({ code: i.code, cw: flagged(i, "cw"), urgent: flagged(i, "urgent"), urgent_if_still_going: flagged(i, "urgent_if_still_going") })),
    })),
    roles: options("roles"),
    when: options("when"),
  };
}

test("cards hold what Go's hold", () => {
  const codes = cardCodes();
  for (const { of, answers, mailbox, actions, card, role } of vectors.cards) {
    assert.deepEqual(tied(newCard(of, "", answers, codes), mailbox, actions), card);
    assert.equal(roleOf(answers), role);
  }
});

test("codings compare as in Go", () => {
  for (const { a, b, want } of vectors.compared) assert.deepEqual(compare(a, b), want);
});

test("a consensus begins and is settled as in Go", () => {
  for (const { codings, consensuses, proposal: begun, hashes } of vectors.settled) {
    assert.deepEqual(proposal(codings ?? []), begun);
    assert.deepEqual(settled(codings ?? [], consensuses ?? [])?.hashes ?? null, hashes);
  }
});

test("what of a text is the writer's own, and what they hide, are Go's", () => {
  for (const { answers, wishes, out, own, marked, refused } of vectors.repeats) {
    assert.deepEqual(typedWords(answers), own);
    assert.deepEqual(repeated(out.words, own, MARKED_RUN).map(({ start, end }) => out.words.slice(start, end)), marked);
    assert.deepEqual(repeats(wishes, out, own), refused);
    assert.ok(refused.length === 0 || (out.form === "paraphrase" && marked.length > 0));
  }
  assert.ok(vectors.repeats.some(({ refused }) => refused.length === 2));
  assert.ok(vectors.repeats.some(({ marked, refused }) => marked.length > 0 && refused.length === 0));
  for (const { wishes, form, had, left, want } of vectors.hides) {
    assert.deepEqual([leftOut(wishes, form), hidesMore(wishes, form, had)], [left, want]);
  }
  assert.ok(vectors.hides.some(({ want }) => want) && vectors.hides.some(({ left, want }) => left.length > 0 && !want));
});

test("wishes and the ladder are Go's", () => {
  for (const { said: all, want, along, first } of vectors.wishes) {
    const said = all.map(({ consent, ...m }): Said => (consent === null ? m : { ...m, consent }));
    assert.deepEqual([wishesOf(said), asksFirst(said)], [want, first]);
    assert.deepEqual(goesOut("quote", "x", ["force"], want), { form: "quote", words: "x", ...(along.length === 0 ? {} : { must_not: along }) });
    assert.deepEqual(goesOut("theme", "", ["force"], want), { form: "theme", words: "", themes: ["force"] });
  }
  assert.ok(vectors.wishes.some(({ along }) => along.length === 2));
  for (const { wishes, progress, want } of vectors.verdicts) assert.deepEqual(verdicts(wishes, progress), want);
});

test("clocks stand still as long as Go's", () => {
  assert.ok(vectors.pauses.some(({ want }) => isPaused(want)) && vectors.pauses.some(({ want }) => want.length > 1));
  for (const { notes, back, today, want, days } of vectors.pauses) {
    const got = pauses(notes, back);
    assert.deepEqual(got, want);
    assert.equal(pausedDays(got, today), days);
    assert.equal(waits(notes, back).length > 0, isPaused(got));
  }
});

test("what a writer was shown, and whether they wished it, is Go's", () => {
  assert.ok(vectors.shown.some(({ notes, here, asked }) => !asked && wasAsked(notes, [...here, ...notes.map(({ by }) => by)])), "nothing is set aside");
  assert.ok(vectors.shown.some(({ want }) => want.length > 1) && vectors.shown.some(({ asked, want }) => asked && want.length === 0));
  const ofBefore = (notes: Dated<Note>[]): Dated<Note>[] => notes.map((n) => ({ ...n, body: Object.fromEntries(Object.entries(n.body).filter(([name]) => name !== "had")) as unknown as Note }));
  assert.ok(vectors.shown.some(({ notes, back, out, want }) => shown(ofBefore(notes), back, out).length > want.length), "what was there already tells nothing apart");
  for (const { notes, back, out, here, asked, want } of vectors.shown) {
    assert.deepEqual(shown(notes, back, out), want);
    assert.equal(wasAsked(notes, here), asked);
  }
});

test("a note of a showing names what had come, in order, and of too much the newest", () => {
  const came = Array.from({ length: MOST_HAD + 3 }, (_, i): Came => ({ leaf: `leaf${String(i).padStart(3, "0")}`, day: i < 3 ? "2026-11-01" : "2026-11-02" }));
  assert.deepEqual(hadOf([]), []);
  assert.deepEqual(hadOf([came[4], came[2]].flatMap((c) => c ?? [])), ["leaf002", "leaf004"]);
  assert.deepEqual(hadOf([...came].reverse()), came.slice(3).map(({ leaf }) => leaf));
});

test("a writer is shown what goes out in the sentences of Go, and of the clinic's own page", () => {
  const themes = JSON.parse(readFileSync(path.join(internal, "taxonomy/taxonomy.json"), "utf8")) as { themes: { code: string; label: string }[] };
  const en = JSON.parse(readFileSync(path.join(internal, "../ui/locales/en.json"), "utf8")) as Record<string, string>;
  const along: Record<string, string> = Object.fromEntries(Object.entries(en).map(([key, label]) => [key.replace("option.must_not.", ""), label]));
  const labels = new Labels(JSON.stringify({
    items: {}, questions: {}, codes: {}, themes: Object.fromEntries(themes.themes.map(({ code, label }) => [code, label])), options: { must_not: along },
  }));
  assert.ok(vectors.said.some(({ said }) => said.includes("- Do not call police")) && vectors.said.some(({ said }) => said.includes("- Choice and being heard")));
  for (const { out, said } of vectors.said) assert.equal(outgoingText(out, labels), said);
});

test("words are the same bytes as in Go, whatever they were typed with", () => {
  assert.ok(vectors.lines.some(({ words }) => words.includes("\r")));
  for (const { words, want } of vectors.lines) assert.equal(lines(words), want);
});

test("each of one's own showings can be taken back, and nobody else's", () => {
  const note = (by: string, hash: string, body: Partial<Note>): Dated<Note> => ({ by, hash, day: "2026-11-03", body: { text: "x", ...body } });
  const shows = { asked: true, form: "theme" } as const;
  const notes = [note("anna", "1", shows), note("bela", "2", shows), note("anna", "3", shows), note("anna", "4", { asked: true })];
  const of = (who: string): string[] => ownShowings(notes, who).map(({ hash }) => hash);
  assert.deepEqual(of("anna"), ["1", "3"]);
  notes.push(note("anna", "5", { over: "3", unsent: true }), note("anna", "6", { over: "2", unsent: true }));
  assert.deepEqual([of("anna"), of("bela")], [["1"], ["2"]], "Anna cannot take back what Bela showed");
  assert.deepEqual(bare(notes, ["anna"]).map(({ hash }) => hash), ["4"], "a note of before says of no words that they were shown");
  assert.deepEqual(bare([...notes, note("anna", "7", { over: "4", unsent: true })], ["anna"]), []);
});
