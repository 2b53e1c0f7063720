/**
 * The panel's chain: before anything is locked, the browser walks from the panel's first list of members to the key in
 * use. Every list and every key is line text with signatures, and what they say is worked out here again from the bytes
 * alone, so that nobody who only hands them out can put another key in between.
 *
 * The twin of keyring.Chain; FORMAT.md there is the specification, and both run the same vectors.
 */
import { sha256 } from "@noble/hashes/sha2.js";
import { base32 } from "@scure/base";
import { verify } from "#signatures";
import { equalBytes, fromBase64, toBase64, utf8 } from "./encoding.js";
import { leafHash } from "./leaf.js";

/** As GET /api/v1/c/{clinic}/chain gives it: texts of leaves. */
export interface Chain {
  clinic_id: string;
  manifests: string[];
  epoch: string;
  revocations: string[];
  /** Where the epoch is used before its first day: the one called back in whose place it stands; "" otherwise. */
  instead_of: string;
}

export type Reason = "fingerprint" | "panel" | "record" | "signatures" | "days" | "revoked";

/** The chain does not hold. */
export class ChainError extends Error {
  override name = "ChainError";
  constructor(readonly reason: Reason) {
    super(`the chain does not hold: ${reason}`);
  }
}

export interface Member {
  id: string;
  recipient: string;
  verifyKey: Uint8Array;
}

export interface Manifest {
  lines: string;
  clinic: string;
  version: number;
  /** Base64 of the leaf hash of the one before; "-" for the first. */
  previous: string;
  m: number;
  members: Member[];
}

export interface Record {
  lines: string;
  clinic: string;
  id: string;
  recipient: string;
  notBefore: string;
  notAfter: string;
  retainUntil: string;
  k: number;
  n: number;
  /** Base64 of the hash of all parts of the key; "" when one member opens it. */
  shares: string;
  /** Base64 of the leaf hash of the panel's manifest. */
  manifest: string;
  ticketKey: string;
}

export interface Signature {
  id: string;
  bytes: Uint8Array;
}

/** Days that the last key stays in use when none follows, and one for clocks that are off. */
const LATE_DAYS = 14;
const CLOCK_DAYS = 1;
const MAX_REVIEWERS = 20;

/**
 * Walks the chain. `fingerprint` is the one of the first list as a person holds it, or "" when nobody does; `today` is
 * YYYY-MM-DD by this device. Throws ChainError.
 */
export function verifyChain(chain: Chain, fingerprint: string, today: string): Record {
  const panels = verifyPanels(chain.clinic_id, chain.manifests, fingerprint);
  const { record, panel } = verifyRecord(panels, chain.epoch, chain.clinic_id, true);
  if (!stillSeated(panel.manifest, newest(panels).manifest)) throw new ChainError("record");
  const revoked = revocations(chain, panels.map((p) => p.manifest));
  if (revoked.includes(record.id)) throw new ChainError("revoked");
  const early = record.notBefore > plusDays(today, CLOCK_DAYS) && !standsIn(record, chain, panels, revoked, today);
  if (early || plusDays(today, -CLOCK_DAYS) > plusDays(record.notAfter, LATE_DAYS)) throw new ChainError("days");
  return record;
}

/**
 * Whether an epoch whose days have not come stands in the place of one that was called back, and that would be in use today. A
 * revocation of long ago lets no key begin early.
 */
function standsIn(record: Record, chain: Chain, panels: Panel[], revoked: string[], today: string): boolean {
  try {
    const { record: then } = verifyRecord(panels, chain.instead_of, chain.clinic_id, true);
    const begun = then.notBefore <= plusDays(today, CLOCK_DAYS) && then.notBefore <= record.notBefore;
    return begun && revoked.includes(then.id) && plusDays(today, -CLOCK_DAYS) <= plusDays(then.notAfter, LATE_DAYS);
  } catch {
    return false;
  }
}

/** One list of members in the chain, and the base64 leaf hash by which later ones and records name it. */
export interface Panel {
  manifest: Manifest;
  hash: string;
}

/**
 * Walks a clinic's lists from the first, given as texts of their leaves. `pinned` is the fingerprint of the first as a
 * person holds it, or "". Throws ChainError.
 */
export function verifyPanels(clinic: string, manifests: string[], pinned: string): Panel[] {
  const panels: Panel[] = [];
  for (const text of manifests) {
    const before = panels[panels.length - 1];
    const { lines, signatures } = split(text, "signature");
    const m = parseManifest(lines);
    if (!m || m.clinic !== clinic || !follows(m, before, signatures)) throw new ChainError("panel");
    if (!before && pinned !== "" && fingerprint(lines) !== pinned) throw new ChainError("fingerprint");
    panels.push({ manifest: m, hash: toBase64(leafHash(text)) });
  }
  if (panels.length === 0) throw new ChainError("panel");
  return panels;
}

