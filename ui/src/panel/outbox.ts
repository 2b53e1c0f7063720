/**
 * Answers and acts in public that wait for their hour. They are sent together, in no order, at the next full hour, so that when
 * one comes tells the server nothing of who was reading what, or which step it follows.
 *
 * They are sealed to their writers already: nobody can read them here, the reviewer included, so they stay when the page
 * locks and go out after the next unlocking by the same person. What follows from an answer goes right after it and never
 * before: the mark in public, and the note of what its writer was shown. It is owed until it stands. Nothing outlives the page:
 * an answer that waits is lost then, and so is the mark of one that went just before; nobody else can know of it. Other acts are
 * owed still, which any member's browser finds out at a sign-in.
 */
import type { Served } from "../reviewfile.js";
import { shuffled } from "../shuffled.js";
import { ApiError, hasReply, postReply, send } from "./api.js";
import type { SealedReply } from "./writers.js";

/** An answer that waits. */
export interface Answer {
  clinic: string;
  /** The message, by its leaf hash in hex, whose writer is answered. */
  leaf: string;
  reply: SealedReply;
  /** The same act, that the writer was answered, signed under some tags: the first one that is free is put into the log. */
  acts: string[];
  /** Whether the writer is asked with it what happened since. */
  asks?: boolean;
  /** The note of the words that the writer is shown with it; none for an answer that shows nothing. */
  note?: Served;
}

/** How what follows an answer is signed anew and stored, by whoever is signed in. Both throw where that fails. */
export interface Ways {
  /** Signs acts under the same tags for the week that it is now. */
  again: (clinic: string, acts: string[]) => Promise<string[]>;
  /** Stores a note, with the day that it is now. */
  note: (clinic: string, note: Served) => Promise<void>;
}

/**
 * What became of one answer. `unknown`: it was posted and no answer came, so the server may have it; it is posted again. `back`: the
 * same, and it is not to be sent; the server is asked for it. The others end it: it `went`, the server `refused` it, it was taken
 * back `unsent`, or the server was asked for it and `lacks` it.
 */
export type Fate = "waits" | "unknown" | "back" | "went" | "refused" | "unsent" | "lacks";

/** What became of those that were due: how many are sent, the sentences about those that were refused, and how many have no mark in public. */
export interface Sent {
  sent: number;
  /** Answers that were taken back when the server might have had them, and that it does not have. */
  lacked: number;
  refused: string[];
  /** Whether one of those was to show a writer what may go out. */
  unshown: boolean;
  /** Answers that have no mark in public and get none: all their tags are taken. */
  unmarked: number;
  /** Whether the list is old now: a writer was asked what happened since, or a note is stored. */
  changed: boolean;
}

/** Who locked something, and what is still to be done about it. */
type Theirs<T> = T & { by: string };
/** `tried`: when it was posted last and no answer came, in milliseconds; 0 for never. `back`: it is not to be posted again. */
type Waiting = Theirs<Answer> & { tried: number; back: boolean };
interface Mark { clinic: string; acts: string[] }
interface Waits { clinic: string; leaf: string; gaveUp: (leaf: string) => void }
interface Noted { clinic: string; leaf: string; note: Served }

/** How long what was posted without an answer may still be on its way: before that the server's word that it lacks it is worth nothing. */
const UNDER_WAY_MS = 30_000;

export class Outbox {
  #waiting: Waiting[] = [];
  /** Who is told what becomes of an answer. */
  readonly #watching = new WeakMap<SealedReply, ((fate: Fate) => void)[]>();
  /** What follows from answers that went. */
  #marks: Theirs<Mark>[] = [];
  #notes: Theirs<Noted>[] = [];
  /** Texts of acts, with their clinics. */
  #acts: Waits[] = [];
  /** Messages whose writers were asked from this page, by leaf hash in hex. */
  readonly #asked = new Set<string>();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #sending: Promise<void> = Promise.resolve();
  /** The answer that is on its way. */
  #going: SealedReply | null = null;
  #signedIn = false;
  #by = "";
  #ways: Ways | null = null;
  #every = 3600;
  readonly #onSent: (s: Sent) => void;

  constructor(onSent: (s: Sent) => void) {
    this.#onSent = onSent;
    // What waits is gone with the page. The browser asks in its own words.
    window.addEventListener("beforeunload", (event) => { if (this.count + this.owes > 0) event.preventDefault(); });
  }

  /** How many answers wait. */
  get count(): number {
    return this.#waiting.length;
  }

  /** Of how many of these nobody knows whether the server has them. */
  get unknown(): number {
    return this.#waiting.filter(({ tried }) => tried > 0).length;
  }

  /** How many marks and notes of answers that went are not at the server yet. */
  get owes(): number {
    return this.#marks.length + this.#notes.length;
  }

