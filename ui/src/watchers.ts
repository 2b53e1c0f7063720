/** Those who watch a log: whom a policy names (c2sp.org/tlog-policy), and what they have cosigned (c2sp.org/tlog-cosignature). */
import { utf8 } from "./encoding.js";
import type { Ticket } from "./log.js";
import { by, COSIGNATURE, ED25519, LogError, parseNote, parseVerifierKey, verifies } from "./note.js";

/** The last second of the year 9999: what claims to be later is taken for that. */
const LAST_SECOND = 253_402_300_799;

export interface Cosigner {
  name: string;
  /** When it saw this checkpoint, in Unix seconds. */
  at: number;
}

/** Which of the witnesses, named by their verifier keys, have cosigned a note. */
export function cosigners(note: string, witnesses: string[]): Cosigner[] {
  const parsed = parseNote(note);
  return witnesses.flatMap((vkey) => {
    const key = parseVerifierKey(vkey);
    if (key.type !== COSIGNATURE) return [];
    for (const signature of by(parsed, key)) {
      if (signature.length !== 72) continue;
      const at = new DataView(signature.buffer, signature.byteOffset).getBigUint64(0);
      const message = utf8(`cosignature/v1\ntime ${at.toString()}\n${parsed.text}`);
      if (verifies(signature.slice(8), message, key.key)) return [{ name: key.name, at: Math.min(Number(at), LAST_SECOND) }];
    }
    return [];
  });
}

/** Who watches a log, as a policy names them (c2sp.org/tlog-policy). */
export interface Watchers {
  /** Verifier keys of the logs that the policy is for. */
  logs: string[];
  /** Verifier keys of the witnesses. */
  witnesses: string[];
}

/** Reads the keys out of a policy; groups and the quorum are passed over. Throws LogError. */
export function parsePolicy(policy: string): Watchers {
  const watchers: Watchers = { logs: [], witnesses: [] };
  for (const line of policy.split("\n")) {
    const [word = "", first, second] = line.trim().split(/[ \t]+/);
    if (word === "" || word.startsWith("#") || word === "group" || word === "quorum") continue;
    const key = word === "log" ? first : word === "witness" ? second : undefined;
    if (key === undefined || parseVerifierKey(key).type !== (word === "log" ? ED25519 : COSIGNATURE)) throw new LogError("this is no policy");
    (word === "log" ? watchers.logs : watchers.witnesses).push(key);
  }
  return watchers;
}

/** The day on which a cosignature was made, YYYY-MM-DD in UTC. */
export const daySeen = (c: Cosigner): string => new Date(c.at * 1000).toISOString().slice(0, 10);

/**
 * The cosigners that have signed on a later day than the one by which a ticket promises its leaf. Only they prove that it is
 * missing: a log that stands still, and a clock that is ahead, look the same as a broken promise.
 */
export const cosignedAfter = (seen: Cosigner[], ticket: Ticket): Cosigner[] => seen.filter((c) => daySeen(c) > ticket.logBy);

/**
 * A ticket and a checkpoint without its leaf, after lines that say what they prove: who has signed the checkpoint on a later
 * day than the ticket's, or that nobody has. FORMAT.md of internal/transparency has it.
 */
export function missingFile(ticket: string, checkpoint: string, proven: Cosigner[]): string {
  const lines = proven.length === 0 ? "not proved\n" : proven.map((c) => `proved by ${c.name} ${daySeen(c)}\n`).join("");
  return `answerable/missing/v1\n${lines}\n${ticket}\n${checkpoint}`;
}
