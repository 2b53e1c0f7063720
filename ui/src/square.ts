/** A QR code as a drawing. A script of its own where a page may not need it. */
import { encodeQR } from "qr";

const SVG = "http://www.w3.org/2000/svg";

/** Dark on light whatever the page's colours: otherwise many cameras do not see it. Digits and capital letters take least room. */
export function square(doc: Document, text: string): SVGElement {
  const rows = encodeQR(text, "raw", { ecc: "medium", border: 4 });
  const size = String(rows.length);
  const draw = (tag: string, attributes: Record<string, string>): SVGElement => {
    const e = doc.createElementNS(SVG, tag);
    for (const [name, value] of Object.entries(attributes)) e.setAttribute(name, value);
    return e;
  };
  const svg = draw("svg", { class: "square", viewBox: `0 0 ${size} ${size}`, "aria-hidden": "true", "shape-rendering": "crispEdges" });
  const d = rows.flatMap((row, y) => row.map((dark, x) => (dark ? `M${String(x)} ${String(y)}h1v1h-1z` : ""))).join("");
  svg.append(draw("rect", { width: size, height: size, fill: "#fff" }), draw("path", { d, fill: "#000" }));
  return svg;
}