  /** A reviewer is signed in, whose answers go when the clock is a multiple of `every` seconds. */
  open(by: string, every: number, ways: Ways): void {
    [this.#signedIn, this.#by, this.#ways] = [true, by, ways];
    this.#every = Number.isSafeInteger(every) && every > 0 ? every : 3600;
    this.#plan();
  }

  /** The page is locked: what waits keeps waiting. */
  lock(): void {
    [this.#signedIn, this.#ways] = [false, null];
    clearTimeout(this.#timer);
  }

  /** When the next answers go. */
  next(): Date {
    const step = this.#every * 1000;
    return new Date((Math.floor(Date.now() / step) + 1) * step);
  }

  add(answer: Answer): void {
    this.#waiting.push({ ...answer, by: this.#by, tried: 0, back: false });
    this.#plan();
  }

  /** Tells at once, and whenever it changes, what became of an answer that waits. */
  watch(reply: SealedReply, told: (fate: Fate) => void): void {
    this.#watching.set(reply, [...(this.#watching.get(reply) ?? []), told]);
    const w = this.#waiting.find((other) => other.reply === reply);
    if (w !== undefined) told(fateOf(w));
  }

  #tell(w: Waiting, fate: Fate): void {
    for (const told of this.#watching.get(w.reply) ?? []) told(fate);
  }

  /** The answer that waits and asks the writer of a message, by its leaf hash in hex, what happened since; null for none. */
  asking(leaf: string): SealedReply | null {
    return this.#waiting.find((w) => w.asks === true && w.leaf === leaf)?.reply ?? null;
  }

  /** The answer that waits and shows the writer of a message, by its leaf hash in hex, what may go out; null for none. */
  showing(leaf: string): SealedReply | null {
    return this.#waiting.find((w) => w.note !== undefined && w.leaf === leaf)?.reply ?? null;
  }

  /** Whether the writer of a message, by its leaf hash in hex, was shown words, and the note of them is not stored yet. */
  noting(leaf: string): boolean {
    return this.#notes.some((n) => n.leaf === leaf);
  }

  /** Whether an answer that asks so was sent from this page. */
  asked(leaf: string): boolean {
    return this.#asked.has(leaf);
  }

  /** Takes acts for the log. One that waits already is not sent twice; `gaveUp` is told of one that the server refuses for good. */
  owe(clinic: string, leaves: readonly string[], gaveUp: (leaf: string) => void): void {
    for (const leaf of leaves) if (!this.#acts.some((a) => a.leaf === leaf)) this.#acts.push({ clinic, leaf, gaveUp });
    this.#plan();
  }

  /**
   * Takes an answer back. One that the server may have is not posted again, and stays, with all that follows from it, until the
   * server was asked and has said.
   */
  async takeBack(reply: SealedReply): Promise<void> {
    const w = this.#waiting.find((other) => other.reply === reply);
    if (w === undefined) return;
    w.back = true;
    if (this.#going !== reply && w.tried === 0) { this.#end(w, "unsent"); return; }
    this.#tell(w, "back");
    if (this.#going === reply) await this.#sending;
    const left = w.tried + UNDER_WAY_MS - Date.now();
    if (left > 0) await new Promise((after) => setTimeout(after, left));
    await (this.#sending = this.#sending.then(() => this.#settle(w)));
  }

  async #settle(w: Waiting): Promise<void> {
    if (!this.#signedIn || w.by !== this.#by) return;
    const result = nothingYet();
    await this.#lookFor(w, result);
    if (result.sent > 0) this.#onSent(result);
    this.#plan();
  }

  #end(w: Waiting, fate: Fate): void {
    this.#waiting = this.#waiting.filter((other) => other !== w);
    this.#tell(w, fate);
    this.#watching.delete(w.reply);
  }

  #plan(): void {
    clearTimeout(this.#timer);
    if (!this.#signedIn || this.count + this.owes + this.#acts.length === 0) return;
    this.#timer = setTimeout(() => { void this.send(true); }, this.next().getTime() - Date.now());
  }

  /**
   * Sends all that waits, acts only at their hour, after what is being sent. What finds no server waits on; what the server
   * refuses for good is given up and, where it is an answer, said.
   */
  send(atItsHour = false): Promise<void> {
    clearTimeout(this.#timer);
    return this.#sending = this.#sending.then(() => this.#send(atItsHour));
  }

  async #send(atItsHour: boolean): Promise<void> {
    if (!this.#signedIn) return;
    const acts = atItsHour ? this.#acts : [];
    this.#acts = atItsHour ? [] : this.#acts;
    const result = nothingYet();
    const due = this.#waiting.filter(({ by }) => by === this.#by);
    for (const w of shuffled(due)) await (w.back ? this.#lookFor(w, result) : this.#answer(w, result));
    // In an order of their own: which mark belongs to which answer is for the panel and the writer.
    const [marks, notes] = [this.#marks, this.#notes].map((all) => all.filter(({ by }) => by === this.#by)) as [Theirs<Mark>[], Theirs<Noted>[]];
    const after = [...marks.map((m) => () => this.#mark(m, result)), ...notes.map((n) => () => this.#note(n, result)), ...acts.map((act) => () => this.#own(act))];
    for (const step of shuffled(after)) await step();
    if (due.length + marks.length + notes.length > 0) this.#onSent(result);
    this.#plan();
  }

  async #answer(w: Waiting, result: Sent): Promise<void> {
    if (!this.#waiting.includes(w)) return; // taken back meanwhile
    this.#going = w.reply;
    try {
      await postReply(w.clinic, w.reply);
    } catch (err) {
      this.#notAnswered(w, err, result);
      return;
    } finally {
      this.#going = null;
    }
    this.#went(w, result);
  }

  #notAnswered(w: Waiting, err: unknown, result: Sent): void {
    const status = err instanceof ApiError ? err.status : 0;
    if (!forGood(status)) {
      if (status === 0 || status >= 500) w.tried = Date.now(); // it may be stored all the same
      this.#tell(w, fateOf(w));
      return;
    }
    if (err instanceof Error) result.refused.push(err.message);
    result.unshown ||= w.note !== undefined;
    this.#end(w, "refused");
  }

  #went(w: Waiting, result: Sent): void {
    this.#end(w, "went");
    result.sent++;
    if (w.asks === true) [result.changed] = [true, this.#asked.add(w.leaf)];
    if (w.acts.length > 0) this.#marks.push({ clinic: w.clinic, acts: w.acts, by: w.by });
    if (w.note !== undefined) this.#notes.push({ clinic: w.clinic, leaf: w.leaf, note: w.note, by: w.by });
  }

  /** Asks the server for an answer that is not to be sent, and that it may have. */
  async #lookFor(w: Waiting, result: Sent): Promise<void> {
    if (!this.#waiting.includes(w)) return;
    if (w.tried === 0) { this.#end(w, "unsent"); return; } // it was refused on its way
    if (Date.now() < w.tried + UNDER_WAY_MS) return;
    const has = await hasReply(w.clinic, w.reply).catch(() => null);
    if (has === true) this.#went(w, result);
    if (has !== false) return;
    result.lacked++;
    this.#end(w, "lacks");
  }

  /** Puts into the log that a writer was answered, in the week that it is. Owed until it stands, or all its tags are taken. */
  async #mark(m: Theirs<Mark>, result: Sent): Promise<void> {
    let how = await marked(m);
    if (how === "week") {
      m.acts = await this.#ways?.again(m.clinic, m.acts).catch(() => null) ?? m.acts;
      how = await marked(m);
    }
    if (how === "week" || how === "away") return;
    if (how === "taken") result.unmarked++;
    this.#marks = this.#marks.filter((other) => other !== m);
  }

  /** Stores the note of what a writer was shown. One that is refused for good has no message any more. */
  async #note(n: Theirs<Noted>, result: Sent): Promise<void> {
    if (this.#ways === null) return;
    try {
      await this.#ways.note(n.clinic, n.note);
    } catch (err) {
      if (!(err instanceof ApiError) || !GONE.includes(err.kind)) return;
    }
    result.changed = true;
    this.#notes = this.#notes.filter((other) => other !== n);
  }

  /** Puts an act into the log. One that is refused, since a colleague did the same or its day is over, is given up: what is owed is worked out anew. */
  async #own(act: Waits): Promise<void> {
    try {
      await send(act.clinic, "/acts", { leaf: act.leaf });
    } catch (err) {
      if (err instanceof ApiError && !forGood(err.status)) this.#acts.push(act);
      else act.gaveUp(act.leaf);
    }
  }
}

/**
 * Tries to put into the log that a writer was answered. The very same act again is no error, though no answer said that it
 * stands.
 */
async function marked({ clinic, acts }: Mark): Promise<"stands" | "taken" | "week" | "away"> {
  for (const leaf of acts) {
    try {
      await send(clinic, "/acts", { leaf });
      return "stands";
    } catch (err) {
      const kind = err instanceof ApiError ? err.kind : "";
      if (kind !== "tag-taken") return kind === "day" ? "week" : "away";
    }
  }
  return "taken";
}

const fateOf = ({ tried, back }: Waiting): Fate => (tried === 0 ? "waits" : back ? "back" : "unknown");

const nothingYet = (): Sent => ({ sent: 0, lacked: 0, refused: [], unshown: false, unmarked: 0, changed: false });

/** Refusals that say a message is not there for this reviewer any more. */
const GONE = ["message-gone", "recused"];

/** Whether trying again cannot help: the mailbox has ended or is full. A sign-in that ended, or a server that is away, can. */
const forGood = (status: number): boolean => status >= 400 && status < 500 && status !== 401 && status !== 429;
