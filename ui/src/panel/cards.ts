/** The queue: a card for each message, the urgent ones first, with the clock that runs and what this reviewer can do next. */
import type { Answer } from "../pad.js";
import type { Bench, Share } from "./bench.js";
import { stageOf, taskOf, type Case, type Stage } from "./casework.js";
import { CASE, dueText, STAGES, TASKS } from "./casewords.js";
import { due, type ClockName } from "./clocks.js";
import { el } from "./dom.js";
import type { Labels } from "./labels.js";
import { dayText } from "./reading.js";

const CLOCK_AT: Partial<Record<Stage, ClockName>> = {
  coding: "coded", differs: "coded", compared: "coded", agreed: "decided", checked: "decided", objected: "decided", objecting: "decided", ready: "decided",
};

/** Messages that a reviewer of the panel works on; a further message stands beside its first one, and empty files nowhere. */
export const isWork = (c: Case): boolean => c.card.of === "submission" || (c.card.of !== "decoy" && c.card.of !== "junk" && c.card.thread === "");

export function cardList(bench: Bench, cases: readonly Case[], labels: Labels, open: (c: Case, from: HTMLElement) => void): HTMLElement[] {
  const work = cases.filter(isWork).sort((a, b) => (a.day + a.leaf < b.day + b.leaf ? -1 : 1));
  const shown = work.filter((c) => isMine(c, bench.me) || !bench.pace.avoids(c.card.chips));
  const hidden = work.length - shown.length;
  const list = (of: Case[]): HTMLElement => el("ol", { class: "rows" }, ...of.map((c) => el("li", {}, row(bench, c, labels, open))));
  const lane = (title: string, of: Case[]): HTMLElement[] => (of.length === 0 ? [] : [el("h3", {}, title), list(of)]);
  return [
    ...lane(CASE.urgent, shown.filter((c) => c.card.urgent)),
    ...lane(CASE.rest, shown.filter((c) => !c.card.urgent)),
    ...(shown.length === 0 ? [el("p", {}, CASE.none)] : []),
    ...(hidden > 0 ? [el("p", { class: "quiet" }, CASE.avoided(hidden))] : []),
  ];
}

const isMine = (c: Case, me: string): boolean => c.claims.some(({ by }) => by === me);

function row(bench: Bench, c: Case, labels: Labels, open: (c: Case, from: HTMLElement) => void): HTMLElement {
  const stage = stageOf(c, bench.today);
  const clock = stage === "coding" && c.claims.length === 0 ? "taken" : CLOCK_AT[stage] ?? null;
  const runs = due(c.day, clock, bench.today, bench.clocks);
  const b = el("button", { type: "button", class: "row", "data-leaf": c.leaf },
    el("strong", {}, `${CASE.of[c.card.of]}, ${dayText(c.day)}`),
    el("span", {}, facts(c, labels).map(([, said]) => said).filter((said) => said !== CASE.notSaid).join(". ")),
    el("span", { class: "quiet" }, STAGES[stage]),
    ...(runs === null ? [] : [el("span", { class: runs.left < 0 ? "clock late" : "clock" }, dueText(runs, dayText(runs.day)))]),
    el("span", { class: "chips" }, ...c.card.chips.map((chip) => el("span", { class: "chip" }, chipText(chip, labels)))),
    el("span", { class: "next" }, TASKS[taskOf(c, bench.me, bench.today)]),
  );
  b.addEventListener("click", () => { open(c, b); });
  return b;
}

/** What stands on the card, question and answer. */
export function facts(c: Case, labels: Labels): [string, string][] {
  const say = (q: string, codes: string[]): string => {
    const answer: Answer = { q, a: codes.join("\n") };
    return codes.length === 0 || codes[0] === "" ? CASE.notSaid : labels.choices(answer).join(", ");
  };
  return [[CASE.service, say("service", [c.card.service])], [CASE.roles, say("roles", c.card.roles)], [CASE.band, say("when", [c.card.when])]];
}

export function chipText(chip: string, labels: Labels): string {
  return labels.choices({ q: chip.includes(".") ? "items" : "themes", a: chip })[0] ?? chip;
}

/** How the work lies on the panel: seen by all of it, so that it can be shared fairly. */
export function sharesTable(shares: readonly Share[], me: string): HTMLElement {
  const rows = [...shares].sort((a, b) => a.taken - b.taken).map((s) => el("tr", {},
    el("th", { scope: "row" }, s.reviewer === me ? `${s.reviewer} (${CASE.you})` : s.reviewer), el("td", {}, String(s.taken)), el("td", {}, String(s.open))));
  return el("section", {},
    el("h3", {}, CASE.sharesTitle), el("p", { class: "quiet" }, CASE.sharesHint),
    el("table", {}, el("thead", {}, el("tr", {}, ...CASE.sharesHead.map((h) => el("th", { scope: "col" }, h)))), el("tbody", {}, ...rows)));
}

/** Choosing themes not to be shown. Nothing of it leaves the page. */
export function avoidForm(bench: Bench, themes: readonly string[], labels: Labels, changed: () => void): HTMLElement {
  const ticks = themes.map((code) => {
    const input = el("input", { type: "checkbox", value: code });
    input.checked = bench.pace.avoided.has(code);
    input.addEventListener("change", () => {
      bench.pace.avoid(ticks.flatMap((t) => (t.input.checked ? [t.input.value] : [])));
      changed();
    });
    return { input, label: el("label", { class: "choice" }, input, el("span", {}, chipText(code, labels))) };
  });
  return el("details", {}, el("summary", {}, CASE.avoidTitle), el("p", { class: "quiet" }, CASE.avoidHint), ...ticks.map((t) => t.label));
}
