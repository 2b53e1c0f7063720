import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";
import type { Card, Check, Found, Sharing } from "../src/coding.js";
import { proposal, settled } from "../src/compare.js";
import { allowed, blind, changedSince, checkOf, closedOn, mayCheckAgain, mayKeep, mayShare, objectedOn, stageOf, standing, taskOf, wholeDays, type Case, type Dated, type Stage } from "../src/panel/casework.js";
import { claimsOn } from "../src/panel/bareclaims.js";
import { blindOf } from "../src/panel/firstcodings.js";
import { dueText } from "../src/panel/casewords.js";
import { addWorkingDays, DEFAULT_CLOCKS, due, workingDaysBetween } from "../src/panel/clocks.js";
import { openSeats } from "../src/panel/seats.js";
import { hasSigned } from "../src/panel/signedlast.js";
import { unseen } from "../src/panel/shown.js";
import { MOST_PRIVATE, type Form, type Wishes } from "../src/sharing.js";

const [ANNA, BELA, CLEO, DARA] = ["raaaaaaaa", "rbbbbbbbb", "rcccccccc", "rdddddddd"] as const;
const TODAY = "2026-11-25";
const CARD: Card = { of: "submission", thread: "", service: "crisis_house", roles: ["nurse"], when: "this_month", chips: [], urgent: false, taxonomy: "0.2.0" };
const FOUND: Found = { taxonomy: "0.2.0", yes: ["force"], no: ["voice"], items: [], good: [], seriousness: 2, involved: [], repair: [] };
const WISHES: Wishes = { ...MOST_PRIVATE, share_level: "panel_summary_to_clinic" };

const empty = (): Case => ({
  leaf: "leaf", epoch: "2026-11-aaaa", day: "2026-11-20", card: CARD, claims: [], codings: [], coded: [], consensuses: [], checks: [], sharings: [], notes: [], back: [], checkIn: "",
  free: [ANNA, BELA, CLEO, DARA], recused: [], given: [],
});

let files = 0;
const dated = <B>(by: string, body: B, day = "2026-11-21"): Dated<B> => ({ by, hash: `h${String(files++).padStart(5, "0")}`, body, day });

function coded(): Case {
  const c = empty();
  c.claims.push({ by: ANNA, role: "coder" }, { by: BELA, role: "coder" });
  c.coded.push(ANNA, BELA);
  c.codings.push(dated(ANNA, FOUND), dated(BELA, FOUND));
  return c;
}

function agreed(): Case {
  const c = coded();
  const body = proposal(c.codings);
  c.consensuses.push(dated(ANNA, body), dated(BELA, body));
  return c;
}

const check = (guess = false): Check => ({ form: "paraphrase", words: "Somebody was held down.", guess, changed: "" });

function decided(day: string): Case {
  const c = agreed();
  c.claims.push({ by: CLEO, role: "checker" });
  const looked = dated(CLEO, check());
  c.checks.push(looked);
  c.sharings.push(dated<Sharing>(CLEO, {
    decision: "share", form: "paraphrase", words: looked.body.words, wishes: WISHES, consensus: c.consensuses.map(({ hash }) => hash), check: looked.hash, of: "",
  }, day));
  return c;
}

test("a message goes from card to finding step by step, and each reviewer is told their own next step", () => {
  const c = empty();
  assert.deepEqual([stageOf(c, TODAY), taskOf(c, ANNA, TODAY), openSeats(c)], ["coding", "declare", 2]);
  c.claims.push({ by: ANNA, role: "coder" });
  assert.deepEqual([taskOf(c, ANNA, TODAY), taskOf(c, BELA, TODAY), openSeats(c)], ["code", "declare", 1]);
  c.coded.push(ANNA);
  assert.deepEqual([taskOf(c, ANNA, TODAY), taskOf(c, BELA, TODAY)], ["wait", "declare"]);
  const both = coded();
  assert.deepEqual([stageOf(both, TODAY), taskOf(both, ANNA, TODAY), taskOf(both, CLEO, TODAY)], ["compared", "agree", "nothing"]);
  const settledCase = agreed();
  assert.deepEqual([stageOf(settledCase, TODAY), taskOf(settledCase, ANNA, TODAY), taskOf(settledCase, CLEO, TODAY)], ["agreed", "wait", "declare"]);
  settledCase.claims.push({ by: CLEO, role: "checker" });
  assert.equal(taskOf(settledCase, CLEO, TODAY), "check");
  settledCase.checks.push(dated(CLEO, check()));
  assert.deepEqual([stageOf(settledCase, TODAY), taskOf(settledCase, ANNA, TODAY)], ["checked", "decide"]);
  assert.deepEqual([stageOf(decided("2026-11-24"), TODAY), taskOf(decided("2026-11-24"), DARA, TODAY)], ["objecting", "object"]);
  assert.deepEqual([stageOf(decided("2026-11-22"), TODAY), taskOf(decided("2026-11-22"), ANNA, TODAY)], ["ready", "release"]);
});

