/**
 * Sums over what only the panel can read, for the panel alone: they are worked out in the worker from the files that it holds, and
 * nothing but sums leaves it. A message from which the reviewer has stepped back is in none of them.
 */
import { ac1, fleiss, summarise, type Code, type Ratings, type Summary } from "../agreement.js";
import { ownCode, themeOf, type Consensus, type Found } from "../coding.js";
import { settled } from "../compare.js";
import type { Answer } from "../pad.js";
import type { Wishes } from "../sharing.js";
import { answersTo, canReply, decidedOn, mayAnswer, toldIn } from "./answering.js";
import type { Case, Dated } from "./casework.js";
import { addDays, addWorkingDays, workingDaysBetween, type Clocks } from "./clocks.js";
import type { Opened } from "./desk.js";
import { blindOf } from "./firstcodings.js";
import { pairs, type Pair } from "./pairs.js";
import { pausedDays, pauses } from "./pause.js";
import { again, dayBy, type Again, type Wait } from "./waits.js";

/** What is known of one first message. */
export interface Known {
  /** Day of the batch. */
  day: string;
  service: string;
  /** Its codes are counted by the server already. */
  counted: boolean;
  /** What the coders agree on; null before. */
  agreed: Consensus | null;
  /** Codings made without sight of another: those of a third reader are not among them, nor any where nobody can tell. */
  blind: Dated<Found>[];
  /** The day of the first thing that a person wrote about it; "" for nothing yet. */
  begun: string;
  /** What the writer answered; null while the message is not open here. */
  answers: readonly Answer[] | null;
  sealedBy: "client" | "server" | "";
  /** When the writer was answered, where they can be and it is not known that they do not want it. */
  answer: { replied: string; told: string; paused: number } | null;
}

/** Messages whose time for something is over, or who had it in time, and those that had. */
export interface InTime { due: number; onTime: number }

/** Sums of a month, by the day of the batch. */
export interface Month {
  month: string;
  /** Agreed on, and for the panel alone. */
  only: { reports: number; themes: Record<string, number>; serious: number[]; good: number; services: Record<string, number>; unfairIn: Record<string, number> };
  /** Agreed on, whoever may count them. */
  agreed: number;
  serious3: number;
  good: number;
  payback: number;
  /** Why somebody was treated unfairly, by item. */
  unfair: Record<string, number>;
  /** What the clinic's own form asks beyond the common list, by code. */
  own: Record<string, number>;
  /** Open here, and of those: with an answer on how much it hurt, for weeks or longer, told for somebody else, told without script. */
  read: { messages: number; answered: number; big: number; helper: number; plain: number };
  /** Whose time to be begun is over, and begun in it. */
  ack: InTime;
  /** Whose writers were to be answered first, and to be told what was decided, and were in time: by the week of the answer. */
  reply: InTime;
  feedback: InTime;
}

/** How far coders agree on one question, all in all and by quarter. */
export interface Agreement {
  /** A theme, or "seriousness". */
  of: string;
  all: Summary;
  /** By quarter, with Fleiss' kappa of the first two codings, and AC1; null where they say nothing: too few, all said the same, or codes with an order. */
  quarters: { quarter: string; summary: Summary; kappa: number | null; ac1: number | null }[];
}

export interface Tally {
  months: Month[];
  /** Days of batches with a report of the gravest kind, and of payback: for charts of the days between. */
  serious3: string[];
  payback: string[];
  /** How many other reports were agreed on from each of those to the next: for charts of the reports between. */
  between: { serious3: number[]; payback: number[] };
  agreement: Agreement[];
  /** How many messages there are, and the working days by which half of them, and nine of ten, were begun; null while that is not known. */
  ack: { of: number; half: number | null; nine: number | null };
  /** The same thing at the same part of the place, again and again. */
  again: Again[];
  /** How far each two coders agree: the detail of the above. */
  pairs: Pair[];
}

/** What is known of a message beside what the panel wrote about it. */
interface Beside {
  counted: boolean;
  first: Opened | undefined;
  wishes: Wishes | null;
  /** Weeks of answers, by the base64 of their tags. */
  answered: ReadonlyMap<string, string>;
}

