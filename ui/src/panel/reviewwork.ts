/**
 * The worker's part of the panel's work on one clinic's messages. Files are opened here and stay here: the page gets their
 * cards, and a message itself, with what colleagues wrote about it, only after the reviewer has declared that nothing ties
 * them to it. After a step back it is forgotten.
 */
import type { CardCodes } from "../card.js";
import type { Bodies, Card, Consensus, Kind } from "../coding.js";
import { settled } from "../compare.js";
import { fromBase64, fromBase64url, fromHex, toBase64, toBase64url, toHex } from "../encoding.js";
import { recipientOf } from "../identity.js";
import type { Answer } from "../pad.js";
import type { OpenedReview, Served, ServedProblem } from "../reviewfile.js";
import type { Wishes } from "../sharing.js";
import { isOwnRecusal, remembered, rememberedStill, signStepBack, type Reminder, type ServedRecusal, type SignedRecusal } from "../stepback.js";
import type { Story } from "./bench.js";
import { blind, stageOf, taskOf, type Case, type Leave, type Row } from "./casework.js";
import type { Clocks } from "./clocks.js";
import type { Sighting } from "./completeness.js";
import { unsigned, wrongCards } from "./contradictions.js";
import type { Delivered, Desk } from "./desk.js";
import type { At, EpochFiles, ServedWork, Taken } from "./epochwork.js";
import { SignedCodes } from "./heldcodes.js";
import { signedOf, type Behind, type ServedFinding, type Signed } from "./heldfindings.js";
import { countedIn, InClear } from "./inclear.js";
import { besideOf, knownReceipt, LeftMessages, type Followers, type Here } from "./leftmessages.js";
import { Declared, isSwapped, NotDeclared, OpenMessages } from "./openmessages.js";
import { codedFacts, findingOf, type CodedFacts, type Release } from "./outgoing.js";
import { agreedThemes, crowd, type Crowd } from "./guess.js";
import { answering, canReply } from "./answering.js";
import { answeredOn, byReceipt, checkInOf, withLater, type Later, type StandingAct } from "./later.js";
import { isGrave } from "./pace.js";
import { pauses } from "./pause.js";
import { Proven, type Unproven } from "./proven.js";
import { actedOf, PublicActs, type Acted, type Owed } from "./publicacts.js";
import { hadOf, wasAsked } from "./shown.js";
import { caseOf, of, reportsOf, shown, sightingsOf, storedCard, threadOf, type Report } from "./storedcards.js";
import { knownOf, tally, type Known, type Tally } from "./tally.js";
import { Written } from "./written.js";

/** The writer did not ask to see first what goes out, or the message is not here: no clock stands still for them. */
export class NotAskFirst extends Error {
  override name = "NotAskFirst";
}

/** By how many members' cards a message goes that was not opened here: one alone could hide it from all others. */
const CARDS_NEEDED = 2;

const url = (base64: string): string => toBase64url(fromBase64(base64));

export class ReviewWork {
  readonly #desk: Desk;
  readonly #opened = new OpenMessages();
  readonly declarations = new Declared();
  readonly #recused = new LeftMessages();
  /** Messages of which others' findings were given out here before this reviewer had coded them: no other page knows. */
  readonly #compared = new Set<string>();
  readonly #epochs = new Map<string, EpochFiles>();
  /** Epochs whose files have to be here, all of them. */
  readonly #whole = new Set<string>();
  readonly #files: Written;
  /** What was worked out from all that, until something of it changes. */
  #reports: Report[] | null = null;
  #byReceipt: Map<string, Later[]> | null = null;
  #doubted: ReadonlyMap<string, string> | null = null;
  /** Days of the acts by which writers were answered, by their tags in base64. */
  #answered = new Map<string, string>();
  readonly #acts: PublicActs;
  readonly #proven = new Proven();
  /** What members signed of the findings that the server listed last. */
  #given: Signed = new Map();
  readonly #signedCodes = new SignedCodes();

