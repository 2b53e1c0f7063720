/** What stands on the page, by the language in which it stands there. */

/** The language of a place on the page, without its region: that of the nearest element that names one. */
export function languageOf(node: Node): string {
  const element = node instanceof Element ? node : node.parentElement;
  const named = element?.closest("[lang]") ?? document.documentElement;
  return (named.getAttribute("lang") ?? "").toLowerCase().split(/[-_]/)[0] ?? "";
}

export interface Stretch {
  lang: string;
  text: string;
}

/** Their words in order, in stretches of one language each, without what stands beside them in another to be compared. */
export function stretches(nodes: Node[]): Stretch[] {
  const found: Stretch[] = [];
  const add = (lang: string, text: string): void => {
    const last = found[found.length - 1];
    if (last !== undefined && (last.lang === lang || text.trim() === "")) last.text += text;
    else if (text.trim() !== "") found.push({ lang, text });
  };
  const walk = (node: Node): void => {
    if (node instanceof Text) add(languageOf(node), node.data);
    else if (node instanceof Element && !node.classList.contains("beside")) node.childNodes.forEach(walk);
    if (/^(?:BR|LI|P)$/.test(node.nodeName)) add("", " ");
  };
  for (const node of nodes) {
    walk(node);
    add("", " ");
  }
  return found.map(({ lang, text }) => ({ lang, text: text.replace(/\s+/g, " ").trim() }));
}