test("a message is given out by a finding that a member signed for the decision that stands, and by nothing else", () => {
  const c = decided("2026-11-24");
  const [first] = c.sharings;
  const said = (given: string[]): unknown => [stageOf({ ...c, given }, TODAY), taskOf({ ...c, given }, DARA, TODAY), closedOn({ ...c, given })];
  const open = ["objecting", "object", null];
  assert.deepEqual(said([]), open, "a decision to share is no finding");
  assert.deepEqual(said(["of another message"]), open);
  assert.deepEqual(said([first?.hash ?? ""]), ["released", "nothing", "2026-11-24"]);
  c.sharings.push(dated<Sharing>(BELA, { decision: "object", form: "", words: "no", wishes: WISHES, consensus: [], check: "", of: first?.hash ?? "" }, "2026-11-24"));
  assert.deepEqual(said([]), ["objected", "nothing", null], "what was objected to is not closed");
  c.sharings.push(dated<Sharing>(CLEO, { ...(first ?? assert.fail()).body }, "2026-11-25"));
  assert.deepEqual(said([first?.hash ?? ""]), open, "a finding of an earlier decision, which was taken back and is shown again, ends no time to object");
  const coded = agreed();
  coded.given = [first?.hash ?? ""];
  assert.deepEqual([stageOf(coded, TODAY), taskOf(coded, CLEO, TODAY)], ["agreed", "declare"], "without a decision it names nothing");
});

// The cases are those of internal/client/replacedcheck_test.go.
test("of two decisions of one day the one that holds stands, and what went out by one stays", () => {
  const both = (byAnna: string, byDara: string): Case => {
    const c = decided("2026-11-22");
    const [look, one] = [c.checks[0]?.hash ?? "", c.sharings[0] ?? assert.fail()];
    const share = (by: string, hash: string, check: string): Dated<Sharing> => ({ ...one, by, hash, body: { ...one.body, check: check === "hc" ? look : check } });
    c.sharings = [share(ANNA, "d", byAnna), share(DARA, "e", byDara)];
    return c;
  };
  const stepBack = (c: Case): Case => ({ ...c, free: c.free.filter((by) => by !== DARA), recused: [DARA] });
  const replaced = (...given: string[]): Case => {
    const c = both("hc", "old");
    c.checks.push(dated(CLEO, check(), "2026-11-24"));
    return { ...c, given };
  };
  const kept = both("hc", "old");
  kept.sharings.push({ ...dated<Sharing>(DARA, { decision: "keep", form: "", words: "no", wishes: WISHES, consensus: [], check: "", of: "" }, "2026-11-22"), hash: "k" });
  const cases: [string, Case, Stage, string | undefined][] = [
    ["the first holds", both("hc", "old"), "ready", "d"], ["the second holds", both("old", "hc"), "ready", "e"], ["both hold", both("hc", "hc"), "ready", "e"],
    ["none holds", both("old", "old"), "checked", "e"],
    ["both hold, and one has stepped back", stepBack(both("hc", "hc")), "ready", "d"], ["one holds, and has stepped back", stepBack(both("old", "hc")), "checked", undefined],
    ["none holds any more", replaced(), "checked", "e"], ["none holds any more, and one went out", replaced("d"), "released", "d"], ["one of them keeps it", kept, "kept", "k"],
  ];
  for (const [name, c, stage, hash] of cases) assert.deepEqual([stageOf(c, TODAY), standing(c)?.hash], [stage, hash], name);
});

test("what somebody signed holds no more once a third has coded, and nobody is told that it waits for another's signature", () => {
  const c = coded();
  assert.equal(hasSigned(c, ANNA), false);
  c.consensuses.push(dated(ANNA, proposal(c.codings)));
  assert.deepEqual([hasSigned(c, ANNA), hasSigned(c, BELA)], [true, false]);
  c.codings.push(dated(CLEO, FOUND, "2026-11-22"));
  assert.equal(hasSigned(c, ANNA), false, "it is about two of the three codings");
  const both = structuredClone(c);
  both.consensuses.push(dated(ANNA, proposal(c.codings), "2026-11-23"));
  assert.equal(hasSigned(both, ANNA), true);
  both.consensuses.push(dated(ANNA, { ...proposal(c.codings), codings: c.consensuses[0]?.body.codings ?? [] }, "2026-11-24"));
  assert.equal(hasSigned(both, ANNA), false, "the last one counts");
});

