/** Figures: two members look at a draft in browsers and sign it, and only then everybody sees it, without script too. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { test } from "node:test";
import type { Page } from "playwright-core";
import { house, keptOnDevice, NOTHING_KEPT, violations, WAITED } from "./browser.js";

const h = house(1);

const settled = (page: Page): Promise<unknown> => page.waitForFunction(() => document.querySelector("[aria-disabled]") === null);

async function figuresOf(n: number, prepare: (page: Page) => Promise<void> = () => Promise.resolve()): Promise<Page> {
  const { page, heard } = await h.open("/panel");
  await prepare(page);
  await page.getByLabel("Your identity file").setInputFiles(h.demo.identity(n));
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
  await page.locator('[data-part="desk"]:not([hidden])').waitFor();
  await settled(page);
  await page.getByRole("button", { name: "Figures", exact: true }).click();
  await page.getByRole("heading", { name: "Let out" }).waitFor();
  await settled(page);
  assert.deepEqual(heard, []);
  return page;
}

const status = async (page: Page): Promise<string> => (await page.textContent('[data-part="status"]')) ?? "";

/** What is pressed while the page is busy is not lost in silence: it says so, and what only shows something is shown after. */
async function aPressWhileBusyWaits(page: Page): Promise<void> {
  let go = (): void => undefined;
  const held = new Promise<void>((resolve) => { go = resolve; });
  await page.route("**/api/v1/panel/me", async (route) => { await held; await route.continue(); });
  await page.locator('[data-part="look"]').click();
  await page.locator('[data-view="promises"]').click({ force: true }); // its button is shut, and a person can press it all the same
  await page.locator('[data-part="status"]', { hasText: "it is shown as soon as" }).waitFor();
  go();
  await page.locator('[data-part="view-promises"]:not([hidden])').waitFor();
  await page.unrouteAll(WAITED);
  await settled(page);
  await page.getByRole("button", { name: "Figures", exact: true }).click();
  await settled(page);
}

/** Exact numbers and charts of the panel's own, and how far its coders agree; each measure says what it means. */
async function theNumbersForThePanelAlone(page: Page): Promise<void> {
  await page.getByText("Numbers for your panel alone", { exact: true }).click();
  await page.getByText(/^These are exact/).first().waitFor();
  await settled(page);
  const open = page.getByRole("button", { name: "Open all messages for these sums" });
  if ((await open.count()) > 0) await open.click();
  await settled(page);
  const numbers = page.locator(".numbers");
  assert.equal(await numbers.getByText("What this means", { exact: true }).count(), 12);
  assert.ok((await numbers.locator("svg[role=img] title").count()) > 3);
  assert.match((await numbers.innerText()), /\d{3} \+ \d+/);
  assert.ok((await numbers.getByText(/No message has two codings yet|How your agreement changed/).count()) > 0);
  await reportsForEveryHundredVisits(page);
  await numbers.getByText("The same with limits", { exact: true }).click();
  const limits = numbers.locator("figure", { has: page.locator('svg[aria-labelledby^="numbers-riverside-xmr"]') });
  assert.match(await limits.innerText(), /Too few points to say|Nothing stands out|Something changed/);
  assert.deepEqual(await violations(page), []);
  if (process.env["SHOTS"] !== undefined) await page.screenshot({ path: `${process.env["SHOTS"]}/numbers-panel.png`, fullPage: true });
}

/** A member writes down the visits of two quarters, and there is a chart with its table. */
async function reportsForEveryHundredVisits(page: Page): Promise<void> {
  await page.getByText("Reports for every hundred visits", { exact: true }).click();
  await page.getByText("Nobody has written down any visits yet.").first().waitFor();
  const rates = page.locator(".rates");
  for (const [back, visits, said] of [[0, "many", "Write a whole number"], [0, "1200", "Kept for the quarter"], [1, "900", "Kept for the quarter"]] as const) {
    await rates.getByLabel("Quarter", { exact: true }).selectOption({ index: back });
    await rates.getByLabel("Visits", { exact: true }).fill(visits);
    await rates.getByRole("button", { name: "Keep this number" }).click();
    await rates.getByText(said).first().waitFor();
    await settled(page);
  }
  await rates.locator("svg[role=img]").waitFor();
  const cells = await rates.locator(".scrolls tbody tr").allTextContents();
  assert.deepEqual(cells.map((c) => /(?:900|1200)/.exec(c)?.[0]), ["900", "1200"], "the oldest first");
}

