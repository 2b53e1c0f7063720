/**
 * Ed25519 signatures with the noble library, at once: for scripts that check many, and for browsers that know none. `signaturesasked.ts`
 * stands in its place (`#signatures`, package.json) in scripts that somebody waits for.
 */
import { ed25519 } from "@noble/curves/ed25519.js";

/** Whether a signature is of this message under this key. What has not the length of one is none. */
export function verify(signature: Uint8Array, message: Uint8Array, key: Uint8Array): boolean {
  try {
    return ed25519.verify(signature, message, key, { zip215: false });
  } catch {
    return false;
  }
}

/** Does work that asks `verify`. */
export const checked = <T>(work: () => T): Promise<T> => new Promise((done) => { done(work()); });
