/** What is typed and not sent: when it is kept, what becomes of it when the server does not take it, and what is shown again. */
import assert from "node:assert/strict";
import { mock, test } from "node:test";
import type { Answer } from "../src/pad.js";
import { ApiError } from "../src/panel/api.js";
import { clearSent } from "../src/panel/dom.js";
import { Drafts, EVERY_SECONDS, withLate, type Kept, type Moments } from "../src/panel/drafts.js";
import { Held } from "../src/panel/held.js";
import { KeyholderError } from "../src/panel/keyholder.js";
import type { Followers } from "../src/panel/leftmessages.js";
import { OwnOrTheirs } from "../src/panel/ownortheirs.js";
import { StepsBack } from "../src/panel/stepsback.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { fromBase64, toBase64 } from "../src/encoding.js";
import { merged } from "../src/panel/merged.js";
import { Typed } from "../src/panel/typed.js";
import type { Served } from "../src/reviewfile.js";

const note = (a: string): Answer[] => [{ q: "note", a }];
const turn = (): Promise<void> => new Promise((done) => { setImmediate(done); });

/** A page with one box and an answer that is chosen beforehand, and a server that answers when it is told to. */
function page(words = "", stored = true, unseen: Answer[] = []): { drafts: Drafts; asked: string[]; said: Kept[]; type: (s: string) => void; answer: (kept: Kept) => Promise<void>; hide: () => void; close: () => boolean } {
  const [doc, win] = [Object.assign(new EventTarget(), { visibilityState: "visible" }), new EventTarget()];
  const [asked, said, answers]: [string[], Kept[], ((kept: Kept) => void)[]] = [[], [], []];
  let typed = words;
  const drafts = new Drafts(
    () => [{ q: "note", a: typed }, { q: "mine_role", a: "client" }],
    (fields) => { asked.push(fields.find(({ q }) => q === "note")?.a ?? ""); return new Promise((done) => answers.push(done)); },
    (kept) => { said.push(kept); },
    { fields: [...(words === "" ? [] : note(words)), ...unseen], stored },
    [{ q: "note", a: "" }, { q: "mine_role", a: "client" }],
    { document: doc, window: win } as unknown as Moments,
  );
  return {
    drafts, asked, said,
    type: (s) => { typed = s; },
    answer: async (kept) => { answers.shift()?.(kept); await turn(); },
    hide: () => { doc.visibilityState = "hidden"; doc.dispatchEvent(new Event("visibilitychange")); },
    close: () => !win.dispatchEvent(new Event("beforeunload", { cancelable: true })),
  };
}

test("opening alone sends nothing; what is typed is kept at the next fixed time, and what was not taken is tried again", async (t) => {
  t.mock.timers.enable({ apis: ["setInterval"] });
  const later = (): void => { t.mock.timers.tick(EVERY_SECONDS * 1000); };
  const p = page("from before");
  later();
  await p.drafts.end();
  assert.deepEqual([p.asked, p.drafts.unsaved, p.drafts.any], [[], false, true]);
  p.drafts.start();
  p.type("a");
  p.type("ab");
  assert.deepEqual([p.asked, p.drafts.unsaved], [[], true], "not at each key");
  later();
  later();
  assert.deepEqual(p.asked, ["ab"], "one that is on its way is not sent twice");
  await p.answer("away");
  later();
  assert.deepEqual(p.asked, ["ab", "ab"]);
  await p.answer("stored");
  later();
  assert.deepEqual([p.asked.length, p.said, p.drafts.unsaved], [2, ["away", "stored"], false]);
  p.type("");
  await p.drafts.discard();
  later();
  assert.equal(p.asked.length, 2, "what is given away is stored no more");
  assert.equal(page().drafts.any, false);
});

test("what is typed while the same message is drawn anew is read once more, and goes into the new one", async (t) => {
  t.mock.timers.enable({ apis: ["setInterval"] });
  const p = page("I wa", true);
  p.type("I want");
  const held = p.drafts.hold();
  assert.deepEqual([p.asked, p.drafts.late], [["I want"], []]);
  p.type("I want to sit");
  assert.deepEqual(p.drafts.late, note("I want to sit"));
  assert.equal(p.close(), true, "the browser asks before it is lost");
  await p.answer("stored");
  await held;
  const begun = withLate({ fields: [...note("I want"), { q: "alone", a: "mine" }], stored: true }, p.drafts.late);
  assert.deepEqual(begun, { fields: [{ q: "alone", a: "mine" }, ...note("I want to sit")], stored: false });
  p.type("");
  assert.deepEqual(p.drafts.late, note(""), "nor does what was taken out come back");
  p.drafts.stop();
});

