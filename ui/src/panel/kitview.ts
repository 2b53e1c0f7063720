/** The paper kit of a key: made here, saved or printed, and put away. */
import type { Shown } from "./change.js";
import { button, el } from "./dom.js";
import { busy } from "./fields.js";
import type { Host } from "./keysview.js";
import type { ServedEpoch } from "./served.js";
import { KEYS } from "./keywords.js";
import { kitName, kitSheet, kitText, type Kit } from "./kit.js";
import { MOST_IN_KIT } from "./kitfiles.js";
import { putOnSheet } from "./sheet.js";

/** Whether a kit of a key can be made: it is open here, and two of few enough open it. */
export function kitCanBe({ epoch, proven }: Shown, opened: ReadonlySet<string>): boolean {
  return proven !== null && proven.k === 2 && proven.n <= MOST_IN_KIT && opened.has(epoch.id);
}

/** Offers the kit of a clinic's key. */
export function kitBox(host: Host, slug: string, { epoch, proven }: Shown): HTMLElement {
  const room = el("div", {});
  const make = busy(button(KEYS.makeKit(epoch.id), () => { void host.attempt(() => showKit(room, host, slug, epoch, proven?.retainUntil ?? "")); }));
  return el("div", { class: "waits" }, el("p", { class: "hint" }, KEYS.kitHint), el("p", {}, make), room);
}

/** Makes a kit, and shows ways to save and to print it until it is put away. */
async function showKit(room: HTMLElement, host: Host, slug: string, epoch: ServedEpoch, retainUntil: string): Promise<void> {
  const kit: Kit = { epoch: epoch.id, retainUntil, files: await host.keys().ask<"kit">({ do: "kit", clinic: slug, epoch }) };
  const pages = await kitSheet(kit, (done, of) => { host.progress("drawing", done, of); });
  host.keys(); // throws when somebody has locked the page meanwhile
  putOnSheet(host.root, ...pages);
  const href = URL.createObjectURL(new Blob([kitText(kit)], { type: "text/plain" }));
  const save = el("a", { href, download: kitName(kit), class: "button second" }, KEYS.saveKit);
  const away = button(KEYS.putKitAway, () => {
    URL.revokeObjectURL(href);
    room.replaceChildren();
    putOnSheet(host.root);
    host.say(KEYS.kitAway);
  });
  room.replaceChildren(el("div", { class: "buttons" }, save, button(KEYS.printKit, () => { window.print(); }), away));
  save.focus();
  host.say(KEYS.kitMade(kit.files.length));
}
