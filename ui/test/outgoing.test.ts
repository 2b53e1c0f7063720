/** What goes out of a message: the same from what its writer is shown to what its members sign, and nothing besides. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { ed25519 } from "@noble/curves/ed25519.js";
import type { Card, Check, Found, Note, Sharing } from "../src/coding.js";
import { proposal } from "../src/compare.js";
import { toBase64, toBase64url, utf8 } from "../src/encoding.js";
import { allowed, checkOf, outgoingOf, stageOf, type Case, type Dated, type Leave } from "../src/panel/casework.js";
import type { At } from "../src/panel/epochwork.js";
import { datedLines, findingLines, findingOf } from "../src/panel/outgoing.js";
import { MOST_PRIVATE, type Form, type Outgoing, type Wishes } from "../src/sharing.js";

const [ANNA, BELA, CLEO] = ["raaaaaaaa", "rbbbbbbbb", "rcccccccc"] as const;
const CARD: Card = { of: "submission", thread: "", service: "", roles: [], when: "", chips: [], urgent: false, taxonomy: "0.2.0" };
const FOUND: Found = { taxonomy: "0.2.0", yes: ["force"], no: [], items: [], good: [], seriousness: 2, involved: [], repair: [] };
const WISHES: Wishes = { ...MOST_PRIVATE, share_level: "my_words_public", must_not: ["do_not_call_police", "do_not_contact_me"] };
const AT = { clinic: "a clinic", slug: "riverside", epoch: "e", origin: "o", today: "2026-11-25" } satisfies At;
const secret = new Uint8Array(32).fill(7);
const KEY = { secret, public: ed25519.getPublicKey(secret), reviewer: CLEO };
const LEAF = toBase64url(new Uint8Array(32).fill(1));

let files = 0;
const dated = <B>(by: string, body: B, day = "2026-11-21"): Dated<B> => ({ by, hash: toBase64url(new Uint8Array(32).fill(++files)), body, day });

/** A message that both coders agree on, one of whom found another theme too. */
function agreed(): Case {
  const codings = [dated(ANNA, FOUND), dated(BELA, { ...FOUND, yes: ["force", "voice"] })];
  const c: Case = {
    leaf: LEAF, epoch: "e", day: "2026-11-20", card: CARD, claims: [{ by: CLEO, role: "checker" }], codings, coded: [ANNA, BELA], consensuses: [], checks: [], sharings: [], notes: [],
    back: [], checkIn: "", free: [ANNA, BELA, CLEO], recused: [], given: [],
  };
  agree(c, ["force"]);
  return c;
}

const agree = (c: Case, yes: string[]): void => { c.consensuses = [ANNA, BELA].map((by) => dated(by, { ...proposal(c.codings), yes })); };

function decided(form: Form, words: string, wishes = WISHES, change: (c: Case) => void = () => undefined): Case {
  const c = agreed();
  const looked = dated<Check>(CLEO, { ...outgoingOf(c, form, words, wishes), guess: false, changed: "" });
  c.checks.push(looked);
  c.sharings.push(dated<Sharing>(CLEO, { decision: "share", form, words, wishes, consensus: c.consensuses.map(({ hash }) => hash), check: looked.hash, of: "" }));
  change(c);
  return c;
}

const leave = (wishes = WISHES, more: Partial<Leave> = {}): Leave => ({ wishes, first: false, allRead: true, own: [], ...more });

test("with words goes what must not happen, and with themes nothing; words go without themes", () => {
  const out = (form: Form, words: string): unknown => {
    const f = findingOf(AT, decided(form, words), leave(), KEY);
    return "why" in f ? f.why : { form: f.form, words: f.words, themes: f.themes, must_not: f.must_not };
  };
  assert.deepEqual(out("theme", ""), { form: "theme", words: "", themes: ["force"], must_not: [] });
  for (const form of ["paraphrase", "quote", "public"] as const) assert.deepEqual(out(form, "held"), { form, words: "held", themes: [], must_not: ["do_not_call_police"] });
});

test("what is signed are Go's lines", () => {
  const v = JSON.parse(readFileSync(path.join(import.meta.dirname, "../../../internal/review/testdata/sign.json"), "utf8")) as Record<string, string>;
  const [clinic, leaf, sharing] = [v["clinic"] ?? "", toBase64(new Uint8Array(32).fill(1)), toBase64(new Uint8Array(32).fill(250))];
  const text = (f: Partial<Required<Outgoing>>): string => findingLines(clinic, { form: "paraphrase", words: v["words"] ?? "", themes: [], must_not: [], ...f, leaf, sharing });
  assert.equal(text({}), v["finding"]);
  assert.equal(text({ form: "theme", words: "", themes: ["consent", "force"] }), v["finding_of_themes"]);
  assert.equal(text({ form: "public", must_not: ["do_not_call_police", "do_not_put_in_my_notes"] }), v["finding_and_what_goes_along"]);
  const onDay = (f: Partial<Required<Outgoing>>): string => datedLines(clinic, { form: "paraphrase", words: v["words"] ?? "", themes: [], must_not: [], ...f, leaf, sharing }, "2026-12-02");
  assert.equal(onDay({}), v["dated_finding"]);
  assert.equal(onDay({ form: "public", must_not: ["do_not_call_police", "do_not_put_in_my_notes"] }), v["dated_finding_and_what_goes_along"]);
  assert.ok(ed25519.verify(Buffer.from(v["dated_finding_signature"] ?? "", "base64"), utf8(`answerable/v1/dated-finding\n${onDay({})}`), KEY.public));
  assert.ok(ed25519.verify(Buffer.from(v["finding_signature"] ?? "", "base64"), utf8(`answerable/v1/finding\n${text({})}`), KEY.public));
});

