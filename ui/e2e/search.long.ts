/** Searching what people wrote, reports that are alike, and the weeks of the panel: nothing of it leaves the browser. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Page } from "playwright-core";
import type { Answer } from "../src/pad.js";
import { house, keptOnDevice, NOTHING_KEPT, violations, WAITED } from "./browser.js";
import { code, press, rowOf, signIn, sit, take } from "./desk.js";
import { leaks } from "./recorder.js";

const [ANNA, BELA, CLEO] = [0, 1, 2] as const;
const told: Record<string, string> = {};
const answers = (words: string, more: Answer[] = []): Answer[] => [{ q: "words", a: words }, { q: "themes", a: "force" }, { q: "items", a: "force.held_down" }, { q: "service", a: "crisis_house" }, ...more];

const h = house(0, async (demo) => {
  told["first"] = await demo.post(answers("They held me on the marmalade stairs. ثم الضَّرب. Nobody came.", [{ q: "names", a: "Quillwort" }]));
  told["second"] = await demo.post(answers("Again on the stairs, beside the marmalade. MÜLLER saw it."));
  told["shut"] = await demo.post(answers("The marmalade stairs, and nobody declared on it."));
  await demo.told();
});
const row = (name: string): string => rowOf(told[name] ?? assert.fail(name));
const shot = async (page: Page, name: string): Promise<void> => {
  if (process.env["SHOTS"] !== undefined) await page.screenshot({ path: `${process.env["SHOTS"]}/${name}.png`, fullPage: true });
};

/** Looks for something and gives what the page says of it. */
async function look(page: Page, words: string): Promise<string> {
  await page.getByLabel("Words to look for").fill(words);
  await page.evaluate(() => { for (const p of document.querySelectorAll(".search > [role=status]")) p.textContent = ""; });
  await press(page, "Look for it");
  return said(page);
}

async function said(page: Page): Promise<string> {
  await page.waitForFunction(() => document.querySelector(".search > [role=status]")?.textContent !== "" && document.querySelector("[aria-disabled]") === null);
  return (await page.locator(".search > [role=status]").first().textContent()) ?? "";
}

/** All that is kept on the device, as bytes read as text. */
const kept = (page: Page): Promise<string> => page.evaluate(async () => {
  const ask = <T>(r: IDBRequest<T>): Promise<T> => new Promise((done, failed) => { r.onsuccess = () => { done(r.result); }; r.onerror = () => { failed(new Error("failed")); }; });
  const database = await ask(indexedDB.open("answerable-search", 1));
  const rows: { clinic: string; epoch: string; file: Uint8Array }[] = await ask(database.transaction("indexes").objectStore("indexes").getAll() as IDBRequest<{ clinic: string; epoch: string; file: Uint8Array }[]>);
  database.close();
  return rows.map((r) => [...Object.keys(r), r.clinic, r.epoch, new TextDecoder("latin1").decode(r.file)].join(" ")).join(" ");
});

