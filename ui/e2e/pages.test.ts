/**
 * Every page in every state, held to the same: accessible, nothing wider than the window, in light,
 * dark and forced colours, on a phone and at four times the size, quiet towards others and the device.
 *
 * With ANSWERABLE_SCREENSHOTS=DIR it also leaves a picture of each there.
 */
import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { generateHybridIdentity, identityToRecipient } from "age-encryption";
import type { BrowserContextOptions, Page, Response } from "playwright-core";
import { house, keptOnDevice, NOTHING_KEPT, violations, type Visit } from "./browser.js";
import { rowOf, take } from "./desk.js";
import { receiptOn, send, STORY, tell } from "./story.js";
import { faults } from "./validity.js";

const h = house(3);
const TELL = "/c/riverside/tell";
const pictures = process.env["ANSWERABLE_SCREENSHOTS"] ?? "";

/** A visit that writes down what the server set and where the page's requests went. */
async function visit(where: string, options: BrowserContextOptions, work: (v: Visit) => Promise<void>): Promise<void> {
  const v = await h.open("/static/app.css", options); // somewhere without a page, to listen from the beginning
  const answers: Response[] = [];
  const strangers: string[] = [];
  v.page.on("response", (r) => answers.push(r));
  v.page.on("request", (r) => { if (new URL(r.url()).port !== new URL(h.demo.url).port) strangers.push(r.url()); });
  await v.page.goto(where.startsWith("http") ? where : h.demo.url + where);
  await work(v);
  const cookies = await Promise.all(answers.map((r) => r.headerValue("set-cookie")));
  if (!where.endsWith("/panel") && !where.endsWith("/steward")) {
    assert.deepEqual(cookies.filter((c) => c !== null), []);
    assert.deepEqual(await v.context.cookies(), []);
  }
  assert.deepEqual(strangers, []);
  await v.context.close();
}

const fits = (page: Page): Promise<string[]> => page.evaluate(() => {
  const width = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= width) return [];
  const wide = Array.from(document.querySelectorAll("body *")).filter((e) => e.getBoundingClientRect().right > width + 1);
  return wide.map((e) => `${e.tagName} ${e.className}: ${Math.round(e.getBoundingClientRect().right)} of ${width}`);
});

/** Buttons and the Leave link that have no edge of their own when the system sets the colours. */
const edgeless = (page: Page): Promise<string[]> => page.evaluate(() => {
  const shown = Array.from(document.querySelectorAll("button, .button, .leave")).filter((e) => e.getClientRects().length > 0);
  const bare = shown.filter((e) => {
    const s = getComputedStyle(e);
    return parseFloat(s.borderTopWidth) < 1 || s.borderTopStyle === "none" || s.borderTopColor === s.backgroundColor;
  });
  return bare.map((e) => e.textContent);
});

/** Holds a page as it stands to everything. */
async function examine(page: Page, name: string): Promise<void> {
  assert.equal(await page.locator("h1").count(), 1, `${name}: headings of the first level`);
  assert.equal(await page.locator("html").getAttribute("lang"), "en", name);
  const before = page.viewportSize() ?? { width: 1280, height: 900 };
  assert.deepEqual(await violations(page), [], name);
  // 320 pixels is an old phone, and with 256 of height a window of 1280 by 1024 at four times the size.
  for (const height of [640, 256]) {
    await page.setViewportSize({ width: 320, height });
    assert.deepEqual(await fits(page), [], `${name}: wider than 320 pixels`);
  }
  await page.emulateMedia({ forcedColors: "active" });
  assert.deepEqual(await edgeless(page), [], `${name}: buttons in forced colours`);
  await page.emulateMedia({ forcedColors: "none" });
  await takePictures(page, name);
  await page.setViewportSize(before);
}

const SIZES = { phone: { width: 390, height: 844 }, narrow: { width: 320, height: 640 }, desktop: { width: 1280, height: 900 } };

async function takePictures(page: Page, name: string): Promise<void> {
  if (pictures === "") return;
  mkdirSync(pictures, { recursive: true });
  for (const [size, viewport] of Object.entries(SIZES)) {
    await page.setViewportSize(viewport);
    for (const colorScheme of ["light", "dark"] as const) {
      await page.emulateMedia({ colorScheme });
      await page.screenshot({ path: path.join(pictures, `${name}-${size}-${colorScheme}.png`), fullPage: true });
    }
  }
  await page.emulateMedia({ colorScheme: "light" });
}

/**
 * Examines a page that runs without script. Axe is script, so it is given the same document in a
 * browser with script, with the page's own scripts taken out.
 */
