/**
 * A bundle for a clinic, read from the very files whose hashes are signed: what a reviewer is shown is worked out here.
 *
 * The twin of internal/export for what a browser can hold it against: every file against MANIFEST, the figures against what the
 * panel signed before, and the lines that enter the log against both. Report and workbook are not made again here; a terminal does
 * that, and so does whoever runs `answerable export verify`. internal/export/FORMAT.md is the specification.
 */
import { sha256, sha512 } from "@noble/hashes/sha2.js";
import { isDay, linesOf, plusDays } from "./chain.js";
import { concat, fromUtf8, toBase64, toHex, utf8 } from "./encoding.js";
import { leafHash } from "./leaf.js";
import { planOf } from "./plan.js";
import { readRelease, type Release } from "./release.js";

/** What this program makes of facts, as internal/export counts it. Of another one nobody here can say what its report would be. */
export const GENERATOR = 3;

export interface Promised {
  theme: string;
  what: string;
  who: string;
  made_on: string;
  due: string;
  how: string;
  state: string;
  state_on: string;
  extended: number;
}

export interface Answered { on: string; theme: string; role: string; text: string }
export interface Silent { whose: string; what: string; count: number }

export interface Bundle {
  first: string;
  last: string;
  asOf: string;
  clinicName: string;
  /** Null in a bundle of words. */
  release: Release | null;
  before: Release | null;
  names: { code: string; words: string }[];
  responses: Answered[];
  promises: Promised[];
  silences: Silent[];
  files: string[];
  pdf: boolean;
  /** What the panel signed of the releases; "" for none. Whether they are all that it let out is for the caller to check. */
  signedFigures: { release: string; before: string };
  /** Leaves of the releases, whose signatures are for the caller to check. */
  leaves: string[];
}

interface ServedRelease { lines: string; content: string; plan: string }

interface Facts {
  v: number;
  generator: number;
  clinic: { id: string; name: string };
  first: string;
  last: string;
  as_of: string;
  names: { code: string; words: string }[];
  release: ServedRelease | null;
  before: ServedRelease | null;
  accountability: { responses: Answered[]; promises: Promised[]; silences: Silent[] } | null;
}

/**
 * Reads a bundle of a clinic; null when a file is not the one that MANIFEST names, MANIFEST not the one that the lines do, or
 * another release of this program made it.
 */
export function readBundle(clinic: string, lines: string, manifest: string, zip: Uint8Array): Bundle | null {
  const files = unzip(zip);
  if (files === null || !sameText(files.get("MANIFEST"), manifest) || !filesHold(manifest, files)) return null;
  const facts = parseFacts(files.get("facts.json"));
  if (facts?.clinic.id !== clinic || exportLines(facts, manifest) !== lines) return null;
  const release = releaseOf(clinic, facts.release, files.get("proof/release.leaf"));
  const before = releaseOf(clinic, facts.before, files.get("proof/before.leaf"));
  if (release === undefined || before === undefined) return null;
  if (release !== null && (release.read.first !== facts.first || release.read.last !== facts.last || !sameText(files.get("figures.json"), facts.release?.content ?? ""))) return null;
  if (before !== null && before.read.last >= facts.first) return null;
  if (!headHolds(manifest, facts, [release, before])) return null;
  const said = facts.accountability ?? { responses: [], promises: [], silences: [] };
  return {
    first: facts.first, last: facts.last, asOf: facts.as_of, clinicName: facts.clinic.name, release: release?.read ?? null, before: before?.read ?? null,
    names: facts.names, ...said, files: [...files.keys()].filter((path) => !path.startsWith("proof/")), pdf: files.has("report.pdf"),
    signedFigures: { release: facts.release?.lines ?? "", before: facts.before?.lines ?? "" },
    leaves: [release, before].flatMap((r) => r === null ? [] : [r.leaf]),
  };
}

interface Read { read: Release; leaf: string; name: string }

/** A release with its leaf; null where there is none, undefined where it does not hold or is not what its plan makes. */
function releaseOf(clinic: string, served: ServedRelease | null, leaf: Uint8Array | undefined): Read | null | undefined {
  if (served === null) return leaf === undefined ? null : undefined;
  const read = readRelease(clinic, served.lines, served.content);
  const text = leaf === undefined ? "" : fromUtf8(leaf);
  if (read === null || planOf(clinic, served.lines, read, served.plan) === null || !text.startsWith(`${served.lines}signature `)) return undefined;
  return { read, leaf: text, name: `${toHex(sha256(utf8(served.content)))} ${toHex(leafHash(text))}` };
}

/** What members sign for the log. */
function exportLines(f: Facts, manifest: string): string {
  return ["answerable/leaf/v1", "export", f.clinic.id, `${f.first} ${f.last}`, f.as_of, toBase64(sha256(utf8(manifest))), ""].join("\n");
}

