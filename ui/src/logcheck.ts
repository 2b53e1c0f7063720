/**
 * Is the mark of what I told still there? The writer types the eight words; everything is worked out in the browser. The whole log is
 * fetched and searched here, so that nothing that leaves this page depends on the words.
 *
 * Where the browser cannot do that, the page stays as it is and says how to ask from elsewhere.
 */
import { actList } from "./actlist.js";
import { readReceipt } from "./otherwords.js";
import { typedWrong } from "./mailbox/typed.js";
import { stretchFor, type Stretched } from "./receipt.js";
import { fromUtf8 } from "./encoding.js";
import { findLeaf, findOwn, readLedger, type Found, type Ledger } from "./ledger.js";
import { LogError, parseCheckpoint, parseTicket, readLeaves, type Checkpoint, type Ticket } from "./log.js";
import { parseVerifierKey } from "./note.js";
import { cosignedAfter, cosigners, daySeen, missingFile, parsePolicy, type Watchers } from "./watchers.js";
import { ofActs, ownActs, type ActLeaf } from "./ownacts.js";
import { localeOf, sentences, type Say } from "./tell/say.js";

/** More messages than that nobody sends with one receipt. */
const MOST_MESSAGES = 50;

/** The server did not answer. */
class NoAnswer extends Error {}

/** How many places of odd leaves are named. */
const MOST_ODD = 5;

/** The person's own policy is for another log than this one. */
class OtherLog extends Error {}

/** The log as it was read and checked. */
interface Log {
  checkpoint: Checkpoint;
  ledger: Ledger;
  /** The leaves that say what panels did, and who was on them, by index. */
  acts: ActLeaf[];
  /** Verifier keys of those who watch the log: as the person has them from somebody, else as the server names them. */
  witnesses: string[];
  /** The person named the witnesses. */
  own: boolean;
}

const fine = (text: string): Line => ({ text, wrong: false });
const wrong = (text: string): Line => ({ text, wrong: true });

/** A sentence to show. What is wrong stands in red. */
interface Line {
  text: string;
  wrong: boolean;
}

/** What a receipt's words find. */
interface Search {
  found: Found[];
  /** Numbers of messages, from 1, without a leaf though a later one has its own. */
  missing: number[];
}

/** A field of the form, with the place where its problem is said. */
interface Field {
  box: HTMLElement;
  input: HTMLInputElement | HTMLTextAreaElement;
  problem: HTMLElement;
}

class LogCheck {
  private readonly say: Say;
  private readonly words: Field;
  private readonly ticket: Field;
  private readonly policy: Field;
  private readonly status: HTMLElement;
  private busy = false;

  constructor(
    private readonly form: HTMLFormElement,
    private readonly doc: Document,
  ) {
    this.say = sentences(doc);
    this.words = { box: part(form, "field"), input: form.querySelector("input") ?? doc.createElement("input"), problem: part(form, "problem") };
    this.ticket = { box: part(form, "ticket-field"), input: form.querySelector("textarea") ?? doc.createElement("textarea"), problem: part(form, "ticket-problem") };
    this.policy = { box: part(form, "policy-field"), input: form.querySelector<HTMLTextAreaElement>("#check-policy") ?? doc.createElement("textarea"), problem: part(form, "policy-problem") };
    this.status = part(form, "status");
  }

