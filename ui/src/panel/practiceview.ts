/**
 * How a panel works: its days, its deadlines and its caps. The panel decides it together, with its settings; at the desk it stands to
 * be read, with who proposed it last.
 */
import type { Practice } from "./api.js";
import { el } from "./dom.js";
import { dayText } from "./reading.js";
import type { ServedBench } from "./servedbench.js";

export const PRACTICE = {
  title: "How this panel works",
  lead: "Your panel decides this together: one of you proposes it among the settings, under Keys and members, and it holds when enough have signed.",
  untouched: "Nobody has changed it yet.",
  changed: (by: string, day: string): string => `Changed last by ${by}. It holds since ${day}. Before your panel decided this together, one member could set it alone.`,
  taken: "Working days until somebody takes a message",
  coded: "Days until both readings are in",
  decided: "Days until it is decided how far a message may go",
  reply: "Days until a writer is first answered",
  feedback: "Days until a writer is told what was decided, 90 at most",
  sitting: "Messages in one sitting",
  serious: "Of those, how many of the gravest kind",
  week: "Messages that one member takes in a week",
  gap: "Minutes of rest after one of the gravest kind",
  days: "Days on which you work",
  dayNames: ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"],
  holidays: "Days off",
  holidaysHint: "One a line, such as 2026-12-25.",
  noHolidays: "None.",
  hard: "These limits stop the reader. Without the tick the page only says so.",
  isHard: "These limits stop the reader.",
  isSoft: "These limits do not stop the reader. The page only says so.",
  sittingEnds: "A sitting is over when a member has opened nothing new for four hours. Locking the page ends neither a sitting nor a rest. Reloading or closing it does: how long somebody reads is kept in their page alone. What is taken in a week is counted by the server.",
  number: "How this panel works: write whole numbers.",
};

const NUMBERS = ["taken", "coded", "decided", "reply", "feedback", "sitting", "serious", "week", "gap"] as const;

/** What holds now, folded; filled when it is unfolded. */
export function practiceBox(bench: ServedBench): HTMLElement {
  const room = el("div", {});
  const box = el("details", { class: "practice" }, el("summary", {}, PRACTICE.title), room);
  box.addEventListener("toggle", () => {
    const p = bench.practice;
    if (!box.open || p === null) return;
    const last = p.history[0];
    room.replaceChildren(el("p", { class: "quiet" }, PRACTICE.lead), el("p", { class: "quiet" }, last === undefined ? PRACTICE.untouched : PRACTICE.changed(last.by, dayText(last.day))), practiceList(p));
  });
  return box;
}

/** A practice in words. */
export const practiceList = (p: Practice): HTMLElement => el("ul", {}, ...practiceLines(p).map((line) => el("li", {}, line)));

/** The same line by line: every member has its own. */
export function practiceLines(p: Practice): string[] {
  return [
    ...NUMBERS.map((name) => `${PRACTICE[name]}: ${String(p[name])}`),
    `${PRACTICE.days}: ${p.working_days.map((day) => PRACTICE.dayNames[day - 1] ?? "").join(", ")}`,
    `${PRACTICE.holidays}: ${p.holidays.length === 0 ? PRACTICE.noHolidays : p.holidays.join(", ")}`,
    p.hard ? PRACTICE.isHard : PRACTICE.isSoft,
    PRACTICE.sittingEnds,
  ];
}

/** The fields of a practice, to be proposed with other settings. */
export class PracticeFields {
  readonly element: HTMLElement;
  readonly #numbers = new Map(NUMBERS.map((name) => [name, el("input", { type: "text", inputmode: "numeric", class: "short", autocomplete: "off" })]));
  readonly #days = PRACTICE.dayNames.map((name) => tick(name));
  readonly #holidays = el("textarea", { rows: "4", autocomplete: "off", spellcheck: "false" });
  readonly #hard = tick(PRACTICE.hard);

  /** `field` puts a label, and a hint, at a control. */
  constructor(field: (label: string, control: HTMLElement, hint?: string) => HTMLElement) {
    this.element = el("fieldset", { class: "group" }, el("legend", {}, PRACTICE.title),
      ...[...this.#numbers].map(([name, input]) => field(PRACTICE[name], input)),
      el("fieldset", { class: "group" }, el("legend", {}, PRACTICE.days), ...this.#days.map((d) => d.label)),
      field(PRACTICE.holidays, this.#holidays, PRACTICE.holidaysHint),
      this.#hard.label, el("p", { class: "hint" }, PRACTICE.sittingEnds));
  }

  show(p: Practice): void {
    for (const [name, input] of this.#numbers) input.value = String(p[name]);
    this.#days.forEach((d, i) => { d.input.checked = p.working_days.includes(i + 1); });
    this.#holidays.value = p.holidays.join("\n");
    this.#hard.input.checked = p.hard;
  }

  /** What is written; null where a number does not read, which then has the focus. The server looks at everything else. */
  read(): Practice | null {
    const wrong = [...this.#numbers.values()].find(({ value }) => !/^\s*\d{1,4}\s*$/.test(value));
    if (wrong !== undefined) {
      wrong.focus();
      return null;
    }
    const n = (name: (typeof NUMBERS)[number]): number => Number(this.#numbers.get(name)?.value);
    const holidays = [...new Set(this.#holidays.value.split("\n").map((l) => l.trim()).filter((l) => l !== ""))].sort();
    return {
      taken: n("taken"), coded: n("coded"), decided: n("decided"), reply: n("reply"), feedback: n("feedback"), working_days: this.#days.flatMap((d, i) => (d.input.checked ? [i + 1] : [])), holidays,
      sitting: n("sitting"), serious: n("serious"), week: n("week"), gap: n("gap"), hard: this.#hard.input.checked,
    };
  }
}

function tick(label: string): { input: HTMLInputElement; label: HTMLElement } {
  const input = el("input", { type: "checkbox" });
  return { input, label: el("label", { class: "choice" }, input, el("span", {}, label)) };
}
