/**
 * Where the panel stands with one message, and what a reviewer can do next: worked out from the signed files alone, the
 * same in every reviewer's browser. The server only stores them; it can hold a file back. What it says of parts and findings
 * alone moves no message out of the work.
 */
import type { Card, Check, Consensus, Found, Note, Sharing } from "../coding.js";
import type { JunkReason } from "./desk.js";
import { compare, settled, type Coded, type Comparison } from "../compare.js";
import type { Pause } from "./pause.js";
import { inOrder, isGiven } from "./firstcodings.js";
import { OBJECTION_DAYS, verdicts, type Progress, type Verdict, type Wishes } from "../sharing.js";

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
  card: Card;
  claims: Claim[];
  codings: Dated<Found>[];
  /** Who has handed in a coding: the server says so before it hands any out. */
  coded: string[];
  consensuses: Dated<Consensus>[];
  checks: Dated<Check>[];
  sharings: Dated<Sharing>[];
  notes: Dated<Note>[];
  /** Days on which the writer sent more of it, or changed what may be done. */
  back: string[];
  /** Members who may still take part: those on the signed list who have not stepped back. */
  free: string[];
  /** Given to the clinic. */
  released: boolean;
}

/** All that leaves the worker before a reviewer has declared: the card, and how far the panel is. */
export interface Row extends Pick<Case, "leaf" | "epoch" | "day" | "card" | "claims"> {
  stage: Stage;
  task: Task;
  /** This reviewer's own signed words on it are here, which nobody writes before they declare. */
  declared: boolean;
  /** Times in which its clocks stand still; null before this reviewer has declared, since notes tell them. */
  pauses: Pause[] | null;
  /** Why it does not open, when this browser tried. */
  junk: JunkReason | null;
}

export type Stage =
  /** What a writer changed, or says about themselves: it is read, and nobody codes it. */
  | "beside"
  /** Fewer than two people are left who could code it. */
  | "too-few"
  /** Not two codings yet. */
  | "coding"
  /** Two codings that differ, and no agreement yet. */
  | "differs"
  /** The codings agree, and the coders have not signed the same words yet. */
  | "compared"
  /** Agreed; nobody outside the coders has looked yet whether somebody could guess who wrote. */
  | "agreed"
  | "checked"
  /** Decided to share; members may object. */
  | "objecting"
  | "objected"
  /** Two whole days have passed, and nobody objects. */
  | "ready"
  | "kept"
  | "released";

export function stageOf(c: Case, today: string): Stage {
  if (c.card.of === "consent" || c.card.of === "about_you") return "beside";
  if (isGiven(c)) return "released";
  const decision = standing(c);
  if (decision?.body.decision === "keep") return "kept";
  const agreed = settled(c.codings, c.consensuses);
  if (agreed !== null && decision !== null && holds(c, decision, agreed.hashes)) {
    if (objections(c, decision).length > 0) return "objected";
    return wholeDays(decision.day, today) >= OBJECTION_DAYS ? "ready" : "objecting";
  }
  if (agreed !== null) return checkOf(c) === null ? "agreed" : "checked";
  if (c.codings.length >= 2) return differences(c).agree ? "compared" : "differs";
  return new Set([...c.coded, ...c.free]).size < 2 ? "too-few" : "coding";
}

/** The first two codings side by side; a third coder's stands beside them. */
export function differences(c: Case): Comparison {
  const [a, b] = inOrder(c);
  return a && b ? compare(a.body, b.body) : { agree: false, differences: [] };
}

/** The newest decision to share or keep. */
export function standing(c: Case): Dated<Sharing> | null {
  return lastOf(c.sharings.filter(({ body }) => body.decision !== "object"));
}

/** Files of one day have no order between authors, so of two the one that shares less stands. */
function lastOf(decisions: Dated<Sharing>[]): Dated<Sharing> | null {
  const rank = (s: Dated<Sharing>): string => `${s.day} ${s.body.decision === "keep" ? "1" : "0"}`;
  return decisions.reduce<Dated<Sharing> | null>((newest, s) => (newest === null || rank(s) >= rank(newest) ? s : newest), null);
}

/** Whether a decision to share rests on the agreement there is and on a check by somebody else, of the same words. */
function holds(c: Case, decision: Dated<Sharing>, agreement: string[]): boolean {
  const check = c.checks.find(({ hash }) => hash === decision.body.check);
  if (check === undefined || check.body.guess || isCoder(c, check.by)) return false;
  return check.body.form === decision.body.form && check.body.words === decision.body.words
    && decision.body.consensus.every((hash) => agreement.includes(hash));
}

