/**
 * Showing a writer first what may go out, as they wished. One press makes the answer to them and the signed note of it from the same
 * words, so that what they saw is what is checked, decided on and put into the clear, and nothing else. The note goes right
 * after the answer.
 */
import type { Answer } from "../pad.js";
import { repeats } from "../repeats.js";
import { FORMS, wishesForbid, type Form, type Outgoing, type Reason, type Wishes } from "../sharing.js";
import { bareClaims } from "./bareclaims.js";
import { ownOf, type Bench, type Story } from "./bench.js";
import { checkOf, outgoingOf, stageOf, type Case } from "./casework.js";
import { isGiven } from "./decisions.js";
import { CASE, FORM_NAMES } from "./casewords.js";
import { guarded } from "./casestory.js";
import type { Desk } from "./casetasks.js";
import type { Fault } from "./codingform.js";
import { button, el } from "./dom.js";
import type { Part } from "./drafts.js";
import { showFaults } from "./faults.js";
import type { Labels } from "./labels.js";
import { besides, outgoingShown, outgoingText } from "./outgoingview.js";
import { isPaused, pauses, waits } from "./pause.js";
import { dayText } from "./reading.js";
import { REPLY } from "./reply.js";
import { pauseText } from "./rowclocks.js";
import { chosen, choose, ladder, looking, ownWordsFault, radio } from "./sharingview.js";
import { bare, lines, ownShowings, showings, showsOf, unseen, wasAsked } from "./shown.js";
import { agreementOf } from "./whoseword.js";

/**
 * Begins the names of the draft's fields in which the words are kept until they went: where the page goes before, they are
 * there still.
 */
export const FIRST = "first_";

/** What a reviewer shows to a writer: all that would go out, and what they say before it. */
export interface Showing {
  out: Outgoing;
  lead: string;
}

/** The answer by which a writer is shown what may go out: what is said before it, an empty line and all that would go out. */
export const shownText = ({ lead, out }: Showing, labels: Labels): string => `${lead.trim()}\n\n${outgoingText(out, labels)}`.trim();

/**
 * What is said to a writer before what goes out, for the reviewer to change or to put into their language. Twin of leads in
 * cmd/answerable/reviewfirst.go.
 */
export const LEADS: Record<Exclude<Form, "count">, string> = {
  theme: "You wanted to see first what goes out. The clinic would only learn what it was about, in nobody's words:",
  paraphrase: "You wanted to see first what goes out. The clinic would read this, in words of the panel, and nothing else:",
  quote: "You wanted to see first what goes out. The clinic would read this, in words of yours, and nothing else:",
  public: "You wanted to see first what goes out. Everybody would be able to read these words of yours, and nothing else:",
};
export const HOW_TO_SAY_YES = "Nothing goes out before you say yes. To say yes, choose again in your mailbox what may be done with it, and leave “Show me first” out. " +
  "If something should be different, write it to us there. If you do nothing, nothing goes out.";

/** Whether the panel waits for a writer who wants to see it first, when it did, what they were shown, and the way to show them more; null where none of it is. */
export function showFirst(c: Case, story: Story, on: Desk): Part | null {
  const was = pauses(c.notes, c.back);
  const first = story.kind !== "consent" && (story.first || wasAsked(c.notes, c.free));
  if (!first && was.length === 0) return null;
  const { bench } = on;
  const waiting = bench.showing(c.leaf, () => { on.do(c, () => Promise.resolve(), REPLY.taken); });
  const section = el("section", { class: "allowed" }, el("h3", {}, CASE.first), ...was.map((p) => el("p", { class: "note" }, `${pauseText(p)}.`)), ...shownBefore(c, on));
  section.append(...bareClaims(c, story.first, on));
  if (shownInNoWords(c, bench.today)) section.append(el("p", { class: "note" }, CASE.shownInNoWords));
  const end = (): void => {
    on.do(c, async () => {
      for (const over of waits(c.notes, c.back)) await bench.send(c.leaf, "note", { text: CASE.waitOverNote, over });
    }, CASE.sentPause);
  };
  if (isPaused(was)) section.append(el("p", {}, CASE.waitOverHint), el("p", {}, button(CASE.waitOver, end)));
  if (waiting !== null) section.append(waiting);
  if (bench.noting(c.leaf)) section.append(el("p", { class: "note" }, CASE.firstNoting));
  if (!first || story.laterGone || isGiven(c) || waiting !== null || bench.noting(c.leaf)) return { element: section };
  if (!story.canReply) {
    section.append(el("p", {}, CASE.firstNoWay));
    return { element: section };
  }
  const form = new ShowForm(c, story, on);
  section.append(el("p", {}, CASE.firstHint), story.wishes.must_not.includes("do_not_contact_me") ? guarded(form.element) : form.element);
  return { element: section, fields: () => form.fields(), fill: (fields) => { form.fill(fields); } };
}

/** Whether what was checked waits only since its writer was asked by a note of before, which does not say of what. */
function shownInNoWords(c: Case, today: string): boolean {
  const check = checkOf(c);
  return check !== null && stageOf(c, today) === "checked" && bare(c.notes, c.free).length > 0 && unseen(c, true, check.body);
}

/**
 * What the writer was shown. Whoever showed it can say that it did not go after all, as from a terminal or before notes went
 * last.
 */
