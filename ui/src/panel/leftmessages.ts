/** The messages that this reviewer stepped back from, what is remembered of them, and what their writers sent besides. */
import type { Card } from "../coding.js";
import type { EpochFiles } from "./epochwork.js";
import type { OpenMessages } from "./openmessages.js";
import { of, storedCard } from "./storedcards.js";

/** What is here of a clinic's messages. */
interface Here {
  opened: OpenMessages;
  epochs: ReadonlyMap<string, EpochFiles>;
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

  /** Whether a receipt is that of a message that was stepped back from. */
  #isLeft(receipt: string | undefined): boolean {
    return [...this.#receipts.values()].some((left) => left === receipt);
  }

  /** Messages that belong, or say they belong, to one from which this reviewer has stepped back. */
  followers({ opened, epochs }: Here): string[] {
    const stored = storedWhere(epochs, (card) => this.#left.has(card.thread) || this.#isLeft(card.receipt));
    const open = [...opened].filter(([leaf, o]) => "sealedBy" in o && ((o.thread !== null && this.#left.has(o.thread)) || this.#isLeft(opened.card(leaf).receipt)));
    return [...new Set([...stored, ...open.map(([leaf]) => leaf)])];
  }
}

/** Messages that stand beside a message, by its receipt: a step back from it is one from them too. */
export function besideOf(leaf: string, receipt: string | undefined, { opened, epochs }: Here): string[] {
  const beside = (card: Card): boolean => card.thread === leaf || (receipt !== undefined && card.receipt === receipt);
  const open = [...opened].map(([id]) => id).filter((id) => beside(opened.card(id)));
  return [...new Set([...open, ...storedWhere(epochs, beside)])].filter((id) => id !== leaf);
}

function storedWhere(epochs: Here["epochs"], is: (card: Card) => boolean): string[] {
  return [...epochs.values()].flatMap(({ reviews }) => [...reviews].flatMap(([leaf, all]) => {
    const card = storedCard(of(all, "card"));
    return card !== null && is(card) ? [leaf] : [];
  }));
}
