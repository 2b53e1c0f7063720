/**
 * The panel's own dashboard: exact numbers, what only the panel may count among them, and how far coders agree. Nothing of it is
 * for outside; what may go out is drafted and signed above it.
 */
import { gChart, pChart, runChart, tChart, xmr, type Part } from "../chart.js";
import type { Summary } from "../agreement.js";
import { agreementChart } from "./agreementchart.js";
import { ask } from "./api.js";
import { button, el } from "./dom.js";
import { codeName } from "./figurewords.js";
import { fillOnOpening, type WhenFree } from "./fold.js";
import type { Labels } from "./labels.js";
import { lineChart } from "./linechart.js";
import { between, byMonth, byQuarter, sumsBy, total, workedOff, type Cell, type Sums } from "./numbers.js";
import { pairsBox } from "./pairsview.js";
import { ratesBox } from "./ratesview.js";
import type { ServedBench } from "./servedbench.js";
import { table } from "./table.js";
import type { Agreement, Month, Tally } from "./tally.js";

const NUMBERS = {
  title: "Numbers for your panel alone",
  lead: "These are exact, small ones among them. Say none of them outside the panel: who knows the place can tell people by them. What may go out is drafted above.",
  none: "Nobody has asked to be counted yet. This does not mean nothing happened.",
  open: "Open all messages for these sums",
  openHint: (shut: number): string => `${shut === 1 ? "One file is" : `${String(shut)} files are`} not open on this page. How much it hurt and who told is known of open ones only.`,
  shut: (shut: number): string => `${shut === 1 ? "One file stays" : `${String(shut)} files stay`} shut: you hold no key for ${shut === 1 ? "it" : "them"}, or ${shut === 1 ? "it is" : "they are"} no message.`,
  what: "What this means",
  measures: "In short",
  quarters: "By quarter",
  quarter: "Quarter from", counted: "Counted", only: "For you alone", both: "Together",
  time: "How it changed", timeLead: "A month or a quarter is drawn from 30 days after its end: what you still work on would look like a fall.",
  reports: "Reports agreed on, by month", month: "Month", reportsHead: "Reports", median: "median", mean: "mean",
  share: (theme: string): string => `${theme}, in 100 reports of a quarter`, hundred: "In 100",
  limits: "The same with limits", limitsHint: "Limits show how far a month lies from the others by chance. Months are few and uneven here, so look at the runs above first.",
  gaps: (what: string): string => `Days between reports of ${what}`, gapsHint: "A point below the lower limit says that they come closer together.", days: "Days", gapOf: "Until",
  cases: (what: string): string => `Other reports between those of ${what}`, casesLead: "Counted in reports and not in days", casesHint: "Where more is told, more of everything is. A long stretch without one is beyond the upper limit.", others: "Reports",
  serious: "the gravest kind", payback: "payback",
  themes: "What it is about",
  equity: "Who is treated unfairly",
  equityLead: "From what people told. You ask nobody who they are, compare no groups and rank none.",
  item: "Because of what", service: "Where", of: "Reports",
  again: "Told again and again", againLead: "Three or more reports of the last 180 days that tell of the same thing at the same part of the place.", thing: "What",
  own: "What only your form asks", ownItem: "Item",
  ownHint: "Items of your own, in reports that two of you agree on, whoever may count them. They are counted here alone: no number of them goes out, and our computer never sees them.",
  agreement: "How far you agree",
  agreementLead: "From codings that two of you made without seeing each other's. Alpha is 1 when all agree and 0 when it is chance. 0.8 and more can be relied on; below 0.67 look at the words of the code together. On rare codes alpha is low though nearly all agree: look at how many said yes.",
  agreementNone: "No message has two codings yet.",
  question: "Question", units: "Messages", same: "The same", alpha: "Alpha", said: "Said yes",
  few: "too few to say", noVariation: "all said the same",
  overTime: "How your agreement changed", overTimeLead: "Quarter by quarter, for each question. Kappa asks nearly the same as alpha; it and AC1 are for themes only, since how serious something is has an order, which alpha alone takes in. Where nearly all say no, both are low though you agree: AC1 in the table is made for that, so look at it there. When it falls, code a few together, or practise on the invented reports.",
  reading: { rely: "rely on it", tentative: "with care", retrain: "talk about it" },
  seriousness: "How serious",
  by: (part: string, days: number | null): string => `${part}: ${days === null ? "not known yet, for too many still wait" : days === 0 ? "before the first working day was over" : `within ${String(days)} working ${days === 1 ? "day" : "days"}`}.`,
  ofHundred: (n: number, of: number): string => (of === 0 ? "Nothing to count yet." : `${String(n)} of ${String(of)} (${String(Math.round((100 * n) / of))} in 100).`),
};

