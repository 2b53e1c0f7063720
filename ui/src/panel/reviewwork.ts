/**
 * The worker's part of the panel's work on one clinic's messages. Files are opened here and stay here: the page gets their
 * cards, and a message itself, with what colleagues wrote about it, only after the reviewer has declared that nothing ties
 * them to it. After a step back it is forgotten.
 */
import { ed25519 } from "@noble/curves/ed25519.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { actionLeaf, actionTag, signAct, weekOf, type ActCode } from "../action.js";
import type { CardCodes } from "../card.js";
import { newCard } from "../card.js";
import type { Bodies, Card, Kind, ReviewFile } from "../coding.js";
import { settled } from "../compare.js";
import { COVER, coin, coverKey } from "../cover.js";
import { fromBase64, fromBase64url, fromHex, toBase64, toBase64url, utf8 } from "../encoding.js";
import { recipientOf } from "../identity.js";
import type { Answer } from "../pad.js";
import { openReview, recusalLines, sealReview, signRecusal, type OpenedReview, type Served, type ServedProblem } from "../reviewfile.js";
import { byDay, FORMS, wishesForbid, wishesOf, type Form, type Reason, type Wishes } from "../sharing.js";
import { sign } from "../signin.js";
import type { Story, Told } from "./bench.js";
import { allowed, stageOf, standing, taskOf, type Case, type Claim, type Dated, type Role, type Row } from "./casework.js";
import type { Clocks } from "./clocks.js";
import type { Delivered, Desk, JunkReason, Opened } from "./desk.js";
import { tally, type Known, type Tally } from "./tally.js";

/** A clinic's epoch, and the place as it names itself. */
export interface At {
  /** The clinic's short name, under which its lists were walked, and its id. */
  slug: string;
  clinic: string;
  epoch: string;
  origin: string;
  /** `YYYY-MM-DD`, UTC, by the server's clock, which takes a file of no other day. */
  today: string;
}

/** How the work on an epoch stands, as the server gives it. Leaves are base64. */
export interface ServedWork {
  today: string;
  messages: { leaf: string; day: string; carded: boolean; coded_in_clear: boolean; finding: boolean }[];
  parts: { leaf: string; reviewer: string; part: string }[];
}

/** Why a message does not go out, or the finding, signed, as it is posted. */
export type Release = { why: Reason[] } | { leaf: string; form: Form; words: string; themes: string[]; sharing: string; signature: string };

/** Codes that may lie in the clear, signed, as they are posted. */
export interface CodedFacts {
  leaf: string;
  facts: {
    taxonomy: string; service: string; role: string; themes: string[]; items: string[]; good: string[]; seriousness: number; involved: string[]; repair: string[];
  };
  signature: string;
}

/** What came of the files that were written about an epoch's messages. */
export interface Taken {
  /** Base64url of the leaf hashes of messages with a card that a listed member signed. */
  carded: string[];
  /** Files that do not hold, and whose they are said to be. */
  problems: { by: string; kind: string; why: ServedProblem }[];
}

/** Nobody has declared on this message here, or it was not delivered. */
export class NotDeclared extends Error {
  override name = "NotDeclared";
}

type Message = Exclude<Opened, { kind: "decoy" } | { kind: "junk" }> & { day: string; epoch: string };
type Held = Opened & { day: string; epoch: string };

interface Epoch {
  work: ServedWork;
  /** What was written about each message, by base64url of its leaf hash. */
  reviews: Map<string, OpenedReview[]>;
}

/** Junk that is the server's doing: the file is not the one that the public log names. It says nothing about the message. */
const SWAPPED: readonly JunkReason[] = ["leaf", "epoch", "hash"];

/** How many tags an act on an answer is signed for ahead, since a colleague may take some while the answer waits. */
const SPARE_TAGS = 4;

const url = (base64: string): string => toBase64url(fromBase64(base64));

export class ReviewWork {
  readonly #desk: Desk;
  /** By base64url of the leaf hash, in the order in which they were delivered. */
  readonly #opened = new Map<string, Held>();
  readonly #declared = new Set<string>();
  readonly #recused = new Set<string>();
  readonly #epochs = new Map<string, Epoch>();
  /** Epochs whose files have to be here, all of them. */
  readonly #whole = new Set<string>();
  /** Files that were opened already, by their signature. */
  readonly #known = new Map<string, OpenedReview>();
  #codes: CardCodes = { version: "0.0.0", themes: [], roles: [], when: [] };

