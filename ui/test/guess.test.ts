import assert from "node:assert/strict";
import { test } from "node:test";
import type { Card } from "../src/coding.js";
import { crowd, marks, quotes, type MarkKind, type Passer } from "../src/panel/guess.js";
import { withLater } from "../src/panel/later.js";

const marked = (text: string): [MarkKind, string][] => marks(text).map((m) => [m.kind, text.slice(m.start, m.end)]);
const of = (kind: MarkKind, text: string): string[] => marked(text).filter(([k]) => k === kind).map(([, s]) => s);

test("names are marked in the middle of a sentence, at its beginning and behind a title", () => {
  assert.deepEqual(of("name", "Then Nurse Quillwort came. John laughed. My friend Zosia saw it."), ["Nurse Quillwort", "John", "Zosia"]);
  assert.deepEqual(of("name", "I said no. They did it. It was bad, I'm sure. The door was shut."), []);
});

test("plain words that open a sentence are no names, and names that are plain words too stay marked", () => {
  for (const word of ["Somebody", "Nobody", "Everybody", "Someone", "Afterwards", "Meanwhile", "Unfortunately", "Suddenly", "Yes", "Perhaps", "Whatever", "Staff", "Doctors", "Police", "Without", "Please", "Didn’t"]) {
    assert.deepEqual(of("name", `It was cold. ${word} held me down.`), [], word);
  }
  assert.deepEqual(of("name", "Somebody’s hand was on me.\n“Nobody came. Yourselves, they said."), []);
  for (const name of ["Mark", "Rose", "Grace", "Faith", "Bill", "Will", "Dare", "Young", "Frank", "Joy", "Hope", "Hunter", "Little", "Carol"]) {
    assert.deepEqual(of("name", `Then I told ${name} no. It hurt.`), [name], `after a verb: ${name}`);
    if (name !== "Will") assert.deepEqual(of("name", `It was cold. ${name} laughed.`), [name], `at the beginning: ${name}`);
  }
  assert.deepEqual(of("name", "They told Somebody Else Care to leave."), ["Somebody", "Else", "Care"], "in the middle of a sentence a capital is a capital");
});

test("days, times and feasts are marked as dates", () => {
  for (const day of ["3rd of May", "May 3", "2026-05-03", "3/5/2026", "Tuesday", "14:30", "3pm", "Christmas", "my birthday", "1998", "August"]) {
    assert.deepEqual(of("date", `It was ${day} when it happened`), [day]);
  }
  assert.deepEqual(of("date", "I may go; they march on."), []);
});

test("places are marked with what names them", () => {
  assert.deepEqual(of("place", "They took me to room 12 and then Mill Lane in Oakham, near the station."), ["room 12", "Mill Lane", "Oakham", "station"]);
  assert.deepEqual(of("place", "I was on Ward B of Saint Anne Hospital."), ["Ward B", "Saint Anne Hospital"]);
});

test("numbers, spelled ones too, and ways to reach people are marked", () => {
  assert.deepEqual(of("number", "I have seven children, 3 dogs and one cat"), ["seven", "3"]);
  assert.deepEqual(of("contact", "Write to a.b@example.org or +44 20 7946 0000, or @zosia"), ["a.b@example.org", "+44 20 7946 0000", "@zosia"]);
});

test("rare words are marked and common ones in any form are not", () => {
  assert.deepEqual(of("rare", "He laughed at my theremin and my alpaca and shouted, walking quickly, and didn't stop crying."), ["theremin", "alpaca"]);
  assert.deepEqual(of("rare", "they held me down and would not listen"), []);
});

test("a text in a script this list does not know is marked whole and never passed as safe", () => {
  assert.deepEqual(marked("שלום עולם").map(([k]) => k), ["rare", "rare"]);
});

test("the writer's own words are found again in a summary", () => {
  const original = "They held me down on the cold kitchen floor until I stopped.";
  const summary = "Somebody was held: “held me DOWN on the cold” floor, they say.";
  assert.deepEqual(quotes(summary, original).map((m) => summary.slice(m.start, m.end)), ["held me DOWN on the cold"]);
  assert.deepEqual(quotes("Somebody was held down.", original), []);
});

