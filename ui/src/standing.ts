/**
 * What a log says of one clinic's panel: its lists, what it decided about its keys, what it called back, and the keys
 * themselves. A leaf counts only with the signatures that it needs of the list in force at its place, so that whoever writes
 * the log cannot write the panel's part of it.
 *
 * It is there to be held against what a server shows: a server can leave out what the panel has signed, and then every
 * signature that it does show holds.
 *
 * The twin of keyring.Standing; FORMAT.md there is the specification, and both run the same vectors.
 */
import { follows, isDay, parseManifest, plusDays, split, valid, verifyRecord, type Panel, type Record, type Signature } from "./chain.js";
import { MAX_RETAIN, parseDecision, type Rotation } from "./decision.js";
import { toBase64 } from "./encoding.js";
import { JUDGES, parseDecided, saidLines, type Decided, type Said } from "./judgement.js";
import { leafHash } from "./leaf.js";

/** A key in the log, with what the panel had decided when it got there; null for nothing. */
export interface StandingEpoch {
  record: Record;
  decided: Rotation | null;
}

/** The kinds of leaves that a Standing reads. */
const KINDS = ["panel", "epoch", "revoke", "rotation", "release", "judgement"];

/** Whether a leaf says something about a panel, its keys or its figures, or what it says of promises. */
export const isOfKeys = (leaf: string): boolean => KINDS.includes(leaf.split("\n", 2)[1] ?? "");

export class Standing {
  readonly #panels: Panel[] = [];
  readonly #rotations: { lines: string; day: string; rotation: Rotation }[] = [];
  readonly #revocations: string[] = [];
  readonly #revoked = new Set<string>();
  /** The figures that the panel let out: their days, and the lines that it signed. */
  readonly #released: { first: string; last: string; lines: string }[] = [];
  /** What members may have said of promises, with the list in force there. Their signatures are checked when somebody asks. */
  readonly #judged: { decided: Decided; panel: Panel }[] = [];
  /** Leaves that may be a key's, by its id. Their signatures are checked when somebody asks. */
  readonly #epochs = new Map<string, { leaf: string; panel: Panel; decided: Rotation | null }[]>();

  /** Reads leaves in the order of the log. Those of other kinds and clinics, or without their signatures, count for nothing. */
  constructor(
    readonly clinic: string,
    leaves: string[],
  ) {
    for (const leaf of leaves) this.#add(leaf);
  }

