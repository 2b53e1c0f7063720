/**
 * A table around which reviewers' browsers sit in the tests of the views: it keeps what they send, in the order in which it
 * comes, and hands out neither coding before both are in. It stands where the worker and the server stand, neither of
 * which these tests are about.
 */
import type { Card, Consensus, Check, Found, Kind, Note, Sharing } from "../src/coding.js";
import type { Answer } from "../src/pad.js";
import type { Case, Claim, Dated, Role } from "../src/panel/casework.js";
import type { Share, Story } from "../src/panel/bench.js";

interface Message {
  leaf: string;
  day: string;
  card: Card;
  story: Story;
  claims: Claim[];
  files: { kind: Kind; by: string; hash: string; day: string; body: unknown }[];
  recused: string[];
  released: boolean;
}

export class Table {
  today = "2026-11-25";
  members: string[];
  /** What each reviewer's browser was given of a story, and asked for: reviewer and leaf. */
  readonly opened: string[] = [];
  readonly messages: Message[] = [];
  /** Leaves that are gone, and how. */
  readonly gone = new Map<string, "withdrawn" | "shredded">();
  /** What the next thing sent is refused with, "" while all is well. */
  failing = "";
  /** Whether no message can be fetched. */
  unreachable = false;

  constructor(members: string[]) {
    this.members = members;
  }

  add(leaf: string, day: string, card: Card, answers: Answer[]): Message {
    const m: Message = { leaf, day, card, story: { answers, later: [], changes: [], allRead: true }, claims: [], files: [], recused: [], released: false };
    this.messages.push(m);
    return m;
  }

  /** One call of a browser, as that reviewer. */
  ask(me: string, call: string, args: unknown[]): unknown {
    const leaf = typeof args[0] === "string" ? args[0] : "";
    if (this.failing !== "" && call === "send") throw new Error(this.failing);
    if (this.unreachable && call === "story") throw new Error("The server does not answer.");
    switch (call) {
      case "cases": return this.#cases(me);
      case "shares": return this.members.map((reviewer): Share => ({
        reviewer, taken: this.messages.filter((m) => m.claims.some((c) => c.by === reviewer)).length,
        open: this.messages.filter((m) => m.claims.some((c) => c.by === reviewer) && !m.files.some((f) => f.by === reviewer && f.kind !== "draft")).length,
      }));
      case "claim": this.#claim(this.#message(leaf), me, args[1] as Role); return null;
      case "recuse": this.#message(leaf).recused.push(me); return null;
      case "handBack": this.#message(leaf).claims = this.#message(leaf).claims.filter((c) => c.by !== me); return null;
      case "story": this.opened.push(`${me} ${leaf}`); return this.gone.get(leaf) ?? this.#message(leaf).story;
      case "draft": return this.#files<{ fields: Answer[] }>(this.#message(leaf), "draft").filter((f) => f.by === me).at(-1)?.body.fields ?? [];
      case "send": this.#send(this.#message(leaf), me, args[1] as Kind, args[2]); return null;
      case "release": this.#message(leaf).released = true; return null;
      case "passers": return this.messages.map(({ card, day }) => ({ card, day }));
      case "today": return this.today;
    }
    throw new Error(`nobody knows ${call}`);
  }

  #message(leaf: string): Message {
    const m = this.messages.find((x) => x.leaf === leaf);
    if (m === undefined) throw new Error("There is no such message.");
    return m;
  }

  #claim(m: Message, me: string, role: Role): void {
    const taken = m.claims.filter((c) => c.role === role && this.members.includes(c.by)).length;
    if (taken >= (role === "coder" ? 2 : 1)) throw new Error("Somebody else has just taken this one. Choose another.");
    m.claims.push({ by: me, role });
  }

  #send(m: Message, by: string, kind: Kind, body: unknown): void {
    if (this.gone.has(m.leaf)) throw new Error("This message is gone.");
    m.files.push({ kind, by, hash: `${"A".repeat(37)}${String(m.files.length).padStart(5, "0")}A`, day: this.today, body });
  }

  #files<B>(m: Message, kind: Kind): Dated<B>[] {
    return m.files.filter((f) => f.kind === kind).map((f) => ({ by: f.by, hash: f.hash, day: f.day, body: f.body as B }));
  }

  #cases(me: string): Case[] {
    return this.messages.filter((m) => !m.recused.includes(me) && !this.gone.has(m.leaf)).map((m) => {
      const codings = this.#files<Found>(m, "coding");
      return {
        leaf: m.leaf, epoch: "2026-11-aaaa", day: m.day, card: m.card, claims: m.claims.filter((c) => this.members.includes(c.by)),
        codings: codings.length >= 2 ? codings : [], coded: codings.map((c) => c.by),
        consensuses: this.#files<Consensus>(m, "consensus"), checks: this.#files<Check>(m, "check"), sharings: this.#files<Sharing>(m, "sharing"),
        notes: this.#files<Note>(m, "note"), free: this.members.filter((r) => !m.recused.includes(r)), released: m.released,
      };
    });
  }
}
