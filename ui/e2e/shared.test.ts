/** A device that others use too: what is on a page goes when nobody touches it, and nothing is taken along by a button. */
import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";
import type { BrowserContextOptions, Locator, Page } from "playwright-core";
import { house, keptOnDevice, NOTHING_KEPT, startBrowser, violations, type Visit } from "./browser.js";
import { atTheEnd, inParts, receiptOn, send } from "./story.js";

const h = house();
const TELL = "/c/riverside/tell?shared";
const pictures = process.env["ANSWERABLE_SCREENSHOTS"] ?? "";
const warning = (page: Page) => page.getByRole("alertdialog", { name: /In 20 seconds this page wipes itself/ });

/** A page whose clock the test turns. */
async function open(where: string, more: BrowserContextOptions = {}): Promise<Visit> {
  const v = await h.open("/static/app.css", { viewport: { width: 360, height: 780 }, ...more });
  await v.page.clock.install();
  await v.page.goto(h.demo.url + where);
  return v;
}

test("a page that nobody touches warns, stays for any key, and otherwise wipes itself", async () => {
  const { context, page, heard } = await open(TELL);
  await page.clock.fastForward(300_000);
  assert.equal(await warning(page).count(), 0, "an empty form warns an empty room");
  await page.locator("#words").fill("written and left");
  await page.clock.fastForward(3_000); // what the page still does by itself after typing, it may scroll
  await page.locator('[data-part="room"]', { hasText: "Room used" }).waitFor();
  await page.locator("#words").dispatchEvent("click");
  await page.clock.fastForward(39_000);
  assert.equal(await warning(page).count(), 0);
  await page.clock.fastForward(1_500);
  await warning(page).waitFor();
  assert.equal(await page.evaluate(() => document.activeElement?.textContent), "Stay here");
  assert.deepEqual(await violations(page), []);
  if (pictures !== "") {
    mkdirSync(pictures, { recursive: true });
    await page.screenshot({ path: path.join(pictures, "shared-phone.png") });
    await page.setViewportSize({ width: 1280, height: 900 });
    await page.screenshot({ path: path.join(pictures, "shared-desktop.png") });
  }
  await page.keyboard.press("x");
  assert.equal(await warning(page).count(), 0);
  assert.equal(await page.evaluate(() => document.activeElement?.id), "words");
  assert.equal(await page.locator("#words").inputValue(), "written and left");

  // A screen reader, a switch or a voice sends a click and nothing else, and reading on moves the focus alone.
  await page.clock.fastForward(41_000);
  await warning(page).waitFor();
  await page.evaluate(() => document.dispatchEvent(new Event("scroll"))); // a phone's keyboard that goes away
  assert.equal(await warning(page).count(), 1);
  await page.evaluate(() => { (document.querySelector(".wipe button") as HTMLElement).click(); });
  assert.equal(await warning(page).count(), 0);
  for (const sign of ["focusin", "scroll", "selectionchange"]) {
    await page.clock.fastForward(35_000);
    await page.evaluate((name) => document.dispatchEvent(new Event(name)), sign);
  }
  await page.clock.fastForward(35_000);
  assert.equal(await warning(page).count(), 0);
  assert.equal(await page.locator("#words").inputValue(), "written and left");

  await page.clock.fastForward(6_000);
  await warning(page).waitFor();
  const again = page.waitForEvent("load");
  await page.clock.fastForward(20_000);
  await again;
  assert.equal(page.url(), h.demo.url + TELL);
  assert.equal(await page.locator("#words").inputValue(), "");
  assert.deepEqual(await keptOnDevice(page), NOTHING_KEPT);
  assert.deepEqual(await context.cookies(), []);
  assert.deepEqual(heard, []);
  await context.close();
});

