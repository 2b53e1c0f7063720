/** What is wrong with eight words, or digits, as somebody typed them. */
import { near } from "../near.js";
import { RECEIPT_WORDS, ReceiptError, UnknownWord, WrongCount } from "../receipt.js";
import type { Say } from "../tell/say.js";

/** The sentence for an error of reading them; null when the error is another. */
export function typedWrong(err: unknown, say: Say): string | null {
  if (err instanceof UnknownWord) {
    const words = near(err.word, err.list);
    return say(words.length > 0 ? "script.mailbox_near" : "script.mailbox_near_none", { position: String(err.position), word: err.word, near: words.join(", ") });
  }
  if (err instanceof WrongCount) return say(err.want === RECEIPT_WORDS ? "script.mailbox_count" : "script.mailbox_count_digits", { got: String(err.got) });
  return err instanceof ReceiptError ? say("mailbox.no_receipt") : null;
}
