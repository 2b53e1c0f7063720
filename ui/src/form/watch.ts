/**
 * Hints at what could tell who wrote, as one types and when one looks everything over. It works in this browser alone, never
 * keeps anything from being sent, and offers a gentler wording for a hint, or to leave it out, where the sentence is sure to say
 * the same then; what was changed can be put back. It comes with the form, or by the clock, so that no request tells that somebody
 * began to write; how common English words are, and gentler wordings, when one looks everything over. Until then hints only point.
 */
import { button, el } from "./elements.js";
import type { Gentler } from "../gentler/leftout.js";
import type { Hint } from "../guard.js";
import type { Rank } from "../marking.js";
import type { Wanted } from "../tell/clock.js";
import type { Say } from "../tell/say.js";

const PAUSE = 900;
const SHOWN = 6;
/** Names have a question of their own, which says who reads them. */
const WATCHED = ["words", "other_text", "wants_text"];

export interface Guard {
  /** All hints, for the page on which one looks everything over. */
  whole: () => HTMLElement;
}

/** The script that finds hints. It is asked for with the form, and by the clock: see `tell.ts`. */
export type Finder = Wanted<typeof import("../guard.js")>;

export function offerGuard(form: HTMLFormElement, say: Say, finder: Finder): Guard {
  const fields = WATCHED.flatMap((key) => {
    const control = form.querySelector<HTMLTextAreaElement | HTMLInputElement>(`[name="${key}"]`);
    return control === null ? [] : [new Watched(control, form, say, finder)];
  });
  return {
    whole: () => {
      const [room, spoken] = [el("div", {}), el("p", { class: "unseen", role: "status" })];
      const draw = async (said = ""): Promise<void> => {
        const boxes = await Promise.all(fields.map((f) => f.drawn((now) => { void draw(now); }, true)));
        fill(room, boxes.filter((e) => e !== null));
        if (said !== "") spoken.textContent = said;
      };
      void draw();
      return el("div", { class: "hints-whole" }, room, spoken);
    },
  };
}

/** Puts hints in place of those that stood there; the focus stays at the same place among their buttons. */
function fill(room: HTMLElement, boxes: HTMLElement[]): void {
  const buttons = (): HTMLElement[] => Array.from(room.querySelectorAll("button"));
  const at = buttons().findIndex((b) => b === document.activeElement);
  room.replaceChildren(...boxes);
  if (at >= 0) buttons()[Math.min(at, buttons().length - 1)]?.focus();
}

class Watched {
  private timer = 0;
  private readonly room: HTMLElement;
  private readonly spoken: HTMLElement;
  private said = 0;
  /** What was put in place of something last, for those who want it back. */
  private before: string | null = null;
  /** What words things more gently, once it has come. */
  private wordings: typeof import("../gentler.js") | null = null;

  constructor(
    private readonly control: HTMLTextAreaElement | HTMLInputElement,
    private readonly form: HTMLFormElement,
    private readonly say: Say,
    private readonly finder: Finder,
  ) {
    this.room = el("div", { class: "hints" });
    this.spoken = el("p", { class: "unseen", role: "status" });
    control.after(this.room, this.spoken);
    control.addEventListener("input", () => {
      this.before = null;
      window.clearTimeout(this.timer);
      this.timer = window.setTimeout(() => { void this.update(); }, PAUSE);
    });
    document.addEventListener("language", () => {
      this.said = 0;
      this.spoken.textContent = "";
      void this.update();
    });
  }

  private async update(said = ""): Promise<void> {
    if (this.control.value === "" && this.before === null && this.room.childElementCount === 0) return;
    const drawn = await this.drawn((now) => { void this.update(now); });
    fill(this.room, drawn === null ? [] : [drawn]);
    const count = drawn?.querySelectorAll("li").length ?? 0;
    if (said !== "") this.spoken.textContent = said;
    else if (count > this.said) this.spoken.textContent = this.say("guard.spoken", { count: String(count) });
    this.said = count;
  }

  /** The hints for this text, once what looks for them is here; null where there are none. `again` says what was changed. */
  async drawn(again: (said: string) => void, whole = false): Promise<HTMLElement | null> {
    if (this.control.value.trim() === "" && this.before === null) return null;
    const lang = this.form.dataset["lang"] ?? "";
    let found: Hint[];
    let rows: HTMLElement[];
    try {
      const { hints } = await (whole ? this.finder.ask().catch(() => this.finder.here) : this.finder.here);
      const rank = whole ? (await Promise.all([this.rank(), this.fetchWordings()]))[0] : null;
      const text = this.control.value;
      found = hints(text, lang, rank, (all) => this.wordings?.together(all, text, lang) ?? all);
      rows = found.slice(0, SHOWN).map((hint) => this.row(hint, text, this.wordings?.gentler(text, hint, lang, this.say), again));
    } catch {
      return null;
    }
    if (found.length === 0 && this.before === null) return null;
    const box = el("div", { class: "hint-box" });
    if (rows.length > 0) {
      box.append(el("p", {}, el("strong", {}, this.say("guard.title")), " ", this.say(whole || this.wordings !== null ? "guard.more" : "guard.later")), el("ul", {}, ...rows));
      if (found.length > SHOWN) box.append(el("p", { class: "quiet" }, this.say("guard.others", { count: String(found.length - SHOWN) })));
      box.append(el("p", { class: "quiet" }, this.say("guard.limit")));
    }
    const before = this.before;
    if (before !== null) {
      box.append(el("p", {}, button(this.say("guard.back"), () => { this.put(before, null); again(this.say("guard.was_back")); })));
    }
    return box;
  }

  /** How common English words are; null in other languages, or where the list does not come. */
  private async rank(): Promise<Rank | null> {
    if (this.form.dataset["lang"] !== "en") return null;
    try {
      return ((await import(this.form.dataset["common"] ?? "")) as typeof import("../englishwords.js")).rankOf;
    } catch {
      return null;
    }
  }

  /** Where they do not come, hints point still, and nothing is offered. */
  private async fetchWordings(): Promise<void> {
    this.wordings ??= await (import(this.say("gentler")) as Promise<typeof import("../gentler.js")>).catch(() => null);
  }

  /** One hint with what is offered for it; null where no wording is sure to say the same, undefined where none has come. */
  private row(hint: Hint, from: string, gentler: Gentler | null | undefined, again: (said: string) => void): HTMLElement {
    const row = el("li", {}, el("span", { class: "typed", dir: "auto", translate: "no" }, hint.text), ` (${this.say(`guard.kind.${hint.kind}`)}). `);
    if (gentler === null) row.append(this.say("guard.by_hand"));
    if (gentler === null || gentler === undefined) return row;
    const offer = gentler.says === null ? this.say("guard.leave") : this.say("guard.use", { gentler: gentler.says });
    const act = button(offer, () => {
      const text = this.control.value;
      if (text === from) this.put(text.slice(0, gentler.start) + gentler.text + text.slice(gentler.end), text);
      again(text === from ? this.say("guard.changed") : "");
    }, "as-link");
    act.setAttribute("aria-label", `${offer}: ${hint.text}`);
    row.append(act);
    return row;
  }

  /** Changes the text as if it had been typed, so that everything that counts and watches it hears of it. */
  private put(text: string, before: string | null): void {
    this.control.value = text;
    this.control.dispatchEvent(new Event("input", { bubbles: true }));
    this.before = before;
  }
}