/** The list that is in force. verifyPanels gives at least one. */
export function newest(panels: Panel[]): Panel {
  const last = panels[panels.length - 1];
  if (last === undefined) throw new ChainError("panel");
  return last;
}

/**
 * Reads an epoch's leaf, or one that is still on its way there, and holds it against the list that it names: the dealer
 * was on it, and, where `acked`, as many of it as it asks for have signed. Throws ChainError.
 */
export function verifyRecord(panels: Panel[], text: string, clinic: string, acked: boolean): { record: Record; panel: Panel } {
  const { lines: rest, signatures: acks } = split(text, "ack");
  const { lines, signatures: dealers } = split(rest, "dealer");
  const record = parseRecord(lines);
  const panel = panels.find((p) => p.hash === record?.manifest);
  if (!record || record.clinic !== clinic || !panel) throw new ChainError("record");
  const dealt = dealers.length === 1 && valid(panel.manifest, "epoch-deal", lines, dealers) === 1;
  const enough = !acked || valid(panel.manifest, "epoch-ack", lines, acks) >= panel.manifest.m;
  if (!dealt || !enough) throw new ChainError("signatures");
  return { record, panel };
}

/** A leaf's text from its signed lines and the signatures that the API gives beside them. */
export function withSignatures(lines: string, word: string, signatures: { reviewer: string; signature: string }[]): string {
  const sorted = [...signatures].sort((a, b) => (a.reviewer < b.reviewer ? -1 : 1));
  return lines + sorted.map((s) => `${word} ${s.reviewer} ${s.signature}\n`).join("");
}

/**
 * Whether a draft names the list before it, as the next one, and leaves the keys of those who stay as they are. Its
 * signatures are not looked at.
 */
export function nextAfter(m: Manifest, before: Panel | undefined): boolean {
  if (!before) return m.version === 1;
  return m.version === before.manifest.version + 1 && m.previous === before.hash && m.members.every((one) => keeps(one, before.manifest));
}

/** An id binds a signing key only: beside it, a server could put a recipient of its own. */
function keeps(one: Member, before: Manifest): boolean {
  const then = before.members.find((m) => m.id === one.id);
  return then === undefined || (then.recipient === one.recipient && equalBytes(then.verifyKey, one.verifyKey));
}

/** The first list is signed by everyone on it, a later one by m of the list before, m of its own, and all who are new on it. */
export function follows(m: Manifest, before: Panel | undefined, signatures: Signature[]): boolean {
  const own = valid(m, "panel", m.lines, signatures);
  if (!nextAfter(m, before)) return false;
  if (!before) return own === m.members.length;
  const fresh = m.members.filter((one) => !before.manifest.members.some((then) => then.id === one.id));
  const bySelf = (one: Member): boolean => signatures.some((s) => s.id === one.id && verifySignature(m, "panel", m.lines, s.id, s.bytes));
  return fresh.every(bySelf) && own >= m.m && valid(before.manifest, "panel", m.lines, signatures) >= before.manifest.m;
}

const stillSeated = (then: Manifest, now: Manifest): boolean =>
  then.members.every((one) => now.members.some((other) => other.id === one.id));

function revocations(chain: Chain, panels: Manifest[]): string[] {
  return chain.revocations.flatMap((text) => {
    const { lines, signatures } = split(text, "signature");
    const [leaf, kind, clinic, day, ...epochs] = linesOf(lines);
    const wellFormed = leaf === "answerable/leaf/v1" && kind === "revoke" && clinic === chain.clinic_id && isDay(day) && epochs.length > 0;
    return wellFormed && panels.some((m) => valid(m, "revoke", lines, signatures) >= m.m) ? epochs : [];
  });
}

/** An epoch, with the clinic whose panel made it: what another clinic's panel says about it counts for nothing. */
export interface EpochOf {
  clinic: string;
  epoch: string;
}

/** The panels of all clinics and their epochs as a log shows them, leaf after leaf, for whoever has nothing but the log. */
export class Panels {
  private chains = new Map<string, Panel[]>();
  /** The lines of each epoch's first record, by clinic and epoch. */
  private epochs = new Map<string, string>();
  /** Who left a list since the batch before. */
  private left: { clinic: string; member: Member }[] = [];