test("what was taken back is decided anew, and a server that says so ends no time to object", () => {
  const took = (c: Case): Case => ({ ...c, takenBack: c.sharings.map(({ hash }) => hash) });
  const [c, early] = [took(decided("2026-11-22")), took(decided("2026-11-24"))];
  assert.deepEqual([stageOf(c, TODAY), taskOf(c, ANNA, TODAY), taskOf(c, DARA, TODAY)], ["taken-back", "decide", "object"]);
  assert.deepEqual([mayShare(c, ANNA, TODAY), mayKeep(c, ANNA, TODAY), mayCheckAgain(c, CLEO, TODAY), closedOn(c)], [true, true, true, null]);
  assert.deepEqual([stageOf(early, TODAY), taskOf(early, DARA, TODAY)], ["objecting", "object"], "nothing can have gone out by then");
  c.sharings.push(dated<Sharing>(ANNA, { ...(c.sharings[0] ?? assert.fail()).body }, TODAY));
  assert.deepEqual([stageOf(c, TODAY), stageOf(c, "2026-11-28")], ["objecting", "ready"], "a new decision has its own days");
});

test("the first two codings are compared and count as blind, whoever has the smallest id, and none where nobody can tell", () => {
  const c = coded();
  c.codings = [dated(ANNA, { ...FOUND, seriousness: 0 }, "2026-11-23"), dated(CLEO, FOUND, "2026-11-21"), dated(DARA, FOUND, "2026-11-22")];
  c.claims = [{ by: ANNA, role: "third" }, { by: CLEO, role: "coder" }, { by: DARA, role: "coder" }];
  const blind = (): string[] => blindOf(c).map(({ by }) => by);
  assert.deepEqual([stageOf(c, TODAY), blind()], ["compared", [CLEO, DARA]], "the third reader's came first");
  c.claims = []; // all have left
  assert.deepEqual([stageOf(c, TODAY), blind()], ["compared", [CLEO, DARA]], "without a claim the day counts");
  c.codings[0] = dated(ANNA, FOUND, "2026-11-22");
  assert.deepEqual(blind(), [], "of two on one day nobody knows which was blind");
  c.claims = [{ by: DARA, role: "coder" }, { by: CLEO, role: "coder" }];
  assert.deepEqual(blind(), [CLEO, DARA], "on one day the part counts");
  c.codings = [dated(ANNA, { ...FOUND, seriousness: 0 }, "2026-11-23"), dated(CLEO, FOUND, "2026-11-21"), dated(DARA, FOUND, "2026-11-22")];
  c.claims = [{ by: ANNA, role: "coder" }, { by: CLEO, role: "coder" }];
  assert.deepEqual([stageOf(c, TODAY), blind()], ["compared", [CLEO, DARA]], "a part that somebody came back to makes no coding blind that is of a later day");
  c.codings[0] = dated(ANNA, FOUND, "2026-11-22");
  c.claims = [{ by: ANNA, role: "coder" }, { by: CLEO, role: "coder" }, { by: DARA, role: "coder" }];
  assert.deepEqual(blind(), [], "nor one of the same day");
});

test("codings that differ go to a third coder or to talk, and a check by a coder is none", () => {
  const c = coded();
  c.codings[1] = dated(BELA, { ...FOUND, seriousness: 0 });
  assert.deepEqual([stageOf(c, TODAY), taskOf(c, CLEO, TODAY), taskOf(c, ANNA, TODAY)], ["differs", "third", "agree"]);
  c.claims.push({ by: CLEO, role: "third" });
  assert.deepEqual([taskOf(c, CLEO, TODAY), taskOf(c, DARA, TODAY)], ["code", "nothing"]);
  const own = agreed();
  own.checks.push(dated(ANNA, check()));
  assert.equal(stageOf(own, TODAY), "agreed");
});

test("of checks the newest day counts, on one day the one that says somebody could guess, and of one author the last", () => {
  const c = agreed();
  c.checks.push(dated(DARA, check(true), "2026-11-22"), dated(CLEO, check(), "2026-11-22"));
  assert.equal(checkOf(c)?.by, DARA);
  c.checks.reverse();
  assert.equal(checkOf(c)?.by, DARA, "whatever order they come in");
  c.checks.push(dated(DARA, check(), "2026-11-22"));
  assert.equal(checkOf(c)?.body.guess, false, "who changes the words may look again on the same day");
  c.checks.unshift(dated(ANNA, check(true), "2026-11-24"), dated(CLEO, check(true), "2026-11-23"));
  assert.equal(checkOf(c)?.by, DARA, "a coder's check is none, and an author's last one counts");
});

