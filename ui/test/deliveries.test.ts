/** What a server gives page by page, against a server of a few lines. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { sha256 } from "@noble/hashes/sha2.js";
import { fromBase64url, toBase64, toBase64url, toHex, utf8 } from "../src/encoding.js";
import { epochKey } from "../src/ledger.js";
import { REASONS } from "../src/panel/casewords.js";
import type { Read, Sighting } from "../src/panel/completeness.js";
import { beginOf, Deliveries, isDestroyed, type Fetching } from "../src/panel/deliveries.js";
import { KeyholderError, type Keyholder } from "../src/panel/keyholder.js";
import type { Labels } from "../src/panel/labels.js";
import { dayText, today } from "../src/panel/reading.js";
import { isApart, isOwnMachine } from "../src/panel/serverday.js";
import type { Tended } from "../src/panel/tending.js";
import { SAY } from "../src/panel/words.js";
import type { Served } from "../src/reviewfile.js";
import { members, offered, served, signedList } from "./panels.js";

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
    if (!at.pathname.endsWith("/reviews")) return Promise.resolve(Response.json({ today: today(), messages: [], parts: [] }));
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
    keys: { ask } as unknown as Keyholder, labels: null as unknown as Labels, log: () => Promise.resolve(null), progress: () => undefined, alarm: (sentence) => out.alarms.push(sentence), hostname: "clinic.example",
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

/** The day so many days after this one. */
const inDays = (n: number): string => new Date(Date.now() + n * 86_400_000).toISOString().slice(0, 10);

