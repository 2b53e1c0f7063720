/**
 * Answers and acts in public that wait for their hour. They are sent together, in no order, at the next full hour, so that when
 * one comes tells the server nothing of who was reading what, or which step it follows.
 *
 * They are sealed to their writers already: nobody can read them here, the reviewer included, so they stay when the page
 * locks and go out after the next unlocking. They do not outlive the page: an answer is lost then, and an act is owed still, which
 * any member's browser finds out at a sign-in.
 */
import { shuffled } from "../shuffled.js";
import { ApiError, postReply, send } from "./api.js";
import type { SealedReply } from "./writers.js";

interface Waiting {
  clinic: string;
  reply: SealedReply;
  /** The same act, that the writer was answered, signed under some tags: the first one that is free is put into the log. */
  acts: string[];
  /** The message, by its leaf hash in hex, whose writer is asked with it what happened since; "" for an answer that asks nothing. */
  asks: string;
  /** The message, by its leaf hash in hex, whose writer is shown with it what may go out; "" for an answer that shows nothing. */
  shows: string;
}

/** What became of those that were due: how many are sent, the sentences about those that were refused, and how many have no mark in public. */
export interface Sent {
  sent: number;
  refused: string[];
  /** Whether one of those was to show a writer what may go out: the panel reads in a note that it did, and whoever wrote it takes that back. */
  unshown: boolean;
  unmarked: number;
  /** Whether one of them asked a writer what happened since. */
  asked: boolean;
}

export class Outbox {
  #waiting: Waiting[] = [];
  /** Texts of acts, with their clinics. */
  #acts: { clinic: string; leaf: string }[] = [];
  /** Messages whose writers were asked from this page, by leaf hash in hex. */
  readonly #asked = new Set<string>();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #signedIn = false;
  #every = 3600;
  readonly #onSent: (s: Sent) => void;

  constructor(onSent: (s: Sent) => void) {
    this.#onSent = onSent;
    // What waits is gone with the page. The browser asks in its own words.
    window.addEventListener("beforeunload", (event) => { if (this.#waiting.length > 0) event.preventDefault(); });
  }

  /** How many answers wait. */
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

  add(clinic: string, reply: SealedReply, acts: string[], asks = "", shows = ""): void {
    this.#waiting.push({ clinic, reply, acts, asks, shows });
    this.#plan();
  }

  /** The answer that waits and asks the writer of a message, by its leaf hash in hex, what happened since; null for none. */
  asking(leaf: string): SealedReply | null {
    return this.#waiting.find(({ asks }) => asks === leaf)?.reply ?? null;
  }

  /** The answer that waits and shows the writer of a message, by its leaf hash in hex, what may go out; null for none. */
  showing(leaf: string): SealedReply | null {
    return this.#waiting.find(({ shows }) => shows === leaf)?.reply ?? null;
  }

  /** Whether an answer that asks so was sent from this page. */
  asked(leaf: string): boolean {
    return this.#asked.has(leaf);
  }

  /** Takes acts that are to be put into the log. One that waits already is not sent twice. */
  owe(clinic: string, leaves: readonly string[]): void {
    for (const leaf of leaves) if (!this.#acts.some((a) => a.leaf === leaf)) this.#acts.push({ clinic, leaf });
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
    if (!this.#signedIn || this.#waiting.length + this.#acts.length === 0) return;
    this.#timer = setTimeout(() => { void this.send(true); }, this.next().getTime() - Date.now());
  }

  /**
   * Sends all that waits, acts only at their hour. What finds no server waits on; what the server refuses for good is given up and,
   * where it is an answer, said.
   */
  async send(atItsHour = false): Promise<void> {
    clearTimeout(this.#timer);
    const acts = atItsHour ? this.#acts : [];
    this.#acts = atItsHour ? [] : this.#acts;
    const due = shuffled(this.#waiting);
    const answered: Waiting[] = [];
    const result: Sent = { sent: 0, refused: [], unshown: false, unmarked: 0, asked: false };
    for (const w of due) {
      try {
        await postReply(w.clinic, w.reply);
        result.sent++;
        answered.push(w);
        if (w.asks !== "") [result.asked] = [true, this.#asked.add(w.asks)];
      } catch (err) {
        if (!(err instanceof ApiError) || !forGood(err.status)) continue;
        result.refused.push(err.message);
        result.unshown ||= w.shows !== "";
      }
      this.remove(w.reply);
    }
    // In an order of their own: which mark belongs to which answer is for the panel and the writer.
    const marks = [...answered.map((w) => async () => { if (!(await marked(w))) result.unmarked++; }), ...acts.map((act) => () => this.#own(act))];
    for (const mark of shuffled(marks)) await mark();
    if (due.length > 0) this.#onSent(result);
    this.#plan();
  }

  /** Puts an act into the log. One that is refused, since a colleague did the same or its day is over, is given up: what is owed is worked out anew. */
  async #own(act: { clinic: string; leaf: string }): Promise<void> {
    try {
      await send(act.clinic, "/acts", { leaf: act.leaf });
    } catch (err) {
      if (err instanceof ApiError && !forGood(err.status)) this.#acts.push(act);
    }
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
