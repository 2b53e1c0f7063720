/** What the worker knows of those whose messages it has opened, so that a page can have one answered by its leaf alone. */
import { fromBase64url, toBase64 } from "../encoding.js";
import type { SigningKey } from "../identity.js";
import type { Consent, Submission } from "../pad.js";
import { lastDay, sealReply, signReply, type Saying } from "../reply.js";

/** A sealed answer, as it is posted. It names a mailbox and no message. */
export interface SealedReply {
  mailbox: string;
  /** Base64. */
  ct: string;
  expires_on: string;
}

interface Writer {
  origin: string;
  anchor: string;
  mailbox: string;
  replyTo: string;
}

/** The message was not opened here, or its writer left no way to answer. */
export class NoWriter extends Error {
  override name = "NoWriter";
}

export class Writers {
  /** By leaf hash in hex. */
  readonly #writers = new Map<string, Writer>();
  /** The last day on which an epoch's files are kept, by its id. */
  readonly #until = new Map<string, string>();
  /** The newest of these days for each mailbox. */
  readonly #mailboxes = new Map<string, string>();

  keep(epoch: string, until: string): void {
    this.#until.set(epoch, until);
  }

  met(leafHash: string, p: Submission | Consent): void {
    if (p.mailbox === null) return;
    const until = this.#until.get(p.epoch) ?? "";
    if (until > (this.#mailboxes.get(p.mailbox) ?? "")) this.#mailboxes.set(p.mailbox, until);
    if (p.t === "consent" || p.reply_to === null) return;
    this.#writers.set(leafHash, { origin: p.origin, anchor: p.anchor, mailbox: p.mailbox, replyTo: p.reply_to });
  }

  /** Throws NoWriter, TooLong, or ShapeError for a key that is none. */
  async seal(leafHash: string, said: Omit<Saying, "anchor">, key: SigningKey): Promise<SealedReply> {
    const w = this.#writers.get(leafHash);
    const until = this.#mailboxes.get(w?.mailbox ?? "") ?? "";
    if (w === undefined || until === "") throw new NoWriter();
    const file = await sealReply(signReply(w.origin, { ...said, anchor: w.anchor }, key), w.replyTo);
    return { mailbox: w.mailbox, ct: toBase64(file), expires_on: lastDay(fromBase64url(w.mailbox), until) };
  }

  /** A message is not here any more: it is not answered by its leaf alone either. */
  left(leafHash: string): void {
    const box = this.#writers.get(leafHash)?.mailbox;
    this.#writers.delete(leafHash);
    if (box !== undefined && ![...this.#writers.values()].some(({ mailbox }) => mailbox === box)) this.#mailboxes.delete(box);
  }

  forget(): void {
    this.#writers.clear();
    this.#until.clear();
    this.#mailboxes.clear();
  }
}
