/**
 * The panel's page. A reviewer chooses an identity file, signs in, and reads.
 *
 * Keys stay in a worker and words in this page's memory; nothing is stored on the device. Locking,
 * ten quiet minutes or leaving the page ends the worker and empties the page.
 */
import { ApiError, decisions, me, signOut, type Clinic } from "./api.js";
import type { Story } from "./bench.js";
import { Busy } from "./busy.js";
import { button, el, part } from "./dom.js";
import type { Part } from "./drafts.js";
import { Keyholder, KeyholderError } from "./keyholder.js";
import { Held } from "./held.js";
import { Quiet } from "./idle.js";
import { pinnedIn, type Host } from "./keysview.js";
import type { Read } from "./completeness.js";
import { isDestroyed } from "./deliveries.js";
import { Labels } from "./labels.js";
import { Own } from "./own.js";
import { OwnLog, type AgedLog } from "./ownlog.js";
import { KEYS } from "./keywords.js";
import { Nearby } from "./nearby.js";
import { Outbox, type Sent, type Ways } from "./outbox.js";
import { Paces, strictest } from "./pace.js";
import { paperBox } from "./paperbox.js";
import { practiceBox } from "./practiceview.js";
import { dayText } from "./reading.js";
import { Refused } from "./refusals.js";
import { promisesWaiting } from "./promisesview.js";
import { askBox, REPLY, replyBox, showsTo, type ReplyHost } from "./reply.js";
import { ReviewDesk } from "./reviewdesk.js";
import { forget } from "./keptindexes.js";
import { pruneKept } from "./searching.js";
import { alikeBox, putAway, type Around as Searcher } from "./searchview.js";
import { listenForKeys } from "./shortcuts.js";
import { ServedBench } from "./servedbench.js";
import { tend, type Progress, type Tended } from "./tending.js";
import { heldItems, type Term } from "./ownitems.js";
import { Views, wantsSettings } from "./views.js";
import { weeksBox } from "./weeksview.js";
import { sentenceFor, signInWith, Unlock, type Unlocking } from "./unlock.js";
import { oddSentence, SAY } from "./words.js";

const LONG_MINUTES = 50;
/** How long a lock waits for what is typed to be stored, before the keys go: what is sealed can wait without them. */
const SAVING_MS = 4000;
/** How much longer it waits where something is not even sealed, since that is lost with the keys. */
const SEALING_MS = 16_000;

/** A clinic's bench and the desk on the page that works at it. */
interface Seat {
  bench: ServedBench;
  desk: ReviewDesk;
}

class Panel {
  readonly #root: HTMLElement;
  readonly #labels: Labels;
  readonly #unlock: Unlock;
  readonly #own: Own;
  readonly #busy: Busy;
  readonly #near: Nearby;
  #device = "";
  #keys: Keyholder | null = null;
  #clinics: Clinic[] = [];
  #tended: Tended[] = [];
  #seats: Seat[] = [];
  readonly #paces = new Paces();
  #pace = this.#paces.of("");
  #reviewer = "";
  /** The session that was locked last is being ended. */
  #leaving: Promise<void> = Promise.resolve();
  #since = Date.now();
  readonly #outbox = new Outbox((s) => { this.#sent(s); });
  readonly #held = new Held();
  readonly #log = new OwnLog();
  readonly #views: Views;
  readonly #quiet = new Quiet(() => { this.#lock(SAY.lockedIdle); }, () => this.#keys !== null);
  readonly #say = (sentence: string): void => { this.#busy.say(sentence); };
  readonly #alert = (sentence: string): void => { this.#busy.alert(sentence); };
  readonly #attempt = (step: () => Promise<void>): Promise<void> => this.#busy.attempt(step);
  readonly #whenFree = (step: () => Promise<void>): Promise<void> => this.#busy.whenFree(step);

