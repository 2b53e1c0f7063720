import assert from "node:assert/strict";
import { test } from "node:test";
import { DEFAULT_CAPS, Pace, Paces } from "../src/panel/pace.js";

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