async function examinePlain(page: Page, name: string): Promise<void> {
  const html = (await page.content()).replace(/<script src="[^"]*" defer=""><\/script>/g, "");
  assert.ok(!html.includes("<script src"));
  const twin = await h.open("/static/app.css");
  await twin.page.route(page.url(), (route) => route.fulfill({ contentType: "text/html; charset=utf-8", body: html }));
  await twin.page.goto(page.url());
  await examine(twin.page, name);
  await twin.context.close();
}

const OFF = { javaScriptEnabled: false };

/** The scripts of a page, by their names. */
const scriptsOn = (page: Page): Promise<string[]> =>
  page.locator("script[src]").evaluateAll((all) => all.map((e) => new URL((e as HTMLScriptElement).src).pathname.replace(/^\/static\/|\.js$/g, "")));

test("pages without script of their own stand up to all of it", async () => {
  await h.demo.run(["clinic", "add", "harbor", "--name", "Harbor House"]);
  const pages: [string, string, number][] = [
    ["places", "/", 200], ["clinic", "/c/riverside", 200], ["keys", "/c/riverside/keys", 200],
    ["poster", "/c/riverside/poster", 200], ["no-poster", "/c/harbor/poster", 200],
    ["closed", "/c/harbor/tell", 409], ["clinic-closed", "/c/harbor", 200], ["not-found", "/nothing/here", 404], ["no-clinic", "/c/nowhere/tell", 404],
  ];
  for (const [name, where, status] of pages) {
    await visit(where, {}, async ({ page, heard }) => {
      assert.equal((await fetch(page.url())).status, status);
      assert.deepEqual([await scriptsOn(page), await page.locator("script").count()], [["leave"], 1], name); // so with script off it is the same but for Shift
      await examine(page, name);
      assert.deepEqual(heard.filter((line) => !line.includes(`status of ${status}`)), [], name);
    });
  }
});

test("the form stands up to it in every state, with script", async () => {
  await visit(TELL, {}, async ({ page, heard }) => {
    await examine(page, "tell");
    await page.locator("details").evaluateAll((all) => { for (const d of all) d.setAttribute("open", ""); });
    await examine(page, "tell-unfolded");
    await page.reload();
    await send(page);
    await page.locator("#problems").waitFor();
    await examine(page, "tell-nothing-said");
    assert.deepEqual(heard, []);
  });
  await visit(TELL, {}, async ({ page }) => {
    await tell(page, [{ q: "words", a: "These words stay." }]);
    await page.evaluate(() => { crypto.subtle.deriveBits = () => Promise.reject(new Error("broken")); });
    await send(page);
    await page.getByRole("button", { name: "sees the words for a moment" }).waitFor();
    await examine(page, "tell-not-locked");
  });
  await visit(TELL, {}, async ({ page }) => {
    await tell(page, [{ q: "words", a: "These words stay." }]);
    await page.route("**/epoch", (route) => route.fulfill({ json: { origin: "o", epoch: "e", recipient: "age1pq1swapped", form: "f" } }));
    await send(page);
    await page.getByText("Nothing was locked").first().waitFor();
    await examine(page, "tell-unproven");
  });
});

test("the page after sending stands up to it, and nothing is left on the device", async () => {
  await visit(TELL, {}, async ({ page, heard }) => {
    await tell(page, STORY);
    await send(page);
    await receiptOn(page);
    await examine(page, "thanks");
    await page.getByRole("button", { name: "I do not want these words" }).click();
    await examine(page, "thanks-forgotten");
    assert.deepEqual(await keptOnDevice(page), NOTHING_KEPT);
    assert.deepEqual(heard, []);
  });
});

test("the form stands up to it in every state, without script", async () => {
  await visit(TELL, OFF, async ({ page, heard }) => {
    await examinePlain(page, "plain-tell");
    await send(page);
    await page.locator("#problems").waitFor();
    await examinePlain(page, "plain-nothing-said");
    await tell(page, STORY);
    await send(page);
    await receiptOn(page);
    await examinePlain(page, "plain-thanks");
    assert.deepEqual(heard.filter((line) => !line.includes("status of 422")), []);
  });
});

test("words that could not be kept come back on a page that stands up to it", async () => {
  await visit(TELL, OFF, async ({ page }) => {
    await tell(page, STORY);
    await page.route(`**${TELL}`, (route) => route.continue({ url: route.request().url().replace("riverside", "nowhere") }));
    await send(page);
    await page.getByRole("heading", { name: "Your words are here" }).waitFor();
    await examinePlain(page, "words-back");
  });
});

test("where a browser cannot lock, form and panel stand up to it", async () => {
  const elsewhere = h.demo.url.replace("localhost", "plain.test");
  await visit(elsewhere + TELL, {}, ({ page }) => examine(page, "tell-plain-http"));
  await visit(`${elsewhere}/panel`, {}, ({ page }) => examine(page, "panel-plain-http"));
});

