/** What a reviewer typed and did not send: over a lock, under what a colleague signed meanwhile, and typed at two places at once. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Page, Response } from "playwright-core";
import { toBase64url } from "../src/encoding.js";
import type { Answer } from "../src/pad.js";
import { derive, newReceipt } from "../src/receipt.js";
import { house, keptOnDevice, NOTHING_KEPT, violations, type Visit } from "./browser.js";
import { code, lookAgain, press, rowOf, signIn, sit, take } from "./desk.js";
import { leaks } from "./recorder.js";

const [ANNA, BELA, CLEO] = [0, 1, 2] as const;
const ANSWERS: Answer[] = [
  { q: "words", a: "zebrafinch-5150 shut me in" }, { q: "themes", a: "force" }, { q: "service", a: "crisis_house" }, { q: "share_level", a: "panel_summary_to_clinic" }, { q: "hold_until", a: "now" },
];
const random = (): string => toBase64url(crypto.getRandomValues(new Uint8Array(32)));
const told: Record<string, string> = {};

const h = house(0, async (demo) => {
  for (const name of ["locked", "under", "twice"]) told[name] = await demo.post(ANSWERS, undefined, { mailbox: random(), actions: random(), reply_to: (await derive(newReceipt(), "words.example")).replyRecipient });
  await demo.told(); // waits for the batch
});
const row = (name: string): string => rowOf(told[name] ?? assert.fail(name));

/** What was sent for good or kept, as far as the server is told: the kinds of what a page posts about a message. */
function posted(page: Page): string[] {
  const kinds: string[] = [];
  page.on("request", (r) => {
    if (r.method() === "POST" && r.url().endsWith("/reviews")) kinds.push((JSON.parse(r.postData() ?? "{}") as { kind: string }).kind);
  });
  return kinds;
}

const isKept = (page: Page): Promise<void> => page.locator('.reading [role="status"]', { hasText: "is kept, sealed to you alone" }).waitFor();

/** The answer to the next draft that a page posts. */
const draftStored = (page: Page): Promise<Response> =>
  page.waitForResponse((r) => r.request().method() === "POST" && r.url().endsWith("/reviews") && (r.request().postData() ?? "").includes('"draft"') && r.status() < 300);

const isChecked = (page: Page, name: string, value: string): Promise<boolean> => page.locator(`input[name="${name}"][value="${value}"]`).isChecked();

async function ended({ page, context, heard }: Visit): Promise<void> {
  assert.deepEqual([await keptOnDevice(page), heard.filter((line) => !line.includes("409"))], [NOTHING_KEPT, []]);
  await context.close();
}

test("locked in the middle of a coding, and signed in again: all of it stands there, with what was typed elsewhere meanwhile, and nothing was in the clear", { timeout: 240_000 }, async () => {
  const desk = await h.openRecorded("/panel");
  const { page, recorder } = desk;
  await signIn(page, h.demo.identity(BELA));
  await take(page, row("locked"));
  const phone = await h.openRecorded("/panel", { viewport: { width: 320, height: 640 } });
  await signIn(phone.page, h.demo.identity(BELA));
  await take(phone.page, row("locked"));
  await phone.page.locator('input[name="mine_seriousness"][value="2"]').check();
  await phone.page.locator("details.reply summary").click();
  await phone.page.fill("#reply-text", "we read it, and moved a wardrobe");
  await isKept(phone.page);

  await page.locator('input[name="mine_theme.force"][value=yes]').check();
  await page.locator('input[name="mine_items"][value="force.held_down"]').check();
  await page.locator('input[name="mine_theme.voice"][value=no]').check();
  await page.fill("#case-note", "half a thought about the marmalade");
  const stored = draftStored(page);
  await press(page, "Lock"); // right after the last key
  assert.equal(await page.locator("#case-note, .row, .words").count(), 0);
  assert.ok(!/marmalade|zebrafinch|wardrobe/.test(await page.content()), "words stay on a locked page");
  assert.deepEqual(await keptOnDevice(page), NOTHING_KEPT);
  await stored;

  await signIn(page, h.demo.identity(BELA));
  await take(page, row("locked"));
  const stands = async (p: Page): Promise<void> => {
    assert.deepEqual([await p.inputValue("#case-note"), await p.inputValue("#reply-text")], ["half a thought about the marmalade", "we read it, and moved a wardrobe"]);
    for (const [name, value] of [["theme.force", "yes"], ["items", "force.held_down"], ["theme.voice", "no"], ["seriousness", "2"]] as const) {
      assert.ok(await isChecked(p, `mine_${name}`, value), name);
    }
  };
  await stands(page);
  assert.equal(await page.getByRole("heading", { name: "Typed elsewhere" }).count(), 0, "other fields are no conflict");
  const kinds = posted(page);
  await press(page, "Back to the list");
  await take(page, row("locked"));
  await stands(page);
  assert.deepEqual(kinds, [], "opening it again sends nothing");
  for (const r of [recorder, phone.recorder]) assert.deepEqual(leaks(r.requests, ["marmalade", "wardrobe", "mine_theme", "force.held_down"]), []);
  await ended(desk);
  await ended(phone);
});

