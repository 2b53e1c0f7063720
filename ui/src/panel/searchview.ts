/** The search through what people wrote, and the list of reports that are like one. */
import { parseQuery, type Term } from "../search/query.js";
import type { Row } from "./casework.js";
import { brakeNote } from "./brakenote.js";
import { BRAKES } from "./casewords.js";
import { chips } from "./declare.js";
import { button, el } from "./dom.js";
import { codeName } from "./figurewords.js";
import type { Labels } from "./labels.js";
import { dayText } from "./reading.js";
import type { Alike, Hit, Passage } from "./search.js";
import type { Covered } from "./searching.js";
import { ALIKE, QUERY_PROBLEMS, SEARCH } from "./searchwords.js";
import type { ServedBench } from "./servedbench.js";

/** More results at once are slow to go through. */
const RESULTS_AT_ONCE = 50;

/** The page around it. */
export interface Around {
  bench: ServedBench;
  labels: Labels;
  /** The clinic's name, where there are several; "" otherwise. */
  name: string;
  /** Opens a report at the desk. */
  open: (leaf: string) => Promise<void>;
  attempt: (step: () => Promise<void>) => Promise<void>;
  /** Work in progress is not a quiet minute. */
  touched: () => void;
}

/** A clinic's part of the view. */
export function searchBox(around: Around): HTMLElement {
  const { labels, bench, name } = around;
  const id = (what: string): string => `search-${bench.clinic.slug}-${what}`;
  const field = el("input", { type: "text", inputmode: "search", enterkeyhint: "search", id: id("words"), autocomplete: "off", spellcheck: "false", autocapitalize: "none", "aria-describedby": `${id("hint")} ${id("problem")}` });
  const theme = el("select", { id: id("theme"), "aria-describedby": id("theme-hint") }, el("option", { value: "" }, SEARCH.anyTheme),
    ...[...labels.codes.themes, ...labels.codes.good].map(({ code }) => el("option", { value: code }, codeName(labels, code))));
  const problem = el("p", { class: "problem", id: id("problem"), role: "alert" });
  const room = el("div", { class: "results" });
  const said = el("p", { role: "status" });
  const work = new Work(() => search);
  const go = (): void => {
    problem.textContent = "";
    field.removeAttribute("aria-invalid");
    const terms = parseQuery(field.value);
    if (typeof terms === "string" && !(terms === "empty" && theme.value !== "")) {
      problem.textContent = QUERY_PROBLEMS[terms];
      field.setAttribute("aria-invalid", "true");
      field.focus();
      return;
    }
    void around.attempt(() => look(around, typeof terms === "string" ? [] : terms, theme.value, work, said, room));
  };
  const search = button(SEARCH.go, go, "button");
  search.dataset["busy"] = "";
  field.addEventListener("keydown", (event) => { if (event.key === "Enter" && !event.isComposing) go(); });
  return el("section", { class: "search" },
    ...(name === "" ? [] : [el("h3", {}, name)]),
    el("details", {}, el("summary", {}, SEARCH.rulesTitle), el("ul", {}, ...SEARCH.rules.map((r) => el("li", {}, r)))),
    el("div", { class: "field" }, el("label", { for: id("words") }, SEARCH.words), el("p", { class: "hint", id: id("hint") }, SEARCH.wordsHint), field, problem),
    el("div", { class: "field" }, el("label", { for: id("theme") }, SEARCH.theme), el("p", { class: "hint", id: id("theme-hint") }, SEARCH.themeHint), theme),
    search, work.element, said, room, keeping(around));
}

/** Empties what was found: some of it may be shown no more. What was typed stays. */
export function putAway(room: HTMLElement): void {
  for (const found of room.querySelectorAll(".search > .results, .search > [role=status]")) found.replaceChildren();
}

/** Folds the words of what was found, so that each look at them is asked for anew: a pause may have begun meanwhile. */
export function foldWords(room: HTMLElement): void {
  for (const fold of room.querySelectorAll<HTMLDetailsElement>(".found details")) fold.open = false;
}

/** Work that can be stopped: its words, its bar and its button. */
class Work {
  readonly element = el("div", { class: "stoppable" });
  readonly #words = el("p", { class: "quiet" });
  readonly #bar = el("progress", {});
  #stopped = false;

  /** `back` is where whoever stands on the button goes when it is gone. */
  constructor(private readonly back: () => HTMLElement) {}

