/** What the page and the worker say to each other. */
import type { IdentityProblem } from "../identity.js";
import type { Reason } from "../chain.js";
import type { Doubt, Promised, Shown as ShownPromise, Verdict } from "../judgement.js";
import type { Offer } from "../deal.js";
import type { Reviewer, SignedText } from "./desk.js";
import type { Collected, Request, ServedOpening } from "./together.js";
import type { KitFile } from "./kitfiles.js";
import type { KeyProblem } from "./keywork.js";
import type { Drafted, ServedEpoch, ServedPanel, Shown, SignedFigures } from "./served.js";
import type { Draft, Proven, Walked } from "./told.js";
import type { ReviewAnswers, ReviewCall } from "./reviewcalls.js";
import type { SearchAnswers, SearchCall } from "./search.js";
import type { Saying } from "../reply.js";
import type { SealedReply } from "./writers.js";
import type { WayAnswers, WayCall } from "./ways.js";

export type Call =
  | WayCall
  | ReviewCall
  | SearchCall
  | { do: "unlock"; file: Uint8Array; passphrase: string }
  | { do: "signIn"; nonce: string; exp: number }
  | { do: "walk"; clinic: string; served: ServedPanel; pinned: string; shown: Shown }
  | { do: "prove"; clinic: string; epoch: ServedEpoch }
  | { do: "openWrap"; clinic: string; epoch: ServedEpoch }
  | { do: "readDraft"; clinic: string; clinicId: string; lines: string }
  | { do: "signDraft"; clinic: string; clinicId: string; lines: string }
  | { do: "deal"; clinic: string; offer: Offer; k: number }
  | { do: "ack"; clinic: string; epoch: ServedEpoch }
  | { do: "rewrap"; clinic: string; epoch: ServedEpoch; to: string }
  | { do: "refuse"; clinic: string; epoch: ServedEpoch }
  | { do: "signDecision"; clinic: string; lines: string }
  | { do: "signRelease"; clinic: string; figures: SignedFigures; leaves: string[] | null }
  | { do: "signExport"; clinic: string; drafted: Drafted; leaves: string[] | null }
  | { do: "holdPromises"; clinic: string; promises: ShownPromise[]; leaves: string[] | null }
  | { do: "signJudgement"; clinic: string; promised: Promised; round: number; verdict: Verdict; day: string }
  | { do: "readRequest"; clinic: string; opening: ServedOpening; epochs: ServedEpoch[] }
  | { do: "answer"; clinic: string; opening: ServedOpening; epochs: ServedEpoch[] }
  | { do: "ask"; clinic: string; epoch: ServedEpoch }
  | { do: "collect"; clinic: string; openings: ServedOpening[]; epoch: ServedEpoch }
  | { do: "kit"; clinic: string; epoch: ServedEpoch }
  | { do: "sealReply"; leaf: string; said: Omit<Saying, "anchor"> };

export interface Answers extends WayAnswers, ReviewAnswers, SearchAnswers {
  unlock: Reviewer;
  signIn: SignedText;
  walk: Walked;
  prove: Proven;
  openWrap: undefined;
  readDraft: Draft;
  signDraft: string;
  deal: { record: string; signature: string; wraps: { reviewer: string; file: string }[] };
  ack: string;
  rewrap: { file: string; signature: string };
  refuse: string;
  signDecision: string;
  signRelease: string;
  signExport: { signature: string; ssh: string };
  holdPromises: Doubt[][];
  signJudgement: string;
  readRequest: Request;
  answer: { file: string; signature: string };
  ask: { lines: string; signature: string };
  collect: Collected;
  kit: KitFile[];
  sealReply: SealedReply;
}

export type Failure = IdentityProblem | Reason | KeyProblem | "too-long" | "failed";
export type Reply = { ok: true; value: unknown } | { ok: false; failure: Failure };
