/** Cards as they are stored and shown, and which message stands beside which. */
import { sorted, type Bodies, type Card, type CardKind, type Kind } from "../coding.js";
import type { OpenedReview } from "../reviewfile.js";
import { claimsIn, type Case, type Dated } from "./casework.js";
import type { Sighting } from "./completeness.js";
import type { EpochFiles } from "./epochwork.js";

/** The files of one kind, in the order in which each author sent them. */
export function of<K extends Kind>(all: readonly OpenedReview[], kind: K): Dated<Bodies[K]>[] {
  return all.filter((r) => r.kind === kind).map((r) => ({ by: r.by, hash: r.hash, day: r.day, body: r.body as Bodies[K] }));
}

/** A message with what was written about it and who has which part. */
export function caseOf(e: EpochFiles, m: Pick<Case, "leaf" | "epoch" | "day" | "card" | "back" | "checkIn" | "given" | "takenBack" | "agreementSent">, members: readonly string[]): Case {
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
export function shown({ of: kind, service, roles, when, chips, urgent, taxonomy, differ }: ShownCard, thread: string): ShownCard {
  return { of: kind, thread, service, roles, when, chips, urgent, taxonomy, ...(differ && { differ }) };
}

/** A card, and what several of one message say differently: whoever declares on it thinks of each. */
export interface ShownCard extends Card {
  differ?: { services: string[]; whens: string[] };
}

/** The kind that leads to most work first: nobody hides a message with a card, nor takes it out of the work. */
const KINDS: readonly CardKind[] = ["submission", "followup", "consent", "about_you", "junk", "decoy"];

/**
 * Several cards of one message as one. Any of them can be wrong, or made by an older list of codes that knew fewer warnings: so all warnings
 * and roles stand that one of them names, and it is urgent if one says so. Of services and times that differ none is chosen.
 */
export function storedCard(cards: readonly Dated<Card>[]): ShownCard | null {
  const kind = KINDS.find((of) => cards.some(({ body }) => body.of === of));
  const all = cards.map(({ body }) => body).filter((body) => body.of === kind);
  const [first] = all;
  if (first === undefined) return null;
  const services = sorted(all.map(({ service }) => service));
  const whens = sorted(all.map(({ when }) => when));
  const some = cards.map(({ body }) => body);
  return {
    ...first,
    roles: sorted(all.flatMap(({ roles }) => roles)),
    chips: sorted(some.flatMap(({ chips }) => chips)),
    urgent: some.some(({ urgent }) => urgent),
    ...(services.length > 1 || whens.length > 1 ? { differ: { services, whens } } : {}),
  };
}

/** What a card says of its message alone. What it belongs to depends on what else was here, and is told from its receipt. */
export const saidBy = ({ of: kind, service, roles, when, chips, urgent, check_in: wish, receipt, actions }: Card): string =>
  JSON.stringify([kind, service, roles, when, chips, urgent, wish ?? "", receipt ?? "", actions ?? ""]);

/** The largest log that each member has signed in a card to have seen. */
export function sightingsOf(cards: readonly Dated<Card>[]): Sighting[] {
  const newest = new Map<string, Sighting>();
  for (const { by, body } of cards) {
    const [size, root] = body.log?.split(" ") ?? [];
    if (root !== undefined && Number(size) > (newest.get(by)?.size ?? 0)) newest.set(by, { by, size: Number(size), root });
  }
  return [...newest.values()];
}