test("whoever typed something is known to have, stored or not; who removed it again, or sent it, has nothing there", async (t) => {
  t.mock.timers.enable({ apis: ["setInterval"] });
  const p = page();
  const any = (): [boolean, boolean] => [p.drafts.any, p.drafts.unsaved];
  assert.deepEqual(any(), [false, false]);
  p.type("hours of work");
  assert.deepEqual(any(), [true, true]);
  void p.drafts.save();
  await p.answer("stored");
  assert.deepEqual(any(), [true, false], "kept by now, and there all the same");
  p.type("");
  assert.deepEqual(any(), [false, true]);
  void p.drafts.save();
  await p.answer("both");
  assert.equal(p.drafts.any, true, "typed in another window, and kept unseen");
  assert.equal(page("", true, [{ q: "mine_role", a: "client" }]).drafts.any, false, "what the page shows by itself, kept with what is gone");
  assert.equal(page("", true, [{ q: "check_words", a: "of a form that is not open" }]).drafts.any, true);
  const again = page("typed before");
  assert.equal(again.drafts.any, true);
  again.type("");
  assert.equal(again.drafts.any, false);
});

test("what was sent leaves its box, and what was typed there meanwhile stays", () => {
  const after = (value: string, sent: string, type = "textarea"): string => {
    const area = { value, type };
    clearSent(area, sent);
    return area.value;
  };
  assert.deepEqual(["a note", "a note\nand more ", "a note \n", "another", "note", ""].map((now) => after(now, "a note")), ["", "and more ", "", "another", "note", ""]);
  assert.deepEqual(["a@b.co", "a@b.com", ""].map((now) => after(now, "a@b.co", "text")), ["", "a@b.com", ""], "half an address is none");
});

test("what is too long is said once and not tried until it is changed; what the server never had is sent at the next time though nobody types", async (t) => {
  t.mock.timers.enable({ apis: ["setInterval"] });
  const later = (): void => { t.mock.timers.tick(EVERY_SECONDS * 1000); };
  const p = page("waits since the lock", false);
  later();
  assert.deepEqual(p.asked, ["waits since the lock"]);
  await p.answer("stored");
  p.type("long");
  later();
  await p.answer("too-long");
  later();
  assert.deepEqual([p.asked.length, p.drafts.unsaved, p.close()], [2, true, true]);
  p.type("waits since the lock");
  later();
  assert.equal(p.asked.length, 3, "back to what was stored: the longer one is taken off what waits");
});

test("a page that is put away saves at once, one that is closed with something unsaved asks, and the last words are asked for though those before still hang", async (t) => {
  t.mock.timers.enable({ apis: ["setInterval"] });
  const p = page();
  assert.equal(p.close(), false);
  p.type("a");
  p.hide();
  assert.deepEqual(p.asked, ["a"]);
  p.type("ab");
  assert.equal(p.close(), true);
  assert.deepEqual(p.asked, ["a", "ab"], "and stores while the browser asks");
  p.type("abc");
  const end = p.drafts.end();
  assert.deepEqual(p.asked, ["a", "ab", "abc"], "the page may be emptied now");
  for (const kept of ["stored", "stored", "stored"] as const) await p.answer(kept);
  await end;
  assert.deepEqual([p.said, p.drafts.unsaved, p.close()], [["stored"], false, false]);
});

const PLACE = { clinic: "riverside", by: "rAnna" };

