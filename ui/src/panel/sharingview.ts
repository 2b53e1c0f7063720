/** Whether someone could guess who wrote, and how far a message may go. */
import type { Check, Sharing } from "../coding.js";
import type { Answer } from "../pad.js";
import { repeats } from "../repeats.js";
import { FORMS, leftOut, wishesForbid, type Form, type Outgoing, type Wishes } from "../sharing.js";
import { answersOf, ownOf, type Bench, type Story } from "./bench.js";
import { allowed, checkOf, mayShare, objectedOn, objections, outgoingOf, sharedBy, standing, type Case, type Dated, type Leave } from "./casework.js";
import { CASE, FORM_NAMES, REASONS } from "./casewords.js";
import type { Fault } from "./codingform.js";
import { button, el, typed } from "./dom.js";
import { lookAt } from "./guessview.js";
import type { Labels } from "./labels.js";
import { besides, kept, outgoingShown } from "./outgoingview.js";
import { dayText } from "./reading.js";
import { lines, showings, shown, showsOf, unseen, wasAsked } from "./shown.js";
import { agreementOf } from "./whoseword.js";

/** What a decision would share: all that goes out, or that it is kept. */
export function decisionShown(c: Case, d: Dated<Sharing>, labels: Labels): HTMLElement[] {
  const out = sharedBy(c, d);
  return out === null ? [el("p", {}, el("strong", {}, CASE.decideKeep)), ...(d.body.words === "" ? [] : [typed(d.body.words)])] : outgoingShown(out, labels);
}

export function ladder(verdicts: readonly { form: Form; why: readonly (keyof typeof REASONS)[] }[], radios: (form: Form) => HTMLElement): HTMLElement[] {
  return verdicts.map(({ form, why }) => (why.length === 0 ? radios(form)
    : el("p", { class: "closed" }, el("strong", {}, `${FORM_NAMES[form]}. `), [...new Set(why)].map((r) => REASONS[r]).join(" "))));
}

export function radio(name: string, value: string, label: string): HTMLElement {
  return el("label", { class: "choice" }, el("input", { type: "radio", name, value }), el("span", {}, label));
}

export const chosen = (room: HTMLElement, name: string): string =>
  Array.from(room.querySelectorAll<HTMLInputElement>("input:checked")).find((i) => i.name === name)?.value ?? "";

export function choose(room: HTMLElement, name: string, value: string): void {
  for (const i of room.querySelectorAll<HTMLInputElement>("input")) if (i.name === name) i.checked = i.value === value;
}

/** What stands out in words about a message, as they are typed. */
export function looking(c: Case, story: Story, bench: Bench, labels: Labels): (words: string) => HTMLElement[] {
  const all = [...answersOf(story), ...story.about.flatMap(({ answers }) => answers)];
  const own = all.filter(({ q }) => !labels.isChoice(q)).map(({ a }) => a).join("\n");
  return (words) => lookAt(words, own, bench.crowd(c.leaf), labels);
}

/** What the writer wants left out of words. */
function hidden({ hide }: Wishes, labels: Labels): HTMLElement[] {
  if (hide.length === 0) return [];
  return [el("p", {}, CASE.hide), el("ul", {}, ...labels.choices({ q: "hide", a: hide.join("\n") }).map((h) => el("li", {}, h)))];
}

/** That words repeat the writer's own which may not go out, at the field in which they were typed. */
export const ownWordsFault = (id: string, said: string[]): Fault[] =>
  (said.length === 0 ? [] : [{ id, sentence: CASE.faultOwnWords(said) }]);

/** The third member's look at the words. What stands out is worked out half a second after the last key. */
export class CheckForm {
  readonly element = el("section", {});
  readonly #words = el("textarea", { id: "check-words", rows: "8", autocomplete: "off", spellcheck: "false", "aria-describedby": "check-words-hint" });
  readonly #changed = el("textarea", { id: "check-changed", rows: "3", autocomplete: "off", spellcheck: "false" });
  readonly #marks = el("div", { class: "marks", "aria-live": "polite" });
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** All that goes out in a form, with words. */
  readonly #out: (form: Form, words: string) => Outgoing;

  /** The writer wished to see first what goes out, and was not shown this. */
  readonly #unseen: (out: Outgoing) => boolean;

