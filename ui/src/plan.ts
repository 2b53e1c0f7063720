/**
 * A plan of figures: which tables a clinic releases for which periods. It is read from the text whose hash reviewers sign, and
 * a release is held against it, so that no table is added, or left out, for one period.
 *
 * The twin of figures.CheckPlan; FORMAT.md there is the specification, and both run the same vectors.
 */
import { sha256 } from "@noble/hashes/sha2.js";
import { isDay, linesOf, whole } from "./chain.js";
import { toBase64, utf8 } from "./encoding.js";
import type { Release, ShownTable } from "./release.js";

const LABEL = "answerable/plan/v1";
const MOST_BYTES = 64 << 10;

/** One way to sort reports. */
export interface Dimension {
  key: string;
  /** A report may have several of its codes. */
  many: boolean;
  codes: string[];
}

/** One table: rows by columns, and by layers; "" for one column, or none. */
export interface TablePlan {
  key: string;
  /** 0 is hidden as a small count is. */
  zeros: boolean;
  rows: string;
  cols: string;
  layers: string;
}

export interface Plan {
  clinic: string;
  version: number;
  /** The first day of its first period. */
  from: string;
  /** Length of a period. */
  months: number;
  delayDays: number;
  k: number;
  dimensions: Dimension[];
  tables: TablePlan[];
}

/** The plan as a text, each line ended by a newline. */
export function planText(p: Plan): string {
  const dash = (s: string): string => (s === "" ? "-" : s);
  return [
    LABEL, p.clinic, String(p.version), [p.from, p.months, p.delayDays, p.k].join(" "),
    ...p.dimensions.map((d) => ["dimension", d.key, d.many ? "many" : "one", ...d.codes].join(" ")),
    ...p.tables.map((t) => ["table", t.key, t.zeros ? "zeros" : "-", t.rows, dash(t.cols), dash(t.layers)].join(" ")),
  ].map((l) => `${l}\n`).join("");
}

/** Reads exactly what planText writes; null for anything else. It does not judge: the server does, before it keeps one. */
export function readPlan(text: string): Plan | null {
  const [label, clinic = "", version, days = "", ...rest] = linesOf(text);
  if (utf8(text).length > MOST_BYTES || label !== LABEL || rest.length === 0) return null;
  const [from = "", months, delay, k] = days.split(" ");
  const p: Plan = { clinic, version: whole(version), from, months: whole(months), delayDays: whole(delay), k: whole(k), dimensions: [], tables: [] };
  for (const line of rest) {
    const [what, key = "", how, ...words] = line.split(" ");
    if (what === "dimension" && words.length > 0) p.dimensions.push({ key, many: how === "many", codes: words });
    else if (what === "table" && words.length === 3) {
      const [rows = "", cols = "", layers = ""] = words.map((s) => (s === "-" ? "" : s));
      p.tables.push({ key, zeros: how === "zeros", rows, cols, layers });
    } else return null;
  }
  return isDay(p.from) && planText(p) === text ? p : null;
}

/** The last day of the period that begins on a day; null when none of the plan's does. */
export function lastDayOf(p: Plan, first: string): string | null {
  const at = (day: string): number => Number(day.slice(0, 4)) * 12 + Number(day.slice(5, 7));
  const months = at(first) - at(p.from);
  if (first < p.from || !first.endsWith("-01") || months % p.months !== 0) return null;
  return new Date(Date.UTC(Number(first.slice(0, 4)), Number(first.slice(5, 7)) - 1 + p.months, 0)).toISOString().slice(0, 10);
}

/**
 * The plan of a release that was read from these lines; null when the text is not the one that the lines name, or when the
 * release is not what such a plan makes: other tables, names, rules or days.
 */
export function planOf(clinic: string, lines: string, release: Release, text: string): Plan | null {
  const p = readPlan(text);
  const [, , , version, hash] = linesOf(lines);
  if (p === null || hash !== toBase64(sha256(utf8(text))) || version !== String(p.version)) return null;
  const holds = p.clinic === clinic && p.k === release.k && lastDayOf(p, release.first) === release.last && makes(p, release.tables);
  return holds ? p : null;
}

/** Whether tables are those of a plan, all of them and in its order. */
function makes(p: Plan, tables: readonly ShownTable[]): boolean {
  const keys: string[] = [];
  for (const t of tables) {
    if (keys[keys.length - 1] !== t.key) keys.push(t.key);
    const planned = p.tables[keys.length - 1];
    if (planned === undefined || !lists(p, planned, t)) return false;
  }
  return keys.length === p.tables.length;
}

function lists(p: Plan, t: TablePlan, r: ShownTable): boolean {
  return t.key === r.key && t.rows === r.rowsAre && t.cols === r.colsAre && t.layers === r.layersAre && t.zeros === r.zerosHidden &&
    known(p, t.rows, r.rows, "") && known(p, t.cols, r.cols, "all") && (t.layers === "" || known(p, t.layers, [r.layer], "sum"));
}

/** Whether codes are of a dimension, or those that are always there. */
function known(p: Plan, key: string, codes: readonly string[], besides: string): boolean {
  const d = p.dimensions.find((one) => one.key === key);
  const all = d === undefined ? [] : [...d.codes, "other", ...(d.many ? [] : ["none"])];
  return codes.every((code) => code === besides || all.includes(code));
}
