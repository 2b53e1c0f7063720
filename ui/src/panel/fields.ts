/** Fields of the forms in which a member proposes something, and buttons that are shut while something runs. */
import { el } from "./dom.js";

let ids = 0;
export const nextId = (): string => `keys-field-${String(++ids)}`;

export function field(label: string, control: HTMLElement, hint = ""): HTMLElement {
  if (control.id === "") control.id = nextId();
  const parts: HTMLElement[] = [el("label", { for: control.id }, label)];
  if (hint !== "") {
    control.setAttribute("aria-describedby", `${control.id}-hint`);
    parts.push(el("p", { class: "hint", id: `${control.id}-hint` }, hint));
  }
  return el("div", { class: "field" }, ...parts, control);
}

export const number = (id: string, min: number, max: number, value: string): HTMLInputElement =>
  el("input", { type: "number", id, min: String(min), max: String(max), value, inputmode: "numeric" });

/** A button that is shut while something runs. */
export function busy<T extends HTMLElement>(b: T): T {
  b.dataset["busy"] = "";
  return b;
}

export const submit = (label: string): HTMLElement => el("p", {}, busy(el("button", { type: "submit", class: "button second" }, label)));
