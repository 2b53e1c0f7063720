/** The line that a writer takes along on paper: from when the panel can ask. Nobody can remind them, and nothing is kept on the device. */
import { checkInWeek, type CheckIn } from "../checkin.js";

/** The message may wait for its batch until the day after tomorrow, so that nobody comes back too early. `null` for no day at all. */
export function comeBackOn(wish: CheckIn | null, now: Date): string | null {
  const batch = new Date(now.getTime() + 2 * 86_400_000).toISOString().slice(0, 10);
  const day = wish === null ? "" : checkInWeek(wish, batch);
  return day === "" ? null : day;
}

/** Prints the line alone: what else stands on the page is not for paper that lies about. */
export function printLine(doc: Document): void {
  const root = doc.documentElement;
  root.classList.add("only-line");
  doc.defaultView?.addEventListener("afterprint", () => { root.classList.remove("only-line"); }, { once: true });
  doc.defaultView?.print();
}
