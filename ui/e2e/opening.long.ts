/** A panel of which two open a key: its browsers make it, one of them asks, another gives their part, and the words are read. */
import assert from "node:assert/strict";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";
import type { BrowserContext, Page } from "playwright-core";
import { publicAge, readSquare, shell } from "./byhand.js";
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

test("a paper kit that is made in the page opens the key with two identities and the public age, from the file and from paper", async () => {
  const bo = await signIn(1);
  await openKeys(bo.page);
  assert.match(await press(bo.page, /^Make a paper kit for key/), /^The kit is made, with 6 blocks/);
  assert.deepEqual(await violations(bo.page), []);
  const coming = bo.page.waitForEvent("download");
  await bo.page.getByRole("link", { name: "Save the kit" }).click();
  const saved = await coming;
  const folder = h.demo.file("by-hand");
  mkdirSync(folder);
  await saved.saveAs(path.join(folder, saved.suggestedFilename()));
  const kit = readFileSync(path.join(folder, saved.suggestedFilename()), "utf8");

  const ids: string[] = [];
  for (const n of [0, 1, 2]) {
    const { reviewer } = JSON.parse(await h.demo.run(["identity", "show", "--identity", h.demo.identity(n), "--json"])) as { reviewer: string };
    ids.push(reviewer);
    writeFileSync(path.join(folder, `${reviewer}.txt`), readFileSync(h.demo.identity(n)));
  }
  await bo.page.emulateMedia({ media: "print" });
  const block = bo.page.locator(".sheet .kit-block", { hasText: `${ids[2] ?? ""} then ${ids[0] ?? ""}` });
  const squares = await Promise.all((await block.locator("svg").all()).map(readSquare));
  assert.match(await bo.page.locator(".sheet > pre").innerText(), /A paper kit for key [^]*One alone opens nothing/);
  assert.ok(await bo.page.getByRole("heading", { name: "Keys and members" }).isHidden());
  await bo.page.emulateMedia({ media: "screen" });
  assert.equal(await press(bo.page, "Put it away"), "Put away. Nothing of the kit is left on this page.");
  assert.equal(await bo.page.locator(".sheet").textContent(), "");
  await leave(bo);

  publicAge(folder);
  await h.demo.run(["review", "pull", "--server", h.demo.url, "--clinic", h.demo.clinic, "--identity", h.demo.identity(0), "--out", path.join(folder, "pulled")]);
  const commands = kit.split("\n").filter((l) => l.startsWith("    ")).map((l) => l.trim());
  assert.equal(commands.length, 4);
  const opens = (a: string, b: string, typed: string[]): string => {
    // The last command opens one sealed file; which of them holds the words nobody knows before.
    const forPair = (line: string): string => line.replaceAll("A then B", `${a} then ${b}`).replaceAll("A.txt", `${a}.txt`).replaceAll("B.txt", `${b}.txt`);
    const all = readdirSync(path.join(folder, "pulled")).filter((f) => f.endsWith(".age")).map((f) => `pulled/${f}`);
    const read = all.map((f) => `${(typed[typed.length - 1] ?? "").replace("SEALED.age", f).replace("opened.json", `${f}.json`)} || true`);
    shell(folder, [...typed.slice(0, -1).map(forPair), ...read, "cat pulled/*.json > opened.json", "rm -f for-B.age epoch.txt block.txt pulled/*.json"].join("\n"));
    return readFileSync(path.join(folder, "opened.json"), "utf8");
  };
  const pairs = ids.flatMap((a) => ids.filter((b) => b !== a).map((b) => [a, b] as const));
  for (const [a, b] of pairs) assert.ok(opens(a, b, commands).includes(TOLD), `${a} then ${b}`);
  const [a = "", b = ""] = [ids[2], ids[0]];
  writeFileSync(path.join(folder, "block.txt"), squares.join("")); // what a phone reads from the paper
  assert.ok(opens(a, b, commands.slice(1)).includes(TOLD));
  writeFileSync(path.join(folder, "block.txt"), squares.join(""));
  assert.throws(() => { shell(folder, `age -d -i ${b}.txt -o alone block.txt`); }, /no identity matched/);
});
