/** What the page does at the moment: one step at a time, a bar for what takes long, and sentences on how it went. */
import { part } from "./dom.js";
import { isSeen, type Nearby } from "./nearby.js";
import { SAY } from "./words.js";

export class Busy {
  readonly #root: HTMLElement;
  readonly #on: { failed: (err: unknown) => void; touched: () => void };
  readonly #near: Nearby | null;
  #cuts = 0;
  #runs = false;
  #waits: (() => Promise<void>)[] = [];

  /** `near` shows what is said where somebody works, too. */
  constructor(root: HTMLElement, on: { failed: (err: unknown) => void; touched: () => void }, near: Nearby | null = null) {
    this.#root = root;
    this.#on = on;
    this.#near = near;
  }

  /** Where its place at the top of the page is in sight, once is enough. */
  say(sentence: string): void {
    const status = part(this.#root, "status");
    status.textContent = sentence;
    this.#near?.show("status", isSeen(status) ? "" : sentence);
  }

  /** With `more`, such as a button to go on with, where somebody works. */
  alert(sentence: string, ...more: HTMLElement[]): void {
    part(this.#root, "alert").textContent = sentence;
    this.#near?.show("alert", sentence, ...more);
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

  /** Runs a step that may fail, with the buttons shut so that it cannot be started twice. While another runs it only says so. */
  async attempt(step: () => Promise<void>): Promise<void> {
    if (this.#runs) {
      this.say(SAY.busy);
      return;
    }
    await this.#run(step);
    const next = this.#waits.shift();
    if (next !== undefined) await this.attempt(next);
  }

  /** Runs a step that only shows something as soon as no other runs. Those that wait go one after the other. */
  async whenFree(step: () => Promise<void>): Promise<void> {
    if (this.#runs) {
      this.#waits.push(step);
      this.say(SAY.busyThen);
      return;
    }
    await this.attempt(step);
  }

  async #run(step: () => Promise<void>): Promise<void> {
    this.#runs = true;
    const buttons = Array.from(this.#root.querySelectorAll<HTMLButtonElement>("[data-busy]"));
    for (const b of buttons) b.setAttribute("aria-disabled", "true");
    const cuts = this.#cuts;
    this.alert("");
    try {
      await step();
    } catch (err) {
      if (cuts === this.#cuts) this.#on.failed(err); // what was cut short has not failed
    } finally {
      this.work("");
      this.#runs = false;
      for (const b of buttons) b.removeAttribute("aria-disabled");
      if ([SAY.busy, SAY.busyThen].includes(part(this.#root, "status").textContent)) this.say(""); // it is over
    }
  }

  /** What runs now is cut short, and what waits is not begun. */
  cut(): void {
    this.#waits = [];
    this.#cuts++;
  }
}
