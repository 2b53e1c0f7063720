import assert from "node:assert/strict";
import { test } from "node:test";
import type { Consensus, Found } from "../src/coding.js";
import { DEFAULT_CLOCKS } from "../src/panel/clocks.js";
import { between, byMonth, byQuarter, sumsBy, total, workedOff, type Cell } from "../src/panel/numbers.js";
import { quartersOver } from "../src/panel/ratesview.js";
import { tally, type Known } from "../src/panel/tally.js";
import { dayBy, type Wait } from "../src/panel/waits.js";

const found = (yes: string[], seriousness = 1, items: string[] = [], good: string[] = []): Found =>
  ({ taxonomy: "0.2.0", yes, no: ["voice", "force", "bias"].filter((t) => !yes.includes(t)), items, good, seriousness, involved: [], repair: [] });
const agreed = (f: Found): Consensus => ({ ...f, codings: [] });
const by = (id: string, body: Found): Known["blind"][number] => ({ by: id, hash: id, day: "2026-11-05", body });
const known = (day: string, more: Partial<Known> = {}): Known =>
  ({ day, service: "ward", counted: false, agreed: null, blind: [], begun: "", answers: null, sealedBy: "", answer: null, ...more });
const answer = (impact: string, forWhom = "me"): Known["answers"] => [{ q: "impact", a: impact }, { q: "for_whom", a: forWhom }];

const THEMES = ["voice", "force", "bias"];
const cells: Cell[] = [
  { month: "2026-07-01", table: "reports", layer: "", row: "", column: "", reports: 6 },
  { month: "2026-07-01", table: "theme", layer: "", row: "voice", column: "", reports: 4 },
  { month: "2026-07-01", table: "theme", layer: "", row: "", column: "", reports: 6 },
  { month: "2026-07-01", table: "theme_by_service", layer: "", row: "bias", column: "service.ward", reports: 2 },
];

test("what is for the panel alone is added to exact counts, and never counted twice", () => {
  const unfair = found(["bias", "voice"], 3, ["bias.race"], ["good_solidarity.stood_by"]);
  const t = tally([
    known("2026-11-02", { agreed: agreed(unfair), counted: false }),
    known("2026-11-02", { agreed: agreed(unfair), counted: true }), // the server counts it
    known("2026-11-03"), // nobody agreed yet
  ], THEMES, "2026-11-20", DEFAULT_CLOCKS);
  assert.deepEqual(t.serious3, ["2026-11-02", "2026-11-02"]);
  const months = sumsBy(byMonth, cells, t);
  assert.deepEqual(months.map(([m, s]) => [m, s.counted, s.only]), [["2026-07", 6, 0], ["2026-08", 0, 0], ["2026-09", 0, 0], ["2026-10", 0, 0], ["2026-11", 0, 1]]);
  const drawn = (today: string): string[] => workedOff(months, 1, today).map(([m]) => m);
  assert.deepEqual([drawn("2026-11-29"), drawn("2026-11-30"), drawn("2027-01-01")].map((m) => m.length), [3, 3, 5], "months that were over for 30 days");
  assert.deepEqual([drawn("2026-10-30"), drawn("2026-10-31")], [["2026-07", "2026-08"], ["2026-07", "2026-08", "2026-09"]]);
  const quarters = sumsBy(byQuarter, cells, t);
  assert.deepEqual(["2026-10-30", "2026-10-31", "2027-01-31"].map((d) => workedOff(quarters, 3, d).length), [0, 1, 2]);
  assert.deepEqual(quarters.map(([q]) => q), ["2026-07", "2026-10"]);
  const all = total(quarters);
  assert.deepEqual([all.counted, all.only, all.themes, all.unfairIn], [6, 1, { voice: 5, bias: 1, good_solidarity: 1 }, { "service.ward": 3 }]);
  assert.deepEqual(t.months.map((m) => [m.agreed, m.serious3, m.good, m.unfair]), [[2, 2, 2, { "bias.race": 2 }]]);
  assert.deepEqual(sumsBy(byMonth, [], tally([known("2026-11-03")], THEMES, "2026-11-20", DEFAULT_CLOCKS)), []);
});

