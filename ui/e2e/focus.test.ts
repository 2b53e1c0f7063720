/**
 * At the panel's desk by keyboard: whatever goes from the page, the focus goes on from there and never falls back to the page's
 * top.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Page } from "playwright-core";
import { toBase64url } from "../src/encoding.js";
import { CASE } from "../src/panel/casewords.js";
import { RUN_MS } from "../src/panel/typing.js";
import { derive, newReceipt } from "../src/receipt.js";
import { house, violations, WAITED } from "./browser.js";
import { alertOf, press, queueIsThere, rowOf, sit, take } from "./desk.js";

const random = (): string => toBase64url(crypto.getRandomValues(new Uint8Array(32)));
const told = { story: "", short: "" };

const h = house(0, async (demo) => {
  const [mailbox, { replyRecipient }] = [random(), await derive(newReceipt(), "words.example")];
  const answers = [{ q: "words", a: "Zebrafinch one. Zebrafinch two. Zebrafinch three." }, { q: "names", a: "Doctor Blue" }, { q: "service", a: "crisis_house" }];
  told.story = await demo.post(answers, undefined, { mailbox, actions: random(), reply_to: replyRecipient });
  told.short = await demo.post([{ q: "words", a: "zebrafinch, short" }]);
  await demo.post([{ q: "check_in", a: "month" }], undefined, { t: "followup", mailbox, thread: told.story });
  await demo.told();
});

/** What has the focus: its text, or what it is. Fails where nothing has. */
async function focused(page: Page): Promise<string> {
  const at = await page.evaluate(() => {
    const e = document.activeElement;
    return e === null || e === document.body ? null : e.textContent.trim() || e.tagName;
  });
  return at ?? assert.fail("the focus is dropped");
}

/** Presses a button by keyboard. Of several of a name the first. */
async function enter(page: Page, name: string): Promise<void> {
  await page.getByRole("button", { name, exact: true }).first().focus();
  await page.keyboard.press("Enter");
}

/** Answers of this page wait for the full hour, as outside of the demo. */
const hourly = (page: Page): Promise<unknown> => page.route("**/api/v1/panel/sign-in", async (route) => {
  const response = await route.fetch();
  await route.fulfill({ response, json: { ...(await response.json()) as object, reply_every_seconds: 3600 } });
});

/** Messages came 60 days ago, as the server says. */
const early = async (page: Page): Promise<void> => {
  const day = new Date(Date.now() - 60 * 86_400_000).toISOString().slice(0, 10);
  await page.route("**/epochs/*/work", async (route) => {
    const response = await route.fetch();
    const work = (await response.json()) as { messages: { day: string }[] };
    await route.fulfill({ response, json: { ...work, messages: work.messages.map((m) => ({ ...m, day })) } });
  });
};

/** Holds back what is kept of the typing after a note went, during which somebody chose one more answer. Gives what lets it go. */
async function holdDrafts(page: Page): Promise<() => void> {
  let release = (): void => undefined;
  let noted = false;
  const held = new Promise<void>((resolve) => { release = resolve; });
  await page.route("**/reviews", async (route) => {
    const { kind } = route.request().postDataJSON() as { kind: string };
    if (kind === "draft" && noted) await held;
    if (kind !== "note") { await route.continue(); return; }
    const response = await route.fetch();
    noted = true;
    await page.locator('input[name="mine_seriousness"][value="1"]').check();
    await route.fulfill({ response });
  });
  return release;
}

/** Draws the list anew, as an answer that went does, while the focus is somewhere else than on a button for that. */
async function drawn(page: Page): Promise<void> {
  await page.evaluate(() => {
    (document.querySelector('[data-part="status"]') as HTMLElement).textContent = "";
    (document.querySelector('[data-part="look"]') as HTMLElement).click();
  });
  await queueIsThere(page);
}

test("a story is read sentence by sentence, its names shown and its writer answered, and the focus is always where it goes on", { timeout: 240_000 }, async () => {
  const { context, page, heard } = await sit(h, 0, { prepare: hourly });
  await page.route("**/replies", (route) => route.abort());
  await take(page, rowOf(told.story));
  await enter(page, "Read it sentence by sentence");
  assert.match(await focused(page), /Zebrafinch one\.$/);
  for (let n = 0; n < 3; n++) {
    await enter(page, "Next sentence");
    assert.equal(await focused(page), "Next sentence");
  }
  await enter(page, "Next sentence"); // the last one: the button goes
  assert.equal(await page.getByRole("button", { name: "Next sentence" }).count(), 0);
  assert.match(await focused(page), /Doctor Blue|Show the names/, "reading goes on from what was read last");
  await enter(page, "Show the names");
  assert.equal(await focused(page), "Doctor Blue");
  assert.deepEqual(await violations(page), []);

  await press(page, "Back to the list");
  await take(page, rowOf(told.story));
  await enter(page, "Read it sentence by sentence");
  await enter(page, "Read the rest");
  assert.equal(await focused(page), "Zebrafinch one. Zebrafinch two. Zebrafinch three.");

  for (const [name, said] of [["Do not send it", "It was not sent."], ["Send it now", "The server was sent it and did not answer"]] as const) {
    await press(page, "Back to the list");
    await take(page, rowOf(told.story));
    await page.locator("details.reply summary").press("Enter");
    await page.fill("#reply-text", "we read you");
    await enter(page, "Lock it and let it wait");
    await page.locator("details.reply").getByText("It is locked and waits here.", { exact: false }).first().waitFor();
    assert.match(await focused(page), /^It is locked and waits here/);
    await enter(page, name);
    await page.locator("details.reply").getByText(said, { exact: false }).first().waitFor();
    assert.ok((await focused(page)).startsWith(said));
  }
  await enter(page, "Do not send it"); // and nobody says of it that it was not sent
  assert.match(await focused(page), /^It may have gone before you took it back/);
  assert.deepEqual(heard.filter((line) => !line.includes("ERR_FAILED")), []);
  await context.close();
});

