/**
 * Stands in for scrypt, which the age library brings for passphrases. The form only ever seals to a key, and is smaller without it;
 * what asks for more than that stops, and does no less than it says.
 */
export function scrypt(): never {
  throw new Error("passphrases are not in this script");
}
