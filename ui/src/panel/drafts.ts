/**
 * Keeps what is typed, sealed to the reviewer alone, so that a closed browser loses nothing that it kept and leaves nothing in the clear.
 *
 * It saves at fixed times and not at each key, so that the server does not learn a rhythm of typing; and at once when the page is
 * put away, as on a phone. A tab that is closed in sight has no time left to seal: the browser asks first where something is unsaved,
 * and what was typed since the last save is lost when it is closed all the same.
 */
import { sorted } from "../coding.js";
import type { Answer } from "../pad.js";

/** At most so much typing is lost when a browser dies at once, or is closed against its question. */
export const EVERY_SECONDS = 5;

/** What became of what was typed. All but `stored` and `both` say why it is not at the server. */
export type Kept = "stored" | "both" | "away" | "signed-out" | "gone" | "handed-back" | "too-long" | "failed";

export const KEPT: Record<Kept, string> = {
  stored: "What you typed is kept, sealed to you alone.",
  both: "What you typed is kept, sealed to you alone. Somewhere else, in another window or a terminal, you typed something different at the same place. Both are kept: open this message again to see them.",
  away: "The server does not take what you typed. It waits here, sealed to you alone, and is tried again. Do not close this page.",
  "signed-out": "What you typed is not kept yet, because you were signed out. Press “Sign in again”. Do not close this page.",
  gone: "This message is not there for you any more, so what you typed about it cannot be kept.",
  "handed-back": "You handed this part back, in another window or a terminal. What you type here is not kept, or it would say that it was you. Copy what you still want.",
  "too-long": "What you typed about this message is too long together, here and elsewhere, so it is not kept. Send a part of it, or make it shorter. It is lost when this page locks or closes.",
  failed: "This browser could not seal what you typed. It tries again. Do not lock or close this page before.",
};

/** What a message's draft holds, and whether the server has it so. */
export interface Begun {
  fields: readonly Answer[];
  stored: boolean;
}

/** What a message's draft holds, with what was typed while it was fetched. */
export function withLate(begun: Begun, late: readonly Answer[]): Begun {
  if (late.length === 0) return begun;
  return { fields: [...begun.fields.filter(({ q }) => !late.some((l) => l.q === q)), ...late], stored: false };
}

/** A part of the view. One with fields is kept in the draft. */
export interface Part {
  element: HTMLElement;
  fields?: () => Answer[];
  fill?: (fields: readonly Answer[]) => void;
}

/** A part that is one box to write in. */
export function box(q: string, element: HTMLElement, area: HTMLTextAreaElement): Part {
  return { element, fields: () => [{ q, a: area.value }], fill: (fields) => { area.value = fields.find((f) => f.q === q)?.a ?? ""; } };
}

/** Fields by name, in the order that a draft wants. Empty ones are left out. */
export function ordered(fields: readonly Answer[]): Answer[] {
  const byName = new Map(fields.filter(({ a }) => a !== "").map((f) => [f.q, f.a]));
  return sorted([...byName.keys()]).map((q) => ({ q, a: byName.get(q) ?? "" }));
}

/** What tells that the page is put away, or about to be closed. */
export interface Moments {
  document: Pick<Document, "visibilityState" | "addEventListener" | "removeEventListener">;
  window: Pick<Window, "addEventListener" | "removeEventListener">;
}

