/** Random ways through the panel's work, with the page's own gate at the end of each: what leaves the panel, and what never does. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { ed25519 } from "@noble/curves/ed25519.js";
import type { Card, Check, Found, Note, Sharing } from "../src/coding.js";
import { proposal } from "../src/compare.js";
import { toBase64url } from "../src/encoding.js";
import { allowed, blind, checkOf, mayCheckAgain, mayKeep, objectedOn, stageOf, standing, taskOf, type Case, type Dated, type Leave, type Stage } from "../src/panel/casework.js";
import type { At } from "../src/panel/epochwork.js";
import { OpenMessages, type Held } from "../src/panel/openmessages.js";
import { codedFacts, findingOf, type Withheld } from "../src/panel/outgoing.js";
import { openSeats } from "../src/panel/seats.js";
import { agreementOf } from "../src/panel/whoseword.js";
import { MOST_PRIVATE, type Form, type Wishes } from "../src/sharing.js";

const [ANNA, BELA, CLEO, DARA] = ["raaaaaaaa", "rbbbbbbbb", "rcccccccc", "rdddddddd"] as const;
const TODAY = "2026-11-25";
const CARD: Card = { of: "submission", thread: "", service: "crisis_house", roles: ["nurse"], when: "this_month", chips: [], urgent: false, taxonomy: "0.2.0" };
const FOUND: Found = { taxonomy: "0.2.0", yes: ["force"], no: ["voice"], items: [], good: [], seriousness: 2, involved: [], repair: [] };
const ALL: Wishes = { ...MOST_PRIVATE, share_level: "my_words_public" };
const WORDS = "Somebody was held down.";
/** What the writer wrote, and a summary that says half a sentence of it again. */
const OWN = ["It was late. They held me down on the cold floor until I stopped."];
const REPEATING = "Somebody says: they held me down, on the cold floor.";

let files = 0;
const hashOf = (n: number): string => toBase64url(Uint8Array.from({ length: 32 }, (_, i) => (i < 4 ? (n >> (8 * i)) & 255 : 0)));
const dated = <B>(by: string, body: B, day = "2026-11-21"): Dated<B> => ({ by, hash: hashOf(files++), body, day });

const secret = new Uint8Array(32).fill(7);
const keyOf = (reviewer: string): Parameters<typeof findingOf>[3] => ({ secret, public: ed25519.getPublicKey(secret), reviewer });
const KEYS = new Map([ANNA, BELA, CLEO, DARA].map((id) => [id as string, keyOf(id)]));
const at = (today: string): At => ({ slug: "riverside", clinic: "6f9a1c3e-0000-4000-8000-000000000001", epoch: "2026-11-aaaa", origin: "clinic.example/answerable", today });
const finding = (c: Case, leave: Leave, me: string, today = TODAY): ReturnType<typeof findingOf> => findingOf(at(today), c, leave, KEYS.get(me) ?? assert.fail(me));
const facts = (c: Case, leave: Leave, me: string, today = TODAY): ReturnType<typeof codedFacts> => codedFacts(at(today), c, leave, KEYS.get(me) ?? assert.fail(me));

const empty = (): Case => ({
  leaf: toBase64url(new Uint8Array(32).fill(1)), epoch: "2026-11-aaaa", day: "2026-11-20", card: CARD, claims: [], codings: [], coded: [], consensuses: [], checks: [], sharings: [], notes: [],
  back: [], checkIn: "", free: [ANNA, BELA, CLEO, DARA], recused: [], given: [],
});

/** More came from the writer on a day. */
const came = (c: Case, day: string): void => { c.back.push({ leaf: hashOf(9000 + c.back.length), day }); };
const cameSince = (c: Case, day: string): boolean => c.back.some((one) => one.day >= day);

/** What goes out beside form and words: themes with none, and with words what must not happen. */
const beside = (form: Form, { must_not }: Wishes): { themes?: string[]; must_not?: string[] } => {
  const along = must_not.filter((code) => code !== "do_not_contact_me" && code !== "do_not_tell_my_worker");
  return form === "theme" ? { themes: FOUND.yes } : along.length === 0 ? {} : { must_not: along };
};
const hidden = (form: Form, { hide }: Wishes): string[] => (form === "theme" ? [] : hide.filter((h) => h !== "quotes"));
const checkFor = (form: Form, wishes: Wishes, guess = false, words = form === "theme" ? "" : WORDS): Check =>
  ({ form, words, ...beside(form, wishes), guess, changed: "", ...(hidden(form, wishes).length === 0 ? {} : { hide: hidden(form, wishes) }) });
const noteOf = ({ form, words, ...rest }: Check): Note => {
  const along: Partial<Check> = { ...rest };
  delete along.guess;
  delete along.changed;
  delete along.hide;
  return { text: "shown", asked: true, form, ...(words === "" ? {} : { words }), ...along };
};

/** Decided on the first of these days, by the member who checked. */
function decided(form: Form = "paraphrase", wishes = ALL, day = "2026-11-22"): Case {
  const c = empty();
  c.claims.push({ by: ANNA, role: "coder" }, { by: BELA, role: "coder" }, { by: CLEO, role: "checker" });
  c.coded.push(ANNA, BELA);
  c.codings.push(dated(ANNA, FOUND), dated(BELA, FOUND));
  c.consensuses.push(...[ANNA, BELA].map((by) => dated(by, proposal(c.codings))));
  const looked = dated(CLEO, checkFor(form, wishes));
  c.checks.push(looked);
  c.sharings.push(dated<Sharing>(CLEO, { decision: "share", form, words: looked.body.words, wishes, consensus: c.consensuses.map(({ hash }) => hash), check: looked.hash, of: "" }, day));
  return c;
}

