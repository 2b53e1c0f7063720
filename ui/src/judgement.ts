/**
 * A member's word on a promise of the clinic, as it is signed, and what decided a round of it, as it stands in the log.
 *
 * The twin of internal/promise; FORMAT.md there is the specification, and both run the same vector.
 */
import { sha256 } from "@noble/hashes/sha2.js";
import { bytesOf, isDay } from "./chain.js";
import { toBase64, utf8 } from "./encoding.js";

export const VERDICTS = ["kept", "partly", "not_kept"] as const;
export type Verdict = (typeof VERDICTS)[number];

/** How many members say the same before it counts. */
export const JUDGES = 2;

/** A promise as it was made. `firstDue` is `YYYY-MM-DD`. */
export interface Promised {
  id: string;
  what: string;
  who: string;
  how: string;
  firstDue: string;
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Whether a promise reads as one: a name, and texts without the byte that parts them under the hash. */
export function isPromise(p: Promised): boolean {
  return UUID.test(p.id) && [p.what, p.who, p.how, p.firstDue].every((text) => text !== "" && !text.includes("\0"));
}

/** Names what was promised, in base64. */
export const promiseHash = (p: Promised): string => toBase64(sha256(utf8([p.what, p.who, p.how, p.firstDue, ""].join("\0"))));

/** The lines that are signed after their label. `round` counts how often two members have decided before. */
export function judgementLines(clinicId: string, p: Promised, round: number, verdict: Verdict, day: string): string {
  return [clinicId, p.id, promiseHash(p), String(round), verdict, day, ""].join("\n");
}

/** One member's word in a leaf. */
export interface Said {
  id: string;
  day: string;
  signature: Uint8Array;
}

/** A round of a promise that members have decided. `hash` is as promiseHash gives it. */
export interface Decided {
  clinic: string;
  promise: string;
  hash: string;
  round: number;
  verdict: Verdict;
  by: Said[];
}

/** The lines under one member's signature in a leaf, after their label. */
export const saidLines = (d: Decided, day: string): string => [d.clinic, d.promise, d.hash, String(d.round), d.verdict, day, ""].join("\n");

/** Reads a leaf as it is written, of however many members; null for any other. The signatures are not checked. */
export function parseDecided(leaf: string): Decided | null {
  const [version, kind, clinic = "", promise = "", hash = "", round = "", word, ...rest] = leaf.split("\n");
  const verdict = VERDICTS.find((v) => v === word);
  const named = version === "answerable/leaf/v1" && kind === "judgement" && UUID.test(clinic) && UUID.test(promise);
  if (!named || verdict === undefined || !bytesOf(hash, 32) || !/^(0|[1-9][0-9]{0,8})$/.test(round) || rest.pop() !== "") return null;
  const by: Said[] = [];
  for (const line of rest) {
    const said = parseSaid(line);
    const before = by[by.length - 1];
    if (said === null || (before !== undefined && before.id >= said.id)) return null;
    by.push(said);
  }
  return { clinic, promise, hash, round: Number(round), verdict, by };
}

function parseSaid(line: string): Said | null {
  const [word, id = "", day, b64 = "", more] = line.split(" ");
  const signature = bytesOf(b64, 64);
  if (word !== "signature" || !/^r[a-z2-7]{8}$/.test(id) || !isDay(day) || !signature || more !== undefined) return null;
  return { id, day, signature };
}

/** A promise as a server shows it: its words, and what it says that members judged, in order. */
export interface Shown extends Promised {
  judged: Verdict[];
}

/**
 * What does not fit between a promise as it is shown and the log. "unlogged": the log does not have that word of the panel, signed
 * for these words by enough members. "hidden": the log has one that is not shown.
 */
export interface Doubt {
  what: "unlogged" | "hidden";
  verdict: Verdict;
}

/** Holds a promise against what the log says that members decided, by round. */
export function doubtsOf(shown: Shown, logged: ReadonlyMap<number, Decided>): Doubt[] {
  const hash = promiseHash(shown);
  const stands = (verdict: Verdict, round: number): boolean => logged.get(round)?.verdict === verdict && logged.get(round)?.hash === hash;
  const unlogged = shown.judged.flatMap((verdict, round): Doubt[] => (stands(verdict, round) ? [] : [{ what: "unlogged", verdict }]));
  const hidden = [...logged.values()].filter((d) => shown.judged[d.round] !== d.verdict).map((d): Doubt => ({ what: "hidden", verdict: d.verdict }));
  return [...unlogged, ...hidden];
}
