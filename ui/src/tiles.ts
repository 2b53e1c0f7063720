/**
 * The form in pictures: every answer is a tile to press, with a drawing, and says its own label aloud where this device has a
 * voice of its own for the language. A voice that works over the network is never used, and nothing that somebody typed is
 * ever spoken: a label is the clinic's text and not the writer's.
 */
import { button, el, picture, stroke } from "./form/elements.js";
import { drawingOf, GLYPHS, type Glyph } from "./form/glyphs.js";
import type { Say } from "./tell/say.js";
import { ownWords } from "./ownwords.js";

export class Tiles {
  private voice: SpeechSynthesisVoice | null = null;
  private readonly silent: HTMLElement;
  private furnished = false;
  private on = false;
  /** Says each speaker's name anew. */
  private readonly names: (() => void)[] = [];

  constructor(
    private readonly form: HTMLFormElement,
    private readonly say: Say,
  ) {
    this.silent = el("p", { class: "quiet" }, say("tiles.silent"));
    document.addEventListener("language", () => {
      for (const name of this.names) name();
      if (form.classList.contains("tiles")) this.findVoice();
    });
    form.addEventListener("change", () => { for (const name of this.names) name(); }); // questions follow whom it is about
  }

  /** Turns pictures on or off. What is picked stays as it is. */
  show(on: boolean): void {
    this.on = on;
    this.form.classList.toggle("tiles", on);
    this.dressOutside();
    if (!on) {
      if ("speechSynthesis" in window) window.speechSynthesis.cancel();
      return;
    }
    if (!this.furnished) this.furnish();
    this.furnished = true;
    this.findVoice();
  }

  private furnish(): void {
    for (const choice of Array.from(this.form.querySelectorAll<HTMLElement>(".choice"))) this.furnishChoice(choice);
    for (const question of Array.from(this.form.querySelectorAll<HTMLElement>(".field > legend, .field > label, .group > legend, .step > h2"))) {
      question.after(this.speaker(() => ownWords(question)));
    }
    for (const typed of Array.from(this.form.querySelectorAll(".field > textarea, .field > input[type=text]"))) typed.before(el("p", { class: "hint tile-only" }, this.say("tiles.typed")));
    for (const more of Array.from(this.form.querySelectorAll("summary"))) {
      more.prepend(drawing(["plus"]));
      more.parentElement?.previousElementSibling?.append(this.speaker(() => ownWords(more))); // with its warning, before it opens
    }
    for (const said of Array.from(this.form.querySelectorAll(".step:last-of-type > p:not(.where)"))) if (ownWords(said) !== "" && said.querySelector("button, input") === null) said.after(this.speaker(() => ownWords(said)));
    for (const go of Array.from(this.form.querySelectorAll<HTMLElement>(".ways-on .button, button[type=submit]:not([name=lang])"))) go.prepend(drawing(wayGlyph(go)));
    this.form.querySelector(".step")?.prepend(this.silent);
    this.decorateAnswers();
    const main = this.form.closest("main");
    if (main) new MutationObserver(() => { this.dressOutside(main); }).observe(main, { childList: true, subtree: true });
    new MutationObserver(() => { this.decorateAnswers(); }).observe(this.form, { childList: true, subtree: true });
  }

  private furnishChoice(choice: HTMLElement): void {
    const input = choice.querySelector("input");
    if (!input) return;
    const rows = Array.from(this.form.querySelectorAll(`input[name="${input.name}"]`));
    choice.prepend(drawing(drawingOf(input.name, input.value) ?? [], rows.indexOf(input) + 1));
    choice.after(this.speaker(() => choice.querySelector("span")?.firstChild?.textContent ?? ""));
  }

