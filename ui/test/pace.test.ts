import assert from "node:assert/strict";
import { test } from "node:test";
import type { Task } from "../src/panel/casework.js";
import { DEFAULT_CAPS, isGrave, Pace, Paces } from "../src/panel/pace.js";

const FOUND = { taxonomy: "0.2.0", yes: [], no: [], items: [], good: [], involved: [], repair: [] };

test("six stories a sitting, two of them with seriousness 3, and ten minutes after each of those", () => {
  let now = 0;
  const pace = new Pace(DEFAULT_CAPS, () => now);
  pace.coded("a", 3);
  assert.deepEqual([pace.brake("b"), pace.minutesLeft(), pace.brake("a")], ["gap", 10, null]);
  now = 9.5 * 60_000;
  assert.deepEqual([pace.brake("b"), pace.minutesLeft()], ["gap", 1]);
  now = 10 * 60_000;
  assert.equal(pace.brake("b"), null);
  pace.coded("b", 3);
  now = 30 * 60_000;
  assert.equal(pace.brake("c"), "serious");
  const calm = new Pace(DEFAULT_CAPS, () => now);
  for (const leaf of ["a", "b", "c", "d", "e", "a", "f"]) calm.opened(leaf);
  assert.deepEqual([calm.brake("f"), calm.brake("g")], [null, "sitting"]);
});

test("a story that somebody else found to be of the gravest kind counts when it is left, and a pause stops every first opening", () => {
  let now = 0;
  const pace = new Pace(DEFAULT_CAPS, () => now);
  const found = (...seriousness: number[]) => ({ codings: seriousness.map((n) => ({ by: "r", hash: "h", day: "", body: { ...FOUND, seriousness: n } })), consensuses: [] });
  assert.deepEqual([isGrave(found(2, 3)), isGrave(found(3)), isGrave(found(2, 2)), isGrave(found())], [true, true, false, false]);
  const row = (leaf: string, task: Task, of: "submission" | "consent" = "submission") => ({ leaf, task, card: { of, thread: "", service: "", roles: [], when: "", chips: [], urgent: false, taxonomy: "0.2.0" } });
  const brakes = (): unknown => (["code", "check", "agree", "decide", "object", "look"] as const).map((task) => pace.brakeOn(row("b", task)));
  pace.coded("a", 2);
  assert.deepEqual(brakes(), [null, null, null, null, null, null]);
  pace.leftGrave("a");
  assert.deepEqual([brakes(), pace.brakeOn(row("a", "agree")), pace.brakeOn(row("c", "look", "consent"))], [Array(6).fill("gap"), null, null]);
  now = 11 * 60_000;
  pace.leftGrave("c");
  now = 22 * 60_000;
  assert.deepEqual(brakes(), [...Array(4).fill("serious") as string[], null, "serious"], "a full sitting keeps nobody from objecting");
});

test("who looks at what goes out of a grave story, to object, rests after it, and has read none", () => {
  let now = 0;
  const pace = new Pace(DEFAULT_CAPS, () => now);
  for (const leaf of ["a", "b", "c"]) pace.lookedAtGrave(leaf);
  assert.deepEqual([pace.brake("d"), pace.minutesLeft(), pace.brake("a")], ["gap", 10, null], "what was open may be finished");
  now = 10 * 60_000;
  assert.deepEqual([pace.brake("d"), pace.brake("a")], [null, null]);
  for (const leaf of ["d", "e", "f", "g", "h"]) pace.opened(leaf);
  assert.equal(pace.brake("i"), null);
  pace.opened("i");
  assert.deepEqual([pace.brake("a"), pace.brake("k")], ["sitting", "sitting"]);
});

test("themes that somebody would rather not read are known by their chips", () => {
  const pace = new Pace(DEFAULT_CAPS, () => 0);
  pace.avoid(["force"]);
  assert.deepEqual([pace.avoids(["force.held_down"]), pace.avoids(["force"]), pace.avoids(["respect.hurt_me"]), pace.avoids([])], [true, true, false, false]);
});

test("who signs in again goes on with the sitting, the rest and the themes that they had, and nobody with another's", () => {
  const paces = new Paces();
  const anna = paces.of("ra");
  anna.coded("a", 3);
  anna.avoid(["force"]);
  assert.deepEqual([paces.of("ra").brake("b"), [...paces.of("ra").avoided]], ["gap", ["force"]]);
  assert.deepEqual([paces.of("rb").brake("b"), [...paces.of("rb").avoided]], [null, []]);
});

test("a sitting is over after four hours without a new story, and not before", () => {
  let now = 0;
  const pace = new Pace(DEFAULT_CAPS, () => now);
  for (const leaf of ["a", "b"]) pace.coded(leaf, 3);
  now = 4 * 3_600_000;
  assert.equal(pace.brake("c"), "serious");
  pace.opened("a"); // reads on in one
  now += 4 * 3_600_000;
  assert.deepEqual([pace.brake("c"), pace.brake("a")], ["serious", null]);
  now++;
  assert.equal(pace.brake("c"), null);
  for (const leaf of ["c", "d", "e", "f", "g"]) pace.opened(leaf);
  assert.equal(pace.brake("h"), null);
  pace.opened("h");
  assert.equal(pace.brake("i"), "sitting");
});
