/**
 * Is what I told still there? The writer types the eight words; everything is worked out in the browser. The whole log is
 * fetched and searched here, so that nothing that leaves this page depends on the words.
 *
 * Where the browser cannot do that, the page stays as it is and says how to ask from elsewhere.
 */
import { commitments, parseReceipt, RECEIPT_WORDS, UnknownWord, WrongCount } from "./receipt.js";
import { fromUtf8 } from "./encoding.js";
import {
  cosigners, findLeaf, findOwn, LogError, parseCheckpoint, parseTicket, readLeaves, readLedger, type Checkpoint, type Found, type Ledger, type Ticket,
} from "./log.js";
import { sentences, type Say } from "./tell/say.js";

/** More messages than that nobody sends with one receipt. */
const MOST_MESSAGES = 50;

/** The server did not answer. */
class NoAnswer extends Error {}

/** The log as it was read and checked. */
interface Log {
  checkpoint: Checkpoint;
  ledger: Ledger;
  /** Verifier keys of the witnesses that the server names. */
  witnesses: string[];
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
  private readonly status: HTMLElement;
  private busy = false;

  constructor(
    private readonly form: HTMLFormElement,
    private readonly doc: Document,
  ) {
    this.say = sentences(doc);
    this.words = { box: part(form, "field"), input: form.querySelector("input") ?? doc.createElement("input"), problem: part(form, "problem") };
    this.ticket = { box: part(form, "ticket-field"), input: form.querySelector("textarea") ?? doc.createElement("textarea"), problem: part(form, "ticket-problem") };
    this.status = part(form, "status");
  }

  listen(): void {
    this.form.hidden = false;
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

  private async look(): Promise<void> {
    if (this.busy) return;
    this.clear();
    const ticket = this.ticket.input.value.trim();
    const receipt = ticket !== "" && this.words.input.value.trim() === "" ? null : this.receipt();
    if (receipt === null && ticket === "") return;
    this.busy = true;
    try {
      const log = await this.fetch();
      if (ticket !== "") this.byTicket(`${ticket}\n`, log);
      else if (receipt) this.tell(await find(receipt, log.checkpoint.origin, log.ledger), log);
    } catch (err) {
      this.show(this.say(err instanceof LogError ? "check.broken" : "check.no_answer"));
    } finally {
      this.busy = false;
    }
  }

  private receipt(): Uint8Array | null {
    try {
      return parseReceipt(this.words.input.value);
    } catch (err) {
      this.refuse(this.words, this.why(err));
      return null;
    }
  }

  private why(err: unknown): string {
    if (err instanceof UnknownWord) return this.say("check.unknown_word", { position: String(err.position), word: err.word });
    if (err instanceof WrongCount && err.want === RECEIPT_WORDS) return this.say("check.wrong_count", { got: String(err.got) });
    return this.say("check.no_receipt");
  }

  private clear(): void {
    const error = this.say("site.error");
    if (this.doc.title.startsWith(error)) this.doc.title = this.doc.title.slice(error.length);
    for (const { box, input, problem } of [this.words, this.ticket]) {
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
      this.tell([found], log);
      return;
    }
    const late = new Date().toISOString().slice(0, 10) > ticket.logBy;
    const day = dayIn(this.form.dataset["lang"] ?? "en", ticket.logBy);
    this.show(this.say(late ? "check.dropped" : "check.not_yet", { day }));
    if (late) this.status.append(this.proof(`${signed}\n${log.checkpoint.note}`));
    this.status.append(this.checkpoint(log.checkpoint));
  }

  /** A link that saves a text as a file. */
  private proof(text: string): HTMLElement {
    const link = this.doc.createElement("a");
    link.className = "button";
    link.download = "dropped.txt";
    link.href = URL.createObjectURL(new Blob([text], { type: "text/plain" }));
    link.textContent = this.say("check.save_proof");
    const p = this.doc.createElement("p");
    p.append(link);
    return p;
  }

  private async fetch(): Promise<Log> {
    this.show(this.say("check.fetching"));
    const { vkey, policy } = JSON.parse(fromUtf8(await get("/api/v1/log"))) as { vkey: string; policy: string | null };
    const checkpoint = parseCheckpoint(fromUtf8(await get("/log/checkpoint")), vkey);
    const size = checkpoint.size.toLocaleString(this.form.dataset["lang"]);
    const leaves = await readLeaves((path) => get(`/log/${path}`), checkpoint, (done) => {
      this.show(this.say("check.counting", { done: done.toLocaleString(this.form.dataset["lang"]), size }));
    });
    return { checkpoint, ledger: readLedger(leaves), witnesses: witnessKeys(policy ?? "") };
  }

  private tell(found: Found[], { checkpoint, witnesses }: Log): void {
    const lang = this.form.dataset["lang"];
    const names = cosigners(checkpoint.note, witnesses).map((w) => w.name);
    const seen = names.length > 0 ? this.say("check.cosigned", { names: names.join(", ") }) : this.say("check.alone");
    if (found.length === 0) {
      this.show(this.say("check.nothing"), seen);
    } else {
      this.show(...found.map(({ placed, state }) => {
        const where = { number: (placed.index + 1).toLocaleString(lang), size: checkpoint.size.toLocaleString(lang) };
        return `${this.say(`check.${state}`)} ${this.say("check.place", where)}`;
      }), seen);
    }
    this.status.append(this.checkpoint(checkpoint));
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

  private show(...lines: string[]): void {
    this.status.replaceChildren(...lines.map((line) => {
      const p = this.doc.createElement("p");
      p.textContent = line;
      return p;
    }));
  }
}

/** A day as the pages write it: the day before the month. */
function dayIn(lang: string, day: string): string {
  return new Date(`${day}T12:00:00Z`).toLocaleDateString(lang === "en" ? "en-GB" : lang, { day: "numeric", month: "long", year: "numeric" });
}

/** All messages of a receipt: the first, and those that followed it. */
async function find(receipt: Uint8Array, origin: string, ledger: Ledger): Promise<Found[]> {
  const found: Found[] = [];
  while (found.length < MOST_MESSAGES) {
    const { anchor, withdraw } = await commitments(receipt, origin, found.length);
    const one = findOwn(ledger, anchor, withdraw);
    if (!one) break;
    found.push(one);
  }
  return found;
}

/** The keys of a policy's witnesses (c2sp.org/tlog-policy). */
function witnessKeys(policy: string): string[] {
  return policy.split("\n").flatMap((line) => {
    const [word, , key] = line.trim().split(/[ \t]+/);
    return word === "witness" && key !== undefined ? [key] : [];
  });
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
const leave = document.querySelector<HTMLAnchorElement>('[data-module="leave"]');
leave?.addEventListener("click", (event) => {
  event.preventDefault();
  window.location.replace(leave.href);
});
