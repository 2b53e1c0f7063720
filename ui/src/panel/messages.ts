/** What the page and the worker say to each other. */
import type { IdentityProblem } from "../identity.js";
import type { Delivered, Opened, Reviewer, SignedText } from "./desk.js";
import type { WayAnswers, WayCall } from "./ways.js";

export type Call =
  | WayCall
  | { do: "unlock"; file: Uint8Array; passphrase: string }
  | { do: "signIn"; nonce: string; exp: number }
  | { do: "openWrap"; epoch: string; recipient: string; wrap: string }
  | { do: "openFile"; delivered: Delivered };

export interface Answers extends WayAnswers {
  unlock: Reviewer;
  signIn: SignedText;
  openWrap: undefined;
  openFile: Opened;
}

export type Failure = IdentityProblem | "failed";
export type Reply = { ok: true; value: unknown } | { ok: false; failure: Failure };
