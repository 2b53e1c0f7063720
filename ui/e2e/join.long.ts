/** Joining: from a steward's link to a key that a person keeps, and back in by each way. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";
import type { CDPSession, Page } from "playwright-core";
import { readIdentityFile } from "../src/identity.js";
import { house, keptOnDevice, NOTHING_KEPT, tabTo, violations } from "./browser.js";
import { leaks } from "./recorder.js";
import { readSquare } from "./byhand.js";

const h = house(0);
let clinics = 0;

/** A clinic of its own with as many links to its panel as asked for, made by a steward in the browser. */
async function links(n: number): Promise<string[]> {
  const slug = `harbour-${++clinics}`;
  const added = JSON.parse(await h.demo.run(["clinic", "add", slug, "--name", `Harbour ${clinics}`, "--json"])) as { steward_invitation?: string };
  if (added.steward_invitation !== undefined) {
    await h.demo.run(["identity", "new", "--out", h.demo.file("steward.txt")]);
    await h.demo.run(["panel", "join", "--server", h.demo.url, "--identity", h.demo.file("steward.txt"), "--invitation", added.steward_invitation]);
  }
  const { page, context } = await h.open("/steward");
  await page.getByLabel("Your identity file").setInputFiles(h.demo.file("steward.txt"));
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
  await page.getByRole("button", { name: new RegExp(`^Harbour ${clinics}\\b`) }).click();
  const field = page.locator(".step-row").getByLabel("Link for one person");
  const made: string[] = [];
  for (let i = 0; i < n; i++) {
    await page.locator(".step-row").getByRole("button", { name: /Make (a|another) link/ }).click();
    await page.waitForFunction((before) => {
      const input = document.querySelector<HTMLInputElement>(".step-row .link input");
      return input !== null && input.value !== "" && input.value !== before;
    }, made[i - 1] ?? "");
    made.push(await field.inputValue());
  }
  await context.close();
  return made;
}

/** Waits for what the page says; when it says something else, the error holds its alert. */
async function status(page: Page, sentence: string | RegExp): Promise<void> {
  await page.locator('[data-part="status"]', { hasText: sentence }).waitFor().catch(async (err: unknown) => {
    throw new Error(`the alert says: ${(await page.textContent('[data-part="alert"]')) ?? ""}`, { cause: err });
  });
}
const alert = (page: Page, sentence: string | RegExp): Promise<void> => page.locator('[data-part="alert"]', { hasText: sentence }).waitFor();
/** What is wrong, said where it is wrong. */
const problem = (page: Page, sentence: string): Promise<void> => page.locator(".problem", { hasText: sentence }).waitFor();
const press = (page: Page, name: string): Promise<void> => page.getByRole("button", { name, exact: true }).click();

async function makeKey(page: Page): Promise<void> {
  await press(page, "Make my key here");
  await status(page, "Your key is made.");
}

async function join(page: Page): Promise<string> {
  await press(page, "Join");
  await status(page, "You have joined.");
  return (await page.locator('[data-part="done-reviewer"]').textContent()) ?? "";
}

/**
 * A passkey of the device that this tab is on, as Chromium pretends to have one. Like Windows Hello, it makes none for who asks
 * with an empty `prf`.
 */
async function device(page: Page, hasPrf = true): Promise<{ cdp: CDPSession; authenticatorId: string }> {
  await page.evaluate(() => {
    const { credentials } = navigator;
    const create = credentials.create.bind(credentials);
    credentials.create = (options) => {
      const prf = options?.publicKey?.extensions?.prf;
      return prf !== undefined && prf.eval === undefined ? Promise.reject(new DOMException("", "UnknownError")) : create(options);
    };
  });
  const cdp = await page.context().newCDPSession(page);
  await cdp.send("WebAuthn.enable");
  const { authenticatorId } = await cdp.send("WebAuthn.addVirtualAuthenticator", {
    options: { protocol: "ctap2", transport: "internal", hasResidentKey: true, hasUserVerification: true, isUserVerified: true, hasPrf, automaticPresenceSimulation: true },
  });
  return { cdp, authenticatorId };
}

