/** A bench over the server: stores, and leaves fetching to Deliveries, and opening, sealing and signing to the worker. */
import { parseRecord } from "../chain.js";
import type { Bodies, Card } from "../coding.js";
import { settled } from "../compare.js";
import { fromBase64, fromBase64url, toBase64, toBase64url, toHex } from "../encoding.js";
import type { Answer } from "../pad.js";
import type { Served } from "../reviewfile.js";
import { shuffled } from "../shuffled.js";
import * as api from "./api.js";
import { ApiError } from "./api.js";
import type { Bench, Gone, Share, Story } from "./bench.js";
import { isToAsk, stageOf, type Case, type Role, type Row, type Stage, type Task } from "./casework.js";
import { REASONS } from "./casewords.js";
import { DEFAULT_CLOCKS, type Clocks } from "./clocks.js";
import { unlogged, type Read } from "./completeness.js";
import { beginOf, Deliveries, type Fetching, type ToCard } from "./deliveries.js";
import type { Pace } from "./pace.js";
import { heldBetween, type Term, type OwnItem } from "./ownitems.js";
import type { Begun, Kept, Part } from "./drafts.js";
import type { Held, Place } from "./held.js";
import type { Owed } from "./publicacts.js";
import type { At, ServedWork } from "./epochwork.js";
import { Searching } from "./searching.js";
import type { Tally } from "./tally.js";
import type { Tended } from "./tending.js";
import { Typed } from "./typed.js";
import { quietly, unless } from "./refusals.js";
import { StepsBack } from "./stepsback.js";
import { SAY } from "./words.js";

/** The page around a bench. */
export interface Host extends Fetching {
  me: string;
  pace: Pace;
  /** Takes what the server has not taken, over a lock. */
  held: Held;
  /** Takes acts that go into the log with the others of their hour. */
  owe: (clinic: string, leaves: readonly string[]) => void;
  /** What belongs below an opened message. `contacted` signs that it was answered; `asks` where its writer is to be asked what happened since. */
  below: (leaf: string, story: Story, asks: boolean, contacted: () => Promise<string[]>) => Part[];
  /** The way to ask a writer what happened since. `ready` opens their message and signs that they were asked. */
  asking: (leaf: string, ready: () => Promise<string[]>) => HTMLElement;
  /** Whether this page has asked the writer of a message. Leaf in hex. */
  asked: (leaf: string) => boolean;
  /** Something may be shown no more: what a search found is put away. */
  putAway: () => void;
  /** The way to reports that are like one. Leaf in base64url. */
  alike: (leaf: string) => HTMLElement;
}

/** Something may not be done now; the message is a sentence for a person. */
export class Refused extends Error {
  override name = "Refused";
}

/** What was fetched is taken as new for so long: one step of a person fetches it once. */
const FRESH_MS = 3000;

/** Before its coders agree, others like it would tell one of them what to find; who only objects has not read it. */
const ALIKE_FROM: readonly Stage[] = ["no-checker", "agreed", "checked", "objecting", "objected", "ready", "kept", "released"];

/** Refusals that say a message is not there for this reviewer any more. */
const GONE = ["message-gone", "recused"];

export class ServedBench implements Bench {
  clocks: Clocks = DEFAULT_CLOCKS;
  practice: (api.Practice & { history: { by: string; day: string }[] }) | null = null;
  /** What the log says was told and nobody can read: for the whole panel to know. */
  alarms: string[] = [];
  decoys = 0;
  /** What the clinic's form asked beyond the common list, and when. */
  held: readonly Term[] = [];
  readonly search: Searching;
  readonly #host: Host;
  readonly #from: Deliveries;
  readonly #typed: Typed;
  readonly #stepsBack: StepsBack;
  #rows: Row[] = [];
  /** Tags of acts that stand already, base64. */
  #taken: string[] = [];
  /** Tags of acts that wait for their hour. */
  readonly #waiting: string[] = [];

