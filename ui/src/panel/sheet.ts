/** The paper copy as it is printed: a sheet that only paper shows. */
import { paperGroups } from "../paper.js";
import { square } from "../square.js";
import { el, part } from "./dom.js";
import { dayText } from "./reading.js";
import { WAY } from "./waywords.js";

/** Fills the page's sheet, or empties it. With something on it, the page prints nothing else. */
export function sheet(root: HTMLElement, identity = "", reviewer = ""): void {
  const room = part(root, "sheet");
  root.classList.toggle("with-sheet", identity !== "");
  if (identity === "") {
    room.replaceChildren();
    return;
  }
  const { start, groups } = paperGroups(identity);
  const today = dayText(new Date().toISOString().slice(0, 10));
  room.replaceChildren(
    el("h2", {}, WAY.sheetTitle),
    el("p", {}, `${WAY.sheetPlace(location.host)}. ${WAY.sheetWho(reviewer)}. ${WAY.sheetDay(today)}.`),
    el("p", { class: "start", translate: "no" }, start),
    el("ol", { class: "groups", translate: "no" }, ...groups.map((group) => el("li", {}, group))),
    square(document, identity),
    ...[WAY.sheetKeep, WAY.sheetUse, WAY.sheetCode].map((sentence) => el("p", {}, sentence)),
  );
}
