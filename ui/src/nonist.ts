/**
 * Stands in for the NIST curves, which the age library brings for recipients that nobody has here: hardware keys, and hybrids
 * with another curve than X25519. The form only ever seals to `age1pq1...`, and without them its script is a tenth smaller.
 * The lengths are read when the library loads; whatever asks for more than those stops, and does no less than it says.
 */
function none(): never {
  throw new Error("the NIST curves are not in this script");
}

const curve = (bytes: number, seed: number): object => ({
  lengths: { secretKey: bytes, publicKey: bytes + 1, publicKeyUncompressed: 2 * bytes + 1, publicKeyHasPrefix: true, seed },
  Point: { Fn: {}, fromBytes: none },
  utils: { randomSecretKey: none },
  keygen: none,
  getPublicKey: none,
  getSharedSecret: none,
});

export const p256 = curve(32, 48);
export const p384 = curve(48, 72);
