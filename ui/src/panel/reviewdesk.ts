/** The panel's work on one clinic's messages: the queue, how it lies on everybody, and the message that is open. */
import type { Bench, Gone } from "./bench.js";
import { avoidForm, cardList, isWork, sharesTable } from "./cards.js";
import type { Row } from "./casework.js";
import { CaseView, type Around } from "./caseview.js";
import { CASE } from "./casewords.js";
import { el } from "./dom.js";
import type { Labels } from "./labels.js";
import { SAY } from "./words.js";

/** What the desk needs of the page around it. */
export interface Page extends Pick<Around, "say" | "alert" | "failed" | "unkept"> {
  /** The clinic's name, where there are several; "" otherwise. */
  name: string;
  /** Where the focus goes when the row of a message that was put away is gone. */
  heading: HTMLElement;
  /** Sentences to show above the list. */
  notes: () => readonly string[];
  decoys: () => number;
  /** What stands below the list, such as how this panel works. */
  more: HTMLElement[];
  /** A message is opened here: other desks put theirs away. */
  opens: () => void;
}

export class ReviewDesk {
  readonly element = el("section", { class: "columns" });
  readonly #list = el("div", {});
  readonly #notes = el("div", {});
  readonly #decoys = el("p", { class: "quiet" });
  readonly #shares = el("div", {});
  readonly #view: CaseView;
  readonly #bench: Bench;
  readonly #labels: Labels;
  readonly #page: Page;
  #rows: Row[] = [];
  readonly #unfolded = new Map<string, number>();
  #open = "";

  constructor(bench: Bench, labels: Labels, page: Page) {
    this.#bench = bench;
    this.#labels = labels;
    this.#page = page;
    const reading = el("section", { class: "reading", "aria-label": page.name === "" ? CASE.openOne : `${CASE.openOne}, ${page.name}` });
    this.#view = new CaseView(reading, bench, labels, labels.codes, {
      say: page.say, alert: page.alert, failed: page.failed, unkept: page.unkept,
      changed: async (leaf) => { await this.look(); return this.#rows.find((r) => r.leaf === leaf) ?? null; },
      closed: () => { this.#back(); },
      stays: (leaf) => { this.#mark(leaf); },
    });
    const themes = labels.codes.themes.filter((t) => t.items.some((i) => i.cw)).map(({ code }) => code);
    this.element.append(
      el("div", { class: "queue" }, ...(page.name === "" ? [] : [el("h3", {}, page.name)]), this.#notes, this.#list, this.#decoys, avoidForm(bench, themes, labels, () => { this.#draw(); }), this.#shares, ...page.more),
      reading,
    );
  }

  /** How many messages are in the list, those that will not open among them. */
  get count(): number {
    return this.#rows.filter((r) => isWork(r) || r.card.of === "junk").length;
  }

  /** Fetches what is new and draws the list anew. The open message stays open. */
  async look(): Promise<void> {
    const [rows, shares] = [await this.#bench.rows(), await this.#bench.shares()];
    this.#rows = rows;
    this.#shares.replaceChildren(...(shares.length === 0 ? [] : [sharesTable(shares, this.#bench.me, this.#bench.week)]));
    this.#draw();
  }

  /** Saves what is typed, and puts the open message away where the key of its epoch is destroyed. */
  async leave(isDestroyed: (epoch: string) => boolean): Promise<void> {
    await this.#view.save(); // whatever is said to be gone next
    const open = this.#rows.find((r) => r.leaf === this.#open);
    if (open !== undefined && isDestroyed(open.epoch)) this.#gone("shredded");
  }

  /** Fetches what is new, and puts the open message away where it is not there any more. */
  async lookAgain(): Promise<void> {
    const open = this.#rows.find((r) => r.leaf === this.#open);
    await this.look();
    if (open === undefined || this.#open !== open.leaf || this.#row() !== undefined) return;
    const why = await this.#bench.why(open.epoch, open.leaf).catch(async (err: unknown) => {
      await this.close();
      throw err;
    });
    this.#gone(why);
  }

  #gone(why: Gone): void {
    this.#open = "";
    this.#view.away(why);
  }

  /** Opens a message of the list, from elsewhere on the page. */
  show(leaf: string): void {
    const c = this.#rows.find((r) => r.leaf === leaf);
    if (c !== undefined) this.#show(c);
  }

  /** Saves what is typed and puts the open message away. */
  close(): Promise<void> {
    this.#row()?.removeAttribute("aria-current");
    this.#open = "";
    return this.#view.close();
  }

  /** Puts the open message away and saves nothing. */
  drop(): void {
    this.#open = "";
    this.#view.drop();
  }

  /** Puts the open message away, if there is one, and goes back to its row. */
  async back(): Promise<void> {
    if (this.#open === "") return;
    const closing = this.#view.close();
    this.#back();
    await closing;
  }

  #draw(): void {
    const again = this.#focused();
    this.#notes.replaceChildren(...this.#page.notes().map((n) => el("p", { class: "note" }, n)));
    this.#list.replaceChildren(...cardList(this.#bench, this.#rows, this.#labels, (c) => { this.#show(c); }, this.#unfolded));
    this.#row()?.setAttribute("aria-current", "true");
    again();
    const decoys = this.#page.decoys();
    this.#decoys.textContent = decoys > 0 ? SAY.decoys(decoys) : "";
  }

  /**
   * Notes where in the list the focus is, to put it there again: on a message, at the same one of its controls, or on the
   * button for more.
   */
  #focused(): () => void {
    const at = document.activeElement;
    if (!(at instanceof HTMLElement) || !this.#list.contains(at)) return () => { /* it stays where it is */ };
    const item = at.closest("li");
    const leaf = item?.querySelector<HTMLElement>("[data-leaf]")?.dataset["leaf"];
    const more = at.dataset["more"];
    const n = item === null ? -1 : controlsIn(item).indexOf(at);
    return () => {
      const row = leaf === undefined ? undefined : this.#rowOf(leaf);
      const same = controlsIn(row?.closest("li") ?? null)[n];
      const grows = Array.from(this.#list.querySelectorAll<HTMLElement>("[data-more]")).find((b) => b.dataset["more"] === more);
      (same ?? row ?? grows ?? this.#page.heading).focus();
    };
  }

  #show(c: Row): void {
    this.#page.opens();
    this.#mark(c.leaf);
    this.#view.open(c);
  }

  /** Says in the list which message is open. */
  #mark(leaf: string): void {
    this.#row()?.removeAttribute("aria-current");
    this.#open = leaf;
    this.#row()?.setAttribute("aria-current", "true");
  }

  #rowOf(leaf: string): HTMLElement | undefined {
    return Array.from(this.#list.querySelectorAll<HTMLElement>("[data-leaf]")).find((r) => r.dataset["leaf"] === leaf);
  }

  #row(): HTMLElement | undefined {
    return this.#rowOf(this.#open);
  }

  #back(): void {
    const row = this.#row();
    row?.removeAttribute("aria-current");
    this.#open = "";
    (row ?? this.#page.heading).focus();
  }
}

/** What in a row of the list can have the focus: the row itself, and what asks a writer. */
const controlsIn = (item: Element | null): HTMLElement[] => (item === null ? [] : Array.from(item.querySelectorAll<HTMLElement>("button, [tabindex]")));
