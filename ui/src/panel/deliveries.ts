/**
 * What a clinic's server gives of its epochs, fetched and held against the public log. Whole epochs are fetched, never one file, so
 * that the server does not learn whose words somebody is reading.
 */
import { sha256 } from "@noble/hashes/sha2.js";
import { parseRecord } from "../chain.js";
import { equalBytes, fromBase64, fromBase64url, toBase64, toHex } from "../encoding.js";
import { leafHash, parseSubmissionLeaf } from "../leaf.js";
import { epochKey, excuse, lastGone, listsBefore, type Ledger } from "../ledger.js";
import type { Served } from "../reviewfile.js";
import * as api from "./api.js";
import { REASONS } from "./casewords.js";
import { disagreeing, isElsewhere, isMisdated, undelivered, unlisted, type Read } from "./completeness.js";
import { KeyholderError, type Keyholder } from "./keyholder.js";
import { dayText, today } from "./reading.js";
import type { ServedEpoch } from "./served.js";
import { isApart, isOwnMachine } from "./serverday.js";
import type { Labels } from "./labels.js";
import type { At, ServedWork, Taken } from "./epochwork.js";
import type { Tended } from "./tending.js";
import { FAILURES, SAY } from "./words.js";

/** What fetching needs of the page around it. */
export interface Fetching {
  keys: Keyholder;
  labels: Labels;
  /** The public log, read anew; null when it does not hold or is not given. */
  log: () => Promise<Read | null>;
  /** Told how many files are done, of how many there are. */
  progress: (done: number, of: number) => void;
  /** What does not hold, found while a message is being opened. */
  alarm: (sentence: string) => void;
  /** Of the server's address. */
  hostname: string;
}

/** Hears how far fetching has come, and says whether somebody stopped it. */
export interface Watch {
  progress: (done: number, of: number) => void;
  stopped: () => boolean;
}

/** So many files are opened before it can be stopped. */
const AT_ONCE = 20;

/** A message that was opened here and needs a card. Base64url; `fresh` when nobody made one before. */
export interface ToCard {
  leaf: string;
  fresh: boolean;
}

/** Whether an epoch's keys are destroyed: it is listed so, or the log says so. One that is not listed at all may be left out by a server, or by a copy of it that lags behind. */
export const isDestroyed = ({ clinicId, epochs }: Tended, log: Ledger | null, epoch: string): boolean =>
  epochs.some(({ id, state }) => id === epoch && state === "shredded") || log?.shredded.has(epochKey(clinicId, epoch)) === true;

export class Deliveries {
  today = today();
  /** Sentences about files that cannot be read, and about what was done. */
  notes: string[] = [];
  /** Epochs that this reviewer can open, the oldest first. */
  epochs: ServedEpoch[] = [];
  /** Epochs with files that this reviewer cannot open. */
  #shut: ServedEpoch[] = [];
  readonly work = new Map<string, ServedWork>();
  /** When what was written about an epoch was fetched last. */
  readonly fetched = new Map<string, number>();
  /** When something was done in an epoch last: what was asked for before that does not know of it. */
  readonly #stale = new Map<string, number>();
  /** The last fetch of an epoch: one at a time, so that none puts an older state over a newer one. */
  readonly #under = new Map<string, Promise<unknown>>();
  /** Leaf hashes in hex that this reviewer has signed a step back from. */
  readonly recused = new Set<string>();
  /** The days of messages are not in the order of the log: nothing may go out. */
  misdated = false;
  /** What is to be said of members on the list who have seen another log; "" while there are none. */
  forked = "";
  /** The log as it was read before anything was asked for, as cards name it. */
  seen = "";
  #log: Ledger | null = null;
  readonly #toldWrong = new Set<string>();
  /** What was given of each epoch, by leaf hash in hex; counted at the end, for it can be taken back meanwhile. */
  readonly #given = new Map<string, ReadonlySet<string>>();

  constructor(public tended: Tended, private readonly host: Fetching) {}

  get #slug(): string { return this.tended.clinic.slug; }

