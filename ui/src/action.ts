/**
 * Acts in public: what a reviewer did about a message, under a tag that only the panel and the message's writer can tell.
 * The twin of `internal/transparency/action.go`, on the same vectors.
 */
import { ed25519 } from "@noble/curves/ed25519.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { concat, fromBase64, toBase64, utf8 } from "./encoding.js";
import { reviewerId, type SigningKey } from "./identity.js";
import { LeafError } from "./leaf.js";

/** In the order in which the acts usually come. */
export const ACT_CODES = ["received", "assessed", "contacted", "acted", "closed", "undecryptable", "opened-by-quorum", "matched"] as const;
export type ActCode = (typeof ACT_CODES)[number];

export interface Act {
  tag: Uint8Array;
  code: ActCode;
  /** A code, or "" for none. */
  outcome: string;
  /** `YYYY-MM-DD`; of what is weekly the Monday of its week. */
  day: string;
  reviewer: string;
}

export interface SignedAct extends Act {
  signature: Uint8Array;
}

/** Links an act to a message for whoever holds the receipt's actions key. `n` counts acts of one code on one receipt, from 0. */
export function actionTag(key: Uint8Array, code: ActCode, n: number): Uint8Array {
  return sha256(concat(utf8("answerable/v1/action-tag\n"), key, utf8(code), utf8(String(n))));
}

/** The lines that are signed: the leaf without its last one. */
export function actionLines(a: Act): string {
  return ["answerable/leaf/v1", "action", toBase64(a.tag), a.code, a.outcome === "" ? "-" : a.outcome, a.day].map((line) => line + "\n").join("");
}

export function actionLeaf(a: SignedAct): string {
  return `${actionLines(a)}${a.reviewer} ${toBase64(a.signature)}\n`;
}

const signed = (a: Act): Uint8Array => utf8(`answerable/v1/action\n${actionLines(a)}`);

export function signAct(act: Omit<Act, "reviewer">, key: SigningKey): SignedAct {
  const a = { ...act, reviewer: key.reviewer };
  return { ...a, signature: ed25519.sign(signed(a), key.secret) };
}

/** Whether the holder of `key`, and no other reviewer, signed. Whether they sat on the panel, its signed lists say. */
export function verifyAct(a: SignedAct, key: Uint8Array): boolean {
  if (reviewerId(key) !== a.reviewer) return false;
  try {
    return ed25519.verify(a.signature, signed(a), key, { zip215: false });
  } catch {
    return false; // not a point of the curve
  }
}

/**
 * Whether acts of a code are dated to the Monday of their week: those that somebody could tie to an answer or a hand-over by
 * their day.
 */
export const isWeekly = (code: ActCode): boolean => code === "contacted" || code === "acted";

/** The Monday of a day's week, both `YYYY-MM-DD`. */
export function weekOf(day: string): string {
  const date = new Date(`${day}T00:00:00Z`);
  date.setUTCDate(date.getUTCDate() - (date.getUTCDay() + 6) % 7);
  return date.toISOString().slice(0, 10);
}

/** Reads a leaf; what it accepts, actionLeaf writes back byte for byte. Throws LeafError. The signature is not verified. */
export function parseAction(text: string): SignedAct {
  const [version, kind, tag = "", code = "", outcome = "", day = "", last = "", end, ...more] = text.split("\n");
  if (version !== "answerable/leaf/v1" || kind !== "action" || end !== "" || more.length > 0) throw new LeafError("it is not the leaf of an act");
  if (!isActCode(code)) throw new LeafError("it is an act of no kind we know");
  if (outcome !== "-" && !/^[a-z0-9_]{1,32}$/.test(outcome)) throw new LeafError("its outcome is no code");
  if (!isDay(day) || isWeekly(code) && weekOf(day) !== day) throw new LeafError("its day does not read");
  const [reviewer = "", signature = "", rest] = last.split(" ");
  if (!/^r[a-z2-7]{8}$/.test(reviewer) || rest !== undefined) throw new LeafError("its last line is not a reviewer and a signature");
  const act = { tag: bytes(tag, 32), code, outcome: outcome === "-" ? "" : outcome, day, reviewer, signature: bytes(signature, 64) };
  if (actionLeaf(act) !== text) throw new LeafError("it is not written as we write it");
  return act;
}

const isActCode = (code: string): code is ActCode => (ACT_CODES as readonly string[]).includes(code);

function isDay(day: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(day)) return false;
  const date = new Date(`${day}T00:00:00Z`);
  return !Number.isNaN(date.getTime()) && date.toISOString().slice(0, 10) === day;
}

function bytes(base64: string, length: number): Uint8Array {
  try {
    const b = fromBase64(base64);
    if (b.length === length) return b;
  } catch {
    // falls through to the same answer
  }
  throw new LeafError(`it holds no ${String(length)} bytes of base64 where it should`);
}