  listen(): void {
    this.form.hidden = false;
    this.takePolicy();
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      void this.look();
    });
    // A page kept by the browser for going back must not hold the words.
    window.addEventListener("pagehide", () => {
      this.words.input.value = "";
      this.ticket.input.value = "";
      this.status.replaceChildren();
    });
  }

  /** Somebody can hand out a link that names who watches the log: #policy= and the policy's text. Browsers do not send it. */
  private takePolicy(): void {
    const given = new URLSearchParams(location.hash.slice(1)).get("policy");
    if (given === null) return;
    this.policy.input.value = given;
    this.policy.box.closest("details")?.setAttribute("open", "");
  }

  private async look(): Promise<void> {
    if (this.busy) return;
    this.clear();
    const watchers = this.watchers();
    if (watchers === undefined) return;
    const ticket = this.ticket.input.value.trim();
    this.busy = true;
    try {
      const receipt = ticket !== "" && this.words.input.value.trim() === "" ? null : await this.receipt();
      if (receipt === null && ticket === "") return;
      const log = await this.fetch(watchers);
      if (ticket !== "") this.byTicket(`${ticket}\n`, log);
      else if (receipt) await this.byReceipt(receipt, log);
    } catch (err) {
      if (err instanceof OtherLog) this.refuse(this.policy, this.say("check.other_log"));
      else this.show(wrong(this.say(err instanceof LogError ? "check.broken" : "check.no_answer")));
    } finally {
      this.busy = false;
    }
  }

  /** Who watches the log, as the person has it from somebody; null when they gave nothing, undefined when it does not read. */
  private watchers(): Watchers | null | undefined {
    const text = this.policy.input.value.trim();
    if (text === "") return null;
    try {
      const watchers = parsePolicy(text);
      if (watchers.witnesses.length > 0) return watchers;
    } catch {
      // falls through to the same answer
    }
    this.policy.box.closest("details")?.setAttribute("open", "");
    this.refuse(this.policy, this.say("check.bad_policy"));
    return undefined;
  }

  private async receipt(): Promise<Uint8Array | null> {
    try {
      return await readReceipt(this.words.input.value, this.form.dataset["spanish"] ?? "");
    } catch (err) {
      this.refuse(this.words, typedWrong(err, this.say) ?? this.say("mailbox.no_receipt"));
      return null;
    }
  }

  private clear(): void {
    const error = this.say("site.error");
    if (this.doc.title.startsWith(error)) this.doc.title = this.doc.title.slice(error.length);
    for (const { box, input, problem } of [this.words, this.ticket, this.policy]) {
      problem.textContent = "";
      box.classList.remove("failed");
      input.removeAttribute("aria-invalid");
    }
  }

  /** Says at the field what is wrong, in the title too, and brings the person there. */
  private refuse({ box, input, problem }: Field, sentence: string): void {
    problem.textContent = sentence;
    box.classList.add("failed");
    input.setAttribute("aria-invalid", "true");
    this.doc.title = this.say("site.error") + this.doc.title;
    this.status.replaceChildren();
    input.focus();
  }

  private async byReceipt(receipt: Uint8Array, log: Log): Promise<void> {
    const stretched = await stretchFor(receipt, log.checkpoint.origin);
    const search = find(stretched, log.ledger);
    const clinics = search.found.flatMap(({ placed }) => log.ledger.epochs.get(placed.epoch) ?? []);
    const acts = ownActs(log.acts, stretched.actions(), clinics);
    stretched.forget();
    this.tell(search, log, search.found.length === 0 ? [] : actList("h2", this.doc, acts, this.say, (day) => this.day(day)));
  }

  private byTicket(signed: string, log: Log): void {
    let ticket: Ticket;
    try {
      ticket = parseTicket(signed, [...log.ledger.ticketKeys]);
    } catch {
      this.refuse(this.ticket, this.say("check.bad_ticket"));
      return;
    }
    const found = findLeaf(log.ledger, ticket.leaf);
    if (found) {
      this.tell({ found: [found], missing: [] }, log);
      return;
    }
    const proven = cosignedAfter(cosigners(log.checkpoint.note, log.witnesses), ticket);
    const late = new Date().toISOString().slice(0, 10) > ticket.logBy;
    const day = this.day(ticket.logBy);
    const [first] = proven;
    if (first) this.show(wrong(this.say("check.broken_promise", { day, seen: this.day(daySeen(first)), name: first.name })), this.whoseList(log), ...this.odd(log));
    else if (late) this.show(wrong(this.say("check.overdue", { day })), ...this.odd(log));
    else this.show(fine(this.say("check.not_yet", { day })), ...this.odd(log));
    if (first ?? late) this.status.append(...this.proof(missingFile(signed, log.checkpoint.note, proven)));
    this.status.append(this.checkpoint(log.checkpoint));
  }

  private day(day: string): string {
    return dayIn(this.form.dataset["lang"] ?? "en", day);
  }

  /** What to do with a text that proves something, and a link that saves it as a file; none on a device that others use too. */
  private proof(text: string): HTMLElement[] {
    const shared = this.doc.body.hasAttribute("data-shared");
    const what = this.doc.createElement("p");
    what.textContent = this.say(shared ? "check.proof_elsewhere" : "check.keep_proof");
    if (shared) return [what];
    const link = this.doc.createElement("a");
    link.className = "button";
    link.download = "missing.txt";
    link.href = URL.createObjectURL(new Blob([text], { type: "text/plain" }));
    link.textContent = this.say("check.save_proof");
    const p = this.doc.createElement("p");
    p.append(link);
    return [what, p];
  }

  private async fetch(watchers: Watchers | null): Promise<Log> {
    this.show(fine(this.say("check.fetching")));
    const { vkey, policy } = JSON.parse(fromUtf8(await get("/api/v1/log"))) as { vkey: string; policy: string | null };
    if (watchers && watchers.logs.length > 0 && !watchers.logs.includes(vkey)) throw new OtherLog();
    const checkpoint = parseCheckpoint(fromUtf8(await get("/log/checkpoint")), vkey);
    const size = checkpoint.size.toLocaleString(localeOf(this.form.dataset["lang"] ?? "en"));
    const leaves = await readLeaves((path) => get(`/log/${path}`), checkpoint, (done) => {
      this.show(fine(this.say("check.counting", { done: done.toLocaleString(localeOf(this.form.dataset["lang"] ?? "en")), size })));
    });
    const { witnesses } = watchers ?? named(policy ?? "");
    return { checkpoint, ledger: readLedger(leaves), acts: ofActs(leaves), witnesses, own: watchers !== null };
  }

  private tell({ found, missing }: Search, log: Log, acts: HTMLElement[] = []): void {
    const lang = localeOf(this.form.dataset["lang"] ?? "en");
    const { size } = log.checkpoint;
    const lines = found.map(({ placed, state }) => {
      const where = { number: (placed.index + 1).toLocaleString(lang), size: size.toLocaleString(lang) };
      return fine(`${this.say(`check.${state}`)} ${this.say("check.place", where)}`);
    });
    if (found.length === 0) lines.push(fine(this.say("check.nothing")));
    lines.push(...missing.map((number) => wrong(this.say("check.gap", { number: String(number) }))));
    if (found.some((f) => f.doubled)) lines.push(wrong(this.say("check.doubled")));
    this.show(...lines, ...this.odd(log), ...this.seen(log));
    this.status.append(...acts, this.checkpoint(log.checkpoint));
  }

  /** Leaves that no honest server writes. */
  private odd({ ledger }: Log): Line[] {
    if (ledger.oddities.length === 0) return [];
    const lang = localeOf(this.form.dataset["lang"] ?? "en");
    const places = ledger.oddities.slice(0, MOST_ODD).map((o) => (o.index + 1).toLocaleString(lang)).join(", ");
    const count = ledger.oddities.length.toLocaleString(lang);
    return [wrong(this.say("check.odd", { count, places }))];
  }

  /** Who has signed the checkpoint besides the log, and who should have and has not. */
  private seen(log: Log): Line[] {
    const signed = cosigners(log.checkpoint.note, log.witnesses).map((w) => w.name);
    const all = log.witnesses.map((key) => parseVerifierKey(key).name);
    const absent = all.filter((name) => !signed.includes(name));
    if (all.length === 0) return [fine(this.say("check.alone"))];
    const lines = [this.whoseList(log)];
    if (signed.length > 0) lines.push(fine(this.say("check.cosigned", { names: signed.join(", ") })));
    if (absent.length > 0) lines.push((log.own ? wrong : fine)(this.say("check.not_cosigned", { names: absent.join(", ") })));
    return lines;
  }

  private whoseList(log: Log): Line {
    return fine(this.say(log.own ? "check.list_yours" : "check.list_ours"));
  }

  /** What the log has signed, for whoever wants to keep it with the ticket. */
  private checkpoint(c: Checkpoint): HTMLElement {
    const details = this.doc.createElement("details");
    const summary = this.doc.createElement("summary");
    summary.textContent = this.say("check.checkpoint");
    const more = this.doc.createElement("p");
    more.textContent = this.say("check.checkpoint_more");
    const text = this.doc.createElement("pre");
    text.translate = false;
    text.textContent = c.note;
    details.append(summary, more, text);
    return details;
  }

  private show(...lines: Line[]): void {
    this.status.replaceChildren(...lines.map((line) => {
      const p = this.doc.createElement("p");
      if (line.wrong) p.className = "problem";
      p.textContent = line.text;
      return p;
    }));
  }
}