test("a search goes through what was declared on, can be stopped, keeps an index only when asked, and no request holds what is looked for", { timeout: 300_000 }, async () => {
  const anna = await h.openRecorded("/panel");
  const { page, recorder } = anna;
  await signIn(page, h.demo.identity(ANNA));
  await take(page, row("first"));
  await code(page, ["force"], 2);
  await press(page, "Send it and freeze it");
  await page.getByText("The other one is not yet", { exact: false }).first().waitFor();
  const bela = await sit(h, BELA);
  await press(bela.page, "Search");
  assert.match(await look(bela.page, "marmalade"), /You have declared on no report yet/);
  await press(bela.page, "What people wrote");
  await take(bela.page, row("first"));
  await code(bela.page, ["force"], 2);
  await press(bela.page, "Send it and freeze it");
  await press(bela.page, "Agree and sign");
  await bela.page.locator(".reading .note", { hasText: "Signed" }).waitFor();
  await bela.context.close();
  await take(page, row("second"));
  await code(page, ["force"], 1);
  await press(page, "Send it and freeze it");
  await page.locator(row("second"), { hasText: "Look at it again" }).waitFor();

  const before = recorder.requests.length;
  await press(page, "Search");
  assert.match(await look(page, "MARMAL* stairs"), /^Found in 2 reports, of 2 that you may look through\.$/);
  assert.match(await look(page, "ضرب"), /^Found in 1 report, /, "neither vowels nor the article matter");
  assert.match(await look(page, "muller"), /^Found in 1 report, /);
  assert.match(await look(page, "quillwort"), /^Nothing found, /, "names are not looked through");
  assert.match(await look(page, "declared"), /^Nothing found, /, "what nobody declared on is not looked through");
  assert.match(await look(page, '"marmalade stairs"'), /^Found in 1 report, /);
  assert.ok(!(await page.content()).includes("They held me"), "words stand on the page before somebody asks");
  await page.getByText("Show the words", { exact: true }).click();
  await page.locator(".found mark", { hasText: "marmalade stairs" }).waitFor();
  for (const fold of ["What is looked through, and what is not", "Keep an index on this device"]) await page.getByText(fold, { exact: true }).click();
  for (const width of [320, 1280]) {
    await page.setViewportSize({ width, height: 800 });
    assert.deepEqual(await violations(page), [], `the search at ${String(width)}`);
    assert.ok(!(await page.evaluate(() => document.documentElement.scrollWidth > document.documentElement.clientWidth)), `wider than ${String(width)}`);
    await shot(page, `search-${String(width)}`);
  }
  const during = recorder.requests.slice(before);
  assert.deepEqual(during.filter(({ method, url }) => method !== "GET" && !new URL(url).pathname.endsWith("/acts")).map(({ url }) => url), [], "a search sends something");
  const asked = during.length;
  await look(page, "nobody");
  assert.equal(recorder.requests.length - before, asked, "once all is here, a search asks for nothing");
  assert.deepEqual(await keptOnDevice(page), NOTHING_KEPT);

  await page.getByLabel("Keep a sealed index on this device").check();
  await page.getByText("A sealed index is kept on this device.", { exact: true }).first().waitFor();
  const sealed = await kept(page);
  assert.ok(sealed.includes("age-encryption.org/v1") && !/marmal|stairs|muller|force/.test(sealed), "the kept index can be read");
  await page.reload();
  const reloaded = recorder.requests.length;
  await signIn(page, h.demo.identity(ANNA));
  await press(page, "Search");
  assert.match(await look(page, "marmalade"), /^Found in 2 reports, /);
  assert.ok(!recorder.requests.slice(reloaded).some(({ url }) => /files\?after=$/.test(url)), "with a kept index whole keys are fetched again");
  await press(page, "Lock");
  await page.waitForFunction(async () => (await indexedDB.databases()).length === 0);
  assert.deepEqual(await keptOnDevice(page), NOTHING_KEPT);

  await signIn(page, h.demo.identity(ANNA));
  let go = (): void => undefined;
  const held = new Promise<void>((resolve) => { go = resolve; });
  await page.route(/files\?after=$/, async (route) => { await held; await route.continue(); });
  await press(page, "Search");
  await page.getByLabel("Words to look for").fill("marmalade");
  await press(page, "Look for it");
  await press(page, "Stop");
  go();
  assert.match(await said(page), /Stopped\. Only 0 of 2 reports were looked through/);
  await page.unrouteAll(WAITED);
  assert.match(await look(page, "marmalade"), /^Found in 2 reports, /);

  await page.getByText("Keep an index on this device", { exact: true }).click();
  await page.getByLabel("Keep a sealed index on this device").check();
  await page.getByText("A sealed index is kept on this device.", { exact: true }).first().waitFor();
  await page.waitForFunction(async () => (await indexedDB.databases()).length === 1);
  await page.route("**/panel/c/riverside/epochs", async (route) => {
    const answer = await fetch(route.request().url(), { headers: await route.request().allHeaders() }); // not through the recorder
    const { epochs, ...rest } = (await answer.json()) as { epochs: { files: number; state: string }[] };
    await route.fulfill({ json: { ...rest, epochs: epochs.map((e) => (e.files > 0 ? { ...e, state: "shredded", wrap: null, files: 0 } : e)) } });
  });
  await press(page, "Look again");
  await page.waitForFunction(async () => (await indexedDB.databases()).length === 0);
  await page.locator(".found").waitFor({ state: "detached" }); // what was found under a destroyed key goes from the page too
  await page.unrouteAll(WAITED);
  await press(page, "Lock");

  assert.deepEqual(leaks(recorder.requests, ["marmal", "stairs", "quillwort", "muller", "They held"]), []);
  assert.deepEqual(recorder.strangers, []);
  assert.deepEqual(anna.heard, []);
  await anna.context.close();
});

