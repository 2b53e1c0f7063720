/**
 * Passphrases for identity files. People do not choose their own: somebody who gets hold of the file could guess those.
 */
import { wordlist } from "@scure/bip39/wordlists/english.js";

/** Seven words of 2048 are 77 random bits. A receipt has eight, so that nobody takes the one for the other. */
export const PASSPHRASE_WORDS = 7;

/** Draws a passphrase: words joined by spaces. */
export function newPassphrase(): string {
  const drawn = crypto.getRandomValues(new Uint16Array(PASSPHRASE_WORDS));
  // 2048 divides 65536, so every word is as likely as another.
  return Array.from(drawn, (n) => wordlist[n % wordlist.length] ?? "").join(" ");
}

/** True when somebody typed back the last two words, or all of them. */
export function knowsPassphrase(passphrase: string, typed: string): boolean {
  const words = typed.toLowerCase().split(/[^a-z]+/).filter((w) => w !== "").join(" ");
  return words === passphrase || words === passphrase.split(" ").slice(-2).join(" ");
}
