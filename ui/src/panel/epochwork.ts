/** Where a reviewer works: an epoch of a clinic, how the work on it stands, and what came of its files. */
import type { OpenedReview, ServedProblem } from "../reviewfile.js";
import type { ServedCodes } from "./heldcodes.js";
import type { Unproven } from "./proven.js";

/** A clinic's epoch, and the place as it names itself. */
export interface At {
  /** The clinic's short name, under which its lists were walked, and its id. */
  slug: string;
  clinic: string;
  epoch: string;
  origin: string;
  /** `YYYY-MM-DD`, UTC, by the server's clock, which takes a file of no other day. */
  today: string;
}

/**
 * How the work on an epoch stands, as the server gives it. Leaves are base64. `before` and `laterGone` are the page's: how many of the
 * clinic's lists stand in the log before a message, and whether something that came in after it went with its key; none where the log was
 * not read.
 */
export interface ServedWork {
  today: string;
  messages: {
    leaf: string;
    day: string;
    carded: boolean;
    coded_in_clear: boolean;
    finding: boolean;
    handed_over?: boolean;
    /** Two have sent what they agree on. Missing where they have not, and from an older server. */
    agreement_sent?: boolean;
    /** Hashes of the decisions whose findings were taken back. An older server names none. */
    taken_back?: string[];
    /** Not given to who reads it as the third. */
    codes?: ServedCodes;
    before?: number;
    laterGone?: boolean;
  }[];
  /** With what is more than a claim goes what its reviewer signed: a step back, or the envelope of a coding, of which these are the hash and the day. */
  parts: { leaf: string; reviewer: string; part: string; signature?: string; file_hash?: string; day?: string }[];
}

/** What came of the files that were written about an epoch's messages. */
export interface Taken {
  /** Base64url of the leaf hashes of messages of which this reviewer, or two listed members, signed a card: those need not be opened. */
  carded: string[];
  /** Those of which anybody did. */
  seen: string[];
  /** Files that do not hold, and whose they are said to be. */
  problems: { by: string; kind: string; why: ServedProblem }[];
}

/** All that was given of an epoch, opened. */
export interface EpochFiles {
  work: ServedWork;
  /** Its messages and the parts in them, by base64url of the leaf hash: thousands of messages are asked about one by one. */
  messages: Map<string, ServedWork["messages"][number]>;
  parts: Map<string, ServedWork["parts"]>;
  unproven: Unproven[];
  /** Codes in the clear as they were when what was written was fetched last: what is agreed on since is not among that. */
  counted: Map<string, ServedCodes | undefined>;
  /** What was written about each message, by base64url of its leaf hash. */
  reviews: Map<string, OpenedReview[]>;
}
