/**
 * A reviewer's work on keys, in the worker: checking who is on a panel, making keys, signing that one holds them, and
 * handing them on. Everything is worked out from signed lines; what the server says beside them is not believed.
 *
 * The twin of internal/client for panels; the terminal refuses what this refuses.
 */
import { ed25519 } from "@noble/curves/ed25519.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { armor } from "age-encryption";
import { readBundle, sshSigned } from "../bundle.js";
import {
  ChainError, fingerprint, isDay, newest, nextAfter, parseManifest, plusDays, split, valid, verifyPanels, verifyRecord, verifySignature, withSignatures,
  type Manifest, type Panel, type Record,
} from "../chain.js";
import { deal, type Offer, type Term } from "../deal.js";
import { parseDecision } from "../decision.js";
import { fromBase64, toBase64, toHex, utf8 } from "../encoding.js";
import { EpochKeyError, openEpochKey, wrapEpochKey } from "../epochkey.js";
import { recipientOf, type SigningKey } from "../identity.js";
import { doubtsOf, isPromise, judgementLines, type Doubt, type Promised, type Shown as ShownPromise, type Verdict } from "../judgement.js";
import { leafHash } from "../leaf.js";
import { nestIdentity } from "../nested.js";
import { planOf } from "../plan.js";
import { readRelease } from "../release.js";
import { ShapeError, WrongKey } from "../seal.js";
import { answerLines, askingIdentity, openEpochShare, openingLines, sealEpochShare, ShareError, type EpochShare } from "../share.js";
import { fits, Standing, type Terms, type Withheld } from "../standing.js";
import type { Listed } from "../wrote.js";
import { MOST_IN_KIT, type KitFile } from "./kitfiles.js";
import type { Drafted, ServedEpoch, ServedPanel, Shown, Signed, SignedFigures } from "./served.js";
import { collect, placeOf, quorumOf, readRequest, type Collected, type Dealt, type Request, type ServedOpening } from "./together.js";
import type { Draft, Proven, Walked } from "./told.js";

export type KeyProblem =
  | "seat" | "draft" | "wrap" | "no-wrap" | "giver" | "term" | "number" | "decision" | "figures" | "bundle" | "overlap" | "together" | "request" | "unread" | "withheld" | "unlogged" | "opens"
  | "kit";

/** Something that must not be signed, opened or made. */
export class KeyworkError extends Error {
  override name = "KeyworkError";
  constructor(readonly problem: KeyProblem) {
    super(`key work: ${problem}`);
  }
}

/** How many days ahead a server may have keys begin, so that it cannot have them made for years. */
const FURTHEST_DAYS = 100;
const MAX_TERM_DAYS = 93;

/** A clinic as it was walked. */
interface Walk {
  panels: Panel[];
  /** On which each of them came into force, by the server's word; "" where it does not know. */
  days: string[];
  /** What the log says; null when it could not be read. */
  standing: Standing | null;
  withheld: boolean;
  waits: boolean;
}

export class Keywork {
  readonly #walks = new Map<string, Walk>();
  /** Keys that colleagues helped to open, by epoch; gone with this worker. */
  readonly #opened = new Map<string, { clinic: string; identity: string }>();

  constructor(
    readonly identity: string,
    readonly key: SigningKey,
    readonly today: () => string = () => new Date().toISOString().slice(0, 10),
  ) {}

