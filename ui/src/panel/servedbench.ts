/**
 * A bench over the server: fetches, stores, and leaves opening, sealing and signing to the worker. Whole epochs are fetched,
 * never one file, so that the server does not learn whose words somebody is reading.
 */
import { sha256 } from "@noble/hashes/sha2.js";
import type { ActCode } from "../action.js";
import { parseRecord } from "../chain.js";
import type { Bodies, Card } from "../coding.js";
import { settled } from "../compare.js";
import { equalBytes, fromBase64, fromBase64url, toBase64, toBase64url, toHex } from "../encoding.js";
import { leafHash, parseSubmissionLeaf } from "../leaf.js";
import { excuse, type Ledger } from "../log.js";
import type { Answer } from "../pad.js";
import type { Served } from "../reviewfile.js";
import * as api from "./api.js";
import { ApiError } from "./api.js";
import type { Bench, Gone, Share, Story } from "./bench.js";
import type { Case, Role, Row } from "./casework.js";
import { REASONS } from "./casewords.js";
import { DEFAULT_CLOCKS, type Clocks } from "./clocks.js";
import { undelivered, unlisted, unlogged } from "./completeness.js";
import { KeyholderError, type Keyholder } from "./keyholder.js";
import type { ServedEpoch } from "./keywork.js";
import type { Labels } from "./labels.js";
import { DEFAULT_CAPS, type Pace } from "./pace.js";
import type { At, ServedWork } from "./reviewwork.js";
import type { Tally } from "./tally.js";
import type { Tended } from "./tending.js";
import { FAILURES, SAY } from "./words.js";

/** The page around a bench. */
export interface Host {
  me: string;
  keys: Keyholder;
  labels: Labels;
  pace: Pace;
  /** The public log, read anew; null when it does not hold or is not given. */
  ledger: () => Promise<Ledger | null>;
  /** Told how many files are done, of how many there are. */
  progress: (done: number, of: number) => void;
  /** What does not hold, found while a message is being opened. */
  alarm: (sentence: string) => void;
  /** What belongs below an opened message. `contacted` signs that it was answered. */
  below: (leaf: string, story: Story, contacted: () => Promise<string[]>) => HTMLElement[];
}

/** Something may not be done now; the message is a sentence for a person. */
export class Refused extends Error {
  override name = "Refused";
}

/** What was fetched is taken as new for so long: one step of a person fetches it once. */
const FRESH_MS = 3000;

/** Refusals that say a message is not there for this reviewer any more. */
const GONE = ["message-gone", "recused"];

export class ServedBench implements Bench {
  today = new Date().toISOString().slice(0, 10);
  clocks: Clocks = DEFAULT_CLOCKS;
  practice: (api.Practice & { history: { by: string; day: string }[] }) | null = null;
  /** Sentences about files that cannot be read, and about what was done. */
  notes: string[] = [];
  /** What the log says was told and nobody can read: for the whole panel to know. */
  alarms: string[] = [];
  decoys = 0;
  #t: Tended;
  readonly #host: Host;
  /** Epochs that this reviewer can open, the oldest first. */
  #epochs: ServedEpoch[] = [];
  /** Epochs with files that this reviewer cannot open. */
  #shut: ServedEpoch[] = [];
  readonly #work = new Map<string, ServedWork>();
  readonly #fetched = new Map<string, number>();
  #rows: Row[] = [];
  /** Tags of acts that stand already, base64. */
  #taken: string[] = [];
  /** Leaf hashes in hex that this reviewer has signed a step back from. */
  readonly #recused = new Set<string>();
  readonly #toldWrong = new Set<string>();
  /** What was given of each epoch, by leaf hash in hex; counted at the end, for it can be taken back meanwhile. */
  readonly #given = new Map<string, ReadonlySet<string>>();

  constructor(tended: Tended, host: Host) {
    this.#t = tended;
    this.#host = host;
  }

