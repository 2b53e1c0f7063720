/** What lies in the clear of a clinic's messages and may not, or not any more, and what may and does not yet. */
import type { Manifest } from "../chain.js";
import type { Sharing } from "../coding.js";
import { settled } from "../compare.js";
import { FORMS, wishesForbid } from "../sharing.js";
import { claimsIn } from "./casework.js";
import type { EpochFiles, ServedWork } from "./epochwork.js";
import { holdCodes, type CodesHolding, type ServedCodes, type SignedCodes } from "./heldcodes.js";
import { forbids } from "./heldfindings.js";
import type { LeftMessages } from "./leftmessages.js";
import type { OpenMessages } from "./openmessages.js";
import { of } from "./storedcards.js";

/**
 * Something of a message that lies in the clear: its codes, `count`, or a finding in one of the other forms. The leaf is
 * base64url.
 */
export interface Lying {
  leaf: string;
  form: string;
  /** Base64url of the hash of the sealed decision that a finding comes from; of codes there is none. */
  sharing?: string;
}

/** Codes in the clear that do not hold, by the leaf in base64url and the day of their message. */
export interface WrongCodes {
  leaf: string;
  epoch: string;
  day: string;
  holding: Exclude<CodesHolding, "holds" | "shut">;
  /** Whose they are said to be, "" where the server does not say, and whether they did sign them. */
  by: string;
  signed: boolean;
}

type Messages = ReadonlyMap<string, ServedWork["messages"][number]>;

type Counted = Map<string, ServedCodes | undefined>;

/** Codes that lie in the clear, by base64url of the leaf hash: of those there were `before`, as long as they are the same. */
export function countedIn(messages: Messages, before?: Counted): Counted {
  const now = [...messages].flatMap(([leaf, m]): [string, ServedCodes | undefined][] => (m.coded_in_clear ? [[leaf, m.codes]] : []));
  const same = (leaf: string, codes?: ServedCodes): boolean => JSON.stringify(before?.get(leaf)) === JSON.stringify(codes);
  return new Map(now.filter(([leaf, codes]) => before === undefined || (before.has(leaf) && same(leaf, codes))));
}

export class InClear {
  constructor(
    private readonly me: string,
    private readonly epochs: ReadonlyMap<string, EpochFiles>,
    private readonly opened: OpenMessages,
    private readonly left: LeftMessages,
    private readonly signed: SignedCodes,
  ) {}

  /**
   * Codes that do not hold, whether or not their message is open here: the agreement behind them is. `lists` are the panel's, the
   * newest last.
   */
  wrong(clinic: string, lists: readonly Manifest[]): WrongCodes[] {
    return [...this.epochs].flatMap(([epoch, e]) => [...e.counted].flatMap(([leaf, codes]): WrongCodes[] => {
      if (this.left.has(leaf)) return [];
      const signed = (c: ServedCodes): boolean => this.signed.holds(clinic, lists, leaf, c);
      const holding = holdCodes(this.me, codes, this.#agreeing(leaf, e), signed);
      if (holding === "holds" || holding === "shut") return [];
      const day = e.messages.get(leaf)?.day ?? "";
      return [{ leaf, epoch, day, holding, by: codes?.by ?? "", signed: codes !== undefined && signed(codes) }];
    }));
  }

  #agreeing(leaf: string, { reviews, parts }: EpochFiles): Parameters<typeof holdCodes>[2] {
    const all = reviews.get(leaf) ?? [];
    const [claims, services] = [claimsIn(parts.get(leaf) ?? []), this.#services(leaf, of(all, "card"))];
    return { claims, codings: of(all, "coding"), consensuses: of(all, "consensus"), services };
  }

  #services(leaf: string, cards: readonly { body: { service: string } }[]): string[] {
    if (!this.opened.has(leaf)) return cards.map(({ body }) => body.service);
    const { of: kind, service } = this.opened.card(leaf);
    return kind === "junk" ? [] : [service];
  }

  /**
   * Of each whether its writer forbids it now, with all that came later, and nothing else of what they wish: no reviewer has to
   * have declared for it. So is all that comes from what a writer sent later: it is never shared or counted by itself. False where
   * their message is not open here, and where nothing of it lies in the clear.
   */
  forbidden(out: readonly Lying[]): boolean[] {
    return out.map(({ leaf, form, sharing }) => {
      const lies = [...this.epochs.values()].some(({ messages }) => messages.get(leaf)?.[form === "count" ? "coded_in_clear" : "finding"] === true);
      if (lies && this.opened.isFurther(leaf)) return true;
      const wishes = lies ? this.opened.wishes(leaf) : null;
      const known = FORMS.find((f) => f === form);
      if (wishes === null || known === undefined) return wishes !== null;
      if (wishesForbid(wishes, known).length > 0) return true;
      const decision = this.#decision(leaf, sharing ?? "");
      return decision !== null && forbids({ wishes, own: this.opened.own(leaf) }, decision, { form: known, words: decision.words });
    });
  }

  #decision(leaf: string, hash: string): Sharing | null {
    const all = [...this.epochs.values()].flatMap(({ reviews }) => reviews.get(leaf) ?? []);
    return of(all, "sharing").find((s) => s.hash === hash)?.body ?? null;
  }

  /**
   * Open messages whose codes do not lie in the clear, though this reviewer has signed what two agree on, and their writers'
   * wishes do not forbid it. Leaves are base64url.
   */
  uncounted(): { leaf: string; epoch: string }[] {
    return [...this.epochs].flatMap(([epoch, { messages, reviews }]) => [...messages].flatMap(([leaf, m]) => {
      const all = m.coded_in_clear || this.opened.isFurther(leaf) ? [] : reviews.get(leaf) ?? [];
      const consensuses = of(all, "consensus");
      const hashes = settled(of(all, "coding"), consensuses)?.hashes ?? [];
      const wishes = consensuses.some(({ by, hash }) => by === this.me && hashes.includes(hash)) ? this.opened.wishes(leaf) : null;
      return wishes === null || wishesForbid(wishes, "count").length > 0 ? [] : [{ leaf, epoch }];
    }));
  }
}
