/** Takes back what lies in the clear once its writer allows less. Taking back needs no log. */
import { fromBase64url, toBase64 } from "../encoding.js";
import * as api from "./api.js";
import type { Row } from "./casework.js";
import type { Deliveries } from "./deliveries.js";
import type { ServedFinding } from "./heldfindings.js";
import type { Keyholder } from "./keyholder.js";
import { unless } from "./refusals.js";
import { SAY } from "./words.js";

/** Refusals that say a message is not there for this reviewer any more. */
const GONE = ["message-gone", "recused"];

export interface Lowered {
  keys: Keyholder;
  /** Fetches whole epochs from one on, so that all that a writer sent is open. */
  whole: (epoch: string) => Promise<unknown>;
  /** What the server gave last of a message is old now. */
  stale: (leaf: string) => void;
}

export class Lowering {
  constructor(
    private readonly from: Deliveries,
    private readonly on: Lowered,
  ) {}

  get #slug(): string { return this.from.tended.clinic.slug; }

  /**
   * A writer may have changed what may be done with their words after something went out. Where a change of consent stands
   * beside such a message, or nobody can tell which it stands beside, the wishes are worked out anew.
   */
  async all(rows: readonly Row[]): Promise<void> {
    const findings = await api.findings(this.#slug);
    const out = new Set([...findings.map(({ leaf }) => leaf), ...[...this.from.work.values()].flatMap((w) => w.messages).filter((m) => m.coded_in_clear).map(({ leaf }) => leaf)]);
    const changes = rows.filter((r) => r.card.of === "consent");
    const touched = rows.filter((r) => out.has(base64(r.leaf)) && changes.some((c) => c.card.thread === r.leaf || c.card.thread === ""));
    const oldest = touched.map((r) => this.from.epochs.findIndex((e) => e.id === r.epoch)).filter((i) => i >= 0).sort((a, b) => a - b)[0];
    if (oldest === undefined) return;
    await this.on.whole(this.from.epochs[oldest]?.id ?? "");
    for (const r of touched) await this.#one(r.leaf, findings);
  }

  /** Of a message that is open. */
  async of(leaf: string): Promise<void> {
    await this.#one(leaf, await api.findings(this.#slug));
  }

  /** Takes back what the writer's wishes do not allow any more, and says so. */
  async #one(leaf: string, findings: readonly ServedFinding[]): Promise<void> {
    const mine = findings.filter((f) => f.leaf === base64(leaf));
    const counted = [...this.from.work.values()].flatMap((w) => w.messages).find((m) => m.leaf === base64(leaf))?.coded_in_clear === true;
    if (mine.length === 0 && !counted) return;
    const forms: readonly string[] | null = await this.on.keys.ask<"allows">({ do: "allows", slug: this.#slug, leaf });
    if (forms === null) return;
    for (const f of mine.filter(({ form }) => !forms.includes(form))) {
      if (await unless(api.retract(this.#slug, f.id), ...GONE)) this.from.notes.push(SAY.retracted);
    }
    if (counted && !forms.includes("count") && (await unless(api.send(this.#slug, "/coded/retraction", { leaf: base64(leaf) }), ...GONE))) {
      this.from.notes.push(SAY.uncounted);
    }
    this.on.stale(leaf);
  }
}

const base64 = (b64url: string): string => toBase64(fromBase64url(b64url));
