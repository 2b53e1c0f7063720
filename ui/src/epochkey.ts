/**
 * Wraps: an epoch's secret key, sealed to one reviewer in a file of its own.
 */
import { sha256 } from "@noble/hashes/sha2.js";
import { fromUtf8, toBase64url, utf8 } from "./encoding.js";
import { recipientOf } from "./identity.js";
import { onlyMembers, parseStrict } from "./json.js";
import { openBytes, sealBytes } from "./seal.js";

/** A wrap has 1858 bytes; this leaves room for longer epoch names. */
const MAX_BYTES = 4096;
const MEMBERS = ["v", "t", "epoch", "recipient_sha256", "identity"] as const;

/** The wrap opened, but does not hold the key of the epoch it was served for. */
export class EpochKeyError extends Error {
  override name = "EpochKeyError";
}

/**
 * Opens a wrap and returns the epoch's identity. The recipient is computed again from the key
 * inside and must be the epoch's own: else a dealer or a server could hand out a key that nobody
 * else holds. Throws ShapeError, WrongKey or EpochKeyError.
 */
export async function openEpochKey(file: Uint8Array, mine: string, epoch: string, recipient: string): Promise<string> {
  if (file.length > MAX_BYTES) throw new EpochKeyError("it is too large for an epoch key");
  const plaintext = await openBytes(file, mine);
  const identity = parseEpochKey(plaintext, epoch, recipient);
  if ((await recipientOf(identity).catch(() => "")) !== recipient) throw new EpochKeyError("the key inside is another epoch's");
  return identity;
}

/** Seals an epoch's identity for one reviewer, byte for byte as seal.WrapEpochKey does. Throws ShapeError. */
export async function wrapEpochKey(epoch: string, identity: string, reviewer: string): Promise<Uint8Array> {
  const hash = toBase64url(sha256(utf8(await recipientOf(identity))));
  const content = { v: 1, t: "epoch-key", epoch, recipient_sha256: hash, identity };
  return sealBytes(utf8(JSON.stringify(content)), reviewer);
}

function parseEpochKey(plaintext: Uint8Array, epoch: string, recipient: string): string {
  let o: Record<string, unknown>;
  try {
    o = onlyMembers(parseStrict(fromUtf8(plaintext)), MEMBERS);
  } catch {
    throw new EpochKeyError("what is inside is not an epoch key");
  }
  if (o["v"] !== 1 || o["t"] !== "epoch-key" || typeof o["identity"] !== "string") throw new EpochKeyError("what is inside is not an epoch key");
  if (o["epoch"] !== epoch) throw new EpochKeyError("it names another epoch");
  if (o["recipient_sha256"] !== toBase64url(sha256(utf8(recipient)))) throw new EpochKeyError("it names another key");
  return o["identity"];
}