/** A server that takes what is sealed, or does what it is told, and a worker. "Sealed" is base64. */
function desk(held: Held): { typed: Typed; given: { at: Answer[]; hash: string; stale: boolean }; does: { store: () => Promise<void>; seal: () => Promise<void> }; stored: string[]; day: { now: string }; kept: { hash?: string } } {
  const kept: { hash?: string } = {};
  const given = { at: note("old"), hash: "", stale: false };
  const stored: string[] = [];
  const day = { now: "2026-12-01" };
  const does = { store: () => Promise.resolve(), seal: () => Promise.resolve() };
  const sealed = (fields: Answer[]): Served => ({ leaf: "l", kind: "draft", author: PLACE.by, n: 0, signature: "", day: day.now, file: btoa(JSON.stringify(fields)) });
  const typed = new Typed(PLACE, held, {
    seal: async (_leaf, fields) => { await does.seal(); return sealed(fields); },
    store: async (served) => {
      await does.store();
      if (served.day !== day.now) throw new ApiError(409, "", "day");
      if (kept.hash !== undefined && served.replaces !== kept.hash) throw new ApiError(409, "", "draft-changed");
      if (kept.hash !== undefined) kept.hash = toBase64(sha256(fromBase64(served.file)));
      stored.push(served.file);
    },
    unseal: (_leaf, served) => Promise.resolve(JSON.parse(atob(served.file)) as Answer[]),
    given: () => Promise.resolve({ fields: given.at, hash: given.hash }),
    renew: () => Promise.resolve(),
    stale: () => { given.stale = true; },
  });
  return { typed, given, does, stored, day, kept };
}

const away = (): Promise<void> => Promise.reject(new ApiError(0, "away"));
const closes = (win: EventTarget): boolean => !win.dispatchEvent(new Event("beforeunload", { cancelable: true }));
const holding = (win = new EventTarget()): Held => new Held(win);

test("what this page stored is what it shows, however old the server's answer is; asked anew, the server's word counts again", async () => {
  const { typed, given } = desk(holding());
  assert.deepEqual(await typed.of("l"), { fields: note("old"), stored: true });
  assert.equal(await typed.keep("l", note("new"), null), "stored");
  assert.deepEqual(await typed.of("l"), { fields: note("new"), stored: true });
  assert.equal(await typed.keep("l", [], note("new")), "stored");
  assert.deepEqual((await typed.of("l")).fields, [], "a note that was sent does not stand in its box again");
  typed.asking("l");
  given.at = note("from another window");
  assert.deepEqual((await typed.of("l")).fields, given.at);
});

test("what the server does not take stays sealed over the lock, says why, and is stored after the next unlocking, past midnight too", async () => {
  const win = new EventTarget();
  const held = holding(win);
  const first = desk(held);
  first.does.store = away;
  assert.equal(await first.typed.keep("l", note("mine"), null), "away");
  first.does.store = () => Promise.reject(new ApiError(401, "out"));
  assert.equal(await first.typed.keep("l", note("mine still"), null), "signed-out");
  assert.deepEqual(await first.typed.of("l"), { fields: note("mine still"), stored: false });
  assert.equal(closes(win), true);
  assert.deepEqual(held.locked(), { lost: false, waiting: 1 });
  assert.ok(!JSON.stringify([...held.waiting(PLACE)]).includes("mine still"), "only what is sealed outlasts the lock");
  assert.deepEqual(held.waiting({ clinic: "riverside", by: "rBela" }), []);

  const next = desk(held);
  next.day.now = "2026-12-02";
  assert.deepEqual(await next.typed.of("l"), { fields: note("mine still"), stored: false });
  await next.typed.again();
  assert.deepEqual([next.stored.length, next.given.stale], [1, true], "what the server gave before is not taken for what it has");
  assert.deepEqual([held.locked(), closes(win)], [{ lost: false, waiting: 0 }, false]);
});

test("of two that are on their way the later one stays; what was not sealed when the keys went is told as lost, and what is gone with its message is not held", async () => {
  const held = holding();
  const { typed, does, stored } = desk(held);
  let answer = (): void => { /* set below */ };
  does.store = () => new Promise((done) => { answer = done; });
  const one = typed.keep("l", note("one"), null);
  await turn();
  const two = typed.keep("l", note("two"), null);
  await turn();
  assert.equal(held.unsealed, false, "the second is sealed though the first still hangs");
  answer();
  await one;
  await turn();
  assert.deepEqual([stored.length, held.waiting(PLACE).length], [1, 1]);
  answer();
  assert.deepEqual([await two, held.locked()], ["stored", { lost: false, waiting: 0 }]);

  does.seal = () => Promise.reject(new KeyholderError("too-long"));
  assert.equal(await typed.keep("l", note("much"), null), "too-long");
  assert.deepEqual([(await typed.of("l")).fields, held.locked()], [note("much"), { lost: true, waiting: 0 }]);
  does.seal = () => Promise.resolve();
  does.store = () => Promise.reject(new ApiError(404, "", "message-gone"));
  assert.deepEqual([await typed.keep("l", note("to nobody"), null), held.locked()], ["gone", { lost: false, waiting: 0 }]);
});

