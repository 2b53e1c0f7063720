/**
 * How far a message may go: the writer's ladder, what the writer forbade, and what the panel has done so far. The server
 * cannot read any of it, so the panel's own pages hold to it and sign that they did. Twin of internal/coding/sharing.go.
 */
import { consentNow, type Said } from "./consent.js";
import { HIDES, HOLDS, SHARE_LEVELS } from "./pad.js";

/** Forms in which a message may go out, from the one that says least. */
export const FORMS = ["count", "theme", "paraphrase", "quote", "public"] as const;
export type Form = (typeof FORMS)[number];

/** The least share level that covers each form. */
const NEEDS: Record<Form, (typeof SHARE_LEVELS)[number]> = {
  count: "count_me", theme: "panel_summary_to_clinic", paraphrase: "panel_summary_to_clinic", quote: "my_words_to_clinic", public: "my_words_public",
};

export const MUST_NOTS = ["do_not_call_police", "do_not_change_my_care", "do_not_contact_me", "do_not_put_in_my_notes", "do_not_tell_my_worker"] as const;

/**
 * What of these goes along with words, for who reads them at a clinic to keep to. The other two are the program's to keep: with
 * do_not_tell_my_worker no words go out, and do_not_contact_me is asked about before an answer.
 */
const GO_ALONG: readonly string[] = ["do_not_call_police", "do_not_change_my_care", "do_not_put_in_my_notes"];

/**
 * All that would leave the panel of one message. The same is shown to a writer who wished it, checked, decided on and put into
 * the clear. Twin of internal/coding/outgoing.go.
 */
export interface Outgoing {
  form: Form;
  /** "" where the form has none. */
  words: string;
  /** Of the form `theme` alone: those agreed on; missing where there are none. */
  themes?: string[];
  /** With words alone, and for the clinic alone; missing where there is none. */
  must_not?: string[];
}

export const hasWords = (form: Form): boolean => form !== "count" && form !== "theme";

/** What goes out in a form and in words, by the themes that are agreed on and the writer's wishes. */
export function goesOut(form: Form, words: string, themes: readonly string[], { must_not }: Pick<Wishes, "must_not">): Outgoing {
  const along = hasWords(form) ? must_not.filter((code) => GO_ALONG.includes(code)) : [];
  return { form, words, ...(form === "theme" && themes.length > 0 ? { themes: [...themes] } : {}), ...(along.length === 0 ? {} : { must_not: along }) };
}

/** Whether two are the same to the byte. */
export const isSame = (a: Outgoing, b: Outgoing): boolean =>
  a.form === b.form && a.words === b.words && (a.themes ?? []).join() === (b.themes ?? []).join() && (a.must_not ?? []).join() === (b.must_not ?? []).join();

export const goesAlong = (code: string): boolean => GO_ALONG.includes(code);

/** What a writer allowed and forbade, the newest answer to each question. Lists are sorted. */
export interface Wishes {
  share_level: string;
  ask_me_first: boolean;
  hold: string;
  hide: string[];
  must_not: string[];
}
export const WISH_MEMBERS = ["share_level", "ask_me_first", "hold", "hide", "must_not"] as const;

export type Reason =
  | "not-allowed" | "ask-first" | "on-hold" | "no-quotes" | "worker-reads" | "not-agreed" | "not-shown" | "not-checked" | "could-guess"
  | "objected" | "still-time" | "not-read" | "later-gone" | "not-known";

/** How far the panel has come with a message. */
export interface Progress {
  /** Two coders signed the same consensus. */
  agreed: boolean;
  /** A third member, who is none of them, looked at the very words, and for what the writer hides. */
  checked: boolean;
  guess: boolean;
  objected: boolean;
  /** Whole days since the decision: not the day it was made, nor today. */
  whole_days: number;
  /** Every later message of this writer that was delivered is open. */
  all_read: boolean;
  /** Something that came in after this message went with its key, and nobody knows whose it was. */
  later_gone: boolean;
  /** The writer wished, once, to see it first, and was not shown the words that were checked. */
  unseen: boolean;
}

export const OBJECTION_DAYS = 2;

