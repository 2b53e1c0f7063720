/** Exact counts of the server and sums of this browser put together, for the panel alone. */
import { addDays } from "./clocks.js";
import { quarterOf, type Month, type Tally } from "./tally.js";

/** A cell of the exact counts that the server keeps of what it may count. */
export interface Cell {
  /** The first day of a month. */
  month: string;
  table: string;
  layer: string;
  row: string;
  column: string;
  reports: number;
}

/** Sums over a time: what the server counts, and what this browser adds. */
export interface Sums {
  /** Reports that the server counts, and those agreed on that are for the panel alone. */
  counted: number;
  only: number;
  themes: Record<string, number>;
  /** By service: reports that name unfairness. */
  unfairIn: Record<string, number>;
}

/** A time as it is shown: a month or a quarter, by its first month (2026-10). */
export type Grain = (day: string) => string;
export const byMonth: Grain = (day) => day.slice(0, 7);
export const byQuarter: Grain = quarterOf;

const UNFAIR = "bias";
const none = (): Sums => ({ counted: 0, only: 0, themes: {}, unfairIn: {} });
const add = (to: Record<string, number>, key: string, n: number): void => { to[key] = (to[key] ?? 0) + n; };

/** Sums by time, the oldest first, with the times between in which nothing was told. */
export function sumsBy(grain: Grain, cells: readonly Cell[], tally: Tally): [string, Sums][] {
  const sums = new Map<string, Sums>();
  const at = (day: string): Sums => {
    const found = sums.get(grain(day)) ?? none();
    sums.set(grain(day), found);
    return found;
  };
  for (const c of cells) addCell(at(c.month), c);
  for (const m of tally.months) if (m.only.reports > 0) addOnly(at(m.month), m.only);
  const days = [...sums.keys()].sort();
  const [first, last] = [days[0], days[days.length - 1]];
  if (first === undefined || last === undefined) return [];
  const out: [string, Sums][] = [];
  for (let month = first; month <= last; month = next(month)) if (grain(month) === month) out.push([month, sums.get(month) ?? none()]);
  return out;
}

const next = (month: string): string => {
  const [year, n] = [Number(month.slice(0, 4)), Number(month.slice(5, 7))];
  return n === 12 ? `${String(year + 1)}-01` : `${String(year)}-${String(n + 1).padStart(2, "0")}`;
};

/** Days from the end of a time until figures of it can go out. */
const DELAY = 30;

/** Of sums by times of so many months, those that were over long enough: of newer ones the panel still works on much, which would look like a fall. */
export function workedOff(sums: readonly [string, Sums][], months: number, today: string): [string, Sums][] {
  const after = (month: string): string => Array.from({ length: months }).reduce<string>((at) => next(at), month);
  return sums.filter(([month]) => addDays(`${after(month)}-01`, DELAY) <= today);
}

function addCell(to: Sums, c: Cell): void {
  if (c.table === "reports") to.counted += c.reports;
  if (c.table === "theme" && c.column === "" && c.row !== "") add(to.themes, c.row, c.reports);
  if (c.table === "theme_by_service" && c.row === UNFAIR) add(to.unfairIn, c.column, c.reports);
}

function addOnly(to: Sums, only: Month["only"]): void {
  to.only += only.reports;
  for (const [theme, n] of Object.entries(only.themes)) add(to.themes, theme, n);
  for (const [service, n] of Object.entries(only.unfairIn)) add(to.unfairIn, service === "" ? "none" : `service.${service}`, n);
}

/** All sums together. */
export function total(sums: readonly [string, Sums][]): Sums {
  const all = none();
  for (const [, s] of sums) {
    all.counted += s.counted;
    all.only += s.only;
    for (const [theme, n] of Object.entries(s.themes)) add(all.themes, theme, n);
    for (const [service, n] of Object.entries(s.unfairIn)) add(all.unfairIn, service, n);
  }
  return all;
}

/** Days between each and the next; two on one day are 0 apart. */
export const between = (days: readonly string[]): number[] => days.slice(1).map((day, i) => Math.round((Date.parse(day) - Date.parse(days[i] ?? day)) / 86_400_000));
