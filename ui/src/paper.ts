/**
 * The paper copy: an identity as a person writes it down and types it back.
 *
 * Every identity begins with the same 19 characters. The 58 after them are Bech32, whose last six are a checksum: a
 * mistake in typing is found when the identity is read, and never gives another key.
 */

const START = "AGE-SECRET-KEY-PQ-1";
const LENGTH = 58;

/** Characters that this part never holds, and what somebody who typed them saw. */
const LOOKALIKES: Record<string, string> = { O: "0", I: "L", "1": "L", B: "8" };

/** The beginning that all share, and the rest in groups of four; the last group has two. */
export function paperGroups(identity: string): { start: string; groups: string[] } {
  return { start: START, groups: identity.slice(START.length).match(/.{1,4}/g) ?? [] };
}

/** What somebody typed, with or without the beginning, as an identity whose checksum is not looked at yet. */
export function fromPaper(typed: string): { identity: string; problem: "paper-short" | "paper-long" | null } {
  const plain = typed.toUpperCase().replace(/[^A-Z0-9]/g, "").replace(/^AGESECRETKEYPQ[1IL]/, "");
  const problem = plain.length < LENGTH ? "paper-short" : plain.length > LENGTH ? "paper-long" : null;
  return { identity: START + plain.replace(/[OI1B]/g, (c) => LOOKALIKES[c] ?? c), problem };
}