const LADDER: Record<string, Form[]> = {
  panel_only: [],
  count_me: ["count"],
  panel_summary_to_clinic: ["count", "theme", "paraphrase"],
  my_words_to_clinic: ["count", "theme", "paraphrase", "quote"],
  my_words_public: ["count", "theme", "paraphrase", "quote", "public"],
};
const KNOWN = ["now", "quotes", "the_place", "the_date", "the_role", "do_not_call_police", "do_not_change_my_care", "do_not_contact_me", "do_not_put_in_my_notes", "do_not_tell_my_worker"];

/** What of a writer's wishes a form breaks, told anew and not by the page's own rules. */
function brokenWishes({ share_level, ask_me_first, hold, hide, must_not }: Wishes, form: Form): string[] {
  return [
    ...(LADDER[share_level]?.includes(form) === true ? [] : ["above the ladder"]),
    ...(ask_me_first ? ["to be shown first"] : []),
    ...(hold === "now" ? [] : ["to wait"]),
    ...(hide.includes("quotes") && ["quote", "public"].includes(form) ? ["their own words"] : []),
    ...(must_not.includes("do_not_tell_my_worker") && !["count", "theme"].includes(form) ? ["their worker reads"] : []),
    ...([hold, ...hide, ...must_not].every((code) => KNOWN.includes(code)) ? [] : ["an unknown code"]),
  ];
}

/** Coders whose newest agreements are the same. */
function alike(c: Case): string[] {
  const last = new Map(c.consensuses.filter(({ by }) => c.codings.some((f) => f.by === by)).map(({ by, body }) => [by, JSON.stringify(body)]));
  return [...last].filter(([by, body]) => [...last].some(([other, same]) => other !== by && same === body)).map(([by]) => by);
}

const days = (from: string, to: string): number => (Date.parse(to) - Date.parse(from)) / 86_400_000;

/** What a finding breaks that the page signs. Nothing of it is worked out by the page's own rules. */
function broken(
  c: Case, { wishes, first, allRead }: Leave, today: string, f: { form: Form; words: string; must_not: string[]; sharing: string },
): string[] {
  const decision = c.sharings.find(({ hash }) => Buffer.from(hash, "base64url").equals(Buffer.from(f.sharing, "base64")));
  if (decision?.body.decision !== "share") return ["no decision to share"];
  const stops = c.sharings.filter(({ body }) => body.decision === "object");
  const keeps = c.sharings.filter(({ body, hash, day }) => body.decision === "keep" && day >= decision.day && !stops.some((o) => o.body.of === hash));
  const checks = new Map(c.checks.filter(({ by }) => !c.codings.some((k) => k.by === by) && !c.recused.includes(by)).map((k) => [k.by, k]));
  const newest = [...checks.values()].reduce((day, k) => (k.day > day ? k.day : day), "");
  const stepped = (by: string | undefined): boolean => c.recused.includes(by ?? "");
  const signers = alike(c);
  const asked = c.notes.filter(({ body }) => body.asked === true);
  const said = asked.filter(({ body, day }) => body.form === f.form && (body.words ?? "") === f.words && cameSince(c, day));
  return [
    ...brokenWishes(wishes, f.form),
    ...(c.card.of === "submission" ? [] : ["came later, and is no message of its own"]),
    ...(f.must_not.join() === (beside(f.form, wishes).must_not ?? []).join() ? [] : ["other than must not happen"]),
    ...(hidden(f.form, wishes).every((h) => decision.body.wishes.hide.includes(h)) ? [] : ["hidden since the decision"]),
    ...(c.checks.some(({ body }) => hidden(f.form, wishes).every((h) => body.hide?.includes(h) === true)) ? [] : ["hidden since the check"]),
    ...(f.form === "paraphrase" && f.words === REPEATING && brokenWishes(wishes, "quote").length > 0 ? ["their own words, called the panel's"] : []),
    ...(allRead ? [] : ["not all is read"]),
    ...(signers.length >= 2 ? [] : ["no two coders agree"]),
    ...(signers.some(stepped) && !signers.some((by) => c.free.includes(by)) ? ["nobody who agrees is left"] : []),
    ...(stepped(decision.by) || stepped(c.checks.find(({ hash }) => hash === decision.body.check)?.by) ? ["checked or decided by who stepped back"] : []),
    ...(decision.body.form === f.form && decision.body.words === f.words ? [] : ["other words than decided"]),
    ...(c.checks.some((k) => k.hash === decision.body.check && !k.body.guess && k.body.form === f.form && k.body.words === f.words && !c.codings.some(({ by }) => by === k.by)) ? [] : ["not checked by another"]),
    ...([...checks.values()].some(({ hash }) => hash === decision.body.check) ? [] : ["a check that its checker replaced"]),
    ...([...checks.values()].some((k) => k.day === newest && k.body.guess) ? ["somebody could guess"] : []),
    ...(c.takenBack?.includes(decision.hash) === true ? ["taken back before"] : []),
    ...(keeps.length > 0 ? ["kept"] : []),
    ...(stops.some((o) => o.day >= decision.day || o.body.of === decision.hash) ? ["objected"] : []),
    ...(days(decision.day, today) >= 3 ? [] : ["no two whole days"]),
    ...((first || asked.length > 0) && said.length === 0 ? ["not shown"] : []),
    ...(asked.length > 0 && !said.some(({ hash }) => hash === decision.body.shown) ? ["names no note"] : []),
  ];
}