/** Two of the panel decide on a plan that hides so much that nothing can be let out, are told why, and decide on one that works. */
async function aRefusedDraftNamesItsCells(page: Page): Promise<void> {
  const due = page.getByRole("button", { name: /^Draft / }).first();
  const [, first = ""] = /^Draft (.*) to /.exec(await due.innerText()) ?? [];
  const from = new Date(`${first} UTC`).toISOString().slice(0, 10);
  await page.getByText("The plan of these numbers", { exact: true }).click();
  await page.getByText("Propose the next plan", { exact: true }).first().waitFor();
  await page.getByText(/your panel has not decided on it/).first().waitFor();
  await settled(page);
  const set = async (k: string): Promise<void> => {
    const form = page.locator(".plan-form");
    if (!(await form.isVisible())) await page.getByText("Propose the next plan", { exact: true }).click();
    await page.getByLabel("First day").fill(from);
    await page.getByLabel("Months of each time").selectOption("3");
    await page.getByLabel("Hide numbers of this size").fill(k);
    await page.getByRole("button", { name: "Propose this plan" }).click();
  };
  const as = (n: number): string[] => ["--json", "--server", h.demo.url, "--clinic", h.demo.clinic, "--identity", h.demo.identity(n)];
  const plans = async (): Promise<number> => (JSON.parse(await h.demo.run(["figures", "plan", "show", ...as(1)])) as { plans: unknown[] }).plans.length;
  const sign = async (): Promise<void> => {
    const all = JSON.parse(await h.demo.run(["panel", "decisions", ...as(1)])) as { id: string; state: string; body: string }[];
    const waits = all.find(({ state }) => state === "draft");
    assert.match(waits?.body ?? "", /answerable\/plan\/v1/);
    await h.demo.run(["panel", "decisions", "--sign", waits?.id ?? "", ...as(1)]);
    for (const times of [1, 2]) { // unfolded again, it says what holds now
      await page.getByText("The plan of these numbers", { exact: true }).click();
      if (times === 2) await page.getByText(/^Your panel decided on it on /).first().waitFor();
    }
    await settled(page);
  };
  await set("2");
  await page.getByText(/k is 2, and must be from 5/).first().waitFor();
  assert.equal(await page.getByLabel("First day").inputValue(), from, "what was typed stays");
  await settled(page);
  await set("900");
  await page.getByText(/^Proposed, and signed by you\. Plan 2/).first().waitFor();
  await settled(page);
  assert.equal(await plans(), 1, "one of three is not enough");
  await sign();
  assert.equal(await plans(), 2);
  await due.click();
  await page.getByText(/Nothing of this period is released, because the table theme cannot be released: .* voice \/ all/).first().waitFor();
  assert.doesNotMatch(await (await fetch(`${h.demo.url}/c/${h.demo.clinic}/accountability`)).text(), /cannot be released/);
  await settled(page);
  await set("10");
  await page.getByText(/^Proposed, and signed by you\. Plan 3/).first().waitFor();
  await settled(page);
  await sign();
  if (process.env["SHOTS"] !== undefined) await page.screenshot({ path: `${process.env["SHOTS"]}/plan-panel.png`, fullPage: true });
}

interface Exports { exports: { first: string; file: string; signatures: unknown[] }[] }

