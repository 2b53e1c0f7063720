/** What a passkey is asked for, without the age library: pages that only ask stay small. */

/** What a passkey computed; both are 32 bytes. */
export interface PrfResults {
  first: Uint8Array;
  second: Uint8Array;
}

const LABEL = "age-encryption.org/fido2prf";

/**
 * The inputs that a passkey computes from: the label, one byte that differs, the nonce. Two, so that one touch cannot be
 * used for two files.
 */
export function prfInputs(nonce: Uint8Array): { first: Uint8Array<ArrayBuffer>; second: Uint8Array<ArrayBuffer> } {
  const label = new TextEncoder().encode(LABEL);
  const input = (n: number): Uint8Array<ArrayBuffer> => Uint8Array.from([...label, n, ...nonce]);
  return { first: input(1), second: input(2) };
}
