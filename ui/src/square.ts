/** A QR code as a drawing. A script of its own where a page may not need it. */
import { encodeQR } from "qr";

const SVG = "http://www.w3.org/2000/svg";

/** Dark on light whatever the page's colours: otherwise many cameras do not see it. Digits and capital letters take least room. */
export function square(doc: Document, text: string, ecc: "low" | "medium" = "medium"): SVGElement {
  const rows = encodeQR(text, "raw", { ecc, border: 4 });
  const size = String(rows.length);
  const draw = (tag: string, attributes: Record<string, string>): SVGElement => {
    const e = doc.createElementNS(SVG, tag);
    for (const [name, value] of Object.entries(attributes)) e.setAttribute(name, value);
    return e;
  };
  const svg = draw("svg", { class: "square", viewBox: `0 0 ${size} ${size}`, "aria-hidden": "true", "shape-rendering": "crispEdges" });
  svg.append(draw("rect", { width: size, height: size, fill: "#fff" }), draw("path", { d: rows.map(runs).join(""), fill: "#000" }));
  return svg;
}

/** The dark modules of a row, those beside each other drawn as one. */
function runs(row: boolean[], y: number): string {
  let drawn = "";
  for (let x = 0; x < row.length; x++) {
    let width = 0;
    while (row[x + width] === true) width++;
    if (width > 0) drawn += `M${String(x)} ${String(y)}h${String(width)}v1h-${String(width)}z`;
    x += width;
  }
  return drawn;
}
