/**
 * How much room is left, counted in the very bytes that will be padded. The number changes with every letter; a screen
 * reader hears of it only when little is left or the text is too long.
 */
import { utf8 } from "../encoding.js";
import { countBytes, LIMIT, type Answer } from "../pad.js";
import type { Say } from "./say.js";

const LITTLE = 2000;
const PAUSE = 400;

/** Bytes that the answers will take once they are sealed here, with a reply key and commitments of their real lengths. */
export function bytesOf(answers: Answer[], form: HTMLElement): number {
  return countBytes({
    v: 1,
    t: "submission",
    epoch: form.dataset["epoch"] ?? "",
    origin: form.dataset["origin"] ?? "",
    sealed_by: "client",
    form: "f".repeat(43),
    lang: form.dataset["lang"] ?? "",
    answers,
    subject: null,
    reply_to: "r".repeat(1959),
    mailbox: "m".repeat(43),
    anchor: "a".repeat(43),
    thread: null,
    actions: "k".repeat(43),
  });
}

/** How many of the writer's own letters so many bytes are: an Arabic letter takes two, most emoji four. */
export function lettersIn(bytes: number, answers: Answer[]): number {
  const text = answers.map(({ a }) => a).join("");
  const letters = Array.from(text).length;
  return letters === 0 ? bytes : Math.ceil((bytes * letters) / utf8(text).length);
}

export class Room {
  private level = "";
  private timer = 0;
  private readonly spoken: HTMLElement;

  constructor(
    private readonly shown: HTMLElement,
    private readonly say: Say,
    private readonly answers: () => Answer[],
    private readonly form: HTMLElement,
    private readonly lang: string,
  ) {
    this.spoken = shown.ownerDocument.createElement("p");
    this.spoken.className = "unseen";
    this.spoken.setAttribute("role", "status");
    shown.after(this.spoken);
    this.update();
  }

  /** Counts again a moment after the last letter. */
  later(): void {
    window.clearTimeout(this.timer);
    this.timer = window.setTimeout(() => { this.update(); }, PAUSE);
  }

  update(): void {
    const answers = this.answers();
    const left = LIMIT - bytesOf(answers, this.form);
    const letters = lettersIn(Math.abs(left), answers).toLocaleString(this.lang);
    const text = this.say(left < 0 ? "script.room_over" : "script.room", { letters });
    const level = left < 0 ? "over" : left < LITTLE ? "little" : "enough";
    this.shown.textContent = text;
    this.shown.classList.toggle("over", left < 0);
    if (level !== this.level && (this.level !== "" || level !== "enough")) this.spoken.textContent = text;
    this.level = level;
  }
}
