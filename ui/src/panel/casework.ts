/**
 * Where the panel stands with one message, and what a reviewer can do next: worked out from the signed files alone, the
 * same in every reviewer's browser. The server only stores them; it can hold a file back. What it says of parts and findings
 * alone moves no message out of the work.
 */
import type { Answering } from "./answering.js";
import type { Check, Consensus, Found, Note, Sharing } from "../coding.js";
import type { JunkReason } from "./desk.js";
import { compare, type Coded, type Comparison } from "../compare.js";
import { repeats } from "../repeats.js";
import type { Pause } from "./pause.js";
import { gave, isGiven, newestOfDay } from "./decisions.js";
import { inOrder } from "./firstcodings.js";
import { canAgree, isCoder, mayCheck, mayReadAlone, openSeats, thirdIsOpen, thirdReads, thirdToCome } from "./seats.js";
import { shown, unseen, wasAsked, type Came } from "./shown.js";
import type { ShownCard } from "./storedcards.js";
import {
  goesOut, hidesMore, isSame, OBJECTION_DAYS, verdicts, WISH_MEMBERS, type Form, type Outgoing, type Progress, type Verdict, type Wishes,
} from "../sharing.js";
import { agreementOf, counts } from "./whoseword.js";

/** A file whose signature, author and place were checked, and the day it came in: `YYYY-MM-DD`. */
export interface Dated<B> extends Coded<B> {
  day: string;
}

export type Role = "coder" | "third" | "checker";

/** Who has taken a part in reading a message. A member who has left the panel has none. */
export interface Claim {
  by: string;
  role: Role;
}

/** The claims among all parts that the server knows of a message. */
export function claimsIn(parts: readonly { reviewer: string; part: string }[]): Claim[] {
  return parts.flatMap(({ reviewer, part }) => (isRole(part) ? [{ by: reviewer, role: part }] : []));
}

const isRole = (part: string): part is Role => part === "coder" || part === "third" || part === "checker";

/** One message as its files tell it. Lists are in the order in which each author sent them. */
export interface Case {
  /** Base64url of the leaf hash. */
  leaf: string;
  epoch: string;
  /** Day of the batch. */
  day: string;
  card: ShownCard;
  claims: Claim[];
  codings: Dated<Found>[];
  /** Who has handed in a coding: the server says so before it hands any out. */
  coded: string[];
  consensuses: Dated<Consensus>[];
  checks: Dated<Check>[];
  sharings: Dated<Sharing>[];
  notes: Dated<Note>[];
  /** What the writer sent later: more of it, or a change of what may be done. */
  back: Came[];
  /** The Monday from which the writer wishes to be asked what happened since; "" when there is none, or they were asked. */
  checkIn: string;
  /** Members who may still take part: those on the signed list who have not stepped back. */
  free: string[];
  /** Whoever has stepped back, members or not. */
  recused: string[];
  /** Hashes of the decisions that are named, under a member's signature, by findings of it that lie in the clear. */
  given: readonly string[];
  /** Hashes of the decisions whose findings were taken back, by the server's word; missing where it names none. */
  takenBack?: readonly string[];
  /** This reviewer has not coded it and was shown here what others found. */
  compared?: boolean;
  /** Two have sent what they agree on, by the server's word: it gives nothing of that to who reads as the third. */
  agreementSent?: boolean;
  /** What of it is kept from who sees it, and where it stands all the same; undefined where they see everything. */
  veiled?: { stage: Stage; task: Task };
}

/** All that leaves the worker before a reviewer has declared: the card, and how far the panel is. */
export interface Row extends Pick<Case, "leaf" | "epoch" | "day" | "card" | "claims" | "coded" | "free" | "checkIn"> {
  stage: Stage;
  task: Task;
  /** This reviewer's own signed words on it are here, which nobody writes before they declare. */
  declared: boolean;
  /** Times in which its clocks stand still; null before this reviewer has declared, since notes tell them. */
  pauses: Pause[] | null;
  /** The clock of an answer to the writer that runs; null when none does. */
  answering: Answering | null;
  /** Why it does not open, when this browser tried. */
  junk: JunkReason | null;
}

