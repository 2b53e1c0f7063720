/**
 * What a reviewer typed, or signed, that the server has not taken. It is sealed to them alone, or signed, so it stays when the page
 * locks, as answers that wait do, and is stored after the next unlocking by the same person. It does not outlive the page.
 */
import type { Served } from "../reviewfile.js";
import type { SignedRecusal } from "../stepback.js";

interface HeldDraft {
  /** Base64url of the leaf hash. */
  leaf: string;
  /** Counts what was typed, so that of two sealed ones the later stands. */
  typed: number;
  sealed: number;
  served: Served | null;
}

/** Where something belongs: a clinic and a reviewer. */
export interface Place {
  clinic: string;
  by: string;
}

export class Held {
  readonly #drafts = new Map<string, HeldDraft & Place>();
  readonly #stepsBack = new Map<string, { leaf: string; signed: SignedRecusal } & Place>();
  #count = 0;

  /** `closing` tells when the page is about to be closed: the browser then asks, in its own words. */
  constructor(closing: Pick<Window, "addEventListener"> = window) {
    closing.addEventListener("beforeunload", (event) => { if (this.#drafts.size + this.#stepsBack.size > 0) event.preventDefault(); });
  }

  /** Something was typed and is to be sealed; gives its number. */
  typed(place: Place, leaf: string): number {
    const d = this.#drafts.get(key(place, leaf)) ?? { ...place, leaf, typed: 0, sealed: 0, served: null };
    d.typed = ++this.#count;
    this.#drafts.set(key(place, leaf), d);
    return d.typed;
  }

  /** It is sealed, and waits here until the server has it. */
  sealed(place: Place, leaf: string, served: Served, typed: number): void {
    const d = this.#drafts.get(key(place, leaf));
    if (d !== undefined && typed >= d.sealed) [d.served, d.sealed] = [served, typed];
  }

  /** The server has it. */
  stored(place: Place, leaf: string, served: Served): void {
    const d = this.#drafts.get(key(place, leaf));
    if (d?.served !== served) return;
    if (d.sealed === d.typed) this.drop(place, leaf);
    else d.served = null;
  }

  /** The message, or the part in it, is gone, and what was typed with it. */
  drop(place: Place, leaf: string): void {
    this.#drafts.delete(key(place, leaf));
  }

  /** The sealed draft of a message that waits; null when there is none, undefined when nothing was typed that is not stored. */
  draft(place: Place, leaf: string): Served | null | undefined {
    return this.#drafts.get(key(place, leaf))?.served;
  }

  /** The sealed drafts that wait, each with the number of what it seals. */
  waiting(place: Place): { leaf: string; served: Served; sealed: number }[] {
    return [...this.#drafts.values()].flatMap(({ clinic, by, leaf, served, sealed }) => (clinic === place.clinic && by === place.by && served !== null ? [{ leaf, served, sealed }] : []));
  }

  /** Whether something was typed that is not sealed yet, so that it goes with the keys. */
  get unsealed(): boolean {
    return [...this.#drafts.values()].some(({ typed, sealed }) => typed !== sealed);
  }

  /** The keys are gone, and what was not sealed with them: says whether there was any, and how many sealed drafts and steps back wait. */
  locked(): { lost: boolean; waiting: number } {
    const lost = this.unsealed;
    for (const [id, d] of this.#drafts) {
      if (d.served === null) this.#drafts.delete(id);
      else d.typed = d.sealed;
    }
    return { lost, waiting: this.#drafts.size + this.#stepsBack.size };
  }

  /** A step back was signed, and waits here until the server has it. */
  stepsBack(place: Place, leaf: string, signed: SignedRecusal): void {
    this.#stepsBack.set(key(place, leaf), { ...place, leaf, signed });
  }

  steppedBack(place: Place, leaf: string): void {
    this.#stepsBack.delete(key(place, leaf));
  }

  /** Steps back that the server does not have. */
  unstepped(place: Place): { leaf: string; signed: SignedRecusal }[] {
    return [...this.#stepsBack.values()].filter(({ clinic, by }) => clinic === place.clinic && by === place.by);
  }
}

const key = ({ clinic, by }: Place, leaf: string): string => `${clinic} ${by} ${leaf}`;
