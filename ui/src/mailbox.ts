/**
 * Coming back with the eight words. They are typed once and stay on this device: answers are opened here, further messages
 * are locked here, and the log is searched here.
 */
import { actList } from "./actlist.js";
import { ChainError } from "./chain.js";
import { toBase64url } from "./encoding.js";
import { LogError } from "./log.js";
import { offerCamera } from "./mailbox/camera.js";
import * as choices from "./mailbox/choices.js";
import { readOwn, sentOf, type Own } from "./mailbox/own.js";
import { comeBackOn, printLine } from "./mailbox/comeback.js";
import { save, type Packet } from "./mailbox/packet.js";
import { Room } from "./mailbox/room.js";
import { fetchAnswers, fetchPanel, Further, get, type Panel, type Write } from "./mailbox/server.js";
import { takeAllBack } from "./mailbox/takeback.js";
import { typedWrong } from "./mailbox/typed.js";
import { readReceipt } from "./otherwords.js";
import { TooLong } from "./pad.js";
import { painted } from "./painted.js";
import { newConsent, newFollowup, stretchFor, type ReceiptKeys, type Stretched } from "./receipt.js";
import { holds, openReply, type Reply } from "./reply.js";
import { keepPage, linksHere } from "./tell/links.js";
import { keepSwitchHere, localeOf, sentences, type Say } from "./tell/say.js";
import { fetchProvenEpoch, NoAnswer, Refused, Swapped } from "./tell/send.js";

/** What is open. */
interface Session {
  stretched: Stretched;
  keys: ReceiptKeys;
  panel: Panel;
  /** Null where the log could not be read. */
  own: Own | null;
  /** The next place among the receipt's messages, as far as this page knows. */
  next: number;
  answers: Packet["answers"];
  written: string[];
  tickets: string[];
}

/** A message on its way, and the form's content when it left: changed words are another message. */
interface Sending {
  content: string;
  further: Further;
}

class Mailbox {
  private readonly say: Say;
  private readonly field: HTMLTextAreaElement;
  private readonly room: HTMLElement;
  private readonly clinic: string;
  private session: Session | null = null;
  private readonly sending = new Map<string, Sending>();
  private busy = false;
  /** Turns the camera off. */
  private dark: () => void = () => undefined;

  constructor(private readonly enter: HTMLFormElement) {
    this.say = sentences(document);
    this.field = byId("receipt") as HTMLTextAreaElement;
    this.room = byId("room");
    this.clinic = enter.dataset["clinic"] ?? "";
  }

  /** It can change while the page stands. */
  private get lang(): string {
    return this.enter.dataset["lang"] ?? "en";
  }

  listen(): void {
    keepSwitchHere(document);
    linksHere(document);
    byId("how").textContent = this.say("mailbox.script");
    const parts = new Room(this.room, this.enter.dataset["whole"] ?? "", () => { this.furnish(); });
    this.enter.addEventListener("submit", (event) => {
      event.preventDefault();
      void this.attempt(async () => {
        await parts.come();
        await this.open();
      });
    });
    this.dark = offerCamera({ room: part("camera"), field: this.field, script: this.enter.dataset["scan"] ?? "" }, this.say);
    // A page kept by the browser for going back must not hold the words or the answers.
    window.addEventListener("pagehide", () => { this.close(""); });
  }

  /** The parts of an open mailbox are here. */
  private furnish(): void {
    const acts: Record<string, (form: HTMLFormElement) => Promise<void>> = {
      write: (form) => this.writeAgain(form, choices.written),
      since: (form) => this.since(form),
      consent: (form) => this.consent(form),
      back: (form) => this.takeBack(form),
    };
    for (const form of Array.from(this.room.querySelectorAll<HTMLFormElement>("form[data-act]"))) {
      form.addEventListener("submit", (event) => {
        event.preventDefault();
        void this.attempt(() => acts[form.dataset["act"] ?? ""]?.(form) ?? Promise.resolve(), form);
      });
    }
    part("packet").addEventListener("click", () => { this.keep(); });
    part("print").addEventListener("click", () => { printLine(document); });
    part("close").addEventListener("click", () => { this.close(this.say("script.mailbox_closed")); });
  }

