/**
 * Answers that wait for their hour. They are sent together, in no order, at the next full hour, so that when an answer comes
 * tells the server nothing of who was reading what.
 *
 * They are sealed to their writers already: nobody can read them here, the reviewer included, so they stay when the page
 * locks and go out after the next unlocking. They do not outlive the page.
 */
import { ApiError, postReply, send } from "./api.js";
import type { SealedReply } from "./writers.js";

interface Waiting {
  clinic: string;
  reply: SealedReply;
  /** The same act, that the writer was answered, signed under some tags: the first one that is free is put into the log. */
  acts: string[];
}

/** What became of those that were due: how many are sent, the sentences about those that were refused, and how many have no mark in public. */
export interface Sent {
  sent: number;
  refused: string[];
  unmarked: number;
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

  add(clinic: string, reply: SealedReply, acts: string[]): void {
    this.#waiting.push({ clinic, reply, acts });
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
    const answered: Waiting[] = [];
    const result: Sent = { sent: 0, refused: [], unmarked: 0 };
    for (const w of due) {
      try {
        await postReply(w.clinic, w.reply);
        result.sent++;
        answered.push(w);
      } catch (err) {
        if (!(err instanceof ApiError) || !forGood(err.status)) continue;
        result.refused.push(err.message);
      }
      this.remove(w.reply);
    }
    // In an order of their own: which mark belongs to which answer is for the panel and the writer.
    for (const w of shuffled(answered)) if (!(await marked(w))) result.unmarked++;
    this.#onSent(result);
    this.#plan();
  }
}

/** Puts into the log that a writer was answered; false when no tag was free, or the week in which it was signed is over. */
async function marked({ clinic, acts }: Waiting): Promise<boolean> {
  for (const leaf of acts) {
    try {
      await send(clinic, "/acts", { leaf });
      return true;
    } catch (err) {
      if (!(err instanceof ApiError) || err.kind !== "tag-taken") return false;
    }
  }
  return false;
}

/** Whether trying again cannot help: the mailbox has ended or is full. A sign-in that ended, or a server that is away, can. */
const forGood = (status: number): boolean => status >= 400 && status < 500 && status !== 401 && status !== 429;

function shuffled<T>(list: T[]): T[] {
  const order = new Map(list.map((x) => [x, crypto.getRandomValues(new Uint32Array(1))[0] ?? 0]));
  return [...list].sort((a, b) => (order.get(a) ?? 0) - (order.get(b) ?? 0));
}