/** Whether the writer of a message is to be asked now. */
export const isToAsk = ({ checkIn }: Pick<Case, "checkIn">, today: string): boolean => checkIn !== "" && checkIn <= today;

export type Stage =
  /** What a writer sent later, changed, or says about themselves: it is read, and nobody codes it. */
  | "beside"
  /** Fewer than two people are left who could code it. */
  | "too-few"
  /** Not two codings yet. */
  | "coding"
  /** Two codings that differ, and no agreement yet. */
  | "differs"
  /** The codings agree, and the coders have not signed the same words yet. */
  | "compared"
  /** Too few who read it are left to sign together; a third can read it. */
  | "one-left"
  /** The same, and nobody is left to be that third. */
  | "no-third"
  /** Agreed, and everybody who is left has read it as a coder: nobody can look for the others. It can only be kept. */
  | "no-checker"
  /** Agreed; nobody outside the coders has looked yet whether somebody could guess who wrote. */
  | "agreed"
  | "checked"
  /** Decided to share; members may object. */
  | "objecting"
  | "objected"
  /** Two whole days have passed, and nobody objects. */
  | "ready"
  /** The finding of this decision was taken back: nothing goes out without a new one. */
  | "taken-back"
  | "kept"
  | "released";

/** From when two coders have agreed. */
export const AGREED: readonly Stage[] = ["no-checker", "agreed", "checked", "objecting", "objected", "ready", "taken-back", "kept", "released"];

export function stageOf(c: Case, today: string): Stage {
  if (c.veiled !== undefined) return c.veiled.stage;
  if (isBeside(c)) return "beside";
  if (isGiven(c)) return "released";
  const decision = standing(c);
  if (decision?.body.decision === "keep") return "kept";
  const agreed = agreementOf(c);
  if (agreed !== null && decision !== null && holds(c, decision, agreed.hashes)) {
    if (objections(c, decision).length > 0) return "objected";
    if (wholeDays(decision.day, today) < OBJECTION_DAYS) return "objecting"; // nothing can have gone out yet, whatever the server says of findings
    return c.takenBack?.includes(decision.hash) === true ? "taken-back" : "ready";
  }
  if (agreed !== null) return checkOf(c) !== null ? "checked" : mayCheck(c).length > 0 ? "agreed" : "no-checker";
  if (c.codings.length >= 2) {
    if (canAgree(c)) return differences(c).agree ? "compared" : "differs";
    return thirdToCome(c) ? "one-left" : "no-third";
  }
  if (c.coded.length >= 2 && thirdReads(c)) return "differs"; // the codings are kept from the third, who reads alone
  return new Set([...c.coded, ...c.free]).size < 2 ? "too-few" : "coding";
}

/**
 * Whether a message is none that the panel works on by itself. Only what a writer told first is coded, shared and counted, with all
 * that came later: so nobody is counted twice, and nothing goes out by half of what its writer wishes.
 */
export const isBeside = (c: Pick<Case, "card">): boolean => c.card.of !== "submission";

/** The first two codings side by side; a third coder's stands beside them. */
export function differences(c: Case): Comparison {
  const [a, b] = inOrder(c);
  return a && b ? compare(a.body, b.body) : { agree: false, differences: [] };
}

/** The newest decision to share or keep that was not taken up again. After one by somebody who has stepped back, no older one comes back. */
export function standing(c: Case): Dated<Sharing> | null {
  const decision = newestOf(c);
  return decision !== null && counts(c, decision.by) ? decision : null;
}

/**
 * The same, whoever signed it. Of two of one day that share, it is the one by which a finding lies in the clear, or else one that holds:
 * the other can be of a check that was replaced since.
 */
function newestOf(c: Case): Dated<Sharing> | null {
  const all = newestOfDay(c.sharings);
  const agreed = all.length < 2 ? null : agreementOf(c);
  const stands = (s: Dated<Sharing>): boolean => agreed !== null && counts(c, s.by) && holds(c, s, agreed.hashes);
  return all.filter((s) => gave(c, s)).pop() ?? all.filter(stands).pop() ?? all.pop() ?? null;
}

