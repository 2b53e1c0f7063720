/**
 * Questions about the person, after sending. The answers are locked here like a message, under a receipt that is thrown away
 * at once: nothing in them names what was told, and nobody can come back to them. Who wishes that they belong to what they told
 * types their words, which stay here: then the answers are one more message of that receipt, and only the panel can tell.
 */
import { ChainError } from "./chain.js";
import { LogError } from "./log.js";
import { readOwn, sentOf } from "./mailbox/own.js";
import { Further, get, lock } from "./mailbox/server.js";
import { typedWrong } from "./mailbox/typed.js";
import { readReceipt } from "./otherwords.js";
import type { Answer } from "./pad.js";
import { derive, newAboutYou, newReceipt, newTiedAboutYou, stretchFor, type Stretched } from "./receipt.js";
import { readAnswers } from "./tell/answers.js";
import { keepPage, linksHere } from "./tell/links.js";
import { clearProblems, showProblem } from "./tell/problems.js";
import { focusOn, whyRefused } from "./tell/refusal.js";
import { keepSwitchHere, sentences, type Say } from "./tell/say.js";
import { CannotKeep, fetchProvenEpoch, NoAnswer, post, Refused, Swapped, type Epoch, type Locked } from "./tell/send.js";

/** The questions. Nothing else in the form is an answer: the words least of all. */
const ASKED = ["age_band", "communities"];

/** These words tie nothing now. The message is the key of a sentence. */
class TiesNothing extends Error {}

class AboutYou {
  private readonly say: Say;
  private readonly status: HTMLElement;
  private readonly words: HTMLTextAreaElement;
  /** What was locked, so that sending it again counts once. */
  private sent: { text: string; send: () => Promise<unknown>; keys: Stretched | null } | null = null;
  /** Words of which the log knows no message yet, and that were looked at again. */
  private sure = "";
  private busy = false;

  constructor(private readonly form: HTMLFormElement) {
    this.say = sentences(document);
    this.status = this.part("status");
    this.words = this.part("tie").querySelector("textarea") ?? document.createElement("textarea");
    this.part("locks").textContent = this.say("script.locks_here");
    this.part("tie-how").textContent = this.say("about.tie_here");
  }