test("from a report that two agree on, others like it are listed with what they share, and the panel sees its weeks", { timeout: 120_000 }, async () => {
  const { page, context, heard } = await sit(h, ANNA, { viewport: { width: 360, height: 740 } });
  await page.locator(row("first")).click();
  await page.getByRole("button", { name: "Agree and sign" }).waitFor();
  assert.equal(await page.getByRole("button", { name: "Look for reports like this one" }).count(), 0, "before both agree, others would tell one of them what to find");
  await press(page, "Agree and sign");
  await press(page, "Look for reports like this one");
  const found = page.locator(".reading .found > li");
  await found.first().waitFor();
  assert.equal(await found.count(), 1, "what was not declared on is not compared");
  assert.match(await found.innerText(), /Force and being locked up[\s\S]*I was held down or tied/);
  assert.ok(!(await found.textContent())?.includes("marmalade"), "words stand on the page before somebody asks");
  await found.getByText("Show rare words that both have", { exact: true }).click();
  await found.getByText("marmalade", { exact: true }).first().waitFor();
  assert.doesNotMatch(await found.innerText(), /crisis, /, "a service that was picked is no word");
  assert.deepEqual(await violations(page), []);
  await shot(page, "alike-360");

  await page.getByText("Work and rest over weeks", { exact: true }).click();
  const weeks = page.locator(".weeks");
  await weeks.getByRole("checkbox").first().check();
  await press(page, "Keep my weeks");
  await weeks.locator("tbody tr", { hasText: "week goes on" }).getByText(/\d, rests/).first().waitFor();
  assert.deepEqual(await violations(page), []);
  assert.ok(!(await page.evaluate(() => document.documentElement.scrollWidth > document.documentElement.clientWidth)));
  await weeks.scrollIntoViewIfNeeded();
  await shot(page, "weeks-360");
  assert.deepEqual([await keptOnDevice(page), heard], [NOTHING_KEPT, []]);
  await context.close();
});

test("words of one of the gravest kind begin the pause, also where a search shows them", { timeout: 120_000 }, async () => {
  const { page, context, heard } = await sit(h, CLEO);
  await take(page, row("shut"));
  await code(page, ["force"], 3);
  await press(page, "Send it and freeze it");
  await page.getByText("The other one is not yet", { exact: false }).first().waitFor();
  await page.reload(); // and with it ends the pause that coding began
  await signIn(page, h.demo.identity(CLEO));
  await press(page, "Search");
  assert.match(await look(page, "marmalade"), /^Found in 1 report, /);
  assert.match(await look(page, "marmalade"), /^Found in 1 report, /, "nothing of it was shown yet");
  await page.getByText("Show the words", { exact: true }).click();
  await page.locator(".found mark", { hasText: "marmalade" }).waitFor();
  assert.match(await look(page, "marmalade"), /^That was a hard one\. /);
  assert.equal(await page.locator(".found").count(), 0);
  assert.deepEqual(heard, []);
  await context.close();
});
