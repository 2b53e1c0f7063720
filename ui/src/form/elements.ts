/** Elements from text, for the parts of the form that load by themselves. Text goes in as text and never as markup. */

export function el<K extends keyof HTMLElementTagNameMap>(tag: K, attributes: Record<string, string> = {}, ...children: (Node | string)[]): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

const SVG = "http://www.w3.org/2000/svg";

/** A line drawing on a square of 24, which says nothing by itself: what it stands for is said beside it. */
export function picture(d: string): SVGElement {
  const svg = document.createElementNS(SVG, "svg");
  for (const [name, value] of [["viewBox", "0 0 24 24"], ["aria-hidden", "true"], ["class", "drawing"]] as const) svg.setAttribute(name, value);
  return stroke(svg, d);
}

/** Draws one more line into a picture. */
export function stroke(svg: SVGElement, d: string, transform = "", width = 1.8): SVGElement {
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", d);
  path.setAttribute("stroke-width", String(width));
  if (transform !== "") path.setAttribute("transform", transform);
  svg.append(path);
  return svg;
}

export function button(label: string, act: () => void, kind = "button second"): HTMLButtonElement {
  const b = el("button", { type: "button", class: kind }, label);
  b.addEventListener("click", act);
  return b;
}
