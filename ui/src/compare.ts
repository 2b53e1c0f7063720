/** Two codings side by side, and what coders agreed on. Twin of internal/coding/compare.go. */
import { sorted, type Consensus, type Found } from "./coding.js";

/** One question on which two codings are not the same: yes, no or not_asked; 0 to 3 for seriousness; client, worker or "" for role. */
export interface Difference {
  of: "theme" | "items" | "own" | "good" | "seriousness" | "involved" | "repair" | "role";
  /** The theme, or the code that only one of them has; "" for seriousness and role. */
  code: string;
  a: string;
  b: string;
}

export interface Comparison {
  /** On every theme that both were asked, and on seriousness within 1. */
  agree: boolean;
  differences: Difference[];
}

/** The theme that is asked only about people who work there. */
const WORK = "work";

/**
 * A theme that only one list of codes asked is shown and stands against nothing. Two of one list were asked the same, so what one of them
 * leaves open stands against the other's answer; but for work that was not there.
 */
export function compare(a: Found, b: Found): Comparison {
  const c: Comparison = { agree: true, differences: [] };
  for (const theme of sorted([...a.yes, ...a.no, ...b.yes, ...b.no])) {
    const [left, right] = [says(a, theme), says(b, theme)];
    if (left === right) continue;
    c.differences.push({ of: "theme", code: theme, a: left, b: right });
    const open = left === "not_asked" || right === "not_asked";
    const unasked = a.taxonomy !== b.taxonomy || (theme === WORK && left !== "yes" && right !== "yes");
    if (!open || !unasked) c.agree = false;
  }
  if (a.seriousness !== b.seriousness) {
    c.differences.push({ of: "seriousness", code: "", a: String(a.seriousness), b: String(b.seriousness) });
    if (Math.abs(a.seriousness - b.seriousness) > 1) c.agree = false;
  }
  for (const of of ["items", "own", "good", "involved", "repair"] as const) c.differences.push(...ticks(of, a[of] ?? [], b[of] ?? []));
  if (a.role !== b.role) c.differences.push({ of: "role", code: "", a: a.role ?? "", b: b.role ?? "" });
  return c;
}

function ticks(of: Difference["of"], a: string[], b: string[]): Difference[] {
  const one = sorted([...a, ...b]).filter((code) => a.includes(code) !== b.includes(code));
  return one.map((code) => ({ of, code, a: a.includes(code) ? "yes" : "no", b: b.includes(code) ? "yes" : "no" }));
}

/** What a coding says of a theme. */
export function says(f: Found, theme: string): "yes" | "no" | "not_asked" {
  if (f.yes.includes(theme)) return "yes";
  return f.no.includes(theme) ? "no" : "not_asked";
}

/** A coding or a consensus whose signature was checked: who signed it, and base64url of the hash of the sealed file. */
export interface Coded<B> {
  by: string;
  hash: string;
  body: B;
  /** The day signed with it, `YYYY-MM-DD`; missing where it is not known. */
  day?: string;
}

/** Begins a consensus: what any coder found, and the higher seriousness; who wrote, where all say the same. Coders change it where they think otherwise. */
export function proposal(codings: readonly Coded<Found>[]): Consensus {
  const all = (of: "yes" | "no" | "items" | "own" | "good" | "involved" | "repair"): string[] => sorted(codings.flatMap(({ body }) => body[of] ?? []));
  const [yes, own] = [all("yes"), all("own")];
  const [role, ...others] = new Set(codings.map(({ body }) => body.role));
  return {
    taxonomy: codings[codings.length - 1]?.body.taxonomy ?? "",
    yes,
    no: all("no").filter((theme) => !yes.includes(theme)),
    items: all("items"),
    good: all("good"),
    seriousness: Math.max(0, ...codings.map(({ body }) => body.seriousness)),
    involved: all("involved"),
    repair: all("repair"),
    ...(role === undefined || others.length > 0 ? {} : { role }),
    ...(own.length === 0 ? {} : { own }),
    codings: sorted(codings.map(({ hash }) => hash)),
  };
}

/**
 * The consensus that two different coders signed alike, with the hashes of their files; null when there is none. It names
 * every coding, and says of each theme what one of the coders said. Consensuses come in the order in which each author
 * sent them: the last one counts.
 *
 * A coding that came in on the day of the agreement or later, as that of a third who was still reading when the others agreed, stands
 * beside it and takes nothing back: a third coder is for where two do not agree. An agreement that names it, too, takes its place.
 *
 * `counts` says whether what these coders signed together still does; without it, it always does.
 */
export function settled(codings: readonly Coded<Found>[], consensuses: readonly Coded<Consensus>[], counts: Counts = () => true): Settled | null {
  const all = settledBy(codings, consensuses, counts);
  if (all !== null) return all;
  for (const late of codings) {
    const agreed = settledBy(codings.filter((c) => c !== late), consensuses, counts);
    const signed = consensuses.filter(({ hash }) => agreed?.hashes.includes(hash));
    if (agreed !== null && signed.every(({ day }) => day !== undefined && late.day !== undefined && day <= late.day)) return agreed;
  }
  return null;
}

type Counts = (signers: readonly string[]) => boolean;

export interface Settled {
  consensus: Consensus;
  hashes: string[];
}

function settledBy(codings: readonly Coded<Found>[], consensuses: readonly Coded<Consensus>[], counts: Counts): Settled | null {
  const last = new Map(consensuses.map((c) => [c.by, c]));
  for (const { body } of last.values()) {
    const signed = codings.flatMap(({ by }) => last.get(by) ?? []).filter((c) => JSON.stringify(c.body) === JSON.stringify(body));
    const hashes = sorted(signed.map(({ hash }) => hash));
    if (hashes.length >= 2 && counts(signed.map(({ by }) => by)) && follows(body, codings)) return { consensus: body, hashes };
  }
  return null;
}

/** A consensus of all of these codings: each theme as one of them says, and a seriousness between the lowest and the highest. */
export function follows(c: Consensus, codings: readonly Coded<Found>[]): boolean {
  if (new Set(codings.map(({ by }) => by)).size !== codings.length) return false;
  if (JSON.stringify(sorted(codings.map(({ hash }) => hash))) !== JSON.stringify(c.codings)) return false;
  const levels = codings.map(({ body }) => body.seriousness);
  if (c.seriousness < Math.min(...levels) || c.seriousness > Math.max(...levels)) return false;
  const asked = sorted([...c.yes, ...c.no, ...codings.flatMap(({ body }) => [...body.yes, ...body.no])]);
  return asked.every((theme) => codings.some(({ body }) => says(body, theme) === says(c, theme)));
}