  begin(words: string): void {
    this.#stopped = false;
    this.#words.textContent = words;
    this.#bar.removeAttribute("value");
    this.#bar.setAttribute("aria-label", words);
    this.element.replaceChildren(this.#words, this.#bar, button(SEARCH.stop, () => { this.#stopped = true; }));
  }

  get stopped(): boolean { return this.#stopped; }

  show(words: string, done: number, of: number): void {
    this.#words.textContent = words;
    Object.assign(this.#bar, { max: of, value: done });
  }

  end(): void {
    const inside = this.element.contains(document.activeElement);
    this.element.replaceChildren();
    if (inside) this.back().focus();
  }
}

async function look(around: Around, terms: Term[], theme: string, work: Work, said: HTMLElement, room: HTMLElement): Promise<void> {
  const { bench } = around;
  room.replaceChildren();
  said.textContent = pause(bench);
  if (said.textContent !== "") return;
  work.begin(SEARCH.fetching);
  try {
    const covered = await bench.search.prepare({
      progress: (done, of) => { around.touched(); work.show(SEARCH.opening(done, of), done, of); },
      stopped: () => work.stopped,
    });
    const rows = new Map((await bench.rows()).map((r) => [r.leaf, r]));
    const hits = (await bench.search.find(terms, theme)).filter(({ leaf }) => rows.has(leaf));
    const shown = hits.filter((hit) => !avoided(bench, rows.get(hit.leaf), hit.chips));
    said.textContent = covered.of === 0 ? SEARCH.none : [
      SEARCH.found(hits.length, covered.of), ...gaps(covered, hits.length - shown.length),
    ].join(" ");
    list(room, shown, (hit) => result(around, hit, terms));
  } finally {
    work.end();
  }
}

/** What was not gone through, and how many are left out because of what somebody chose not to see. */
const gaps = (c: Covered, hidden: number): string[] => [
  ...(c.stopped ? [SEARCH.stopped(c.reports, c.of)] : c.reports < c.of ? [SEARCH.shut(c.reports, c.of)] : []),
  ...(hidden > 0 ? [SEARCH.hidden(hidden)] : []),
];

/** What is said in the pause after a hard one; "" when there is none, or when it stops nobody. */
const pause = ({ pace }: ServedBench): string => (pace.caps.hard && pace.minutesLeft() > 0 ? BRAKES.gap(pace.caps, pace.minutesLeft()) : "");

/** As in the queue: what somebody chose not to see today is not shown, unless they have a part in it. */
const avoided = (bench: ServedBench, row: Row | undefined, may: readonly string[]): boolean =>
  row !== undefined && !row.claims.some(({ by }) => by === bench.me) && bench.pace.avoids(may);

function list<T>(room: HTMLElement, all: readonly T[], draw: (one: T) => HTMLElement): void {
  const rows = el("ol", { class: "found" });
  const more = el("p", {});
  const grow = (from: number): void => {
    const next = all.slice(from, from + RESULTS_AT_ONCE).map(draw);
    const left = all.length - from - next.length;
    rows.append(...next);
    more.replaceChildren(...(left > 0 ? [button(SEARCH.more(Math.min(left, RESULTS_AT_ONCE)), () => { grow(from + RESULTS_AT_ONCE); next[0]?.querySelector("button")?.focus(); })] : []));
  };
  grow(0);
  room.replaceChildren(...(all.length > 0 ? [rows, more] : []));
}

function result(around: Around, hit: Hit, terms: Term[]): HTMLElement {
  const { labels } = around;
  const about = [...(hit.service === "" ? [] : [codeName(labels, `service.${hit.service}`)]), ...hit.themes.map((t) => codeName(labels, t))];
  const places = hit.places.map((p) => el("li", {}, SEARCH.place(labels.question(p.q), p.times, p.later)));
  return el("li", {}, heading(around, hit),
    ...(about.length === 0 ? [] : [el("p", { class: "quiet" }, about.join(". "))]),
    ...(places.length === 0 ? [] : [el("ul", {}, ...places), chips({ card: hit }, labels), veiled(around, hit, () => passagesOf(around.bench, hit.leaf, terms))]));
}

function heading(around: Around, one: { leaf: string; day: string }): HTMLElement {
  const day = dayText(one.day);
  const open = button(SEARCH.open, () => { void around.attempt(() => around.open(one.leaf)); });
  open.setAttribute("aria-label", `${SEARCH.open}: ${day}`);
  open.dataset["busy"] = "";
  return el("p", { class: "line" }, el("strong", {}, day), open);
}

/** The words stay behind a veil until somebody wants them, and go when it falls. */
function veiled(around: Around, { leaf, day }: { leaf: string; day: string }, words: () => Promise<Shown | null>, summary = SEARCH.show): HTMLElement {
  const inside = el("div", {});
  const box = el("details", {}, el("summary", { "aria-label": `${summary}: ${dayText(day)}` }, summary), inside);
  box.addEventListener("toggle", () => {
    inside.replaceChildren();
    if (!box.open) return;
    void around.attempt(async () => { inside.replaceChildren(...(await braked(around.bench, leaf, words))); })
      .then(() => { box.open &&= inside.childElementCount > 0; }); // something else was going on
  });
  return box;
}

/** Words of a report, and whether it is of the gravest kind. */
interface Shown {
  words: HTMLElement[];
  grave: boolean;
}

async function passagesOf(bench: ServedBench, leaf: string, terms: Term[]): Promise<Shown | null> {
  const found = await bench.search.passages(leaf, terms);
  if (found === null) return null;
  return { words: [...found.first.flatMap(passage), ...(found.more > 0 ? [el("p", { class: "quiet" }, SEARCH.places(found.more))] : [])], grave: found.grave };
}

/**
 * The same limits hold as for opening a report, and words of it count as one that was read. Those of one of the gravest kind begin
 * the pause: they stand there for as long as they are not folded, and no others come beside them.
 */
async function braked(bench: ServedBench, leaf: string, words: () => Promise<Shown | null>): Promise<HTMLElement[]> {
  const { pace } = bench;
  const brake = pace.minutesLeft() > 0 ? "gap" : pace.brake(leaf);
  const warned = brake === null ? [] : [brakeNote(brake, pace)];
  if (brake !== null && pace.caps.hard) return warned;
  const shown = await words();
  if (shown === null) return [el("p", { class: "quiet" }, SEARCH.noWords)];
  pace.opened(leaf);
  if (shown.grave) pace.leftGrave(leaf);
  return [...warned, ...shown.words];
}

const passage = (p: Passage): HTMLElement[] => [
  el("p", { class: "typed", dir: "auto", translate: "no" }, p.before, el("mark", {}, p.found), p.after),
  ...(p.later ? [el("p", { class: "quiet" }, SEARCH.later)] : []),
];

function keeping({ bench, attempt }: Around): HTMLElement {
  const tick = el("input", { type: "checkbox" });
  const said = el("p", { class: "quiet", role: "status" });
  const show = (): void => {
    tick.checked = bench.search.kept;
    said.textContent = bench.search.kept ? SEARCH.kept : SEARCH.notKept;
  };
  tick.addEventListener("change", () => {
    if (!tick.checked) {
      void bench.search.wish(false).finally(show); // at once, also while the page is busy
      return;
    }
    let asked = false;
    void attempt(async () => {
      asked = true;
      await bench.search.wish(true);
    }).then(() => {
      show(); // how it is: the page may be busy with something else
      if (asked && !bench.search.kept) said.textContent = SEARCH.keepFailed;
    });
  });
  show();
  const box = el("details", {}, el("summary", {}, SEARCH.keepTitle), el("p", { class: "hint" }, SEARCH.keepHint), el("label", { class: "choice" }, tick, el("span", {}, SEARCH.keep)), said);
  box.addEventListener("toggle", show); // being signed out ends it
  return box;
}

/** Reports like one that two coders agree on; worked out when somebody asks. */
export function alikeBox(around: Around, leaf: string): HTMLElement {
  const work = new Work(() => ask);
  const said = el("p", { role: "status" });
  const room = el("div", { class: "results" });
  const go = async (): Promise<void> => {
    room.replaceChildren();
    said.textContent = pause(around.bench);
    if (said.textContent !== "") return;
    work.begin(SEARCH.fetching);
    try {
      const covered = await around.bench.search.prepare({
        progress: (done, of) => { around.touched(); work.show(SEARCH.opening(done, of), done, of); },
        stopped: () => work.stopped,
      });
      const rows = new Map((await around.bench.rows()).map((r) => [r.leaf, r]));
      const alike = (await around.bench.search.similar(leaf)).filter((a) => rows.has(a.leaf));
      const shown = alike.filter((a) => !avoided(around.bench, rows.get(a.leaf), a.chips));
      said.textContent = [...(alike.length === 0 ? [ALIKE.none] : []), ...gaps(covered, alike.length - shown.length)].join(" ");
      list(room, shown, (a) => el("li", {}, heading(around, a), chips({ card: a }, around.labels), ...shared(around, a)));
    } finally {
      work.end();
    }
  };
  const ask = button(ALIKE.look, () => { void around.attempt(go); });
  ask.dataset["busy"] = "";
  return el("section", { class: "search" }, el("h3", {}, ALIKE.title), el("p", { class: "hint" }, ALIKE.lead), ask, work.element, said, room);
}

/** What two reports share. The words of the other one stay behind a veil. */
function shared(around: Around, a: Alike): HTMLElement[] {
  const { labels } = around;
  const said: [string, string[]][] = [
    [ALIKE.themes, a.themes.map((t) => codeName(labels, t))], [ALIKE.items, a.items.map((i) => codeName(labels, i))],
    [ALIKE.service, a.service === "" ? [] : [codeName(labels, `service.${a.service}`)]],
  ];
  const words = el("p", { class: "typed" }, ...a.words.flatMap((w, i) => [...(i === 0 ? [] : [", "]), el("bdi", { translate: "no" }, w)]));
  return [
    el("dl", { class: "terms" }, ...said.filter(([, all]) => all.length > 0).flatMap(([k, all]) => [el("dt", {}, k), el("dd", {}, all.join(", "))])),
    ...(a.words.length === 0 ? [] : [veiled(around, a, () => Promise.resolve({ words: [words], grave: a.grave }), ALIKE.words)]),
  ];
}
