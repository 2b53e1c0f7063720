/** What the page is told about panels and keys by the worker, which has checked it. */
import type { Rotation } from "../decision.js";
import type { Withheld } from "../standing.js";

/** What the page is told about a panel whose chain holds. */
export interface Walked {
  fingerprint: string;
  lists: { version: number; m: number; members: string[] }[];
  /** What the panel has signed and the log has, and the server does not show. */
  withheld: Withheld[];
  /** The log could not be read, so nobody can say what is left out. */
  unread: boolean;
  /** What was decided last about keys is not in the log yet, and does not rule before. */
  waits: boolean;
  /** What the panel decided last about its keys, by the log; null for nothing. */
  decided: Rotation | null;
}

/** What a draft says, read from its lines. */
export interface Draft {
  /** The fingerprint of its lines: names this list and no other. */
  name: string;
  version: number;
  m: number;
  members: string[];
  joined: string[];
  left: string[];
}

/** What the page may know of a record that holds. */
export interface Proven {
  id: string;
  notBefore: string;
  notAfter: string;
  retainUntil: string;
  k: number;
  n: number;
  /** Version of the list it was made for. */
  version: number;
}