test("where the checker who says somebody could guess has gone, another member may take the part", () => {
  const c = agreed();
  c.claims.push({ by: CLEO, role: "checker" });
  c.checks.push(dated(CLEO, check(true)));
  assert.deepEqual([taskOf(c, CLEO, TODAY), taskOf(c, DARA, TODAY)], ["check", "nothing"]);
  c.claims.pop();
  assert.deepEqual([taskOf(c, DARA, TODAY), taskOf(c, ANNA, TODAY)], ["declare", "decide"]);
  c.claims.push({ by: DARA, role: "checker" });
  c.checks.push(dated(DARA, check(), "2026-11-24"));
  assert.deepEqual([taskOf(c, DARA, TODAY), taskOf(c, CLEO, TODAY), mayCheckAgain(c, DARA, TODAY)], ["decide", "nothing", true]);
});

test("what was kept can be taken up by another member, once its writer sent more and nobody with a part is left", () => {
  const c = agreed();
  c.claims.push({ by: CLEO, role: "checker" });
  c.sharings.push(dated<Sharing>(CLEO, { decision: "keep", form: "", words: "They allow no more.", wishes: WISHES, consensus: [], check: "", of: "" }));
  const all = (): unknown => [stageOf(c, TODAY), ...[ANNA, CLEO, DARA].map((id) => taskOf(c, id, TODAY))];
  assert.deepEqual(all(), ["kept", "again", "again", "nothing"]);
  c.back.push({ leaf: "more", day: "2026-11-23" });
  assert.deepEqual(all(), ["kept", "again", "again", "nothing"]);
  [c.free, c.claims] = [[DARA], []]; // all others have left the panel
  assert.equal(taskOf(c, DARA, TODAY), "declare");
  c.claims.push({ by: DARA, role: "checker" });
  assert.equal(taskOf(c, DARA, TODAY), "again");
  [c.back, c.claims] = [[], []];
  assert.equal(taskOf(c, DARA, TODAY), "nothing", "its writer said nothing since");
});

test("where its writer wished to see first what goes out, only the very words that they were shown and answered are let through, decided on and ready", () => {
  const words = { form: "paraphrase" as const, words: check().words };
  const leave = { wishes: WISHES, first: true, allRead: true, own: [] };
  const why = (c: Case, first = true): unknown => allowed(c, { ...leave, first }, TODAY).filter((v) => v.why.includes("not-shown")).map((v) => v.form);
  const c = decided("2026-11-22");
  const inWords = ["theme", "paraphrase", "quote", "public"];
  assert.deepEqual([why(c), why(c, false)], [inWords, []], "they were shown nothing");
  const note = dated(ANNA, { text: "shown", asked: true as const, ...words }, "2026-11-21");
  c.notes.push(note);
  assert.deepEqual([why(c), why(c, false), stageOf(c, TODAY)], [inWords, inWords, "checked"], "nothing came from them since");
  c.back.push({ leaf: "more", day: "2026-11-21" });
  assert.deepEqual([why(c), stageOf(c, TODAY)], [[], "checked"], "the decision names no note to which it was a yes");
  const decision = c.sharings[0] ?? assert.fail();
  decision.body.shown = note.hash;
  assert.equal(stageOf(c, TODAY), "ready");
  note.body.words = "Somebody was held down on Tuesday.";
  assert.deepEqual([why(c), stageOf(c, TODAY)], [inWords, "checked"], "they were shown other words");
  note.body.words = words.words;
  c.notes.push(dated(ANNA, { text: "not sent", over: note.hash, unsent: true as const }, "2026-11-21"));
  assert.deepEqual([why(c), stageOf(c, TODAY)], [inWords, "checked"], "they were never sent");
  c.notes[1] = dated(BELA, { text: "not sent", over: note.hash, unsent: true as const }, "2026-11-21");
  assert.equal(stageOf(c, TODAY), "ready", "who did not show them cannot say that they never went");
});

test("a bare note that the writer was asked binds until its author takes it back, or two who are here have set aside what is of nobody here; a wish stays", () => {
  const c = agreed();
  c.checks.push(dated(CLEO, check()));
  const said = dated(ANNA, { text: "asked", asked: true as const }, "2026-11-20");
  c.notes.push(said);
  const binds = (): boolean => unseen(c, false, check());
  const can = (me: string, wished = false): string[] => claimsOn(c, wished, me).map((one) => one.can);
  assert.deepEqual([binds(), can(ANNA), can(BELA), can(BELA, true)], [true, ["take-back"], ["ask"], []]);
  c.free = [BELA, CLEO];
  assert.deepEqual([binds(), can(BELA), stageOf(c, TODAY)], [true, ["set-aside"], "checked"]);
  c.notes.push(dated(BELA, { text: "no", over: said.hash, unsent: true as const }, "2026-11-22"));
  assert.deepEqual([binds(), can(BELA), can(CLEO), claimsOn(c, false, CLEO)[0]?.signed], [true, ["none"], ["set-aside"], [BELA]]);
  c.notes.push(dated(CLEO, { text: "no", over: said.hash, unsent: true as const }, "2026-11-22"));
  assert.deepEqual([binds(), can(BELA), unseen(c, true, check())], [false, [], true], "what two set aside binds, or a wish is set aside");
  c.free = [ANNA, BELA, CLEO];
  assert.ok(binds(), "its author is back, and can take it back");
});

