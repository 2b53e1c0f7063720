import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import { Outbox, type Sent } from "../src/panel/outbox.js";

Object.assign(globalThis, { window: { addEventListener: (): void => { /* no page is left here */ } } });
const real = globalThis.fetch;
afterEach(() => { globalThis.fetch = real; });

const reply = (mailbox: string): { mailbox: string; ct: string; expires_on: string } => ({ mailbox, ct: "", expires_on: "2026-12-01" });

test("where the server refuses for good what a writer was to be shown, it is said, and the answer waits no more", async () => {
  const told: Sent[] = [];
  const outbox = new Outbox((s) => { told.push(s); });
  const answers = (status: number): void => { globalThis.fetch = () => Promise.resolve(Response.json({ type: "x", detail: "This mailbox is full." }, { status })); };
  const [plain, shows] = [reply("a"), reply("b")];
  outbox.add("riverside", plain, []);
  answers(422);
  await outbox.send();
  outbox.add("riverside", shows, [], "", "leaf");
  assert.equal(outbox.showing("leaf"), shows);
  answers(503);
  await outbox.send();
  assert.equal(outbox.showing("leaf"), shows, "a server that is away has refused nothing");
  answers(422);
  await outbox.send();
  assert.equal(outbox.showing("leaf"), null);
  assert.deepEqual(told.map(({ refused, unshown }) => [refused.length, unshown]), [[1, false], [0, false], [1, true]]);
  outbox.lock();
});
