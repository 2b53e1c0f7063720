/** Reading: a reviewer with a key file at the panel's page. */
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import { sha256 } from "@noble/hashes/sha2.js";
import { Encrypter, generateHybridIdentity, identityToRecipient } from "age-encryption";
import type { BrowserContextOptions, Page } from "playwright-core";
import { toBase64, toBase64url } from "../src/encoding.js";
import type { Answer } from "../src/pad.js";
import { house, keptOnDevice, NOTHING_KEPT, tabTo, violations, type Visit } from "./browser.js";
import { firstReader, lookAgain, rowOf, signIn, take, wholeFiles } from "./desk.js";
import { words } from "./demo.js";
import { growLog } from "./grownlog.js";
import { leaks } from "./recorder.js";

const HOSTILE = `<img src=x onerror="document.title='owned'"><script>document.title='owned'</script>`;
const WORDS = `First sentence of it. Second  sentence,\n  indented. ${HOSTILE} שלום 👍🏽`;

const CHOICES: Answer[] = [
  { q: "words", a: "It was loud." },
  { q: "themes", a: "force\nplace" },
  { q: "items", a: "force.held_down\nplace.unknown_code" },
  { q: "names", a: "Doctor Blue" },
  { q: "must_not", a: "do_not_contact_me\ndo_not_call_police" },
  { q: "share_level", a: "my_words_public" },
  { q: "hide", a: "a typed text where a choice should be" },
];
const MADE_UP = 2;
/** The demo's own, the command line's, one that will not open, one with many choices, and the marker that came last. */
const MESSAGES = MADE_UP + 4;

const leaves = { junk: "", choices: "", words: "" };

const h = house(MADE_UP, async (demo) => {
  await demo.run(["submit", "--server", demo.url, "--clinic", demo.clinic], WORDS);
  leaves.junk = await demo.post([{ q: "words", a: "nobody can read this" }], await identityToRecipient(await generateHybridIdentity()));
  leaves.choices = await demo.post(CHOICES);
  const all = await demo.told(); // waits for the batch
  leaves.words = toBase64url(Buffer.from(all.find((t) => words(t) === WORDS)?.leaf_hash ?? "", "hex"));
});
const identity = (n: number): string => h.demo.identity(n);

const openPanel = (options: BrowserContextOptions = {}): Promise<Visit> => h.open("/panel", options);

const status = (page: Page): Promise<string | null> => page.textContent('[data-part="status"]');
const alert = (page: Page): Promise<string | null> => page.textContent('[data-part="alert"]');

/** Takes a message and lifts its veil. */
async function read(page: Page, leaf = leaves.words): Promise<void> {
  await take(page, rowOf(leaf));
  await page.getByRole("button", { name: "Read it", exact: true }).click();
}

test("a reviewer signs in with a file, reads what was written to the byte, and locks", async () => {
  const { context, page, heard } = await openPanel();
  await signIn(page, identity(0));
  assert.equal(await status(page), `${MESSAGES} messages.`);
  assert.equal(await page.locator('[data-part="alarms"] li').count(), 0); // the log agrees, decoys and all
  await read(page);
  assert.equal(await page.locator(".words .typed").first().textContent(), WORDS);
  assert.equal(await page.locator(".words img, .words script").count(), 0);
  assert.notEqual(await page.title(), "owned");
  const shown = await page.locator(".words .typed").first().evaluate((e) => getComputedStyle(e).whiteSpace);
  assert.ok(["pre-wrap", "preserve"].includes(shown), shown);
  await page.getByRole("button", { name: "Lock", exact: true }).click();
  assert.equal(await page.locator(".row, .words").count(), 0);
  assert.ok(!(await page.content()).includes("First sentence"));
  assert.match((await status(page)) ?? "", /^Locked/);
  await page.waitForFunction(() => true);
  assert.deepEqual(heard, []);
  await context.close();
});

test("no word is on the page before the veil is lifted", async () => {
  const { context, page } = await openPanel();
  await signIn(page, identity(1));
  for (const row of await page.locator(".row").all()) {
    await row.click();
    await page.locator(".reading h2").waitFor();
    assert.ok(!(await page.content()).includes("First sentence"));
  }
  await take(page, rowOf(leaves.words));
  assert.ok(!(await page.content()).includes("First sentence"));
  await context.close();
});

