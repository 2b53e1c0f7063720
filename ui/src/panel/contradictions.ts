/** What somebody says of a clinic's messages and what is here does not bear out: a card, or a finding. */
import type { OpenedReview } from "../reviewfile.js";
import { isGiven } from "./decisions.js";
import type { EpochFiles } from "./epochwork.js";
import type { Signed } from "./heldfindings.js";
import type { LeftMessages } from "./leftmessages.js";
import { isSwapped, type OpenMessages } from "./openmessages.js";
import { of, saidBy } from "./storedcards.js";

type Epochs = ReadonlyMap<string, EpochFiles>;

/**
 * Messages whose stored card, by a colleague, says something else than this browser found: an older list of codes, their author's mistake,
 * or a wrong word on purpose. By which list and log it was made does not matter.
 */
export function wrongCards(epochs: Epochs, opened: OpenMessages, me: string): { by: string; day: string }[] {
  return [...epochs.values()].flatMap(({ reviews }) => [...reviews].flatMap(([leaf, all]) => {
    const o = opened.get(leaf);
    if (o === undefined || isSwapped(o)) return [];
    const right = saidBy(opened.card(leaf));
    return of(all, "card").filter(({ by, body }) => by !== me && saidBy(body) !== right).map(({ by }) => ({ by, day: o.day }));
  }));
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
