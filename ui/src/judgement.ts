/**
 * A member's word on a promise of the clinic, as it is signed.
 *
 * The twin of internal/promise; FORMAT.md there is the specification, and both run the same vector.
 */
import { sha256 } from "@noble/hashes/sha2.js";
import { toBase64, utf8 } from "./encoding.js";

export const VERDICTS = ["kept", "partly", "not_kept"] as const;
export type Verdict = (typeof VERDICTS)[number];

/** A promise as it was made. `firstDue` is `YYYY-MM-DD`. */
export interface Promised {
  id: string;
  what: string;
  who: string;
  how: string;
  firstDue: string;
}

/** The lines that are signed after their label. `round` counts how often two members have decided before. */
export function judgementLines(clinicId: string, p: Promised, round: number, verdict: Verdict, day: string): string {
  const hash = toBase64(sha256(utf8([p.what, p.who, p.how, p.firstDue, ""].join("\0"))));
  return [clinicId, p.id, hash, String(round), verdict, day, ""].join("\n");
}
