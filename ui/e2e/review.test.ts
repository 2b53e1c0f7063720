/** The panel's work: three reviewers in three browsers, from the queue to a finding, and what goes wrong on the way. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Page } from "playwright-core";
import { toBase64, toBase64url } from "../src/encoding.js";
import type { Answer } from "../src/pad.js";
import { house, keptOnDevice, NOTHING_KEPT, tabTo, violations } from "./browser.js";
import { alertOf, code, lookAgain, press, rowOf, sit, take } from "./desk.js";

const [ANNA, BELA, CLEO] = [0, 1, 2] as const;
const STORY = "zebrafinch-7431 held me down. It was on the marmalade stairs. I said stop.";
const ANSWERS: Answer[] = [
  { q: "words", a: STORY }, { q: "themes", a: "force" }, { q: "items", a: "force.held_down" }, { q: "impact", a: "lasting" }, { q: "service", a: "crisis_house" },
  { q: "roles", a: "nurse" }, { q: "when", a: "this_month" }, { q: "still_going", a: "yes" },
  { q: "share_level", a: "panel_summary_to_clinic" }, { q: "must_not", a: "do_not_call_police" }, { q: "hide", a: "the_date" },
];
const random = (): string => toBase64url(crypto.getRandomValues(new Uint8Array(32)));
const MAILBOX = random();

/** Leaves of what is told, by a name for each. */
const told: Record<string, string> = {};

const h = house(0, async (demo) => {
  told["first"] = await demo.post(ANSWERS, undefined, { mailbox: MAILBOX, actions: random() });
  told["other"] = await demo.post([{ q: "words", a: "zebrafinch, a second one" }, { q: "themes", a: "boundary" }, { q: "items", a: "boundary.sexual_touch" }]);
  await demo.told(); // waits for the batch
});
const leaf = (name: string): string => told[name] ?? assert.fail(name);
const row = (name: string): string => rowOf(leaf(name));

async function tell(name: string, answers: Answer[] = ANSWERS): Promise<void> {
  told[name] = await h.demo.post(answers, undefined, { mailbox: random(), actions: random() });
  await h.demo.told();
}

async function accessible(page: Page, where: string): Promise<void> {
  assert.deepEqual(await violations(page), [], where);
  const wide = await page.evaluate(() => document.documentElement.scrollWidth > document.documentElement.clientWidth);
  assert.ok(!wide, `${where} is wider than the window`);
}

/** Keeps all that the worker says to the page. */
const listen = (page: Page): Promise<void> => page.addInitScript(() => {
  const carried: string[] = [];
  (globalThis as unknown as { carried: string[] }).carried = carried;
  const add = Object.getOwnPropertyDescriptor(EventTarget.prototype, "addEventListener")?.value as typeof EventTarget.prototype.addEventListener;
  Worker.prototype.addEventListener = function (this: Worker, ...args: Parameters<typeof add>) {
    if (args[0] === "message") add.call(this, "message", (event) => { carried.push(JSON.stringify((event as MessageEvent).data)); });
    add.apply(this, args);
  } as typeof Worker.prototype.addEventListener;
});
const carried = (page: Page): Promise<string> => page.evaluate(() => (globalThis as unknown as { carried: string[] }).carried.join("\n"));

