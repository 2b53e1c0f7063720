/**
 * Notes which say that the writer was asked, and not of which words: they bind like a wish, and nobody may be left to take them
 * back. Two who have read all that the writer sent can set such a note aside, and never what the writer wished themselves.
 */
import { CASE } from "./casewords.js";
import type { Case } from "./casework.js";
import { isGiven } from "./decisions.js";
import type { Desk } from "./casetasks.js";
import { button, el } from "./dom.js";
import { dayText } from "./reading.js";
import { against, bare } from "./shown.js";

/** A bare note that binds: who signed against it, and what this reviewer can do about it. */
export interface Claim {
  note: Pick<Case["notes"][number], "by" | "day" | "hash">;
  signed: string[];
  /** "ask" where its author can take it back, and "none" where this reviewer has signed. */
  can: "take-back" | "set-aside" | "ask" | "none";
}

/** `wished`: the writer says themselves that they want to see it first. Then there is nothing to set aside. */
export function claimsOn(c: Case, wished: boolean, me: string): Claim[] {
  if (wished || isGiven(c)) return [];
  return bare(c.notes, c.free).map((note) => {
    const signed = against(c.notes, note, c.free);
    const can = note.by === me ? "take-back" : c.free.includes(note.by) ? "ask" : signed.includes(me) ? "none" : "set-aside";
    return { note, signed, can };
  });
}

/** `wished` as claimsOn has it. */
export function bareClaims(c: Case, wished: boolean, { bench, do: act }: Desk): HTMLElement[] {
  return claimsOn(c, wished, bench.me).flatMap(({ note, signed, can }, i) => {
    const id = `bare-${String(i)}`;
    const sign = (label: string, text: string, done: string): HTMLElement => {
      const b = button(label, () => { act(c, () => bench.send(c.leaf, "note", { text, over: note.hash, unsent: true }), done); });
      b.setAttribute("aria-describedby", id);
      return el("p", {}, b);
    };
    return [
      el("p", { class: "note", id }, CASE.bareBy(note.by, dayText(note.day))),
      ...(signed.length === 0 ? [] : [el("p", { class: "quiet" }, CASE.bareAgainst(signed))]),
      ...(can === "ask" ? [el("p", {}, CASE.bareHere(note.by))] : can === "take-back" ? [] : [el("p", {}, CASE.bareGone)]),
      ...(can === "take-back" ? [sign(CASE.unsent, CASE.unsentNote, CASE.sentPause)] : []),
      ...(can === "set-aside" ? [sign(CASE.setAside, CASE.setAsideNote, CASE.sentSetAside)] : []),
    ];
  });
}
