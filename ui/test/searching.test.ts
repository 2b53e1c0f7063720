/** What of a search is kept on a device, and when it goes: against a database in memory, and a worker that seals nothing. */
import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { parseRecord } from "../src/chain.js";
import type { Deliveries } from "../src/panel/deliveries.js";
import { forget, keptOf } from "../src/panel/keptindexes.js";
import type { Keyholder } from "../src/panel/keyholder.js";
import type { Labels } from "../src/panel/labels.js";
import { mayBeKept, pruneKept, Searching } from "../src/panel/searching.js";
import type { ServedEpoch } from "../src/panel/served.js";
import type { Tended } from "../src/panel/tending.js";
import { members, offered, served, signedList } from "./panels.js";

interface Row { clinic: string; epoch: string; file: Uint8Array }

/** As much of IndexedDB as the page uses. */
const device = { rows: new Map<string, Row>(), made: false, refuses: false, onPut: (): void => undefined };
const later = <T extends object>(request: T, set: (r: T) => void): T => { setTimeout(() => { set(request); }); return request; };
type Handler = { onsuccess?: () => void; onerror?: (e: object) => void; onupgradeneeded?: () => void; result?: unknown; error?: Error };
const request = (act: () => unknown): Handler => later<Handler>({}, (r) => {
  try {
    r.result = act();
    r.onsuccess?.();
  } catch (err) {
    r.error = err as Error;
    r.onerror?.({ preventDefault: () => undefined });
  }
});
const room = {
  put: (r: Row) => request(() => { if (device.refuses) throw new DOMException("full", "QuotaExceededError"); device.rows.set(`${r.clinic} ${r.epoch}`, r); device.onPut(); }),
  getAll: () => request(() => [...device.rows.values()]),
  delete: ([clinic, epoch]: [string, string]) => request(() => device.rows.delete(`${clinic} ${epoch}`)),
};
const database = { close: () => undefined, createObjectStore: () => { device.made = true; }, transaction: () => later<{ oncomplete?: () => void; objectStore: () => typeof room }>({ objectStore: () => room }, (t) => { setTimeout(() => t.oncomplete?.(), 2); }) };
const fake = {
  open: () => later<Handler & { transaction?: object }>({}, (r) => {
    const upgrade = { aborted: false };
    r.result = database;
    r.transaction = { abort: () => { upgrade.aborted = true; } };
    if (!device.made) r.onupgradeneeded?.();
    if (upgrade.aborted) { r.error = new Error("aborted"); r.onerror?.({ preventDefault: () => undefined }); } else r.onsuccess?.();
  }),
  deleteDatabase: () => request(() => { device.rows.clear(); device.made = false; }),
};
Object.assign(globalThis, { indexedDB: fake });

const [anna] = await members(2);
const lists = served([signedList(await members(2), 1)]);
const november = await offered(lists, anna, anna, { not_before: "2026-11-01", not_after: "2026-11-30", retain_until: "2027-05-29" });
const december = await offered(lists, anna, anna);
const over = parseRecord(november.record)?.retainUntil ?? "";

/** A search whose worker takes files that begin with "mine", and answers with numbers. */
function searching(epochs: ServedEpoch[] = [november, december], today = "2026-12-05"): { search: Searching; asked: string[]; state: { version: number; onSeal: () => void; fetched: string[][] } } {
  const asked: string[] = [];
  const state = { version: 1, onSeal: (): void => undefined, fetched: [] as string[][] };
  const ask = (call: { do: string; epoch?: string; file?: Uint8Array }): Promise<unknown> => {
    asked.push(call.do);
    if (call.do === "sealIndex") {
      state.onSeal();
      return Promise.resolve(new TextEncoder().encode("mine"));
    }
    if (call.do === "takeIndex") return Promise.resolve(new TextDecoder().decode(call.file) === "mine");
    if (call.do === "searchStanding") return Promise.resolve({ reports: 3, indexed: 2, unopened: ["2026-12-abcd"], version: state.version });
    return Promise.resolve({ done: 2, of: 2 });
  };
  const from = { epochs, today, tended: { clinic: { slug: "riverside" }, clinicId: "c" }, everything: (wanted: string[]) => { state.fetched.push(wanted); return Promise.resolve(); } };
  return { search: new Searching(from as unknown as Deliveries, { keys: { ask } as unknown as Keyholder, labels: { picked: [] } as unknown as Labels, opened: () => Promise.resolve() }), asked, state };
}
const watch = { progress: (): void => undefined, stopped: (): boolean => false };
const lies = (epoch: ServedEpoch, file: string): void => { device.made = true; device.rows.set(`riverside ${epoch.id}`, { clinic: "riverside", epoch: epoch.id, file: new TextEncoder().encode(file) }); };

