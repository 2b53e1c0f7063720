/** A finding in the clear is believed only as far as the decision behind it goes. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Manifest } from "../src/chain.js";
import type { Card, Check, Found, Note, Sharing } from "../src/coding.js";
import { proposal } from "../src/compare.js";
import { toBase64, toBase64url } from "../src/encoding.js";
import { actionTag, parseAction } from "../src/action.js";
import { signingKey, type SigningKey } from "../src/identity.js";
import { outgoingOf, type Case, type Dated } from "../src/panel/casework.js";
import { holdFinding, signedOf, type Behind, type Holding, type ServedFinding } from "../src/panel/heldfindings.js";
import type { Desk } from "../src/panel/desk.js";
import { datedLines, findingLines } from "../src/panel/outgoing.js";
import { actedOf, PublicActs } from "../src/panel/publicacts.js";
import { MOST_PRIVATE, type Form, type Wishes } from "../src/sharing.js";
import { sign } from "../src/signin.js";

const CLINIC = "6f9a1c3e-0000-4000-8000-000000000001";
const KEYS = [1, 2, 3, 4].map((n) => signingKey(new Uint8Array(32).fill(n)));
const [ANNA, BELA, CLEO, DARA] = KEYS as [SigningKey, SigningKey, SigningKey, SigningKey];
const LISTS = [{ members: KEYS.map((k) => ({ id: k.reviewer, recipient: "", verifyKey: k.public })) } as unknown as Manifest];
const LEAF = new Uint8Array(32).fill(9);
const CARD: Card = { of: "submission", thread: "", service: "", roles: [], when: "", chips: [], urgent: false, taxonomy: "0.2.0" };
const FOUND: Found = { taxonomy: "0.2.0", yes: ["force"], no: [], items: [], good: [], seriousness: 2, involved: [], repair: [] };
const WISHES: Wishes = { ...MOST_PRIVATE, share_level: "my_words_to_clinic", must_not: ["do_not_call_police"] };

let files = 0;
const dated = <B>({ reviewer: by }: SigningKey, body: B, day = "2026-11-21"): Dated<B> => ({ by, hash: toBase64url(new Uint8Array(32).fill(++files)), body, day });

/** A message on which Anna and Bela agree, that Cleo checked and decided on in these words, and that is out. */
function given(form: Form = "quote", words = "They held me down.", wishes = WISHES): Case {
  const codings = [dated(ANNA, FOUND), dated(BELA, FOUND)];
  const c: Case = {
    leaf: toBase64url(LEAF), epoch: "e", day: "2026-11-20", card: CARD, claims: [{ by: CLEO.reviewer, role: "checker" }], codings, coded: [ANNA.reviewer, BELA.reviewer],
    consensuses: [dated(ANNA, proposal(codings)), dated(BELA, proposal(codings))], checks: [], sharings: [], notes: [], back: [], checkIn: "", free: KEYS.map((k) => k.reviewer), recused: [], given: [],
  };
  c.checks.push(dated<Check>(CLEO, { ...outgoingOf(c, form, words, wishes), guess: false, changed: "" }));
  c.sharings.push(dated<Sharing>(CLEO, {
    decision: "share", form, words, wishes, consensus: c.consensuses.map(({ hash }) => hash), check: c.checks[0]?.hash ?? "", of: "",
  }));
  c.given = c.sharings.map(({ hash }) => hash);
  return c;
}

/** The finding as Anna posts it, with what she changed in it before she signed; as an older program did, without its day, where that is not signed. */
function posted(c: Case, change: Partial<ServedFinding> = {}, by = ANNA, dates = true): ServedFinding {
  const { body, hash } = c.sharings[0] ?? assert.fail();
  const out = outgoingOf(c, body.form === "" ? assert.fail() : body.form, body.words, body.wishes);
  const f = { form: out.form, words: out.words, themes: out.themes ?? [], must_not: out.must_not ?? [], leaf: toBase64(LEAF), sharing: toBase64(Buffer.from(hash, "base64url")), day: "2026-11-24", ...change };
  const text = dates ? `answerable/v1/dated-finding\n${datedLines(CLINIC, f, f.day)}` : `answerable/v1/finding\n${findingLines(CLINIC, f)}`;
  return { id: "1", ...f, by: by.reviewer, signature: sign(text, by) };
}

const held = (f: ServedFinding, c: Case | null, more: Partial<Behind> = {}, me = ANNA): Holding =>
  holdFinding(CLINIC, LISTS, me.reviewer, f, c === null ? null : { of: c, wishes: WISHES, first: false, own: [], ...more });

