/**
 * The form with script: it locks the words in the browser and sends only the locked file. The plain form never leaves
 * while this runs, unless the person chooses that way after locking has failed.
 *
 * Where the browser cannot lock, the plain form stays as it is and the page says why. Nothing is stored on the device.
 */
import { ChainError, type Reason } from "./chain.js";
import { save } from "./mailbox/packet.js";
import { wordsOf } from "./otherwords.js";
import type { Finder } from "./form/watch.js";
import { TooLong, LIMIT, type Answer } from "./pad.js";
import { painted } from "./painted.js";
import { newReceipt, toDigits, toWords } from "./receipt.js";
import { readable, readAnswers, saysSomething } from "./tell/answers.js";
import { Wanted } from "./tell/clock.js";
import { keepPage, linksAfterSending, linksApart, linksHere } from "./tell/links.js";
import { clearProblems, showProblem, type Problem } from "./tell/problems.js";
import { focusOn, whyRefused } from "./tell/refusal.js";
import { bytesOf, Room } from "./tell/room.js";
import { fetchSentences, keepSwitchHere, localeOf, sentences, type Say } from "./tell/say.js";
import { CannotKeep, fetchProvenEpoch, lock, NoAnswer, post, Refused, Swapped, type Accepted, type Epoch, type Locked } from "./tell/send.js";
import { showThanks, type Thanks } from "./tell/thanks.js";

/** Pauses before the tries after the first. */
const RETRIES = [1500, 5000];

/** What did not hold, as the key of a sentence. */
const WHY: Record<Reason | "swapped", string> = {
  fingerprint: "script.unproven_fingerprint",
  panel: "script.unproven_panel",
  record: "script.unproven_record",
  signatures: "script.unproven_signatures",
  days: "script.unproven_days",
  revoked: "script.unproven_revoked",
  swapped: "script.unproven_swapped",
};

/** Locking itself failed: this browser lacks something, or broke. */
class LockFailed extends Error {}

/** What is being sent: as long as the answers and the sheet stay the same, so do the receipt and the locked file. */
interface Draft {
  /** The answers, and the sheet that they stand on. */
  answers: string;
  receipt: Uint8Array;
  locked: Locked | null;
  /** The day until which the key is kept that it was locked to; a key can change while the form is open. */
  retainUntil: string;
}

export class Tell {
  protected readonly say: Say;
  private readonly clinic: string;
  private readonly status: HTMLElement;
  private readonly button: HTMLButtonElement;
  private readonly room: Room;
  /** That of the page, and that of the poster when the address carries it. */
  private readonly fingerprints: string[];
  private draft: Draft | null = null;
  /** What was sent, for the file that somebody may keep of it. */
  private told: string[] = [];
  private busy = false;
  /**
   * Most sentences come apart from the page, which has to be small for those without script. Without them there is no
   * sending: a script that cannot say what it does would do it in silence.
   */
  private readonly texts = new Wanted(() => fetchSentences(this.doc, this.form.dataset["words"] ?? ""));
  /** Some browsers remember of an address that nothing came from it. */
  private readonly finder: Finder = new Wanted((before) =>
    import(`${this.form.dataset["guard"] ?? ""}&${String(before)}`) as Finder["here"]);

  constructor(
    private readonly form: HTMLFormElement,
    private readonly doc: Document,
  ) {
    this.say = sentences(doc);
    this.clinic = form.dataset["clinic"] ?? "";
    const poster = onPoster(window.location.hash);
    this.fingerprints = [form.dataset["fingerprint"] ?? "", ...(poster === null ? [] : [poster])];
    this.status = part(form, "status");
    this.button = form.querySelector("button[type=submit]") ?? doc.createElement("button");
    part(form, "locks").textContent = this.say("script.locks_here");
    this.room = new Room(part(form, "room"), this.say, () => this.answers(), form);
  }

  /** It can change while the page stands. */
  private get lang(): string {
    return this.form.dataset["lang"] ?? "en";
  }

