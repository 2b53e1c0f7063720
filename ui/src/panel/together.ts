/**
 * Opening a key together, as far as the worker goes: what somebody asks, what a colleague gives, and what comes of it. All
 * that the server hands out is held against the signed lists and the key's record, and who or what is wrong is named.
 *
 * The twin of internal/client/opening.go; FORMAT.md in internal/keyring is the specification.
 */
import { verifySignature, plusDays, type Manifest, type Panel, type Record } from "../chain.js";
import { fromBase64 } from "../encoding.js";
import { recipientOf } from "../identity.js";
import { ShapeError, WrongKey } from "../seal.js";
import { answerLines, askingIdentity, combineShares, MissingShares, openEpochShare, parseOpening, ShareError, type OpeningRequest, type Quorum } from "../share.js";

export interface ServedAnswer {
  reviewer: string;
  /** Base64; null for everybody but the asker. */
  file: string | null;
  signature: string;
}

/** A request as GET .../openings gives it. */
export interface ServedOpening {
  id: string;
  epoch: string;
  requester: string;
  lines: string;
  signature: string;
  answers: ServedAnswer[];
}

/** A key whose record holds, with the list it was dealt to. */
export interface Dealt {
  record: Record;
  panel: Panel;
}

export type Refusal = "unreadable" | "not-a-member" | "not-signed" | "elsewhere" | "days" | "key";

/** A request as the page shows it, read from the signed lines alone. */
export interface Request {
  id: string;
  epoch: string;
  asker: string;
  day: string;
  k: number;
  n: number;
  /** The key's last day: what is written until then opens, too. */
  lastDay: string;
  answered: string[];
  mine: boolean;
  given: boolean;
  /** Why it must not be answered; "" when it holds. */
  refused: Refusal | "";
}

export type AnswerProblem = "left" | "changed" | "no-part" | "wrong";

/** What came of one's own requests for a key. */
export interface Collected {
  epoch: string;
  open: boolean;
  from: string[];
  need: number;
  problems: { who: string; why: AnswerProblem; hash: string }[];
  /** Who dealt parts that do not give the key; "" otherwise. */
  dealtWrongly: string;
}

/** A server keeps requests for seven days, and clocks may be off by one. */
const REQUEST_DAYS = 8;

export const placeOf = (m: Manifest, id: string): number => m.members.findIndex((one) => one.id === id);

export const quorumOf = ({ id: epoch, recipient, k, n, shares }: Record): Quorum => ({ epoch, recipient, k, n, shares });

/** Reads and checks a request. `find` gives a key whose record holds, or null. */
export function readRequest(o: ServedOpening, now: Manifest, me: string, today: string, find: (epoch: string) => Dealt | null): { shown: Request; asked: OpeningRequest | null; dealt: Dealt | null } {
  const asked = parseOpening(o.lines);
  const dealt = asked === null ? null : find(asked.epoch);
  const answered = o.answers.map((a) => a.reviewer);
  const shown: Request = {
    id: o.id, epoch: asked?.epoch ?? "", asker: asked?.requester ?? "", day: asked?.day ?? "", k: dealt?.record.k ?? 0, n: dealt?.record.n ?? 0,
    lastDay: dealt?.record.notAfter ?? "", answered, mine: asked?.requester === me, given: answered.includes(me), refused: refusal(o, asked, now, today, dealt),
  };
  return { shown, asked, dealt };
}

function refusal(o: ServedOpening, asked: OpeningRequest | null, now: Manifest, today: string, dealt: Dealt | null): Refusal | "" {
  if (asked === null) return "unreadable";
  if (placeOf(now, asked.requester) < 0) return "not-a-member";
  if (!signed(now, "open", o.lines, asked.requester, o.signature)) return "not-signed";
  if (asked.clinic !== now.clinic) return "elsewhere";
  if (asked.day < plusDays(today, -REQUEST_DAYS) || asked.day > plusDays(today, 1)) return "days";
  return dealt === null || dealt.record.k === 1 ? "key" : "";
}

function signed(m: Manifest, label: string, lines: string, id: string, signature: string): boolean {
  try {
    return verifySignature(m, label, lines, id, fromBase64(signature));
  } catch {
    return false; // no base64
  }
}

interface Part {
  who: string;
  share: Uint8Array;
}

/** Gathers what colleagues answered to this reviewer's requests for a key, and opens it where that is enough. */
export async function collect(openings: ServedOpening[], now: Manifest, me: { id: string; identity: string; wrap: Uint8Array | null }, dealt: Dealt): Promise<{ came: Collected; identity: string | null }> {
  const { record, panel } = dealt;
  const came: Collected = { epoch: record.id, open: false, from: [], need: record.k, problems: [], dealtWrongly: "" };
  const parts: Part[] = [];
  const take = async (who: string, file: Uint8Array, key: string): Promise<void> => {
    if (parts.some((p) => p.who === who)) return;
    try {
      parts.push({ who, share: (await openEpochShare(file, key, quorumOf(record), placeOf(panel.manifest, who))).share });
    } catch (err) {
      if (!(err instanceof ShareError || err instanceof ShapeError || err instanceof WrongKey)) throw err;
      came.problems.push({ who, why: "wrong", hash: err instanceof ShareError ? err.hash : "" });
    }
  };
  if (me.wrap !== null && placeOf(panel.manifest, me.id) >= 0) await take(me.id, me.wrap, me.identity);
  for (const o of openings) {
    const asked = parseOpening(o.lines);
    if (asked?.requester !== me.id || asked.epoch !== record.id || asked.clinic !== now.clinic) continue;
    const key = askingIdentity(me.identity, asked);
    if ((await recipientOf(key)) !== asked.recipient) continue; // asked from a terminal, whose key waits there
    for (const a of o.answers) {
      const file = a.file === null ? new Uint8Array() : bytesOf(a.file);
      const why = answerProblem(o, a, file, now, panel.manifest);
      if (why === null) await take(a.reviewer, file, key);
      else came.problems.push({ who: a.reviewer, why, hash: "" });
    }
  }
  came.from = parts.map((p) => p.who);
  try {
    const identity = await combineShares(quorumOf(record), parts.map((p) => p.share));
    came.open = true;
    return { came, identity };
  } catch (err) {
    if (!(err instanceof MissingShares || err instanceof ShareError)) throw err;
    if (err instanceof ShareError) came.dealtWrongly = "dealer";
    return { came, identity: null };
  }
}

function answerProblem(o: ServedOpening, a: ServedAnswer, file: Uint8Array, now: Manifest, then: Manifest): AnswerProblem | null {
  if (placeOf(now, a.reviewer) < 0) return "left";
  if (!signed(now, "share", answerLines(o.lines, file), a.reviewer, a.signature)) return "changed";
  return placeOf(then, a.reviewer) < 0 ? "no-part" : null;
}

function bytesOf(base64: string): Uint8Array {
  try {
    return fromBase64(base64);
  } catch {
    return new Uint8Array(); // nobody signed that
  }
}
