/**
 * Bytes to text and back, as the formats want them: standard base64 with padding inside leaves and
 * requests, URL-safe base64 without padding inside plaintexts. Decoders reject, they never repair.
 */
import { base64, base64urlnopad, hex } from "@scure/base";

export const toBase64 = (b: Uint8Array): string => base64.encode(b);
export const fromBase64 = (s: string): Uint8Array => base64.decode(s);
export const toBase64url = (b: Uint8Array): string => base64urlnopad.encode(b);
export const fromBase64url = (s: string): Uint8Array => base64urlnopad.decode(s);
export const toHex = (b: Uint8Array): string => hex.encode(b);
export const fromHex = (s: string): Uint8Array => hex.decode(s);

export const utf8 = (s: string): Uint8Array => new TextEncoder().encode(s);

/** Decodes UTF-8 and throws on anything that is not. A byte order mark stays in the text. */
export function fromUtf8(b: Uint8Array): string {
  return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(b);
}

/** Replaces lone surrogates, which have no UTF-8 form, by U+FFFD. Old phones lack String.toWellFormed. */
export function wellFormed(s: string): string {
  return new TextDecoder("utf-8", { ignoreBOM: true }).decode(utf8(s));
}

export function concat(...parts: Uint8Array[]): Uint8Array {
  const out = new Uint8Array(parts.reduce((n, p) => n + p.length, 0));
  let at = 0;
  for (const p of parts) {
    out.set(p, at);
    at += p.length;
  }
  return out;
}

export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((x, i) => x === b[i]);
}
