import assert from "node:assert/strict";
import { test } from "node:test";
import { coin, coverKey } from "../src/cover.js";
import { fromBase64url, toBase64url } from "../src/encoding.js";
import { identityFromSeed } from "../src/identity.js";
import { vectors } from "./vectors.js";

test("the key of acts that cover is the same here and in a terminal", () => {
  const v = vectors<{ seed: string; leaf: string; key: string }>("cover.json");
  assert.equal(toBase64url(coverKey(identityFromSeed(fromBase64url(v.seed)), v.leaf)), v.key);
});

test("cover comes by its odds, and no second time on one day", () => {
  const key = (n: number): Uint8Array => new Uint8Array(32).fill(n % 256);
  const days = Array.from({ length: 40 }, (_, i) => `2026-12-${String(i).padStart(2, "0")}`);
  const hits = (code: "assessed" | "closed"): number => days.flatMap((day) => Array.from({ length: 100 }, (_, n) => coin(key(n), code, day, "raaaaaaaa"))).filter(Boolean).length;
  assert.ok(Math.abs(hits("assessed") - 500) < 100, String(hits("assessed")));
  assert.ok(Math.abs(hits("closed") - 167) < 60, String(hits("closed")));
  assert.equal(coin(key(1), "assessed", "2026-12-01", "raaaaaaaa"), coin(key(1), "assessed", "2026-12-01", "raaaaaaaa"));
});
