/** An agreement form in which either what another coder signed stands, or what this reviewer typed: neither is shown for the other. */
import type { Consensus } from "../coding.js";
import type { Answer } from "../pad.js";
import type { Dated } from "./casework.js";
import { CASE } from "./casewords.js";
import type { CodingForm } from "./codingform.js";
import { button, el } from "./dom.js";
import { ordered, type Part } from "./drafts.js";

/** Notes in a draft which agreement it started from: who typed it has not seen a later one. */
const FROM = "both_from";

const same = (a: readonly Answer[], b: readonly Answer[]): boolean => JSON.stringify(ordered(a)) === JSON.stringify(ordered(b));

/** Which of the two stands in the form. The form shows to begin with what another signed, or where there is none the proposal. */
export class OwnOrTheirs {
  readonly #theirs: Answer[];
  /** What this reviewer typed while it is not shown, and from what it started. */
  #aside: { fields: Answer[]; from: string } | null = null;
  #own = false;

  /** `from` is the hash of what another signed, "" where nobody has. */
  constructor(
    private readonly form: Pick<CodingForm, "fields" | "fill">,
    private readonly from: string,
  ) {
    this.#theirs = form.fields();
  }

  /** The one that can be shown instead; null when there is only one. */
  get other(): "own" | "theirs" | null {
    if (this.from === "") return null;
    if (this.#own) return "theirs";
    return this.#aside === null ? null : "own";
  }

  swap(): void {
    if (this.#own) {
      this.#aside = { fields: this.form.fields(), from: this.from };
      this.form.fill(this.#theirs);
    } else if (this.#aside !== null) {
      this.form.fill(this.#aside.fields);
      this.#aside = null;
    }
    this.#own = !this.#own;
  }

  /** For the draft. Looking at theirs throws nothing away. */
  fields(): Answer[] {
    const shown = this.form.fields();
    const kept = this.#aside === null || !same(shown, this.#theirs) ? { fields: shown, from: this.from } : this.#aside;
    return [...kept.fields, { q: FROM, a: kept.from }];
  }

  /** Puts a draft back: into the form where it started from what another signed last, and aside where that came later. */
  fill(draft: readonly Answer[]): void {
    const own = draft.filter(({ q }) => q.startsWith("both_") && q !== FROM);
    if (own.length === 0 || same(own, this.#theirs)) return;
    const from = draft.find(({ q }) => q === FROM)?.a ?? "";
    this.#own = from === this.from;
    if (this.#own) this.form.fill(own);
    else this.#aside = { fields: own, from };
  }
}

export function ownOrTheirs(form: CodingForm, theirs: Dated<Consensus> | undefined): Required<Part> {
  const shown = new OwnOrTheirs(form, theirs?.hash ?? "");
  const said = el("div", {});
  const draw = (): void => {
    if (theirs === undefined) return;
    const { other } = shown;
    const swap = (): void => { shown.swap(); draw(); said.querySelector("button")?.focus(); };
    said.replaceChildren(
      el("p", { class: "note" }, other === "theirs" ? CASE.ownShown : CASE.takeOver),
      ...(other === null ? [] : [el("p", {}, button(other === "own" ? CASE.showOwn : CASE.showTheirs, swap))]));
  };
  draw();
  return { element: el("div", {}, said, form.element), fields: () => shown.fields(), fill: (draft) => { shown.fill(draft); draw(); } };
}
