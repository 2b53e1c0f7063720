import assert from "node:assert/strict";
import { test } from "node:test";
import { Labels } from "../src/panel/labels.js";
import { dayText, sentences } from "../src/panel/reading.js";

const labels = new Labels(JSON.stringify({
  items: { "force.held_down": { label: "I was held down or tied", cw: true, urgent: true }, "voice.pushed": { label: "I was pushed to say yes", cw: false } },
  themes: { force: "Force and being locked up" },
  questions: { words: "Tell us in your own words" },
  options: { share_level: { panel_only: "The panel only" } },
}));

test("codes are shown by their names, and unknown codes as they are", () => {
  assert.deepEqual(labels.choices({ q: "items", a: "force.held_down\nvoice.pushed" }), ["I was held down or tied", "I was pushed to say yes"]);
  assert.deepEqual(labels.choices({ q: "themes", a: "force\nnew_theme" }), ["Force and being locked up", "new theme"]);
  assert.equal(labels.question("words"), "Tell us in your own words");
  assert.equal(labels.question("for_whom"), "for whom");
  assert.equal(labels.question("constructor"), "constructor");
  assert.deepEqual(labels.choices({ q: "themes", a: "constructor\n__proto__" }), ["constructor", "  proto  "]);
  assert.ok(!labels.isChoice("toString"));
});

test("only what carries a warning warns, once each", () => {
  const twice = [{ q: "items", a: "force.held_down\nvoice.pushed\nforce.held_down" }, { q: "words", a: "force.held_down" }];
  assert.deepEqual(labels.warnings(twice), ["I was held down or tied"]);
  assert.deepEqual(labels.warnings([{ q: "items", a: "__proto__\nconstructor" }]), []);
});

test("a code nobody knows is not taken for a choice that may be shown early", () => {
  assert.ok(labels.knows({ q: "share_level", a: "panel_only" }));
  assert.ok(!labels.knows({ q: "share_level", a: "words that somebody typed" }));
  assert.ok(!labels.knows({ q: "share_level", a: "panel_only\nand more" }));
});

test("sentences joined are the text again", () => {
  for (const text of ["", "One. Two! Three?\nFour", "no end", "...", "a.b.c", "你好。我在。", "مرحبا؟ نعم.", "\n\n x \n"]) {
    assert.equal(sentences(text).join(""), text);
  }
  assert.ok(sentences("One thing. Another thing.").length === 2);
});

test("a day is written out, and nonsense left as it is", () => {
  assert.equal(dayText("2026-11-02"), "2 November 2026");
  assert.equal(dayText("soon"), "soon");
});
