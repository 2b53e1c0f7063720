/** What the panel wrote about a clinic's messages: opened once and remembered by its signature, and sealed and signed. */
import type { Bodies, Kind, ReviewFile } from "../coding.js";
import { fromBase64url } from "../encoding.js";
import { recipientOf } from "../identity.js";
import { openReview, sealReview, type Lists, type OpenedReview, type Served, type ServedProblem } from "../reviewfile.js";
import { wrote } from "../wrote.js";
import type { Desk } from "./desk.js";
import type { At, Taken } from "./epochwork.js";
import type { LeftMessages } from "./leftmessages.js";

export class Written {
  readonly #desk: Desk;
  /** Files that were opened already, by their signature. */
  readonly #known = new Map<string, OpenedReview>();

  constructor(desk: Desk) {
    this.#desk = desk;
  }

  /** What was written about each message that was not left, by base64url of its leaf hash. What does not hold: to `problems`. */
  async of(at: At, served: Served[], panel: Lists, left: LeftMessages, problems: Taken["problems"]): Promise<Map<string, OpenedReview[]>> {
    const reviews = new Map<string, OpenedReview[]>();
    const fresh = served.filter((s) => !this.#known.has(s.signature));
    const opened = await this.open(at, fresh, panel);
    fresh.forEach((s, i) => {
      const o = opened[i];
      if (typeof o === "object") this.#known.set(s.signature, o);
      else if (o !== undefined) problems.push({ by: s.author, kind: s.kind, why: o });
    });
    for (const s of served) {
      const o = this.#known.get(s.signature);
      if (o === undefined || left.has(o.leaf)) continue;
      if (wrote(panel.lists, o.by, panel.before(o.leaf), o.day)) reviews.set(o.leaf, [...(reviews.get(o.leaf) ?? []), o]);
      else problems.push({ by: o.by, kind: o.kind, why: "away" }); // a list has come since it was opened, or the log was read
    }
    for (const all of reviews.values()) all.sort((a, b) => (a.by === b.by ? a.n - b.n : a.by < b.by ? -1 : 1));
    return reviews;
  }

  /** Opens what colleagues wrote. What does not hold is told, and never taken. */
  async open(at: At, served: Served[], panel: Lists): Promise<(OpenedReview | ServedProblem)[]> {
    const identity = (s: Served): string => (s.kind === "draft" ? this.#desk.own.identity : this.#desk.epochKey(at.epoch));
    const out: (OpenedReview | ServedProblem)[] = [];
    for (const s of served) out.push(await openReview(s, at, panel, identity(s)));
    return out;
  }

  /** Seals and signs what a reviewer wrote; a draft to the reviewer alone. */
  async seal<K extends Kind>(at: At, leaf: string, kind: K, body: Bodies[K], n: number): Promise<Served> {
    const { identity, key } = this.#desk.own;
    const recipient = await recipientOf(kind === "draft" ? identity : this.#desk.epochKey(at.epoch));
    const f = { t: kind, epoch: at.epoch, origin: at.origin, leaf, by: key.reviewer, body } as ReviewFile;
    return sealReview(f, { recipient, clinic: at.clinic, leaf: fromBase64url(leaf), n, day: at.today }, key);
  }

  /** Nothing that was written about a message stays here. */
  forget(leaf: string): void {
    for (const [signature, o] of this.#known) if (o.leaf === leaf) this.#known.delete(signature);
  }
}