test("two whole days are neither the day of the decision nor today", () => {
  assert.deepEqual(["2026-11-25", "2026-11-24", "2026-11-23", "2026-11-22", "2026-11-30", "x"].map((d) => wholeDays(d, TODAY)), [0, 0, 1, 2, 0, 0]);
});

test("an objection stops it until there is a new decision, and of two on one day the one that shares less stands", () => {
  const c = decided("2026-11-22");
  const of = c.sharings[0]?.hash ?? "";
  const object: Sharing = { decision: "object", form: "", words: "I know who.", wishes: WISHES, consensus: [], check: "", of };
  c.sharings.push(dated(DARA, object));
  assert.deepEqual([stageOf(c, TODAY), taskOf(c, ANNA, TODAY)], ["objected", "decide"]);
  const kept = decided("2026-11-22");
  kept.sharings.unshift(dated(DARA, { ...object, decision: "keep", of: "" }, "2026-11-22"));
  assert.equal(stageOf(kept, TODAY), "kept");
});

test("with fewer than two people left it says so, and who was removed keeps the coding that was sent", () => {
  const c = empty();
  c.free = [ANNA];
  assert.deepEqual([stageOf(c, TODAY), taskOf(c, ANNA, TODAY)], ["too-few", "nothing"]);
  c.coded.push(BELA); // sent before BELA left the panel
  assert.deepEqual([stageOf(c, TODAY), openSeats(c)], ["coding", 1]);
});

test("once two agree it can be kept by whoever has a part, coders too; and where all who are left have coded it, the stage says that", () => {
  const c = agreed();
  assert.deepEqual([mayKeep(c, ANNA, TODAY), mayKeep(c, CLEO, TODAY), mayKeep(coded(), ANNA, TODAY)], [true, false, false]);
  c.free = [ANNA, BELA];
  assert.deepEqual([stageOf(c, TODAY), taskOf(c, ANNA, TODAY), mayKeep(c, ANNA, TODAY)], ["no-checker", "decide", true]);
});

// The table is that of internal/client/deciding_test.go, too.
test("who has a part keeps and shares at the stages at which the terminal lets them, and nobody else does", () => {
  const file = path.join(import.meta.dirname, "../../../internal/client/testdata/stages.json");
  const table = JSON.parse(readFileSync(file, "utf8")) as { stage: Stage; claimed: boolean; keep: boolean; share: boolean }[];
  for (const { stage, claimed, keep, share } of table) {
    const c: Case = { ...empty(), claims: claimed ? [{ by: ANNA, role: "coder" }] : [], veiled: { stage, task: "nothing" } };
    assert.deepEqual([mayKeep(c, ANNA, TODAY), mayShare(c, ANNA, TODAY)], [keep, share], `${stage}, ${claimed ? "with" : "without"} a part`);
  }
  assert.ok(table.some(({ share }) => share) && table.some(({ keep, share }) => keep && !share));
});

test("with a coder gone a third reads it, and where nobody is left for that the stage says what to do", () => {
  const c = coded();
  c.free = [BELA, CLEO];
  c.claims = c.claims.filter(({ by }) => by === BELA);
  assert.deepEqual([stageOf(c, TODAY), taskOf(c, BELA, TODAY), taskOf(c, CLEO, TODAY)], ["one-left", "wait", "third"]);
  c.consensuses.push(dated(ANNA, proposal(c.codings))); // signed before ANNA left
  assert.deepEqual([stageOf(c, TODAY), taskOf(c, BELA, TODAY)], ["compared", "agree"]);
  c.consensuses.pop();
  c.free = [BELA];
  assert.deepEqual([stageOf(c, TODAY), taskOf(c, BELA, TODAY)], ["no-third", "wait"]);
  const third = coded();
  third.codings.push(dated(CLEO, FOUND));
  third.coded.push(CLEO);
  third.free = [BELA, DARA]; // ANNA and the third have left
  assert.deepEqual([stageOf(third, TODAY), taskOf(third, DARA, TODAY)], ["one-left", "third"]);
});

