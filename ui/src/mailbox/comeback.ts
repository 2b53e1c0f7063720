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
  const others = [...doc.querySelectorAll("main > :not(#room, .on-screen), #room > :not(.come-back, .on-screen)")];
  const only = (on: boolean): void => { for (const e of others) e.classList.toggle("on-screen", on); };
  only(true);
  doc.defaultView?.addEventListener("afterprint", () => { only(false); }, { once: true });
  doc.defaultView?.print();
}