/** The name of each measure and what it means. */
const MEASURES = {
  received: ["Reports you agree on", "Messages with a finding that two coders signed. First those whose writers let us count them, then those that are for the panel alone. More of them can mean more harm, or more trust."],
  impact: ["It hurt for weeks or longer", "Of the messages that are open here and say how much it hurt: those that say for weeks or months, for life, in danger of life, or that somebody died. The writer says so; nobody changes it."],
  serious: ["The gravest kind", "Of all you agree on, those with seriousness 3: force, assault, payback, a loss of freedom, unfairness by rule, or a serious danger. It says how grave the act was, not how much it hurt."],
  good: ["Something good in it", "Of all you agree on, those with any good thing. A report of harm can hold one."],
  solidarity: ["Somebody stood with them", "Of all you agree on, those that name a good thing of this kind: stood by me, used their power for me, no force, honest about power."],
  payback: ["Payback", "Of all you agree on, those that tell of being treated worse after speaking up. Public only as yes or no, over a year or more."],
  ack: ["Begun in time", "Of the messages whose first days are over: those about which somebody on the panel wrote something, such as a coding or a note, within the working days that your panel set for taking a message. The automatic receipt does not count."],
  ackDays: ["How long until somebody began", "Working days from the day a message came in to the first thing that somebody on the panel wrote about it. One that nobody has begun counts as waiting for as long as it has waited so far, so leaving it does not make this look better."],
  reply: ["First answered in time", "Of the messages whose writers can be answered, and whose days for a first answer are over: those with an answer from somebody on the panel in that time. The log says in which week, so an answer of the last week counts as in time. Writers who do not want to be contacted are left out as far as their messages are open here."],
  feedback: ["Told in time what was decided", "The same for an answer after the panel kept a message, or could give it out. Days in which the panel waited for the writer do not count. The first answer of all counts only if it came in a later week than the decision."],
  helper: ["Told for somebody else", "Of the messages that are open here: told by a helper, or by somebody who saw it. It shows who cannot tell by themselves."],
  plain: ["Told without script", "Of the messages that are open here: sent by the plain form, which our computer sees for a moment. It shows who has no other way."],
} as const;

interface Around {
  bench: ServedBench;
  labels: Labels;
  attempt: (step: () => Promise<void>) => Promise<void>;
  whenFree: WhenFree;
}

/** The dashboard as a folded section; it is worked out when it is opened. */
export function numbersBox(around: Around): HTMLElement {
  const room = el("div", { class: "numbers" });
  const box = el("details", { class: "own-numbers" }, el("summary", {}, NUMBERS.title), room);
  const fill = async (whole: boolean): Promise<void> => {
    const { counts } = (await (await ask(`/c/${encodeURIComponent(around.bench.clinic.slug)}/figures/counts`)).json()) as { counts: Cell[] };
    const { tally, shut } = await around.bench.tally(whole);
    room.replaceChildren(el("p", { class: "note" }, NUMBERS.lead), ...opener(shut, whole, () => { void around.attempt(() => fill(true)); }), ...dashboard(counts, tally, around));
  };
  fillOnOpening(box, around.whenFree, () => fill(false), () => room.childElementCount === 0);
  return box;
}

function opener(shut: number, tried: boolean, open: () => void): HTMLElement[] {
  if (shut === 0) return [];
  if (tried) return [el("p", { class: "quiet" }, NUMBERS.shut(shut))];
  const b = button(NUMBERS.open, open);
  b.dataset["busy"] = "";
  return [el("p", { class: "hint" }, NUMBERS.openHint(shut)), b];
}

function dashboard(cells: readonly Cell[], tally: Tally, { bench, labels, attempt, whenFree }: Around): HTMLElement[] {
  const name = (code: string): string => codeName(labels, code);
  const order = [...labels.codes.themes, ...labels.codes.good].map(({ code }) => code);
  const inOrder = ([a]: [string, number], [b]: [string, number]): number => order.indexOf(a) - order.indexOf(b); // and not by size: nothing is ranked
  const [months, quarters] = [sumsBy(byMonth, cells, tally), sumsBy(byQuarter, cells, tally)];
  const all = total(quarters);
  const reports = all.counted + all.only;
  const id = (what: string): string => `numbers-${bench.clinic.slug.replace(/[^a-z0-9-]/g, "")}-${what}`;
  return [
    ...(reports === 0 ? [el("p", { class: "note" }, NUMBERS.none)] : []),
    el("h4", {}, NUMBERS.measures), measures(all, tally),
    ...(reports === 0 ? [] : [
      table(NUMBERS.quarters, [NUMBERS.quarter, NUMBERS.counted, NUMBERS.only, NUMBERS.both], quarters.map(([q, s]) => [q, s.counted, s.only, s.counted + s.only])),
      table(NUMBERS.themes, [NUMBERS.themes, NUMBERS.of, NUMBERS.hundred], Object.entries(all.themes).sort(inOrder).map(([code, n]) => [name(code), n, percent(n, reports)])),
      el("h4", {}, NUMBERS.time), ...charts(id, months, quarters, tally, name),
      ratesBox({ slug: bench.clinic.slug, id: id("rates"), quarters, attempt, whenFree }),
    ]),
    ...(tally.again.length === 0 ? [] : [
      el("p", { class: "hint" }, NUMBERS.againLead),
      table(NUMBERS.again, [NUMBERS.service, NUMBERS.thing, NUMBERS.of], tally.again.map(({ service, item, reports: n }) => [service === "" ? name("none") : name(`service.${service}`), name(item), n])),
    ]),
    el("h4", {}, NUMBERS.equity), el("p", { class: "hint" }, NUMBERS.equityLead), ...equity(all, tally, name),
    ...own(tally, name),
    el("h4", {}, NUMBERS.agreement), ...agreement(tally.agreement, name, id),
    ...pairsBox(tally.pairs, (of) => (of === "seriousness" ? NUMBERS.seriousness : name(of))),
  ];
}

