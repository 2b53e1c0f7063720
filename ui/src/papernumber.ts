/**
 * The number on a form from paper: the 27 digits of its receipt and two that check them (ISO 7064 MOD 97-10). Words locked
 * under a number that was copied wrongly could be opened by nobody, so such a number is refused.
 */
import { parseReceipt, RECEIPT_DIGITS, ReceiptError, WrongCount } from "./receipt.js";

export const PAPER_DIGITS = RECEIPT_DIGITS + 2;

/** Reads the number as people type it, as parseReceipt reads digits. Throws WrongCount or ReceiptError. */
export function parsePaperNumber(typed: string): Uint8Array {
  const digits = typed.replace(/[-\s,.\p{Cf}]/gu, "").replace(/[٠-٩۰-۹]/g, (d) => String(d.charCodeAt(0) % 16));
  if (!/^[0-9]+$/.test(digits)) throw new ReceiptError("not digits alone");
  if (digits.length !== PAPER_DIGITS) throw new WrongCount(digits.length, PAPER_DIGITS);
  if (BigInt(digits) % 97n !== 1n) throw new ReceiptError("the last two digits do not fit the others");
  return parseReceipt(digits.slice(0, RECEIPT_DIGITS));
}
