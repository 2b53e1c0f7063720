/**
 * The panel's page. A reviewer chooses an identity file, signs in, and reads.
 *
 * Keys stay in a worker and words in this page's memory; nothing is stored on the device. Locking,
 * ten quiet minutes or leaving the page ends the worker and empties the page.
 */
import type { Answer, Submission } from "../pad.js";
import { ApiError, me, signOut, type Clinic } from "./api.js";
import { allowedBlock } from "./allowed.js";
import { button, el, part } from "./dom.js";
import { Keyholder, KeyholderError } from "./keyholder.js";
import { Quiet } from "./idle.js";
import { showFigures } from "./figuresview.js";
import { pinnedIn, showKeys, type Host } from "./keysview.js";
import { LogError, type Checkpoint } from "../log.js";
import { ageOf, getLog, logInfo, readLog, type Age, type Read } from "./completeness.js";
import { Labels } from "./labels.js";
import { Own } from "./own.js";
import { openAll, type Pile } from "./queue.js";
import { choiceBlock, dayText, show, type Message } from "./reading.js";
import { tend, type Leaves, type Tended } from "./tending.js";
import { Outbox, type Sent } from "./outbox.js";
import { REPLY, replyBox } from "./reply.js";
import { sentenceFor, signInWith, Unlock, type Unlocking } from "./unlock.js";
import { oddSentence, SAY } from "./words.js";

const LONG_MINUTES = 50;
const ROWS_AT_ONCE = 100;

class Panel {
  readonly #root: HTMLElement;
  readonly #labels: Labels;
  readonly #unlock: Unlock;
  readonly #own: Own;
  #device = "";
  #keys: Keyholder | null = null;
  #clinics: Clinic[] = [];
  #tended: Tended[] = [];
  #reviewer = "";
  #checkpoint: Checkpoint | null = null;
  #locks = 0;
  #since = Date.now();
  readonly #outbox = new Outbox((s) => { this.#sent(s); });
  readonly #quiet = new Quiet(() => { this.#lock(SAY.lockedIdle); });

