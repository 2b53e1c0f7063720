/** What several messages of one receipt allow together. The cases are those of internal/client/receiptwishes_test.go. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Answer } from "../src/pad.js";
import { OpenMessages, type Held } from "../src/panel/openmessages.js";
import type { Wishes } from "../src/sharing.js";

const BOX = "R8MdZfYYUvsPgF12YZ19Bw2UbFBrdezSjX0XwsLwOnc";

interface Sent {
  kind: "submission" | "followup" | "about_you" | "consent";
  day: number;
  level?: string;
  more?: Answer[];
}

const first = (level: string, ...more: Answer[]): Sent => ({ kind: "submission", day: 20, level, more });
const further = (day: number, level: string, ...more: Answer[]): Sent => ({ kind: "followup", day, level, more });
const changes = (day: number, level: string): Sent => ({ kind: "consent", day, level });
const must = (a: string): Answer => ({ q: "must_not", a });

/** The first character of a leaf hash tells the messages apart: the hashes rise, and their text does not. They are delivered in the order given. */
function opened(sent: readonly Sent[], order: readonly number[]): OpenMessages {
  const open = new OpenMessages();
  for (const n of order) {
    const one = sent[n];
    if (one === undefined) continue;
    const { kind, day, level, more = [] } = one;
    const said = level === undefined ? [] : [{ q: "share_level", a: level }, { q: "hold_until", a: "now" }];
    const what = kind === "consent" ? { consent: { share_level: level, ask_me_first: false, hold: "now", hide: [] } } : { answers: [...said, ...more], replyTo: null };
    open.put(leafOf(n), { kind, leafHash: "", sealedBy: "client", thread: null, mailbox: BOX, actions: null, day: `2026-11-${String(day)}`, epoch: "2026-11", ...what } as unknown as Held);
  }
  return open;
}

const leafOf = (n: number): string => `${"z018"[n] ?? ""}${"A".repeat(42)}`;
const ORDERS = [[0, 1, 2, 3], [1, 0, 2, 3], [2, 1, 0, 3], [3, 2, 1, 0], [1, 2, 3, 0]];

test("a follow-up allows nothing more, whatever order it is delivered in", () => {
  const cases: [string, string, Sent[]][] = [
    ["one that says more", "panel_only", [first("panel_only"), further(21, "my_words_public")]],
    ["more, then less", "panel_only", [first("panel_only"), further(21, "my_words_public"), further(22, "panel_only")]],
    ["less, then more", "count_me", [first("my_words_public"), further(21, "count_me"), further(22, "my_words_public")]],
    ["more, after a change", "count_me", [first("panel_only"), changes(21, "count_me"), further(22, "my_words_public")]],
    ["less, after a change", "count_me", [first("panel_only"), changes(21, "my_words_public"), further(22, "count_me")]],
    ["less, before a change", "my_words_public", [first("panel_only"), further(21, "count_me"), changes(22, "my_words_public")]],
  ];
  for (const [name, want, sent] of cases) {
    for (const order of ORDERS) {
      const open = opened(sent, order);
      for (const n of sent.keys()) assert.equal(open.wishes(leafOf(n))?.share_level, want, `${name}, ${order.join()}, message ${String(n)}`);
    }
  }
});

test("of several first messages each has all wishes of the receipt, and what came later belongs to the one with the least hash", () => {
  const sent: Sent[] = [
    first("my_words_public", must("do_not_call_police")), first("my_words_to_clinic", { q: "ask_me_first", a: "x" }),
    { kind: "followup", day: 21, more: [must("do_not_contact_me"), { q: "hide", a: "quotes" }] }, { kind: "about_you", day: 21, more: [must("do_not_tell_my_worker")] },
  ];
  const want: Wishes = { share_level: "my_words_to_clinic", ask_me_first: true, hold: "now", hide: ["quotes"], must_not: ["do_not_call_police", "do_not_contact_me"] };
  for (const order of ORDERS) {
    const open = opened(sent, order);
    for (const n of sent.keys()) assert.deepEqual([open.wishes(leafOf(n)), open.asksFirst(leafOf(n))], [want, true], `${order.join()}, message ${String(n)}`);
    assert.equal(open.card(leafOf(2)).thread, leafOf(0), order.join());
    const story = open.story(leafOf(1), true, false);
    assert.deepEqual([story.later.length, story.about.length, story.wishes, story.first], [1, 1, want, true]);
    const less = opened([...sent.slice(0, 3), changes(22, "panel_only")], order);
    for (const n of [0, 1, 2, 3]) assert.equal(less.wishes(leafOf(n))?.share_level, "panel_only", `after less, ${order.join()}, message ${String(n)}`);
  }
  // Where no first message is here, what came later allows nothing, and forbids what any of it does.
  const orphans: Sent[] = [further(21, "my_words_public", must("do_not_contact_me")), { kind: "followup", day: 21 }, changes(22, "my_words_public")];
  const open = opened(orphans, [0, 1, 2]);
  for (const n of orphans.keys()) assert.deepEqual([open.wishes(leafOf(n))?.share_level, open.wishes(leafOf(n))?.must_not], ["panel_only", ["do_not_contact_me"]]);
});
