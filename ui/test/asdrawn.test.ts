/** A decision is signed over what stands, and not over what a window showed before. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Card, Check, Found, Sharing } from "../src/coding.js";
import { proposal } from "../src/compare.js";
import { isAsDrawn, isSent } from "../src/panel/asdrawn.js";
import { ApiError } from "../src/panel/api.js";
import { stageOf, type Case, type Dated } from "../src/panel/casework.js";
import { NotAsDrawn, Refused, tells } from "../src/panel/refusals.js";
import { MOST_PRIVATE, type Wishes } from "../src/sharing.js";

const [ANNA, BELA, CLEO] = ["ra", "rb", "rc"] as const;
const TODAY = "2026-11-25";
const CARD: Card = { of: "submission", thread: "", service: "ward", roles: [], when: "", chips: [], urgent: false, taxonomy: "0.2.0" };
const FOUND: Found = { taxonomy: "0.2.0", yes: ["force"], no: [], items: [], good: [], seriousness: 2, involved: [], repair: [] };
const WISHES: Wishes = { ...MOST_PRIVATE, share_level: "panel_summary_to_clinic" };

let files = 0;
const dated = <B>(by: string, body: B, day = "2026-11-21"): Dated<B> => ({ by, hash: `h${String(files++)}`, body, day });
const looked = (words: string, more: Partial<Check> = {}): Check => ({ form: "paraphrase", words, guess: false, changed: "", ...more });

/** Two agree, and a third has looked. */
function checked(): Case {
  const codings = [dated(ANNA, FOUND), dated(BELA, FOUND)];
  return {
    leaf: "leaf", epoch: "e", day: "2026-11-20", card: CARD, claims: [{ by: CLEO, role: "checker" }], codings, coded: [ANNA, BELA],
    consensuses: [dated(ANNA, proposal(codings)), dated(BELA, proposal(codings))], checks: [dated(CLEO, looked("Nurse Smith held them down."))],
    sharings: [], notes: [], back: [], checkIn: "", free: [ANNA, BELA, CLEO], recused: [], given: [],
  };
}

const NONE: Omit<Sharing, "decision" | "words"> = { form: "", wishes: WISHES, consensus: [], check: "", of: "" };

test("a share is signed over the check, the agreement and the wishes that stand, and over no others", () => {
  const c = checked();
  const [check] = c.checks;
  const share: Sharing = { ...NONE, decision: "share", form: "paraphrase", words: "Nurse Smith held them down.", consensus: c.consensuses.map(({ hash }) => hash), check: check?.hash ?? "" };
  const after = (change: (now: Case) => void, wishes = WISHES): boolean => {
    const now = structuredClone(c);
    change(now);
    return isAsDrawn(now, wishes, share, ANNA, TODAY);
  };
  assert.ok(after(() => undefined));
  assert.ok(!after((now) => { now.checks.push(dated(CLEO, looked("They were held down."), TODAY)); }), "its checker has sent other words");
  assert.ok(!after((now) => { now.checks.push(dated(CLEO, looked("Nurse Smith held them down.", { guess: true }), TODAY)); }), "or says that somebody could guess");
  assert.ok(!after((now) => { now.consensuses = now.consensuses.map(({ by, body }) => dated(by, { ...body, seriousness: 3 })); }), "other agreement");
  assert.ok(!after((now) => { now.sharings.push(dated<Sharing>(BELA, { ...share }, TODAY)); }), "it is decided already");
  assert.ok(!after((now) => { now.sharings.push(dated<Sharing>(BELA, { ...NONE, decision: "keep", words: "x" }, TODAY)); }), "and so it is kept");
  assert.ok(!after((now) => { now.sharings.push(dated<Sharing>(BELA, { ...share }, "2026-11-24"), dated<Sharing>(CLEO, { ...NONE, decision: "object", words: "x" }, TODAY)); }), "somebody objects today");
  assert.ok(!after(() => undefined, { ...WISHES, must_not: ["do_not_call_police"] }), "its writer has said more");
});

test("a keep is signed where it may be kept, and an objection always", () => {
  const c = checked();
  const keep: Sharing = { ...NONE, decision: "keep", words: "For us." };
  const object: Sharing = { ...NONE, decision: "object", words: "Not so." };
  const both = (): boolean[] => [keep, object].map((body) => isAsDrawn(c, WISHES, body, ANNA, TODAY));
  assert.deepEqual([stageOf(c, TODAY), both()], ["checked", [true, true]]);
  c.sharings.push(dated<Sharing>(CLEO, { ...NONE, decision: "share", form: "paraphrase", words: "Nurse Smith held them down.", consensus: c.consensuses.map(({ hash }) => hash), check: c.checks[0]?.hash ?? "" }, TODAY));
  assert.deepEqual([stageOf(c, TODAY), both()], ["objecting", [false, true]]);
});

test("a decision whose answer was lost is known again by who sent it, and by nobody else", () => {
  const c = checked();
  const keep: Sharing = { ...NONE, decision: "keep", words: "Too few of us read it." };
  assert.equal(isSent(c, keep, ANNA), false);
  c.sharings.push(dated(ANNA, keep, TODAY));
  assert.deepEqual([isSent(c, structuredClone(keep), ANNA), isSent(c, keep, BELA), isSent(c, { ...keep, words: "Another why." }, ANNA)], [true, false, false]);
  c.sharings.push(dated<Sharing>(BELA, { ...NONE, decision: "object", words: "No.", of: c.sharings[0]?.hash ?? "" }, TODAY));
  assert.equal(isSent(c, keep, ANNA), false, "it was taken up again");
});

test("a step that failed tells whether the message on the page is gone, old, or may be either", () => {
  const api = (status: number, kind = ""): string => tells(new ApiError(status, "", kind));
  assert.deepEqual([api(404, "message-gone"), api(403, "recused")], ["gone", "gone"]);
  assert.deepEqual([api(409, "claimed"), api(409, "frozen"), api(403, "not-yours"), tells(new NotAsDrawn(""))], ["old", "old", "old", "old"]);
  assert.deepEqual([api(0), api(502)], ["lost", "lost"]);
  assert.deepEqual([api(401), api(422, "facts"), tells(new Refused("")), tells(new Error(""))], ["nothing", "nothing", "nothing", "nothing"]);
});
