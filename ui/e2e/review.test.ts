/** The panel's work: three reviewers in three browsers, from the queue to a finding, and what goes wrong on the way. */
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { test } from "node:test";
import type { Page, Route } from "playwright-core";
import { toBase64, toBase64url } from "../src/encoding.js";
import { leafHash } from "../src/leaf.js";
import type { Answer } from "../src/pad.js";
import { derive, newReceipt } from "../src/receipt.js";
import { house, keptOnDevice, NOTHING_KEPT, tabTo, violations } from "./browser.js";
import { alertOf, code, lookAgain, press, rowOf, signIn, sit, take } from "./desk.js";
import { leaks } from "./recorder.js";

const [ANNA, BELA, CLEO] = [0, 1, 2] as const;
const STORY = "zebrafinch-7431 held me down. It was on the marmalade stairs. I said stop.";
const ANSWERS: Answer[] = [
  { q: "words", a: STORY }, { q: "themes", a: "force" }, { q: "items", a: "force.held_down" }, { q: "impact", a: "lasting" }, { q: "service", a: "crisis_house" },
  { q: "roles", a: "nurse" }, { q: "when", a: "this_month" }, { q: "still_going", a: "yes" },
  { q: "share_level", a: "panel_summary_to_clinic" }, { q: "must_not", a: "do_not_call_police" }, { q: "hide", a: "the_date" },
];
/** What one writer is shown first. */
const SEEN = "Somebody was held down on the stairs.";
const random = (): string => toBase64url(crypto.getRandomValues(new Uint8Array(32)));
const MAILBOX = random();

/** Leaves of what is told, by a name for each. */
const told: Record<string, string> = {};

/** What the log's server signed when hardly anything was told. */
let oldLog = "";

const h = house(0, async (demo) => {
  told["first"] = await demo.post(ANSWERS, undefined, { mailbox: MAILBOX, actions: random() });
  told["other"] = await demo.post([{ q: "words", a: "zebrafinch, a second one" }, { q: "themes", a: "boundary" }, { q: "items", a: "boundary.sexual_touch" }]);
  await demo.told(); // waits for the batch
  oldLog = await (await fetch(`${demo.url}/log/checkpoint`)).text();
});
const leaf = (name: string): string => told[name] ?? assert.fail(name);
const row = (name: string): string => rowOf(leaf(name));

async function tell(name: string, answers: Answer[] = ANSWERS, replyTo: string | null = null): Promise<void> {
  told[name] = await h.demo.post(answers, undefined, { mailbox: random(), actions: random(), reply_to: replyTo });
  await h.demo.told();
}

async function accessible(page: Page, where: string): Promise<void> {
  assert.deepEqual(await violations(page), [], where);
  const wide = await page.evaluate(() => document.documentElement.scrollWidth > document.documentElement.clientWidth);
  assert.ok(!wide, `${where} is wider than the window`);
}

/** Keeps all that the worker says to the page. */
const listen = (page: Page): Promise<unknown> => page.addInitScript(() => {
  const carried: string[] = [];
  (globalThis as unknown as { carried: string[] }).carried = carried;
  const add = Object.getOwnPropertyDescriptor(EventTarget.prototype, "addEventListener")?.value as typeof EventTarget.prototype.addEventListener;
  Worker.prototype.addEventListener = function (this: Worker, ...args: Parameters<typeof add>) {
    if (args[0] === "message") add.call(this, "message", (event) => { carried.push(JSON.stringify((event as MessageEvent).data)); });
    add.apply(this, args);
  } as typeof Worker.prototype.addEventListener;
});
const carried = (page: Page): Promise<string> => page.evaluate(() => (globalThis as unknown as { carried: string[] }).carried.join("\n"));

/** Keeps what the server gives of files, cards and work. Route nothing of these besides. */
function given(page: Page): () => Promise<{ files: Given[]; messages: Given[] }> {
  const bodies: Promise<string>[] = [];
  page.on("response", (r) => { if (/\/(files|reviews|work)\b/.test(r.url())) bodies.push(r.text().catch(() => "{}")); });
  return async () => {
    const all = (await Promise.all(bodies)).map((b) => JSON.parse(b) as { files?: Given[]; messages?: Given[] });
    return { files: all.flatMap(({ files }) => files ?? []), messages: all.flatMap(({ messages }) => messages ?? []) };
  };
}
interface Given { leaf: string; kind?: string; author?: string }
/** Base64url of the leaf hash of a file as it came, or of what was written about one. */
const leafOf = ({ leaf }: Given): string => (leaf.includes("\n") ? toBase64url(leafHash(leaf)) : toBase64url(Buffer.from(leaf, "base64")));

/** What the panel's server says to this reviewer's browser. */
const ask = <T>(page: Page, path: string): Promise<T> => page.evaluate(async (p) => (await fetch(`/api/v1/panel/c/riverside${p}`)).json() as unknown, path) as Promise<T>;

/** The codes of the clinic's acts in public, once one of a kind is among them: acts wait for their hour, which is a second here. */
async function actsWith(page: Page, code: string): Promise<string[]> {
  for (let tries = 0; ; tries++) {
    const codes = (await ask<{ acts: { code: string }[] }>(page, "/acts")).acts.map((a) => a.code);
    if (codes.includes(code)) return codes;
    assert.ok(tries < 50, `no act ${code} came`);
    await page.waitForTimeout(100);
  }
}

async function workOf(page: Page): Promise<{ leaf: string; coded_in_clear: boolean }[]> {
  const epoch = (await ask<{ epochs: { id: string; files: number }[] }>(page, "/epochs")).epochs.find((e) => e.files > 0)?.id ?? "";
  return (await ask<{ messages: { leaf: string; coded_in_clear: boolean }[] }>(page, `/epochs/${epoch}/work`)).messages;
}