/** A member has the bundle of a time made, and two sign it in browsers; then everybody takes it, and a terminal checks it. */
async function signBundle(bo: Page, first: string): Promise<void> {
  const outside = async (): Promise<Exports> => (await (await fetch(`${h.demo.url}/api/v1/c/${h.demo.clinic}/exports`)).json()) as Exports;
  const before = (await outside()).exports.length;
  await bo.getByRole("button", { name: /^Make the file for / }).first().click();
  await bo.locator(".clinic-exports .waits").waitFor();
  await settled(bo);
  assert.match(await bo.locator(".clinic-exports .waits").innerText(), /4 tables that you let out for this time, of about 240 reports/);
  assert.deepEqual(await violations(bo), []);
  if (process.env["SHOTS"] !== undefined) await bo.screenshot({ path: `${process.env["SHOTS"]}/exports-panel.png`, fullPage: true });
  await bo.getByRole("button", { name: "I looked at it. Sign the file" }).click();
  await bo.getByText(/^You signed\. 1 of 2/).first().waitFor();
  assert.equal((await outside()).exports.length, before);

  // A server that gives another file than the one whose hash would be signed gets no signature.
  const cy = await figuresOf(2, async (page) => {
    await page.route("**/exports/*/bundle", async (route) => {
      const response = await route.fetch();
      const { zip } = (await response.json()) as { zip: string };
      const changed = Buffer.from(zip, "base64");
      changed.write("KEPT", changed.indexOf("What was", 0));
      await route.fulfill({ response, json: { zip: changed.toString("base64") } });
    });
  });
  await cy.getByText(/^This file does not hold/).first().waitFor();
  assert.equal(await cy.getByRole("button", { name: "I looked at it. Sign the file" }).count(), 0);
  await cy.context().close();

  const ann = await figuresOf(0);
  await ann.getByRole("button", { name: "I looked at it. Sign the file" }).click();
  await ann.getByText(/everybody can take the file now/).first().waitFor();
  await ann.context().close();
  const made = (await outside()).exports.find((e) => e.first === first);
  assert.ok(made?.signatures.length === 2);
  const kept = path.join(mkdtempSync(path.join(tmpdir(), "bundle-")), "bundle.zip");
  writeFileSync(kept, Buffer.from(await (await fetch(h.demo.url + made.file)).arrayBuffer()));
  assert.match(await h.demo.run(["export", "verify", kept]), /^This bundle holds/);

  // Its report is a page by itself: accessible, and no wider than a phone.
  const open = path.join(path.dirname(kept), "open");
  await h.demo.run(["export", "open", "--out", open, kept]);
  const report = await h.open("/static/app.css", { viewport: { width: 320, height: 640 } });
  await report.page.goto(pathToFileURL(path.join(open, "report.html")).href);
  assert.deepEqual(await violations(report.page), []);
  assert.equal(await report.page.evaluate(() => document.documentElement.scrollWidth), 320);
  assert.deepEqual(report.heard, []);
  await report.context.close();
}

