/**
 * What a panel decides together, read from its signed lines and from nothing else: what a reviewer is shown is worked
 * out here, so that a server cannot have one thing read and another thing signed.
 *
 * The twin of keyring.ParseResolution; FORMAT.md there is the specification, and both run the same vectors.
 */
import { sha256 } from "@noble/hashes/sha2.js";
import { isDay, linesOf, whole } from "./chain.js";
import { fromBase64, toBase64, utf8 } from "./encoding.js";
import { onlyMembers, parseStrict } from "./json.js";

/** The questions that a panel answers about itself, in the order of the lines. */
export const CHARTER_PARTS = ["chosen", "peers", "paid", "barred", "more"] as const;
export type CharterPart = (typeof CHARTER_PARTS)[number];

/** How a clinic's key changes. `days` of 0 means to the end of the month. */
export interface Rotation {
  k: number;
  days: number;
  retainDays: number;
}

export type Resolution =
  | { kind: "revoke"; clinic: string; day: string; epochs: string[] }
  | { kind: "shred"; clinic: string; day: string; epoch: string; effective: string }
  | { kind: "charter"; clinic: string; day: string; parts: Record<CharterPart, string> }
  | { kind: "support"; clinic: string; day: string; without: boolean }
  | { kind: "rotation"; clinic: string; day: string; rotation: Rotation }
  /** `after` is base64 of the hash of the lines of the settings before, or "first"; `text` that of the settings themselves. */
  | { kind: "settings"; clinic: string; day: string; after: string; text: string };

const MAX_EPOCHS = 100;
const MAX_REVIEWERS = 20;
const MAX_EPOCH_DAYS = 92;
const MIN_RETAIN = 30;
export const MAX_RETAIN = 3650;

/** The lines that are signed, each ended by a line feed. A charter's parts are base64 hashes of its texts. */
export function decisionLines(r: Resolution): string {
  const rest = r.kind === "shred" ? [r.epoch, r.day, r.effective] : [r.day, ...content(r)];
  return ["answerable/leaf/v1", r.kind, r.clinic, ...rest].map((line) => line + "\n").join("");
}

function content(r: Exclude<Resolution, { kind: "shred" }>): string[] {
  switch (r.kind) {
    case "revoke": return r.epochs;
    case "charter": return CHARTER_PARTS.map((part) => `${part} ${r.parts[part]}`);
    case "support": return [r.without ? "open-without" : "required"];
    case "rotation": return [String(r.rotation.k), r.rotation.days === 0 ? "month" : String(r.rotation.days), String(r.rotation.retainDays)];
    case "settings": return [r.after, r.text];
  }
}

/** Reads exactly what decisionLines writes; null for everything else. */
export function parseDecision(text: string): Resolution | null {
  const [leaf, kind, clinic, ...rest] = linesOf(text);
  if (leaf !== "answerable/leaf/v1" || clinic === undefined || clinic === "") return null;
  const read = kind === "shred" ? shred(clinic, rest) : dated(kind ?? "", clinic, rest);
  return read !== null && decisionLines(read) === text ? read : null;
}

function shred(clinic: string, [epoch = "", day, effective, ...more]: string[]): Resolution | null {
  if (!isEpochId(epoch) || !isDay(day) || !isDay(effective) || effective < day || more.length > 0) return null;
  return { kind: "shred", clinic, day, epoch, effective };
}

function dated(kind: string, clinic: string, [day, ...rest]: string[]): Resolution | null {
  if (!isDay(day)) return null;
  switch (kind) {
    case "revoke": return sortedIds(rest) ? { kind, clinic, day, epochs: rest } : null;
    case "charter": return charter(clinic, day, rest);
    case "support": return rest.length === 1 ? { kind, clinic, day, without: rest[0] === "open-without" } : null;
    case "rotation": return rotation(clinic, day, rest);
    case "settings": return settings(clinic, day, rest);
    default: return null;
  }
}

const isEpochId = (s: string): boolean => /^[a-z0-9-]{4,32}$/.test(s);

const sortedIds = (ids: string[]): boolean =>
  ids.length > 0 && ids.length <= MAX_EPOCHS && ids.every((id, i) => isEpochId(id) && (i === 0 || (ids[i - 1] ?? "") < id));

function charter(clinic: string, day: string, rest: string[]): Resolution | null {
  const parts = {} as Record<CharterPart, string>;
  for (const [i, part] of CHARTER_PARTS.entries()) {
    const [name, value = ""] = (rest[i] ?? "").split(" ");
    if (name !== part || !isHash(value)) return null;
    parts[part] = value;
  }
  return rest.length === CHARTER_PARTS.length ? { kind: "charter", clinic, day, parts } : null;
}

function isHash(b64: string): boolean {
  try {
    const bytes = fromBase64(b64);
    return bytes.length === 32 && toBase64(bytes) === b64;
  } catch {
    return false;
  }
}

function rotation(clinic: string, day: string, rest: string[]): Resolution | null {
  const [k = 0, , retainDays = 0] = rest.map(whole);
  const days = rest[1] === "month" ? 0 : whole(rest[1]);
  const fits = rest.length === 3 && k >= 1 && k <= MAX_REVIEWERS && (rest[1] === "month" || (days >= 1 && days <= MAX_EPOCH_DAYS));
  return fits && retainDays >= MIN_RETAIN && retainDays <= MAX_RETAIN ? { kind: "rotation", clinic, day, rotation: { k, days, retainDays } } : null;
}

function settings(clinic: string, day: string, [after = "", text = "", ...more]: string[]): Resolution | null {
  return (after === "first" || isHash(after)) && isHash(text) && more.length === 0 ? { kind: "settings", clinic, day, after, text } : null;
}

/** The hash of a text that lines name, in base64. */
export const hashText = (text: string): string => toBase64(sha256(utf8(text)));

/** The hashes that a charter's lines name. */
export function hashCharter(texts: Record<CharterPart, string>): Record<CharterPart, string> {
  return Object.fromEntries(CHARTER_PARTS.map((part) => [part, toBase64(sha256(utf8(texts[part])))])) as Record<CharterPart, string>;
}

/** A charter's texts from the JSON kept beside its lines; null unless they are exactly the ones the lines name. */
export function charterTexts(r: Extract<Resolution, { kind: "charter" }>, body: string): Record<CharterPart, string> | null {
  let texts: Record<CharterPart, string>;
  try {
    texts = onlyMembers(parseStrict(body), CHARTER_PARTS) as Record<CharterPart, string>;
  } catch {
    return null;
  }
  if (CHARTER_PARTS.some((part) => typeof texts[part] !== "string")) return null;
  const hashes = hashCharter(texts);
  return CHARTER_PARTS.every((part) => hashes[part] === r.parts[part]) ? texts : null;
}
