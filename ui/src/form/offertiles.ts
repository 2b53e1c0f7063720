/** Offers the form in pictures. The drawings come when somebody asks for them. */
import { button } from "./elements.js";
import type { Say } from "../tell/say.js";

export function offerTiles(form: HTMLFormElement, say: Say): void {
  let tiles: import("../tiles.js").Tiles | null = null;
  let on = false;
  const switches: HTMLButtonElement[] = [];
  const turn = async (): Promise<void> => {
    try {
      if (tiles === null) {
        const { Tiles } = (await import(form.dataset["tiles"] ?? "")) as typeof import("../tiles.js");
        tiles = new Tiles(form, say);
      }
    } catch {
      return; // an old browser, or no network now
    }
    on = !on;
    tiles.show(on);
    for (const s of switches) s.textContent = say(on ? "tiles.off" : "tiles.on");
  };
  for (const title of Array.from(form.querySelectorAll(".step > h2"))) {
    const b = button(say("tiles.on"), () => { void turn(); }, "as-link switch");
    switches.push(b);
    title.after(b);
  }
}