test("a draft is looked at and signed by two, and only then shown outside", async () => {
  const where = `/c/${h.demo.clinic}/accountability`;
  const outside = async (): Promise<{ releases: { first: string; content: string }[] }> =>
    (await (await fetch(`${h.demo.url}/api/v1/c/${h.demo.clinic}/releases`)).json()) as { releases: { first: string; content: string }[] };
  assert.equal((await outside()).releases.length, 1); // the demo's own

  const ann = await figuresOf(0);
  await aPressWhileBusyWaits(ann);
  await theNumbersForThePanelAlone(ann);
  await aRefusedDraftNamesItsCells(ann);
  await ann.getByRole("button", { name: /^Draft / }).first().click();
  await ann.locator(".clinic-figures .waits table").first().waitFor();
  await settled(ann);
  const cells = await ann.locator(".clinic-figures .waits td").allTextContents();
  assert.ok(cells.includes("hidden") && cells.every((c) => c === "" || c === "hidden" || Number(c) % 5 === 0), cells.join());
  assert.deepEqual(await violations(ann), []);
  if (process.env["SHOTS"] !== undefined) await ann.screenshot({ path: `${process.env["SHOTS"]}/figures-panel.png`, fullPage: true });
  await ann.getByRole("button", { name: "Give this draft up" }).click(); // it is asked once more
  await ann.getByText(/^Its time can be drafted again/).first().waitFor();
  assert.equal(await ann.evaluate(() => document.activeElement?.textContent), "No, keep it");
  await ann.keyboard.press("Enter");
  await ann.getByRole("button", { name: "I looked at it. Sign it" }).click();
  await ann.getByText(/^You signed\. 1 of 2/).first().waitFor();
  assert.equal((await outside()).releases.length, 1);

  // A server that shows other numbers than those that would be signed gets no signature.
  const cy = await figuresOf(2, async (page) => {
    await page.route("**/panel/c/*/releases", async (route) => {
      const response = await route.fetch();
      await route.fulfill({ response, body: (await response.text()).replace(/reports\\":240/g, 'reports\\":900') });
    });
  });
  await cy.getByText(/^These figures do not hold/).first().waitFor();
  assert.equal(await cy.getByRole("button", { name: "I looked at it. Sign it" }).count(), 0);
  await cy.context().close();

  const bo = await figuresOf(1);
  await bo.getByRole("button", { name: "I looked at it. Sign it" }).click();
  await bo.getByText(/^You signed, and the numbers are let out/).first().waitFor();
  await settled(bo);
  assert.match(await status(bo), /never change now/);
  const { releases } = await outside();
  assert.equal(releases.length, 2);
  await signBundle(bo, releases[0]?.first ?? "");
  for (const page of [ann, bo]) {
    assert.deepEqual(await keptOnDevice(page), NOTHING_KEPT);
    await page.context().close();
  }

  // A server that gives days out as a draft which are let out already gets no signature either.
  const di = await figuresOf(0, async (page) => {
    await page.route("**/panel/c/*/releases", async (route) => {
      const response = await route.fetch();
      const ledger = (await response.json()) as { releases: { state: string; signatures: unknown[] }[] };
      Object.assign(ledger.releases.find(({ state }) => state === "released") ?? {}, { state: "draft", signatures: [] });
      await route.fulfill({ response, json: ledger });
    });
  });
  await di.getByRole("button", { name: "I looked at it. Sign it" }).click();
  await di.getByText(/numbers of some of these days are let out already/).first().waitFor();
  await di.context().close();

  const newest = releases[0];
  assert.ok(newest !== undefined);
  const plain = await h.open(where, { javaScriptEnabled: false, viewport: { width: 320, height: 640 } });
  assert.match(await plain.page.locator("main").innerText(), /About 240 reports are counted/); // before anything is unfolded
  const text = (await plain.page.locator("main").textContent()) ?? "";
  assert.equal(await plain.page.locator('a[href$=".zip"]').count(), 2);
  assert.ok(text.includes(createHash("sha256").update(newest.content).digest("hex")));
  assert.ok((await plain.page.locator("svg[role=img] title").count()) > 3);
  const { width } = (await plain.page.locator("html").boundingBox()) ?? { width: 0 };
  assert.ok(width <= 320, `the page is ${String(width)} wide at 320`);
  assert.deepEqual(plain.heard, []);
  await plain.context.close();
  const judged = await h.open(where, { viewport: { width: 360, height: 740 } });
  assert.deepEqual(await violations(judged.page), []);
  await judged.page.evaluate(() => { for (const d of Array.from(document.querySelectorAll("details"))) d.open = true; });
  assert.deepEqual(await violations(judged.page), []);
  if (process.env["SHOTS"] !== undefined) await judged.page.screenshot({ path: `${process.env["SHOTS"]}/figures-phone.png`, fullPage: true });
  assert.deepEqual(judged.heard, []);
  assert.deepEqual(await judged.context.cookies(), []);
  await judged.context.close();

  const shown = JSON.parse(await h.demo.run(["figures", "show", "--json", "--server", h.demo.url, "--clinic", h.demo.clinic])) as unknown[];
  assert.equal(shown.length, 2);
});
