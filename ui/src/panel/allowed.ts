/** What the writer of a message allows now, after all that came from them later. */
import { consentNow, receipts, type Choice, type Said } from "../consent.js";
import { el } from "./dom.js";
import type { Message } from "./reading.js";

export const ALLOWED = {
  title: "What the writer allows now",
  changed: "They have changed it since. This holds, and not what the message says.",
  more: (n: number): string => (n === 1 ? "One more message of this writer is in the list." : `${n} more messages of this writer are in the list.`) + " Read them all before you share anything.",
};

type Read = Exclude<Message["opened"], { kind: "junk" }>;

/** All messages of the receipt that a message belongs to, itself included. */
export function sameWriter(m: Message, all: Message[]): Message[] {
  const read = all.filter((x) => x.opened.kind !== "junk").map((x) => ({ ...(x.opened as Read), message: x }));
  return receipts(read).find((g) => g.some((x) => x.message === m))?.map((x) => x.message) ?? [m];
}

/** What is allowed after these messages of one receipt. */
export function allowed(messages: Message[]): Choice {
  return consentNow(messages.flatMap(({ opened: o, day }): Said[] => {
    if (o.kind === "junk") return [];
    return o.kind === "consent" ? [{ kind: o.kind, day, consent: o.consent }] : [{ kind: o.kind, day, answers: o.answers }];
  }));
}

/** Shown with a message that is not alone; null for one that is. `terms` draws a choice. */
export function allowedBlock(m: Message, all: Message[], terms: (c: Choice) => HTMLElement): HTMLElement | null {
  const mine = sameWriter(m, all);
  if (mine.length < 2) return null;
  const changed = mine.some((x) => x.opened.kind === "consent");
  return el("section", { class: "allowed" },
    el("p", {}, ALLOWED.more(mine.length - 1)),
    ...(changed ? [el("h3", {}, ALLOWED.title), el("p", {}, ALLOWED.changed), terms(allowed(mine))] : []));
}
