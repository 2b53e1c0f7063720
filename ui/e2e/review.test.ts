/** The views of the panel's work: three reviewers in three browsers, from the queue to a finding. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";
import type { BrowserContextOptions, Page } from "playwright-core";
import type { Card, Found } from "../src/coding.js";
import type { Answer } from "../src/pad.js";
import { house, keptOnDevice, NOTHING_KEPT, tabTo, violations, type Visit } from "./browser.js";
import { Table } from "./reviewtable.js";

const [ANNA, BELA, CLEO] = ["raaaaaaaa", "rbbbbbbbb", "rcccccccc"] as const;
const STORY = "zebrafinch-7431 held me down. It was on the marmalade stairs. I said stop.";
const ANSWERS: Answer[] = [
  { q: "words", a: STORY }, { q: "themes", a: "force" }, { q: "items", a: "force.held_down" }, { q: "impact", a: "lasting" },
  { q: "share_level", a: "panel_summary_to_clinic" }, { q: "must_not", a: "do_not_call_police" }, { q: "hide", a: "the_date" },
];
const CARD: Card = { of: "submission", thread: "", service: "crisis_house", roles: ["nurse"], when: "this_month", chips: ["force.held_down"], urgent: true, taxonomy: "0.2.0" };
const CALM: Card = { ...CARD, urgent: false, chips: [] };

const h = house();
const script = readFileSync(path.join(import.meta.dirname, "reviewpage.js"), "utf8");

async function sit(table: Table, me: string, options: BrowserContextOptions = {}): Promise<Visit> {
  const visit = await h.open("/panel", options);
  await visit.page.exposeFunction("table", (call: string, args: unknown[]) => {
    try {
      return { value: table.ask(me, call, args) };
    } catch (err) {
      return { error: (err as Error).message };
    }
  });
  await visit.page.evaluate(script);
  await visit.page.evaluate((who) => (globalThis as unknown as { sit: (me: string) => Promise<void> }).sit(who), me);
  return visit;
}

function fresh(): Table {
  const table = new Table([ANNA, BELA, CLEO]);
  table.add("leaf-a", "2026-11-20", CARD, ANSWERS);
  return table;
}

const press = (page: Page, name: string): Promise<void> => page.getByRole("button", { name, exact: true }).click();
const look = (page: Page): Promise<void> => page.evaluate(() => (globalThis as unknown as { desk: { look: () => Promise<void> } }).desk.look());
const openFirst = (page: Page): Promise<void> => page.locator(".row").first().click();
const heading = (page: Page): Promise<void> => page.locator(".reading h2").waitFor();

async function accessible(page: Page, where: string): Promise<void> {
  assert.deepEqual(await violations(page), [], where);
  const wide = await page.evaluate(() => document.documentElement.scrollWidth > document.documentElement.clientWidth);
  assert.ok(!wide, `${where} is wider than the window`);
}

async function claim(page: Page): Promise<void> {
  await openFirst(page);
  await press(page, "Nothing ties me to it: I take it");
  await page.getByRole("heading", { name: "What was told" }).waitFor();
}

/** Answers the form: yes for some themes, no for all others. */
async function code(page: Page, yes: string[], seriousness: number, prefix = "mine_"): Promise<void> {
  for (const name of await page.locator(`input[type=radio][name^="${prefix}theme."][value=no]`).evaluateAll((all) => all.map((i) => (i as HTMLInputElement).name))) {
    await page.locator(`input[name="${name}"][value="${yes.includes(name.slice(prefix.length + 6)) ? "yes" : "no"}"]`).check();
  }
  await page.locator(`input[name="${prefix}seriousness"][value="${seriousness}"]`).check();
}

