/** The forms in which a member proposes what the panel says of itself, whether there has to be a list of help, and how keys change. */
import { CHARTER_PARTS, charterTexts, decisionLines, hashCharter, parseDecision, type CharterPart, type Resolution } from "../decision.js";
import type * as api from "./api.js";
import { button, el, typed } from "./dom.js";
import { busy, field, nextId, number, submit } from "./fields.js";
import { CHARTER, KEYS } from "./keywords.js";
import { today } from "./reading.js";

/** What a charter answers. */
export function charterList(texts: Record<CharterPart, string>): HTMLElement {
  const answered = CHARTER_PARTS.filter((part) => texts[part] !== "");
  return el("dl", {}, ...answered.flatMap((part) => [el("dt", {}, CHARTER[part]), el("dd", {}, typed(texts[part]))]));
}

/** The forms in which a member proposes something. They are made once, so that what is being written stays. */
export class Proposals {
  readonly element = el("div", {});
  readonly #charter = Object.fromEntries(CHARTER_PARTS.map((p) => [p, el("textarea", { rows: "3", maxlength: "3000" })])) as Record<CharterPart, HTMLTextAreaElement>;
  #filled = false;

  constructor(propose: (what: Resolution, body: string) => void, say: (sentence: string) => void) {
    this.element.append(
      this.#charterForm(propose, say),
      supportForm(propose),
      rotationForm(propose, say),
    );
  }

  /** Puts the newest charter into its form, unless somebody has begun to write. */
  show(all: api.Decision[]): void {
    const newest = all.find((d) => d.kind === "charter" && d.state === "made");
    const what = newest === undefined ? null : parseDecision(newest.lines);
    if (this.#filled || newest === undefined || what?.kind !== "charter") return;
    const texts = charterTexts(what, newest.body);
    if (texts === null || CHARTER_PARTS.some((p) => this.#charter[p].value !== "")) return;
    this.#filled = true;
    for (const part of CHARTER_PARTS) this.#charter[part].value = texts[part];
  }

  #charterForm(propose: (what: Resolution, body: string) => void, say: (sentence: string) => void): HTMLElement {
    const form = el("form", { autocomplete: "off", novalidate: "" }, el("p", { class: "hint" }, KEYS.charterHint), ...CHARTER_PARTS.map((p) => field(CHARTER[p], this.#charter[p])), submit(KEYS.proposeThis));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const texts = Object.fromEntries(CHARTER_PARTS.map((p) => [p, this.#charter[p].value.trim()])) as Record<CharterPart, string>;
      if (CHARTER_PARTS.some((p) => p !== "more" && texts[p] === "")) { say(KEYS.emptyCharter); return; }
      propose({ kind: "charter", clinic: "", day: today(), parts: hashCharter(texts) }, JSON.stringify(texts));
    });
    return el("details", {}, el("summary", {}, KEYS.proposeCharter), form);
  }
}

function supportForm(propose: (what: Resolution, body: string) => void): HTMLElement {
  const offer = (without: boolean) => (): void => { propose({ kind: "support", clinic: "", day: today(), without }, ""); };
  return el("details", {}, el("summary", {}, KEYS.proposeSupport), el("div", { class: "buttons" }, busy(button(KEYS.supportWithout, offer(true))), busy(button(KEYS.supportNeeded, offer(false)))));
}

function rotationForm(propose: (what: Resolution, body: string) => void, say: (sentence: string) => void): HTMLElement {
  const days = number(nextId(), 1, 92, "");
  const k = number(nextId(), 1, 20, "1");
  const retain = number(nextId(), 30, 3650, "180");
  const form = el(
    "form", { autocomplete: "off", novalidate: "" },
    field(KEYS.rotationDays, days, KEYS.rotationDaysHint), field(KEYS.rotationK, k, KEYS.rotationKHint), field(KEYS.rotationRetain, retain, KEYS.rotationRetainHint),
    submit(KEYS.proposeThis),
  );
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const what: Resolution = { kind: "rotation", clinic: "-", day: today(), rotation: { k: Number(k.value), days: Number(days.value), retainDays: Number(retain.value) } };
    if (parseDecision(decisionLines(what)) === null) { say(KEYS.wrongNumber); return; }
    propose(what, "");
  });
  return el("details", {}, el("summary", {}, KEYS.proposeRotation), form);
}