test("one's own old draft under what a colleague signed is neither sent nor written over by opening it, and its words stay in reach", { timeout: 240_000 }, async () => {
  const coded = async (n: number, seriousness: number): Promise<Visit> => {
    const v = await sit(h, n);
    await take(v.page, row("under"));
    await code(v.page, ["force"], seriousness);
    await press(v.page, "Send it and freeze it");
    return v;
  };
  const anna = await coded(ANNA, 1);
  await anna.page.getByText("The other one is not yet", { exact: false }).first().waitFor();
  const bela = await coded(BELA, 2);
  await bela.page.getByRole("heading", { name: "Side by side" }).waitFor();
  const [grave, mild] = ['input[name="both_seriousness"][value="3"]', 'input[name="both_seriousness"][value="1"]'];
  await bela.page.locator(grave).check();
  await isKept(bela.page);
  await press(bela.page, "Back to the list");

  await lookAgain(anna.page);
  await anna.page.locator(row("under")).click();
  await anna.page.getByRole("heading", { name: "Side by side" }).waitFor();
  await anna.page.locator(mild).check();
  await press(anna.page, "Agree and sign");
  await anna.page.locator(".reading .note", { hasText: "Signed" }).waitFor();

  await lookAgain(bela.page);
  const kinds = posted(bela.page);
  await bela.page.locator(row("under")).click();
  await bela.page.getByText("Another of you has signed this", { exact: false }).first().waitFor();
  assert.ok(await bela.page.locator(mild).isChecked(), "what the colleague signed is not what stands there");
  await press(bela.page, "Show what I typed");
  assert.ok(await bela.page.locator(grave).isChecked(), "what was typed is gone");
  await bela.page.getByText("Another of you has signed something else.", { exact: false }).first().waitFor();
  assert.deepEqual(await violations(bela.page), []);
  await press(bela.page, "Show what the other signed");
  await press(bela.page, "Back to the list");
  await bela.page.locator(row("under")).click();
  await bela.page.getByText("Another of you has signed something else. Below stands what you typed.").first().waitFor(); // both were seen by now
  assert.ok(await bela.page.locator(grave).isChecked(), "looking at the other's wrote one's own over");
  assert.deepEqual(kinds.filter((kind) => kind !== "draft"), [], "an agreement was sent by looking");
  await press(bela.page, "Show what the other signed");
  await press(bela.page, "Agree and sign");
  await bela.page.getByText("A third member looks", { exact: false }).first().waitFor();

  const cleo = await sit(h, CLEO);
  await take(cleo.page, row("under"));
  await cleo.page.locator('input[name="check_form"][value="paraphrase"]').check();
  await cleo.page.fill("#check-words", "Somebody was shut in.");
  await cleo.page.locator('input[name="check_guess"][value="no"]').check();
  await press(cleo.page, "Send what I think");
  await cleo.page.getByRole("heading", { name: "How far may it go?" }).waitFor();

  await lookAgain(bela.page);
  await bela.page.locator(row("under")).click();
  await bela.page.getByRole("heading", { name: "How far may it go?" }).waitFor();
  await bela.page.fill("#decide-why", "not yet, with marmalade on it");
  await isKept(bela.page);
  await press(bela.page, "Back to the list");
  await press(cleo.page, "Share it so, unless somebody objects");
  await cleo.page.getByRole("button", { name: "I object" }).waitFor();
  assert.equal(await cleo.page.getByRole("heading", { name: "Typed before, and not sent" }).count(), 0, "what was sent is no draft");

  kinds.length = 0;
  const again = async (): Promise<void> => {
    await bela.page.locator(row("under")).click();
    await bela.page.getByText("Everybody on the panel has two whole days to object.", { exact: false }).first().waitFor();
    const before = bela.page.locator(".reading section", { has: bela.page.getByRole("heading", { name: "Typed before, and not sent" }) });
    await before.getByText("somebody has taken the step meanwhile", { exact: false }).first().waitFor();
    await before.getByText("not yet, with marmalade on it", { exact: true }).first().waitFor();
  };
  await lookAgain(bela.page);
  await again();
  assert.equal(await bela.page.inputValue("#object-why"), "", "it is no objection");
  assert.deepEqual(await violations(bela.page), []);
  await bela.page.fill("#case-note", "I would have kept it");
  await isKept(bela.page);
  await press(bela.page, "Back to the list");
  await again(); // what is typed beside does not write it over
  assert.deepEqual([...new Set(kinds)], ["draft"], "a decision was sent by looking");
  await press(bela.page, "Let this go");
  await press(bela.page, "Yes, let it go");
  const gone = draftStored(bela.page);
  await press(bela.page, "Back to the list");
  await gone;
  await bela.page.locator(row("under")).click();
  await bela.page.getByRole("button", { name: "I object" }).waitFor();
  assert.ok(!(await bela.page.content()).includes("marmalade"), "what was let go came back");
  assert.equal(await bela.page.inputValue("#case-note"), "I would have kept it");
  for (const v of [anna, bela, cleo]) await ended(v);
});

