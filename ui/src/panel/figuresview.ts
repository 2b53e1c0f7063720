/** The view in which a panel drafts its figures, looks at them and signs. Drafts are for the panel alone. */
import { planOf, type Plan } from "../plan.js";
import { HIDDEN, readRelease, type Release, type ShownTable } from "../release.js";
import { ask, send } from "./api.js";
import { asked, button, el } from "./dom.js";
import { ClinicExports } from "./exportsview.js";
import { codeName, dimension, tableName } from "./figurewords.js";
import type { Signed } from "./served.js";
import type { Host } from "./keysview.js";
import type { Labels } from "./labels.js";
import { planBox, shownPlan } from "./planview.js";
import { proposePlan } from "./proposing.js";
import { dayText } from "./reading.js";
import type { Tended } from "./tending.js";
import { FAILURES } from "./words.js";

interface Served {
  id: string;
  state: "draft" | "released" | "dropped";
  needed: number;
  lines: string;
  content: string;
  plan: string;
  first: string;
  last: string;
  signatures: Signed[];
}

/** A period that is not let out yet. `few`: so far fewer reports are counted in it than a draft needs. */
interface Due { first: string; last: string; from: string; ready: boolean; few: boolean }
interface Ledger { due: Due[]; releases: Served[] }

const SAY = {
  drafts: "Waits for signatures",
  noDraft: "No draft waits for signatures.",
  due: "Can be drafted",
  noDue: "Nothing has been counted yet. Reports count once two of you agree what they are about, and their writers let us count them.",
  allDone: "Every time that has begun is drafted or let out.",
  dueHint: "The server makes the tables and hides what is too small. From then on the time is closed: what you agree on later counts in the next one.",
  notYet: (day: string): string => `from ${dayText(day)} on`,
  draft: (p: string): string => `Draft ${p}`,
  noneEnough: "No time that is over has enough reports yet.",
  few: (n: number): string => (n === 1 ? "1 time with too few reports so far" : `${String(n)} times with too few reports so far`),
  fewHint: "The server would refuse a draft of these: so few could show who wrote. When enough is counted in one, it stands above with a button. A plan with longer times may help.",
  drafted: "Drafted. Look at it, then sign. Nobody outside the panel sees it.",
  sign: "I looked at it. Sign it",
  signed: (n: number, of: number): string => `You signed. ${String(n)} of ${String(of)} have signed.`,
  out: "You signed, and the numbers are let out. They never change now.",
  drop: "Give this draft up",
  dropSure: "Its time can be drafted again, and what was agreed meanwhile counts there then. Signatures that it has are gone. Give it up for all of you?",
  dropYes: "Yes, give it up",
  cancel: "No, keep it",
  plan: "The plan it was made by",
  dropped: "The draft is given up. Nobody outside has seen it.",
  released: "Let out",
  noneReleased: "You have let no numbers out yet.",
  page: "See the public page",
  count: (r: Release): string => `About ${String(r.reports)} reports. Numbers are rounded to ${String(r.base)}. Numbers of ${String(r.k)} or fewer are hidden, and as many others as keep those safe. This is all that would be shown:`,
  by: (n: number, of: number, who: string[]): string => `${String(n)} of ${String(of)} have signed${who.length > 0 ? `: ${who.join(", ")}` : ""}.`,
  hidden: "hidden",
  total: "all that is shown",
  sum: "all together",
  sorted: (t: ShownTable): string => {
    const by = [`Down: ${dimension(t.rowsAre)}.`, t.colsAre === "" ? "" : `Across: ${dimension(t.colsAre)}.`, t.layersAre === "" ? "" : `A table for each: ${dimension(t.layersAre)}.`];
    return [...by, t.zerosHidden ? "0 is hidden too." : "0 is shown."].filter((part) => part !== "").join(" ");
  },
  limits: "Your signature says that you looked at these tables. The server did the counting. Hold them against what you know of your own work before you sign.",
};

const period = (of: { first: string; last: string }): string => `${dayText(of.first)} to ${dayText(of.last)}`;
const at = (slug: string, rest: string): string => `/c/${encodeURIComponent(slug)}/releases${rest}`;

/** What the figures of a clinic need besides: its numbers for the panel alone, drawn when they are opened. */
export interface Seated {
  tended: Tended;
  numbers: () => HTMLElement[];
}