test("who may still read a message on their own is given nothing that a colleague found, but for what stops a clock", () => {
  const c = coded();
  c.codings[1] = dated(BELA, { ...FOUND, seriousness: 0 });
  c.consensuses.push(dated(ANNA, proposal(c.codings)));
  c.notes.push(dated(ANNA, { text: "force, 3, clearly" }), dated(CLEO, { text: "mine" }), dated(ANNA, { text: "they were held", asked: true as const, form: "quote" as const, words: "held down, and laughed at", themes: ["force"], must_not: ["do_not_call_police"], had: ["h"] }));
  c.notes.push(dated(ANNA, { text: "force, 3: we wait no longer", over: "o" }), dated(ANNA, { text: "they do not say it", over: "p", unsent: true as const }));
  const given = (who: string, of = c): unknown => {
    const { codings, consensuses, notes } = blind(of, who, TODAY);
    return [codings.length, consensuses.length, notes.map(({ body }) => body.text)];
  };
  const [all, alone] = [[2, 1, ["force, 3, clearly", "mine", "they were held", "force, 3: we wait no longer", "they do not say it"]], [0, 0, ["mine", "", "", ""]]];
  assert.deepEqual([given(ANNA), given(BELA), given(CLEO), given(DARA)], [all, all, alone, [0, 0, ["", "", ""]]], "whoever could be the third, with a part or without");
  const before = blind(c, CLEO, TODAY);
  assert.deepEqual([stageOf(before, TODAY), taskOf(before, CLEO, TODAY)], ["differs", "third"]);
  const bare = [{ text: "", asked: true, had: ["h"] }, { text: "", over: "o" }, { text: "", over: "p", unsent: true }];
  assert.deepEqual(before.notes.filter(({ by }) => by === ANNA).map(({ body }) => body), bare, "what was shown to the writer, and what was typed beside it, tells what was found");
  c.claims.push({ by: CLEO, role: "third" });
  const third = blind(c, CLEO, TODAY);
  assert.deepEqual([given(CLEO), stageOf(third, TODAY), taskOf(third, CLEO, TODAY)], [alone, "differs", "code"]);
  assert.equal(blind(c, ANNA, TODAY), c);
  const second = { ...c, coded: [ANNA], codings: [], claims: [{ by: BELA, role: "coder" as const }] };
  assert.deepEqual([given(BELA, second), taskOf(blind(second, BELA, TODAY), BELA, TODAY)], [[0, 0, ["", "", ""]], "code"]);
});

// The cases are those of internal/client/coders_test.go.
test("who has seen what others found is no third, unless nobody else is left and two cannot agree without them", () => {
  const c = coded();
  c.codings[1] = dated(BELA, { ...FOUND, seriousness: 0 });
  const task = (who: string, compared: boolean, free = [ANNA, BELA, CLEO, DARA]): unknown => {
    const at: Case = { ...c, free, ...(compared && { compared }) };
    assert.equal(taskOf(blind(at, who, TODAY), who, TODAY), taskOf(at, who, TODAY));
    return [stageOf(at, TODAY), taskOf(at, who, TODAY)];
  };
  assert.deepEqual([task(CLEO, false), task(CLEO, true), task(DARA, false)], [["differs", "third"], ["differs", "nothing"], ["differs", "third"]]);
  assert.deepEqual(task(CLEO, true, [ANNA, BELA, CLEO]), ["differs", "nothing"], "its coders can talk");
  assert.deepEqual([task(CLEO, true, [BELA, CLEO, DARA]), task(CLEO, true, [BELA, CLEO])], [["one-left", "nothing"], ["one-left", "third"]]);
});

test("once two agree, who has not coded is given what they found, but for a third who has not sent theirs", () => {
  const c = agreed();
  c.notes.push(dated(ANNA, { text: "force, 3, clearly" }));
  assert.equal(blind(c, CLEO, TODAY), c);
  c.claims.push({ by: DARA, role: "third" });
  assert.equal(stageOf(blind(c, DARA, TODAY), TODAY), "differs", "an older server does not say so");
  c.agreementSent = true;
  const third = blind(c, DARA, TODAY);
  assert.deepEqual([third.codings, third.consensuses, third.notes, stageOf(third, TODAY), taskOf(third, DARA, TODAY)], [[], [], [], "agreed", "code"]);
  c.coded.push(DARA);
  assert.equal(blind(c, DARA, TODAY), c);
  const compared = coded();
  const seen = blind(compared, CLEO, TODAY);
  assert.deepEqual([seen.codings, stageOf(seen, TODAY), taskOf(seen, CLEO, TODAY)], [[], "compared", "nothing"], "they would, and one of them may leave before they sign");
});

