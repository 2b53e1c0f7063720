/**
 * Looking after who reads: how many stories in one sitting, and a pause after a hard one.
 *
 * The clock is in this page's memory alone. A server that kept it would know who reads what, and how it weighs on them. It
 * stays there over a lock, since the page locks itself while somebody rests, and is each reviewer's own. Reloading or closing
 * the page begins a new sitting: the caps are there to help, and no lock. The weekly cap is the server's, which knows how many
 * messages somebody has taken anyway.
 *
 * "Not these themes" is kept with it: a list of what somebody cannot bear to read is about that person, and even a sealed one
 * would tell the server that there is one.
 */
import { themeOf } from "../coding.js";
import type { Practice } from "./api.js";
import type { Case, Row } from "./casework.js";

export interface Caps {
  /** Stories in one sitting. */
  sitting: number;
  /** Of those, with seriousness 3. */
  serious: number;
  /** Minutes without a story after one of seriousness 3. */
  gap: number;
  /** Whether the caps stop the reader, or only say so. */
  hard: boolean;
}

export const DEFAULT_CAPS: Caps = { sitting: 6, serious: 2, gap: 10, hard: true };

/**
 * How long somebody has to read nothing for a sitting to be over, in milliseconds. Twin of sittingEnds in
 * internal/client/pace.go.
 */
const SITTING_ENDS = 4 * 3_600_000;

/** The seriousness after which a pause begins. */
const GRAVEST = 3;

/** Whether somebody found a story to be of the gravest kind, whoever it was: as far as its reader is told. */
export const isGrave = (c: Pick<Case, "codings" | "consensuses">): boolean => [...c.codings, ...c.consensuses].some(({ body }) => body.seriousness >= GRAVEST);

export type Brake = "sitting" | "serious" | "gap";

export class Pace {
  readonly #opened = new Set<string>();
  readonly #serious = new Set<string>();
  /** Of the gravest kind, and looked at to object to what goes out of them alone: no story of them was shown. */
  readonly #looked = new Set<string>();
  #hardAt = -Infinity;
  #readAt = -Infinity;
  #avoided: ReadonlySet<string> = new Set();

  /** `now` gives milliseconds. It is the clock on the wall, which goes on while a device sleeps: that is rest, too. */
  constructor(public caps: Caps, private readonly now: () => number = () => Date.now()) {}

  /** A story was opened; opening it again does not count again. */
  opened(leaf: string): void {
    this.#begin();
    this.#opened.add(leaf);
    this.#readAt = this.now();
  }

  /** A new sitting begins where the last one is over, or the clock was put back. */
  #begin(): void {
    const since = this.now() - this.#readAt;
    if (since >= 0 && since <= SITTING_ENDS) return;
    this.#opened.clear();
    this.#serious.clear();
    this.#looked.clear();
    this.#hardAt = -Infinity;
  }

  /** A story was coded. A 3 begins the pause. */
  coded(leaf: string, seriousness: number): void {
    this.opened(leaf);
    if (seriousness < GRAVEST) return;
    this.#serious.add(leaf);
    this.#hardAt = this.now();
  }

  /** What speaks against opening one more story now, or null. A story that is open already may be finished. */
  brake(leaf: string): Brake | null {
    this.#begin();
    if (this.#opened.has(leaf)) return null;
    if (this.minutesLeft() > 0 && !this.#looked.has(leaf)) return "gap";
    if (this.#serious.size >= this.caps.serious) return "serious";
    return this.#opened.size >= this.caps.sitting ? "sitting" : null;
  }

  /**
   * What speaks against opening a message. Who looks at what others decided, and may object for two days, is stopped by the pause alone:
   * a full sitting takes hours to be over. A change of wishes has no story; what came later without its first message has one.
   */
  brakeOn(c: Pick<Row, "leaf" | "task" | "card">): Brake | null {
    const brake = this.brake(c.leaf);
    if (c.card.of === "consent") return null;
    return brake !== "gap" && c.task === "object" ? null : brake;
  }

  /** A story of the gravest kind is put away. Who did not code it, or found it less grave, has read it all the same. */
  leftGrave(leaf: string): void {
    this.coded(leaf, GRAVEST);
  }

  /** What may go out of a story of the gravest kind is put away, and the story was not shown: the pause begins, and nothing is counted as read. */
  lookedAtGrave(leaf: string): void {
    this.#begin();
    this.#looked.add(leaf);
    [this.#readAt, this.#hardAt] = [this.now(), this.now()];
  }

  /** Whole minutes until the pause is over; 0 when there is none. */
  minutesLeft(): number {
    return Math.max(0, Math.ceil(this.caps.gap - (this.now() - this.#hardAt) / 60_000));
  }

  /** Chooses themes not to be asked to read. */
  avoid(themes: Iterable<string>): void {
    this.#avoided = new Set(themes);
  }

  get avoided(): ReadonlySet<string> {
    return this.#avoided;
  }

  /** Whether a card's chips touch a theme that is avoided. What a writer did not tick cannot be known before reading. */
  avoids(chips: readonly string[]): boolean {
    return chips.some((chip) => this.#avoided.has(themeOf(chip)));
  }
}

/** The paces of all who have signed in on this page, by reviewer. */
export class Paces {
  readonly #all = new Map<string, Pace>();

  /** The sitting of a reviewer goes on, whatever was locked meanwhile. */
  of(reviewer: string): Pace {
    const pace = this.#all.get(reviewer) ?? new Pace(DEFAULT_CAPS);
    this.#all.set(reviewer, pace);
    return pace;
  }
}

/** The strictest of several panels' caps: whoever sits on more than one reads for all of them in one sitting. */
export function strictest(all: readonly Practice[]): Pace["caps"] {
  if (all.length === 0) return DEFAULT_CAPS;
  const least = (of: (p: Practice) => number): number => Math.min(...all.map(of));
  return { sitting: least((p) => p.sitting), serious: least((p) => p.serious), gap: Math.max(...all.map((p) => p.gap)), hard: all.some((p) => p.hard) };
}