test("three reviewers come from the queue to a finding, no word leaves a worker before its reviewer declares, and every state is accessible", { timeout: 300_000 }, async () => {
  const anna = await sit(h, ANNA, { viewport: { width: 320, height: 700 }, prepare: listen });
  await accessible(anna.page, "the queue");
  assert.match((await anna.page.locator(row("first")).textContent()) ?? "", /This month/i);
  await anna.page.locator(row("first")).click();
  await anna.page.locator(".reading h2").waitFor();
  await accessible(anna.page, "the declaration");
  const before = await carried(anna.page);
  assert.ok(before.includes(leaf("first")) && before.includes("force.held_down"), "the cards came");
  assert.ok(!before.includes("zebrafinch") && !before.includes("marmalade"), "words before the declaration");
  await press(anna.page, "Nothing ties me to it: I take it");
  await anna.page.getByRole("heading", { name: "What was told" }).waitFor();
  assert.ok((await carried(anna.page)).includes("marmalade"));
  assert.ok(!(await carried(anna.page)).includes("a second one"), "words of another message");
  assert.ok(!(await anna.page.content()).includes("zebrafinch"), "words before the veil is lifted");
  await accessible(anna.page, "the story behind its veil");
  await press(anna.page, "Read it sentence by sentence");
  await accessible(anna.page, "the lifted words");
  assert.match((await anna.page.locator(".impact").textContent()) ?? "", /It still hurts my life/);
  await press(anna.page, "Send it and freeze it");
  assert.match((await anna.page.locator(".problems").textContent()) ?? "", /12 more themes.*how grave/s);
  await accessible(anna.page, "the coding form with faults");
  await code(anna.page, ["force"], 3);
  await anna.page.locator('input[name="mine_items"][value="force.held_down"]').check();
  await press(anna.page, "Send it and freeze it");
  await anna.page.getByText("The other one is not yet", { exact: false }).first().waitFor();
  await accessible(anna.page, "one reading that waits for the other");
  await anna.page.getByText("Nobody reads this with you yet", { exact: false }).waitFor();
  await anna.page.fill("#case-alone", "it weighs on me like a wardrobe");

  const bela = await sit(h, BELA, { prepare: listen });
  const both = await ask<{ epochs: { id: string; files: number }[] }>(bela.page, "/epochs");
  const cards = async (page: Page): Promise<number> => {
    const epoch = both.epochs.find((e) => e.files > 0)?.id ?? "";
    const { files } = await ask<{ files: Given[] }>(page, `/epochs/${epoch}/reviews`);
    return new Set(files.filter((f) => f.kind === "card" && leafOf(f) === leaf("first")).map(({ author }) => author)).size;
  };
  assert.equal(await cards(bela.page), 2, "one card alone hides nothing: the second reader opens the file too and makes one");
  await take(bela.page, row("first"));
  assert.ok(!(await carried(bela.page)).includes('"seriousness":3'), "the other coding comes before both are in");
  await code(bela.page, ["force", "voice"], 2);
  await press(bela.page, "Send it and freeze it");
  await bela.page.getByRole("heading", { name: "Side by side" }).waitFor();
  await accessible(bela.page, "side by side");
  assert.match((await bela.page.locator(".reading table").textContent()) ?? "", /Choice and being heard/);
  assert.match((await bela.page.locator(".reading").textContent()) ?? "", /do not agree yet/);
  await press(bela.page, "Agree and sign");
  await bela.page.locator(".reading .note", { hasText: "Signed" }).waitFor();
  assert.equal(await bela.page.textContent('[data-part="status"]'), "Signed. It holds when another of you signs the same.");
  assert.ok((await workOf(bela.page)).every((m) => !m.coded_in_clear), "codes in the clear before two agree");

  await anna.page.locator(row("first")).click();
  await anna.page.getByText("Another of you has signed this", { exact: false }).waitFor();
  await anna.page.getByText(/Do not stay alone with it: r\w{8} reads it too/).waitFor();
  assert.equal(await anna.page.inputValue("#case-alone"), "it weighs on me like a wardrobe");
  assert.ok(!(await carried(bela.page)).includes("wardrobe"), "a note to oneself is given to nobody else");
  await accessible(anna.page, "the agreement, at 320 px");
  await press(anna.page, "Agree and sign");
  await anna.page.getByText("A third member looks", { exact: false }).first().waitFor();
  const work = await workOf(anna.page);
  assert.deepEqual(work.filter((m) => m.coded_in_clear).map((m) => m.leaf), [toBase64(Buffer.from(leaf("first"), "base64url"))]);
  const codes = await actsWith(anna.page, "assessed");
  assert.equal(codes.filter((c) => c === "received").length, work.length, "each file is marked as received, the empty ones too");

  let came: ReturnType<typeof given> | undefined;
  const cleo = await sit(h, CLEO, { prepare: (p) => { came = given(p); return Promise.resolve(); } });
  const stories = (await came?.())?.files.filter((f) => f.kind === undefined).map(leafOf) ?? assert.fail("nothing came");
  assert.ok(!stories.includes(leaf("first")) && (await cards(cleo.page)) === 2, "the third reader is given two cards and not the story");
  assert.match((await cleo.page.locator(row("first")).textContent()) ?? "", /This month/i);
  await take(cleo.page, row("first"));
  await cleo.page.locator('input[name="check_form"][value="paraphrase"]').check();
  await cleo.page.fill("#check-words", "On Tuesday Nurse Quillwort held me down. It was on the stairs.");
  await cleo.page.locator(".marks mark", { hasText: "Tuesday" }).waitFor();
  const marks = (await cleo.page.locator(".marks").textContent()) ?? "";
  assert.match(marks, /a name, perhaps: Nurse Quillwort/);
  assert.match(marks, /held me down. It was on the/); // in the writer's own words
  assert.match(marks, /Only this message at hand names this service and month/);
  assert.match(marks, /carries a warning of the theme “Force and being locked up”/);
  await accessible(cleo.page, "the check");
  assert.equal(await cleo.page.locator('input[name="check_form"][value="quote"]').count(), 0);
  assert.match((await cleo.page.locator("#check-form").textContent()) ?? "", /did not allow this much/);
  await cleo.page.fill("#check-words", "Somebody was held down on the stairs.");
  await cleo.page.locator('input[name="check_guess"][value="no"]').check();
  await press(cleo.page, "Send what I think");
  await cleo.page.getByRole("heading", { name: "How far may it go?" }).waitFor();
  await accessible(cleo.page, "the decision");
  await press(cleo.page, "Share it so, unless somebody objects");
  await cleo.page.getByRole("button", { name: "I object" }).waitFor();
  await accessible(cleo.page, "the time to object");
  assert.equal(await cleo.page.getByRole("button", { name: "Put it in the clear now" }).count(), 0);

  // Another writer wishes to see it first: one press makes the answer to them and the note of it from the same words.
  const sees = random();
  told["shown"] = await h.demo.post([...ANSWERS, { q: "ask_me_first", a: "show_me_before_sharing" }], undefined, { mailbox: sees, actions: random(), reply_to: (await derive(newReceipt(), "words.example")).replyRecipient });
  await h.demo.told();
  await lookAgain(bela.page);
  await take(bela.page, row("shown"));
  await bela.page.locator("details.show-first summary").click();
  await bela.page.locator('input[name="first_form"][value="paraphrase"]').check();
  await bela.page.fill("#first-words", SEEN);
  await accessible(bela.page, "words for the writer");
  if (process.env["SHOTS"] !== undefined) await bela.page.locator("details.show-first").screenshot({ path: `${process.env["SHOTS"]}/show-first.png` });
  const answered = bela.page.waitForResponse((r) => r.request().method() === "POST" && r.url().endsWith("/replies"));
  await press(bela.page, "Lock these words and let them wait");
  await bela.page.getByText(/showed the writer this on/).waitFor();
  await accessible(bela.page, "words that the writer is shown");
  await answered;
  await h.demo.post([], undefined, { t: "consent", mailbox: sees, thread: leaf("shown"), share_level: "panel_summary_to_clinic", ask_me_first: false, hold: "now", hide: [] });
  await h.demo.told();
  for (const { page, context, heard } of [anna, bela, cleo]) {
    assert.deepEqual(await keptOnDevice(page), NOTHING_KEPT);
    assert.deepEqual(heard, []);
    await context.close();
  }

  h.demo = await h.demo.again("--days-ahead", "3"); // two whole days later
  const later = await sit(h, ANNA);
  await take(later.page, row("first"));
  await accessible(later.page, "a decision to be carried out");
  await press(later.page, "Put it in the clear now");
  await later.page.locator(row("first"), { hasText: "Under Promises you see" }).waitFor();
  const { findings } = await ask<{ findings: { form: string; words: string; themes: string[]; must_not: string[] }[] }>(later.page, "/findings");
  assert.deepEqual(findings.map(({ form, words, themes, must_not: along }) => [form, words, themes, along]), [["paraphrase", "Somebody was held down on the stairs.", [], ["do_not_call_police"]]]);
  await actsWith(later.page, "closed");
  await later.context.close();
});

