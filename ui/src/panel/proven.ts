/**
 * What the server says of parts in a message, held against what members signed. Twin of Bench.proven in internal/client.
 *
 * That somebody has sent a coding closes a seat, and that somebody has stepped back leaves fewer to read. Both are signed: a step back
 * by whoever steps back, a coding with its envelope, which is shown before the sealed file is. A claim is signed by nobody: it is the
 * server's word, of members alone, and closes a seat only until its clock is over, when the row says whose word it is.
 */
import { verifySignature } from "../chain.js";
import { fromBase64, toBase64url } from "../encoding.js";
import { envelopeLines, type Lists } from "../reviewfile.js";
import { recusalLines } from "../stepback.js";
import { wrote } from "../wrote.js";
import type { ServedWork } from "./epochwork.js";

type Part = ServedWork["parts"][number];

/** A part that nobody signed whose it is said to be. */
export interface Unproven {
  by: string;
  part: "coded" | "recused";
}

/** Whether a member signed a part that is more than a claim. Who has left signed as the member they were. */
export function isProven(p: Part, clinic: string, { lists }: Lists): boolean {
  const list = [...lists].reverse().find((m) => m.members.some(({ id }) => id === p.reviewer));
  if (list === undefined) return false;
  try {
    const [leaf, signature] = [fromBase64(p.leaf), fromBase64(p.signature ?? "")];
    if (leaf.length !== 32) return false;
    if (p.part === "recused") return verifySignature(list, "recusal", recusalLines(clinic, leaf, p.reviewer), p.reviewer, signature);
    const hash = fromBase64(p.file_hash ?? "");
    return verifySignature(list, "review", envelopeLines({ clinic, leaf, kind: "coding", n: 0, hash, day: p.day ?? "" }), p.reviewer, signature);
  } catch {
    return false; // no base64
  }
}

/** Whether whoever sent a coding was on the panel then. A step back has no day, and is that of a member or of nobody who counts. */
function wasThere(p: Part, { lists, before }: Lists): boolean {
  return p.part !== "coded" || wrote(lists, p.reviewer, before(toBase64url(fromBase64(p.leaf))), p.day ?? "");
}

/** Parts that were looked at before are not looked at again: there are thousands, and nothing about a signature changes. */
export class Proven {
  readonly #known = new Map<string, boolean>();

  /** The parts that count, and what the server says and shows no signature for. `sent` says whether a coding of somebody is here. */
  of(parts: readonly Part[], clinic: string, lists: Lists, sent: (p: Part) => boolean): { parts: Part[]; unproven: Unproven[] } {
    const out: { parts: Part[]; unproven: Unproven[] } = { parts: [], unproven: [] };
    for (const p of parts) {
      const { part } = p;
      if ((part !== "coded" && part !== "recused") || (part === "coded" && sent(p)) || (this.#holds(p, clinic, lists) && wasThere(p, lists))) out.parts.push(p);
      else out.unproven.push({ by: p.reviewer, part });
    }
    return out;
  }

  #holds(p: Part, clinic: string, lists: Lists): boolean {
    const key = JSON.stringify([p.leaf, p.reviewer, p.part, p.signature, p.file_hash, p.day]);
    if (this.#known.get(key) !== true) this.#known.set(key, isProven(p, clinic, lists)); // a list may have come since
    return this.#known.get(key) === true;
  }
}
