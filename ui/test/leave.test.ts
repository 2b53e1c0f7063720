/** What counts as Shift three times. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Shifts, WITHIN } from "../src/leave.js";

const key = (name: string, more: object = {}) => ({ key: name, repeat: false, ctrlKey: false, altKey: false, metaKey: false, ...more });

/** Plays keys, each going down and up at once, "+" holding the first; gives the count after each. */
function play(keys: string[], pause = 200): number[] {
  const s = new Shifts();
  return keys.map((k, i) => {
    const [held, then] = k.split("+");
    s.down(key(held ?? ""));
    if (then !== undefined) s.down(key(then));
    return s.up(held ?? "", i * pause);
  });
}

test("three bare presses of Shift count, and one more of anything else between starts anew", () => {
  assert.deepEqual(play(["Shift", "Shift", "Shift"]), [1, 2, 3]);
  assert.deepEqual(play(["Shift", "Shift", "a", "Shift"]), [1, 2, 0, 1]);
  assert.deepEqual(play(["Shift", "Shift", "Tab", "Shift", "Shift"]), [1, 2, 0, 1, 2]);
});

test("capital letters, shortcuts and held keys never count", () => {
  assert.deepEqual(play(["Shift+I", "Shift+T", "Shift+S", "Shift"]), [0, 0, 0, 1]);
  const s = new Shifts();
  for (const more of [{ ctrlKey: true }, { altKey: true }, { metaKey: true }, { repeat: true }]) {
    s.down(key("Shift", more));
    assert.equal(s.up("Shift", 0), 0, JSON.stringify(more));
  }
});

test("presses further apart than three seconds do not add up", () => {
  assert.deepEqual(play(["Shift", "Shift", "Shift"], WITHIN / 2 - 1), [1, 2, 3]);
  assert.deepEqual(play(["Shift", "Shift", "Shift"], WITHIN / 2), [1, 2, 2]);
});
