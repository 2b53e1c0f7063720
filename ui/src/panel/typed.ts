/**
 * What a reviewer typed on a clinic's messages and did not send. It is sealed at once and then stored; until the server has it, it is
 * held sealed. What this page stored last is what it shows next, however old the answer of the server is. Of one message a reviewer has
 * one draft, wherever they type: what was typed elsewhere is kept beside, and never written over.
 */
import { sha256 } from "@noble/hashes/sha2.js";
import { fromBase64, toBase64 } from "../encoding.js";
import type { Answer } from "../pad.js";
import type { Served } from "../reviewfile.js";
import { ApiError } from "./api.js";
import { clearSent } from "./dom.js";
import { ordered, type Begun, type Kept } from "./drafts.js";
import type { Held, Place } from "./held.js";
import { KeyholderError } from "./keyholder.js";
import { ELSEWHERE, merged } from "./merged.js";

/** What is kept of a message, and base64 of the hash of its sealed file; "" for none. */
export interface Given {
  fields: Answer[];
  hash: string;
}

/** How drafts are sealed and stored. All but `stored` may throw KeyholderError, and those that ask the server ApiError. */
export interface Ways {
  seal: (leaf: string, fields: Answer[]) => Promise<Served>;
  store: (served: Served) => Promise<void>;
  /** Opens what was sealed here; null when it does not hold. */
  unseal: (leaf: string, served: Served) => Promise<Answer[] | null>;
  /** What the server gave last. */
  given: (leaf: string) => Promise<Given>;
  /** Asks the server for the day, and for what it has now. */
  renew: (leaf: string) => Promise<void>;
  /** What the server gave last is old now. */
  stale: (leaf: string) => void;
}

/** Of what is sealed: what this page showed, what it had shown when the server had the same, and which names were kept then. */
interface Made {
  mine: readonly Answer[];
  before: readonly Answer[];
  had: ReadonlySet<string>;
  whole: Answer[];
}

