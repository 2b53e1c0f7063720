/** A panel of which two open a key: its browsers make it, one of them asks, another gives their part, and the words are read. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { BrowserContext, Page } from "playwright-core";
import { house, keptOnDevice, NOTHING_KEPT, violations } from "./browser.js";
import { take } from "./desk.js";

const TOLD = "Only two of you together can read this.";

const h = house(0, async (demo) => {
  const at = ["--server", demo.url, "--clinic", demo.clinic, "--json"];
  const decide = async (...what: string[]): Promise<void> => {
    const { id } = JSON.parse(await demo.run([...what, ...at, "--identity", demo.identity(0)])) as { id: string };
    await demo.run(["panel", "decisions", "--sign", id, ...at, "--identity", demo.identity(1)]);
  };
  await decide("panel", "rotation", "--open-by", "2");
  const epochs = JSON.parse(await demo.run(["epoch", "list", ...at])) as { id: string }[];
  await decide("epoch", "revoke", ...epochs.flatMap((e) => ["--epoch", e.id]));
});

interface Desk {
  page: Page;
  context: BrowserContext;
  heard: string[];
}

const settled = (page: Page): Promise<unknown> => page.waitForFunction(() => document.querySelector("[aria-disabled]") === null);
const said = async (page: Page): Promise<string> => (await page.textContent('[data-part="status"]')) ?? "";
const tended = (page: Page): Promise<string> => page.locator('[data-part="tended"]').innerText();

async function signIn(n: number, prepare: (page: Page) => Promise<void> = () => Promise.resolve()): Promise<Desk> {
  const desk = await h.open("/panel");
  await prepare(desk.page);
  await desk.page.getByLabel("Your identity file").setInputFiles(h.demo.identity(n));
  await desk.page.getByRole("button", { name: "Sign in", exact: true }).click();
  await desk.page.locator('[data-part="desk"]:not([hidden])').waitFor();
  await settled(desk.page);
  return desk;
}

async function openKeys(page: Page): Promise<void> {
  await page.getByRole("button", { name: "Keys and members" }).click();
  await page.getByRole("heading", { name: "What you decide together" }).waitFor();
  await settled(page);
}

async function press(page: Page, name: string | RegExp): Promise<string> {
  await page.getByRole("button", { name, exact: typeof name === "string" }).first().click();
  await settled(page);
  return said(page);
}

async function leave(...desks: Desk[]): Promise<void> {
  for (const { page, context, heard } of desks) {
    assert.deepEqual(heard, []);
    assert.deepEqual(await keptOnDevice(page), NOTHING_KEPT);
    await context.close();
  }
}

test("browsers make and check keys that two open, and what is written waits for two", async () => {
  const ann = await signIn(0);
  assert.match(await tended(ann.page), /Your browser made [4-9] keys/);
  const bo = await signIn(1);
  assert.match(await tended(bo.page), /opened your copy of [4-9] new keys, found them right, and signed/);
  await h.demo.run(["submit", "--server", h.demo.url, "--clinic", h.demo.clinic], TOLD);
  const waiting = bo.page.locator(".note", { hasText: "which several of you open together" });
  for (let tries = 0; tries < 30 && (await waiting.count()) === 0; tries++) { // a batch comes each second
    await bo.page.waitForTimeout(500);
    await press(bo.page, "Look again");
  }
  assert.match(await waiting.innerText(), /To read, ask the others under Keys and members/);
  await leave(ann, bo);
});

test("one asks, another gives their part, and the words are there", async () => {
  const bo = await signIn(1);
  await openKeys(bo.page);
  assert.match(await bo.page.locator(".clinic-keys").innerText(), /nobody reads alone/);
  assert.match(await press(bo.page, /^Ask to open key/), /^You asked\..*1 of 2 parts are here/);
  assert.deepEqual(await violations(bo.page), []);

  const cy = await signIn(2);
  assert.match(await tended(cy.page), /A colleague asks to open a key together/);
  await openKeys(cy.page);
  assert.match(await cy.page.locator(".waits", { hasText: "asks to open key" }).innerText(), /With 2 of 3 parts they read all that was written to it, and what comes until/);
  await cy.page.setViewportSize({ width: 320, height: 640 });
  assert.deepEqual(await violations(cy.page), []);
  assert.equal(await cy.page.evaluate(() => document.documentElement.scrollWidth), 320);
  assert.match(await press(cy.page, "Give your part"), /^You gave your part/);
  assert.equal(await cy.page.getByRole("button", { name: "Give your part" }).count(), 0);

  await press(bo.page, "What people wrote");
  await press(bo.page, "Look again");
  assert.match(await tended(bo.page), /Open, with the parts of/);
  await take(bo.page, ".row >> nth=0");
  await bo.page.getByRole("button", { name: "Read it", exact: true }).click();
  assert.match(await bo.page.locator(".words").innerText(), new RegExp(TOLD));
  await leave(bo, cy);
});

test("locked and signed in again, the answers are still there, and a server that changes one is named", async () => {
  const bo = await signIn(1);
  assert.match(await tended(bo.page), /Open, with the parts of/);
  const cheated = await signIn(1, async (page) => {
    await page.route("**/api/v1/panel/c/*/openings", async (route) => {
      const response = await route.fetch();
      const body = (await response.json()) as { openings: { answers: { file: string }[] }[] };
      for (const o of body.openings) for (const a of o.answers) a.file = a.file.replace(/.{8}$/, "AAAAAAA=");
      await route.fulfill({ response, json: body });
    });
  });
  assert.match(await cheated.page.locator('[data-part="alarms"]').innerText(), /is not what r\w{8} signed: the server has changed it/);
  assert.match(await cheated.page.locator(".note").first().innerText(), /which several of you open together/);
  await leave(bo, cheated);
});
