/**
 * Receipts: eight words, or 27 digits, that a writer keeps to come back with.
 *
 * Eleven random bytes stand behind them. Everything else is derived: the tokens that open the
 * mailbox or take a submission back, their public commitments, and the key that replies are sealed
 * to. The words are never sent anywhere.
 */
import { hkdf } from "@noble/hashes/hkdf.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { wordlist } from "@scure/bip39/wordlists/english.js";
import { toBase64url, utf8 } from "./encoding.js";
import { identityFromSeed, recipientOf } from "./identity.js";
import type { Answer, Consent, Submission } from "./pad.js";

export const RECEIPT_BYTES = 11;
export const RECEIPT_WORDS = 8;
export const RECEIPT_DIGITS = 27;
const ROUNDS = 210_000;

/** These words or digits are not a receipt. */
export class ReceiptError extends Error {
  override name: string = "ReceiptError";
}

/** One word is not on the list of a language, here without accents. `position` counts from 1. */
export class UnknownWord extends ReceiptError {
  override name = "UnknownWord";
  constructor(
    readonly position: number,
    readonly word: string,
    readonly list: readonly string[] = wordlist,
  ) {
    super(`word ${position} is not on the list`);
  }
}

/** Not eight words, or not 27 digits. */
export class WrongCount extends ReceiptError {
  override name = "WrongCount";
  constructor(
    readonly got: number,
    readonly want: number,
  ) {
    super(`there are ${got} of ${want}`);
  }
}

export function newReceipt(): Uint8Array {
  return crypto.getRandomValues(new Uint8Array(RECEIPT_BYTES));
}

/** The receipt as eight words of a BIP-39 list, the English one unless told otherwise, eleven bits each, joined by spaces. */
export function toWords(receipt: Uint8Array, list: readonly string[] = wordlist): string {
  const bits = toBits(receipt);
  return Array.from({ length: RECEIPT_WORDS }, (_, i) => {
    return list[parseInt(bits.slice(i * 11, i * 11 + 11), 2)] ?? "";
  }).join(" ");
}

function toBits(receipt: Uint8Array): string {
  if (receipt.length !== RECEIPT_BYTES) throw new ReceiptError("a receipt has eleven bytes");
  return Array.from(receipt, (b) => b.toString(2).padStart(8, "0")).join("");
}

/** The receipt as one number of 27 digits, without separators. */
export function toDigits(receipt: Uint8Array): string {
  return BigInt("0b" + toBits(receipt)).toString().padStart(RECEIPT_DIGITS, "0");
}

/**
 * Reads words or digits as people type them: case, accents, spaces, hyphens, commas and numbers
 * before the words do not matter, nor whose digits a keyboard has, and the first four letters of a word are enough. `more` are
 * lists beside the English one. Throws UnknownWord, WrongCount or ReceiptError.
 */
export function parseReceipt(typed: string, ...more: (readonly string[])[]): Uint8Array {
  const digits = typed.replace(/[-\s,.\p{Cf}]/gu, "").replace(/[٠-٩۰-۹]/g, (d) => String(d.charCodeAt(0) % 16));
  if (/^[0-9]+$/.test(digits)) return fromDigits(digits);
  const words = folded(typed).split(/[^a-z]+/).filter((w) => w !== "");
  return fromWords(words, listOf(words, [wordlist, ...more]));
}

/** Without capitals and accents, so that a phone's corrections do no harm. */
export const folded = (typed: string): string => typed.toLowerCase().normalize("NFKD").replace(/[\u0300-\u036f]/g, "");

/** A list without accents; English has none. */
const plainOf = (list: readonly string[]): readonly string[] => (list === wordlist ? list : list.map(folded));