  /** Takes a panel leaf. One that does not follow the newest of its clinic, signed as it must be, counts for nothing: false. */
  add(leaf: string): boolean {
    const { lines, signatures } = split(leaf, "signature");
    const m = parseManifest(lines);
    const chain = this.chains.get(m?.clinic ?? "") ?? [];
    if (!m || !follows(m, chain[chain.length - 1], signatures)) return false;
    const gone = (chain[chain.length - 1]?.manifest.members ?? []).filter(({ id }) => !m.members.some((now) => now.id === id));
    this.left.push(...gone.map((member) => ({ clinic: m.clinic, member })));
    this.chains.set(m.clinic, [...chain, { manifest: m, hash: toBase64(leafHash(leaf)) }]);
    return true;
  }

  /** A batch is over: acts of those who left before it do not come any more. */
  batched(): void {
    this.left = [];
  }

  /**
   * The keys under which a reviewer can sign an act of these clinics here: as one on a list in force, or as one who left since the
   * batch before, since an act waits for its batch.
   */
  seats(clinics: Iterable<string>, reviewer: string): Uint8Array[] {
    const names = [...clinics];
    const inForce = names.flatMap((c) => this.chains.get(c)?.slice(-1) ?? []).flatMap((p) => p.manifest.members);
    const gone = this.left.filter(({ clinic }) => names.includes(clinic)).map(({ member }) => member);
    return [...inForce, ...gone].filter(({ id }) => id === reviewer).map(({ verifyKey }) => verifyKey);
  }

  /** The signing keys of everybody who is or was on the lists of these clinics, by reviewer. */
  keysOf(clinics: Iterable<string>): Map<string, Uint8Array[]> {
    const keys = new Map<string, Uint8Array[]>();
    for (const { id, verifyKey } of [...clinics].flatMap((c) => this.chains.get(c) ?? []).flatMap((p) => p.manifest.members)) {
      keys.set(id, [...(keys.get(id) ?? []), verifyKey]);
    }
    return keys;
  }

  /**
   * Takes an epoch leaf. It counts when it names a list of its clinic's panel of which nobody has left since, and is signed
   * by its dealer and by as many of that list as it asks for; null otherwise. The first that counts stays: `other` says that
   * this is a later one with other lines.
   */
  epoch(leaf: string): { record: Record; other: boolean } | null {
    const record = this.signed(leaf);
    if (!record) return null;
    const key = `${record.clinic} ${record.id}`;
    const first = this.epochs.get(key) ?? record.lines;
    this.epochs.set(key, first);
    return { record, other: first !== record.lines };
  }

  private signed(leaf: string): Record | null {
    const chain = this.chains.get(leaf.split("\n")[2] ?? "") ?? [];
    const now = chain[chain.length - 1];
    if (!now) return null;
    try {
      const { record, panel } = verifyRecord(chain, leaf, now.manifest.clinic, true);
      return stillSeated(panel.manifest, now.manifest) ? record : null;
    } catch {
      return null;
    }
  }

  /**
   * The epoch that a shred leaf destroys, when it is one of the same clinic and two of the list in force signed, or the only one
   * on it, and nobody else; null otherwise.
   */
  shredded(leaf: string): EpochOf | null {
    const { lines, signatures } = split(leaf, "signature");
    const [version, kind, clinic = "", epoch = "", day, effective, more] = linesOf(lines);
    if (version !== "answerable/leaf/v1" || kind !== "shred" || !isDay(day) || !isDay(effective) || more !== undefined) return null;
    if (!this.epochs.has(`${clinic} ${epoch}`)) return null;
    const chain = this.chains.get(clinic) ?? [];
    const now = chain[chain.length - 1]?.manifest;
    if (!now || valid(now, "shred", lines, signatures) < signatures.length) return null;
    return signatures.length >= Math.min(2, now.members.length) ? { clinic, epoch } : null;
  }
}

/** The first 100 bits of SHA-256 of the first list's signed lines, as 20 letters and digits in fours. */
export function fingerprint(lines: string): string {
  const text = base32.encode(sha256(utf8(lines))).slice(0, 20);
  return (text.match(/.{4}/g) ?? []).join("-");
}

/** Reads a manifest's signed lines, exactly as they are written; null otherwise. */
export function parseManifest(text: string): Manifest | null {
  const [leaf, kind, clinic, version, previous, m, ...rows] = linesOf(text);
  if (leaf !== "answerable/leaf/v1" || kind !== "panel" || clinic === undefined || previous === undefined) return null;
  const members: Member[] = [];
  for (const row of rows) {
    const [id = "", recipient = "", key = "", more] = row.split(" ");
    const verifyKey = bytesOf(key, 32);
    const last = members[members.length - 1];
    if (!verifyKey || more !== undefined || id !== reviewerId(verifyKey) || !isRecipient(recipient) || (last && last.id >= id)) return null;
    members.push({ id, recipient, verifyKey });
  }
  const read: Manifest = { lines: text, clinic, version: whole(version), previous, m: whole(m), members };
  const first = read.version === 1 ? previous === "-" : bytesOf(previous, 32) !== null;
  const fits = read.version >= 1 && first && read.m >= 1 && read.m <= members.length && members.length <= MAX_REVIEWERS;
  return fits ? read : null;
}

