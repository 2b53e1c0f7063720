/**
 * Questions about the person, after sending. The answers are locked here like a message, under a receipt that is thrown away
 * at once: nothing in them names what was told, and nobody can come back to them.
 */
import { sha256 } from "@noble/hashes/sha2.js";
import { ChainError } from "./chain.js";
import { toBase64, toBase64url } from "./encoding.js";
import { leafHash, submissionLeaf } from "./leaf.js";
import type { Answer } from "./pad.js";
import { derive, newAboutYou, newReceipt } from "./receipt.js";
import { seal } from "./seal.js";
import { readAnswers } from "./tell/answers.js";
import { keepPage, linksHere } from "./tell/links.js";
import { focusOn, whyRefused } from "./tell/refusal.js";
import { keepSwitchHere, sentences, type Say } from "./tell/say.js";
import { CannotKeep, fetchProvenEpoch, NoAnswer, post, Refused, Swapped, type Epoch, type Locked } from "./tell/send.js";

class AboutYou {
  private readonly say: Say;
  private readonly status: HTMLElement;
  /** What was locked, so that sending it again counts once. */
  private sent: { text: string; locked: Locked } | null = null;
  private busy = false;

  constructor(private readonly form: HTMLFormElement) {
    this.say = sentences(document);
    this.status = this.part("status");
    this.part("locks").textContent = this.say("script.locks_here");
  }

  listen(): void {
    keepSwitchHere(document);
    linksHere(document);
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

  private async submit(): Promise<void> {
    const answers = readAnswers(this.form);
    if (this.busy) return;
    if (answers.length === 0) {
      this.show(this.say("about.nothing"));
      return;
    }
    this.busy = true;
    this.show(this.say("script.locking"));
    try {
      await post(this.form.dataset["clinic"] ?? "", await this.lock(answers));
      this.done();
    } catch (err) {
      focusOn(this.show(this.why(err)));
    } finally {
      this.busy = false;
    }
  }

  private async lock(answers: Answer[]): Promise<Locked> {
    const text = JSON.stringify(answers);
    if (this.sent?.text !== text) {
      const epoch = await fetchProvenEpoch(this.form.dataset["clinic"] ?? "", [this.form.dataset["fingerprint"] ?? ""], new Date().toISOString().slice(0, 10));
      this.sent = { text, locked: await lockAboutYou(answers, { ...epoch, form: this.form.dataset["form"] ?? epoch.form }, this.form.dataset["lang"] ?? "en") };
    }
    return this.sent.locked;
  }

  private why(err: unknown): string {
    if (err instanceof CannotKeep) return this.say("script.no_store");
    if (err instanceof NoAnswer) return this.say("script.no_answer_yet");
    if (err instanceof ChainError || err instanceof Swapped) return this.say("script.unproven");
    this.sent = null;
    return err instanceof Refused ? `${this.say("script.refused")} ${this.say(whyRefused(err))}` : this.say("script.no_answer_yet");
  }

  private done(): void {
    this.empty();
    const title = document.createElement("h1");
    title.tabIndex = -1;
    title.textContent = this.say("about.thanks");
    const more = document.createElement("p");
    more.textContent = this.say("about.thanks_more");
    this.form.closest("main")?.replaceChildren(title, more);
    title.focus();
  }

  private empty(): void {
    this.sent = null;
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
  const file = await seal(newAboutYou(keys, { epoch: epoch.epoch, origin: epoch.origin, form: epoch.form, lang }, answers), epoch.recipient);
  const leaf = submissionLeaf({ epoch: epoch.epoch, fileHash: sha256(file), anchor: keys.anchor, withdraw: keys.withdraw });
  const body = { v: 1, epoch: epoch.epoch, ct: toBase64(file), anchor: toBase64url(keys.anchor), withdraw: toBase64url(keys.withdraw), pow: null, invite: null };
  return { body: JSON.stringify(body), leafHash: toBase64(leafHash(leaf)) };
}

const form = document.querySelector<HTMLFormElement>('form[data-module="about-you"]');
// Where the browser cannot lock, the plain form goes as it is, and says so.
if (form && window.isSecureContext && typeof fetch === "function" && typeof AbortController === "function") new AboutYou(form).listen();
