/** A row of the queue has one short line for its clocks, and nothing of what they say is lost. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";
import type { Card } from "../src/coding.js";
import { claimsIn, type Row, type Stage } from "../src/panel/casework.js";
import { DEFAULT_CLOCKS } from "../src/panel/clocks.js";
import { clocksOf, hints, rowLine, silentOn } from "../src/panel/rowclocks.js";

const CARD: Card = { of: "submission", thread: "", service: "", roles: [], when: "", chips: [], urgent: false, taxonomy: "1" };
const NEW: Row = {
  leaf: "", epoch: "", day: "2026-11-20", card: CARD, claims: [], coded: [], free: ["me", "bela"], checkIn: "", stage: "coding", task: "declare", declared: false,
  pauses: null, answering: { clock: "reply", sure: false }, junk: null,
};
const on = (today: string): { me: string; today: string; clocks: typeof DEFAULT_CLOCKS } => ({ me: "me", today, clocks: DEFAULT_CLOCKS });

test("a row says in a few words what presses most, late in words, and the message says all of it", () => {
  const fresh = clocksOf(NEW, on("2026-11-20"));
  assert.deepEqual(fresh.map(({ short, late }) => [short, late]), [["Take it: 3 working days left", false], ["Answer the writer: 7 days left", false]]);
  assert.deepEqual(fresh.map(({ long }) => long), [
    "Take it by 25 November 2026: 3 working days left",
    "Answer the writer by 27 November 2026: 7 days left. Unless they do not want to be contacted: that stands in their words",
  ]);
  assert.equal(rowLine(fresh)?.short, "Take it: 3 working days left");
  const claims = [{ by: "bela", role: "coder" as const }];
  const late = clocksOf({ ...NEW, claims }, on("2026-12-06"));
  assert.deepEqual(late.map((c) => c.short), ["Answer the writer: 9 days late", "Both readings: 2 days late"]);
  assert.ok(late.every((c) => c.late));
  assert.match(late[1]?.long ?? "", /^Both readings by 4 December 2026: 2 days late\. This may be put off while its writer is asked\. bela took it, says the server/);
  assert.equal(rowLine(clocksOf({ ...NEW, stage: "kept", answering: null }, on("2026-12-06"))), null);
});

// The cases are those of internal/client/clocks_test.go, too.
test("who has the part that a message waits for is named once its time is over", () => {
  const file = path.join(import.meta.dirname, "../../../internal/client/testdata/silent.json");
  const { cases } = JSON.parse(readFileSync(file, "utf8")) as { cases: { stage: Stage; left: number; parts: [string, string][]; silent: string[] }[] };
  assert.ok(cases.length > 0);
  for (const { stage, left, parts, silent } of cases) {
    const of = parts.map(([reviewer, part]) => ({ reviewer, part }));
    const coded = of.filter(({ part }) => part === "coded").map(({ reviewer }) => reviewer);
    assert.deepEqual(silentOn({ stage, claims: claimsIn(of), coded }, left), silent, `${stage}, ${String(left)} left, ${JSON.stringify(parts)}`);
  }
  const [decide] = clocksOf({ ...NEW, stage: "agreed", claims: [{ by: "cleo", role: "checker" }], answering: null }, on("2026-12-30"));
  assert.match(decide?.long ?? "", /^Decide by 11 December 2026: 19 days late\. .*cleo took it, says the server, and nothing of theirs counts yet\. .*ask them$/);
});

test("a clock names what is due by then, and not what is done", () => {
  const names = (["coding", "differs", "compared", "agreed", "checked", "objecting", "ready"] as const).map((stage) => {
    const [clock] = clocksOf({ ...NEW, stage, claims: [{ by: "me", role: "coder" }], pauses: [], answering: null }, on("2026-11-21"));
    return clock?.short.replace(/:.*/, "");
  });
  assert.deepEqual(names, ["Both readings", "Agree", "Agree and sign", "Decide", "Decide", "Be done with it", "Be done with it"]);
});

test("a message whose only coder has stepped back is taken all the same: their coding stays", () => {
  const clocks = clocksOf({ ...NEW, coded: ["bela"], answering: null }, on("2026-11-26"));
  assert.deepEqual(clocks.map(({ short, late }) => [short, late]), [["Both readings: 8 days left", false]]);
});

test("what a clock hangs on is said once for all rows, and only where this reviewer does not know it", () => {
  const rows = [NEW, { ...NEW, claims: [{ by: "bela", role: "coder" as const }] }, NEW];
  const all = hints(rows.flatMap((c) => clocksOf(c, on("2026-11-20"))));
  assert.equal(all.length, 2);
  assert.match(all.join(" "), /does not want to be contacted.*stand still/);
  const known: Row = { ...NEW, claims: [{ by: "bela", role: "coder" as const }], pauses: [], answering: { clock: "reply", sure: true } };
  assert.deepEqual(hints(clocksOf(known, on("2026-11-20"))), []);
});

test("a clock that stands still says so in a row, and since when in the message", () => {
  const paused: Row = { ...NEW, stage: "agreed", pauses: [{ from: "2026-11-22", to: "" }], answering: { clock: "feedback", sure: true } };
  const [decide, tell] = clocksOf(paused, on("2026-11-25"));
  assert.equal(decide?.short, "Decide: 19 days left, when the writer has answered");
  assert.equal(decide.long, "Decide: 19 days left, when the writer has answered. The clock stands still since 22 November 2026: the writer looks first");
  assert.equal(tell?.short, "Tell the writer what you decided: 88 days left, when the writer has answered");
});

test("whom the writer wished to be asked by now stands before every clock; later, in the message alone", () => {
  const due = clocksOf({ ...NEW, checkIn: "2026-11-23" }, on("2026-12-30"));
  assert.equal(rowLine(due)?.short, "The writer wishes to be asked");
  assert.match(due[0]?.long ?? "", /Since 23 November 2026: whether something has happened to their care since$/);
  const later = clocksOf({ ...NEW, checkIn: "2027-01-04" }, on("2026-11-20"));
  assert.equal(rowLine(later)?.short, "Take it: 3 working days left");
  assert.match(later[0]?.long ?? "", /From 4 January 2027 on/);
});