  /** What was picked is shown by the same drawings where everything is looked over. */
  private decorateAnswers(): void {
    for (const answer of Array.from(this.form.querySelectorAll<HTMLElement>("dd[data-code]"))) {
      if (answer.querySelector("svg") === null) answer.prepend(drawing(drawingOf(answer.dataset["question"] ?? "", answer.dataset["code"] ?? "") ?? ["dots"]));
    }
  }

  /** What is not right yet stands outside the form, and so does the thanks, in its place. */
  private dressOutside(main: HTMLElement | null = null): void {
    const all = [document.getElementById("problems"), this.form.isConnected ? null : main];
    for (const part of all) {
      if (part === null) continue;
      part.classList.toggle("tiles", this.on);
      part.classList.toggle("speaks", this.voice !== null);
      for (const title of Array.from(part.querySelectorAll("h1, h2, h3"))) {
        if (title.nextElementSibling?.classList.contains("speak") !== true) title.after(this.speaker(() => ownWords(title), () => [title, ...below(title)].map(ownWords).join(" ")));
      }
    }
  }

  /** Its name is what it stands beside; it says that, or more. */
  private speaker(label: () => string, text = label): HTMLElement {
    const b = button("", () => { this.speak(text()); }, "speak tile-only");
    b.append(drawing(["loud"]));
    const name = (): void => { b.setAttribute("aria-label", `${this.say("tiles.say")}: ${label().trim()}`); };
    name();
    this.names.push(name);
    return b;
  }

  private findVoice(): void {
    const look = (): void => {
      const lang = this.form.dataset["lang"] ?? "en";
      const voices = "speechSynthesis" in window ? window.speechSynthesis.getVoices() : [];
      this.voice = voices.find((v) => v.localService && v.lang.toLowerCase().split(/[-_]/)[0] === lang) ?? null;
      this.form.classList.toggle("speaks", this.voice !== null);
      this.silent.hidden = this.voice !== null;
    };
    look();
    if ("speechSynthesis" in window) window.speechSynthesis.onvoiceschanged = look;
  }

  private speak(label: string): void {
    if (this.voice === null) return;
    window.speechSynthesis.cancel();
    const said = new SpeechSynthesisUtterance(label.trim());
    said.voice = this.voice;
    said.lang = this.voice.lang;
    window.speechSynthesis.speak(said);
  }
}

/** The drawing of each way on, by what it is for. */
const WAYS: Partial<Record<string, Glyph[]>> = { on: ["next"], back: ["back"], rest: ["list", "tick"], send: ["envelope"] };

const wayGlyph = (b: HTMLElement): Glyph[] => WAYS[b.dataset["way"] ?? "send"] ?? ["dots"];

/** They show which way a text runs, and turn round with it. */
const TURNS: readonly (Glyph | undefined)[] = ["next", "back", "hop", "away"];

/** A drawing, with a smaller one at its corner. Without any: as many dots as the place in the list, for what has no drawing. */
export function drawing([main, corner]: readonly Glyph[], place = 0): SVGElement {
  if (main === undefined) return picture(dots(place));
  const svg = corner === undefined ? picture(GLYPHS[main]) : stroke(picture(""), GLYPHS[main], "translate(0 0) scale(.8)");
  if (TURNS.includes(main)) svg.classList.add("turns");
  return corner === undefined ? svg : stroke(svg, GLYPHS[corner], "translate(13 13) scale(.46)", 3);
}

const dots = (n: number): string => Array.from({ length: n }, (_, i) => `M${4 + 5 * (i % 4)} ${5 + 5 * Math.floor(i / 4)}h.01`).join("");

/** Sentences of ours below a heading, up to what has one of its own. What a person wrote, and the words and digits that open it, are in none. */
function below(title: Element): Element[] {
  const said: Element[] = [];
  for (let e = title.nextElementSibling; e !== null && !/^(H\d|SECTION|DIV)$/.test(e.tagName); e = e.nextElementSibling) {
    if (e.matches("p:not(.digits):not([translate=no]), ul")) said.push(e);
  }
  return said;
}