test("the panel's page stands up to it in every state", async () => {
  await h.demo.run(["submit", "--server", h.demo.url, "--clinic", "riverside"], "A text to read.");
  await h.demo.post([{ q: "words", a: "sealed to nobody here" }], await identityToRecipient(await generateHybridIdentity()));
  await h.demo.told();
  await visit("/panel", OFF, ({ page }) => examinePlain(page, "plain-panel"));
  await visit("/panel", {}, async ({ page, heard }) => {
    await examine(page, "panel");
    await page.getByText("Type your paper copy").click();
    await page.getByText("Name of this device").click();
    await examine(page, "panel-ways-in");
    await page.getByRole("button", { name: "Sign in", exact: true }).click();
    await examine(page, "panel-no-file");
    await page.setInputFiles('[data-part="file"]', h.demo.identity(0));
    await page.getByRole("button", { name: "Sign in", exact: true }).click();
    await page.waitForFunction(() => /messages\./.test(document.querySelector('[data-part="status"]')?.textContent ?? ""));
    for (const leads of ["tell?paper", "paper"]) assert.ok(await page.locator(`.queue a[href="/c/riverside/${leads}"]`).isVisible(), leads);
    await examine(page, "panel-queue");
    await page.locator(".row", { hasText: "will not open" }).click();
    await examine(page, "panel-junk");
    const chipped = rowOf((await page.locator(".row", { has: page.locator(".chip") }).first().getAttribute("data-leaf")) ?? "");
    await page.locator(chipped).click();
    await page.getByText("Before you read").first().waitFor();
    await examine(page, "panel-declare");
    await take(page, chipped);
    await examine(page, "panel-veil");
    await page.getByRole("button", { name: "Read it", exact: true }).click();
    await examine(page, "panel-words");
    await page.getByRole("button", { name: "Lock", exact: true }).click();
    await examine(page, "panel-locked");
    assert.deepEqual(await keptOnDevice(page), NOTHING_KEPT);
    assert.deepEqual(heard, []);
  });
});

test("the stewards' page stands up to all of it", async () => {
  const added = JSON.parse(await h.demo.run(["clinic", "add", "quay", "--name", "Quay House", "--json"])) as { steward_invitation: string };
  const file = h.demo.file("steward.txt");
  await h.demo.run(["identity", "new", "--out", file]);
  await h.demo.run(["panel", "join", "--server", h.demo.url, "--identity", file, "--invitation", added.steward_invitation]);
  await visit("/steward", {}, async ({ page, heard }) => {
    await examine(page, "steward-signed-out");
    await page.getByLabel("Your identity file").setInputFiles(file);
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.getByRole("button", { name: "Quay House" }).click();
    await page.locator("[data-part=steps]").getByRole("button", { name: "Make a link" }).last().click();
    await page.getByText("Here is the link. It is shown this once.").first().waitFor();
    await page.getByText("Add a clinic").click();
    await examine(page, "steward-steps");
    await page.getByRole("button", { name: "Riverside Community Clinic" }).click();
    await page.getByText("It is open.").first().waitFor();
    for (const sheet of ["poster", "paper"]) assert.ok(await page.locator(`[data-part=pages] a[href="/c/riverside/${sheet}"]`).isVisible(), sheet);
    await examine(page, "steward-done");
    assert.deepEqual(await keptOnDevice(page), NOTHING_KEPT);
    assert.deepEqual(heard, []);
  });
  await visit("/steward", OFF, async ({ page }) => { await examinePlain(page, "steward-plain"); });
});

test("the page of joining stands up to it in every state, and sets no cookie before one joins", async () => {
  const { invitation } = JSON.parse(await h.demo.run(["--json", "panel", "invite", "--clinic", "riverside"])) as { invitation: string };
  await visit("/panel/join", OFF, ({ page }) => examinePlain(page, "plain-join"));
  await visit(`${h.demo.url.replace("localhost", "plain.test")}/panel/join`, {}, ({ page }) => examine(page, "join-plain-http"));
  const say = (page: Page, sentence: string): Promise<void> => page.locator('[data-part="status"]', { hasText: sentence }).waitFor();
  const press = (page: Page, name: string): Promise<void> => page.getByRole("button", { name, exact: true }).click();
  await visit("/panel/join", {}, async ({ page, heard }) => {
    await examine(page, "join");
    await press(page, "Look where it leads");
    await examine(page, "join-no-code");
    await page.getByLabel("Your invitation").fill(invitation);
    await press(page, "Look where it leads");
    await page.getByText("I have a key already").click();
    await page.getByText("Type your paper copy").click();
    await page.getByText("Name of this device").click();
    await examine(page, "join-leads");
    await press(page, "Make my key here");
    await say(page, "Your key is made.");
    await examine(page, "join-keep");
    await press(page, "Make a locked file");
    await say(page, "Save the file");
    await examine(page, "join-file");
    await page.getByRole("link", { name: "Save the file" }).click();
    await press(page, "I have the file and the words");
    await examine(page, "join-file-back");
    await press(page, "Make a paper copy");
    await say(page, "Print it");
    await examine(page, "join-paper");
    if (pictures !== "") await page.pdf({ path: path.join(pictures, "join-sheet.pdf"), format: "A4" });
    await press(page, "I have it on paper");
    await page.getByLabel("The last two groups on the paper").fill("Q");
    await press(page, "Check the groups");
    await examine(page, "join-paper-wrong");
    assert.deepEqual(await keptOnDevice(page), NOTHING_KEPT);
    assert.deepEqual(heard, []);
  });
});

