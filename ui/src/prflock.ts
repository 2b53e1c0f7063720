/**
 * Identities locked to a passkey: age files whose one stanza, `age-encryption.org/fido2prf`, is made of what a passkey
 * computes from a random nonce (WebAuthn's PRF extension). The format is that of age-encryption, so other programs that
 * know it open these files too.
 *
 * A passkey answers to pages only and the identity lives in a worker. So the library's classes are used here with one
 * step replaced: the passkey is asked through a function. The key of the file never reaches the page.
 */
import { Decrypter, Encrypter, webauthn } from "age-encryption";
import { IdentityError } from "./identity.js";
import type { PrfResults } from "./prf.js";

/** Asks a passkey for what it computes from a nonce of 16 bytes. */
export type AskPasskey = (nonce: Uint8Array) => Promise<PrfResults>;

const MAX_BYTES = 4096;

class Lock extends webauthn.WebAuthnRecipient {
  constructor(readonly passkey: AskPasskey) {
    super();
  }

  protected override getCredential(nonce: Uint8Array): Promise<AuthenticationExtensionsPRFValues> {
    return this.passkey(nonce) as Promise<AuthenticationExtensionsPRFValues>;
  }
}

class Opener extends webauthn.WebAuthnIdentity {
  constructor(readonly passkey: AskPasskey) {
    super();
  }

  protected override getCredential(nonce: Uint8Array): Promise<AuthenticationExtensionsPRFValues> {
    return this.passkey(nonce) as Promise<AuthenticationExtensionsPRFValues>;
  }
}

/** Locks a file to a passkey. Throws what asking it throws. */
export async function lockToPasskey(content: string, passkey: AskPasskey): Promise<Uint8Array> {
  const e = new Encrypter();
  e.addRecipient(new Lock(passkey));
  return e.encrypt(content);
}

/** Opens such a file. Throws IdentityError when it is another passkey's or none at all, and what asking throws. */
export async function openWithPasskey(file: Uint8Array, passkey: AskPasskey): Promise<Uint8Array> {
  if (file.length > MAX_BYTES) throw new IdentityError("too-large");
  let asked: Promise<PrfResults> | null = null;
  const d = new Decrypter();
  d.addIdentity(new Opener((nonce) => (asked = passkey(nonce))));
  try {
    return await d.decrypt(file);
  } catch {
    await (asked as Promise<PrfResults> | null); // throws when the passkey was not used
    throw new IdentityError("not-for-this-passkey");
  }
}
