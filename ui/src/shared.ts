/**
 * A device that others use too: a page that nobody touches for a minute wipes itself, and says so twenty seconds before. The
 * clock begins with the first touch or key, so that a form nobody has begun does not warn an empty room.
 */
import { hush } from "./hush.js";

const IDLE = 60_000;
const WARN_BEFORE = 20_000;
const LOOK_EVERY = 500;

/**
 * Signs of somebody that begin the clock. Who uses a screen reader, a switch or their voice presses nothing: there is only the
 * click. A change is none: it comes by itself when the warning takes the focus from what was typed.
 */
const TOUCHES = ["pointerdown", "keydown", "input", "click", "wheel", "touchmove"];

/**
 * Signs of a finger that is still on its way: the click that may follow falls on whatever lies there by then. The warning stays under
 * it until that click, so that no touch that answers it also presses a button of the page.
 */
const UNDER_WAY = ["pointerdown", "touchmove"];

/** Signs that somebody reads on. They come from the page's own doing too, so they begin nothing. */
const READING = ["focusin", "scroll", "selectionchange"];

class Shared {
  private last = 0;
  private warning: HTMLElement | null = null;
  private before: Element | null = null;

  constructor(private readonly notice: HTMLElement) {
    // Words or a receipt that came with the page are somebody's already.
    if (document.querySelector(".receipt, .problems, .answer, textarea:not(:empty)") !== null) this.touched();
  }

  listen(): void {
    const said = this.notice.firstElementChild ?? this.notice;
    said.textContent = this.say("here");
    for (const touch of TOUCHES) window.addEventListener(touch, (event) => { this.stay(event); }, { capture: true, passive: touch !== "keydown" });
    for (const sign of READING) document.addEventListener(sign, (event) => { this.readsOn(event); }, { capture: true, passive: true });
    // A device that slept ran no timer: it looks again before anybody sees the page.
    document.addEventListener("visibilitychange", () => { this.look(); });
    window.setInterval(() => { this.look(); }, LOOK_EVERY);
  }

  private say(name: string): string {
    return this.notice.dataset[name] ?? "";
  }

  private touched(): void {
    this.last = Date.now();
  }

  /** A key that answers the warning does nothing else; Shift may still be on its way to leaving. */
  private stay(event: Event): void {
    this.look(); // too late is too late
    this.touched();
    if (this.warning === null || UNDER_WAY.includes(event.type)) return;
    if (event instanceof KeyboardEvent && event.key !== "Shift") event.preventDefault();
    this.warning.remove();
    this.warning = null;
    if (this.before instanceof HTMLElement) this.before.focus();
  }

  /** The warning takes the focus, and a phone's keyboard that then goes away scrolls the page: only a focus elsewhere answers it. */
  private readsOn(event: Event): void {
    if (this.last === 0) return;
    if (this.warning !== null && (event.type !== "focusin" || this.warning.contains(event.target as Node))) return;
    this.stay(event);
  }

  private look(): void {
    if (this.last === 0) return;
    // What is on its way may be stored already, and its words to come back are only here. It ends by itself after three minutes.
    if (document.body.hasAttribute("data-sending")) this.touched();
    const quiet = Date.now() - this.last;
    if (quiet >= IDLE) this.wipe();
    else if (quiet >= IDLE - WARN_BEFORE && this.warning === null) this.warn();
  }

  private warn(): void {
    this.before = document.activeElement;
    const title = document.createElement("h2");
    title.id = "wipe-title";
    title.textContent = this.say("warning");
    const button = document.createElement("button");
    button.type = "button";
    button.className = "button";
    button.textContent = this.say("stay");
    this.warning = document.createElement("div");
    this.warning.className = "wipe";
    this.warning.setAttribute("role", "alertdialog");
    this.warning.setAttribute("aria-modal", "true");
    this.warning.setAttribute("aria-labelledby", title.id);
    this.warning.append(title, button);
    document.body.append(this.warning);
    button.focus({ preventScroll: true });
  }

  /** Nothing waits for the network: what stood here is gone before the page is fetched anew, and if it never comes. */
  private wipe(): void {
    this.last = 0;
    hush();
    window.dispatchEvent(new Event("pagehide")); // the page's own script forgets what it holds
    for (const form of Array.from(document.forms)) {
      for (const field of Array.from(form.elements)) if (field instanceof HTMLTextAreaElement || field instanceof HTMLInputElement) field.value = "";
    }
    const title = document.createElement("h1");
    title.textContent = this.say("wiped");
    this.warning?.remove();
    document.querySelector("main")?.replaceChildren(title);
    // With the fingerprint of a poster behind the #, going to the same address would fetch nothing.
    if (window.location.hash !== "") window.location.reload();
    else window.location.replace(window.location.pathname + window.location.search);
  }
}

const notice = document.querySelector<HTMLElement>("[data-module=shared]");
if (notice) new Shared(notice).listen();
