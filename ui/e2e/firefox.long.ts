/**
 * The public pages in Firefox, driven by WebDriver BiDi: the whole way of telling with script, and with script off in the
 * browser's own settings every page there is, and the way of telling and coming back by the keyboard alone.
 */
import assert from "node:assert/strict";
import { accessSync } from "node:fs";
import { after, before, test } from "node:test";
import { launch, type Browser, type ElementHandle, type Page } from "puppeteer-core";
import { answerTo, Demo, words } from "./demo.js";
import { addressOf, furnishPlain, LANGUAGES, MAILBOX, plainPages, sentBy, TELL } from "./plainpages.js";

const FIREFOX = process.env["FIREFOX"] ?? "/usr/bin/firefox-esr";
const COMES_WITHIN = 30_000;

let demo: Demo;
let answered = "";
before(async () => {
  accessSync(FIREFOX); // Debian: apt-get install firefox-esr
  demo = await Demo.start();
  answered = await furnishPlain(demo);
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
    for (const lang of LANGUAGES) {
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

/**
 * Acts, and waits for the page that this brings. Nothing asks the page in between: without script the driver would wait for an
 * answer of the one that goes, and so nothing waits for what the act gives.
 */
async function comesAfter(page: Page, act: () => Promise<unknown>): Promise<void> {
  let late: NodeJS.Timeout | undefined;
  const came = new Promise<void>((resolve, reject) => {
    page.once("load", () => { resolve(); });
    late = setTimeout(() => { reject(new Error(`no page came after ${page.url()}`)); }, COMES_WITHIN);
  });
  act().catch(() => undefined);
  await came;
  clearTimeout(late);
}

/** By the keyboard: a driver's click waits for script of the page. */
async function type(page: Page, selector: string, text: string): Promise<void> {
  await page.focus(selector);
  await page.keyboard.type(text);
}
const tick = (page: Page, name: string, value: string): Promise<void> => type(page, `[name="${name}"][value="${value}"]`, " ");
const enter = (page: Page, form: string): Promise<void> => comesAfter(page, async () => {
  await page.focus(`${form} button.button[type=submit]`);
  await page.keyboard.press("Enter");
});
const said = (page: Page, selector: string): Promise<string> => page.$eval(selector, (e) => e.textContent);
const withoutScript = (visit: (page: Page) => Promise<void>): Promise<void> => withFirefox({ "javascript.enabled": false }, async (page) => {
  await page.goto(demo.url + TELL);
  assert.match(await said(page, '[data-part="locks"]'), /our computer locks your words/, "script is on");
  await visit(page);
});

test("in Firefox with script off every page that can be shown comes whole, in every language, no wider than an old phone", async () => {
  await withoutScript(async (page) => {
    await page.setViewport({ width: 320, height: 568 });
    let status = 0;
    page.on("response", (r) => { if (r.request().isNavigationRequest()) status = r.status(); });
    for (const lang of LANGUAGES) {
      for (const [name, plain] of Object.entries(plainPages(demo, answered))) {
        const [address, fields] = [addressOf(demo, plain.path, lang), await sentBy(plain)];
        if (fields === undefined) await page.goto(address);
        else await comesAfter(page, () => page.evaluate(submit, address, Object.entries(fields)));
        const shown = await page.evaluate(() => ({
          lang: document.documentElement.lang,
          titles: Array.from(document.querySelectorAll("h1"), (e) => e.getClientRects().length > 0 && e.textContent.trim() !== ""),
          mains: Array.from(document.querySelectorAll("main"), (e) => e.getClientRects().length > 0),
          wide: document.documentElement.scrollWidth > document.documentElement.clientWidth,
        }));
        assert.deepEqual({ ...shown, status }, { lang, titles: [true], mains: [true], wide: false, status: plain.status ?? 200 }, `${name}, ${lang}`);
      }
    }
  });
});

/** Sends fields as a form of the page's site would. */
function submit(address: string, fields: [string, string][]): void {
  const form = Object.assign(document.createElement("form"), { method: "post", action: address, target: "_self" }); // the thanks open everything in a new tab
  form.append(...fields.map(([name, value]) => Object.assign(document.createElement("textarea"), { name, value })));
  document.body.append(form);
  form.submit();
}

test("in Firefox with script off a form that is refused keeps its words, sends, shows the eight words, and they open the mailbox", async () => {
  await withoutScript(async (page) => {
    const text = "told in Firefox without script, on the marmalade stairs";
    await type(page, "#words", text);
    for (const [name, value] of [["themes", "money"], ["wants", "be_counted"], ["share_level", "panel_only"]] as const) await tick(page, name, value);
    await enter(page, "#tell");
    assert.match(await said(page, "#problems"), /If you leave both, you are not counted/);
    assert.equal(await page.$eval("#words", (e) => (e as HTMLTextAreaElement).value), text);
    for (const value of ["money", "be_counted", "panel_only"]) assert.ok(await page.$eval(`#tell [value="${value}"]`, (e) => (e as HTMLInputElement).checked), value);
    await tick(page, "surely", "yes");
    await enter(page, "#tell");
    assert.equal(await said(page, "h1"), "We have it");
    const receipt = await page.evaluate(() => Array.from(document.querySelectorAll(".receipt li"), (e) => e.textContent.trim())); // $$eval needs script
    assert.equal(receipt.length, 8);
    assert.notEqual((await said(page, ".ticket")).trim(), "");

    await page.goto(demo.url + MAILBOX);
    await type(page, "#receipt", `${receipt.slice(0, 7).join(" ")} xylophonist`);
    await enter(page, "#enter");
    assert.notEqual(await said(page, "#mailbox-problem"), "");
    assert.ok((await page.$eval("#receipt", (e) => (e as HTMLTextAreaElement).value)).startsWith(receipt[0] ?? "none"), "the words are gone");
    await page.goto(demo.url + MAILBOX);
    await type(page, "#receipt", receipt.join(" "));
    await enter(page, "#enter");
    assert.match(await said(page, "#answers-title + div"), /There is no answer here/);
    await enter(page, "#write"); // with nothing in it
    assert.notEqual(await said(page, "#mailbox-problem"), "");
    await type(page, "#more-words", "and more in Firefox");
    await enter(page, "#write");
    assert.match(await said(page, "#said"), /We have it/);
    const told = await demo.told();
    assert.deepEqual(told.filter((t) => words(t) === text).map((t) => [t.sealed_by, answerTo(t, "themes"), answerTo(t, "wants")]), [["server", "money", "be_counted"]]);
    assert.equal(told.filter((t) => words(t) === "and more in Firefox").length, 1);
  });
});