/** Whether the page signs the codes of a message, and then as it must. */
function counts(c: Case, leave: Leave, me: string, today: string, where: string): boolean {
  const counted = facts(c, leave, me, today);
  if (counted === null) return false;
  const found = [c.card.of, brokenWishes(leave.wishes, "count"), leave.allRead, alike(c).includes(me), counted.facts.themes];
  assert.deepEqual(found, ["submission", [], true, true, FOUND.yes], where);
  return true;
}

/** In which form the page signs a finding, and then as it must; null where it signs none. */
function gate(c: Case, leave: Leave, me: string, today: string, where: string): Form | null {
  const f = finding(c, leave, me, today);
  if ("why" in f) return null;
  assert.deepEqual(broken(c, leave, today, f), [], where);
  return f.form;
}

/** A generator with the same numbers every time. */
function dice(seed: number): (n: number) => number {
  let x = seed;
  return (n) => { x = (x * 48271) % 2147483647; return x % n; };
}

/** A writer's wishes: most often some that let something out. */
function anyLeave(roll: (n: number) => number): Leave {
  const level = ["my_words_public", "my_words_to_clinic", "panel_summary_to_clinic", "count_me", "panel_only", "everything"][roll(2) === 0 ? 0 : roll(6)] ?? "";
  const one = (odds: number, code: string, other: string): string[] => (roll(odds) > 0 ? [] : roll(4) === 0 ? ["a_new_code"] : roll(2) === 0 ? [code] : [other]);
  const ask = roll(8) === 0;
  return {
    wishes: { share_level: level, ask_me_first: ask, hold: roll(10) === 0 ? (roll(2) === 0 ? "wait_until_i_say" : "a_new_code") : "now", hide: one(6, "quotes", "the_role"), must_not: one(6, "do_not_tell_my_worker", "do_not_call_police") },
    first: ask || roll(4) === 0, allRead: roll(10) > 0, own: OWN,
  };
}

const FORMS_OUT = ["theme", "paraphrase", "quote", "public"] as const;

function anyCase(roll: (n: number) => number, wishes: Wishes): Case {
  const form = FORMS_OUT[roll(4)] ?? "theme";
  const c = decided(form, wishes);
  const [looked, decision] = [c.checks.pop() ?? assert.fail(), c.sharings.pop() ?? assert.fail()];
  if (roll(8) === 0) c.consensuses.pop();
  if (roll(8) === 0) c.codings[1] = dated(BELA, { ...FOUND, seriousness: 0 });
  if (roll(6) === 0) looked.by = [ANNA, DARA][roll(2)] ?? ANNA;
  if (roll(6) === 0) looked.body.guess = true;
  if (roll(8) === 0) delete looked.body.hide;
  if (roll(12) === 0) c.card = { ...CARD, of: "followup" };
  if (form === "paraphrase" && roll(4) === 0) [looked.body.words, decision.body.words] = [REPEATING, REPEATING];
  if (roll(8) > 0) c.checks.push(looked);
  if (roll(8) === 0) c.checks.push(dated(DARA, checkFor(form, wishes, roll(2) === 0, "Other words."), "2026-11-22"));
  for (let n = roll(5); n < 2; n++) {
    const words = roll(3) === 0 ? "Other words." : looked.body.words;
    c.notes.push(dated(roll(2) === 0 ? CLEO : ANNA, roll(4) === 0 ? { text: "asked", asked: true } : noteOf({ ...looked.body, words }), `2026-11-${String(19 + roll(4))}`));
    if (roll(4) > 0) came(c, `2026-11-${String(19 + roll(5))}`);
  }
  for (let n = roll(2); n >= 0; n--) {
    const shown = c.notes.length > 0 && roll(4) > 0 ? c.notes[roll(c.notes.length)]?.hash : undefined;
    const body: Sharing = { ...decision.body, ...(roll(6) === 0 ? { decision: "keep", form: "", consensus: [], check: "" } : {}), ...(shown === undefined ? {} : { shown }) };
    if (roll(8) === 0) body.words = "Other words.";
    if (roll(10) === 0) body.consensus = [hashOf(-1), hashOf(-2)];
    c.sharings.push(dated(CLEO, body, `2026-11-${String(20 + roll(5))}`));
  }
  if (roll(5) === 0) stepBack(c, [ANNA, BELA, CLEO, DARA][roll(4)] ?? ANNA);
  if (roll(8) === 0) (roll(2) === 0 ? leaves : stepBack)(c, [ANNA, BELA][roll(2)] ?? ANNA);
  if (roll(6) === 0) c.sharings.push(dated(DARA, { ...decision.body, decision: "object", form: "", check: "", consensus: [], of: c.sharings[0]?.hash ?? "" }, `2026-11-${String(19 + roll(5))}`));
  return c;
}