test("who speaks for the clinic joins and answers without script, the panel looks and two of it judge, and everybody sees it", { timeout: 240_000 }, async () => {
  const { liaison_invitation: code } = JSON.parse(await h.demo.run(["clinic", "invite-liaison", "--json", "riverside", "--role", "ward manager"])) as { liaison_invitation: string };
  const promises = async (page: Page): Promise<void> => {
    await press(page, "Promises");
    await page.getByRole("heading", { name: "Who speaks for the clinic" }).waitFor();
  };
  const anna = await sit(h, ANNA);
  await promises(anna.page);
  await press(anna.page, "Hand it over");
  await anna.page.getByText("The clinic has until", { exact: false }).waitFor();

  const narrow = { viewport: { width: 320, height: 640 } };
  const plain = await h.open("/clinic/join", { javaScriptEnabled: false, ...narrow });
  const fits = async (where: string): Promise<void> => { assert.ok(((await plain.page.locator("html").boundingBox())?.width ?? 999) <= 320, `${where} is wider than 320`); };
  await plain.page.getByLabel("Your invitation").fill(`${h.demo.url}/clinic/join#${code}`);
  await plain.page.getByLabel("I am not on this clinic's review panel", { exact: false }).check();
  await press(plain.page, "Take the invitation");
  const words = (await plain.page.locator(".receipt li").allTextContents()).join(" ");
  assert.equal(words.split(" ").length, 8);
  await plain.page.getByRole("link", { name: "I have written them down. Sign in" }).click();
  const enter = async (page: Page): Promise<void> => {
    await page.getByLabel("Your eight words as a speaker of the clinic").fill(words);
    await press(page, "Sign in");
    await page.getByText("You speak as: ward manager.").waitFor();
  };
  await enter(plain.page);
  await fits("the clinic's side");
  await plain.page.getByRole("link", { name: /^Answer: Finding of/ }).click();
  await plain.page.getByText("Somebody was held down on the stairs.").waitFor();
  await plain.page.getByLabel("Your answer", { exact: true }).fill("We held somebody down, and that was wrong.");
  await press(plain.page, "Send the answer");
  await plain.page.getByRole("heading", { name: "Something is not right yet" }).waitFor();
  assert.equal(await plain.page.getByLabel("Your answer", { exact: true }).inputValue(), "We held somebody down, and that was wrong.");
  await plain.page.getByLabel("What can this role change, and what not?").fill("I plan who is on the ward.");
  for (const [label, text] of [["What will you do?", "Two people on every stair."], ["Who does it?", "ward manager"], ["How will everybody know?", "The plan hangs in the hall."]] as const) {
    await plain.page.getByLabel(label).first().fill(text);
  }
  await plain.page.getByLabel("By when?").first().fill(new Date(Date.now() + 40 * 86_400_000).toISOString().slice(0, 10));
  await press(plain.page, "Send the answer");
  await plain.page.getByText("We have your answer.", { exact: false }).waitFor();
  await fits("the answer");
  const seen = async (): Promise<string> => (await (await fetch(`${h.demo.url}/c/riverside/accountability`)).text());
  assert.ok(!(await seen()).includes("Two people on every stair."));

  const spoken = await h.open("/clinic", narrow); // with script, for the rules of accessibility
  await enter(spoken.page);
  await accessible(spoken.page, "the clinic's side");
  await spoken.page.getByRole("link", { name: /^Read and answer/ }).click();
  await accessible(spoken.page, "the answer");
  await spoken.page.getByRole("link", { name: "Back to all that was handed over" }).click();
  await spoken.page.getByRole("link", { name: /^Do, or say it is done, by .*: Two people/ }).click();
  await accessible(spoken.page, "the promise");
  if (process.env["SHOTS"] !== undefined) await spoken.page.screenshot({ path: `${process.env["SHOTS"]}/clinic-promise.png`, fullPage: true });
  await spoken.page.getByLabel("What is done, and how can one see it?").fill("The plan hangs there.");
  await tabTo(spoken.page, 'form:has([name="done"]) button');
  await spoken.page.keyboard.press("Enter");
  await spoken.page.getByText("We have it. The panel is to ask", { exact: false }).waitFor();
  await spoken.context.close();

  await promises(anna.page);
  await press(anna.page, "I looked. Let everybody read it");
  await anna.page.getByText("Everybody can read it now.").waitFor();
  assert.ok((await seen()).includes("Two people on every stair."));
  await accessible(anna.page, "the panel's promises");
  if (process.env["SHOTS"] !== undefined) await anna.page.screenshot({ path: `${process.env["SHOTS"]}/panel-promises.png`, fullPage: true });
  await press(anna.page, "It is kept");
  await anna.page.getByText("You have signed. It counts when", { exact: false }).waitFor();
  assert.ok((await seen()).includes("The panel has not said so yet."));
  assert.deepEqual(await keptOnDevice(anna.page), NOTHING_KEPT);
  const id = (await ask<{ promises: { id: string }[] }>(anna.page, "/promises")).promises[0]?.id ?? "";
  const judged = await h.demo.run(["review", "judge", id, "--verdict", "kept", "--server", h.demo.url, "--clinic", "riverside", "--identity", h.demo.identity(BELA)]);
  assert.match(judged, /and so has another/);
  const alarms = anna.page.locator('[data-part="promises-room"] .alarms li');
  await promises(anna.page);
  await anna.page.getByText("Judged: kept.").first().waitFor();
  assert.deepEqual(await alarms.allTextContents(), []);
  await anna.page.route("**/api/v1/panel/c/riverside/promises", async (route) => {
    const answer = await route.fetch();
    await route.fulfill({ response: answer, body: (await answer.text()).replace('"verdict":"kept"', '"verdict":"not_kept"') });
  });
  await promises(anna.page);
  await alarms.first().waitFor();
  const [unlogged = "", hidden = "", ...more] = await alarms.allTextContents();
  assert.ok(unlogged.includes("it is not kept. The public log does not have that") && hidden.includes("it is kept. The public log has that") && more.length === 0, `${unlogged} ${hidden}`);
  await anna.context.close();

  const everybody = await h.open("/c/riverside/accountability", narrow);
  await everybody.page.getByText("Kept.", { exact: true }).waitFor();
  await everybody.page.locator("details.counts > summary").click();
  await tabTo(everybody.page, '[data-module="promises"] button'); // by keyboard, past everything on the page
  await everybody.page.keyboard.press("Enter");
  await everybody.page.getByText("The signatures hold.", { exact: false }).waitFor();
  assert.match(await everybody.page.getByText("Promises whose signatures hold: 1.", { exact: false }).innerText(), /poster/);
  await accessible(everybody.page, "the public page");
  // A server that says more than was signed is found out.
  await everybody.page.route("**/api/v1/c/riverside/promises", async (route) => {
    const response = await route.fetch();
    await route.fulfill({ response, body: (await response.text()).replace(/"round":0/g, '"round":1') });
  });
  await press(everybody.page, "Check the signatures");
  await everybody.page.getByText("The signatures under this do not hold.", { exact: false }).waitFor();
  if (process.env["SHOTS"] !== undefined) await everybody.page.screenshot({ path: `${process.env["SHOTS"]}/promises-phone.png`, fullPage: true });
  assert.deepEqual([everybody.heard, plain.heard.filter((line) => !line.includes("422")), await everybody.context.cookies()], [[], [], []]);
  await everybody.context.close();
  await plain.context.close();
});

