/**
 * Acts on empty files and on those that do not open. The public log shows how often something was `assessed` or `closed`;
 * without cover that would be the number of messages that the panel worked on. internal/review/FORMAT.md is the
 * specification.
 */
import { hkdf } from "@noble/hashes/hkdf.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { toBase64url, utf8 } from "./encoding.js";
import { seedOf } from "./identity.js";

/** In this order; the second on a later day than the first. */
export const COVER = ["assessed", "closed"] as const;
export type CoverCode = (typeof COVER)[number];

/** One in so many, for each reviewer and day. */
const ONE_IN: Record<CoverCode, number> = { assessed: 8, closed: 24 };

/** The key that tags acts on a file which carries none: only who holds the epoch's key can work it out. `leaf` is base64url. */
export function coverKey(epochIdentity: string, leaf: string): Uint8Array {
  return hkdf(sha256, seedOf(epochIdentity), new Uint8Array(0), utf8(`answerable/v1/decoy-actions\n${leaf}`), 32);
}

/** Whether a file has its act on a day: the same however often this reviewer signs in on it. */
export function coin(key: Uint8Array, code: CoverCode, day: string, reviewer: string): boolean {
  const lines = ["answerable/v1/cover", toBase64url(key), code, day, reviewer].map((line) => `${line}\n`).join("");
  return new DataView(sha256(utf8(lines)).buffer).getUint32(0) % ONE_IN[code] === 0;
}