const percent = (n: number, of: number): string => (of === 0 ? "" : String(Math.round((100 * n) / of)));

function measures(all: Sums, tally: Tally): HTMLElement {
  const sum = (of: (m: Month) => number): number => tally.months.reduce((n, m) => n + of(m), 0);
  const reports = all.counted + all.only;
  const read = sum((m) => m.read.messages);
  const agreed = sum((m) => m.agreed);
  const values: Record<keyof typeof MEASURES, string> = {
    received: `${String(all.counted)} + ${String(all.only)}`,
    impact: `${NUMBERS.ofHundred(sum((m) => m.read.big), sum((m) => m.read.answered))} ${String(sum((m) => m.read.answered))} of ${String(read)} say how much.`,
    serious: NUMBERS.ofHundred(sum((m) => m.serious3), agreed),
    good: NUMBERS.ofHundred(sum((m) => m.good), agreed),
    solidarity: NUMBERS.ofHundred(all.themes["good_solidarity"] ?? 0, reports),
    payback: NUMBERS.ofHundred(sum((m) => m.payback), agreed),
    ack: NUMBERS.ofHundred(sum((m) => m.ack.onTime), sum((m) => m.ack.due)),
    ackDays: tally.ack.of === 0 ? NUMBERS.ofHundred(0, 0) : `${NUMBERS.by("Half", tally.ack.half)} ${NUMBERS.by("Nine of ten", tally.ack.nine)}`,
    reply: NUMBERS.ofHundred(sum((m) => m.reply.onTime), sum((m) => m.reply.due)),
    feedback: NUMBERS.ofHundred(sum((m) => m.feedback.onTime), sum((m) => m.feedback.due)),
    helper: NUMBERS.ofHundred(sum((m) => m.read.helper), read),
    plain: NUMBERS.ofHundred(sum((m) => m.read.plain), read),
  };
  return el("dl", { class: "measures" }, ...(Object.keys(MEASURES) as (keyof typeof MEASURES)[]).map((key) => el("div", {},
    el("dt", {}, MEASURES[key][0]),
    el("dd", {}, el("p", {}, values[key]), el("details", {}, el("summary", {}, NUMBERS.what), el("p", {}, MEASURES[key][1]))))));
}

/** Runs of reports by month, parts of each theme by quarter, and days between what is rare. */
function charts(id: (what: string) => string, allMonths: [string, Sums][], allQuarters: [string, Sums][], tally: Tally, name: (code: string) => string): HTMLElement[] {
  const today = new Date().toISOString().slice(0, 10);
  const [months, quarters] = [workedOff(allMonths, 1, today), workedOff(allQuarters, 3, today)];
  const list: HTMLElement[] = [el("p", { class: "hint" }, NUMBERS.timeLead)];
  if (months.length > 1) {
    const reports = { title: NUMBERS.reports, when: NUMBERS.month, value: NUMBERS.reportsHead, suffix: "", labels: months.map(([m]) => m) };
    const counts = months.map(([, s]) => s.counted + s.only);
    list.push(
      lineChart({ ...reports, id: id("reports"), centre: NUMBERS.median, chart: runChart(counts) }),
      el("details", {}, el("summary", {}, NUMBERS.limits), el("p", { class: "hint" }, NUMBERS.limitsHint), lineChart({ ...reports, id: id("xmr"), centre: NUMBERS.mean, chart: xmr(counts, true) })));
  }
  const told = quarters.filter(([, s]) => s.counted + s.only > 0);
  const themes = [...new Set(told.flatMap(([, s]) => Object.keys(s.themes)))];
  if (told.length > 1) {
    list.push(el("details", {}, el("summary", {}, NUMBERS.themes), ...themes.map((theme, i) => {
      const parts = told.map(([, s]): Part => ({ count: s.themes[theme] ?? 0, of: s.counted + s.only }));
      return lineChart({
        id: id(`theme${String(i)}`), title: NUMBERS.share(name(theme)), when: NUMBERS.quarter, value: NUMBERS.hundred, suffix: "%", centre: NUMBERS.mean,
        labels: told.map(([q]) => q), chart: hundred(pChart(parts)),
      });
    })));
  }
  for (const [what, words, days, cases] of [["serious", NUMBERS.serious, tally.serious3, tally.between.serious3], ["payback", NUMBERS.payback, tally.payback, tally.between.payback]] as const) {
    if (days.length < 3) continue; // two between
    list.push(el("p", { class: "hint" }, NUMBERS.gapsHint), lineChart({
      id: id(what), title: NUMBERS.gaps(words), when: NUMBERS.gapOf, value: NUMBERS.days, suffix: "", centre: NUMBERS.mean, labels: days.slice(1), chart: tChart(between(days)),
    }), el("details", {}, el("summary", {}, NUMBERS.casesLead), el("p", { class: "hint" }, NUMBERS.casesHint), lineChart({
      id: id(`${what}-cases`), title: NUMBERS.cases(words), when: NUMBERS.gapOf, value: NUMBERS.others, suffix: "", centre: NUMBERS.median, labels: days.slice(1), chart: gChart(cases),
    })));
  }
  return list;
}

