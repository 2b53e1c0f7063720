/** Cards as they are stored and shown, and which message stands beside which. */
import type { Bodies, Card, Kind } from "../coding.js";
import type { OpenedReview } from "../reviewfile.js";
import { claimsIn, type Case, type Dated } from "./casework.js";
import type { Sighting } from "./completeness.js";
import type { EpochFiles } from "./epochwork.js";

/** The files of one kind, in the order in which each author sent them. */
export function of<K extends Kind>(all: readonly OpenedReview[], kind: K): Dated<Bodies[K]>[] {
  return all.filter((r) => r.kind === kind).map((r) => ({ by: r.by, hash: r.hash, day: r.day, body: r.body as Bodies[K] }));
}

/** A message with what was written about it and who has which part. */
export function caseOf(e: EpochFiles, m: Pick<Case, "leaf" | "epoch" | "day" | "card" | "back" | "checkIn" | "given">, members: readonly string[]): Case {
  const all = e.reviews.get(m.leaf) ?? [];
  const parts = e.parts.get(m.leaf) ?? [];
  const having = (part: string): string[] => parts.filter((p) => p.part === part).map(({ reviewer }) => reviewer);
  return {
    ...m, claims: claimsIn(parts).filter(({ by }) => members.includes(by)), coded: having("coded"), free: members.filter((id) => !having("recused").includes(id)), recused: having("recused"),
    codings: of(all, "coding"), consensuses: of(all, "consensus"), checks: of(all, "check"), sharings: of(all, "sharing"), notes: of(all, "note"),
  };
}

/** The first message that a card's belongs to, by the receipt; by what the card says where that is not known. "" for none that is here. */
export function threadOf(card: Card, firsts: ReadonlyMap<string, Card>): string {
  if (card.of === "submission") return "";
  for (const [leaf, first] of firsts) if (card.receipt !== undefined && first.receipt === card.receipt) return leaf;
  const said = firsts.get(card.thread);
  // Anybody can name a message: one of another receipt is not its own.
  return said === undefined || (said.receipt !== undefined && card.receipt !== undefined) ? "" : card.thread;
}

/** A message of a report. What a writer sends later can lie under another key. */
export interface Part {
  leaf: string;
  epoch: string;
}

/** A message with what came later from its writer: all of them in order. */
export interface Report {
  leaf: string;
  epoch: string;
  day: string;
  service: string;
  /** What its messages may hold, as on their cards. */
  chips: string[];
  parts: Part[];
}

/** Reports among messages with words, which their receipts put together. A further message whose first one is elsewhere stands alone. */
export function reportsOf(messages: readonly { leaf: string; epoch: string; day: string; card: Card }[]): Report[] {
  const later = new Map<string, typeof messages[number][]>();
  for (const m of messages) if (m.card.of === "followup" && m.card.receipt !== undefined) later.set(m.card.receipt, [...(later.get(m.card.receipt) ?? []), m]);
  return messages.filter(({ card }) => card.of === "submission" || card.thread === "")
    .map((first) => {
      const all = [first, ...(later.get(first.card.receipt ?? "") ?? []).filter(({ leaf }) => leaf !== first.leaf)];
      const { leaf, epoch, day, card } = first;
      return { leaf, epoch, day, service: card.service, chips: [...new Set(all.flatMap((m) => m.card.chips))], parts: all.map((m) => ({ leaf: m.leaf, epoch: m.epoch })) };
    });
}

/** What the page sees of a card: not what ties it. */
export function shown({ of: kind, service, roles, when, chips, urgent, taxonomy }: Card, thread: string): Card {
  return { of: kind, thread, service, roles, when, chips, urgent, taxonomy };
}

/** Of several cards of one message, one that says that there is something to read: nobody hides a message with a card. */
export function storedCard(cards: readonly Dated<Card>[]): Card | null {
  const something = cards.find(({ body }) => body.of !== "decoy" && body.of !== "junk");
  return (something ?? cards.find(({ body }) => body.of === "junk") ?? cards[0])?.body ?? null;
}

/** The largest log that each member has signed in a card to have seen. */
export function sightingsOf(cards: readonly Dated<Card>[]): Sighting[] {
  const newest = new Map<string, Sighting>();
  for (const { by, body } of cards) {
    const [size, root] = body.log?.split(" ") ?? [];
    if (root !== undefined && Number(size) > (newest.get(by)?.size ?? 0)) newest.set(by, { by, size: Number(size), root });
  }
  return [...newest.values()];
}
