/** In a page: what opening and searching a phone's number of reports costs. It runs where a page draws, which a browser can be told to slow down. */
import { generateHybridIdentity, identityToRecipient } from "age-encryption";
import { toBase64url } from "../src/encoding.js";
import type { Plaintext } from "../src/pad.js";
import { open, seal } from "../src/seal.js";
import { words } from "../src/search/fold.js";
import { SearchIndex, type Entry } from "../src/search/index.js";
import { parseQuery, type Term } from "../src/search/query.js";

export const REPORTS = 500;
const OPENED = 25;

/** Milliseconds: for opening one report, for taking all into the index, and for each search. */
export interface Phone { open: number; take: number; find: Record<string, number> }

const STORY = "They said no when I asked to leave and the door was shut. Somebody held me down on the stairs of the ward while others watched. I was told that it was my own doing, and nobody wrote it into my notes. ";
const story = (n: number): string => `${STORY.repeat(3)} mark${String(n % 97)} only${String(n)}`;

async function timed(work: () => unknown): Promise<number> {
  const began = performance.now();
  await work();
  return performance.now() - began;
}

async function measure(): Promise<Phone> {
  const identity = await generateHybridIdentity();
  const id = toBase64url(new Uint8Array(32));
  const told = { v: 1, t: "submission", epoch: "2026-12-abcd", origin: "clinic.example/answerable", sealed_by: "client", form: id, lang: "en", answers: [{ q: "words", a: story(1) }], subject: null, reply_to: null, mailbox: null, thread: null, anchor: id } as unknown as Plaintext;
  const file = await seal(told, await identityToRecipient(identity));
  await open(file, identity);
  const opening = await timed(async () => { for (let n = 0; n < OPENED; n++) await open(file, identity); });
  const index = new SearchIndex();
  const entry = (n: number): Entry => ({ leaf: `leaf${String(n)}`, texts: [{ q: "words", message: 0, words: words(story(n)).map(({ folded }) => folded) }] });
  const take = await timed(() => { for (let n = 0; n < REPORTS; n++) index.put(entry(n)); });
  const find: Phone["find"] = {};
  for (const q of ["only7", "mark5*", '"held me down"']) {
    let found = 0;
    find[q] = await timed(() => { found = index.find(parseQuery(q) as Term[]).size; });
    if (found === 0) throw new Error(`${q} is not found`);
  }
  return { open: opening / OPENED, take, find };
}

(globalThis as unknown as { phone: typeof measure }).phone = measure;
