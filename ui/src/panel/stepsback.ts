/** Steps back from messages, held until the server has each: a failed one is sent again as it was signed, and is never taken for done. */
import { fromBase64url, toBase64 } from "../encoding.js";
import type { SignedRecusal } from "../stepback.js";
import * as api from "./api.js";
import type { Held, Place } from "./held.js";
import type { Followers } from "./leftmessages.js";
import { quietly, unless } from "./refusals.js";

export interface Leaving {
  /** Signs, and forgets the message. */
  sign: (epoch: string, leaf: string) => Promise<SignedRecusal>;
  /** Messages that stand beside one, or with null beside any that was stepped back from, and epochs of what only a card says of. */
  followers: (leaf: string | null) => Promise<Followers>;
  /** Fetches an epoch whole, and opens what is in it. */
  open: (epoch: string) => Promise<void>;
  epochOf: (leaf: string) => string;
  /** Nothing of the message may show any more. Does not wait for the server. */
  putAway: (epoch: string, leaf: string) => Promise<unknown>;
  /** The server has it. */
  left: (leaf: string) => void;
}

export class StepsBack {
  constructor(
    private readonly place: Place,
    private readonly held: Held,
    private readonly on: Leaving,
  ) {}

  /**
   * From a message, and from what its writer sent besides. Nothing is signed where it has to be opened first and cannot be fetched.
   * Throws what the server answers.
   */
  async from(leaf: string): Promise<void> {
    const all = [...await this.#followers(leaf), leaf]; // the message last: while its row is here somebody can press again
    await this.#step(all.map((each) => ({ epoch: this.on.epochOf(each), leaf: each })));
  }

  /** Whoever has stepped back from a message steps back from what its writer sends later, too. */
  async follow(epochOf: (leaf: string) => string | undefined): Promise<void> {
    const all = await this.#followers(null);
    await this.#step(all.flatMap((leaf) => {
      const epoch = epochOf(leaf);
      return epoch === undefined ? [] : [{ epoch, leaf }];
    }));
  }

  /** What goes with a message, by what is open: a step back is final, and no colleague's card makes anybody sign one. */
  async #followers(leaf: string | null): Promise<string[]> {
    const tried = new Set<string>();
    for (;;) {
      const { leaves, unopened } = await this.on.followers(leaf);
      const epoch = unopened.find((id) => !tried.has(id));
      if (epoch === undefined) return leaves;
      tried.add(epoch);
      await this.on.open(epoch);
    }
  }

  /** Sends again what the server has not taken: no row is left at which somebody could press again. Says how many it still has not. */
  async again(): Promise<number> {
    for (const { leaf, signed } of this.held.unstepped(this.place)) await quietly(this.#send(leaf, signed));
    return this.held.unstepped(this.place).length;
  }

  /** Signs, holds and puts away all of them before any is sent: where the network fails, none stays open. */
  async #step(all: readonly { epoch: string; leaf: string }[]): Promise<void> {
    const [steps, away]: [{ leaf: string; signed: SignedRecusal }[], Promise<unknown>[]] = [[], []];
    for (const { epoch, leaf } of all) {
      const signed = await this.on.sign(epoch, leaf);
      this.held.stepsBack(this.place, leaf, signed);
      away.push(this.on.putAway(epoch, leaf));
      steps.push({ leaf, signed });
    }
    await Promise.all([...away, this.#sendAll(steps)]);
  }

  async #sendAll(steps: readonly { leaf: string; signed: SignedRecusal }[]): Promise<void> {
    for (const { leaf, signed } of steps) await this.#send(leaf, signed);
  }

  async #send(leaf: string, signed: SignedRecusal): Promise<void> {
    await unless(api.send(this.place.clinic, "/recusals", { leaf: toBase64(fromBase64url(leaf)), ...signed }), "message-gone");
    this.held.steppedBack(this.place, leaf);
    this.on.left(leaf);
  }
}
