/** Keys of the panel's page, and letters of somebody who types on. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { RUN_MS, Typing } from "../src/panel/typing.js";

test("letters that were begun in a field are for no key of the page, until somebody rests or moves the focus", () => {
  const typing = new Typing();
  const key = (key: string, timeStamp: number, field: boolean): boolean => typing.takes({ key, timeStamp }, field);
  assert.equal(key("c", 10, false), false, "a key of the page");
  assert.equal(key("c", 1000, true), true);
  for (let at = 1060; at < 4000; at += 60) assert.equal(key("o", at, false), true, "the field was taken from under a fast typist");
  const rested = 4000 + RUN_MS;
  assert.equal(key("o", rested, false), false, "after a rest");
  key("a", rested + 10, true);
  key("Tab", rested + 20, true);
  assert.equal(key("j", rested + 30, false), false, "moved by keyboard");
  key("a", rested + 40, true);
  typing.moved();
  assert.equal(key("j", rested + 50, false), false, "moved by pointer");
});