/** Whether what a writer allows is not what it was at a decision. */
export const changedSince = (decision: Pick<Dated<Sharing>, "body">, now: Wishes): boolean =>
  WISH_MEMBERS.some((member) => JSON.stringify(decision.body.wishes[member]) !== JSON.stringify(now[member]));

/** All that would go out of a message in a form and in words, as its coders agree now and its writer wishes. */
export const outgoingOf = (c: Case, form: Form, words: string, wishes: Pick<Wishes, "must_not">): Outgoing =>
  goesOut(form, words, agreementOf(c)?.consensus.yes ?? [], wishes);

/** What a decision to share lets out; null for any other. */
export const sharedBy = (c: Case, { body }: Dated<Sharing>): Outgoing | null =>
  (body.form === "" ? null : outgoingOf(c, body.form, body.words, body.wishes));

/** Whether a writer has said since a decision to share what else must not happen, or not be in it: nobody looked for that. */
export function saidMoreSince(c: Case, decision: Dated<Sharing>, wishes: Wishes): boolean {
  const then = sharedBy(c, decision);
  if (then === null) return true;
  return !isSame(then, outgoingOf(c, then.form, then.words, wishes)) || hidesMore(wishes, then.form, decision.body.wishes.hide);
}

/**
 * Whether a decision to share rests on the agreement there is and on the check that stands, of the same words and themes
 * and of the same that goes along: one that came in its place asks for a decision anew. Where the writer was asked, it has
 * to be what they were shown by the note which the decision names.
 */
function holds(c: Case, decision: Dated<Sharing>, agreement: string[]): boolean {
  const check = checkOf(c);
  const out = sharedBy(c, decision);
  if (out === null || check === null || check.hash !== decision.body.check || check.body.guess) return false;
  const named = decision.body.shown ?? "";
  if ((named !== "" || wasAsked(c.notes, c.free)) && !shown(c.notes, c.back, out).includes(named)) return false;
  return isSame(check.body, out) && decision.body.consensus.every((hash) => agreement.includes(hash));
}

/**
 * An objection stops every decision made up to its day: of two equal decisions only one is named in it. Days are all there
 * is to go by, so a new decision has to be made on a later one.
 */
export function objections(c: Case, decision: Dated<Sharing>): Dated<Sharing>[] {
  return c.sharings.filter(({ body, day }) => body.decision === "object" && (body.of === decision.hash || day >= decision.day));
}

/**
 * The newest check by somebody who is none of the coders and has not stepped back. Each author's last one counts; those of one day have no order between
 * authors, so of them one that says somebody could guess stands. One of other themes than those agreed on counts for nothing.
 */
export function checkOf(c: Case): Dated<Check> | null {
  const agreed = agreementOf(c)?.consensus.yes ?? [];
  const themes = ({ form }: Check): string => (goesOut(form, "", agreed, { must_not: [] }).themes ?? []).join();
  const last = new Map(c.checks.filter(({ by }) => !isCoder(c, by) && counts(c, by)).map((check) => [check.by, check]));
  for (const [by, { body }] of last) if ((body.themes ?? []).join() !== themes(body)) last.delete(by);
  const rank = (check: Dated<Check>): string => `${check.day} ${check.body.guess ? "1" : "0"}`;
  return [...last.values()].reduce<Dated<Check> | null>((newest, check) => (newest === null || rank(check) >= rank(newest) ? check : newest), null);
}

/** The day on which it was decided that the panel has done what it can: it keeps the message, or a finding of it stands that a member signed; null while it is open. */
export function closedOn(c: Case): string | null {
  const decision = standing(c);
  return decision !== null && (decision.body.decision === "keep" || isGiven(c)) ? decision.day : null;
}

/** Whole days between: neither the day itself nor today counts. Days are UTC. */
export function wholeDays(day: string, today: string): number {
  const days = (Date.parse(`${today}T00:00:00Z`) - Date.parse(`${day}T00:00:00Z`)) / 86_400_000;
  return Number.isFinite(days) ? Math.max(0, days - 1) : 0;
}