test("a change of mind that the server keeps back is looked for in the log before anything goes out, and wishes that forbid counting keep codes sealed", { timeout: 240_000 }, async () => {
  const mailbox = random();
  told["changes"] = await h.demo.post(ANSWERS, undefined, { mailbox, actions: random() });
  await tell("waits", [{ q: "words", a: "zebrafinch, and a wish" }, { q: "share_level", a: "my_words_public" }, { q: "hold_until", a: "wait_until_i_say" }]);
  await tell("objected");
  const names = ["waits", "changes", "objected", "shown"];
  const coders = [await sit(h, ANNA), await sit(h, BELA)];
  for (const name of names) {
    for (const { page } of coders) {
      await take(page, row(name));
      await code(page, ["force"], 1);
      await press(page, "Send it and freeze it");
      await page.locator(".reading").getByText(/The other one is not yet|Side by side/).first().waitFor();
    }
  }
  for (const { page, context } of coders.reverse()) {
    await lookAgain(page);
    for (const name of names) {
      await take(page, row(name));
      await press(page, "Agree and sign");
      await page.locator(".reading").getByText(/Signed\.|A third member looks/).first().waitFor();
    }
    if (page !== coders[1]?.page) await context.close();
  }
  const b64 = (name: string): string => toBase64(Buffer.from(leaf(name), "base64url"));
  const anna = coders[1]?.page ?? assert.fail();
  const counted = (await workOf(anna)).filter((m) => m.coded_in_clear).map((m) => m.leaf);
  assert.deepEqual(names.filter((name) => counted.includes(b64(name))), ["changes", "objected", "shown"], "who said to wait is not counted, whatever the share level");
  await anna.context().close();

  // Checked and decided; then its writer allows less, and the server gives the panel no word of that. The log has it.
  const cleo = await sit(h, CLEO);
  for (const name of ["changes", "objected"]) {
    await take(cleo.page, row(name));
    await cleo.page.locator('input[name="check_form"][value="theme"]').check();
    await cleo.page.locator('input[name="check_guess"][value="no"]').check();
    await press(cleo.page, "Send what I think");
    await press(cleo.page, "Share it so, unless somebody objects");
    await cleo.page.getByRole("button", { name: "I object" }).waitFor();
  }

  // Its writer wished to see it first, was shown the very words and said yes: no others are let through.
  await take(cleo.page, row("shown"));
  assert.equal(await cleo.page.inputValue("#check-words"), SEEN, "the check begins with what they saw");
  await cleo.page.fill("#check-words", "Nurse Quillwort held somebody down.");
  await cleo.page.locator('input[name="check_guess"][value="no"]').check();
  await press(cleo.page, "Send what I think");
  assert.match((await cleo.page.locator(".problems").textContent()) ?? "", /was not shown these very words/);
  await accessible(cleo.page, "words that the writer was not shown");
  await cleo.page.fill("#check-words", SEEN);
  await press(cleo.page, "Send what I think");
  await cleo.page.getByText("their yes is to these words", { exact: false }).waitFor();
  await press(cleo.page, "Share it so, unless somebody objects");
  await cleo.page.getByRole("button", { name: "I object" }).waitFor();
  await cleo.context.close();

  // Nobody objects without a reason. Who has a part in it decides anew.
  const bela = await sit(h, BELA);
  await bela.page.locator(row("objected")).click();
  await press(bela.page, "I object");
  await bela.page.locator(".problems").waitFor();
  await accessible(bela.page, "an objection without a reason");
  await bela.page.fill("#object-why", "Everybody on the ward would know who that was.");
  const kept = bela.page.waitForResponse((r) => r.request().method() === "POST" && r.url().endsWith("/reviews"));
  await press(bela.page, "Lock");
  await kept;
  await bela.page.reload();
  await signIn(bela.page, h.demo.identity(BELA));
  await bela.page.locator(row("objected")).click();
  await bela.page.locator("#object-why").waitFor();
  assert.equal(await bela.page.inputValue("#object-why"), "Everybody on the ward would know who that was.");
  // A second press while it is on its way is said, and sends nothing twice.
  let go = (): void => { /* set below */ };
  const gate = new Promise<void>((resolve) => { go = resolve; });
  let objections = 0;
  await bela.page.route("**/panel/c/*/reviews", async (route) => {
    if ((route.request().postData() ?? "").includes('"sharing"')) objections++;
    await gate;
    await route.fallback();
  });
  await press(bela.page, "I object");
  await press(bela.page, "I object");
  assert.match(await alertOf(bela.page), /the step before is still under way/);
  go();
  await bela.page.waitForFunction(() => document.querySelector('[data-part="status"]')?.textContent === "Sent. Nothing of it goes out without a new decision.");
  await bela.page.locator("#decide-why").waitFor();
  assert.equal(objections, 1);
  await bela.page.unroute("**/panel/c/*/reviews");
  await bela.page.getByText("Everybody on the ward would know who that was.").waitFor(); // whoever decides anew reads why
  await accessible(bela.page, "a decision that somebody objects to");
  await bela.page.fill("#decide-why", "Too few people work there.");
  await press(bela.page, "Keep it with the panel");
  await bela.page.locator(row("objected"), { hasText: "Stays with the panel" }).waitFor();
  await accessible(bela.page, "a message that stays with the panel");
  await bela.context.close();
  h.demo = await h.demo.again("--days-ahead", "6");
  const less = await h.demo.post([], undefined, { t: "consent", mailbox, thread: leaf("changes"), share_level: "panel_only", ask_me_first: false, hold: "now", hide: [] });
  await h.demo.told();
  const hidden = toBase64(Buffer.from(less, "base64url"));
  let withheld = true;
  const without = async (route: Route, of: "files" | "messages"): Promise<void> => {
    const response = await route.fetch();
    const body = (await response.json()) as Record<"files" | "messages", { leaf: string }[]>;
    const is = (f: { leaf: string }): boolean => (f.leaf.includes("\n") ? toBase64(leafHash(f.leaf)) : f.leaf) === hidden;
    await route.fulfill({ response, json: withheld ? { ...body, [of]: body[of].filter((f) => !is(f)) } : body });
  };
  const last = await sit(h, CLEO, { prepare: async (p) => {
    await p.route("**/files?after=*", (route) => without(route, "files"));
    await p.route("**/epochs/*/work", (route) => without(route, "messages"));
  } });
  await take(last.page, row("changes"));
  await press(last.page, "Put it in the clear now");
  assert.match(await alertOf(last.page), /The public log names one message that your browser was not given\. It may take this back, so nothing goes out/);
  assert.deepEqual((await ask<{ findings: { leaf: string }[] }>(last.page, "/findings")).findings.filter((f) => f.leaf === b64("changes")), []);
  // Nor where the log itself is not given. What is taken back needs no log: the count goes as soon as the change is here.
  await last.page.route("**/log/checkpoint", (route) => route.abort());
  await press(last.page, "Put it in the clear now");
  await last.page.waitForFunction(() => /The public log could not be read/.test(document.querySelector('[data-part="alert"]')?.textContent ?? ""));
  withheld = false;
  await lookAgain(last.page);
  assert.match((await last.page.locator(".queue .note").allTextContents()).join("\n"), /taken out of the numbers/);
  assert.ok(!(await workOf(last.page)).some((m) => m.coded_in_clear && m.leaf === b64("changes")));
  await last.page.unroute("**/log/checkpoint");
  await lookAgain(last.page);
  await take(last.page, row("shown"));
  await press(last.page, "Put it in the clear now");
  await last.page.locator(row("shown"), { hasText: "Under Promises you see" }).waitFor();
  assert.deepEqual((await ask<{ findings: { leaf: string; words: string }[] }>(last.page, "/findings")).findings.filter((f) => f.leaf === b64("shown")).map((f) => f.words), [SEEN]);
  await last.context.close();
});