  listen(): void {
    this.doc.head.append(Object.assign(this.doc.createElement("link"), { rel: "stylesheet", href: this.form.dataset["kept"] ?? "" }));
    keepSwitchHere(this.doc);
    linksHere(this.doc);
    if (saysSomething(readAnswers(this.form))) this.keepLinksApart(); // what was told came back with the page
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      void this.submit();
    });
    this.form.addEventListener("input", () => { this.room.later(); });
    this.form.addEventListener("input", () => { this.keepLinksApart(); }, { once: true });
    // A page kept by the browser for going back must hold nothing that was told.
    window.addEventListener("pagehide", () => { this.empty(); });
    window.addEventListener("pageshow", (event) => {
      if (event.persisted) window.location.reload();
    });
    void this.inParts();
  }

  /**
   * Links lead away from what is told at once. That they do is said when the sentences are here: on a slow line they come late,
   * or never. To type asks for nothing.
   */
  private keepLinksApart(): void {
    linksApart(this.doc);
    void this.texts.here.then(() => { keepPage(this.doc, this.say); });
  }

  /** One group of questions at a time. Where the script for it does not come, the form stays one long page. */
  private async inParts(): Promise<void> {
    try {
      await this.texts.byTheClock();
      const steps = (await import(this.form.dataset["steps"] ?? "")) as typeof import("./steps.js");
      await steps.begin(this.form, this.doc, this.finder);
    } catch {
      // an old browser, or no network now
    }
  }

  private async submit(): Promise<void> {
    if (this.busy) return;
    this.setBusy(true);
    this.show(this.say("script.locking"));
    try {
      await this.texts.ask();
    } catch {
      this.setBusy(false);
      this.offer(this.say("script.no_answer_yet"), this.say("script.again"), () => { void this.submit(); });
      return;
    }
    clearProblems(this.doc, this.say);
    const answers = this.answers();
    if (saysSomething(answers)) keepPage(this.doc, this.say);
    const problem = this.problemIn(answers);
    if (problem !== null) {
      this.setBusy(false);
      this.status.replaceChildren();
      showProblem(this.doc, this.say, problem);
      return;
    }
    this.doc.body.toggleAttribute("data-sending", true); // a shared device does not wipe itself meanwhile
    try {
      await this.send(answers);
    } catch (err) {
      this.failed(err);
    } finally {
      this.doc.body.toggleAttribute("data-sending", false);
    }
  }

  /** What will be locked. */
  protected answers(): Answer[] {
    return readAnswers(this.form);
  }

  /** The receipt under which a new message is locked. */
  protected receipt(): Uint8Array {
    return newReceipt();
  }

  /** What gives the receipt where it is not drawn here: other words under the same answers are another message. */
  protected sheet(): string {
    return "";
  }

  protected problemIn(answers: Answer[]): Problem | string | null {
    if (!saysSomething(answers)) return this.say("problem.nothing");
    const bytes = bytesOf(answers, this.form);
    return bytes > LIMIT ? this.tooLong(bytes) : null;
  }

  private tooLong(bytes: number): string {
    const number = (n: number): string => n.toLocaleString(localeOf(this.lang));
    return this.say("script.too_long", { bytes: number(bytes), limit: number(LIMIT), over: number(bytes - LIMIT) });
  }

  private async send(answers: Answer[]): Promise<void> {
    const draft = this.draftOf(answers);
    let accepted: Accepted;
    try {
      accepted = await this.lockAndPost(draft, answers);
    } catch (err) {
      if (!(err instanceof Refused) || err.kind !== "stale-epoch") throw err;
      draft.locked = null; // the key changed while the form was open: lock again, under the same receipt
      accepted = await this.lockAndPost(draft, answers);
    }
    const list = await wordsOf(this.lang, this.form.dataset["spanish"] ?? "");
    this.done(draft, accepted, list);
  }

  /** Changed answers are another message and get a receipt of their own: the first may have arrived after all. */
  private draftOf(answers: Answer[]): Draft {
    const text = JSON.stringify([answers, this.sheet()]);
    if (this.draft?.answers !== text) this.draft = { answers: text, receipt: this.receipt(), locked: null, retainUntil: "" };
    return this.draft;
  }

  private async lockAndPost(draft: Draft, answers: Answer[]): Promise<Accepted> {
    this.show(this.say("script.locking"));
    draft.locked ??= await this.lock(draft, answers);
    const locked = draft.locked;
    this.show(this.say("script.sending"));
    return this.retrying(() => post(this.clinic, locked));
  }

  private async lock(draft: Draft, answers: Answer[]): Promise<Locked> {
    const epoch = await this.proven();
    draft.retainUntil = epoch.retainUntil;
    await painted(); // locking keeps the browser busy, so the sentence about it has to be on the screen first
    try {
      // The answers are to the form that stands on this page, whatever the server asks by now.
      return await lock(answers, draft.receipt, { ...epoch, form: this.form.dataset["form"] ?? epoch.form }, this.lang);
    } catch (err) {
      if (err instanceof TooLong) throw err;
      throw new LockFailed();
    }
  }

  /** The key in use, once it is shown to be the panel's. A key may change between two requests, so it is asked twice. */
  private async proven(): Promise<Epoch> {
    const fetch = (): Promise<Epoch> => this.retrying(() => fetchProvenEpoch(this.clinic, this.fingerprints, today()));
    try {
      return await fetch();
    } catch (err) {
      if (err instanceof Swapped) return fetch();
      throw err;
    }
  }

  private async retrying<T>(act: () => Promise<T>): Promise<T> {
    for (const pause of RETRIES) {
      try {
        return await act();
      } catch (err) {
        if (!(err instanceof NoAnswer)) throw err;
      }
      this.show(this.say("script.retrying"));
      await new Promise((resolve) => setTimeout(resolve, pause));
    }
    return act();
  }

  private failed(err: unknown): void {
    this.setBusy(false);
    if (err instanceof TooLong) {
      this.status.replaceChildren();
      showProblem(this.doc, this.say, this.tooLong(err.bytes));
    } else if (err instanceof NoAnswer) {
      this.offer(this.say(this.whyNot(err)), this.say("script.again"), () => { void this.submit(); });
    } else if (err instanceof ChainError || err instanceof Swapped) {
      this.unproven(err instanceof ChainError ? err.reason : "swapped");
    } else if (err instanceof Refused) {
      this.draft = null;
      focusOn(this.show(`${this.say("script.refused")} ${this.whyRefused(err)}`));
    } else {
      this.notLocked();
    }
  }

  protected whyRefused(err: Refused): string {
    return this.say(whyRefused(err));
  }

  /** The one way around locking, and only by this button, which says what it does. */
  protected notLocked(): void {
    this.offer(this.say("script.seal_failed"), this.say("script.plain"), () => { this.form.submit(); });
  }

  private whyNot(err: NoAnswer): string {
    if (err instanceof CannotKeep) return "script.no_store";
    return this.draft?.locked ? "script.no_answer" : "script.no_answer_yet";
  }

  /** Nothing was locked and nothing goes. No other way is offered here: it would lead through the same computer. */
  private unproven(reason: Reason | "swapped"): void {
    const shown = this.show(this.say("script.unproven"));
    const why = this.doc.createElement("p");
    why.textContent = this.say(WHY[reason]);
    const now = this.doc.createElement("p");
    now.textContent = this.say("script.unproven_now");
    this.status.append(why, now);
    focusOn(shown);
  }

  private done(draft: Draft, accepted: Accepted, list: readonly string[] | null): void {
    const main = this.form.closest("main");
    const told = readable(this.form);
    const thanks = {
      ...accepted,
      words: toWords(draft.receipt, list ?? undefined),
      wordsLang: list === null ? "en" : this.lang,
      digits: toDigits(draft.receipt),
      lang: this.lang,
      retainUntil: draft.retainUntil,
      square: this.form.dataset["square"] ?? "",
      about: this.form.dataset["about"] ?? "",
      keep: () => { this.keep(accepted.ticket); },
    };
    this.empty();
    if (main) this.thank(main, thanks, told);
  }

  /** Puts the page after sending in the place of the form. `told` is what was told, as somebody reads it. */
  protected thank(main: HTMLElement, thanks: Thanks, told: string[]): void {
    this.told = told;
    showThanks(main, thanks, this.say);
    linksAfterSending(this.doc, this.say);
  }

  /** Hands what was told, with its ticket, to the browser as a file. The receipt is not in it. */
  private keep(ticket: string): void {
    save({
      v: 1, t: "packet", origin: this.form.dataset["origin"] ?? "", clinic: this.form.dataset["name"] ?? "", clinic_id: "", day: today(), vkey: "",
      manifests: [], proofs: [], acts: [], tickets: [ticket], written: this.told, answers: [],
    }, this.doc);
  }

  /** Takes everything that was typed, and the receipt, out of the page and out of memory. */
  protected empty(): void {
    this.draft?.receipt.fill(0);
    this.draft = null;
    this.told = [];
    this.form.reset();
    for (const control of this.controls()) {
      if (control.type === "radio" || control.type === "checkbox") (control as HTMLInputElement).checked = false;
      else control.value = "";
    }
    for (const shown of this.doc.querySelectorAll(".receipt, .digits, .ticket")) shown.textContent = "";
  }

  /** While a message is on its way nothing can be typed: it would not be part of it, and would go when the form empties. */
  private setBusy(busy: boolean): void {
    this.busy = busy;
    this.button.disabled = busy;
    for (const control of this.controls()) control.disabled = busy;
  }

  private controls(): (HTMLTextAreaElement | HTMLInputElement)[] {
    return Array.from(this.form.querySelectorAll<HTMLTextAreaElement | HTMLInputElement>("textarea, input"));
  }

  protected show(sentence: string): HTMLElement {
    const p = this.doc.createElement("p");
    p.textContent = sentence;
    this.status.replaceChildren(p);
    return p;
  }

  /** The focus goes to the sentence and not to the button, so that a key pressed out of habit chooses nothing. */
  private offer(sentence: string, label: string, act: () => void): void {
    const shown = this.show(sentence);
    const button = this.doc.createElement("button");
    button.type = "button";
    button.className = "button second";
    button.textContent = label;
    button.addEventListener("click", act);
    this.status.append(button);
    focusOn(shown);
  }
}

