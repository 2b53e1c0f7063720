/** Lists of words beside the English one. They are fetched when somebody needs them. */
import { parseReceipt, UnknownWord } from "./receipt.js";

/** Languages that have a list, apart from English. */
const LISTED = ["es"];

/** The list of a language as the script at `address` holds it; null where there is none, or where it does not come. */
export async function wordsOf(lang: string, address: string): Promise<readonly string[] | null> {
  if (!LISTED.includes(lang) || address === "") return null;
  try {
    return ((await import(address)) as typeof import("./spanish.js")).words;
  } catch {
    return null; // an old browser, or no network now
  }
}

/** Reads a receipt in words of any language. Throws what parseReceipt throws. */
export async function readReceipt(typed: string, address: string): Promise<Uint8Array> {
  try {
    return parseReceipt(typed);
  } catch (err) {
    const spanish = err instanceof UnknownWord ? await wordsOf("es", address) : null;
    if (spanish === null) throw err;
    return parseReceipt(typed, spanish);
  }
}