test("a writer who allows less afterwards: what the clinic was given is taken back at the next sign-in, and the page says so", async () => {
  await h.demo.post([], undefined, { t: "consent", mailbox: MAILBOX, thread: leaf("first"), share_level: "panel_only", ask_me_first: false, hold: "now", hide: [] });
  // Leaf hashes are public: a change from another mailbox changes nothing, whatever message it names.
  const stray = await h.demo.post([], undefined, { t: "consent", mailbox: random(), thread: leaf("other"), share_level: "my_words_public", ask_me_first: false, hold: "now", hide: [] });
  await h.demo.told();
  const { context, page } = await sit(h, BELA);
  const notes = (await page.locator(".queue .note").allTextContents()).join("\n");
  assert.match(notes, /A writer allows less now\. What lay in the clear of that message, for the clinic, was taken back/);
  assert.match(notes, /taken out of the numbers/);
  assert.deepEqual((await ask<{ findings: { leaf: string }[] }>(page, "/findings")).findings.filter((f) => f.leaf === toBase64(Buffer.from(leaf("first"), "base64url"))), []);
  await page.locator(rowOf(stray)).click();
  await press(page, "Nothing ties me to it: I look at it");
  await page.getByText("A writer changed what may be done", { exact: false }).first().waitFor();
  await accessible(page, "a change that stands beside");
  await take(page, row("first"));
  assert.match((await page.locator(".allowed").textContent()) ?? "", /This writer came back once/);
  await take(page, row("other"));
  assert.equal(await page.locator(".allowed").count(), 0);
  await context.close();
});

test("of two who take the last seat at once one gets a clear answer, and is given no word", async () => {
  await tell("seat", [...ANSWERS, { q: "ask_me_first", a: "show_me_before_sharing" }], (await derive(newReceipt(), "words.example")).replyRecipient);
  const [anna, bela, cleo] = [await sit(h, ANNA), await sit(h, BELA, { prepare: listen }), await sit(h, CLEO)];
  await bela.page.locator(row("seat")).click(); // sees a seat that is left
  await bela.page.getByRole("button", { name: "I step back" }).waitFor();
  await take(anna.page, row("seat"));
  await take(cleo.page, row("seat"));
  await press(bela.page, "Nothing ties me to it: I take it");
  assert.match(await alertOf(bela.page), /Somebody else has this part already/);
  assert.ok(!(await carried(bela.page)).includes("zebrafinch"));
  await press(cleo.page, "Hand this back");
  await cleo.page.getByText("Nobody is told why", { exact: false }).waitFor();
  await take(bela.page, row("seat"));
  for (const { context } of [anna, bela, cleo]) await context.close();
});

test("who steps back is never given that file again, nor what its writer sends later; with fewer than two left the page says what to do", async () => {
  const mailbox = random();
  told["close"] = await h.demo.post(ANSWERS, undefined, { mailbox, actions: random() });
  await h.demo.told();
  const { context, page } = await sit(h, BELA);
  await page.locator(row("close")).click();
  await press(page, "I step back");
  await accessible(page, "the question before stepping back");
  await press(page, "No, go back");
  await press(page, "I step back");
  await page.route("**/panel/c/*/recusals", (route) => route.abort(), { times: 1 });
  await press(page, "Yes, I step back for good");
  assert.match(await alertOf(page), /The server does not answer/);
  await press(page, "Yes, I step back for good"); // and what they keep of it, to know its writer by, goes along still
  await page.getByText("You have stepped back").waitFor();
  await accessible(page, "a message that was stepped back from");
  assert.equal(await page.locator(row("close")).count(), 0);
  const later = await h.demo.post([{ q: "words", a: "and more zebrafinch" }], undefined, { t: "followup", mailbox, thread: leaf("close"), actions: random() });
  await h.demo.told();
  await lookAgain(page);
  assert.equal(await page.locator(rowOf(later)).count(), 0);
  await context.close();

  // It names another message, so only the receipt tells whose it is; and that is known in a new sign-in by the sealed reminder alone.
  const named = await h.demo.post([{ q: "words", a: "a third zebrafinch" }], undefined, { t: "followup", mailbox, thread: leaf("first"), actions: random() });
  await h.demo.told();
  const without = await sit(h, BELA, { prepare: (p) => p.route("**/panel/c/*/recusals", async (route) => {
    const response = await route.fetch();
    const { recusals } = (await response.json()) as { recusals: object[] };
    await route.fulfill({ response, json: { recusals: recusals.map((r) => ({ ...r, reminder: null })) } });
  }) });
  assert.equal(await without.page.locator(rowOf(named)).count(), 1, "without the reminder nothing ties it");
  await without.context.close();

  let came: ReturnType<typeof given> | undefined;
  const again = await sit(h, BELA, { prepare: async (p) => { came = given(p); await listen(p); } });
  assert.equal(await again.page.locator(rowOf(named)).count(), 0, "the reminder ties it");
  const { recusals } = await ask<{ recusals: Given[] }>(again.page, "/recusals");
  assert.ok(recusals.map(leafOf).includes(named), "and their browser steps back from it as well");
  await lookAgain(again.page);
  await take(again.page, row("first")); // fetches the whole key
  const { files, messages } = (await came?.()) ?? assert.fail("nothing came");
  const leaves = [...files, ...messages].map(leafOf);
  assert.ok(leaves.includes(leaf("first")) && !leaves.includes(leaf("close")) && !leaves.includes(later));
  assert.equal(await again.page.locator('[data-part="alarms"] li').count(), 0, "their own signature is the gap that the check allows");
  await again.context.close();

  const cleo = await sit(h, CLEO);
  await cleo.page.locator(row("close")).click();
  await press(cleo.page, "I step back");
  await press(cleo.page, "Yes, I step back for good");
  await cleo.page.getByText("You have stepped back").waitFor();
  await cleo.context.close();
  const anna = await sit(h, ANNA);
  assert.match((await anna.page.locator(row("close")).textContent()) ?? "", /Ask a partner panel/);
  await accessible(anna.page, "too few who are left");
  await anna.context.close();
});

test("a server that invents a step back is found out", async () => {
  const { context, page } = await sit(h, BELA, {
    prepare: async (p) => {
      await p.route("**/panel/c/*/recusals", async (route) => {
        if (route.request().method() === "POST") { await route.continue(); return; }
        const response = await route.fetch();
        const { recusals } = (await response.json()) as { recusals: { leaf: string; signature: string }[] };
        await route.fulfill({ response, json: { recusals: [...recusals, { leaf: toBase64(Buffer.from(leaf("seat"), "base64url")), signature: recusals[0]?.signature ?? "" }] } });
      });
      await p.route("**/reviews?after=*", async (route) => {
        const response = await route.fetch();
        const page = (await response.json()) as { files: { leaf: string }[]; next: string };
        await route.fulfill({ response, json: { ...page, files: page.files.filter((f) => f.leaf !== toBase64(Buffer.from(leaf("seat"), "base64url"))) } });
      });
    },
  });
  assert.match((await page.locator('[data-part="alarms"]').textContent()) ?? "", /one more message was told under key .* and the server does not give it/);
  await context.close();
});

test("a server that shows one member an older log than the others signed to have seen is found out", async () => {
  const { context, page } = await sit(h, CLEO, { prepare: (p) => p.route("**/log/checkpoint", (route) => route.fulfill({ contentType: "text/plain; charset=utf-8", body: oldLog })) });
  assert.match((await page.locator('[data-part="alarms"]').textContent()) ?? "", /r\w{8}(, r\w{8})+ signed to have seen another public log than the one that the server shows you now.*Nothing goes out/);
  await accessible(page, "the alarm about another log");
  await context.close();
});

