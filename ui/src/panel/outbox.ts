/**
 * Answers that wait for their hour. They are sent together, in no order, at the next full hour, so that when an answer comes
 * tells the server nothing of who was reading what.
 *
 * They are sealed to their writers already: nobody can read them here, the reviewer included, so they stay when the page
 * locks and go out after the next unlocking. They do not outlive the page.
 */
import { ApiError, postReply } from "./api.js";
import type { SealedReply } from "./writers.js";

interface Waiting {
  clinic: string;
  reply: SealedReply;
}

/** What became of those that were due: how many are sent, the sentences about those that were refused, and whether any wait. */
export interface Sent {
  sent: number;
  refused: string[];
}

export class Outbox {
  #waiting: Waiting[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;
  #signedIn = false;
  #every = 3600;
  readonly #onSent: (s: Sent) => void;

  constructor(onSent: (s: Sent) => void) {
    this.#onSent = onSent;
    // What waits is gone with the page. The browser asks in its own words.
    window.addEventListener("beforeunload", (event) => { if (this.#waiting.length > 0) event.preventDefault(); });
  }

  get count(): number {
    return this.#waiting.length;
  }

  /** Somebody is signed in. Answers go when the clock is a multiple of `every` seconds. */
  open(every: number): void {
    this.#signedIn = true;
    this.#every = Number.isSafeInteger(every) && every > 0 ? every : 3600;
    this.#plan();
  }

  /** The page is locked: what waits keeps waiting. */
  lock(): void {
    this.#signedIn = false;
    clearTimeout(this.#timer);
  }

  /** When the next answers go. */
  next(): Date {
    const step = this.#every * 1000;
    return new Date((Math.floor(Date.now() / step) + 1) * step);
  }

  add(clinic: string, reply: SealedReply): void {
    this.#waiting.push({ clinic, reply });
    this.#plan();
  }

  /** Takes an answer out that was not sent yet; false when it is gone already. */
  remove(reply: SealedReply): boolean {
    const before = this.#waiting.length;
    this.#waiting = this.#waiting.filter((w) => w.reply !== reply);
    return this.#waiting.length < before;
  }

  #plan(): void {
    clearTimeout(this.#timer);
    if (!this.#signedIn || this.#waiting.length === 0) return;
    this.#timer = setTimeout(() => { void this.send(); }, this.next().getTime() - Date.now());
  }

  /** Sends all that waits. What finds no server waits on; what the server refuses for good is given up and said. */
  async send(): Promise<void> {
    clearTimeout(this.#timer);
    const due = shuffled(this.#waiting);
    const result: Sent = { sent: 0, refused: [] };
    for (const w of due) {
      try {
        await postReply(w.clinic, w.reply);
        result.sent++;
      } catch (err) {
        if (!(err instanceof ApiError) || !forGood(err.status)) continue;
        result.refused.push(err.message);
      }
      this.remove(w.reply);
    }
    this.#onSent(result);
    this.#plan();
  }
}

/** Whether trying again cannot help: the mailbox has ended or is full. A sign-in that ended, or a server that is away, can. */
const forGood = (status: number): boolean => status >= 400 && status < 500 && status !== 401 && status !== 429;

function shuffled<T>(list: T[]): T[] {
  const order = new Map(list.map((x) => [x, crypto.getRandomValues(new Uint32Array(1))[0] ?? 0]));
  return [...list].sort((a, b) => (order.get(a) ?? 0) - (order.get(b) ?? 0));
}