test("three reviewers come from the queue to a finding, and every state is accessible at 320 px", { timeout: 300_000 }, async () => {
  const table = fresh();
  const narrow = { viewport: { width: 320, height: 700 } };
  const [anna, bela, cleo] = await Promise.all([sit(table, ANNA, narrow), sit(table, BELA), sit(table, CLEO)]);
  const pages = [anna, bela, cleo].map(({ page }) => page);
  await accessible(anna.page, "the queue");
  await openFirst(anna.page);
  await heading(anna.page);
  await accessible(anna.page, "the declaration");
  assert.equal(table.opened.length, 0);
  assert.ok(!(await anna.page.content()).includes("zebrafinch"));
  await press(anna.page, "Nothing ties me to it: I take it");
  await anna.page.getByRole("heading", { name: "What was told" }).waitFor();
  assert.ok(!(await anna.page.content()).includes("zebrafinch"), "words before the veil is lifted");
  await accessible(anna.page, "the story behind its veil");
  await press(anna.page, "Read it sentence by sentence");
  assert.match((await anna.page.locator(".impact").textContent()) ?? "", /It still hurts my life/);
  await press(anna.page, "Send it and freeze it");
  assert.match((await anna.page.locator(".problems").textContent()) ?? "", /12 more themes.*how grave/s);
  await accessible(anna.page, "the coding form with faults");
  await code(anna.page, ["force"], 3);
  await anna.page.locator('input[name="mine_items"][value="force.held_down"]').check();
  await press(anna.page, "Send it and freeze it");
  await anna.page.getByText("You see both when it is", { exact: false }).or(anna.page.getByText("The other one is not yet", { exact: false })).first().waitFor();

  await look(bela.page);
  await claim(bela.page);
  assert.ok(!(await bela.page.content()).includes(ANNA + "</th><td>3"), "the other coding shows before both are in");
  await code(bela.page, ["force", "voice"], 2);
  await press(bela.page, "Send it and freeze it");
  await bela.page.getByRole("heading", { name: "Side by side" }).waitFor();
  await accessible(bela.page, "side by side");
  assert.match((await bela.page.locator(".reading table").textContent()) ?? "", /Choice and being heard/);
  assert.match((await bela.page.locator(".reading").textContent()) ?? "", /do not agree yet/);
  await press(bela.page, "Agree and sign");
  await bela.page.locator(".reading .note", { hasText: "Signed" }).waitFor();

  await look(anna.page);
  await openFirst(anna.page);
  await anna.page.getByText("Another of you has signed this", { exact: false }).waitFor();
  await accessible(anna.page, "the agreement, at 320 px");
  await press(anna.page, "Agree and sign");
  await anna.page.getByText("A third member looks", { exact: false }).first().waitFor();

  await look(cleo.page);
  await claim(cleo.page);
  await cleo.page.locator('input[name="check_form"][value="paraphrase"]').check();
  await cleo.page.fill("#check-words", "On Tuesday Nurse Quillwort held me down. It was on the stairs.");
  await cleo.page.locator(".marks mark", { hasText: "Tuesday" }).waitFor();
  const marks = (await cleo.page.locator(".marks").textContent()) ?? "";
  assert.match(marks, /a name, perhaps: Nurse Quillwort/);
  assert.match(marks, /held me down. It was on the/); // in the writer's own words
  assert.match(marks, /Only this message at hand names this service and month/);
  assert.match(marks, /carries a warning of the theme “Force and being locked up”/);
  await accessible(cleo.page, "the check");
  assert.equal(await cleo.page.locator('input[name="check_form"][value="quote"]').count(), 0);
  assert.match((await cleo.page.locator("#check-form").textContent()) ?? "", /did not allow this much/);
  await cleo.page.fill("#check-words", "Somebody was held down on the stairs.");
  await cleo.page.locator('input[name="check_guess"][value="no"]').check();
  await press(cleo.page, "Send what I think");
  await cleo.page.getByRole("heading", { name: "How far may it go?" }).waitFor();
  await accessible(cleo.page, "the decision");
  await press(cleo.page, "Share it so, unless somebody objects");
  await cleo.page.getByRole("button", { name: "I object" }).waitFor();
  await accessible(cleo.page, "the time to object");
  assert.equal(await cleo.page.getByRole("button", { name: "Give it to the clinic now" }).count(), 0);

  table.today = "2026-11-28"; // two whole days later
  const later = await sit(table, ANNA);
  await openFirst(later.page);
  await press(later.page, "Give it to the clinic now");
  await later.page.locator(".row", { hasText: "Given to the clinic" }).waitFor();
  assert.equal(table.messages[0]?.released, true);
  for (const page of pages) assert.deepEqual(await keptOnDevice(page), NOTHING_KEPT);
  for (const { context, heard } of [anna, bela, cleo, later]) { assert.deepEqual(heard, []); await context.close(); }
});