test("whatever lies on the table, the page signs nothing without two who agree, another's check, two days without an objection and the writer's leave", () => {
  const out = new Map<Form, number>();
  let counted = 0;
  for (let seed = 1; seed <= 8000; seed++) {
    const roll = dice(seed * 7 + 1);
    const leave = anyLeave(roll);
    const c = anyCase(roll, leave.wishes);
    const now = roll(4) === 0 ? anyLeave(roll) : leave;
    const form = gate(c, now, CLEO, TODAY, `seed ${String(seed)}`);
    if (form !== null) out.set(form, (out.get(form) ?? 0) + 1);
    if (seed % 8 === 0 && counts(c, now, ANNA, TODAY, `seed ${String(seed)}`)) counted++;
  }
  for (const form of FORMS_OUT) assert.ok((out.get(form) ?? 0) > 20, `${form} went out ${String(out.get(form) ?? 0)} times: this test says little`);
  assert.ok(counted > 100, `${String(counted)} were counted`);
});

/** The decision of a case, to be changed. */
const first = <B>(all: readonly Dated<B>[]): Dated<B> => all[0] ?? assert.fail("there is none");

/** A member leaves the panel. */
function leaves(c: Case, me: string): void {
  c.free = c.free.filter((id) => id !== me);
  c.claims = c.claims.filter(({ by }) => by !== me);
}

function stepBack(c: Case, me: string): void {
  leaves(c, me);
  c.recused.push(me);
}