test("what was kept is taken up again by an objection that names it, and then nothing goes out that was decided up to that day", () => {
  const c = agreed();
  const keep: Sharing = { decision: "keep", form: "", words: "Nothing is allowed.", wishes: { ...WISHES, share_level: "panel_only" }, consensus: [], check: "", of: "" };
  c.sharings.push(dated(ANNA, keep, "2026-11-22"));
  const kept = c.sharings[0] ?? assert.fail();
  assert.deepEqual([stageOf(c, TODAY), taskOf(c, ANNA, TODAY), taskOf(c, DARA, TODAY), closedOn(c)], ["kept", "again", "nothing", "2026-11-22"]);
  assert.deepEqual([changedSince(kept, keep.wishes), changedSince(kept, WISHES)], [false, true]);
  c.sharings.push(dated(ANNA, { ...keep, decision: "object", of: kept.hash, words: "They allow more." }, TODAY));
  assert.deepEqual([stageOf(c, TODAY), standing(c), closedOn(c), taskOf(c, CLEO, TODAY), objectedOn(c, TODAY)], ["agreed", null, null, "declare", true]);
  const shared = decided("2026-11-22");
  shared.sharings.push(dated(ANNA, keep, "2026-11-23"));
  shared.sharings.push(dated(ANNA, { ...keep, decision: "object", of: shared.sharings[1]?.hash ?? "" }, "2026-11-24"));
  assert.equal(stageOf(shared, TODAY), "objected", "an older decision to share does not come back");
});

test("after an objection whoever checked may send other words, and where nobody has that part another may take it", () => {
  const c = decided("2026-11-22");
  c.sharings.push(dated<Sharing>(DARA, { decision: "object", form: "", words: "I know who.", wishes: WISHES, consensus: [], check: "", of: c.sharings[0]?.hash ?? "" }));
  assert.deepEqual([mayCheckAgain(c, CLEO, TODAY), mayCheckAgain(c, ANNA, TODAY), taskOf(c, DARA, TODAY)], [true, false, "nothing"]);
  c.claims = c.claims.filter(({ role }) => role !== "checker");
  assert.equal(taskOf(c, DARA, TODAY), "declare");
});

test("the page's verdicts never go above the ladder", () => {
  const ladder: Record<string, Form[]> = {
    panel_only: [],
    count_me: ["count"],
    panel_summary_to_clinic: ["count", "theme", "paraphrase"],
    my_words_to_clinic: ["count", "theme", "paraphrase", "quote"],
    my_words_public: ["count", "theme", "paraphrase", "quote", "public"],
  };
  const open = (wishes: Wishes): Form[] => allowed(decided("2026-11-22"), { wishes, first: false, allRead: true, own: [] }, TODAY).filter((v) => v.why.length === 0 && v.wait.length === 0).map((v) => v.form);
  for (const [share_level, forms] of Object.entries(ladder)) assert.deepEqual(open({ ...MOST_PRIVATE, share_level }), forms, share_level);
  const all = { ...MOST_PRIVATE, share_level: "my_words_public" };
  assert.deepEqual(open({ ...all, ask_me_first: true }), []);
  assert.deepEqual(open({ ...all, hold: "wait_until_i_say" }), []);
  assert.deepEqual(open({ ...all, hide: ["quotes"] }), ["count", "theme", "paraphrase"]);
  assert.deepEqual(open({ ...all, must_not: ["do_not_tell_my_worker"] }), ["count", "theme"]);
  assert.ok(allowed(decided("2026-11-22"), { wishes: WISHES, first: false, allRead: false, own: [] }, TODAY).every((v) => v.why.includes("not-read")));
});

test("clocks count the panel's working days and its holidays", () => {
  const clocks = { ...DEFAULT_CLOCKS, holidays: ["2026-11-23"] };
  assert.equal(addWorkingDays("2026-11-20", 3, clocks), "2026-11-26"); // Friday; then Tue, Wed, Thu
  assert.deepEqual(due("2026-11-20", "taken", TODAY, clocks), { clock: "taken", day: "2026-11-26", left: 1 });
  assert.deepEqual(due("2026-11-02", "coded", TODAY, clocks), { clock: "coded", day: "2026-11-16", left: -9 });
  assert.equal(workingDaysBetween("2026-11-26", "2026-11-20", clocks), -3);
  assert.deepEqual(due("2026-11-13", "taken", TODAY, clocks), { clock: "taken", day: "2026-11-18", left: -4 });
  assert.equal(addWorkingDays("2026-11-20", 2, { ...clocks, workingDays: [] }), "2026-11-22");
});