test("new reviewers practise on invented reports, with script and without, and nothing of it is sent or kept", async () => {
  await visit("/panel/practise", OFF, ({ page }) => examinePlain(page, "plain-practise"));
  await visit("/panel/practise", {}, async ({ page, heard }) => {
    const asked: string[] = [];
    page.on("request", (r) => asked.push(r.url()));
    await page.locator("#practise-first_visit").getByText("Look whether that is right").first().waitFor();
    await examine(page, "practise");
    const one = page.locator("#practise-called_off");
    await one.getByRole("button", { name: "I step back" }).click();
    await one.getByText("Not quite.", { exact: false }).first().waitFor();
    await one.getByText("Read it", { exact: true }).click();
    await one.getByText("Answer it yourself", { exact: true }).click();
    await one.getByRole("button", { name: "Compare" }).click();
    await one.locator(".problems").waitFor();
    for (const theme of await one.locator('input[type=radio][value="no"]').all()) await theme.check();
    await one.locator('input[type=radio][value="yes"]').nth(5).check(); // being left or cut off
    await one.locator('input[name$="seriousness"][value="1"]').check();
    await one.getByRole("button", { name: "Compare" }).click();
    await one.getByRole("heading", { name: "Side by side" }).waitFor();
    await one.getByText("Two weeks of calls that nobody took.").first().waitFor();
    await examine(page, "practise-compared");
    assert.deepEqual(asked, []);
    assert.deepEqual(await keptOnDevice(page), NOTHING_KEPT);
    assert.deepEqual(heard, []);
  });
});

test("every public page is valid HTML, in every language and in what comes back from its forms", async () => {
  assert.notDeepEqual(await faults("<!doctype html><html lang=en><title>t</title><ul><p>x</ul>"), [], "the validator finds nothing");
  const places = ["/", "/c/riverside", TELL, `${TELL}?paper`, ...["about-you", "back", "mailbox", "check", "keys", "poster", "paper?copies=2", "accountability"].map((p) => `/c/riverside/${p}`),
    "/c/harbor", "/c/harbor/tell", "/c/nowhere/tell"];
  const english = ["/clinic", "/clinic/join", "/panel", "/panel/settings", "/panel/join", "/steward"];
  const sent = (answers: Record<string, string>): RequestInit => ({ method: "POST", headers: { "Content-Type": "application/x-www-form-urlencoded" }, body: new URLSearchParams(answers).toString() });
  const nonce = "AAAAAAAAAAAAAAAAAAAAAA";
  const come: [string, RequestInit][] = [
    [TELL, sent({ nonce })], [TELL, sent({ nonce, words: "valid", wants: "be_counted" })], [TELL, sent({ nonce, words: "valid" })],
    ["/c/nowhere/tell", sent({ nonce, words: "valid" })], ["/c/riverside/back", sent({ receipt: "no words" })], ["/c/riverside/mailbox", sent({ receipt: "no words" })],
    ["/c/riverside/about-you", sent({ nonce })],
  ];
  for (const lang of ["en", "es", "ar"]) {
    for (const [place, init] of [...[...places, ...(lang === "en" ? english : [])].map((p): [string, RequestInit] => [p, {}]), ...come]) {
      const page = await (await fetch(`${h.demo.url}${place}${place.includes("?") ? "&" : "?"}shared&lang=${lang}`, init)).text();
      assert.ok(page.startsWith("<!doctype html>"), place);
      assert.deepEqual(await faults(page), [], `${place} in ${lang}`);
    }
  }
});

test("every address has a title of its own", async () => {
  const seen = new Map<string, string>();
  for (const where of ["/", "/c/riverside", "/c/riverside/keys", "/c/riverside/poster", TELL, "/panel", "/panel/join", "/panel/practise", "/steward", "/c/nowhere", "/nothing"]) {
    const title = /<title>(.+)<\/title>/.exec(await (await fetch(h.demo.url + where)).text())?.[1] ?? "";
    assert.notEqual(title, "", where);
    assert.equal(seen.get(title), undefined, `${where} has the title of another page: ${title}`);
    seen.set(title, where);
  }
});