/** Makes the locked file, types its words back; gives the file's path and the words. */
async function keepFile(page: Page, name: string): Promise<{ file: string; words: string }> {
  await press(page, "Make a locked file");
  await status(page, "Save the file, and write the seven words down.");
  const words = (await page.locator('[data-part="file-secret"] li').allTextContents()).join(" ");
  assert.equal(words.split(" ").length, 7);
  const download = page.waitForEvent("download");
  await page.getByRole("link", { name: "Save the file" }).click();
  const saved = await download;
  assert.match(saved.suggestedFilename(), /^key-r[a-z2-7]{8}\.age$/);
  const file = h.demo.file(name);
  await saved.saveAs(file);
  await press(page, "I have the file and the words");
  assert.ok(await page.locator('[data-part="file-secret"]').isHidden());
  await page.getByLabel("The last two of the seven words").fill(words.split(" ").slice(-2).join(" "));
  await press(page, "Check the words");
  await status(page, "Right. You have a locked file and its words.");
  return { file, words };
}

/** Makes the paper copy, types its end back; gives what stands on it. */
async function keepPaper(page: Page): Promise<string[]> {
  await press(page, "Make a paper copy");
  await status(page, "Print it or write it down.");
  const groups = await page.locator('[data-part="paper-secret"] li').allTextContents();
  assert.equal(groups.join("").length, 58);
  await press(page, "I have it on paper");
  await page.getByLabel("The last two groups on the paper").fill(groups.slice(-2).join(" ").toLowerCase());
  await press(page, "Check the groups");
  await status(page, "Right. You have a paper copy.");
  return groups;
}

async function keepPasskey(page: Page): Promise<void> {
  await press(page, "Make a passkey");
  await status(page, "Your passkey is made.");
}

/** True once the panel's page has let this reviewer in. */
async function isIn(page: Page, reviewer: string): Promise<void> {
  await page.locator('[data-part="desk"]').waitFor();
  assert.equal(await page.locator('[data-part="desk"] [data-part="reviewer"]').textContent(), reviewer);
  await status(page, /Nobody has|messages?\./);
  await press(page, "Your ways in");
  await page.getByRole("heading", { name: "Your ways in" }).waitFor();
}

test("three people join from a steward's links, each keeps their key in another way and comes back by it", async () => {
  const [withPasskey = "", withFile = "", withPaper = ""] = await links(3);

  const a = await h.open(withPasskey);
  await device(a.page);
  assert.equal(new URL(a.page.url()).hash, "", "the invitation is taken out of the address");
  await a.page.getByRole("heading", { name: `You are invited to the review panel of Harbour ${clinics}` }).waitFor();
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
  const { file, words } = await keepFile(b.page, "second.age");
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
  const seated = await h.demo.run(["panel", "list", "--clinic", `harbour-${clinics}`]);
  for (const reviewer of [first, second, third]) assert.ok(seated.includes(reviewer), seated);
});

test("the file that was saved opens with its words in a terminal too", async () => {
  const [link = ""] = await links(1);
  const { page, context } = await h.open(link);
  await makeKey(page);
  const { file, words } = await keepFile(page, "terminal.age");
  const reviewer = await join(page);
  await context.close();
  writeFileSync(h.demo.file("words.txt"), words);
  const shown = await h.demo.run(["--json", "identity", "show", "--identity", file, "--passphrase-file", h.demo.file("words.txt")]);
  assert.equal((JSON.parse(shown) as { reviewer: string }).reviewer, reviewer);
});

