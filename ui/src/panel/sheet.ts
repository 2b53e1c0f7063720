/** What is printed: a sheet that only paper shows. With something on it, the page prints nothing else. */
import { paperGroups } from "../paper.js";
import { square } from "../square.js";
import { el, part } from "./dom.js";
import { dayText } from "./reading.js";
import { WAY } from "./waywords.js";

/** Puts something on the page's sheet; nothing empties it. */
export function putOnSheet(root: HTMLElement, ...content: HTMLElement[]): void {
  root.classList.toggle("with-sheet", content.length > 0);
  part(root, "sheet").replaceChildren(...content);
}

/** Fills the page's sheet with the paper copy of a key, or empties it. */
export function sheet(root: HTMLElement, identity = "", reviewer = ""): void {
  if (identity === "") {
    putOnSheet(root);
    return;
  }
  const { start, groups } = paperGroups(identity);
  const today = dayText(new Date().toISOString().slice(0, 10));
  putOnSheet(
    root,
    el("h2", {}, WAY.sheetTitle),
    el("p", {}, `${WAY.sheetPlace(location.host)}. ${WAY.sheetWho(reviewer)}. ${WAY.sheetDay(today)}.`),
    el("p", { class: "start", translate: "no" }, start),
    el("ol", { class: "groups", translate: "no" }, ...groups.map((group) => el("li", {}, group))),
    el("div", {}, square(document, identity)),
    ...[WAY.sheetKeep, WAY.sheetUse, WAY.sheetCode].map((sentence) => el("p", {}, sentence)),
  );
}