  constructor(root: HTMLElement, labels: Labels) {
    this.#root = root;
    this.#labels = labels;
    const say = (s: string): void => { this.#say(s); };
    this.#unlock = new Unlock(root, { say, alert: (s) => { this.#alert(s); }, enter: (unlock) => { void this.#attempt(() => this.#start(unlock)); } });
    this.#own = new Own(root, {
      say,
      keys: () => this.#holder(),
      reviewer: () => part(root, "reviewer").textContent,
      device: () => this.#device,
      attempt: (step) => this.#attempt(step),
    });
    this.#listen();
    part(root, "plain").hidden = true;
  }

  #listen(): void {
    part(this.#root, "lock").addEventListener("click", () => { this.#lock(SAY.locked); });
    part(this.#root, "look").addEventListener("click", () => { void this.#attempt(() => this.#load()); });
    for (const tab of this.#views()) tab.addEventListener("click", () => { void this.#attempt(() => this.#view(tab.dataset["view"] ?? "")); });
    part(this.#root, "again").addEventListener("click", () => { void this.#attempt(() => this.#enter()); });
    document.addEventListener("keydown", (event) => { this.#key(event); });
    setInterval(() => { this.#tick(); }, 5000);
    // A page kept for the back button would keep the words too.
    window.addEventListener("pagehide", () => { this.#lock(""); });
  }

  async #start(unlock: Unlocking): Promise<void> {
    this.#keys?.end();
    this.#keys = await unlock();
    this.#device = this.#unlock.device;
    await this.#enter();
  }

  /** Signs in with the unlocked key, then loads the queue. */
  async #enter(): Promise<void> {
    const keys = this.#holder();
    this.#say(SAY.signingIn);
    const { reviewer, clinics, reply_every_seconds: every } = await signInWith(keys, this.#device);
    this.#clinics = clinics;
    this.#reviewer = reviewer;
    this.#since = Date.now();
    this.#unlock.show(false);
    part(this.#root, "intro").hidden = true;
    part(this.#root, "again").hidden = true;
    part(this.#root, "reviewer").textContent = reviewer;
    part(this.#root, "desk").hidden = false;
    part(this.#root, "queue-title").focus();
    this.#tick();
    try {
      await this.#load();
    } finally {
      if (keys === this.#keys) this.#outbox.open(every); // not before: what it says would be written over
    }
    await this.#own.look();
    if (this.#clinics.length === 0) await this.#view("own"); // there is nothing else here for who sits on no panel
  }

  async #load(): Promise<void> {
    const keys = this.#holder();
    const progress = part<HTMLProgressElement>(this.#root, "progress");
    this.#say(SAY.fetching);
    progress.hidden = false;
    progress.removeAttribute("value");
    try {
      const log = await this.#readLog(); // first: what is in it by now must be among the files
      const tended = await this.#tend(keys, log);
      const piles = await openAll(tended, keys, log?.ledger ?? null, (done, of) => {
        this.#quiet.begin(); // work in progress is not a quiet minute
        progress.max = of;
        progress.value = done;
        progress.textContent = SAY.opening(done, of);
      });
      if (keys === this.#keys) this.#showPiles(piles);
      if (keys === this.#keys) this.#alarmAbout(piles, log);
    } finally {
      progress.hidden = true;
    }
  }

  /** Reads this server's log; null when it does not hold or is not given. */
  async #readLog(): Promise<(Read & { age: Age }) | null> {
    try {
      const info = await logInfo();
      const read = await readLog(getLog, info.vkey, this.#checkpoint);
      this.#checkpoint = read.checkpoint;
      return { ...read, age: ageOf(info, read.checkpoint, new Date()) };
    } catch (err) {
      if (err instanceof LogError || err instanceof TypeError) return null; // TypeError: no answer at all
      throw err;
    }
  }

  /** What the log says against the server stands in red, before everything else. How new the log is, is always said. */
  #alarmAbout(piles: Pile[], log: (Read & { age: Age }) | null): void {
    const alarms = piles.flatMap((p) => p.alarms.map((a) => (piles.length > 1 ? `${p.clinic.name}: ${a}` : a)));
    const state = part(this.#root, "log");
    if (log === null) {
      alarms.push(SAY.logUnread);
      state.textContent = "";
    } else {
      if (log.ledger.oddities.length > 0) alarms.push(oddSentence(log.ledger.oddities));
      if (log.age.overdue) alarms.push(SAY.logOverdue);
      state.textContent = SAY.logState(log.age, dayText);
    }
    part(this.#root, "alarms").append(...alarms.map((a) => el("li", {}, a)));
  }

  /** Looks after each panel's keys, and says what was done and what does not hold. */
  async #tend(keys: Keyholder, log: Read | null): Promise<Tended[]> {
    const tended: Tended[] = [];
    this.#clinics = (await me()).clinics; // somebody may have been given a seat, or been signed out, meanwhile
    for (const clinic of this.#clinics) tended.push(await tend(clinic, keys, this.#reviewer, this.#pinned(clinic.slug), this.#leaves(log)));
    if (keys !== this.#keys) return tended;
    this.#tended = tended;
    const said = (of: (t: Tended) => string[]): HTMLElement[] =>
      tended.flatMap((t) => of(t).map((s) => el("li", {}, tended.length > 1 ? `${t.clinic.name}: ${s}` : s)));
    part(this.#root, "tended").replaceChildren(...said((t) => t.notes));
    part(this.#root, "alarms").replaceChildren(...said((t) => t.alarms));
    return tended;
  }

  /** The log's leaves about keys: first those that were read already, then anew. */
  #leaves(log?: Read | null): Leaves {
    let known = log;
    return async () => {
      const read = known === undefined ? await this.#readLog() : known;
      known = undefined;
      return read?.ofKeys ?? null;
    };
  }

  #pinned(slug: string): string {
    return pinnedIn(location.hash).get(slug) ?? "";
  }

  #views(): HTMLButtonElement[] {
    return Array.from(this.#root.querySelectorAll<HTMLButtonElement>("[data-view]"));
  }

  /** Shows one view of the desk: the queue, or another that is filled when it is asked for. */
  async #view(name: string): Promise<void> {
    for (const tab of this.#views()) {
      const chosen = tab.dataset["view"] === name;
      tab.setAttribute("aria-pressed", String(chosen));
      part(this.#root, `view-${tab.dataset["view"] ?? ""}`).hidden = !chosen;
    }
    if (name === "own") document.getElementById("panel-own")?.focus();
    if (name === "figures") {
      await showFigures(part(this.#root, "figures-room"), this.#host(), this.#tended, (code) => this.#labels.choices({ q: "themes", a: code }).join(""));
      part(this.#root, "figures-title").focus();
    }
    if (name !== "keys") return;
    this.#say(SAY.lookingAtKeys);
    await showKeys(part(this.#root, "keys-room"), this.#host(), this.#tended);
    this.#say("");
    part(this.#root, "keys-title").focus();
  }

  #host(): Host {
    return {
      keys: () => this.#holder(),
      me: () => this.#reviewer,
      pinned: (slug) => this.#pinned(slug),
      leaves: this.#leaves(),
      say: (sentence) => { this.#say(sentence); },
      attempt: (step) => this.#attempt(step),
      touched: () => { this.#quiet.begin(); },
    };
  }

  #holder(): Keyholder {
    if (this.#keys === null) throw new KeyholderError("failed");
    return this.#keys;
  }

  #showPiles(piles: Pile[]): void {
    this.#close();
    part(this.#root, "piles").replaceChildren(...piles.map((pile) => this.#pile(pile, piles.length > 1)));
    const messages = piles.reduce((n, p) => n + p.messages.length, 0);
    if (piles.length === 0) this.#say(SAY.notOnPanel);
    else this.#say(messages === 0 ? SAY.empty : SAY.opened(messages));
  }

  #pile(pile: Pile, named: boolean): HTMLElement {
    const section = el("section", {});
    if (named) section.append(el("h3", {}, pile.clinic.name));
    section.append(...pile.notes.map((n) => el("p", { class: "note" }, n)));
    const rows = el("ol", { class: "rows" });
    const more = el("p", {});
    const grow = (from: number): void => {
      const next = pile.messages.slice(from, from + ROWS_AT_ONCE).map((m) => this.#row(m, pile));
      const left = pile.messages.length - from - next.length;
      rows.append(...next);
      more.replaceChildren(...(left > 0 ? [button(SAY.more(Math.min(left, ROWS_AT_ONCE)), () => { grow(from + ROWS_AT_ONCE); next[0]?.querySelector("button")?.focus(); })] : []));
    };
    grow(0);
    section.append(rows, more);
    if (pile.decoys > 0) section.append(el("p", { class: "quiet" }, SAY.decoys(pile.decoys)));
    return section;
  }

  #row(m: Message, pile: Pile): HTMLElement {
    const row = el("button", { type: "button", class: "row" }, el("strong", {}, dayText(m.day)));
    if (m.opened.kind === "junk") row.append(el("span", { class: "quiet" }, SAY.junk));
    else if (m.opened.kind === "consent") row.append(el("span", { class: "quiet" }, SAY.rowConsent));
    else row.append(...this.#inShort(m.opened));
    row.addEventListener("click", () => { this.#open(m, row, pile); });
    return el("li", {}, row);
  }

  /** What a message is about, who may see it and what to be warned of; all of it picked from lists. */
  #inShort(s: { kind: Submission["t"]; sealedBy: "client" | "server"; answers: Answer[] }): HTMLElement[] {
    const picked = (q: string): string[] => s.answers.filter((a) => a.q === q).flatMap((a) => this.#labels.known(a));
    const share = picked("share_level");
    const kind = { submission: share.length > 0 ? [] : [SAY.rowShareDefault], followup: [SAY.rowFollowup], about_you: [SAY.rowAboutYou] }[s.kind];
    const facts = [...kind, ...share, s.sealedBy === "client" ? SAY.rowClient : SAY.rowServer];
    const holds = this.#labels.warnings(s.answers);
    return [
      el("span", {}, picked("themes").join(". ")),
      el("span", { class: "quiet" }, facts.join(". ")),
      el("span", { class: "chips" }, ...holds.map((h) => el("span", { class: "chip" }, h))),
    ];
  }

  #open(m: Message, row: HTMLElement, pile: Pile): void {
    this.#current()?.removeAttribute("aria-current");
    row.setAttribute("aria-current", "true");
    show(part(this.#root, "reading"), m, this.#labels, () => { this.#close(); }, [
      allowedBlock(m, pile.messages, (c) => choiceBlock(c, this.#labels)),
      replyBox(m, this.#replyHost(pile.clinic.slug)),
    ]);
  }

  #replyHost(clinic: string): Parameters<typeof replyBox>[1] {
    return { clinic, keys: () => this.#holder(), outbox: this.#outbox, touched: () => { this.#quiet.begin(); } };
  }

  /** Says what became of the answers that were due. */
  #sent({ sent, refused }: Sent): void {
    if (refused.length > 0) this.#alert(refused.join(" "));
    const left = this.#outbox.count;
    this.#say([...(sent > 0 ? [REPLY.sent(sent)] : []), ...(left > 0 ? [REPLY.notSent(left)] : [])].join(" "));
  }

  #current(): HTMLElement | null {
    return this.#root.querySelector<HTMLElement>(".row[aria-current]");
  }

  /** Puts the open message away and goes back to its row. */
  #close(): void {
    part(this.#root, "reading").replaceChildren();
    this.#current()?.focus();
    this.#current()?.removeAttribute("aria-current");
  }

  /** j and k go through the queue, o opens, c closes, ? explains. They can be switched off (WCAG 2.1.4). */
  #key(event: KeyboardEvent): void {
    const on = part<HTMLInputElement>(this.#root, "keys-on").checked;
    if (!on || part(this.#root, "desk").hidden || part(this.#root, "view-queue").hidden || event.ctrlKey || event.metaKey || event.altKey || isField(event.target)) return;
    const act: Record<string, () => void> = {
      j: () => { this.#step(1); },
      k: () => { this.#step(-1); },
      o: () => { this.#marked()?.click(); },
      c: () => { this.#close(); },
      "?": () => { part<HTMLDetailsElement>(this.#root, "keys-help").open = true; part(this.#root, "keys-on").focus(); },
    };
    const wanted = act[event.key];
    if (wanted === undefined) return;
    event.preventDefault();
    wanted();
  }

  /** The row that has the focus, or whose message is open. */
  #marked(): HTMLElement | null {
    return this.#root.querySelector<HTMLElement>(".row:focus") ?? this.#current();
  }

  #step(by: number): void {
    const rows = Array.from(this.#root.querySelectorAll<HTMLElement>(".row"));
    const marked = this.#marked();
    const at = marked === null ? (by > 0 ? -1 : rows.length) : rows.indexOf(marked);
    rows[Math.max(0, Math.min(rows.length - 1, at + by))]?.focus();
  }

  #tick(): void {
    if (this.#keys === null) return;
    const minutes = Math.floor((Date.now() - this.#since) / 60_000);
    part(this.#root, "worked").textContent = minutes < 1 ? "" : SAY.worked(minutes) + (minutes >= LONG_MINUTES ? ` ${SAY.pause}` : "");
  }

  #lock(sentence: string): void {
    if (this.#keys === null) return;
    this.#locks++;
    this.#outbox.lock();
    this.#keys.end();
    this.#keys = null;
    this.#clinics = [];
    this.#tended = [];
    this.#reviewer = "";
    void this.#view("queue");
    for (const name of ["piles", "reading", "reviewer", "worked", "tended", "alarms", "log", "keys-room", "figures-room"]) part(this.#root, name).replaceChildren();
    part(this.#root, "desk").hidden = true;
    part(this.#root, "intro").hidden = false;
    part(this.#root, "again").hidden = true;
    this.#own.clear();
    this.#unlock.show(true);
    this.#alert("");
    this.#say([sentence, ...(this.#outbox.count > 0 ? [REPLY.leftBehind(this.#outbox.count)] : [])].join(" "));
    this.#unlock.focus();
    signOut().catch(() => { /* the session ends by itself; the keys are gone already */ });
  }

  /** Runs a step that may fail, with the buttons shut so that it cannot be started twice. */
  async #attempt(step: () => Promise<void>): Promise<void> {
    const buttons = Array.from(this.#root.querySelectorAll<HTMLButtonElement>("[data-busy]"));
    if (buttons.some((b) => b.getAttribute("aria-disabled") === "true")) return;
    for (const b of buttons) b.setAttribute("aria-disabled", "true");
    const locks = this.#locks;
    this.#alert("");
    try {
      await step();
    } catch (err) {
      if (locks === this.#locks) this.#failed(err); // what locking cuts short has not failed
    } finally {
      for (const b of buttons) b.removeAttribute("aria-disabled");
    }
  }

  #failed(err: unknown): void {
    this.#say("");
    const deskOpen = !part(this.#root, "desk").hidden;
    if (err instanceof ApiError && err.status === 401 && deskOpen) {
      part(this.#root, "again").hidden = false;
      this.#alert(SAY.sessionEnded);
      return;
    }
    this.#alert(sentenceFor(err));
    if (deskOpen) return;
    this.#keys?.end();
    this.#keys = null;
    this.#unlock.mend(err);
  }

  #say(sentence: string): void {
    part(this.#root, "status").textContent = sentence;
  }

  #alert(sentence: string): void {
    part(this.#root, "alert").textContent = sentence;
  }
}

function isField(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.closest("input:not([type=checkbox]), textarea, select") !== null;
}

const root = document.querySelector<HTMLElement>('[data-module="panel"]');
const taxonomy = document.getElementById("taxonomy");
if (root !== null && taxonomy !== null) {
  // Over plain http anybody on the way could swap this script and take the key.
  if (isSecureContext) new Panel(root, new Labels(taxonomy.textContent));
  else part(root, "insecure").hidden = false;
}
