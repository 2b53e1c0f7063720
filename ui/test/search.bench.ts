/**
 * What a search costs beside the opening that it needs: printed as a table, and run by make bench. Opening goes as in the worker, one
 * file after the other; a bare loop of opening is the least that any search could take.
 */
import { generateHybridIdentity, identityToRecipient } from "age-encryption";
import { toBase64, toBase64url, toHex } from "../src/encoding.js";
import type { Desk, Delivered } from "../src/panel/desk.js";
import type { At } from "../src/panel/epochwork.js";
import { ReviewWork } from "../src/panel/reviewwork.js";
import { Search } from "../src/panel/search.js";
import { open, seal } from "../src/seal.js";
import { words } from "../src/search/fold.js";
import { scan, SearchIndex, type Entry } from "../src/search/index.js";
import { parseQuery, type Term } from "../src/search/query.js";
import type { Plaintext } from "../src/pad.js";

const FILES = 100;
const LAPTOP = 5000;
const PHONE = 500;

const STORY = "They said no when I asked to leave and the door was shut. Somebody held me down on the stairs of the ward while others watched. I was told that it was my own doing, and nobody wrote it into my notes. ";
const WORDS = [...new Set(STORY.toLowerCase().match(/[a-z]+/g) ?? [])];

/** About as long as people write: 120 words, some of them in few reports only. */
const story = (n: number): string => `${STORY}${Array.from({ length: 80 }, (_, i) => WORDS[(n * 31 + i * 7) % WORDS.length]).join(" ")} mark${String(n % 97)} only${String(n)}`;

async function timed(what: string, work: () => unknown): Promise<number> {
  const began = performance.now();
  await work();
  const ms = performance.now() - began;
  console.log(`${what.padEnd(60)} ${ms.toFixed(1).padStart(9)} ms`);
  return ms;
}

const identity = await generateHybridIdentity();
const recipient = await identityToRecipient(identity);
const id = toBase64url(new Uint8Array(32));
const plaintext = (n: number): Plaintext => ({
  v: 1, t: "submission", epoch: "2026-12-abcd", origin: "clinic.example/answerable", sealed_by: "client", form: id, lang: "en",
  answers: [{ q: "words", a: story(n) }], subject: null, reply_to: null, mailbox: null, thread: null, anchor: id,
}) as unknown as Plaintext;
const sealed: Uint8Array[] = [];
for (let n = 0; n < FILES; n++) sealed.push(await seal(plaintext(n), recipient));
for (const file of sealed.slice(0, 10)) await open(file, identity); // warm

const bare = await timed(`a bare loop of opening, ${String(FILES)} files`, async () => { for (const file of sealed) await open(file, identity); });
const entryOf = (n: number, text: string): Entry => ({ leaf: `leaf${String(n)}`, texts: [{ q: "words", message: 0, words: words(text).map(({ folded }) => folded) }] });
const whole = await timed(`opened, taken into the index and looked through, ${String(FILES)} files`, async () => {
  const index = new SearchIndex();
  for (const [n, file] of sealed.entries()) {
    const p = await open(file, identity);
    index.put(entryOf(n, "answers" in p ? p.answers[0]?.a ?? "" : ""));
  }
  if (index.find(parseQuery("only7") as Term[]).size !== 1) throw new Error("the search does not find");
});
console.log(`a search takes ${(whole / bare).toFixed(2)} times a bare loop of opening`);
console.log(`opening alone: about ${((bare / FILES) * LAPTOP / 1000).toFixed(0)} s for ${String(LAPTOP)} on this machine, ${((bare / FILES) * PHONE / 1000).toFixed(1)} s for ${String(PHONE)}`);

for (const size of [PHONE, LAPTOP]) {
  const index = new SearchIndex();
  const texts = Array.from({ length: size }, (_, n) => story(n));
  await timed(`${String(size)} reports taken into the index`, () => { texts.forEach((text, n) => { index.put(entryOf(n, text)); }); });
  const all = index.entries();
  for (const q of ["only7", "mark5*", '"held me down"', "held mark3"]) {
    const terms = parseQuery(q) as Term[];
    await timed(`  ${q}, by the index`, () => index.find(terms));
    await timed(`  ${q}, word by word`, () => scan(all, terms));
  }
}

// What the worker does round the index when everything is open: who may be searched is worked out anew each time.
const CODES = { version: "0.2.0", themes: [{ code: "force", items: [{ code: "force.held_down", cw: true, urgent: true, urgent_if_still_going: false }] }], roles: ["nurse"], when: ["this_month"] };
const at: At = { slug: "riverside", clinic: "c", epoch: "2026-12-abcd", origin: "clinic.example/answerable", today: "2026-12-02" };
const bytes = (n: number, kind: number): Uint8Array => { const b = new Uint8Array(32).fill(kind); new DataView(b.buffer).setUint32(0, n); return b; };
/** A desk whose files are open at once: opening was measured above. */
const desk = {
  own: { key: { reviewer: "raaaaaaaa" } }, keys: { lists: () => [] },
  openFile: (f: Delivered) => Promise.resolve({
    kind: "submission", leafHash: toHex(bytes(Number(f.leaf), 1)), sealedBy: "client", thread: null, replyTo: null, mailbox: toBase64url(bytes(Number(f.leaf), 2)), actions: null,
    answers: [{ q: "words", a: story(Number(f.leaf)) }, { q: "themes", a: "force" }, { q: "items", a: "force.held_down" }],
  }),
} as unknown as Desk;
const all = Array.from({ length: LAPTOP }, (_, n) => n);
const work = new ReviewWork(desk);
await work.take(at, { today: at.today, parts: [], messages: all.map((n) => ({ leaf: toBase64(bytes(n, 1)), day: at.today, carded: true, coded_in_clear: false, finding: false })) }, []);
await work.read(all.map((n) => ({ leaf: String(n), file: "", epoch: at.epoch, origin: at.origin, day: at.today })), CODES);
for (const n of all) work.declare(toBase64url(bytes(n, 1)));
const search = new Search(desk, work, () => ["raaaaaaaa"]);
await timed(`${String(LAPTOP)} rows of the list`, () => work.rows("raaaaaaaa", ["raaaaaaaa"]));
await timed(`${String(LAPTOP)} reports taken into the index by the worker, in steps`, () => { while (search.step(["themes", "items"], 100).done < LAPTOP); });
await timed("  only7, asked of the worker", () => search.find(parseQuery("only7") as Term[], ""));
await timed("  stairs of a theme: all of them", () => search.find(parseQuery("stairs") as Term[], "force"));
await timed("  reports like one", () => search.similar(toBase64url(bytes(7, 1))));
