/** A panel's keys as a table. */
import type { Shown } from "./change.js";
import { el } from "./dom.js";
import { KEYS, STATES } from "./keywords.js";
import { dayText } from "./reading.js";

/** Roles are named, because browsers forget them where the style sheet turns rows into blocks. */
export function keyTable(shown: Shown[]): HTMLElement {
  const rows = shown.map(({ epoch, proven }) => {
    const state = STATES[epoch.state] ?? epoch.state;
    const cells = proven === null
      ? [KEYS.unproven, state, "", "", ""]
      : [KEYS.days(proven.notBefore, proven.notAfter), `${state}. ${KEYS.openedBy(proven.k)}.`, String(epoch.acks.length), dayText(proven.retainUntil), KEYS.holds(epoch.files)];
    const shownCells = cells.map((c, i) => el("td", { role: "cell", "data-label": KEYS.columns[i + 1] ?? "" }, c));
    return el("tr", { role: "row" }, el("th", { scope: "row", role: "rowheader", translate: "no" }, epoch.id), ...shownCells);
  });
  const head = el("thead", { role: "rowgroup" }, el("tr", { role: "row" }, ...KEYS.columns.map((c) => el("th", { scope: "col", role: "columnheader" }, c))));
  return el("table", { role: "table", "aria-label": KEYS.tableName }, head, el("tbody", { role: "rowgroup" }, ...rows));
}