// The days are those of internal/client/clocks_test.go.
test("a wait for the writer puts off the clocks that run after somebody took the message", () => {
  const clocks = { ...DEFAULT_CLOCKS, holidays: ["2026-11-23"] };
  assert.deepEqual(due("2026-11-20", "taken", TODAY, clocks, 9), { clock: "taken", day: "2026-11-26", left: 1 });
  assert.deepEqual(due("2026-11-02", "coded", TODAY, clocks, 10), { clock: "coded", day: "2026-11-26", left: 1 });
  assert.deepEqual(due("2026-11-02", "decided", TODAY, clocks, 2), { clock: "decided", day: "2026-11-25", left: 0 });
  assert.equal(dueText({ clock: "decided", day: "2026-11-25", left: 2 }, "checked", "25 November", true), "Decide: 2 days left, when the writer has answered");
});

// The case is that of internal/client/firstcodings_test.go.
test("a third's coding that comes in after the others agreed stands beside the agreement and takes nothing back", () => {
  for (const [day, stands] of [["2026-11-22", false], ["2026-11-23", true], ["2026-11-25", true]] as const) {
    const c = coded();
    const body = proposal(c.codings);
    c.consensuses.push(dated(ANNA, body, "2026-11-22"), dated(BELA, body, "2026-11-23"));
    c.codings.push(dated(CLEO, { ...FOUND, yes: ["voice"], no: ["force"], seriousness: 0 }, day));
    c.coded.push(CLEO);
    assert.deepEqual([settled(c.codings, c.consensuses)?.consensus, stageOf(c, TODAY)], stands ? [body, "agreed"] : [undefined, "compared"], day);
    const anew = proposal(c.codings);
    c.consensuses.push(dated(ANNA, anew, TODAY), dated(CLEO, anew, TODAY));
    assert.deepEqual(settled(c.codings, c.consensuses)?.consensus, anew, "an agreement that names it too takes its place");
  }
});

// The cases are those of internal/client/whoseword_test.go.
test("what somebody checked or decided before they stepped back counts for nothing, and what they agreed on needs a coder who is left", () => {
  const stepsBack = (c: Case, ...who: string[]): Case => {
    c.free = c.free.filter((id) => !who.includes(id));
    c.claims = c.claims.filter(({ by }) => !who.includes(by));
    c.recused.push(...who);
    return c;
  };
  const left = (c: Case, ...who: string[]): Case => ({ ...c, free: c.free.filter((id) => !who.includes(id)), claims: c.claims.filter(({ by }) => !who.includes(by)) });
  const at = (c: Case): unknown => [stageOf(c, TODAY), taskOf(c, ANNA, TODAY), taskOf(c, DARA, TODAY)];
  const ready = (): Case => decided("2026-11-22");
  const byDara = ready();
  byDara.sharings[0] = { ...(byDara.sharings[0] ?? assert.fail()), by: DARA };
  assert.deepEqual(at(ready()), ["ready", "release", "object"]);
  assert.deepEqual([at(stepsBack(ready(), CLEO)), checkOf(stepsBack(ready(), CLEO))], [["agreed", "wait", "declare"], null], "checked and decided");
  assert.deepEqual(at(stepsBack({ ...byDara, claims: [...byDara.claims] }, DARA)), ["checked", "decide", "nothing"], "decided");
  assert.deepEqual(at(stepsBack(ready(), ANNA)), ["ready", "release", "object"], "one coder, where the other is left");
  assert.deepEqual(at(stepsBack(ready(), ANNA, BELA)), ["one-left", "wait", "third"], "both coders");
  assert.equal(stageOf(stepsBack(left(ready(), DARA), ANNA, BELA), TODAY), "no-third", "both coders, where nobody is left but the checker");
  assert.equal(stageOf(stepsBack(left(ready(), BELA), ANNA), TODAY), "one-left", "one, where the other has left");
  assert.equal(stageOf(left(ready(), ANNA, BELA, CLEO), TODAY), "ready", "who only left signed as the member they were");
  const out = ready();
  const given = stepsBack({ ...out, given: out.sharings.map(({ hash }) => hash) }, ANNA, BELA, CLEO);
  assert.deepEqual([stageOf(given, TODAY), closedOn(given)], ["released", "2026-11-22"], "what was given out stays as it was decided");
  const kept = agreed();
  kept.sharings.push(dated(DARA, { decision: "keep" as const, form: "" as const, words: "No.", wishes: WISHES, consensus: [], check: "", of: "" }, TODAY));
  assert.deepEqual([stageOf(kept, TODAY), stageOf(stepsBack(kept, DARA), TODAY)], ["kept", "agreed"]);
});
