/** What is not filled in, above a part of the view. */
import { CASE } from "./casewords.js";
import type { Fault } from "./codingform.js";
import { el } from "./dom.js";

/** Errors stand together, and the focus goes to the first; each leads to its control. */
export function showFaults(section: HTMLElement, faults: readonly Fault[]): void {
  section.querySelector(":scope > .problems")?.remove();
  const links = faults.map(({ id, sentence }) => {
    const a = el("a", { href: `#${id}` }, sentence);
    a.addEventListener("click", (event) => { event.preventDefault(); document.getElementById(id)?.focus(); });
    return el("li", {}, a);
  });
  const box = el("div", { class: "problems", tabindex: "-1", role: "alert" }, el("h3", {}, CASE.faultsTitle), el("ul", {}, ...links));
  section.prepend(box);
  box.focus();
}