test("a draft that was changed at another place meanwhile is refused once, merged, and loses nothing of either", { timeout: 240_000 }, async () => {
  const desk = await sit(h, CLEO);
  await take(desk.page, row("twice"));
  const phone = await sit(h, CLEO, { viewport: { width: 320, height: 640 } });
  await take(phone.page, row("twice"));
  await phone.page.fill("#case-note", "typed on the phone");
  await phone.page.locator('input[name="mine_theme.voice"][value=yes]').check();
  await isKept(phone.page);

  const answers: number[] = [];
  desk.page.on("response", (r) => { if (r.request().method() === "POST" && r.url().endsWith("/reviews")) answers.push(r.status()); });
  await desk.page.fill("#case-note", "typed at the desk");
  await desk.page.locator('input[name="mine_theme.force"][value=yes]').check();
  await desk.page.locator('.reading [role="status"]', { hasText: "Both are kept" }).waitFor();
  assert.deepEqual(answers.map((status) => status < 300), [false, true], "one is refused, and what came of both is stored");
  assert.equal(answers[0], 409);
  assert.equal(await desk.page.inputValue("#case-note"), "typed at the desk", "the page that one types in changes under one's hands");

  // The phone knows nothing of it and goes on.
  await phone.page.fill("#case-note", "typed on the phone, and more");
  await phone.page.locator('input[name="mine_seriousness"][value="1"]').check();
  await phone.page.locator('.reading [role="status"]', { hasText: "Both are kept" }).waitFor();

  const third = await sit(h, CLEO);
  await take(third.page, row("twice"));
  const all = [await third.page.inputValue("#case-note"), ...(await third.page.locator(".reading section", { has: third.page.getByRole("heading", { name: "Typed elsewhere" }) }).locator(".typed").allTextContents())];
  assert.equal(all[0], "typed on the phone, and more");
  assert.ok(all.slice(1).join("\n").includes("typed at the desk"), all.join(" | "));
  for (const [name, value] of [["theme.voice", "yes"], ["theme.force", "yes"], ["seriousness", "1"]] as const) assert.ok(await isChecked(third.page, `mine_${name}`, value), name);
  assert.deepEqual(await violations(third.page), []);
  for (const v of [desk, phone, third]) await ended(v);
});
