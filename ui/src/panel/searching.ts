/**
 * A search on the page: it fetches what is missing, whole keys at a time as when a message is opened, has the worker go through it,
 * and keeps a sealed index on the device where the reviewer asks for one. What is looked for is told to the worker and to nobody else.
 */
import { parseRecord } from "../chain.js";
import type { Term } from "../search/query.js";
import type { Deliveries, Watch } from "./deliveries.js";
import { KeyholderError, type Keyholder } from "./keyholder.js";
import { forget, keep, keptOf, prune } from "./keptindexes.js";
import type { Labels } from "./labels.js";
import type { Alike, Hit, Passages, Standing } from "./search.js";
import type { ServedEpoch } from "./served.js";
import type { Tended } from "./tending.js";

/** So long the worker goes on before it can be stopped. */
const STEP_MS = 100;

/** What a search covers. */
export interface Covered {
  /** Reports that were gone through, of those that may be. */
  reports: number;
  of: number;
  stopped: boolean;
}

/** The page around it. `opened` follows when files were opened. */
interface Host {
  keys: Keyholder;
  labels: Labels;
  opened: () => Promise<void>;
}

export class Searching {
  #kept = false;
  #taken = false;
  #ended = false;
  /** The version of the index that is kept; -1 when nobody knows. */
  #keptVersion = -1;

  constructor(private readonly from: Deliveries, private readonly host: Host) {}

  get #slug(): string { return this.from.tended.clinic.slug; }
  /** Whether a sealed index is kept on this device. */
  get kept(): boolean { return this.#kept; }

  /** After a new look: rewrites what is kept without what may be read no more. Others have deleted what has no business here. */
  async tidy(): Promise<void> {
    await this.#standing(); // the worker's own index too
    await this.#takeKept();
    await this.#keep();
  }

  /** Opens and goes through what this reviewer may search, and says how far it came. */
  async prepare(watch: Watch): Promise<Covered> {
    await this.#takeKept();
    const { unopened: wanted } = await this.#standing();
    if (wanted.length > 0) {
      await this.from.everything(wanted, watch);
      await this.host.opened();
    }
    let went = await this.#step();
    while (went.done < went.of && !watch.stopped()) {
      watch.progress(went.done, went.of);
      went = await this.#step();
    }
    const { reports, indexed, version } = await this.#standing();
    if (version !== this.#keptVersion) await this.#keep(version);
    return { reports: indexed, of: reports, stopped: watch.stopped() };
  }

  #standing(): Promise<Standing> {
    return this.host.keys.ask<"searchStanding">({ do: "searchStanding", slug: this.#slug });
  }

  #step(): Promise<{ done: number; of: number }> {
    return this.host.keys.ask<"searchStep">({ do: "searchStep", slug: this.#slug, picked: this.host.labels.picked, ms: STEP_MS });
  }

  find(terms: Term[], theme: string): Promise<Hit[]> {
    return this.host.keys.ask<"find">({ do: "find", slug: this.#slug, terms, theme });
  }

  /** A few words round the first places in one report; null when it is not open here. */
  passages(leaf: string, terms: Term[]): Promise<Passages | null> {
    return this.host.keys.ask<"passages">({ do: "passages", slug: this.#slug, leaf, terms, picked: this.host.labels.picked });
  }

  similar(leaf: string): Promise<Alike[]> {
    return this.host.keys.ask<"similar">({ do: "similar", slug: this.#slug, leaf });
  }

  /**
   * Begins or ends keeping a sealed index on this device. It ends at once, whatever goes on, and stays ended until somebody wishes
   * for one again. `kept` says what came of it.
   */
  async wish(on: boolean): Promise<void> {
    if (!on) return this.#deleteKept();
    this.#kept = true;
    try {
      await this.#keep();
    } catch (err) {
      await this.#deleteKept();
      throw err;
    }
  }

  /** Something may be read no more: what is kept is sealed anew without it. */
  async changed(): Promise<void> {
    await this.#keep();
  }

  async #deleteKept(): Promise<void> {
    [this.#kept, this.#taken] = [false, true]; // what lies there still is not taken for a wish
    await this.#prune((clinic) => clinic !== this.#slug);
  }

  /** Where one index cannot be deleted alone, all of them go. */
  async #prune(stays: (clinic: string, epoch: string) => boolean): Promise<void> {
    await prune(stays).catch(forget);
  }

  /** The page locks: nothing is stored after this. */
  end(): void {
    this.#ended = true;
  }

  async #takeKept(): Promise<void> {
    if (this.#isTaken()) return;
    const own = new Set<string>();
    const files = await keptOf(this.#slug);
    for (const [epoch, file] of files) {
      if (this.#isOpen(epoch) && (await this.host.keys.ask<"takeIndex">({ do: "takeIndex", slug: this.#slug, clinic: this.from.tended.clinicId, epoch, file }))) own.add(epoch);
    }
    // What does not open is damaged, or a colleague's who shares this device: this reviewer asked for none of it.
    if (own.size < files.size) await this.#prune((clinic, epoch) => clinic !== this.#slug || own.has(epoch));
    if (this.#isTaken()) return; // somebody was faster, who may have ended it
    this.#kept = own.size > 0;
    this.#taken = true;
  }

  #isOpen(epoch: string): boolean {
    return this.from.epochs.some(({ id }) => id === epoch);
  }

  /** Asked anew after each wait, as the next one is: somebody may have changed their mind. */
  #isTaken(): boolean {
    return this.#taken;
  }

  #wanted(): boolean {
    return this.#kept;
  }

  /** Stores what is in the index, sealed, if the reviewer wants that. Where the browser refuses, nothing is kept any more. */
  async #keep(version = -1): Promise<void> {
    for (const { id } of this.from.epochs.filter((e) => mayBeKept(e, this.from.today))) {
      if (!this.#wanted()) return;
      const file = await this.host.keys.ask<"sealIndex">({ do: "sealIndex", slug: this.#slug, clinic: this.from.tended.clinicId, epoch: id });
      if (this.#ended) throw new KeyholderError("failed");
      if (!this.#wanted()) return;
      const stored = await keep(this.#slug, id, file).then(() => true, () => false);
      if (!stored || !this.#wanted()) return this.#deleteKept(); // refused, or not wanted any more while it was stored
    }
    this.#keptVersion = version;
  }
}

/** Whether an index of what is under a key may lie on a device: the key is alive, and its words are not past their time. `today` is `YYYY-MM-DD`. */
export const mayBeKept = (e: ServedEpoch, today: string): boolean => e.state !== "shredded" && (parseRecord(e.record)?.retainUntil ?? "") >= today;

/**
 * Deletes kept indexes whose reason is gone: of a panel on which the reviewer does not sit, and of a key that was destroyed, is not
 * there any more, or whose words are past their time. `today` is `YYYY-MM-DD`.
 */
export async function pruneKept(tended: readonly Tended[], today: string): Promise<void> {
  const alive = new Set(tended.filter(({ listed }) => listed).flatMap((t) => t.epochs
    .filter((e) => mayBeKept(e, today)).map((e) => `${t.clinic.slug} ${e.id}`)));
  await prune((clinic, epoch) => alive.has(`${clinic} ${epoch}`));
}
