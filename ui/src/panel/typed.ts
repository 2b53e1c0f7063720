/**
 * What a reviewer typed on a clinic's messages and did not send. It is sealed at once and then stored; until the server has it, it is
 * held sealed. What this page stored last is what it shows next, however old the answer of the server is.
 */
import type { Answer } from "../pad.js";
import type { Served } from "../reviewfile.js";
import { ApiError } from "./api.js";
import type { Begun, Kept } from "./drafts.js";
import type { Held, Place } from "./held.js";
import { KeyholderError } from "./keyholder.js";

/** How drafts are sealed and stored. All but `stored` may throw KeyholderError, and those that ask the server ApiError. */
export interface Ways {
  seal: (leaf: string, fields: Answer[]) => Promise<Served>;
  store: (served: Served) => Promise<void>;
  /** Opens what was sealed here; null when it does not hold. */
  unseal: (leaf: string, served: Served) => Promise<Answer[] | null>;
  /** What the server gave last. */
  given: (leaf: string) => Promise<Answer[]>;
  /** Asks the server for the day, and for what it has now. */
  renew: (leaf: string) => Promise<void>;
  /** What the server gave last is old now. */
  stale: (leaf: string) => void;
}

export class Typed {
  readonly #fields = new Map<string, Answer[]>();
  #storing: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly place: Place,
    private readonly held: Held,
    private readonly ways: Ways,
  ) {}

  /** Seals what was typed now, and stores it after what is on its way. Never throws. */
  async keep(leaf: string, fields: Answer[]): Promise<Kept> {
    this.#fields.set(leaf, fields);
    const typed = this.held.typed(this.place, leaf);
    try {
      const served = await this.ways.seal(leaf, fields);
      this.held.sealed(this.place, leaf, served, typed);
      return await this.#store(leaf, served, typed);
    } catch (err) {
      return this.#why(leaf, err);
    }
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
    return waiting === null ? { fields: await this.ways.given(leaf), stored: true } : { fields: waiting, stored: false };
  }

  /** The server is asked anew for all that it has of a message: what it stored from here is among it. */
  asking(leaf: string): void {
    if (this.held.draft(this.place, leaf) === undefined) this.#fields.delete(leaf);
  }

  /** The message, or this reviewer's part in it, is gone. */
  drop(leaf: string): void {
    this.#fields.delete(leaf);
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
      if (!(err instanceof ApiError) || (err.kind !== "day" && err.kind !== "number")) throw err;
      return this.#anew(leaf, served, typed);
    }
    this.held.stored(this.place, leaf, served);
    return "stored";
  }

  /** Midnight passed: what was sealed is sealed again, for today. */
  async #anew(leaf: string, served: Served, typed: number): Promise<Kept> {
    await this.ways.renew(leaf);
    const fields = await this.ways.unseal(leaf, served);
    if (fields === null) return "failed";
    const now = await this.ways.seal(leaf, fields);
    this.held.sealed(this.place, leaf, now, typed);
    await this.ways.store(now);
    this.held.stored(this.place, leaf, now);
    return "stored";
  }

  #why(leaf: string, err: unknown): Kept {
    if (!(err instanceof ApiError)) return err instanceof KeyholderError && err.failure === "too-long" ? "too-long" : "failed";
    if (err.kind === "message-gone" || err.kind === "recused") {
      this.drop(leaf);
      return "gone";
    }
    return err.status === 401 ? "signed-out" : "away";
  }
}
