/**
 * Signing in: a reviewer signs a short text that names this site and ends soon. Nothing is ever
 * decrypted for the server to prove who one is, so signing in cannot be turned into a way to have
 * files opened.
 */
import { ed25519 } from "@noble/curves/ed25519.js";
import { toBase64, utf8 } from "./encoding.js";
import type { SigningKey } from "./identity.js";

export interface SignIn {
  /** The web origin as the browser sees it, such as `https://clinic.example`. */
  origin: string;
  reviewer: string;
  /** The server's nonce, base64url. */
  nonce: string;
  /** Seconds since 1970, at most 120 ahead. */
  exp: number;
}

export function signInText(s: SignIn): string {
  return ["answerable/v1/login", s.origin, s.reviewer, s.nonce, String(s.exp)].map((line) => line + "\n").join("");
}

/** What somebody signs to use an invitation: it shows that they hold the private half of the key they bring. */
export function enrolText(invitation: string, recipient: string): string {
  return `answerable/v1/enrol\n${invitation}\n${recipient}\n`;
}

/** The Ed25519 signature over exactly the bytes of the text, in standard base64. */
export function sign(text: string, key: SigningKey): string {
  return toBase64(ed25519.sign(utf8(text), key.secret));
}
