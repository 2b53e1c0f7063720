/** The Spanish list of BIP-39, for those who read it: fetched when a receipt is shown in it, or when words are not English. */
import { wordlist } from "@scure/bip39/wordlists/spanish.js";

/** With accents as they are written. */
export const words: readonly string[] = wordlist.map((word) => word.normalize("NFC"));