/** What the tally knows of a first message: by what the panel wrote about it, and by its words where it is open. */
export function knownOf(c: Case, of: Beside, today: string): Known {
  const { counted, first, wishes, answered } = of;
  const begun = [...c.codings, ...c.notes, ...c.checks, ...c.consensuses, ...c.sharings].map(({ day }) => day).sort()[0] ?? "";
  const read = first !== undefined && first.kind === "submission";
  const weeks = answersTo(c.card, answered);
  return {
    day: c.day, service: c.card.service, counted, agreed: settled(c.codings, c.consensuses)?.consensus ?? null, blind: blindOf(c), begun,
    answers: read ? first.answers : null, sealedBy: read ? first.sealedBy : "",
    answer: mayAnswer(c.card, wishes, canReply(first)) ? { replied: weeks[0] ?? "", told: toldIn(weeks, decidedOn(c)) ?? "", paused: pausedDays(pauses(c.notes, c.back), today) } : null,
  };
}

const BIG = ["big", "lasting", "life_in_danger", "death"];
const NO_IMPACT = ["too_soon", "not_sure", "skip", ""];
const HELPER = ["helping_someone_they_agree", "helping_someone_cannot_ask", "saw_it"];
const PAYBACK = "response.payback";
const GRAVEST = 3;
const UNFAIR = "bias";
/** The interval of an agreement is the same each time it is worked out. */
const SEED = 5;

/** Themes in the order in which the list of codes has them. */
export function tally(messages: readonly Known[], themes: readonly string[], today: string, clocks: Clocks): Tally {
  const months = new Map<string, Month>();
  for (const m of messages) add(monthOf(months, m.day), m, today, clocks);
  const days = (holds: (c: Consensus) => boolean): string[] => messages.filter((m) => m.agreed !== null && holds(m.agreed)).map(({ day }) => day).sort();
  const grave = (c: Consensus): boolean => c.seriousness === GRAVEST;
  const payback = (c: Consensus): boolean => c.items.includes(PAYBACK);
  const others = (rare: (c: Consensus) => boolean): number[] => casesBetween(days(rare), days((c) => !rare(c)));
  const coded = questions(messages, themes);
  const waits = messages.map(({ day, begun }): Wait => ({ days: workingDaysBetween(day, begun || today, clocks), over: begun !== "" }));
  return {
    months: [...months.values()].sort((a, b) => (a.month < b.month ? -1 : 1)),
    serious3: days(grave),
    payback: days(payback),
    between: { serious3: others(grave), payback: others(payback) },
    agreement: agreements(coded),
    ack: { of: waits.length, half: dayBy(0.5, waits), nine: dayBy(0.9, waits) },
    again: again(messages, today),
    pairs: pairs(coded.coders, coded.questions.map(({ of, metric, rate }) => ({ of, metric, ratings: rate(coded.units) }))),
  };
}

/** How many other days lie after each rare one, up to the next and on it: batches have no order within a day. */
function casesBetween(rare: readonly string[], others: readonly string[]): number[] {
  return rare.slice(1).map((day, i) => others.filter((other) => other > (rare[i] ?? "") && other <= day).length);
}

function monthOf(months: Map<string, Month>, day: string): Month {
  const month = day.slice(0, 7);
  const found = months.get(month) ?? {
    month, only: { reports: 0, themes: {}, serious: [0, 0, 0, 0], good: 0, services: {}, unfairIn: {} }, agreed: 0, serious3: 0, good: 0, payback: 0, unfair: {}, own: {},
    read: { messages: 0, answered: 0, big: 0, helper: 0, plain: 0 }, ack: none(), reply: none(), feedback: none(),
  };
  months.set(month, found);
  return found;
}

const none = (): InTime => ({ due: 0, onTime: 0 });

/** `done` is "" before it is. */
function timed(to: InTime, done: string, last: string, today: string): void {
  const onTime = done !== "" && done <= last;
  if (onTime || today > last) to.due++;
  if (onTime) to.onTime++;
}

const more = (of: Record<string, number>, key: string): void => { of[key] = (of[key] ?? 0) + 1; };

/** Themes that a report counts for: those that were named, and those of the good things that were. */
const themesOf = (c: Consensus): string[] => [...new Set([...c.yes, ...c.good.map(themeOf)])];

function add(to: Month, m: Known, today: string, clocks: Clocks): void {
  timed(to.ack, m.begun, addWorkingDays(m.day, clocks.taken, clocks), today);
  if (m.answer !== null) {
    timed(to.reply, m.answer.replied, addDays(m.day, clocks.reply), today);
    timed(to.feedback, m.answer.told, addDays(m.day, clocks.feedback + m.answer.paused), today);
  }
  if (m.answers !== null) addRead(to.read, m.answers, m.sealedBy);
  const c = m.agreed;
  if (c === null) return;
  to.agreed++;
  if (c.seriousness === GRAVEST) to.serious3++;
  if (c.good.length > 0) to.good++;
  if (c.items.includes(PAYBACK)) to.payback++;
  for (const item of c.items) if (themeOf(item) === UNFAIR) more(to.unfair, item);
  for (const item of c.own ?? []) more(to.own, ownCode(item));
  if (m.counted) return;
  to.only.reports++;
  to.only.serious[c.seriousness] = (to.only.serious[c.seriousness] ?? 0) + 1;
  if (c.good.length > 0) to.only.good++;
  more(to.only.services, m.service);
  for (const theme of themesOf(c)) more(to.only.themes, theme);
  if (c.yes.includes(UNFAIR)) more(to.only.unfairIn, m.service);
}

