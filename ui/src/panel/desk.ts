/**
 * The part of the panel that holds keys: it runs in a worker of its own, away from the page.
 *
 * It signs sign-in texts that it writes itself, for the place it runs at and nothing else, and opens
 * files only after comparing them with the public leaf they were delivered under. A server could
 * otherwise attach one person's words to another's receipt.
 */
import { sha256 } from "@noble/hashes/sha2.js";
import { equalBytes, fromBase64, fromBase64url, toBase64url, toHex } from "../encoding.js";
import { readIdentityFile, recipientOf, seedOf, signingKey, type SigningKey } from "../identity.js";
import { leafHash, parseSubmissionLeaf, type SubmissionLeaf } from "../leaf.js";
import { PlaintextError, type Answer, type Consent, type Plaintext, type Submission } from "../pad.js";
import { parseRecord } from "../chain.js";
import type { Saying } from "../reply.js";
import { open, ShapeError, WrongKey } from "../seal.js";
import { sign, signInText } from "../signin.js";
import { Keywork } from "./keywork.js";
import type { ServedEpoch } from "./served.js";
import { Writers, type SealedReply } from "./writers.js";

export interface Reviewer {
  reviewer: string;
  recipient: string;
}

export interface SignedText {
  text: string;
  signature: string;
}

/** Why a file is shown as one that will not open. */
export type JunkReason = "leaf" | "epoch" | "hash" | "shape" | "key" | "plaintext" | "other-epoch" | "other-origin" | "other-anchor";

export type Opened =
  | ({ kind: Submission["t"]; leafHash: string; sealedBy: "client" | "server"; answers: Answer[] } & Ties)
  | ({ kind: "consent"; leafHash: string; sealedBy: "client" | "server"; consent: Choice } & Ties)
  | { kind: "decoy"; leafHash: string }
  | { kind: "junk"; leafHash: string; reason: JunkReason };

/** What ties a message to others of its receipt, and to answers and acts. */
export interface Ties {
  /** Base64url of the leaf hash of the first message, in a further one. */
  thread: string | null;
  /** Base64url of the mailbox id, equal in all messages of one receipt. */
  mailbox: string | null;
  /** Where answers are sealed to. */
  replyTo: string | null;
  /** Base64url of the key that tags acts on this message in public. */
  actions: string | null;
}

/** What a writer allows from now on. */
export type Choice = Pick<Consent, "share_level" | "ask_me_first" | "hold" | "hide">;

/** A file as the server delivers it, and the instance's origin as it was served. */
export interface Delivered {
  epoch: string;
  origin: string;
  leaf: string;
  /** Base64. */
  file: string;
}

/** Nothing is unlocked, or this epoch's wrap has not been opened. */
export class Locked extends Error {
  override name = "Locked";
}

export class Desk {
  #keys: Keywork | null = null;
  readonly #epochs = new Map<string, { clinic: string; key: string }>();
  readonly #writers = new Writers();

  /** Reads an identity file. Throws IdentityError. Takes a second or more when there is a passphrase. */
  async unlock(file: Uint8Array, passphrase: string): Promise<Reviewer> {
    this.lock();
    return this.take(await readIdentityFile(file, passphrase));
  }

