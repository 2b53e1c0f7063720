/**
 * Large letters in Spanish and, from right to left, in Arabic: twice as large on a phone, and four times on a screen of 320 pixels. Each
 * state of the form, with script and without, and the pages around it. Nothing may reach beyond the window or lie over something else.
 */
import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import path from "node:path";
import { after, before, test } from "node:test";
import type { Browser, Page } from "playwright-core";
import { startBrowser, tooWide } from "./browser.js";
import { Demo } from "./demo.js";
import { inParts, receiptOn } from "./story.js";

const pictures = process.env["ANSWERABLE_SCREENSHOTS"] ?? "";
const SIZES = [{ percent: 200, width: 360, height: 780 }, { percent: 400, width: 320, height: 640 }] as const;

let demo: Demo;
before(async () => { demo = await Demo.start("--submissions", "0"); }, { timeout: 240_000 });
after(() => demo.stop());

/** Words that are cut off at the edge of what holds them, and text that lies outside of the window. */
const cutOff = (page: Page): Promise<string[]> => page.evaluate(() => {
  const shown = Array.from(document.querySelectorAll<HTMLElement>("body *")).filter((e) => e.getClientRects().length > 0 && e.closest(".unseen, [hidden], .wide, details:not([open]) > :not(summary)") === null);
  const clipped = shown.filter((e) => e.querySelector(".unseen") === null && e.scrollWidth > e.clientWidth + 1 && ["hidden", "clip"].includes(getComputedStyle(e).overflowX));
  const outside = shown.filter((e) => e.childElementCount === 0 && e.textContent.trim() !== "" && (e.getBoundingClientRect().left < -1 || e.getBoundingClientRect().right > document.documentElement.clientWidth + 1));
  return [...clipped, ...outside].map((e) => `${e.tagName} ${e.className || e.id}: ${e.textContent.trim().slice(0, 40)}`);
});

for (const { percent, width, height } of SIZES) {
  for (const lang of ["es", "ar"]) {
    test(`letters of ${String(percent)} in 100 at ${String(width)} pixels fit in ${lang}`, { timeout: 600_000 }, async (t) => {
      const browser: Browser = await startBrowser({ letters: 16 * percent / 100 });
      t.after(() => browser.close());
      const wrong: string[] = [];
      const look = async (page: Page, name: string): Promise<void> => {
        assert.equal(await page.evaluate(() => document.documentElement.lang), lang, name);
        wrong.push(...[...await tooWide(page), ...await cutOff(page)].map((what) => `${name}: ${what}`));
        if (pictures === "") return;
        mkdirSync(pictures, { recursive: true });
        await page.screenshot({ path: path.join(pictures, `letters-${lang}-${String(percent)}-${name}.png`), fullPage: true });
      };
      for (const javaScriptEnabled of [true, false]) {
        const page = await browser.newPage({ viewport: { width, height }, javaScriptEnabled });
        await page.goto(`${demo.url}/c/riverside/tell?lang=${lang}`);
        if (javaScriptEnabled) await everyPart(page, look);
        else {
          await page.locator("#words").fill("palabras كلمات");
          await unfold(page);
          await look(page, "long-page");
        }
        await page.locator('form[data-module] .step button[type=submit].button').click();
        await receiptOn(page);
        await look(page, javaScriptEnabled ? "thanks" : "thanks-long-page");
        await page.close();
      }
      const page = await browser.newPage({ viewport: { width, height } });
      for (const where of ["", "/mailbox", "/accountability", "/about-you", "/check", "/keys"]) {
        await page.goto(`${demo.url}/c/riverside${where}?lang=${lang}`);
        await look(page, where === "" ? "clinic" : where.slice(1));
      }
      assert.deepEqual(wrong, []);
    });
  }
}

/** Opens all that is folded. */
async function unfold(page: Page): Promise<void> {
  const folded = page.locator("details:not([open]) > summary:visible");
  while ((await folded.count()) > 0) await folded.first().press("Enter");
}

/** Goes through the form with script, a group of questions at a time, with something in each kind of answer; then as pictures. */
async function everyPart(page: Page, look: (page: Page, name: string) => Promise<void>): Promise<void> {
  await inParts(page);
  await page.locator("#words").fill("palabras كلمات: Dr. Azul, 3 de marzo");
  const on = page.locator(".ways-on > .button:not(.second):visible");
  for (let n = 1; ; n++) {
    await unfold(page);
    await look(page, `part-${String(n)}`);
    if ((await on.count()) === 0) break;
    const first = page.locator("input[type=checkbox]:visible").first();
    if ((await first.count()) > 0) await first.check();
    await on.click();
  }
  const back = page.locator(".ways-on > .second:not([name=rest]):visible");
  while (!(await page.locator("#words").isVisible())) await back.click();
  await page.locator(".step > button.switch:visible").click();
  for (const n of [1, 2, 3]) {
    await page.locator("svg.drawing:visible").first().waitFor();
    await look(page, `tiles-${String(n)}`);
    await on.click();
  }
  await page.locator(".ways-on > button[name=rest]:visible").click();
  await look(page, "look-over");
}