  constructor(tended: Tended, host: Host) {
    this.#host = host;
    this.#from = new Deliveries(tended, host);
    this.#typed = new Typed(this.#place, host.held, {
      seal: (leaf, fields) => host.keys.ask<"sealReview">({ do: "sealReview", at: this.#at(this.#epochOf(leaf)), leaf, kind: "draft", body: { fields } }),
      store: (served) => this.#store(served),
      unseal: (leaf, served) => host.keys.ask<"openDraft">({ do: "openDraft", at: this.#at(this.#epochOf(leaf)), served }),
      given: (leaf) => host.keys.ask<"ownDraft">({ do: "ownDraft", slug: this.#slug, leaf }),
      stale: (leaf) => { this.#stale(leaf); },
      renew: async (leaf) => { await this.#from.refresh(this.#epochOf(leaf), true); },
    });
    this.#stepsBack = new StepsBack(this.#place, host.held, {
      sign: (epoch, leaf) => host.keys.ask<"recuse">({ do: "recuse", at: this.#at(epoch), leaf }),
      followers: (leaf) => host.keys.ask<"followers">({ do: "followers", slug: this.#slug, leaf }),
      epochOf: (leaf) => this.#epochOf(leaf),
      putAway: (epoch, leaf) => {
        this.#from.stale(epoch);
        this.#from.recused.add(hexOf(leaf));
        host.putAway();
        return this.search.changed();
      },
      left: (leaf) => { this.#typed.drop(leaf); },
    });
    this.search = new Searching(this.#from, { keys: host.keys, labels: host.labels, opened: () => this.#afterOpening() });
  }

  get today(): string { return this.#from.today; }
  /** Sentences about files that cannot be read, and about what was done. */
  get notes(): string[] { return this.#from.notes; }
  get me(): string { return this.#host.me; }
  get pace(): Pace { return this.#host.pace; }
  get tended(): Tended { return this.#from.tended; }
  get clinic(): api.Clinic { return this.tended.clinic; }
  /** Those of the clinic's own items that whoever wrote a message can have been asked. */
  own({ epoch, day }: Pick<Case, "epoch" | "day">): OwnItem[] {
    return heldBetween(this.held, beginOf(this.#from.epochs.find(({ id }) => id === epoch)), day);
  }

  get #slug(): string { return this.clinic.slug; }
  get #place(): Place { return { clinic: this.#slug, by: this.me }; }

  /**
   * Fetches all cards, opens what has none yet, stores cards for that, and compares what came with the log, which was read
   * before; null when it could not be. Throws ApiError.
   */
  async begin(tended: Tended, read: Read | null): Promise<void> {
    this.#from.begin(tended, read);
    this.#host.putAway();
    await this.#host.keys.ask<"keepOnly">({ do: "keepOnly", slug: this.#slug, epochs: tended.epochs.filter(({ state }) => state !== "shredded").map(({ id }) => id) });
    const log = read?.ledger ?? null;
    this.alarms = [];
    if (!tended.listed) return; // signed lists that hold do not name this reviewer: nothing is theirs to be given, so nothing is missing
    await this.readPractice();
    await this.#readActs();
    const unstepped = await this.#stepsBack.again();
    if (unstepped > 0) this.alarms.push(SAY.stepBackWaits(unstepped));
    await this.#ownRecusals();
    const ordered = [...tended.epochs].sort((a, b) => (beginOf(a) < beginOf(b) ? -1 : 1));
    const fresh: string[] = [];
    for (const epoch of ordered) fresh.push(...(await this.#makeCards(epoch.id, await this.#from.beginEpoch(epoch))));
    if (log !== null) this.alarms.push(...(await this.#from.missing(log)));
    if (log !== null) this.alarms.push(...unlogged(log, tended.clinicId, tended.epochs).map(SAY.unlogged));
    if (read !== null) await this.#from.compare(read);
    if (this.#from.forked !== "") this.alarms.push(this.#from.forked);
    await this.#stepsBack.follow((leaf) => [...this.#from.work].find(([, w]) => w.messages.some((m) => m.leaf === base64(leaf)))?.[0]);
    await this.#ownUp(fresh);
    await this.#draw();
    await this.#cover();
    await this.#reconsider();
  }

  async readPractice(): Promise<void> {
    this.practice = await api.practice(this.#slug);
    const { taken, coded, decided, reply, feedback, working_days, holidays } = this.practice;
    this.clocks = { taken, coded, decided, reply, feedback, workingDays: working_days, holidays };
  }

  async #readActs(): Promise<void> {
    const acts = await api.acts(this.#slug);
    this.#taken = [...acts.map(({ tag }) => tag), ...this.#waiting];
    await this.#host.keys.ask<"acted">({ do: "acted", slug: this.#slug, acts });
  }

  async #ownRecusals(): Promise<void> {
    const { clinicId: clinic } = this.tended;
    const own = await this.#host.keys.ask<"ownRecusals">({ do: "ownRecusals", slug: this.#slug, clinic, recusals: await api.recusals(this.#slug) });
    for (const leaf of own) this.#from.recused.add(hexOf(leaf));
  }

  /** Stores cards for files that too few have read yet; gives those that nobody had. */
  async #makeCards(epoch: string, wanted: readonly ToCard[]): Promise<string[]> {
    if (wanted.length === 0) return [];
    const cards = await this.#host.keys.ask<"sealCards">({ do: "sealCards", at: this.#at(epoch), leaves: wanted.map(({ leaf }) => leaf), log: this.#from.seen });
    const stored = new Set<string>();
    for (const card of cards) if (await unless(this.#store(card), "message-gone", "recused", "number")) stored.add(toBase64url(fromBase64(card.leaf)));
    await this.#from.refresh(epoch, true);
    return wanted.filter(({ leaf, fresh }) => fresh && stored.has(leaf)).map(({ leaf }) => leaf);
  }

  #at(epoch: string): At {
    return this.#from.at(epoch);
  }

  /**
   * Makes public what was done and is not public yet: of messages with a new card, and what was lost, since a page can go away before
   * an act of its is sent. All cards come first and the acts in no order, so that the server cannot tell by the order which
   * belongs to which. What follows from a step of today waits for its hour. One that fails is owed still, and stops nothing.
   */
  async #ownUp(fresh: string[]): Promise<void> {
    const owed = await this.#owed(fresh);
    this.#owe(owed.filter(({ old }) => !old));
    for (const { text } of shuffled(owed.filter(({ old }) => old))) await quietly(this.#post(text));
  }

  /** After a step: all that is owed waits for its hour, or its moment would tell which step it was. */
  async #ownUpLater(): Promise<void> {
    await this.#readActs();
    this.#owe(await this.#owed([]));
  }

  async #owed(fresh: string[]): Promise<Owed[]> {
    const quorum = this.#from.epochs.filter((e) => (parseRecord(e.record)?.k ?? 1) > 1).map(({ id }) => id);
    return this.#host.keys.ask<"owed">({ do: "owed", slug: this.#slug, today: this.today, quorum, fresh, taken: this.#taken });
  }

  #owe(owed: readonly Owed[]): void {
    const tags = owed.map(({ text }) => text.split("\n")[2] ?? "");
    this.#waiting.push(...tags);
    this.#taken.push(...tags);
    this.#host.owe(this.#slug, owed.map(({ text }) => text));
  }

  async #store(s: Served): Promise<void> {
    const { leaf, kind, n, file, signature, day, replaces } = s;
    await api.send(this.#slug, "/reviews", { leaf, kind, n, file, signature, day, ...(replaces === undefined ? {} : { replaces }) });
  }

  /** Has an act put into the log. Where its tag is taken a colleague did the same: another tag would say it twice, and say which tags are real. */
  async #post(text: string): Promise<void> {
    await unless(api.send(this.#slug, "/acts", { leaf: text }), "tag-taken");
    this.#taken.push(text.split("\n")[2] ?? "");
  }

  async #cover(): Promise<void> {
    for (const { id } of this.#from.epochs) {
      const texts = await this.#host.keys.ask<"cover">({ do: "cover", at: this.#at(id), taken: this.#taken });
      for (const text of shuffled(texts)) await quietly(this.#post(text));
    }
  }

  async #allRows(): Promise<Row[]> {
    return this.#host.keys.ask<"rows">({ do: "rows", slug: this.#slug });
  }

  async #draw(): Promise<void> {
    const rows = await this.#allRows();
    this.decoys = rows.filter((r) => r.card.of === "decoy").length;
    this.#rows = rows.map((r) => (r.checkIn !== "" && this.#host.asked(hexOf(r.leaf)) ? { ...r, checkIn: "" } : r));
    for (const { by, day } of await this.#host.keys.ask<"wrongCards">({ do: "wrongCards", slug: this.#slug })) this.#from.once(SAY.wrongCard(by, day));
    for (const day of await this.#host.keys.ask<"unsigned">({ do: "unsigned", slug: this.#slug })) this.#from.once(SAY.unsigned(day));
    for (const { by, part } of await this.#host.keys.ask<"unproven">({ do: "unproven", slug: this.#slug })) this.#from.once(SAY.unproven(by, part));
  }

  /** Epochs in which something was done are fetched anew; the others when the reviewer looks again. */
  async rows(): Promise<Row[]> {
    if (!this.tended.listed) return [];
    for (const { id } of this.#from.epochs) if (!this.#from.fetched.has(id)) await this.#from.refresh(id, true);
    await this.#draw();
    await this.#typed.again();
    return this.#rows;
  }

  shares(): Promise<Share[]> {
    return this.tended.listed ? api.shares(this.#slug) : Promise.resolve([]);
  }

  async claim(leaf: string, role: Role): Promise<void> {
    this.#stale(leaf);
    await api.send(this.#slug, "/claims", { leaf: base64(leaf), role });
  }

  async handBack(leaf: string): Promise<void> {
    this.#stale(leaf);
    await api.send(this.#slug, "/handbacks", { leaf: base64(leaf) });
    this.#typed.drop(leaf);
  }

  #epochOf(leaf: string): string {
    return this.#rows.find((r) => r.leaf === leaf)?.epoch ?? "";
  }

  #stale(leaf: string): void {
    this.#from.stale(this.#epochOf(leaf));
  }

  recuse(leaf: string): Promise<void> {
    return this.#stepsBack.from(leaf);
  }

  async open(leaf: string): Promise<{ of: Case; story: Story } | Gone> {
    const epoch = this.#epochOf(leaf);
    if (performance.now() - (this.#from.fetched.get(epoch) ?? -Infinity) > FRESH_MS) {
      this.#typed.asking(leaf);
      await this.#from.refresh(epoch, true);
    }
    if (!this.#holds(epoch, leaf)) {
      this.#typed.drop(leaf);
      this.#host.putAway();
      await this.search.changed();
      return this.why(epoch);
    }
    await this.#host.keys.ask<"declare">({ do: "declare", slug: this.#slug, leaf });
    const unread = await this.#whole(epoch);
    const opened = await this.#host.keys.ask<"openCase">({ do: "openCase", slug: this.#slug, leaf, unread });
    await quietly(this.#settle(leaf, opened.of));
    await quietly(api.findings(this.#slug).then((all) => this.#lowered(leaf, all)));
    return opened;
  }

  /** Fetches whole epochs; says whether files of one of them stay shut. */
  async #whole(epoch: string): Promise<boolean> {
    const { shut, fetched } = await this.#from.whole(epoch);
    if (fetched) await this.#afterOpening();
    return shut;
  }

  async #afterOpening(): Promise<void> {
    await this.#draw(); // a card may say something else than what was found now
    await quietly(this.#ownUpLater()); // and what nobody's card told is owed, too
  }

  #holds(epoch: string, leaf: string): boolean {
    return this.#from.work.get(epoch)?.messages.some((m) => m.leaf === base64(leaf)) === true;
  }

  /** Why a message of an epoch is not there any more. */
  async why(epoch: string): Promise<Gone> {
    const now = (await api.epochs(this.#slug)).epochs.find((e) => e.id === epoch);
    return now?.state === "shredded" ? "shredded" : "withdrawn";
  }

  async send<K extends Exclude<keyof Bodies, "draft">>(leaf: string, kind: K, body: Bodies[K]): Promise<void> {
    const epoch = this.#epochOf(leaf);
    if (kind === "sharing" && "decision" in body && body.decision === "share") {
      const unread = await this.#from.unread(epoch);
      if (unread !== null) throw new Refused(unread);
    }
    for (let tries = 0; ; tries++) {
      const served = await this.#host.keys.ask<"sealReview">({ do: "sealReview", at: this.#at(epoch), leaf, kind, body });
      try {
        await this.#store(served);
        break;
      } catch (err) {
        // Midnight passed, or this reviewer wrote in another window.
        if (err instanceof ApiError && err.kind === "message-gone") this.#from.stale(epoch); // what was just fetched is old already
        if (!(err instanceof ApiError) || tries > 0 || (err.kind !== "day" && err.kind !== "number")) throw err;
        await this.#from.refresh(epoch, true);
      }
    }
    this.#from.stale(epoch);
    if (kind === "coding") this.#typed.spent(leaf, "mine_");
    if (kind === "consensus") await quietly(this.#settled(leaf));
    if (kind === "sharing") await quietly(this.#closed(epoch));
  }

  async #closed(epoch: string): Promise<void> {
    await this.#from.refresh(epoch, true);
    await this.#ownUpLater();
  }

  async #settled(leaf: string): Promise<void> {
    await this.#from.refresh(this.#epochOf(leaf), true);
    const { of } = await this.#host.keys.ask<"openCase">({ do: "openCase", slug: this.#slug, leaf, unread: true });
    await this.#settle(leaf, of);
  }

  /** What follows when two coders agree, done by one of them: the mark in public, and the codes that the writer lets be counted. */
  async #settle(leaf: string, c: Case): Promise<void> {
    const agreed = settled(c.codings, c.consensuses);
    if (agreed === null || !c.consensuses.some(({ by, hash }) => by === this.me && agreed.hashes.includes(hash))) return;
    await this.#ownUpLater();
    if (this.#messageOf(leaf)?.coded_in_clear !== false) return;
    const coded = await this.#host.keys.ask<"coded">({ do: "coded", at: this.#at(c.epoch), leaf, unread: (await this.#from.unread(c.epoch)) !== null });
    if (coded !== null) await api.send(this.#slug, "/coded", coded);
  }

  #messageOf(leaf: string): ServedWork["messages"][number] | undefined {
    return [...this.#from.work.values()].flatMap((w) => w.messages).find((m) => m.leaf === base64(leaf));
  }

  keep(leaf: string, fields: Answer[], shown: Answer[] | null): Promise<Kept> {
    return this.#typed.keep(leaf, fields, shown);
  }

  draft(leaf: string): Promise<Begun> {
    return this.#typed.of(leaf);
  }

  async release(leaf: string): Promise<void> {
    const epoch = this.#epochOf(leaf);
    const unread = await this.#from.unread(epoch);
    const finding = await this.#host.keys.ask<"finding">({ do: "finding", at: this.#at(epoch), leaf, unread: unread !== null });
    if ("why" in finding) throw new Refused([...new Set(finding.why)].map((r) => (r === "not-read" && unread !== null ? unread : REASONS[r])).join(" "));
    await api.send(this.#slug, "/findings", finding);
    this.#from.stale(epoch);
    await quietly(this.#closed(epoch));
  }

  /**
   * A writer may have changed what may be done with their words after something went out. Where a change of consent stands
   * beside such a message, or nobody can tell which it stands beside, the wishes are worked out anew. Taking back needs no log.
   */
  async #reconsider(): Promise<void> {
    const findings = await api.findings(this.#slug);
    const out = new Set([...findings.map(({ leaf }) => leaf), ...[...this.#from.work.values()].flatMap((w) => w.messages).filter((m) => m.coded_in_clear).map(({ leaf }) => leaf)]);
    const changes = this.#rows.filter((r) => r.card.of === "consent");
    const touched = this.#rows.filter((r) => out.has(base64(r.leaf)) && changes.some((c) => c.card.thread === r.leaf || c.card.thread === ""));
    const oldest = touched.map((r) => this.#from.epochs.findIndex((e) => e.id === r.epoch)).filter((i) => i >= 0).sort((a, b) => a - b)[0];
    if (oldest === undefined) return;
    await this.#whole(this.#from.epochs[oldest]?.id ?? "");
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
      if (await unless(api.send(this.#slug, `/findings/${encodeURIComponent(f.id)}/retraction`, {}), ...GONE)) this.#from.notes.push(SAY.retracted);
    }
    if (counted && !forms.includes("count") && (await unless(api.send(this.#slug, "/coded/retraction", { leaf: base64(leaf) }), ...GONE))) {
      this.#from.notes.push(SAY.uncounted);
    }
    this.#stale(leaf);
  }

  below(of: Case, story: Story, task: Task): Part[] {
    const { leaf } = of;
    const below = this.#host.below(hexOf(leaf), story, isToAsk(of, this.today), () => this.#contacted(leaf));
    return task !== "object" && ALIKE_FROM.includes(stageOf(of, this.today)) ? [{ element: this.#host.alike(leaf) }, ...below] : below;
  }

  asking(leaf: string): HTMLElement {
    return this.#host.asking(hexOf(leaf), async () => {
      await this.open(leaf);
      return this.#contacted(leaf);
    });
  }

  async #contacted(leaf: string): Promise<string[]> {
    const texts = await this.#host.keys.ask<"contacted">({ do: "contacted", at: this.#at(this.#epochOf(leaf)), leaf, taken: this.#taken });
    this.#taken.push(texts[0]?.split("\n")[2] ?? ""); // the next answer takes the next tag
    return texts;
  }

  /**
   * Sums for the panel alone, over what is here. With `whole` all files that this reviewer can open are fetched first: what
   * writers say themselves, such as how much it hurt, is known of open messages only. Says how many are not open.
   */
  async tally(whole: boolean): Promise<{ tally: Tally; shut: number }> {
    const [oldest] = this.#from.epochs;
    if (whole && oldest !== undefined) await this.#whole(oldest.id);
    let shut = this.#from.shut;
    for (const { id } of this.#from.epochs) shut += await this.#host.keys.ask<"lacking">({ do: "lacking", slug: this.#slug, epoch: id });
    return { shut, tally: await this.#host.keys.ask<"tally">({ do: "tally", slug: this.#slug, today: this.today, clocks: this.clocks, codes: this.#host.labels.codes }) };
  }

  passers(): { card: Card; day: string }[] {
    return this.#rows.map(({ card, day }) => ({ card, day }));
  }
}

const base64 = (b64url: string): string => toBase64(fromBase64url(b64url));
const hexOf = (b64url: string): string => toHex(fromBase64url(b64url));
