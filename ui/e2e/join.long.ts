/** Joining: from a steward's link to a key that a person keeps, and back in by each way. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { readIdentityFile } from "../src/identity.js";
import { house, keptOnDevice, NOTHING_KEPT, tabTo, violations } from "./browser.js";
import { readSquare } from "./byhand.js";
import { alert, clinic, device, isIn, join, keepFile, keepPaper, keepPasskey, links, makeKey, press, problem, status } from "./joining.js";
import { leaks } from "./recorder.js";

const h = house(0);

test("three people join from a steward's links, each keeps their key in another way and comes back by it", async () => {
  const [withPasskey = "", withFile = "", withPaper = ""] = await links(h, 3);

  const a = await h.open(withPasskey);
  await device(a.page);
  assert.equal(new URL(a.page.url()).hash, "", "the invitation is taken out of the address");
  await a.page.getByRole("heading", { name: `You are invited to the review panel of ${clinic().name}` }).waitFor();
  await makeKey(a.page);
  await keepPasskey(a.page);
  const first = await join(a.page);
  assert.deepEqual(await a.context.cookies(), [], "joining leaves no cookie");
  assert.deepEqual(await violations(a.page), []);
  await a.page.getByRole("link", { name: "Go to the panel's page" }).click();
  await press(a.page, "Use a passkey");
  await isIn(a.page, first);
  assert.deepEqual(a.heard, []);
  await a.context.close();

  const b = await h.open(withFile);
  await makeKey(b.page);
  const { file, words } = await keepFile(h, b.page, "second.age");
  const second = await join(b.page);
  await b.context.close();
  const again = await h.open("/panel");
  await again.page.getByLabel("Your identity file").setInputFiles(file);
  await again.page.getByLabel("Passphrase of this file").fill(words);
  await press(again.page, "Sign in");
  await isIn(again.page, second);
  assert.deepEqual([...b.heard, ...again.heard], []);
  await again.context.close();

  const c = await h.open(withPaper);
  await makeKey(c.page);
  const groups = await keepPaper(c.page);
  const third = await join(c.page);
  await c.context.close();
  const typed = await h.open("/panel");
  await typed.page.getByText("Type your paper copy").click();
  await typed.page.getByLabel("What is on the paper").fill(groups.slice(1).join(" "));
  await press(typed.page, "Sign in");
  await alert(typed.page, "Something is missing.");
  await typed.page.getByLabel("What is on the paper").fill([...groups.slice(0, 3), "QQQQ", ...groups.slice(4)].join(" "));
  await press(typed.page, "Sign in");
  await alert(typed.page, "There is a mistake in it somewhere.");
  await typed.page.getByLabel("What is on the paper").fill(groups.join(" ").toLowerCase());
  await press(typed.page, "Sign in");
  await isIn(typed.page, third);
  assert.deepEqual([...c.heard, ...typed.heard], []);
  await typed.context.close();

  assert.equal(new Set([first, second, third]).size, 3);
  const seated = await h.demo.run(["panel", "list", "--clinic", clinic().slug]);
  for (const reviewer of [first, second, third]) assert.ok(seated.includes(reviewer), seated);
});

test("the file that was saved opens with its words in a terminal too", async () => {
  const [link = ""] = await links(h, 1);
  const { page, context } = await h.open(link);
  await makeKey(page);
  const { file, words } = await keepFile(h, page, "terminal.age");
  const reviewer = await join(page);
  await context.close();
  writeFileSync(h.demo.file("words.txt"), words);
  const shown = await h.demo.run(["--json", "identity", "show", "--identity", file, "--passphrase-file", h.demo.file("words.txt")]);
  assert.equal((JSON.parse(shown) as { reviewer: string }).reviewer, reviewer);
});

test("nothing of the key, its words or the invitation is stored on the device, and only the invitation is ever sent", async () => {
  const [link = ""] = await links(h, 1);
  const { page, context, recorder } = await h.openRecorded(link);
  await device(page);
  await makeKey(page);
  assert.deepEqual(await keptOnDevice(page), NOTHING_KEPT);
  const { file, words } = await keepFile(h, page, "secret.age");
  const groups = await keepPaper(page);
  await keepPasskey(page);
  const shown = await page.content();
  for (const secret of [words, words.split(" ").slice(-2).join(" "), ...groups.slice(0, 14)]) assert.ok(!shown.includes(secret), `the page still holds ${secret}`);
  assert.deepEqual(await context.cookies(), [], "no cookie before joining");
  assert.deepEqual(await keptOnDevice(page), NOTHING_KEPT);
  await join(page);
  assert.deepEqual(await keptOnDevice(page), NOTHING_KEPT);
  assert.deepEqual(await context.cookies(), []);
  const identity = await readIdentityFile(new Uint8Array(readFileSync(file)), words);
  assert.ok(identity.endsWith(groups.join("")));
  await page.goto("about:blank");
  assert.deepEqual(leaks(recorder.requests, [identity, identity.slice(20), words, groups.join(" "), "AGE-SECRET"]), []);
  const code = link.split("#")[1] ?? "";
  assert.deepEqual(recorder.requests.filter((r) => r.url.includes(code)), [], "the invitation is in no address");
  assert.deepEqual(leaks(recorder.requests, [code]).map((l) => l.split(" ")[1]?.replace(h.demo.url, "")), ["/api/v1/panel/invitation", "/api/v1/panel/enrol"]);
  assert.deepEqual(recorder.strangers, []);
  await context.close();
});

test("without a copy nobody joins, and a copy that cannot be told back does not count", async () => {
  const [link = ""] = await links(h, 1);
  const { page, context } = await h.open(link);
  await makeKey(page);
  await press(page, "Join");
  await problem(page, "Keep your key in one way first.");
  await press(page, "Make a locked file");
  await status(page, "Save the file");
  await press(page, "I have the file and the words");
  await problem(page, "Save the file first.");
  await page.getByRole("link", { name: "Save the file" }).click();
  await press(page, "I have the file and the words");
  await page.getByLabel("The last two of the seven words").fill("wrong words");
  await press(page, "Check the words");
  await problem(page, "These are not the last two words.");
  await press(page, "Show the words again");
  assert.equal(await page.locator('[data-part="file-secret"] li').count(), 7);
  await press(page, "Make a paper copy");
  assert.equal(await page.locator('[data-part="file-secret"] li').count(), 0, "another copy puts this one away");
  await press(page, "I have it on paper");
  await page.getByLabel("The last two groups on the paper").fill("QQQQ QQ");
  await press(page, "Check the groups");
  await problem(page, "These are not the last two groups.");
  await press(page, "Join");
  await problem(page, "Keep your key in one way first.");
  await context.close();
});

test("on paper there is the key and nothing else, and its square holds the same characters", async () => {
  const [link = ""] = await links(h, 1);
  const { page, context } = await h.open(link);
  await makeKey(page);
  await press(page, "Make a paper copy");
  await status(page, "Print it or write it down.");
  const groups = await page.locator('[data-part="paper-secret"] li').allTextContents();
  await page.emulateMedia({ media: "print" });
  const sheet = page.locator(".sheet");
  assert.ok(await sheet.isVisible());
  assert.ok(await page.locator('[data-part="keep"]').isHidden());
  assert.ok(await page.getByRole("heading", { name: "Use your invitation" }).isHidden());
  assert.deepEqual(await sheet.locator("li").allTextContents(), groups);
  const reviewer = (await page.locator('[data-part="reviewer"]').textContent()) ?? "";
  assert.match((await sheet.textContent()) ?? "", new RegExp(`Reviewer ${reviewer}\\. Made on \\d+ [A-Z][a-z]+ \\d{4}\\..*Whoever has this paper can do`));
  assert.equal(await readSquare(sheet.locator("svg")), `AGE-SECRET-KEY-PQ-1${groups.join("")}`);
  await page.emulateMedia({ media: "screen" });
  await press(page, "Lock, and start again");
  assert.equal(await sheet.textContent(), "");
  await context.close();
});

/** The next prompts end as they do when a person cancels, which nobody can do in a browser without a window. */
test("an invitation that is used, unknown or no invitation is told, and one can be pasted", async () => {
  const [link = "", fresh = ""] = await links(h, 2);
  const first = await h.open(link);
  await makeKey(first.page);
  const { file, words } = await keepFile(h, first.page, "known.age");
  const reviewer = await join(first.page);
  await first.context.close();

  const { page, context } = await h.open(link);
  await alert(page, "This invitation is unknown, used already or too old. Ask for a new one. Have you joined with it already?");
  const look = async (given: string): Promise<void> => {
    await page.getByLabel("Your invitation").fill(given);
    await press(page, "Look where it leads");
  };
  await look("hello");
  await alert(page, "This is no invitation.");
  await look("a".repeat(32));
  await alert(page, "This invitation is unknown");
  assert.deepEqual(await violations(page), []);
  await look(fresh);
  await page.getByRole("heading", { name: /^You are invited/ }).waitFor();

  await page.getByText("I have a key already").click();
  await page.getByLabel("Your identity file").setInputFiles(file);
  await page.getByLabel("Passphrase of this file").fill(words);
  await press(page, "Use this key");
  await status(page, "Your key is open. You brought one copy of it yourself.");
  await press(page, "Join");
  await alert(page, "With this key you sit there already. The invitation was not used");
  await context.close();

  const [second = ""] = await links(h, 1); // at another clinic
  const other = await h.open(second);
  await other.page.getByText("I have a key already").click();
  await other.page.getByLabel("Your identity file").setInputFiles(file);
  await other.page.getByLabel("Passphrase of this file").fill(words);
  await press(other.page, "Use this key");
  assert.equal(await join(other.page), reviewer);
  await other.context.close();

  const somebody = await h.open(fresh);
  await makeKey(somebody.page);
  await keepPaper(somebody.page);
  await join(somebody.page); // the invitation that was not used is still good
  await somebody.context.close();
});