test("how much it hurt is of those who say so, and a clock that runs is neither kept nor missed", () => {
  const t = tally([
    known("2026-11-02", { answers: answer("big", "saw_it"), sealedBy: "server", begun: "2026-11-05" }), // a Monday; three working days
    known("2026-11-02", { answers: answer("small"), sealedBy: "client", begun: "2026-11-06" }),
    known("2026-11-02", { answers: answer("too_soon"), sealedBy: "client" }),
    known("2026-11-18", { answers: null }), // its days are not over
    known("2026-10-05", { begun: "2026-10-05", answer: { replied: "2026-10-12", told: "2026-11-02", paused: 0 } }),
    known("2026-10-05", { begun: "2026-10-05", answer: { replied: "2026-10-19", told: "", paused: 20 } }),
    known("2026-10-05", { begun: "2026-10-05", answer: { replied: "", told: "", paused: 0 } }),
  ], THEMES, "2026-11-20", { ...DEFAULT_CLOCKS, feedback: 30 });
  assert.deepEqual(t.months.map(({ month, reply, feedback }) => [month, reply, feedback]),
    [["2026-11", { due: 0, onTime: 0 }, { due: 0, onTime: 0 }], ["2026-10", { due: 3, onTime: 1 }, { due: 2, onTime: 1 }]].sort(), "one whose panel waits for the writer is not late");
  t.months.shift();
  const sum = t.months.map((m) => [m.read, m.ack]);
  assert.deepEqual(sum, [[{ messages: 3, answered: 2, big: 1, helper: 1, plain: 1 }, { due: 3, onTime: 1 }]]);
});

// The two groups are those of Miller's study of leukaemia, data set aml of R's package survival, whose survfit gives 31 and 23.
test("half were begun by the published day, and one that nobody has begun waits on", () => {
  const open = (days: number): Wait => ({ days, over: false });
  const over = (...days: number[]): Wait[] => days.map((d) => ({ days: d, over: true }));
  const kept = [...over(9, 13), open(13), ...over(18, 23), open(28), ...over(31, 34), open(45), ...over(48), open(161)];
  const not = [...over(5, 5, 8, 8, 12), open(16), ...over(23, 27, 30, 33, 43, 45)];
  assert.deepEqual([dayBy(0.5, kept), dayBy(0.5, not), dayBy(0.9, not), dayBy(0.9, kept)], [31, 23, 43, null]);
  assert.deepEqual([dayBy(0.5, []), dayBy(0.5, [open(90)]), dayBy(0.9, over(1, 2, 3, 4, 5, 6, 7, 8, 9, 40)), dayBy(0.5, over(9, 2))], [null, null, 9, 2]);
  const begun = (day: string, on: string): Known => known(day, { begun: on });
  // Working days: 1 (over a weekend), 3 and 4; then two that nobody has begun after 14 and 2.
  const some = [begun("2026-11-06", "2026-11-09"), begun("2026-11-02", "2026-11-05"), begun("2026-11-02", "2026-11-06")];
  assert.deepEqual(tally([...some, known("2026-11-02"), known("2026-11-18")], THEMES, "2026-11-20", DEFAULT_CLOCKS).ack, { of: 5, half: 4, nine: null });
  assert.deepEqual(tally([], THEMES, "2026-11-20", DEFAULT_CLOCKS).ack, { of: 0, half: null, nine: null });
});

test("three reports of the same at the same place within 180 days are told again and again", () => {
  const on = (day: string, service: string, ...items: string[]): Known => known(day, { service, agreed: agreed(found(["voice"], 1, items)) });
  const { again } = tally([
    on("2026-05-24", "ward", "voice.not_asked"), // 180 days before, and no longer counted
    on("2026-05-25", "ward", "voice.not_asked", "voice.not_asked"), on("2026-08-01", "ward", "voice.not_asked", "voice.pushed"), on("2026-11-19", "ward", "voice.not_asked"),
    on("2026-11-19", "day", "voice.not_asked"), on("2026-11-19", "day", "voice.pushed"), known("2026-11-19"),
  ], THEMES, "2026-11-20", DEFAULT_CLOCKS);
  assert.deepEqual(again, [{ service: "ward", item: "voice.not_asked", reports: 3 }]);
});