/** A day as the pages write it: the day before the month. */
function dayIn(lang: string, day: string): string {
  return new Date(`${day}T12:00:00Z`).toLocaleDateString(localeOf(lang), { day: "numeric", month: "long", year: "numeric" });
}

/** All messages of a receipt, and the gaps between them: they are numbered in the order in which they were told. */
function find(stretched: Stretched, ledger: Ledger): Search {
  const search: Search = { found: [], missing: [] };
  let gap: number[] = [];
  for (let j = 0; j < MOST_MESSAGES; j++) {
    const { anchor, withdraw } = stretched.commitments(j);
    const one = findOwn(ledger, anchor, withdraw);
    if (!one) {
      gap.push(j + 1);
      continue;
    }
    search.found.push(one);
    search.missing.push(...gap);
    gap = [];
  }
  return search;
}

/** Whom the server names. A list of its own that does not read names nobody. */
function named(policy: string): Watchers {
  try {
    return parsePolicy(policy);
  } catch {
    return { logs: [], witnesses: [] };
  }
}

async function get(path: string): Promise<Uint8Array> {
  // A copy on the device would say when somebody looked.
  const response = await fetch(path, { credentials: "omit", cache: "no-store" }).catch(() => { throw new NoAnswer(); });
  if (!response.ok) throw new NoAnswer();
  return new Uint8Array(await response.arrayBuffer());
}

function part(form: HTMLElement, name: string): HTMLElement {
  const found = form.querySelector<HTMLElement>(`[data-part="${name}"]`);
  if (!found) throw new Error(`the page has no ${name}`);
  return found;
}

/** Why this browser cannot look, as the key of a sentence; null when it can. */
function obstacle(): string | null {
  if (!window.isSecureContext) return "check.insecure";
  const subtle = (window.crypto as Crypto | undefined)?.subtle;
  return subtle === undefined || typeof fetch !== "function" || typeof BigInt !== "function" ? "check.unsupported" : null;
}

const form = document.querySelector<HTMLFormElement>('form[data-module="logcheck"]');
if (form) {
  const reason = obstacle();
  if (reason === null) {
    new LogCheck(form, document).listen();
  } else {
    const notice = document.createElement("p");
    notice.className = "notice";
    notice.textContent = sentences(document)(reason);
    form.before(notice);
  }
}
