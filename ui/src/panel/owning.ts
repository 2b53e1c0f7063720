/** What a clinic's panel owns up to in public: which acts stand in the log, which are owed, and when each is sent. */
import { parseRecord } from "../chain.js";
import { shuffled } from "../shuffled.js";
import * as api from "./api.js";
import type { Deliveries } from "./deliveries.js";
import type { Keyholder } from "./keyholder.js";
import type { Owed } from "./publicacts.js";
import { quietly, Refused, unless } from "./refusals.js";

export interface Owing {
  keys: Keyholder;
  /** Takes acts that go into the log with the others of their hour. Of one that the server refuses for good, `gaveUp` is told. */
  owe: (clinic: string, leaves: readonly string[], gaveUp: (leaf: string) => void) => void;
}

const tagOf = (text: string): string => text.split("\n")[2] ?? "";

export class OwningUp {
  /** Tags of acts that stand already, base64. */
  #taken: string[] = [];
  /** Tags of acts that wait for their hour. One whose day was over by then is owed again. */
  #waiting: string[] = [];

  constructor(
    private readonly from: Deliveries,
    private readonly on: Owing,
  ) {}

  get #slug(): string { return this.from.tended.clinic.slug; }

  /** Reads the acts that stand. Throws ApiError. */
  async read(): Promise<void> {
    const acts = await api.acts(this.#slug);
    this.#taken = [...acts.map(({ tag }) => tag), ...this.#waiting];
    await this.on.keys.ask<"acted">({ do: "acted", slug: this.#slug, acts });
  }

  /**
   * Makes public what was done and is not public yet: of messages with a new card, and what was lost, since a page can go away before
   * an act of its is sent. All cards come first and the acts in no order, so that the server cannot tell by the order which
   * belongs to which. What follows from a step of today waits for its hour. One that fails is owed still, and stops nothing.
   */
  async now(fresh: string[]): Promise<void> {
    const owed = await this.#owed(fresh);
    this.#owe(owed.filter(({ old }) => !old));
    for (const { text } of shuffled(owed.filter(({ old }) => old))) await quietly(this.#post(text));
  }

  /** After a step: all that is owed waits for its hour, or its moment would tell which step it was. */
  async later(): Promise<void> {
    await this.read();
    this.#owe(await this.#owed([]));
  }

  /** Acts on what is no message, so that their number tells nothing. */
  async cover(): Promise<void> {
    if (this.from.apart) return;
    for (const { id } of this.from.epochs) {
      const texts = await this.on.keys.ask<"cover">({ do: "cover", at: this.from.at(id), taken: this.#taken });
      for (const text of shuffled(texts)) await quietly(this.#post(text));
    }
  }

  /** Signs that the writer of a message was answered, under some tags. Throws Refused. */
  async contacted(epoch: string, leaf: string): Promise<string[]> {
    const undated = await this.from.undated(epoch);
    if (undated !== null) throw new Refused(undated);
    const texts = await this.on.keys.ask<"contacted">({ do: "contacted", at: this.from.at(epoch), leaf, taken: this.#taken });
    this.#taken.push(tagOf(texts[0] ?? "")); // the next answer takes the next tag
    return texts;
  }

  async #owed(fresh: string[]): Promise<Owed[]> {
    if (this.from.apart) return []; // they are owed still
    const quorum = this.from.epochs.filter((e) => (parseRecord(e.record)?.k ?? 1) > 1).map(({ id }) => id);
    return this.on.keys.ask<"owed">({ do: "owed", slug: this.#slug, today: this.from.today, quorum, fresh, taken: this.#taken });
  }

  #owe(owed: readonly Owed[]): void {
    const tags = owed.map(({ text }) => tagOf(text));
    this.#waiting.push(...tags);
    this.#taken.push(...tags);
    const gaveUp = (text: string): void => { this.#waiting = this.#waiting.filter((tag) => tag !== tagOf(text)); };
    this.on.owe(this.#slug, owed.map(({ text }) => text), gaveUp);
  }

  /** Has an act put into the log. Where its tag is taken a colleague did the same: another tag would say it twice, and say which tags are real. */
  async #post(text: string): Promise<void> {
    await unless(api.send(this.#slug, "/acts", { leaf: text }), "tag-taken");
    this.#taken.push(tagOf(text));
  }
}
