/**
 * The messages that this reviewer stepped back from, what is remembered of them, and what their writers sent besides. A step back
 * is final: what a message belongs to is taken from the message itself or from this reviewer's own card of it. Cards of
 * colleagues, and what a message says of its thread, make nobody step back. Twin of Bench.forgetRecused in internal/client.
 */
import type { Card } from "../coding.js";
import type { EpochFiles } from "./epochwork.js";
import { isSwapped, type OpenMessages } from "./openmessages.js";
import { of } from "./storedcards.js";

/** What is here of a clinic's messages, and whose page it is. */
export interface Here {
  opened: OpenMessages;
  epochs: ReadonlyMap<string, EpochFiles>;
  me: string;
}

/** What goes with a message, and the epochs of what is not open here and is said to: nobody knows before it is opened. */
export interface Followers {
  leaves: string[];
  unopened: string[];
}

/** All leaves are base64url. */
export class LeftMessages {
  readonly #left = new Set<string>();
  /** Receipts, as cards name them, of messages that this reviewer stepped back from: by leaf, and of those that may be gone by what was kept. */
  readonly #receipts = new Map<string, string>();

  add(leaf: string): void {
    this.#left.add(leaf);
  }

  has(leaf: string): boolean {
    return this.#left.has(leaf);
  }

  /** Keeps by which receipt the followers of a message, or of one that may be gone, are known; "" is none. */
  remember(by: string, receipt: string): void {
    if (receipt !== "") this.#receipts.set(by, receipt);
  }

  receipt(leaf: string): string | undefined {
    return this.#receipts.get(leaf);
  }

  /** Messages that belong to one from which this reviewer has stepped back. */
  followers(here: Here): Followers {
    const receipts = new Set(this.#receipts.values());
    return { leaves: having(here, receipts), unopened: epochsOf(this.doubted(here)) };
  }

  /** Messages that are not open here and that somebody's card says belong to one that was left, each with its epoch. */
  doubted(here: Here): Map<string, string> {
    const receipts = new Set(this.#receipts.values());
    return saidToBe(here, ({ thread, receipt }) => this.#left.has(thread) || receipts.has(receipt ?? ""));
  }
}

/** Messages of the same receipt: a step back from one is one from them all. Before it is open nobody knows its receipt. */
export function besideOf(leaf: string, here: Here): Followers {
  const receipt = knownReceipt(leaf, here);
  if (receipt === null) return { leaves: [], unopened: [...here.epochs].flatMap(([id, e]) => (e.messages.has(leaf) ? [id] : [])) };
  const said = saidToBe(here, (card) => card.thread === leaf || (receipt !== "" && card.receipt === receipt));
  return { leaves: having(here, new Set([receipt])).filter((id) => id !== leaf), unopened: epochsOf(said) };
}

/** The receipt of a message by what is open here or by this reviewer's own card; "" is none, null where nobody but others says. */
export function knownReceipt(leaf: string, { opened, epochs, me }: Here): string | null {
  const o = opened.get(leaf);
  if (o !== undefined && !isSwapped(o)) return opened.card(leaf).receipt ?? "";
  const own = [...epochs.values()].flatMap(({ reviews }) => of(reviews.get(leaf) ?? [], "card")).filter(({ by }) => by === me);
  return own.find(({ body }) => body.receipt !== undefined)?.body.receipt ?? null;
}

function having(here: Here, receipts: ReadonlySet<string>): string[] {
  const written = [...here.epochs.values()].flatMap(({ reviews }) => [...reviews.keys()]);
  return [...new Set([...[...here.opened].map(([leaf]) => leaf), ...written])].filter((leaf) => {
    const receipt = knownReceipt(leaf, here);
    return receipt !== null && receipt !== "" && receipts.has(receipt);
  });
}

/** Messages of which nobody but others says where they belong, and one card at least says this, each with its epoch. */
function saidToBe(here: Here, is: (card: Card) => boolean): Map<string, string> {
  return new Map([...here.epochs].flatMap(([epoch, { reviews }]) => [...reviews].flatMap(([leaf, all]): [string, string][] =>
    (of(all, "card").some(({ body }) => is(body)) && knownReceipt(leaf, here) === null ? [[leaf, epoch]] : []))));
}

const epochsOf = (messages: ReadonlyMap<string, string>): string[] => [...new Set(messages.values())];