test("marks lie in the text, in order, and do not overlap, whatever the text", () => {
  const pieces = ["Zosia ", "12 ", "room ", "May 3 ", "👩🏽‍⚕️", "\u202e", "\ud800", "a@b.co ", "\n", "i̇", "Ǆ", "’s ", "-", ". ", "the ", "שלום "];
  for (let seed = 1; seed < 400; seed++) {
    let text = "";
    for (let i = 0, x = seed; i < 12; i++, x = (x * 48271) % 2147483647) text += pieces[x % pieces.length] ?? "";
    let end = 0;
    for (const m of marks(text)) {
      assert.ok(m.start >= end && m.end > m.start && m.end <= text.length);
      end = m.end;
    }
  }
});

test("a long text is marked in a moment", () => {
  const start = performance.now();
  marks("They took Zosia to room 12 on May 3. ".repeat(450));
  assert.ok(performance.now() - start < 2000);
});

let passers = 0;
const passer = (service: string, roles: string[], day: string, chips: string[] = [], agreed: string[] | null = null): Passer =>
  ({ leaf: String(passers++), card: { of: "submission", service, roles, chips }, day, agreed });

test("the crowd is the least over the roles, of one service and month", () => {
  const one = passer("crisis_house", ["nurse", "security"], "2026-11-03");
  const other = passer("crisis_house", ["nurse"], "2026-11-28");
  const none = passer("crisis_house", [], "2026-11-28");
  const beside: Passer = { ...passer("crisis_house", ["security"], "2026-11-03"), card: { ...one.card, of: "consent" } };
  const all = [one, other, none, beside, passer("crisis_house", ["security"], "2026-12-01"), passer("ward", ["security"], "2026-11-03")];
  assert.deepEqual(crowd(one.leaf, all), { k: 1, role: "security", rare: null });
  assert.deepEqual(crowd(other.leaf, all), { k: 2, role: "nurse", rare: null });
  assert.deepEqual(crowd(none.leaf, all), { k: 1, role: "", rare: null }, "who names nobody stands with those who name nobody");
  assert.deepEqual(crowd("not here", all), { k: 0, role: "", rare: null });
});

test("a theme is rare within the crowd, whoever else writes of it elsewhere or in another month", () => {
  const one = passer("crisis_house", ["nurse"], "2026-11-03", ["force.held_down", "respect"]);
  const others = Array.from({ length: 30 }, (_, i) => passer("ward", ["nurse"], i < 15 ? "2026-11-03" : "2026-12-03", ["force"]));
  const near = [passer("crisis_house", ["nurse"], "2026-11-04", ["respect.hurt_me"]), passer("crisis_house", ["doctor"], "2026-11-04", ["force"])];
  const all = [one, ...others, ...near];
  assert.deepEqual(crowd(one.leaf, all), { k: 2, role: "nurse", rare: { theme: "force", role: "nurse", k: 1 } });
});

test("what a writer sent later warns of more, and belongs to what they told first", () => {
  const card = (chips: string[]): Card =>
    ({ of: "submission", receipt: "", thread: "", service: "", roles: [], when: "", chips, urgent: false, taxonomy: "" });
  const told = passer("crisis_house", ["nurse"], "2026-11-03");
  const { chips } = withLater(card(["voice"]), [{ leaf: "", day: "2026-11-12", card: card(["response.payback"]) }]);
  const all = [{ ...told, card: { ...told.card, chips } }, passer("crisis_house", ["nurse"], "2026-11-04", ["voice"])];
  assert.deepEqual(crowd(told.leaf, all), { k: 2, role: "nurse", rare: { theme: "response", role: "nurse", k: 1 } });
  assert.deepEqual(chips, ["response.payback", "voice"], "in the order of a card, whichever came first");
});

test("a message is about the themes that its coders agree on, with a warning or without, and only before them about its chips", () => {
  const one = passer("crisis_house", ["nurse", "doctor"], "2026-11-03", ["force"], ["money", "voice"]);
  const all = [one, passer("crisis_house", ["nurse"], "2026-11-04", ["money"]), passer("crisis_house", ["nurse"], "2026-11-05", ["money"], ["voice"]), passer("crisis_house", ["doctor"], "2026-11-05", [], ["money", "voice"])];
  assert.deepEqual(crowd(one.leaf, all).rare, { theme: "money", role: "nurse", k: 2 });
  assert.deepEqual(crowd(one.leaf, [...all, ...all.slice(1).map((p) => ({ ...p, agreed: [] }))]).rare, { theme: "money", role: "nurse", k: 2 }, "they agree that it is about nothing of this");
});
