import assert from "node:assert/strict";
import { afterEach, mock, test } from "node:test";
import { actionTag, actionLeaf, parseAction, signAct, verifyAct, weekOf } from "../src/action.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { fromBase64, toBase64 } from "../src/encoding.js";
import { ApiError } from "../src/panel/api.js";
import { Outbox, type Fate, type Sent, type Ways } from "../src/panel/outbox.js";
import { contactedAgain } from "../src/panel/publicacts.js";
import { openReview, sealReview, signAgain, type Served } from "../src/reviewfile.js";
import { verifyPanels, withSignatures } from "../src/chain.js";
import { CLINIC, members, served, signedList } from "./panels.js";

const listeners: ((event: { preventDefault: () => void }) => void)[] = [];
Object.assign(globalThis, { window: { addEventListener: (_: string, listener: (typeof listeners)[number]): void => { listeners.push(listener); } } });
const real = globalThis.fetch;
afterEach(() => {
  globalThis.fetch = real;
  mock.timers.reset();
});

const reply = (mailbox: string): { mailbox: string; ct: string; expires_on: string } => ({ mailbox, ct: "", expires_on: "2026-12-01" });
const note: Served = { leaf: "", kind: "note", author: "ra", n: 0, file: "", signature: "", day: "2026-12-01" };
const away = new ApiError(503, "The server is away.");

/** Whether the browser would ask before the page is closed. */
const asks = (outbox: Outbox): boolean => {
  let asked = false;
  listeners[listeners.length - 1]?.({ preventDefault: () => { asked = true; } });
  assert.equal(asked, outbox.count + outbox.owes > 0);
  return asked;
};

/** A server that answers each request as told: a status, 0 for none, and a problem's kind. `asked` has what was posted where, in order. */
function server(answer: (path: string, body: Record<string, string>) => [number, string]): { asked: string[] } {
  const asked: string[] = [];
  globalThis.fetch = (url, init) => {
    const path = (url as string).replace(/^.*\/c\/[^/]+/, "");
    asked.push(path);
    const [status, kind] = answer(path, JSON.parse(init?.body as string) as Record<string, string>);
    if (status === 0) return Promise.reject(new TypeError("Failed to fetch"));
    if (path === "/replies/kept" && status === 200) return Promise.resolve(Response.json({ kept: kind === "true" }));
    return Promise.resolve(Response.json({ type: `urn:answerable:problem:${kind}`, detail: "This mailbox is full." }, { status }));
  };
  return { asked };
}

/** All that is under way is done. */
const settled = (): Promise<void> => new Promise((resume) => setImmediate(resume));

const same: Ways = { again: (_, acts) => Promise.resolve(acts), note: () => Promise.resolve() };

test("where the server refuses for good what a writer was to be shown, it is said, nothing is noted, and the answer waits no more", async () => {
  const told: Sent[] = [];
  let noted = 0;
  const outbox = new Outbox((s) => { told.push(s); });
  outbox.open("ra", 3600, { ...same, note: () => { noted++; return Promise.resolve(); } });
  const [plain, shows] = [reply("a"), reply("b")];
  outbox.add({ clinic: "riverside", leaf: "other", reply: plain, acts: [] });
  server(() => [422, "x"]);
  await outbox.send();
  outbox.add({ clinic: "riverside", leaf: "leaf", reply: shows, acts: [], note });
  assert.equal(outbox.showing("leaf"), shows);
  server(() => [503, ""]);
  await outbox.send();
  assert.deepEqual([outbox.showing("leaf"), noted], [shows, 0], "a server that is away has refused nothing");
  server(() => [422, "x"]);
  await outbox.send();
  assert.deepEqual([outbox.showing("leaf"), outbox.noting("leaf"), noted], [null, false, 0]);
  assert.deepEqual(told.map(({ refused, unshown }) => [refused.length, unshown]), [[1, false], [0, false], [1, true]]);
  outbox.lock();
});

