import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { gunzipSync } from "node:zlib";
import { GENERATOR, readBundle, sshSigned, unzip, wholeMonths } from "../src/bundle.js";
import { split } from "../src/chain.js";
import { identityFromSeed, signingKey } from "../src/identity.js";
import { Keywork, KeyworkError } from "../src/panel/keywork.js";
import { Standing } from "../src/standing.js";
import { shownOf } from "./panels.js";
import { ed25519 } from "@noble/curves/ed25519.js";
import { fromBase64, fromUtf8, toBase64, toHex, utf8 } from "../src/encoding.js";
import { hkdf } from "@noble/hashes/hkdf.js";
import { sha256 } from "@noble/hashes/sha2.js";

const golden = JSON.parse(readFileSync(path.join(import.meta.dirname, "../../../internal/export/testdata/bundle.json"), "utf8")) as { generator: number; lines: string; zip_gz: string };
const zip = new Uint8Array(gunzipSync(fromBase64(golden.zip_gz)));
const files = unzip(zip) ?? new Map<string, Uint8Array>();
const manifest = fromUtf8(files.get("MANIFEST") ?? new Uint8Array());
const clinic = golden.lines.split("\n")[2] ?? "";

test("a bundle that Go made is read, with all that a reviewer has to look at", () => {
  const b = readBundle(clinic, golden.lines, manifest, zip);
  assert.ok(b !== null);
  assert.deepEqual([b.first, b.last, b.asOf, b.release?.tables.length, b.before?.first, b.promises.length, b.leaves.length, b.pdf], ["2026-07-01", "2026-09-30", "2026-11-20", 3, "2026-04-01", 2, 2, false]);
  assert.ok(b.responses.some((r) => r.text === "=1+1") && b.files.includes("report.html"));
});

test("what is signed for ssh-keygen is the same as in Go", () => {
  const keys = new Map(fromUtf8(files.get("proof/allowed_signers") ?? new Uint8Array()).trimEnd().split("\n").map((line) => {
    const [id = "", , , key = ""] = line.split(" ");
    return [id, fromBase64(key).slice(-32)] as const;
  }));
  const signed = [...files.keys()].filter((name) => name.endsWith(".sig"));
  assert.equal(signed.length, 2);
  for (const name of signed) {
    const body = fromUtf8(files.get(name) ?? new Uint8Array()).split("\n").filter((line) => !line.startsWith("-----")).join("");
    const key = keys.get(path.basename(name, ".sig"));
    assert.ok(key !== undefined && ed25519.verify(fromBase64(body).slice(-64), sshSigned(manifest), key), name);
  }
});

test("a byte that is changed in any signed file, and lines of anything else, are refused", () => {
  for (const [name, content] of files) {
    if (name.startsWith("proof/") && !name.endsWith("release.leaf") && !name.endsWith("before.leaf")) continue;
    const changed = zip.slice();
    const at = content.byteOffset - zip.byteOffset + content.length - 2;
    changed[at] = (changed[at] ?? 0) ^ 1;
    assert.equal(readBundle(clinic, golden.lines, manifest, changed), null, name);
  }
  assert.equal(readBundle(clinic, golden.lines.replace("2026-11-20", "2026-11-21"), manifest, zip), null);
  assert.equal(readBundle(clinic.replace("6", "7"), golden.lines, manifest, zip), null);
  assert.equal(readBundle(clinic, golden.lines, `${manifest}\n`, zip), null);
  for (const bad of [zip.slice(1), zip.slice(0, -1), new Uint8Array(22), utf8("PK")]) assert.equal(readBundle(clinic, golden.lines, manifest, bad), null);
});

