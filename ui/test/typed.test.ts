import assert from "node:assert/strict";
import { test } from "node:test";
import { sha256 } from "@noble/hashes/sha2.js";
import { fromBase64, toBase64 } from "../src/encoding.js";
import type { Answer } from "../src/pad.js";
import { ApiError } from "../src/panel/api.js";
import { Held } from "../src/panel/held.js";
import { Typed } from "../src/panel/typed.js";
import type { Served } from "../src/reviewfile.js";

const f = (fields: Record<string, string>): Answer[] => Object.entries(fields).map(([q, a]) => ({ q, a }));

/** One reviewer at a server that keeps their draft. "Sealed" is base64. */
function desk(first: Answer[]): { typed: Typed; kept: () => Answer[]; stored: () => number; handBack: () => void } {
  let [file, count, back] = [btoa(JSON.stringify(first)), 0, false];
  const opened = (of: string): Answer[] => JSON.parse(atob(of)) as Answer[];
  const hash = (): string => toBase64(sha256(fromBase64(file)));
  const typed = new Typed({ clinic: "riverside", by: "ra" }, new Held({ addEventListener: () => { /* no page is closed here */ } }), {
    seal: (leaf, fields) => Promise.resolve({ leaf, kind: "draft", author: "ra", n: 0, signature: "", day: "2026-12-01", file: btoa(JSON.stringify(fields)) } as Served),
    store: (served) => {
      if (back && served.inPart === true) return Promise.reject(new ApiError(409, "", "handed-back"));
      if (served.replaces !== hash()) return Promise.reject(new ApiError(409, "", "draft-changed"));
      [file, count] = [served.file, count + 1];
      return Promise.resolve();
    },
    unseal: (_leaf, served) => Promise.resolve(opened(served.file)),
    given: () => Promise.resolve({ fields: opened(file), hash: hash() }),
    renew: () => Promise.resolve(),
    stale: () => { /* it is asked every time */ },
  });
  return { typed, kept: () => opened(file), stored: () => count, handBack: () => { [file, back] = [btoa("[]"), true]; } };
}

test("words that wait to be shown stay in the draft until they went; what else was typed stays after it", async () => {
  const words = { first_form: "paraphrase", first_words: "Somebody was held down." };
  const { typed, kept, stored } = desk([]);
  assert.deepEqual((await typed.of("leaf")).fields, []);
  const both = f({ ...words, note: "half a note" });
  assert.equal(await typed.keep("leaf", both, []), "stored"); // as the view is put away, once they are locked
  assert.deepEqual(kept(), both, "a page that is closed now has lost nothing");
  await typed.went("leaf", "first_");
  assert.deepEqual(kept(), f({ note: "half a note" }));
  assert.deepEqual((await typed.of("leaf")).fields, f({ note: "half a note" }));

  // What is typed at the same time in the message that is open is not touched, and nothing of it is kept twice.
  assert.equal(await typed.keep("leaf", f({ note: "half a note, and more" }), f({ note: "half a note" })), "stored");
  assert.deepEqual(kept(), f({ note: "half a note, and more" }));
  const before = stored();
  await typed.went("leaf", "first_");
  assert.equal(stored(), before, "where nothing was kept of it nothing is sent");
});

test("a note that was sent is no draft any more, though its box was put away meanwhile; what was typed after it stays", async () => {
  const { typed, kept, stored } = desk([]);
  await typed.of("leaf");
  await typed.keep("leaf", f({ note: "They said no." }), []);
  await typed.sent("leaf", "note", "They said no.");
  assert.deepEqual([kept(), (await typed.of("leaf")).fields], [[], []], "it would be sent twice");
  const before = stored();
  await typed.sent("leaf", "note", "They said no.");
  assert.equal(stored(), before, "where nothing was kept of it nothing is sent");

  // The box is emptied as its message is put away, so that both keep the same: it is kept once.
  await typed.keep("leaf", f({ note: "Again. And more", reply: "r" }), []);
  await typed.sent("leaf", "note", "Again.");
  assert.deepEqual(kept(), f({ note: "And more", reply: "r" }));
  assert.equal(await typed.keep("leaf", f({ note: "And more", reply: "r" }), f({ note: "Again. And more", reply: "r" })), "stored");
  assert.deepEqual(kept(), f({ note: "And more", reply: "r" }));

  // A draft of before that was opened and sent as it stood.
  const other = desk(f({ note: "From before." }));
  await other.typed.of("leaf");
  await other.typed.sent("leaf", "note", "From before.");
  assert.deepEqual(other.kept(), []);
});

test("what is typed in a part that was handed back in another window is not kept, whatever this window still shows", async () => {
  const { typed, kept, handBack } = desk([]);
  await typed.of("leaf");
  typed.opened("leaf", true);
  assert.equal(await typed.keep("leaf", f({ note: "half" }), []), "stored");
  handBack();
  assert.equal(await typed.keep("leaf", f({ note: "half a" }), f({ note: "half" })), "handed-back");
  assert.equal(await typed.keep("leaf", f({ note: "half a note" }), null), "handed-back", "the server could tell who handed it back");
  assert.deepEqual(kept(), []);

  typed.opened("leaf", false); // once others have it, who only looks may write again
  assert.equal(await typed.keep("leaf", f({ note: "later" }), []), "stored");
});

test("after a lock, too, what went is taken out of the draft, and other words typed since stay", async () => {
  const { typed, kept } = desk(f({ first_form: "theme", first_lead: "We would say:", note: "n" }));
  await typed.went("leaf", "first_");
  assert.deepEqual(kept(), f({ note: "n" }));
});