test("the note of what a writer is shown goes right after its answer, never before, and is owed until it stands", async () => {
  const told: Sent[] = [];
  const done: string[] = [];
  const outbox = new Outbox((s) => { told.push(s); });
  let [answers, notes]: [number, ApiError | null] = [503, away];
  server((path) => { done.push(path); return [answers, ""]; });
  const ways: Ways = { ...same, note: () => { done.push("note"); return notes === null ? Promise.resolve() : Promise.reject(notes); } };
  outbox.open("ra", 3600, ways);
  outbox.add({ clinic: "riverside", leaf: "leaf", reply: reply("a"), acts: [], note });
  assert.ok(asks(outbox));
  await outbox.send();
  assert.deepEqual(done, ["/replies"], "an answer that did not go is not noted");
  answers = 201;
  await outbox.send();
  assert.deepEqual([done.slice(1), outbox.count, outbox.showing("leaf"), outbox.noting("leaf"), asks(outbox)], [["/replies", "note"], 0, null, true, true]);

  // Locked: what is owed waits, and another reviewer who unlocks sends nothing of it.
  outbox.lock();
  await outbox.send();
  outbox.open("rb", 3600, ways);
  await outbox.send();
  assert.equal(done.length, 3);
  outbox.lock();
  notes = null;
  outbox.open("ra", 3600, ways);
  await outbox.send();
  assert.deepEqual([done.slice(3), outbox.noting("leaf"), outbox.owes, asks(outbox)], [["note"], false, 0, false]);
  assert.deepEqual(told.map(({ sent, changed }) => [sent, changed]), [[0, false], [1, false], [0, true]]);

  // Of a message that its writer took back meanwhile nothing is noted, and nothing is tried again.
  outbox.add({ clinic: "riverside", leaf: "gone", reply: reply("b"), acts: [], note });
  notes = new ApiError(404, "", "message-gone");
  await outbox.send();
  assert.equal(outbox.owes, 0);
  outbox.lock();
});

test("an answer that the server may have is not said to be unsent, and nothing that follows from it is dropped before the server says", async () => {
  mock.timers.enable({ apis: ["Date", "setTimeout"], now: Date.parse("2026-11-27T10:10:00Z") });
  const told: Sent[] = [];
  const outbox = new Outbox((s) => { told.push(s); });
  outbox.open("ra", 3600, same);
  const fates = (of: { mailbox: string; ct: string; expires_on: string }): Fate[] => {
    const seen: Fate[] = [];
    outbox.watch(of, (fate) => { seen.push(fate); });
    return seen;
  };
  const stored: string[] = [];
  let lost = true;
  const { asked } = server((path, body) => {
    if (path === "/replies") stored.push(body["mailbox"] ?? "");
    if (lost) return [0, ""];
    return path === "/replies/kept" ? [200, String(stored.includes("a") && body["hash"] === toBase64(sha256(new Uint8Array(3))))] : [201, ""];
  });
  const answer = { ...reply("a"), ct: toBase64(new Uint8Array(3)) };
  outbox.add({ clinic: "riverside", leaf: "leaf", reply: answer, acts: ["act"], note });
  const seen = fates(answer);
  await outbox.send();
  assert.deepEqual([seen, outbox.count, outbox.unknown, asks(outbox)], [["waits", "unknown"], 1, 1, true]);

  // It may be on its way still, so the server is not asked at once; and a server that is away says nothing.
  const back = outbox.takeBack(answer);
  await settled();
  assert.deepEqual([seen.at(-1), asked.includes("/replies/kept")], ["back", false]);
  mock.timers.tick(30_000);
  await back;
  assert.deepEqual([seen.at(-1), outbox.count, asked], ["back", 1, ["/replies", "/replies/kept"]]);
  await outbox.send();
  assert.deepEqual(asked.slice(2), ["/replies/kept"], "it is not posted again");
  lost = false;
  await outbox.takeBack(answer);
  assert.deepEqual([seen.at(-1), outbox.count, outbox.owes, outbox.noting("leaf")], ["went", 0, 2, true], "the mark and the note are owed");
  assert.equal(told.at(-1)?.sent, 1);
  await outbox.send();
  assert.equal(outbox.owes, 0);

  // One that the server does not have is not sent, and nothing follows from it.
  lost = true;
  const other = { ...reply("b"), ct: toBase64(new Uint8Array(4)) };
  outbox.add({ clinic: "riverside", leaf: "other", reply: other, acts: ["act"], note });
  const after = fates(other);
  await outbox.send();
  lost = false;
  const end = outbox.takeBack(other);
  await settled();
  mock.timers.tick(30_000);
  await end;
  assert.deepEqual([after.at(-1), outbox.count, outbox.owes], ["lacks", 0, 0]);

  // One that was never posted is known not to have gone.
  const third = reply("c");
  outbox.add({ clinic: "riverside", leaf: "third", reply: third, acts: ["act"] });
  const never = fates(third);
  await outbox.takeBack(third);
  assert.deepEqual(never, ["waits", "unsent"]);
  outbox.lock();
});

