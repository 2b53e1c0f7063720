/** The fixed vectors that Go and TypeScript share, and random input that is the same on every run. */
import { readFileSync } from "node:fs";
import path from "node:path";

const folder = path.join(import.meta.dirname, "../../../internal/seal/testdata/vectors");

/** Reads a vector file; the caller's type says what the file holds. */
// eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters -- the cast belongs in one place
export function vectors<T>(name: string): T {
  return JSON.parse(readFileSync(path.join(folder, name), "utf8")) as T;
}

/** Mulberry32: small, and with a printed seed a failure can be run again. */
export function randomFrom(seed: number): { int: (below: number) => number; bytes: (n: number) => Uint8Array } {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return (t ^ (t >>> 14)) >>> 0;
  };
  const int = (below: number): number => next() % below;
  return { int, bytes: (n) => Uint8Array.from({ length: n }, () => int(256)) };
}

