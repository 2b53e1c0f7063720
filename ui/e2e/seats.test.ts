/** The panel's work on one message: who has a seat in it, who steps back, what a server hides, and what becomes of what is typed on it. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Page } from "playwright-core";
import { toBase64, toBase64url } from "../src/encoding.js";
import { derive, newReceipt } from "../src/receipt.js";
import { accessible, house, keptOnDevice, NOTHING_KEPT, WAITED } from "./browser.js";
import { alertOf, code, lookAgain, press, rowOf, signIn, sit, take } from "./desk.js";
import { ANNA, ANSWERS, BELA, CLEO, messages, random } from "./messages.js";
import { ask, carried, given, leafOf, listen, type Given } from "./overheard.js";
import { leaks } from "./recorder.js";

/** What the log's server signed when hardly anything was told. */
let oldLog = "";

const h = house(0, async (demo) => {
  told["first"] = await demo.post(ANSWERS, undefined, { mailbox: random(), actions: random() });
  await demo.told(); // waits for the batch
  oldLog = await (await fetch(`${demo.url}/log/checkpoint`)).text();
});
const { told, leaf, row, tell } = messages(h);

/** What the page says beside what somebody works at, and whether that and what has the focus lie in the window, at least in part. */
const beside = (page: Page): Promise<{ said: string[]; seen: boolean[] }> => page.evaluate(() => {
  const copies = Array.from(document.querySelectorAll(".nearby"));
  const inWindow = (e: Element): boolean => e.getBoundingClientRect().top < window.innerHeight && e.getBoundingClientRect().bottom > 0;
  return { said: copies.map((e) => e.textContent), seen: [...copies, document.activeElement ?? document.body].map(inWindow) };
});

/** The narrowest screen, with letters four times as large, and back. */
const magnified = async (page: Page, on: boolean): Promise<void> => {
  await page.setViewportSize(on ? { width: 320, height: 640 } : { width: 1280, height: 720 });
  await page.evaluate((size) => { document.documentElement.style.fontSize = size; }, on ? "64px" : "");
};

/** Says no to a question by keyboard, which is told with the button, as whoever presses twice by mistake does; gives what the focus goes back to. */
async function presses(page: Page): Promise<string> {
  const at = (): Promise<string> => page.evaluate(() => document.activeElement?.textContent ?? "");
  assert.equal(await at(), "No, go back");
  const question = await page.evaluate(() => document.getElementById(document.activeElement?.getAttribute("aria-describedby") ?? "")?.textContent ?? "");
  assert.match(question, /cannot be undone|goes with it/);
  await page.keyboard.press("Enter");
  return at();
}

