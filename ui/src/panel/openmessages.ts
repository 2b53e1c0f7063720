/** The messages that are open in this worker, and what follows from their words alone: their cards, and which of them one writer sent. */
import { newCard, tied as tiedCard, type CardCodes } from "../card.js";
import type { Card } from "../coding.js";
import type { Said } from "../consent.js";
import { fromBase64url, toHex } from "../encoding.js";
import { typedWords } from "../repeats.js";
import { MOST_PRIVATE, wishesOf, type Wishes } from "../sharing.js";
import { canReply } from "./answering.js";
import type { Story, Told } from "./bench.js";
import type { JunkReason, Opened } from "./desk.js";
import { asksFirst } from "./shown.js";

/** Nobody has declared on this message here, or it was not delivered. */
export class NotDeclared extends Error {
  override name = "NotDeclared";
}

/** The messages, by base64url of their leaf hashes, of which a reviewer has said here that nothing ties them to it. */
export class Declared extends Set<string> {
  /** Throws NotDeclared. */
  must(leaf: string): void {
    if (!this.has(leaf)) throw new NotDeclared();
  }
}

export type Message = Exclude<Opened, { kind: "decoy" } | { kind: "junk" }> & { day: string; epoch: string };
export type Held = Opened & { day: string; epoch: string };

/** Junk that is the server's doing: the file is not the one that the public log names. It says nothing about the message. */
const SWAPPED: readonly JunkReason[] = ["leaf", "epoch", "hash"];

export class OpenMessages {
  /** By base64url of the leaf hash, in the order in which they were delivered. */
  readonly #held = new Map<string, Held>();
  /** What was worked out from them, until one comes or goes: thousands of cards are asked for at every step of a search. */
  readonly #cards = new Map<string, Card>();
  #firsts: Map<string, string> | null = null;
  #codes: CardCodes = { version: "0.0.0", themes: [], roles: [], when: [] };

  /** By which codes cards are made from now on. */
  use(codes: CardCodes): void {
    this.#codes = codes;
    this.#anew();
  }

  put(leaf: string, message: Held): void {
    this.#held.set(leaf, message);
    this.#anew();
  }

  get(leaf: string): Held | undefined {
    return this.#held.get(leaf);
  }

  has(leaf: string): boolean {
    return this.#held.has(leaf);
  }

  /** All of them, each with its leaf hash. */
  [Symbol.iterator](): Iterator<[string, Held]> {
    return this.#held.entries();
  }

  delete(leaf: string): void {
    this.#held.delete(leaf);
    this.#anew();
  }

