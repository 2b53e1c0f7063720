/** Getting away fast, by button and by keyboard, with script and without. */
import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";
import type { Page } from "playwright-core";
import { house, keptOnDevice, NOTHING_KEPT, violations } from "./browser.js";
import { inParts, receiptOn, send } from "./story.js";

const h = house();
const PAGES = ["tell", "about-you", "mailbox", "back", "check"].map((name) => `/c/riverside/${name}`);
/** Nothing is typed there, and they say much of who looks. */
const OTHERS = ["", "/keys", "/poster", "/paper", "/accountability"].map((name) => `/c/riverside${name}`);
const pictures = process.env["ANSWERABLE_SCREENSHOTS"] ?? "";

const shift = (page: Page): Promise<void> => page.keyboard.press("Shift");
const count = (page: Page): Promise<string> => page.locator(".leave-count").innerText();

/** Answers in the place of the page to which one leaves. */
async function elsewhere(page: Page): Promise<void> {
  await page.route("**/leave", (route) => route.fulfill({ contentType: "text/html", body: "<h1>Elsewhere</h1>" }));
}

test("Shift three times leaves every page for writers and the public, says so before, and going back does not return there", async () => {
  const { context, page, heard } = await h.open("/nowhere/at/all");
  await elsewhere(page);
  for (const where of [...PAGES, ...OTHERS]) {
    await page.goto(h.demo.url + where);
    assert.equal(await page.locator(".leave-count").getAttribute("role"), "status");
    if (PAGES.includes(where)) await page.locator("main input:not([type=hidden]), main textarea").first().focus(); // where one is when somebody comes
    await shift(page);
    assert.equal(await count(page), "Press Shift two more times to leave. Or just go on.", where);
    await shift(page);
    assert.equal(await count(page), "Press Shift once more to leave. Or just go on.", where);
    await shift(page);
    await page.getByRole("heading", { name: "Elsewhere" }).waitFor();
    await page.goBack();
    assert.equal(new URL(page.url()).pathname, "/nowhere/at/all", where);
    assert.deepEqual(await keptOnDevice(page), NOTHING_KEPT);
  }
  assert.deepEqual(heard.filter((line) => !line.includes("status of 404")), []);
  await context.close();
});

/** Presses the browser's Back and Forward until the parts have come in that order, or once Forward after something was sent. */
async function toAndFro(page: Page, parts: string[]): Promise<void> {
  let at = 3;
  if (parts.length === 0) await page.goForward();
  for (const part of parts) {
    await (Number(part) < at ? page.goBack() : page.goForward());
    await page.locator(`form[data-part="${part}"]`).waitFor();
    at = Number(part);
  }
}

test("after Leave neither Back nor Forward shows the form, from any part, after sending, and in browsers that hide their list of pages", async () => {
  for (const [how, parts, sent, listed] of [["from part 3", 2, false, true], ["from part 3, unlisted", 2, false, false], ["back on part 1", 0, false, false], ["after sending", 2, true, false], ["after sending, listed", 2, true, true]] as const) {
    const { context, page } = await h.open("/c/riverside");
    await elsewhere(page);
    if (!listed) await page.addInitScript(() => { Object.defineProperty(window, "navigation", { value: undefined }); });
    await page.goto(h.demo.url + (PAGES[0] ?? ""));
    await inParts(page);
    await page.locator("a.skip").press("Enter");
    await page.locator("#words").fill("somebody is coming");
    for (let part = 0; part < Math.max(1, parts); part++) await page.getByRole("button", { name: "Continue" }).click();
    if (parts === 0) await page.getByRole("button", { name: "Back", exact: true }).click();
    if (sent) {
      await send(page);
      await receiptOn(page);
      await page.locator("a.skip").press("Enter");
    }
    if (parts === 0) await page.goBack();
    else if (!listed) await toAndFro(page, sent ? [] : ["2", "3", "2", "1", "2"]);
    await page.getByRole("link", { name: "Leave", exact: true }).click();
    await page.getByRole("heading", { name: "Elsewhere" }).waitFor();
    await page.goBack();
    assert.equal(new URL(page.url()).pathname, "/c/riverside", how);
    for (let forward = 0; forward < 4; forward++) {
      await page.goForward();
      assert.notEqual(new URL(page.url()).pathname, PAGES[0], how);
    }
    await context.close();
  }
});