test("a key made with age-keygen -pq, and one on paper, can be brought along", async () => {
  const [a = "", b = ""] = await links(h, 2);
  const made = h.demo.file("keygen.txt");
  execFileSync("go", ["run", "filippo.io/age/cmd/age-keygen", "-pq", "-o", made], { cwd: path.join(import.meta.dirname, "../../.."), stdio: "ignore" });
  const identity = /AGE-SECRET-KEY-PQ-1\w+/.exec(readFileSync(made, "utf8"))?.[0] ?? "";
  const withFile = await h.open(a);
  await withFile.page.getByText("I have a key already").click();
  await withFile.page.getByLabel("Your identity file").setInputFiles(made);
  await press(withFile.page, "Use this key");
  const reviewer = await join(withFile.page);
  await withFile.context.close();
  const withPaper = await h.open(b);
  await withPaper.page.getByText("I have a key already").click();
  await withPaper.page.getByText("Type your paper copy").click();
  await withPaper.page.getByLabel("What is on the paper").fill(identity);
  await press(withPaper.page, "Use this key");
  await withPaper.page.locator('[data-part="keep"]').waitFor();
  assert.equal(await withPaper.page.locator('[data-part="reviewer"]').textContent(), reviewer);
  await withPaper.context.close();
});

test("a connection that breaks while joining loses nothing: pressing again goes on", async () => {
  for (const fate of ["lost", "answer lost"] as const) {
    for (const where of ["/enrol", "/sign-in", "/passkeys"]) {
      const [link = ""] = await links(h, 1);
      const { page, context, recorder } = await h.openRecorded(link);
      await device(page);
      await makeKey(page);
      await keepPasskey(page);
      recorder.fate = (r) => (r.method === "POST" && r.url.endsWith(where) ? fate : "passes");
      await press(page, "Join");
      await alert(page, "press Join again");
      recorder.fate = () => "passes";
      const reviewer = await join(page);
      await page.getByRole("link", { name: "Go to the panel's page" }).click();
      await press(page, "Use a passkey");
      await isIn(page, reviewer);
      await context.close();
    }
  }
});