  /** Something changed: what was worked out from it is worked out anew. */
  #anew(): void {
    this.#cards.clear();
    this.#firsts = null;
  }

  /** What a reviewer sees of a message before declaring. Throws NotDeclared for one that is not here. */
  card(leaf: string): Card {
    const known = this.#cards.get(leaf);
    if (known !== undefined) return known;
    const card = this.#cardAnew(leaf);
    this.#cards.set(leaf, card);
    return card;
  }

  #cardAnew(leaf: string): Card {
    const o = this.#held.get(leaf);
    if (o === undefined) throw new NotDeclared();
    if (o.kind === "decoy" || o.kind === "junk") return newCard(o.kind, "", [], this.#codes);
    return tiedCard(newCard(o.kind, o.kind === "submission" ? "" : this.#first(o), o.kind === "consent" ? [] : o.answers, this.#codes), o.mailbox, o.actions);
  }

  /**
   * The first message that a further one belongs to: the one with the same mailbox, which only its writer and the panel
   * know; of several the one with the least leaf hash. While that one is not here, what the further one says. Leaf hashes are
   * public, so anybody could say one: where both are here and their mailboxes differ, it belongs to nothing.
   */
  #first(o: Message): string {
    const first = o.mailbox === null ? undefined : this.#firstOf(o.mailbox);
    if (first !== undefined) return first;
    return o.thread === null || this.#held.has(o.thread) ? "" : o.thread;
  }

  #firstOf(mailbox: string): string | undefined {
    if (this.#firsts === null) {
      this.#firsts = new Map();
      for (const [leaf, o] of this.#held) {
        if (o.kind !== "submission" || o.mailbox === null) continue;
        const had = this.#firsts.get(o.mailbox);
        if (had === undefined || hexOf(leaf) < hexOf(had)) this.#firsts.set(o.mailbox, leaf);
      }
    }
    return this.#firsts.get(mailbox);
  }

  /** What came later from the writer of a message. */
  later(leaf: string, first: Message): Message[] {
    return [...this.#held].filter(([id, o]) => id !== leaf && o.kind !== "submission" && "sealedBy" in o && tied(o, first)).map(([, o]) => o as Message);
  }

  /**
   * A message with all that came later from the same writer. What came in after it and went with its key is known from the log. Throws
   * NotDeclared for one that is not here or does not open.
   */
  story(leaf: string, allRead: boolean, laterGone: boolean): Story {
    const first = this.#held.get(leaf);
    if (first === undefined || !("sealedBy" in first)) throw new NotDeclared();
    const later = this.later(leaf, first);
    const more = later.flatMap((o): Told[] => (o.kind === "consent" ? [] : [toldOf(o)]));
    const consents = first.kind === "consent" ? [first] : later;
    return {
      ...toldOf(first),
      later: more.filter(({ kind }) => kind !== "about_you"),
      about: more.filter(({ kind }) => kind === "about_you"),
      changes: consents.flatMap((o) => (o.kind === "consent" ? [o.consent] : [])),
      wishes: this.wishes(leaf) ?? MOST_PRIVATE,
      first: this.asksFirst(leaf),
      allRead: allRead && !this.isOrphan(leaf),
      laterGone,
      orphan: this.isOrphan(leaf),
      canReply: canReply(first),
    };
  }

  /**
   * What a writer allows and forbids now, with all that they sent, whichever of it is asked about; null when the message is not
   * here. Where their first message is not here, they allow nothing.
   */
  wishes(leaf: string): Wishes | null {
    const said = this.#said(leaf);
    if (said === null) return null;
    const now = wishesOf(said);
    return said.some(({ kind }) => kind === "submission") ? now : { ...now, share_level: MOST_PRIVATE.share_level };
  }

  /** Whether a writer wished, ever, to see first what goes out. */
  asksFirst(leaf: string): boolean {
    return asksFirst(this.#said(leaf) ?? []);
  }

  /** All that the writer of a message wrote in words of their own, and what they said about themselves. */
  own(leaf: string): string[] {
    const [head, o] = this.#head(leaf);
    return o === undefined ? [] : typedWords([o, ...this.later(head, o)].flatMap((m) => ("answers" in m ? m.answers : [])));
  }

  /**
   * Whether a message came later from a writer whose first one is not here: it was taken back or its key destroyed, or this
   * reviewer cannot open that. What its writer wished first is not known here.
   */
  isOrphan(leaf: string): boolean {
    const [, o] = this.#head(leaf);
    return o?.kind === "followup" || o?.kind === "consent";
  }

  /** Whether a message is here that came later from a writer, or says who they are: the panel shares and counts none by itself. */
  isFurther(leaf: string): boolean {
    const o = this.#held.get(leaf);
    return o !== undefined && "sealedBy" in o && o.kind !== "submission";
  }

  /** The message with which a writer began, where that is here; or else the one that is asked about. */
  #head(leaf: string): [string, Message | undefined] {
    const o = this.#held.get(leaf);
    if (o === undefined || !("sealedBy" in o)) return [leaf, undefined];
    const first = o.kind === "submission" || o.mailbox === null ? undefined : this.#firstOf(o.mailbox);
    return first === undefined ? [leaf, o] : [first, this.#held.get(first) as Message];
  }

  /** What all messages of a receipt say about what may be done with them; null where the message is not here. */
  #said(leaf: string): Said[] | null {
    const o = this.#held.get(leaf);
    if (o === undefined || !("sealedBy" in o)) return null;
    return [o, ...[...this.#held].flatMap(([id, other]) => (id !== leaf && "sealedBy" in other && tied(other, o) ? [other] : []))].map(saidBy);
  }
}

/** Whether a file is not the one that the log names. */
export const isSwapped = (o: Opened): boolean => o.kind === "junk" && SWAPPED.includes(o.reason);

const hexOf = (leaf: string): string => toHex(fromBase64url(leaf));

/** Two messages of one receipt: their mailbox is known to their writer and the panel only. */
function tied(a: Opened, b: Opened): boolean {
  return "mailbox" in a && "mailbox" in b && a.mailbox !== null && a.mailbox === b.mailbox;
}

/** A message with its answers; a change of consent has none. */
function toldOf<M extends Message>(o: M): Omit<Told, "kind"> & { kind: M["kind"] } {
  const { kind, sealedBy, day, mailbox } = o;
  return { kind, sealedBy, answers: "answers" in o ? o.answers : [], day, wished: kind === "about_you" && mailbox !== null };
}

const saidBy = (m: Message): Said => (m.kind === "consent" ? { kind: m.kind, day: m.day, consent: m.consent } : { kind: m.kind, day: m.day, answers: m.answers });