  /** Takes an identity that came into this worker in another way. Throws IdentityError. */
  async take(identity: string): Promise<Reviewer> {
    this.lock();
    this.#keys = new Keywork(identity, signingKey(seedOf(identity)));
    return { reviewer: this.#keys.key.reviewer, recipient: await recipientOf(identity) };
  }

  /** The work on keys that the unlocked identity can do. Throws Locked. */
  get keys(): Keywork {
    if (this.#keys === null) throw new Locked();
    return this.#keys;
  }

  /** What is unlocked, for those parts of this worker that make copies of it or sign with it. Throws Locked. */
  get own(): { identity: string; key: SigningKey } {
    const { identity, key } = this.keys;
    return { identity, key };
  }

  /** Signs in at `webOrigin`; the nonce must look like one, so that nothing else can be signed by way of it. */
  signIn(webOrigin: string, nonce: string, exp: number): SignedText {
    const { key } = this.keys;
    if (toBase64url(fromBase64url(nonce)) !== nonce || nonce.length !== 43) throw new Error("not a nonce");
    const text = signInText({ origin: webOrigin, reviewer: key.reviewer, nonce, exp: Math.floor(exp) });
    return { text, signature: sign(text, key) };
  }

  /** Checks an epoch of a clinic whose lists were walked, opens my wrap and keeps its key. Throws ChainError or KeyworkError. */
  async openWrap(clinic: string, epoch: ServedEpoch): Promise<void> {
    this.#epochs.set(epoch.id, { clinic, key: await this.keys.open(clinic, epoch) });
    this.#writers.keep(epoch.id, parseRecord(epoch.record)?.retainUntil ?? "");
  }

  /** Signs an answer to an opened message and seals it to its writer. Throws Locked or TooLong. */
  async sealReply(leafHash: string, said: Omit<Saying, "anchor">): Promise<SealedReply> {
    return this.#writers.seal(leafHash, said, this.keys.key);
  }

  /** The identity of an epoch whose wrap was opened. Throws Locked. */
  epochKey(epoch: string): string {
    const held = this.#epochs.get(epoch);
    if (held === undefined) throw new Locked();
    return held.key;
  }

  /** Forgets a clinic's keys but for these epochs': what is destroyed opens nothing any more, here neither. */
  keepOnly(clinic: string, epochs: readonly string[]): void {
    this.#keys?.keepOnly(clinic, epochs);
    for (const [id, held] of this.#epochs) if (held.clinic === clinic && !epochs.includes(id)) this.#epochs.delete(id);
  }

  /** Forgets who wrote a message that is not here any more. `leafHash` is hex. */
  forget(leafHash: string): void {
    this.#writers.left(leafHash);
  }

  /** Opens one file. A bad file is an answer, not an error: it must not break the queue. */
  async openFile(d: Delivered): Promise<Opened> {
    const key = this.epochKey(d.epoch);
    const hash = toHex(leafHash(d.leaf));
    const result = await openAndCompare(d, key);
    if (typeof result === "string") return { kind: "junk", leafHash: hash, reason: result };
    if (result.t === "decoy") return { kind: "decoy", leafHash: hash };
    this.#writers.met(hash, result);
    const common = { leafHash: hash, sealedBy: result.sealed_by, thread: result.thread, mailbox: result.mailbox };
    if (result.t === "consent") {
      const { share_level, ask_me_first, hold, hide } = result;
      return { kind: "consent", ...common, replyTo: null, actions: null, consent: { share_level, ask_me_first, hold, hide } };
    }
    return { kind: result.t, ...common, replyTo: result.reply_to, actions: result.actions ?? null, answers: result.answers };
  }

  lock(): void {
    this.#keys = null;
    this.#epochs.clear();
    this.#writers.forget();
  }
}

async function openAndCompare(d: Delivered, key: string): Promise<Plaintext | JunkReason> {
  const leaf = readLeaf(d.leaf);
  if (leaf === null) return "leaf";
  if (leaf.epoch !== d.epoch) return "epoch";
  const file = readFile(d.file);
  if (!equalBytes(sha256(file), leaf.fileHash)) return "hash";
  try {
    const plaintext = await open(file, key);
    return compare(plaintext, leaf, d.origin) ?? plaintext;
  } catch (err) {
    return reasonOf(err);
  }
}

function readLeaf(text: string): SubmissionLeaf | null {
  try {
    return parseSubmissionLeaf(text);
  } catch {
    return null;
  }
}

function readFile(base64: string): Uint8Array {
  try {
    return fromBase64(base64);
  } catch {
    return new Uint8Array(0); // has another hash than any leaf, and is reported as such
  }
}

function compare(p: Plaintext, leaf: SubmissionLeaf, origin: string): JunkReason | null {
  if (p.t === "decoy") return null;
  if (p.epoch !== leaf.epoch) return "other-epoch";
  if (p.origin !== origin) return "other-origin";
  if (p.anchor !== toBase64url(leaf.anchor)) return "other-anchor";
  return null;
}

function reasonOf(err: unknown): JunkReason {
  if (err instanceof ShapeError) return "shape";
  if (err instanceof WrongKey) return "key";
  if (err instanceof PlaintextError) return "plaintext";
  throw err;
}
