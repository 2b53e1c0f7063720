/**
 * What the page and the worker say to each other about messages. No answer holds more of a message than its card before
 * `declare`: `rows` gives cards, the calls that give more refuse, and of a writer's wishes only that something in the clear has
 * to be taken back is told.
 */
import type { CardCodes } from "../card.js";
import type { Bodies, Kind } from "../coding.js";
import { fromBase64, toBase64url } from "../encoding.js";
import type { Answer } from "../pad.js";
import { signAgain, type Served } from "../reviewfile.js";
import type { Story } from "./bench.js";
import type { Case, Row } from "./casework.js";
import type { Clocks } from "./clocks.js";
import type { Sighting } from "./completeness.js";
import type { Lying, WrongCodes } from "./inclear.js";
import type { Followers } from "./leftmessages.js";
import type { Delivered, Desk } from "./desk.js";
import type { Crowd } from "./guess.js";
import type { Reminder, ServedRecusal, SignedRecusal } from "../stepback.js";
import { holdFinding, leafIn, type Holding, type ServedFinding } from "./heldfindings.js";
import type { CodedFacts, Release } from "./outgoing.js";
import type { StandingAct } from "./later.js";
import type { Unproven } from "./proven.js";
import { contactedAgain, type Owed } from "./publicacts.js";
import type { At, ServedWork, Taken } from "./epochwork.js";
import { ReviewWork } from "./reviewwork.js";
import { answerSearch, Search, type SearchCall } from "./search.js";
import type { Tally } from "./tally.js";

/** Leaves are base64url. */
export type ReviewCall =
  | { do: "takeWork"; at: At; work: ServedWork; served: Served[] | null }
  | { do: "readFiles"; at: At; files: (Delivered & { day: string })[]; codes: CardCodes }
  | { do: "sealCards"; at: At; leaves: string[]; log: string }
  | { do: "sightings"; slug: string }
  | { do: "acted"; slug: string; acts: StandingAct[] }
  | { do: "rows"; slug: string }
  | { do: "wrongCards"; slug: string }
  | { do: "takeFindings"; slug: string; clinic: string; findings: ServedFinding[] }
  | { do: "unsigned"; slug: string }
  | { do: "unproven"; slug: string }
  | { do: "keepOnly"; slug: string; epochs: string[] }
  | { do: "declare"; slug: string; leaf: string }
  | { do: "openCase"; slug: string; leaf: string; unread: boolean }
  | { do: "ownDraft"; slug: string; leaf: string }
  | { do: "openDraft"; at: At; served: Served }
  | { do: "recuse"; at: At; leaf: string }
  | { do: "ownRecusals"; slug: string; clinic: string; recusals: ServedRecusal[]; kept: Reminder[] }
  | { do: "followers"; slug: string; leaf: string | null }
  | { do: "sealReview"; at: At; leaf: string; kind: Kind; body: Bodies[Kind] }
  | { do: "lacking"; slug: string; epoch: string }
  | { do: "here"; slug: string; epoch: string }
  | { do: "want"; slug: string; epochs: string[] }
  | { do: "owed"; slug: string; today: string; quorum: string[]; fresh: string[]; taken: string[] }
  | { do: "contacted"; at: At; leaf: string; taken: string[] }
  | { do: "contactedAgain"; slug: string; acts: string[]; day: string }
  | { do: "signAgain"; at: At; served: Served }
  | { do: "cover"; at: At; taken: string[] }
  | { do: "coded"; at: At; leaf: string; unread: boolean }
  | { do: "finding"; at: At; leaf: string; unread: boolean }
  | { do: "forbidden"; slug: string; out: Lying[] }
  | { do: "uncounted"; slug: string }
  | { do: "wrongCodes"; slug: string; clinic: string }
  | { do: "holdFindings"; slug: string; clinic: string; findings: ServedFinding[] }
  | { do: "tally"; slug: string; today: string; clocks: Clocks; codes: CardCodes };

export interface ReviewAnswers {
  takeWork: Taken;
  /** Base64url of the leaf hashes of what was read. */
  readFiles: string[];
  sealCards: Served[];
  /** Of each, whether who signed it is on the newest list. */
  sightings: (Sighting & { listed: boolean })[];
  acted: undefined;
  rows: Row[];
  wrongCards: { by: string; day: string }[];
  takeFindings: undefined;
  /** Epochs and days of messages. */
  unsigned: { epoch: string; day: string }[];
  unproven: Unproven[];
  keepOnly: undefined;
  declare: undefined;
  openCase: { of: Case; story: Story; crowd: Crowd };
  /** With base64 of the hash of its sealed file; "" for none. */
  ownDraft: { fields: Answer[]; hash: string };
  /** What this reviewer typed, of a draft that was sealed on this page; null when it is none of theirs. */
  openDraft: Answer[] | null;
  recuse: SignedRecusal;
  ownRecusals: string[];
  followers: Followers;
  sealReview: Served;
  lacking: number;
  /** Base64url of the leaf hashes. */
  here: string[];
  want: undefined;
  owed: Owed[];
  /** Texts of leaves. */
  contacted: string[];
  contactedAgain: string[];
  /** With the day, and its place among this reviewer's files as they are here. */
  signAgain: Served;
  cover: string[];
  coded: CodedFacts | null;
  finding: Release;
  /** Of each of them whether it may not lie in the clear any more. */
  forbidden: boolean[];
  uncounted: { leaf: string; epoch: string }[];
  wrongCodes: WrongCodes[];
  /** Of each finding, in their order. */
  holdFindings: Holding[];
  tally: Tally;
}

