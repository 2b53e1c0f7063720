/**
 * Keeping an identity so that two people open it one after the other, with nothing but the public age command. The twin of
 * nested.go in internal/seal; FORMAT.md there is the specification.
 */
import { utf8 } from "./encoding.js";
import { sealBytes } from "./seal.js";

/** Seals an identity so that `first` opens the outer file, and then `then` the one within it, which holds the identity. */
export async function nestIdentity(identity: string, first: string, then: string): Promise<Uint8Array> {
  return sealBytes(await sealBytes(utf8(`${identity}\n`), then), first);
}
