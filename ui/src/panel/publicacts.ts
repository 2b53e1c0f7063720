/** What the panel owns up to in public about messages: which acts are owed, worked out and signed in the worker. */
import { actionLeaf, actionTag, isWeekly, parseAction, signAct, verifyAct, weekOf, type ActCode } from "../action.js";
import type { CardKind } from "../coding.js";
import { settled } from "../compare.js";
import { COVER, coin, coverKey } from "../cover.js";
import { fromBase64url, toBase64 } from "../encoding.js";
import type { SigningKey } from "../identity.js";
import { closedOn, type Case } from "./casework.js";
import { isGiven } from "./decisions.js";
import type { Desk } from "./desk.js";
import type { At } from "./epochwork.js";

/** How many tags an act on an answer is signed for ahead, since a colleague may take some while the answer waits. */
const SPARE_TAGS = 4;

/**
 * Signs acts on an answer, which this key signed before, under the same tags for the week of a day. Throws LeafError, and Error
 * for others'.
 */
export function contactedAgain(texts: readonly string[], day: string, key: SigningKey): string[] {
  return texts.map((text) => {
    const { tag, code, ...before } = parseAction(text);
    if (code !== "contacted" || !verifyAct({ tag, code, ...before }, key.public)) throw new Error("not signed by this key");
    return actionLeaf(signAct({ tag, code, outcome: "", day: weekOf(day) }, key));
  });
}

/** What of a message counts for its acts. */
export interface Acted {
  /** Base64url. */
  leaf: string;
  epoch: string;
  of: CardKind;
  /** Base64url of the key that the message carries for its acts; null for none, or when its card says nothing of one. */
  key: string | null;
  /** Whether this browser opened it, and so knows that it carries none. */
  opened: boolean;
  /** The day on which two coders agreed; null while they do not. */
  agreed: string | null;
  /** The day on which it was decided that the panel has done what it can, if this reviewer had a part in that. */
  closed: string | null;
  /** The clinic was handed a finding of it that stands, in a week that is over, and this reviewer had a part in it. */
  acted: boolean;
}

/** What counts for acts of what the panel wrote about a message. */
export function actedOf(c: Case, me: string, opened: boolean, handed: boolean): Acted {
  const agreed = settled(c.codings, c.consensuses)?.hashes ?? [];
  const wrote = [...c.codings, ...c.checks, ...c.sharings].some(({ by }) => by === me);
  return {
    leaf: c.leaf, epoch: c.epoch, of: c.card.of, key: c.card.actions ?? null, opened,
    agreed: c.consensuses.filter(({ hash }) => agreed.includes(hash)).map(({ day }) => day).sort().pop() ?? null,
    closed: wrote ? closedOn(c) : null, acted: wrote && handed && isGiven(c),
  };
}

/** An act that is owed. */
export interface Owed {
  /** The text of its leaf. */
  text: string;
  /** What it is about was done on an earlier day, or is a first look at a message: sent at once it tells nobody which step it was. */
  old: boolean;
}

/** What stands, and what is new. */
interface Now {
  today: string;
  /** Epochs that several open together. */
  quorum: readonly string[];
  /** Base64url of messages that got their first card just now. */
  fresh: readonly string[];
  /** Tags of acts that stand, base64. */
  taken: readonly string[];
}

interface Did {
  key: Uint8Array;
  /** How often, how often of it just now, and the day of the step that it tells of, "" for a first look. */
  acts: Map<ActCode, { all: number; now: number; day: string }>;
}

/**
 * The numbers of an act that do not stand yet, of so many messages of a receipt that are here. Of fresh ones, which got their first
 * card just now, earlier ones of their receipt may be gone, and the tags that are taken stand for those. Twin of Go's times.owed.
 */
export function owedNumbers(all: number, fresh: number, stands: (n: number) => boolean): number[] {
  let before = 0;
  while (fresh > 0 && stands(before)) before++;
  return [...Array(fresh > 0 ? Math.max(all, before + fresh) : all).keys()].filter((n) => !stands(n));
}

const isNone = (of: CardKind): boolean => of === "decoy" || of === "junk";