test("a browser that closes mid-note asks before it loses what is not kept, keeps nothing on the device or in the clear, and shows all of it again", { timeout: 120_000 }, async () => {
  const first = await h.openRecorded("/panel");
  await signIn(first.page, h.demo.identity(BELA));
  await take(first.page, row("seat"));
  await press(first.page, "Back to the list");
  await take(first.page, row("seat"));
  assert.deepEqual(first.recorder.posts("/reviews").filter((r) => r.body.includes('"draft"')), [], "opening alone tells the server nothing");
  await first.page.fill("#case-note", "half a thought, שלום");
  await first.page.locator('input[name="mine_theme.force"][value=yes]').check();
  await first.page.getByText("is kept, sealed to you alone", { exact: false }).waitFor({ timeout: 25_000 });
  await first.page.fill("#case-note", "half a thought, שלום, and its end");
  const [asked, stored] = [first.page.waitForEvent("dialog"), first.page.waitForResponse((r) => r.request().method() === "POST" && r.url().endsWith("/reviews"))];
  await first.page.close({ runBeforeUnload: true }); // only asks
  const question = await asked;
  assert.equal(question.type(), "beforeunload");
  await question.dismiss();
  await stored;
  assert.deepEqual(await keptOnDevice(first.page), NOTHING_KEPT);
  assert.deepEqual(leaks(first.recorder.requests, ["half a thought", "שלום", "mine_theme"]), []);
  await first.context.close();
  const again = await sit(h, BELA);
  await take(again.page, row("seat"));
  await again.page.locator("#case-note").waitFor();
  assert.equal(await again.page.inputValue("#case-note"), "half a thought, שלום, and its end");
  assert.ok(await again.page.locator('input[name="mine_theme.force"][value=yes]').isChecked());
  assert.ok(await again.page.locator('input[name="mine_items"][value="force.held_down"]').isVisible());

  // A step that is stored takes its own words out of the box, and no others.
  await again.page.locator("details.reply summary").click();
  await again.page.fill("#reply-text", "an answer, half done");
  await again.page.locator('input[name="mine_theme.voice"][value=no]').check();
  await press(again.page, "Add the note");
  await again.page.locator(".notes").getByText("and its end", { exact: false }).waitFor();
  assert.deepEqual([await again.page.inputValue("#case-note"), await again.page.inputValue("#reply-text")], ["", "an answer, half done"]);
  assert.ok(await again.page.locator('input[name="mine_theme.voice"][value=no]').isChecked());

  // When the server does not take it, what was typed stays and the page says so.
  await again.page.route("**/panel/c/*/reviews", (route) => route.abort());
  await again.page.fill("#case-note", "not lost");
  await press(again.page, "Add the note");
  assert.match(await alertOf(again.page), /The server does not answer/);
  assert.equal(await again.page.inputValue("#case-note"), "not lost");
  await again.page.getByText("Do not close this page", { exact: false }).waitFor({ timeout: 25_000 });
  await press(again.page, "Lock"); // what the server did not take stays sealed on the page
  assert.equal(await again.page.locator("#case-note").count(), 0);
  await again.page.getByText("It waits here, sealed to you alone", { exact: false }).waitFor();
  await again.page.unroute("**/panel/c/*/reviews");
  const late = again.page.waitForResponse((r) => r.request().method() === "POST" && r.url().endsWith("/reviews"));
  await signIn(again.page, h.demo.identity(BELA));
  await late;
  await take(again.page, row("seat"));
  assert.equal(await again.page.inputValue("#case-note"), "not lost");
  await press(again.page, "Hand this back");
  await again.page.getByText("What you typed about this message goes with it", { exact: false }).waitFor();
  await accessible(again.page, "the question before what was typed goes");
  await press(again.page, "No, go back");

  // Its writer wants to see it first: the clock stands still once the panel says that it asked, and runs when it waits no longer.
  const [clock, looks] = [again.page.locator(`${row("seat")} .clock`).first(), again.page.locator(".reading section", { has: again.page.getByRole("heading", { name: "The writer wants to see it first" }) })];
  assert.doesNotMatch((await clock.textContent()) ?? "", /stands still/);
  await looks.locator("summary").click();
  await press(again.page, "Lock these words and let them wait");
  assert.match((await looks.locator(".problems").textContent()) ?? "", /Choose a form.*Write the words.*what the writer is shown/s);
  await accessible(again.page, "words for the writer that are not filled in");
  await again.page.locator('input[name="first_form"][value="theme"]').check();
  assert.match(await again.page.inputValue("#first-lead"), /say yes.*in nobody's words\.$/s);
  await press(again.page, "Lock these words and let them wait");
  await looks.getByText(/^The clock stands still since .*: the writer looks first\.$/).waitFor();
  assert.match((await clock.textContent()) ?? "", /when the writer has answered\. The clock stands still since /);
  await accessible(again.page, "a clock that stands still");
  await press(again.page, "We wait no longer");
  await looks.getByText(/^The clock stood still from .* to .*, while the writer looked\.$/).waitFor();
  assert.doesNotMatch((await clock.textContent()) ?? "", /when the writer has answered/);
  await again.page.getByText("I sent the writer the words that may go out.", { exact: false }).waitFor(); // for colleagues, among the notes
  await again.context.close();
});

test("a message that its writer takes back while it is open, and one whose key is destroyed, say so", async () => {
  const { receipt, leaf_hash } = JSON.parse(await h.demo.run(["--json", "submit", "--server", h.demo.url, "--clinic", h.demo.clinic], "zebrafinch to be taken back")) as { receipt: string; leaf_hash: string };
  told["back"] = toBase64url(Buffer.from(leaf_hash, "hex"));
  await h.demo.told();
  const { context, page } = await sit(h, ANNA);
  await take(page, row("back"));
  // Taken back just after something about it was stored: the step is done, and the page says that the message is gone.
  const gone = toBase64(Buffer.from(leaf("back"), "base64url"));
  await page.route("**/epochs/*/work", async (route) => {
    const response = await route.fetch();
    const work = (await response.json()) as { messages: Given[]; parts: Given[] };
    await route.fulfill({ response, json: { ...work, messages: work.messages.filter((m) => m.leaf !== gone), parts: work.parts.filter((m) => m.leaf !== gone) } });
  });
  await page.fill("#case-note", "to nobody any more");
  await press(page, "Add the note");
  await page.locator(".reading").getByText(/The writer took this message back/).waitFor();
  assert.equal(await page.textContent('[data-part="status"]'), "Your panel can read the note now. Nobody can change it.");
  assert.equal(await page.locator("#case-note").count() + (await page.locator(row("back")).count()), 0);
  await page.unroute("**/epochs/*/work");
  await lookAgain(page);
  await take(page, row("back"));
  const writer = await h.open("/c/riverside/mailbox");
  await writer.page.getByLabel("Your eight words, or the digits").fill(receipt);
  await press(writer.page, "Open");
  await writer.page.getByLabel("Yes, delete all of it.").check();
  await press(writer.page, "Take everything back");
  await writer.page.getByText(/It is gone. Messages taken back: \d\./).waitFor();
  await writer.context.close();
  await code(page, ["force"], 1);
  await press(page, "Send it and freeze it");
  assert.match(await alertOf(page), /Its writer has taken it back/);
  // It stands there still. A new look puts it away, with all that was typed on it.
  assert.equal(await page.locator("#case-note").count(), 1);
  await lookAgain(page);
  await page.locator(".reading").getByText(/The writer took this message back/).waitFor();
  assert.equal(await page.locator(".reading .words, .reading .typed, #case-note").count(), 0);
  await accessible(page, "a message taken back");
  assert.equal(await page.locator(row("back")).count(), 0);

  // The key is destroyed: its messages are gone, and the key says why.
  await page.route("**/panel/c/*/epochs", async (route) => {
    const response = await route.fetch();
    const body = (await response.json()) as { epochs: { state: string }[] };
    await route.fulfill({ response, json: { ...body, epochs: body.epochs.map((e) => ({ ...e, state: "shredded" })) } });
  });
  await page.route("**/panel/c/*/epochs/*/work", async (route) => {
    const response = await route.fetch();
    await route.fulfill({ response, json: { ...((await response.json()) as object), messages: [], parts: [] } });
  });
  await page.waitForTimeout(3500); // what was just fetched is not fetched again
  await page.locator(row("seat")).click();
  // On a slow machine a draft of this reviewer was kept above: then they have declared.
  const [mine, destroyed] = [page.getByRole("button", { name: "Nothing ties me to it: I take it", exact: true }), page.getByText(/key to these words was destroyed/)];
  await mine.or(destroyed).first().waitFor();
  if (await mine.isVisible()) await mine.click();
  await destroyed.waitFor();

  // The same while it is open: a new look puts it away.
  await page.unroute("**/panel/c/*/epochs");
  await page.unroute("**/panel/c/*/epochs/*/work");
  await lookAgain(page);
  await take(page, row("seat"));
  await page.locator("#case-note").waitFor();
  await page.route("**/panel/c/*/epochs", async (route) => {
    const response = await route.fetch();
    const body = (await response.json()) as { epochs: { files: number }[] };
    await route.fulfill({ response, json: { ...body, epochs: body.epochs.map((e) => (e.files > 0 ? { ...e, state: "shredded", wrap: null, files: 0 } : e)) } });
  });
  await press(page, "Look again");
  await page.locator(".reading").getByText(/key to these words was destroyed/).waitFor();
  assert.equal(await page.locator(".reading .words, .reading .typed, #case-note").count(), 0);
  await context.close();
});

test("a coding from an older list of codes is shown with its own codes, and none of them is dropped", async () => {
  const anna = await sit(h, ANNA);
  await take(anna.page, row("seat"));
  await code(anna.page, ["force"], 2);
  await press(anna.page, "Send it and freeze it");
  await anna.page.getByText("The other one is not yet", { exact: false }).first().waitFor();
  const bela = await sit(h, BELA, {
    prepare: (p) => p.route(`${h.demo.url}/panel`, async (route) => { // the page as it was before: another version, a theme more and one less
      const response = await route.fetch();
      const html = await response.text();
      const older = html.replace(/("codes":\{)"version":"[^"]+","themes":\[/, '$1"version":"0.1.0","themes":[{"code":"leaving","items":[]},').replace(/\{"code":"voice","items":\[[^\]]*\]\},/, "");
      assert.notEqual(older, html);
      await route.fulfill({ response, body: older });
    }),
  });
  await take(bela.page, row("seat"));
  await code(bela.page, ["force", "leaving"], 2);
  await press(bela.page, "Send it and freeze it");
  await bela.page.getByRole("heading", { name: "Side by side" }).waitFor();
  await bela.context.close();
  await lookAgain(anna.page);
  await anna.page.locator(row("seat")).click();
  await anna.page.getByRole("heading", { name: "Side by side" }).waitFor();
  const shown = (await anna.page.locator(".reading").textContent()) ?? "";
  assert.match(shown, /older list of codes \(0\.1\.0\)/);
  assert.match(shown, /leaving/);
  assert.match(shown, /not asked/);
  await press(anna.page, "Agree and sign");
  await anna.page.locator(".reading .note", { hasText: "Signed" }).waitFor();
  assert.match((await anna.page.locator(".beside").textContent()) ?? "", /leaving/);
  await anna.context.close();
});

test("a message that may go nowhere comes to its end; who handed it back takes it again; nobody reads a colleague's notes before coding; and who read it can step back", { timeout: 120_000 }, async () => {
  await tell("private", [{ q: "words", a: "zebrafinch, for you alone" }, { q: "themes", a: "force" }]); // it says nothing of sharing
  const anna = await sit(h, ANNA);
  await take(anna.page, row("private"));
  await press(anna.page, "Hand this back");
  await anna.page.getByText("Nobody is told why", { exact: false }).waitFor();
  await anna.page.locator(row("private")).click();
  await press(anna.page, "Nothing ties me to it: I take it"); // asked again, and taken again
  await anna.page.locator('input[name="mine_theme.force"]').first().waitFor();
  await code(anna.page, ["force"], 2);
  await press(anna.page, "Send it and freeze it");
  await anna.page.getByText("The other one is not yet", { exact: false }).first().waitFor();
  await anna.page.fill("#case-note", "force, clearly a wardrobe");
  await press(anna.page, "Add the note");
  await anna.page.locator(".notes", { hasText: "wardrobe" }).waitFor();

  const bela = await sit(h, BELA, { prepare: listen });
  await take(bela.page, row("private"));
  await bela.page.getByText("What others wrote here you read after", { exact: false }).waitFor();
  assert.ok(!(await carried(bela.page)).includes("wardrobe"), "a colleague's note before the own coding");
  await code(bela.page, ["force"], 2);
  await press(bela.page, "Send it and freeze it");
  await bela.page.locator(".notes", { hasText: "wardrobe" }).waitFor();
  await press(bela.page, "Agree and sign");
  await bela.page.locator(".reading .note", { hasText: "Signed" }).waitFor();
  await bela.context.close();
  await lookAgain(anna.page);
  await anna.page.locator(row("private")).click();
  await press(anna.page, "Agree and sign");
  await anna.page.getByRole("button", { name: "Keep it with the panel" }).waitFor(); // a coder may, too

  const cleo = await sit(h, CLEO);
  await take(cleo.page, row("private"));
  await cleo.page.getByText("nothing of this may go out", { exact: false }).waitFor();
  assert.equal(await cleo.page.getByRole("button", { name: "Send what I think" }).count(), 0);
  await accessible(cleo.page, "a message that may go nowhere");
  await cleo.page.fill("#decide-why", "It is for us alone.");
  await press(cleo.page, "Keep it with the panel");
  await cleo.page.locator(row("private"), { hasText: "Stays with the panel" }).waitFor();
  await cleo.page.getByText("you can take it up again here", { exact: false }).waitFor();
  await accessible(cleo.page, "a message that was kept");
  await cleo.context.close();

  await press(anna.page, "I step back"); // after reading and coding: somebody named in it is close to them
  await press(anna.page, "Yes, I step back for good");
  await anna.page.getByText("You have stepped back").waitFor();
  await anna.context.close();
  const again = await sit(h, ANNA);
  assert.equal(await again.page.locator(row("private")).count(), 0);
  await again.context.close();
});

test("two of the panel set its pace, and not one: a wrong value has its sentence, and after a hard story there is a pause that long", async () => {
  await tell("calm", [{ q: "words", a: "zebrafinch, calm" }]);
  const { context, page } = await sit(h, ANNA);
  const names = await page.locator(".row").count();
  await page.locator("summary", { hasText: "Not these themes" }).click();
  await page.locator('input[value="boundary"]').check();
  assert.equal(await page.locator(row("other")).count(), 0);
  assert.ok((await page.locator(".row").count()) < names);
  await accessible(page, "with a theme avoided");
  await page.locator("summary", { hasText: "How this panel works" }).click();
  await page.getByText("Nobody has changed it yet.").waitFor();
  await accessible(page, "how this panel works");
  const at = (n: number): string[] => ["--json", "--server", h.demo.url, "--clinic", h.demo.clinic, "--identity", h.demo.identity(n)];
  const now = JSON.parse(await h.demo.run(["panel", "settings", ...at(ANNA)])) as { practice: object };
  const propose = async (more: object): Promise<string> => {
    writeFileSync(h.demo.file("settings.json"), JSON.stringify({ ...now, practice: { ...now.practice, ...more } }));
    return (JSON.parse(await h.demo.run(["panel", "settings", "--file", h.demo.file("settings.json"), ...at(ANNA)])) as { id: string }).id;
  };
  await assert.rejects(propose({ sitting: 99 }), /One sitting has 1 to 30 stories/);
  const id = await propose({ sitting: 7, gap: 2, holidays: ["2026-12-24", "2026-12-25"] });
  await lookAgain(page);
  assert.equal((await ask<{ gap: number }>(page, "/practice")).gap, 10, "one of three is not enough");
  await h.demo.run(["panel", "decisions", "--sign", id, ...at(BELA)]);
  await lookAgain(page);
  const fold = page.locator("summary", { hasText: "How this panel works" });
  await fold.click();
  await fold.click(); // unfolded again, it says what holds now
  await page.getByText(/^Changed last by r\w{8}\. It holds since /).waitFor();
  await page.getByText("Days off: 2026-12-24, 2026-12-25").waitFor();

  await page.clock.install();
  await take(page, row("calm"));
  await code(page, ["force"], 3);
  await press(page, "Send it and freeze it");
  await page.getByText("The other one is not yet", { exact: false }).waitFor();
  await tell("next");
  await page.clock.fastForward("00:30");
  await lookAgain(page);
  await page.locator(row("next")).click();
  await page.getByText("Take 2 minutes", { exact: false }).waitFor();
  await accessible(page, "a pause after a hard one");
  assert.equal(await page.getByRole("button", { name: "Nothing ties me to it: I take it" }).count(), 0);
  await page.clock.fastForward("02:00");
  await take(page, row("next"));
  await press(page, "Hand this back");
  await page.getByText("Nobody is told why", { exact: false }).waitFor();
  await accessible(page, "a message that was handed back");
  await context.close();
});

test("a story is taken, coded and sent by keyboard alone", { timeout: 120_000 }, async () => {
  const { context, page } = await sit(h, BELA);
  await page.locator(row("calm")).focus();
  await page.keyboard.press("o");
  await page.locator(".reading h2").waitFor();
  await tabTo(page, ".reading .buttons .button:not(.second)");
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: "What was told" }).waitFor();
  await tabTo(page, "#case-note");
  await page.keyboard.type("jkoc?"); // letters here, and no keys of the page
  assert.equal(await page.inputValue("#case-note"), "jkoc?");
  const themes = await page.locator('[name^="mine_theme."][value=yes]').evaluateAll((all) => all.map((i) => (i as HTMLInputElement).name));
  for (const name of themes) {
    await tabTo(page, `[name="${name}"]`);
    await page.keyboard.press(name === "mine_theme.force" ? "Space" : "ArrowDown"); // yes, or no beside it
  }
  await tabTo(page, '[name="mine_seriousness"]');
  await page.keyboard.press("Space");
  await page.keyboard.press("ArrowDown");
  assert.equal(await page.locator("[name=mine_seriousness]:checked").inputValue(), "1");
  await tabTo(page, ".coding-form + .button");
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: "Side by side" }).waitFor();
  assert.match((await page.locator(".reading").textContent()) ?? "", /do not agree yet/); // the other coder found it graver
  await accessible(page, "two who do not agree");
  await page.keyboard.press("c");
  await page.locator(".reading h2").waitFor({ state: "detached" });
  assert.equal(await page.evaluate(() => (document.activeElement as HTMLElement).dataset["leaf"]), leaf("calm"));
  await context.close();
});