test("what was decided holds, in words and as themes, for everybody who has the message open, whoever posted it", () => {
  const c = given();
  for (const me of [ANNA, CLEO, DARA]) assert.equal(held(posted(c, {}, CLEO), c, {}, me), "holds");
  const theme = given("theme", "");
  assert.deepEqual([posted(theme).themes, held(posted(theme), theme)], [["force"], "holds"]);
});

test("a server that changes a finding, its author or the decision it names is found out", () => {
  const c = given();
  const f = posted(c);
  const other = given("quote", "Nurse Quillwort held me down.");
  for (const change of [
    { words: "They were kind." }, { form: "public" as const }, { themes: ["force"] }, { must_not: [] }, { by: BELA.reviewer }, { by: "rzzzzzzzz" }, { sharing: posted(other).sharing },
    { leaf: toBase64(new Uint8Array(32)) }, { signature: "%" }, { signature: posted(other).signature },
  ]) assert.equal(held({ ...f, ...change }, c), "differs", JSON.stringify(change));
  assert.equal(held({ ...f, words: "They were kind." }, null), "differs", "also where the message is not open");
});

test("the day of a finding is signed, so that an objection of the day before is not made to look late; older ones without a day hold by the server's", () => {
  const c = given();
  const f = posted(c, { day: "2026-11-25" });
  assert.equal(held(f, c), "holds");
  for (const day of ["2026-11-24", "2026-11-23", "2026-11-26", ""]) assert.equal(held({ ...f, day }, c), "differs", day);
  assert.equal(held(posted(c, { day: "2026-11-23" }), c), "differs", "two whole days had not passed");
  const old = posted(c, {}, ANNA, false);
  assert.deepEqual([held(old, c), held({ ...old, day: "2026-11-26" }, c), held({ ...old, day: "2026-11-23" }, c)], ["holds", "holds", "differs"]);
  // The server held Bela's objection back until it was out.
  c.sharings.push(dated<Sharing>(BELA, { decision: "object", form: "", words: "x", wishes: WISHES, consensus: [], check: "", of: c.sharings[0]?.hash ?? "" }, "2026-11-24"));
  assert.deepEqual([held(f, c), held({ ...f, day: "2026-11-24" }, c)], ["differs", "differs"]);
});

test("which decisions were given out is read from findings that members signed, and from nothing else the server lists", () => {
  const c = given();
  const [f, old] = [posted(c), posted(c, {}, BELA, false)];
  const hash = c.sharings[0]?.hash ?? "";
  const signed = (...all: ServedFinding[]): unknown => [...signedOf(CLINIC, LISTS, all)];
  assert.deepEqual([signed(f), signed(old), signed()], [[[c.leaf, [hash]]], [[c.leaf, [hash]]], []]);
  for (const change of [{ by: BELA.reviewer }, { by: "rzzzzzzzz" }, { signature: "" }, { sharing: toBase64(new Uint8Array(32)) }, { leaf: toBase64(new Uint8Array(32)) }, { day: "2026-11-23" }]) {
    assert.deepEqual(signed({ ...f, ...change }), [], JSON.stringify(change));
  }
  assert.deepEqual(signedOf("another clinic", LISTS, [f]).size, 0);
});

test("a member who posts what was not decided, or not checked, is found out", () => {
  const c = given();
  for (const change of [{ words: "Nurse Quillwort held me down." }, { form: "public" as const }, { form: "theme" as const, words: "", must_not: [], themes: ["force", "voice"] }, { must_not: [] }, { themes: ["force"] }]) {
    assert.equal(held(posted(c, change), c), "differs", JSON.stringify(change));
  }
  const without = (change: (of: Case) => void): Holding => {
    const of = given();
    const f = posted(of);
    change(of);
    return held(f, of);
  };
  assert.equal(without(() => undefined), "holds");
  assert.equal(without((of) => { of.sharings.pop(); }), "differs");
  assert.equal(without((of) => { of.checks.pop(); }), "differs");
  assert.equal(without((of) => { (of.checks[0] ?? assert.fail()).body.guess = true; }), "differs");
  assert.equal(without((of) => { (of.checks[0] ?? assert.fail()).body.words = "Other words."; }), "differs");
  const again = (day: string) => (of: Case): void => { of.checks.push(dated(CLEO, { ...(of.checks[0] ?? assert.fail()).body, words: "Other words." }, day)); };
  assert.equal(without(again("2026-11-23")), "differs", "its checker had replaced it before it went out");
  assert.equal(without(again("2026-11-24")), "holds", "of one day nobody knows which came first");
  assert.equal(without((of) => { (of.checks[0] ?? assert.fail()).by = ANNA.reviewer; }), "differs", "who coded it checks nothing");
  assert.equal(without((of) => { of.consensuses.pop(); }), "differs");
  assert.equal(without((of) => { (of.consensuses[1] ?? assert.fail()).by = DARA.reviewer; }), "differs", "who did not code it agrees to nothing");
  assert.equal(without((of) => { (of.consensuses[1] ?? assert.fail()).body = { ...proposal(of.codings), yes: [] }; }), "differs");
  assert.equal(without((of) => { of.sharings.push(dated<Sharing>(BELA, { decision: "object", form: "", words: "x", wishes: WISHES, consensus: [], check: "", of: "" }, "2026-11-22")); }), "differs");
  assert.equal(without((of) => { of.notes.push(dated<Note>(CLEO, { text: "x", asked: true, form: "quote", words: "Other words." })); of.back.push({ leaf: "later", day: "2026-11-30" }); }), "differs", "the writer was shown other words");
});