/** Each changes one thing about a case whose finding goes out, and names the reasons that the page gives then. */
const CLAUSES: Record<string, [change: (c: Case, leave: Leave) => void, why: Withheld[], form?: Form]> = {
  "no decision": [(c) => { c.sharings = []; }, ["not-agreed"]],
  "a decision to keep": [(c) => { c.sharings.push(dated(ANNA, { ...first(c.sharings).body, decision: "keep", form: "", check: "", consensus: [] }, TODAY)); }, ["not-agreed"]],
  "one coder who took the agreement back": [(c) => { c.consensuses.push(dated(ANNA, { ...proposal(c.codings), seriousness: 1 })); }, ["not-agreed"]],
  "no agreement, and nothing allowed": [(c, l) => { c.consensuses.pop(); l.wishes.share_level = "panel_only"; }, ["not-agreed"]],
  "a share without a form": [(c) => { first(c.sharings).body.form = ""; }, ["not-agreed"]],
  "less allowed by now": [(_, l) => { l.wishes.share_level = "panel_summary_to_clinic"; }, ["not-allowed"], "quote"],
  "nothing allowed by now": [(_, l) => { l.wishes.share_level = "panel_only"; }, ["not-allowed"], "theme"],
  "words for the clinic, and not for all": [(_, l) => { l.wishes.share_level = "my_words_to_clinic"; }, ["not-allowed"], "public"],
  "to be seen first by now": [(_, l) => { l.wishes.ask_me_first = true; }, ["ask-first"]],
  "to wait": [(_, l) => { l.wishes.hold = "wait_until_i_say"; }, ["on-hold"]],
  "more to be left out by now": [(_, l) => { l.wishes.hide = ["the_date"]; }, ["not-checked"]],
  "more to be left out by now than a decision says, and as the check did": [(c, l) => {
    l.wishes.hide = ["the_date"];
    first(c.checks).body.hide = ["the_date"];
  }, ["not-checked"]],
  "more to be left out than was looked for, and decided all the same": [(c, l) => {
    l.wishes.hide = ["the_date"];
    first(c.sharings).body.wishes = { ...ALL, hide: ["the_date"] };
  }, ["not-checked"]],
  "what must not happen, said since": [(_, l) => { l.wishes.must_not = ["do_not_call_police"]; }, ["not-checked"]],
  "what came later, and is no message of its own": [(c) => { c.card = { ...CARD, of: "followup" }; }, ["not-agreed"]],
  "their own words in a paraphrase, which they do not allow by now": [(c, l) => {
    l.wishes.share_level = "panel_summary_to_clinic";
    [first(c.checks).body.words, first(c.sharings).body.words] = [REPEATING, REPEATING];
  }, ["no-quotes"]],
  "no quotes": [(_, l) => { l.wishes.hide = ["quotes"]; }, ["no-quotes"], "quote"],
  "not for their worker": [(_, l) => { l.wishes.must_not = ["do_not_tell_my_worker"]; }, ["worker-reads"]],
  "a wish of another program": [(_, l) => { l.wishes.hide = ["a_new_code"]; }, ["not-known"]],
  "something unread": [(_, l) => { l.allRead = false; }, ["not-read"]],
  "a writer who wished, ever, to see it first": [(_, l) => { l.first = true; }, ["not-shown"]],
  "a writer who was asked by a note": [(c) => { c.notes.push(dated(ANNA, { text: "asked", asked: true })); }, ["not-shown"]],
  "a writer who was shown other words": [(c, l) => { l.first = true; c.notes.push(dated(ANNA, noteOf(checkFor("paraphrase", ALL, false, "Other words.")))); came(c, "2026-11-22"); }, ["not-shown"]],
  "a writer who was shown them in another form": [(c, l) => { l.first = true; c.notes.push(dated(ANNA, noteOf(checkFor("quote", ALL)))); came(c, "2026-11-22"); first(c.sharings).body.shown = first(c.notes).hash; }, ["not-shown"]],
  "a writer who was shown something else since": [(c, l) => {
    l.first = true;
    c.notes.push(dated(ANNA, noteOf(first(c.checks).body)), dated(ANNA, noteOf(checkFor("paraphrase", ALL, false, "Other words.")), "2026-11-22"));
    came(c, "2026-11-22");
    first(c.sharings).body.shown = first(c.notes).hash;
  }, ["not-shown"]],
  "a writer who has not come back": [(c, l) => { l.first = true; c.notes.push(dated(ANNA, noteOf(first(c.checks).body))); first(c.sharings).body.shown = first(c.notes).hash; }, ["not-shown"]],
  "a decision on words they were not shown, where others were since": [(c, l) => {
    const other = checkFor("paraphrase", ALL, false, "Other words.");
    l.first = true;
    c.notes.push(dated(ANNA, noteOf(other)));
    came(c, "2026-11-22");
    c.checks.push(dated(CLEO, other, "2026-11-23"));
  }, ["not-shown"]],
  "a newer check of words they were not shown": [(c, l) => {
    l.first = true;
    c.notes.push(dated(ANNA, noteOf(first(c.checks).body)));
    came(c, "2026-11-22");
    first(c.sharings).body.shown = first(c.notes).hash;
    c.checks.push(dated(CLEO, checkFor("paraphrase", ALL, false, "Other words."), "2026-11-23"));
  }, ["not-shown"]],
  "a writer who wished to see it first, where nobody has checked it": [(c, l) => { l.first = true; c.checks = []; }, ["not-shown"]],
  "a decision that names no note": [(c, l) => { l.first = true; c.notes.push(dated(ANNA, noteOf(first(c.checks).body))); came(c, "2026-11-22"); }, ["not-checked"]],
  "a newer check that says somebody could guess": [(c) => { c.checks.push(dated(CLEO, { ...first(c.checks).body, guess: true }, "2026-11-23")); }, ["could-guess"]],
  "a check by a coder": [(c) => { first(c.checks).by = ANNA; }, ["not-checked"]],
  "a check by a coder, and one whole day": [(c) => { first(c.checks).by = ANNA; first(c.sharings).day = "2026-11-23"; }, ["not-checked", "still-time"]],
  "a decision on a coder's check, where another's stands": [(c) => { first(c.checks).by = ANNA; c.checks.push(dated(DARA, checkFor("paraphrase", ALL))); }, ["not-checked"]],
  "a decision on a check that says somebody could guess, where a newer one does not": [(c) => { first(c.checks).body.guess = true; c.checks.push(dated(DARA, checkFor("paraphrase", ALL), "2026-11-23")); }, ["not-checked"]],
  "a decision on a check that its checker replaced": [(c) => { c.checks.push(dated(CLEO, checkFor("paraphrase", ALL, false, "Other words."), "2026-11-21")); }, ["not-checked"]],
  "a decision on a check that its checker replaced by the same words": [(c) => { c.checks.push(dated(CLEO, checkFor("paraphrase", ALL), "2026-11-24")); }, ["not-checked"]],
  "a decision in another form than was checked": [(c) => { first(c.sharings).body.form = "quote"; }, ["not-checked"]],
  "a decision on words that nobody checked": [(c) => { first(c.sharings).body.words = "Other words."; }, ["not-checked"]],
  "a decision on another check": [(c) => { first(c.sharings).body.check = hashOf(-3); }, ["not-checked"]],
  "a decision on another agreement": [(c) => { first(c.sharings).body.consensus = [hashOf(-1), hashOf(-2)]; }, ["not-checked"]],
  "an objection": [(c) => { c.sharings.push(dated(DARA, { ...first(c.sharings).body, decision: "object", form: "", check: "", consensus: [], of: first(c.sharings).hash }, "2026-11-24")); }, ["objected"]],
  "an objection of the day itself to another": [(c) => { c.sharings.push(dated(DARA, { ...first(c.sharings).body, decision: "object", form: "", check: "", consensus: [], of: hashOf(-4) }, "2026-11-22")); }, ["objected"]],
  "a checker who stepped back": [(c) => { stepBack(c, CLEO); first(c.sharings).by = DARA; }, ["not-checked"]],
  "a decision by who stepped back": [(c) => { stepBack(c, DARA); first(c.sharings).by = DARA; }, ["not-agreed"]],
  "a newer decision by who stepped back": [(c) => { stepBack(c, DARA); c.sharings.push(dated(DARA, first(c.sharings).body, "2026-11-23")); }, ["not-agreed"]],
  "two coders who stepped back": [(c) => { stepBack(c, ANNA); stepBack(c, BELA); }, ["not-agreed"]],
  "one coder who stepped back, and one who left": [(c) => { stepBack(c, ANNA); leaves(c, BELA); }, ["not-agreed"]],
  "a decision whose finding was taken back": [(c) => { c.takenBack = [first(c.sharings).hash]; }, ["taken-back"]],
  "one whole day": [(c) => { first(c.sharings).day = "2026-11-23"; }, ["still-time"]],
};