test("themes that were not checked, or not shown to a writer who wished it, fall back", () => {
  const stage = (c: Case): string => stageOf(c, AT.today);
  const c = decided("theme", "");
  assert.equal(stage(c), "ready");
  agree(c, ["force", "voice"]);
  assert.deepEqual([checkOf(c), stage(c)], [null, "agreed"], "the checker answered for other themes");
  agree(c, ["force"]);
  const decision = c.sharings[0] ?? assert.fail();
  decision.body.consensus = c.consensuses.map(({ hash }) => hash);
  assert.equal(stage(c), "ready");
  const check = c.checks[0] ?? assert.fail();
  delete check.body.themes;
  assert.equal(stage(c), "agreed", "a check of before names no themes");
  check.body.themes = ["force"];
  const note: Note = { text: "shown", asked: true, form: "theme" };
  c.notes.push(dated(CLEO, note, "2026-11-20"));
  c.back.push({ leaf: "later", day: "2026-11-20" });
  const unseen = (): boolean => allowed(c, leave(WISHES, { first: true }), AT.today).some(({ why }) => why.includes("not-shown"));
  decision.body.shown = c.notes[0]?.hash ?? "";
  assert.deepEqual([unseen(), stage(c)], [true, "checked"], "they were shown no themes");
  note.themes = ["force"];
  assert.deepEqual([unseen(), stage(c)], [false, "ready"]);
});

test("where the writer says since what else must not happen, or a decision leaves some of it out, nothing goes out", () => {
  const more = leave({ ...WISHES, must_not: ["do_not_call_police", "do_not_contact_me", "do_not_put_in_my_notes"] });
  assert.deepEqual(findingOf(AT, decided("quote", "held"), more, KEY), { why: ["not-checked"] });
  assert.deepEqual(allowed(decided("quote", "held"), more, AT.today).find(({ form }) => form === "quote")?.why, ["not-checked"]);
  assert.ok("signature" in findingOf(AT, decided("theme", ""), more, KEY), "nothing of it goes along with themes");
  const less = decided("quote", "held", WISHES, (c) => { (c.sharings[0] ?? assert.fail()).body.wishes = { ...WISHES, must_not: [] }; });
  assert.equal(stageOf(less, AT.today), "checked");
  assert.deepEqual(findingOf(AT, less, leave(), KEY), { why: ["not-checked"] });
});

test("what is in the clear already, and what was taken back, is said so, and not that somebody has to look first", () => {
  const why = (change: (c: Case, decision: string) => void): unknown => {
    const c = decided("quote", "held");
    change(c, c.sharings[0]?.hash ?? "");
    const f = findingOf(AT, c, leave(), KEY);
    return [stageOf(c, AT.today), "why" in f ? f.why : "goes out"];
  };
  assert.deepEqual(why(() => undefined), ["ready", "goes out"]);
  assert.deepEqual(why((c, decision) => { c.given = [decision]; }), ["released", ["given-out"]]);
  assert.deepEqual(why((c, decision) => { c.takenBack = [decision]; }), ["taken-back", ["taken-back"]]);
});

test("nothing is signed that the writer does not allow now, was not shown, or of which not all is read", () => {
  const of = (l: Leave, form: Form = "quote"): unknown => { const f = findingOf(AT, decided(form, "held"), l, KEY); return "why" in f ? f.why : "goes out"; };
  assert.equal(of(leave()), "goes out");
  assert.deepEqual(of(leave({ ...WISHES, share_level: "panel_summary_to_clinic" })), ["not-allowed"]);
  assert.deepEqual(of(leave({ ...WISHES, ask_me_first: true }, { first: true })), ["not-shown"]);
  assert.deepEqual(of(leave({ ...WISHES, hide: ["quotes"] })), ["no-quotes"]);
  assert.deepEqual(of(leave({ ...WISHES, must_not: ["do_not_call_police", "do_not_tell_my_worker"] })), ["worker-reads"]);
  assert.deepEqual(of(leave(WISHES, { allRead: false })), ["not-read"]);
  assert.deepEqual(of({ ...leave(), first: true }), ["not-shown"]);
});