/** Taps the warning where something of the page lies under it. */
async function tapOver(page: Page, under: Locator): Promise<void> {
  await under.scrollIntoViewIfNeeded();
  const box = await under.boundingBox();
  assert.ok(box !== null);
  await page.clock.fastForward(41_000);
  await warning(page).waitFor();
  await page.touchscreen.tap(box.x + box.width / 2, box.y + box.height / 2);
  await warning(page).waitFor({ state: "detached" });
}

test("a touch that answers the warning presses nothing that lies under it, and begins the minute anew", async () => {
  const { context, page } = await open(TELL, { hasTouch: true });
  await page.locator("#words").fill("written on a tablet");
  await inParts(page);
  const everyone = page.locator('input[name="share_level"][value="my_words_public"]');
  const button = await atTheEnd(page);
  await tapOver(page, button);
  assert.equal(await page.locator('[data-part="status"] > *').count(), 0, "the touch has sent it");
  assert.ok(await button.isEnabled());
  await page.clock.fastForward(39_000);
  assert.equal(await warning(page).count(), 0, "the touch did not begin the minute anew");
  while (!(await everyone.isVisible())) await page.locator(".ways-on > .second:not([name=rest]):visible").tap();
  await tapOver(page, everyone);
  assert.equal(await everyone.isChecked(), false, "the touch has chosen what lay under it");
  await everyone.tap();
  assert.equal(await everyone.isChecked(), true);

  // A finger that stays, or moves, answers nothing before it is lifted; the clock has heard it.
  await page.clock.fastForward(41_000);
  await warning(page).waitFor();
  for (const sign of ["pointerdown", "touchmove"]) await page.locator(".wipe").dispatchEvent(sign);
  assert.equal(await warning(page).count(), 1);
  await page.clock.fastForward(39_000);
  assert.equal(await page.locator("#words").inputValue(), "written on a tablet");
  await context.close();
});

test("the words go although no network brings the page anew", async () => {
  const { context, page } = await open(TELL);
  await page.locator("#words").fill("written and left");
  await page.getByRole("button", { name: "Continue" }).click();
  await page.evaluate(() => {
    const did: string[] = [];
    Object.assign(window, { did, field: document.querySelector("#words") });
    Object.defineProperty(window, "speechSynthesis", { value: { cancel: () => did.push("silent") } });
    window.history.go = () => { did.push("went back"); };
  });
  await page.route("**/tell?shared", (route) => route.fulfill({ status: 204, body: "" })); // the browser stays where it is
  await page.clock.fastForward(61_000);
  await page.getByRole("heading", { name: "This page has wiped itself" }).waitFor();
  assert.equal(await page.evaluate(() => (window as unknown as { field: HTMLTextAreaElement }).field.value), "");
  assert.ok(!(await page.content()).includes("written and left"));
  const did = await page.evaluate(() => (window as unknown as { did: string[] }).did);
  assert.deepEqual(did, ["silent"], "going back keeps the new page from coming");
  await context.close();
});

test("after sending there is nothing to print, copy or save, the eight words go too, and no link leaves them behind", async () => {
  const { context, page } = await open(TELL);
  await page.locator("#words").fill("told on a tablet of the ward");
  await page.clock.resume();
  await page.locator("#links-apart").waitFor(); // what is half written stays
  await send(page);
  const { words } = await receiptOn(page);
  for (const name of ["Print", "Copy the words", "Save the file"]) assert.equal(await page.getByRole("button", { name }).count(), 0, name);
  await page.emulateMedia({ media: "print" });
  assert.equal(await page.locator("main").isVisible(), false);
  await page.emulateMedia({ media: "screen" });
  assert.match(await page.locator("main").innerText(), /One minute after your last touch or key, this page wipes itself/);
  assert.doesNotMatch(await page.locator("main").innerText(), /print this page/);
  const again = page.waitForEvent("load");
  await page.clock.fastForward(61_000);
  await again;
  assert.equal(await page.locator(".receipt").count(), 0);
  assert.ok(!(await page.content()).includes(words));

  // Nor does a link leave them in a tab behind.
  await page.locator("#words").fill("told on it once more");
  await page.clock.resume();
  await send(page);
  await receiptOn(page);
  assert.equal(await page.locator("[target], base").count(), 0);
  assert.doesNotMatch(await page.locator("body").innerText(), /new tab/);
  await page.getByRole("link", { name: "Open the two questions", exact: true }).click();
  await page.waitForURL("**/about-you?shared");
  assert.equal(context.pages().length, 1);
  await page.goBack();
  await page.locator("#words").waitFor();
  assert.equal(await page.locator(".receipt").count(), 0);
  await context.close();
});