  constructor(desk: Desk) {
    this.#desk = desk;
    this.#files = new Written(desk);
    this.#acts = new PublicActs(desk);
  }

  /** Opens files, keeps them here, and gives their cards and nothing else. */
  async read(files: (Delivered & { day: string })[], codes: CardCodes): Promise<{ leaf: string; card: Card }[]> {
    this.#opened.use(codes);
    this.#anew();
    const leaves: string[] = [];
    for (const f of files) {
      const opened = await this.#desk.openFile(f);
      const leaf = toBase64url(fromHex(opened.leafHash));
      if (this.#recused.has(leaf)) continue;
      this.#opened.put(leaf, { ...opened, day: f.day, epoch: f.epoch });
      leaves.push(leaf);
    }
    return leaves.map((leaf) => ({ leaf, card: this.#opened.card(leaf) })); // after all: a first message may come after its followers
  }

  /** Something changed: what was worked out from it is worked out anew. */
  #anew(): void {
    [this.#reports, this.#byReceipt, this.#doubted] = [null, null, null];
  }

  /** The card of a message by what is here, or else by what others found. */
  #cardOf(leaf: string): Card | null {
    return this.#opened.has(leaf) ? this.#opened.card(leaf) : storedCard(of(this.#written(leaf), "card"));
  }

  /** Takes what the server says about an epoch's messages, and opens what colleagues wrote. Without `served`, what is here stays. */
  async take(at: At, work: ServedWork, served: Served[] | null): Promise<Taken> {
    const before = this.#epochs.get(at.epoch);
    const messages = new Map(work.messages.map((m) => [url(m.leaf), m]));
    const lists = { lists: this.#desk.keys.lists(at.slug), before: (leaf: string): number | null => messages.get(leaf)?.before ?? null };
    const taken: Taken = { carded: [], seen: [], problems: [] };
    const reviews = served === null ? before?.reviews ?? new Map<string, OpenedReview[]>() : await this.#files.of(at, served, lists, this.#recused, taken.problems);
    const parts = new Map<string, ServedWork["parts"]>();
    const held = this.#proven.of(work.parts, at.clinic, lists, (p) => reviews.get(url(p.leaf))?.some(({ kind, by }) => kind === "coding" && by === p.reviewer) === true);
    for (const p of held.parts) parts.set(url(p.leaf), [...(parts.get(url(p.leaf)) ?? []), p]);
    this.#anew();
    const counted = countedIn(messages, served === null ? before?.counted ?? new Map<string, undefined>() : undefined);
    this.#epochs.set(at.epoch, { work, messages, parts, unproven: held.unproven, counted, reviews });
    for (const leaf of this.#taken(at.epoch, before)) this.#lose(leaf);
    for (const [leaf, all] of reviews) {
      const by = new Set(all.filter(({ kind }) => kind === "card").map((card) => card.by));
      if (by.size > 0) taken.seen.push(leaf);
      if (by.size >= CARDS_NEEDED || by.has(this.#desk.own.key.reviewer)) taken.carded.push(leaf);
    }
    return taken;
  }

  /** Messages of an epoch that were there before and are not any more: taken back, or stepped back from. */
  #taken(epoch: string, before: EpochFiles | undefined): string[] {
    return [...(before?.messages.keys() ?? [])].filter((leaf) => this.#epochs.get(epoch)?.messages.has(leaf) !== true);
  }

  /** How many messages of an epoch that the server has are not here. */
  lacking(epoch: string): number {
    return this.#leaves(epoch).filter((leaf) => !this.#opened.has(leaf) && !this.#recused.has(leaf)).length;
  }

  /** The messages of an epoch that are here, each the file that its leaf names: what to hold against the log. Base64url of the leaf hashes. */
  here(epoch: string): string[] {
    return [...this.#opened].filter(([, o]) => o.epoch === epoch && !isSwapped(o)).map(([leaf]) => leaf);
  }

  get #here(): Here { return { opened: this.#opened, epochs: this.#epochs, me: this.#desk.own.key.reviewer }; }

  /** Whether a message was stepped back from, or may belong to one that was: until it is open nobody knows, and it is out of sight. */
  #isAway(leaf: string): boolean {
    this.#doubted ??= this.#recused.doubted(this.#here);
    return this.#recused.has(leaf) || this.#doubted.has(leaf);
  }

  #leaves(epoch: string): string[] {
    return [...(this.#epochs.get(epoch)?.messages.keys() ?? [])];
  }

  /** Cards for messages that have none, sealed, in the order given, each with the log as it was read. What the server swapped gets none: it says nothing. */
  async cards(at: At, leaves: readonly string[], log = ""): Promise<Served[]> {
    const out: Served[] = [];
    for (const leaf of leaves) {
      const o = this.#opened.get(leaf);
      if (o !== undefined && !isSwapped(o)) out.push(await this.seal(at, leaf, "card", { ...this.#opened.card(leaf), ...(log === "" ? {} : { log }) }, this.next(leaf, "card")));
    }
    return out;
  }

  /** The largest log that each member has signed in a card to have seen, this reviewer among them. */
  sightings(): Sighting[] {
    return sightingsOf([...this.#epochs.values()].flatMap(({ reviews }) => [...reviews.values()].flatMap((all) => of(all, "card"))));
  }

  /** Takes the acts of the panel that stand in public. */
  acted(acts: readonly StandingAct[]): void {
    this.#answered = answeredOn(acts);
  }

  /** What every reviewer may see of every message here, and nothing more. */
  rows(me: string, members: readonly string[]): Row[] {
    const rows: Row[] = [];
    for (const [epoch, { work, messages }] of this.#epochs) {
      for (const leaf of messages.keys()) {
        const c = this.#seen(leaf, epoch, members);
        if (c === null) continue;
        const o = this.#opened.get(c.leaf);
        const junk = o?.kind === "junk" ? o.reason : null;
        rows.push({ leaf: c.leaf, epoch, day: c.day, card: c.card, claims: c.claims, coded: c.coded, free: c.free, checkIn: c.checkIn, stage: stageOf(c, work.today), task: taskOf(c, me, work.today), declared: this.#wrote(c.leaf, me), pauses: this.#knows(c.leaf, me) ? pauses(c.notes, c.back) : null, answering: answering(c, this.#knows(c.leaf, me) ? this.#opened.wishes(c.leaf) : null, canReply(this.#opened.get(c.leaf)), this.#answered), junk });
      }
    }
    const firsts = new Map(rows.filter(({ card }) => card.of === "submission").map((r) => [r.leaf, r.card]));
    return rows.map((r) => ({ ...r, card: shown(r.card.of === "submission" ? withLater(r.card, this.#laterOf(r.leaf, r.card)) : r.card, threadOf(r.card, firsts)) }));
  }

  /** Whether a reviewer has declared on a message, here or by what they signed on it. */
  #knows(leaf: string, me: string): boolean {
    return this.declarations.has(leaf) || this.#wrote(leaf, me);
  }

  /** What came later with the receipt of a message. */
  #laterOf(leaf: string, of: Card | null): Later[] {
    this.#byReceipt ??= byReceipt([...this.#epochs.values()].flatMap(({ messages }) => [...messages].flatMap(([id, { day }]) => {
      const card = this.#recused.has(id) ? null : this.#cardOf(id);
      return card === null ? [] : [{ leaf: id, day, card }];
    })));
    return (this.#byReceipt.get(of?.receipt ?? "") ?? []).filter((m) => m.leaf !== leaf);
  }

  /** Whether a reviewer signed anything on a message that needs a declaration first: all but its card. What the server says of parts is signed by nobody. */
  #wrote(leaf: string, me: string): boolean {
    return this.#written(leaf).some(({ by, kind }) => by === me && kind !== "card");
  }

  /** Messages whose stored card says something else than this browser found. */
  wrongCards(): { by: string; day: string }[] {
    return wrongCards(this.#here, this.#recused);
  }

  /** Takes the findings that the server lists: by those that members signed, messages were given out. */
  found(at: Pick<At, "slug" | "clinic">, findings: readonly ServedFinding[]): void {
    this.#given = signedOf(at.clinic, this.#desk.keys.lists(at.slug), findings);
    this.#anew();
  }

  /** Epochs and days of messages of which the server says that they were given out, and no member's signature for it is here. */
  unsigned(): { epoch: string; day: string }[] {
    return unsigned(this.#epochs, this.#given, this.#recused);
  }

  /** What the server says that members did and shows no signature of theirs for. */
  unproven(): Unproven[] {
    return [...this.#epochs.values()].flatMap(({ unproven }) => unproven);
  }

  /** Everything about a message that is here; null when there is no card of it. Sums, stages and acts come from that, and no view. */
  #case(leaf: string, epoch: string, members: readonly string[]): Case | null {
    const e = this.#epochs.get(epoch);
    const m = e?.messages.get(leaf);
    if (e === undefined || m === undefined || this.#isAway(leaf)) return null;
    const o = this.#opened.get(leaf);
    if (o !== undefined && o.epoch !== epoch) return null; // its leaf names another: what is written here would be sealed to the wrong key
    const card = o !== undefined ? this.#opened.card(leaf) : storedCard(of(e.reviews.get(leaf) ?? [], "card"));
    if (card === null) return null;
    const later = this.#laterOf(leaf, card);
    const about = { back: later.map((l) => ({ leaf: l.leaf, day: l.day })), checkIn: card.of === "submission" ? checkInOf(card, later, this.#answered) : "", given: m.finding ? this.#given.get(leaf) ?? [] : [], takenBack: (m.taken_back ?? []).map(url), ...(m.agreement_sent === true && { agreementSent: true }) };
    return caseOf(e, { leaf, epoch, day: m.day, card, ...about }, members);
  }

  /** A message as this reviewer may see it; null when there is no card of it. */
  #seen(leaf: string, epoch: string, members: readonly string[]): Case | null {
    const c = this.#case(leaf, epoch, members);
    const seen = c !== null && this.#compared.has(leaf) ? { ...c, compared: true } : c;
    return seen === null ? null : blind(seen, this.#desk.own.key.reviewer, this.#epochs.get(epoch)?.work.today ?? "");
  }

  /** The reviewer has declared that nothing ties them to a message. */
  declare(leaf: string): void {
    if (this.#recused.has(leaf)) return;
    this.declarations.add(leaf);
    this.#anew();
  }

  /** All that the panel wrote about a message, which is noted for who has not coded it. Throws NotDeclared. */
  case(leaf: string, members: readonly string[]): Case {
    this.declarations.must(leaf);
    const [c] = [...this.#epochs.keys()].flatMap((epoch) => this.#seen(leaf, epoch, members) ?? []);
    if (c === undefined) throw new NotDeclared();
    const me = this.#desk.own.key.reviewer;
    if (!c.coded.includes(me) && c.codings.some(({ by }) => by !== me)) this.#compared.add(leaf);
    return c;
  }

  /** What this reviewer typed on a message and did not send. Throws NotDeclared. */
  draft(leaf: string): { fields: Answer[]; hash: string } {
    this.declarations.must(leaf);
    const [kept] = of(this.#written(leaf).filter(({ by }) => by === this.#desk.own.key.reviewer), "draft");
    return kept === undefined ? { fields: [], hash: "" } : { fields: kept.body.fields, hash: toBase64(fromBase64url(kept.hash)) };
  }

  #written(leaf: string): OpenedReview[] {
    return [...this.#epochs.values()].flatMap(({ reviews }) => reviews.get(leaf) ?? []);
  }

  /** The number of this reviewer's next file of a kind. */
  next(leaf: string, kind: Kind): number {
    if (kind === "draft") return 0;
    return this.#written(leaf).filter((r) => r.kind === kind && r.by === this.#desk.own.key.reviewer).length;
  }

  /** A message with all that came later from the same writer. `unread` when files of later keys are not here. Throws NotDeclared. */
  story(leaf: string, unread = false): Story {
    this.declarations.must(leaf);
    return this.#opened.story(leaf, !unread && this.#allHere(), this.#laterGone(leaf));
  }

  /** Whether something that came in after a message, by the log, went with its key. */
  #laterGone(leaf: string): boolean {
    return [...this.#epochs.values()].some(({ messages }) => messages.get(leaf)?.laterGone === true);
  }

  /**
   * Whether everything that the server has is here, as the log names it. A file that the log names and that does not open
   * was sent so: no client of a writer does that, and it must not be a way to keep everybody's words from going out.
   */
  #allHere(): boolean {
    return [...this.#whole].every((epoch) => this.lacking(epoch) === 0) && ![...this.#opened].some(([, o]) => isSwapped(o));
  }

  /** A message is about to be read: the files of these epochs have to be here, all of them. */
  want(epochs: readonly string[]): void {
    for (const id of epochs) this.#whole.add(id);
  }

  /** What of all this lies in the clear, and what may and does not. */
  get clear(): InClear {
    return new InClear(this.#desk.own.key.reviewer, this.#epochs, this.#opened, this.#recused, this.#signedCodes);
  }

  /** What this reviewer has behind a finding; null where the message is not here. It stays in the worker. */
  behind(leaf: string, members: readonly string[]): Behind | null {
    const [of] = [...this.#epochs.keys()].flatMap((epoch) => this.#case(leaf, epoch, members) ?? []);
    const wishes = this.#opened.wishes(leaf);
    if (of === undefined || wishes === null) return null;
    return { of, wishes, first: this.#opened.asksFirst(leaf), own: this.#opened.own(leaf) };
  }

  /**
   * Reports that this reviewer has declared on, now or by what they signed on them, with what their writers sent later. Nothing else
   * may be gone through: not what nobody here declared on, not what was stepped back from, and not what writers say about themselves.
   */
  declared(me: string): readonly Report[] {
    return this.#reports ??= this.#declaredBy(me);
  }

  #declaredBy(me: string): Report[] {
    const cards = [...this.#epochs].flatMap(([epoch, { messages }]) => [...messages].flatMap(([leaf, { day }]) => {
      const card = this.#isAway(leaf) || (this.#opened.get(leaf)?.epoch ?? epoch) !== epoch ? null : this.#cardOf(leaf);
      return card?.of === "submission" || card?.of === "followup" ? [{ leaf, epoch, day, card }] : [];
    }));
    return reportsOf(cards).filter(({ leaf }) => this.#knows(leaf, me));
  }

  /** What a message answers, for those parts of this worker that go through words; null while it is not open here. */
  answers(leaf: string): readonly Answer[] | null {
    const o = this.#opened.get(leaf);
    return o !== undefined && "answers" in o ? o.answers : null;
  }

  /** What the coders of a message agree on; null before. */
  agreed(leaf: string): Consensus | null {
    const all = this.#written(leaf);
    return settled(of(all, "coding"), of(all, "consensus"))?.consensus ?? null;
  }

  /** Whether somebody found a message to be of the gravest kind, as far as this reviewer is told. */
  isGrave(leaf: string, members: readonly string[]): boolean {
    return [...this.#epochs.keys()].map((epoch) => this.#seen(leaf, epoch, members)).some((c) => c !== null && isGrave(c));
  }

  /** How many first messages here one stands among: numbers, and no other message is told. */
  crowd(leaf: string, members: readonly string[]): Crowd {
    return crowd(leaf, this.rows(this.#desk.own.key.reviewer, members).map((r) => ({ ...r, agreed: agreedThemes(this.#seen(r.leaf, r.epoch, members)) })));
  }

  /** Sums over all first messages that have a card, for the panel alone. No message is told apart in them. */
  tally(members: readonly string[], today: string, clocks: Clocks, codes: CardCodes): Tally {
    const known = [...this.#epochs].flatMap(([epoch, { messages }]) => [...messages].flatMap(([leaf, m]): Known[] => {
      const c = this.#case(leaf, epoch, members);
      if (c?.card.of !== "submission") return [];
      return [knownOf(c, { counted: m.coded_in_clear, first: this.#opened.get(c.leaf), wishes: this.#opened.wishes(c.leaf), answered: this.#answered }, today)];
    }));
    return tally(known, codes.themes.map(({ code }) => code), today, clocks);
  }

  /**
   * Signs a step back with what is kept of the message, sealed to this reviewer alone: what its writer sends later is known by that.
   * Forgets the message, and can sign the same again: the server may not have taken it.
   */
  async recuse(at: At, leaf: string): Promise<SignedRecusal> {
    const { identity, key } = this.#desk.own;
    const receipt = knownReceipt(leaf, this.#here) ?? this.#recused.receipt(leaf) ?? "";
    this.#recused.remember(leaf, receipt);
    this.forget(leaf);
    return signStepBack({ ...at, leaf, receipt }, await recipientOf(identity), key);
  }

  forget(leaf: string): void {
    this.#recused.add(leaf);
    this.#lose(leaf);
    this.#anew();
  }

  /** Nothing of a message stays here. */
  #lose(leaf: string): void {
    this.declarations.delete(leaf);
    this.#opened.delete(leaf);
    this.#desk.forget(toHex(fromBase64url(leaf)));
    for (const { reviews } of this.#epochs.values()) reviews.delete(leaf);
    this.#files.forget(leaf);
  }

  /** Forgets what is under keys that are destroyed or not there any more, whatever was open of it. */
  keepOnly(epochs: readonly string[]): void {
    const gone = [...this.#epochs].filter(([id]) => !epochs.includes(id));
    const leaves = [...gone.flatMap(([, { reviews }]) => [...reviews.keys()]), ...[...this.#opened].filter(([, { epoch }]) => !epochs.includes(epoch)).map(([leaf]) => leaf)];
    for (const leaf of new Set(leaves)) this.#lose(leaf);
    for (const [id] of gone) {
      this.#epochs.delete(id);
      this.#whole.delete(id);
    }
    this.#anew();
  }

  /**
   * Of the recusals that the server gives, those that this reviewer's own key signed: no other excuses a missing file. Base64url. What they
   * keep of messages that are gone is remembered with them.
   */
  async ownRecusals(clinic: string, served: readonly ServedRecusal[], kept: readonly Reminder[] = []): Promise<string[]> {
    const { identity, key } = this.#desk.own;
    for (const k of kept) this.#recused.remember(k.signature, await rememberedStill(clinic, k, identity, key));
    const own = served.filter((s) => isOwnRecusal(clinic, s, key));
    for (const s of own) {
      this.forget(url(s.leaf));
      this.#recused.remember(url(s.leaf), await remembered(clinic, s, identity, key));
    }
    this.#anew();
    return own.map(({ leaf }) => url(leaf));
  }

  /** Messages that stand beside a message, or with null beside any that was stepped back from: they go with it. */
  followers(leaf: string | null): Followers {
    return leaf === null ? this.#recused.followers(this.#here) : besideOf(leaf, this.#here);
  }

  /**
   * Seals and signs what a reviewer wrote; a draft to the reviewer alone. What shows a writer something says what had come from them
   * by then. Throws NotDeclared, but for a card, and NotAskFirst.
   */
  async seal<K extends Kind>(at: At, leaf: string, kind: K, body: Bodies[K], n: number): Promise<Served> {
    if (kind !== "card") this.declarations.must(leaf);
    if ("asked" in body && !this.#opened.asksFirst(leaf) && !wasAsked(of(this.#written(leaf), "note"), [])) throw new NotAskFirst();
    const said = "asked" in body && "form" in body ? { ...body, had: hadOf(this.#laterOf(leaf, this.#cardOf(leaf))) } : body;
    return this.#files.seal(at, leaf, kind, said, n);
  }

  /** Opens what colleagues wrote. What does not hold is told, and never taken. */
  open(at: At, served: Served[]): Promise<(OpenedReview | ServedProblem)[]> {
    return this.#files.open(at, served, { lists: this.#desk.keys.lists(at.slug), before: () => null });
  }

  /** The acts that were done and do not stand yet, signed: all that follow from the cards and from what was written, whoever did them. */
  owed(today: string, quorum: readonly string[], fresh: readonly string[], taken: readonly string[]): Owed[] {
    return this.#acts.owed([...this.#acted()], { today, quorum, fresh, taken });
  }

  /** Signs the acts of an answer, under some free tags: the first that is still free when it is sent counts. Throws NotDeclared. */
  contacted(at: At, leaf: string, taken: readonly string[]): string[] {
    this.declarations.must(leaf);
    const o = this.#opened.get(leaf);
    return this.#acts.contacted(at, leaf, o !== undefined && "actions" in o ? o.actions : null, taken);
  }

  /** Acts on files that are no messages, so that the number of acts does not tell the number of messages: those whose day this is, by the odds. */
  cover(at: At, taken: readonly string[]): string[] {
    return this.#acts.cover([...this.#acted()].filter(({ epoch }) => epoch === at.epoch), at.today, taken);
  }

  /** What of each message with a stored card counts for acts. What the server swapped says nothing. */
  *#acted(): Iterable<Acted> {
    const me = this.#desk.own.key.reviewer;
    for (const [epoch, { messages, reviews }] of this.#epochs) {
      for (const leaf of messages.keys()) {
        const all = reviews.get(leaf) ?? [];
        const o = this.#opened.get(leaf);
        const c = this.#case(leaf, epoch, []);
        if (c === null || (o !== undefined && isSwapped(o)) || !all.some(({ kind }) => kind === "card")) continue;
        yield actedOf(c, me, o !== undefined, messages.get(leaf)?.handed_over === true);
      }
    }
  }

  #leave(leaf: string, wishes: Wishes, unread: boolean): Leave {
    const allRead = !unread && this.#allHere() && !this.#opened.isOrphan(leaf);
    return { wishes, first: this.#opened.asksFirst(leaf), allRead, laterGone: this.#laterGone(leaf), own: this.#opened.own(leaf) };
  }

  /**
   * The codes of a message for the clear, signed; null when they may not lie there now. Who signed what two agree on declared
   * before, if not on this page. Throws NotDeclared.
   */
  coded(at: At, leaf: string, members: readonly string[], unread = false): CodedFacts | null {
    const me = this.#desk.own.key.reviewer;
    if (!this.#written(leaf).some(({ by, kind }) => by === me && kind === "consensus")) this.declarations.must(leaf);
    const c = this.#case(leaf, at.epoch, members);
    if (c === null) throw new NotDeclared();
    const wishes = this.#opened.wishes(leaf);
    return wishes === null ? null : codedFacts(at, c, this.#leave(leaf, wishes, unread), this.#desk.own.key);
  }

  /** The finding that follows from a decision, signed, or why there is none. Throws NotDeclared. */
  finding(at: At, leaf: string, members: readonly string[], unread = false): Release {
    const c = this.case(leaf, members);
    const wishes = this.#opened.wishes(leaf);
    return wishes === null ? { why: ["not-agreed"] } : findingOf(at, c, this.#leave(leaf, wishes, unread), this.#desk.own.key);
  }
}
