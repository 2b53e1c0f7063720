/**
 * Asking to be told, at a fixed hour, that it is time to look in. The address is kept with nobody's name or key: so the page
 * cannot show it later, and whoever wants no more types it once again.
 */
import { ask } from "./api.js";
import { clearSent, part } from "./dom.js";
import { NOTICES } from "./noticewords.js";

type Kind = "mail" | "ntfy";

interface Offer {
  offered: Kind[];
  hour: number;
  day: string;
}

/** The page around it. */
export interface NoticesPage {
  attempt: (step: () => Promise<void>) => Promise<void>;
  say: (sentence: string) => void;
}

export class Notices {
  readonly #root: HTMLElement;
  readonly #page: NoticesPage;
  readonly #address: HTMLInputElement;

  constructor(root: HTMLElement, page: NoticesPage) {
    this.#root = root;
    this.#page = page;
    this.#address = part<HTMLInputElement>(root, "notices-address");
    part(root, "notices-form").addEventListener("submit", (e) => {
      e.preventDefault();
      void page.attempt(() => this.#send(true));
    });
    part(root, "notices-end").addEventListener("click", () => { void page.attempt(() => this.#send(false)); });
  }

  /** Fetches what is offered here, and shows it. Throws ApiError. */
  async look(): Promise<void> {
    const offer = (await (await ask("/notices")).json()) as Offer;
    const some = offer.offered.length > 0;
    part(this.#root, "notices-form").hidden = !some;
    part(this.#root, "notices-when").textContent = some ? NOTICES.when(offer.day, offer.hour) : NOTICES.none;
    part(this.#root, "notices-hint").textContent = offer.offered.includes("mail") ? NOTICES.both : NOTICES.ntfy;
  }

  /** Forgets what was typed when the page locks. */
  clear(): void {
    this.#address.value = "";
    this.#problem("");
  }

  async #send(wanted: boolean): Promise<void> {
    const typed = this.#address.value;
    const address = typed.trim();
    if (address === "") {
      this.#problem(NOTICES.empty);
      this.#address.focus();
      return;
    }
    this.#problem("");
    await ask("/notices", { kind: address.startsWith("https://") ? "ntfy" : "mail", address, wanted });
    clearSent(this.#address, typed);
    this.#page.say(wanted ? NOTICES.joined : NOTICES.left);
  }

  #problem(sentence: string): void {
    part(this.#root, "notices-problem").textContent = sentence;
    this.#address.toggleAttribute("aria-invalid", sentence !== "");
  }
}