beforeEach(async () => { Object.assign(device, { refuses: false, onPut: () => undefined }); await forget(); });

test("nothing is kept for whom nobody asked, and what a colleague kept on the same device is deleted", async () => {
  lies(november, "another reviewer's");
  const { search, asked } = searching();
  await search.tidy();
  assert.deepEqual([search.kept, device.rows.size, asked.includes("sealIndex")], [false, 0, false]);
  await search.prepare(watch);
  assert.equal(device.rows.size, 0);
});

test("one's own index is taken, and what is damaged beside it goes", async () => {
  lies(november, "mine");
  lies(december, "damaged");
  const { search } = searching([november]);
  await search.tidy();
  assert.deepEqual([search.kept, [...(await keptOf("riverside")).keys()]], [true, [november.id]]);
});

test("an index of words whose time is over, or whose key is destroyed, is deleted and not written again", async () => {
  assert.deepEqual([mayBeKept(november, over), mayBeKept(november, "2099-01-01"), mayBeKept({ ...november, state: "shredded" }, over)], [true, false, false]);
  lies(november, "mine");
  lies(december, "mine");
  const late = `${over.slice(0, 8)}30`;
  const tended = { clinic: { slug: "riverside" }, listed: true, epochs: [november, december] } as unknown as Tended;
  await pruneKept([tended], late);
  const { search } = searching([november, december], late);
  await search.tidy();
  await search.prepare(watch);
  assert.deepEqual([search.kept, [...(await keptOf("riverside")).keys()]], [true, [december.id]]);
  await pruneKept([{ ...tended, listed: false }], late);
  assert.equal(device.rows.size, 0, "who left the panel keeps its index");
});

test("where the browser refuses to store, the search goes on, nothing is kept and the box is not ticked", async () => {
  const { search } = searching();
  device.refuses = true;
  await search.wish(true);
  assert.equal(search.kept, false);
  device.refuses = false;
  await search.wish(true);
  assert.deepEqual([search.kept, device.rows.size], [true, 2]);
  device.refuses = true;
  assert.deepEqual(await search.prepare(watch), { reports: 2, of: 3, stopped: false });
  assert.deepEqual([search.kept, device.rows.size], [false, 0], "files of earlier keys lie there, unsaid");
  await search.changed();
});

test("who unticks the box while something is stored has nothing kept", async () => {
  for (const during of ["sealing", "storing"] as const) {
    const { search, state } = searching();
    const untick = (): void => { void search.wish(false); };
    if (during === "sealing") state.onSeal = untick;
    else device.onPut = untick;
    await search.wish(true);
    assert.deepEqual([search.kept, device.rows.size], [false, 0], during);
    device.onPut = () => undefined;
  }
});

test("what is kept is written anew when the index changed, though as many reports are in it as before, and not otherwise", async () => {
  const { search, asked, state } = searching();
  await search.wish(true);
  const seals = (): number => asked.filter((what) => what === "sealIndex").length;
  await search.prepare(watch);
  const before = seals();
  await search.prepare(watch);
  assert.equal(seals(), before);
  state.version++;
  await search.prepare(watch);
  assert.equal(seals(), before + 2);
  assert.deepEqual(state.fetched[0], ["2026-12-abcd"], "the keys that lack something are fetched");
});

test("who is signed out has nothing kept: not what was being sealed, and not after they sign in again", async () => {
  const { search, state } = searching();
  await search.wish(true);
  let lockedOut: Promise<unknown> = Promise.resolve();
  state.onSeal = () => { lockedOut = Promise.all([search.wish(false), forget()]); };
  await search.changed(); // a step back, whose request is answered with 401 meanwhile
  await lockedOut;
  assert.deepEqual([search.kept, device.rows.size, device.made], [false, 0, false]);
  state.onSeal = () => undefined;
  await search.tidy(); // signed in again
  await search.prepare(watch);
  assert.deepEqual([search.kept, device.rows.size], [false, 0]);

  lies(november, "mine");
  const slow = searching();
  await Promise.all([slow.search.tidy(), slow.search.wish(false)]);
  assert.deepEqual([slow.search.kept, device.rows.size], [false, 0], "what lay there was taken for a wish");
});

test("nothing is stored after the page has locked", async () => {
  const { search, state } = searching();
  state.onSeal = () => { search.end(); };
  await assert.rejects(search.wish(true));
  assert.equal(device.rows.size, 0);
});