test("what its writer does not allow, whatever a decision says of their wishes, or not any more, is forbidden", () => {
  const lied = given("public", "They held me down.", { ...WISHES, share_level: "my_words_public" });
  assert.equal(held(posted(lied), lied), "forbidden");
  const silent = given("quote", "They held me down.", { ...WISHES, must_not: [] });
  assert.equal(held(posted(silent), silent), "forbidden", "what must not happen was left out");
  const c = given();
  const f = posted(c);
  assert.equal(held(f, c, { wishes: { ...WISHES, share_level: "count_me" } }), "forbidden");
  assert.equal(held(f, c, { wishes: { ...WISHES, must_not: ["do_not_call_police", "do_not_tell_my_worker"] } }), "forbidden");
  assert.equal(held(f, c, { first: true }), "differs", "they wished to see it first, and no note says that they did");
});

test("what its writer hides since the decision, what came later, and their own words once kept back, are forbidden", () => {
  const hiding = given("quote", "They held me down.", { ...WISHES, hide: ["the_date"] });
  const now = (hide: string[]): Partial<Behind> => ({ wishes: { ...WISHES, hide } });
  const lists = [["the_date"], ["the_date", "the_role"], []];
  assert.deepEqual(lists.map((hide) => held(posted(hiding), hiding, now(hide))), ["holds", "forbidden", "holds"]);
  const later = { ...given(), card: { ...CARD, of: "followup" as const } };
  assert.equal(held(posted(later), later), "forbidden");
  const own = ["and then they held me down on the floor"];
  const words = "Somebody says: then they held me down, on the floor.";
  const little: Wishes = { ...WISHES, share_level: "panel_summary_to_clinic" };
  const [allowed, never] = [given("paraphrase", words), given("paraphrase", words, little)];
  assert.equal(held(posted(allowed), allowed, { own }), "holds");
  assert.equal(held(posted(allowed), allowed, { own, wishes: little }), "forbidden");
  assert.equal(held(posted(never), never, { own, wishes: little }), "holds", "what was decided before they were looked for stands");
});

test("of what is not open, and for who still reads alone, nothing is said but what the signature says", () => {
  const c = given();
  assert.equal(held(posted(c), null), "shut");
  c.claims.push({ by: DARA.reviewer, role: "third" });
  assert.deepEqual([held(posted(c), c, {}, DARA), held(posted(c), c)], ["shut", "holds"]);
});

test("that the clinic was told is owned up to once, dated to the week, by who had a part in it, and of nothing that no member decided", () => {
  const key = new Uint8Array(32).fill(5);
  const c = { ...given(), card: { ...CARD, actions: toBase64url(key) } };
  const acts = new PublicActs({ own: { key: ANNA } } as unknown as Desk);
  const owed = (of: Case, me = ANNA, handed = true): string[] =>
    acts.owed([actedOf(of, me.reviewer, true, handed)], { today: "2026-12-02", quorum: [], fresh: [], taken: [] }).flatMap(({ text, old }) => {
      const a = parseAction(text);
      return a.code === "acted" ? [`${toBase64(a.tag)} ${a.day} ${String(old)}`] : [];
    });
  assert.deepEqual(owed(c), [`${toBase64(actionTag(key, "acted", 0))} 2026-11-30 true`]);
  assert.deepEqual([owed(c, DARA), owed(c, ANNA, false), owed({ ...c, given: [] }), owed({ ...c, given: ["of another"] }), owed({ ...c, sharings: [] })], [[], [], [], [], []]);
});
