/**
 * The states of the panel's desk that whole days of work come to seldom: each is drawn by the real views from a made-up message,
 * on the real page, and held to the rules of accessibility, to the size of a finger and to the width of the narrowest phone.
 */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";
import type { Page } from "playwright-core";
import { STAGES, TASKS } from "../src/panel/casewords.js";
import { house, smallTargets, tooWide, violations, type Visit } from "./browser.js";
import { STATES, stageIn, taskIn, type State } from "./deskstates.js";

const h = house();
const script = readFileSync(path.join(import.meta.dirname, "made-up/madeupdesk.js"), "utf8");
let opened: Promise<Visit> | undefined;

/** The one page on which they are drawn, one after the other. */
async function open(): Promise<Visit> {
  const visit = await h.open("/panel", { viewport: { width: 320, height: 640 } });
  const isDesk = ({ pathname }: URL): boolean => /\/panel\.[^/]*js$/.test(pathname);
  await visit.page.route(isDesk, (route) => route.fulfill({ contentType: "text/javascript", body: script }));
  await visit.page.reload();
  return visit;
}

/** Waits until all of these stand on the page; throws with those that do not. */
async function says(page: Page, words: readonly string[]): Promise<void> {
  const missing = (all: readonly string[]): string[] => {
    const plain = (text: string): string => text.replace(/\s+/g, " ").trim();
    const text = plain(document.querySelector<HTMLElement>(".columns, .reading")?.innerText ?? "");
    return all.filter((w) => w === "" || !text.includes(plain(w)));
  };
  const end = Date.now() + 5000;
  for (;;) {
    const left = await page.evaluate(missing, words);
    if (left.length === 0) return;
    if (Date.now() > end) assert.fail(`not on the page: ${left.join(" | ")}`);
    await page.waitForTimeout(50);
  }
}

async function draw(page: Page, s: State): Promise<void> {
  await page.evaluate((name) => (globalThis as unknown as { showState: (name: string) => Promise<void> }).showState(name), s.name);
  for (const name of s.press ?? []) {
    const all = page.locator("button, summary").and(page.getByText(name, { exact: true }));
    await all.locator("visible=true").first().click({ timeout: 5000 });
  }
  await says(page, s.words);
}

for (const s of STATES) {
  test(s.name, { timeout: 60_000 }, async () => {
    const { page, heard } = await (opened ??= open());
    await draw(page, s);
    assert.deepEqual([heard, await page.textContent('[data-part="alert"]')], [[], ""]);
    assert.deepEqual([await tooWide(page), await smallTargets(page), await violations(page)], [[], [], []]);
  });
}

test("no stage of a message and nothing that can be done about one is missing among them, and no two states share a name", () => {
  assert.deepEqual(Object.keys(STAGES).filter((stage) => !STATES.some((s) => stageIn(s) === stage)), []);
  assert.deepEqual(Object.keys(TASKS).filter((task) => !STATES.some((s) => taskIn(s) === task)), []);
  assert.equal(new Set(STATES.map(({ name }) => name)).size, STATES.length);
});
