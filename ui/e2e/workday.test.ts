/** The panel's work from day to day: to an end and handed back, at its pace, by keyboard, in a hurry, and after somebody's removal. */
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { test } from "node:test";
import { derive, newReceipt } from "../src/receipt.js";
import { accessible, house, tabTo, WAITED } from "./browser.js";
import { alertOf, code, handBack, lookAgain, press, signIn, sit, take } from "./desk.js";
import { ANNA, ANSWERS, BELA, CLEO, messages } from "./messages.js";
import { ask, carried, listen } from "./overheard.js";

const h = house(0, async (demo) => {
  told["other"] = await demo.post([{ q: "words", a: "zebrafinch, a second one" }, { q: "themes", a: "boundary" }, { q: "items", a: "boundary.sexual_touch" }]);
  await demo.told(); // waits for the batch
});
const { told, leaf, row, tell } = messages(h);

test("a message that may go nowhere comes to its end; who handed it back takes it again; nobody reads a colleague's notes before coding; and who read it can step back", { timeout: 240_000 }, async () => {
  await tell("private", [{ q: "words", a: "zebrafinch, for you alone" }, { q: "themes", a: "force" }]); // it says nothing of sharing
  const anna = await sit(h, ANNA);
  await take(anna.page, row("private"));
  await handBack(anna.page, row("private"));
  await anna.page.locator(row("private")).click();
  await press(anna.page, "Nothing ties me to it: I take it"); // asked again, and taken again
  await anna.page.locator('input[name="mine_theme.force"]').first().waitFor();
  await code(anna.page, ["force"], 2);
  await press(anna.page, "Send it and freeze it");
  await anna.page.getByText("The other one is not yet", { exact: false }).first().waitFor();
  await anna.page.fill("#case-note", "force, clearly a wardrobe");
  await press(anna.page, "Add the note");
  await anna.page.locator(".notes", { hasText: "wardrobe" }).waitFor();

  const bela = await sit(h, BELA, { prepare: listen });
  await take(bela.page, row("private"));
  await bela.page.getByText("What others wrote here you read after", { exact: false }).first().waitFor();
  assert.ok(!(await carried(bela.page)).includes("wardrobe"), "a colleague's note before the own coding");
  await code(bela.page, ["force"], 2);
  await press(bela.page, "Send it and freeze it");
  await bela.page.locator(".notes", { hasText: "wardrobe" }).waitFor();
  await press(bela.page, "Agree and sign");
  await bela.page.locator(".reading .note", { hasText: "Signed" }).waitFor();
  await bela.context.close();
  await lookAgain(anna.page);
  await anna.page.locator(row("private")).click();
  await press(anna.page, "Agree and sign");
  await anna.page.getByRole("button", { name: "Keep it with the panel" }).waitFor(); // a coder may, too

  const cleo = await sit(h, CLEO);
  await take(cleo.page, row("private"));
  await cleo.page.getByText("nothing of this may go out", { exact: false }).first().waitFor();
  assert.equal(await cleo.page.getByRole("button", { name: "Send what I think" }).count(), 0);
  await accessible(cleo.page, "a message that may go nowhere");
  await cleo.page.fill("#decide-why", "It is for us alone.");
  await press(cleo.page, "Keep it with the panel");
  await cleo.page.locator(row("private"), { hasText: "Stays with the panel" }).waitFor();
  await cleo.page.getByText("you can take it up again here", { exact: false }).first().waitFor();
  await accessible(cleo.page, "a message that was kept");
  await cleo.context.close();

  await press(anna.page, "I step back"); // after reading and coding: somebody named in it is close to them
  await press(anna.page, "Yes, I step back for good");
  await anna.page.getByText("You have stepped back").first().waitFor();
  await anna.context.close();
  const again = await sit(h, ANNA);
  assert.equal(await again.page.locator(row("private")).count(), 0);
  await again.context.close();
});