/** What a writer said about sharing, in all that is open. */
export interface Leave {
  wishes: Wishes;
  /** They wished, ever, to see first what goes out. */
  first: boolean;
  /** Nothing of theirs that was delivered is shut. */
  allRead: boolean;
  /** Something that came in after it went with its key; missing where nothing did. */
  laterGone?: boolean;
  /** All that they wrote in words of their own, and what they said about themselves. */
  own: readonly string[];
}

/** What is allowed now, for the form on the page: the writer's wishes and how far the panel is. */
export function allowed(c: Case, { wishes, first, allRead, laterGone, own }: Leave, today: string): Verdict[] {
  const check = checkOf(c);
  const decision = standing(c);
  const out = check === null ? null : outgoingOf(c, check.body.form, check.body.words, wishes);
  const progress: Progress = {
    agreed: agreementOf(c) !== null,
    checked: check !== null && out !== null && isSame(check.body, out) && !hidesMore(wishes, out.form, check.body.hide ?? []),
    guess: check?.body.guess === true,
    objected: decision !== null && objections(c, decision).length > 0,
    whole_days: decision === null ? 0 : wholeDays(decision.day, today),
    all_read: allRead,
    later_gone: laterGone === true,
    unseen: out !== null && unseen(c, first, out),
  };
  const repeating = out !== null && repeats(wishes, out, own).length > 0;
  return verdicts(wishes, progress).map((v) => (repeating && v.form === out.form ? { ...v, why: [...v.why, "no-quotes"] } : v));
}

/** A decision to share that is made on the day of an objection does not go past it: days are all there is to go by. */
export const objectedOn = (c: Case, today: string): boolean => c.sharings.some(({ body, day }) => body.decision === "object" && day >= today);

/**
 * Whether somebody may still read a message on their own: they have not coded it, and they have a coding to do or no two coders have agreed.
 * Any of them can be the one who reads it alone, as the third.
 */
export function readsAlone(c: Case, me: string): boolean {
  if (c.coded.includes(me)) return false;
  const role = c.claims.find(({ by }) => by === me)?.role;
  return role === "coder" || role === "third" || agreementOf(c) === null;
}

/**
 * A case as somebody sees it: who may still read the message on their own gets nothing that a colleague found, no coding, agreement or note
 * of others but for what stops a clock. Where it stands is worked out before; who reads it as the third is told only that two differ, and
 * that they have agreed once they have: then nobody need read it alone any more.
 */
export function blind(c: Case, me: string, today: string): Case {
  if (!readsAlone(c, me)) return c;
  const own = <B>(files: Dated<B>[]): Dated<B>[] => files.filter(({ by }) => by === me);
  const notes = c.notes.filter(({ by, body }) => by === me || body.asked === true || body.over !== undefined).map((n) => (n.by === me ? n : wordless(n)));
  const seen = { ...c, notes, codings: own(c.codings), consensuses: own(c.consensuses) };
  if (c.claims.some(({ by, role }) => by === me && role === "third")) {
    return c.agreementSent === true && stageOf(seen, today) === "differs" ? { ...seen, veiled: { stage: "agreed", task: "code" } } : seen;
  }
  return { ...seen, veiled: { stage: stageOf(c, today), task: taskOf(c, me, today) } };
}

/** What was shown to a writer tells what a colleague found in the message, and so may what they typed beside it: no text stays. Twin of wordless in internal/client/seats.go. */
function wordless(n: Dated<Note>): Dated<Note> {
  const { asked, had, over, unsent } = n.body; // no form, words, themes, and nothing that goes along
  return { ...n, body: { text: "", ...(asked && { asked }), ...(had && { had }), ...(over !== undefined && { over }), ...(unsent && { unsent }) } };
}

export type Task = "look" | "declare" | "code" | "wait" | "agree" | "third" | "check" | "decide" | "object" | "release" | "again" | "nothing";

