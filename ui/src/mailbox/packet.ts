/**
 * The file that somebody keeps for themselves: answers with their signatures, what was written on this page, tickets and
 * proofs. It is made here and goes nowhere else. `answerable log proof --check` checks it without a network.
 */
import type { Reply } from "../reply.js";

export interface Packet {
  v: 1;
  t: "packet";
  origin: string;
  clinic: string;
  clinic_id: string;
  /** The day it was made. */
  day: string;
  /** The log's verifier key. */
  vkey: string;
  /** Leaves of the panel's lists, by which the answers' signatures are checked. */
  manifests: string[];
  /** c2sp.org/tlog-proof@v1, one for each message that is in the log, the first message first. */
  proofs: string[];
  /** The same for what the panel says in the log that it did about these messages. */
  acts: string[];
  tickets: string[];
  written: string[];
  answers: (Reply & { holds: boolean })[];
}

/** Hands the packet to the browser as a file with a name that tells nothing. */
export function save(packet: Packet, doc: Document): void {
  const url = URL.createObjectURL(new Blob([JSON.stringify(packet, null, 1) + "\n"], { type: "application/json" }));
  const link = doc.createElement("a");
  link.href = url;
  link.download = "notes.json";
  link.click();
  setTimeout(() => { URL.revokeObjectURL(url); }, 60_000);
}