function addRead(to: Month["read"], answers: readonly Answer[], sealedBy: string): void {
  const said = (q: string): string => answers.find((a) => a.q === q)?.a ?? "";
  to.messages++;
  if (!NO_IMPACT.includes(said("impact"))) to.answered++;
  if (BIG.includes(said("impact"))) to.big++;
  if (HELPER.includes(said("for_whom"))) to.helper++;
  if (sealedBy === "server") to.plain++;
}

/** What two or more coded without sight of each other, by question: each theme, and how serious it is. */
interface Coded {
  units: readonly Known[];
  coders: readonly string[];
  questions: { of: string; metric: "nominal" | "ordinal"; rate: (some: readonly Known[]) => Ratings }[];
}

function questions(messages: readonly Known[], themes: readonly string[]): Coded {
  const units = messages.filter(({ blind }) => blind.length > 1);
  const coders = [...new Set(units.flatMap(({ blind }) => blind.map(({ by }) => by)))].sort();
  const rate = (code: (f: Found) => Code) => (some: readonly Known[]): Code[][] =>
    some.map(({ blind }) => coders.map((id) => { const found = blind.find(({ by }) => by === id); return found === undefined ? null : code(found.body); }));
  const says = (theme: string) => (f: Found): Code => (f.yes.includes(theme) ? 1 : f.no.includes(theme) ? 0 : null);
  return { units, coders, questions: [
    ...themes.map((theme) => ({ of: theme, metric: "nominal" as const, rate: rate(says(theme)) })),
    { of: "seriousness", metric: "ordinal", rate: rate((f) => f.seriousness) },
  ] };
}

function agreements({ units, questions: list }: Coded): Agreement[] {
  if (units.length === 0) return [];
  const quarters = quartersOf(units.map(({ day }) => day));
  return list.map(({ of, metric, rate }) => ({
    of, all: summarise(rate(units), metric, SEED),
    quarters: quarters.map((quarter) => {
      const ratings = rate(units.filter(({ day }) => quarterOf(day) === quarter));
      if (ratings.length === 0) return { quarter, summary: NOTHING, kappa: null, ac1: null };
      const summary = summarise(ratings, metric, SEED);
      // Neither knows that codes have an order: for them none against a little is as far as none against the gravest.
      const said = summary.state === "enough" && metric === "nominal";
      return { quarter, summary, kappa: said ? kappa(ratings) : null, ac1: said ? ac1(ratings) : null };
    }),
  }));
}

/** Fleiss' kappa takes no gaps, and does not ask who the two were: a report counts where two answered the question. */
function kappa(ratings: Ratings): number | null {
  const both = ratings.map((row) => row.filter((c) => c !== null).slice(0, 2)).filter((c) => c.length === 2);
  return both.length === 0 ? null : fleiss(both);
}

/** A quarter in which nothing was coded. */
const NOTHING: Summary = { state: "too-few", units: 0, percent: 0, alpha: 0, has_range: false, low: 0, high: 0, prevalence: [] };

/** All quarters from that of the first day to that of the last: those in which nothing was coded are gaps, and no neighbours. */
function quartersOf(days: readonly string[]): string[] {
  const told = days.map(quarterOf).sort();
  const last = told[told.length - 1] ?? "";
  const all: string[] = [];
  for (let q = told[0] ?? "9"; q <= last; q = nextQuarter(q)) all.push(q);
  return all;
}

const nextQuarter = (quarter: string): string => {
  const next = new Date(`${quarter}-01T00:00:00Z`);
  next.setUTCMonth(next.getUTCMonth() + 3);
  return next.toISOString().slice(0, 7);
};

/** The first month of the quarter of a day: 2026-10. */
export const quarterOf = (day: string): string => {
  const month = Math.floor((Number(day.slice(5, 7)) - 1) / 3) * 3 + 1;
  return `${day.slice(0, 4)}-${String(month).padStart(2, "0")}`;
};