export class Typed {
  readonly #fields = new Map<string, Answer[]>();
  /** What the server has, as far as this page knows. */
  readonly #base = new Map<string, Given>();
  readonly #made = new WeakMap<Served, Made>();
  /** What was sealed here last and the two before it, by message: what the server has may be one of them, though no answer said so. */
  readonly #own = new Map<string, { hash: string; made: Made }[]>();
  /** The names that were kept since this page showed a message: of one that is kept no more, what is not touched here is not kept anew. */
  readonly #had = new Map<string, ReadonlySet<string>>();
  /** Of what waited over a lock and was opened: what the server had when it was sealed, or nothing where it has something else by now. */
  readonly #waited = new Map<string, readonly Answer[]>();
  /** Beginnings of names of fields that were sent for good, by message. */
  readonly #spent = new Map<string, string>();
  /** Messages that were opened by who had a part in them: once they hand it back, wherever they do, nothing typed on them is kept. */
  readonly #parts = new Set<string>();
  #storing: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly place: Place,
    private readonly held: Held,
    private readonly ways: Ways,
  ) {}

  /** Seals what was typed now with what was typed elsewhere, and stores it after what is on its way. `shown` as Drafts has it. Never throws. */
  async keep(leaf: string, fields: Answer[], shown: Answer[] | null): Promise<Kept> {
    this.#fields.set(leaf, fields);
    const typed = this.held.typed(this.place, leaf);
    try {
      const base = await this.#known(leaf);
      const names = new Set(fields.map(({ q }) => q));
      const before = shown ?? (this.#waited.get(leaf) ?? base.fields).filter(({ q }) => names.has(q)); // nobody knows: what is sealed here goes on from what is there
      const served = await this.#sealed(leaf, { mine: fields, before, had: this.#hadOf(leaf, base.fields) }, base);
      this.held.sealed(this.place, leaf, served, typed);
      return await this.#store(leaf, served, typed);
    } catch (err) {
      return this.#why(leaf, err);
    }
  }

  /** The names that were kept since a message was shown, with those of what is kept now. */
  #hadOf(leaf: string, now: readonly Answer[]): ReadonlySet<string> {
    const had = new Set([...(this.#had.get(leaf) ?? []), ...now.map(({ q }) => q)]);
    this.#had.set(leaf, had);
    return had;
  }

  /** Whether what was sealed has something from elsewhere beside, which the server did not have so. */
  #isBoth(served: Served, base: Given): boolean {
    return this.#made.get(served)?.whole.some(({ q, a }) => q.endsWith(ELSEWHERE) && !base.fields.some((f) => f.q === q && f.a === a)) === true;
  }

  async #known(leaf: string): Promise<Given> {
    const base = this.#base.get(leaf) ?? await this.ways.given(leaf);
    this.#base.set(leaf, base);
    return base;
  }

  async #sealed(leaf: string, { mine, before, had }: Omit<Made, "whole">, base: Given, inPart = this.#parts.has(leaf)): Promise<Served> {
    const spent = this.#spent.get(leaf);
    const whole = merged(base.fields, before, had, mine).filter(({ q }) => spent === undefined || !q.startsWith(spent));
    this.#fields.set(leaf, whole);
    const served = { ...await this.ways.seal(leaf, whole), replaces: base.hash, inPart };
    const made = { mine, before, had, whole };
    this.#made.set(served, made);
    this.#own.set(leaf, [...(this.#own.get(leaf) ?? []), { hash: hashOf(served), made }].slice(-3));
    return served;
  }

  /** A message was opened, by who has a part in it or none. */
  opened(leaf: string, inPart: boolean): void {
    if (inPart) this.#parts.add(leaf);
    else this.#parts.delete(leaf);
  }

  /** What was typed in fields of these names was sent for good, and is no draft any more. */
  spent(leaf: string, prefix: string): void {
    this.#spent.set(leaf, prefix);
  }

  /** What was typed in fields of these names went, later than it was locked, and is taken out of what is kept. Never throws. */
  async went(leaf: string, prefix: string): Promise<void> {
    const fields = this.#fields.get(leaf) ?? await this.of(leaf).then((begun) => begun.fields, () => []);
    const left = fields.filter(({ q }) => !q.startsWith(prefix));
    if (left.length < fields.length) await this.keep(leaf, left, [...fields]);
  }

  /** Words that were typed in a box were sent from there, and are no draft any more; what was typed after them stays. Never throws. */
  async sent(leaf: string, q: string, words: string): Promise<void> {
    const fields = this.#fields.get(leaf) ?? await this.of(leaf).then((begun) => begun.fields, () => []);
    const box = { value: fields.find((f) => f.q === q)?.a ?? "", type: "textarea" };
    const had = box.value;
    clearSent(box, words);
    if (box.value === had) return;
    await this.keep(leaf, ordered([...fields.filter((f) => f.q !== q), { q, a: box.value }]), [...fields]);
  }

  /** Tries anew to store what waits sealed. Never throws. */
  async again(): Promise<void> {
    for (const { leaf, served, sealed } of this.held.waiting(this.place)) {
      await this.#store(leaf, served, sealed).then(() => { this.ways.stale(leaf); }, (err: unknown) => { this.#why(leaf, err); });
    }
  }

  /** What was typed on a message, by this page or, as far as the server has given it, elsewhere. */
  async of(leaf: string): Promise<Begun> {
    const held = this.held.draft(this.place, leaf);
    const here = this.#fields.get(leaf);
    if (here !== undefined) return { fields: here, stored: held === undefined };
    const waiting = held ? await this.ways.unseal(leaf, held) : null;
    const given = await this.ways.given(leaf);
    this.#base.set(leaf, given);
    this.#had.set(leaf, new Set(given.fields.map(({ q }) => q)));
    if (held) this.#waited.set(leaf, held.replaces === given.hash ? given.fields : []);
    return waiting === null ? { fields: given.fields, stored: true } : { fields: waiting, stored: false };
  }

  /** The server is asked anew for all that it has of a message: what it stored from here is among it. */
  asking(leaf: string): void {
    if (this.held.draft(this.place, leaf) === undefined) this.#forget(leaf);
  }

  #forget(leaf: string): void {
    for (const of of [this.#fields, this.#base, this.#own, this.#had, this.#waited]) of.delete(leaf);
  }

  /** The message, or this reviewer's part in it, is gone. */
  drop(leaf: string): void {
    this.#forget(leaf);
    this.#spent.delete(leaf);
    this.held.drop(this.place, leaf);
  }

  /** One after the other, or an older one could come last. */
  #store(leaf: string, served: Served, typed: number): Promise<Kept> {
    const turn = this.#storing.then(() => (this.held.draft(this.place, leaf) === served ? this.#put(leaf, served, typed) : "stored")); // or a later one goes instead
    this.#storing = turn.catch(() => { /* said to whoever waits for it */ });
    return turn;
  }

  async #put(leaf: string, served: Served, typed: number): Promise<Kept> {
    try {
      await this.ways.store(served);
    } catch (err) {
      if (!(err instanceof ApiError) || !["day", "number", "draft-changed"].includes(err.kind)) throw err;
      return this.#anew(leaf, served, typed);
    }
    const base = this.#base.get(leaf);
    this.#isStored(leaf, served);
    return base !== undefined && this.#isBoth(served, base) ? "both" : "stored";
  }

  #isStored(leaf: string, served: Served): void {
    const made = this.#made.get(served);
    if (made === undefined) this.#base.delete(leaf);
    else this.#base.set(leaf, { fields: made.whole, hash: hashOf(served) });
    this.#waited.delete(leaf);
    this.held.stored(this.place, leaf, served);
  }

  /** Midnight passed, or something else was typed elsewhere: what was sealed is sealed again, for today and with that. */
  async #anew(leaf: string, served: Served, typed: number): Promise<Kept> {
    await this.ways.renew(leaf);
    const base = await this.ways.given(leaf);
    const made = this.#made.get(served) ?? await this.#unmade(leaf, served, base);
    if (made === null) return "failed";
    const own = this.#own.get(leaf)?.find(({ hash }) => hash === base.hash)?.made;
    const from = own === undefined ? made : { mine: made.mine, before: own.mine, had: new Set(own.whole.map(({ q }) => q)) };
    const now = await this.#sealed(leaf, from, base, served.inPart);
    this.held.sealed(this.place, leaf, now, typed);
    await this.ways.store(now);
    this.#isStored(leaf, now);
    return this.#isBoth(now, base) ? "both" : "stored";
  }

  /** What waited sealed over a lock. Where it was made from what the server has still, it goes on from that; of anything else nothing is taken for its own. */
  async #unmade(leaf: string, served: Served, base: Given): Promise<Omit<Made, "whole"> | null> {
    const mine = await this.ways.unseal(leaf, served);
    if (mine === null) return null;
    return { mine, before: served.replaces === base.hash ? base.fields : [], had: new Set(base.fields.map(({ q }) => q)) };
  }

  #why(leaf: string, err: unknown): Kept {
    if (!(err instanceof ApiError)) return err instanceof KeyholderError && err.failure === "too-long" ? "too-long" : "failed";
    if (err.kind === "message-gone" || err.kind === "recused") {
      this.drop(leaf);
      return "gone";
    }
    if (err.kind === "handed-back") {
      this.drop(leaf);
      return "handed-back";
    }
    return err.status === 401 ? "signed-out" : "away";
  }
}

const hashOf = (served: Served): string => toBase64(sha256(fromBase64(served.file)));
