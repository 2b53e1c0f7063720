/**
 * A finding that lies in the clear, as the panel's members see it: what goes out, whether that is what they decided, and the
 * way to take it back.
 */
import { CASE } from "./casewords.js";
import { asked, button, el } from "./dom.js";
import { taken, type HeldFinding, type Holding } from "./heldfindings.js";
import type { Labels } from "./labels.js";
import { outgoingShown } from "./outgoingview.js";
import { dayText } from "./reading.js";

export const FINDING = {
  posted: (by: string, day: string): string => `Put in the clear by ${by} on ${dayText(day)}.`,
  differs: "This is not what your panel decided: its words, its form or its signature do not fit any decision that members signed. Hand nothing of it over. Take it back, and tell your colleagues, in a way that is not this site.",
  forbidden: "Its writer does not allow this, or not any more. Hand nothing of it over. Take it back.",
  shut: "You cannot hold this against the decision here: its message, or what was written about it, is not open to you. Somebody who has it open hands it over.",
  take: "Take it back",
  sure: "What it says is gone at once, from the clinic's page too. Who has read it has read it. The same decision does not bring it back: it takes a new one.",
  yes: "Yes, take it back now",
  taken: "Taken back. What it said is gone.",
};

const SAID: Record<Exclude<Holding, "holds">, string> = { differs: FINDING.differs, forbidden: FINDING.forbidden, shut: FINDING.shut };

/** What a finding says, and in red what does not hold. */
export function findingShown(f: HeldFinding, labels: Labels): HTMLElement[] {
  const said = f.holding === "holds" ? [] : f.holding === "shut" ? [el("p", { class: "note" }, SAID.shut)] : [el("ul", { class: "alarms" }, el("li", {}, SAID[f.holding]))];
  return [...said, ...outgoingShown(taken(f), labels), el("p", { class: "quiet" }, FINDING.posted(f.by, f.day))];
}

/** The way to take a finding back, after a question. `take` does it. */
export function takeBack(take: () => void): HTMLElement {
  const room = el("div", { class: "buttons" });
  const begin = (): HTMLButtonElement => {
    const first = button(FINDING.take, ask);
    room.replaceChildren(first);
    return first;
  };
  const ask = (): void => {
    const no = button(CASE.cancel, () => { begin().focus(); });
    const yes = button(FINDING.yes, take, "button");
    yes.dataset["busy"] = "";
    asked(room, FINDING.sure, yes, no);
  };
  begin();
  return room;
}
