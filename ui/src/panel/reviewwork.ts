/**
 * The worker's part of the panel's work. Files of an epoch are opened here and stay here: the page gets their cards, and a
 * message itself only after the reviewer has declared that nothing ties them to it. After a step back it is forgotten.
 */
import type { CardCodes } from "../card.js";
import { newCard } from "../card.js";
import type { Bodies, Card, Kind, ReviewFile } from "../coding.js";
import { fromBase64url, fromHex, toBase64url } from "../encoding.js";
import { recipientOf } from "../identity.js";
import { openReview, sealReview, signRecusal, type OpenedReview, type Served, type ServedProblem } from "../reviewfile.js";
import { byDay } from "../sharing.js";
import type { Story } from "./bench.js";
import type { Delivered, Desk, Opened } from "./desk.js";

/** A clinic's epoch, and the place as it names itself. */
export interface At {
  /** The clinic's short name, under which its lists were walked, and its id. */
  slug: string;
  clinic: string;
  epoch: string;
  origin: string;
  /** `YYYY-MM-DD`, UTC, by the server's clock, which takes a file of no other day. */
  today: string;
}

/** Nobody has declared on this message here, or it was not delivered. */
export class NotDeclared extends Error {
  override name = "NotDeclared";
}

type Message = Exclude<Opened, { kind: "decoy" } | { kind: "junk" }> & { day: string };

export class ReviewWork {
  readonly #desk: Desk;
  /** By base64url of the leaf hash, in the order in which they were delivered. */
  readonly #opened = new Map<string, Opened & { day: string }>();
  readonly #declared = new Set<string>();
  readonly #recused = new Set<string>();

  constructor(desk: Desk) {
    this.#desk = desk;
  }

  /** Opens files, keeps them here, and gives their cards and nothing else. */
  async read(files: (Delivered & { day: string })[], codes: CardCodes): Promise<{ leaf: string; card: Card }[]> {
    const leaves: string[] = [];
    for (const f of files) {
      const opened = await this.#desk.openFile(f);
      const leaf = toBase64url(fromHex(opened.leafHash));
      if (this.#recused.has(leaf)) continue;
      this.#opened.set(leaf, { ...opened, day: f.day });
      leaves.push(leaf);
    }
    return leaves.map((leaf) => ({ leaf, card: this.#card(leaf, codes) })); // after all: a first message may come after its followers
  }

  #card(leaf: string, codes: CardCodes): Card {
    const o = this.#opened.get(leaf);
    if (o === undefined) throw new NotDeclared();
    if (o.kind === "decoy" || o.kind === "junk") return newCard(o.kind, "", [], codes);
    return newCard(o.kind, o.kind === "submission" ? "" : this.#first(o), o.kind === "consent" ? [] : o.answers, codes);
  }

  /** The first message that a further one belongs to: as it says, or the one with the same mailbox. "" when it is not here. */
  #first(o: Message): string {
    if (o.thread !== null) return o.thread;
    for (const [leaf, other] of this.#opened) if (other.kind === "submission" && other.mailbox !== null && other.mailbox === o.mailbox) return leaf;
    return "";
  }

  /** The reviewer has declared that nothing ties them to a message. */
  declare(leaf: string): void {
    if (!this.#recused.has(leaf)) this.#declared.add(leaf);
  }

  /** A message with all that came later from the same writer. Throws NotDeclared. */
  story(leaf: string): Story {
    const first = this.#opened.get(leaf);
    if (!this.#declared.has(leaf) || first === undefined || !("answers" in first)) throw new NotDeclared();
    const later = [...this.#opened.values()].filter((o): o is Message => o.kind === "followup" || o.kind === "consent")
      .filter((o) => this.#first(o) === leaf || (o.mailbox !== null && o.mailbox === first.mailbox));
    return {
      answers: first.answers,
      later: later.flatMap((o) => (o.kind === "consent" ? [] : [o.answers])),
      changes: byDay(later.flatMap((o) => (o.kind === "consent" ? [{ ...o.consent, day: o.day }] : []))),
      // What does not open may be a change of this writer's wishes: nobody can tell, so nothing goes out before it is known.
      allRead: ![...this.#opened.values()].some((o) => o.kind === "junk"),
    };
  }

  /** Signs a step back, and forgets the message. Base64. */
  recuse(at: At, leaf: string): string {
    this.#declared.delete(leaf);
    this.#opened.delete(leaf);
    this.#recused.add(leaf);
    return signRecusal(at.clinic, fromBase64url(leaf), this.#desk.own.key);
  }

  /** Seals and signs what a reviewer wrote; a draft to the reviewer alone. */
  async seal<K extends Kind>(at: At, leaf: string, kind: K, body: Bodies[K], n: number): Promise<Served> {
    const { identity, key } = this.#desk.own;
    const recipient = await recipientOf(kind === "draft" ? identity : this.#desk.epochKey(at.epoch));
    const f = { t: kind, epoch: at.epoch, origin: at.origin, leaf, by: key.reviewer, body } as ReviewFile;
    return sealReview(f, { recipient, clinic: at.clinic, leaf: fromBase64url(leaf), n, day: at.today }, key);
  }

  /** Opens what colleagues wrote. What does not hold is told, and never taken. */
  async open(at: At, served: Served[]): Promise<(OpenedReview | ServedProblem)[]> {
    const lists = this.#desk.keys.lists(at.slug);
    const identity = (s: Served): string => (s.kind === "draft" ? this.#desk.own.identity : this.#desk.epochKey(at.epoch));
    const out: (OpenedReview | ServedProblem)[] = [];
    for (const s of served) out.push(await openReview(s, at, lists, identity(s)));
    return out;
  }
}