/** What the panel's server says to this reviewer's browser. */
const ask = <T>(page: Page, path: string): Promise<T> => page.evaluate(async (p) => (await fetch(`/api/v1/panel/c/riverside${p}`)).json() as unknown, path) as Promise<T>;

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
  assert.match((await anna.page.locator(".impact").textContent()) ?? "", /It still hurts my life/);
  await press(anna.page, "Send it and freeze it");
  assert.match((await anna.page.locator(".problems").textContent()) ?? "", /12 more themes.*how grave/s);
  await accessible(anna.page, "the coding form with faults");
  await code(anna.page, ["force"], 3);
  await anna.page.locator('input[name="mine_items"][value="force.held_down"]').check();
  await press(anna.page, "Send it and freeze it");
  await anna.page.getByText("The other one is not yet", { exact: false }).first().waitFor();

  const bela = await sit(h, BELA, { prepare: listen });
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
  const { leaf: coded } = { leaf: (await ask<{ messages: { leaf: string; coded_in_clear: boolean }[] }>(bela.page, `/epochs/${await epochOf(bela.page)}/work`)).messages };
  assert.ok(coded.every((m) => !m.coded_in_clear), "codes in the clear before two agree");

  await anna.page.locator(row("first")).click();
  await anna.page.getByText("Another of you has signed this", { exact: false }).waitFor();
  await accessible(anna.page, "the agreement, at 320 px");
  await press(anna.page, "Agree and sign");
  await anna.page.getByText("A third member looks", { exact: false }).first().waitFor();
  const work = await ask<{ messages: { leaf: string; coded_in_clear: boolean }[] }>(anna.page, `/epochs/${await epochOf(anna.page)}/work`);
  assert.deepEqual(work.messages.filter((m) => m.coded_in_clear).map((m) => m.leaf), [toBase64(Buffer.from(leaf("first"), "base64url"))]);
  const codes = (await ask<{ acts: { code: string }[] }>(anna.page, "/acts")).acts.map((a) => a.code);
  assert.ok(codes.includes("assessed"));
  assert.equal(codes.filter((c) => c === "received").length, work.messages.length, "each file is marked as received, the empty ones too");

  const cleo = await sit(h, CLEO);
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
  assert.equal(await cleo.page.getByRole("button", { name: "Give it to the clinic now" }).count(), 0);
  for (const { page, context, heard } of [anna, bela, cleo]) {
    assert.deepEqual(await keptOnDevice(page), NOTHING_KEPT);
    assert.deepEqual(heard, []);
    await context.close();
  }

  h.demo = await h.demo.again("--days-ahead", "3"); // two whole days later
  const later = await sit(h, ANNA);
  await take(later.page, row("first"));
  await press(later.page, "Give it to the clinic now");
  await later.page.locator(row("first"), { hasText: "Given to the clinic" }).waitFor();
  const { findings } = await ask<{ findings: { form: string; words: string; themes: string[] }[] }>(later.page, "/findings");
  assert.deepEqual(findings.map(({ form, words, themes }) => [form, words, themes]), [["paraphrase", "Somebody was held down on the stairs.", ["force", "voice"]]]);
  assert.ok((await ask<{ acts: { code: string }[] }>(later.page, "/acts")).acts.some((a) => a.code === "closed"));
  await later.context.close();
});

const epochOf = async (page: Page): Promise<string> => (await ask<{ epochs: { id: string; files: number }[] }>(page, "/epochs")).epochs.find((e) => e.files > 0)?.id ?? "";

test("a writer who allows less afterwards: what the clinic was given is taken back at the next sign-in, and the page says so", async () => {
  await h.demo.post([], undefined, { t: "consent", mailbox: MAILBOX, thread: leaf("first"), share_level: "panel_only", ask_me_first: false, hold: "now", hide: [] });
  // Leaf hashes are public: a change from another mailbox changes nothing, whatever message it names.
  await h.demo.post([], undefined, { t: "consent", mailbox: random(), thread: leaf("other"), share_level: "my_words_public", ask_me_first: false, hold: "now", hide: [] });
  await h.demo.told();
  const { context, page } = await sit(h, BELA);
  const notes = (await page.locator(".queue .note").allTextContents()).join("\n");
  assert.match(notes, /A writer allows less now\. What the clinic was given of that message was taken back/);
  assert.match(notes, /taken out of the numbers/);
  assert.deepEqual((await ask<{ findings: unknown[] }>(page, "/findings")).findings, []);
  await take(page, row("first"));
  assert.match((await page.locator(".allowed").textContent()) ?? "", /This writer came back once/);
  await take(page, row("other"));
  assert.equal(await page.locator(".allowed").count(), 0);
  await context.close();
});
