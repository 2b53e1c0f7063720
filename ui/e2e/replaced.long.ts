/** A panel whose keys run out, and one of whose members has lost theirs: warned, closed, opened again, replaced. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { BrowserContext, Page } from "playwright-core";
import { plusDays } from "../src/chain.js";
import { dayText } from "../src/panel/reading.js";
import { toBase64url } from "../src/encoding.js";
import { house, keptOnDevice, NOTHING_KEPT, violations, WAITED } from "./browser.js";
import { rowOf, take } from "./desk.js";
import { words } from "./demo.js";

const TOLD = "Told while the lost key was still good.";

/** Its leaf. */
let told = "";

const h = house(0, async (demo) => {
  await demo.run(["submit", "--server", demo.url, "--clinic", demo.clinic], TOLD);
  const all = await demo.told(); // waits for the batch
  told = toBase64url(Buffer.from(all.find((t) => words(t) === TOLD)?.leaf_hash ?? "", "hex"));
});

const today = new Date().toISOString().slice(0, 10);
const at = (): string[] => ["--server", h.demo.url, "--clinic", h.demo.clinic, "--json"];

interface Desk {
  page: Page;
  context: BrowserContext;
  heard: string[];
}

const settled = (page: Page): Promise<unknown> => page.waitForFunction(() => document.querySelector("[aria-disabled]") === null);
const tended = (page: Page): Promise<string> => page.locator('[data-part="tended"]').innerText();
const status = async (page: Page): Promise<string> => (await page.textContent('[data-part="status"]')) ?? "";

async function enter(page: Page, n: number): Promise<void> {
  await page.getByLabel("Your identity file").setInputFiles(h.demo.identity(n));
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
}

async function signIn(n: number): Promise<Desk> {
  const desk = await h.open("/panel");
  await enter(desk.page, n);
  await desk.page.locator('[data-part="desk"]:not([hidden])').waitFor();
  await settled(desk.page);
  return desk;
}

async function openKeys(page: Page): Promise<void> {
  await page.getByRole("button", { name: "Keys and members" }).click();
  await page.getByRole("heading", { name: "Who sits here" }).waitFor();
  await settled(page);
}

async function press(page: Page, name: string | RegExp): Promise<string> {
  await page.getByRole("button", { name, exact: typeof name === "string" }).first().click();
  await settled(page);
  return status(page);
}

async function lookAgain(page: Page): Promise<void> {
  await press(page, "What people wrote");
  await press(page, "Look again");
}

async function leave(...desks: Desk[]): Promise<void> {
  for (const { page, context, heard } of desks) {
    assert.deepEqual(heard, []);
    assert.deepEqual(await keptOnDevice(page), NOTHING_KEPT);
    await context.close();
  }
}

/** Two members decide something in terminals, where nothing is made or acknowledged unasked. */
async function decide(...what: string[]): Promise<void> {
  const { id } = JSON.parse(await h.demo.run([...what, ...at(), "--identity", h.demo.identity(0)])) as { id: string };
  await h.demo.run(["panel", "decisions", "--sign", id, ...at(), "--identity", h.demo.identity(1)]);
}

/** Joins in the browser with a key that is made there and kept on paper; gives the id and what is on the paper. */
async function joinOnPaper(): Promise<{ id: string; paper: string }> {
  const { invitation } = JSON.parse(await h.demo.run(["panel", "invite", "--clinic", h.demo.clinic, "--json"])) as { invitation: string };
  const { page, context, heard } = await h.open(`/panel/join#${invitation}`);
  const next = async (name: string, then: string): Promise<void> => {
    await page.getByRole("button", { name, exact: true }).click();
    await page.locator('[data-part="status"]', { hasText: then }).waitFor();
  };
  await next("Make my key here", "Your key is made.");
  await next("Make a paper copy", "Print it or write it down.");
  const groups = await page.locator('[data-part="paper-secret"] li').allTextContents();
  await page.getByRole("button", { name: "I have it on paper" }).click();
  await page.getByLabel("The last two groups on the paper").fill(groups.slice(-2).join(" "));
  await next("Check the groups", "Right. You have a paper copy.");
  await next("Join", "You have joined.");
  const id = (await page.locator('[data-part="done-reviewer"]').textContent()) ?? "";
  assert.deepEqual(heard, []);
  await context.close();
  return { id, paper: groups.join(" ") };
}

