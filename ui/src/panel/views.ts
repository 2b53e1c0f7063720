/** The views of the desk: the queue, and others that are filled when somebody asks for them. */
import { el, part } from "./dom.js";
import { showFigures } from "./figuresview.js";
import { showKeys, type Host } from "./keysview.js";
import { numbersBox } from "./numbersview.js";
import { showPromises } from "./promisesview.js";
import { foldWords, searchBox, type Around as Searcher } from "./searchview.js";
import { SEARCH } from "./searchwords.js";
import type { ServedBench } from "./servedbench.js";
import type { Tended } from "./tending.js";
import { SAY } from "./words.js";

/** The desk around its views. */
export interface Desks {
  host: () => Host;
  tended: () => Tended[];
  benches: () => ServedBench[];
  /** Draws the queue anew, where something was done in another view. */
  look: () => Promise<void>;
  /** What the search in each clinic needs, in the order of the clinics. */
  searchers: () => Searcher[];
}

export class Views {
  readonly #root: HTMLElement;
  readonly #desks: Desks;

  constructor(root: HTMLElement, desks: Desks) {
    this.#root = root;
    this.#desks = desks;
  }

  /** Calls with the view's name when somebody presses its button. */
  listen(chosen: (view: string) => void): void {
    for (const tab of this.#tabs()) tab.addEventListener("click", () => { chosen(tab.dataset["view"] ?? ""); });
  }

  #tabs(): HTMLButtonElement[] {
    return Array.from(this.#root.querySelectorAll<HTMLButtonElement>("[data-view]"));
  }

  /** Shows one view. Throws ApiError. */
  async show(name: string): Promise<void> {
    for (const tab of this.#tabs()) {
      const chosen = tab.dataset["view"] === name;
      tab.setAttribute("aria-pressed", String(chosen));
      part(this.#root, `view-${tab.dataset["view"] ?? ""}`).hidden = !chosen;
    }
    if (name === "queue") await this.#desks.look();
    if (name === "own") document.getElementById("panel-own")?.focus();
    if (name === "figures") await this.#figures();
    if (name === "search") this.#search();
    if (name === "promises") await this.#promises();
    if (name === "keys") await this.#keys();
  }

  async #figures(): Promise<void> {
    const host = this.#desks.host();
    const { labels, attempt, whenFree } = host;
    const tended = this.#desks.tended();
    const seats = this.#desks.benches().map((bench) => ({
      tended: tended.find((t) => t.clinic.slug === bench.clinic.slug) ?? bench.tended,
      numbers: () => [numbersBox({ bench, labels, attempt, whenFree })],
    }));
    await showFigures(part(this.#root, "figures-room"), host, seats, labels);
    part(this.#root, "figures-title").focus();
  }

  #search(): void {
    const room = part(this.#root, "search-room");
    const boxes = this.#desks.searchers().map(searchBox);
    foldWords(room);
    if (room.childElementCount === 0) room.append(el("p", {}, SEARCH.lead), ...boxes);
    this.#desks.host().say("");
    part(this.#root, "search-title").focus();
  }

  async #promises(): Promise<void> {
    await showPromises(part(this.#root, "promises-room"), this.#desks.host(), this.#desks.tended(), this.#desks.benches());
    part(this.#root, "promises-title").focus();
  }

  async #keys(): Promise<void> {
    const host = this.#desks.host();
    host.say(SAY.lookingAtKeys);
    await showKeys(part(this.#root, "keys-room"), host, this.#desks.tended());
    host.say("");
    part(this.#root, "keys-title").focus();
    if (!wantsSettings()) return;
    const settings = this.#root.querySelector<HTMLDetailsElement>("[data-part=settings]");
    if (settings === null) return;
    settings.open = true;
    settings.querySelector("summary")?.focus();
  }
}

/** The address leads to the settings. */
export const wantsSettings = (): boolean => window.location.pathname === "/panel/settings";