test("each clause of the gate stops a finding by itself, and says why", () => {
  const leave = (): Leave => ({ wishes: structuredClone(ALL), first: false, allRead: true, own: OWN });
  for (const form of FORMS_OUT) assert.ok("signature" in finding(decided(form), leave(), CLEO), form);
  const shown = decided("public");
  shown.notes.push(dated(ANNA, noteOf(first(shown.checks).body)));
  came(shown, "2026-11-22");
  first(shown.sharings).body.shown = first(shown.notes).hash;
  assert.ok("signature" in finding(shown, { ...leave(), first: true }, CLEO), "they were shown it, and have come back");
  for (const leavesOnly of [[ANNA], [CLEO], [ANNA, BELA, CLEO]]) {
    const c = decided("quote");
    for (const by of leavesOnly) leaves(c, by);
    assert.ok("signature" in finding(c, leave(), DARA), "what somebody signed before they left the panel stays good");
  }
  const oneLeft = decided("quote");
  stepBack(oneLeft, ANNA);
  assert.ok("signature" in finding(oneLeft, leave(), CLEO), "the other coder stands for the agreement");
  for (const [name, [change, why, form]] of Object.entries(CLAUSES)) {
    const [c, l] = [decided(form), leave()];
    change(c, l);
    assert.deepEqual(finding(c, l, CLEO), { why }, name);
  }
});

test("what a writer hides stops no theme, and a paraphrase may have their own words where they allow them", () => {
  const leave: Leave = { wishes: structuredClone(ALL), first: false, allRead: true, own: OWN };
  assert.ok("signature" in finding(decided("theme"), { ...leave, wishes: { ...ALL, hide: ["the_date", "the_role"] } }, CLEO));
  const repeating = decided();
  [first(repeating.checks).body.words, first(repeating.sharings).body.words] = [REPEATING, REPEATING];
  assert.ok("signature" in finding(repeating, leave, CLEO));
  const seen = decided("quote", { ...ALL, hide: ["the_date"] });
  assert.ok("signature" in finding(seen, { ...leave, wishes: { ...ALL, hide: ["the_date"] } }, CLEO), "it was looked for");
});

test("each clause of the gate keeps the codes of a message back by itself", () => {
  const leave = (): Leave => ({ wishes: { ...MOST_PRIVATE, share_level: "count_me" }, first: false, allRead: true, own: OWN });
  assert.deepEqual(facts(decided(), leave(), ANNA)?.facts.themes, FOUND.yes);
  assert.ok(facts(decided(), { ...leave(), first: true }, BELA) !== null, "a count has no words that could be shown");
  assert.equal(facts(decided(), leave(), CLEO), null, "who has not agreed signs none");
  for (const wishes of [{ share_level: "panel_only" }, { ask_me_first: true }, { hold: "wait_until_i_say" }, { must_not: ["a_new_code"] }, { share_level: "everything" }]) {
    assert.equal(facts(decided(), { ...leave(), wishes: { ...leave().wishes, ...wishes } }, ANNA), null, JSON.stringify(wishes));
  }
  assert.equal(facts(decided(), { ...leave(), allRead: false }, ANNA), null, "something unread may forbid it");
  const later = { ...decided(), card: { ...CARD, of: "followup" as const } };
  assert.equal(facts(later, leave(), ANNA), null, "what came later is counted with what came first");
  const one = decided();
  one.consensuses.pop();
  assert.equal(facts(one, leave(), ANNA), null, "one who agrees is nobody's agreement");
  assert.ok(allowed(one, leave(), TODAY).every(({ why }) => why.includes("not-agreed")));
});

/** Whether the server lets somebody take a part: internal/review/board.go. */
function serverLets(c: Case, me: string, role: string): boolean {
  const mine = c.claims.find(({ by }) => by === me)?.role;
  if (mine !== undefined && mine !== role) return false;
  if (role === "coder") return openSeats(c) > 0 && !c.coded.includes(me);
  if (c.coded.includes(me) || c.coded.length < 2) return false;
  if (role === "checker") return !c.claims.some((claim) => claim.role === "checker");
  return !c.claims.some((claim) => claim.role === "third" && !c.coded.includes(claim.by)) && (c.coded.length === 2 || c.coded.filter((id) => c.free.includes(id)).length < 2);
}