  /** Runs one thing at a time and says what went wrong, at the form that it is about. Nothing that was typed goes away with it. */
  private async attempt(act: () => Promise<void>, form?: HTMLFormElement): Promise<void> {
    if (this.busy) return;
    this.busy = true;
    document.body.toggleAttribute("data-sending", true); // a shared device does not wipe itself meanwhile
    this.problem("");
    const was = this.session === null || byId("said").hidden ? "" : byId("said").textContent;
    if (this.session === null) byId("how").textContent = this.say("script.mailbox_working");
    else this.tell(this.say("script.mailbox_working"), false);
    try {
      await painted();
      await act();
    } catch (err) {
      if (this.session !== null) this.tell(was, false);
      this.problem(this.problemOf(err), form);
    } finally {
      this.busy = false;
      document.body.toggleAttribute("data-sending", false);
      byId("how").textContent = this.say("mailbox.script");
    }
  }

  private async open(): Promise<void> {
    const stretched = await stretchFor(await readReceipt(this.field.value, this.enter.dataset["spanish"] ?? ""), this.enter.dataset["origin"] ?? "");
    const keys = await stretched.message(0);
    // The same requests in the same order, whatever the words open.
    const files = await fetchAnswers(this.clinic, keys.mailboxToken);
    const panel = await fetchPanel(this.clinic, this.enter.dataset["fingerprint"] ?? "");
    const own = await this.readLog(stretched, keys);
    this.session = { stretched, keys, panel, own, next: Math.max(1, sentOf(own?.found ?? [])), answers: [], written: [], tickets: [] };
    await this.showAnswers(files);
    this.dark();
    this.field.value = "";
    this.enter.hidden = true;
    byId("before").hidden = true;
    this.room.hidden = false;
    byId("said").hidden = true;
    keepPage(document, this.say);
    byId("answers-title").focus();
  }

  /** The log's own troubles keep nobody from reading an answer. */
  private async readLog(stretched: Stretched, keys: ReceiptKeys): Promise<Own | null> {
    try {
      const own = await readOwn(get, stretched, keys.mailbox);
      this.showLog(own);
      return own;
    } catch (err) {
      part("log").replaceChildren(paragraph(this.say(err instanceof LogError ? "script.mailbox_log_broken" : "script.mailbox_log_away")));
      part("ends").textContent = this.say("mailbox.ends_unknown");
      return null;
    }
  }

  private showLog(own: Own): void {
    const rows = own.found.map(({ state, message }) =>
      this.say("script.mailbox_log_row", { number: String(message + 1), state: this.say(`script.mailbox_${state}`) }));
    part("log").replaceChildren(...(rows.length > 0 ? rows : [this.say("script.mailbox_log_none")]).map((row) => paragraph(row)),
      ...this.wrongInLog(own).map((row) => paragraph(row, "problem")));
    if (own.found.length > 0) part("log").append(...actList("h3", document, own.acts, this.say, (day) => this.day(day)));
    part("ends").textContent = own.ends === null ? this.say("mailbox.ends_unknown") : this.say("script.mailbox_ends", { day: this.day(own.ends) });
  }

  /** What the writer, the panel and others should hear of. */
  private wrongInLog(own: Own): string[] {
    const rows = own.missing.map((message) => this.say("check.gap", { number: String(message + 1) }));
    if (own.found.some(({ doubled }) => doubled)) rows.push(this.say("check.doubled"));
    if (own.oddities.length > 0) rows.push(this.say("script.mailbox_odd", { count: String(own.oddities.length) }));
    return rows;
  }

  private async showAnswers(files: Uint8Array[]): Promise<void> {
    const session = this.opened();
    const room = part("answers");
    const shown = session.panel.broken && files.length > 0 ? [paragraph(this.say("script.mailbox_panel"), "notice")] : [];
    const anchors = Array.from({ length: session.next + 20 }, (_, j) => toBase64url(session.stretched.commitments(j).anchor));
    const replies = (await Promise.all(files.map((f) => openReply(f, session.keys.replyIdentity).catch(() => null))));
    session.answers = replies.filter((r): r is Reply => r !== null)
      .map((r) => ({ ...r, holds: holds(r, this.enter.dataset["origin"] ?? "", anchors, (id) => session.panel.keys.get(id)) }))
      .sort((a, b) => (a.day < b.day ? -1 : a.day > b.day ? 1 : anchors.indexOf(a.anchor) - anchors.indexOf(b.anchor)));
    shown.push(...session.answers.map((r) => this.answer(r)));
    const unread = files.length - session.answers.length;
    if (unread > 0) shown.push(paragraph(this.say("script.mailbox_unread", { count: String(unread) })));
    if (files.length === 0) shown.push(paragraph(this.say("mailbox.none")));
    room.replaceChildren(...shown);
    this.ask(session.answers.some((r) => r.holds && r.asks !== undefined));
  }

