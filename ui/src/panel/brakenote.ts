/** What speaks against opening one more story now. Of a pause the minutes are counted for as long as it stands on the page, and its end is said. */
import { BRAKES, CASE } from "./casewords.js";
import { el } from "./dom.js";
import type { Brake, Pace } from "./pace.js";

const EVERY_MS = 10_000;

export function brakeNote(brake: Brake, pace: Pace): HTMLElement {
  const text = (): string => BRAKES[brake](pace.caps, pace.minutesLeft());
  const note = el("p", { class: "note" }, text());
  if (brake !== "gap") return note;
  const over = el("p", { role: "status" });
  const both = el("div", {}, note, over);
  const timer = setInterval(() => {
    if (!both.isConnected) { clearInterval(timer); return; }
    if (pace.minutesLeft() > 0) { note.textContent = text(); return; }
    clearInterval(timer);
    note.remove();
    over.textContent = CASE.pauseOver;
  }, EVERY_MS);
  return both;
}