  constructor(root: HTMLElement, labels: Labels) {
    this.#root = root;
    this.#labels = labels;
    this.#near = new Nearby(part(root, "desk"));
    this.#busy = new Busy(root, { failed: (err) => { this.#failed(err); }, touched: () => { this.#quiet.begin(); } }, this.#near);
    const say = this.#say;
    this.#unlock = new Unlock(root, { say, alert: this.#alert, enter: (unlock) => { void this.#attempt(() => this.#start(unlock)); } });
    this.#own = new Own(root, {
      say,
      keys: () => this.#holder(),
      reviewer: () => part(root, "reviewer").textContent,
      device: () => this.#device,
      attempt: this.#attempt,
    });
    this.#views = new Views(root, {
      host: () => this.#host(),
      tended: () => this.#tended,
      benches: () => this.#seats.map(({ bench }) => bench),
      look: async () => { for (const { desk } of this.#seats) await desk.look(); },
      searchers: () => this.#seats.map((seat) => this.#searcher(seat, this.#seats.length > 1 ? seat.bench.clinic.name : "")),
    });
    this.#listen();
    part(root, "plain").hidden = true;
  }

  #listen(): void {
    part(this.#root, "lock").addEventListener("click", () => { this.#lock(SAY.locked); });
    part(this.#root, "look").addEventListener("click", () => { void this.#whenFree(() => this.#load()); });
    this.#views.listen((view) => { void this.#whenFree(() => this.#views.show(view)); });
    part(this.#root, "again").addEventListener("click", () => { void this.#attempt(() => this.#enter()); });
    listenForKeys(this.#root, () => { this.#close(); });
    setInterval(() => { this.#tick(); }, 5000);
    // A page kept for the back button would keep the words too.
    window.addEventListener("pagehide", () => { this.#lock("", false); });
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
    await this.#leaving; // or it would end the new session
    const { reviewer, clinics, reply_every_seconds: every } = await signInWith(keys, this.#device);
    this.#clinics = clinics;
    this.#reviewer = reviewer;
    if (this.#seats.length === 0) [this.#since, this.#pace] = [Date.now(), this.#paces.of(reviewer)];
    this.#unlock.show(false);
    part(this.#root, "intro").hidden = true;
    part(this.#root, "again").hidden = true;
    part(this.#root, "reviewer").textContent = reviewer;
    part(this.#root, "desk").hidden = false;
    (this.#root.querySelector<HTMLElement>(".reading h2") ?? part(this.#root, "queue-title")).focus(); // who signs in again goes on there
    this.#tick();
    try {
      await this.#load();
    } finally {
      if (keys === this.#keys) this.#outbox.open(reviewer, every, this.#ways()); // not before: what it says would be written over
    }
    await this.#own.look();
    if (wantsSettings()) await this.#views.show("keys");
    if (this.#clinics.length === 0) await this.#views.show("own"); // there is nothing else here for who sits on no panel
  }

  async #load(): Promise<void> {
    const keys = this.#holder();
    this.#say(SAY.fetching);
    this.#busy.work(SAY.fetching);
    try {
      const log = await this.#log.read(); // first: what is in it by now must be among the files
      const tended = await this.#tend(keys, log);
      const held: Term[][] = [];
      for (const { listed, clinic } of tended) held.push(listed ? heldItems(await decisions(clinic.slug)) : []);
      for (const { items } of held.flat()) this.#labels.learn(items);
      if (keys === this.#keys) this.#sitDown(keys, tended);
      const seats = this.#seats;
      for (const [i, { bench, desk }] of seats.entries()) {
        const t = tended[i] ?? bench.tended;
        if (t.listed) await desk.leave((epoch) => isDestroyed(t, log?.ledger ?? null, epoch));
        else await desk.close();
      }
      await pruneKept(tended, new Date().toISOString().slice(0, 10)); // before anything that may fail
      for (const [i, { bench }] of seats.entries()) {
        bench.held = held[i] ?? [];
        await bench.begin(tended[i] ?? bench.tended, log);
      }
      await pruneKept(tended, seats[0]?.bench.today ?? "");
      for (const { bench } of seats) await bench.search.tidy();
      this.#pace.caps = strictest(seats.flatMap(({ bench }) => bench.practice ?? []));
      for (const { desk } of seats) await desk.lookAgain();
      if (keys === this.#keys) this.#show(log);
      await this.#countPromises(keys);
    } finally {
      this.#busy.work("");
    }
  }

  /** A bench and a desk for each clinic. Those that are there stay, with what is open on them. */
  #sitDown(keys: Keyholder, tended: Tended[]): void {
    const same = tended.length === this.#seats.length && tended.every((t, i) => this.#seats[i]?.bench.clinic.slug === t.clinic.slug);
    if (same) return;
    for (const { desk, bench } of this.#seats) {
      void desk.close();
      if (!tended.some(({ clinic }) => clinic.slug === bench.clinic.slug)) void keys.ask<"keepOnly">({ do: "keepOnly", slug: bench.clinic.slug, epochs: [] });
    }
    this.#seats = tended.map((t) => this.#seat(keys, t, tended.length > 1 ? t.clinic.name : ""));
    part(this.#root, "desks").replaceChildren(...this.#seats.map(({ desk }) => desk.element));
    part(this.#root, "search-room").replaceChildren();
  }

  #seat(keys: Keyholder, t: Tended, name: string): Seat {
    const say = this.#say;
    const bench = new ServedBench(t, {
      me: this.#reviewer, keys, labels: this.#labels, pace: this.#pace, held: this.#held,
      log: () => this.#log.read(),
      hostname: location.hostname,
      progress: (done, of) => { this.#busy.work(done < of ? SAY.opening(done, of) : "", done, of); },
      alarm: (sentence) => { part(this.#root, "alarms").append(el("li", {}, name === "" ? sentence : `${name}: ${sentence}`)); },
      owe: (clinic, leaves, gaveUp) => { this.#outbox.owe(clinic, leaves, gaveUp); },
      below: (leaf, story, asks, contacted) => this.#below(t.clinic.slug, leaf, story, asks, contacted),
      asking: (leaf, ready) => askBox(leaf, ready, this.#replies(t.clinic.slug)),
      asked: (leaf) => this.#outbox.asked(leaf),
      shows: (leaf) => showsTo(leaf, this.#replies(t.clinic.slug)),
      putAway: () => { putAway(this.#root); },
      alike: (leaf) => alikeBox(searcher(), leaf),
    });
    const searcher = (): Searcher => this.#searcher({ bench, desk }, name);
    const desk: ReviewDesk = new ReviewDesk(bench, this.#labels, {
      say, name, heading: part(this.#root, "queue-title"),
      alert: this.#alert,
      failed: (err) => { if (keys === this.#keys) this.#failed(err); },
      unkept: (sentence, signedOut) => { this.#unkept(sentence, signedOut); },
      notes: () => bench.notes,
      decoys: () => bench.decoys,
      more: [weeksBox({ slug: t.clinic.slug, me: this.#reviewer, say, attempt: this.#attempt, whenFree: this.#whenFree }), practiceBox(bench), paperBox(t.clinic.slug)],
      opens: () => { for (const other of this.#seats) if (other.desk !== desk) void other.desk.close(); },
    });
    return { bench, desk };
  }

  #searcher({ bench, desk }: Seat, name: string): Searcher {
    return {
      bench, labels: this.#labels, name,
      open: async (leaf) => { await this.#views.show("queue"); desk.show(leaf); },
      attempt: this.#attempt,
      touched: () => { this.#quiet.begin(); },
    };
  }

  /** What belongs below an opened message: the box in which its writer is answered. */
  #below(clinic: string, leaf: string, story: Story, asks: boolean, contacted: () => Promise<string[]>): Part[] {
    if (story.kind === "consent") return [];
    return [replyBox(leaf, story.canReply, asks, { ...this.#replies(clinic), contacted })];
  }

  #replies(clinic: string): Omit<ReplyHost, "contacted"> {
    return { clinic, keys: () => this.#holder(), outbox: this.#outbox, touched: () => { this.#quiet.begin(); } };
  }

  /** What the log says against the server stands in red, before everything else. How new the log is, is always said. */
  #show(log: AgedLog | null): void {
    const alarms = this.#seats.flatMap(({ bench }) => bench.alarms.map((a) => (this.#seats.length > 1 ? `${bench.clinic.name}: ${a}` : a)));
    const messages = this.#seats.reduce((n, { desk }) => n + desk.count, 0);
    if (this.#seats.length === 0) this.#say(SAY.notOnPanel);
    else this.#say(messages === 0 ? SAY.empty : SAY.opened(messages));
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

  /** Says beside the queue how much about promises waits: to be judged, to be asked about again, to be looked at or handed over. */
  async #countPromises(keys: Keyholder): Promise<void> {
    let waits = 0;
    for (const t of this.#tended) if (t.listed) waits += await promisesWaiting(t.clinic.slug).catch(() => 0); // the view itself says what fails
    if (keys === this.#keys) part(this.#root, "promises-wait").textContent = waits === 0 ? "" : SAY.promisesWait(waits);
  }

  /** Looks after each panel's keys, and says what was done and what does not hold. */
  async #tend(keys: Keyholder, log: Read | null): Promise<Tended[]> {
    const tended: Tended[] = [];
    this.#clinics = (await me()).clinics; // somebody may have been given a seat, or been signed out, meanwhile
    for (const clinic of this.#clinics) tended.push(await tend(clinic, keys, this.#reviewer, this.#pinned(clinic.slug), this.#log.leaves(log), this.#progress(SAY.fetching)));
    if (keys !== this.#keys) return tended;
    this.#tended = tended;
    const said = (of: (t: Tended) => string[]): HTMLElement[] =>
      tended.flatMap((t) => of(t).map((s) => el("li", {}, tended.length > 1 ? `${t.clinic.name}: ${s}` : s)));
    part(this.#root, "tended").replaceChildren(...said((t) => t.notes));
    part(this.#root, "alarms").replaceChildren(...said((t) => t.alarms));
    return tended;
  }

  /** Shows work with keys, and after it what goes on then. */
  #progress(then = ""): Progress {
    return (work, done, of) => {
      if (done < of) this.#busy.work(KEYS.working[work](done, of), done, of);
      else this.#busy.work(then);
    };
  }

  #pinned(slug: string): string {
    return pinnedIn(location.hash).get(slug) ?? "";
  }

  #host(): Host {
    return {
      root: this.#root,
      keys: () => this.#holder(),
      me: () => this.#reviewer,
      labels: this.#labels,
      pinned: (slug) => this.#pinned(slug),
      leaves: this.#log.leaves(),
      say: this.#say,
      attempt: this.#attempt,
      whenFree: this.#whenFree,
      touched: () => { this.#quiet.begin(); },
      progress: this.#progress(),
      renewed: (t) => { this.#tended = this.#tended.map((old) => (old.clinic.slug === t.clinic.slug ? t : old)); },
    };
  }

  #holder(): Keyholder {
    if (this.#keys === null) throw new KeyholderError("failed");
    return this.#keys;
  }

  /** How what follows an answer is signed and stored: by the bench of its clinic. */
  #ways(): Ways {
    const at = (clinic: string): ServedBench => {
      const seat = this.#seats.find(({ bench }) => bench.clinic.slug === clinic);
      if (seat === undefined) throw new KeyholderError("failed");
      return seat.bench;
    };
    return { again: async (clinic, acts) => at(clinic).again(acts), note: async (clinic, note) => at(clinic).store(note) };
  }

  /** Says what became of the answers that were due. */
  #sent({ sent, lacked, refused, unshown, unmarked, changed }: Sent): void {
    this.#near.unasked(); // by the clock, and not by what was pressed last
    if (changed) for (const { desk } of this.#seats) desk.look().catch((err: unknown) => { this.#failed(err); }); // nobody is reminded of them any more, or a clock stands still
    if (refused.length > 0) this.#alert([...refused, ...(unshown ? [REPLY.unshown] : [])].join(" "));
    const { count, unknown, owes } = this.#outbox;
    const left = count - unknown;
    this.#say([
      ...(sent > 0 ? [REPLY.sent(sent)] : []), ...(lacked > 0 ? [REPLY.lacked(lacked)] : []), ...(unmarked > 0 ? [REPLY.unmarked(unmarked)] : []),
      ...(left > 0 ? [REPLY.notSent(left)] : []), ...(unknown > 0 ? [REPLY.ofUnknown(unknown)] : []), ...(owes > 0 ? [REPLY.owed(owes)] : []),
    ].join(" "));
  }

  /** Puts the open message away and goes back to its row. */
  #close(): void {
    for (const { desk } of this.#seats) void desk.back();
  }

  #tick(): void {
    if (this.#keys === null) return;
    const minutes = Math.floor((Date.now() - this.#since) / 60_000);
    part(this.#root, "worked").textContent = minutes < 1 ? "" : SAY.worked(minutes) + (minutes >= LONG_MINUTES ? ` ${SAY.pause}` : "");
  }

  /** Everything leaves the page at once. What was being typed is sealed and stored before the keys go, unless the page goes too. */
  #lock(sentence: string, save = true): void {
    const keys = this.#keys;
    if (keys === null) return;
    this.#busy.cut();
    this.#outbox.lock();
    for (const { bench } of this.#seats) bench.search.end();
    if (save) void forget(); // a page that is only left keeps what its reviewer asked for
    const saving = save ? Promise.all(this.#seats.map(({ desk }) => desk.close())) : null;
    if (saving === null) for (const { desk } of this.#seats) desk.drop();
    this.#keys = null;
    this.#seats = [];
    const gone = (): Promise<void> => {
      keys.end();
      return signOut().catch(() => { /* the session ends by itself; the keys are gone already */ });
    };
    this.#leaving = saving === null ? gone() : this.#saved(saving).then(() => { this.#sayLocked(sentence); return gone(); });
    this.#clinics = [];
    this.#tended = [];
    this.#reviewer = "";
    void this.#views.show("queue");
    for (const name of ["desks", "reviewer", "worked", "tended", "alarms", "log", "keys-room", "search-room", "figures-room", "promises-room", "promises-wait"]) part(this.#root, name).replaceChildren();
    part(this.#root, "desk").hidden = true;
    part(this.#root, "intro").hidden = false;
    part(this.#root, "again").hidden = true;
    this.#own.clear();
    this.#unlock.show(true);
    this.#alert("");
    this.#say([sentence, ...this.#left()].join(" "));
    this.#unlock.focus();
  }

  #left(): string[] {
    const { count, unknown, owes } = this.#outbox;
    const left = count - unknown;
    return [...(left > 0 ? [REPLY.leftBehind(left)] : []), ...(unknown > 0 ? [REPLY.unknownBehind(unknown)] : []), ...(owes > 0 ? [REPLY.owedBehind] : [])];
  }

  /** Waits a while for what was typed. */
  async #saved(saving: Promise<unknown>): Promise<void> {
    const or = (ms: number): Promise<unknown> => Promise.race([saving, new Promise((after) => setTimeout(after, ms))]);
    await or(SAVING_MS);
    if (this.#held.unsealed) await or(SEALING_MS);
  }

  /** Says, before the keys go, what of that which was typed is not at the server, unless somebody has unlocked again. */
  #sayLocked(sentence: string): void {
    const { lost, waiting } = this.#held.locked();
    if (this.#keys !== null || (!lost && waiting === 0)) return;
    this.#say([sentence, ...(lost ? [SAY.typedLost] : []), ...(waiting > 0 ? [SAY.typedWaits] : []), ...this.#left()].join(" "));
  }

  /** Nothing of the panel's stays on this device, and what is being sealed just now is not stored after it. */
  #lockedOut(): void {
    for (const { bench } of this.#seats) void bench.search.wish(false);
    void forget();
  }

  /** The same as the button at the top of the page, for where somebody works. */
  #signInAgain(): HTMLElement {
    const again = part(this.#root, "again");
    return el("p", {}, button(again.textContent, () => { again.click(); }, "button"));
  }

  /** Why what is typed is not kept; "" when it is. */
  #unkept(sentence: string, signedOut: boolean): void {
    if (signedOut) part(this.#root, "again").hidden = false;
    this.#near.show("kept", sentence, ...(signedOut ? [this.#signInAgain()] : []));
  }

  #failed(err: unknown): void {
    this.#say("");
    const deskOpen = !part(this.#root, "desk").hidden;
    if (err instanceof ApiError && err.status === 401) this.#lockedOut();
    if (err instanceof ApiError && err.status === 401 && deskOpen) {
      part(this.#root, "again").hidden = false;
      this.#busy.alert(SAY.sessionEnded, this.#signInAgain());
      return;
    }
    this.#alert(err instanceof Refused ? err.message : sentenceFor(err));
    if (deskOpen) return;
    this.#keys?.end();
    this.#keys = null;
    this.#unlock.mend(err);
  }
}

const root = document.querySelector<HTMLElement>('[data-module="panel"]');
const taxonomy = document.getElementById("taxonomy");
if (root !== null && taxonomy !== null) {
  // Over plain http anybody on the way could swap this script and take the key.
  if (isSecureContext) new Panel(root, new Labels(taxonomy.textContent));
  else part(root, "insecure").hidden = false;
}
