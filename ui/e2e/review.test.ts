/** The panel's work: three reviewers in three browsers, from the queue to a finding, to what the clinic says to it, and to a writer's change of mind. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Page, Route } from "playwright-core";
import { toBase64 } from "../src/encoding.js";
import { leafHash } from "../src/leaf.js";
import { derive, newReceipt } from "../src/receipt.js";
import { CASE, STAGES } from "../src/panel/casewords.js";
import { accessible, house, keptOnDevice, NOTHING_KEPT, tabTo } from "./browser.js";
import { alertOf, code, lookAgain, press, rowOf, signIn, sit, take } from "./desk.js";
import { ANNA, ANSWERS, BELA, CLEO, messages, random } from "./messages.js";
import { ask, carried, given, leafOf, listen, type Given } from "./overheard.js";

/** What one writer is shown first. */
const SEEN = "Somebody was held down on the stairs.";
const MAILBOX = random();

const h = house(0, async (demo) => {
  told["first"] = await demo.post(ANSWERS, undefined, { mailbox: MAILBOX, actions: random() });
  told["other"] = await demo.post([{ q: "words", a: "zebrafinch, a second one" }, { q: "themes", a: "boundary" }, { q: "items", a: "boundary.sexual_touch" }]);
  await demo.told(); // waits for the batch
});
const { told, leaf, row, tell } = messages(h);

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
  await code(anna.page, ["force"], 1);
  await anna.page.locator('input[name="mine_items"][value="force.held_down"]').check();
  await press(anna.page, "Send it and freeze it");
  await anna.page.getByText("The other one is not yet", { exact: false }).first().waitFor();
  await accessible(anna.page, "one reading that waits for the other");
  await anna.page.getByText("Nobody reads this with you yet", { exact: false }).first().waitFor();
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
  assert.ok(!(await carried(bela.page)).includes('"seriousness":1'), "the other coding comes before both are in");
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
  const early = await sit(h, CLEO); // sees that two differ
  await early.page.locator(row("first")).click();
  await early.page.locator(".reading").getByText(CASE.lastOther).first().waitFor();

  await anna.page.locator(row("first")).click();
  await anna.page.getByText("Another of you has signed this", { exact: false }).first().waitFor();
  await anna.page.getByText(/Do not stay alone with it: r\w{8} reads it too/).first().waitFor();
  assert.equal(await anna.page.inputValue("#case-alone"), "it weighs on me like a wardrobe");
  assert.ok(!(await carried(bela.page)).includes("wardrobe"), "a note to oneself is given to nobody else");
  await accessible(anna.page, "the agreement, at 320 px");
  await press(anna.page, "Agree and sign");
  await anna.page.getByText("A third member looks", { exact: false }).first().waitFor();
  assert.equal(await anna.page.textContent('[data-part="status"]'), CASE.bothSigned);
  await press(early.page, CASE.clear); // on a list of before
  assert.equal(await alertOf(early.page), CASE.otherNow);
  await early.page.locator(".reading").getByText(STAGES.agreed).first().waitFor();
  assert.equal(await early.page.getByText(CASE.lastOther).count(), 0, "she would read what is agreed already, and nobody could look");
  await early.context.close();
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
  assert.match(marks, /Only this message at hand came that month and names that service/);
  assert.match(marks, /came that month, names that service( and “[^”]+”)?, and is about “Force and being locked up”/);
  await accessible(cleo.page, "the check");
  assert.equal(await cleo.page.locator('input[name="check_form"][value="quote"]').count(), 0);
  assert.match((await cleo.page.locator("#check-form").textContent()) ?? "", /did not allow this much/);
  await cleo.page.locator('input[name="check_guess"][value="no"]').check();
  await press(cleo.page, "Send what I think");
  const refused = (await cleo.page.locator(".problems").textContent()) ?? "";
  assert.match(refused, /does not allow their own words to go out. Say this in other words: “held me down. It was on the/);
  await cleo.page.fill("#check-words", "Somebody was held down on the stairs.");
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
  const posted = (path: string, of = ""): Promise<unknown> => bela.page.waitForResponse((r) => r.request().method() === "POST" && r.url().endsWith(path) && (r.request().postData() ?? "").includes(of));
  const [answered, noted] = [posted("/replies"), posted("/reviews", '"note"')];
  await press(bela.page, "Lock these words and let them wait");
  await answered;
  await noted; // the panel reads of it once it went
  await press(bela.page, "Back to the list");
  await take(bela.page, row("shown"));
  await bela.page.getByText(/showed the writer this on/).first().waitFor();
  await accessible(bela.page, "words that the writer is shown");
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
  await anna.page.getByText("The clinic has until", { exact: false }).first().waitFor();
  const inFocus = (): Promise<string> => anna.page.evaluate(() => document.activeElement?.tagName ?? "");
  await anna.page.waitForFunction(() => document.activeElement !== document.body);
  assert.equal(await inFocus(), "H4", "what was pressed is gone, and the focus with it");

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
    await page.getByText("You speak as: ward manager.").first().waitFor();
  };
  await enter(plain.page);
  await fits("the clinic's side");
  await plain.page.getByRole("link", { name: /^Answer: Finding of/ }).click();
  await plain.page.locator("p.told", { hasText: "Somebody was held down on the stairs." }).waitFor();
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
  await plain.page.getByText("We have your answer.", { exact: false }).first().waitFor();
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
  await spoken.page.getByText("We have it. The panel is to ask", { exact: false }).first().waitFor();
  await spoken.context.close();

  await promises(anna.page);
  await press(anna.page, "I looked. Let everybody read it");
  await anna.page.getByText("Everybody can read it now.").first().waitFor();
  assert.ok((await seen()).includes("Two people on every stair."));
  await accessible(anna.page, "the panel's promises");
  if (process.env["SHOTS"] !== undefined) await anna.page.screenshot({ path: `${process.env["SHOTS"]}/panel-promises.png`, fullPage: true });
  await press(anna.page, "It is kept");
  await anna.page.getByText("You have signed. It counts when", { exact: false }).first().waitFor();
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
  await everybody.page.getByText("Kept.", { exact: true }).first().waitFor();
  await everybody.page.locator("details.counts > summary").click();
  await tabTo(everybody.page, '[data-module="promises"] button'); // by keyboard, past everything on the page
  await everybody.page.keyboard.press("Enter");
  await everybody.page.getByText("The signatures hold.", { exact: false }).first().waitFor();
  assert.match(await everybody.page.getByText("Promises whose signatures hold: 1.", { exact: false }).innerText(), /poster/);
  await accessible(everybody.page, "the public page");
  // A server that says more than was signed is found out.
  await everybody.page.route("**/api/v1/c/riverside/promises", async (route) => {
    const response = await route.fetch();
    await route.fulfill({ response, body: (await response.text()).replace(/"round":0/g, '"round":1') });
  });
  await press(everybody.page, "Check the signatures");
  await everybody.page.getByText("The signatures under this do not hold.", { exact: false }).first().waitFor();
  if (process.env["SHOTS"] !== undefined) await everybody.page.screenshot({ path: `${process.env["SHOTS"]}/promises-phone.png`, fullPage: true });
  assert.deepEqual([everybody.heard, plain.heard.filter((line) => !line.includes("422")), await everybody.context.cookies()], [[], [], []]);
  await everybody.context.close();
  await plain.context.close();
});

/** Cleo sends another check from a second window; the first signs nothing over the old one, keeps what is typed, and draws it anew. */
async function looksAgainElsewhere(page: Page): Promise<void> {
  await page.fill("#decide-why", "perhaps not");
  const other = await sit(h, CLEO);
  await other.page.locator(row("objected")).click();
  await other.page.locator('input[name="check_guess"][value="no"]').check();
  await press(other.page, "Send what I think");
  await other.page.locator('[data-part="status"]', { hasText: "somebody looks at them again" }).waitFor();
  await other.context.close();
  const sent: string[] = [];
  page.on("request", (r) => { if ((r.postData() ?? "").includes('"sharing"')) sent.push(r.url()); });
  await press(page, "Share it so, unless somebody objects");
  assert.match(await alertOf(page), /Something has changed since you opened this/);
  await page.locator("#decide-why").waitFor();
  assert.deepEqual([await page.inputValue("#decide-why"), sent], ["perhaps not", []]);
}

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
    if (name === "objected") await looksAgainElsewhere(cleo.page);
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
  await cleo.page.getByText("their yes is to these words", { exact: false }).first().waitFor();
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
  await bela.page.getByText("Everybody on the ward would know who that was.").first().waitFor(); // whoever decides anew reads why
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
