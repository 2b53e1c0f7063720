/** Links away from a page that holds what would be lost with it. */
import type { Say } from "./say.js";

/** Until something is typed links open here: a page left behind in another tab would outlast Leave. Without script they open anew. */
export function linksHere(doc: Document): void {
  for (const said of doc.querySelectorAll('[data-part="anew"]')) {
    said.closest("a")?.removeAttribute("target");
    said.remove();
  }
}

/** From now on links open in a new tab, but for Leave and those within the page. */
export function linksApart(doc: Document): void {
  for (const link of Array.from(doc.querySelectorAll<HTMLAnchorElement>('a[href]:not([href^="#"]):not(.leave)'))) {
    link.target = "_blank";
    link.relList.add("noopener");
  }
}

/** The same, with a sentence before the last of them that says so. */
export function keepPage(doc: Document, say: Say): void {
  linksApart(doc);
  if (doc.getElementById("links-apart")) return;
  const said = Object.assign(doc.createElement("p"), { id: "links-apart", textContent: say("site.links_apart") });
  doc.querySelector("footer")?.prepend(said);
}

/** Others use this device too. */
export const isShared = (doc: Document): boolean => doc.body.hasAttribute("data-shared");

/**
 * Links from a page that shows what was sent once. They leave it where it is; but where others use the device they would find
 * it there, so links lead away from it.
 */
export function linksAfterSending(doc: Document, say: Say): void {
  if (isShared(doc)) linksFree(doc);
  else keepPage(doc, say);
}

/** Links lead away from the page, also those that led apart while something was typed. */
export function linksFree(doc: Document): void {
  for (const link of doc.querySelectorAll("a[target]")) link.removeAttribute("target");
  doc.getElementById("links-apart")?.remove();
}