test("what another signed later is shown for theirs, one's own is offered, and neither is lost by looking at the other", () => {
  const form = (fields: Answer[]): { fields: () => Answer[]; fill: (f: readonly Answer[]) => void } => {
    let now = fields;
    return { fields: () => now, fill: (f) => { now = [...f]; } };
  };
  const both = (a: string): Answer[] => [{ q: "both_seriousness", a }];
  const draft = [...both("1"), { q: "both_from", a: "" }];
  const shown = form(both("3"));
  const o = new OwnOrTheirs(shown, "theirs");
  o.fill(draft);
  assert.deepEqual([shown.fields(), o.other, o.fields()], [both("3"), "own", draft], "a draft from before they signed");
  o.swap();
  assert.deepEqual([shown.fields(), o.other, o.fields()], [both("1"), "theirs", [...both("1"), { q: "both_from", a: "theirs" }]]);
  const after = form(both("3"));
  const again = new OwnOrTheirs(after, "theirs");
  again.fill(o.fields());
  assert.deepEqual([after.fields(), again.other], [both("1"), "theirs"], "typed after theirs was seen");
  again.swap();
  assert.deepEqual([after.fields(), again.other, again.fields()], [both("3"), "own", [...both("1"), { q: "both_from", a: "theirs" }]]);
  const alone = new OwnOrTheirs(form(both("3")), "");
  alone.fill(draft);
  assert.deepEqual([alone.other, alone.fields()], [null, draft]);
});

test("a step back that fails is held as it was signed, and sent again until the server has it", async () => {
  const win = new EventTarget();
  const held = holding(win);
  const signed = { signature: "s", reminder: { file: "f", signature: "r" }, kept: { file: "k", signature: "s" } };
  const left: string[] = [];
  const steps = new StepsBack(PLACE, held, { sign: () => Promise.resolve(signed), followers: () => Promise.resolve({ leaves: [], unopened: [] }), open: () => assert.fail("nothing needs to be opened"), epochOf: () => "e", putAway: () => Promise.resolve(), left: (l) => { left.push(l); } });
  const sent: unknown[] = [];
  let status = 0;
  const fetched = mock.method(globalThis, "fetch", (_url: string, init: { body: string }) => {
    if (status === 0) return Promise.reject(new TypeError("no answer"));
    sent.push(JSON.parse(init.body));
    return Promise.resolve(new Response("{}", { status }));
  });
  await assert.rejects(steps.from("AAAA"), ApiError);
  assert.deepEqual([await steps.again(), closes(win), held.locked().waiting, left], [1, true, 1, []]);
  status = 201;
  assert.equal(await steps.again(), 0);
  assert.deepEqual([sent, closes(win), left], [[{ leaf: "AAAA", ...signed }], false, ["AAAA"]]);
  fetched.mock.restore();
});

