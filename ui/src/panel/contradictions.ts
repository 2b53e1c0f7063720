/** What somebody says of a clinic's messages and what is here does not bear out: a card, or a finding. */
import type { Card } from "../coding.js";
import type { OpenedReview } from "../reviewfile.js";
import { isGiven } from "./decisions.js";
import type { EpochFiles } from "./epochwork.js";
import type { Signed } from "./heldfindings.js";
import type { Here, LeftMessages } from "./leftmessages.js";
import { isSwapped } from "./openmessages.js";
import { of, saidBy } from "./storedcards.js";

type Epochs = ReadonlyMap<string, EpochFiles>;

/**
 * Messages whose stored card, by a colleague, says something else than this browser found: an older list of codes, their author's mistake,
 * or a wrong word on purpose. By which list and log it was made does not matter. Twin of Bench.wrongCards in internal/client.
 */
export function wrongCards(here: Here, left: LeftMessages): { by: string; day: string }[] {
  const { opened, epochs, me } = here;
  return [...epochs.values()].flatMap(({ reviews }) => [...reviews].flatMap(([leaf, all]) => {
    const o = opened.get(leaf);
    if (o === undefined || isSwapped(o)) return [];
    const right = saidBy(opened.card(leaf));
    const isRight = (card: Card): boolean => saidBy(card) === right && mayName(leaf, card.thread, here, left);
    return of(all, "card").filter(({ by, body }) => by !== me && !isRight(body)).map(({ by }) => ({ by, day: o.day }));
  }));
}

/**
 * Whether a card of a message that is open may name another as its first: what the message itself names, or a first one of its
 * receipt. Of one that is not here nobody can say, for its maker may have had it.
 */
function mayName(leaf: string, thread: string, { opened }: Here, left: LeftMessages): boolean {
  const [o, first] = [opened.get(leaf), opened.get(thread)];
  if (thread === "" || o === undefined) return true;
  if (!("sealedBy" in o) || o.kind === "submission") return false;
  if (thread === o.thread) return true;
  const { receipt } = opened.card(leaf);
  if (first !== undefined && !isSwapped(first)) {
    return first.kind === "submission" && receipt !== undefined && opened.card(thread).receipt === receipt;
  }
  const kept = left.receipt(thread);
  return kept === undefined || kept === receipt;
}

/**
 * Messages of which the server says that they were given out, while it lists no finding that a member signed by the decision that stands:
 * their epochs and days.
 */
export function unsigned(epochs: Epochs, given: Signed, left: LeftMessages): { epoch: string; day: string }[] {
  const isSigned = (leaf: string, all: readonly OpenedReview[]): boolean => isGiven({ given: given.get(leaf) ?? [], sharings: of(all, "sharing") });
  return [...epochs].flatMap(([epoch, { messages, reviews }]) => [...messages].flatMap(([leaf, m]) =>
    (!m.finding || left.has(leaf) || isSigned(leaf, reviews.get(leaf) ?? []) ? [] : [{ epoch, day: m.day }])));
}