test("whoever presses around while a message is fetched sees the last one, and nothing after it was put away; and what cannot be kept says why", { timeout: 120_000 }, async () => {
  await tell("swap", ANSWERS, (await derive(newReceipt(), "words.example")).replyRecipient);
  await tell("swapped", [{ q: "words", a: "zebrafinch, the other of two" }]);
  const { context, page } = await sit(h, CLEO);
  await page.locator(row("calm")).click(); // two differ on it, and she would be the third
  await press(page, "Nothing ties me to it: I take it");
  await page.getByRole("heading", { name: "What was told" }).waitFor();
  await accessible(page, "a message that a third reads");
  await press(page, "Hand this back");
  await page.getByText("Nobody is told why", { exact: false }).waitFor();
  await take(page, row("swap"));
  await page.locator("details.reply summary").click();
  await accessible(page, "the box for an answer");
  await take(page, row("swapped"));
  await press(page, "Back to the list");

  let open = (): void => { /* set at each gate */ };
  let [held, gated] = [0, true];
  await page.route("**/epochs/*/work", async (route) => {
    held++;
    if (gated) await new Promise<void>((resolve) => { const before = open; open = () => { before(); resolve(); }; });
    await route.fallback();
  });
  const isHeld = async (): Promise<void> => { for (let n = 0; held === 0; n++) { assert.ok(n < 500, "nothing was asked for"); await new Promise((after) => setTimeout(after, 20)); } };
  const letGo = (): void => { held = 0; open(); open = () => { /* set at each gate */ }; };
  await page.clock.install();
  const stale = (): Promise<void> => page.clock.runFor(4000); // what was just fetched is not fetched again
  await page.clock.fastForward("05:00"); // a clock that was put in begins at nothing, and what was fetched is of before
  await page.locator(row("swap")).click();
  await isHeld();
  await page.locator(row("swapped")).click();
  letGo();
  const drawn = page.locator(".reading h2");
  await page.waitForFunction(() => document.querySelector(".reading #case-note") !== null || document.querySelector("[data-part=alert]")?.textContent !== "");
  const settle = async (): Promise<void> => { for (let n = 0; n < 5; n++) { letGo(); await page.clock.runFor(100); } };
  await settle();
  await drawn.waitFor();
  assert.equal(await page.locator("details.reply").count(), 0, "the first of two is drawn over the last");
  assert.equal(await page.evaluate(() => document.querySelector<HTMLElement>("[aria-current]")?.dataset["leaf"]), leaf("swapped"));

  // Closed while it is on its way: nothing is drawn.
  await stale();
  held = 0;
  await page.locator(row("swap")).click();
  await isHeld();
  await page.keyboard.press("c");
  await settle();
  assert.equal(await drawn.count(), 0);
  gated = false;
  await take(page, row("swapped"));

  // Too long, and signed out: each says why.
  await page.fill("#case-note", "x".repeat(20_000));
  await page.clock.runFor(6000);
  await page.getByText("is too long together, here and elsewhere", { exact: false }).waitFor();
  await page.fill("#case-note", "short");
  await page.route("**/panel/c/*/reviews", (route) => route.fulfill({ status: 401, contentType: "application/problem+json", body: JSON.stringify({ type: "signed-out", title: "You are signed out", status: 401 }) }));
  await page.clock.runFor(6000);
  await page.getByText("because you were signed out", { exact: false }).waitFor();
  await page.unroute("**/panel/c/*/reviews");
  await page.clock.runFor(6000);
  await page.getByText("What you typed is kept", { exact: false }).waitFor();

  await context.close();
});

