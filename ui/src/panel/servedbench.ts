/** A bench over the server: stores, and leaves fetching to Deliveries, and opening, sealing and signing to the worker. */
import type { Bodies, Note, Sharing } from "../coding.js";
import { settled } from "../compare.js";
import { fromBase64, fromBase64url, toBase64, toBase64url, toHex } from "../encoding.js";
import type { Answer } from "../pad.js";
import type { Served } from "../reviewfile.js";
import * as api from "./api.js";
import { ApiError } from "./api.js";
import { isAsDrawn, isSent } from "./asdrawn.js";
import type { Bench, Gone, Share, Story } from "./bench.js";
import { AGREED, isToAsk, stageOf, type Case, type Role, type Row, type Task } from "./casework.js";
import { CASE, WITHHELD } from "./casewords.js";
import { DEFAULT_CLOCKS, type Clocks } from "./clocks.js";
import { unlogged, type Read } from "./completeness.js";
import { beginOf, Deliveries, type Fetching, type ToCard } from "./deliveries.js";
import type { Crowd } from "./guess.js";
import { leafIn, type HeldFinding, type ServedFinding } from "./heldfindings.js";
import { Lowering } from "./lowering.js";
import { OwningUp, type Owing } from "./owning.js";
import type { Pace } from "./pace.js";
import { heldBetween, type Term, type OwnItem } from "./ownitems.js";
import type { Begun, Kept, Part } from "./drafts.js";
import type { Held, Place } from "./held.js";
import type { At } from "./epochwork.js";
import { today } from "./reading.js";
import type { Shows } from "./reply.js";
import { Searching } from "./searching.js";
import { FIRST, shownText, type Showing } from "./showfirst.js";
import type { Tally } from "./tally.js";
import type { Tended } from "./tending.js";
import { Typed } from "./typed.js";
import { Unanswered } from "./unanswered.js";
import { NotAsDrawn, quietly, Refused, unless } from "./refusals.js";
import { StepsBack } from "./stepsback.js";
import { SAY } from "./words.js";

/** The page around a bench. */
export interface Host extends Fetching, Owing {
  me: string;
  pace: Pace;
  /** Takes what the server has not taken, over a lock. */
  held: Held;
  /** What belongs below an opened message. `contacted` signs that it was answered; `asks` where its writer is to be asked what happened since. */
  below: (leaf: string, story: Story, asks: boolean, contacted: () => Promise<string[]>) => Part[];
  /** The way to ask a writer what happened since. `ready` opens their message and signs that they were asked. */
  asking: (leaf: string, ready: () => Promise<string[]>) => HTMLElement;
  /** Whether this page has asked the writer of a message. Leaf in hex. */
  asked: (leaf: string) => boolean;
  /** The way to show the writer of a message what may go out. Leaf in hex. */
  shows: (leaf: string) => Shows;
  /** Something may be shown no more: what a search found is put away. */
  putAway: () => void;
  /** The way to reports that are like one. Leaf in base64url. */
  alike: (leaf: string) => HTMLElement;
}

