/**
 * Keeps what is typed, sealed to the reviewer alone, so that a closed browser loses nothing and leaves nothing in the clear.
 *
 * It saves at fixed times and not at each key, so that the server does not learn a rhythm of typing; and at once when the
 * page is put away.
 */
import { sorted } from "../coding.js";
import type { Answer } from "../pad.js";

/** At most so much typing is lost when a browser dies at once; one that is closed or put away saves before. */
export const EVERY_SECONDS = 5;

/** Fields by name, in the order that a draft wants. Empty ones are left out. */
export function ordered(fields: readonly Answer[]): Answer[] {
  const byName = new Map(fields.filter(({ a }) => a !== "").map((f) => [f.q, f.a]));
  return sorted([...byName.keys()]).map((q) => ({ q, a: byName.get(q) ?? "" }));
}

export class Drafts {
  #saved: string;
  #saving: Promise<void> | null = null;
  readonly #timer: ReturnType<typeof setInterval>;
  readonly #away = (): void => { if (document.visibilityState === "hidden") void this.save(); };

  /** `fields` reads the page; `store` seals and sends, and throws when it could not. `begun` is the draft that the page started from. */
  constructor(
    private readonly fields: () => Answer[],
    private readonly store: (fields: Answer[]) => Promise<void>,
    private readonly said: (kept: boolean) => void,
    begun: readonly Answer[],
  ) {
    this.#saved = JSON.stringify(ordered(begun));
    this.#timer = setInterval(() => { void this.save(); }, EVERY_SECONDS * 1000);
    document.addEventListener("visibilitychange", this.#away);
  }

  /** Saves when something changed. Never throws: what could not be kept is said, and tried again. */
  async save(): Promise<void> {
    await this.#saving;
    const fields = ordered(this.fields());
    const now = JSON.stringify(fields);
    if (now === this.#saved) return;
    this.#saving = this.store(fields).then(
      () => { this.#saved = now; this.said(true); },
      () => { this.said(false); },
    );
    await this.#saving;
  }

  /** Saves a last time and stops. */
  async end(): Promise<void> {
    this.stop();
    await this.save();
  }

  /** Stops, and saves nothing more. */
  stop(): void {
    clearInterval(this.#timer);
    document.removeEventListener("visibilitychange", this.#away);
  }
}
