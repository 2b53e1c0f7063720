/** Forms that came on paper: where members type them in, and where more of them are printed. */
import { el } from "./dom.js";

export const PAPER = {
  came: "Did a form come on paper?",
  enter: "Type in a form that came on paper (opens beside this page)",
  print: "Print forms for a pen (opens beside this page)",
};

/** Stands below the list of a clinic. The form is typed in on its own page, where it is locked under the words of its strip. */
export function paperBox(clinic: string): HTMLElement {
  const link = (page: string, says: string): HTMLElement =>
    el("a", { href: `/c/${clinic}/${page}`, target: "_blank", rel: "noopener" }, says);
  return el("p", { class: "quiet" }, PAPER.came, " ", link("tell?paper", PAPER.enter), " ", link("paper", PAPER.print));
}