/** One member does what the page offers them, some day. */
function step(c: Case, leave: Leave, me: string, roll: (n: number) => number, today: string): void {
  const seen = blind(c, me, today);
  const task = taskOf(seen, me, today);
  const { wishes } = leave;
  const take = (role: "coder" | "third" | "checker"): void => {
    assert.ok(serverLets(c, me, role), `the page offers ${role} at ${stageOf(c, today)}, and the server refuses`);
    c.claims = [...c.claims.filter(({ by }) => by !== me), { by: me, role }];
  };
  const share = (decision: "share" | "keep" | "object", more: Partial<Sharing>): void => {
    c.sharings.push(dated<Sharing>(me, { decision, form: "", words: "Why.", wishes, consensus: [], check: "", of: "", ...more }, today));
  };
  const agreement = agreementOf(c);
  const looked = checkOf(c);
  const looks = (words = WORDS): void => {
    const form = FORMS_OUT[roll(4)] ?? "theme";
    c.checks.push(dated(me, checkFor(form, wishes, roll(3) === 0, form === "theme" ? "" : words), today));
  };
  const told = [...c.notes].reverse().find(({ body, day }) => body.form !== undefined && body.form === looked?.body.form && (body.words ?? "") === looked.body.words && cameSince(c, day));
  switch (task) {
    case "declare": take(stageOf(seen, today) === "coding" ? "coder" : "checker"); break;
    case "third": take("third"); break;
    case "code":
      assert.ok(c.claims.some(({ by, role }) => by === me && role !== "checker"));
      c.coded.push(me);
      c.codings.push(dated(me, { ...FOUND, seriousness: roll(4) }, today));
      break;
    case "agree": {
      const others = c.consensuses.filter(({ by, body }) => by !== me && body.codings.join() === proposal(c.codings).codings.join());
      c.consensuses.push(dated(me, others[others.length - 1]?.body ?? proposal(c.codings), today));
      break;
    }
    case "check":
      assert.ok(c.claims.some(({ by, role }) => by === me && role === "checker"));
      if (roll(4) === 0 && mayKeep(c, me, today)) share("keep", {});
      else looks();
      break;
    case "decide":
    case "wait":
      if (leave.first && looked !== null && told === undefined && roll(2) === 0) c.notes.push(dated(me, noteOf(looked.body), today));
      else if (looked !== null && !looked.body.guess && agreement !== null && !objectedOn(c, today) && roll(4) > 0) {
        const { form, words } = looked.body;
        share("share", { form, words, consensus: agreement.hashes, check: looked.hash, ...(told === undefined ? {} : { shown: told.hash }) });
      } else if (roll(3) === 0 && mayCheckAgain(c, me, today)) looks("Other words.");
      else if (roll(3) === 0 && mayKeep(c, me, today)) share("keep", {});
      break;
    case "object":
      if (roll(8) === 0 && c.claims.some(({ by, role }) => by === me && role === "checker")) looks("Other words."); // from a window of before
      else if (roll(8) === 0) share("object", { of: standing(c)?.hash ?? "" });
      break;
    case "release": if (gate(c, leave, me, today, "a release") !== null) c.given = [standing(c)?.hash ?? ""]; break;
    case "again": if (roll(2) === 0) share("object", { of: standing(c)?.hash ?? "" }); break;
    case "look":
    case "nothing": break;
  }
}

/** The writer changes their mind, or answers what they were shown. */
function changesMind(c: Case, leave: Leave, roll: (n: number) => number, today: string): void {
  const now = anyLeave(roll);
  const yes = c.notes.length > 0 && roll(2) === 0; // whoever was shown something says, more often than not, yes to it
  leave.wishes = yes ? structuredClone(ALL) : now.wishes;
  leave.first ||= leave.wishes.ask_me_first;
  came(c, today);
}

/** Stages at which nobody need do anything, or the stage says what would help. */
const SAYS: readonly Stage[] = ["kept", "released", "too-few", "no-third"];

test("wherever the work comes to, somebody who is left has something to do or the stage says what would help, and nothing goes out against the rules", () => {
  const reached = new Map<Stage, number>();
  const out = new Map<Form, number>();
  for (let seed = 1; seed <= 1500; seed++) {
    const roll = dice(seed * 31 + 5);
    const c = empty();
    const leave: Leave = roll(3) === 0 ? anyLeave(roll) : { wishes: structuredClone(ALL), first: roll(4) === 0, allRead: true, own: OWN };
    c.free = [ANNA, BELA, CLEO, DARA].slice(0, 2 + roll(3));
    let day = 20;
    for (let n = 0; n < 40 && c.free.length > 0; n++) {
      const today = `2026-11-${String(day)}`;
      const me = c.free[roll(c.free.length)] ?? ANNA;
      const chance = roll(100);
      if (chance < 3) (roll(2) === 0 ? leaves : stepBack)(c, me);
      else if (chance < 6 && !c.coded.includes(me)) c.claims = c.claims.filter(({ by }) => by !== me);
      else if (chance < 18 || (chance < 50 && stageOf(c, today) === "objecting")) day++;
      else if (chance > 90 && stageOf(c, today) === "released") [c.takenBack, c.given] = [[...(c.takenBack ?? []), ...c.given], []];
      else if (chance < 53 && chance >= 50) changesMind(c, leave, roll, today);
      else step(c, leave, me, roll, today);
      lookAt(c, leave, `2026-11-${String(day)}`, `seed ${String(seed)}`, reached, out, n);
    }
  }
  for (const stage of ["coding", "too-few", "differs", "compared", "one-left", "no-third", "no-checker", "agreed", "checked", "objecting", "objected", "ready", "taken-back", "kept", "released"] as const) {
    assert.ok((reached.get(stage) ?? 0) > 10, `${stage} was reached ${String(reached.get(stage) ?? 0)} times: this test says little`);
  }
  for (const form of FORMS_OUT) assert.ok((out.get(form) ?? 0) > 10, `${form} went out ${String(out.get(form) ?? 0)} times: this test says little`);
});

