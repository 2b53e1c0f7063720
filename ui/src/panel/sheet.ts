/** What is printed: a sheet that only paper shows. With something on it, the page prints nothing else. */
import { encodeQR } from "qr";
import { paperGroups } from "../paper.js";
import { el, part } from "./dom.js";
import { dayText } from "./reading.js";
import { WAY } from "./waywords.js";

const SVG = "http://www.w3.org/2000/svg";

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
    el("div", {}, square(identity, "medium")), // all of an identity's characters are of the kind that takes least room
    ...[WAY.sheetKeep, WAY.sheetUse, WAY.sheetCode].map((sentence) => el("p", {}, sentence)),
  );
}

/** A QR code. */
export function square(text: string, ecc: "low" | "medium"): SVGElement {
  const rows = encodeQR(text, "raw", { ecc, border: 4 });
  const svg = document.createElementNS(SVG, "svg");
  const size = `${rows.length}`;
  for (const [name, value] of Object.entries({ viewBox: `0 0 ${size} ${size}`, "aria-hidden": "true", "shape-rendering": "crispEdges" })) svg.setAttribute(name, value);
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", rows.map(runs).join(""));
  svg.append(path);
  return svg;
}

/** The dark modules of a row, those beside each other drawn as one. */
function runs(row: boolean[], y: number): string {
  let drawn = "";
  for (let x = 0; x < row.length; x++) {
    let width = 0;
    while (row[x + width] === true) width++;
    if (width > 0) drawn += `M${x} ${y}h${width}v1h-${width}z`;
    x += width;
  }
  return drawn;
}
