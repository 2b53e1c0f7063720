/** What somebody says of a clinic's messages and what is here does not bear out: a card, or a finding. */
import type { EpochFiles } from "./epochwork.js";
import type { LeftMessages } from "./leftmessages.js";
import { isSwapped, type OpenMessages } from "./openmessages.js";
import { of } from "./storedcards.js";

type Epochs = ReadonlyMap<string, EpochFiles>;

/** Messages whose stored card says something else than this browser found: their author's mistake, or a wrong word on purpose. */
export function wrongCards(epochs: Epochs, opened: OpenMessages): { by: string; day: string }[] {
  return [...epochs.values()].flatMap(({ reviews }) => [...reviews].flatMap(([leaf, all]) => {
    const o = opened.get(leaf);
    if (o === undefined || isSwapped(o)) return [];
    return all.filter((r) => r.kind === "card" && r.body.of !== o.kind).map(({ by }) => ({ by, day: o.day }));
  }));
}

/** Days of messages of which the server says that they were given out, while no member signed a decision to share them. */
export function unsigned(epochs: Epochs, left: LeftMessages): string[] {
  return [...epochs.values()].flatMap(({ messages, reviews }) => [...messages].flatMap(([leaf, m]) =>
    (!m.finding || left.has(leaf) || of(reviews.get(leaf) ?? [], "sharing").some(({ body }) => body.decision === "share") ? [] : [m.day])));
}
