/**
 * The form in pictures: every answer is a tile to press, with a drawing, and says its own label aloud where this device has a
 * voice of its own for the label's language: that of the page, or the clinic's own where it has named something itself. A voice
 * that works over the network is never used, and nothing that somebody typed is ever spoken: a label is the clinic's text and
 * not the writer's.
 */
import { button, el, picture, stroke } from "./form/elements.js";
import { drawingOf, GLYPHS, shapeOf, type Glyph } from "./form/glyphs.js";
import { hush } from "./hush.js";
import type { Say } from "./tell/say.js";
import { ownWords } from "./ownwords.js";
import { languageOf, stretches } from "./stretches.js";

export class Tiles {
  /** A voice of this device for each language that it has one for. */
  private readonly voices = new Map<string, SpeechSynthesisVoice>();
  private readonly silent: HTMLElement;
  private furnished = false;
  private on = false;
  /** What has its speaker already, apart from what the form was made with. */
  private readonly spoken = new WeakSet<Element>();
  /** Says each speaker's name anew, and takes away those that nothing here can speak for. */
  private readonly renewed: (() => void)[] = [];

  constructor(
    private readonly form: HTMLFormElement,
    private readonly say: Say,
  ) {
    this.silent = el("p", { class: "quiet" }, say("tiles.silent"));
    document.addEventListener("language", () => {
      this.renew();
      if (form.classList.contains("tiles")) this.findVoice();
    });
    form.addEventListener("change", () => { this.renew(); }); // questions follow whom it is about
  }

  /** Turns pictures on or off. What is picked stays as it is. */
  show(on: boolean): void {
    this.on = on;
    this.form.classList.toggle("tiles", on);
    this.dressOutside();
    this.dressBefore();
    if (!on) {
      this.silent.hidden = true;
      hush();
      return;
    }
    if (!this.furnished) this.furnish();
    this.furnished = true;
    this.findVoice();
  }

  private furnish(): void {
    for (const choice of Array.from(this.form.querySelectorAll<HTMLElement>(".choice"))) this.furnishChoice(choice);
    for (const question of Array.from(this.form.querySelectorAll<HTMLElement>(".field > legend, .field > label, .group > legend, .step > h2"))) {
      question.after(this.speaker(question, () => whoseItIs(question)));
    }
    for (const typed of Array.from(this.form.querySelectorAll(".field > textarea, .field > input[type=text]"))) typed.before(el("p", { class: "hint tile-only" }, this.say("tiles.typed")));
    for (const more of Array.from(this.form.querySelectorAll("summary"))) {
      more.prepend(drawing(["plus"]));
      more.parentElement?.previousElementSibling?.append(this.speaker(more)); // with its warning, before it opens
    }
    for (const said of Array.from(this.form.querySelectorAll(".step:last-of-type > p:not(.where)"))) if (ownWords(said) !== "" && said.querySelector("button, input") === null) said.after(this.speaker(said));
    for (const go of Array.from(this.form.querySelectorAll<HTMLElement>(".ways-on .button, button[type=submit]:not([name=lang])"))) {
      go.prepend(drawing(wayGlyph(go)));
      this.dressButton(go);
    }
    for (const turn of Array.from(this.form.querySelectorAll(".switch"))) this.dressButton(turn);
    this.form.prepend(this.silent); // over whichever part is in sight
    this.decorateAnswers();
    this.dressLookOver();
    const main = this.form.closest("main");
    if (main) new MutationObserver(() => {
      this.dressOutside(main);
      this.dressBefore();
    }).observe(main, { childList: true, subtree: true });
    new MutationObserver(() => {
      this.decorateAnswers();
      this.dressLookOver();
    }).observe(this.form, { childList: true, subtree: true });
  }

  private furnishChoice(choice: HTMLElement): void {
    const input = choice.querySelector("input");
    if (!input) return;
    choice.prepend(this.drawn(input.name, input.value));
    const label = choice.querySelector("span")?.firstChild; // without its hint
    if (label) choice.after(this.speaker(label));
  }

  /** What was picked is shown by the same drawings where everything is looked over. */
  private decorateAnswers(): void {
    for (const answer of Array.from(this.form.querySelectorAll<HTMLElement>("dd[data-code]"))) {
      if (answer.querySelector("svg") === null) answer.prepend(this.drawn(answer.dataset["question"] ?? "", answer.dataset["code"] ?? ""));
    }
  }

  /** The drawing of an answer. What the clinic has named itself has a shape, another one than its neighbours. */
  private drawn(question: string, code: string): SVGElement {
    const all = Array.from(this.form.querySelectorAll<HTMLInputElement>(`input[name="${question}"]`), (input) => input.value);
    const own = all.filter((value) => drawingOf(question, value) === null);
    return drawing(drawingOf(question, code) ?? shapeOf(Math.max(0, own.indexOf(code))));
  }

  /** What is not right yet stands outside the form, and so does the thanks, in its place. */
  private dressOutside(main: HTMLElement | null = null): void {
    const all = [document.getElementById("problems"), this.form.isConnected ? null : main];
    for (const part of all) {
      if (part === null) continue;
      part.classList.toggle("tiles", this.on);
      for (const title of Array.from(part.querySelectorAll("h1, h2, h3"))) {
        if (title.nextElementSibling?.classList.contains("speak") !== true) title.after(this.speaker(title, () => below(title)));
      }
      for (const way of Array.from(part.querySelectorAll("button:not(.speak)"))) this.dressButton(way);
    }
  }