test("typing capital letters leaves nothing, and a count that nobody goes on with ends", async () => {
  const { context, page } = await h.open(PAGES[0] ?? "");
  await page.locator("#words").focus();
  for (const letter of ["I", "T", "S", "X"]) await page.keyboard.press(`Shift+${letter}`);
  assert.equal(await page.locator("#words").inputValue(), "ITSX");
  assert.equal(await count(page), "");
  await shift(page);
  await shift(page);
  await page.keyboard.press("a");
  assert.equal(await count(page), "");
  await shift(page);
  await page.locator("h1").click();
  assert.equal(await count(page), "");
  await shift(page);
  await page.locator(".leave-count:empty").waitFor({ state: "attached" });
  assert.equal(await page.locator("#words").inputValue(), "ITSXa");
  await context.close();
});

test("what stands on the page goes from the screen before the next page comes", async () => {
  const { context, page } = await h.open(PAGES[0] ?? "");
  await page.locator("#words").fill("somebody is coming");
  const shown = page.evaluate(() => {
    let said = 1; // what a voice still says aloud
    Object.defineProperty(window, "speechSynthesis", { value: { cancel: () => { said = 0; } } });
    (document.querySelector(".leave") as HTMLElement).click();
    return [said, ...["h1", "#words"].map((what) => document.querySelector(what)?.getClientRects().length)];
  });
  assert.deepEqual(await shown, [0, 0, 0]);
  await context.close();
});

test("the page after sending is left by keys too, with what leaving cannot hide on it, whoever locked the words", async () => {
  for (const locks of ["browser", "server"]) {
    const { context, page } = await h.open("/c/riverside");
    await elsewhere(page);
    if (locks === "server") await page.route("**/static/tell.js*", (route) => route.abort());
    await page.goto(h.demo.url + (PAGES[0] ?? ""));
    await page.locator("#words").fill("somebody is coming");
    if (locks === "server") await page.locator("main form button.button").last().click();
    else await send(page);
    await page.locator(".receipt").first().waitFor();
    assert.match(await page.locator("main").innerText(), locks === "server" ? /Our computer saw your words/ : /Your words were locked here/);
    await page.locator(".leaving summary").click();
    assert.match(await page.locator(".leaving").innerText(), /Leaving cannot hide that you were here/);
    for (let n = 0; n < 3; n++) await shift(page);
    await page.getByRole("heading", { name: "Elsewhere" }).waitFor();
    await context.close();
  }
});

test("without script the link leaves, and every page says what leaving cannot hide", async () => {
  const { context, page } = await h.open("/c/riverside", { javaScriptEnabled: false });
  await elsewhere(page);
  for (const where of [...PAGES, ...OTHERS]) {
    await page.goto(h.demo.url + where);
    await page.locator(".leaving summary").click();
    const about = await page.locator(".leaving").innerText();
    assert.match(about, /Leaving cannot hide that you were here/, where);
    assert.ok(!about.includes("Shift"), "it promises keys that need script");
    assert.ok(!about.includes("is gone"), "it promises what needs script");
    await page.getByRole("link", { name: "Leave", exact: true }).click();
    await page.getByRole("heading", { name: "Elsewhere" }).waitFor();
  }

  // The browser keeps what was sent with the page that answers it. Where it no longer does, the pages and SECURITY.md say too much.
  await page.goto(`${h.demo.url}${PAGES[0] ?? ""}?shared`);
  assert.match(await page.locator("main").innerText(), /close this tab and the browser: going back could show what you wrote again/);
  await page.locator("#words").fill("somebody was here");
  await page.locator("nav.languages").getByText("Español").click();
  await page.locator("html[lang=es] .leaving summary").click();
  assert.match(await page.locator(".leaving").innerText(), /Quien vuelva atrás y la cargue otra vez puede verla/);
  await page.locator("a.leave").click();
  await page.getByRole("heading", { name: "Elsewhere" }).waitFor();
  await page.goBack().catch(() => undefined); // the browser asks first
  await page.reload();
  assert.equal(await page.locator("#words").inputValue(), "somebody was here");
  await context.close();
});

test("the count and the words about leaving are accessible, and fit a small phone", async () => {
  const { context, page } = await h.open(PAGES[0] ?? "", { viewport: { width: 360, height: 780 } });
  await page.locator(".leaving summary").click();
  assert.match(await page.locator(".leaving").innerText(), /What you had not sent is gone/);
  await shift(page);
  if (pictures !== "") {
    mkdirSync(pictures, { recursive: true });
    await page.screenshot({ path: path.join(pictures, "leave-phone.png") });
  }
  assert.deepEqual(await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth), 0);
  assert.deepEqual(await violations(page), []);
  await context.close();
});