  /** Where the panel asks what happened since, the question stands open behind its answers; otherwise further below, folded. */
  private ask(asked: boolean): void {
    part(asked ? "answers-section" : "consent-section").after(part("since-section"));
    (part("since-room") as HTMLDetailsElement).open = asked;
  }

  private answer(r: Packet["answers"][number]): HTMLElement {
    const article = document.createElement("article");
    article.className = "answer";
    const text = paragraph(r.text, "typed");
    text.dir = "auto";
    text.translate = false;
    const from = r.holds ? this.say("script.mailbox_from", { day: this.day(r.day), reviewer: r.reviewer }) : this.say("mailbox.unsigned");
    article.append(paragraph(from, r.holds ? "quiet" : "notice"));
    if (r.text !== "") article.append(text);
    if (r.holds && r.asks !== undefined) article.append(strong(this.say("mailbox.asked")));
    return article;
  }

  private async writeAgain(form: HTMLFormElement, read: (form: HTMLFormElement) => ReturnType<typeof choices.written>): Promise<void> {
    const answers = read(form);
    await this.send(form, (keys, terms) => newFollowup(keys, terms, this.opened().own?.thread ?? null, answers), answers.map((a) => a.a).join("\n"));
    form.reset();
  }

  private async since(form: HTMLFormElement): Promise<void> {
    const day = comeBackOn(choices.wished(form), new Date());
    await this.writeAgain(form, choices.since);
    part("come-back").hidden = day === null;
    part("come-back-day").textContent = day === null ? "" : this.say("script.mailbox_come_back", { day: this.day(day) });
  }

  private async consent(form: HTMLFormElement): Promise<void> {
    const choice = choices.consent(form);
    await this.send(form, (keys, terms) => newConsent(keys, terms, this.opened().own?.thread ?? null, choice), "");
  }

  /** Locks and sends one further message. After a lost answer the same locked file is sent again, unless it was changed. */
  private async send(form: HTMLFormElement, write: Write, words: string): Promise<void> {
    const session = this.opened();
    const act = form.dataset["act"] ?? "";
    const content = contentOf(form);
    let sending = this.sending.get(act);
    if (sending?.content !== content) {
      const fingerprints = [this.enter.dataset["fingerprint"] ?? ""];
      const epoch = await fetchProvenEpoch(this.clinic, fingerprints, new Date().toISOString().slice(0, 10));
      sending = { content, further: new Further(this.clinic, session.stretched, epoch, this.lang, write, session.next) };
      this.sending.set(act, sending);
    }
    const { ticket } = await sending.further.send().catch((err: unknown) => {
      if (!(err instanceof NoAnswer)) this.sending.delete(act);
      throw err instanceof NoAnswer ? new Unsure() : err;
    });
    this.sending.delete(act);
    session.next = Math.max(session.next, sending.further.next);
    session.tickets.push(ticket);
    if (words !== "") session.written.push(words);
    this.ticket(ticket);
    this.tell(this.say("mailbox.sent"), true);
  }

  private async takeBack(form: HTMLFormElement): Promise<void> {
    choices.sure(form);
    const { stretched, own } = this.opened();
    const gone = new Set((own?.found ?? []).flatMap(({ state, message }) => (state === "there" ? [] : [message])));
    const pace = Number(this.enter.dataset["pace"] ?? "15");
    const tickets = await takeAllBack(this.clinic, stretched, sentOf(own?.found ?? []), gone, pace, (so) => {
      this.tell(this.say("script.mailbox_taking", { done: String(so.length) }), false);
    });
    if (tickets.length === 0 && gone.size === 0) {
      this.problem(this.say("back.nothing"), form);
      byId("said").hidden = true;
      return;
    }
    form.reset();
    this.ticket(tickets.join("\n"));
    this.tell(this.say("script.mailbox_gone", { count: String(tickets.length + gone.size) }), true);
    const session = this.opened();
    session.own = await this.readLog(session.stretched, session.keys);
  }

  private keep(): void {
    const { own, panel, answers, written, tickets } = this.opened();
    save({
      v: 1, t: "packet", origin: this.enter.dataset["origin"] ?? "", clinic: this.enter.dataset["name"] ?? "", clinic_id: panel.clinicId, manifests: panel.manifests,
      day: new Date().toISOString().slice(0, 10), vkey: own?.vkey ?? "", proofs: own?.proofs ?? [], acts: own?.acts.filter((a) => a.holds).map((a) => a.proof) ?? [], tickets, written, answers,
    }, document);
  }