test("after ten quiet minutes, on leaving and on demand the key is gone, and the invitation is still good", async () => {
  const [link = ""] = await links(h, 1);
  const { page, context } = await h.open("/static/app.css");
  await page.clock.install();
  await page.goto(link);
  await makeKey(page);
  await press(page, "Make a paper copy");
  await status(page, "Print it or write it down.");
  const groups = await page.locator('[data-part="paper-secret"] li').allTextContents();
  await page.clock.fastForward("09:30");
  assert.ok(await page.locator('[data-part="paper-shown"]').isVisible());
  await page.clock.fastForward("01:00");
  await status(page, "Locked after ten quiet minutes.");
  assert.ok(!(await page.content()).includes(groups[3] ?? "-"));
  await page.getByRole("heading", { name: /^You are invited/ }).waitFor();
  await makeKey(page);
  await press(page, "Lock, and start again");
  await status(page, "Locked. The key is gone from this page.");
  await makeKey(page);
  await press(page, "Make a paper copy");
  await page.goto(`${h.demo.url}/steward`);
  await page.goBack();
  assert.equal(await page.locator('[data-part="paper-secret"] li').count(), 0);
  await page.goto(link);
  await makeKey(page);
  await keepPaper(page);
  await join(page);
  await context.close();
});

test("somebody joins on a small phone with the keyboard alone", async () => {
  const [link = ""] = await links(h, 1);
  const { page, context, heard } = await h.open(link, { viewport: { width: 320, height: 640 } });
  const wide = (): Promise<boolean> => page.evaluate(() => document.documentElement.scrollWidth > document.documentElement.clientWidth);
  const go = async (selector: string): Promise<void> => {
    await tabTo(page, selector);
    assert.equal(await wide(), false, selector);
    await page.keyboard.press("Enter");
  };
  await page.getByRole("heading", { name: /^You are invited/ }).waitFor();
  assert.equal(await page.evaluate(() => document.activeElement?.getAttribute("data-part")), "where");
  await go('[data-part="make"]');
  await status(page, "Your key is made.");
  assert.equal(await page.evaluate(() => document.activeElement?.getAttribute("data-part")), "keep-title");
  await go('[data-part="make-paper"]');
  await status(page, "Print it or write it down.");
  const groups = await page.locator('[data-part="paper-secret"] li').allTextContents();
  await go('[data-part="paper-have"]');
  await page.keyboard.type(groups.slice(-2).join(""));
  await page.keyboard.press("Enter");
  await status(page, "Right. You have a paper copy.");
  await go('[data-part="join"]');
  await page.getByRole("heading", { name: /^You have joined/ }).waitFor();
  assert.equal(await page.evaluate(() => document.activeElement?.getAttribute("data-part")), "done-title");
  await go('[data-part="go"] a');
  await page.getByRole("heading", { name: "The panel's desk" }).waitFor();
  assert.deepEqual(heard, []);
  await context.close();
});