  constructor(desk: Desk) {
    this.#desk = desk;
  }

  /** Opens files, keeps them here, and gives their cards and nothing else. */
  async read(files: (Delivered & { day: string })[], codes: CardCodes): Promise<{ leaf: string; card: Card }[]> {
    this.#codes = codes;
    const leaves: string[] = [];
    for (const f of files) {
      const opened = await this.#desk.openFile(f);
      const leaf = toBase64url(fromHex(opened.leafHash));
      if (this.#recused.has(leaf)) continue;
      this.#opened.set(leaf, { ...opened, day: f.day, epoch: f.epoch });
      leaves.push(leaf);
    }
    return leaves.map((leaf) => ({ leaf, card: this.#card(leaf) })); // after all: a first message may come after its followers
  }

  #card(leaf: string): Card {
    const o = this.#opened.get(leaf);
    if (o === undefined) throw new NotDeclared();
    if (o.kind === "decoy" || o.kind === "junk") return newCard(o.kind, "", [], this.#codes);
    return newCard(o.kind, o.kind === "submission" ? "" : this.#first(o), o.kind === "consent" ? [] : o.answers, this.#codes);
  }

  /**
   * The first message that a further one belongs to: the one with the same mailbox, which only its writer and the panel
   * know. While that one is not here, what the further one says. Leaf hashes are public, so anybody could say one: where
   * both are here and their mailboxes differ, it belongs to nothing.
   */
  #first(o: Message): string {
    for (const [leaf, other] of this.#opened) if (other.kind === "submission" && tied(o, other)) return leaf;
    return o.thread === null || this.#opened.has(o.thread) ? "" : o.thread;
  }

  /** Takes what the server says about an epoch's messages, and opens what colleagues wrote. Without `served`, what is here stays. */
  async take(at: At, work: ServedWork, served: Served[] | null): Promise<Taken> {
    const before = this.#epochs.get(at.epoch)?.reviews ?? new Map<string, OpenedReview[]>();
    const taken: Taken = { carded: [], problems: [] };
    const reviews = served === null ? before : await this.#reviews(at, served, taken);
    this.#epochs.set(at.epoch, { work, reviews });
    taken.carded = [...reviews].filter(([, all]) => all.some(({ kind }) => kind === "card")).map(([leaf]) => leaf);
    return taken;
  }

  async #reviews(at: At, served: Served[], taken: Taken): Promise<Map<string, OpenedReview[]>> {
    const reviews = new Map<string, OpenedReview[]>();
    const fresh = served.filter((s) => !this.#known.has(s.signature));
    const opened = await this.open(at, fresh);
    fresh.forEach((s, i) => {
      const o = opened[i];
      if (typeof o === "object") this.#known.set(s.signature, o);
      else if (o !== undefined) taken.problems.push({ by: s.author, kind: s.kind, why: o });
    });
    for (const s of served) {
      const o = this.#known.get(s.signature);
      if (o !== undefined && !this.#recused.has(o.leaf)) reviews.set(o.leaf, [...(reviews.get(o.leaf) ?? []), o]);
    }
    for (const all of reviews.values()) all.sort((a, b) => (a.by === b.by ? a.n - b.n : a.by < b.by ? -1 : 1));
    return reviews;
  }

  /** How many messages of an epoch that the server has are not here. */
  lacking(epoch: string): number {
    return this.#leaves(epoch).filter((leaf) => !this.#opened.has(leaf) && !this.#recused.has(leaf)).length;
  }

  /** The messages of an epoch that are here, each the file that its leaf names: what to hold against the log. Base64url of the leaf hashes. */
  here(epoch: string): string[] {
    return [...this.#opened].filter(([, o]) => o.epoch === epoch && !isSwapped(o)).map(([leaf]) => leaf);
  }

  #leaves(epoch: string): string[] {
    return (this.#epochs.get(epoch)?.work.messages ?? []).map((m) => url(m.leaf));
  }

  /** Cards for messages that have none, sealed, in the order given. What the server swapped gets none: it says nothing. */
  async cards(at: At, leaves: readonly string[]): Promise<Served[]> {
    const out: Served[] = [];
    for (const leaf of leaves) {
      const o = this.#opened.get(leaf);
      if (o !== undefined && !isSwapped(o)) out.push(await this.seal(at, leaf, "card", this.#card(leaf), this.next(leaf, "card")));
    }
    return out;
  }

  /** What every reviewer may see of every message here, and nothing more. */
  rows(me: string, members: readonly string[]): Row[] {
    const rows: Row[] = [];
    for (const [epoch, { work }] of this.#epochs) {
      for (const m of work.messages) {
        const c = this.#case(url(m.leaf), epoch, members);
        if (c === null) continue;
        const o = this.#opened.get(c.leaf);
        const junk = o?.kind === "junk" ? o.reason : null;
        rows.push({ leaf: c.leaf, epoch, day: c.day, card: c.card, claims: c.claims, stage: stageOf(c, work.today), task: taskOf(c, me, work.today), declared: this.#wrote(c.leaf, me), junk });
      }
    }
    // A further message whose first one is not here stands alone: nothing is hidden by naming a message that there is not.
    const leaves = new Set(rows.map(({ leaf }) => leaf));
    return rows.map((r) => (r.card.thread === "" || leaves.has(r.card.thread) ? r : { ...r, card: { ...r.card, thread: "" } }));
  }

  /** Whether a reviewer signed anything on a message that needs a declaration first: all but its card. What the server says of parts is signed by nobody. */
  #wrote(leaf: string, me: string): boolean {
    return this.#written(leaf).some(({ by, kind }) => by === me && kind !== "card");
  }

  /** Messages whose stored card says something else than this browser found: their author's mistake, or a wrong word on purpose. */
  wrongCards(): { by: string; day: string }[] {
    return [...this.#epochs.values()].flatMap(({ reviews }) => [...reviews].flatMap(([leaf, all]) => {
      const o = this.#opened.get(leaf);
      if (o === undefined || isSwapped(o)) return [];
      return all.filter((r) => r.kind === "card" && r.body.of !== o.kind).map(({ by }) => ({ by, day: o.day }));
    }));
  }

  /** Everything about a message; null when there is no card of it. */
  #case(leaf: string, epoch: string, members: readonly string[]): Case | null {
    const e = this.#epochs.get(epoch);
    const m = e?.work.messages.find((one) => url(one.leaf) === leaf);
    if (e === undefined || m === undefined || this.#recused.has(leaf)) return null;
    const all = e.reviews.get(leaf) ?? [];
    const card = this.#opened.has(leaf) ? this.#card(leaf) : storedCard(of(all, "card"));
    if (card === null) return null;
    const parts = e.work.parts.filter((p) => url(p.leaf) === leaf);
    const having = (part: string): string[] => parts.filter((p) => p.part === part).map(({ reviewer }) => reviewer);
    return {
      leaf, epoch, day: m.day, card,
      claims: parts.filter((p) => isRole(p.part)).map((p): Claim => ({ by: p.reviewer, role: p.part as Role })),
      codings: of(all, "coding"), coded: having("coded"), consensuses: of(all, "consensus"), checks: of(all, "check"), sharings: of(all, "sharing"), notes: of(all, "note"),
      free: members.filter((id) => !having("recused").includes(id)), released: m.finding,
    };
  }

  /** The reviewer has declared that nothing ties them to a message. */
  declare(leaf: string): void {
    if (!this.#recused.has(leaf)) this.#declared.add(leaf);
  }

  /** All that the panel wrote about a message. Throws NotDeclared. */
  case(leaf: string, members: readonly string[]): Case {
    const epoch = [...this.#epochs.keys()].find((id) => this.#leaves(id).includes(leaf)) ?? "";
    const c = this.#declared.has(leaf) ? this.#case(leaf, epoch, members) : null;
    if (c === null) throw new NotDeclared();
    return c;
  }

  /** What this reviewer typed on a message and did not send. Throws NotDeclared. */
  draft(leaf: string): Answer[] {
    if (!this.#declared.has(leaf)) throw new NotDeclared();
    return of(this.#written(leaf).filter(({ by }) => by === this.#desk.own.key.reviewer), "draft")[0]?.body.fields ?? [];
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
    const first = this.#opened.get(leaf);
    if (!this.#declared.has(leaf) || first === undefined || !("sealedBy" in first)) throw new NotDeclared();
    const later = this.#later(leaf, first);
    const more = later.flatMap((o): Told[] => (o.kind === "consent" ? [] : [toldOf(o)]));
    const consents = first.kind === "consent" ? [first] : later;
    return {
      ...(first.kind === "consent" ? { kind: "consent", sealedBy: first.sealedBy, answers: [], day: first.day } : toldOf(first)),
      later: more,
      changes: changesIn(consents),
      allRead: !unread && this.#allHere(),
      canReply: first.mailbox !== null && "replyTo" in first && first.replyTo !== null,
    };
  }

  #later(leaf: string, first: Message): Message[] {
    return [...this.#opened].filter(([id, o]) => id !== leaf && o.kind !== "submission" && "sealedBy" in o && tied(o, first)).map(([, o]) => o as Message);
  }

  /**
   * Whether everything that the server has is here, as the log names it. A file that the log names and that does not open
   * was sent so: no client of a writer does that, and it must not be a way to keep everybody's words from going out.
   */
  #allHere(): boolean {
    return [...this.#whole].every((epoch) => this.lacking(epoch) === 0) && ![...this.#opened.values()].some(isSwapped);
  }

  /** A message is about to be read: the files of these epochs have to be here, all of them. */
  want(epochs: readonly string[]): void {
    for (const id of epochs) this.#whole.add(id);
  }

  /** The forms that a writer's wishes allow now, with all that came later; null when the message is not here. */
  allows(leaf: string): Form[] | null {
    const first = this.#opened.get(leaf);
    if (first === undefined || !("answers" in first)) return null;
    const wishes = this.#wishes(leaf, first);
    return FORMS.filter((form) => wishesForbid(wishes, form).length === 0);
  }

  #wishes(leaf: string, first: Message & { answers: Answer[] }): Wishes {
    const later = this.#later(leaf, first);
    return wishesOf([first.answers, ...later.flatMap((o) => ("answers" in o ? [o.answers] : []))].flat(), changesIn(later));
  }

  /** Sums over all first messages that have a card, for the panel alone. No message is told apart in them. */
  tally(members: readonly string[], today: string, clocks: Clocks, codes: CardCodes): Tally {
    const known = [...this.#epochs].flatMap(([epoch, { work }]) => work.messages.flatMap((m): Known[] => {
      const c = this.#case(url(m.leaf), epoch, members);
      if (c?.card.of !== "submission") return [];
      const first = this.#opened.get(c.leaf);
      const thirds = c.claims.filter(({ role }) => role === "third").map(({ by }) => by);
      const blind = [...new Map(c.codings.filter(({ by }) => !thirds.includes(by)).reverse().map((f) => [f.by, f] as const)).values()];
      const begun = [...c.codings, ...c.notes, ...c.checks, ...c.consensuses, ...c.sharings].map(({ day }) => day).sort()[0] ?? "";
      const read = first !== undefined && first.kind === "submission";
      return [{
        day: c.day, service: c.card.service, counted: m.coded_in_clear, agreed: settled(c.codings, c.consensuses)?.consensus ?? null, blind, begun,
        answers: read ? first.answers : null, sealedBy: read ? first.sealedBy : "",
      }];
    }));
    return tally(known, codes.themes.map(({ code }) => code), today, clocks);
  }

  /** Signs a step back, and forgets the message. Base64. */
  recuse(at: At, leaf: string): string {
    this.forget(leaf);
    return signRecusal(at.clinic, fromBase64url(leaf), this.#desk.own.key);
  }

  forget(leaf: string): void {
    this.#declared.delete(leaf);
    this.#opened.delete(leaf);
    this.#recused.add(leaf);
    for (const { reviews } of this.#epochs.values()) reviews.delete(leaf);
    for (const [signature, o] of this.#known) if (o.leaf === leaf) this.#known.delete(signature);
  }

  /** Of the recusals that the server gives, those that this reviewer's own key signed: no other excuses a missing file. Base64url. */
  ownRecusals(clinic: string, served: { leaf: string; signature: string }[]): string[] {
    const { key } = this.#desk.own;
    const own = served.filter((s) => isOwnRecusal(clinic, s, key.public, key.reviewer)).map((s) => url(s.leaf));
    for (const leaf of own) this.forget(leaf);
    return own;
  }

  /** Messages that belong, or say they belong, to one from which this reviewer has stepped back. */
  followersOfRecused(): string[] {
    const stored = [...this.#epochs.values()].flatMap(({ reviews }) => [...reviews].filter(([, all]) => this.#recused.has(storedCard(of(all, "card"))?.thread ?? "")).map(([leaf]) => leaf));
    const opened = [...this.#opened].filter(([, o]) => "sealedBy" in o && o.thread !== null && this.#recused.has(o.thread)).map(([leaf]) => leaf);
    return [...new Set([...stored, ...opened])];
  }

  /** Messages that stand beside a message: a step back from it is one from them too. */
  followersOf(leaf: string): string[] {
    const o = this.#opened.get(leaf);
    const later = o !== undefined && "sealedBy" in o ? this.#later(leaf, o).map((x) => toBase64url(fromHex(x.leafHash))) : [];
    const stored = [...this.#epochs.values()].flatMap(({ reviews }) => [...reviews].filter(([, all]) => storedCard(of(all, "card"))?.thread === leaf).map(([id]) => id));
    return [...new Set([...later, ...stored])];
  }

  /** Seals and signs what a reviewer wrote; a draft to the reviewer alone. */
  async seal<K extends Kind>(at: At, leaf: string, kind: K, body: Bodies[K], n: number): Promise<Served> {
    const { identity, key } = this.#desk.own;
    const recipient = await recipientOf(kind === "draft" ? identity : this.#desk.epochKey(at.epoch));
    const f = { t: kind, epoch: at.epoch, origin: at.origin, leaf, by: key.reviewer, body } as ReviewFile;
    return sealReview(f, { recipient, clinic: at.clinic, leaf: fromBase64url(leaf), n, day: at.today }, key);
  }

  /** Opens what colleagues wrote. What does not hold is told, and never taken. */
  async open(at: At, served: Served[]): Promise<(OpenedReview | ServedProblem)[]> {
    const lists = this.#desk.keys.lists(at.slug);
    const identity = (s: Served): string => (s.kind === "draft" ? this.#desk.own.identity : this.#desk.epochKey(at.epoch));
    const out: (OpenedReview | ServedProblem)[] = [];
    for (const s of served) out.push(await openReview(s, at, lists, identity(s)));
    return out;
  }

  /**
   * Signs an act that comes once for a receipt; null when it stands already. A message that carries no key for its acts has tags
   * that only the panel can work out.
   */
  act(at: At, leaf: string, code: ActCode, taken: readonly string[]): string | null {
    return this.#acts(at, leaf, code, taken, 1, 1)[0] ?? null;
  }

  /**
   * Signs the acts that were done and do not stand yet: one for each message that has a card, more where it does not open or its
   * key is opened by several, and one for each receipt that two coders agree on. Which acts those are is worked out from what is
   * here and never by trying, so a colleague's act is not done twice. `fresh` are the messages that got their first card just
   * now: other messages of their receipt need not be here, and the tags taken stand for those.
   */
  owed(today: string, quorum: readonly string[], fresh: readonly string[], taken: readonly string[]): string[] {
    const free = (tag: Uint8Array): boolean => !taken.includes(toBase64(tag));
    return [...this.#did(quorum, fresh).values()].flatMap(({ key, acts }) => [...acts].flatMap(([code, { all, now }]) => {
      let stand = 0;
      while (now > 0 && !free(actionTag(key, code, stand))) stand++;
      const tags = [...Array(now > 0 ? Math.max(all, stand + now) : all).keys()].map((n) => actionTag(key, code, n));
      return tags.filter(free).map((tag) => actionLeaf(signAct({ tag, code, outcome: "", day: today }, this.#desk.own.key)));
    }));
  }

  /** How many acts of each code were done under each key for acts, as far as messages are here: of all of them, and of the fresh ones. */
  #did(quorum: readonly string[], fresh: readonly string[]): Map<string, { key: Uint8Array; acts: Map<ActCode, { all: number; now: number }> }> {
    const did = new Map<string, { key: Uint8Array; acts: Map<ActCode, { all: number; now: number }> }>();
    for (const [epoch, { work, reviews }] of this.#epochs) {
      for (const leaf of work.messages.map((m) => url(m.leaf))) {
        const card = storedCard(of(reviews.get(leaf) ?? [], "card"));
        const found = card === null || this.#recused.has(leaf) ? null : this.#tagged(leaf, epoch, card);
        if (found === null) continue;
        const { key, junk, own } = found;
        const { acts } = did.get(toBase64(key)) ?? { acts: new Map<ActCode, { all: number; now: number }>() };
        did.set(toBase64(key), { key, acts });
        const settledHere = settled(of(reviews.get(leaf) ?? [], "coding"), of(reviews.get(leaf) ?? [], "consensus")) !== null;
        for (const code of ["received", ...(junk ? ["undecryptable"] as const : []), ...(quorum.includes(epoch) ? ["opened-by-quorum"] as const : [])] as const) {
          const { all, now } = acts.get(code) ?? { all: 0, now: 0 };
          acts.set(code, { all: all + 1, now: now + (own && fresh.includes(leaf) ? 1 : 0) }); // a key of one file has one act of each code
        }
        if (settledHere) acts.set("assessed", { all: 1, now: 0 });
      }
    }
    return did;
  }

  /** The key that tags the acts on a message; null when the message is not here and its card does not say that it has none. */
  #tagged(leaf: string, epoch: string, card: Card): { key: Uint8Array; junk: boolean; own: boolean } | null {
    const o = this.#opened.get(leaf);
    if (o === undefined ? card.of !== "decoy" && card.of !== "junk" : isSwapped(o)) return null;
    const own = this.#actKey(leaf);
    return { key: own ?? coverKey(this.#desk.epochKey(epoch), leaf), junk: (o?.kind ?? card.of) === "junk", own: own !== null };
  }

  /** Signs the acts of an answer, under some free tags: the first one that is still free when it is sent counts. */
  contacted(at: At, leaf: string, taken: readonly string[]): string[] {
    return this.#acts({ ...at, today: weekOf(at.today) }, leaf, "contacted", taken, 100, SPARE_TAGS);
  }

  #acts(at: At, leaf: string, code: ActCode, taken: readonly string[], tags: number, wanted: number): string[] {
    const own = this.#actKey(leaf);
    const key = own ?? coverKey(this.#desk.epochKey(at.epoch), leaf);
    // A key of one file has one act of each code, but for answers: two who read it first at once say it once.
    const free = [...Array(own === null && code !== "contacted" ? 1 : tags).keys()].map((n) => actionTag(key, code, n)).filter((tag) => !taken.includes(toBase64(tag))).slice(0, wanted);
    return free.map((tag) => actionLeaf(signAct({ tag, code, outcome: "", day: at.today }, this.#desk.own.key)));
  }

  /** The key that a message carries for its acts, as one of the receipt it belongs to; null when it carries none. */
  #actKey(leaf: string): Uint8Array | null {
    const o = this.#opened.get(leaf);
    return o !== undefined && "actions" in o && o.actions !== null ? fromBase64url(o.actions) : null;
  }

  /** Acts on files that are no messages, so that the number of acts does not tell the number of messages: those whose day this is, by the odds. */
  cover(at: At, taken: readonly string[]): string[] {
    const none = [...(this.#epochs.get(at.epoch)?.reviews ?? [])].filter(([, all]) => ["decoy", "junk"].includes(storedCard(of(all, "card"))?.of ?? ""));
    return none.flatMap(([leaf]) => {
      const key = coverKey(this.#desk.epochKey(at.epoch), leaf);
      const stands = (code: ActCode): boolean => taken.includes(toBase64(actionTag(key, code, 0)));
      const code = stands(COVER[0]) ? COVER[1] : COVER[0];
      return stands(code) || !coin(key, code, at.today, this.#desk.own.key.reviewer) ? [] : this.#acts(at, leaf, code, taken, 1, 1);
    });
  }

  /**
   * The codes of a message for the clear, signed; null when nobody agreed yet, or when anything forbids that it is counted: the
   * writer's wishes, or something later that is not open. Throws NotDeclared.
   */
  coded(at: At, leaf: string, members: readonly string[], unread = false): CodedFacts | null {
    const c = this.case(leaf, members);
    const agreed = settled(c.codings, c.consensuses);
    const mine = c.consensuses.some(({ by, hash }) => by === this.#desk.own.key.reviewer && agreed?.hashes.includes(hash) === true);
    const first = this.#opened.get(leaf);
    if (agreed === null || !mine || first === undefined || !("answers" in first)) return null;
    const verdict = allowed(c, this.#wishes(leaf, first), this.story(leaf, unread).allRead, at.today).find(({ form }) => form === "count");
    if (verdict?.why.length !== 0) return null;
    const { taxonomy, yes, items, good, seriousness, involved, repair } = agreed.consensus;
    const [role = "", ...others] = c.card.roles;
    // The order of the members is part of what is signed.
    const facts = { taxonomy, service: c.card.service, role: others.length > 0 ? "" : role, themes: yes, items, good, seriousness, involved, repair };
    const lines = [at.clinic, base64(leaf), toBase64(sha256(utf8(JSON.stringify(facts))))].map((l) => `${l}\n`).join("");
    return { leaf: base64(leaf), facts, signature: sign(`answerable/v1/coded\n${lines}`, this.#desk.own.key) };
  }

  /**
   * The finding that follows from a decision, signed: its words are those that were checked and decided on, nobody objects,
   * and the writer's wishes as they stand now allow it. Throws NotDeclared.
   */
  finding(at: At, leaf: string, members: readonly string[], unread = false): Release {
    const c = this.case(leaf, members);
    const decision = standing(c);
    const agreed = settled(c.codings, c.consensuses);
    const first = this.#opened.get(leaf);
    if (decision?.body.decision !== "share" || decision.body.form === "" || agreed === null || first === undefined || !("answers" in first)) return { why: ["not-agreed"] };
    const verdict = allowed(c, this.#wishes(leaf, first), this.story(leaf, unread).allRead, at.today).find(({ form }) => form === decision.body.form);
    const why = verdict === undefined ? [] : [...verdict.why, ...verdict.wait];
    if (verdict === undefined || why.length > 0) return { why };
    if (stageOf(c, at.today) !== "ready") return { why: ["not-checked"] };
    const { form, words } = decision.body;
    const themes = agreed.consensus.yes;
    const sharing = base64(decision.hash);
    const lines = [at.clinic, base64(leaf), form, toBase64(sha256(utf8(words))), themes.length === 0 ? "-" : themes.join(" "), sharing].map((l) => `${l}\n`).join("");
    return { leaf: base64(leaf), form, words, themes, sharing, signature: sign(`answerable/v1/finding\n${lines}`, this.#desk.own.key) };
  }
}

const base64 = (b64url: string): string => toBase64(fromBase64url(b64url));
const isRole = (part: string): part is Role => part === "coder" || part === "third" || part === "checker";
const isSwapped = (o: Opened): boolean => o.kind === "junk" && SWAPPED.includes(o.reason);

/** Two messages of one receipt: their mailbox is known to their writer and the panel only. */
function tied(a: Opened, b: Opened): boolean {
  return "mailbox" in a && "mailbox" in b && a.mailbox !== null && a.mailbox === b.mailbox;
}

function toldOf(o: Exclude<Message, { kind: "consent" }>): Told {
  return { kind: o.kind, sealedBy: o.sealedBy, answers: o.answers, day: o.day };
}

const changesIn = (messages: readonly Message[]): Story["changes"] => byDay(messages.flatMap((o) => (o.kind === "consent" ? [{ ...o.consent, day: o.day }] : [])));

/** The files of one kind, in the order in which each author sent them. */
function of<K extends Kind>(all: readonly OpenedReview[], kind: K): Dated<Bodies[K]>[] {
  return all.filter((r) => r.kind === kind).map((r) => ({ by: r.by, hash: r.hash, day: r.day, body: r.body as Bodies[K] }));
}

/** Of several cards of one message, one that says that there is something to read: nobody hides a message with a card. */
function storedCard(cards: readonly Dated<Card>[]): Card | null {
  const something = cards.find(({ body }) => body.of !== "decoy" && body.of !== "junk");
  return (something ?? cards.find(({ body }) => body.of === "junk") ?? cards[0])?.body ?? null;
}

function isOwnRecusal(clinic: string, s: { leaf: string; signature: string }, key: Uint8Array, reviewer: string): boolean {
  try {
    const lines = recusalLines(clinic, fromBase64(s.leaf), reviewer);
    return ed25519.verify(fromBase64(s.signature), utf8(`answerable/v1/recusal\n${lines}`), key, { zip215: false });
  } catch {
    return false; // no base64, or no signature
  }
}