  /** How many files are under keys that this reviewer cannot open. */
  get shut(): number { return this.#shut.reduce((n, e) => n + e.files, 0); }

  /** Starts anew, with the log as it was read before anything is asked for. */
  begin(tended: Tended, read: Read | null): void {
    const log = read?.ledger ?? null;
    this.tended = tended;
    this.#log = log;
    this.seen = read === null || read.checkpoint.size === 0 ? "" : `${String(read.checkpoint.size)} ${toBase64(read.checkpoint.root)}`;
    this.forked = "";
    [this.notes, this.epochs, this.#shut] = [[], [], []];
    this.#given.clear();
    for (const id of this.work.keys()) if (!this.kept.includes(id)) this.work.delete(id);
    if (log !== null) excuse(log, tended.withdrawn);
  }

  /** The epochs that are listed, or were since this page was unlocked, and whose keys are not destroyed; none for who is not on the panel's list. */
  get kept(): string[] {
    if (!this.tended.listed) return [];
    return [...new Set([...this.tended.epochs.map(({ id }) => id), ...this.work.keys()])].filter((id) => !isDestroyed(this.tended, this.#log, id));
  }

  /** Reads the log anew; what is fetched from now on is held against it. */
  async readLog(): Promise<Ledger | null> {
    const log = (await this.host.log())?.ledger ?? null;
    if (log !== null) this.#log = log;
    return log;
  }

  /**
   * Holds the log against what every member, this reviewer too, has signed to have seen of it: a server can show one person another log,
   * or an older one, and not without leaving out what they wrote since. A member can say so without having seen one, and nobody can
   * prove them wrong: so it stops what goes out while they are on the list, which the panel can end, and is told all the same. Gives
   * sentences.
   */
  async compare(read: Read): Promise<string[]> {
    const seen = await this.host.keys.ask<"sightings">({ do: "sightings", slug: this.#slug });
    const longer = seen.some(({ size }) => size > read.checkpoint.size);
    const now = (longer ? await this.host.log() : null) ?? read; // it may have grown since it was read
    const by = disagreeing(now, seen.filter(({ listed }) => listed));
    const left = disagreeing(now, seen.filter(({ listed }) => !listed));
    this.forked = by.length === 0 ? "" : SAY.otherLog(by);
    return [this.forked, left.length === 0 ? "" : SAY.otherLogLeft(left)].filter((said) => said !== "");
  }

  /** Opens what an epoch has that neither this reviewer nor two colleagues made a card of. Gives the messages to make cards of. */
  async beginEpoch(epoch: ServedEpoch): Promise<ToCard[]> {
    if (epoch.files === 0) {
      this.#given.set(epoch.id, new Set());
      if (this.work.has(epoch.id)) await this.refresh(epoch.id, true); // all of it was taken back since
      return [];
    }
    if (!(await this.#unwrap(epoch))) {
      this.#shut.push(epoch);
      // Without a key the files are fetched all the same, and held against their leaves.
      const { delivered, count } = await this.#files(epoch, false, false);
      this.#found(epoch, delivered, count);
      return [];
    }
    this.epochs.push(epoch);
    const { carded, seen } = await this.refresh(epoch.id, true);
    const { delivered, read, count } = await this.#files(epoch, true, true);
    for (const leaf of carded) delivered.add(hexOf(leaf));
    this.#found(epoch, delivered, Math.max(count, delivered.size));
    return read.filter((leaf) => !carded.has(leaf)).map((leaf) => ({ leaf, fresh: !seen.has(leaf) }));
  }

  #found(epoch: ServedEpoch, delivered: Set<string>, count: number): void {
    if (count < epoch.files) this.notes.push(SAY.gap(count, epoch.files));
    this.#given.set(epoch.id, delivered);
  }

  /** Sentences about what the log names and nobody gave, in epochs that were fetched and in those that are not even listed. */
  async missing(log: Ledger): Promise<string[]> {
    const count = (): string[] => {
      const dropped = [...this.#given].map(([id, given]) => [id, undelivered(log, this.tended.clinicId, id, new Set([...given, ...this.recused])).length] as const);
      const hidden = unlisted(log, this.tended.clinicId, this.tended.epochs.map((e) => e.id)).length;
      return [...dropped.filter(([, n]) => n > 0).map(([id, n]) => SAY.dropped(n, id)), ...(hidden > 0 ? [SAY.hidden(hidden)] : [])];
    };
    if (count().length === 0) return [];
    await this.#excuseAnew(log);
    return count();
  }

  /**
   * A message can be taken back while files are fetched, and a batch can put that into the log between two questions. So before
   * anybody is alarmed the server is asked once more: first for what waits, then for the log, which has what waits no longer.
   */
  async #excuseAnew(log: Ledger): Promise<void> {
    const { withdrawn } = await api.epochs(this.#slug);
    const now = await this.readLog();
    excuse(log, withdrawn);
    for (const hash of now?.withdrawn ?? []) log.withdrawn.add(hash);
    for (const key of now?.shredded ?? []) log.shredded.add(key);
  }

  async #unwrap(epoch: ServedEpoch): Promise<boolean> {
    try {
      await this.host.keys.ask<"openWrap">({ do: "openWrap", clinic: this.#slug, epoch });
      return true;
    } catch (err) {
      const why = err instanceof KeyholderError ? err.failure : "failed";
      this.notes.push(why === "no-wrap" ? SAY.noWrap(epoch.id, epoch.files) : why === "together" ? SAY.together(epoch.id, epoch.files) : SAY.badKey(epoch.id, epoch.files, FAILURES[why]));
      if (why === "wrap") this.tended.unreadable.add(epoch.id);
      return false;
    }
  }

  at(epoch: string): At {
    return { slug: this.#slug, clinic: this.tended.clinicId, epoch, origin: this.tended.origin, today: this.today };
  }

  /** Fetches how the work on an epoch stands, and what was written; gives the leaves whose cards are enough, and those with any. */
  refresh(epoch: string, reviewsToo: boolean): Promise<{ carded: Set<string>; seen: Set<string> }> {
    const before = this.#under.get(epoch)?.catch(() => undefined) ?? Promise.resolve();
    const now = before.then(() => this.#refresh(epoch, reviewsToo));
    this.#under.set(epoch, now);
    return now;
  }

  /** What was fetched of an epoch is old: something was done in it. */
  stale(epoch: string): void {
    this.#stale.set(epoch, performance.now());
    this.fetched.delete(epoch);
  }

  async #refresh(epoch: string, reviewsToo: boolean): Promise<{ carded: Set<string>; seen: Set<string> }> {
    const began = performance.now();
    let { carded, seen } = await this.#take(epoch, reviewsToo);
    if (await this.#lacksFinding(epoch)) await this.#takeFindings();
    if (await this.#lacksFinding(epoch)) { // it was taken back between the two questions, or what decided on it is not here
      ({ carded, seen } = await this.#take(epoch, true));
      await this.#takeFindings();
    }
    if (reviewsToo && (this.#stale.get(epoch) ?? -Infinity) < began) this.fetched.set(epoch, performance.now());
    return { carded: new Set(carded), seen: new Set(seen) };
  }

  async #take(epoch: string, reviewsToo: boolean): Promise<Taken> {
    const work = this.#held(epoch, await api.work(this.#slug, epoch));
    this.today = work.today;
    this.#toldDay();
    this.work.set(epoch, work);
    const served = reviewsToo ? await this.#reviews(epoch) : null;
    const taken = await this.host.keys.ask<"takeWork">({ do: "takeWork", at: this.at(epoch), work, served });
    for (const p of taken.problems) this.once(p.why === "away" ? SAY.awayReview(p.by) : SAY.badReview(p.by));
    return taken;
  }

  /** Whether the server's day, as it was given last, is not the device's own, so that nothing is signed by it. */
  get apart(): boolean {
    return this.#isApart();
  }

  #isApart(ahead?: number): boolean {
    return isApart(this.today, today(), ahead) && !isOwnMachine(this.host.hostname);
  }

  /**
   * Why nothing may be signed by the server's day: a sentence; null when it may. `ahead` is by how many days that may be later than the
   * device's, one if nothing is said. A page that lay open for days asks the server first.
   */
  async undated(epoch: string, ahead?: number): Promise<string | null> {
    if (this.#isApart(ahead)) await this.refresh(epoch, false);
    return this.#isApart(ahead) ? SAY.otherDay(dayText(this.today), dayText(today())) : null;
  }

  #toldDay(): void {
    if (this.apart) this.once(SAY.otherDay(dayText(this.today), dayText(today())));
    const here = SAY.dayHere(dayText(this.today), dayText(today()));
    if (!this.apart && isApart(this.today, today()) && !this.notes.includes(here)) this.notes.push(here);
  }

  /** Whether the server says of a message that a finding of it stands, and no finding is here that a member signed for it. */
  async #lacksFinding(epoch: string): Promise<boolean> {
    if (this.work.get(epoch)?.messages.some(({ finding }) => finding) !== true) return false;
    return (await this.host.keys.ask<"unsigned">({ do: "unsigned", slug: this.#slug })).some((m) => m.epoch === epoch);
  }

  async #takeFindings(): Promise<void> {
    await this.host.keys.ask<"takeFindings">({ do: "takeFindings", slug: this.#slug, clinic: this.tended.clinicId, findings: await api.findings(this.#slug) });
  }

  /**
   * The work on an epoch without what its leaf says is of another: what is written about that would be sealed to the wrong key. And the
   * days of messages have to be in the order of the log: of a writer's changes the newest day counts. Of each it is said whether something
   * that came in after it went with its key: that may have been a change, and nobody can know.
   */
  #held(epoch: string, work: ServedWork): ServedWork {
    if (this.#log === null) return work;
    const log = this.#log;
    const { clinicId } = this.tended;
    const last = lastGone(log, clinicId, epoch);
    const gone = (hash: string): boolean => (log.submissions.get(hash)?.index ?? Infinity) < last;
    const messages = work.messages.filter((m) => !isElsewhere(log, epoch, hexOf64(m.leaf)))
      .map((m) => ({ ...m, before: listsBefore(log, clinicId, hexOf64(m.leaf)), laterGone: gone(hexOf64(m.leaf)) }));
    if (messages.length < work.messages.length) this.once(SAY.elsewhere(epoch));
    const days = new Map([...[...this.work].filter(([id]) => id !== epoch).flatMap(([, w]) => w.messages), ...messages].map((m) => [hexOf64(m.leaf), m.day]));
    this.misdated = isMisdated(log, days);
    if (this.misdated) this.once(SAY.misdated);
    return { ...work, messages };
  }

  async #reviews(epoch: string): Promise<Served[]> {
    const all: Served[] = [];
    for (let after: string | null = ""; after !== null;) {
      const page: { files: Served[]; next: string | null } = await api.reviews(this.#slug, epoch, after);
      all.push(...page.files);
      after = this.#onward(epoch, hexOf(after), page.next === null ? null : hexOf(page.next)) ? page.next : null;
    }
    return all;
  }

  /** Whether there is another page, by where this one began and the next does, in hex. A server that goes in circles must not keep us here, and is told of. */
  #onward(epoch: string, from: string, next: string | null): boolean {
    if (next === null || next === "") return false;
    if (next > from) return true;
    this.once(SAY.circles(epoch));
    return false;
  }

  /** Says a thing once for as long as this page is open. */
  once(alarm: string): void {
    if (this.#toldWrong.has(alarm)) return;
    this.#toldWrong.add(alarm);
    this.host.alarm(alarm);
  }

  /** Pages through an epoch's files; `open` has the worker open them. Nothing of them stays in this page. */
  async #files(epoch: ServedEpoch, open: boolean, uncarded: boolean, watch: Watch = { progress: this.host.progress, stopped: () => false }): Promise<{ count: number; delivered: Set<string>; read: string[] }> {
    const seen = new Set<string>();
    const delivered = new Set<string>();
    const read: string[] = [];
    const messages = this.work.get(epoch.id)?.messages ?? [];
    const of = uncarded ? messages.filter((m) => !m.carded).length : Math.max(messages.length, epoch.files);
    for (let after: string | null = ""; after !== null;) {
      const page: api.FilesPage = await api.files(this.#slug, epoch.id, after, uncarded);
      const fresh = page.files.filter(({ leaf }) => !seen.has(toHex(leafHash(leaf))));
      for (const { leaf, file } of fresh) {
        const hash = toHex(leafHash(leaf));
        seen.add(hash);
        if (isFileOf(leaf, file)) delivered.add(hash);
      }
      for (let i = 0; open && i < fresh.length && !watch.stopped(); i += AT_ONCE) {
        const files = fresh.slice(i, i + AT_ONCE).map((f) => ({ ...f, epoch: epoch.id, origin: this.tended.origin }));
        read.push(...(await this.host.keys.ask<"readFiles">({ do: "readFiles", at: this.at(epoch.id), files, codes: this.host.labels.codes })));
        watch.progress(seen.size - fresh.length + Math.min(i + AT_ONCE, fresh.length), Math.max(of, seen.size));
      }
      watch.progress(seen.size, Math.max(of, seen.size));
      after = this.#onward(epoch.id, after, page.next) && !watch.stopped() ? page.next : null;
    }
    return { count: seen.size, delivered, read };
  }

  /**
   * Which epochs may hold more from a writer who told first under this one: those that begin with it or after it, and those under
   * which something came in, by the log, after the first that came under this one. What is older is of other writers, or is the
   * first message of what lies here and came later: without it that is never shared or counted.
   */
  #mayHoldMore(epoch: string): (e: ServedEpoch) => boolean {
    const begins = beginOf(this.epochs.find((e) => e.id === epoch));
    const places = [...this.#log?.submissions.values() ?? []];
    const first = Math.min(...places.filter((p) => p.epoch === epoch).map(({ index }) => index));
    const since = new Set(places.filter(({ index }) => index > first).map((p) => p.epoch));
    return (e) => beginOf(e) >= begins || since.has(e.id);
  }

  /**
   * Fetches whole epochs, this one and all that may hold more from its writers, so that what they sent later is here too. Says
   * whether files of one of them stay shut.
   */
  async whole(epoch: string): Promise<{ shut: boolean; fetched: boolean }> {
    const holdsMore = this.#mayHoldMore(epoch);
    const wanted = this.epochs.filter(holdsMore);
    for (const e of wanted) if (e.id !== epoch) await this.refresh(e.id, false);
    await this.host.keys.ask<"want">({ do: "want", slug: this.#slug, epochs: wanted.map((e) => e.id) });
    let fetched = false;
    for (const e of wanted) {
      if ((await this.host.keys.ask<"lacking">({ do: "lacking", slug: this.#slug, epoch: e.id })) === 0) continue;
      const log = await this.readLog(); // first: what is in it by now must be among the files
      const { delivered } = await this.#files(e, true, false);
      if (log !== null) await this.#checkFiles(e, delivered, log);
      fetched = true;
    }
    return { shut: this.#shut.some(holdsMore), fetched };
  }

  /** Fetches and opens whole epochs for a search, the newest first, until it is stopped. Nothing is held to be complete by it. */
  async everything(epochs: readonly string[], watch: Watch): Promise<void> {
    for (const e of [...this.epochs].reverse().filter(({ id }) => epochs.includes(id))) {
      if (watch.stopped()) return;
      const log = await this.readLog(); // first: what is in it by now must be among the files
      const { delivered } = await this.#files(e, true, false, watch);
      if (log !== null && !watch.stopped()) await this.#checkFiles(e, delivered, log);
    }
  }

  /**
   * Why nobody can say that all is here which a message's writer may have sent since: a sentence; null when all is. Asked right
   * before something goes out, and of the log: a server that hides a change of consent leaves it out of its own list, too. Of one message,
   * by its leaf in base64url, also what came in after it and went with its key.
   */
  async unread(epoch: string, leaf = ""): Promise<string | null> {
    const log = await this.readLog(); // first: what is in it by now must be among the files
    await this.refresh(epoch, true);
    if ((await this.whole(epoch)).shut) return REASONS["not-read"];
    if (log === null) return SAY.outNoLog;
    if (this.misdated) return SAY.misdated;
    if (this.forked !== "") return this.forked;
    if ((await this.#absent(log, epoch)) > 0) {
      await this.#excuseAnew(log);
      await this.refresh(epoch, false); // a key may have been destroyed meanwhile
    }
    const absent = await this.#absent(log, epoch);
    if (absent > 0) return SAY.outMissing(absent);
    return this.work.get(epoch)?.messages.some((m) => m.laterGone === true && m.leaf === base64(leaf)) === true ? REASONS["later-gone"] : null;
  }

  /**
   * How many messages the log names that are not here: of this epoch and those that may hold more of its writers, of those said to
   * be empty, and of those not even listed.
   */
  async #absent(log: Ledger, epoch: string): Promise<number> {
    const { clinicId: clinic, epochs } = this.tended;
    const wanted = this.epochs.filter(this.#mayHoldMore(epoch));
    let absent = unlisted(log, clinic, epochs.map((e) => e.id)).length;
    for (const e of [...wanted, ...epochs.filter(({ files }) => files === 0)]) {
      const here = await this.host.keys.ask<"here">({ do: "here", slug: this.#slug, epoch: e.id });
      absent += undelivered(log, clinic, e.id, new Set([...here.map(hexOf), ...this.recused])).length;
    }
    return absent;
  }

  /** The check on files alone: cards prove what somebody saw, and this reviewer was now given everything. */
  async #checkFiles(epoch: ServedEpoch, delivered: ReadonlySet<string>, log: Ledger): Promise<void> {
    const count = (): number => undelivered(log, this.tended.clinicId, epoch.id, new Set([...delivered, ...this.recused])).length;
    if (count() > 0) await this.#excuseAnew(log);
    if (count() > 0) this.once(SAY.dropped(count(), epoch.id));
  }
}

const base64 = (b64url: string): string => toBase64(fromBase64url(b64url));
const hexOf = (b64url: string): string => toHex(fromBase64url(b64url));
const hexOf64 = (base64: string): string => toHex(fromBase64(base64));
export const beginOf = (e: ServedEpoch | undefined): string => (e === undefined ? "" : parseRecord(e.record)?.notBefore ?? "");

/** Whether a file is the one that its leaf names. */
function isFileOf(leaf: string, file: string): boolean {
  try {
    return equalBytes(sha256(fromBase64(file)), parseSubmissionLeaf(leaf).fileHash);
  } catch {
    return false; // no leaf of a submission, or no base64
  }
}