test("a steward joins by a steward's link, signs in with a passkey and sees the clinics", async () => {
  await links(h, 0);
  const page0 = await h.open("/steward");
  await page0.page.getByLabel("Your identity file").setInputFiles(h.demo.file("steward.txt"));
  await press(page0.page, "Sign in");
  await page0.page.getByText("Invite another steward").click();
  const invite = page0.page.locator('[data-part="steward-invitation"]');
  await invite.getByRole("button", { name: "Make a link" }).click();
  await page0.page.getByText("Here is the link. It is shown this once.").first().waitFor();
  const link = await invite.getByLabel("Link for one person").inputValue();
  await page0.context.close();
  const { page, context } = await h.open(link);
  await device(page);
  await page.getByRole("heading", { name: "You are invited to be a steward of this place" }).waitFor();
  await makeKey(page);
  await keepPasskey(page);
  await join(page);
  await page.getByRole("link", { name: "Go to the stewards' page" }).click();
  await press(page, "Use a passkey");
  await page.getByRole("heading", { name: "Clinics here" }).waitFor();
  await page.getByRole("link", { name: "your ways in" }).click();
  await press(page, "Use a passkey");
  await page.getByText("You are signed in, but you sit on no panel here yet.").first().waitFor();
  await page.getByRole("button", { name: /^Remove: / }).waitFor();
  await context.close();
});

test("without script, and over plain http, the page says how to join", async () => {
  const plain = await h.open("/panel/join", { javaScriptEnabled: false });
  assert.match((await plain.page.textContent('[data-part="plain"]')) ?? "", /answerable panel join/);
  assert.ok(await plain.page.locator('[data-part="invitation"]').isHidden());
  await plain.context.close();
  const http = await h.open(`${h.demo.url.replace("localhost", "plain.test")}/panel/join#${"a".repeat(32)}`);
  await http.page.getByText("This page makes no key here.").first().waitFor();
  assert.ok(await http.page.getByRole("button", { name: "Make my key here" }).isHidden());
  await http.context.close();
});
