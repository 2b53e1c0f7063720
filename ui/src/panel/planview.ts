/** The panel's plan of figures: which tables go out for which periods. It is fixed before there is anything to see. */
import { planText, readPlan, type Dimension, type Plan, type TablePlan } from "../plan.js";
import { ask, ApiError, type Decision } from "./api.js";
import { button, el } from "./dom.js";
import { dimension, tableName } from "./figurewords.js";
import { fillOnOpening, type WhenFree } from "./fold.js";
import { dayText, today } from "./reading.js";
import { quarterOf } from "./tally.js";

/** What the server gives about plans. */
export interface ServedPlans {
  clinic: string;
  /** The newest first. */
  plans: { version: number; from: string; lines: string; hash: string; decided_on: string | null }[];
  reports_a_year: number;
  /** That a period should have; 0 for words and no counts. */
  months: number;
  offered: Dimension[];
}

const MOST_TABLES = 6;
/** Rows and columns of the first plan that is offered: the twin of figures.DefaultPlan. */
const FIRST = [["theme", ""], ["theme", "service"], ["theme", "seriousness"], ["theme", "role"]];

export const PLAN = {
  title: "The plan of these numbers",
  lead: "Which tables go out, and for which times. It is fixed before there is anything to see, so that nobody picks numbers that suit them. It is never changed, only followed by another, when as many of you have signed that as your list asks.",
  none: "There is no plan yet. The first report that is counted brings one, or your panel decides on its own here.",
  decided: (day: string): string => `Your panel decided on it on ${dayText(day)}.`,
  undecided: "It came with the first report, or before plans were signed: your panel has not decided on it.",
  facts: (p: Plan): string => `Plan ${String(p.version)}, from ${dayText(p.from)}: a release for each ${String(p.months)} months, ${String(p.delayDays)} days after their end or later. Numbers of ${String(p.k)} or fewer are hidden.`,
  zeros: (t: TablePlan): string => `${tableName(t)}. ${t.zeros ? "0 is hidden too." : "0 is shown."}`,
  hash: "The name by which releases call it (SHA-256):",
  year: (n: number, months: number): string => {
    const said = `In the last twelve months ${n === 1 ? "one report was" : `${String(n)} reports were`} counted.`;
    if (months === 0) return `${said} That is too few for numbers: a year needs 20. Words can still go out.`;
    return `${said} For so many, a time of ${String(months)} months is right: each needs 40 reports, a whole year 20.`;
  },
  next: "Propose the next plan",
  settings: "It is signed with your panel's settings as they hold now. From the first settings that you sign on, whoever runs the server changes none of them.",
  rules: "It begins where a time of the plan before it begins, after all that is drafted or let out. With other tables it begins in a month that has not begun: what was counted cannot be counted again.",
  from: "First day",
  fromHint: "The first of a month, such as 2027-01-01.",
  months: "Months of each time",
  delay: "Days to wait after its end, 30 or more",
  k: "Hide numbers of this size and smaller, 5 or more",
  tables: "Tables, at most six",
  down: (n: number): string => `Table ${String(n)}: down`,
  across: (n: number): string => `Table ${String(n)}: across`,
  nothing: "nothing",
  hideZeros: "Hide 0 too. Without it, that nobody said something is shown.",
  propose: "Propose this plan",
  proposed: (p: Plan): string => `Proposed, and signed by you. Plan ${String(p.version)} holds from ${dayText(p.from)} on when enough of you have signed it. The others find it under Keys and members.`,
  decidedNow: (p: Plan): string => `Decided. Plan ${String(p.version)} holds from ${dayText(p.from)} on.`,
  layers: "This plan has tables in layers. Those are written in a terminal: answerable figures plan set.",
};

interface Around {
  slug: string;
  act: (work: () => Promise<string>) => void;
  whenFree: WhenFree;
  /** Signs the text of a plan and proposes it to the panel. */
  propose: (lines: string) => Promise<Decision>;
}

/** Plans as a folded section; filled when it is opened. */
export function planBox(around: Around): HTMLElement {
  const room = el("div", {});
  const box = el("details", { class: "plan" }, el("summary", {}, PLAN.title), room);
  const fill = async (): Promise<void> => {
    const served = (await (await ask(`/c/${encodeURIComponent(around.slug)}/figures/plans`)).json()) as ServedPlans;
    room.replaceChildren(...plans(served, around, fill));
  };
  fillOnOpening(box, around.whenFree, fill);
  return box;
}

function plans(served: ServedPlans, around: Around, fill: () => Promise<void>): HTMLElement[] {
  const read = served.plans.flatMap(({ lines, hash, decided_on: on }) => { const plan = readPlan(lines); return plan === null ? [] : [{ plan, hash, on }]; });
  return [
    el("p", {}, PLAN.lead),
    ...(read.length === 0 ? [el("p", { class: "quiet" }, PLAN.none)] : read.flatMap(({ plan, hash, on }) => [...shownPlan(plan, hash), el("p", { class: "quiet" }, on === null ? PLAN.undecided : PLAN.decided(on))])),
    el("p", {}, PLAN.year(served.reports_a_year, served.months)),
    form(served, read[0]?.plan ?? null, around, fill),
  ];
}

/** A plan in words, line by line; its hash stands for all that they leave out. */
export const planLines = (p: Plan, hash: string): string[] =>
  [PLAN.facts(p), ...p.tables.map((t) => PLAN.zeros(t)), `${PLAN.hash} ${hash}`];

