/** What goes out of a message: the clinic reads what its writer was shown, a server that changes it is found out, and members take it back. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Page } from "playwright-core";
import { actionTag } from "../src/action.js";
import { toBase64, toBase64url } from "../src/encoding.js";
import type { Answer } from "../src/pad.js";
import { derive, newReceipt, type ReceiptKeys } from "../src/receipt.js";
import { openReply } from "../src/reply.js";
import { house, violations, WAITED } from "./browser.js";
import { code, lookAgain, press, rowOf, sit, take } from "./desk.js";

const [ANNA, BELA, CLEO] = [0, 1, 2] as const;
const WORDS = "They held me down on the marmalade stairs.";
const ANSWERS: Answer[] = [
  { q: "words", a: WORDS }, { q: "themes", a: "force" }, { q: "share_level", a: "my_words_to_clinic" }, { q: "hold_until", a: "now" }, { q: "ask_me_first", a: "show_me_before_sharing" },
  { q: "must_not", a: "do_not_call_police\ndo_not_put_in_my_notes\ndo_not_contact_me" },
];

const told: Record<string, { leaf: string; keys: ReceiptKeys }> = {};
const h = house(0, async (demo) => {
  for (const name of ["quote", "theme"]) {
    const keys = await derive(newReceipt(), "words.example");
    const answers = name === "quote" ? ANSWERS : ANSWERS.filter(({ q }) => q !== "must_not");
    const leaf = await demo.post(answers, undefined, { mailbox: toBase64url(keys.mailbox), actions: toBase64url(keys.actions), reply_to: keys.replyRecipient });
    told[name] = { leaf, keys };
  }
  await demo.told();
});
const of = (name: string): { leaf: string; keys: ReceiptKeys } => told[name] ?? assert.fail();

async function accessible(page: Page, where: string): Promise<void> {
  assert.deepEqual(await violations(page), [], where);
}

/** Lines of a list, as a writer reads them. */
const bullets = (text: string): string[] => text.split("\n").filter((line) => line.startsWith("- ")).map((line) => line.slice(2));

/** Shows the writer of a message what may go out, and gives what they read. */
async function shows(page: Page, name: string, form: string): Promise<string> {
  await take(page, rowOf(of(name).leaf));
  const guard = page.getByRole("button", { name: "I know that, and answer all the same" });
  if (await page.locator("details.show-first").count() === 0) await guard.first().click();
  await page.locator("details.show-first").evaluate((d) => { d.setAttribute("open", ""); });
  await page.locator(`input[name="first_form"][value="${form}"]`).check();
  if (form !== "theme") await page.fill("#first-words", WORDS);
  await accessible(page, `what the writer of ${name} is shown`);
  const sent = page.waitForRequest((r) => r.method() === "POST" && r.url().endsWith("/replies"));
  const noted = page.waitForResponse((r) => r.request().method() === "POST" && r.url().endsWith("/reviews") && (r.request().postData() ?? "").includes('"note"'));
  await press(page, "Lock these words and let them wait");
  await noted; // right after the answer went
  await press(page, "Back to the list");
  await take(page, rowOf(of(name).leaf));
  await page.getByText(/showed the writer this on/).first().waitFor();
  const body = JSON.parse((await sent).postData() ?? "") as Record<string, string>;
  const file = Object.values(body).find((value) => value.length > 1000) ?? assert.fail("no sealed answer");
  return (await openReply(Buffer.from(file, "base64"), of(name).keys.replyIdentity)).text;
}

async function promises(page: Page): Promise<void> {
  await press(page, "Promises");
  await page.getByRole("heading", { name: "Who speaks for the clinic" }).waitFor();
}

