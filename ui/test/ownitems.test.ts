import assert from "node:assert/strict";
import { test } from "node:test";
import { decisionLines, hashText } from "../src/decision.js";
import { ownCode } from "../src/coding.js";
import type { Decision } from "../src/panel/api.js";
import { codedOwn, heldBetween, heldItems, type OwnItem } from "../src/panel/ownitems.js";

const item = (name: string, label: string): OwnItem => ({ theme: "place", code: `x_riverside.${name}`, label });
const settings = (items: OwnItem[]): string => JSON.stringify({ intro: "", shared: false, services: [], items, support: [] });

function decided(day: string, items: OwnItem[], more: Partial<Decision> = {}): Decision {
  const body = settings(items);
  const lines = decisionLines({ kind: "settings", clinic: "c", day, after: "first", text: hashText(body) });
  return { id: day, kind: "settings", state: "made", lines, body, proposed_by: "raaaaaaaa", made_on: day, needed: 1, signatures: [], ...more };
}

const cold = item("cold_hall", "The hall was cold");
const key = item("no_key", "There was no key");
const held = heldItems([ // the newest first, as a server gives them
  decided("2026-11-20", [key], { state: "draft", made_on: null }),
  decided("2026-11-12", [key, { ...cold, label: "It was cold in the hall" }]),
  decided("2026-11-10", [key]),
  decided("2026-11-05", [cold], { body: settings([item("swapped", "Not what was signed")]) }),
  decided("2026-11-03", [cold]),
]);
const asked = (first: string, last: string): string[] => heldBetween(held, first, last).map(({ label }) => label).sort();

test("coders are asked what the writer can have been asked, and what was retired since stays on the list of old messages", () => {
  assert.deepEqual(asked("2026-10-01", "2026-11-02"), [], "before the first");
  assert.deepEqual(asked("2026-11-01", "2026-11-09"), ["The hall was cold"]);
  assert.deepEqual(asked("2026-11-10", "2026-11-10"), ["The hall was cold", "There was no key"], "on the day of a change both");
  assert.deepEqual(asked("2026-11-11", "2026-11-11"), ["There was no key"]);
  assert.deepEqual(asked("2026-11-01", "2026-11-30"), ["It was cold in the hall", "There was no key"], "by its last name, once");
});

test("a coding says the theme of an own item, which its code alone does not", () => {
  assert.equal(codedOwn(cold), "place.x_riverside.cold_hall");
  assert.equal(ownCode(codedOwn(cold)), cold.code);
});
