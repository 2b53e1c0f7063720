/**
 * Reports for every hundred visits, for the panel alone: what goes up with the number of visits need not be more harm. The clinic
 * tells its panel how many there were; a member writes it down here.
 */
import { uChart } from "../chart.js";
import { ApiError, ask, send } from "./api.js";
import { button, el } from "./dom.js";
import { fillOnOpening, type WhenFree } from "./fold.js";
import { lineChart } from "./linechart.js";
import type { Sums } from "./numbers.js";
import { table } from "./table.js";

export const RATES = {
  title: "Reports for every hundred visits",
  lead: "More visits bring more reports. The clinic tells you how many visits it had in a quarter; write it down when the quarter is over. Nobody can check that number, and it is in nothing that goes out. Reports are those that two of you agree on: the newest quarter may still grow, and an older one falls when its key is destroyed, or where you hold no key or stepped back. So the others may see other numbers, and a rise from an old quarter may be none.",
  none: "Nobody has written down any visits yet.",
  one: "With two quarters or more there is a chart here.",
  quarter: "Quarter", visits: "Visits", reports: "Reports", rate: "In 100 visits", by: "Written down by", mean: "mean",
  hint: "A whole number, such as 1200. It takes the place of what is written for that quarter.",
  keep: "Keep this number",
  kept: (quarter: string): string => `Kept for the quarter from ${quarter}.`,
  number: "Write a whole number, such as 1200.",
};

interface Around {
  slug: string;
  /** Begins ids on this page. */
  id: string;
  quarters: readonly (readonly [string, Sums])[];
  attempt: (step: () => Promise<void>) => Promise<void>;
  whenFree: WhenFree;
}

interface Visits {
  /** The first day. */
  quarter: string;
  visits: number;
  by: string;
}

/** A folded section; it is filled when it is opened. */
export function ratesBox(around: Around): HTMLElement {
  const room = el("div", {});
  const box = el("details", { class: "rates" }, el("summary", {}, RATES.title), room);
  const address = `/c/${encodeURIComponent(around.slug)}/figures/visits`;
  const said = el("p", { role: "status" });
  const fill = async (): Promise<void> => {
    const { visits } = (await (await ask(address)).json()) as { visits: Visits[] };
    room.replaceChildren(el("p", { class: "hint" }, RATES.lead), ...shown(visits, around), said, form(around, async (quarter, n) => {
      await send(around.slug, "/figures/visits", { quarter, visits: n });
      await fill();
      said.textContent = RATES.kept(quarter.slice(0, 7));
    }));
  };
  fillOnOpening(box, around.whenFree, fill, () => room.childElementCount === 0);
  return box;
}

function shown(visits: readonly Visits[], { id, quarters }: Around): HTMLElement[] {
  const reports = new Map(quarters.map(([quarter, s]) => [quarter, s.counted + s.only]));
  const told = visits.map((v) => ({ ...v, month: v.quarter.slice(0, 7), reports: reports.get(v.quarter.slice(0, 7)) ?? 0 }));
  if (told.length === 0) return [el("p", { class: "quiet" }, RATES.none)];
  const rate = (v: (typeof told)[number]): string => String(Math.round((10_000 * v.reports) / v.visits) / 100);
  return [
    table(RATES.title, [RATES.quarter, RATES.visits, RATES.reports, RATES.rate, RATES.by], told.map((v) => [v.month, v.visits, v.reports, rate(v), v.by])),
    told.length === 1 ? el("p", { class: "quiet" }, RATES.one) : lineChart({
      id: `${id}-rate`, title: RATES.title, when: RATES.quarter, value: RATES.rate, suffix: "", centre: RATES.mean, labels: told.map(({ month }) => month),
      chart: uChart(told.map((v) => ({ count: v.reports, of: v.visits / 100 }))),
    }),
  ];
}

/** How many quarters back visits can be written down. */
const BACK = 20;

/** The quarters that are over, the newest first, by their first days. */
export function quartersOver(today: string): string[] {
  const [year, month] = [Number(today.slice(0, 4)), Number(today.slice(5, 7))];
  const now = year * 4 + Math.floor((month - 1) / 3);
  return [...Array(BACK).keys()].map((i) => {
    const quarter = now - 1 - i;
    return `${String(Math.floor(quarter / 4))}-${String((quarter % 4) * 3 + 1).padStart(2, "0")}-01`;
  });
}

function form({ id, attempt }: Around, keep: (quarter: string, n: number) => Promise<void>): HTMLElement {
  const over = quartersOver(new Date().toISOString().slice(0, 10));
  const quarter = el("select", { id: `${id}-quarter` }, ...over.map((day) => el("option", { value: day }, day.slice(0, 7))));
  const number = el("input", { type: "text", inputmode: "numeric", class: "short", autocomplete: "off", id: `${id}-visits`, "aria-describedby": `${id}-visits-hint` });
  const problem = el("p", { class: "error", role: "alert" });
  const save = button(RATES.keep, () => {
    problem.textContent = /^\s*[1-9]\d{0,8}\s*$/.test(number.value) ? "" : RATES.number;
    if (problem.textContent !== "") {
      number.focus();
      return;
    }
    void attempt(() => keep(quarter.value, Number(number.value)).catch((err: unknown) => {
      if (!(err instanceof ApiError) || err.kind !== "visits") throw err;
      problem.textContent = err.message; // what was typed stays
    }));
  });
  save.dataset["busy"] = "";
  return el("div", { class: "visits-form" },
    el("div", { class: "field" }, el("label", { for: quarter.id }, RATES.quarter), quarter),
    el("div", { class: "field" }, el("label", { for: number.id }, RATES.visits), el("p", { class: "hint", id: `${id}-visits-hint` }, RATES.hint), number),
    problem, save);
}
