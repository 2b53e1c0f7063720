import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import { Outbox } from "../src/panel/outbox.js";
import { OwningUp } from "../src/panel/owning.js";

Object.assign(globalThis, { window: { addEventListener: () => { /* nobody closes the page */ } } });
const real = globalThis.fetch;
afterEach(() => { globalThis.fetch = real; });

const TAG = "dGFn";
const text = (day: string): string => ["answerable/leaf/v1", "action", TAG, "assessed", "-", day, "signature"].join("\n") + "\n";

/** A desk on which one act is owed until its tag stands or waits, and a server that takes acts of its own day alone. */
function desk(): { owning: OwningUp; outbox: Outbox; from: { today: string }; log: string[]; server: { today: string; away: boolean } } {
  const log: string[] = [];
  const server = { today: "2026-12-02", away: false };
  globalThis.fetch = (_, init) => {
    if (init?.method !== "POST") return Promise.resolve(Response.json({ acts: log.map((leaf) => ({ tag: leaf.split("\n")[2] })) }));
    const { leaf } = JSON.parse(init.body as string) as { leaf: string };
    if (server.away) return Promise.resolve(Response.json({}, { status: 503 }));
    if (!leaf.includes(`\n${server.today}\n`)) return Promise.resolve(Response.json({ type: "urn:answerable:problem:day" }, { status: 409 }));
    log.push(leaf);
    return Promise.resolve(Response.json({}, { status: 201 }));
  };
  const outbox = new Outbox(() => { /* nothing is looked at */ });
  outbox.open("ra", 3600, { again: (_, acts) => Promise.resolve(acts), note: () => Promise.resolve() });
  const from = { tended: { clinic: { slug: "riverside" } }, apart: false, epochs: [], today: "2026-12-02", at: () => ({}) };
  const ask = (q: { do: string; taken?: string[]; today?: string }): Promise<unknown> =>
    Promise.resolve(q.do !== "owed" || q.taken?.includes(TAG) === true ? [] : [{ text: text(q.today ?? ""), old: (q.today ?? "") > "2026-12-02" }]);
  const owning = new OwningUp(from as never, { keys: { ask } as never, owe: (clinic, leaves, gaveUp) => { outbox.owe(clinic, leaves, gaveUp); } });
  return { owning, outbox, from, log, server };
}

test("an act whose day is over before its hour is owed again at the next look", async () => {
  const { owning, outbox, from, log, server } = desk();
  await owning.later(); // half past eleven at night: it waits for midnight
  [from.today, server.today] = ["2026-12-03", "2026-12-03"];
  await outbox.send(true);
  assert.deepEqual(log, [], "its day is over");
  await owning.read();
  await owning.now([]);
  assert.deepEqual(log, [text("2026-12-03")]);
  outbox.lock();
});

test("an act that finds no server waits on, and is not owed twice meanwhile", async () => {
  const { owning, outbox, log, server } = desk();
  await owning.later();
  server.away = true;
  await outbox.send(true);
  await owning.later();
  server.away = false;
  await outbox.send(true);
  assert.deepEqual(log, [text("2026-12-02")]);
  outbox.lock();
});
