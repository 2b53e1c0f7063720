/** Answers about a person that belong to what they told, because they wish it: with script, without, and never by mistake. */
import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";
import type { Page } from "playwright-core";
import { fromHex, toBase64, toBase64url } from "../src/encoding.js";
import { derive, newReceipt, parseReceipt, toWords } from "../src/receipt.js";
import { house, keptOnDevice, NOTHING_KEPT, smallTargets, spokenOf, inOrder, violations } from "./browser.js";
import { answerTo, words } from "./demo.js";
import { rowOf, sit, take } from "./desk.js";
import { opened } from "./pulled.js";
import { leaks } from "./recorder.js";

const h = house();
const ABOUT = "/c/riverside/about-you";
const SUBMISSIONS = "/api/v1/c/riverside/submissions";
const pictures = process.env["ANSWERABLE_SCREENSHOTS"] ?? "";
const PHONE = { viewport: { width: 320, height: 640 } };

interface Said {
  receipt: string;
  digits: string;
  leaf_hash: string;
}

const at = (): string[] => ["--server", h.demo.url, "--clinic", h.demo.clinic];

/** Tells something from a terminal, and waits until it is in the log. */
async function say(text: string): Promise<Said> {
  const said = JSON.parse(await h.demo.run(["--json", "submit", ...at()], text)) as Said;
  await h.demo.told();
  return said;
}

const field = (page: Page): ReturnType<Page["locator"]> => page.locator("#receipt");
const yes = (page: Page): Promise<void> => page.locator('[name="link"][value="link_to_my_report"]').check();
const sendIt = (page: Page): Promise<void> => page.locator('#about-you button[type="submit"].button').click();

async function fill(page: Page, community: string): Promise<void> {
  await page.locator('[name="age_band"][value="26_39"]').check();
  await page.locator('[name="communities"]').fill(community);
}

async function examine(page: Page, name: string): Promise<void> {
  assert.deepEqual(await violations(page), [], name);
  await looks(page, name);
}

/** The same without what needs script in the page. */
async function looks(page: Page, name: string): Promise<void> {
  assert.deepEqual(await smallTargets(page), [], `${name}: targets`);
  assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), `${name} is wider than a phone`);
  if (pictures === "") return;
  mkdirSync(pictures, { recursive: true });
  await page.screenshot({ path: path.join(pictures, `about-${name}.png`), fullPage: true });
}

/** What a reviewer gets who pulls for the first time. */
async function pulledAfresh(name: string): Promise<Awaited<ReturnType<typeof opened>>> {
  const dir = h.demo.file(name);
  await h.demo.run(["review", "pull", ...at(), "--identity", h.demo.identity(0), "--out", dir]);
  return opened(dir, h.demo.identity(0));
}

