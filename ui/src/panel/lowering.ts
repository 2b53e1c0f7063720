/**
 * Takes back what lies in the clear once its writer allows less, which needs no log, and codes that no two coders agree on, and
 * counts the codes that may be counted by now. All of it names a message to the server, so it is done at sign-in and when the
 * reviewer looks again, for all messages that are open here, and never as one is opened: then it would tell which one is read, and
 * when.
 */
import { fromBase64, fromBase64url, toBase64, toBase64url } from "../encoding.js";
import { shuffled } from "../shuffled.js";
import * as api from "./api.js";
import { AGREED, type Row } from "./casework.js";
import type { Deliveries } from "./deliveries.js";
import type { Lying } from "./inclear.js";
import type { Keyholder } from "./keyholder.js";
import { quietly, unless } from "./refusals.js";
import { SAY } from "./words.js";

/** Refusals that say a message is not there for this reviewer any more. */
const GONE = ["message-gone", "recused"];

export interface Lowered {
  keys: Pick<Keyholder, "ask">;
  /** Fetches whole epochs from one on, so that all that a writer sent is open. */
  whole: (epoch: string) => Promise<unknown>;
}

export class Lowering {
  constructor(
    private readonly from: Deliveries,
    private readonly on: Lowered,
  ) {}

  get #slug(): string { return this.from.tended.clinic.slug; }

  /**
   * A writer may have changed what may be done with their words after something went out, or after two agreed. Where a change
   * of consent stands beside such a message, or nobody can tell which it stands beside, the wishes are worked out anew.
   */
  async all(rows: readonly Row[]): Promise<void> {
    const findings = await api.findings(this.#slug);
    const counted = [...this.from.work.values()].flatMap((w) => w.messages).filter((m) => m.coded_in_clear).map(({ leaf }) => url(leaf));
    const out: (Lying & { id: string })[] = [
      ...findings.map(({ id, leaf, form, sharing }) => ({ id, leaf: url(leaf), form, sharing: url(sharing) })),
      ...counted.map((leaf) => ({ id: "", leaf, form: "count" })),
    ];
    await this.#openTouched(rows, new Set(out.map(({ leaf }) => leaf)), new Set(counted));
    await this.disagreed();
    const lying = out.map(({ leaf, form, sharing }) => ({ leaf, form, ...(sharing === undefined ? {} : { sharing }) }));
    const forbidden = await this.on.keys.ask<"forbidden">({ do: "forbidden", slug: this.#slug, out: lying });
    for (const one of shuffled(out.filter((_, i) => forbidden[i] === true))) await this.#back(one);
    await quietly(this.#count());
  }

  async #openTouched(rows: readonly Row[], out: ReadonlySet<string>, counted: ReadonlySet<string>): Promise<void> {
    const changes = rows.filter((r) => r.card.of === "consent");
    const mayCount = (r: Row): boolean => r.declared && AGREED.includes(r.stage) && !counted.has(r.leaf);
    const touched = rows.filter((r) => (out.has(r.leaf) || mayCount(r)) && changes.some((c) => c.card.thread === r.leaf || c.card.thread === ""));
    const oldest = touched.map((r) => this.from.epochs.findIndex((e) => e.id === r.epoch)).filter((i) => i >= 0).sort((a, b) => a - b)[0];
    if (oldest !== undefined) await this.on.whole(this.from.epochs[oldest]?.id ?? "");
  }

  /**
   * Takes out codes that no two coders agree on as they are, of one message or of all, and says whose they are said to be where no
   * two ever did. What the server does not show stays: nobody can hold it against anything. The leaf is base64url.
   */
  async disagreed(only?: string): Promise<void> {
    const all = await this.on.keys.ask<"wrongCodes">({ do: "wrongCodes", slug: this.#slug, clinic: this.from.tended.clinicId });
    const wrong = all.filter(({ leaf }) => only === undefined || leaf === only);
    for (const { by, day, signed } of wrong.filter(({ holding }) => holding === "differs")) this.from.once(SAY.wrongCodes(by, day, signed));
    for (const { day } of wrong.filter(({ holding }) => holding === "hidden")) this.from.once(SAY.codesHidden(day));
    const out = wrong.filter(({ holding }) => holding !== "hidden");
    for (const { leaf, holding } of shuffled(out)) await this.#uncount(leaf, holding === "outgrown" ? SAY.outgrown : null);
    for (const epoch of new Set(out.map((w) => w.epoch))) await this.from.refresh(epoch, false); // so that it can be counted anew
  }

  async #uncount(leaf: string, say: string | null): Promise<void> {
    const sent = await unless(api.send(this.#slug, "/coded/retraction", { leaf: base64(leaf) }), ...GONE);
    if (sent && say !== null) this.from.notes.push(say);
    this.#stale(leaf);
  }

  /** Takes back what the writer's wishes do not allow any more, and says so. */
  async #back({ id, leaf, form }: Lying & { id: string }): Promise<void> {
    if (form === "count") return this.#uncount(leaf, SAY.uncounted);
    if (await unless(api.retract(this.#slug, id), ...GONE)) this.from.notes.push(SAY.retracted);
    this.#stale(leaf);
  }

  async #count(): Promise<void> {
    const all = await this.on.keys.ask<"uncounted">({ do: "uncounted", slug: this.#slug });
    const unread = new Map<string, boolean>();
    for (const epoch of new Set(all.map((m) => m.epoch))) unread.set(epoch, (await this.from.unread(epoch)) !== null);
    for (const { leaf, epoch } of shuffled(all)) await this.#countOne(leaf, epoch, unread.get(epoch) !== false);
  }

  /** Counts the codes of one message, where nothing forbids it: right after the step by which two agree, which names it anyway. */
  async one(leaf: string, epoch: string): Promise<void> {
    await this.#countOne(leaf, epoch, (await this.from.unread(epoch)) !== null);
  }

  async #countOne(leaf: string, epoch: string, unread: boolean): Promise<void> {
    const coded = await this.on.keys.ask<"coded">({ do: "coded", at: this.from.at(epoch), leaf, unread });
    if (coded === null) return;
    await unless(api.send(this.#slug, "/coded", coded), ...GONE);
    this.#stale(leaf);
  }

  /** What the server gave last of a message is old now. */
  #stale(leaf: string): void {
    for (const [epoch, { messages }] of this.from.work) if (messages.some((m) => m.leaf === base64(leaf))) this.from.stale(epoch);
  }
}

const base64 = (b64url: string): string => toBase64(fromBase64url(b64url));
const url = (b64: string): string => toBase64url(fromBase64(b64));
