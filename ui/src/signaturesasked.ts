/**
 * Ed25519 signatures by the browser itself, so that nobody waits for a library before they can send: `signatures.ts` for scripts that
 * check few. Where a browser knows none, the library comes when it is asked for.
 *
 * A browser answers later, and whoever walks a chain wants to know at once. So the work is done until nothing in it is unknown:
 * each time what it asked is answered, and what came of it before that is thrown away.
 *
 * Of one and the same signature both say the same, but where a signer made their own key or signature to be taken here and refused
 * there: https://hdevalence.ca/blog/2020-10-04-its-25519am. Who can do that can sign what they like anyway.
 */

import { fromHex } from "./encoding.js";

export type Check = (signature: Uint8Array, message: Uint8Array, key: Uint8Array) => boolean | Promise<boolean>;

/** No page names it: the smallest of them have no byte to spare. So browsers keep no copy of it either. */
const LIBRARY: string = "/static/signatures.js";

interface Asked { signature: Uint8Array; message: Uint8Array; key: Uint8Array }

/** What is known, by what was asked. */
const known = new Map<string, boolean>();
/** What the work at hand asked and nobody knows; null while there is none. */
let asked: Map<string, Asked> | null = null;
let check: Promise<Check> | null = null;
/** Some browsers remember of an address that nothing came from it. */
let tries = 0;

/** Whether a signature is of this message under this key. Outside of `checked`, what was not asked there is none. */
export function verify(signature: Uint8Array, message: Uint8Array, key: Uint8Array): boolean {
  const name = [signature, message, key].map((bytes) => bytes.join()).join(" ");
  const answer = known.get(name);
  if (answer !== undefined) return answer;
  asked?.set(name, { signature, message, key });
  return asked !== null; // so that the work goes on to what else it asks
}

/** Does work that asks `verify`, again until all that it asks is known. Throws what the work throws then, or that the library did not come. */
export async function checked<T>(work: () => T): Promise<T> {
  for (;;) {
    const { open, give } = once(work);
    if (open.size === 0) return give();
    check ??= checker().catch((err: unknown) => { check = null; throw err; });
    const verifies = await check;
    await Promise.all(Array.from(open, async ([name, { signature, message, key }]) => { known.set(name, await verifies(signature, message, key)); }));
  }
}

function once<T>(work: () => T): { open: Map<string, Asked>; give: () => T } {
  const open = asked = new Map<string, Asked>();
  try {
    const result = work();
    return { open, give: () => result };
  } catch (err) {
    return { open, give: () => { throw err; } };
  } finally {
    asked = null;
  }
}

async function checker(): Promise<Check> {
  const own = browserCheck();
  if (await knowsOne(own)) return own;
  return ((await import(`${LIBRARY}?${String(++tries)}`)) as typeof import("./signatures.js")).verify;
}

/** The browser's own. Over plain http, and before 2023 to 2025, browsers have none. */
function browserCheck(): Check {
  return async (signature, message, key) => {
    try {
      const own = await crypto.subtle.importKey("raw", key as BufferSource, "Ed25519", false, ["verify"]);
      return await crypto.subtle.verify("Ed25519", own, signature as BufferSource, message as BufferSource);
    } catch {
      return false;
    }
  };
}

/** RFC 8032, section 7.1, test 2: key, signature, and the message, one byte. */
const KEY = "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c";
const SIGNATURE = "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00";
const MESSAGE = 0x72;

/** Whether it knows a true signature and a false one. One that takes everything is worse than none. */
export async function knowsOne(verifies: Check): Promise<boolean> {
  const [key, signature] = [fromHex(KEY), fromHex(SIGNATURE)];
  return (await verifies(signature, Uint8Array.of(MESSAGE), key)) && !(await verifies(signature, Uint8Array.of(MESSAGE + 1), key));
}
