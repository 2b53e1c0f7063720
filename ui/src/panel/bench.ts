/**
 * What the panel's views on messages need from the rest of the page: the worker that opens, seals and signs, and the
 * server that stores. Each call that stores has stored when it returns; otherwise it throws, and nothing typed is lost.
 */
import type { Bodies } from "../coding.js";
import { typedWords } from "../repeats.js";
import type { Answer, Submission } from "../pad.js";
import type { Choice } from "../consent.js";
import type { Wishes } from "../sharing.js";
import type { Case, Role, Row, Task } from "./casework.js";
import type { Clocks } from "./clocks.js";
import type { Begun, Kept, Part } from "./drafts.js";
import type { Crowd } from "./guess.js";
import type { OwnItem } from "./ownitems.js";
import type { Pace } from "./pace.js";
import type { Showing } from "./showfirst.js";

/** One message of a receipt with answers in it. */
export interface Told {
  kind: Submission["t"];
  sealedBy: "client" | "server";
  answers: Answer[];
  /** Day of the batch, `YYYY-MM-DD`. */
  day: string;
  /** Its writer wished that it belongs to what they told; of what they say about themselves alone. */
  wished: boolean;
}

/** A message as it was opened: the first one, what came later, and changes of what may be done with it. */
export interface Story extends Omit<Told, "kind"> {
  /** A change of consent whose first message is not here has no answers. */
  kind: Told["kind"] | "consent";
  later: Told[];
  /** What the writer says about themselves, tied by their wish. It is read, and nothing is taken from it. */
  about: Told[];
  /** Of what may be done with it, as they were delivered. */
  changes: Choice[];
  /** What holds now, by all that they sent. */
  wishes: Wishes;
  /** They wished, ever, to see first what goes out. */
  first: boolean;
  /** False when something was delivered that this writer may have sent and that could not be opened. */
  allRead: boolean;
  /** Something that came in after it went with its key: nobody can know whether this writer changed their mind there. */
  laterGone: boolean;
  /** What its writer told first is not here, so nobody here knows all that they wish. */
  orphan: boolean;
  /** Whether the writer left a way to answer. */
  canReply: boolean;
}

/** Everything that one writer answered on what happened, and nothing of what they say about themselves. */
export const answersOf = (s: Story): Answer[] => [...s.answers, ...s.later.flatMap(({ answers }) => answers)];

/** All that they wrote in words of their own, and what they said about themselves. */
export const ownOf = (s: Story): string[] => typedWords([...answersOf(s), ...s.about.flatMap(({ answers }) => answers)]);

/** How the work lies on the panel, for everybody on it to see. */
export interface Share {
  reviewer: string;
  /** Messages taken, and not handed back, in the last seven days. */
  taken: number;
  /** Of those, with nothing sent yet. */
  open: number;
}

/** Why a message cannot be opened any more: its writer took it back, its key was destroyed, or this reviewer has stepped back from it. */
export type Gone = "withdrawn" | "shredded" | "left";

export interface Bench {
  me: string;
  /** `YYYY-MM-DD`, UTC, by the server's clock. */
  readonly today: string;
  readonly clocks: Clocks;
  pace: Pace;
  /** Cards, and how far the panel is with each message. No word of a message is among them. */
  rows: () => Promise<Row[]>;
  shares: () => Promise<Share[]>;
  /** How many messages one member takes in a week, as the panel set it. */
  readonly week: number;
  /** What the server gave of a message is old: the next look fetches it anew. */
  stale: (leaf: string) => void;
  /** Throws with a sentence when somebody else was first. */
  claim: (leaf: string, role: Role) => Promise<void>;
  /** Signed; afterwards the server gives nothing of this message to this reviewer any more. */
  recuse: (leaf: string) => Promise<void>;
  handBack: (leaf: string) => Promise<void>;
  /** The reviewer has declared that nothing ties them to a message: gives it, with all that the panel wrote about it. */
  open: (leaf: string) => Promise<{ of: Case; story: Story } | Gone>;
  /** Why a message of an epoch is not there any more. */
  why: (epoch: string, leaf: string) => Promise<Gone>;
  /** Whether this reviewer has signed a step back from a message, which the server may not have yet. */
  left: (leaf: string) => boolean;
  send: <K extends Exclude<keyof Bodies, "draft">>(leaf: string, kind: K, body: Bodies[K]) => Promise<void>;
  /** Keeps what was typed on a message, sealed to this reviewer alone. `shown` as Drafts has it. Never throws. */
  keep: (leaf: string, fields: Answer[], shown: Answer[] | null) => Promise<Kept>;
  /** What was typed on a declared message and not sent, by the name of the field. */
  draft: (leaf: string) => Promise<Begun>;
  /** What stood in a field was sent, and is no draft any more; what was typed after it stays. Never throws. */
  sent: (leaf: string, box: Answer) => Promise<void>;
  /** Throws with the reasons when the writer's wishes, or a missing step, forbid it now. */
  release: (leaf: string) => Promise<void>;
  /** Items of the clinic's own that whoever wrote a message can have been asked; its coders are asked the same. */
  own: (of: Case) => OwnItem[];
  /** What belongs below an opened message, such as the box for an answer. */
  below: (of: Case, story: Story, task: Task) => Part[];
  /**
   * Locks for a writer what may go out, and a signed note that says which words these are. Both wait for their hour, and the
   * note goes after the answer.
   */
  show: (leaf: string, showing: Showing) => Promise<void>;
  /** What waits to be shown to the writer of a message, to be sent or taken back; null for none. `taken` hears of the second. */
  showing: (leaf: string, taken: () => void) => HTMLElement | null;
  /** Whether the writer of a message was shown something, and the note of it is not stored yet. */
  noting: (leaf: string) => boolean;
  /** The way to ask the writer of a message, on which this reviewer has declared, what happened since. */
  asking: (leaf: string) => HTMLElement;
  /** How many messages at hand an opened one stands among. */
  crowd: (leaf: string) => Crowd;
}