/** The golden bundle with a part of its facts changed for another of the same length, and all that follows from them. */
function withFacts(from: string, to: string): { lines: string; manifest: string; zip: Uint8Array } {
  const changed = zip.slice();
  const put = (name: string, text: string): void => {
    const was = files.get(name);
    assert.ok(was?.length === utf8(text).length, name);
    changed.set(utf8(text), was.byteOffset - zip.byteOffset);
  };
  const facts = fromUtf8(files.get("facts.json") ?? new Uint8Array());
  assert.ok(facts.includes(from), from);
  const other = facts.replace(from, to);
  const hash = (text: string): string => toHex(sha256(utf8(text)));
  const named = manifest.replace(hash(facts), hash(other)).replace(/^# generator .*$/m, `# generator ${/"generator":(\d+)/.exec(other)?.[1] ?? ""}`);
  put("facts.json", other);
  put("MANIFEST", named);
  return { lines: golden.lines.replace(toBase64(sha256(utf8(manifest))), toBase64(sha256(utf8(named)))), manifest: named, zip: changed };
}

test("figures whose plan is not the one that was signed are signed by nobody here", () => {
  const other = withFacts(" 3 30 ", " 6 30 ");
  assert.equal(readBundle(clinic, other.lines, other.manifest, other.zip), null);
});

test("days are whole months, or nobody signs words of them", () => {
  for (const [from, to, want] of [
    ["2026-07-01", "2026-09-30", true], ["2028-02-01", "2028-02-29", true], ["2026-07-15", "2026-08-03", false], ["2026-07-01", "2026-09-29", false], ["2026-07-02", "2026-09-30", false],
  ] as const) assert.equal(wholeMonths(from, to), want, `${from} to ${to}`);
});

test("a bundle that another release made is signed by nobody here, though all its hashes hold", () => {
  assert.equal(golden.generator, GENERATOR);
  const same = withFacts("Riverside", "Riversida");
  assert.equal(readBundle(clinic, same.lines, same.manifest, same.zip)?.clinicName, "Riversida");
  const other = withFacts(`"generator":${String(GENERATOR)},`, `"generator":${String(GENERATOR + 6)},`);
  assert.equal(readBundle(clinic, other.lines, other.manifest, other.zip), null);
});

test("a member signs a bundle only with all the figures that stand in the log", async () => {
  const leafAt = (name: string): string => fromUtf8(files.get(`proof/${name}.leaf`) ?? new Uint8Array());
  const { lines, signatures } = split(leafAt("panel-0001"), "signature");
  const panel = { clinic, manifests: [{ version: 1, lines, signatures: signatures.map((s) => ({ reviewer: s.id, signature: toBase64(s.bytes) })) }] };
  const seed = new Uint8Array(32); // of the first member of the golden panel
  seed[0] = 1;
  const keys = new Keywork(identityFromSeed(hkdf(sha256, Uint8Array.of(1), undefined, utf8("test"), 32)), signingKey(seed), () => "2026-11-25");
  keys.walk("riverside", panel, "", shownOf(panel));
  const draft = { lines: golden.lines, manifest, zip };
  const [list, before, release] = ["panel-0001", "before", "release"].map(leafAt) as [string, string, string];
  const sign = async (leaves: string[] | null): Promise<string> => keys.signExport("riverside", draft, leaves).then(() => "signed", (err: unknown) => err instanceof KeyworkError ? err.problem : String(err));
  assert.equal(await sign([list, before, release]), "signed");
  assert.equal(await sign(null), "unread");
  for (const log of [[list, before], [list, release], [list]]) assert.equal(await sign(log), "bundle", "figures that the log does not have");

  // What a server leaves out: the newest before, and all figures of a bundle of words.
  const s = new Standing(clinic, [list, before, release]);
  const linesOf = (leaf: string): string => split(leaf, "signature").lines;
  assert.deepEqual(s.figuresFor("2026-07-01"), { release: linesOf(release), before: linesOf(before) });
  assert.deepEqual(s.figuresFor("2026-04-01"), { release: linesOf(before), before: "" });
  assert.deepEqual(s.figuresFor("2026-10-01"), { release: "", before: "" });
});