export interface Verdict {
  form: Form;
  /** Why it may not be decided on; empty when it may. */
  why: Reason[];
  /** What else must be before it goes out; empty when it may go. */
  wait: Reason[];
}

const isOneOf = (list: readonly string[], code: string): boolean => list.includes(code);

/** Of `hide`: forbids the writer's own words, which a program can tell. All else somebody has to look for. */
const HIDE_QUOTES = "quotes";

/** Whether somebody has to look for it, where a writer hides it. */
export const isLeftOut = (code: string): boolean => code !== HIDE_QUOTES && isOneOf(HIDES, code);

/** What of a writer's `hide` somebody has to look for in a form: all but their own words, and nothing in one without words. */
export const leftOut = ({ hide }: Pick<Wishes, "hide">, form: Form): string[] => (hasWords(form) ? hide.filter(isLeftOut) : []);

/** Whether a writer wants something left out of a form by now that was not among `had`, for which somebody looked. */
export const hidesMore = (w: Pick<Wishes, "hide">, form: Form, had: readonly string[]): boolean =>
  leftOut(w, form).some((code) => !had.includes(code));

export function isKnownWishes(w: Wishes): boolean {
  return isOneOf(SHARE_LEVELS, w.share_level) && isOneOf(HOLDS, w.hold) && w.hide.every((h) => isOneOf(HIDES, h)) && w.must_not.every((m) => isOneOf(MUST_NOTS, m));
}

/** Why the writer's wishes alone forbid a form. */
export function wishesForbid(w: Wishes, form: Form): Reason[] {
  const why: Reason[] = [];
  const level = (code: string): number => (SHARE_LEVELS as readonly string[]).indexOf(code);
  if (level(w.share_level) < level(NEEDS[form])) why.push("not-allowed");
  if (w.ask_me_first) why.push("ask-first");
  if (w.hold !== "now") why.push("on-hold");
  if ((form === "quote" || form === "public") && w.hide.includes(HIDE_QUOTES)) why.push("no-quotes");
  // Nobody can promise which of a clinic's staff reads what the clinic is given.
  if (hasWords(form) && w.must_not.includes("do_not_tell_my_worker")) why.push("worker-reads");
  return why;
}

/** Goes through all forms. Nothing goes out that the wishes, or a missing step, forbid. */
export function verdicts(w: Wishes, p: Progress): Verdict[] {
  return FORMS.map((form) => ({
    form,
    why: [...wishesForbid(w, form), ...(isKnownWishes(w) ? [] : (["not-known"] as const)), ...progressForbids(p, form)],
    wait: waits(p),
  }));
}

function progressForbids(p: Progress, form: Form): Reason[] {
  const why: Reason[] = [];
  if (!p.agreed) why.push("not-agreed");
  if (!p.all_read) why.push("not-read");
  if (p.later_gone) why.push("later-gone");
  // A count goes through the tables' own rules against small numbers; everything else waits for a third pair of eyes.
  if (form === "count") return why;
  if (p.unseen) why.push("not-shown");
  if (!p.checked) return [...why, "not-checked"];
  return p.guess ? [...why, "could-guess"] : why;
}

function waits(p: Progress): Reason[] {
  return [...(p.objected ? (["objected"] as const) : []), ...(p.whole_days < OBJECTION_DAYS ? (["still-time"] as const) : [])];
}

export const MOST_PRIVATE: Wishes = { share_level: "panel_only", ask_me_first: false, hold: "now", hide: [], must_not: [] };

/**
 * The wishes of a writer, by all messages of their receipt: what they allow as consentNow has it, and all that any of them says must
 * not happen. Nothing is taken from what they say about themselves. A code that is not known counts as the most private one, and so
 * does silence.
 */
export function wishesOf(said: readonly Said[]): Wishes {
  const now = consentNow(said);
  const forbidden = said.flatMap(({ kind, answers }) => (kind === "about_you" ? [] : answers ?? [])).filter(({ q }) => q === "must_not").flatMap(({ a }) => a.split("\n"));
  return { ...now, hide: [...now.hide].sort(), must_not: [...new Set(forbidden.filter((code) => isOneOf(MUST_NOTS, code)))].sort() };
}