/** Signs in with what is on paper. */
async function signInFromPaper(paper: string): Promise<Desk> {
  const desk = await h.open("/panel");
  await desk.page.getByText("Type your paper copy").click();
  await desk.page.getByLabel("What is on the paper").fill(paper);
  await desk.page.getByRole("button", { name: "Sign in", exact: true }).click();
  await desk.page.locator('[data-part="desk"]:not([hidden])').waitFor();
  await settled(desk.page);
  return desk;
}

interface Listed { id: string; state: string; not_before: string; not_after: string }

const listed = async (...states: string[]): Promise<Listed[]> =>
  (JSON.parse(await h.demo.run(["epoch", "list", ...at()])) as Listed[]).filter((e) => states.includes(e.state));

async function callBackAll(): Promise<void> {
  await decide("epoch", "revoke", ...(await listed("offered", "logged", "active", "grace")).flatMap((e) => ["--epoch", e.id]));
}

/** What a writer meets where the form is: in words, and whether anything can be sent. */
async function form(): Promise<{ words: string; form: boolean }> {
  const { page, context, heard } = await h.open(`/c/${h.demo.clinic}/tell`);
  const found = { words: await page.locator("main").innerText(), form: (await page.locator("main form").count()) > 0 };
  assert.deepEqual(heard.filter((m) => found.form || !m.includes("409")), []); // the browser notes how a closed form is answered
  await context.close();
  return found;
}