const CALLS: { [K in ReviewCall["do"]]: (work: ReviewWork, call: Extract<ReviewCall, { do: K }>, desk: Desk) => ReviewAnswers[K] | Promise<ReviewAnswers[K]> } = {
  takeWork: (work, c) => work.take(c.at, c.work, c.served),
  readFiles: async (work, c) => (await work.read(c.files, c.codes)).map(({ leaf }) => leaf),
  sealCards: (work, c) => work.cards(c.at, c.leaves, c.log),
  sightings: (work, c, desk) => {
    const members = membersOf(desk, c.slug);
    return work.sightings().map((s) => ({ ...s, listed: members.includes(s.by) }));
  },
  acted: (work, c) => { work.acted(c.acts); return undefined; },
  rows: (work, c, desk) => work.rows(desk.own.key.reviewer, membersOf(desk, c.slug)),
  wrongCards: (work) => work.wrongCards(),
  takeFindings: (work, c) => { work.found(c, c.findings); return undefined; },
  unsigned: (work) => work.unsigned(),
  unproven: (work) => work.unproven(),
  keepOnly: (work, c, desk) => { work.keepOnly(c.epochs); desk.keepOnly(c.slug, c.epochs); return undefined; },
  declare: (work, c) => { work.declare(c.leaf); return undefined; },
  openCase: (work, c, desk) => {
    const members = membersOf(desk, c.slug);
    return { of: work.case(c.leaf, members), story: work.story(c.leaf, c.unread), crowd: work.crowd(c.leaf, members) };
  },
  ownDraft: (work, c) => work.draft(c.leaf),
  openDraft: async (work, c, desk) => {
    const [o] = await work.open(c.at, [c.served]);
    return typeof o === "object" && o.kind === "draft" && o.by === desk.own.key.reviewer ? o.body.fields : null;
  },
  recuse: (work, c) => work.recuse(c.at, c.leaf),
  ownRecusals: (work, c) => work.ownRecusals(c.clinic, c.recusals, c.kept),
  followers: (work, c) => work.followers(c.leaf),
  sealReview: (work, c) => work.seal(c.at, c.leaf, c.kind, c.body, work.next(c.leaf, c.kind)),
  lacking: (work, c) => work.lacking(c.epoch),
  here: (work, c) => work.here(c.epoch),
  want: (work, c) => { work.want(c.epochs); return undefined; },
  owed: (work, c) => work.owed(c.today, c.quorum, c.fresh, c.taken),
  contacted: (work, c) => work.contacted(c.at, c.leaf, c.taken),
  contactedAgain: (_, c, desk) => contactedAgain(c.acts, c.day, desk.own.key),
  signAgain: (work, { at, served }, desk) =>
    signAgain(served, at.clinic, { n: work.next(toBase64url(fromBase64(served.leaf)), served.kind as Kind), day: at.today }, desk.own.key),
  cover: (work, c) => work.cover(c.at, c.taken),
  coded: (work, c, desk) => work.coded(c.at, c.leaf, membersOf(desk, c.at.slug), c.unread),
  finding: (work, c, desk) => work.finding(c.at, c.leaf, membersOf(desk, c.at.slug), c.unread),
  forbidden: (work, c) => work.clear.forbidden(c.out),
  uncounted: (work) => work.clear.uncounted(),
  wrongCodes: (work, c, desk) => work.clear.wrong(c.clinic, desk.keys.lists(c.slug)),
  holdFindings: (work, c, desk) => c.findings.map((f) => holdFinding(c.clinic, desk.keys.lists(c.slug), desk.own.key.reviewer, f, work.behind(leafIn(f), membersOf(desk, c.slug)))),
  tally: (work, c, desk) => work.tally(membersOf(desk, c.slug), c.today, c.clocks, c.codes),
};

const membersOf = (desk: Desk, slug: string): string[] => {
  const lists = desk.keys.lists(slug);
  return lists[lists.length - 1]?.members.map(({ id }) => id) ?? [];
};

export const isReview = (call: { do: string }): call is ReviewCall => Object.keys(CALLS).includes(call.do);

/** The work of each clinic, and the search in it, for as long as this worker lives. */
export class ReviewWorks {
  readonly #works = new Map<string, { work: ReviewWork; search: Search }>();

  async answer(desk: Desk, call: ReviewCall): Promise<unknown> {
    const act = CALLS[call.do] as (work: ReviewWork, call: ReviewCall, desk: Desk) => unknown;
    return await act(this.#of(desk, "at" in call ? call.at.slug : call.slug).work, call, desk);
  }

  /** Whether this reviewer has declared on a message, of any clinic. The leaf is base64url. */
  declared(leaf: string): boolean {
    return [...this.#works.values()].some(({ work }) => work.declarations.has(leaf));
  }

  search(desk: Desk, call: SearchCall): Promise<unknown> {
    return answerSearch(this.#of(desk, call.slug).search, call);
  }

  #of(desk: Desk, slug: string): { work: ReviewWork; search: Search } {
    let own = this.#works.get(slug);
    if (own === undefined) {
      const work = new ReviewWork(desk);
      this.#works.set(slug, own = { work, search: new Search(desk, work, () => membersOf(desk, slug)) });
    }
    return own;
  }
}