/** Whether MANIFEST says of the bundle what its facts say. */
function headHolds(manifest: string, f: Facts, releases: (Read | null)[]): boolean {
  const head = linesOf(manifest).filter((line) => line.startsWith("# "));
  const [release, before] = releases.map((r) => r?.name ?? "-");
  return [
    "# answerable/export/v1", `# clinic ${f.clinic.id}`, `# period ${f.first} ${f.last}`, `# as-of ${f.as_of}`, `# release ${release ?? "-"}`, `# before ${before ?? "-"}`, `# generator ${String(f.generator)}`,
  ].every((line) => head.includes(line)) && new Set(head.map((line) => line.split(" ")[1])).size === head.length;
}

/** Whether the zip holds just the files of MANIFEST, each with its hash, beside the proof. */
function filesHold(manifest: string, files: Map<string, Uint8Array>): boolean {
  const named = linesOf(manifest).filter((line) => !line.startsWith("# ")).map((line) => ({ hash: line.slice(0, 64), path: line.slice(66), gap: line.slice(64, 66) }));
  const paths = new Set(named.map((f) => f.path));
  return named.length > 0 && paths.size === named.length &&
    named.every(({ hash, path, gap }) => {
      const content = files.get(path);
      return gap === "  " && content !== undefined && toHex(sha256(content)) === hash;
    }) && [...files.keys()].every((path) => path === "MANIFEST" || path.startsWith("proof/") || paths.has(path));
}

function parseFacts(content: Uint8Array | undefined): Facts | null {
  if (content === undefined) return null;
  try {
    const f = JSON.parse(fromUtf8(content)) as Partial<Facts> | null;
    return isFacts(f) ? f : null;
  } catch {
    return null;
  }
}

/** Whether days are the first of a month and the last of one: words of a few days would tell of a smaller group. */
export const wholeMonths = (first: string, last: string): boolean => first.endsWith("-01") && plusDays(last, 1).endsWith("-01");

const isTexts = (of: object, ...names: string[]): boolean => names.every((name) => typeof (of as Record<string, unknown>)[name] === "string");
const isList = (v: unknown, each: (one: object) => boolean): boolean => Array.isArray(v) && v.every((one) => typeof one === "object" && one !== null && each(one as object));
const isRelease = (v: unknown): boolean => v === null || typeof v === "object" && isTexts(v, "lines", "content", "plan");

function isFacts(f: Partial<Facts> | null): f is Facts {
  if (f?.v !== 1 || f.generator !== GENERATOR || typeof f.clinic !== "object" || !isTexts(f.clinic, "id", "name") || !isDay(f.first) || !isDay(f.last) || !isDay(f.as_of) || !wholeMonths(f.first, f.last)) return false;
  const said = f.accountability;
  return isList(f.names, (n) => isTexts(n, "code", "words")) && isRelease(f.release) && isRelease(f.before) && said !== undefined &&
    (said === null || isList(said.responses, (r) => isTexts(r, "on", "theme", "role", "text")) && isList(said.silences, (s) => isTexts(s, "whose", "what")) &&
      isList(said.promises, (p) => isTexts(p, "theme", "what", "who", "made_on", "due", "how", "state", "state_on")));
}

const sameText = (content: Uint8Array | undefined, text: string): boolean => content !== undefined && toHex(sha256(content)) === toHex(sha256(utf8(text)));

const NAMESPACE = "answerable-export";

/** What is signed of MANIFEST so that ssh-keygen can check it (PROTOCOL.sshsig of OpenSSH). */
export const sshSigned = (manifest: string): Uint8Array =>
  concat(utf8("SSHSIG"), ...[utf8(NAMESPACE), new Uint8Array(), utf8("sha512"), sha512(utf8(manifest))].map((part) => concat(length(part), part)));

function length(part: Uint8Array): Uint8Array {
  const b = new Uint8Array(4);
  new DataView(b.buffer).setUint32(0, part.length);
  return b;
}

const MOST_FILES = 400;

/** The files of a zip that is written as ours are: not packed, each once. Null for any other. */
export function unzip(zip: Uint8Array): Map<string, Uint8Array> | null {
  const view = new DataView(zip.buffer, zip.byteOffset, zip.byteLength);
  const end = zip.length - 22;
  if (end < 0 || view.getUint32(end, true) !== 0x06054b50) return null;
  const files = new Map<string, Uint8Array>();
  const count = view.getUint16(end + 10, true);
  let at = view.getUint32(end + 16, true);
  for (let i = 0; i < Math.min(count, MOST_FILES + 1); i++) {
    if (at + 46 > end || view.getUint32(at, true) !== 0x02014b50 || view.getUint16(at + 10, true) !== 0) return null;
    const size = view.getUint32(at + 24, true);
    const named = view.getUint16(at + 28, true);
    const name = new TextDecoder().decode(zip.subarray(at + 46, at + 46 + named));
    const from = view.getUint32(at + 42, true);
    if (from + 30 > end || view.getUint32(from, true) !== 0x04034b50 || files.has(name)) return null;
    const start = from + 30 + view.getUint16(from + 26, true) + view.getUint16(from + 28, true);
    if (start + size > end) return null;
    files.set(name, zip.subarray(start, start + size));
    at += 46 + named + view.getUint16(at + 30, true) + view.getUint16(at + 32, true);
  }
  return at === end && count === files.size ? files : null;
}