test("an answer of another reviewer on this page waits for them, and one that is on its way cannot be taken back", async () => {
  const outbox = new Outbox(() => { /* nothing is looked at */ });
  const mine = reply("a");
  outbox.open("ra", 3600, same);
  outbox.add({ clinic: "riverside", leaf: "leaf", reply: mine, acts: [] });
  outbox.lock();
  outbox.open("rb", 3600, same);
  const { asked } = server(() => [201, ""]);
  await outbox.send();
  assert.deepEqual([asked, outbox.count], [[], 1]);
  outbox.lock();
  outbox.open("ra", 3600, same);
  const [first, second] = [outbox.send(), outbox.send()];
  await Promise.resolve();
  await Promise.resolve();
  const back = outbox.takeBack(mine); // it is on its way
  const seen: Fate[] = [];
  outbox.watch(mine, (fate) => { seen.push(fate); });
  await Promise.all([first, second, back]);
  assert.equal(seen.at(-1), "went");
  assert.deepEqual([asked, outbox.count], [["/replies"], 0], "and goes once");
  outbox.lock();
});

test("that a writer was answered stands in the log in the end: tried again after a failure, and signed anew once the week has turned", async () => {
  const [anna, bela] = (await members(2)) as [Awaited<ReturnType<typeof members>>[0], Awaited<ReturnType<typeof members>>[0]];
  const key = new Uint8Array(32).fill(7);
  const text = (n: number, day: string, by = anna.key): string => actionLeaf(signAct({ tag: actionTag(key, "contacted", n), code: "contacted", outcome: "", day: weekOf(day) }, by));
  const [before, after] = ["2026-11-29", "2026-11-30"] as const;
  mock.timers.enable({ apis: ["Date", "setTimeout"], now: Date.parse("2026-11-29T23:30:00Z") }); // a Sunday
  const told: Sent[] = [];
  const outbox = new Outbox((s) => { told.push(s); });
  outbox.open("ra", 3600, { ...same, again: (_, acts) => Promise.resolve(contactedAgain(acts, new Date().toISOString().slice(0, 10), anna.key)) });
  const log: string[] = [];
  let up = false;
  server((path, { leaf = "" }) => {
    if (path === "/replies") return [201, ""];
    if (!up) return [503, ""];
    const act = parseAction(leaf);
    if (log.includes(leaf)) return [201, ""];
    if (log.some((other) => toBase64(parseAction(other).tag) === toBase64(act.tag))) return [409, "tag-taken"];
    if (act.day !== weekOf(new Date().toISOString().slice(0, 10))) return [409, "day"];
    log.push(leaf);
    return [201, ""];
  });
  const answer = (mailbox: string, ...acts: string[]): void => { outbox.add({ clinic: "riverside", leaf: "leaf", reply: reply(mailbox), acts }); };
  answer("a", text(0, before), text(1, before));
  await outbox.send();
  assert.deepEqual([log, outbox.count, outbox.owes, asks(outbox)], [[], 0, 1, true], "the server is away after the answer");
  up = true;
  mock.timers.setTime(Date.parse("2026-11-30T00:00:01Z"));
  await outbox.send();
  assert.deepEqual([log, outbox.owes, asks(outbox)], [[text(0, after)], 0, false], "under the same tag, in the week that it is");

  // A colleague took the next tag; and where all of them are taken, that is said.
  log.push(text(1, after, bela.key));
  answer("b", text(1, before), text(2, before));
  await outbox.send();
  assert.deepEqual(log.slice(2), [text(2, after)]);
  answer("c", text(1, before));
  await outbox.send();
  assert.deepEqual([told.map(({ unmarked }) => unmarked), outbox.owes], [[0, 0, 0, 1], 0]);

  // While nobody can sign it waits; and one that stands already, though no answer said so, is no second act.
  answer("d", text(3, before), text(4, before));
  outbox.open("ra", 3600, { ...same, again: () => Promise.reject(new Error("locked")) });
  await outbox.send();
  assert.equal(outbox.owes, 1);
  log.push(text(3, before));
  await outbox.send();
  assert.deepEqual([outbox.owes, log.length], [0, 4]);
  outbox.lock();
});

