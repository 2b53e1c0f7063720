/** What the page does at the moment: one step at a time, a bar for what takes long, and sentences on how it went. */
import { part } from "./dom.js";

export class Busy {
  readonly #root: HTMLElement;
  readonly #on: { failed: (err: unknown) => void; touched: () => void };
  #cuts = 0;

  constructor(root: HTMLElement, on: { failed: (err: unknown) => void; touched: () => void }) {
    this.#root = root;
    this.#on = on;
  }

  say(sentence: string): void {
    part(this.#root, "status").textContent = sentence;
  }

  alert(sentence: string): void {
    part(this.#root, "alert").textContent = sentence;
  }

  /** Shows in words and as a bar how far work has come, without a length while nobody knows it; "" when it has ended. */
  work(words: string, done = 0, of = 0): void {
    this.#on.touched(); // work in progress is not a quiet minute
    const bar = part<HTMLProgressElement>(this.#root, "progress");
    part(this.#root, "work").hidden = words === "";
    part(this.#root, "work-words").textContent = words;
    if (of === 0) bar.removeAttribute("value");
    else Object.assign(bar, { max: of, value: done });
  }

  /** Runs a step that may fail, with the buttons shut so that it cannot be started twice. */
  async attempt(step: () => Promise<void>): Promise<void> {
    const buttons = Array.from(this.#root.querySelectorAll<HTMLButtonElement>("[data-busy]"));
    if (buttons.some((b) => b.getAttribute("aria-disabled") === "true")) return;
    for (const b of buttons) b.setAttribute("aria-disabled", "true");
    const cuts = this.#cuts;
    this.alert("");
    try {
      await step();
    } catch (err) {
      if (cuts === this.#cuts) this.#on.failed(err); // what was cut short has not failed
    } finally {
      this.work("");
      for (const b of buttons) b.removeAttribute("aria-disabled");
    }
  }

  /** What runs now is cut short. */
  cut(): void {
    this.#cuts++;
  }
}