  /** What of the writer's own words may not go out in a form and words. */
  readonly #repeats: (out: Outgoing) => string[];

  /** What the writer wants left out of a form. */
  readonly #hide: (form: Form) => string[];

  /** No form may go out as the writer's wishes stand, so there is nothing to send. */
  readonly closed: boolean;

  /** `again`: new words for what was checked before. */
  constructor(c: Case, story: Story, wishes: Wishes, bench: Bench, labels: Labels, again: boolean) {
    const stands = looking(c, story, bench, labels);
    const look = (): void => { this.#marks.replaceChildren(...stands(this.#words.value)); };
    this.#out = (form, words) => outgoingOf(c, form, words, wishes);
    this.#unseen = (out) => unseen(c, story.first, out);
    this.#repeats = (out) => repeats(wishes, out, ownOf(story));
    this.#hide = (form) => leftOut(wishes, form);
    this.#words.addEventListener("input", () => { clearTimeout(this.#timer); this.#timer = setTimeout(look, 500); });
    // What the writer allowed decides which forms can be looked at; a count follows its own rules.
    const gone = story.laterGone ? (["later-gone"] as const) : [];
    const verdicts = FORMS.filter((f) => f !== "count").map((form) => ({ form, why: [...wishesForbid(wishes, form), ...gone] }));
    this.closed = verdicts.every(({ why }) => why.length > 0);
    const words = (hint: string): HTMLElement[] => [el("div", { class: "field" }, el("label", { for: "check-words" }, CASE.words), el("p", { class: "hint", id: "check-words-hint" }, hint), this.#words), this.#marks];
    this.element.append(
      el("h3", {}, again ? CASE.checkAgain : CASE.checkTitle),
      this.closed ? el("p", { class: "note" }, wishes.ask_me_first && !story.laterGone ? CASE.nothingYet : CASE.nothingGoes) : el("p", {}, again ? CASE.checkAgainLead : CASE.checkLead),
      el("fieldset", { class: "group", id: "check-form", tabindex: "-1" }, el("legend", {}, CASE.form), ...ladder(verdicts, (f) => radio("check_form", f, FORM_NAMES[f]))),
      ...hidden(wishes, labels), ...besides(agreementOf(c)?.consensus.yes ?? null, wishes, labels),
    );
    if (!this.closed) {
      const ready = showings(c.notes).filter(({ body }) => !this.#unseen(showsOf(body)));
      const last = ready.reduce<(typeof ready)[number] | undefined>((newest, n) => (newest === undefined || n.day >= newest.day ? n : newest), undefined);
      if (story.first || wasAsked(c.notes, c.free)) this.element.append(el("p", { class: "note" }, last === undefined ? CASE.checkUnseen : CASE.checkShown));
      this.element.append(
        ...words(CASE.wordsHint),
        el("fieldset", { class: "group", id: "check-guess", tabindex: "-1" }, el("legend", {}, CASE.checkTitle), radio("check_guess", "no", CASE.guessNo), radio("check_guess", "yes", CASE.guessYes)),
        el("div", { class: "field" }, el("label", { for: "check-changed" }, CASE.changed), this.#changed),
      );
      if (last?.body.form !== undefined) this.show({ form: last.body.form, words: last.body.words ?? "" });
    }
    look();
  }

  read(): { check: Check } | { faults: Fault[] } {
    const form = FORMS.find((f) => f === chosen(this.element, "check_form"));
    const guess = chosen(this.element, "check_guess");
    const words = form === "theme" ? "" : lines(this.#words.value);
    const faults: Fault[] = [];
    if (form === undefined) faults.push({ id: "check-form", sentence: CASE.faultForm });
    if (form !== "theme" && words.trim() === "") faults.push({ id: "check-words", sentence: CASE.faultWords });
    if (guess === "") faults.push({ id: "check-guess", sentence: CASE.faultGuess });
    if (form !== undefined && guess === "no" && this.#unseen(this.#out(form, words))) faults.push({ id: "check-words", sentence: CASE.faultShown });
    if (form !== undefined) faults.push(...ownWordsFault("check-words", this.#repeats(this.#out(form, words))));
    if (faults.length > 0 || form === undefined) return { faults };
    const hide = this.#hide(form);
    const check = { ...this.#out(form, words), guess: guess === "yes", changed: this.#changed.value };
    return { check: hide.length === 0 ? check : { ...check, hide } };
  }

  fields(): Answer[] {
    return [
      { q: "check_form", a: chosen(this.element, "check_form") }, { q: "check_guess", a: chosen(this.element, "check_guess") },
      { q: "check_words", a: this.#words.value }, { q: "check_changed", a: this.#changed.value },
    ];
  }

  /** Begins from a check that was sent; what stands in the draft goes before. */
  show({ form, words }: Pick<Check, "form" | "words">): void {
    choose(this.element, "check_form", form);
    this.#words.value = words;
    this.#words.dispatchEvent(new Event("input"));
  }

  fill(fields: readonly Answer[]): void {
    if (!fields.some(({ q }) => q.startsWith("check_"))) return;
    const a = (q: string): string => fields.find((f) => f.q === q)?.a ?? "";
    for (const name of ["check_form", "check_guess"]) choose(this.element, name, a(name));
    this.#words.value = a("check_words");
    this.#changed.value = a("check_changed");
    this.#words.dispatchEvent(new Event("input"));
  }
}

/** Why members object to the decision that stands: whoever decides anew reads it first. */
function objectionsTo(c: Case): HTMLElement[] {
  const decision = standing(c);
  const all = decision === null ? [] : objections(c, decision);
  return all.flatMap(({ by, day, body }) => [el("p", { class: "note" }, CASE.objects(by, dayText(day))), typed(body.words)]);
}

/** The decision about words that were checked: share them so, or keep them. */
export class DecideForm {
  readonly element = el("section", {});
  readonly #why = el("textarea", { id: "decide-why", rows: "3", autocomplete: "off", spellcheck: "false" });

  constructor(c: Case, leave: Leave, { me, today }: Pick<Bench, "me" | "today">, labels: Labels, decide: (said: { sharing: Sharing } | { faults: Fault[] }) => void) {
    const { wishes } = leave;
    const check = checkOf(c);
    const agreement = agreementOf(c);
    const verdict = allowed(c, leave, today).find(({ form }) => form === check?.body.form);
    const none = { wishes, consensus: [], check: "", of: "" };
    const keep = (): void => {
      if (this.#why.value.trim() === "") decide({ faults: [{ id: "decide-why", sentence: CASE.whyEmpty }] });
      else decide({ sharing: { decision: "keep", form: "", words: this.#why.value, ...none } });
    };
    const checked = check !== null && verdict !== undefined && mayShare(c, me, today);
    this.element.append(el("h3", {}, checked ? CASE.decideTitle : CASE.keepTitle), el("p", {}, checked ? CASE.decideLead : CASE.keepLead));
    this.element.append(...objectionsTo(c));
    if (checked) {
      this.element.append(...outgoingShown(check.body, labels), ...hidden(wishes, labels), ...kept(wishes.must_not, labels));
      if (check.body.changed !== "") this.element.append(el("p", { class: "quiet" }, CASE.changed), typed(check.body.changed));
      if (verdict.why.length > 0) this.element.append(el("ul", { class: "note" }, ...verdict.why.map((r) => el("li", {}, REASONS[r]))));
      else if (objectedOn(c, today)) this.element.append(el("p", { class: "note" }, CASE.objectedToday));
      else if (agreement !== null) {
        const seen = shown(c.notes, c.back, outgoingOf(c, check.body.form, check.body.words, wishes));
        const yes = c.notes.find(({ hash }) => hash === seen[seen.length - 1]);
        if (yes !== undefined) this.element.append(el("p", { class: "note" }, CASE.yesTo(dayText(yes.day))));
        const share: Sharing = {
          decision: "share", form: check.body.form, words: check.body.words, wishes, consensus: agreement.hashes, check: check.hash, of: "", ...(yes === undefined ? {} : { shown: yes.hash }),
        };
        this.element.append(button(CASE.decideShare, () => { decide({ sharing: share }); }, "button"));
      }
    }
    this.element.append(el("div", { class: "field" }, el("label", { for: "decide-why" }, CASE.why), this.#why), button(CASE.decideKeep, keep));
  }

  fields(): Answer[] {
    return [{ q: "decide_why", a: this.#why.value }];
  }

  fill(fields: readonly Answer[]): void {
    this.#why.value = fields.find(({ q }) => q === "decide_why")?.a ?? "";
  }
}