test("what was typed elsewhere is let go only after a question, and the focus goes to what is left", { timeout: 240_000 }, async () => {
  const [here, there] = [await sit(h, 1), await sit(h, 1)];
  for (const { page } of [here, there]) await take(page, rowOf(told.short));
  const kept = (page: Page): Promise<void> => page.getByText("What you typed is kept, sealed to you alone.", { exact: false }).first().waitFor();
  const { page } = there;
  await page.fill("#case-note", "typed there");
  await page.locator('input[name="mine_seriousness"][value="1"]').check();
  await kept(page);
  await here.page.fill("#case-note", "typed here");
  await here.page.locator('input[name="mine_seriousness"][value="2"]').check();
  await here.page.getByText("Both are kept", { exact: false }).first().waitFor();
  await press(here.page, "Back to the list");
  await take(here.page, rowOf(told.short));

  const beside = here.page.locator("section", { has: here.page.getByRole("heading", { name: "Typed elsewhere" }) }).last();
  const texts = (): Promise<string[]> => beside.locator(".typed").allTextContents();
  assert.deepEqual((await texts()).sort(), ["1", "typed there"]);
  await enter(here.page, "Let this go");
  assert.equal(await focused(here.page), "No, go back");
  assert.match(await here.page.locator(":focus").evaluate((e) => document.getElementById(e.getAttribute("aria-describedby") ?? "")?.textContent ?? ""), /kept nowhere any more/);
  assert.deepEqual(await violations(here.page), []);
  await here.page.keyboard.press("Enter");
  assert.deepEqual([await focused(here.page), (await texts()).length], ["Let this go", 2]);
  await enter(here.page, "Let this go");
  await enter(here.page, "Yes, let it go");
  assert.deepEqual([await focused(here.page), (await texts()).length], ["Let this go", 1]);
  await here.page.keyboard.press("Enter");
  await enter(here.page, "Yes, let it go");
  assert.deepEqual([await focused(here.page), await texts()], ["Nothing of this is kept any more.", []]);
  await press(here.page, "Back to the list"); // stores what is left
  await take(here.page, rowOf(told.short));
  assert.deepEqual([await here.page.getByRole("heading", { name: "Typed elsewhere" }).count(), await here.page.inputValue("#case-note")], [0, "typed here"]);
  for (const { context } of [here, there]) await context.close();
});

test("a message that cannot be opened leaves the one before as it was, and what is typed there is kept", { timeout: 240_000 }, async () => {
  const { context, page } = await sit(h, 0);
  for (const leaf of [told.short, told.story]) await take(page, rowOf(leaf));
  await page.waitForTimeout(3100); // what was fetched just now is not asked for again
  await page.route("**/epochs/*/*", (route) => route.abort());
  await page.locator(rowOf(told.short)).dblclick(); // the second press comes while the first is under way
  assert.match(await alertOf(page), /The server does not answer/);
  await page.locator(".reading:not([inert])").waitFor();
  assert.equal(await page.locator('.queue [aria-current="true"]').getAttribute("data-leaf"), told.story, "the list says that another message is open");
  await page.unrouteAll(WAITED);
  for (const leaf of [told.short, told.story]) await take(page, rowOf(leaf));
  assert.equal(await page.locator('[data-part="alert"]').textContent(), "", "what failed before stands over another message");
  await press(page, "Add the note");
  await page.locator(".problems").waitFor();
  await page.fill("#case-note", "typed after that");
  await page.locator('.reading [role="status"]', { hasText: "is kept, sealed to you alone" }).waitFor();

  // A note whose answer is lost is sent once, however often it is pressed.
  let notes = 0;
  const noted = page.locator(".notes li", { hasText: "typed after that" });
  await page.route("**/reviews", async (route) => {
    if ((route.request().postDataJSON() as { kind: string }).kind !== "note") await route.continue();
    else if (notes++ > 0) await route.continue();
    else await route.fetch().then(() => route.abort());
  });
  await press(page, "Add the note");
  assert.match(await alertOf(page), /The server.s answer did not come/);
  assert.equal(await page.locator(".problems").count(), 0, "what was missing is filled in");
  await press(page, "Add the note");
  const sent = page.locator('[data-part="status"]', { hasText: CASE.sentNote });
  await sent.waitFor(); // a press before that would only be told so
  assert.deepEqual([notes, await noted.count()], [2, 1], "it stands there twice, for good");
  await page.unrouteAll(WAITED);

  // And one that is under way while another message is opened is no draft any more.
  let letGo = (): void => undefined;
  const gate = new Promise<void>((resolve) => { letGo = resolve; });
  await page.route("**/reviews", async (route) => {
    if ((route.request().postDataJSON() as { kind: string }).kind === "note") await gate;
    await route.continue();
  });
  await page.fill("#case-note", "typed last");
  await press(page, "Add the note");
  await page.locator(rowOf(told.short)).click();
  await page.locator(".notes").waitFor({ state: "detached" }); // the other one has none
  await sent.waitFor({ state: "detached" });
  letGo();
  await sent.waitFor();
  await page.locator(rowOf(told.story)).click();
  await page.locator(".notes li", { hasText: "typed last" }).waitFor();
  assert.equal(await page.inputValue("#case-note"), "", "what was sent comes back as a draft");
  await context.close();
});

