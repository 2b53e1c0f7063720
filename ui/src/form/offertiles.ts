/** Offers the form in pictures. The drawings come when somebody asks for them. */
import { button, el, picture } from "./elements.js";
import type { Say } from "../tell/say.js";

/** A picture in its frame: a hill and a sun. */
const FRAMED = "M3 4h18v16H3zM3 16l5-5l5 5l3-3l5 4M16 8.500v.01";

export function offerTiles(form: HTMLFormElement, say: Say): void {
  let tiles: import("../tiles.js").Tiles | null = null;
  let on = false;
  const switches: HTMLButtonElement[] = [];
  const failed = el("p", { class: "problem", role: "alert" });
  const turn = async (): Promise<void> => {
    try {
      if (tiles === null) {
        const { Tiles } = (await import(form.dataset["tiles"] ?? "")) as typeof import("../tiles.js");
        tiles = new Tiles(form, say);
      }
    } catch {
      // An old browser, or no network now.
      switches.find((s) => s.getClientRects().length > 0)?.after(failed);
      failed.textContent = say("tiles.failed");
      return;
    }
    failed.remove();
    on = !on;
    for (const s of switches) s.replaceChildren(picture(FRAMED), say(on ? "tiles.off" : "tiles.on"));
    tiles.show(on); // and each says aloud what it says now
  };
  for (const title of Array.from(form.querySelectorAll(".step > h2"))) {
    const b = button(say("tiles.on"), () => { void turn(); }, "as-link switch");
    b.prepend(picture(FRAMED));
    switches.push(b);
    title.after(b);
  }
}
