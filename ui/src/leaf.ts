/**
 * The public leaf of a submission: six lines of text that commit to the sealed file and to what
 * the writer's receipt can later prove, and to nothing else.
 */
import { sha256 } from "@noble/hashes/sha2.js";
import { concat, fromBase64, toBase64, utf8 } from "./encoding.js";

export interface SubmissionLeaf {
  epoch: string;
  /** SHA-256 of the sealed file. */
  fileHash: Uint8Array;
  anchor: Uint8Array;
  withdraw: Uint8Array;
}

/** The text is not the leaf of a submission. */
export class LeafError extends Error {
  override name = "LeafError";
}

export function submissionLeaf(l: SubmissionLeaf): string {
  const lines = ["answerable/leaf/v1", "submission", l.epoch, toBase64(l.fileHash), toBase64(l.anchor), toBase64(l.withdraw)];
  return lines.map((line) => line + "\n").join("");
}

/** Reads a leaf; what it accepts, submissionLeaf writes back byte for byte. Throws LeafError. */
export function parseSubmissionLeaf(text: string): SubmissionLeaf {
  const lines = text.split("\n");
  const [version, kind, epoch, fileHash, anchor, withdraw, end] = lines;
  if (lines.length !== 7 || end !== "" || version !== "answerable/leaf/v1" || kind !== "submission") {
    throw new LeafError("it is not the leaf of a submission");
  }
  if (epoch === undefined || !/^[a-z0-9-]{4,32}$/.test(epoch)) throw new LeafError("its epoch is not named as epochs are");
  return { epoch, fileHash: hash32(fileHash), anchor: hash32(anchor), withdraw: hash32(withdraw) };
}

function hash32(line: string | undefined): Uint8Array {
  try {
    const bytes = fromBase64(line ?? "");
    if (bytes.length === 32 && toBase64(bytes) === line) return bytes;
  } catch {
    // falls through to the same answer
  }
  throw new LeafError("it holds a line that is not 32 bytes of base64");
}

/** The leaf's hash in the log's Merkle tree (RFC 6962, section 2.1). */
export function leafHash(leaf: string): Uint8Array {
  return sha256(concat(Uint8Array.of(0), utf8(leaf)));
}