test("only what one's own key signed is signed anew, an act under its tag and a note with its sealed words", async () => {
  const [anna, bela] = (await members(2)) as [Awaited<ReturnType<typeof members>>[0], Awaited<ReturnType<typeof members>>[0]];
  const act = { tag: new Uint8Array(32).fill(3), code: "contacted" as const, outcome: "", day: "2026-11-23" };
  const [again = ""] = contactedAgain([actionLeaf(signAct(act, anna.key))], "2026-12-03", anna.key);
  assert.deepEqual([parseAction(again).day, toBase64(parseAction(again).tag), verifyAct(parseAction(again), anna.key.public)], ["2026-11-30", toBase64(act.tag), true]);
  assert.throws(() => contactedAgain([actionLeaf(signAct(act, bela.key))], "2026-12-03", anna.key));
  assert.throws(() => contactedAgain([actionLeaf(signAct({ ...act, code: "closed" }, anna.key))], "2026-12-03", anna.key));

  const at = { clinic: CLINIC, epoch: "20261201-aaaa", origin: "clinic.example/answerable" };
  const leaf = new Uint8Array(32).fill(9);
  const f = { t: "note", epoch: at.epoch, origin: at.origin, leaf: Buffer.from(leaf).toString("base64url"), by: anna.id, body: { text: "x", asked: true, form: "theme" } } as const;
  const first = await sealReview(f, { recipient: anna.recipient, clinic: CLINIC, leaf, n: 0, day: "2026-12-01" }, anna.key);
  const later = signAgain(first, CLINIC, { n: 2, day: "2026-12-02" }, anna.key);
  assert.deepEqual([later.file, later.n, later.day], [first.file, 2, "2026-12-02"]);
  const lists = verifyPanels(CLINIC, served([signedList([anna, bela], 1)]).manifests.map((l) => withSignatures(l.lines, "signature", l.signatures)), "");
  const opened = await openReview(later, at, { lists: lists.map(({ manifest }) => manifest), before: () => null }, anna.identity);
  assert.ok(typeof opened === "object" && opened.kind === "note" && opened.body.form === "theme" && opened.n === 2);
  assert.throws(() => signAgain({ ...first, file: toBase64(fromBase64(first.file).fill(0)) }, CLINIC, { n: 0, day: "2026-12-02" }, anna.key));
  assert.throws(() => signAgain(first, CLINIC, { n: 0, day: "2026-12-02" }, bela.key));
});