test("two of the panel set its pace, and not one: a wrong value has its sentence, and after a hard story there is a pause that long", async () => {
  await tell("calm", [{ q: "words", a: "zebrafinch, calm" }]);
  const { context, page } = await sit(h, ANNA);
  const names = await page.locator(".row").count();
  await page.locator("summary", { hasText: "Not these themes" }).click();
  await page.locator('input[value="boundary"]').check();
  assert.equal(await page.locator(row("other")).count(), 0);
  assert.ok((await page.locator(".row").count()) < names);
  await accessible(page, "with a theme avoided");
  await page.locator("summary", { hasText: "How this panel works" }).click();
  await page.getByText("Nobody has changed it yet.").first().waitFor();
  await accessible(page, "how this panel works");
  const at = (n: number): string[] => ["--json", "--server", h.demo.url, "--clinic", h.demo.clinic, "--identity", h.demo.identity(n)];
  const now = JSON.parse(await h.demo.run(["panel", "settings", ...at(ANNA)])) as { practice: object };
  const propose = async (more: object): Promise<string> => {
    writeFileSync(h.demo.file("settings.json"), JSON.stringify({ ...now, practice: { ...now.practice, ...more } }));
    return (JSON.parse(await h.demo.run(["panel", "settings", "--file", h.demo.file("settings.json"), ...at(ANNA)])) as { id: string }).id;
  };
  await assert.rejects(propose({ sitting: 99 }), /One sitting has 1 to 30 stories/);
  const id = await propose({ sitting: 7, gap: 2, holidays: ["2026-12-24", "2026-12-25"] });
  await lookAgain(page);
  assert.equal((await ask<{ gap: number }>(page, "/practice")).gap, 10, "one of three is not enough");
  await h.demo.run(["panel", "decisions", "--sign", id, ...at(BELA)]);
  await lookAgain(page);
  const fold = page.locator("summary", { hasText: "How this panel works" });
  await fold.click();
  await fold.click(); // unfolded again, it says what holds now
  await page.getByText(/^Changed last by r\w{8}\. It holds since /).first().waitFor();
  await page.getByText("Days off: 2026-12-24, 2026-12-25").first().waitFor();

  await page.clock.install();
  await take(page, row("calm"));
  await code(page, ["force"], 3);
  await press(page, "Send it and freeze it");
  await page.getByText("The other one is not yet", { exact: false }).first().waitFor();
  await tell("next");
  await page.clock.fastForward("00:30");
  await lookAgain(page);
  await page.locator(row("next")).click();
  await page.getByText("Take 2 minutes", { exact: false }).first().waitFor();
  await accessible(page, "a pause after a hard one");
  assert.equal(await page.getByRole("button", { name: "Nothing ties me to it: I take it" }).count(), 0);
  // Nor does a lock end the pause, or what one would rather not read.
  await press(page, "Lock");
  await signIn(page, h.demo.identity(ANNA));
  assert.equal(await page.locator(row("other")).count(), 0);
  await page.locator(row("next")).click();
  await page.getByText("Take 2 minutes", { exact: false }).first().waitFor();
  await page.clock.fastForward("01:10");
  await page.getByText("1 minute left", { exact: false }).first().waitFor();
  await page.clock.fastForward("00:50");
  await page.getByText("The pause is over", { exact: false }).first().waitFor();
  await take(page, row("next"));
  await press(page, "Hand this back");
  await page.getByText("Nobody is told why", { exact: false }).first().waitFor();
  await accessible(page, "a message that was handed back");
  await context.close();
});

test("a story is taken, coded and sent by keyboard alone", { timeout: 240_000 }, async () => {
  const { context, page } = await sit(h, BELA);
  await page.locator(row("calm")).focus();
  await page.keyboard.press("o");
  await page.locator(".reading h2").waitFor();
  await tabTo(page, ".reading .buttons .button:not(.second)");
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: "What was told" }).waitFor();
  await tabTo(page, "#case-note");
  await page.keyboard.type("jkoc?"); // letters here, and no keys of the page
  assert.equal(await page.inputValue("#case-note"), "jkoc?");
  const themes = await page.locator('[name^="mine_theme."][value=yes]').evaluateAll((all) => all.map((i) => (i as HTMLInputElement).name));
  for (const name of themes) {
    await tabTo(page, `[name="${name}"]`);
    await page.keyboard.press(name === "mine_theme.force" ? "Space" : "ArrowDown"); // yes, or no beside it
  }
  await tabTo(page, '[name="mine_seriousness"]');
  await page.keyboard.press("Space");
  await page.keyboard.press("ArrowDown");
  assert.equal(await page.locator("[name=mine_seriousness]:checked").inputValue(), "1");
  await tabTo(page, ".coding-form + .button");
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: "Side by side" }).waitFor();
  assert.match((await page.locator(".reading").textContent()) ?? "", /do not agree yet/); // the other coder found it graver
  await accessible(page, "two who do not agree");
  await page.keyboard.press("c");
  await page.locator(".reading h2").waitFor({ state: "detached" });
  assert.equal(await page.evaluate(() => (document.activeElement as HTMLElement).dataset["leaf"]), leaf("calm"));
  await context.close();
});