const isCoder = (c: Case, reviewer: string): boolean => c.codings.some(({ by }) => by === reviewer);

/**
 * An objection stops every decision made up to its day: of two equal decisions only one is named in it. Days are all there
 * is to go by, so a new decision has to be made on a later one.
 */
export function objections(c: Case, decision: Dated<Sharing>): Dated<Sharing>[] {
  return c.sharings.filter(({ body, day }) => body.decision === "object" && (body.of === decision.hash || day >= decision.day));
}

/**
 * The newest check by somebody who is none of the coders. Each author's last one counts; those of one day have no order between
 * authors, so of them one that says somebody could guess stands.
 */
export function checkOf(c: Case): Dated<Check> | null {
  const last = new Map(c.checks.filter((check) => !isCoder(c, check.by)).map((check) => [check.by, check]));
  const rank = (check: Dated<Check>): string => `${check.day} ${check.body.guess ? "1" : "0"}`;
  return [...last.values()].reduce<Dated<Check> | null>((newest, check) => (newest === null || rank(check) >= rank(newest) ? check : newest), null);
}

/** The day on which it was decided that the panel has done what it can: it keeps the message, or a finding of it stands; null while it is open. */
export function closedOn(c: Case): string | null {
  const decision = standing(c);
  return decision !== null && (decision.body.decision === "keep" || c.released) ? decision.day : null;
}

/** Whole days between: neither the day itself nor today counts. Days are UTC. */
export function wholeDays(day: string, today: string): number {
  const days = (Date.parse(`${today}T00:00:00Z`) - Date.parse(`${day}T00:00:00Z`)) / 86_400_000;
  return Number.isFinite(days) ? Math.max(0, days - 1) : 0;
}

/** What is allowed now, for the form on the page: the writer's wishes and how far the panel is. */
export function allowed(c: Case, wishes: Wishes, allRead: boolean, today: string): Verdict[] {
  const check = checkOf(c);
  const decision = standing(c);
  const progress: Progress = {
    agreed: settled(c.codings, c.consensuses) !== null,
    checked: check !== null,
    guess: check?.body.guess === true,
    objected: decision !== null && objections(c, decision).length > 0,
    whole_days: decision === null ? 0 : wholeDays(decision.day, today),
    all_read: allRead,
  };
  return verdicts(wishes, progress);
}

export type Task = "look" | "declare" | "code" | "wait" | "agree" | "third" | "check" | "decide" | "object" | "release" | "nothing";

/** What `me` can do next with a message. Whoever has no part in it declares before anything is opened. */
export function taskOf(c: Case, me: string, today: string): Task {
  const mine = c.claims.find(({ by }) => by === me)?.role;
  const stage = stageOf(c, today);
  switch (stage) {
    case "beside": return "look";
    case "released":
    case "kept":
    case "too-few":
      return "nothing";
    case "coding":
      if (mine !== undefined) return c.coded.includes(me) ? "wait" : "code";
      return openSeats(c) > 0 ? "declare" : "nothing";
    case "compared":
    case "differs":
      if (isCoder(c, me)) return "agree";
      if (mine === "third") return "code";
      return stage === "differs" && !c.claims.some(({ role }) => role === "third") ? "third" : "nothing";
    case "agreed":
      if (isCoder(c, me)) return "wait";
      return mine === undefined ? "declare" : "check";
    case "checked":
      // Who says that somebody could guess may change the words and look again.
      if (mine === "checker" && checkOf(c)?.body.guess === true) return "check";
      // Where nobody has the part any more, somebody else may take it.
      if (mine === undefined && checkOf(c)?.body.guess === true && !c.claims.some(({ role }) => role === "checker")) return "declare";
      return mine === undefined ? "nothing" : "decide";
    case "objected":
      return mine === undefined ? "nothing" : "decide";
    case "objecting":
      return "object";
    case "ready":
      return mine === undefined ? "object" : "release";
  }
}

/** How many coders are still wanted. */
export function openSeats(c: Case): number {
  const coders = new Set([...c.coded, ...c.claims.filter(({ role }) => role === "coder").map(({ by }) => by)]);
  return Math.max(0, 2 - coders.size);
}
