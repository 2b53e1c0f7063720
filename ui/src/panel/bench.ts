/**
 * What the panel's views on messages need from the rest of the page: the worker that opens, seals and signs, and the
 * server that stores. Each call that stores has stored when it returns; otherwise it throws, and nothing typed is lost.
 */
import type { Bodies, Card } from "../coding.js";
import type { Answer } from "../pad.js";
import type { Change } from "../sharing.js";
import type { Case, Role } from "./casework.js";
import type { Clocks } from "./clocks.js";
import type { Pace } from "./pace.js";

/** A message as it was opened: the first one, what came later, and changes of what may be done with it. */
export interface Story {
  answers: Answer[];
  later: Answer[][];
  /** Oldest first. */
  changes: Change[];
  /** False when something later was delivered and could not be opened. */
  allRead: boolean;
}

/** How the work lies on the panel, for everybody on it to see. */
export interface Share {
  reviewer: string;
  /** Messages taken, and not handed back, in the last seven days. */
  taken: number;
  /** Of those, with nothing sent yet. */
  open: number;
}

export interface Bench {
  me: string;
  /** `YYYY-MM-DD`, UTC, by the server's clock. */
  today: string;
  clocks: Clocks;
  pace: Pace;
  cases: () => Promise<Case[]>;
  shares: () => Promise<Share[]>;
  /** Throws with a sentence when somebody else was first. */
  claim: (leaf: string, role: Role) => Promise<void>;
  /** Signed; afterwards the server gives nothing of this message to this reviewer any more. */
  recuse: (leaf: string) => Promise<void>;
  handBack: (leaf: string) => Promise<void>;
  /** The opened message, or why there is none any more: its writer took it back, or its key was destroyed. */
  story: (leaf: string) => Promise<Story | "withdrawn" | "shredded">;
  send: <K extends keyof Bodies>(leaf: string, kind: K, body: Bodies[K]) => Promise<void>;
  /** What was typed on this message and not sent, by the name of the field. */
  draft: (leaf: string) => Promise<Answer[]>;
  release: (leaf: string) => Promise<void>;
  /** Cards and days of all messages at hand, this one among them. */
  passers: () => { card: Card; day: string }[];
}