  get me(): string { return this.#host.me; }
  get pace(): Pace { return this.#host.pace; }
  get tended(): Tended { return this.#t; }
  get clinic(): api.Clinic { return this.#t.clinic; }
  get #slug(): string { return this.#t.clinic.slug; }

  /**
   * Fetches all cards, opens what has none yet, stores cards for that, and compares what came with the log, which was read
   * before; null when it could not be. Throws ApiError.
   */
  async begin(tended: Tended, log: Ledger | null): Promise<void> {
    this.#t = tended;
    [this.notes, this.alarms, this.#epochs, this.#shut] = [[], [], [], []];
    if (!tended.listed) return; // signed lists that hold do not name this reviewer: nothing is theirs to be given, so nothing is missing
    await this.readPractice();
    this.#taken = (await api.acts(this.#slug)).map(({ tag }) => tag);
    await this.#ownRecusals();
    if (log !== null) excuse(log, tended.withdrawn);
    const ordered = [...tended.epochs].sort((a, b) => (beginOf(a) < beginOf(b) ? -1 : 1));
    this.#given.clear();
    const fresh: string[] = [];
    for (const epoch of ordered) fresh.push(...(await this.#beginEpoch(epoch)));
    if (log !== null) this.alarms.push(...(await this.#missing(log)));
    if (log !== null) this.alarms.push(...unlogged(log, tended.clinicId, tended.epochs).map(SAY.unlogged));
    await this.#followRecused();
    await this.#ownUp(fresh);
    await this.#draw();
    await this.#cover();
    await this.#reconsider();
  }

  async readPractice(): Promise<void> {
    this.practice = await api.practice(this.#slug);
    const { taken, coded, decided, working_days, holidays } = this.practice;
    this.clocks = { taken, coded, decided, workingDays: working_days, holidays };
  }

  async #ownRecusals(): Promise<void> {
    const { clinicId: clinic } = this.#t;
    const own = await this.#host.keys.ask<"ownRecusals">({ do: "ownRecusals", slug: this.#slug, clinic, recusals: await api.recusals(this.#slug) });
    for (const leaf of own) this.#recused.add(hexOf(leaf));
  }

  /** Gives the messages that got their first card now. */
  async #beginEpoch(epoch: ServedEpoch): Promise<string[]> {
    if (epoch.files === 0) {
      this.#given.set(epoch.id, new Set());
      return [];
    }
    if (!(await this.#unwrap(epoch))) {
      this.#shut.push(epoch);
      // Without a key the files are fetched all the same, and held against their leaves.
      const { delivered, count } = await this.#files(epoch, false, false);
      this.#found(epoch, delivered, count);
      return [];
    }
    this.#epochs.push(epoch);
    const carded = await this.#refresh(epoch.id, true);
    const { delivered, read, count } = await this.#files(epoch, true, true);
    const fresh = await this.#firstRead(epoch, read.filter((leaf) => !carded.has(leaf)));
    for (const leaf of carded) delivered.add(hexOf(leaf));
    this.#found(epoch, delivered, Math.max(count, delivered.size));
    return fresh;
  }

  #found(epoch: ServedEpoch, delivered: Set<string>, count: number): void {
    if (count < epoch.files) this.notes.push(SAY.gap(count, epoch.files));
    this.#given.set(epoch.id, delivered);
  }

  /** Sentences about what the log names and nobody gave, in epochs that were fetched and in those that are not even listed. */
  async #missing(log: Ledger): Promise<string[]> {
    const count = (): string[] => {
      const dropped = [...this.#given].map(([id, given]) => [id, undelivered(log, this.#t.clinicId, id, new Set([...given, ...this.#recused])).length] as const);
      const hidden = unlisted(log, this.#t.clinicId, this.#t.epochs.map((e) => e.id)).length;
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
    const now = await this.#host.ledger();
    excuse(log, withdrawn);
    for (const hash of now?.withdrawn ?? []) log.withdrawn.add(hash);
    for (const key of now?.shredded ?? []) log.shredded.add(key);
  }

  async #unwrap(epoch: ServedEpoch): Promise<boolean> {
    try {
      await this.#host.keys.ask<"openWrap">({ do: "openWrap", clinic: this.#slug, epoch });
      return true;
    } catch (err) {
      const why = err instanceof KeyholderError ? err.failure : "failed";
      this.notes.push(why === "no-wrap" ? SAY.noWrap(epoch.id, epoch.files) : why === "together" ? SAY.together(epoch.id, epoch.files) : SAY.badKey(epoch.id, epoch.files, FAILURES[why]));
      if (why === "wrap") this.#t.unreadable.add(epoch.id);
      return false;
    }
  }

  #at(epoch: string): At {
    return { slug: this.#slug, clinic: this.#t.clinicId, epoch, origin: this.#t.origin, today: this.today };
  }

  /** Fetches how the work on an epoch stands, and what was written; gives the leaves that have a card that holds. */
  async #refresh(epoch: string, reviewsToo: boolean): Promise<Set<string>> {
    const work = await api.work(this.#slug, epoch);
    this.today = work.today;
    this.#work.set(epoch, work);
    const served = reviewsToo ? await this.#reviews(epoch) : null;
    const { carded, problems } = await this.#host.keys.ask<"takeWork">({ do: "takeWork", at: this.#at(epoch), work, served });
    for (const p of problems) this.#once(SAY.badReview(p.by));
    if (reviewsToo) this.#fetched.set(epoch, performance.now());
    return new Set(carded);
  }

  async #reviews(epoch: string): Promise<Served[]> {
    const all: Served[] = [];
    for (let after: string | null = ""; after !== null;) {
      const page: { files: Served[]; next: string | null } = await api.reviews(this.#slug, epoch, after);
      all.push(...page.files);
      after = page.next !== null && page.next > after ? page.next : null; // a server that goes in circles must not keep us here
    }
    return all;
  }

  /** Says a thing once for as long as this page is open. */
  #once(alarm: string): void {
    if (this.#toldWrong.has(alarm)) return;
    this.#toldWrong.add(alarm);
    this.#host.alarm(alarm);
  }

  /** Pages through an epoch's files; `open` has the worker open them. Nothing of them stays in this page. */
  async #files(epoch: ServedEpoch, open: boolean, uncarded: boolean): Promise<{ count: number; delivered: Set<string>; read: string[] }> {
    const seen = new Set<string>();
    const delivered = new Set<string>();
    const read: string[] = [];
    const messages = this.#work.get(epoch.id)?.messages ?? [];
    const of = uncarded ? messages.filter((m) => !m.carded).length : Math.max(messages.length, epoch.files);
    for (let after: string | null = ""; after !== null;) {
      const page: api.FilesPage = await api.files(this.#slug, epoch.id, after, uncarded);
      const fresh = page.files.filter(({ leaf }) => !seen.has(toHex(leafHash(leaf))));
      for (const { leaf, file } of fresh) {
        const hash = toHex(leafHash(leaf));
        seen.add(hash);
        if (isFileOf(leaf, file)) delivered.add(hash);
      }
      if (open && fresh.length > 0) {
        const files = fresh.map((f) => ({ ...f, epoch: epoch.id, origin: this.#t.origin }));
        read.push(...(await this.#host.keys.ask<"readFiles">({ do: "readFiles", at: this.#at(epoch.id), files, codes: this.#host.labels.codes })));
      }
      this.#host.progress(seen.size, Math.max(of, seen.size));
      after = page.next !== null && page.next > after ? page.next : null;
    }
    return { count: seen.size, delivered, read };
  }

  /** Stores cards for files that nobody has read yet; gives those that have one now. */
  async #firstRead(epoch: ServedEpoch, leaves: string[]): Promise<string[]> {
    if (leaves.length === 0) return [];
    const cards = await this.#host.keys.ask<"sealCards">({ do: "sealCards", at: this.#at(epoch.id), leaves });
    const stored: string[] = [];
    for (const card of cards) if (await unless(this.#store(card), "message-gone", "recused", "number")) stored.push(toBase64url(fromBase64(card.leaf)));
    await this.#refresh(epoch.id, true);
    return stored;
  }

  /**
   * Makes public what was done and is not public yet: of messages with a new card, and of those whose act was lost, since a page
   * can go away between a card and its act. All cards come first and the acts in no order, so that the server cannot tell by the
   * order which belongs to which. One that fails is owed still, and stops nothing.
   */
  async #ownUp(fresh: string[]): Promise<void> {
    const quorum = this.#epochs.filter((e) => (parseRecord(e.record)?.k ?? 1) > 1).map(({ id }) => id);
    const texts = await this.#host.keys.ask<"owed">({ do: "owed", slug: this.#slug, today: this.today, quorum, fresh, taken: this.#taken });
    for (const text of shuffled(texts)) await quietly(this.#post(text));
  }

  async #store(s: Served): Promise<void> {
    const { leaf, kind, n, file, signature, day } = s;
    await api.send(this.#slug, "/reviews", { leaf, kind, n, file, signature, day });
  }

  /** Signs an act that comes once for a receipt, and has it put into the log. */
  async #act(epoch: string, leaf: string, code: ActCode): Promise<void> {
    const text = await this.#host.keys.ask<"act">({ do: "act", at: this.#at(epoch), leaf, code, taken: this.#taken });
    if (text !== null) await this.#post(text);
  }

  /** Has an act put into the log. Where its tag is taken a colleague did the same: another tag would say it twice, and say which tags are real. */
  async #post(text: string): Promise<void> {
    await unless(api.send(this.#slug, "/acts", { leaf: text }), "tag-taken");
    this.#taken.push(text.split("\n")[2] ?? "");
  }

  async #cover(): Promise<void> {
    for (const { id } of this.#epochs) {
      const texts = await this.#host.keys.ask<"cover">({ do: "cover", at: this.#at(id), taken: this.#taken });
      for (const text of shuffled(texts)) await quietly(this.#post(text));
    }
  }

  /** Whoever has stepped back from a message steps back from what its writer sends later, too. */
  async #followRecused(): Promise<void> {
    const leaves = await this.#host.keys.ask<"followers">({ do: "followers", slug: this.#slug, leaf: null });
    for (const leaf of leaves) {
      const epoch = [...this.#work].find(([, w]) => w.messages.some((m) => m.leaf === base64(leaf)))?.[0];
      if (epoch !== undefined) await this.#stepBack(epoch, leaf);
    }
  }

  async #allRows(): Promise<Row[]> {
    return this.#host.keys.ask<"rows">({ do: "rows", slug: this.#slug });
  }

  async #draw(): Promise<void> {
    const rows = await this.#allRows();
    this.decoys = rows.filter((r) => r.card.of === "decoy").length;
    this.#rows = rows;
    for (const { by, day } of await this.#host.keys.ask<"wrongCards">({ do: "wrongCards", slug: this.#slug })) this.#once(SAY.wrongCard(by, day));
  }

  async rows(): Promise<Row[]> {
    if (!this.#t.listed) return [];
    for (const { id } of this.#epochs) if (!this.#isFresh(id)) await this.#refresh(id, true);
    await this.#draw();
    return this.#rows;
  }

  /** Epochs in which something was done are fetched anew; the others when the reviewer looks again. */
  #isFresh(epoch: string): boolean {
    return this.#fetched.has(epoch);
  }

  shares(): Promise<Share[]> {
    return this.#t.listed ? api.shares(this.#slug) : Promise.resolve([]);
  }

  async claim(leaf: string, role: Role): Promise<void> {
    this.#stale(leaf);
    await api.send(this.#slug, "/claims", { leaf: base64(leaf), role });
  }

  async handBack(leaf: string): Promise<void> {
    this.#stale(leaf);
    await api.send(this.#slug, "/handbacks", { leaf: base64(leaf) });
  }

  #epochOf(leaf: string): string {
    return this.#rows.find((r) => r.leaf === leaf)?.epoch ?? "";
  }

  #stale(leaf: string): void {
    this.#fetched.delete(this.#epochOf(leaf));
  }

  async recuse(leaf: string): Promise<void> {
    const epoch = this.#epochOf(leaf);
    const followers = await this.#host.keys.ask<"followers">({ do: "followers", slug: this.#slug, leaf });
    await this.#stepBack(epoch, leaf);
    for (const other of followers) await this.#stepBack(this.#epochOf(other), other);
  }

  async #stepBack(epoch: string, leaf: string): Promise<void> {
    this.#fetched.delete(epoch);
    const signature = await this.#host.keys.ask<"recuse">({ do: "recuse", at: this.#at(epoch), leaf });
    this.#recused.add(hexOf(leaf));
    await unless(api.send(this.#slug, "/recusals", { leaf: base64(leaf), signature }), "message-gone");
  }

  async open(leaf: string): Promise<{ of: Case; story: Story } | Gone> {
    const epoch = this.#epochOf(leaf);
    if (performance.now() - (this.#fetched.get(epoch) ?? -Infinity) > FRESH_MS) await this.#refresh(epoch, true);
    if (!this.#holds(epoch, leaf)) return this.#why(epoch);
    await this.#host.keys.ask<"declare">({ do: "declare", slug: this.#slug, leaf });
    const unread = await this.#whole(epoch);
    const opened = await this.#host.keys.ask<"openCase">({ do: "openCase", slug: this.#slug, leaf, unread });
    await quietly(this.#settle(leaf, opened.of));
    await quietly(this.#lowered(leaf, await api.findings(this.#slug)));
    return opened;
  }

  #holds(epoch: string, leaf: string): boolean {
    return this.#work.get(epoch)?.messages.some((m) => m.leaf === base64(leaf)) === true;
  }

  async #why(epoch: string): Promise<Gone> {
    const now = (await api.epochs(this.#slug)).epochs.find((e) => e.id === epoch);
    return now?.state === "shredded" ? "shredded" : "withdrawn";
  }

  /**
   * Fetches whole epochs, this one and all that begin after it, so that what a writer sent later is here too. Says whether
   * files of one of them stay shut.
   */
  async #whole(epoch: string): Promise<boolean> {
    const begins = beginOf(this.#epochs.find((e) => e.id === epoch));
    const wanted = this.#epochs.filter((e) => beginOf(e) >= begins);
    for (const e of wanted) if (e.id !== epoch) await this.#refresh(e.id, false);
    await this.#host.keys.ask<"want">({ do: "want", slug: this.#slug, epochs: wanted.map((e) => e.id) });
    let fetched = false;
    for (const e of wanted) {
      if ((await this.#host.keys.ask<"lacking">({ do: "lacking", slug: this.#slug, epoch: e.id })) === 0) continue;
      const log = await this.#host.ledger(); // first: what is in it by now must be among the files
      const { delivered } = await this.#files(e, true, false);
      if (log !== null) await this.#checkFiles(e, delivered, log);
      fetched = true;
    }
    if (fetched) await quietly(this.#ownUpAnew());
    return this.#shut.some((e) => beginOf(e) >= begins);
  }

  /**
   * Why nobody can say that all is here which a message's writer may have sent since: a sentence; null when all is. Asked right
   * before something goes out, and of the log: a server that hides a change of consent leaves it out of its own list, too.
   */
  async #unread(epoch: string): Promise<string | null> {
    const log = await this.#host.ledger(); // first: what is in it by now must be among the files
    await this.#refresh(epoch, true);
    if (await this.#whole(epoch)) return REASONS["not-read"];
    if (log === null) return SAY.outNoLog;
    if ((await this.#absent(log, epoch)) > 0) await this.#excuseAnew(log);
    const absent = await this.#absent(log, epoch);
    return absent === 0 ? null : SAY.outMissing(absent);
  }

  /** How many messages the log names that are not here: of this epoch and those that begin after it, of those said to be empty, and of those not even listed. */
  async #absent(log: Ledger, epoch: string): Promise<number> {
    const { clinicId: clinic, epochs } = this.#t;
    const begins = beginOf(this.#epochs.find((e) => e.id === epoch));
    const wanted = this.#epochs.filter((e) => beginOf(e) >= begins);
    let absent = unlisted(log, clinic, epochs.map((e) => e.id)).length;
    for (const e of [...wanted, ...epochs.filter(({ files }) => files === 0)]) {
      const here = await this.#host.keys.ask<"here">({ do: "here", slug: this.#slug, epoch: e.id });
      absent += undelivered(log, clinic, e.id, new Set([...here.map(hexOf), ...this.#recused])).length;
    }
    return absent;
  }

  /** With whole epochs here it is known what is owed for messages that a colleague read first, too. */
  async #ownUpAnew(): Promise<void> {
    for (const { tag } of await api.acts(this.#slug)) if (!this.#taken.includes(tag)) this.#taken.push(tag);
    await this.#ownUp([]);
  }

  /** The check on files alone: cards prove what somebody saw, and this reviewer was now given everything. */
  async #checkFiles(epoch: ServedEpoch, delivered: ReadonlySet<string>, log: Ledger): Promise<void> {
    const count = (): number => undelivered(log, this.#t.clinicId, epoch.id, new Set([...delivered, ...this.#recused])).length;
    if (count() > 0) await this.#excuseAnew(log);
    if (count() > 0) this.#once(SAY.dropped(count(), epoch.id));
    await this.#draw(); // a card may say something else than what was found now
  }

  async send<K extends keyof Bodies>(leaf: string, kind: K, body: Bodies[K]): Promise<void> {
    const epoch = this.#epochOf(leaf);
    if (kind === "sharing" && "decision" in body && body.decision === "share") {
      const unread = await this.#unread(epoch);
      if (unread !== null) throw new Refused(unread);
    }
    for (let tries = 0; ; tries++) {
      const served = await this.#host.keys.ask<"sealReview">({ do: "sealReview", at: this.#at(epoch), leaf, kind, body });
      try {
        await this.#store(served);
        break;
      } catch (err) {
        // Midnight passed, or this reviewer wrote in another window.
        if (err instanceof ApiError && err.kind === "message-gone") this.#fetched.delete(epoch); // what was just fetched is old already
        if (!(err instanceof ApiError) || tries > 0 || (err.kind !== "day" && err.kind !== "number")) throw err;
        await this.#refresh(epoch, true);
      }
    }
    if (kind === "draft") return;
    this.#fetched.delete(epoch);
    if (kind === "consensus") await quietly(this.#settled(leaf));
    if (kind === "sharing" && "decision" in body && body.decision === "keep") await quietly(this.#act(epoch, leaf, "closed"));
  }

  async #settled(leaf: string): Promise<void> {
    await this.#refresh(this.#epochOf(leaf), true);
    const { of } = await this.#host.keys.ask<"openCase">({ do: "openCase", slug: this.#slug, leaf, unread: true });
    await this.#settle(leaf, of);
  }

  /** What follows when two coders agree, done by one of them: the mark in public, and the codes that the writer lets be counted. */
  async #settle(leaf: string, c: Case): Promise<void> {
    const agreed = settled(c.codings, c.consensuses);
    if (agreed === null || !c.consensuses.some(({ by, hash }) => by === this.me && agreed.hashes.includes(hash))) return;
    await this.#act(c.epoch, leaf, "assessed");
    if (this.#messageOf(leaf)?.coded_in_clear !== false) return;
    const coded = await this.#host.keys.ask<"coded">({ do: "coded", at: this.#at(c.epoch), leaf, unread: (await this.#unread(c.epoch)) !== null });
    if (coded !== null) await api.send(this.#slug, "/coded", coded);
  }

  #messageOf(leaf: string): ServedWork["messages"][number] | undefined {
    return [...this.#work.values()].flatMap((w) => w.messages).find((m) => m.leaf === base64(leaf));
  }

  async draft(leaf: string): Promise<Answer[]> {
    return this.#host.keys.ask<"ownDraft">({ do: "ownDraft", slug: this.#slug, leaf });
  }

  async release(leaf: string): Promise<void> {
    const epoch = this.#epochOf(leaf);
    const unread = await this.#unread(epoch);
    const finding = await this.#host.keys.ask<"finding">({ do: "finding", at: this.#at(epoch), leaf, unread: unread !== null });
    if ("why" in finding) throw new Refused([...new Set(finding.why)].map((r) => (r === "not-read" && unread !== null ? unread : REASONS[r])).join(" "));
    await api.send(this.#slug, "/findings", finding);
    this.#fetched.delete(epoch);
    await quietly(this.#act(epoch, leaf, "closed"));
  }

  /**
   * A writer may have changed what may be done with their words after something went out. Where a change of consent stands
   * beside such a message, or nobody can tell which it stands beside, the wishes are worked out anew. Taking back needs no log.
   */
  async #reconsider(): Promise<void> {
    const findings = await api.findings(this.#slug);
    const out = new Set([...findings.map(({ leaf }) => leaf), ...[...this.#work.values()].flatMap((w) => w.messages).filter((m) => m.coded_in_clear).map(({ leaf }) => leaf)]);
    const changes = this.#rows.filter((r) => r.card.of === "consent");
    const touched = this.#rows.filter((r) => out.has(base64(r.leaf)) && changes.some((c) => c.card.thread === r.leaf || c.card.thread === ""));
    const oldest = touched.map((r) => this.#epochs.findIndex((e) => e.id === r.epoch)).filter((i) => i >= 0).sort((a, b) => a - b)[0];
    if (oldest === undefined) return;
    await this.#whole(this.#epochs[oldest]?.id ?? "");
    for (const r of touched) await this.#lowered(r.leaf, findings);
  }

  /** Takes back what the writer's wishes do not allow any more, and says so. */
  async #lowered(leaf: string, findings: readonly api.Finding[]): Promise<void> {
    const mine = findings.filter((f) => f.leaf === base64(leaf));
    const counted = this.#messageOf(leaf)?.coded_in_clear === true;
    if (mine.length === 0 && !counted) return;
    const forms: readonly string[] | null = await this.#host.keys.ask<"allows">({ do: "allows", slug: this.#slug, leaf });
    if (forms === null) return;
    for (const f of mine.filter(({ form }) => !forms.includes(form))) {
      if (await unless(api.send(this.#slug, `/findings/${encodeURIComponent(f.id)}/retraction`, {}), ...GONE)) this.notes.push(SAY.retracted);
    }
    if (counted && !forms.includes("count") && (await unless(api.send(this.#slug, "/coded/retraction", { leaf: base64(leaf) }), ...GONE))) {
      this.notes.push(SAY.uncounted);
    }
    this.#stale(leaf);
  }

  below(leaf: string, story: Story): HTMLElement[] {
    const at = (): At => this.#at(this.#epochOf(leaf));
    return this.#host.below(hexOf(leaf), story, async () => {
      const texts = await this.#host.keys.ask<"contacted">({ do: "contacted", at: at(), leaf, taken: this.#taken });
      this.#taken.push(texts[0]?.split("\n")[2] ?? ""); // the next answer takes the next tag
      return texts;
    });
  }

  /**
   * Sums for the panel alone, over what is here. With `whole` all files that this reviewer can open are fetched first: what
   * writers say themselves, such as how much it hurt, is known of open messages only. Says how many are not open.
   */
  async tally(whole: boolean): Promise<{ tally: Tally; shut: number }> {
    const [oldest] = this.#epochs;
    if (whole && oldest !== undefined) await this.#whole(oldest.id);
    let shut = this.#shut.reduce((n, e) => n + e.files, 0);
    for (const { id } of this.#epochs) shut += await this.#host.keys.ask<"lacking">({ do: "lacking", slug: this.#slug, epoch: id });
    return { shut, tally: await this.#host.keys.ask<"tally">({ do: "tally", slug: this.#slug, today: this.today, clocks: this.clocks, codes: this.#host.labels.codes }) };
  }

  passers(): { card: Card; day: string }[] {
    return this.#rows.map(({ card, day }) => ({ card, day }));
  }
}

/** The strictest of several panels' caps: whoever sits on more than one reads for all of them in one sitting. */
export function strictest(all: readonly api.Practice[]): Pace["caps"] {
  if (all.length === 0) return DEFAULT_CAPS;
  const least = (of: (p: api.Practice) => number): number => Math.min(...all.map(of));
  return { sitting: least((p) => p.sitting), serious: least((p) => p.serious), gap: Math.max(...all.map((p) => p.gap)), hard: all.some((p) => p.hard) };
}

const base64 = (b64url: string): string => toBase64(fromBase64url(b64url));
const hexOf = (b64url: string): string => toHex(fromBase64url(b64url));
const beginOf = (e: ServedEpoch | undefined): string => (e === undefined ? "" : parseRecord(e.record)?.notBefore ?? "");

/** Waits for a request. Refusals of these kinds are no failure: false. */
async function unless(sent: Promise<unknown>, ...kinds: string[]): Promise<boolean> {
  try {
    await sent;
    return true;
  } catch (err) {
    if (err instanceof ApiError && kinds.includes(err.kind)) return false;
    throw err;
  }
}

/** What follows from something that is stored must not make it look as if it was not: it is tried again when the message is opened. */
async function quietly(step: Promise<unknown>): Promise<void> {
  try {
    await step;
  } catch (err) {
    if (!(err instanceof ApiError)) throw err;
  }
}

/** Whether a file is the one that its leaf names. */
function isFileOf(leaf: string, file: string): boolean {
  try {
    return equalBytes(sha256(fromBase64(file)), parseSubmissionLeaf(leaf).fileHash);
  } catch {
    return false; // no leaf of a submission, or no base64
  }
}

function shuffled<T>(list: T[]): T[] {
  const order = new Map(list.map((x) => [x, crypto.getRandomValues(new Uint32Array(1))[0] ?? 0]));
  return [...list].sort((a, b) => (order.get(a) ?? 0) - (order.get(b) ?? 0));
}
