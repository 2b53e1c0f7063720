/** The counter of the form: never wrong about whether words fit, whatever letters they are of. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { encode, LIMIT, TooLong, type Answer } from "../src/pad.js";
import { derive, newReceipt, newSubmission } from "../src/receipt.js";
import { bytesOf, percentUsed } from "../src/tell/room.js";

const FORM = { dataset: { epoch: "20261101-abcd", origin: "words.example/answerable", lang: "en" } } as unknown as HTMLElement;
const TERMS = { epoch: "20261101-abcd", origin: "words.example/answerable", form: "f".repeat(43), lang: "en" };

/** Letters of one byte to 25, and some that JSON writes longer than they are. */
const LETTERS = ["a", "ä", "ش", "語", "😔", "👩🏽‍⚕️", "e\u0301", "\"", "\n", "\\", "\u2028"];

const said = (words: string): Answer[] => [{ q: "words", a: words }, { q: "good", a: "listened\nkind" }];

test("the bytes counted are the bytes that are sealed, whatever the letters", async () => {
  const keys = await derive(newReceipt(), TERMS.origin);
  for (const letter of LETTERS) {
    const answers = said(letter.repeat(100));
    const json = new TextDecoder().decode(encode(newSubmission(keys, TERMS, answers))).trimEnd();
    assert.equal(bytesOf(answers, FORM), new TextEncoder().encode(json).length, JSON.stringify(letter));
  }
});

test("the share is at most 100 exactly while the words can be sealed", async () => {
  const keys = await derive(newReceipt(), TERMS.origin);
  const fits = (words: string): boolean => {
    try {
      encode(newSubmission(keys, TERMS, said(words)));
      return true;
    } catch (err) {
      assert.ok(err instanceof TooLong);
      return false;
    }
  };
  for (const letter of LETTERS) {
    const each = bytesOf(said(letter.repeat(2)), FORM) - bytesOf(said(letter), FORM);
    const most = 1 + Math.floor((LIMIT - bytesOf(said(letter), FORM)) / each);
    for (const n of [most, most + 1]) {
      const percent = percentUsed(said(letter.repeat(n)), FORM);
      assert.equal(fits(letter.repeat(n)), n === most, JSON.stringify(letter));
      assert.equal(percent <= 100, n === most, `${JSON.stringify(letter)}: ${String(percent)}`);
      assert.ok(Math.abs(percent - 100) <= 1, String(percent));
    }
  }
  assert.equal(percentUsed([], FORM), 0);
});
