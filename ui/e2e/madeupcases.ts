/** Made-up messages at every step of the panel's work, for pages that are looked at one by one. No word of them is anybody's. */
import type { Card, Check, Found, Note, Sharing } from "../src/coding.js";
import { proposal } from "../src/compare.js";
import { outgoingOf, type Case, type Dated } from "../src/panel/casework.js";
import { MOST_PRIVATE, type Form, type Wishes } from "../src/sharing.js";

export const [ANNA, BELA, CLEO, DARA] = ["raaaaaaaa", "rbbbbbbbb", "rcccccccc", "rdddddddd"] as const;
export const TODAY = "2026-11-25";
export const YESTERDAY = "2026-11-24";
export const LAST_WEEK = "2026-11-18";
export const KEY = "A".repeat(43);

export const CARD: Card = {
  of: "submission", thread: "", service: "crisis_house", roles: ["nurse"], when: "this_month",
  chips: ["force.held_down", "voice"], urgent: false, taxonomy: "0.2.0",
};
export const FOUND: Found = {
  taxonomy: "0.2.0", yes: ["force"],
  no: ["access", "bias", "boundary", "ending", "money", "place", "privacy", "respect", "response", "treatment", "voice"],
  items: ["force.held_down"], good: [],
  seriousness: 2, involved: ["nurse"], repair: [], role: "client",
};
/** As far from FOUND as two can be. */
const OTHER: Found = {
  ...FOUND, yes: ["voice"], no: FOUND.no.filter((t) => t !== "voice").concat("force").sort(), items: [], seriousness: 0,
};
/** A word that no line of a phone can hold. */
export const LONG = `https://riverside.example/${"crisishouse".repeat(8)}`;
export const WORDS = `Somebody was held down at the door, and nobody told them why. ${LONG}`;
export const WISHES: Wishes = { ...MOST_PRIVATE, share_level: "my_words_to_clinic" };

let leaves = 0;

/** A message that nobody has taken yet. Each has a leaf of its own. */
export const message = (more: Partial<Case> = {}): Case => ({
  leaf: String(leaves++).padStart(43, "A"), epoch: "2026-11-aaaa", day: "2026-11-16", card: CARD, claims: [], codings: [],
  coded: [], consensuses: [], checks: [], sharings: [], notes: [], back: [], checkIn: "",
  free: [ANNA, BELA, CLEO, DARA], recused: [], given: [],
  ...more,
});

let files = 0;
export const dated = <B>(by: string, body: B, day = LAST_WEEK): Dated<B> =>
  ({ by, hash: `h${String(files++).padStart(5, "0")}`, body, day });

/** Read by Anna and Bela. */
export function coded(a = FOUND, b = FOUND, more: Partial<Case> = {}): Case {
  const claims: Case["claims"] = [{ by: ANNA, role: "coder" }, { by: BELA, role: "coder" }];
  return message({ claims, coded: [ANNA, BELA], codings: [dated(ANNA, a), dated(BELA, b)], ...more });
}

export const differing = (more: Partial<Case> = {}): Case => coded(FOUND, OTHER, more);

/** They agree, and Cleo looks at it for the others. */
export function agreed(more: Partial<Case> = {}, found = FOUND): Case {
  const c = coded(found, found);
  const body = proposal(c.codings);
  c.consensuses.push(dated(ANNA, body), dated(BELA, body));
  c.claims.push({ by: CLEO, role: "checker" });
  return { ...c, ...more };
}

export interface Look { form?: Form; words?: string; guess?: boolean; changed?: string; wishes?: Wishes }

/** Cleo has looked. */
export function checked(look: Look = {}, more: Partial<Case> = {}, found = FOUND): Case {
  const { form = "paraphrase", words = form === "theme" ? "" : WORDS, guess = false, changed = "", wishes = WISHES } = look;
  const c = agreed(more, found);
  c.checks.push(dated<Check>(CLEO, { ...outgoingOf(c, form, words, wishes), guess, changed }));
  return c;
}

/** Cleo has decided to share it, on a day. */
export function decided(day: string, look: Look = {}, more: Partial<Case> = {}, found = FOUND): Case {
  const c = checked(look, more, found);
  const { hash, body } = c.checks[0] ?? dated(CLEO, { form: "theme", words: "" });
  c.sharings.push(dated<Sharing>(CLEO, {
    decision: "share", form: body.form, words: body.words, wishes: look.wishes ?? WISHES,
    consensus: c.consensuses.map((s) => s.hash), check: hash, of: "",
  }, day));
  return c;
}

/** The same, and a member has signed a finding by that decision. */
export function released(more: Partial<Case> = {}): Case {
  const c = decided(LAST_WEEK, {}, more);
  return { ...c, given: c.sharings.map(({ hash }) => hash) };
}

/** The finding of that decision was taken back. */
export function tookBack(): Case {
  const { given, ...c } = released();
  return { ...c, given: [], takenBack: given };
}

export const sharing = (by: string, decision: "keep" | "object", words: string, of = "", day = LAST_WEEK): Dated<Sharing> =>
  dated(by, { decision, form: "", words, wishes: WISHES, consensus: [], check: "", of }, day);

export const WHY = `Too few were there that day: ${LONG}`;

/** Cleo has kept it. */
export const kept = (more: Partial<Case> = {}): Case => checked({}, { sharings: [sharing(CLEO, "keep", WHY)], ...more });

/** The same, and Anna has taken it up again. */
export function takenUp(day: string): Case {
  const c = kept();
  return { ...c, sharings: [...c.sharings, sharing(ANNA, "object", "We decide anew.", c.sharings[0]?.hash, day)] };
}

export const asked = (by: string, more: Partial<Note> = {}, day = LAST_WEEK): Dated<Note> =>
  dated(by, { text: "I sent the writer the words.", asked: true, ...more }, day);
