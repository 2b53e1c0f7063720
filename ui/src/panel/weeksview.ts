/** How work and rest lay on the panel over weeks, for all of it to see, so that nobody carries it alone. */
import { ask, send } from "./api.js";
import { button, el } from "./dom.js";
import { fillOnOpening, type WhenFree } from "./fold.js";
import { dayText } from "./reading.js";

/** Twelve weeks, the last of them this one, and four that come. Lists have a value for each week. */
interface Weeks {
  weeks: { week: string; ended: boolean; handed_back: number | null }[];
  members: { reviewer: string; finished: number[]; rests: boolean[] }[];
}

export const WEEKS = {
  title: "Work and rest over weeks",
  lead: "For your panel alone. The numbers are codings and checks sent, on messages that are still here. Older weeks grow smaller when messages go.",
  breaks: "How long anybody reads, and the pause after a hard one, stay in that person's page: no server keeps them.",
  backs: "Handed back is counted for all of you together, once the week is over, and not at all on a panel of fewer than four. By whom is not written down. While it is on the list, a colleague can see there that a part is free again: do not ask.",
  week: "Week from", finished: (n: number): string => (n === 0 ? "none" : String(n)), rests: "rests", back: "Handed back, all", open: "week goes on", untold: "not told",
  you: "you",
  restTitle: "Your weeks of rest",
  restHint: "The others see the week, and no reason. You can still take something in it.",
  keep: "Keep my weeks",
  kept: "Kept. The others see it.",
  alone: (n: number, of: number): string => `In the last four weeks one of you sent ${String(n)} of the ${String(of)} codings and checks. Talk about how to share them.`,
};

interface Around {
  slug: string;
  me: string;
  attempt: (step: () => Promise<void>) => Promise<void>;
  whenFree: WhenFree;
  say: (sentence: string) => void;
}

/** Filled each time it is unfolded. */
export function weeksBox(around: Around): HTMLElement {
  const room = el("div", {});
  const box = el("details", { class: "weeks" }, el("summary", {}, WEEKS.title), room);
  const fill = async (): Promise<void> => {
    const weeks = (await (await ask(`/c/${encodeURIComponent(around.slug)}/weeks`)).json()) as Weeks;
    room.replaceChildren(...show(weeks, around, fill));
  };
  fillOnOpening(box, around.whenFree, fill);
  return box;
}

function show(w: Weeks, around: Around, again: () => Promise<void>): HTMLElement[] {
  const heavy = onOne(w);
  return [
    el("p", { class: "quiet" }, WEEKS.lead), el("p", { class: "quiet" }, WEEKS.backs), el("p", { class: "quiet" }, WEEKS.breaks),
    ...(heavy === null ? [] : [el("p", { class: "note" }, WEEKS.alone(heavy.n, heavy.of))]),
    table(w, around.me), rests(w, around, again),
  ];
}

const PAST = (w: Weeks): number[] => w.weeks.flatMap((_, i) => (i <= thisWeek(w) ? [i] : []));

/** The first week whose end nobody knows yet. */
const thisWeek = (w: Weeks): number => w.weeks.findIndex(({ ended }) => !ended);

/** When one of three or more sent at least six codings and checks in four weeks, and more than twice their part: how many, of how many. */
export function onOne(w: Weeks): { n: number; of: number } | null {
  const last = PAST(w).slice(-4);
  const each = w.members.map(({ finished }) => last.reduce((n, i) => n + (finished[i] ?? 0), 0));
  const [of, most] = [each.reduce((a, b) => a + b, 0), Math.max(0, ...each)];
  return each.length > 2 && most >= 6 && most * each.length > 2 * of ? { n: most, of } : null;
}

/** Weeks down, members across: weeks grow, and panels are small. */
function table(w: Weeks, me: string): HTMLElement {
  const head = [WEEKS.week, ...w.members.map(({ reviewer }) => (reviewer === me ? `${reviewer} (${WEEKS.you})` : reviewer)), WEEKS.back];
  const cell = (m: Weeks["members"][number], i: number): string => {
    const finished = m.finished[i] ?? 0;
    return m.rests[i] === true ? (finished === 0 ? WEEKS.rests : `${String(finished)}, ${WEEKS.rests}`) : i > thisWeek(w) ? "" : WEEKS.finished(finished);
  };
  const rows = w.weeks.map((week, i) => el("tr", {}, el("th", { scope: "row" }, shortDay(week.week)), ...w.members.map((m) => el("td", {}, cell(m, i))),
    el("td", {}, week.handed_back === null ? (i === thisWeek(w) ? WEEKS.open : week.ended ? WEEKS.untold : "") : String(week.handed_back))));
  const some = rows.filter((_, i) => (i <= thisWeek(w) && i >= thisWeek(w) - 3) || w.members.some((m) => (m.finished[i] ?? 0) > 0 || m.rests[i]) || (w.weeks[i]?.handed_back ?? 0) > 0);
  return el("div", { class: "wide", role: "region", "aria-label": WEEKS.title, tabindex: "0" },
    el("table", {}, el("caption", {}, WEEKS.title), el("thead", {}, el("tr", {}, ...head.map((h) => el("th", { scope: "col" }, h)))), el("tbody", {}, ...some)));
}

/** Without its year: no two of the weeks have the same day. */
const shortDay = (day: string): string => new Date(`${day}T00:00:00Z`).toLocaleDateString("en-GB", { timeZone: "UTC", day: "numeric", month: "short" });

function rests(w: Weeks, around: Around, again: () => Promise<void>): HTMLElement {
  const mine = w.members.find(({ reviewer }) => reviewer === around.me);
  const ticks = w.weeks.flatMap(({ week }, i) => {
    if (i < thisWeek(w)) return [];
    const input = el("input", { type: "checkbox", value: week });
    input.checked = mine?.rests[i] === true;
    return [{ week, was: input.checked, input, label: el("label", { class: "choice" }, input, el("span", {}, `${WEEKS.week} ${dayText(week)}`)) }];
  });
  const keep = button(WEEKS.keep, () => {
    void around.attempt(async () => {
      for (const t of ticks) if (t.input.checked !== t.was) await send(around.slug, "/rests", { week: t.week, rests: t.input.checked });
      await again();
      around.say(WEEKS.kept);
    });
  });
  return el("fieldset", { class: "group" }, el("legend", {}, WEEKS.restTitle), el("p", { class: "hint" }, WEEKS.restHint), ...ticks.map(({ label }) => label), keep);
}