/** The list that knows most of the words: as whole words first, for beginnings can be those of words on two lists. */
function listOf(words: string[], lists: (readonly string[])[]): readonly string[] {
  let [best, most] = [wordlist as readonly string[], -1];
  if (lists.length === 1) return best;
  for (const list of lists) {
    const plain = plainOf(list);
    const whole = words.filter((w) => plain.includes(w)).length;
    const begun = words.filter((w) => w.length >= TELLING && !plain.includes(w) && plain.some((p) => p.startsWith(w))).length;
    const known = whole * (words.length + 1) + begun;
    if (known > most) [best, most] = [list, known];
  }
  return best;
}

/** So many letters of a word are enough to know it. */
const TELLING = 4;

function fromDigits(digits: string): Uint8Array {
  if (digits.length !== RECEIPT_DIGITS) throw new WrongCount(digits.length, RECEIPT_DIGITS);
  const n = BigInt(digits);
  if (n >= 1n << 88n) throw new ReceiptError("this number is too large to be a receipt");
  return fromBits(n.toString(2).padStart(88, "0"));
}

/** An unknown word is named before the count is: it is the better hint. */
function fromWords(words: string[], list: readonly string[]): Uint8Array {
  const plain = plainOf(list);
  const bits = words.map((word, i) => indexOfWord(word, i + 1, plain).toString(2).padStart(11, "0")).join("");
  if (words.length !== RECEIPT_WORDS) throw new WrongCount(words.length, RECEIPT_WORDS);
  return fromBits(bits);
}

/** Four letters name one word of the list; a longer beginning must still be a beginning of it. */
function indexOfWord(word: string, position: number, plain: readonly string[]): number {
  const exact = plain.indexOf(word);
  if (exact >= 0) return exact;
  const begun = word.length >= TELLING ? plain.findIndex((w) => w.startsWith(word)) : -1;
  if (begun < 0) throw new UnknownWord(position, word, plain);
  return begun;
}

function fromBits(bits: string): Uint8Array {
  return Uint8Array.from({ length: RECEIPT_BYTES }, (_, i) => parseInt(bits.slice(i * 8, i * 8 + 8), 2));
}

/** What a receipt opens. Tokens are secrets of the writer; each has a public commitment, its SHA-256. */
export interface ReceiptKeys {
  mailboxToken: Uint8Array;
  mailbox: Uint8Array;
  anchorToken: Uint8Array;
  anchor: Uint8Array;
  withdrawToken: Uint8Array;
  withdraw: Uint8Array;
  /** Keys the tags by which the writer finds the panel's public acts. */
  actions: Uint8Array;
  replyIdentity: string;
  replyRecipient: string;
}

/** A receipt stretched for one instance, from which the keys of all its messages come at no cost. */
export class Stretched {
  /** What is drawn from the key for a purpose. The key lies in no field, so that whatever shows this shows nothing. */
  private readonly drawn: (purpose: string) => Uint8Array;
  /** Nothing opens with it any longer. */
  readonly forget: () => void;

  constructor(key: Uint8Array) {
    this.drawn = (purpose) => expand(key, purpose);
    this.forget = () => { key.fill(0); };
  }

  /** The public commitments of message `j` (0 for the first), by which a writer finds it in the log, and its withdraw token. */
  commitments(j: number): { anchor: Uint8Array; withdraw: Uint8Array; withdrawToken: Uint8Array } {
    const suffix = j === 0 ? "" : `/${j}`;
    const withdrawToken = this.drawn("withdraw" + suffix);
    return { anchor: sha256(this.drawn("anchor" + suffix)), withdraw: sha256(withdrawToken), withdrawToken };
  }

  /** The key that tags the panel's acts on this receipt in public. */
  actions(): Uint8Array {
    return this.drawn("actions");
  }

  /** All keys of message `j`. */
  async message(j: number): Promise<ReceiptKeys> {
    const mailboxToken = this.drawn("mailbox");
    const replyIdentity = identityFromSeed(this.drawn("reply-identity"));
    return {
      ...this.commitments(j),
      mailboxToken,
      mailbox: sha256(mailboxToken),
      anchorToken: this.drawn(j === 0 ? "anchor" : `anchor/${j}`),
      actions: this.actions(),
      replyIdentity,
      replyRecipient: await recipientOf(replyIdentity),
    };
  }
}

