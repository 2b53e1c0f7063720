/**
 * The public pages in Firefox, driven by WebDriver BiDi: the whole way of telling with script, and the plain form with script
 * off in the browser's own settings, by the keyboard alone.
 */
import assert from "node:assert/strict";
import { accessSync } from "node:fs";
import { after, before, test } from "node:test";
import { launch, type Browser, type ElementHandle, type Page } from "puppeteer-core";
import { answerTo, Demo, words } from "./demo.js";
import type { Told } from "./pulled.js";

const FIREFOX = process.env["FIREFOX"] ?? "/usr/bin/firefox-esr";
const TELL = "/c/riverside/tell";

let demo: Demo;
before(async () => {
  accessSync(FIREFOX); // Debian: apt-get install firefox-esr
  demo = await Demo.start();
});
after(() => demo.stop());

async function withFirefox(settings: Record<string, unknown>, visit: (page: Page) => Promise<void>): Promise<void> {
  const browser: Browser = await launch({ browser: "firefox", executablePath: FIREFOX, headless: true, extraPrefsFirefox: { "intl.accept_languages": "en", ...settings } });
  try {
    await visit(await browser.newPage());
  } finally {
    await browser.close();
  }
}

async function press(page: Page, name: string): Promise<void> {
  const found = await page.evaluateHandle((wanted) => Array.from(document.querySelectorAll("button")).find((b) => b.getClientRects().length > 0 && b.textContent.trim() === wanted), name);
  const button = found.asElement();
  if (button === null) throw new Error(`there is no button ${name}`);
  await (button as ElementHandle<HTMLButtonElement>).click();
}
const heading = (page: Page, text: string): Promise<unknown> => page.waitForFunction((wanted) => document.querySelector(".step:not([hidden]) h2")?.textContent === wanted, {}, text);

test("in Firefox a report is told in parts, looked over, locked and sent, and nothing is left on the device", async () => {
  await withFirefox({}, async (page) => {
    const heard: string[] = [];
    page.on("pageerror", (err) => heard.push(String(err)));
    page.on("console", (m) => { if (m.type() === "error") heard.push(m.text()); });
    await page.setViewport({ width: 360, height: 780 });
    await page.goto(demo.url + TELL);
    await page.waitForSelector("form[data-part]");
    await page.type("#words", "On 3 March Nurse Halloran shut the door.");
    await page.waitForSelector(".hint-box");
    await page.click('[name="for_whom"][value="helping_someone_they_agree"]');
    await press(page, "Continue");
    await heading(page, "What was it about?");
    assert.match(await page.$eval("#themes > legend", (e) => e.textContent), /What happened to them\?/);
    await page.click('[name=themes][value=respect]');
    await page.evaluate(() => { window.history.back(); });
    await heading(page, "Tell us in your own words");
    await page.evaluate(() => { window.history.forward(); });
    await heading(page, "What was it about?");
    assert.ok(await page.$eval('[name=themes][value=respect]', (e) => (e as HTMLInputElement).checked));
    assert.equal(await page.evaluate(() => document.documentElement.scrollWidth > innerWidth), false);
    for (const lang of ["ar", "en"]) { // in the middle of it, and back
      await page.click(`nav.languages button[value="${lang}"]`);
      await page.waitForFunction((wanted) => document.documentElement.lang === wanted, {}, lang);
    }
    assert.ok(await page.$eval('[name=themes][value=respect]', (e) => (e as HTMLInputElement).checked));
    await press(page, "Skip to the end");
    await page.waitForSelector(".look-over .answers");
    await press(page, "Send to the panel");
    await page.waitForSelector(".ticket");
    assert.equal((await page.$$(".receipt li")).length, 8);
    assert.equal(await page.$eval("h1", (e) => e.textContent), "We have it, locked");
    await page.waitForSelector("svg.square path");
    assert.deepEqual(await page.evaluate(() => [localStorage.length, sessionStorage.length, document.cookie]), [0, 0, ""]);
    assert.deepEqual(heard, []);
  });
  const told = (await demo.told()).filter((t) => words(t).startsWith("On 3 March"));
  assert.deepEqual(told.map((t) => [t.sealed_by, answerTo(t, "themes"), answerTo(t, "for_whom")]), [["client", "respect", "helping_someone_they_agree"]]);
});

test("in Firefox every public page comes without an error, in every language, no wider than an old phone", async () => {
  await withFirefox({}, async (page) => {
    const heard: string[] = [];
    page.on("pageerror", (err) => heard.push(String(err)));
    page.on("console", (m) => { if (m.type() === "error") heard.push(m.text()); });
    await page.setViewport({ width: 320, height: 568 });
    for (const lang of ["en", "es", "ar"]) {
      for (const path of ["", "/tell", "/about-you", "/mailbox", "/back", "/check", "/keys", "/poster", "/paper", "/accountability"]) {
        await page.goto(`${demo.url}/c/riverside${path}?lang=${lang}`);
        assert.equal(await page.$eval("html", (e) => e.lang), lang);
        assert.equal((await page.$$("h1")).length > 0, true, path);
        assert.equal(await page.evaluate(() => document.documentElement.scrollWidth > document.documentElement.clientWidth), false, `${path} in ${lang} is too wide`);
      }
    }
    assert.deepEqual(heard, []);
  });
});

test("in Firefox with script off the plain form sends", async () => {
  let told: Told[] = [];
  await withFirefox({ "javascript.enabled": false }, async (page) => {
    await page.goto(demo.url + TELL);
    assert.match(await page.$eval('[data-part="locks"]', (e) => e.textContent), /our computer locks your words/, "script is on");
    // By the keyboard: a driver's click waits for script of the page.
    await page.focus("#words");
    await page.keyboard.type("told in Firefox without script");
    await page.focus('[name="themes"][value="money"]');
    await page.keyboard.type(" ");
    await page.focus(".step button.button");
    await page.keyboard.press("Enter");
    // Without script the driver hears nothing of the page that comes; the panel does.
    for (let i = 0; i < 10 && told.length === 0; i++) told = (await demo.told()).filter((t) => words(t) === "told in Firefox without script");
  });
  assert.deepEqual(told.map((t) => [t.sealed_by, answerTo(t, "themes")]), [["server", "money"]]);
});
