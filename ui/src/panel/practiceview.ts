/** How a panel works: its days, its deadlines and its caps, for the panel to change. Who changed it last stands with it. */
import * as api from "./api.js";
import { ApiError } from "./api.js";
import { button, el } from "./dom.js";
import { dayText } from "./reading.js";
import type { ServedBench } from "./servedbench.js";

export const PRACTICE = {
  title: "How this panel works",
  lead: "Your panel sets this for itself. Everybody on it sees who changed it last.",
  untouched: "Nobody has changed it yet.",
  changed: (by: string, day: string): string => `Changed last by ${by} on ${day}.`,
  taken: "Working days until somebody takes a message",
  coded: "Days until both readings are in",
  decided: "Days until it is decided how far a message may go",
  sitting: "Messages in one sitting",
  serious: "Of those, how many of the gravest kind",
  week: "Messages that one member takes in a week",
  gap: "Minutes of rest after one of the gravest kind",
  days: "Days on which you work",
  dayNames: ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"],
  holidays: "Days off",
  holidaysHint: "One a line, such as 2026-12-25.",
  hard: "These limits stop the reader. Without the tick the page only says so.",
  save: "Keep this",
  saved: "Kept. It holds for everybody on this panel.",
  number: "Write whole numbers.",
};

const NUMBERS = ["taken", "coded", "decided", "sitting", "serious", "week", "gap"] as const;

/** Filled when it is unfolded, so that it shows what holds then. */
export function practiceForm(bench: ServedBench, say: (sentence: string) => void, attempt: (step: () => Promise<void>) => Promise<void>, saved: () => Promise<void>): HTMLElement {
  const room = el("div", {});
  const box = el("details", { class: "practice" }, el("summary", {}, PRACTICE.title), room);
  box.addEventListener("toggle", () => { if (box.open) fill(); });
  const fill = (): void => {
    const p = bench.practice;
    const save = async (now: api.Practice): Promise<void> => {
      await api.send(bench.clinic.slug, "/practice", now);
      await bench.readPractice();
      fill();
      await saved();
      say(PRACTICE.saved);
    };
    if (p !== null) room.replaceChildren(...form(bench.clinic.slug, p, (now, told) => attempt(() => save(now).catch((err: unknown) => {
      if (!(err instanceof ApiError) || err.kind !== "practice") throw err;
      told(err.message);
    }))));
  };
  return box;
}

type Known = NonNullable<ServedBench["practice"]>;

function form(slug: string, p: Known, save: (now: api.Practice, told: (problem: string) => void) => Promise<void>): HTMLElement[] {
  const last = p.history[0];
  const id = (name: string): string => `practice-${slug}-${name}`;
  const fields = new Map(NUMBERS.map((name) => [name, el("input", { type: "text", inputmode: "numeric", id: id(name), value: String(p[name]), class: "short", autocomplete: "off" })]));
  const numbers = [...fields].map(([name, input]) => el("div", { class: "field" }, el("label", { for: id(name) }, PRACTICE[name]), input));
  const days = PRACTICE.dayNames.map((name, i) => tick(name, p.working_days.includes(i + 1)));
  const hard = tick(PRACTICE.hard, p.hard);
  const holidays = el("textarea", { id: id("holidays"), rows: "4", autocomplete: "off", spellcheck: "false", "aria-describedby": id("holidays-hint") });
  holidays.value = p.holidays.join("\n");
  const problem = el("p", { class: "problem", role: "alert" });
  const send = (): void => {
    problem.textContent = "";
    const read = Object.fromEntries([...fields].map(([name, { value }]) => [name, /^\s*\d{1,4}\s*$/.test(value) ? Number(value) : NaN])) as Pick<api.Practice, (typeof NUMBERS)[number]>;
    const wrong = NUMBERS.find((name) => Number.isNaN(read[name]));
    if (wrong !== undefined) {
      problem.textContent = PRACTICE.number;
      fields.get(wrong)?.focus();
      return;
    }
    const off = [...new Set(holidays.value.split("\n").map((l) => l.trim()).filter((l) => l !== ""))].sort();
    const working = days.flatMap((d, i) => (d.input.checked ? [i + 1] : []));
    void save({ ...read, working_days: working, holidays: off, hard: hard.input.checked }, (sentence) => { problem.textContent = sentence; });
  };
  return [
    el("p", { class: "quiet" }, PRACTICE.lead), el("p", { class: "quiet" }, last === undefined ? PRACTICE.untouched : PRACTICE.changed(last.by, dayText(last.day))),
    ...numbers,
    el("fieldset", { class: "group" }, el("legend", {}, PRACTICE.days), ...days.map((d) => d.label)),
    el("div", { class: "field" }, el("label", { for: id("holidays") }, PRACTICE.holidays), el("p", { class: "hint", id: id("holidays-hint") }, PRACTICE.holidaysHint), holidays),
    hard.label, problem, button(PRACTICE.save, send),
  ];
}

function tick(label: string, checked: boolean): { input: HTMLInputElement; label: HTMLElement } {
  const input = el("input", { type: "checkbox" });
  input.checked = checked;
  return { input, label: el("label", { class: "choice" }, input, el("span", {}, label)) };
}
