/**
 * How fast a browser's engine checks the log: printed as a table. Run by make bench, once as it is and once without
 * compilation to machine code, as Tor Browser's safest level and lockdown modes have it.
 */
import { ed25519 } from "@noble/curves/ed25519.js";
import { leafHash } from "../src/leaf.js";
import { nodeHash, Tree, verifyInclusion } from "../src/tree.js";

const SIZE = 2020;
const leaves = Array.from({ length: SIZE }, (_, n) => `answerable/leaf/v1\nsubmission\n2026-12-abcd\n${"A".repeat(43)}=\n${"B".repeat(43)}=\n${String(n).padStart(43, "C")}=\n`);
const hashes = leaves.map((text) => leafHash(text));

/** The root over hashes (RFC 6962, 2.1). */
function rootOf(some: Uint8Array[]): Uint8Array {
  const [only] = some;
  if (some.length === 1 && only) return only;
  const k = half(some.length);
  return nodeHash(rootOf(some.slice(0, k)), rootOf(some.slice(k)));
}

/** The inclusion proof of one of them (RFC 6962, 2.1.1). */
function proofOf(index: number, some: Uint8Array[]): Uint8Array[] {
  if (some.length === 1) return [];
  const k = half(some.length);
  return index < k ? [...proofOf(index, some.slice(0, k)), rootOf(some.slice(k))] : [...proofOf(index - k, some.slice(k)), rootOf(some.slice(0, k))];
}

/** The largest power of two below n. */
const half = (n: number): number => 2 ** Math.floor(Math.log2(n - 1));

function measure(what: string, times: number, work: (n: number) => void): void {
  for (let n = 0; n < times / 10; n++) work(n); // warm
  const began = performance.now();
  for (let n = 0; n < times; n++) work(n);
  const each = (performance.now() - began) / times;
  console.log(`${what.padEnd(44)} ${each.toFixed(3).padStart(9)} ms`);
}

const tree = new Tree();
hashes.forEach((hash) => { tree.add(hash); });
const root = tree.root();
const proof = proofOf(1234, hashes);
const leaf = hashes[1234] ?? new Uint8Array();
if (!verifyInclusion(1234, SIZE, leaf, proof, root)) throw new Error("the proof does not hold");

measure(`an inclusion proof verified, of ${String(SIZE)} leaves`, 200, () => { verifyInclusion(1234, SIZE, leaf, proof, root); });
const secret = new Uint8Array(32).fill(7);
const message = new TextEncoder().encode(leaves[0]);
const signature = ed25519.sign(message, secret);
const publicKey = ed25519.getPublicKey(secret);
measure("a signature under a leaf verified", 200, () => { ed25519.verify(signature, message, publicKey, { zip215: false }); });
measure(`a log of ${String(SIZE)} leaves hashed to its root`, 10, () => {
  const t = new Tree();
  leaves.forEach((text) => { t.add(leafHash(text)); });
  t.root();
});