const hundred = (c: ReturnType<typeof pChart>): ReturnType<typeof pChart> =>
  ({ ...c, centre: c.centre * 100, points: c.points.map((p) => ({ ...p, value: p.value * 100, lower: p.lower * 100, upper: p.upper * 100 })) });

function equity(all: Sums, tally: Tally, name: (code: string) => string): HTMLElement[] {
  const items = summed(tally.months.map((m) => m.unfair));
  const unfair = all.themes["bias"] ?? 0;
  return [
    el("p", {}, NUMBERS.ofHundred(unfair, all.counted + all.only)),
    ...(Object.keys(all.unfairIn).length === 0 ? [] : [table(NUMBERS.service, [NUMBERS.service, NUMBERS.of], Object.entries(all.unfairIn).map(([code, n]) => [name(code), n]))]),
    ...(items.length === 0 ? [] : [table(NUMBERS.item, [NUMBERS.item, NUMBERS.of], items.map(([code, n]) => [name(code), n]))]),
  ];
}

/** Items of the clinic's own that are agreed on; nothing where there are none. In the order of their codes: nothing is ranked. */
function own(tally: Tally, name: (code: string) => string): HTMLElement[] {
  const items = summed(tally.months.map((m) => m.own));
  if (items.length === 0) return [];
  return [el("h4", {}, NUMBERS.own), el("p", { class: "hint" }, NUMBERS.ownHint), table(NUMBERS.own, [NUMBERS.ownItem, NUMBERS.of], items.sort().map(([code, n]) => [name(code), n]))];
}

function summed(all: readonly Record<string, number>[]): [string, number][] {
  const sums: Record<string, number> = {};
  for (const one of all) for (const [code, n] of Object.entries(one)) sums[code] = (sums[code] ?? 0) + n;
  return Object.entries(sums);
}

function agreement(list: readonly Agreement[], name: (code: string) => string, id: (what: string) => string): HTMLElement[] {
  if (list.length === 0) return [el("p", { class: "quiet" }, NUMBERS.agreementNone)];
  const question = (of: string): string => (of === "seriousness" ? NUMBERS.seriousness : name(of));
  const rows = list.map(({ of, all }) => {
    const yes = all.prevalence.filter(({ code }) => code > 0).reduce((n, p) => n + p.part, 0);
    return [
      question(of), all.units, `${String(Math.round(all.percent * 100))} in 100`, alphaText(all), of === "seriousness" ? "" : `${String(Math.round(yes * 100))} in 100`,
    ];
  });
  return [el("p", { class: "hint" }, NUMBERS.agreementLead), table(NUMBERS.agreement, [NUMBERS.question, NUMBERS.units, NUMBERS.same, NUMBERS.alpha, NUMBERS.said], rows),
    el("details", {}, el("summary", {}, NUMBERS.overTime), el("p", { class: "hint" }, NUMBERS.overTimeLead), ...list.map((a, i) => agreementChart(a, question(a.of), id(`agreement${String(i)}`))))];
}

function alphaText(s: Summary): string {
  if (s.state !== "enough") return s.state === "too-few" ? NUMBERS.few : NUMBERS.noVariation;
  const range = s.has_range ? ` (${s.low.toFixed(2)} to ${s.high.toFixed(2)})` : "";
  return `${s.alpha.toFixed(2)}${range}${s.reading === undefined ? "" : `, ${NUMBERS.reading[s.reading]}`}`;
}