export class Drafts {
  /** What the server has, as the page would show it; null when it has something else. */
  #saved: string | null;
  /** What is on its way. */
  #asked: string | null = null;
  /** What stood on the page when `hold` was called. */
  #held: Answer[] = [];
  /** What cannot be kept, however often it is tried. */
  #refused: string | null = null;
  #saving: Promise<void> = Promise.resolve();
  #timer: ReturnType<typeof setInterval> | undefined;
  /** What the page shows where nobody has typed. */
  readonly #bare: string;
  /** Something is kept that the page does not show. */
  #unseen: boolean;
  /** What the page showed when the server had the same; null when that is not known. */
  #shown: Answer[] | null;
  readonly #away = (): void => { if (this.moments.document.visibilityState === "hidden") void this.save(); };
  readonly #closing = (event: Event): void => {
    if (!this.unsaved) return;
    event.preventDefault(); // the browser asks in its own words, and meanwhile it is stored
    void this.save();
  };

  /**
   * `fields` reads the page, which shows `begun` already: what it adds by itself, such as an answer that is chosen beforehand, was
   * typed by nobody, so that opening alone sends nothing. `bare` is that alone, as the page showed it before `begun`. `store` seals and
   * sends, and never throws.
   */
  constructor(
    private readonly fields: () => Answer[],
    private readonly store: (fields: Answer[], shown: Answer[] | null) => Promise<Kept>,
    private readonly said: (kept: Kept) => void,
    begun: Begun,
    bare: readonly Answer[],
    private readonly moments: Moments = { document, window },
  ) {
    const names = new Set(this.fields().map(({ q }) => q));
    this.#bare = JSON.stringify(ordered(bare));
    this.#unseen = begun.fields.some(({ q, a }) => a !== "" && !names.has(q));
    this.#saved = begun.stored ? this.#now() : null;
    this.#shown = begun.stored ? ordered(this.fields()) : null;
    this.start();
  }

  #now(): string {
    return JSON.stringify(ordered(this.fields()));
  }

  /** Something stands on the page that the server does not have. */
  get unsaved(): boolean {
    return this.#now() !== this.#saved;
  }

  /** Something typed stands on this message, whether it is kept by now or not. What was typed and removed again does not. */
  get any(): boolean {
    return this.#unseen || this.#now() !== this.#bare;
  }

  /** Saves when something changed: at once, whatever is on its way still. What could not be kept is said, and tried again. */
  save(): Promise<void> {
    const fields = ordered(this.fields());
    const now = JSON.stringify(fields);
    if (now === (this.#asked ?? this.#saved) || now === this.#refused) return this.#saving;
    this.#asked = now;
    this.#saving = this.store(fields, this.#shown).then((kept) => {
      if (kept === "stored" || kept === "both") this.#shown = fields;
      if (kept === "both") this.#unseen = true;
      if (this.#asked !== now) return; // something later was asked
      this.#asked = null;
      this.#saved = kept === "stored" || kept === "both" || kept === "gone" || kept === "handed-back" ? now : null;
      this.#refused = kept === "too-long" ? now : null;
      this.said(kept);
    });
    return this.#saving;
  }

  /** Begins again after `stop`. */
  start(): void {
    this.stop();
    this.#timer = setInterval(() => { void this.save(); }, EVERY_SECONDS * 1000);
    this.moments.document.addEventListener("visibilitychange", this.#away);
    this.moments.window.addEventListener("beforeunload", this.#closing);
  }

  /** Saves before the same message is drawn anew; until then what is typed is read by `late`, and the browser asks before it is lost. */
  async hold(): Promise<void> {
    clearInterval(this.#timer);
    this.#held = this.fields();
    await this.save();
  }

  /** What was typed or removed since `hold`. */
  get late(): Answer[] {
    const now = this.fields();
    const gone = this.#held.filter(({ q }) => !now.some((f) => f.q === q)).map(({ q }) => ({ q, a: "" }));
    return [...now, ...gone].filter(({ q, a }) => a !== (this.#held.find((f) => f.q === q)?.a ?? ""));
  }

  /** Saves a last time and stops. The page is read before it returns. */
  async end(): Promise<void> {
    this.stop();
    await this.save();
  }

  /** Stops, and saves nothing more. Waits for what is on its way. */
  async discard(): Promise<void> {
    this.stop();
    await this.#saving;
  }

  stop(): void {
    clearInterval(this.#timer);
    this.moments.document.removeEventListener("visibilitychange", this.#away);
    this.moments.window.removeEventListener("beforeunload", this.#closing);
  }
}
