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
  /** Dimensions; "" for a table with one column, or without layers. */
  rowsAre: string;
  colsAre: string;
  layersAre: string;
  /** The layer's code; "" for a table without layers. */
  layer: string;
  /** Whether 0 is hidden as a small count is. */
  zerosHidden: boolean;
  rows: string[];
  cols: string[];
  /** By row, then by column; HIDDEN for what is not shown. */
  counts: number[][];
  /** The sums of what is shown; HIDDEN where nothing is. */
  rowTotals: number[];
  colTotals: number[];
  total: number;
}

export interface Release {
  first: string;
  last: string;
  reports: number;
  k: number;
  base: number;
  tables: ShownTable[];
}

interface Shown { rows: string[]; cols: string[]; counts: number[][]; row_totals: number[]; col_totals: number[]; total: number }

interface Table { key: string; rows_are: string; cols_are?: string; layers_are?: string; layer?: string; zeros_hidden: boolean; shown: Shown }

interface Content { v: number; clinic: string; plan: number; first: string; last: string; k: number; base: number; reports: number; tables: Table[] }

/** Reads a release of a clinic; null when its content is not the one that its lines name, or either does not read. */
export function readRelease(clinic: string, lines: string, content: string): Release | null {
  const [leaf, kind, of, plan, planHash, period, day, hash, ...more] = linesOf(lines);
  if (leaf !== "answerable/leaf/v1" || kind !== "release" || of !== clinic || !isDay(day) || planHash === undefined || more.length > 0) return null;
  if (hash !== toBase64(sha256(utf8(content)))) return null;
  const c = parse(content);
  if (c === null || c.clinic !== clinic || String(c.plan) !== plan || `${c.first} ${c.last}` !== period) return null;
  return { first: c.first, last: c.last, reports: c.reports, k: c.k, base: c.base, tables: c.tables.map(shownOf) };
}

const shownOf = ({ shown, ...t }: Table): ShownTable => ({
  key: t.key, rowsAre: t.rows_are, colsAre: t.cols_are ?? "", layersAre: t.layers_are ?? "", layer: t.layer ?? "", zerosHidden: t.zeros_hidden,
  rows: shown.rows, cols: shown.cols, counts: shown.counts, rowTotals: shown.row_totals, colTotals: shown.col_totals, total: shown.total,
});

/**
 * Reads what a release says, and refuses whatever the server's program never writes: nothing may stand in signed bytes that is
 * not shown or does not follow from what is.
 */
function parse(content: string): Content | null {
  try {
    const c = JSON.parse(content) as Partial<Content> | null;
    return isContent(c) && written(c) === content && safeTables(c) ? c : null;
  } catch {
    return null;
  }
}

const BASE = 5;
const LEAST_K = 5;
const MOST_K = 1000;
const LEAST_REPORTS = 20;
const MOST = 2 ** 30;
const MOST_TABLES = 6;
const MOST_LINES = 400;
const ALL = "all";
const SUM = "sum";

const isCount = (n: unknown): n is number => Number.isSafeInteger(n) && (n as number) >= HIDDEN;
const isCounts = (v: unknown): v is number[] => Array.isArray(v) && v.every(isCount);
const isTexts = (v: unknown): v is string[] => Array.isArray(v) && v.every((s) => typeof s === "string");
const isOptional = (v: unknown): boolean => ["undefined", "string"].includes(typeof v);
const isKey = (s: string): boolean => /^[a-z][a-z0-9_]{0,39}$/.test(s);
const isCode = (s: string): boolean => /^[a-z0-9][a-z0-9_.-]{0,79}$/.test(s);
const equal = (a: readonly unknown[], b: readonly unknown[]): boolean => a.length === b.length && a.every((v, i) => v === b[i]);
const added = (counts: number[]): number => counts.every((n) => n === HIDDEN) ? HIDDEN : counts.reduce((sum, n) => n === HIDDEN ? sum : sum + n, 0);

function isContent(c: Partial<Content> | null): c is Content {
  return c?.v === 1 && typeof c.clinic === "string" && isDay(c.first) && isDay(c.last) && [c.plan, c.k, c.base, c.reports].every(isCount) &&
    Array.isArray(c.tables) && c.tables.every(isTable);
}

