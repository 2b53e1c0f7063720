/**
 * The form in parts: one group of questions at a time, and at the end everything that was answered, to look over and change.
 *
 * It shows and hides the groups that stand on the page anyway, so nothing that was typed ever moves or is copied, and the
 * form that goes is the same. Where this script does not come, the form is one long page.
 *
 * The browser's Back goes to the part before. The entries that this takes in the list of pages carry no state, the address of
 * the form and its title, and so tell nobody how far somebody came.
 */
import { answersOf, askedAgain } from "./form/doubts.js";
import { worded } from "./form/forwhom.js";
import { button, el } from "./form/elements.js";
import { Entries, placeIn } from "./form/entries.js";
import { offerGuard, type Finder, type Guard } from "./form/watch.js";
import { offerTiles } from "./form/offertiles.js";
import { sentences, type Say } from "./tell/say.js";

/**
 * Puts the form into parts, with hints by what `finder` brings, once all sentences are there. Rejects where what they look like
 * cannot be had.
 */
export async function begin(form: HTMLFormElement, doc: Document, finder: Finder): Promise<void> {
  if (doc.getElementById("problems")) return; // it came back with something to put right: all of it in one look
  await look(doc, form.dataset["look"] ?? "");
  const parts = Array.from(form.querySelectorAll<HTMLElement>(".step"));
  // Being sent, it says so where it would be out of sight.
  if (!form.isConnected || form.querySelector("textarea")?.disabled === true) return;
  finder.byTheClock().catch(() => undefined); // whatever was typed by now: a network could tell by its absence
  // Who is past the first part already keeps the page as it is under their hands.
  if (parts.slice(1).some((p) => p.contains(doc.activeElement) || answersOf(p).some(({ preset }) => !preset))) return;
  new Parts(form, doc, sentences(doc), parts, finder).begin();
}

/** The sheet of what is made here. It comes before anything changes, so that nothing jumps. */
function look(doc: Document, address: string): Promise<void> {
  const sheet = el("link", { rel: "stylesheet", href: address });
  return new Promise((resolve, reject) => {
    sheet.addEventListener("load", () => { resolve(); });
    sheet.addEventListener("error", () => { reject(new Error("no sheet")); });
    doc.head.append(sheet);
  });
}

class Parts {
  private at = 0;
  private readonly before: HTMLElement[];
  private readonly guard: Guard;
  private readonly entries = new Entries(window, placeIn(window));

  constructor(
    private readonly form: HTMLFormElement,
    private readonly doc: Document,
    private readonly say: Say,
    private readonly parts: HTMLElement[],
    finder: Finder,
  ) {
    const main = form.closest("main") ?? doc.body;
    this.before = Array.from(main.querySelectorAll<HTMLElement>(":scope > *")).filter((e) =>
      e.tagName !== "H1" && e.id !== "draft" && e !== form && e.dataset["module"] !== "shared" && (e.compareDocumentPosition(form) & Node.DOCUMENT_POSITION_FOLLOWING) !== 0);
    this.guard = offerGuard(form, say, finder);
  }

