import assert from "node:assert/strict";
import { test } from "node:test";
import { newCard, type CardCodes } from "../src/card.js";
import { encode, parse, type Answer } from "../src/pad.js";
import { answersOf, type Story } from "../src/panel/bench.js";
import { OpenMessages, type Held } from "../src/panel/openmessages.js";
import { byReceipt } from "../src/panel/later.js";
import { reportsOf } from "../src/panel/storedcards.js";
import { MOST_PRIVATE } from "../src/sharing.js";
import { newAboutYou, newSubmission, newTiedAboutYou, stretchFor } from "../src/receipt.js";

const HELD_DOWN = { code: "force.held_down", cw: true, urgent: true, urgent_if_still_going: false };
const CODES: CardCodes = { version: "0.2.0", themes: [{ code: "force", items: [HELD_DOWN] }], roles: ["nurse"], when: ["longer"] };
const TERMS = { epoch: "2026-12", origin: "panel.example/answerable", form: "f", lang: "en" };
/** What the page asks, and what no page of ours does. */
const LOUD: Answer[] = [
  { q: "age_band", a: "26_39" }, { q: "items", a: "force.held_down" }, { q: "themes", a: "force" }, { q: "roles", a: "nurse" },
  { q: "service", a: "ward" }, { q: "when", a: "longer" }, { q: "share_level", a: "my_words_public" },
  { q: "must_not", a: "do_not_contact_me" }, { q: "ask_me_first", a: "show_me_before_sharing" },
];

const held = (kind: "submission" | "about_you", mailbox: string | null, answers: Answer[]): Held => ({
  kind, leafHash: "", sealedBy: "client", answers, thread: null, mailbox, replyTo: null, actions: null, day: "2026-12-01", epoch: "2026-12",
});

test("what ties answers about a person is the mailbox of the receipt, and nothing else in them names it", async () => {
  const keys = await stretchFor(new Uint8Array(11).fill(3), TERMS.origin);
  const first = newSubmission(await keys.message(0), TERMS, []);
  const tied = newTiedAboutYou(await keys.message(1), TERMS, [{ q: "age_band", a: "26_39" }]);
  assert.deepEqual(parse(encode(tied)), tied);
  assert.deepEqual([tied.t, tied.mailbox, tied.thread], ["about_you", first.mailbox, null]);
  assert.deepEqual([tied.reply_to, tied.actions], [null, undefined]);
  assert.notEqual(tied.anchor, first.anchor);
  const apart = newAboutYou(await keys.message(1), TERMS, []);
  assert.deepEqual([apart.mailbox, apart.thread, apart.reply_to, apart.actions], [null, null, null, undefined]);
});

test("no wish, code, warning or pause is taken from what somebody says about themselves", () => {
  const box = "R8MdZfYYUvsPgF12YZ19Bw2UbFBrdezSjX0XwsLwOnc";
  const open = new OpenMessages();
  open.use(CODES);
  open.put("first", held("submission", box, [{ q: "words", a: "x" }, { q: "share_level", a: "count_me" }]));
  const before = { wishes: open.wishes("first"), asks: open.asksFirst("first") };
  open.put("about", held("about_you", box, LOUD));
  assert.deepEqual({ wishes: open.wishes("first"), asks: open.asksFirst("first") }, before);
  assert.equal(before.wishes?.share_level, "count_me");

  const card = open.card("about");
  assert.deepEqual(newCard("about_you", "", LOUD, CODES), newCard("about_you", "", [], CODES));
  assert.deepEqual([card.thread, card.chips, card.urgent, card.roles, card.service], ["first", [], false, [], ""]);
  const messages = ["first", "about"].map((leaf) => ({ leaf, epoch: "2026-12", day: "2026-12-01", card: open.card(leaf) }));
  assert.equal(byReceipt(messages).size, 0, "it counts as coming back");
  assert.deepEqual(reportsOf(messages.filter((m) => m.card.of === "submission")).map((r) => r.parts.length), [1]);

  const told = { sealedBy: "client", day: "2026-12-01", wished: false } as const;
  const story: Story = {
    ...told, kind: "submission", answers: [{ q: "words", a: "x" }], later: [], changes: [], allRead: true, laterGone: false, orphan: false, canReply: true,
    wishes: MOST_PRIVATE, first: false,
    about: [{ ...told, kind: "about_you", wished: true, answers: LOUD }],
  };
  assert.deepEqual(answersOf(story), story.answers);
});