test("who wishes it ties what they say about themselves, and it is taken back with the rest", async () => {
  const said = await say("told and tied");
  const { origin } = (await (await fetch(`${h.demo.url}/api/v1/c/riverside/epoch`)).json()) as { origin: string };
  const keys = await derive(parseReceipt(said.receipt), origin);
  const { context, page, heard, recorder } = await h.openRecorded(ABOUT, PHONE);
  await page.getByText("Your phone or computer locks your words before they leave").first().waitFor();
  assert.equal(await field(page).isVisible(), false, "words are asked for before anybody wishes to tie anything");
  await fill(page, "We who knit by the weir");
  await yes(page);
  await examine(page, "tied");
  inOrder(await spokenOf(page), [
    "group \"Do these answers belong to what you told?\"", "radio \"Yes, they belong to what I told\" [checked]",
    "It can then guess more easily who you are.", "textbox \"Your eight words, or the digits\"", "button \"Send to the panel\"",
  ]);
  for (const [typed, problem] of [
    ["", /These are 0 words/], ["abandon ability", /These are 2 words/],
    [said.receipt.replace(/^\S+/, "zzzzz"), /Word 1, "zzzzz", is not on our list/],
    [toWords(newReceipt()), /Our public log knows no message with these words/],
  ] as const) {
    await field(page).fill(typed);
    await sendIt(page);
    await page.locator("#receipt-problem", { hasText: problem }).waitFor();
    assert.equal(await page.evaluate(() => document.activeElement?.id), "problems");
    assert.equal(await field(page).inputValue(), typed);
    assert.equal(await page.locator('[name="communities"]').inputValue(), "We who knit by the weir");
  }
  await examine(page, "unknown");
  assert.deepEqual(recorder.posts(SUBMISSIONS), [], "something was sent by mistake");
  await field(page).fill(said.digits);
  await sendIt(page);
  await page.getByRole("heading", { name: "We have your two answers" }).waitFor();
  await page.getByText("They go to the panel, beside what you told.").first().waitFor();
  await examine(page, "tied-sent");
  assert.equal(recorder.posts(SUBMISSIONS).length, 1);
  const all8 = said.receipt.split(" ");
  const pairs = all8.slice(1).map((w, i) => `${all8[i] ?? ""} ${w}`); // one word alone can stand in any header
  const secrets = [said.digits, ...pairs, "by the weir", "26_39"];
  const named = [keys.anchor, keys.mailbox, keys.withdraw, keys.mailboxToken].flatMap((k) => [toBase64(k), toBase64url(k)]);
  assert.deepEqual(leaks(recorder.requests, [...secrets, ...named]), []);
  assert.deepEqual(await keptOnDevice(page), NOTHING_KEPT);
  assert.ok(!(await page.content()).includes(said.digits));
  assert.deepEqual(heard, []);
  await context.close();

  const all = await h.demo.told();
  const first = all.find((t) => words(t) === "told and tied");
  const about = all.find((t) => answerTo(t, "communities") === "We who knit by the weir");
  assert.deepEqual([about?.t, about?.mailbox, about?.sealed_by], ["about_you", first?.mailbox, "client"]);
  assert.deepEqual(about?.answers, [{ q: "age_band", a: "26_39" }, { q: "communities", a: "We who knit by the weir" }]);

  const desk = await sit(h, 1);
  assert.equal(await desk.page.locator(rowOf(toBase64url(fromHex(about.leaf_hash)))).count(), 0, "it has a row of its own");
  await take(desk.page, rowOf(toBase64url(fromHex(said.leaf_hash))));
  const beside = desk.page.locator(".reading section.about");
  assert.match(await beside.innerText(), /^About the person, tied by their wish\n/);
  assert.doesNotMatch(await desk.page.locator(".reading").innerText(), /weir/);
  await beside.getByRole("button", { name: "Read it", exact: true }).click();
  assert.match(await beside.innerText(), /26 to 39[\s\S]*We who knit by the weir/);
  assert.deepEqual(await violations(desk.page), []);
  assert.deepEqual(desk.heard, []);
  await desk.context.close();
  const message = [...at(), "--identity", h.demo.identity(0), "--from", h.demo.file("pulled"), "--leaf", said.leaf_hash];
  await h.demo.run(["review", "declare", "--yes", ...message]);
  const open = ["review", "open", "--identity", h.demo.identity(0), "--leaf", said.leaf_hash, h.demo.file("pulled")];
  const lines = (await h.demo.run(open)).trim().split("\n").map((l) => JSON.parse(l) as { kind: string; note?: string });
  assert.deepEqual(lines.map(({ kind }) => kind), ["submission", "about_you"]);
  assert.deepEqual(lines.map(({ note }) => note), [undefined, "About the person, tied by their wish."]);

  const back = await h.open("/c/riverside/back");
  await back.page.locator("#receipt").fill(said.receipt);
  await back.page.locator("#back button.button").click();
  await back.page.getByText("Messages taken back: 2.").first().waitFor();
  await back.context.close();
  const left = await pulledAfresh("after");
  assert.deepEqual(left.filter((t) => words(t) === "told and tied" || answerTo(t, "communities") === "We who knit by the weir"), []);
});

