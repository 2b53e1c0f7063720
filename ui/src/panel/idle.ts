/**
 * Noticing that nobody is there any more. Who reads slowly, or hears a long story, gives the page no key and no touch, so it warns
 * before it locks, and any key, press or movement puts that off.
 */
import { button, el } from "./dom.js";

const QUIET_MS = 10 * 60_000;
const WARN_BEFORE_MS = 60_000;
const LOOK_EVERY_MS = 5000;

export const STAY = {
  warning: "In less than a minute this page locks, because nobody has touched it for a while. Press any key, or touch it, to stay.",
  stay: "Stay",
};

const TOUCHES = ["pointerdown", "pointermove", "keydown", "click", "scroll", "wheel", "touchstart"];

/** Signs of a finger whose click is still to come: the warning stays under it until then, so that it presses nothing that lies below. */
const UNDER_WAY = ["pointerdown", "touchstart"];

/** Calls `lock` after ten minutes without a touch, a key or a movement. Starts at once and goes on for good. */
export class Quiet {
  #last = Date.now();
  #warning: HTMLElement | null = null;
  #before: Element | null = null;

  /** `isOpen` says whether there is anything to lock: where not, nobody is warned. */
  constructor(private readonly lock: () => void, private readonly isOpen: () => boolean) {
    for (const touch of TOUCHES) window.addEventListener(touch, (event) => { this.#touched(event); }, { passive: touch !== "keydown", capture: true });
    // A sleeping laptop does not run timers; so look again as soon as the page is seen.
    document.addEventListener("visibilitychange", () => { this.#look(); });
    setInterval(() => { this.#look(); }, LOOK_EVERY_MS);
  }

  /** The ten minutes begin now. */
  begin(): void {
    this.#last = Date.now();
    this.#unwarn();
  }

  #touched(event: Event): void {
    const warned = this.#warning;
    if (warned === null) { this.begin(); return; }
    if (Date.now() - this.#last > QUIET_MS) { this.#look(); return; } // too late is too late
    if (event.type === "scroll") return; // the page's own doing, as where a phone's keyboard goes away
    const moved = event instanceof PointerEvent && event.type === "pointermove" && event.pointerType !== "mouse";
    if ((moved || UNDER_WAY.includes(event.type)) && event.target instanceof Node && warned.contains(event.target)) {
      this.#last = Date.now();
      return;
    }
    if (event instanceof KeyboardEvent) {
      event.preventDefault(); // the key that answers does nothing else
      event.stopImmediatePropagation();
    }
    this.begin();
  }

  #look(): void {
    const quiet = Date.now() - this.#last;
    if (quiet > QUIET_MS) {
      this.begin();
      this.lock();
    } else if (quiet >= QUIET_MS - WARN_BEFORE_MS && this.#warning === null && this.isOpen()) this.#warn();
  }

  /** It takes the focus, so that it is read out and answered by one press. */
  #warn(): void {
    this.#before = document.activeElement;
    const title = el("p", { id: "lock-soon" }, STAY.warning);
    const stay = button(STAY.stay, () => { this.begin(); }, "button");
    this.#warning = el("div", { class: "lock-soon", role: "alertdialog", "aria-labelledby": "lock-soon" }, title, stay);
    document.body.append(this.#warning);
    stay.focus({ preventScroll: true });
  }

  #unwarn(): void {
    const had = this.#warning?.contains(document.activeElement) === true;
    this.#warning?.remove();
    this.#warning = null;
    if (had && this.#before instanceof HTMLElement) this.#before.focus({ preventScroll: true });
  }
}