test("a step back without a network takes all that its writer sent along, and all of it is sent again", async () => {
  const held = holding();
  const [signed, away, sent]: [string[], string[], string[]] = [[], [], []];
  const beside = (leaf: string | null): Followers => ({ leaves: leaf === null ? ["CCCC", "DDDD"] : ["BBBB"], unopened: [] });
  const steps = new StepsBack(PLACE, held, {
    sign: (_, leaf) => { signed.push(leaf); return Promise.resolve({ signature: "s", reminder: { file: "f", signature: "r" }, kept: { file: "k", signature: "s" } }); },
    followers: (leaf) => Promise.resolve(beside(leaf)), open: () => assert.fail("nothing needs to be opened"), epochOf: () => "e",
    putAway: (_, leaf) => { away.push(leaf); return Promise.resolve(); }, left: () => undefined,
  });
  let down = true;
  const fetched = mock.method(globalThis, "fetch", (_url: string, init: { body: string }) => {
    if (down) return Promise.reject(new TypeError("no answer"));
    sent.push((JSON.parse(init.body) as { leaf: string }).leaf);
    return Promise.resolve(new Response("{}", { status: 201 }));
  });
  const waiting = (): string[] => held.unstepped(PLACE).map(({ leaf }) => leaf).sort();
  await assert.rejects(steps.from("AAAA"), ApiError);
  assert.deepEqual([[...signed].sort(), [...away].sort(), waiting()], [["AAAA", "BBBB"], ["AAAA", "BBBB"], ["AAAA", "BBBB"]]);
  await assert.rejects(steps.follow(() => "e"), ApiError);
  assert.deepEqual([signed.length, away.length, waiting()], [4, 4, ["AAAA", "BBBB", "CCCC", "DDDD"]]);
  down = false;
  assert.deepEqual([await steps.again(), sent.sort(), waiting()], [0, ["AAAA", "BBBB", "CCCC", "DDDD"], []]);
  fetched.mock.restore();
});

test("what a card alone puts beside a message is opened before anything is signed, each key once, and where it cannot be fetched nothing is", async () => {
  const [opened, signed]: [string[], string[]] = [[], []];
  let down = true;
  const steps = new StepsBack(PLACE, holding(), {
    sign: (_, leaf) => { signed.push(leaf); return Promise.resolve({ signature: "s", reminder: { file: "f", signature: "r" }, kept: { file: "k", signature: "s" } }); },
    // The card of the first key puts something of the second beside it; the server does not give what the first holds.
    followers: () => Promise.resolve({ leaves: opened.includes("two") ? ["BBBB"] : [], unopened: opened.length === 1 ? ["one", "two"] : ["one"] }),
    open: (epoch) => { if (down) return Promise.reject(new ApiError(503, "", "")); opened.push(epoch); return Promise.resolve(); },
    epochOf: () => "e", putAway: () => Promise.resolve(), left: () => undefined,
  });
  await assert.rejects(steps.from("AAAA"), ApiError);
  assert.deepEqual([opened, signed], [[], []]);
  down = false;
  const fetched = mock.method(globalThis, "fetch", () => Promise.resolve(new Response("{}", { status: 201 })));
  await steps.from("AAAA");
  assert.deepEqual([opened, signed], [["one", "two"], ["BBBB", "AAAA"]]);
  fetched.mock.restore();
});

test("typed at two places nothing is lost: other fields stay, and of one that changed at both there are both texts", async () => {
  const { typed, given, stored, kept } = desk(holding());
  const last = (): Answer[] => JSON.parse(atob(stored[stored.length - 1] ?? "")) as Answer[];
  const f = (fields: Record<string, string>): Answer[] => Object.entries(fields).map(([q, a]) => ({ q, a }));
  given.at = f({ note: "old", terminal: "from a terminal" });
  kept.hash = given.hash = "AAAA";
  assert.deepEqual((await typed.of("l")).fields, given.at);
  assert.equal(await typed.keep("l", f({ note: "mine" }), f({ note: "old" })), "stored");
  assert.deepEqual(last(), f({ note: "mine", terminal: "from a terminal" }), "what this page does not show stays");
  assert.deepEqual((await typed.of("l")).fields, last());

  // Another window stored meanwhile.
  given.at = f({ mine_role: "client", note: "theirs", terminal: "from a terminal" });
  kept.hash = given.hash = "BBBB";
  assert.equal(await typed.keep("l", f({ note: "mine too", reply: "hello" }), f({ note: "mine" })), "both");
  assert.deepEqual(last(), f({ mine_role: "client", note: "mine too", note_elsewhere: "theirs", reply: "hello", terminal: "from a terminal" }));
  assert.equal(await typed.keep("l", f({ note: "mine too" }), f({ note: "mine too", note_elsewhere: "theirs", reply: "hello" })), "stored");
  assert.deepEqual(last(), f({ mine_role: "client", note: "mine too", terminal: "from a terminal" }), "what is let go here goes");

  // Its own text is none from elsewhere, though the answer that it was stored was lost.
  const own = toBase64(sha256(fromBase64(stored[stored.length - 2] ?? "")));
  given.at = f({ mine_role: "client", note: "mine too", note_elsewhere: "theirs", reply: "hello", terminal: "from a terminal" });
  kept.hash = given.hash = own;
  assert.equal(await typed.keep("l", f({ note: "mine at last" }), f({ note: "mine too" })), "stored");
  assert.equal(last().find(({ q }) => q === "note")?.a, "mine at last");
  typed.spent("l", "mine_");
  assert.equal(await typed.keep("l", f({ note: "x" }), f({ note: "mine at last" })), "stored");
  assert.ok(!last().some(({ q }) => q.startsWith("mine_")), "what was sent is no draft any more");
  const both = merged(f({ note: "" }), f({ note: "a" }), new Set(["note"]), f({ note: "b" }));
  assert.deepEqual([both, merged(f({ note: "c" }), f({ note: "a" }), new Set(["note"]), [])], [f({ note: "b" }), f({ note: "c" })], "what is emptied at one place and changed at the other stays");
});