export class PublicActs {
  constructor(private readonly desk: Desk) {}

  /**
   * Signs the acts that were done and do not stand yet: one for each message that has a card, more where it does not open or
   * its key is opened by several, and for each receipt one where two coders agree, one where the clinic was handed a finding,
   * and one where it is closed. Which acts those are is worked out from what is here and never by trying, so a colleague's
   * act is not done twice.
   */
  owed(messages: readonly Acted[], { today, quorum, fresh, taken }: Now): Owed[] {
    const stand = new Set(taken); // a panel's acts of all years
    const free = (tag: Uint8Array): boolean => !stand.has(toBase64(tag));
    return [...this.did(messages, quorum, fresh).values()].flatMap(({ key, acts }) => [...acts].flatMap(([code, { all, now, day }]) => {
      const tags = owedNumbers(all, now, (n) => !free(actionTag(key, code, n))).map((n) => actionTag(key, code, n));
      return tags.map((tag) => ({ text: this.signed(tag, code, today), old: day < today }));
    }));
  }

  private did(messages: readonly Acted[], quorum: readonly string[], fresh: readonly string[]): Map<string, Did> {
    const did = new Map<string, Did>();
    for (const m of messages) {
      const key = this.keyOf(m);
      if (key === null) continue;
      const { acts } = did.get(toBase64(key)) ?? { acts: new Map() as Did["acts"] };
      did.set(toBase64(key), { key, acts });
      for (const code of ["received", ...(m.of === "junk" ? ["undecryptable"] as const : []), ...(quorum.includes(m.epoch) ? ["opened-by-quorum"] as const : [])] as const) {
        const { all, now } = acts.get(code) ?? { all: 0, now: 0 };
        acts.set(code, { all: all + 1, now: now + (m.key !== null && fresh.includes(m.leaf) ? 1 : 0), day: "" }); // a key of one file has one act of each code
      }
      if (m.agreed !== null) acts.set("assessed", { all: 1, now: 0, day: m.agreed });
      if (m.acted) acts.set("acted", { all: 1, now: 0, day: "" }); // its step was in another week
      if (m.closed !== null) acts.set("closed", { all: 1, now: 0, day: m.closed });
    }
    return did;
  }

  /** The key that tags acts: the message's own, or one that only the panel can work out; null when it is not known which. */
  private keyOf(m: Acted): Uint8Array | null {
    if (m.key !== null) return fromBase64url(m.key);
    return m.opened || isNone(m.of) ? coverKey(this.desk.epochKey(m.epoch), m.leaf) : null;
  }

  /** Signs the acts of an answer, under some free tags: the first one that is still free when it is sent counts. */
  contacted(at: At, leaf: string, own: string | null, taken: readonly string[]): string[] {
    const key = own === null ? coverKey(this.desk.epochKey(at.epoch), leaf) : fromBase64url(own);
    const tags = [...Array(100).keys()].map((n) => actionTag(key, "contacted", n)).filter((tag) => !taken.includes(toBase64(tag)));
    return tags.slice(0, SPARE_TAGS).map((tag) => this.signed(tag, "contacted", at.today));
  }

  /** Acts on files that are no messages, by the odds of this day. */
  cover(messages: readonly Acted[], today: string, taken: readonly string[]): string[] {
    const stand = new Set(taken);
    return messages.filter(({ of }) => isNone(of)).flatMap(({ leaf, epoch }) => {
      const key = coverKey(this.desk.epochKey(epoch), leaf);
      const tag = (code: ActCode): Uint8Array => actionTag(key, code, 0);
      const stands = (code: ActCode): boolean => stand.has(toBase64(tag(code)));
      const code = stands(COVER[0]) ? COVER[1] : COVER[0];
      return stands(code) || !coin(key, code, today, this.desk.own.key.reviewer) ? [] : [this.signed(tag(code), code, today)];
    });
  }

  private signed(tag: Uint8Array, code: ActCode, day: string): string {
    return actionLeaf(signAct({ tag, code, outcome: "", day: isWeekly(code) ? weekOf(day) : day }, this.desk.own.key));
  }
}
