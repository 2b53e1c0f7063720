/** The narrowest screens: the way out stays in reach and covers no part of a line that one reads. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Page } from "playwright-core";
import { house, tooWide, violations } from "./browser.js";
import { rowOf, sit } from "./desk.js";

const h = house();
const KEY = "A".repeat(43);

/** Lines of the page's text that show beside the Leave button or under it, at this place of the page. */
const cutOff = (page: Page): Promise<string[]> => page.evaluate(() => {
  const leave = document.querySelector(".leave")?.getBoundingClientRect();
  if (leave === undefined) return ["no Leave button"];
  const found: string[] = [];
  const walker = document.createTreeWalker(document.querySelector("main") ?? document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode() !== null) {
    const range = document.createRange();
    range.selectNodeContents(walker.currentNode);
    for (const line of Array.from(range.getClientRects())) {
      const from = Math.max(line.top, leave.top);
      const to = Math.min(line.bottom, leave.bottom);
      if (to - from < 1 || line.width < 2 || line.right <= leave.left) continue;
      const top = document.elementFromPoint(Math.max(1, line.left + 1), (from + to) / 2);
      if (top === null || top.closest(".leave-bar") === null) found.push(`${range.toString().trim().slice(0, 40)} at ${String(Math.round(line.top))}`);
    }
  }
  return found;
});

for (const [width, height] of [[320, 568], [320, 256], [1280, 900]] as const) {
  test(`at ${String(width)} by ${String(height)} the Leave button covers the end of no line`, async () => {
    for (const path of ["/c/riverside", "/c/riverside/tell", "/c/riverside/keys", "/c/riverside/mailbox"]) {
      const { context, page } = await h.open(path);
      await page.setViewportSize({ width, height });
      assert.ok(await page.locator("header.top a").isVisible(), path);
      await page.locator("header.top a").click({ trial: true });
      const tall = await page.evaluate(() => document.documentElement.scrollHeight);
      for (let y = 0; y < Math.min(tall, 4000); y += 97) {
        await page.evaluate((to) => { window.scrollTo(0, to); }, y);
        assert.deepEqual(await cutOff(page), [], `${path} at ${String(y)}`);
        await page.locator(".leave").click({ trial: true });
      }
      await context.close();
    }
  });
}

test("on a phone a row of the queue has one short line for its clocks; what they hang on is said once, and stands in the message", async () => {
  const leaf = await h.demo.post([{ q: "words", a: "a long wait" }, { q: "service", a: "crisis_house" }, { q: "roles", a: "nurse" }], undefined, { mailbox: KEY, actions: KEY });
  await h.demo.told();
  const { page, context, heard } = await sit(h, 0, { viewport: { width: 320, height: 640 } });
  assert.deepEqual([await tooWide(page), await violations(page)], [[], []]);
  const rows = await page.locator(".row").evaluateAll((all) => all.map((row) => {
    const clocks = Array.from(row.querySelectorAll<HTMLElement>(".clock"));
    const lines = clocks.map((clock) => Math.round(clock.getBoundingClientRect().height / parseFloat(getComputedStyle(clock).lineHeight)));
    return { clocks: clocks.map((clock) => clock.textContent), lines, height: row.getBoundingClientRect().height };
  }));
  assert.ok(rows.length > 0);
  for (const { clocks, lines, height } of rows) {
    assert.ok(clocks.length <= 1 && lines.every((n) => n <= 2) && height < 320, `${clocks.join("; ")} on ${lines.join(", ")} lines, in a row of ${String(height)}`);
  }
  assert.equal(await page.locator(`${rowOf(leaf)} .clock`).textContent(), "Take it: 3 working days left");
  assert.equal(await page.locator(".queue p", { hasText: "Who does not want to be contacted" }).count(), 1);
  await page.locator(rowOf(leaf)).click();
  const all = page.locator(".reading .clocks li");
  await all.first().waitFor();
  assert.match((await all.allTextContents()).join(" "), /^Take it by \d+ \w+ 20\d\d: 3 working days left\. Answer the writer by \d+ \w+ 20\d\d: 7 days left\. Unless they do not want to be contacted/);
  assert.deepEqual([await violations(page), heard], [[], []]);
  await context.close();
});
