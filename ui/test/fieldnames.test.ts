import assert from "node:assert/strict";
import { test } from "node:test";
import { CASE, FORM_NAMES } from "../src/panel/casewords.js";
import { fieldName, fieldText, isOpen } from "../src/panel/fieldnames.js";
import { Labels } from "../src/panel/labels.js";

const labels = new Labels(JSON.stringify({
  items: { "force.held_down": { label: "I was held down or tied" } }, themes: { force: "Force and being locked up", voice: "Not being heard" },
  questions: {}, options: { roles: { nurse: "A nurse" } }, codes: {},
}));

test("what was typed elsewhere is called as on the page, and never by a name of the program", () => {
  const named = ["mine_theme.voice", "mine_seriousness", "both_items", "note", "alone", "check_form", "first_lead", "mine_new"];
  assert.deepEqual(named.map((q) => fieldName(q, labels)), [
    "Not being heard", CASE.seriousness, CASE.items, CASE.noteLabel, CASE.aloneLabel, CASE.form, CASE.firstLead, CASE.coding,
  ]);
  const chosen = [["mine_theme.force", "no"], ["both_items", "force.held_down"], ["mine_involved", "nurse"], ["mine_role", "client"], ["check_form", "theme"], ["note", "my_words"]];
  assert.deepEqual(chosen.map(([q = "", a = ""]) => fieldText({ q, a }, labels)), [
    CASE.no, "I was held down or tied", "A nurse", CASE.writers.client, FORM_NAMES.theme, "my_words",
  ]);
});

test("whether its form is open is seen by any field of that form", () => {
  const coding = [{ q: "mine_role", a: "client" }, { q: "note", a: "" }];
  assert.deepEqual(["mine_seriousness", "note", "both_seriousness", "check_words", "decide_why"].map((q) => isOpen(q, coding)), [true, true, false, false, false]);
});
