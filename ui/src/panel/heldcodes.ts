/**
 * Codes that lie in the clear, as a server gives whose they are, held against what two coders agree on. Twin of
 * internal/client/heldcodes.go. What a writer allows is another question, and takes their message: see InClear.
 */
import { sha256 } from "@noble/hashes/sha2.js";
import { verifySignature, type Manifest } from "../chain.js";
import type { Consensus } from "../coding.js";
import { settled } from "../compare.js";
import { fromBase64, fromBase64url, toBase64, utf8 } from "../encoding.js";
import type { Case } from "./casework.js";
import { codedLines, factsOf } from "./outgoing.js";
import { isCoder } from "./seats.js";

/** Who put codes into the clear, and what they signed of them. Base64; the hash is that of the facts as JSON. */
export interface ServedCodes {
  facts_hash: string;
  by: string;
  signature: string;
}

/**
 * What came of it. `differs`: no member signed them, or no two coders ever agreed on them. `outgrown`: two had agreed on them, and
 * do not any more. `hidden`: the server does not show whose they are. `shut`: this reviewer still reads alone, or it does not open,
 * so nothing can be said.
 */
export type CodesHolding = "holds" | "differs" | "outgrown" | "hidden" | "shut";

/**
 * What was written about a message, and the services that its codes may name: its own, or one of those on cards where it is not
 * open; none where nobody knows.
 */
export interface Agreeing extends Pick<Case, "claims" | "codings" | "consensuses"> {
  services: readonly string[];
}

/** Holds codes in the clear against the agreement behind them. `signed` says whether whose they are said to be did sign them. */
export function holdCodes(me: string, codes: ServedCodes | undefined, c: Agreeing, signed: (one: ServedCodes) => boolean): CodesHolding {
  const readsAlone = c.claims.some(({ by, role }) => by === me && role !== "checker") && !isCoder(c, me);
  if (readsAlone || c.services.length === 0) return "shut";
  if (codes === undefined) return "hidden";
  const are = (agreed: Consensus): boolean => c.services.some((service) => factsHash(service, agreed) === codes.facts_hash);
  const signers = new Set(c.consensuses.filter(({ by, body }) => isCoder(c, by) && are(body)).map(({ by }) => by));
  if (!signers.has(codes.by) || !signed(codes)) return "differs";
  const agreed = settled(c.codings, c.consensuses);
  if (agreed !== null && are(agreed.consensus)) return "holds";
  return signers.size >= 2 ? "outgrown" : "differs";
}

/** Signatures that were looked at before are not looked at again: there may be thousands, and nothing about one changes. */
export class SignedCodes {
  readonly #known = new Set<string>();

  /** Whether the member did sign codes who is said to have. The leaf is base64url; `lists` are the panel's, the newest last. */
  holds(clinic: string, lists: readonly Manifest[], leaf: string, codes: ServedCodes): boolean {
    const key = JSON.stringify([leaf, codes.facts_hash, codes.by, codes.signature]);
    if (!this.#known.has(key) && isSigned(clinic, lists, leaf, codes)) this.#known.add(key);
    return this.#known.has(key);
  }
}

function isSigned(clinic: string, lists: readonly Manifest[], leaf: string, codes: ServedCodes): boolean {
  const list = [...lists].reverse().find((m) => m.members.some(({ id }) => id === codes.by));
  const lines = codedLines(clinic, toBase64(fromBase64url(leaf)), codes.facts_hash);
  try {
    return list !== undefined && verifySignature(list, "coded", lines, codes.by, fromBase64(codes.signature));
  } catch {
    return false; // no base64
  }
}

const factsHash = (service: string, agreed: Consensus): string => toBase64(sha256(utf8(JSON.stringify(factsOf(service, agreed)))));