/** A server that says another day, and of findings what it is told to say at each question. */
function serving(day: () => string, hostname: string, unsigned: () => boolean = () => false): { from: Deliveries; alarms: string[]; asked: string[] } {
  const [alarms, asked]: [string[], string[]] = [[], []];
  globalThis.fetch = (url) => {
    const { pathname } = new URL(url as string, "https://clinic.example");
    asked.push(pathname.replace(/.*\//, ""));
    if (pathname.endsWith("/findings")) return Promise.resolve(Response.json({ findings: [] }));
    return Promise.resolve(Response.json({ today: day(), messages: [{ leaf: "", day: "2026-11-20", carded: true, coded_in_clear: false, finding: true }], parts: [], files: [], next: "" }));
  };
  const ask = (call: { do: string }): Promise<unknown> => {
    if (call.do === "unsigned") return Promise.resolve(unsigned() ? [{ epoch: EPOCH, day: "2026-11-20" }] : []);
    return Promise.resolve({ carded: [], seen: [], problems: [] });
  };
  const tended = { clinic: { slug: "riverside" }, clinicId: "c", origin: "clinic.example", epochs: [], withdrawn: [] } as unknown as Tended;
  return { alarms, asked, from: new Deliveries(tended, {
    keys: { ask } as unknown as Keyholder, labels: null as unknown as Labels, log: () => Promise.resolve(null), progress: () => undefined, alarm: (sentence) => alarms.push(sentence), hostname,
  }) };
}

// The days are those of TestNothingIsSignedByADayThatIsNotOurs in internal/client.
test("days that are more than one apart are, and so is one that does not read; a server on this machine is known by its address", () => {
  for (const [theirs, apart] of [["2026-11-26", false], ["2026-11-25", false], ["2026-11-27", false], ["2026-11-24", true], ["2026-11-28", true], ["", true], ["today", true]] as const) {
    assert.equal(isApart(theirs, "2026-11-26"), apart, theirs);
  }
  assert.deepEqual(["2026-11-25", "2026-11-26", "2026-11-27"].map((theirs) => isApart(theirs, "2026-11-26", 0)), [false, false, true], "what goes out waits for the device's own day");
  assert.deepEqual([isApart("2027-01-01", "2026-12-31"), isApart("2027-01-01", "2026-12-30")], [false, true]);
  for (const here of ["localhost", "demo.localhost", "127.0.0.1", "[::1]"]) assert.equal(isOwnMachine(here), true, here);
  for (const away of ["clinic.example", "127.0.0.1.clinic.example", "127.clinic.example", "localhost.example", "notlocalhost", ""]) assert.equal(isOwnMachine(away), false, away);
});

test("nothing is signed by a server's day that is not this device's, and a day that was only old is asked for anew", async () => {
  let day = today();
  const { from, alarms } = serving(() => day, "clinic.example");
  for (const near of [-1, 0, 1]) {
    day = inDays(near);
    await from.refresh(EPOCH, false);
    assert.deepEqual([await from.undated(EPOCH), from.apart, alarms], [null, false, []]);
    assert.equal(await from.undated(EPOCH, 0) === null, near < 1, "what goes out waits for the device's own day");
  }
  for (const far of [-2, 2, 400]) {
    day = inDays(far);
    await from.refresh(EPOCH, false);
    const said = SAY.otherDay(dayText(day), dayText(today()));
    assert.deepEqual([await from.undated(EPOCH), from.apart, alarms.at(-1)], [said, true, said]);
  }
  from.today = inDays(-3); // the page lay open, and the server is right
  day = today();
  assert.deepEqual([await from.undated(EPOCH), from.apart], [null, false]);
  const own = serving(() => inDays(3), "127.0.0.1");
  await own.from.refresh(EPOCH, false);
  assert.deepEqual([await own.from.undated(EPOCH), own.from.apart, own.alarms, own.from.notes], [null, false, [], [SAY.dayHere(dayText(inDays(3)), dayText(today()))]]);
});

// The claims are those of TestALogThatSomebodySawWhoLeftIsToldAndStopsNothing in internal/client.
test("a log that a member signed to have seen stops what goes out, also where it cannot be read again; of who left the list it is told and stops nothing", async () => {
  const read = (size: number): Read => ({ checkpoint: { size }, roots: () => new Map([[2, "two"], [3, "three"]].filter(([n]) => (n as number) <= size) as [number, string][]) }) as unknown as Read;
  const said = async (seen: (Sighting & { listed: boolean })[], again: Read | null): Promise<[string[], string]> => {
    const tended = { clinic: { slug: "riverside" }, epochs: [] } as unknown as Tended;
    const keys = { ask: () => Promise.resolve(seen) } as unknown as Keyholder;
    const from = new Deliveries(tended, { keys, log: () => Promise.resolve(again) } as unknown as Fetching);
    return [await from.compare(read(2)), from.forked];
  };
  const of = (by: string, size: number, root: string, listed: boolean): Sighting & { listed: boolean } => ({ by, size, root, listed });
  const [grown, other] = [of("a", 3, "three", true), SAY.otherLog(["a"])];
  assert.deepEqual(await said([of("a", 2, "two", true), of("b", 2, "two", false)], null), [[], ""]);
  assert.deepEqual(await said([grown], read(3)), [[], ""], "it has grown since it was read");
  assert.deepEqual([await said([grown], read(2)), await said([grown], null)], [[[other], other], [[other], other]]);
  assert.deepEqual(await said([of("b", 2 ** 40, "none", false)], read(2)), [[SAY.otherLogLeft(["b"])], ""]);
  assert.deepEqual(await said([of("b", 2, "none", false), grown], read(2)), [[other, SAY.otherLogLeft(["b"])], other]);
});

test("findings are asked for where a message is said to be given out, once more where one is still missing, and not otherwise", async () => {
  for (const [missing, want] of [[[false], ["work"]], [[true, false], ["work", "findings"]], [[true, true], ["work", "findings", "work", "reviews", "findings"]]] as const) {
    const answers = [...missing];
    const { from, asked } = serving(today, "clinic.example", () => answers.shift() === true);
    await from.refresh(EPOCH, false);
    assert.deepEqual(asked, want);
  }
});

test("of what came in before something that went with its key nothing goes out, and why is said; of what came in after it all may", async () => {
  const leaf = (n: number): Uint8Array => new Uint8Array(32).fill(n);
  const at = (n: number, epoch: string): [string, { epoch: string; index: number; hash: string }] =>
    [toHex(leaf(n)), { epoch, index: n, hash: toHex(leaf(n)) }];
  const ledger = {
    submissions: new Map([at(1, EPOCH), at(2, "young"), at(3, EPOCH), at(4, "young"), at(5, "older")]), withdrawn: new Set([toHex(leaf(4))]),
    shredded: new Set([epochKey("c", "older")]), lists: new Map(), epochs: new Map(), anchors: new Map(),
    begins: new Map([["older", "2026-10-01"], [EPOCH, "2026-11-01"], ["young", "2026-12-01"]]),
  };
  const messages = [1, 3].map((n) => ({ leaf: toBase64(leaf(n)), day: today(), carded: true, coded_in_clear: false, finding: false }));
  globalThis.fetch = () => Promise.resolve(Response.json({ today: today(), messages, parts: [], files: [], next: null }));
  let gone: (boolean | undefined)[] = [];
  const ask = (call: { do: string; work: { messages: { laterGone?: boolean }[] } }): Promise<unknown> => {
    if (call.do === "takeWork") gone = call.work.messages.map(({ laterGone }) => laterGone);
    return Promise.resolve(call.do === "takeWork" ? { carded: [], seen: [], problems: [] } : call.do === "lacking" ? 0 : []);
  };
  const tended = { clinic: { slug: "riverside" }, clinicId: "c", origin: "", listed: true, epochs: [], withdrawn: [] } as unknown as Tended;
  const read = { ledger, checkpoint: { size: 0 } } as unknown as Read;
  const from = new Deliveries(tended, {
    keys: { ask } as unknown as Keyholder, labels: null as unknown as Labels, log: () => Promise.resolve(read), progress: () => undefined,
    alarm: () => undefined, hostname: "clinic.example",
  });
  from.begin(tended, read);
  const why = (): Promise<(string | null)[]> => Promise.all([1, 3].map((n) => from.unread(EPOCH, toBase64url(leaf(n)))));
  assert.deepEqual([await why(), gone], [[null, null], [false, false]], "what lies under an older key changed nothing here");
  ledger.shredded.add(epochKey("c", "young"));
  assert.deepEqual([await why(), gone, await from.unread(EPOCH)], [[REASONS["later-gone"], null], [true, false], null]);
  ledger.withdrawn.clear();
  assert.deepEqual([await why(), gone], [[REASONS["later-gone"], REASONS["later-gone"]], [true, true]]);
});

test("a key that stays shut keeps words back where something came in under it after theirs, and an older one does not", async () => {
  const [anna] = await members(1);
  const { record } = await offered(served([signedList([anna], 1)]), anna);
  const begins = { old: "2026-10-01", mine: "2026-11-01", next: "2026-12-01" };
  const log = (...came: string[]): Read => {
    const submissions = new Map(came.map((epoch, index) => [String(index), { epoch, index }]));
    return { ledger: { submissions, withdrawn: new Set(), shredded: new Set(), begins: new Map() }, checkpoint: { size: 0 } } as unknown as Read;
  };
  const shut = async (locked: string, read: Read): Promise<boolean> => {
    const nothing = { today: "2026-12-05", messages: [], parts: [], files: [], next: null };
    globalThis.fetch = () => Promise.resolve(Response.json(nothing));
    const dated = (day: string): string => record.replace(/^\d{4}-\d\d-\d\d(?= )/mu, day);
    const epochs = Object.entries(begins).map(([id, day]) => ({ id, files: 1, record: dated(day), state: "open" }));
    const keys = { ask: (call: { do: string; epoch?: { id: string } | string }): Promise<unknown> => {
      const shutHere = call.do === "openWrap" && (call.epoch as { id: string }).id === locked;
      if (shutHere) return Promise.reject(new KeyholderError("no-wrap"));
      return Promise.resolve(call.do === "takeWork" ? { carded: [], seen: [], problems: [] } : call.do === "lacking" ? 0 : []);
    } };
    const at = { clinic: { slug: "riverside" }, clinicId: "c", origin: "", listed: true, withdrawn: [], unreadable: new Set() };
    const tended = { ...at, epochs } as unknown as Tended;
    const from = new Deliveries(tended, {
      keys: keys as unknown as Keyholder, labels: { codes: {} } as unknown as Labels, log: () => Promise.resolve(read),
      progress: () => undefined, alarm: () => undefined, hostname: "clinic.example",
    });
    assert.equal(beginOf(tended.epochs[0]), begins.old);
    from.begin(tended, read);
    for (const e of tended.epochs) await from.beginEpoch(e);
    return (await from.whole("mine")).shut;
  };
  assert.equal(await shut("old", log("old", "mine", "next")), false);
  assert.equal(await shut("old", log("mine", "old")), true);
  assert.equal(await shut("next", log("old", "mine", "next")), true);
});