/** Reads an epoch record's signed lines, exactly as they are written; null otherwise. */
export function parseRecord(text: string): Record | null {
  const lines = linesOf(text);
  const [leaf, kind, clinic = "", id = "", previous = "", recipient = "", match = "", days = "", quorum = "", wraps = "", manifest = "", ticketKey = ""] = lines;
  const [notBefore, notAfter, retainUntil, more] = days.split(" ");
  const [numbers = "", shares = "", evenMore] = quorum.split(" ");
  const [k, n] = numbers.split("/").map(whole);
  const named = lines.length === 12 && leaf === "answerable/leaf/v1" && kind === "epoch" && /^[a-z0-9-]{4,32}$/.test(id);
  const keyed = isRecipient(recipient) && (match === "-" || isRecipient(match)) && (previous === "-" || bytesOf(previous, 32) !== null);
  const dated = isDay(notBefore) && isDay(notAfter) && isDay(retainUntil) && more === undefined && notBefore <= notAfter && notAfter <= retainUntil;
  if (!named || !keyed || !dated || !k || !n || k > n || n > MAX_REVIEWERS || numbers !== `${String(k)}/${String(n)}`) return null;
  if (evenMore !== undefined || (k === 1 ? quorum !== numbers : !bytesOf(shares, 32))) return null;
  if (!bytesOf(wraps, 32) || !bytesOf(manifest, 32)) return null;
  return { lines: text, clinic, id, recipient, notBefore, notAfter, retainUntil, k, n, shares, manifest, ticketKey };
}

/** How many members of a panel signed lines under a label. */
export function valid(panel: Manifest, label: string, lines: string, signatures: Signature[]): number {
  return signatures.filter((s) => verifySignature(panel, label, lines, s.id, s.bytes)).length;
}

/** Whether a member of the panel signed lines under a label of ours, such as "epoch-ack". */
export function verifySignature(panel: Manifest, label: string, lines: string, id: string, signature: Uint8Array): boolean {
  const member = panel.members.find((m) => m.id === id);
  return member !== undefined && verify(signature, utf8(`answerable/v1/${label}\n${lines}`), member.verifyKey);
}

/** The id of a reviewer: `r` and the first eight base32 letters of SHA-256 of their Ed25519 key. */
export const reviewerId = (key: Uint8Array): string => "r" + base32.encode(sha256(key)).slice(0, 8).toLowerCase();

/**
 * Parts a leaf's lines from the signatures after them: `word id base64`, sorted by id, each once. What does not read so
 * stays with the lines, which then are not well formed.
 */
export function split(text: string, word: string): { lines: string; signatures: Signature[] } {
  const whole = { lines: text, signatures: [] };
  const at = text.indexOf(`\n${word} `) + 1;
  if (at === 0 || !text.endsWith("\n")) return whole;
  const signatures: Signature[] = [];
  for (const line of text.slice(at, -1).split("\n")) {
    const [first, id = "", signature = "", more] = line.split(" ");
    const bytes = bytesOf(signature, 64);
    const last = signatures[signatures.length - 1];
    if (first !== word || more !== undefined || !bytes || (last && last.id >= id)) return whole;
    signatures.push({ id, bytes });
  }
  return { lines: text.slice(0, at), signatures };
}

/** The lines of a text that ends with a line feed; none otherwise. */
export const linesOf = (text: string): string[] => text.endsWith("\n") ? text.slice(0, -1).split("\n") : [];

const isRecipient = (s: string): boolean => /^age1pq1[02-9ac-hj-np-z]{1952}$/.test(s);

/** A whole number from 1 up, written as we write it; 0 otherwise. */
export const whole = (s: string | undefined): number => s !== undefined && /^[1-9][0-9]{0,5}$/.test(s) ? Number(s) : 0;

/** Standard base64 of as many bytes, written in the one way that it has; null for anything else. */
export function bytesOf(text: string, size: number): Uint8Array | null {
  try {
    const bytes = fromBase64(text);
    return bytes.length === size && toBase64(bytes) === text ? bytes : null;
  } catch {
    return null;
  }
}

/** A day as YYYY-MM-DD that exists. */
export function isDay(s: unknown): s is string {
  if (typeof s !== "string" || !/^[0-9]{4}-[0-9]{2}-[0-9]{2}$/.test(s)) return false;
  const time = Date.parse(s);
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(s);
}

/** A day some days later. */
export function plusDays(day: string, days: number): string {
  return new Date(Date.parse(day) + days * 86_400_000).toISOString().slice(0, 10);
}
