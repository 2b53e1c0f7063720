/** The panel's work on messages: the queue, how it lies on everybody, and the message that is open. */
import type { Bench } from "./bench.js";
import { avoidForm, cardList, sharesTable } from "./cards.js";
import type { Case } from "./casework.js";
import { CaseView } from "./caseview.js";
import { CASE } from "./casewords.js";
import { el } from "./dom.js";
import type { Labels } from "./labels.js";

export class ReviewDesk {
  readonly element = el("div", { class: "columns" });
  readonly #list = el("div", {});
  readonly #shares = el("div", {});
  readonly #title = el("h2", { tabindex: "-1" }, CASE.queue);
  readonly #view: CaseView;
  readonly #bench: Bench;
  readonly #labels: Labels;
  #cases: Case[] = [];
  #open = "";

  constructor(bench: Bench, labels: Labels, say: (sentence: string) => void, alert: (sentence: string) => void) {
    this.#bench = bench;
    this.#labels = labels;
    const reading = el("section", { class: "reading", "aria-label": CASE.of.submission });
    this.#view = new CaseView(reading, bench, labels, labels.codes, {
      say, alert,
      changed: async (leaf) => { await this.look(); return this.#cases.find((c) => c.leaf === leaf) ?? null; },
      closed: () => { this.#back(); },
    });
    const themes = labels.codes.themes.filter((t) => t.items.some((i) => i.cw)).map(({ code }) => code);
    this.element.append(
      el("section", { class: "queue" }, this.#title, this.#list, avoidForm(bench, themes, labels, () => { this.#draw(); }), this.#shares),
      reading,
    );
  }

  /** Fetches what there is and draws the list anew. The open message stays open. */
  async look(): Promise<void> {
    const [cases, shares] = [await this.#bench.cases(), await this.#bench.shares()];
    this.#cases = cases;
    this.#shares.replaceChildren(sharesTable(shares, this.#bench.me));
    this.#draw();
  }

  /** Saves what is typed and puts the open message away. */
  close(): Promise<void> {
    return this.#view.close();
  }

  #draw(): void {
    this.#list.replaceChildren(...cardList(this.#bench, this.#cases, this.#labels, (c, from) => {
      this.#row()?.removeAttribute("aria-current");
      this.#open = c.leaf;
      from.setAttribute("aria-current", "true");
      this.#view.open(c);
    }));
    this.#row()?.setAttribute("aria-current", "true");
  }

  #row(): HTMLElement | undefined {
    return Array.from(this.#list.querySelectorAll<HTMLElement>("[data-leaf]")).find((r) => r.dataset["leaf"] === this.#open);
  }

  #back(): void {
    const row = this.#row();
    row?.removeAttribute("aria-current");
    this.#open = "";
    (row ?? this.#title).focus();
  }
}