test("who is removed mid-coding is given nothing more, and their seat is free again", async () => {
  const at = ["--server", h.demo.url, "--clinic", h.demo.clinic, "--json", "--identity"];
  const bela = await sit(h, BELA);
  await take(bela.page, row("next"));
  const id = (await bela.page.textContent('[data-part="reviewer"]')) ?? "";
  await h.demo.run(["panel", "remove", "--reviewer", id, ...at, h.demo.identity(ANNA)]);
  const { list } = JSON.parse(await h.demo.run(["panel", "manifest", "draft", ...at, h.demo.identity(CLEO)])) as { list: string };
  await h.demo.run(["panel", "manifest", "sign", "--list", list, ...at, h.demo.identity(CLEO)]);
  await code(bela.page, ["force"], 1);
  await press(bela.page, "Send it and freeze it");
  assert.match(await alertOf(bela.page), /panel/);
  await bela.context.close();
  const [anna, cleo] = [await sit(h, ANNA), await sit(h, CLEO)];
  for (const { page } of [anna, cleo]) {
    await take(page, row("next")); // Anna had handed it back
    await page.locator('input[name="mine_theme.force"]').first().waitFor();
  }
  assert.ok(!(await cleo.page.locator(".queue table").textContent())?.includes(id));
  for (const { context } of [anna, cleo]) await context.close();
});
