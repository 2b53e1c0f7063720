/** The tree over the leaves of a log (RFC 6962), and proofs that it holds one or begins with a smaller tree (RFC 9162). */
import { sha256 } from "@noble/hashes/sha2.js";
import { concat, equalBytes } from "./encoding.js";

/** The hash over two halves (RFC 6962, section 2.1). */
export function nodeHash(left: Uint8Array, right: Uint8Array): Uint8Array {
  return sha256(concat(Uint8Array.of(1), left, right));
}

/** Grows a tree leaf by leaf and keeps only its right edge. */
export class Tree {
  /** Roots of full subtrees from the left, each with its height. */
  private edge: { height: number; hash: Uint8Array }[] = [];
  size = 0;

  add(hash: Uint8Array): void {
    let last = { height: 0, hash };
    for (let before = this.edge[this.edge.length - 1]; before?.height === last.height; before = this.edge[this.edge.length - 1]) {
      this.edge.pop();
      last = { height: last.height + 1, hash: nodeHash(before.hash, last.hash) };
    }
    this.edge.push(last);
    this.size++;
  }

  root(): Uint8Array {
    const hashes = this.edge.map((e) => e.hash);
    let root = hashes.pop();
    if (root === undefined) return sha256(new Uint8Array());
    for (let left = hashes.pop(); left !== undefined; left = hashes.pop()) root = nodeHash(left, root);
    return root;
  }
}

const half = (n: number): number => Math.floor(n / 2);
const odd = (n: number): boolean => n % 2 === 1;

/** Whether a leaf stands at an index of a tree (RFC 9162, section 2.1.3.2). */
export function verifyInclusion(index: number, size: number, leaf: Uint8Array, proof: Uint8Array[], root: Uint8Array): boolean {
  if (!Number.isSafeInteger(index) || index < 0 || index >= size) return false;
  let at = index;
  let last = size - 1;
  let hash = leaf;
  for (const sibling of proof) {
    if (last === 0) return false;
    if (odd(at) || at === last) {
      hash = nodeHash(sibling, hash);
      while (!odd(at) && at !== 0) {
        at = half(at);
        last = half(last);
      }
    } else {
      hash = nodeHash(hash, sibling);
    }
    at = half(at);
    last = half(last);
  }
  return last === 0 && equalBytes(hash, root);
}

/** Whether a tree begins with a smaller one (RFC 9162, section 2.1.4.2). From size 0 there is nothing to prove. */
export function verifyConsistency(from: number, size: number, fromRoot: Uint8Array, root: Uint8Array, proof: Uint8Array[]): boolean {
  if (from < 1 || from > size) return false;
  if (from === size) return proof.length === 0 && equalBytes(fromRoot, root);
  const path = [...proof];
  let at = from - 1;
  let last = size - 1;
  while (odd(at)) {
    at = half(at);
    last = half(last);
  }
  const first = at === 0 ? fromRoot : path.shift();
  if (!first) return false;
  let old = first;
  let now = first;
  for (const hash of path) {
    if (last === 0) return false;
    if (odd(at) || at === last) {
      old = nodeHash(hash, old);
      now = nodeHash(hash, now);
      while (!odd(at) && at !== 0) {
        at = half(at);
        last = half(last);
      }
    } else {
      now = nodeHash(now, hash);
    }
    at = half(at);
    last = half(last);
  }
  return last === 0 && equalBytes(old, fromRoot) && equalBytes(now, root);
}