test("whoever presses around while a message is fetched sees the last one, and nothing after it was put away; and what cannot be kept says why", { timeout: 240_000 }, async () => {
  await tell("swap", ANSWERS, (await derive(newReceipt(), "words.example")).replyRecipient);
  await tell("swapped", [{ q: "words", a: "zebrafinch, the other of two" }]);
  const { context, page } = await sit(h, CLEO);
  await page.locator(row("calm")).click(); // two differ on it, and she would be the third
  await press(page, "Nothing ties me to it: I take it");
  await page.getByRole("heading", { name: "What was told" }).waitFor();
  await accessible(page, "a message that a third reads");
  await handBack(page, row("calm"));
  await take(page, row("swap"));
  await page.locator("details.reply summary").click();
  await accessible(page, "the box for an answer");
  await take(page, row("swapped"));
  await press(page, "Back to the list");

  let open = (): void => { /* set at each gate */ };
  let [held, gated] = [0, true];
  await page.route("**/epochs/*/work", async (route) => {
    held++;
    if (gated) await new Promise<void>((resolve) => { const before = open; open = () => { before(); resolve(); }; });
    await route.fallback();
  });
  const isHeld = async (): Promise<void> => { for (let n = 0; held === 0; n++) { assert.ok(n < 500, "nothing was asked for"); await new Promise((after) => setTimeout(after, 20)); } };
  const letGo = (): void => { held = 0; open(); open = () => { /* set at each gate */ }; };
  await page.clock.install();
  const stale = (): Promise<void> => page.clock.runFor(4000); // what was just fetched is not fetched again
  await page.clock.fastForward("05:00"); // a clock that was put in begins at nothing, and what was fetched is of before
  await page.locator(row("swap")).click();
  await isHeld();
  await page.locator(row("swapped")).click();
  letGo();
  const drawn = page.locator(".reading h2");
  await page.waitForFunction(() => document.querySelector(".reading #case-note") !== null || document.querySelector("[data-part=alert]")?.textContent !== "");
  const settle = async (): Promise<void> => { for (let n = 0; n < 5; n++) { letGo(); await page.clock.runFor(100); } };
  await settle();
  await drawn.waitFor();
  assert.equal(await page.locator("details.reply").count(), 0, "the first of two is drawn over the last");
  assert.equal(await page.evaluate(() => document.querySelector<HTMLElement>("[aria-current]")?.dataset["leaf"]), leaf("swapped"));

  // Closed while it is on its way: nothing is drawn.
  await stale();
  held = 0;
  await page.locator(row("swap")).click();
  await isHeld();
  await page.keyboard.press("c");
  await settle();
  assert.equal(await drawn.count(), 0);
  gated = false;
  await take(page, row("swapped"));

  // Too long, and signed out: each says why, below the box too.
  const below = page.locator(".field:has(#case-note) + .nearby");
  await page.fill("#case-note", "x".repeat(20_000));
  await page.clock.runFor(6000);
  await below.getByText("is too long together, here and elsewhere", { exact: false }).first().waitFor();
  await page.fill("#case-note", "short");
  await page.route("**/panel/c/*/reviews", (route) => route.fulfill({ status: 401, contentType: "application/problem+json", body: JSON.stringify({ type: "signed-out", title: "You are signed out", status: 401 }) }));
  await page.clock.runFor(6000);
  await below.getByText("because you were signed out", { exact: false }).first().waitFor();
  await below.getByRole("button", { name: "Sign in again" }).waitFor();
  await page.unrouteAll(WAITED);
  await page.clock.runFor(6000);
  await page.getByText("What you typed is kept", { exact: false }).first().waitFor();
  assert.equal(await below.count(), 0);
  await context.close();
});

test("who is removed mid-coding is given nothing more, and their seat is free again", async () => {
  const at = ["--server", h.demo.url, "--clinic", h.demo.clinic, "--json", "--identity"];
  const bela = await sit(h, BELA);
  await take(bela.page, row("next"));
  const id = (await bela.page.textContent('[data-part="reviewer"]')) ?? "";
  await h.demo.run(["panel", "remove", "--reviewer", id, ...at, h.demo.identity(ANNA)]);
  const { list } = JSON.parse(await h.demo.run(["panel", "manifest", "draft", ...at, h.demo.identity(CLEO)])) as { list: string };
  await h.demo.run(["panel", "manifest", "sign", "--list", list, ...at, h.demo.identity(CLEO)]);
  await code(bela.page, ["force"], 1);
  await press(bela.page, "Send it and freeze it");
  assert.match(await alertOf(bela.page), /panel/);
  await bela.context.close();
  const [anna, cleo] = [await sit(h, ANNA), await sit(h, CLEO)];
  for (const { page } of [anna, cleo]) {
    await take(page, row("next")); // Anna had handed it back
    await page.locator('input[name="mine_theme.force"]').first().waitFor();
  }
  assert.ok(!(await cleo.page.locator(".queue table").textContent())?.includes(id));
  for (const { context } of [anna, cleo]) await context.close();
});