test("agreement is worked out by question and by quarter, from codings without sight of each other", () => {
  const pairs = [...Array(12).keys()].map((i) => known(i < 11 ? "2026-11-02" : "2026-07-02", {
    blind: [by("ra", found(i % 2 === 0 ? ["voice"] : [], i % 4)), by("rb", found(i % 2 === 0 ? ["voice"] : [], i % 4))],
  }));
  const { agreement } = tally([...pairs, known("2026-11-02", { blind: [by("ra", found([]))] })], THEMES, "2026-11-20", DEFAULT_CLOCKS);
  assert.deepEqual(agreement.map(({ of, all }) => [of, all.units, all.state]), [["voice", 12, "enough"], ["force", 12, "no-variation"], ["bias", 12, "no-variation"], ["seriousness", 12, "enough"]]);
  const [voice] = agreement;
  assert.ok(voice !== undefined);
  assert.equal(voice.all.alpha, 1);
  assert.deepEqual(voice.quarters.map(({ quarter, summary }) => [quarter, summary.state]), [["2026-07", "too-few"], ["2026-10", "enough"]]);
  assert.deepEqual(voice.quarters.map(({ kappa }) => kappa?.toFixed(3) ?? null), [null, "1.000"]);
  const serious = agreement.find(({ of }) => of === "seriousness")?.quarters[1];
  assert.deepEqual([serious?.summary.state, serious?.kappa, serious?.ac1], ["enough", null, null], "neither knows that seriousness has an order");
  const mixed = [...Array(12).keys()].map((i) => known("2026-11-02", { blind: [by(i < 6 ? "ra" : "rc", found(i % 2 === 0 ? ["voice"] : [])), by("rb", found(i % 3 === 0 ? ["voice"] : []))] }));
  const [once] = tally(mixed, THEMES, "2026-11-20", DEFAULT_CLOCKS).agreement;
  assert.deepEqual([once?.quarters[0]?.kappa?.toFixed(3), once?.quarters[0]?.ac1?.toFixed(3)], ["-0.029", "0.027"], "whoever the two were");
  const far = tally([...pairs, ...pairs.map((p) => ({ ...p, day: "2027-08-30" }))], THEMES, "2027-09-20", DEFAULT_CLOCKS).agreement[0]?.quarters;
  assert.deepEqual(far?.map(({ quarter, summary }) => [quarter, summary.units]), [["2026-07", 1], ["2026-10", 11], ["2027-01", 0], ["2027-04", 0], ["2027-07", 12]], "quarters without a coding are gaps");
  const bare = tally([known("2026-11-02")], THEMES, "2026-11-20", DEFAULT_CLOCKS);
  assert.deepEqual([bare.agreement, bare.pairs], [[], []]);
});

test("each two coders have a kappa of their own, of the messages that both coded", () => {
  const coded = (n: number, other: string, flip: boolean): Known[] => [...Array(n).keys()].map((i) => known("2026-11-02", {
    blind: [by("ra", found(i % 2 === 0 ? ["voice"] : [], i % 4)), by(other, found((i % 2 === 0) === flip ? ["voice"] : [], i % 4))],
  }));
  const { pairs } = tally([...coded(12, "rb", true), ...coded(10, "rc", false), ...coded(3, "rd", true)], THEMES, "2026-11-20", DEFAULT_CLOCKS);
  assert.deepEqual(pairs.map(({ coders, questions }) => [coders.join(" "), questions.map(({ of, units, percent, kappa, said }) => [of, units, percent, kappa, said])]), [
    ["ra rb", [["voice", 12, 1, 1, 0.5], ["force", 12, 1, null, 0], ["bias", 12, 1, null, 0], ["seriousness", 12, 1, 1, 0.75]]],
    ["ra rc", [["voice", 10, 0, -1, 0.5], ["force", 10, 1, null, 0], ["bias", 10, 1, null, 0], ["seriousness", 10, 1, 1, 0.7]]],
    ["ra rd", [["voice", 3, 1, null, 2 / 3], ["force", 3, 1, null, 0], ["bias", 3, 1, null, 0], ["seriousness", 3, 1, null, 2 / 3]]],
  ]);
});

test("reports between rare ones are counted up to the next, those of its day with it", () => {
  const on = (day: string, seriousness: number): Known => known(day, { agreed: agreed(found(["voice"], seriousness)) });
  const { between } = tally([on("2026-11-01", 3), on("2026-11-01", 1), on("2026-11-02", 1), on("2026-11-04", 0), on("2026-11-04", 3), on("2026-11-04", 3), on("2026-11-09", 2)], THEMES, "2026-11-20", DEFAULT_CLOCKS);
  assert.deepEqual(between, { serious3: [2, 0], payback: [] });
});

test("visits are written down for quarters that are over", () => {
  assert.deepEqual(quartersOver("2026-02-10").slice(0, 5), ["2025-10-01", "2025-07-01", "2025-04-01", "2025-01-01", "2024-10-01"]);
  assert.equal(quartersOver("2026-12-31")[0], "2026-07-01");
});

test("days between", () => {
  assert.deepEqual(between(["2026-11-01", "2026-11-01", "2026-11-04"]), [0, 3]);
});

test("items of the clinic's own are counted for the panel alone, whoever may count the report, and are no theme", () => {
  const own = { ...found(["voice"]), own: ["voice.x_riverside.no_phone"] };
  const t = tally([known("2026-11-02", { agreed: agreed(own), counted: true }), known("2026-11-03", { agreed: agreed(own) }), known("2026-11-03", { blind: [by("ra", own)] })], THEMES, "2026-11-20", DEFAULT_CLOCKS);
  assert.deepEqual(t.months.map((m) => [m.own, m.only.themes]), [[{ "x_riverside.no_phone": 2 }, { voice: 1 }]]);
});