test("two who take the same seat at once get one clear answer", async () => {
  const table = fresh();
  table.messages[0]?.claims.push({ by: CLEO, role: "coder" });
  const [anna, bela] = [await sit(table, ANNA), await sit(table, BELA)];
  await openFirst(bela.page); // sees the seat that is left
  await bela.page.getByText("I step back").waitFor();
  await claim(anna.page);
  await press(bela.page, "Nothing ties me to it: I take it");
  await bela.page.waitForFunction(() => document.querySelector('[data-part="alert"]')?.textContent !== "");
  assert.match((await bela.page.textContent('[data-part="alert"]')) ?? "", /Somebody else has just taken this one/);
  assert.ok(!table.opened.includes(`${BELA} leaf-a`));
  await anna.context.close();
  await bela.context.close();
});

test("who steps back is given nothing, and with fewer than two left the page says what to do", async () => {
  const table = fresh();
  table.members = [ANNA, BELA];
  const { context, page } = await sit(table, ANNA);
  await openFirst(page);
  await press(page, "I step back");
  await accessible(page, "the question before stepping back");
  await press(page, "No, go back");
  await press(page, "I step back");
  await press(page, "Yes, I step back for good");
  await page.getByText("You have stepped back").waitFor();
  assert.equal(await page.locator(".row").count(), 0);
  assert.deepEqual(table.opened, []);
  const other = await sit(table, BELA);
  assert.match((await other.page.locator(".row").textContent()) ?? "", /Ask a partner panel/);
  await context.close();
  await other.context.close();
});

test("a browser that closes mid-note loses nothing, keeps nothing on the device, and shows the note again", async () => {
  const table = fresh();
  const first = await sit(table, ANNA);
  await claim(first.page);
  await first.page.fill("#case-note", "half a thought, שלום");
  await first.page.locator('input[name="mine_theme.force"][value=yes]').check();
  await first.page.getByText("is kept, sealed to you alone", { exact: false }).waitFor({ timeout: 25_000 });
  assert.deepEqual(await keptOnDevice(first.page), NOTHING_KEPT);
  await first.context.close();
  assert.ok(table.messages[0]?.files.every((f) => f.kind === "draft"));
  const again = await sit(table, ANNA);
  await openFirst(again.page);
  await again.page.locator("#case-note").waitFor();
  assert.equal(await again.page.inputValue("#case-note"), "half a thought, שלום");
  assert.ok(await again.page.locator('input[name="mine_theme.force"][value=yes]').isChecked());
  assert.ok(await again.page.locator('input[name="mine_items"][value="force.held_down"]').isVisible());
  await again.context.close();
});

test("when the server does not take it, what was typed stays and the page says so", async () => {
  const table = fresh();
  const { context, page } = await sit(table, ANNA);
  await claim(page);
  table.failing = "The server does not answer.";
  await page.fill("#case-note", "not lost");
  await press(page, "Add the note");
  await page.waitForFunction(() => document.querySelector('[data-part="alert"]')?.textContent !== "");
  assert.equal(await page.inputValue("#case-note"), "not lost");
  await page.getByText("Do not close this page", { exact: false }).waitFor({ timeout: 25_000 });
  table.failing = "";
  await page.getByText("is kept, sealed to you alone", { exact: false }).waitFor({ timeout: 25_000 });
  await context.close();
});

test("a message that cannot be fetched says so and can be opened again", async () => {
  const table = fresh();
  table.messages[0]?.claims.push({ by: ANNA, role: "coder" });
  const { context, page } = await sit(table, ANNA);
  table.unreachable = true;
  await openFirst(page);
  await page.waitForFunction(() => /does not answer/.test(document.querySelector('[data-part="alert"]')?.textContent ?? ""));
  table.unreachable = false;
  await openFirst(page);
  await page.getByRole("heading", { name: "What was told" }).waitFor();
  await context.close();
});

