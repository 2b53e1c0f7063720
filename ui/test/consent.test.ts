import assert from "node:assert/strict";
import { test } from "node:test";
import { consentNow, receipts, type Choice, type Said } from "../src/consent.js";
import { vectors } from "./vectors.js";

test("what is allowed now is the same as in Go", () => {
  const v = vectors<{ cases: { comment: string; messages: (Omit<Said, "consent"> & { consent: Choice | null })[]; now: Choice }[] }>("consent.json");
  assert.ok(v.cases.length >= 24);
  for (const c of v.cases) {
    const messages = c.messages.map(({ consent, ...m }): Said => (consent === null ? m : { ...m, consent }));
    assert.deepEqual(consentNow(messages), c.now, c.comment);
  }
});

test("messages of one receipt are put together by their mailbox, and naming a public leaf ties nothing", () => {
  const m = (leafHash: string, mailbox: string | null, thread: string | null = null): { leafHash: string; mailbox: string | null; thread: string | null } => ({ leafHash, mailbox, thread });
  const all = [m("a", "box"), m("b", null), m("c", "box", "a"), m("d", null, "a"), m("e", "other", "a")];
  assert.deepEqual(receipts(all).map((g) => g.map((x) => x.leafHash)), [["a", "c"], ["b"], ["d"], ["e"]]);
});
