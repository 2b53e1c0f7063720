/**
 * What became of a step, shown once more where somebody works. The page's own sentences stand at its top, and are spoken from
 * there; whoever looks at the foot of a long message does not see them, neither on a phone nor with letters four times as large.
 */
import { el } from "./dom.js";
import { FIELDS } from "./staying.js";

/** How it goes or went, what failed, or why what is typed is not kept. Each takes the place of the last of its kind. */
export type Said = "status" | "alert" | "kept";

export class Nearby {
  readonly #room: HTMLElement;
  readonly #shown = new Map<Said, HTMLElement>();
  #pressed: HTMLElement | null = null;
  /** What was pressed says, for when it is not there any more. */
  #name = "";
  /** The field that had the focus last. */
  #field: HTMLElement | null = null;

  /** `room` is the part of the page in which somebody works. */
  constructor(room: HTMLElement) {
    this.#room = room;
    room.addEventListener("click", (event) => {
      const on = event.target instanceof Element ? event.target.closest<HTMLElement>("button, summary, a") : null;
      if (on !== null) [this.#pressed, this.#name] = [on, on.matches(".button") ? on.textContent.trim() : ""];
    }, true);
    room.addEventListener("focusin", ({ target }) => { if (isField(target)) this.#field = target; });
  }

  /** What is said next follows from nothing that somebody pressed. */
  unasked(): void {
    [this.#pressed, this.#name] = [null, ""];
  }

  /** Shows a sentence, with `more` after it, beside the field in which somebody is, or else what they pressed. "" takes the last one away. */
  show(of: Said, sentence: string, ...more: HTMLElement[]): void {
    this.#shown.get(of)?.remove();
    this.#shown.delete(of);
    const at = sentence === "" ? null : this.#place(of);
    if (at === null) return;
    const whose = isField(at) && of !== "kept" && this.#name !== "" ? `“${this.#name}”: ` : "";
    const copy = el("div", { class: of === "status" ? "nearby" : "alert nearby" }, el("p", {}, whose + sentence), ...more);
    this.#shown.set(of, copy);
    (outermost(at) ?? at).after(copy);
    if (!isField(at)) copy.scrollIntoView({ block: "nearest" });
  }

  #place(of: Said): HTMLElement | null {
    const at = document.activeElement;
    const here = at instanceof HTMLElement && this.#room.contains(at) ? at : null;
    const places = of === "kept" ? [isField(here) ? here : this.#field] : [isField(here) ? here : null, this.#pressed, here];
    return places.find((e) => e !== null && this.#room.contains(e) && e.getClientRects().length > 0) ?? null;
  }
}

const isField = (e: EventTarget | null): e is HTMLElement => e instanceof HTMLElement && e.matches(FIELDS);

/** What a control stands in that is not parted by a sentence, or speaks whatever comes into it. */
function outermost(at: HTMLElement): HTMLElement | null {
  const whole = at.closest<HTMLElement>(".field, .choice, .buttons, .views, p");
  return at.closest<HTMLElement>('[role="status"], [role="alert"], [aria-live]') ?? whole;
}

/** Whether all of an element lies in the window. */
export function isSeen(e: HTMLElement): boolean {
  const { top, bottom } = e.getBoundingClientRect();
  return top >= 0 && bottom <= window.innerHeight;
}