test("the list is drawn anew under the focus, and it stays with its message or on the button for more", { timeout: 240_000 }, async () => {
  for (let n = 0; n < 110; n += 10) await Promise.all(Array.from({ length: 10 }, (_, i) => h.demo.post([{ q: "words", a: `zebrafinch ${String(n + i)}` }])));
  await h.demo.told();
  const { context, page } = await sit(h, 2, { prepare: async (p) => { await early(p); await hourly(p); } });
  await take(page, rowOf(told.story));
  let release = await holdDrafts(page);
  await page.fill("#case-note", "read, and to be asked");
  await press(page, "Add the note");
  const item = page.locator(".queue li", { has: page.locator(rowOf(told.story)) });
  await item.getByRole("button", { name: "Ask them now" }).waitFor();
  await item.getByRole("button", { name: "Ask them now" }).focus();
  release();
  await page.locator(".notes").getByText("read, and to be asked").first().waitFor();
  assert.equal(await focused(page), "Ask them now", "the message is shown anew, and takes no focus from elsewhere");
  assert.ok(await page.locator('input[name="mine_seriousness"][value="1"]').isChecked(), "what was answered meanwhile is kept");

  // Whoever types on while a step is under way, and looks at the keys: each of these letters is one of the page's, too.
  await page.unroute("**/reviews");
  release = await holdDrafts(page);
  await page.fill("#case-note", "a second note");
  await press(page, "Add the note");
  await page.focus("#case-note");
  await page.waitForFunction(() => document.querySelector<HTMLTextAreaElement>("#case-note")?.value === "");
  const [typedOn, at] = ["look at the clock and the calm ocean, okay?", await page.evaluate(() => document.querySelector("#case-note")?.getBoundingClientRect().top ?? 0)];
  for (const [n, letter] of Array.from(typedOn).entries()) {
    if (n === 8) release();
    await page.keyboard.press(letter === " " ? "Space" : letter);
    await page.waitForTimeout(60);
  }
  await page.locator(".notes").getByText("a second note").first().waitFor();
  assert.deepEqual([await page.inputValue("#case-note"), await page.locator("#case-note:focus").count()], [typedOn, 1]);
  assert.equal(await page.locator('.queue [aria-current="true"]').getAttribute("data-leaf"), told.story, "letters steered the page");
  const now = await page.evaluate(() => document.querySelector("#case-note")?.getBoundingClientRect().top ?? 0);
  assert.ok(Math.abs(now - at) < 4, `the box jumped from ${String(at)} to ${String(now)}`);
  await page.waitForTimeout(RUN_MS); // somebody rests; before that a key is still meant for the box
  await item.getByRole("button", { name: "Ask them now" }).focus();
  await drawn(page);
  assert.deepEqual([await focused(page), await item.locator(":focus").count()], ["Ask them now", 1]);
  await page.keyboard.press("Enter");
  await item.getByText("It is locked and waits here.", { exact: false }).first().waitFor();
  assert.match(await focused(page), /^It is locked and waits here/);
  await drawn(page);
  assert.equal(await item.locator(":focus").count(), 1);

  const more = page.locator(".queue [data-more]").last();
  await more.focus();
  await drawn(page);
  assert.match(await focused(page), /^Show \d+ more$/);
  await page.keyboard.press("Enter");
  const first = await focused(page);
  const shown = await page.locator(".queue .row").count();
  assert.ok(shown > 101, `${String(shown)} rows after more was asked for`);
  await drawn(page);
  assert.deepEqual([await focused(page), await page.locator(".queue .row").count(), await page.locator(".queue .row:focus").count()], [first, shown, 1], "what was unfolded stays so");
  await context.close();
});
