/** A table of words and numbers on the panel's page. */
import { el } from "./dom.js";

/** In a frame that scrolls by itself where it is wider than the page. The first cell of a row heads it. */
export function table(caption: string, heads: readonly string[], rows: readonly (readonly (string | number)[])[]): HTMLElement {
  return el("div", { class: "scrolls", tabindex: "0", role: "region", "aria-label": caption }, el("table", {},
    el("caption", {}, caption),
    el("thead", {}, el("tr", {}, ...heads.map((h) => el("th", { scope: "col" }, h)))),
    el("tbody", {}, ...rows.map(([head = "", ...cells]) => el("tr", {}, el("th", { scope: "row" }, String(head)), ...cells.map((c) => el("td", {}, String(c)))))),
  ));
}