/** Fills `room` with one section for each clinic on whose list the reviewer is. */
export async function showFigures(room: HTMLElement, host: Host, seats: Seated[], labels: Labels): Promise<void> {
  const sections = seats.filter(({ tended }) => tended.listed).map((s) => new ClinicFigures(host, s, labels));
  room.replaceChildren(...sections.map((s) => s.element));
  for (const s of sections) await s.fill();
}

class ClinicFigures {
  readonly element = el("section", { class: "clinic-figures" });
  readonly #host: Host;
  readonly #t: Tended;
  readonly #numbers: HTMLElement[];
  readonly #plan: HTMLElement;
  readonly #name: (code: string) => string;
  readonly #exports: ClinicExports;

  constructor(host: Host, { tended, numbers }: Seated, labels: Labels) {
    this.#host = host;
    this.#t = tended;
    this.#numbers = numbers();
    this.#plan = planBox({
      slug: tended.clinic.slug,
      act: (work) => { this.#act(work, false); },
      whenFree: host.whenFree,
      propose: (lines) => proposePlan(host.keys(), tended, lines),
    });
    this.#name = (code) => codeName(labels, code);
    this.#exports = new ClinicExports(host, tended, (work) => { this.#act(work); });
  }

  async fill(): Promise<void> {
    const { due, releases } = (await (await ask(at(this.#t.clinic.slug, ""))).json()) as Ledger;
    const drafts = releases.filter((r) => r.state === "draft");
    const out = releases.filter((r) => r.state === "released");
    this.element.replaceChildren(
      el("h3", {}, this.#t.clinic.name),
      el("h4", {}, SAY.drafts),
      ...(drafts.length === 0 ? [el("p", { class: "quiet" }, SAY.noDraft)] : drafts.map((d) => this.#draft(d))),
      el("h4", {}, SAY.due),
      ...this.#due(due, releases.length === 0),
      el("h4", {}, SAY.released),
      ...this.#released(out),
      this.#exports.element,
      this.#plan,
      ...this.#numbers,
    );
    await this.#exports.fill();
  }

  /** Does something and says what came of it; what stands here is fetched anew, unless a form would lose what was typed. */
  #act(work: () => Promise<string>, anew = true): void {
    void this.#host.attempt(async () => {
      const said = await work();
      if (anew) await this.fill();
      this.#host.say(said);
    });
  }

  #due(due: Due[], nothing: boolean): HTMLElement[] {
    if (due.length === 0) return [el("p", { class: "quiet" }, nothing ? SAY.noDue : SAY.allDone)];
    const few = due.filter((d) => d.ready && d.few);
    const rows = due.filter((d) => !few.includes(d)).map((d) => el("li", {}, d.ready ? busy(button(SAY.draft(period(d)), () => { this.#act(() => this.#make(d)); })) : `${period(d)}: ${SAY.notYet(d.from)}`));
    return [
      ...(due.some((d) => d.ready && !d.few) ? [el("p", { class: "hint" }, SAY.dueHint)] : [el("p", { class: "quiet" }, SAY.noneEnough)]),
      ...(rows.length > 0 ? [el("ul", { class: "due" }, ...rows)] : []),
      ...(few.length > 0 ? [tooFew(few)] : []),
    ];
  }

  async #make(d: Due): Promise<string> {
    await send(this.#t.clinic.slug, "/releases", { first: d.first });
    return SAY.drafted;
  }

  #released(out: Served[]): HTMLElement[] {
    if (out.length === 0) return [el("p", { class: "quiet" }, SAY.noneReleased)];
    const page = `/c/${encodeURIComponent(this.#t.clinic.slug)}/accountability`;
    return [
      el("ul", {}, ...out.map((r) => el("li", {}, `${period(r)}. ${SAY.by(r.signatures.length, r.signatures.length, r.signatures.map((s) => s.reviewer))}`))),
      el("p", {}, el("a", { href: page }, SAY.page)),
    ];
  }

  /** A draft as its own bytes say it: exactly what would be published. */
  #draft(d: Served): HTMLElement {
    const box = el("div", { class: "waits" });
    const release = readRelease(this.#t.clinicId, d.lines, d.content);
    const plan = release === null ? null : planOf(this.#t.clinicId, d.lines, release, d.plan);
    if (release === null || plan === null) {
      box.append(el("p", { class: "note" }, FAILURES.figures));
      return box;
    }
    const signers = d.signatures.map((s) => s.reviewer);
    box.append(
      el("h5", {}, period(release)),
      el("p", {}, SAY.count(release)),
      ...release.tables.map((t) => table(t, this.#name)),
      planNote(plan, d.lines),
      el("p", { class: "hint" }, SAY.limits),
      el("p", { class: "quiet" }, SAY.by(signers.length, d.needed, signers)),
    );
    const buttons = el("div", { class: "buttons" });
    if (!signers.includes(this.#host.me())) buttons.append(busy(button(SAY.sign, () => { this.#act(() => this.#sign(d)); }, "button")));
    buttons.append(this.#dropButton(d));
    box.append(buttons);
    return box;
  }

  /** Giving up undoes what colleagues signed, so it is asked once more. */
  #dropButton(d: Served): HTMLElement {
    const room = el("div", {});
    const ask = (): HTMLButtonElement => {
      const first = button(SAY.drop, () => {
        const yes = busy(button(SAY.dropYes, () => { this.#act(() => this.#drop(d)); }, "button"));
        const no = button(SAY.cancel, () => { ask().focus(); });
        asked(room, SAY.dropSure, yes, no);
      });
      room.replaceChildren(first);
      return first;
    };
    ask();
    return room;
  }

  async #sign(d: Served): Promise<string> {
    const { slug } = this.#t.clinic;
    const figures = { lines: d.lines, content: d.content, plan: d.plan };
    const signature = await this.#host.keys().ask<"signRelease">({ do: "signRelease", clinic: slug, figures, leaves: await this.#host.leaves() });
    const after = await send<Served>(slug, `/releases/${encodeURIComponent(d.id)}/signatures`, { signature });
    return after.state === "released" ? SAY.out : SAY.signed(after.signatures.length, after.needed);
  }

  async #drop(d: Served): Promise<string> {
    await ask(at(this.#t.clinic.slug, `/${encodeURIComponent(d.id)}/drop`), null);
    return SAY.dropped;
  }
}

/** Times whose drafts would be refused, folded: a button for each would only disappoint. */
function tooFew(few: readonly Due[]): HTMLElement {
  return el("details", {}, el("summary", {}, SAY.few(few.length)), el("p", { class: "hint" }, SAY.fewHint), el("ul", {}, ...few.map((d) => el("li", {}, period(d)))));
}

/** The plan behind a draft, in words, folded. */
function planNote(plan: Plan, lines: string): HTMLElement {
  return el("details", {}, el("summary", {}, SAY.plan), ...shownPlan(plan, lines.split("\n")[4] ?? ""));
}

const busy = (b: HTMLButtonElement): HTMLButtonElement => {
  b.dataset["busy"] = "";
  return b;
};

/** A table as it would be shown, with all that its bytes say, in a frame that scrolls by itself where it is wider than the page. */
function table(t: ShownTable, name: (code: string) => string): HTMLElement {
  const title = [tableName({ rows: t.rowsAre, cols: t.colsAre, layers: t.layersAre }), t.layer === "" ? "" : t.layer === "sum" ? SAY.sum : name(t.layer)].filter((s) => s !== "").join(": ");
  const cell = (n: number): HTMLElement => el("td", {}, n === HIDDEN ? SAY.hidden : String(n));
  const row = (head: string, counts: number[], total: number): HTMLElement => el("tr", {}, el("th", { scope: "row" }, head), ...counts.map(cell), cell(total));
  return el("div", { class: "scrolls", tabindex: "0", role: "region", "aria-label": `${title}. ${SAY.sorted(t)}` },
    el("table", {},
      el("caption", {}, `${title}. ${SAY.sorted(t)}`),
      el("thead", {}, el("tr", {}, el("td", {}), ...t.cols.map((c) => el("th", { scope: "col" }, name(c))), el("th", { scope: "col" }, SAY.total))),
      el("tbody", {},
        ...t.rows.map((code, i) => row(name(code), t.counts[i] ?? [], t.rowTotals[i] ?? HIDDEN)),
        row(SAY.total, t.colTotals, t.total),
      ),
    ),
  );
}