test("the clinic reads what the writer was shown, nothing else is handed over, and it is taken back at once", { timeout: 400_000 }, async () => {
  const coders = [await sit(h, ANNA), await sit(h, BELA)];
  for (const name of ["quote", "theme"]) {
    for (const [i, { page }] of coders.entries()) {
      await take(page, rowOf(of(name).leaf));
      await code(page, i === 0 ? ["force"] : ["force", "voice"], 2);
      await press(page, "Send it and freeze it");
      await page.locator(".reading").getByText(/The other one is not yet|Side by side/).first().waitFor();
    }
  }
  for (const [i, { page, context }] of coders.reverse().entries()) {
    await lookAgain(page);
    for (const name of ["quote", "theme"]) {
      await take(page, rowOf(of(name).leaf));
      if (i === 0) await code(page, ["force", "voice"], 2, "both_");
      await press(page, "Agree and sign");
      await page.locator(".reading").getByText(/Signed\.|A third member looks/).first().waitFor();
    }
    await context.close();
  }

  const cleo = await sit(h, CLEO);
  const shown = { quote: await shows(cleo.page, "quote", "quote"), theme: await shows(cleo.page, "theme", "theme") };
  assert.ok(shown.quote.includes(`and nothing else:\n\n${WORDS}\n\n`) && !shown.quote.includes("Force"), shown.quote);
  assert.deepEqual([bullets(shown.quote), bullets(shown.theme)], [["Do not call police", "Do not put it in my notes"], ["Force and being locked up", "Choice and being heard"]]);
  for (const name of ["quote", "theme"]) {
    const { leaf, keys } = of(name);
    await h.demo.post([], undefined, { t: "consent", mailbox: toBase64url(keys.mailbox), thread: leaf, share_level: "my_words_to_clinic", ask_me_first: false, hold: "now", hide: [] });
  }
  await h.demo.told();
  await lookAgain(cleo.page);
  for (const name of ["quote", "theme"]) {
    await take(cleo.page, rowOf(of(name).leaf));
    await cleo.page.locator('input[name="check_guess"][value="no"]').check();
    const page = cleo.page.locator(".reading");
    assert.ok((await page.innerText()).includes(name === "theme" ? "Choice and being heard" : "Do not put it in my notes"), "who checks sees all that goes out");
    await press(cleo.page, "Send what I think");
    await cleo.page.getByText("their yes is to these words", { exact: false }).first().waitFor();
    await accessible(cleo.page, "the decision");
    await press(cleo.page, "Share it so, unless somebody objects");
    await cleo.page.getByRole("button", { name: "I object" }).waitFor();
    const objects = await page.innerText();
    assert.deepEqual(bullets(shown[name as "quote" | "theme"]).filter((line) => !objects.includes(line)), [], "who may object sees all that goes out");
  }
  await cleo.context.close();

  h.demo = await h.demo.again("--days-ahead", "3"); // two whole days later
  const anna = await sit(h, ANNA);
  for (const name of ["quote", "theme"]) {
    await take(anna.page, rowOf(of(name).leaf));
    await press(anna.page, "Put it in the clear now");
    await anna.page.locator(rowOf(of(name).leaf), { hasText: "Under Promises you see" }).waitFor();
  }

  // A server that changes the words: nothing of it is offered to hand over, also where it does so after they were drawn.
  const lie = async (): Promise<void> => {
    await anna.page.route("**/panel/c/riverside/findings", async (route) => {
      const answer = await route.fetch();
      await route.fulfill({ response: answer, body: (await answer.text()).replace("marmalade stairs", "stairs, which was kind") });
    });
  };
  await lie();
  await promises(anna.page);
  const room = anna.page.locator('[data-part="promises-room"]');
  const changed = room.locator(".waits", { hasText: "which was kind" });
  await changed.locator(".alarms li", { hasText: "This is not what your panel decided" }).waitFor();
  assert.deepEqual([await changed.getByRole("button", { name: "Hand it over" }).count(), await room.getByRole("button", { name: "Hand it over" }).count()], [0, 1]);
  await accessible(anna.page, "a finding that is not what was decided");
  await anna.page.unrouteAll(WAITED);
  await promises(anna.page);
  const words = room.locator(".waits", { hasText: WORDS });
  await words.getByText("Do not put it in my notes").first().waitFor();
  assert.equal(await room.locator(".alarms li").count(), 0);
  await lie();
  await words.getByRole("button", { name: "Hand it over" }).click();
  await anna.page.getByText("It was not handed over. Look at it again.", { exact: false }).first().waitFor();
  await anna.page.unrouteAll(WAITED);
  await promises(anna.page);
  await words.getByRole("button", { name: "Hand it over" }).click();
  await anna.page.getByText("The clinic reads it now.", { exact: false }).first().waitFor();
  await room.getByRole("button", { name: "Hand it over" }).click();
  await room.getByText("Every finding that stands is with the clinic.").first().waitFor();

  const { liaison_invitation: invitation } = JSON.parse(await h.demo.run(["clinic", "invite-liaison", "--json", "riverside", "--role", "ward manager"])) as { liaison_invitation: string };
  const clinic = await h.open("/clinic/join", { javaScriptEnabled: false });
  await clinic.page.getByLabel("Your invitation").fill(`${h.demo.url}/clinic/join#${invitation}`);
  await clinic.page.getByLabel("I am not on this clinic's review panel", { exact: false }).check();
  await press(clinic.page, "Take the invitation");
  const eight = (await clinic.page.locator(".receipt li").allTextContents()).join(" ");
  await clinic.page.getByRole("link", { name: "I have written them down. Sign in" }).click();
  await clinic.page.getByLabel("Your eight words as a speaker of the clinic").fill(eight);
  await press(clinic.page, "Sign in");
  const read: Record<string, string> = {};
  const home = clinic.page.url();
  for (const name of ["quote", "theme"]) {
    await clinic.page.goto(home);
    await clinic.page.getByRole("link", { name: name === "quote" ? /^Answer: Finding of .*They held me down/ : /^Answer: Finding of .*Force and being/ }).click();
    read[name] = clinic.page.url();
    const page = await clinic.page.locator("main").innerText();
    assert.deepEqual(bullets(shown[name as "quote" | "theme"]).filter((line) => !page.includes(line)), [], "the clinic reads all that the writer was shown");
    if (name === "quote") {
      assert.ok(page.includes(WORDS) && !page.includes("Force and being locked up") && !page.includes("It was about"), "and nothing else");
      assert.deepEqual(await clinic.page.locator("main li", { hasText: /^Do not/ }).allTextContents(), bullets(shown.quote));
    } else {
      assert.ok(!page.includes("held me down") && !page.includes("must not happen"), "themes alone");
    }
  }

  // It is taken back after a question, from the clinic's page too.
  await promises(anna.page);
  const handed = room.locator(".waits", { hasText: WORDS });
  await handed.getByRole("button", { name: "Take it back" }).click();
  await accessible(anna.page, "the question before a finding is taken back");
  assert.equal(await anna.page.evaluate(() => document.activeElement?.textContent), "No, go back");
  await anna.page.keyboard.press("Enter");
  assert.equal(await anna.page.evaluate(() => document.activeElement?.textContent), "Take it back");
  await handed.getByRole("button", { name: "Take it back" }).click();
  await handed.getByRole("button", { name: "Yes, take it back now" }).click();
  await anna.page.getByText("Taken back. What it said is gone.").first().waitFor();
  await clinic.page.goto(read["quote"] ?? "");
  const gone = await clinic.page.locator("main").innerText();
  assert.ok(!gone.includes(WORDS) && !gone.includes("Do not call police") && gone.includes("taken back"), gone);
  await clinic.context.close();
  await anna.context.close();

  // The week after, the writer finds that the clinic was told; and a terminal takes back.
  h.demo = await h.demo.again("--days-ahead", "11");
  const later = await sit(h, ANNA);
  const ask = <T>(path: string): Promise<T> => later.page.evaluate(async (p) => (await fetch(`/api/v1/panel/c/riverside${p}`)).json() as unknown, path) as Promise<T>;
  const tag = toBase64(actionTag(of("theme").keys.actions, "acted", 0));
  for (let tries = 0; ; tries++) {
    const acts = (await ask<{ acts: { code: string; tag: string; day: string }[] }>("/acts")).acts.filter((a) => a.code === "acted");
    if (acts.length > 0) {
      assert.deepEqual(acts.map((a) => [a.tag, new Date(a.day).getUTCDay()]), [[tag, 1]], "what was taken back is not said");
      break;
    }
    assert.ok(tries < 50, "the writer never learns that the clinic was told");
    await later.page.waitForTimeout(100);
  }
  const { findings } = await ask<{ findings: { id: string }[] }>("/findings");
  assert.equal(findings.length, 1);
  const member = ["--server", h.demo.url, "--clinic", "riverside", "--identity", h.demo.identity(BELA)];
  assert.match(await h.demo.run(["review", "promises", ...member, "--from", h.demo.file("bela")]), /hand-over .* finding/);
  await assert.rejects(h.demo.run(["review", "retract", findings[0]?.id ?? "", ...member], "no\n"), /it was not taken back/);
  assert.match(await h.demo.run(["review", "retract", findings[0]?.id ?? "", ...member], "yes\n"), /Taken back/);
  assert.deepEqual((await ask<{ findings: unknown[] }>("/findings")).findings, []);
  await later.context.close();
});