function part(form: HTMLElement, name: string): HTMLElement {
  const found = form.querySelector<HTMLElement>(`[data-part="${name}"]`);
  if (!found) throw new Error(`the form has no part ${name}`);
  return found;
}

/** The fingerprint that a poster's address carries after #p=; null without one. What does not read matches no panel. */
function onPoster(hash: string): string | null {
  const found = /^#p=(.*)$/.exec(hash)?.[1];
  return found === undefined ? null : found.toUpperCase() || "-";
}

/** Today by this device, as YYYY-MM-DD in UTC. */
const today = (): string => new Date().toISOString().slice(0, 10);

/** Why this browser cannot lock, as the key of a sentence; null when it can. */
function obstacle(): string | null {
  if (typeof fetch !== "function" || typeof AbortController !== "function") return "script.unsupported";
  if (!window.isSecureContext) return "script.insecure";
  return (window.crypto as Crypto | undefined)?.subtle === undefined ? "script.unsupported" : null;
}

/** Begins with a kind of form where the browser can lock, and says why where it cannot, or `unable` where nothing goes then. */
export function beginWith(kind: typeof Tell, form: HTMLFormElement, doc: Document, unable = ""): void {
  const reason = obstacle();
  if (reason === null) {
    new kind(form, doc).listen();
    return;
  }
  const say = sentences(doc);
  const explain = (): void => { form.before(Object.assign(doc.createElement("p"), { className: "notice", textContent: unable || say(reason) })); };
  if (unable !== "" || reason === "script.unsupported") explain(); // what stands on the page: such a browser may not fetch more
  else void fetchSentences(doc, form.dataset["words"] ?? "").then(explain, () => undefined);
}

const form = document.querySelector<HTMLFormElement>('form[data-module="tell"]');
if (form) beginWith(Tell, form, document);