/** A plan in words. */
export function shownPlan(p: Plan, hash: string): HTMLElement[] {
  return [
    el("p", {}, PLAN.facts(p)),
    el("ul", {}, ...p.tables.map((t) => el("li", {}, PLAN.zeros(t)))),
    el("p", { class: "quiet" }, `${PLAN.hash} `, el("code", { translate: "no" }, hash)),
  ];
}

function form(served: ServedPlans, newest: Plan | null, around: Around, fill: () => Promise<void>): HTMLElement {
  if (newest?.tables.some((t) => t.layers !== "") === true) return el("p", { class: "quiet" }, PLAN.layers);
  const id = (name: string): string => `plan-${around.slug}-${name}`;
  const field = (name: string, label: string, input: HTMLElement, hint = ""): HTMLElement => {
    input.id = id(name);
    if (hint === "") return el("div", { class: "field" }, el("label", { for: input.id }, label), input);
    input.setAttribute("aria-describedby", `${input.id}-hint`);
    return el("div", { class: "field" }, el("label", { for: input.id }, label), el("p", { class: "hint", id: `${input.id}-hint` }, hint), input);
  };
  const text = (value: string): HTMLInputElement => el("input", { type: "text", inputmode: "numeric", class: "short", autocomplete: "off", value });
  const from = text(newest?.from ?? `${quarterOf(today())}-01`);
  from.removeAttribute("inputmode");
  const months = choice(["3", "6", "12"], String(served.months || newest?.months || 12), (m) => m);
  const [delay, k] = [text(String(newest?.delayDays ?? 30)), text(String(newest?.k ?? 10))];
  const keys = served.offered.filter((d) => d.codes.length > 0).map((d) => d.key);
  const first = FIRST.filter((of) => of.every((key) => key === "" || keys.includes(key)));
  const lines = [...Array(MOST_TABLES).keys()].map((n) => {
    const [down = "", across = ""] = newest === null ? first[n] ?? [] : [newest.tables[n]?.rows, newest.tables[n]?.cols];
    const rows = choice(["", ...keys], down, name);
    const cols = choice(["", ...keys.filter((key) => served.offered.find((d) => d.key === key)?.many === false)], across, name);
    return { rows, cols, boxes: [field(`rows-${String(n)}`, PLAN.down(n + 1), rows), field(`cols-${String(n)}`, PLAN.across(n + 1), cols)] };
  });
  const zeros = el("input", { type: "checkbox", id: id("zeros") });
  zeros.checked = newest?.tables.every((t) => t.zeros) ?? true;
  const why = el("p", { class: "error", role: "alert" });
  const keep = button(PLAN.propose, () => {
    why.textContent = "";
    const tables = lines.flatMap(({ rows, cols }): TablePlan[] => (rows.value === "" ? [] : [planned(rows.value, cols.value, zeros.checked, newest)]));
    const plan: Plan = {
      clinic: served.clinic, version: (newest?.version ?? 0) + 1, from: from.value.trim(), months: Number(months.value), delayDays: Number(delay.value), k: Number(k.value),
      dimensions: dimensionsOf(tables, served.offered, newest), tables,
    };
    around.act(async () => {
      try {
        const d = await around.propose(planText(plan));
        await fill();
        return d.state === "made" ? PLAN.decidedNow(plan) : PLAN.proposed(plan);
      } catch (err) {
        if (!(err instanceof ApiError) || err.kind !== "decision") throw err;
        why.textContent = err.message; // what was typed stays
        return "";
      }
    });
  }, "button");
  keep.dataset["busy"] = "";
  return el("details", {}, el("summary", {}, PLAN.next), el("div", { class: "plan-form" },
    el("p", { class: "hint" }, PLAN.rules), el("p", { class: "hint" }, PLAN.settings),
    field("from", PLAN.from, from, PLAN.fromHint), field("months", PLAN.months, months), field("delay", PLAN.delay, delay), field("k", PLAN.k, k),
    el("fieldset", { class: "group" }, el("legend", {}, PLAN.tables), ...lines.flatMap(({ boxes }) => boxes)),
    el("div", { class: "choice" }, zeros, el("label", { for: id("zeros") }, PLAN.hideZeros)),
    why, keep,
  ));
}

const name = (key: string): string => (key === "" ? PLAN.nothing : dimension(key));

function choice(values: string[], chosen: string, label: (value: string) => string): HTMLSelectElement {
  const select = el("select", {}, ...values.map((value) => el("option", { value }, label(value))));
  select.value = values.includes(chosen) ? chosen : (values[0] ?? "");
  return select;
}

/** A table as it is written; one that the plan before has keeps its name, so that its counts go on. */
function planned(rows: string, cols: string, zeros: boolean, before: Plan | null): TablePlan {
  const same = before?.tables.find((t) => t.rows === rows && t.cols === cols);
  return { key: same?.key ?? (cols === "" ? rows : `${rows}_by_${cols}`), zeros, rows, cols, layers: "" };
}

/** The dimensions that tables use. One that the plan before has stays as it is, so that its counts go on. */
function dimensionsOf(tables: readonly TablePlan[], offered: readonly Dimension[], before: Plan | null): Dimension[] {
  const used = new Set(tables.flatMap((t) => [t.rows, t.cols]));
  const known = [...(before?.dimensions ?? []), ...offered.filter((d) => before?.dimensions.every((b) => b.key !== d.key) ?? true)];
  return known.filter((d) => used.has(d.key));
}