  listen(): void {
    keepSwitchHere(document);
    linksHere(document);
    const follow = (): void => { this.part("tie").hidden = !this.tied; };
    this.form.addEventListener("change", follow);
    follow();
    this.form.addEventListener("input", () => { keepPage(document, this.say); }, { once: true });
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      void this.submit();
    });
    window.addEventListener("pagehide", () => { this.empty(); });
    window.addEventListener("pageshow", (event) => { if (event.persisted) window.location.reload(); });
  }

  private part(name: string): HTMLElement {
    const found = this.form.querySelector<HTMLElement>(`[data-part="${name}"]`);
    if (!found) throw new Error(`the form has no part ${name}`);
    return found;
  }

  /** Whether the answers belong to what was told. Who picks nothing keeps them apart. */
  private get tied(): boolean {
    return this.form.querySelector<HTMLInputElement>('input[name="link"][value="link_to_my_report"]')?.checked === true;
  }

  private async submit(): Promise<void> {
    const answers = readAnswers(this.form).filter(({ q }) => ASKED.includes(q));
    if (this.busy) return;
    clearProblems(document, this.say);
    if (answers.length === 0) {
      this.wrong(this.form.querySelector('[name="age_band"]')?.id ?? "communities", this.say("about.nothing"));
      return;
    }
    this.busy = true;
    document.body.toggleAttribute("data-sending", true); // a shared device does not wipe itself meanwhile
    this.show(this.say("script.locking"));
    const words = this.tied ? this.words.value : null;
    try {
      await this.send(answers, words);
      this.done(words !== null);
    } catch (err) {
      const wrong = err instanceof TiesNothing ? this.say(err.message) : typedWrong(err, this.say);
      if (wrong === null) focusOn(this.show(this.why(err)));
      else this.wrong(this.words.id, wrong);
    } finally {
      this.busy = false;
      document.body.toggleAttribute("data-sending", false);
    }
  }

  private wrong(field: string, text: string): void {
    this.status.replaceChildren();
    showProblem(document, this.say, { field, text });
  }

  /** Locks and sends the answers: apart from everything where there are no words. */
  private async send(answers: Answer[], words: string | null): Promise<void> {
    const text = JSON.stringify([answers, words]);
    if (this.sent?.text !== text) {
      this.forget();
      this.sent = { text, ...(words === null ? await this.apart(answers) : await this.beside(answers, words)) };
    }
    await this.sent.send();
  }

  private async epoch(): Promise<Epoch> {
    const today = new Date().toISOString().slice(0, 10);
    const epoch = await fetchProvenEpoch(this.clinic, [this.form.dataset["fingerprint"] ?? ""], today);
    return { ...epoch, form: this.form.dataset["form"] ?? epoch.form };
  }

  private get clinic(): string {
    return this.form.dataset["clinic"] ?? "";
  }

  private get lang(): string {
    return this.form.dataset["lang"] ?? "en";
  }

  private async apart(answers: Answer[]): Promise<{ send: () => Promise<unknown>; keys: null }> {
    const locked = await lockAboutYou(answers, await this.epoch(), this.lang);
    return { send: () => post(this.clinic, locked), keys: null };
  }

  /** Words are looked up here, in the whole log, so that no request names what they open. Throws TiesNothing. */
  private async beside(answers: Answer[], words: string): Promise<{ send: () => Promise<unknown>; keys: Stretched }> {
    const receipt = await readReceipt(words, this.form.dataset["spanish"] ?? "");
    const epoch = await this.epoch();
    const keys = await stretchFor(receipt, epoch.origin);
    receipt.fill(0);
    try {
      const place = await this.placeFor(keys, words);
      const further = new Further(this.clinic, keys, epoch, this.lang, (of, terms) => newTiedAboutYou(of, terms, answers), place);
      return { send: () => further.send(), keys };
    } catch (err) {
      keys.forget();
      throw err;
    }
  }

  /** The next place among a receipt's messages. What waits for its batch is in no log yet, so who is sure may send all the same. */
  private async placeFor(keys: Stretched, words: string): Promise<number> {
    const { found } = await readOwn(get, keys, (await keys.message(0)).mailbox);
    if (found.some(({ state }) => state === "there")) return sentOf(found);
    if (found.length > 0) throw new TiesNothing("about.gone");
    if (this.sure !== words) {
      this.sure = words;
      throw new TiesNothing("about.unknown");
    }
    return 1;
  }

  private why(err: unknown): string {
    if (err instanceof LogError) return this.say("script.mailbox_log_broken");
    if (err instanceof CannotKeep) return this.say("script.no_store");
    if (err instanceof NoAnswer) return this.say("script.no_answer_yet");
    if (err instanceof ChainError || err instanceof Swapped) return this.say("script.unproven");
    this.forget();
    return err instanceof Refused ? `${this.say("script.refused")} ${this.say(whyRefused(err))}` : this.say("script.no_answer_yet");
  }

  private done(tied: boolean): void {
    this.empty();
    const title = document.createElement("h1");
    title.tabIndex = -1;
    title.textContent = this.say("about.thanks");
    const more = document.createElement("p");
    more.textContent = this.say(tied ? "about.thanks_tied" : "about.thanks_more");
    const main = this.form.closest("main");
    const kept = ["#draft", "[data-module=shared]", ".leaving"].map((still) => main?.querySelector(still) ?? ""); // as true as before
    main?.replaceChildren(...kept.slice(0, 2), title, more, ...kept.slice(2));
    title.focus();
  }

  private forget(): void {
    this.sent?.keys?.forget();
    this.sent = null;
  }

  private empty(): void {
    this.forget();
    this.sure = "";
    this.form.reset();
    for (const control of Array.from(this.form.querySelectorAll<HTMLTextAreaElement>("textarea"))) control.value = "";
  }

  private show(sentence: string): HTMLElement {
    const p = document.createElement("p");
    p.textContent = sentence;
    this.status.replaceChildren(p);
    return p;
  }
}

async function lockAboutYou(answers: Answer[], epoch: Epoch, lang: string): Promise<Locked> {
  const receipt = newReceipt();
  const keys = await derive(receipt, epoch.origin);
  receipt.fill(0);
  return lock(newAboutYou(keys, { epoch: epoch.epoch, origin: epoch.origin, form: epoch.form, lang }, answers), keys, epoch);
}

const form = document.querySelector<HTMLFormElement>('form[data-module="about-you"]');
// Where the browser cannot lock, the plain form goes as it is, and says so.
if (form && window.isSecureContext && typeof fetch === "function" && typeof AbortController === "function") new AboutYou(form).listen();