function shownBefore(c: Case, on: Desk): HTMLElement[] {
  const mine = isGiven(c) ? [] : ownShowings(c.notes, on.bench.me);
  return showings(c.notes).flatMap(({ by, day, hash, body }, i) => {
    const id = `shown-${String(i)}`;
    const back = button(CASE.unsent, () => { on.do(c, () => takeBack(c, on.bench, hash), CASE.sentPause); });
    back.setAttribute("aria-describedby", id);
    return [
      el("p", { class: "quiet", id }, CASE.shownOn(by, dayText(day))),
      ...outgoingShown(showsOf(body), on.labels),
      ...(mine.some((n) => n.hash === hash) ? [el("p", {}, back)] : []),
    ];
  });
}

/** What a note has it was shown was not sent: it counts as shown no more. */
const takeBack = (c: Case, bench: Bench, over: string): Promise<void> => bench.send(c.leaf, "note", { text: CASE.unsentNote, over, unsent: true });

class ShowForm {
  readonly element: HTMLElement;
  readonly #words = el("textarea", { id: "first-words", rows: "6", autocomplete: "off", spellcheck: "false", "aria-describedby": "first-words-hint" });
  readonly #lead = el("textarea", { id: "first-lead", rows: "4", autocomplete: "off", spellcheck: "false", "aria-describedby": "first-lead-hint" });
  readonly #marks = el("div", { class: "marks", "aria-live": "polite" });
  readonly #look: (words: string) => HTMLElement[];
  readonly #out: (form: Form, words: string) => Outgoing;
  readonly #repeats: (out: Outgoing) => string[];
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** What stands before the words by itself. */
  #suggested = "";

  constructor(c: Case, story: Story, on: Desk) {
    const wishes: Wishes = { ...story.wishes, ask_me_first: false };
    const agreed = agreementOf(c)?.consensus.yes ?? null;
    const early = (form: Form): Reason[] => (form === "theme" && agreed === null ? ["not-agreed"] : []); // nobody knows yet which themes
    const verdicts = FORMS.filter((f) => f !== "count").map((form) => ({ form, why: [...wishesForbid(wishes, form), ...early(form)] }));
    this.#out = (form, words) => outgoingOf(c, form, words, wishes);
    this.#repeats = (out) => repeats(wishes, out, ownOf(story));
    this.#look = looking(c, story, on.bench, on.labels);
    this.#words.addEventListener("input", () => { clearTimeout(this.#timer); this.#timer = setTimeout(() => { this.#marks.replaceChildren(...this.#look(this.#words.value)); }, 500); });
    const forms = el("fieldset", { class: "group", id: "first-form", tabindex: "-1" }, el("legend", {}, CASE.form), ...ladder(verdicts, (f) => radio("first_form", f, FORM_NAMES[f])));
    forms.addEventListener("change", () => { this.#suggest(); });
    const lock = (): void => {
      const said = this.read();
      if ("faults" in said) { showFaults(section, said.faults); return; }
      on.do(c, () => on.bench.show(c.leaf, said.showing), CASE.firstLocked);
    };
    const section = el("section", {}, forms, ...besides(agreed, wishes, on.labels),
      el("div", { class: "field" }, el("label", { for: "first-words" }, CASE.words), el("p", { class: "hint", id: "first-words-hint" }, CASE.wordsHint), this.#words), this.#marks,
      el("div", { class: "field" }, el("label", { for: "first-lead" }, CASE.firstLead), el("p", { class: "hint", id: "first-lead-hint" }, CASE.firstLeadHint), this.#lead),
      el("p", {}, CASE.firstTied), el("p", {}, button(CASE.firstLock, lock)));
    this.element = el("details", { class: "show-first" }, el("summary", {}, CASE.firstShow), section);
  }

  read(): { showing: Showing } | { faults: Fault[] } {
    const form = FORMS.find((f) => f === chosen(this.element, "first_form"));
    const words = form === "theme" ? "" : lines(this.#words.value);
    const faults: Fault[] = [];
    if (form === undefined) faults.push({ id: "first-form", sentence: CASE.faultForm });
    if (form !== "theme" && words.trim() === "") faults.push({ id: "first-words", sentence: CASE.faultWords });
    if (form !== undefined) faults.push(...ownWordsFault("first-words", this.#repeats(this.#out(form, words))));
    if (this.#lead.value.trim() === "") faults.push({ id: "first-lead", sentence: CASE.faultLead });
    if (faults.length > 0 || form === undefined) return { faults };
    return { showing: { out: this.#out(form, words), lead: this.#lead.value } };
  }

  /** Fits what is said before the words to the form, as long as nobody changed it. */
  #suggest(): void {
    const form = FORMS.find((f) => f === chosen(this.element, "first_form"));
    if (form === undefined || form === "count" || (this.#lead.value !== "" && this.#lead.value !== this.#suggested)) return;
    this.#suggested = `${HOW_TO_SAY_YES}\n\n${LEADS[form]}`;
    this.#lead.value = this.#suggested;
  }

  fields(): Answer[] {
    const lead = this.#lead.value === this.#suggested ? "" : this.#lead.value;
    return [{ q: "first_form", a: chosen(this.element, "first_form") }, { q: "first_lead", a: lead }, { q: "first_words", a: this.#words.value }];
  }

  fill(fields: readonly Answer[]): void {
    const a = (q: string): string => fields.find((f) => f.q === q)?.a ?? "";
    if (!fields.some(({ q, a: said }) => q.startsWith(FIRST) && said !== "")) return;
    choose(this.element, "first_form", a("first_form"));
    this.#words.value = a("first_words");
    this.#lead.value = a("first_lead");
    this.#suggest();
    this.element.setAttribute("open", "");
    this.#marks.replaceChildren(...this.#look(this.#words.value));
  }
}
