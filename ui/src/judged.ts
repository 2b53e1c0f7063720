/**
 * Whether what a place says that members judged about promises holds: against their signatures and the panel's lists. Members of
 * any list of the chain count, for some who judged have left since.
 *
 * The twin of internal/client/judgements.go.
 */
import { verifySignature, type Manifest } from "./chain.js";
import { fromBase64 } from "./encoding.js";
import { isPromise, judgementLines, VERDICTS, type Promised, type Verdict } from "./judgement.js";

/** How many members say the same before it counts; internal/promise/FORMAT.md. */
export const JUDGES_NEEDED = 2;

/** One member's word, as GET /api/v1/c/{clinic}/promises gives it. */
export interface Judgement { reviewer: string; round: number; verdict: string; day: string; signature: string }

/** A promise as everybody gets it. Its words are empty where they are not for everybody. */
export interface PublicPledge { id: string; what: string; who: string; how: string; first_due: string; state: string; judgements: Judgement[] }

/** The members whose signatures on a verdict of a round hold over a promise. */
export function judges(clinicId: string, lists: readonly Manifest[], p: Promised, judgements: readonly Judgement[], round: number, verdict: string): string[] {
  if (!isPromise(p) || !isVerdict(verdict)) return [];
  const good = judgements.filter((j) => j.round === round && j.verdict === verdict && holds(clinicId, lists, p, verdict, j));
  return [...new Set(good.map((j) => j.reviewer))];
}

const isVerdict = (text: string): text is Verdict => (VERDICTS as readonly string[]).includes(text);

function holds(clinicId: string, lists: readonly Manifest[], p: Promised, verdict: Verdict, j: Judgement): boolean {
  const lines = judgementLines(clinicId, p, j.round, verdict, j.day);
  try {
    const signature = fromBase64(j.signature);
    return lists.some((list) => verifySignature(list, "judgement", lines, j.reviewer, signature));
  } catch {
    return false;
  }
}

/** What anybody can say of a promise: nothing was judged, its words are not for everybody, or which members' signatures hold. */
export type Finding = { kind: "unjudged" | "withheld" } | { kind: "holds"; members: string[] } | { kind: "broken" };

/** Checks a promise as everybody gets it: every round that is shown, and that the last one says what its state is. */
export function findingOf(clinicId: string, lists: readonly Manifest[], p: PublicPledge): Finding {
  if (p.judgements.length === 0) return { kind: isVerdict(p.state) ? "broken" : "unjudged" };
  if (p.what === "") return { kind: "withheld" };
  const promised = { id: p.id, what: p.what, who: p.who, how: p.how, firstDue: p.first_due };
  const last = Math.max(...p.judgements.map((j) => j.round));
  let members: string[] = [];
  let verdict = "";
  for (let round = 0; round <= last; round++) {
    verdict = p.judgements.find((j) => j.round === round)?.verdict ?? "";
    members = judges(clinicId, lists, promised, p.judgements, round, verdict);
    if (members.length < JUDGES_NEEDED) return { kind: "broken" };
  }
  return isVerdict(p.state) && p.state !== verdict ? { kind: "broken" } : { kind: "holds", members };
}