test("read sentence by sentence, the words come one at a time and end up whole", async () => {
  const { context, page } = await openPanel();
  await signIn(page, identity(0));
  await read(page);
  await take(page, rowOf(leaves.words));
  await page.getByRole("button", { name: "Read it sentence by sentence" }).click();
  const words = page.locator(".words .typed").first();
  assert.equal(await words.textContent(), "First sentence of it. ");
  await page.getByRole("button", { name: "Next sentence" }).click();
  assert.match((await words.textContent()) ?? "", /^First sentence of it\. Second {2}sentence/);
  assert.ok(!((await words.textContent()) ?? "").includes("שלום"));
  await page.getByRole("button", { name: "Read the rest" }).click();
  assert.equal(await words.textContent(), WORDS);
  await context.close();
});

test("before the veil is lifted one sees who may see it, what must not be done and what it holds", async () => {
  const { context, page } = await openPanel();
  await signIn(page, identity(0));
  const row = page.locator(rowOf(leaves.choices));
  assert.deepEqual(await row.locator(".chip").allTextContents(), ["I was held down or tied"]);
  await take(page, rowOf(leaves.choices));
  const reading = page.locator(".reading > section", { has: page.getByRole("heading", { name: "What was told" }) });
  assert.match((await reading.textContent()) ?? "", /Everyone may read my words/);
  const before = (await reading.textContent()) ?? "";
  assert.match(before, /I was held down or tied/);
  assert.match(before, /What you must not do/);
  assert.ok(before.indexOf("Who may see this") < before.indexOf("What you must not do"));
  assert.ok(!before.includes("loud") && !before.includes("typed text") && !before.includes("Doctor Blue"));
  await page.getByRole("button", { name: "Read it", exact: true }).click();
  const after = (await reading.textContent()) ?? "";
  assert.match(after, /It was loud\./);
  assert.match(after, /a typed text where a choice should be/);
  assert.match(after, /place unknown code/);
  assert.ok(!after.includes("Doctor Blue"));
  await page.getByRole("button", { name: "Show the names" }).click();
  assert.match((await reading.textContent()) ?? "", /Doctor Blue/);
  await context.close();
});