  /** Takes everything off the page and out of memory. */
  private close(sentence: string): void {
    this.field.value = "";
    this.dark();
    if (this.session === null) return;
    this.session.stretched.forget();
    this.session = null;
    this.sending.clear();
    for (const form of Array.from(this.room.querySelectorAll("form"))) form.reset();
    for (const name of ["answers", "log", "ends", "ticket", "come-back-day"]) part(name).replaceChildren();
    for (const name of ["ticket-room", "come-back"]) part(name).hidden = true;
    this.room.hidden = true;
    this.enter.hidden = false;
    byId("before").hidden = false;
    byId("how").textContent = sentence === "" ? this.say("mailbox.script") : sentence;
    if (sentence !== "") this.field.focus();
  }

  private opened(): Session {
    if (this.session === null) throw new Error("the mailbox is closed");
    return this.session;
  }

  private ticket(text: string): void {
    part("ticket").textContent = text;
    part("ticket-room").hidden = text === "";
  }

  private tell(sentence: string, focus: boolean): void {
    const said = byId("said");
    said.textContent = sentence;
    said.hidden = sentence === "";
    if (focus) said.focus();
  }

  /** Says what is wrong, above the button of the form that it is about: the page is long, and its top is far away on a phone. */
  private problem(sentence: string, form?: HTMLFormElement): void {
    const shown = byId("mailbox-problem");
    const button = form?.querySelector("button[type=submit]")?.parentElement;
    if (button) button.before(shown);
    else this.enter.before(shown);
    const error = this.say("site.error");
    if (document.title.startsWith(error)) document.title = document.title.slice(error.length);
    shown.textContent = sentence;
    shown.hidden = sentence === "";
    if (sentence === "") return;
    document.title = error + document.title;
    shown.focus();
  }

  private problemOf(err: unknown): string {
    if (err instanceof choices.Missing) return this.say(err.message);
    if (err instanceof TooLong) return this.say("script.mailbox_too_long", { bytes: String(err.bytes), limit: String(err.limit) });
    if (err instanceof Unsure) return this.say("script.mailbox_unsure");
    if (err instanceof ChainError || err instanceof Swapped) return this.say("script.mailbox_unproven");
    if (err instanceof Refused) return this.whyRefused(err);
    if (err instanceof NoAnswer) return this.say("script.mailbox_no_answer");
    return typedWrong(err, this.say) ?? this.say("script.mailbox_no_answer");
  }

  /** The server says in English why it refused. */
  private whyRefused(err: Refused): string {
    if (err.kind === "form-closed") return this.say("mailbox.form_closed");
    if (err.kind === "slow-down") return this.say("mailbox.slow_down");
    return this.lang === "en" ? err.detail : this.say("script.mailbox_no_answer");
  }

  private day(day: string): string {
    return new Date(`${day}T00:00:00Z`).toLocaleDateString(localeOf(this.lang), { timeZone: "UTC", day: "numeric", month: "long", year: "numeric" });
  }
}

/** No answer came to a message, so that nobody knows whether it arrived. */
class Unsure extends Error {}

/** All that a form would send. */
function contentOf(form: HTMLFormElement): string {
  const controls = Array.from(form.querySelectorAll<HTMLInputElement | HTMLTextAreaElement>("input, textarea"));
  return JSON.stringify(controls.map((c) => (c instanceof HTMLInputElement && c.type !== "hidden" ? c.checked : c.value)));
}

function paragraph(text: string, kind = ""): HTMLElement {
  const p = document.createElement("p");
  if (kind !== "") p.className = kind;
  p.textContent = text;
  return p;
}

function strong(text: string): HTMLElement {
  const p = document.createElement("p");
  p.append(Object.assign(document.createElement("strong"), { textContent: text }));
  return p;
}

function byId(id: string): HTMLElement {
  const found = document.getElementById(id);
  if (found === null) throw new Error(`the page has no ${id}`);
  return found;
}

function part(name: string): HTMLElement {
  const found = document.querySelector<HTMLElement>(`[data-part="${name}"]`);
  if (found === null) throw new Error(`the page has no ${name}`);
  return found;
}

const enter = document.getElementById("enter");
// Without a safe connection there is no WebCrypto: then the plain form works, and says what the server sees.
if (enter instanceof HTMLFormElement && window.isSecureContext) new Mailbox(enter).listen();
