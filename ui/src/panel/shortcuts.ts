/** j and k go through the queue, o opens, c closes, ? explains. They can be switched off (WCAG 2.1.4). */
import { part } from "./dom.js";
import { Typing } from "./typing.js";

/** `close` puts the open message away. */
export function listenForKeys(root: HTMLElement, close: () => void): void {
  const act: Record<string, () => void> = {
    j: () => { step(root, 1); },
    k: () => { step(root, -1); },
    o: () => { marked(root)?.click(); },
    c: close,
    "?": () => { part<HTMLDetailsElement>(root, "keys-help").open = true; part(root, "keys-on").focus(); },
  };
  const typing = new Typing();
  document.addEventListener("pointerdown", () => { typing.moved(); }, true);
  document.addEventListener("keydown", (event) => {
    const field = isField(event.target);
    if (typing.takes(event, field)) {
      // Or it would press whatever has the focus now.
      if (!field && (event.key === " " || event.key === "Enter")) event.preventDefault();
      return;
    }
    const on = part<HTMLInputElement>(root, "keys-on").checked;
    if (!on || part(root, "desk").hidden || part(root, "view-queue").hidden || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target === document.body && root.querySelector(".reading[inert]") !== null) return; // meant for a field that cannot hear it now
    const wanted = act[event.key];
    if (wanted === undefined) return;
    event.preventDefault();
    wanted();
  });
}

/** The row that has the focus, or whose message is open. */
const marked = (root: HTMLElement): HTMLElement | null => root.querySelector<HTMLElement>(".row:focus") ?? root.querySelector<HTMLElement>(".row[aria-current]");

function step(root: HTMLElement, by: number): void {
  const rows = Array.from(root.querySelectorAll<HTMLElement>(".row"));
  const from = marked(root);
  const at = from === null ? (by > 0 ? -1 : rows.length) : rows.indexOf(from);
  rows[Math.max(0, Math.min(rows.length - 1, at + by))]?.focus();
}

function isField(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.closest("input:not([type=checkbox]), textarea, select") !== null;
}