test("a message that its writer takes back while it is open, and one whose key is destroyed, say so", async () => {
  for (const [how, sentence] of [["withdrawn", /took this message back/], ["shredded", /key to these words was destroyed|took this message back/]] as const) {
    const table = fresh();
    const { context, page } = await sit(table, ANNA);
    await claim(page);
    table.gone.set("leaf-a", how);
    await code(page, ["force"], 1);
    await press(page, "Send it and freeze it");
    await page.waitForFunction(() => /gone/.test(document.querySelector('[data-part="alert"]')?.textContent ?? ""));
    await openFirst(page);
    await page.getByText(sentence).waitFor();
    await accessible(page, how);
    await context.close();
  }
});

test("who was removed mid-coding makes room for another, and an older coding is shown with its own codes", async () => {
  const table = fresh();
  const m = table.messages[0];
  assert.ok(m);
  m.claims.push({ by: "rzzzzzzzz", role: "coder" }, { by: BELA, role: "coder" });
  const { context, page } = await sit(table, ANNA);
  await claim(page); // the seat of the one who has left
  const old: Found = { taxonomy: "0.1.0", yes: ["force", "leaving"], no: ["voice"], items: ["leaving.early"], good: [], seriousness: 2, involved: [], repair: [] };
  table.ask(BELA, "send", ["leaf-a", "coding", old]);
  await code(page, ["force"], 2);
  await press(page, "Send it and freeze it");
  await page.getByRole("heading", { name: "Side by side" }).waitFor();
  const shown = (await page.locator(".reading").textContent()) ?? "";
  assert.match(shown, /older list of codes \(0\.1\.0\)/);
  assert.match(shown, /leaving/);
  assert.match(shown, /not asked/);
  await press(page, "Agree and sign");
  await page.locator(".reading .note", { hasText: "Signed" }).waitFor();
  const sent = m.files.find(({ kind }) => kind === "consensus")?.body as Found;
  assert.ok(sent.yes.includes("leaving") && sent.items.includes("leaving.early"));
  await context.close();
});

test("after a hard story there is a pause, and themes that are avoided are not shown", async () => {
  const table = fresh();
  table.add("leaf-b", "2026-11-21", CALM, ANSWERS);
  table.add("leaf-c", "2026-11-22", { ...CALM, chips: ["boundary.sexual_touch"] }, ANSWERS);
  const { context, page } = await sit(table, ANNA);
  assert.equal(await page.locator(".row").count(), 3);
  await page.locator("summary", { hasText: "Not these themes" }).click();
  await page.locator('input[value="boundary"]').check();
  assert.equal(await page.locator(".row").count(), 2);
  await accessible(page, "with a theme avoided");
  await claim(page);
  await code(page, ["force"], 3);
  await press(page, "Send it and freeze it");
  await page.getByText("The other one is not yet", { exact: false }).waitFor();
  await page.locator('[data-leaf="leaf-b"]').click();
  await page.getByText("Take 10 minutes", { exact: false }).waitFor();
  assert.equal(await page.getByRole("button", { name: "Nothing ties me to it: I take it" }).count(), 0);
  await page.evaluate(() => { (globalThis as unknown as { minutes: (n: number) => void }).minutes(11); });
  await page.locator('[data-leaf="leaf-b"]').click();
  await press(page, "Nothing ties me to it: I take it");
  await page.getByRole("heading", { name: "What was told" }).waitFor();
  await press(page, "Hand this back");
  await page.getByText("Nobody is told why", { exact: false }).waitFor();
  await context.close();
});

test("a story is claimed, coded and sent by keyboard alone", { timeout: 120_000 }, async () => {
  const table = fresh();
  const { context, page } = await sit(table, ANNA);
  await tabTo(page, ".row");
  await page.keyboard.press("Enter");
  await heading(page);
  await tabTo(page, ".reading .buttons .button:not(.second)");
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: "What was told" }).waitFor();
  await tabTo(page, '[name="mine_theme.force"]');
  await page.keyboard.press("Space");
  assert.ok(await page.locator('[name="mine_theme.force"][value=yes]').isChecked());
  await tabTo(page, "#case-note");
  await page.keyboard.type("by keyboard");
  await tabTo(page, ".reading section > .button");
  await context.close();
});