function isTable(t: Partial<Table> | null): boolean {
  const shown = t?.shown;
  return typeof t?.key === "string" && typeof t.rows_are === "string" && typeof t.zeros_hidden === "boolean" &&
    [t.cols_are, t.layers_are, t.layer].every(isOptional) && isTexts(shown?.rows) && isTexts(shown.cols) &&
    Array.isArray(shown.counts) && shown.counts.every(isCounts) && isCounts(shown.row_totals) && isCounts(shown.col_totals) && isCount(shown.total);
}

/** A content as it is written: members in order, each once, and none that is empty. */
function written(c: Content): string {
  const filled = (name: string, s: string | undefined): object => s === undefined || s === "" ? {} : { [name]: s };
  const tables = c.tables.map((t) => ({
    key: t.key, rows_are: t.rows_are, ...filled("cols_are", t.cols_are), ...filled("layers_are", t.layers_are), ...filled("layer", t.layer), zeros_hidden: t.zeros_hidden,
    shown: { rows: t.shown.rows, cols: t.shown.cols, counts: t.shown.counts, row_totals: t.shown.row_totals, col_totals: t.shown.col_totals, total: t.shown.total },
  }));
  const { v, clinic, plan, first, last, k, base, reports } = c;
  return JSON.stringify({ v, clinic, plan, first, last, k, base, reports, tables });
}

function safeTables(c: Content): boolean {
  const numbers = c.plan >= 1 && c.first <= c.last && c.base === BASE && c.k >= LEAST_K && c.k <= MOST_K &&
    c.reports % BASE === 0 && c.reports >= LEAST_REPORTS && c.reports <= MOST;
  return numbers && c.tables.length > 0 && c.tables.every((t) => isSafe(t, c.k)) && groupsHold(c.tables);
}

/** Whether a table's names are names, its counts such as are shown where k or fewer are hidden, and its totals their sums. */
function isSafe(t: Table, k: number): boolean {
  const { rows, cols, counts, row_totals, col_totals, total } = t.shown;
  return isKey(t.key) && isKey(t.rows_are) && [t.cols_are, t.layers_are].every((s) => s === undefined || isKey(s)) &&
    areLines(rows) && areLines(cols) && (t.cols_are !== undefined || equal(cols, [ALL])) &&
    counts.length === rows.length && counts.every((row) => row.length === cols.length && row.every((n) => mayShow(n, k, t.zeros_hidden))) &&
    equal(row_totals, counts.map(added)) && equal(col_totals, cols.map((_, j) => added(counts.map((row) => row[j] ?? HIDDEN)))) && total === added(counts.flat());
}

const areLines = (codes: string[]): boolean => codes.length > 0 && codes.length <= MOST_LINES && codes.every(isCode) && new Set(codes).size === codes.length;

/** Whether a count is one that is shown; the least is k+1, rounded. */
function mayShow(n: number, k: number, zerosHidden: boolean): boolean {
  if (n === HIDDEN) return true;
  if (n === 0) return !zerosHidden;
  return n % BASE === 0 && n >= Math.round((k + 1) / BASE) * BASE && n <= MOST;
}

/** Whether the layers of each table stand together, and their sum last. */
function groupsHold(tables: Table[]): boolean {
  const groups: Table[][] = [];
  for (const t of tables) {
    const newest = groups[groups.length - 1];
    if (newest?.[0]?.key === t.key) newest.push(t);
    else groups.push([t]);
  }
  return groups.length <= MOST_TABLES && new Set(groups.map((g) => g[0]?.key)).size === groups.length && groups.every(groupHolds);
}

function groupHolds(group: Table[]): boolean {
  const [head] = group;
  if (head === undefined) return false;
  if (head.layers_are === undefined) return group.length === 1 && head.layer === undefined;
  const layers = group.slice(0, -1);
  const sum = group[group.length - 1];
  if (layers.length === 0 || sum?.layer !== SUM || new Set(group.map((t) => t.layer)).size !== group.length) return false;
  const same = group.every((t) => isCode(t.layer ?? "") && t.rows_are === head.rows_are && t.cols_are === head.cols_are && t.layers_are === head.layers_are &&
    t.zeros_hidden === head.zeros_hidden && equal(t.shown.rows, head.shown.rows) && equal(t.shown.cols, head.shown.cols));
  return same && sum.shown.counts.every((row, i) => row.every((n, j) => addsUp(layers.map((t) => t.shown.counts[i]?.[j] ?? HIDDEN), n)));
}

/** Whether a cell of the sum is that of its layers: hidden in all, or in none. */
const addsUp = (layers: number[], sum: number): boolean => layers.every((n) => (n === HIDDEN) === (sum === HIDDEN)) && added(layers) === sum;
