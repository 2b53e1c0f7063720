/**
 * Acts on empty files. The public log shows how often something was `assessed` or `closed`; without cover that would be the
 * number of messages that the panel worked on. So the panel's browsers post both for empty files as well, by odds that are
 * the same for all of them on one day. internal/review/FORMAT.md is the specification.
 */
import { hkdf } from "@noble/hashes/hkdf.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { concat, utf8 } from "./encoding.js";
import { seedOf } from "./identity.js";

/** In this order; the second on a later day than the first. */
export const COVER = ["assessed", "closed"] as const;
export type CoverCode = (typeof COVER)[number];

/** Of 256 days with a sign-in, on how many an empty file gets the act. */
const ODDS: Record<CoverCode, number> = { assessed: 32, closed: 16 };

/** The key that tags acts on a file which carries none: only who holds the epoch's key can work it out. `leaf` is base64url. */
export function coverKey(epochIdentity: string, leaf: string): Uint8Array {
  return hkdf(sha256, seedOf(epochIdentity), new Uint8Array(0), utf8(`answerable/v1/cover-acts\n${leaf}`), 32);
}

/** Whether a file has its act on a day: every browser comes to the same, so that many sign-ins do not make it likelier. */
export function coin(key: Uint8Array, code: CoverCode, day: string): boolean {
  return (sha256(concat(utf8("answerable/v1/cover-coin\n"), key, utf8(`${code}\n${day}\n`)))[0] ?? 255) < ODDS[code];
}
