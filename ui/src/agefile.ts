/** Telling an age file from other files by its first bytes, without the age library: pages that only ask stay small. */

/** True when the file is an age file, in text or binary form, and so wants a passphrase. */
export function wantsPassphrase(file: Uint8Array): boolean {
  const start = String.fromCharCode(...file.subarray(0, 64)).trimStart();
  return start.startsWith("age-encryption.org/") || start.startsWith("-----BEGIN AGE");
}
