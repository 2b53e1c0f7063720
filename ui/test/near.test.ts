import assert from "node:assert/strict";
import { test } from "node:test";
import { wordlist } from "@scure/bip39/wordlists/english.js";
import { near } from "../src/near.js";
import { vectors } from "./vectors.js";

test("words that may have been meant are those that Go names", () => {
  const v = vectors<{ near: { typed: string; words: string[] }[] }>("near.json");
  assert.ok(v.near.length >= 6);
  for (const c of v.near) assert.deepEqual(near(c.typed, wordlist), c.words, c.typed);
});
