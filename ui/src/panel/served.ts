/** What a server serves about panels and keys. None of it is believed before its signed lines are read. */

/** A signature as the API gives it: reviewer's id, and base64. */
export interface Signed {
  reviewer: string;
  signature: string;
}

/** An epoch as the panel's API gives it. */
export interface ServedEpoch {
  id: string;
  state: string;
  record: string;
  dealer: string;
  dealer_signature: string;
  acks: Signed[];
  wrap: string | null;
  wrap_from: Signed | null;
  files: number;
}

/** A clinic's signed lists, as the API gives them. */
export interface ServedPanel {
  clinic: string;
  /** `day`: on which a list came into force; none where the server does not know. */
  manifests: { version: number; lines: string; signatures: Signed[]; day?: string }[];
}

/** What members sign, as the server gives it. */
export interface SignedLines {
  lines: string;
  signatures: Signed[];
}

/** A bundle as the server drafted it. */
export interface Drafted {
  lines: string;
  manifest: string;
  zip: Uint8Array;
}

/** What is signed about figures, with the texts that it names by hash. */
export interface SignedFigures {
  lines: string;
  content: string;
  plan: string;
}

/** What is held against the log. */
export interface Shown {
  /** The log's leaves about panels and keys, read before the rest was asked for; null when it could not be read. */
  leaves: string[] | null;
  /** What the server gives to writers, as texts of leaves. */
  chain: { manifests: string[]; revocations: string[] };
  /** What it says was decided; null when the lists that it shows do not name this reviewer, whom it then shows nothing. */
  decided: SignedLines[] | null;
}