test("what will not open is shown as such and does not break the queue", async () => {
  const { context, page } = await openPanel();
  await signIn(page, identity(0));
  const junk = page.locator(".row", { hasText: "This one will not open" });
  assert.equal(await junk.count(), 1);
  await junk.click();
  assert.match(await page.locator(".reading").innerText(), /A colleague's browser tried and could not open it/); // its card came, and not the file
  await take(page, rowOf(leaves.choices)); // the whole key comes
  await lookAgain(page);
  await junk.click();
  await page.getByText(/not sealed with the panel's key/).first().waitFor();
  await context.close();
  const first = await openPanel();
  await firstReader(first.page);
  await signIn(first.page, identity(0));
  await first.page.locator(rowOf(leaves.junk)).click();
  await first.page.getByText(/not sealed with the panel's key/).first().waitFor();
  await first.context.close();
});

test("an identity locked with a passphrase asks for it, and a wrong one is told", async () => {
  const e = new Encrypter();
  e.setPassphrase("five quiet words for this");
  e.setScryptWorkFactor(14);
  const file = h.demo.file("locked.age");
  writeFileSync(file, await e.encrypt(readFileSync(identity(2))));
  const { context, page, heard } = await openPanel();
  await page.setInputFiles('[data-part="file"]', file);
  const field = page.getByLabel("Passphrase of this file");
  await field.waitFor();
  await field.fill("five wrong words");
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
  await page.waitForFunction(() => document.querySelector('[data-part="alert"]')?.textContent !== "");
  assert.match((await alert(page)) ?? "", /^This passphrase does not open the file/);
  await field.fill("five quiet words for this");
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
  await page.locator(".row").first().waitFor();
  assert.equal(await alert(page), "");
  assert.equal(await page.locator('[data-part="passphrase"]').inputValue(), "");
  assert.deepEqual(heard, []);
  await context.close();
});

test("files that are no identity, and people who are no reviewers, are told what to do", async () => {
  const { context, page } = await openPanel();
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
  assert.match((await alert(page)) ?? "", /^Choose your identity file/);
  const refused = async (file: string, sentence: RegExp, passphrase?: string): Promise<void> => {
    await page.setInputFiles('[data-part="file"]', file);
    if (passphrase !== undefined) await page.getByLabel("Passphrase of this file").fill(passphrase);
    await page.getByRole("button", { name: "Sign in", exact: true }).click();
    await page.waitForFunction((s) => new RegExp(s).test(document.querySelector('[data-part="alert"]')?.textContent ?? ""), sentence.source);
    assert.ok(await page.locator('[data-part="desk"]').isHidden());
  };
  writeFileSync(h.demo.file("nothing.txt"), "words\n");
  await refused(h.demo.file("nothing.txt"), /not an identity file/);
  writeFileSync(h.demo.file("old.txt"), "AGE-SECRET-KEY-1QQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQS3290GQ\n");
  await refused(h.demo.file("old.txt"), /older kind/);
  await h.demo.run(["identity", "new", "--out", h.demo.file("stranger.txt")]);
  await refused(h.demo.file("stranger.txt"), /sign-in was refused/);
  const made = await h.demo.run(["--json", "identity", "new", "--passphrase", "--out", h.demo.file("locked-stranger.txt")]);
  const { passphrase } = JSON.parse(made) as { passphrase: string };
  await refused(h.demo.file("locked-stranger.txt"), /sign-in was refused/, passphrase);
  await context.close();
});

test("neither key nor words leave the device or stay on it", async () => {
  const { context, page, recorder } = await h.openRecorded("/panel");
  await signIn(page, identity(0));
  await read(page);
  const file = readFileSync(identity(0), "utf8");
  const key = /AGE-SECRET-KEY-PQ-1\w+/.exec(file)?.[0];
  assert.ok(key);
  assert.deepEqual(await keptOnDevice(page), NOTHING_KEPT);
  const cookies = await context.cookies();
  assert.deepEqual(cookies.map((c) => [c.name, c.httpOnly, c.sameSite, c.expires]), [["answerable_panel", true, "Strict", -1]]);
  const signedOut = page.waitForResponse((r) => r.url().endsWith("/sign-out"));
  await page.getByRole("button", { name: "Lock", exact: true }).click();
  await signedOut;
  assert.deepEqual(await keptOnDevice(page), NOTHING_KEPT);
  await page.goto("about:blank");
  assert.deepEqual(leaks(recorder.requests, [key, key.slice(20), "AGE-SECRET", "First sentence", "שלום", "onerror"]), []);
  const expected = /^\/(panel|static\/[-.\w]+|favicon\.ico|log\/(checkpoint|tile\/entries\/[./\w]+)|api\/v1\/(log|c\/riverside\/(panel|chain)|panel\/(nonce|sign-in|sign-out|me|sessions|passkeys|notices|c\/riverside\/(plan|decisions|openings|practice|acts|recusals|shares|claims|reviews|findings|promises|epochs(\/[-\w]+\/(files|acks|work|reviews))?))))$/;
  for (const { url } of recorder.requests) assert.match(new URL(url).pathname, expected); // no picture of the hostile words is asked for
  assert.deepEqual(recorder.strangers, []);
  await context.close();
});

test("after ten quiet minutes it locks by itself", async () => {
  const { context, page } = await openPanel();
  await page.clock.install();
  await page.reload();
  await signIn(page, identity(0));
  await read(page);
  await page.locator(".reading h2").focus();
  await page.waitForTimeout(300); // a page that is scrolled by that is touched
  const drawn = await page.locator(".reading").innerHTML();
  await page.clock.fastForward("08:30");
  assert.equal(await page.getByRole("alertdialog").count(), 0);
  await page.clock.fastForward("00:40"); // who hears a long story presses nothing
  const warning = page.getByRole("alertdialog", { name: "In less than a minute this page locks", exact: false });
  await warning.waitFor();
  assert.deepEqual(await violations(page), []);
  const focus = (): Promise<string> => page.evaluate(() => `${document.activeElement?.tagName ?? ""} ${document.activeElement?.textContent ?? ""}`);
  assert.equal(await focus(), "BUTTON Stay");
  await page.keyboard.press("c"); // would close what is open
  assert.equal(await warning.count(), 0);
  assert.match(await focus(), /^H2 /);
  assert.equal(await page.locator(".reading").innerHTML(), drawn, "the key that answers does nothing else");
  await page.clock.fastForward("09:30");
  assert.ok((await page.locator(".row").count()) > 0);
  await warning.waitFor();
  await page.mouse.move(300, 300);
  await page.mouse.move(310, 310);
  await page.clock.fastForward("09:30");
  assert.ok((await page.locator(".row").count()) > 0, "a moved mouse counts as being there");
  await page.clock.fastForward("01:00");
  assert.equal(await warning.count(), 0);
  await page.waitForFunction(() => (document.querySelector('[data-part="status"]')?.textContent ?? "").startsWith("Locked after ten quiet minutes"));
  assert.equal(await page.locator(".row, .words").count(), 0);
  await context.close();
});

test("leaving the page and coming back shows nothing", async () => {
  const { context, page } = await openPanel();
  await signIn(page, identity(0));
  await read(page);
  await page.goto(`${h.demo.url}/c/${h.demo.clinic}`);
  await page.goBack();
  assert.ok(!(await page.content()).includes("First sentence"));
  assert.equal(await page.locator(".row").count(), 0);
  await page.locator('[data-part="unlock"]').waitFor();
  await context.close();
});

test("a session that ended says so, and one press goes on", async () => {
  const { context, page } = await openPanel();
  await signIn(page, identity(0));
  await read(page);
  await context.clearCookies();
  await page.getByRole("button", { name: "Look again" }).click();
  await page.waitForFunction(() => document.querySelector('[data-part="alert"]')?.textContent !== "");
  assert.match((await alert(page)) ?? "", /^You were signed out.*Press “Sign in again”/);
  const again = page.getByRole("button", { name: "Sign in again" });
  assert.equal(await again.count(), 2, "at the top of the page, and beside what was pressed");
  await again.last().click();
  await page.waitForFunction(() => /messages\./.test(document.querySelector('[data-part="status"]')?.textContent ?? ""));
  assert.equal(await alert(page), "");
  assert.ok(await page.evaluate(() => document.activeElement?.matches(".reading h2")), "one goes on at the message that is open");
  await context.close();
});

test("a server that mixes files up, hides some or hands out another key is found out", async (t) => {
  interface Served { files: { leaf: string; file: string; day: string }[]; next: string | null }
  await t.test("files exchanged between two leaves", async () => {
    const { context, page } = await openPanel();
    await firstReader(page);
    await page.route("**/files?after=*", async (route) => {
      const response = await wholeFiles(route);
      const served = (await response.json()) as Served;
      const [a, b] = served.files;
      if (a && b) [a.file, b.file] = [b.file, a.file];
      await route.fulfill({ response, json: served });
    });
    await signIn(page, identity(0));
    assert.equal(await page.locator(".row", { hasText: "will not open" }).count() >= 2, true);
    await context.close();
  });
  await t.test("a file put under a leaf made for it", async () => {
    const { context, page } = await openPanel();
    await firstReader(page);
    await page.route("**/files?after=*", async (route) => {
      const response = await wholeFiles(route);
      const served = (await response.json()) as Served;
      for (const f of served.files) {
        const lines = f.leaf.split("\n");
        lines[3] = toBase64(sha256(Buffer.from(f.file, "base64")));
        lines[4] = toBase64(new Uint8Array(32));
        f.leaf = lines.join("\n");
      }
      await route.fulfill({ response, json: served });
    });
    await signIn(page, identity(0));
    // What stands under a leaf that the log does not name stands nowhere, and what the log names is missing.
    assert.equal(await page.locator(".row").count(), 0);
    assert.match((await page.locator('[data-part="alarms"]').textContent()) ?? "", /The public log says that \d+ more messages were told/);
    await context.close();
  });
  await t.test("a card that nobody on the panel signed, in the place of a message", async () => {
    const { context, page } = await openPanel();
    await page.route("**/reviews?after=*", async (route) => {
      const response = await route.fetch();
      const served = (await response.json()) as { files: { kind: string; n: number; day: string }[]; next: string };
      const card = served.files.find((f) => f.kind === "card");
      if (card) card.day = "2026-01-02";
      await route.fulfill({ response, json: served });
    });
    await signIn(page, identity(0));
    const alarms = (await page.locator('[data-part="alarms"]').textContent()) ?? "";
    assert.match(alarms, /in the name of r\w{8} that they did not sign so/);
    // The file itself is missed where two members have made a card; where one has, it is fetched and opened here.
    await context.close();
  });
  await t.test("files held back", async () => {
    const { context, page } = await openPanel();
    await firstReader(page);
    await page.route("**/files?after=*", async (route) => {
      const response = await wholeFiles(route);
      const served = (await response.json()) as Served;
      served.files.pop();
      await route.fulfill({ response, json: served });
    });
    await signIn(page, identity(0));
    assert.match((await page.locator(".note").textContent()) ?? "", /^The server said it holds \d+ files and gave us \d+/);
    await context.close();
  });
  await t.test("a message dropped and not even counted", async () => {
    const { context, page } = await openPanel();
    await firstReader(page);
    await page.route("**/files?after=*", async (route) => {
      const response = await wholeFiles(route);
      const served = (await response.json()) as Served;
      served.files.pop();
      await route.fulfill({ response, json: served });
    });
    await page.route("**/panel/c/*/epochs", async (route) => {
      const response = await route.fetch();
      const served = (await response.json()) as { epochs: { files: number }[] };
      for (const e of served.epochs) if (e.files > 0) e.files--;
      await route.fulfill({ response, json: served });
    });
    await signIn(page, identity(0));
    assert.match((await page.locator('[data-part="alarms"]').textContent()) ?? "", /The public log says that one more message was told under key .* and the server does not give it/);
    await context.close();
  });
  await t.test("a key with messages that is not even listed", async () => {
    const { context, page } = await openPanel();
    await page.route("**/panel/c/*/epochs", async (route) => {
      const response = await route.fetch();
      const served = (await response.json()) as { epochs: { files: number }[] };
      served.epochs = served.epochs.filter((e) => e.files === 0);
      await route.fulfill({ response, json: served });
    });
    await signIn(page, identity(0));
    assert.match((await page.locator('[data-part="alarms"]').textContent()) ?? "", /names \d+ messages under a key of yours that the server does not list/);
    await context.close();
  });
  await t.test("a log that stands still", async () => {
    const { context, page } = await openPanel();
    await page.route("**/api/v1/log", async (route) => {
      const response = await route.fetch();
      await route.fulfill({ response, json: { ...((await response.json()) as object), batched_on: "2026-01-02" } });
    });
    await signIn(page, identity(0));
    assert.match((await page.locator('[data-part="alarms"]').textContent()) ?? "", /^The public log stands still/);
    assert.match((await page.locator('[data-part="log"]').textContent()) ?? "", /^The public log has \d+ leaves\. The newest batch is of .*2 January 2026, the server says\. Nobody else has signed this state of it\./);
    await context.close();
  });
  await t.test("a leaf that no honest server writes", async () => {
    const { context, page } = await openPanel();
    await growLog(page, h.demo, "answerable/leaf/v1\nshred\nclinic\n2026-12\n2026-11-25\n2026-12-30\n");
    await signIn(page, identity(0));
    assert.match((await page.locator('[data-part="alarms"]').textContent()) ?? "", /^The public log holds what no honest server writes: leaf \d+: it says that a key was destroyed/);
    await context.close();
  });
  await t.test("no log, or one that does not hold", async () => {
    for (const lie of [(body: Buffer) => body.subarray(0, 40), (body: Buffer) => Buffer.from(body.toString().replace(/\n(\d+)\n/, (_, n: string) => `\n${Number(n) + 1}\n`))]) {
      const { context, page } = await openPanel();
      await page.route("**/log/checkpoint", async (route) => {
        const response = await route.fetch();
        await route.fulfill({ response, body: lie(await response.body()) });
      });
      await signIn(page, identity(0));
      assert.match((await page.locator('[data-part="alarms"]').textContent()) ?? "", /^The public log could not be read/);
      assert.equal(await page.locator(".row").count(), MESSAGES);
      await context.close();
    }
  });
  await t.test("another epoch's key in the record", async () => {
    const other = await identityToRecipient(await generateHybridIdentity());
    const { context, page } = await openPanel();
    await page.route("**/epochs", async (route) => {
      const response = await route.fetch();
      const served = (await response.json()) as { epochs: { record: string }[] };
      for (const e of served.epochs) e.record = e.record.replace(/age1pq1\w+/, other);
      await route.fulfill({ response, json: served });
    });
    await signIn(page, identity(0));
    assert.match((await page.locator(".note").first().textContent()) ?? "", /a key that too few of the panel have signed/);
    assert.equal(await page.locator(".row").count(), 0);
    await context.close();
  });
});

test("the server going away is told, and what is open stays open", async () => {
  const { context, page } = await openPanel();
  await signIn(page, identity(0));
  await read(page);
  await context.setOffline(true);
  await page.getByRole("button", { name: "Look again" }).click();
  await page.waitForFunction(() => document.querySelector('[data-part="alert"]')?.textContent !== "");
  assert.match((await alert(page)) ?? "", /^The server does not answer/);
  assert.ok((await page.locator(".words").textContent())?.includes("First sentence"));
  await context.close();
});

test("a reviewer signs in, reads and locks with the keyboard alone, and the single keys can be switched off", async () => {
  const { context, page } = await openPanel();
  await page.setInputFiles('[data-part="file"]', identity(0)); // the file chooser is the system's own
  await tabTo(page, "button[type=submit]");
  await page.keyboard.press("Enter");
  await page.waitForFunction(() => /messages\./.test(document.querySelector('[data-part="status"]')?.textContent ?? ""));
  const focused = (): Promise<number> => page.evaluate(() => Array.from(document.querySelectorAll(".row")).findIndex((r) => r === document.activeElement));
  await page.keyboard.press("j");
  await page.keyboard.press("j");
  assert.equal(await focused(), 1);
  await page.keyboard.press("k");
  assert.equal(await focused(), 0);
  await page.keyboard.press("o");
  await page.locator(".reading h2").waitFor();
  await page.keyboard.press("c");
  assert.equal(await page.locator(".reading h2").count(), 0);
  assert.equal(await focused(), 0);
  while ((await page.evaluate(() => (document.activeElement as HTMLElement).dataset["leaf"])) !== leaves.words) await page.keyboard.press("j");
  await page.keyboard.press("o");
  await page.locator(".reading h2").waitFor();
  await tabTo(page, ".veil button, .reading .buttons .button:not(.second)");
  if ((await page.locator(".veil").count()) === 0) {
    await page.keyboard.press("Enter"); // nothing ties me to it
    await page.locator(".veil").waitFor();
    await tabTo(page, ".veil button");
  }
  await page.keyboard.press("Enter");
  assert.equal(await page.evaluate(() => document.activeElement?.className), "words");
  await page.keyboard.press("?");
  await page.keyboard.press("Space");
  assert.equal(await page.getByLabel("Use these keys").isChecked(), false);
  await page.keyboard.press("j");
  assert.equal(await focused(), -1);
  await tabTo(page, '[data-part="lock"]');
  await page.keyboard.press("Enter");
  assert.match((await status(page)) ?? "", /^Locked/);
  assert.equal(await page.locator(".row, .words").count(), 0);
  await context.close();
});

test("who sits on two panels has a desk for each, and one message open at a time", async () => {
  const { context, page } = await openPanel();
  // The second clinic is the first under another name: what the page does with two is what is looked at here.
  for (const path of ["sign-in", "me"]) {
    await page.route(`**/api/v1/panel/${path}`, async (route) => {
      const response = await route.fetch();
      const me = (await response.json()) as { clinics: object[] };
      await route.fulfill({ response, json: { ...me, clinics: [...me.clinics, { slug: "lakeside", name: "Lakeside" }] } });
    });
  }
  await page.route("**/c/lakeside/**", async (route) => { await route.fulfill({ response: await route.fetch({ url: route.request().url().replace("/c/lakeside/", "/c/riverside/") }) }); });
  await signIn(page, identity(0));
  assert.equal(await status(page), `${2 * MESSAGES} messages.`);
  const desks = page.locator('[data-part="desks"] > section');
  assert.deepEqual(await desks.locator("h3").filter({ hasText: /^(Riverside.*|Lakeside)$/ }).count(), 2);
  for (const n of [0, 1]) {
    const one = desks.nth(n);
    await one.locator(rowOf(leaves.words)).click();
    const mine = one.getByRole("button", { name: "Nothing ties me to it: I take it", exact: true });
    await mine.or(one.getByRole("heading", { name: "What was told" })).first().waitFor();
    if (await mine.isVisible()) await mine.click(); // who has a part and has sent nothing is asked again
    await one.getByRole("heading", { name: "What was told" }).waitFor();
    assert.equal(await page.locator(".reading h2").count(), 1);
    assert.equal(await page.locator(".row[aria-current]").count(), 1);
  }
  assert.deepEqual(await violations(page), []);
  await context.close();
});

test("without script the page says how to read from a terminal", async () => {
  const { context, page, heard } = await openPanel({ javaScriptEnabled: false });
  assert.ok(await page.locator('[data-part="plain"]').isVisible());
  assert.ok(await page.locator('[data-part="unlock"]').isHidden());
  assert.match((await page.textContent('[data-part="plain"]')) ?? "", /answerable review pull/);
  assert.deepEqual(heard, []);
  await context.close();
});