  /** What one has to know before one tells: who reads, what the law may do, how to get away, and that a machine wrote it. */
  private dressBefore(): void {
    for (const part of Array.from(this.form.parentElement?.children ?? [])) {
      if (part === this.form) return;
      if (part.matches("h1, #problems")) continue;
      part.classList.toggle("tiles", this.on);
      for (const said of [part, ...Array.from(part.querySelectorAll(KNOWN))]) if (said.matches(KNOWN)) this.dressSentence(said);
    }
  }

  /** Where everything is looked over: each question with what was picked and the way to change it, each doubt and its ways. */
  private dressLookOver(): void {
    for (const question of Array.from(this.form.querySelectorAll(".look-over dt"))) {
      this.dressSentence(question, () => picked(question));
    }
    for (const said of Array.from(this.form.querySelectorAll(".doubt > p, .hint-box > p"))) this.dressSentence(said);
    for (const way of Array.from(this.form.querySelectorAll(".doubt .buttons > button:not(.speak)"))) this.dressButton(way);
  }

  /** What a button does is said before it is pressed: some lead on, one sends, one takes the words away. */
  private dressButton(way: Element): void {
    if (this.first(way)) way.after(this.speaker(way));
  }

  /** Puts a speaker at the end of a sentence of ours; beside a heading, and with what stands before it for what is folded. */
  private dressSentence(said: Element, more: () => Node[] = () => []): void {
    if (said.closest(".typed, [translate=no]") !== null || said.querySelector("li, input, textarea, button") !== null) return;
    if (ownWords(said) === "" || !this.first(said)) return;
    const speaker = this.speaker(said, more);
    const folded = said.matches("summary") && said.closest("details")?.open === false;
    if (folded) said.parentElement?.previousElementSibling?.append(speaker);
    else if (said.matches("p, li, dt")) said.append(speaker);
    else said.after(speaker);
  }

  private first(said: Element): boolean {
    const isFirst = !this.spoken.has(said);
    this.spoken.add(said);
    return isFirst;
  }

  /** Its name is what it stands beside; it says that and what follows, each part in a voice of its language. */
  private speaker(label: Node, more: () => Node[] = () => []): HTMLElement {
    const b = button("", () => { this.speak([label, ...more()]); }, "speak tile-only");
    b.append(drawing(["loud"]));
    const renew = (): void => {
      b.setAttribute("aria-label", `${this.say("tiles.say")}: ${label instanceof Element ? ownWords(label) : (label.textContent ?? "").trim()}`);
      b.hidden = !this.voices.has(languageOf(label));
    };
    renew();
    this.renewed.push(renew);
    return b;
  }

  private renew(): void {
    for (const renew of this.renewed) renew();
  }

  private findVoice(): void {
    const look = (): void => {
      this.voices.clear();
      for (const voice of "speechSynthesis" in window ? window.speechSynthesis.getVoices() : []) {
        const [lang = ""] = voice.lang.toLowerCase().split(/[-_]/);
        if (voice.localService && !this.voices.has(lang)) this.voices.set(lang, voice);
      }
      this.silent.hidden = !this.on || this.voices.has(languageOf(this.form));
      this.renew();
    };
    look();
    if ("speechSynthesis" in window) window.speechSynthesis.onvoiceschanged = look;
  }

  /** What no voice here can speak stays unsaid. */
  private speak(nodes: Node[]): void {
    hush();
    for (const { lang, text } of stretches(nodes)) {
      const voice = this.voices.get(lang);
      if (voice === undefined) continue;
      const said = new SpeechSynthesisUtterance(text);
      said.voice = voice;
      said.lang = voice.lang;
      window.speechSynthesis.speak(said);
    }
  }
}

/** The drawing of each way on, by what it is for. */
const WAYS: Partial<Record<string, Glyph[]>> = { on: ["next"], back: ["back"], rest: ["list", "tick"], send: ["envelope"] };

const wayGlyph = (b: HTMLElement): Glyph[] => WAYS[b.dataset["way"] ?? "send"] ?? ["dots"];

/** They show which way a text runs, and turn round with it. */
const TURNS: readonly (Glyph | undefined)[] = ["next", "back", "hop", "away"];

/** A drawing, with a smaller one at its corner. */
export function drawing([main = "dots", corner]: readonly Glyph[]): SVGElement {
  const svg = corner === undefined ? picture(GLYPHS[main]) : stroke(picture(""), GLYPHS[main], "translate(0 0) scale(.8)");
  if (TURNS.includes(main)) svg.classList.add("turns");
  return corner === undefined ? svg : stroke(svg, GLYPHS[corner], "translate(13 13) scale(.46)", 3);
}

/** What stands before the form says what one has to know in these. */
const KNOWN = "p, li, h2, h3, summary";

/** What was picked in answer to a question that is looked over, and the word that changes it. What was typed is in none. */
const picked = (question: Element): Element[] => Array.from(question.parentElement?.querySelectorAll("dd:not(.typed)") ?? []);

/** Whom the choices of a question mean, where somebody writes about another. */
const whoseItIs = (question: Element): Element[] =>
  Array.from(question.parentElement?.querySelectorAll(":scope > .meant:not([hidden])") ?? []);

/** Sentences of ours below a heading, up to what has one of its own. What a person wrote, and the words and digits that open it, are in none. */
function below(title: Element): Element[] {
  const said: Element[] = [];
  for (let e = title.nextElementSibling; e !== null && !/^(H\d|SECTION|DIV)$/.test(e.tagName); e = e.nextElementSibling) {
    if (e.matches("p:not(.digits):not([translate=no]), ul")) said.push(e);
  }
  return said;
}