  /**
   * Walks a clinic's lists, and holds them and what was decided against the log; `pinned` is the first list's fingerprint, or
   * "". What the log has and the server does not show stops all that follows. Throws ChainError.
   */
  walk(clinic: string, served: ServedPanel, pinned: string, shown: Shown): Walked {
    this.#walks.delete(clinic);
    const texts = served.manifests.map((m) => withSignatures(m.lines, "signature", m.signatures));
    const panels = texts.length === 0 ? [] : verifyPanels(served.clinic, texts, pinned);
    const standing = shown.leaves === null ? null : new Standing(served.clinic, shown.leaves);
    const seated = panels[panels.length - 1]?.manifest.members.some((m) => m.id === this.key.reviewer) ?? false;
    const withheld = standing === null ? [] : compare(standing, panels, shown, seated);
    const decided = (shown.decided ?? []).map((d) => withSignatures(d.lines, "signature", d.signatures));
    const waits = standing !== null && (standing.unlogged(panels.map((p) => p.hash)) || standing.waits(decided));
    this.#walks.set(clinic, { panels, days: served.manifests.map(({ day }) => day ?? ""), standing, withheld: withheld.length > 0, waits });
    return {
      fingerprint: panels.length === 0 ? "" : fingerprint(panels[0]?.manifest.lines ?? ""),
      lists: panels.map(({ manifest: m }) => ({ version: m.version, m: m.m, members: ids(m) })),
      withheld, unread: standing === null, waits, decided: standing?.rotation ?? null,
    };
  }

