/**
 * Practising on invented reports. Everything can be read without script; with it one answers as at the desk, and compares. What is
 * chosen is sent to nobody and kept nowhere.
 */
import { sorted, type Found, type WriterRole } from "../coding.js";
import { CASE } from "./casewords.js";
import { CodingForm, type Fault } from "./codingform.js";
import { button, el, part } from "./dom.js";
import { Labels } from "./labels.js";
import { compared, sideBySide } from "./sidebyside.js";

const TRAINING = {
  clear: "Nothing ties me to it: I take it", back: "I step back",
  right: "That is what we would do.", wrong: "Not quite. Look why.",
  answer: "Answer it yourself",
  compare: "Compare",
  you: "You", key: "We",
};

/** What we find in an example, as the page carries it. Themes that are not in `yes` are a no. */
type Key = Pick<Found, "yes" | "items" | "good" | "seriousness" | "involved" | "repair">;

class Example {
  readonly #form: CodingForm;
  readonly #writer: WriterRole;
  readonly #said = el("div", { "aria-live": "polite" });
  readonly #box: HTMLDetailsElement;

  constructor(private readonly root: HTMLElement, private readonly key: Key, private readonly labels: Labels) {
    const works = root.dataset["worksThere"] !== undefined;
    this.#writer = works ? "worker" : "client";
    this.#form = new CodingForm(labels.codes, labels, `${root.dataset["example"] ?? ""}_`, works, this.#writer);
    this.#box = el("details", {}, el("summary", {}, TRAINING.answer), el("h3", {}, CASE.coding), this.#form.element, button(TRAINING.compare, () => { this.#compare(); }, "button"), this.#said);
    part(root, "coding").append(this.#box);
    part(root, "declare").append(this.#declare());
  }

  /** The question before reading. The page says which answer is right. */
  #declare(): HTMLElement {
    const said = el("p", { role: "status" });
    const may = part<HTMLDetailsElement>(this.root, "may");
    const stepBack = this.root.dataset["stepBack"] !== undefined;
    const choose = (back: boolean) => (): void => {
      said.textContent = back === stepBack ? TRAINING.right : TRAINING.wrong;
      may.open = true;
    };
    return el("div", {}, el("div", { class: "buttons" }, button(TRAINING.clear, choose(false)), button(TRAINING.back, choose(true))), said);
  }

  #compare(): void {
    const said = this.#form.read();
    if ("faults" in said) {
      this.#faults(said.faults);
      return;
    }
    const asked = sorted([...said.found.yes, ...said.found.no]);
    const ours: Found = { ...this.key, taxonomy: said.found.taxonomy, role: this.#writer, no: asked.filter((t) => !this.key.yes.includes(t)) };
    this.#said.replaceChildren(...sideBySide(compared([{ by: TRAINING.you, hash: "", body: said.found }, { by: TRAINING.key, hash: "", body: ours }]), this.labels.codes, this.labels));
    const why = part<HTMLDetailsElement>(this.root, "key");
    why.open = true;
    const title = this.#said.querySelector("h3");
    title?.setAttribute("tabindex", "-1");
    title?.focus();
  }

  #faults(faults: readonly Fault[]): void {
    const links = faults.map(({ id, sentence }) => {
      const a = el("a", { href: `#${id}` }, sentence);
      a.addEventListener("click", (event) => { event.preventDefault(); document.getElementById(id)?.focus(); });
      return el("li", {}, a);
    });
    const box = el("div", { class: "problems", tabindex: "-1", role: "alert" }, el("h3", {}, CASE.faultsTitle), el("ul", {}, ...links));
    this.#said.replaceChildren(box);
    box.focus();
  }
}

const root = document.querySelector<HTMLElement>('[data-module="training"]');
const [taxonomy, keys] = [document.getElementById("taxonomy"), document.getElementById("keys")];
if (root !== null && taxonomy !== null && keys !== null) {
  const labels = new Labels(taxonomy.textContent);
  const known = JSON.parse(keys.textContent) as Record<string, Key>;
  for (const section of root.querySelectorAll<HTMLElement>("[data-example]")) {
    const key = known[section.dataset["example"] ?? ""];
    if (key !== undefined) new Example(section, key, labels);
  }
}
