/** What a server gives page by page, against a server of a few lines. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { sha256 } from "@noble/hashes/sha2.js";
import { fromBase64url, toBase64url, toHex, utf8 } from "../src/encoding.js";
import { epochKey } from "../src/ledger.js";
import type { Read } from "../src/panel/completeness.js";
import { Deliveries, isDestroyed } from "../src/panel/deliveries.js";
import type { Keyholder } from "../src/panel/keyholder.js";
import type { Labels } from "../src/panel/labels.js";
import type { Tended } from "../src/panel/tending.js";
import { SAY } from "../src/panel/words.js";
import type { Served } from "../src/reviewfile.js";

const EPOCH = "2026-12-abcd";
const PAGE = 50;

/** Review files by number, under hashes that are as good as random, in the order of their hashes. */
const filed = (count: number): { hash: Uint8Array; file: string }[] =>
  Array.from({ length: count }, (_, n) => ({ hash: sha256(utf8(String(n))), file: String(n) })).sort((a, b) => (toHex(a.hash) < toHex(b.hash) ? -1 : 1));

const part = ({ files, next }: { files: string[]; next: string }): object => ({ files: files.map((file) => ({ file })), next });

/** Fetches what was written about an epoch from a server that gives it in pages; gives what the worker was handed, and what was told of the server. */
async function fetched(page: (after: Uint8Array) => { files: string[]; next: string }): Promise<{ files: string[]; alarms: string[]; asked: number }> {
  const out = { files: [] as string[], alarms: [] as string[], asked: 0 };
  globalThis.fetch = (url) => {
    const at = new URL(url as string, "https://clinic.example");
    if (!at.pathname.endsWith("/reviews")) return Promise.resolve(Response.json({ today: "2026-12-05", messages: [], parts: [] }));
    out.asked++;
    assert.ok(out.asked < 100, "it would never end");
    return Promise.resolve(Response.json(part(page(fromBase64url(at.searchParams.get("after") ?? "")))));
  };
  const ask = (call: { do: string; served: Served[] }): Promise<unknown> => {
    assert.equal(call.do, "takeWork");
    out.files = call.served.map(({ file }) => file);
    return Promise.resolve({ carded: [], seen: [], problems: [] });
  };
  const tended = { clinic: { slug: "riverside" }, clinicId: "c", origin: "clinic.example", epochs: [], withdrawn: [] } as unknown as Tended;
  const from = new Deliveries(tended, {
    keys: { ask } as unknown as Keyholder, labels: null as unknown as Labels, log: () => Promise.resolve(null), progress: () => undefined, alarm: (sentence) => out.alarms.push(sentence),
  });
  await from.refresh(EPOCH, true);
  return out;
}

test("everything that was written comes, however many pages it has", async () => {
  for (const count of [0, 1, PAGE, PAGE + 1, 2 * PAGE + 10, 5 * PAGE, 12 * PAGE + 7]) {
    const all = filed(count);
    const { files, alarms } = await fetched((after) => {
      const rest = all.filter(({ hash }) => toHex(hash) > toHex(after));
      const part = rest.slice(0, PAGE);
      return { files: part.map(({ file }) => file), next: rest.length > PAGE ? toBase64url(part[part.length - 1]?.hash ?? new Uint8Array()) : "" };
    });
    assert.deepEqual(files, all.map(({ file }) => file), `${String(count)} files`);
    assert.deepEqual(alarms, []);
  }
});

test("a server that goes in circles keeps nobody, and is told of", async () => {
  const [one, two] = filed(2).map(({ hash }) => toBase64url(hash));
  const { asked, alarms } = await fetched((after) => ({ files: [], next: (toBase64url(after) === two ? one : two) ?? "" }));
  assert.equal(asked, 2);
  assert.deepEqual(alarms, [SAY.circles(EPOCH)]);
});

test("a server that lists fewer epochs than before destroys nothing: gone is what it lists as destroyed, or the log does", () => {
  const at = (states: Record<string, string>, listed = true): Tended =>
    ({ clinic: { slug: "riverside" }, clinicId: "c", origin: "", listed, epochs: Object.entries(states).map(([id, state]) => ({ id, state })), withdrawn: [] }) as unknown as Tended;
  const log = (...shredded: string[]): Read => ({ ledger: { shredded: new Set(shredded.map((id) => epochKey("c", id))) }, checkpoint: { size: 0 } }) as unknown as Read;
  const from = new Deliveries(at({ a: "open", b: "open" }), {} as never);
  const kept = (tended: Tended, read: Read | null): string[] => {
    for (const id of ["a", "b"]) from.work.set(id, { today: "2026-12-05", messages: [], parts: [] });
    from.begin(tended, read);
    assert.deepEqual(["a", "b"].filter((id) => !isDestroyed(tended, read?.ledger ?? null, id)), tended.listed ? [...from.kept].sort() : ["a", "b"]);
    return [...from.kept].sort();
  };
  assert.deepEqual(kept(at({ a: "open" }), null), ["a", "b"]);
  assert.deepEqual(kept(at({}), log()), ["a", "b"]);
  assert.deepEqual(kept(at({ a: "open", b: "shredded" }), log()), ["a"]);
  assert.deepEqual([kept(at({ a: "open" }), log("b")), [...from.work.keys()]], [["a"], ["a"]]);
  assert.deepEqual(kept(at({ a: "open", b: "open" }, false), log()), [], "who is off the list keeps nothing");
});