/** Takes some tenths of a second on an old phone, and needs WebCrypto, which browsers offer on secure pages only. */
export async function stretchFor(receipt: Uint8Array, origin: string): Promise<Stretched> {
  return new Stretched(await stretch(receipt, sha256(utf8("answerable/v1/receipt\n" + origin))));
}

/** Derives the keys of message `j` of a receipt at an instance. For several messages, stretch once. */
export async function derive(receipt: Uint8Array, origin: string, j = 0): Promise<ReceiptKeys> {
  return (await stretchFor(receipt, origin)).message(j);
}

/** PBKDF2-HMAC-SHA-512: the one slow function that browsers run natively even with their compilers off. */
async function stretch(receipt: Uint8Array, salt: Uint8Array): Promise<Uint8Array> {
  if (receipt.length !== RECEIPT_BYTES) throw new ReceiptError("a receipt has eleven bytes");
  const key = await crypto.subtle.importKey("raw", new Uint8Array(receipt), "PBKDF2", false, ["deriveBits"]);
  const params = { name: "PBKDF2", hash: "SHA-512", salt: new Uint8Array(salt), iterations: ROUNDS };
  return new Uint8Array(await crypto.subtle.deriveBits(params, key, 256));
}

function expand(key: Uint8Array, name: string): Uint8Array {
  return hkdf(sha256, key, new Uint8Array(0), utf8("answerable/v1/receipt/" + name), 32);
}

/** What the served epoch says that a submission repeats, so that a reviewer can check it. */
export interface Terms {
  epoch: string;
  origin: string;
  form: string;
  lang: string;
}

/** A submission by this device, with the receipt's anchor, mailbox and reply key. */
export function newSubmission(keys: ReceiptKeys, terms: Terms, answers: Answer[]): Submission {
  return {
    v: 1,
    t: "submission",
    epoch: terms.epoch,
    origin: terms.origin,
    sealed_by: "client",
    form: terms.form,
    lang: terms.lang,
    answers,
    subject: null,
    reply_to: keys.replyRecipient,
    mailbox: toBase64url(keys.mailbox),
    anchor: toBase64url(keys.anchor),
    thread: null,
    actions: toBase64url(keys.actions),
  };
}

/** Message j of a receipt; `keys` are that message's. `thread` is the first one's leaf hash, where this device knows it. */
export function newFollowup(keys: ReceiptKeys, terms: Terms, thread: string | null, answers: Answer[]): Submission {
  return { ...newSubmission(keys, terms, answers), t: "followup", thread };
}

/** What somebody says about themselves, kept apart from every message: no mailbox, no thread, nowhere to answer. */
export function newAboutYou(keys: ReceiptKeys, terms: Terms, answers: Answer[]): Submission {
  const about: Submission = { ...newSubmission(keys, terms, answers), t: "about_you", reply_to: null, mailbox: null };
  delete about.actions;
  return about;
}

/** The same for who wishes that it belongs to what they told: message j of their receipt, whose mailbox ties it. */
export function newTiedAboutYou(keys: ReceiptKeys, terms: Terms, answers: Answer[]): Submission {
  return { ...newAboutYou(keys, terms, answers), mailbox: toBase64url(keys.mailbox) };
}

/** A change of what may happen to the words of a receipt. */
export function newConsent(
  keys: ReceiptKeys,
  terms: Terms,
  thread: string | null,
  choice: Pick<Consent, "share_level" | "ask_me_first" | "hold" | "hide">,
): Consent {
  return {
    v: 1,
    t: "consent",
    epoch: terms.epoch,
    origin: terms.origin,
    sealed_by: "client",
    mailbox: toBase64url(keys.mailbox),
    anchor: toBase64url(keys.anchor),
    thread,
    ...choice,
  };
}
