/** The paper copy as it is printed: a sheet that only paper shows. */
import { encodeQR } from "qr";
import { paperGroups } from "../paper.js";
import { el, part } from "./dom.js";
import { dayText } from "./reading.js";
import { WAY } from "./waywords.js";

const SVG = "http://www.w3.org/2000/svg";

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
    square(identity),
    ...[WAY.sheetKeep, WAY.sheetUse, WAY.sheetCode].map((sentence) => el("p", {}, sentence)),
  );
}

/** A QR code. All of an identity's characters are of the kind that takes least room. */
function square(text: string): SVGElement {
  const rows = encodeQR(text, "raw", { ecc: "medium", border: 4 });
  const svg = document.createElementNS(SVG, "svg");
  const size = `${rows.length}`;
  for (const [name, value] of Object.entries({ viewBox: `0 0 ${size} ${size}`, "aria-hidden": "true", "shape-rendering": "crispEdges" })) svg.setAttribute(name, value);
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", rows.flatMap((row, y) => row.map((dark, x) => (dark ? `M${x} ${y}h1v1h-1z` : ""))).join(""));
  svg.append(path);
  return svg;
}
