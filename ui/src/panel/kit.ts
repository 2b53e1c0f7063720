/**
 * The paper kit of a key that two open: what two members and the public age command need to read when no server is left. It
 * is one text, to save or to print; on paper each block stands beside squares that hold the same characters.
 */
import { square } from "../square.js";
import { el } from "./dom.js";
import type { KitFile } from "./kitfiles.js";
import { KIT, kitWords } from "./kitwords.js";

export interface Kit {
  epoch: string;
  /** The day until which the panel keeps what was written to the key. */
  retainUntil: string;
  files: KitFile[];
}

/** Characters in a square, few enough for a phone to read them from paper. */
const IN_SQUARE = 1200;

const title = (f: KitFile): string => `${f.first} then ${f.then}`;

export const kitName = (kit: Kit): string => `kit-${kit.epoch}.txt`;

/** The whole kit as a text file. */
export function kitText(kit: Kit): string {
  return [kitWords(kit.epoch, kit.retainUntil), ...kit.files.map((f) => `${title(f)}\n${f.file.trim()}\n`)].join("\n");
}

/** The kit as it is printed. Squares take time: `progress` hears after each block how many of how many are drawn. */
export async function kitSheet(kit: Kit, progress: (done: number, of: number) => void): Promise<HTMLElement[]> {
  const pages: HTMLElement[] = [el("pre", {}, kitWords(kit.epoch, kit.retainUntil))];
  for (const [done, f] of kit.files.entries()) {
    progress(done, kit.files.length);
    await new Promise((after) => setTimeout(after)); // lets the page draw, and lets somebody lock it
    const text = f.file.trim();
    const squares = el("div", { class: "squares" });
    for (let at = 0; at < text.length; at += IN_SQUARE) squares.append(square(document, text.slice(at, at + IN_SQUARE), "low"));
    pages.push(el("section", { class: "kit-block" }, el("h2", { translate: "no" }, title(f)), el("p", {}, KIT.squares), squares, el("pre", { translate: "no" }, text)));
  }
  progress(kit.files.length, kit.files.length);
  return pages;
}