test("fourteen days before the last key ends the panel is warned; with no key the form closes with other ways to tell, until enough have signed in", async () => {
  await callBackAll();
  await h.demo.run(["epoch", "make", "--not-before", today, "--days", "6", ...at(), "--identity", h.demo.identity(0)]);
  for (const n of [0, 1]) await h.demo.run(["epoch", "ack", ...at(), "--identity", h.demo.identity(n)]);
  const cy = await signIn(2); // makes keys, which alone are good for nothing
  assert.match(await tended(cy.page), new RegExp(`In 5 days the last key's days end\\. The form stays open with it until ${dayText(plusDays(today, 5 + 14))}\\. Then it closes, and nobody can write\\. New keys wait for signatures`));
  assert.ok((await form()).form);

  await callBackAll();
  await lookAgain(cy.page);
  assert.match(await tended(cy.page), /No key takes words today, so the form is closed\. Nobody can write until enough of you have signed in/);
  await openKeys(cy.page);
  assert.match(await cy.page.locator(".clinic-keys").innerText(), /No key takes words today\./);
  const closed = await form();
  assert.equal(closed.form, false);
  assert.match(closed.words, /The form is closed right now[^]*We never make a key that could open them ourselves[^]*Nobody knows yet when it opens again[^]*Other ways to tell[^]*Letter box in the hall[^]*Run by: The tenants' union/);
  assert.equal((await fetch(`${h.demo.url}/api/v1/c/${h.demo.clinic}/epoch`)).status, 409);

  const bo = await signIn(1);
  assert.match(await tended(bo.page), /opened your copy of [4-9] new keys, found them right, and signed/);
  assert.ok((await form()).form, "the second signature opens it again");
  await leave(cy, bo);
});

test("who lost their key joins anew, one list puts the new key in place of the old, the past is handed on, and the old key gets nothing", async () => {
  const lost = h.demo.identity(2);
  const { reviewer: oldId } = JSON.parse(await h.demo.run(["identity", "show", "--identity", lost, "--json"])) as { reviewer: string };
  const { id: newId, paper } = await joinOnPaper();

  const ann = await signIn(0);
  await openKeys(ann.page);
  await ann.page.getByText("Somebody leaves, or has lost their key").click();
  assert.match(await ann.page.locator(".clinic-keys").innerText(), new RegExp(`${newId} has joined, and will be put on the same list`));
  await ann.page.getByLabel("Who leaves, or whose key is lost").selectOption(oldId);
  assert.match(await press(ann.page, "Propose the list without them"), /^Proposed/);
  assert.match(await ann.page.locator(".waits").first().innerText(), new RegExp(`Joins: ${newId}\\.[^]*Leaves: ${oldId}\\.`));
  const change = ann.page.locator(".clinic-keys", { hasText: "A change of the panel goes on" });
  assert.match(await change.innerText(), /0 of 3 steps are done/);
  assert.deepEqual(await violations(ann.page), []);
  await press(ann.page, "Sign it");
  await leave(ann); // whoever stops here has lost nothing: the others go on

  const bo = await signIn(1);
  await openKeys(bo.page);
  await press(bo.page, "Sign it");
  const cy = await signInFromPaper(paper);
  await cy.page.getByRole("button", { name: "Keys and members" }).click();
  await cy.page.getByRole("button", { name: "Sign it" }).waitFor();
  await settled(cy.page);
  assert.match(await press(cy.page, "Sign it"), /^You signed, and the list is in force\. .*Your browser made [4-9] keys/);

  await lookAgain(bo.page);
  await openKeys(bo.page);
  const left = bo.page.locator(".clinic-keys", { hasText: "2 of 3 steps are done" });
  assert.match(await left.innerText(), new RegExp(`To do\\.\\s+The keys that somebody who left can open are called back[^]*${oldId} has left and can still open what is written to \\d+ keys`));
  assert.match(await press(bo.page, "Propose to call them back"), /^Proposed/);
  await openKeys(cy.page);
  await cy.page.locator(".waits", { hasText: "Call back" }).getByRole("button", { name: "Sign it" }).click();
  await settled(cy.page);
  assert.match(await status(cy.page), /^You signed, and it is decided/);
  assert.equal(await cy.page.getByText("A change of the panel goes on").count(), 0);
  assert.ok((await form()).form);

  await lookAgain(bo.page);
  await openKeys(bo.page);
  assert.match(await press(bo.page, new RegExp(`^Hand \\d+ keys? of the past on to ${newId}`)), new RegExp(`handed on to ${newId}`));
  await lookAgain(cy.page);
  await take(cy.page, rowOf(told));
  await cy.page.getByRole("button", { name: "Read it", exact: true }).click();
  assert.ok((await cy.page.locator(".words").innerText()).includes(TOLD));

  const gone = await h.open("/panel");
  await enter(gone.page, 2);
  await gone.page.getByText("you sit on no panel here yet").first().waitFor();
  assert.equal(await gone.page.locator(".row").count(), 0);
  await assert.rejects(h.demo.run(["review", "pull", ...at(), "--identity", lost, "--out", h.demo.file("nothing")]), /you do not sit on this clinic's panel/);
  await leave(bo, cy, gone);
});

/** Lets so many posts to a path through, and holds the next for good: what the browser was doing is cut off there. */
async function heldAfter(desk: Desk, glob: string, letThrough: number): Promise<void> {
  let held = (): void => undefined;
  const there = new Promise<void>((resolve) => { held = resolve; });
  let posts = 0;
  await desk.page.route(glob, async (route) => {
    if (route.request().method() !== "POST" || ++posts <= letThrough) await route.continue();
    else held();
  });
  await desk.page.getByRole("button", { name: "Look again" }).click();
  await there;
}

const work = (page: Page): Promise<string> => page.locator('[data-part="work"]').innerText();

test("making and signing many keys shows how far it is, and goes on where it was cut off, with nothing lost and nothing twice", async () => {
  const ann = await signIn(0);
  await decide("panel", "rotation", "--days", "1");
  await callBackAll();
  await heldAfter(ann, "**/panel/c/*/epochs", 4);
  const [, all = "0"] = /^4 of (\d+) keys made\. What is made stays/.exec(await work(ann.page)) ?? [];
  assert.ok(Number(all) >= 21, all);
  const bar = ann.page.locator('[data-part="work"] progress');
  assert.deepEqual(await bar.evaluate((p: HTMLProgressElement) => [p.value, p.max]), [4, Number(all)]);
  assert.match((await bar.evaluate((p) => p.getAttribute("aria-labelledby"))) ?? "", /^panel-work$/);
  await ann.page.getByRole("button", { name: "Lock", exact: true }).click();
  await ann.page.getByText("Locked. The keys and everything that was open are gone").first().waitFor();
  await ann.context.close();

  const again = await signIn(0);
  assert.match(await tended(again.page), new RegExp(`Your browser made ${String(Number(all) - 4)} keys`));
  const made = await listed("offered");
  assert.equal(made.length, Number(all));
  assert.equal(new Set(made.map((e) => e.not_before)).size, made.length);

  const bo = await h.open("/panel");
  await bo.page.route("**/panel/c/*/epochs/*/acks", (route) => route.abort());
  await enter(bo.page, 1);
  await bo.page.locator('[data-part="alert"]', { hasText: "The server does not answer" }).waitFor();
  await settled(bo.page);
  await bo.page.unrouteAll(WAITED);
  await heldAfter(bo, "**/panel/c/*/epochs/*/acks", 3);
  assert.match(await work(bo.page), new RegExp(`^3 of ${all} new keys opened and signed\\.`));
  await bo.context.close(); // as when a phone's battery ends

  const after = await signIn(1);
  assert.match(await tended(after.page), new RegExp(`opened your copy of ${String(Number(all) - 3)} new keys`));
  assert.equal((await listed("offered")).length, 0);
  assert.equal((await listed("active", "logged")).length, Number(all));
  await leave(again, after);
});

test("one identity sits on two panels, and each clinic has its own list, keys and settings", async () => {
  const lakeside = ["--server", h.demo.url, "--clinic", "lakeside", "--json"];
  await h.demo.run(["clinic", "add", "lakeside", "--name", "Lakeside House"]);
  for (const n of [0, 1]) {
    const { invitation } = JSON.parse(await h.demo.run(["panel", "invite", "--clinic", "lakeside", "--json"])) as { invitation: string };
    await h.demo.run(["panel", "join", "--server", h.demo.url, "--identity", h.demo.identity(n), "--invitation", invitation]);
  }
  await h.demo.run(["panel", "manifest", "propose", "--clinic", "lakeside", "--m", "1"]);
  const { list } = JSON.parse(await h.demo.run(["panel", "manifest", "draft", ...lakeside, "--identity", h.demo.identity(0)])) as { list: string };
  for (const n of [0, 1]) await h.demo.run(["panel", "manifest", "sign", "--list", list, ...lakeside, "--identity", h.demo.identity(n)]);

  const both = await signIn(0);
  assert.match(await tended(both.page), /Lakeside House: Your browser made [4-9] keys/);
  await openKeys(both.page);
  const section = (name: string) => both.page.locator(".clinic-keys").filter({ has: both.page.getByRole("heading", { name, exact: true }) });
  const [here, there] = [section("Riverside Community Clinic"), section("Lakeside House")];
  const print = (of: typeof here): Promise<string> => of.locator(".fingerprint").first().innerText();
  assert.equal(await print(there), list);
  assert.notEqual(await print(here), list);
  assert.deepEqual([await here.locator(".ids li").count(), await there.locator(".ids li").count()], [3, 2]);
  const keysOf = async (of: typeof here): Promise<string[]> => of.locator("tbody th").allInnerTexts();
  const theirs = await keysOf(there);
  assert.ok(theirs.length >= 4);
  assert.deepEqual((await keysOf(here)).filter((id) => theirs.includes(id)), []);
  assert.match(await there.innerText(), /You have not decided how keys change/);
  assert.deepEqual(await violations(both.page), []);
  await leave(both);
});