/** Whether somebody has a part that gives a say: a claim, or a coding that was sent. */
export const hasPart = (c: Pick<Case, "claims" | "coded">, reviewer: string): boolean => c.coded.includes(reviewer) || c.claims.some(({ by }) => by === reviewer);

/** What `me` can do next with a message. Whoever has no part in it declares before anything is opened. */
export function taskOf(c: Case, me: string, today: string): Task {
  if (c.veiled !== undefined) return c.veiled.task;
  const mine = c.claims.find(({ by }) => by === me)?.role;
  const part = hasPart(c, me);
  const stage = stageOf(c, today);
  switch (stage) {
    case "beside": return "look";
    case "released":
    case "too-few":
      return "nothing";
    case "kept":
      if (part) return "again";
      // Where the writer sent something since and nobody with a part is left, somebody else can take it up.
      return c.back.length > 0 && !c.free.some((id) => hasPart(c, id)) && mayTakeCheck(c, me) ? "declare" : "nothing";
    case "coding":
      if (mine !== undefined) return c.coded.includes(me) ? "wait" : "code";
      return openSeats(c) > 0 && !c.coded.includes(me) ? "declare" : "nothing";
  }
  if (mine === "third" && !c.coded.includes(me)) return "code"; // whatever came of it meanwhile: they do not see that
  switch (stage) {
    case "compared":
    case "differs":
    case "one-left":
    case "no-third":
      if (isCoder(c, me)) return c.codings.length >= 2 && canAgree(c) ? "agree" : "wait";
      if (mine !== undefined) return "wait"; // a checker of an agreement that was taken back can hand that part back
      return stage !== "compared" && thirdIsOpen(c) && mayReadAlone(c, me) ? "third" : "nothing";
    case "no-checker": return "decide";
    case "agreed":
      if (isCoder(c, me)) return "wait";
      return mine === "checker" ? "check" : mayTakeCheck(c, me) ? "declare" : "nothing";
    case "checked":
      // Who says that somebody could guess may change the words and look again.
      if (mine === "checker" && checkOf(c)?.body.guess === true) return "check";
      return part ? "decide" : mayTakeCheck(c, me) ? "declare" : "nothing";
    case "objected":
      return part ? "decide" : mayTakeCheck(c, me) ? "declare" : "nothing";
    case "taken-back":
      return part ? "decide" : mayTakeCheck(c, me) ? "declare" : "object";
    case "objecting":
      return "object";
    case "ready":
      if (part) return "release";
      return c.free.some((id) => hasPart(c, id)) || !mayTakeCheck(c, me) ? "object" : "declare"; // somebody has to have a say in it
  }
}

/** Where nobody has the checker's part any more, somebody else who did not code it may take it. */
const mayTakeCheck = (c: Case, me: string): boolean => !isCoder(c, me) && !c.claims.some(({ by, role }) => role === "checker" || by === me);

// Where a message stands when it may be kept with the panel, and when it may be shared. Twin of keptFrom and sharedFrom in
// internal/client/deciding.go; internal/client/testdata/stages.json has both.
const KEPT_FROM: readonly Stage[] = ["no-checker", "agreed", "checked", "objected", "taken-back"];
const SHARED_FROM: readonly Stage[] = ["checked", "objected", "taken-back"];

/** Whether somebody may keep a message with the panel now, whatever else they can do. The server takes it once two have signed an agreement. */
export const mayKeep = (c: Case, me: string, today: string): boolean => hasPart(c, me) && KEPT_FROM.includes(stageOf(c, today));

/** Whether somebody may share a message now, as far as its writer allows. */
export const mayShare = (c: Case, me: string, today: string): boolean => hasPart(c, me) && SHARED_FROM.includes(stageOf(c, today));

/** Whether somebody can send new words and say again whether one could guess who wrote. */
export function mayCheckAgain(c: Case, me: string, today: string): boolean {
  return c.claims.some(({ by, role }) => by === me && role === "checker") && !isCoder(c, me) && SHARED_FROM.includes(stageOf(c, today));
}