  #add(leaf: string): void {
    switch (leaf.split("\n", 2)[1]) {
      case "panel": this.#addPanel(leaf); break;
      case "epoch": this.#addEpoch(leaf); break;
      case "revoke":
      case "rotation": this.#addDecision(leaf); break;
      case "release": this.#addRelease(leaf); break;
      case "judgement": this.#addJudgement(leaf); break;
    }
  }

  #addPanel(leaf: string): void {
    const { lines, signatures } = split(leaf, "signature");
    const m = parseManifest(lines);
    if (m?.clinic === this.clinic && follows(m, this.#panel, signatures)) this.#panels.push({ manifest: m, hash: toBase64(leafHash(leaf)) });
  }

  /** The list in force; undefined before the first. */
  get #panel(): Panel | undefined {
    return this.#panels[this.#panels.length - 1];
  }

  /** Takes a key of the list in force: once another list follows, nobody may acknowledge it any more. */
  #addEpoch(leaf: string): void {
    const panel = this.#panel;
    const id = leaf.split("\n", 4)[3] ?? "";
    if (panel) this.#epochs.set(id, [...(this.#epochs.get(id) ?? []), { leaf, panel, decided: this.rotation }]);
  }

  #addDecision(leaf: string): void {
    const { lines, signatures } = split(leaf, "signature");
    const what = parseDecision(lines);
    if (what === null || what.clinic !== this.clinic || !this.#enough(what.kind, lines, signatures)) return;
    if (what.kind === "rotation" && this.#mayFollow(what.day, lines)) this.#rotations.push({ lines, day: what.day, rotation: what.rotation });
    if (what.kind !== "revoke") return;
    what.epochs.forEach((id) => this.#revoked.add(id));
    this.#revocations.push(lines);
  }

  #addRelease(leaf: string): void {
    const { lines, signatures } = split(leaf, "signature");
    const [, , clinic, , , period = "", ...rest] = lines.split("\n");
    const [first = "", last = "", more] = period.split(" ");
    if (clinic !== this.clinic || rest.length !== 3 || more !== undefined || !isDay(first) || !isDay(last)) return;
    if (this.#enough("release", lines, signatures)) this.#released.push({ first, last, lines });
  }

  #addJudgement(leaf: string): void {
    const panel = this.#panel;
    const decided = parseDecided(leaf);
    if (panel && decided?.clinic === this.clinic) this.#judged.push({ decided, panel });
  }

  /** What members decided of a promise, by round: the first of each that only members of the list in force signed, and enough. */
  judged(promise: string): Map<number, Decided> {
    const rounds = new Map<number, Decided>();
    for (const { decided, panel } of this.#judged) {
      if (decided.promise !== promise || rounds.has(decided.round)) continue;
      const holds = (s: Said): boolean => valid(panel.manifest, "judgement", saidLines(decided, s.day), [{ id: s.id, bytes: s.signature }]) === 1;
      if (decided.by.length >= JUDGES && decided.by.every(holds)) rounds.set(decided.round, decided);
    }
    return rounds;
  }

  /** Whether figures of one of these days are let out already: of two releases that share one, the difference is a smaller group. */
  released(first: string, last: string): boolean {
    return this.#released.some((r) => r.first <= last && first <= r.last);
  }

  /**
   * The lines of the figures that belong into a bundle of a time: those of the period that begins on this day, and the newest of
   * before, which stand beside them. "" where there are none, and for both where there are none of the period itself.
   */
  figuresFor(first: string): { release: string; before: string } {
    const release = this.#released.find((r) => r.first === first)?.lines ?? "";
    const [before] = this.#released.filter((r) => r.last < first).sort((a, b) => b.last.localeCompare(a.last));
    return { release, before: release === "" ? "" : before?.lines ?? "" };
  }

  /** Whether as many of the list in force have signed a decision as it needs. */
  #enough(kind: string, lines: string, signatures: Signature[]): boolean {
    const m = this.#panel?.manifest;
    return m !== undefined && valid(m, kind, lines, signatures) >= m.m;
  }

  /**
   * Whether a rotation may take the place of the newest: none does that was proposed before it, and none twice. Otherwise a
   * server could bring an old decision back by writing its leaf again.
   */
  #mayFollow(day: string, lines: string): boolean {
    const newest = this.#rotations[this.#rotations.length - 1];
    return newest === undefined || (day >= newest.day && this.#rotations.every((r) => r.lines !== lines));
  }

  /** What the panel decided last about its keys; null when it has not. */
  get rotation(): Rotation | null {
    return this.#rotations[this.#rotations.length - 1]?.rotation ?? null;
  }

  /** A key that stands in the log; undefined when it does not. */
  epoch(id: string): StandingEpoch | undefined {
    for (const { leaf, panel, decided } of this.#epochs.get(id) ?? []) {
      try {
        return { record: verifyRecord([panel], leaf, this.clinic, true).record, decided };
      } catch {
        // it is nobody's key
      }
    }
    return undefined;
  }

  /** Whether the panel has called a key back. */
  revoked(id: string): boolean {
    return this.#revoked.has(id);
  }

  /**
   * Whether a rotation that a server shows, as texts of leaves, is newer than the newest in the log. It counts once it is there,
   * within seconds when the server is honest, and not before: what is not in the log was shown to nobody else.
   */
  waits(shown: string[]): boolean {
    return shown.some((leaf) => {
      const { lines, signatures } = split(leaf, "signature");
      const what = parseDecision(lines);
      return what?.kind === "rotation" && what.clinic === this.clinic && this.#enough(what.kind, lines, signatures) && this.#mayFollow(what.day, lines);
    });
  }

  /**
   * Whether the newest list that a server shows, by the base64 leaf hashes of all it shows, is not in the log yet. Until it is
   * there, nothing that its members signed can be found there either, so that what the panel decided is not known.
   */
  unlogged(lists: string[]): boolean {
    const last = lists[lists.length - 1];
    return last !== undefined && !this.#panels.some((p) => p.hash === last);
  }

  /**
   * What stands in the log and is not shown: "list" and its version, "revoke", "rotation". `lists` are the base64 leaf hashes
   * of the lists that a server shows, `decided` the lines of what it says was decided; without `rotations` it has only
   * revocations in it. The log must have been read before.
   */
  withheld(lists: string[], decided: string[], rotations = true): Withheld[] {
    const what: Withheld[] = [];
    this.#panels.forEach((p) => { if (!lists.includes(p.hash)) what.push(`list ${String(p.manifest.version)}`); });
    if (this.#revocations.some((lines) => !decided.includes(lines))) what.push("revoke");
    const newest = this.#rotations[this.#rotations.length - 1];
    if (rotations && newest !== undefined && !decided.includes(newest.lines)) what.push("rotation");
    return what;
  }
}

export type Withheld = `list ${string}` | "revoke" | "rotation";

/** Most days of a key that lasts to the end of a month: with a rest of the month before. */
const LONGEST_MONTH = 37;
const LONGEST = 94;

/** What a record says that a panel decides about. */
export interface Terms {
  k: number;
  n: number;
  notBefore: string;
  notAfter: string;
  retainUntil: string;
}

/**
 * Holds a record against what its panel decided; null when it never did. Then one member opens a key, and only the bounds hold
 * within which a panel can decide. A key may be shorter than decided, where another begins; what it sealed is kept exactly as
 * long. "number" and "term" say what does not fit.
 */
export function fits(decided: Rotation | null, r: Terms): "" | "number" | "term" {
  if (r.k !== Math.min(decided?.k ?? 1, r.n)) return "number";
  const month = decided === null ? LONGEST : LONGEST_MONTH;
  const longest = decided !== null && decided.days > 0 ? decided.days : month;
  if (r.notAfter > plusDays(r.notBefore, longest - 1)) return "term";
  if (decided === null) return r.retainUntil > plusDays(r.notAfter, MAX_RETAIN) ? "term" : "";
  return r.retainUntil === plusDays(r.notAfter, decided.retainDays) ? "" : "term";
}