test("answers that stay apart are tied to nothing, though words were typed, in every language", async () => {
  const said = await say("told and apart");
  for (const lang of ["en", "es", "ar"]) {
    const { context, page, heard, recorder } = await h.openRecorded(`${ABOUT}?lang=${lang}`, PHONE);
    await fill(page, `apart in ${lang}`);
    await yes(page);
    await field(page).fill(said.receipt);
    await examine(page, `chosen-${lang}`);
    await page.locator('[name="link"][value="keep_apart"]').check();
    assert.equal(await field(page).isVisible(), false);
    await sendIt(page);
    await page.locator("#about-you").waitFor({ state: "detached" });
    assert.equal(await page.locator("#draft .notice").count(), lang === "en" ? 0 : 1, `${lang}: a machine wrote what stands there, and it is not said`);
    assert.equal(await page.locator("main details.leaving").count(), 1);
    assert.deepEqual(recorder.requests.filter((r) => r.url.includes("/log/")), [], "the log was read for nothing");
    assert.deepEqual(heard, []);
    await context.close();
  }
  const apart = (await h.demo.told()).filter((t) => answerTo(t, "communities").startsWith("apart in "));
  const wanted = ["about_you", null, null, 2];
  assert.deepEqual(apart.map((t) => [t.t, t.mailbox, t.thread, t.answers?.length]), [wanted, wanted, wanted]);
});

test("words that the log does not know yet tie after a second look, and the panel says what is not here", async () => {
  const stranger = toWords(newReceipt());
  const { context, page } = await h.open(ABOUT);
  await fill(page, "nobody knows us");
  await yes(page);
  await field(page).fill(stranger);
  await sendIt(page);
  await page.locator("#receipt-problem", { hasText: "If each word is right, press the button again." }).waitFor();
  await sendIt(page);
  await page.getByText("They go to the panel, beside what you told.").first().waitFor();
  await context.close();
  const about = (await h.demo.told()).find((t) => answerTo(t, "communities") === "nobody knows us");
  const desk = await sit(h, 2);
  await desk.page.locator(rowOf(toBase64url(fromHex(about?.leaf_hash ?? "")))).click();
  await desk.page.getByRole("button", { name: /Nothing ties me to it/ }).click();
  await desk.page.getByText("They wished it tied to what they told. That is not here.").first().waitFor();
  await desk.context.close();
});

test("without script answers are tied by the plain form, and wrong words lose nothing", async () => {
  const said = await say("told and tied without script");
  const { context, page, heard } = await h.open(ABOUT, { javaScriptEnabled: false, ...PHONE });
  await page.getByText("No script runs here, so our computer sees them for a moment, and forgets them.").first().waitFor();
  await fill(page, "We who knit without script");
  await yes(page);
  await field(page).fill(toWords(newReceipt()));
  await sendIt(page);
  await page.locator("#receipt-problem", { hasText: "These words open no message here." }).waitFor();
  await looks(page, "plain");
  assert.equal(await page.locator('[name="communities"]').inputValue(), "We who knit without script");
  assert.ok(!page.url().includes("receipt"));
  await field(page).fill(said.receipt);
  await sendIt(page);
  await page.getByText("They go to the panel, beside what you told.").first().waitFor();
  assert.ok(!(await page.content()).includes(said.receipt));
  assert.deepEqual(heard, ["Failed to load resource: the server responded with a status of 422 (Unprocessable Entity)"]);
  await context.close();
  const all = await h.demo.told();
  const about = all.find((t) => answerTo(t, "communities") === "We who knit without script");
  const first = all.find((t) => words(t) === "told and tied without script");
  assert.deepEqual([about?.t, about?.mailbox, about?.sealed_by], ["about_you", first?.mailbox, "server"]);
});

test("on a device that others use, a page that looks through the log for what to tie does not wipe itself meanwhile", async () => {
  const said = await say("told and tied on a slow tablet");
  const { context, page } = await h.open("/static/app.css", PHONE);
  await page.clock.install();
  await page.goto(`${h.demo.url}${ABOUT}?shared`);
  let come: () => void = () => undefined;
  const line = new Promise<void>((resolve) => { come = resolve; });
  let asked = 0;
  await page.route("**/log/**", async (route) => {
    asked++;
    await line;
    await route.continue();
  });
  await fill(page, "We who wait");
  await yes(page);
  await field(page).fill(said.receipt);
  await page.clock.resume();
  await sendIt(page);
  while (asked === 0) await new Promise((resolve) => setTimeout(resolve, 50));
  await page.clock.fastForward(50_000);
  assert.equal(await page.getByRole("alertdialog").count(), 0, "it warns of wiping itself in the middle");
  come();
  await page.getByText("They go to the panel, beside what you told.").first().waitFor();
  await page.getByText("One minute after your last touch or key, this page wipes itself.").first().waitFor();
  await context.close();
});