  begin(): void {
    worded(this.form, this.say);
    nameFolds(this.form);
    offerTiles(this.form, this.say);
    for (const [i, part] of this.parts.entries()) this.furnish(part, i);
    this.form.dataset["part"] = "1";
    this.show(0);
    // Return in a line goes on. It sends from nowhere: the button that it would press is one that does nothing.
    this.form.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.isComposing || !(event.target instanceof HTMLInputElement) || event.target.type !== "text" || this.at === this.last) return;
      event.preventDefault();
      this.go(this.at + 1);
    });
    window.addEventListener("submit", (event) => {
      if (event.target !== this.form || this.at === this.last) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      this.go(this.at + 1);
    }, true);
    window.addEventListener("popstate", () => { this.wentBack(); });
    this.doc.addEventListener("click", (event) => { this.followProblem(event); });
    this.form.addEventListener("input", () => { if (this.at === this.last) this.drawAnswers(); }); // a gentler wording was chosen there
    this.doc.addEventListener("language", () => { if (this.form.isConnected && this.at === this.last) this.lookOver(); });
    this.leaveNoEntries();
  }

  private get last(): number {
    return this.parts.length - 1;
  }

  /** Says where one is, and puts the ways on at the part's end. */
  private furnish(part: HTMLElement, i: number): void {
    const where = el("p", { class: "quiet where", id: `where-${i}` }, this.say("steps.where", { part: String(i + 1), parts: String(this.parts.length) }));
    const title = part.querySelector("h2");
    title?.setAttribute("tabindex", "-1");
    title?.setAttribute("aria-describedby", where.id);
    part.prepend(where);
    const ways = el("div", { class: "buttons ways-on" });
    if (i < this.last) ways.append(way("on", button(this.say("steps.continue"), () => { this.go(i + 1); }, "button")));
    if (i > 0) ways.append(way("back", button(this.say("steps.back"), () => { this.go(i - 1); })));
    if (i < this.last - 1) ways.append(way("rest", Object.assign(button(this.say("steps.rest"), () => { this.go(this.last); }), { name: "rest" })));
    part.append(ways);
  }

  private show(i: number): void {
    this.at = i;
    for (const [n, part] of this.parts.entries()) part.hidden = n !== i;
    for (const e of this.before) e.hidden = i > 0;
    this.form.dataset["part"] = String(i + 1);
    if (i === this.last) this.lookOver();
  }

  private get busy(): boolean {
    return this.form.querySelector("textarea")?.disabled === true;
  }

  /** Goes to a part as a new entry in the list of pages, so that Back comes here again. */
  private go(i: number): void {
    if (this.busy || i === this.at || this.parts[i] === undefined) return;
    this.entries.add(i);
    this.tellEntries();
    this.show(i);
    this.focus(this.parts[i].querySelector("h2"));
  }

  /** Back or Forward was pressed. What is on its way stays in sight, whatever the list of pages says. */
  private wentBack(): void {
    const to = this.entries.moved();
    this.tellEntries();
    if (to === undefined || !this.form.isConnected || this.busy) return;
    this.show(to);
    this.focus(this.parts[to]?.querySelector("h2") ?? null);
  }

  /** What leaves the page has to take out of the list of pages, and not every browser can be asked. */
  private tellEntries(): void {
    Object.assign(this.doc.body.dataset, { behind: String(this.entries.behind), ahead: String(this.entries.ahead) });
  }

  private focus(target: HTMLElement | null): void {
    window.scrollTo(0, 0);
    target?.focus({ preventScroll: true });
  }

  /** A line of what is not right yet leads to a question in another part. */
  private followProblem(event: Event): void {
    const link = (event.target as Element).closest<HTMLAnchorElement>('#problems a[href^="#"]');
    const control = link && this.doc.getElementById(link.hash.slice(1));
    if (!link || !control) return;
    event.preventDefault();
    this.change(control);
  }

  /** Shows the part that holds a control, the first for what stands before the form, and puts the focus there. */
  private change(control: HTMLElement): void {
    const i = this.before.some((e) => e.contains(control)) ? 0 : this.parts.findIndex((p) => p.contains(control));
    if (i < 0) return;
    this.go(i);
    control.focus();
    control.scrollIntoView({ block: "center" });
  }

  /**
   * When the form gives way to the thanks, Back leads away from it at once and not through its parts. A page that wipes itself
   * comes anew.
   */
  private leaveNoEntries(): void {
    const main = this.form.parentElement;
    if (!main) return;
    new MutationObserver((_, observer) => {
      if (this.form.isConnected) return;
      observer.disconnect();
      if (main.querySelector(".ticket") === null) return; // to go back now would keep the new page from coming
      this.entries.toFirst();
      this.tellEntries();
    }).observe(main, { childList: true });
  }

  /** Everything that was answered, question by question, with what seems to contradict and what could tell who wrote. */
  private lookOver(): void {
    const part = this.parts[this.last];
    if (!part) return;
    part.querySelector(".look-over")?.remove();
    part.querySelector("h2")?.after(el("div", { class: "look-over" }, this.guard.whole()));
    this.drawAnswers();
  }

  /** The answers as they are now, around the hints, which draw themselves. */
  private drawAnswers(): void {
    const over = this.parts[this.last]?.querySelector(".look-over");
    if (!over) return;
    const all = this.parts.slice(0, -1).flatMap((p) => answersOf(p));
    const doubts = askedAgain(all).map(({ key, fields }) => this.doubt(this.say(`doubt.${key}`), fields));
    const list = el("dl", { class: "answers" }, ...all.map((a) => el("div", {},
      el("dt", {}, a.question, ...again(a.besides.question)),
      ...(a.said.length === 0
        ? [el("dd", { class: "quiet" }, this.say("check.none"))]
        : a.said.map((text, i) => el("dd", a.typed ? { class: "typed", dir: "auto", translate: "no" } : a.data[i] ?? {}, text, ...again(a.besides.said[i])))),
      el("dd", {}, this.changeButton(a.control, a.question)))));
    for (const old of Array.from(over.querySelectorAll(":scope > .doubt, :scope > .answers"))) old.remove();
    over.prepend(...doubts);
    over.append(list);
  }

  private doubt(question: string, fields: { question: string; control: HTMLElement }[]): HTMLElement {
    return el("div", { class: "notice doubt" }, el("p", {}, el("strong", {}, question)),
      el("div", { class: "buttons" }, ...fields.map((f) => this.changeButton(f.control, f.question, "button second"))));
  }

  private changeButton(control: HTMLElement, question: string, kind = "as-link"): HTMLElement {
    const [change, whole] = [this.say("check.change"), `${this.say("check.change")}: ${question}`];
    const b = button(kind === "as-link" ? change : whole, () => { this.change(control); }, kind);
    b.setAttribute("aria-label", whole);
    return b;
  }
}

/** Each fold says what it is more about: in a list of controls they all look alike. The page without script has no room for it. */
function nameFolds(form: HTMLFormElement): void {
  for (const legend of Array.from(form.querySelectorAll("details .group > legend"))) {
    const more = legend.closest("details")?.querySelector("summary")?.firstChild;
    if (more) more.textContent = `${legend.textContent} `;
  }
}

/** What stands beside a draft in the clinic's language stands beside it here too. */
const again = (beside: Element | null | undefined): Node[] => (beside ? [new Text(" "), beside.cloneNode(true)] : []);

/** Says what a button is for, so that its drawing does not go by where it stands. */
function way(purpose: string, b: HTMLButtonElement): HTMLButtonElement {
  b.dataset["way"] = purpose;
  return b;
}