test("while words are on their way nothing is wiped, and the minute begins when they have arrived", async () => {
  const { context, page } = await open(TELL);
  await page.locator("#words").fill("told over a slow line");
  let arrived: () => void = () => undefined;
  const answered = new Promise<void>((resolve) => { arrived = resolve; });
  let stored = 0;
  await page.route("**/submissions", async (route) => {
    const answer = await route.fetch();
    stored = answer.status();
    await answered;
    await route.fulfill({ response: answer });
  });
  await page.clock.resume();
  await page.locator(".ways-on").first().waitFor();
  const sending = send(page);
  while (stored === 0) await new Promise((resolve) => setTimeout(resolve, 50));
  assert.equal(stored, 201);
  await page.clock.fastForward(45_000);
  assert.equal(await warning(page).count(), 0, "a page that sends warns of wiping itself");
  arrived();
  await sending;
  const { words } = await receiptOn(page);
  assert.equal(words.split(" ").length, 8);
  await page.clock.fastForward(41_000);
  await warning(page).waitFor();
  await context.close();
});

test("where one comes back nothing offers to print", async () => {
  const { context, page } = await h.open("/c/riverside/mailbox?shared");
  await page.locator('[data-part="print"]').waitFor({ state: "attached" }); // the parts of an open mailbox come after the page
  await page.evaluate(() => { document.querySelectorAll("[hidden]").forEach((part) => { part.removeAttribute("hidden"); }); });
  assert.equal(await page.locator('[data-part="print"]').count(), 1);
  assert.equal(await page.locator('[data-part="print"]').isVisible(), false);
  await context.close();
});

test("of a poster's page the poster alone comes out of the printer, in a machine's draft of a language too", async () => {
  for (const lang of ["en", "es", "ar"]) {
    const { context, page } = await h.open(`/c/riverside/poster?lang=${lang}`);
    assert.equal(await page.locator("html").getAttribute("lang"), lang);
    await page.emulateMedia({ media: "print" });
    const printed = await page.locator("body").innerText();
    const poster = await page.locator(".poster").innerText();
    assert.equal(printed.trim(), poster.trim());
    await context.close();
  }
});

test("going back to it finds nothing, and links and forms stay on the same device, in a browser that keeps pages", async (t) => {
  const keeping = await startBrowser({ keepPagesForBack: true });
  t.after(() => keeping.close());
  const page = await keeping.newPage();
  await page.goto(h.demo.url + TELL);
  assert.equal(await page.locator("form[data-module=tell]").getAttribute("autocomplete"), "off");
  await page.locator("#words").fill("written and left");
  const tab = page.waitForEvent("popup"); // what is half written stays
  await page.locator('footer a[href*="/mailbox"]').click();
  await (await tab).waitForURL("**/mailbox?shared");
  await page.goto(`${h.demo.url}/c/riverside/mailbox?shared`);
  await page.goBack();
  await page.locator("#words").waitFor();
  assert.equal(await page.locator("#words").inputValue(), "");
});

test("without script the page says that it cannot wipe itself", async () => {
  const { context, page } = await h.open(TELL, { javaScriptEnabled: false });
  assert.match(await page.locator("main").innerText(), /With script off, this page cannot wipe itself/);
  assert.match(await page.locator("form").getAttribute("action") ?? "", /\?shared$/);
  await context.close();
});