test("of two who take the last seat at once one gets a clear answer, and is given no word", async () => {
  await tell("seat", [...ANSWERS, { q: "ask_me_first", a: "show_me_before_sharing" }], (await derive(newReceipt(), "words.example")).replyRecipient);
  const [anna, bela, cleo] = [await sit(h, ANNA), await sit(h, BELA, { prepare: listen }), await sit(h, CLEO)];
  await bela.page.locator(row("seat")).click(); // sees a seat that is left
  await bela.page.getByRole("button", { name: "I step back" }).waitFor();
  await take(anna.page, row("seat"));
  await take(cleo.page, row("seat"));
  await press(bela.page, "Nothing ties me to it: I take it");
  assert.equal(await alertOf(bela.page), "Somebody else has this part already. Choose another message.");
  await bela.page.getByRole("button", { name: "Nothing ties me to it: I take it" }).waitFor({ state: "detached" }); // the page is old no more
  assert.ok(!(await carried(bela.page)).includes("zebrafinch"));
  await cleo.page.fill("#case-note", "typed for hours");
  await cleo.page.getByText("What you typed is kept, sealed to you alone.", { exact: false }).first().waitFor();
  await press(cleo.page, "Hand this back");
  await cleo.page.getByText("What you typed about this message goes with it", { exact: false }).first().waitFor();
  assert.equal(await presses(cleo.page), "Hand this back");
  await press(cleo.page, "Hand this back");
  await press(cleo.page, "Hand it back, and let what I typed go");
  await cleo.page.getByText("Nobody is told why", { exact: false }).first().waitFor();
  await lookAgain(bela.page);
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
  assert.equal(await presses(page), "I step back");
  await press(page, "I step back");
  await page.route("**/panel/c/*/recusals", (route) => route.abort(), { times: 1 });
  await press(page, "Yes, I step back for good");
  assert.match(await alertOf(page), /The server does not answer/);
  await page.getByText("the server has not taken that yet. Press “Look again”.", { exact: false }).first().waitFor();
  assert.equal(await page.getByRole("button", { name: "I step back" }).count(), 0, "the message stands there still");
  await lookAgain(page); // and what they keep of it, to know its writer by, goes along still
  await page.getByText("You have stepped back. Thank you.").first().waitFor();
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
  await cleo.page.getByText("You have stepped back").first().waitFor();
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

test("a browser that closes mid-note asks before it loses what is not kept, keeps nothing on the device or in the clear, and shows all of it again", { timeout: 240_000 }, async () => {
  const first = await h.openRecorded("/panel");
  await signIn(first.page, h.demo.identity(BELA));
  await take(first.page, row("seat"));
  await press(first.page, "Back to the list");
  await take(first.page, row("seat"));
  assert.deepEqual(first.recorder.posts("/reviews").filter((r) => r.body.includes('"draft"')), [], "opening alone tells the server nothing");
  await first.page.fill("#case-note", "half a thought, שלום");
  await first.page.locator('input[name="mine_theme.force"][value=yes]').check();
  await first.page.getByText("is kept, sealed to you alone", { exact: false }).first().waitFor();
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
  await magnified(again.page, true);
  await press(again.page, "Add the note");
  await again.page.locator(".notes").getByText("and its end", { exact: false }).first().waitFor();
  assert.deepEqual([await again.page.inputValue("#case-note"), await again.page.inputValue("#reply-text")], ["", "an answer, half done"]);
  assert.ok(await again.page.locator('input[name="mine_theme.voice"][value=no]').isChecked());

  await again.page.locator(".nearby").waitFor();
  assert.deepEqual(await beside(again.page), { said: ["Your panel can read the note now. Nobody can change it."], seen: [true, true] });

  // When the server does not take it, what was typed stays and the page says so, at its top and where somebody is.
  await again.page.route("**/panel/c/*/reviews", (route) => route.abort());
  await again.page.fill("#case-note", "not lost");
  await press(again.page, "Add the note");
  assert.match(await alertOf(again.page), /^The server's answer did not come\. What stands here was fetched after that/);
  const failed = await beside(again.page);
  assert.match(failed.said.join(), /^The server's answer did not come/);
  assert.deepEqual(failed.seen, [true, true], "what has the focus, and what is said about it");
  await magnified(again.page, false);
  assert.equal(await again.page.inputValue("#case-note"), "not lost");
  await again.page.getByText("Do not close this page", { exact: false }).first().waitFor();
  await press(again.page, "Lock"); // what the server did not take stays sealed on the page
  assert.equal(await again.page.locator("#case-note").count(), 0);
  await again.page.getByText("It waits here, sealed to you alone", { exact: false }).first().waitFor();
  await again.page.unrouteAll(WAITED);
  const late = again.page.waitForResponse((r) => r.request().method() === "POST" && r.url().endsWith("/reviews"));
  await signIn(again.page, h.demo.identity(BELA));
  await late;
  await take(again.page, row("seat"));
  assert.equal(await again.page.inputValue("#case-note"), "not lost");
  await press(again.page, "Hand this back");
  await again.page.getByText("What you typed about this message goes with it", { exact: false }).first().waitFor();
  await accessible(again.page, "the question before what was typed goes");
  await press(again.page, "No, go back");
  await press(again.page, "I step back");
  await again.page.getByText("What you typed about this message and did not send goes with it", { exact: false }).first().waitFor();
  await press(again.page, "No, go back");

  // Its writer wants to see it first: the clock stands still once the panel says that it asked, and runs when it waits no longer.
  const [clock, looks] = [again.page.locator(".reading .clocks li", { hasText: "Both readings" }), again.page.locator(".reading section", { has: again.page.getByRole("heading", { name: "The writer wants to see it first" }) })];
  assert.doesNotMatch((await clock.textContent()) ?? "", /stands still/);
  await looks.locator("summary").click();
  await press(again.page, "Lock these words and let them wait");
  assert.match((await looks.locator(".problems").textContent()) ?? "", /Choose a form.*Write the words.*what the writer is shown/s);
  await accessible(again.page, "words for the writer that are not filled in");
  assert.equal(await again.page.locator('input[name="first_form"][value="theme"]').count(), 0, "a theme that nobody has agreed on");
  await again.page.locator('input[name="first_form"][value="paraphrase"]').check();
  await again.page.fill("#first-words", "Somebody was shut in.");
  assert.match(await again.page.inputValue("#first-lead"), /say yes.*nothing else:$/s);
  const noted = again.page.waitForResponse((r) => r.request().method() === "POST" && r.url().endsWith("/reviews") && (r.request().postData() ?? "").includes('"note"'));
  await press(again.page, "Lock these words and let them wait");
  await noted; // right after the answer went
  await press(again.page, "Back to the list");
  await take(again.page, row("seat"));
  await looks.getByText(/^The clock stands still since .*: the writer looks first\.$/).first().waitFor();
  assert.match((await clock.textContent()) ?? "", /when the writer has answered\. The clock stands still since /);
  await accessible(again.page, "a clock that stands still");
  await press(again.page, "We wait no longer");
  await looks.getByText(/^The clock stood still from .* to .*, while the writer looked\.$/).first().waitFor();
  assert.doesNotMatch((await clock.textContent()) ?? "", /when the writer has answered/);
  await again.page.getByText("I sent the writer the words that may go out.", { exact: false }).first().waitFor(); // for colleagues, among the notes
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
  await page.locator(".reading").getByText(/The writer took this message back/).first().waitFor();
  assert.equal(await page.textContent('[data-part="status"]'), "Your panel can read the note now. Nobody can change it.");
  assert.equal(await page.locator("#case-note").count() + (await page.locator(row("back")).count()), 0);
  await page.unrouteAll(WAITED);
  await lookAgain(page);
  await take(page, row("back"));
  await page.route("**/reviews", async (route) => { // what is kept of the typing would find it out first
    if ((route.request().postDataJSON() as { kind: string }).kind === "draft") await route.fulfill({ status: 201 });
    else await route.continue();
  });
  await code(page, ["force"], 1);
  const writer = await h.open("/c/riverside/mailbox");
  await writer.page.getByLabel("Your eight words, or the digits").fill(receipt);
  await press(writer.page, "Open");
  await writer.page.getByLabel("Yes, delete all of it.").check();
  await press(writer.page, "Take everything back");
  await writer.page.getByText(/It is gone. Messages taken back: \d\./).first().waitFor();
  await writer.context.close();
  await press(page, "Send it and freeze it");
  assert.match(await alertOf(page), /Its writer has taken it back/);
  await page.locator(".reading").getByText(/The writer took this message back/).first().waitFor();
  assert.equal(await page.locator(".reading .words, .reading .typed, #case-note").count(), 0);
  await accessible(page, "a message taken back");
  await page.unroute("**/reviews");
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
  await page.unrouteAll(WAITED);
  await lookAgain(page);
  await take(page, row("seat"));
  await page.locator("#case-note").waitFor();
  await page.route("**/panel/c/*/epochs", async (route) => {
    const response = await route.fetch();
    const body = (await response.json()) as { epochs: { files: number }[] };
    await route.fulfill({ response, json: { ...body, epochs: body.epochs.map((e) => (e.files > 0 ? { ...e, state: "shredded", wrap: null, files: 0 } : e)) } });
  });
  await press(page, "Look again");
  await page.locator(".reading").getByText(/key to these words was destroyed/).first().waitFor();
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