test("what waited over a lock does not write over what was typed elsewhere since, and goes on from what it was made from", async () => {
  for (const [hash, want] of [["BBBB", ["mine and more", "theirs"]], ["", ["mine and more", undefined]]] as const) {
    const held = holding();
    const first = desk(held);
    first.does.store = away;
    await first.typed.keep("l", note("mine"), null);
    held.locked();
    const next = desk(held);
    next.given.at = note(hash === "" ? "old" : "theirs");
    next.given.hash = hash;
    assert.deepEqual(await next.typed.of("l"), { fields: note("mine"), stored: false });
    assert.equal(await next.typed.keep("l", note("mine and more"), null), hash === "" ? "stored" : "both");
    const last = JSON.parse(atob(next.stored[0] ?? "")) as Answer[];
    assert.deepEqual(["note", "note_elsewhere"].map((name) => last.find(({ q }) => q === name)?.a), want);
    assert.deepEqual((await next.typed.of("l")).stored, true);
  }
});

test("what was sent or let go in another window does not come back from this one, however often it saves", async () => {
  const { typed, given, stored, kept } = desk(holding());
  const f = (n: string, more: Answer[] = []): Answer[] => [...note(n), ...more];
  const reply = [{ q: "reply", a: "hello" }];
  given.at = f("old", reply);
  kept.hash = given.hash = "AAAA";
  await typed.of("l");
  given.at = f("old"); // the answer was sent from there
  kept.hash = given.hash = "BBBB";
  assert.equal(await typed.keep("l", f("one", reply), f("old", reply)), "stored");
  assert.equal(await typed.keep("l", f("two", reply), f("one", reply)), "stored");
  assert.deepEqual(stored.map((s) => JSON.parse(atob(s)) as unknown), [f("one"), f("two")]);
});

test("of what was typed no version outlasts its message or what is asked anew, and of many the last ones stay", async () => {
  for (const put of ["asking", "drop"] as const) {
    const { typed, given, stored, kept } = desk(holding());
    const hashOf = (n: number): string => toBase64(sha256(fromBase64(stored[n] ?? "")));
    const last = (): Answer[] => JSON.parse(atob(stored[stored.length - 1] ?? "")) as Answer[];
    kept.hash = given.hash = "AAAA";
    for (const n of [1, 2, 3, 4, 5]) await typed.keep("l", note(`version ${String(n)}`), n === 1 ? note("old") : note(`version ${String(n - 1)}`));
    given.at = note("version 1"); // too long ago to be known as one's own
    kept.hash = given.hash = hashOf(0);
    assert.equal(await typed.keep("l", note("version 6"), note("version 5")), "both");
    assert.equal(last().find(({ q }) => q === "note_elsewhere")?.a, "version 1");
    typed.spent("l", "mine_");
    typed[put]("l");
    given.at = note("version 6");
    kept.hash = hashOf(5);
    given.hash = "CCCC";
    const ways = typed.keep("l", [...note("version 7"), { q: "mine_role", a: "client" }], note("version 5"));
    given.hash = kept.hash;
    assert.equal(await ways, "both", `${put}: what was one's own is not known any more`);
    assert.equal(last().some(({ q }) => q === "mine_role"), put === "drop");
  }
});