  /** Forgets the keys of a clinic that colleagues helped to open, but for these epochs'. */
  keepOnly(clinic: string, epochs: readonly string[]): void {
    for (const [id, opened] of this.#opened) if (opened.clinic === clinic && !epochs.includes(id)) this.#opened.delete(id);
  }

  /** A clinic's signed lists as they were walked, the newest last, with the days on which they came into force by the server's word. */
  lists(clinic: string): (Manifest & Listed)[] {
    const days = this.#walks.get(clinic)?.days ?? [];
    return this.#panels(clinic).map(({ manifest }, i) => ({ ...manifest, day: days[i] ?? "" }));
  }

  /** Reads the list that waits for signatures and checks that it follows. Throws KeyworkError. */
  readDraft(clinic: string, clinicId: string, lines: string): Draft {
    const draft = parseManifest(lines);
    const before = this.#before(clinic);
    if (!draft || draft.clinic !== clinicId || !nextAfter(draft, before)) throw new KeyworkError("draft");
    const [then, now] = [before ? ids(before.manifest) : [], ids(draft)];
    const only = (some: string[], others: string[]): string[] => some.filter((id) => !others.includes(id));
    return { name: fingerprint(lines), version: draft.version, m: draft.m, members: now, joined: only(now, then), left: only(then, now) };
  }

  /** Signs the list that waits, when it names this reviewer with their own keys or they are on the list before it. */
  async signDraft(clinic: string, clinicId: string, lines: string): Promise<string> {
    this.#standing(clinic);
    this.readDraft(clinic, clinicId, lines);
    const draft = parseManifest(lines);
    const onOld = this.#before(clinic)?.manifest.members.some((m) => m.id === this.key.reviewer) ?? false;
    const onNew = draft?.members.some((m) => m.id === this.key.reviewer) ?? false;
    if (draft === null || (!onOld && !onNew) || (onNew && !(await this.#seated(draft)))) throw new KeyworkError("seat");
    return this.#sign("panel", lines);
  }

  /**
   * Makes one key for the panel in force. How many open it, and its days, are those of the newest decision in the log; `k`, of
   * the server's plan, must be the same: one that works with one member alone would gain from a smaller one. Throws
   * KeyworkError.
   */
  async deal(clinic: string, offer: Offer, k: number): Promise<{ record: string; signature: string; wraps: { reviewer: string; file: string }[] }> {
    this.#checkTerm(offer.term);
    const panel = await this.#hand(clinic);
    const { not_before: notBefore, not_after: notAfter, retain_until: retainUntil } = offer.term;
    this.#checkDecided(clinic, "", { k, n: panel.manifest.members.length, notBefore, notAfter, retainUntil });
    const { lines, wraps } = await deal(panel, offer, k);
    return { record: lines, signature: this.#sign("epoch-deal", lines), wraps: wraps.map((w) => ({ reviewer: w.reviewer, file: toBase64(w.file) })) };
  }

  /** Opens one's own wrap of an offered epoch, computes the key again, and signs. Throws ChainError or KeyworkError. */
  async ack(clinic: string, e: ServedEpoch): Promise<string> {
    const panel = await this.#hand(clinic);
    const { record, panel: named } = this.#record(clinic, e, false);
    if (named.hash !== panel.hash) throw new ChainError("record");
    if (this.#standing(clinic).revoked(record.id)) throw new ChainError("revoked");
    this.#checkDecided(clinic, record.id, record);
    if (record.k > 1) await this.#openPart(e, record, named);
    else await this.#openWrap(clinic, e, record);
    return this.#sign("epoch-ack", record.lines);
  }

  /** Checks an epoch's record and one's wrap of it, and gives the identity that opens its files. */
  async open(clinic: string, e: ServedEpoch): Promise<string> {
    return this.#openWrap(clinic, e, this.#record(clinic, e, e.state !== "offered").record);
  }

  /** Checks an epoch's record alone, so that nothing about it is shown that the panel did not sign. */
  prove(clinic: string, e: ServedEpoch): Proven {
    const acked = e.state !== "offered" && e.state !== "abandoned";
    const { record: r, panel } = this.#record(clinic, e, acked);
    const usable = ["offered", "logged", "active", "grace"].includes(e.state);
    if (usable && this.#walks.get(clinic)?.standing?.revoked(r.id) === true) throw new ChainError("revoked");
    const { id, notBefore, notAfter, retainUntil, k, n } = r;
    return { id, notBefore, notAfter, retainUntil, k, n, version: panel.manifest.version };
  }

  /** Seals one's own key of an epoch for a colleague who is on the list in force. */
  async rewrap(clinic: string, e: ServedEpoch, to: string): Promise<{ file: string; signature: string }> {
    const panel = await this.#hand(clinic);
    const member = panel.manifest.members.find((m) => m.id === to);
    if (!member) throw new KeyworkError("seat");
    const file = await wrapEpochKey(e.id, await this.open(clinic, e), member.recipient);
    return { file: toBase64(file), signature: this.#sign("wrap", wrapLines(e.id, to, file)) };
  }

  /** Says, signed, that one's own copy of a key does not open, after trying it. Throws KeyworkError and ChainError. */
  async refuse(clinic: string, e: ServedEpoch): Promise<string> {
    await this.#hand(clinic);
    try {
      await this.open(clinic, e);
    } catch (err) {
      if (!(err instanceof KeyworkError) || err.problem !== "wrap") throw err;
      return this.#sign("wrap-refused", wrapLines(e.id, this.key.reviewer, fromBase64(e.wrap ?? "")));
    }
    throw new KeyworkError("opens");
  }

  /** Reads who asks to open which key together, from the signed lines alone. */
  async readRequest(clinic: string, o: ServedOpening, epochs: ServedEpoch[]): Promise<Request> {
    return (await this.#request(clinic, o, epochs)).shown;
  }

  /** Gives one's own part of a key to a colleague whose request holds. Throws KeyworkError. */
  async answer(clinic: string, o: ServedOpening, epochs: ServedEpoch[]): Promise<{ file: string; signature: string }> {
    this.#standing(clinic);
    const { shown, asked, dealt } = await this.#request(clinic, o, epochs);
    const e = epochs.find((one) => one.id === shown.epoch);
    if (shown.refused !== "" || shown.mine || asked === null || dealt === null || e === undefined) throw new KeyworkError("request");
    const file = await sealEpochShare(quorumOf(dealt.record), await this.#openPart(e, dealt.record, dealt.panel), asked.recipient);
    return { file: toBase64(file), signature: this.#sign("share", answerLines(o.lines, file)) };
  }

  /** Asks the panel to open a key together. */
  async ask(clinic: string, e: ServedEpoch): Promise<{ lines: string; signature: string }> {
    const { manifest } = await this.#hand(clinic);
    if (this.#record(clinic, e, true).record.k === 1) throw new KeyworkError("request");
    const request = { clinic: manifest.clinic, epoch: e.id, requester: this.key.reviewer, day: this.today() };
    const lines = openingLines({ ...request, recipient: await recipientOf(askingIdentity(this.identity, request)) });
    return { lines, signature: this.#sign("open", lines) };
  }

  /** Gathers what came for one's own requests for a key, and keeps the key where that is enough. */
  async collect(clinic: string, openings: ServedOpening[], e: ServedEpoch): Promise<Collected> {
    const { manifest } = await this.#seat(clinic);
    const me = { id: this.key.reviewer, identity: this.identity, wrap: e.wrap === null ? null : fromBase64(e.wrap) };
    const { came, identity } = await collect(openings, manifest, me, this.#record(clinic, e, true));
    if (identity !== null) this.#opened.set(e.id, { clinic, identity });
    return came.dealtWrongly === "" ? came : { ...came, dealtWrongly: e.dealer };
  }

  /**
   * Makes the paper kit of a key that two open and that colleagues helped to open here: a file for each ordered pair of those
   * who hold a part of it and are still on the panel. Throws KeyworkError.
   */
  async kit(clinic: string, e: ServedEpoch): Promise<KitFile[]> {
    const now = ids((await this.#seat(clinic)).manifest);
    const { record, panel } = this.#record(clinic, e, true);
    if (record.k !== 2 || record.n > MOST_IN_KIT) throw new KeyworkError("kit");
    const identity = await this.#openWrap(clinic, e, record);
    const members = panel.manifest.members.filter((m) => now.includes(m.id));
    const files: KitFile[] = [];
    for (const first of members) {
      for (const then of members) {
        if (first.id !== then.id) files.push({ first: first.id, then: then.id, file: armor.encode(await nestIdentity(identity, first.recipient, then.recipient)) });
      }
    }
    return files;
  }

  async #request(clinic: string, o: ServedOpening, epochs: ServedEpoch[]): Promise<ReturnType<typeof readRequest>> {
    const { manifest } = await this.#seat(clinic);
    return readRequest(o, manifest, this.key.reviewer, this.today(), (id) => {
      const e = epochs.find((one) => one.id === id);
      return e === undefined ? null : this.#holding(clinic, e);
    });
  }

  /** A key whose record holds; null when it does not. */
  #holding(clinic: string, e: ServedEpoch): Dealt | null {
    try {
      return this.#record(clinic, e, true);
    } catch (err) {
      if (err instanceof ChainError) return null;
      throw err;
    }
  }

  /** Signs a decision. The page shows what parseDecision reads from the same lines. */
  async signDecision(clinic: string, lines: string): Promise<string> {
    const what = parseDecision(lines);
    const panel = await this.#hand(clinic);
    if (what === null || what.clinic !== panel.manifest.clinic) throw new KeyworkError("decision");
    return this.#sign(what.kind, lines);
  }

  /**
   * Signs a release of figures. The page shows what readRelease and planOf read from the same bytes. `leaves` are those of the
   * log as it is now: a server that drafts days again which are let out already gets no signature.
   */
  async signRelease(clinic: string, { lines, content, plan }: SignedFigures, leaves: string[] | null): Promise<string> {
    const { clinic: id } = (await this.#hand(clinic)).manifest;
    if (leaves === null) throw new KeyworkError("unread");
    const release = readRelease(id, lines, content);
    if (release === null || planOf(id, lines, release, plan) === null) throw new KeyworkError("figures");
    if (new Standing(id, leaves).released(release.first, release.last)) throw new KeyworkError("overlap");
    return this.#sign("release", lines);
  }

  /**
   * Signs a bundle for the clinic: its lines for the log, and MANIFEST as ssh-keygen does. The page shows what readBundle reads from
   * the same files. Figures in it have to be signed by as many of one of the panel's lists as that asks for, and to be all that the
   * log, whose `leaves` these are, has of the time and of the one before: a server could leave out what a clinic would not like.
   */
  async signExport(clinic: string, { lines, manifest, zip }: Drafted, leaves: string[] | null): Promise<{ signature: string; ssh: string }> {
    const panel = await this.#hand(clinic);
    const bundle = readBundle(panel.manifest.clinic, lines, manifest, zip);
    const signed = (leaf: string): boolean => {
      const { lines: of, signatures } = split(leaf, "signature");
      return this.#panels(clinic).some((p) => valid(p.manifest, "release", of, signatures) >= p.manifest.m);
    };
    if (bundle?.leaves.every(signed) !== true || !manifest.includes(`\n# panel ${toHex(fromBase64(panel.hash))}\n`)) throw new KeyworkError("bundle");
    if (leaves === null) throw new KeyworkError("unread");
    const { release, before } = new Standing(panel.manifest.clinic, leaves).figuresFor(bundle.first);
    if (bundle.signedFigures.release !== release || bundle.signedFigures.before !== before) throw new KeyworkError("bundle");
    return { signature: this.#sign("export", lines), ssh: toBase64(ed25519.sign(sshSigned(manifest), this.key.secret)) };
  }

  /** Signs a word on a promise of the clinic, exactly as the page shows it, with the server's day. */
  async signJudgement(clinic: string, p: Promised, round: number, verdict: Verdict, day: string): Promise<string> {
    const panel = await this.#hand(clinic);
    if (!isPromise(p) || !isDay(day)) throw new KeyworkError("decision");
    return this.#sign("judgement", judgementLines(panel.manifest.clinic, p, round, verdict, day));
  }

  /** What does not fit between promises as the server shows them and the log, whose `leaves` these are, by promise. */
  holdPromises(clinic: string, promises: ShownPromise[], leaves: string[] | null): Doubt[][] {
    if (leaves === null) throw new KeyworkError("unread");
    const panels = this.#panels(clinic);
    const standing = new Standing(newest(panels).manifest.clinic, leaves);
    return promises.map((p) => doubtsOf(p, standing.judged(p.id)));
  }

  /** The list in force; none before the first is signed. */
  #before(clinic: string): Panel | undefined {
    const panels = this.#panels(clinic);
    return panels[panels.length - 1];
  }

  #panels(clinic: string): Panel[] {
    return this.#walks.get(clinic)?.panels ?? [];
  }

  /** What the log says of a clinic. Nothing is made or signed where it was not read, or has what the server does not show. */
  #standing(clinic: string): Standing {
    const walk = this.#walks.get(clinic);
    if (walk?.withheld === true) throw new KeyworkError("withheld");
    if (!walk?.standing) throw new KeyworkError("unread");
    return walk.standing;
  }

  /** The list in force, for somebody on it who is about to make or sign something. */
  async #hand(clinic: string): Promise<Panel> {
    this.#standing(clinic);
    return this.#seat(clinic);
  }

  /** Holds a key against what the panel had decided when it got into the log, or has decided now. */
  #checkDecided(clinic: string, epoch: string, terms: Terms): void {
    const standing = this.#standing(clinic);
    const logged = standing.epoch(epoch);
    if (logged === undefined && this.#walks.get(clinic)?.waits === true) throw new KeyworkError("unlogged");
    const problem = fits(logged === undefined ? standing.rotation : logged.decided, terms);
    if (problem !== "") throw new KeyworkError(problem);
  }

  /** The list in force, on which this reviewer must stand with their own keys. */
  async #seat(clinic: string): Promise<Panel> {
    const panel = newest(this.#panels(clinic));
    if (!(await this.#seated(panel.manifest))) throw new KeyworkError("seat");
    return panel;
  }

  async #seated(m: Manifest): Promise<boolean> {
    const own = await recipientOf(this.identity);
    return m.members.some((member) => member.id === this.key.reviewer && member.recipient === own);
  }

  #record(clinic: string, e: ServedEpoch, acked: boolean): { record: Record; panel: Panel } {
    const panels = this.#panels(clinic);
    const dealt = withSignatures(e.record, "dealer", [{ reviewer: e.dealer, signature: e.dealer_signature }]);
    const found = verifyRecord(panels, withSignatures(dealt, "ack", e.acks), newest(panels).manifest.clinic, acked);
    if (found.record.id !== e.id) throw new ChainError("record");
    return found;
  }

  async #openWrap(clinic: string, e: ServedEpoch, record: Record): Promise<string> {
    const opened = this.#opened.get(e.id)?.identity;
    if (record.k > 1 && opened !== undefined && (await recipientOf(opened)) === record.recipient) return opened;
    if (record.k > 1) throw new KeyworkError("together");
    if (e.wrap === null) throw new KeyworkError("no-wrap");
    const file = fromBase64(e.wrap);
    if (e.wrap_from !== null && !this.#handedOn(clinic, e.id, file, e.wrap_from)) throw new KeyworkError("giver");
    try {
      return await openEpochKey(file, this.identity, record.id, record.recipient);
    } catch (err) {
      if (err instanceof ShapeError || err instanceof WrongKey || err instanceof EpochKeyError) throw new KeyworkError("wrap");
      throw err;
    }
  }

  /** Opens one's own part of a key that several open, and holds it against the record. */
  async #openPart(e: ServedEpoch, record: Record, dealt: Panel): Promise<EpochShare> {
    if (e.wrap === null) throw new KeyworkError("no-wrap");
    try {
      return await openEpochShare(fromBase64(e.wrap), this.identity, quorumOf(record), placeOf(dealt.manifest, this.key.reviewer));
    } catch (err) {
      if (err instanceof ShapeError || err instanceof WrongKey || err instanceof ShareError) throw new KeyworkError("wrap");
      throw err;
    }
  }

  /** Whether somebody who sits, or sat, on the panel handed this file on to us. */
  #handedOn(clinic: string, epoch: string, file: Uint8Array, from: Signed): boolean {
    const lines = wrapLines(epoch, this.key.reviewer, file);
    const signature = fromBase64(from.signature);
    return this.#panels(clinic).some((p) => verifySignature(p.manifest, "wrap", lines, from.reviewer, signature));
  }

  #checkTerm(t: Term): void {
    const days = [t.not_before, t.not_after, t.retain_until];
    const inOrder = days.every(isDay) && t.not_before <= t.not_after && t.not_after <= t.retain_until;
    const early = t.not_before < plusDays(this.today(), -1);
    if (!inOrder || early || t.not_before > plusDays(this.today(), FURTHEST_DAYS) || t.not_after > plusDays(t.not_before, MAX_TERM_DAYS)) {
      throw new KeyworkError("term");
    }
  }

  #sign(label: string, lines: string): string {
    return toBase64(ed25519.sign(utf8(`answerable/v1/${label}\n${lines}`), this.key.secret));
  }
}

/**
 * What the log has of a panel and the server does not show, to its members or to writers. Who is on the list in force has to be
 * shown what was decided, whatever the server says; who is not is shown what writers are.
 */
function compare(standing: Standing, panels: Panel[], { chain, decided }: Shown, seated: boolean): Withheld[] {
  const called = chain.revocations.map((leaf) => split(leaf, "signature").lines);
  const lines = seated || decided !== null ? (decided ?? []).map((d) => d.lines) : called;
  const toMembers = standing.withheld(panels.map((p) => p.hash), lines, seated || decided !== null);
  const toWriters = standing.withheld(chain.manifests.map((leaf) => toBase64(leafHash(leaf))), called, false);
  return [...new Set([...toMembers, ...toWriters])];
}

const ids = (m: Manifest): string[] => m.members.map((one) => one.id);

/** What a colleague signs who hands a key on. */
function wrapLines(epoch: string, to: string, file: Uint8Array): string {
  return `${epoch}\n${to}\n${toBase64(sha256(file))}\n`;
}
