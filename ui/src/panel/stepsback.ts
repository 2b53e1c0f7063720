/** Steps back from messages, held until the server has each: a failed one is sent again as it was signed, and is never taken for done. */
import { fromBase64url, toBase64 } from "../encoding.js";
import type { SignedRecusal } from "../stepback.js";
import * as api from "./api.js";
import type { Held, Place } from "./held.js";
import { quietly, unless } from "./refusals.js";

export interface Leaving {
  /** Signs, and forgets the message. */
  sign: (epoch: string, leaf: string) => Promise<SignedRecusal>;
  /** Messages that stand beside one, or with null beside any that was stepped back from. */
  followers: (leaf: string | null) => Promise<string[]>;
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

  /** From a message, and from what its writer sent besides. Throws what the server answers. */
  async from(leaf: string): Promise<void> {
    const followers = await this.on.followers(leaf);
    for (const each of [leaf, ...followers]) await this.#step(this.on.epochOf(each), each);
  }

  /** Whoever has stepped back from a message steps back from what its writer sends later, too. */
  async follow(epochOf: (leaf: string) => string | undefined): Promise<void> {
    for (const leaf of await this.on.followers(null)) {
      const epoch = epochOf(leaf);
      if (epoch !== undefined) await this.#step(epoch, leaf);
    }
  }

  /** Sends again what the server has not taken: no row is left at which somebody could press again. Says how many it still has not. */
  async again(): Promise<number> {
    for (const { leaf, signed } of this.held.unstepped(this.place)) await quietly(this.#send(leaf, signed));
    return this.held.unstepped(this.place).length;
  }

  async #step(epoch: string, leaf: string): Promise<void> {
    const signed = await this.on.sign(epoch, leaf);
    this.held.stepsBack(this.place, leaf, signed);
    await Promise.all([this.on.putAway(epoch, leaf), this.#send(leaf, signed)]);
  }

  async #send(leaf: string, signed: SignedRecusal): Promise<void> {
    await unless(api.send(this.place.clinic, "/recusals", { leaf: toBase64(fromBase64url(leaf)), ...signed }), "message-gone");
    this.held.steppedBack(this.place, leaf);
    this.on.left(leaf);
  }
}