/** What was fetched is taken as new for so long: one step of a person fetches it once. */
const FRESH_MS = 3000;

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
  readonly #unanswered = new Unanswered();
  readonly #stepsBack: StepsBack;
  readonly #owning: OwningUp;
  readonly #lowering: Lowering;
  #rows: Row[] = [];
  /** Of the message that was opened last. */
  #crowd: { leaf: string; of: Crowd } = { leaf: "", of: { k: 0, role: "", rare: null } };
  constructor(tended: Tended, host: Host) {
    this.#host = host;
    this.#from = new Deliveries(tended, host);
    this.#typed = new Typed(this.#place, host.held, {
      seal: (leaf, fields) => host.keys.ask<"sealReview">({ do: "sealReview", at: this.#at(this.#epochOf(leaf)), leaf, kind: "draft", body: { fields } }),
      store: (served) => this.#store(served),
      unseal: (leaf, served) => host.keys.ask<"openDraft">({ do: "openDraft", at: this.#at(this.#epochOf(leaf)), served }),
      given: (leaf) => host.keys.ask<"ownDraft">({ do: "ownDraft", slug: this.#slug, leaf }),
      stale: (leaf) => { this.stale(leaf); },
      renew: async (leaf) => { await this.#from.refresh(this.#epochOf(leaf), true); },
    });
    this.#stepsBack = new StepsBack(this.#place, host.held, {
      sign: (epoch, leaf) => host.keys.ask<"recuse">({ do: "recuse", at: this.#at(epoch), leaf }),
      followers: (leaf) => host.keys.ask<"followers">({ do: "followers", slug: this.#slug, leaf }),
      open: (epoch) => this.#from.everything([epoch], { progress: host.progress, stopped: () => false }),
      epochOf: (leaf) => this.#epochOf(leaf),
      putAway: (epoch, leaf) => {
        this.#from.stale(epoch);
        this.#from.recused.add(hexOf(leaf));
        host.putAway();
        return this.search.changed();
      },
      left: (leaf) => { this.#typed.drop(leaf); },
    });
    this.#owning = new OwningUp(this.#from, host);
    this.#lowering = new Lowering(this.#from, { keys: host.keys, whole: (epoch) => this.#whole(epoch) });
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
    await this.#host.keys.ask<"keepOnly">({ do: "keepOnly", slug: this.#slug, epochs: this.#from.kept });
    const log = read?.ledger ?? null;
    this.alarms = [];
    if (!tended.listed) return; // signed lists that hold do not name this reviewer: nothing is theirs to be given, so nothing is missing
    await this.readPractice();
    await this.#owning.read();
    const unstepped = await this.#stepsBack.again();
    if (unstepped > 0) this.alarms.push(SAY.stepBackWaits(unstepped));
    await this.#ownRecusals();
    const ordered = [...tended.epochs].sort((a, b) => (beginOf(a) < beginOf(b) ? -1 : 1));
    const fresh: string[] = [];
    for (const epoch of ordered) fresh.push(...(await this.#makeCards(epoch.id, await this.#from.beginEpoch(epoch))));
    if (log !== null) this.alarms.push(...(await this.#from.missing(log)));
    if (log !== null) this.alarms.push(...unlogged(log, tended.clinicId, tended.epochs).map(SAY.unlogged));
    if (read !== null) this.alarms.push(...(await this.#from.compare(read)));
    await this.#stepsBack.follow((leaf) => [...this.#from.work].find(([, w]) => w.messages.some((m) => m.leaf === base64(leaf)))?.[0]);
    await this.#owning.now(fresh);
    const before = this.#rows;
    await this.#draw();
    const here = new Set(this.#rows.map(({ leaf }) => leaf));
    for (const { leaf } of before) if (!here.has(leaf)) this.#typed.drop(leaf);
    await this.#owning.cover();
    await this.#lowering.all(this.#rows);
  }

  async readPractice(): Promise<void> {
    this.practice = await api.practice(this.#slug);
    const { taken, coded, decided, reply, feedback, working_days, holidays } = this.practice;
    this.clocks = { taken, coded, decided, reply, feedback, workingDays: working_days, holidays };
  }

  async #ownRecusals(): Promise<void> {
    const { clinicId: clinic } = this.tended;
    const own = await this.#host.keys.ask<"ownRecusals">({ do: "ownRecusals", slug: this.#slug, clinic, ...(await api.recusals(this.#slug)) });
    for (const leaf of own) this.#from.recused.add(hexOf(leaf));
  }

  /** Stores cards for files that too few have read yet; gives those that nobody had. */
  async #makeCards(epoch: string, wanted: readonly ToCard[]): Promise<string[]> {
    if (wanted.length === 0 || this.#from.apart) return [];
    const cards = await this.#host.keys.ask<"sealCards">({ do: "sealCards", at: this.#at(epoch), leaves: wanted.map(({ leaf }) => leaf), log: this.#from.seen });
    const stored = new Set<string>();
    for (const card of cards) if (await unless(this.#store(card), "message-gone", "recused", "number")) stored.add(toBase64url(fromBase64(card.leaf)));
    await this.#from.refresh(epoch, true);
    return wanted.filter(({ leaf, fresh }) => fresh && stored.has(leaf)).map(({ leaf }) => leaf);
  }

  #at(epoch: string): At {
    return this.#from.at(epoch);
  }

  async #store(s: Served): Promise<void> {
    const { leaf, kind, n, file, signature, day, replaces, inPart } = s;
    await api.send(this.#slug, "/reviews", { leaf, kind, n, file, signature, day, replaces, in_part: inPart === true ? true : undefined });
  }

  async #allRows(): Promise<Row[]> {
    return this.#host.keys.ask<"rows">({ do: "rows", slug: this.#slug });
  }

  async #draw(): Promise<void> {
    const rows = await this.#allRows();
    this.decoys = rows.filter((r) => r.card.of === "decoy").length;
    this.#rows = rows.map((r) => (r.checkIn !== "" && this.#host.asked(hexOf(r.leaf)) ? { ...r, checkIn: "" } : r));
    for (const { by, day } of await this.#host.keys.ask<"wrongCards">({ do: "wrongCards", slug: this.#slug })) this.#from.once(SAY.wrongCard(by, day));
    for (const { day } of await this.#host.keys.ask<"unsigned">({ do: "unsigned", slug: this.#slug })) this.#from.once(SAY.unsigned(day));
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

  get week(): number { return this.practice?.week ?? Infinity; }

  shares(): Promise<Share[]> {
    return this.tended.listed ? api.shares(this.#slug) : Promise.resolve([]);
  }

  async claim(leaf: string, role: Role): Promise<void> {
    this.stale(leaf);
    await api.send(this.#slug, "/claims", { leaf: base64(leaf), role });
  }

  async handBack(leaf: string): Promise<void> {
    this.stale(leaf);
    await api.send(this.#slug, "/handbacks", { leaf: base64(leaf) });
    this.#typed.drop(leaf);
  }

  #epochOf(leaf: string): string {
    return this.#rows.find((r) => r.leaf === leaf)?.epoch ?? "";
  }

  stale(leaf: string): void {
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
      return this.why(epoch, leaf);
    }
    await this.#host.keys.ask<"declare">({ do: "declare", slug: this.#slug, leaf });
    const unread = await this.#whole(epoch);
    const opened = await this.#host.keys.ask<"openCase">({ do: "openCase", slug: this.#slug, leaf, unread });
    this.#crowd = { leaf, of: opened.crowd };
    this.#typed.opened(leaf, opened.of.claims.some(({ by }) => by === this.me));
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
    await quietly(this.#owning.later()); // and what nobody's card told is owed, too
  }

  #holds(epoch: string, leaf: string): boolean {
    return this.#from.work.get(epoch)?.messages.some((m) => m.leaf === base64(leaf)) === true;
  }

  /** Why a message of an epoch is not there any more. */
  async why(epoch: string, leaf: string): Promise<Gone> {
    if (!this.left(leaf)) await this.#ownRecusals(); // it may have been in another window, or in a terminal
    if (this.left(leaf)) return "left";
    const now = (await api.epochs(this.#slug)).epochs.find((e) => e.id === epoch);
    return now?.state === "shredded" ? "shredded" : "withdrawn";
  }

  left(leaf: string): boolean {
    return this.#from.recused.has(hexOf(leaf));
  }

  async send<K extends Exclude<keyof Bodies, "draft">>(leaf: string, kind: K, body: Bodies[K]): Promise<void> {
    const epoch = this.#epochOf(leaf);
    if (kind === "sharing" && "decision" in body && body.decision === "share") {
      const unread = await this.#from.unread(epoch, leaf);
      if (unread !== null) throw new Refused(unread);
    }
    if ("decision" in body && body.decision === "keep") await this.#from.refresh(epoch, true);
    await this.#dated(epoch);
    const decides = "decision" in body && body.decision !== "object";
    await this.#signed(epoch, async () => {
      if (decides) await this.#asDrawn(epoch, leaf, body);
      return this.#host.keys.ask<"sealReview">({ do: "sealReview", at: this.#at(epoch), leaf, kind, body });
    }, decides ? null : JSON.stringify([leaf, kind, body])); // a decision is held against what stands each time
    if (kind === "coding") this.#typed.spent(leaf, "mine_");
    if (kind === "consensus") await quietly(this.#settled(leaf));
    if (kind === "sharing") await quietly(this.#closed(epoch));
  }

  /** Throws NotAsDrawn where a decision was made over what does not stand any more, by what was fetched last; ApiError where it is gone. */
  async #asDrawn(epoch: string, leaf: string, body: Sharing): Promise<void> {
    if (!this.#holds(epoch, leaf)) throw new ApiError(404, "", "message-gone");
    const { of, story } = await this.#host.keys.ask<"openCase">({ do: "openCase", slug: this.#slug, leaf, unread: true });
    if (isSent(of, body, this.me)) throw new NotAsDrawn(CASE.sentAlready);
    if (!isAsDrawn(of, story.wishes, body, this.me, this.today)) throw new NotAsDrawn(CASE.notAsDrawn);
  }

  /** Throws Refused where nothing may be signed by the server's day. */
  async #dated(epoch: string, ahead?: number): Promise<void> {
    const undated = await this.#from.undated(epoch, ahead);
    if (undated !== null) throw new Refused(undated);
  }

  /** Stores what is signed for the day that it is, and signs it once more where the server has another day or more files. */
  async #signed(epoch: string, sign: () => Promise<Served>, what: string | null): Promise<void> {
    for (let tries = 0; ; tries++) {
      try {
        await this.#unanswered.post(what, sign, (served) => this.#store(served));
        break;
      } catch (err) {
        // Midnight passed, or this reviewer wrote in another window.
        if (err instanceof ApiError && err.kind === "message-gone") this.#from.stale(epoch); // what was just fetched is old already
        if (!(err instanceof ApiError) || tries > 0 || (err.kind !== "day" && err.kind !== "number")) throw err;
        await this.#from.refresh(epoch, true);
      }
    }
    this.#from.stale(epoch);
  }

  /** Stores a note that was sealed when its answer was locked. Throws ApiError or KeyholderError. */
  async store(note: Served): Promise<void> {
    const epoch = [...this.#from.work].find(([, { messages }]) => messages.some((m) => m.leaf === note.leaf))?.[0];
    if (epoch === undefined) throw new ApiError(404, "", "message-gone");
    await this.#signed(epoch, () => this.#host.keys.ask<"signAgain">({ do: "signAgain", at: this.#at(epoch), served: note }), note.file);
    await this.#typed.went(toBase64url(fromBase64(note.leaf)), FIRST); // the words were kept in the draft until then
  }

  /** Signs acts about an answer for the week that it is now. Throws KeyholderError. */
  again(acts: string[]): Promise<string[]> {
    return this.#host.keys.ask<"contactedAgain">({ do: "contactedAgain", slug: this.#slug, acts, day: today() });
  }

  async #closed(epoch: string): Promise<void> {
    await this.#from.refresh(epoch, true);
    await this.#owning.later();
  }

  /**
   * What follows when two coders agree, done by one of them: the mark in public, and the codes that the writer lets be counted.
   * Codes that they agree on no more are taken out.
   */
  async #settled(leaf: string): Promise<void> {
    await this.#from.refresh(this.#epochOf(leaf), true);
    await this.#lowering.disagreed(leaf);
    const { of } = await this.#host.keys.ask<"openCase">({ do: "openCase", slug: this.#slug, leaf, unread: true });
    const agreed = settled(of.codings, of.consensuses);
    if (agreed === null || !of.consensuses.some(({ by, hash }) => by === this.me && agreed.hashes.includes(hash))) return;
    await this.#owning.later();
    if (this.#from.work.get(of.epoch)?.messages.find((m) => m.leaf === base64(leaf))?.coded_in_clear === false) await this.#lowering.one(leaf, of.epoch);
  }

  keep(leaf: string, fields: Answer[], shown: Answer[] | null): Promise<Kept> {
    return this.#typed.keep(leaf, fields, shown);
  }

  draft(leaf: string): Promise<Begun> {
    return this.#typed.of(leaf);
  }

  sent(leaf: string, { q, a }: Answer): Promise<void> {
    return this.#typed.sent(leaf, q, a);
  }

  async release(leaf: string): Promise<void> {
    const epoch = this.#epochOf(leaf);
    const unread = await this.#from.unread(epoch);
    await this.#dated(epoch, 0); // the time to object is over by the device's own day, too
    const finding = await this.#host.keys.ask<"finding">({ do: "finding", at: this.#at(epoch), leaf, unread: unread !== null });
    if ("why" in finding) {
      const why = [...new Set(finding.why)].map((r) => (r === "not-read" && unread !== null ? unread : WITHHELD[r])).join(" ");
      throw finding.why.some((r) => r === "given-out" || r === "taken-back") ? new NotAsDrawn(why) : new Refused(why);
    }
    await api.send(this.#slug, "/findings", finding);
    this.#from.stale(epoch);
    await quietly(this.#closed(epoch));
  }

  /** The findings that stand, each held against what members signed and what its writer allows now. */
  async findings(): Promise<HeldFinding[]> {
    const findings = await api.findings(this.#slug); // first: the decision behind each is there by now
    const epochs = this.#from.epochs.map(({ id }) => id).filter((id) => findings.some((f) => this.#epochOf(leafIn(f)) === id));
    for (const id of epochs) await this.#from.refresh(id, true);
    if (epochs[0] !== undefined) await this.#whole(epochs[0]); // the oldest: what its writer sent since is under it or later ones
    const held = await this.#host.keys.ask<"holdFindings">({ do: "holdFindings", slug: this.#slug, clinic: this.tended.clinicId, findings });
    return findings.map((f, i) => ({ ...f, holding: held[i] ?? "shut" }));
  }

  /** Takes a finding back, at once. */
  async takeBack(f: ServedFinding): Promise<void> {
    await api.retract(this.#slug, f.id);
    this.stale(leafIn(f));
  }

  below(of: Case, story: Story, task: Task): Part[] {
    const { leaf } = of;
    const below = this.#host.below(hexOf(leaf), story, isToAsk(of, this.today), () => this.#owning.contacted(this.#epochOf(leaf), leaf));
    // Before its coders agree, or while somebody reads it alone, others like it would tell what to find; who only objects has not read it.
    return task !== "object" && task !== "code" && AGREED.includes(stageOf(of, this.today)) ? [{ element: this.#host.alike(leaf) }, ...below] : below;
  }

  async show(leaf: string, showing: Showing): Promise<void> {
    const shows = this.#host.shows(hexOf(leaf));
    const { words, ...out } = showing.out;
    const epoch = this.#epochOf(leaf);
    await this.#dated(epoch);
    const body: Note = { text: CASE.askedNote, asked: true, ...out, ...(words === "" ? {} : { words }) };
    const note = await this.#host.keys.ask<"sealReview">({ do: "sealReview", at: this.#at(epoch), leaf, kind: "note", body });
    const reply = await shows.seal(shownText(showing, this.#host.labels));
    shows.add(reply, await this.#owning.contacted(epoch, leaf), note);
  }

  noting(leaf: string): boolean {
    return this.#host.shows(hexOf(leaf)).noting();
  }

  showing(leaf: string, taken: () => void): HTMLElement | null {
    return this.#host.shows(hexOf(leaf)).waiting(taken);
  }

  asking(leaf: string): HTMLElement {
    return this.#host.asking(hexOf(leaf), async () => {
      await this.open(leaf);
      return this.#owning.contacted(this.#epochOf(leaf), leaf);
    });
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

  crowd(leaf: string): Crowd {
    return this.#crowd.leaf === leaf ? this.#crowd.of : { k: 0, role: "", rare: null };
  }
}

const base64 = (b64url: string): string => toBase64(fromBase64url(b64url));
const hexOf = (b64url: string): string => toHex(fromBase64url(b64url));
