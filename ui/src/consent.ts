/**
 * What is allowed now: the newest thing a writer said about who may see their words.
 *
 * Twin of Go's seal.ConsentNow: both must come to the same for the same messages.
 */
import { HIDES, HOLDS, SHARE_LEVELS, type Answer, type Consent } from "./pad.js";

export type Choice = Pick<Consent, "share_level" | "ask_me_first" | "hold" | "hide">;

/** One message of a receipt, as far as consent goes. */
export interface Said {
  kind: "submission" | "followup" | "about_you" | "consent";
  /** Day of the batch it came in, YYYY-MM-DD. */
  day: string;
  /** Of everything but a consent. */
  answers?: readonly Answer[];
  /** Of a consent. */
  consent?: Choice;
}

/** What holds when a writer said nothing: the panel reads, and nobody else hears of it. */
export const CLOSEST: Choice = { share_level: "panel_only", ask_me_first: false, hold: "now", hide: [] };

/**
 * What is allowed after all these messages of one receipt. A change of consent takes the place of what the first message
 * said, whatever their days. Of two changes the later day's holds. Messages carry days and no hours, so of changes of one
 * day the closest of each choice holds together, and so it does of several first messages. A follow-up allows nothing more,
 * and what it says that is closer holds until a change of a later day.
 */
export function consentNow(messages: readonly Said[]): Choice {
  const changes = messages.filter((m): m is Said & { consent: Choice } => m.kind === "consent" && m.consent !== undefined);
  const newest = changes.map((m) => m.day).sort().pop();
  const last = changes.filter((m) => m.day === newest).map((m) => m.consent);
  const firsts = messages.filter((m) => m.kind === "submission").map((m) => consentIn(m.answers ?? []));
  const now = (newest === undefined ? firsts : last).reduce(closerOrNone, null) ?? CLOSEST;
  const further = messages.filter((m) => m.kind === "followup" && (newest === undefined || m.day >= newest));
  return further.reduce((had, { answers }) => closer(had, saidIn(answers ?? [], had)), now);
}

const closerOrNone = (a: Choice | null, b: Choice): Choice => (a === null ? b : closer(a, b));

/** What a follow-up says, and for all that it says nothing about what holds already. */
function saidIn(answers: readonly Answer[], had: Choice): Choice {
  const { share_level, hold, ...said } = consentIn(answers);
  return {
    ...said,
    share_level: isSilent(pickedIn(answers, "share_level")) ? had.share_level : share_level,
    hold: isSilent(pickedIn(answers, "hold_until")) ? had.hold : hold,
  };
}

const pickedIn = (answers: readonly Answer[], q: string): string[] => answers.filter((a) => a.q === q).flatMap((a) => a.a.split("\n"));

const isSilent = (picked: readonly string[]): boolean => picked[0] === undefined || picked[0] === "skip";

/**
 * What the form's answers say. A question left out, or one answered in a way we do not know, counts as the closest answer: who
 * did not say when the panel may start has it wait, unless they let it do no more than count.
 */
export function consentIn(answers: readonly Answer[]): Choice {
  const said = (q: string): string[] => pickedIn(answers, q);
  const level = SHARE_LEVELS.find((l) => said("share_level")[0] === l) ?? "panel_only";
  return {
    share_level: level,
    ask_me_first: said("ask_me_first").length > 0,
    hold: holdIn(said("hold_until"), level),
    hide: HIDES.filter((h) => said("hide").includes(h)),
  };
}

/**
 * When the panel may start, by what was picked and by how far the words may go. Nothing picked is the closest answer: wait, where
 * more than a count may go out. A count names nobody, so it needs no second yes.
 */
export function holdIn(picked: readonly string[], level: (typeof SHARE_LEVELS)[number]): Choice["hold"] {
  const now = isSilent(picked) ? SHARE_LEVELS.indexOf(level) <= SHARE_LEVELS.indexOf("count_me") : picked[0] === "now";
  return now ? "now" : "wait_until_i_say";
}

/** The closer of each choice. */
function closer(a: Choice, b: Choice): Choice {
  return {
    share_level: SHARE_LEVELS[Math.min(SHARE_LEVELS.indexOf(a.share_level), SHARE_LEVELS.indexOf(b.share_level))] ?? "panel_only",
    ask_me_first: a.ask_me_first || b.ask_me_first,
    hold: HOLDS[Math.max(HOLDS.indexOf(a.hold), HOLDS.indexOf(b.hold))] ?? "wait_until_i_say",
    hide: HIDES.filter((h) => a.hide.includes(h) || b.hide.includes(h)),
  };
}

/**
 * Puts the messages of each receipt together: those with one mailbox. `thread` alone ties nothing: leaf hashes are public, and
 * anybody could name somebody else's message in a change of consent. The mailbox is known to the writer and the panel only.
 */
export function receipts<T extends { leafHash: string; mailbox: string | null }>(messages: T[]): T[][] {
  const groups = new Map<string, T[]>();
  for (const m of messages) {
    const key = m.mailbox ?? m.leafHash;
    groups.set(key, [...(groups.get(key) ?? []), m]);
  }
  return [...groups.values()];
}
