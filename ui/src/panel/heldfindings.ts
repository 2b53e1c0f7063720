/**
 * Findings in the clear, as a server gives them, held against what members signed: who posted one, the decision behind it,
 * the check and the agreement under that, and what its writer allows now. Twin of internal/client/heldfindings.go.
 */
import { verifySignature, type Manifest } from "../chain.js";
import type { Sharing } from "../coding.js";
import { fromBase64, toBase64url } from "../encoding.js";
import { keepsWords, repeats } from "../repeats.js";
import { goesOut, hidesMore, isSame, OBJECTION_DAYS, wishesForbid, type Outgoing, type Wishes } from "../sharing.js";
import { isBeside, objections, outgoingOf, wholeDays, type Case, type Dated } from "./casework.js";
import { DATED, datedLines, findingLines } from "./outgoing.js";
import { isCoder } from "./seats.js";
import { shown, wasAsked } from "./shown.js";

/** A finding as a server gives it. */
export interface ServedFinding extends Required<Outgoing> {
  id: string;
  /** Base64. */
  leaf: string;
  /** Base64 of the hash of the sealed decision that it comes from. */
  sharing: string;
  /** Day on which it was posted, and by whom. An older program signed no day: then this is the server's word. */
  day: string;
  by: string;
  signature: string;
}

/**
 * What came of it. `differs`: it is not what a member signed, or not what was decided. `forbidden`: its writer does not allow
 * it, or not any more. `shut`: the message, or what was written about it, is not open to this reviewer, so nothing can be
 * said.
 */
export type Holding = "holds" | "differs" | "forbidden" | "shut";

export type HeldFinding = ServedFinding & { holding: Holding };

/** Hashes of the decisions that findings name, by the message: base64url both, of findings that a member signed and of no others. */
export type Signed = ReadonlyMap<string, readonly string[]>;

/** Of the findings that a server gives, the decisions which those name that hold under a member's signature. */
export function signedOf(clinic: string, lists: readonly Manifest[], findings: readonly ServedFinding[]): Signed {
  const signed = new Map<string, string[]>();
  for (const f of findings) if (isSigned(clinic, lists, f)) signed.set(leafIn(f), [...(signed.get(leafIn(f)) ?? []), url(f.sharing)]);
  return signed;
}

/** What a reviewer has of a message: their own view of what was written, and what its writer wishes. */
export interface Behind {
  of: Case;
  wishes: Wishes;
  /** The writer wished, ever, to see first what goes out. */
  first: boolean;
  /** All that they wrote in words of their own. */
  own: readonly string[];
}

/**
 * Holds one finding against the decision behind it; null where the message is not here. `lists` are the panel's, the newest
 * last.
 */
export function holdFinding(clinic: string, lists: readonly Manifest[], me: string, f: ServedFinding, behind: Behind | null): Holding {
  if (!isSigned(clinic, lists, f)) return "differs";
  if (behind === null) return "shut";
  const { of: c, wishes, first } = behind;
  if (c.claims.some(({ by, role }) => by === me && role !== "checker") && !c.coded.includes(me)) return "shut"; // who still reads alone is given nothing to hold it against
  const decision = c.sharings.find(({ hash }) => hash === url(f.sharing));
  const out = decision === undefined ? null : decided(c, decision, first, f.day);
  if (decision === undefined || out === null || !isSame(out, taken(f))) return "differs";
  if (wholeDays(decision.day, f.day) < OBJECTION_DAYS || objections(c, decision).some(({ day }) => day < f.day)) return "differs";
  const other = !isSame(outgoingOf(c, out.form, out.words, wishes), out);
  return other || isBeside(c) || forbids(behind, decision.body, out) ? "forbidden" : "holds";
}

/** Whether a writer does not allow, or not any more, what a decision let out. */
export function forbids(
  { wishes, own }: Pick<Behind, "wishes" | "own">, decision: Pick<Sharing, "wishes">, out: Pick<Outgoing, "form" | "words">,
): boolean {
  if (wishesForbid(wishes, out.form).length > 0 || hidesMore(wishes, out.form, decision.wishes.hide)) return true;
  return !keepsWords(decision.wishes) && repeats(wishes, out, own).length > 0; // where they were kept already, it was decided so
}

/**
 * All that a decision lets out, where it rests on the agreement of two coders and the check of somebody else, who had not sent
 * another before the day on which it went out; null where it does not.
 */
function decided(c: Case, { body }: Dated<Sharing>, first: boolean, went: string): Outgoing | null {
  const signed = c.consensuses.filter(({ by, hash }) => body.consensus.includes(hash) && isCoder(c, by));
  const [agreed] = signed;
  if (body.form === "" || agreed === undefined || new Set(signed.map(({ by }) => by)).size < 2) return null;
  if (signed.some((s) => JSON.stringify(s.body) !== JSON.stringify(agreed.body))) return null;
  const out = goesOut(body.form, body.words, agreed.body.yes, body.wishes);
  const check = c.checks.find(({ hash }) => hash === body.check);
  if (check === undefined || check.body.guess || isCoder(c, check.by) || !isSame(check.body, out)) return null;
  if (c.checks.slice(c.checks.indexOf(check) + 1).some(({ by, day }) => by === check.by && day < went)) return null;
  return (first || wasAsked(c.notes, c.free)) && !shown(c.notes, c.back, out).includes(body.shown ?? "") ? null : out;
}

function isSigned(clinic: string, lists: readonly Manifest[], f: ServedFinding): boolean {
  const list = [...lists].reverse().find((m) => m.members.some(({ id }) => id === f.by));
  try {
    if (list === undefined) return false;
    const signature = fromBase64(f.signature);
    return verifySignature(list, DATED, datedLines(clinic, f, f.day), f.by, signature) || verifySignature(list, "finding", findingLines(clinic, f), f.by, signature);
  } catch {
    return false; // no base64
  }
}

/** A finding as what goes out: lists that are empty are none. */
export const taken = ({ form, words, themes, must_not: along }: ServedFinding): Outgoing =>
  ({ form, words, ...(themes.length === 0 ? {} : { themes }), ...(along.length === 0 ? {} : { must_not: along }) });

/** Base64url of the leaf hash of the message. */
export const leafIn = ({ leaf }: ServedFinding): string => url(leaf);

const url = (base64: string): string => toBase64url(fromBase64(base64));
