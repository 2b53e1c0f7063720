/** The queue: a card for each message, the urgent ones first, with the clock that presses most and what this reviewer can do next. */
import type { Answer } from "../pad.js";
import type { Bench, Share } from "./bench.js";
import { isToAsk, type Row } from "./casework.js";
import { CASE, STANDS, TASKS } from "./casewords.js";
import { button, el } from "./dom.js";
import type { Labels } from "./labels.js";
import { dayText } from "./reading.js";
import { clocksOf, hints, rowLine } from "./rowclocks.js";
import { SAY } from "./words.js";

/** More rows than this at once are slow to draw and to go through. */
const ROWS_AT_ONCE = 100;

/** Messages that a reviewer of the panel works on; a further message stands beside its first one, and empty files nowhere. */
export const isWork = (c: Row): boolean => c.card.of === "submission" || (c.card.of !== "decoy" && c.card.of !== "junk" && c.card.thread === "");

type Open = (c: Row) => void;

/** `unfolded` keeps how many rows each lane shows, by its title, from one drawing to the next. */
export function cardList(bench: Bench, rows: readonly Row[], labels: Labels, open: Open, unfolded: Map<string, number>): HTMLElement[] {
  const inOrder = [...rows].sort((a, b) => (a.day + a.leaf < b.day + b.leaf ? -1 : 1));
  const work = inOrder.filter(isWork);
  const shown = work.filter((c) => isMine(c, bench.me) || !bench.pace.avoids(c.card.chips));
  const hidden = work.length - shown.length;
  const lane = (title: string, of: Row[], draw: (c: Row) => HTMLElement): HTMLElement[] => (of.length === 0 ? [] : [el("h3", {}, title), ...list(of, draw, title, unfolded)]);
  const toAsk = (c: Row): boolean => isToAsk(c, bench.today);
  // One press asks, where this reviewer has declared; others do that first.
  const card = (c: Row): HTMLElement => (toAsk(c) && c.declared ? el("div", {}, row(bench, c, labels, open), bench.asking(c.leaf)) : row(bench, c, labels, open));
  return [
    ...hints(shown.flatMap((c) => clocksOf(c, bench))).map((hint) => el("p", { class: "quiet" }, hint)),
    ...lane(CASE.urgent, shown.filter((c) => c.card.urgent), card),
    ...lane(CASE.toAsk, shown.filter((c) => !c.card.urgent && toAsk(c)), card),
    ...lane(CASE.rest, shown.filter((c) => !c.card.urgent && !toAsk(c)), card),
    ...(shown.length === 0 ? [el("p", {}, CASE.none)] : []),
    ...(hidden > 0 ? [el("p", { class: "quiet" }, CASE.avoided(hidden))] : []),
    ...lane(CASE.junk, inOrder.filter((c) => c.card.of === "junk"), (c) => shut(c, open)),
  ];
}

/** So many rows, and a button for more. */
function list(of: Row[], draw: (c: Row) => HTMLElement, title: string, unfolded: Map<string, number>): HTMLElement[] {
  const rows = el("ol", { class: "rows" });
  const more = el("p", {});
  const grow = (to: number): HTMLElement | undefined => {
    const next = of.slice(rows.childElementCount, to).map((c) => el("li", {}, draw(c)));
    rows.append(...next);
    unfolded.set(title, to);
    const left = of.length - rows.childElementCount;
    const b = button(SAY.more(Math.min(left, ROWS_AT_ONCE)), () => { grow(to + ROWS_AT_ONCE)?.querySelector("button")?.focus(); });
    b.dataset["more"] = title;
    more.replaceChildren(...(left > 0 ? [b] : []));
    return next[0];
  };
  grow(unfolded.get(title) ?? ROWS_AT_ONCE);
  return [rows, more];
}

const isMine = (c: Row, me: string): boolean => c.claims.some(({ by }) => by === me);

function shut(c: Row, open: Open): HTMLElement {
  const b = el("button", { type: "button", class: "row", "data-leaf": c.leaf }, el("strong", {}, dayText(c.day)), el("span", { class: "quiet" }, SAY.junk));
  b.addEventListener("click", () => { open(c); });
  return b;
}

function row(bench: Bench, c: Row, labels: Labels, open: Open): HTMLElement {
  const line = rowLine(clocksOf(c, bench));
  const b = el("button", { type: "button", class: "row", "data-leaf": c.leaf },
    el("strong", {}, `${CASE.of[c.card.of]}, ${dayText(c.day)}`),
    el("span", {}, facts(c, labels).map(([, said]) => said).filter((said) => said !== CASE.notSaid).join(". ")),
    el("span", { class: "quiet" }, STANDS[c.stage]),
    ...(line === null ? [] : [el("span", { class: line.late ? "clock late" : "clock" }, line.short)]),
    el("span", { class: "chips" }, ...c.card.chips.map((chip) => el("span", { class: "chip" }, chipText(chip, labels)))),
    el("span", { class: "next" }, TASKS[c.task]),
  );
  b.addEventListener("click", () => { open(c); });
  return b;
}

/** What stands on the card, question and answer. */
export function facts(c: Pick<Row, "card">, labels: Labels): [string, string][] {
  const say = (q: string, codes: string[]): string => {
    const answer: Answer = { q, a: codes.join("\n") };
    return codes.length === 0 || codes[0] === "" ? CASE.notSaid : labels.choices(answer).join(", ");
  };
  const { service, when, roles, differ } = c.card;
  const each = (codes: string[] | undefined, one: string): string[] => (codes === undefined ? [one] : codes.filter((code) => code !== ""));
  return [[CASE.service, say("service", each(differ?.services, service))], [CASE.roles, say("roles", roles)], [CASE.band, say("when", each(differ?.whens, when))]];
}

export function chipText(chip: string, labels: Labels): string {
  return labels.choices({ q: chip.includes(".") ? "items" : "themes", a: chip })[0] ?? chip;
}

/**
 * How the work lies on the panel: seen by all of it, so that it can be shared fairly. Who has taken as much as one member takes in a week is
 * told so, also where that stops nobody.
 */
export function sharesTable(shares: readonly Share[], me: string, week: number): HTMLElement {
  const mine = shares.find(({ reviewer }) => reviewer === me)?.taken ?? 0;
  const rows = [...shares].sort((a, b) => a.taken - b.taken).map((s) => el("tr", {},
    el("th", { scope: "row" }, s.reviewer === me ? `${s.reviewer} (${CASE.you})` : s.reviewer), el("td", {}, String(s.taken)), el("td", {}, String(s.open))));
  return el("section", {},
    el("h3", {}, CASE.sharesTitle), el("p", { class: "quiet" }, CASE.sharesHint), ...(mine < week ? [] : [el("p", { class: "note" }, CASE.weekFull(mine, week))]),
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