/** After every step: somebody can go on, and the page lets out to nobody what must not go. */
function lookAt(c: Case, leave: Leave, today: string, where: string, reached: Map<Stage, number>, out: Map<Form, number>, n: number): void {
  const stage = stageOf(c, today);
  reached.set(stage, (reached.get(stage) ?? 0) + 1);
  const tasks = c.free.map((id) => taskOf(blind(c, id, today), id, today));
  assert.ok(c.free.length === 0 || SAYS.includes(stage) || tasks.some((t) => t !== "nothing" && t !== "wait"), `${where}: nobody can go on at ${stage}: ${tasks.join()}`);
  if (stage === "no-checker" && c.free.length > 0) assert.ok(c.free.some((id) => mayKeep(c, id, today)));
  const me = c.free[n % c.free.length];
  if (me === undefined) return;
  const form = gate(c, leave, me, today, `${where}, at ${stage}`);
  if (form !== null) out.set(form, (out.get(form) ?? 0) + 1);
  if (n % 16 === 0) counts(c, leave, me, today, `${where}, at ${stage}`);
}

/** What one writer sent, as the messages of a worker: the wishes of each as the test means them. */
interface Sent {
  kind: "submission" | "followup" | "consent";
  level: string | null;
  must: string[];
  hide: string[];
  first: boolean;
}

/** Random messages of one writer: a first one, and what came later, of which some says more of what must not happen. */
function anySent(roll: (n: number) => number): Sent[] {
  const level = (): string => Object.keys(LADDER)[roll(5)] ?? "";
  const some = (...codes: string[]): string[] => codes.filter(() => roll(3) === 0);
  const more = Array.from({ length: roll(4) }, (): Sent => (roll(2) === 0
    ? { kind: "consent", level: level(), must: [], hide: some("the_date", "the_role"), first: roll(6) === 0 }
    : { kind: "followup", level: null, must: some("do_not_call_police", "do_not_put_in_my_notes"), hide: [], first: false }));
  const must = some("do_not_tell_my_worker", "do_not_call_police");
  return [{ kind: "submission", level: level(), must, hide: some("quotes", "the_place"), first: roll(4) === 0 }, ...more];
}

function heldOf(sent: readonly Sent[], here: ReadonlySet<number>): { opened: OpenMessages; leaf: (n: number) => string } {
  const opened = new OpenMessages();
  const leaf = (n: number): string => hashOf(7000 + n);
  for (const [n, { kind, level, must, hide, first: asks }] of sent.entries()) {
    if (!here.has(n)) continue;
    const said = { share_level: level === null ? [] : [level], must_not: must, hide, ask_me_first: asks ? ["x"] : [], hold_until: ["now"] };
    const answers = Object.entries(said).flatMap(([q, codes]) => (codes.length === 0 ? [] : [{ q, a: codes.join("\n") }]));
    const consent = { share_level: level, ask_me_first: asks, hold: "now", hide };
    const day = `2026-11-${String(20 + n)}`; // of a day each, so the newest counts
    const sealed = { kind, sealedBy: "client", mailbox: leaf(99), thread: null, actions: null, epoch: "2026-11-aaaa", day };
    opened.put(leaf(n), { ...sealed, ...(kind === "consent" ? { consent } : { answers }) } as unknown as Held);
  }
  return { opened, leaf };
}

test("whatever of a writer's messages is here, each has the wishes of the first, and where that is gone nothing may go out", () => {
  let [orphans, forbidden, hiding] = [0, 0, 0];
  for (let seed = 1; seed <= 1500; seed++) {
    const roll = dice(seed * 13 + 3);
    const sent = anySent(roll);
    const here = new Set(sent.map((_, n) => n).filter((n) => n > 0 ? roll(8) > 0 : roll(3) > 0));
    const { opened, leaf } = heldOf(sent, here);
    const some = sent.filter((_, n) => here.has(n));
    for (const n of here) {
      const where = `seed ${String(seed)}, message ${String(n)}`;
      const wishes = opened.wishes(leaf(n));
      if (!here.has(0)) {
        orphans++;
        assert.ok(opened.isOrphan(leaf(n)), where);
        assert.ok(wishes === null || brokenWishes(wishes, "count").includes("above the ladder"), where);
        continue;
      }
      const newest = some.filter(({ kind }) => kind === "consent").at(-1) ?? some[0] ?? assert.fail();
      assert.ok(wishes !== null, where);
      assert.deepEqual(wishes.must_not, [...new Set(some.flatMap(({ must }) => must))].sort(), where);
      assert.deepEqual([wishes.share_level, wishes.hide], [newest.level, [...newest.hide].sort()], where);
      assert.equal(opened.asksFirst(leaf(n)), some.some(({ first: asks }) => asks), where);
      // Decided on as its first message alone was: what came since stops it.
      const before = heldOf(sent, new Set([0])).opened.wishes(leaf(0)) ?? assert.fail();
      const c = decided("quote", { ...before, share_level: "my_words_to_clinic" });
      c.card = { ...CARD, of: sent[n]?.kind ?? "submission" };
      const now: Leave = { wishes, first: opened.asksFirst(leaf(n)), allRead: true, own: OWN };
      const form = gate(c, now, CLEO, TODAY, where);
      assert.ok(n === 0 || form === null, where);
      if (form === null && wishes.must_not.includes("do_not_tell_my_worker")) forbidden++;
      if (form === null && hidden("quote", now.wishes).length > hidden("quote", before).length) hiding++;
    }
  }
  const seen = { orphans, forbidden, hiding };
  for (const [what, n] of Object.entries(seen)) assert.ok(n > 100, `${what}: ${String(n)}: this test says little`);
});