test("nothing of the key, its words or the invitation is stored on the device, and only the invitation is ever sent", async () => {
  const [link = ""] = await links(1);
  const { page, context, recorder } = await h.openRecorded(link);
  await device(page);
  await makeKey(page);
  assert.deepEqual(await keptOnDevice(page), NOTHING_KEPT);
  const { file, words } = await keepFile(page, "secret.age");
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
  const [link = ""] = await links(1);
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
  const [link = ""] = await links(1);
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
const putOff = (page: Page, off: boolean): Promise<void> => page.evaluate((no) => {
  const credentials = navigator.credentials as unknown as Record<string, unknown>;
  for (const name of ["create", "get"]) {
    if (no) credentials[name] = (): Promise<never> => Promise.reject(new DOMException("", "NotAllowedError"));
    else Reflect.deleteProperty(credentials, name);
  }
}, off);

test("a passkey prompt that is put off is told, and the button works again", async () => {
  const [link = ""] = await links(1);
  const { page, context } = await h.open(link);
  const { cdp, authenticatorId } = await device(page);
  await makeKey(page);
  await putOff(page, true);
  await press(page, "Make a passkey");
  await problem(page, "The passkey was not used.");
  await press(page, "Join");
  await problem(page, "Keep your key in one way first.");
  await putOff(page, false);
  await keepPasskey(page);
  const reviewer = await join(page);
  await page.getByRole("link", { name: "Go to the panel's page" }).click();
  await page.getByLabel("Your identity file").waitFor();
  await putOff(page, true);
  await press(page, "Use a passkey");
  await alert(page, "The passkey was not used.");
  assert.deepEqual(await context.cookies(), []);
  await putOff(page, false);
  await press(page, "Use a passkey");
  await isIn(page, reviewer);
  await press(page, "Lock");

  // Put off at the second prompt, one more prompt is enough.
  await page.evaluate(() => {
    const { credentials } = navigator;
    const get = credentials.get.bind(credentials);
    const asked: boolean[] = [];
    Object.assign(globalThis, { asked });
    credentials.get = (options) => {
      const opens = options?.publicKey?.extensions?.prf !== undefined;
      asked.push(opens);
      return asked.filter((o) => o).length === 1 && opens ? Promise.reject(new DOMException("", "NotAllowedError")) : get(options);
    };
  });
  await press(page, "Use a passkey");
  await alert(page, "The passkey was not used.");
  await press(page, "Use a passkey");
  await isIn(page, reviewer);
  assert.deepEqual(await page.evaluate(() => (globalThis as unknown as { asked: boolean[] }).asked), [false, true, true]);
  await press(page, "Lock");
  await page.reload();
  await cdp.send("WebAuthn.setUserVerified", { authenticatorId, isUserVerified: false });
  await press(page, "Use a passkey");
  await alert(page, "The passkey was not used."); // the device did not recognize the person
  await context.close();
});

test("a passkey that cannot open keys is told, and other ways are offered", async () => {
  const [link = ""] = await links(1);
  const { page, context } = await h.open(link);
  await device(page, false);
  await makeKey(page);
  await press(page, "Make a passkey");
  await problem(page, "This browser or this passkey cannot open keys.");
  await keepPaper(page);
  await join(page);
  await context.close();
});

test("a browser without passkeys shows no button for them, on no page", async () => {
  const [link = ""] = await links(1);
  const { page, context } = await h.open("/static/app.css");
  await page.addInitScript(() => { delete (globalThis as { PublicKeyCredential?: unknown }).PublicKeyCredential; });
  await page.goto(link);
  await makeKey(page);
  await page.getByText("This browser has no passkeys that can open keys.").waitFor();
  assert.ok(await page.getByRole("button", { name: "Make a passkey" }).isHidden());
  for (const where of ["/panel", "/steward"]) {
    await page.goto(h.demo.url + where);
    await page.getByLabel("Your identity file").waitFor();
    assert.ok(await page.getByRole("button", { name: "Use a passkey" }).isHidden());
  }
  await context.close();
});

test("ways in are seen, added, removed and ended: what was removed opens nothing any more", async () => {
  const [link = ""] = await links(1);
  const { page, context } = await h.open(link);
  await device(page);
  await makeKey(page);
  const { file, words } = await keepFile(page, "ways.age");
  const reviewer = await join(page);

  const elsewhere = await h.open("/panel");
  const enter = async (where: Page, name: string): Promise<void> => {
    await where.getByLabel("Your identity file").setInputFiles(file);
    await where.getByLabel("Passphrase of this file").fill(words);
    await where.getByText("Name of this device").click();
    await where.getByLabel("What you call it").fill(name);
    await press(where, "Sign in");
    await isIn(where, reviewer);
  };
  await enter(elsewhere.page, "The library");
  await page.goto(`${h.demo.url}/panel`);
  await enter(page, "My laptop");
  const own = page.locator('[data-part="own"]');
  assert.match((await own.locator('[data-part="sessions"]').textContent()) ?? "", /My laptop Signed in on \d+ [A-Z][a-z]+ \d{4}\. You are here\./);
  await own.getByText("You have no passkey here.").waitFor();

  await press(page, "Make a passkey");
  await status(page, "Your passkey is made.");
  await own.getByRole("button", { name: "Remove: My laptop" }).waitFor();
  assert.deepEqual(await violations(page), []);
  await press(page, "Sign out: The library");
  await status(page, "That sign-in has ended.");
  await press(elsewhere.page, "Look again");
  await alert(elsewhere.page, "You were signed out");
  await elsewhere.context.close();

  await press(page, "Lock");
  await press(page, "Use a passkey");
  await isIn(page, reviewer);
  await press(page, "Remove: My laptop");
  await status(page, "Removed. It opens nothing here any more.");
  await press(page, "Lock");
  await press(page, "Use a passkey");
  await alert(page, "There is no key here for this passkey.");
  assert.deepEqual(await context.cookies(), []);

  const third = await h.open("/panel");
  await enter(third.page, "A third");
  await page.reload();
  await enter(page, "My laptop");
  await press(page, "Sign out everywhere else");
  await status(page, "All other sign-ins have ended.");
  assert.equal(await own.locator('[data-part="sessions"] li').count(), 1);
  await press(third.page, "Look again");
  await alert(third.page, "You were signed out");
  await third.context.close();

  const renewed = await keepFile(page, "renewed.age");
  assert.notEqual(renewed.words, words);
  const groups = await keepPaper(page);
  assert.ok((await readIdentityFile(new Uint8Array(readFileSync(renewed.file)), renewed.words)).endsWith(groups.join("")));
  await press(page, "Make a new locked file");
  await status(page, "Save the file");
  await press(page, "Lock");
  assert.equal(await page.locator('[data-part="file-secret"] li').count(), 0, "locking takes the words away");
  await context.close();
});

test("an invitation that is used, unknown or no invitation is told, and one can be pasted", async () => {
  const [link = "", fresh = ""] = await links(2);
  const first = await h.open(link);
  await makeKey(first.page);
  const { file, words } = await keepFile(first.page, "known.age");
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

  const [second = ""] = await links(1); // at another clinic
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
  const [a = "", b = ""] = await links(2);
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
      const [link = ""] = await links(1);
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
  const [link = ""] = await links(1);
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
  const [link = ""] = await links(1);
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
  await links(0);
  const page0 = await h.open("/steward");
  await page0.page.getByLabel("Your identity file").setInputFiles(h.demo.file("steward.txt"));
  await press(page0.page, "Sign in");
  await page0.page.getByText("Invite another steward").click();
  const invite = page0.page.locator('[data-part="steward-invitation"]');
  await invite.getByRole("button", { name: "Make a link" }).click();
  await page0.page.getByText("Here is the link. It is shown this once.").waitFor();
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
  await page.getByText("You are signed in, but you sit on no panel here yet.").waitFor();
  await page.getByRole("button", { name: /^Remove: / }).waitFor();
  await context.close();
});

test("without script, and over plain http, the page says how to join", async () => {
  const plain = await h.open("/panel/join", { javaScriptEnabled: false });
  assert.match((await plain.page.textContent('[data-part="plain"]')) ?? "", /answerable panel join/);
  assert.ok(await plain.page.locator('[data-part="invitation"]').isHidden());
  await plain.context.close();
  const http = await h.open(`${h.demo.url.replace("localhost", "plain.test")}/panel/join#${"a".repeat(32)}`);
  await http.page.getByText("This page makes no key here.").waitFor();
  assert.ok(await http.page.getByRole("button", { name: "Make my key here" }).isHidden());
  await http.context.close();
});
