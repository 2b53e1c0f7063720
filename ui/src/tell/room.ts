/**
 * How much of the room is used, counted in the very bytes that will be padded, and said as a share: letters take one byte to
 * four, and what looks like one may be several, so a number of letters would be a guess. A screen reader hears of it only when
 * little is left or the text is too long.
 */
import { countBytes, LIMIT, type Answer } from "../pad.js";
import { localeOf, type Say } from "./say.js";

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

/**
 * The share of the room that answers use, in percent: of what is there for answers once the rest has its place. It is at most
 * 100 exactly when they fit: rounded down to a whole one then, and up to a tenth when they do not.
 */
export function percentUsed(answers: Answer[], form: HTMLElement): number {
  const empty = bytesOf([], form);
  const share = (100 * (bytesOf(answers, form) - empty)) / (LIMIT - empty);
  return share <= 100 ? Math.floor(share) : Math.ceil(share * 10) / 10;
}

/** A short whole number is written the same everywhere, and spares an old phone from loading how numbers are written. */
const written = (n: number, lang: string): string => (Number.isInteger(n) && n < 1000 ? String(n) : n.toLocaleString(localeOf(lang)));

export class Room {
  private level = "";
  private timer = 0;
  private readonly spoken: HTMLElement;

  constructor(
    private readonly shown: HTMLElement,
    private readonly say: Say,
    private readonly answers: () => Answer[],
    private readonly form: HTMLElement,
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
    const percent = written(percentUsed(answers, this.form), this.form.dataset["lang"] ?? "en");
    const text = this.say(left < 0 ? "script.room_over" : "script.room", { percent });
    const level = left < 0 ? "over" : left < LITTLE ? "little" : "enough";
    this.shown.textContent = text;
    this.shown.classList.toggle("over", left < 0);
    if (level !== this.level && (this.level !== "" || level !== "enough")) this.spoken.textContent = text;
    this.level = level;
  }
}
