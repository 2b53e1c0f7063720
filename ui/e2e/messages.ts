/** What tests of the panel's work tell it, and by which names they call it. */
import assert from "node:assert/strict";
import { toBase64url } from "../src/encoding.js";
import type { Answer } from "../src/pad.js";
import type { House } from "./browser.js";
import { rowOf } from "./desk.js";

/** The reviewers of the demo, by the number of their identity file. */
export const [ANNA, BELA, CLEO] = [0, 1, 2] as const;
const STORY = "zebrafinch-7431 held me down. It was on the marmalade stairs. I said stop.";
export const ANSWERS: Answer[] = [
  { q: "words", a: STORY }, { q: "themes", a: "force" }, { q: "items", a: "force.held_down" }, { q: "impact", a: "lasting" }, { q: "service", a: "crisis_house" },
  { q: "roles", a: "nurse" }, { q: "when", a: "this_month" }, { q: "still_going", a: "yes" },
  { q: "share_level", a: "panel_summary_to_clinic" }, { q: "hold_until", a: "now" }, { q: "must_not", a: "do_not_call_police" }, { q: "hide", a: "the_date" },
];

/** 32 bytes as base64url: a mailbox, or the key that a message carries for its acts. */
export const random = (): string => toBase64url(crypto.getRandomValues(new Uint8Array(32)));

/** The messages of a test file. Leaves are base64url. */
export interface Messages {
  /** Leaves of what is told, by a name for each. */
  told: Record<string, string>;
  leaf: (name: string) => string;
  /** The selector of a message's row in the queue. */
  row: (name: string) => string;
  /** Tells something under a name, and waits for the batch. */
  tell: (name: string, answers?: Answer[], replyTo?: string | null) => Promise<void>;
}

export function messages(h: House): Messages {
  const told: Record<string, string> = {};
  const leaf = (name: string): string => told[name] ?? assert.fail(name);
  return {
    told, leaf,
    row: (name) => rowOf(leaf(name)),
    tell: async (name, answers = ANSWERS, replyTo = null) => {
      told[name] = await h.demo.post(answers, undefined, { mailbox: random(), actions: random(), reply_to: replyTo });
      await h.demo.told();
    },
  };
}
