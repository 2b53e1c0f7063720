/**
 * A release of figures, read from the bytes that are signed and from nothing else: what a reviewer is shown is worked out
 * here, so that a server cannot have one thing looked at and another thing signed.
 *
 * The twin of figures.CheckRelease; FORMAT.md there is the specification, and both run the same vectors.
 */
import { sha256 } from "@noble/hashes/sha2.js";
import { isDay, linesOf } from "./chain.js";
import { toBase64, utf8 } from "./encoding.js";

/** A count that is not shown. */
export const HIDDEN = -1;

export interface ShownTable {
  key: string;
  /** The layer's code; "" for a table without layers. */
  layer: string;
  rows: string[];
  cols: string[];
  /** By row, then by column; HIDDEN for what is not shown. */
  counts: number[][];
}

export interface Release {
  first: string;
  last: string;
  reports: number;
  k: number;
  base: number;
  tables: ShownTable[];
}

interface Content {
  v: number; clinic: string; plan: number; first: string; last: string; k: number; base: number; reports: number;
  tables: { key: string; layer?: string; shown: { rows: string[]; cols: string[]; counts: number[][] } }[];
}

/** Reads a release of a clinic; null when its content is not the one that its lines name, or either does not read. */
export function readRelease(clinic: string, lines: string, content: string): Release | null {
  const [leaf, kind, of, plan, planHash, period, day, hash, ...more] = linesOf(lines);
  if (leaf !== "answerable/leaf/v1" || kind !== "release" || of !== clinic || !isDay(day) || planHash === undefined || more.length > 0) return null;
  if (hash !== toBase64(sha256(utf8(content)))) return null;
  const c = parse(content);
  if (c === null || c.clinic !== clinic || String(c.plan) !== plan || `${c.first} ${c.last}` !== period) return null;
  return {
    first: c.first, last: c.last, reports: c.reports, k: c.k, base: c.base,
    tables: c.tables.map(({ key, layer, shown }) => ({ key, layer: layer ?? "", rows: shown.rows, cols: shown.cols, counts: shown.counts })),
  };
}

function parse(content: string): Content | null {
  try {
    const c = JSON.parse(content) as Partial<Content> | null;
    return isContent(c) ? c : null;
  } catch {
    return null;
  }
}

const isCount = (n: unknown): n is number => Number.isInteger(n) && (n as number) >= HIDDEN;
const isTexts = (v: unknown): v is string[] => Array.isArray(v) && v.every((s) => typeof s === "string");

function isContent(c: Partial<Content> | null): c is Content {
  return c?.v === 1 && typeof c.clinic === "string" && isDay(c.first) && isDay(c.last) && [c.plan, c.k, c.base, c.reports].every(isCount) &&
    Array.isArray(c.tables) && c.tables.every(isTable);
}

function isTable(t: Partial<Content["tables"][number]> | null): boolean {
  const shown = t?.shown;
  return typeof t?.key === "string" && ["undefined", "string"].includes(typeof t.layer) && isTexts(shown?.rows) && isTexts(shown.cols) &&
    Array.isArray(shown.counts) && shown.counts.length === shown.rows.length && shown.counts.every((row) => Array.isArray(row) && row.length === shown.cols.length && row.every(isCount));
}
