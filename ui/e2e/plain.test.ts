/** Telling without script, in Chromium and in a text browser, and where a browser cannot lock. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import { parseReceipt, toDigits } from "../src/receipt.js";
import { house } from "./browser.js";
import { answerTo, words } from "./demo.js";
import { leaks } from "./recorder.js";
import { CANARIES, receiptOn, send, STORY, tell, WORDS } from "./story.js";
import { press, send as sendByW3m, TERMINAL } from "./w3m.js";

const h = house();
const TELL = "/c/riverside/tell";
const OFF = { javaScriptEnabled: false };

test("the form asks the same with and without script", async () => {
  const controls: string[][] = [];
  for (const javaScriptEnabled of [true, false]) {
    const { context, page } = await h.open(TELL, { javaScriptEnabled });
    controls.push(await page.locator("form :is(input:not([type=hidden]), textarea)").evaluateAll((all) =>
      all.map((e) => `${e.getAttribute("type") ?? "textarea"} ${e.getAttribute("name") ?? ""} ${e.getAttribute("value") ?? ""}`)));
    await context.close();
  }
  assert.ok((controls[0]?.length ?? 0) > 150);
  assert.deepEqual(controls[0], controls[1]);
});

test("without script the server locks, says that it saw the words, and the same post twice is one message", async () => {
  const { context, page, heard, recorder } = await h.openRecorded(TELL, OFF);
  assert.match(await page.locator('[data-part="locks"]').innerText(), /our computer locks your words\. It sees them for a moment/);
  await tell(page, STORY);
  await page.getByRole("button", { name: "Send to the panel" }).dblclick();
  const shown = await receiptOn(page);
  assert.match(await page.locator("main").innerText(), /Our computer saw your words for a moment while it locked them/);
  assert.equal(shown.digits, toDigits(parseReceipt(shown.words)));
  assert.ok(!(await page.content()).includes(CANARIES[0] ?? ""));

  // What finds nothing when the browser locks finds every canary here.
  const [post] = recorder.posts(TELL);
  assert.ok(post);
  assert.equal(leaks([post], CANARIES).length, CANARIES.length);

  const again = await fetch(h.demo.url + TELL, { method: "POST", headers: { "Content-Type": "application/x-www-form-urlencoded" }, body: post.body.toString() });
  const second = (await again.text()).replaceAll("&#43;", "+");
  assert.equal(again.status, 200);
  assert.deepEqual(Array.from(second.matchAll(/<li>([a-z]+)<\/li>/g), (m) => m[1]).join(" "), shown.words);
  assert.ok(second.includes(shown.ticket.split("\n")[2] ?? "no ticket"));

  const told = (await h.demo.told()).filter((t) => words(t) === WORDS);
  assert.equal(told.length, 1);
  assert.equal(told[0]?.sealed_by, "server");
  assert.deepEqual(told[0].answers, STORY);
  assert.deepEqual(await context.cookies(), []);
  assert.deepEqual(heard, []);

  // Going back asks before it sends again, and then finds an empty form.
  await page.goto(`${h.demo.url}/c/riverside`);
  await assert.rejects(page.goBack(), /ERR_CACHE_MISS/);
  assert.ok(!(await page.locator("body").innerText()).replaceAll(" ", "").includes(shown.digits));
  await page.goBack();
  assert.equal(new URL(page.url()).pathname, TELL);
  assert.equal(await page.locator("#words").inputValue(), "");
  assert.equal(await page.locator("input[name=themes]:checked").count(), 0);
  await context.close();
});

test("without script, nothing said is an error named in the title, and what was ticked stays", async () => {
  const { context, page } = await h.open(TELL, OFF);
  await tell(page, [{ q: "words", a: "  \n " }, { q: "names", a: "stays" }, { q: "when", a: "longer" }]);
  await send(page);
  await page.locator("#problems").waitFor();
  assert.match(await page.title(), /^Error: /);
  assert.equal(await page.locator("#problems a").getAttribute("href"), "#words");
  assert.equal(await page.locator("#words").getAttribute("aria-invalid"), "true");
  assert.equal(await page.locator("#words").inputValue(), "  \n ");
  assert.equal(await page.locator("#names").inputValue(), "stays");
  assert.ok(await page.locator('input[name="when"][value="longer"]').isChecked());
  assert.equal(await page.evaluate(() => document.activeElement?.id), "problems");
  await context.close();
});

test("without script, what is too long comes back whole with a count of bytes", async () => {
  const { context, page } = await h.open(TELL, OFF);
  const long = `${"ö".repeat(40_000)}\nend`;
  await tell(page, [{ q: "words", a: long }, { q: "themes", a: "voice" }]);
  await send(page);
  await page.locator("#problems").waitFor();
  assert.match(await page.locator("#problems").innerText(), /it takes 8\d,?\d{3} bytes and 65,?535 fit/);
  assert.equal(await page.locator("#words").inputValue(), long);
  assert.ok(await page.locator('input[name="themes"][value="voice"]').isChecked());
  await context.close();
});

test("a form that closed gives the words back, and sends them when it is open again", async () => {
  const { context, page } = await h.open(TELL, OFF);
  await tell(page, [{ q: "words", a: "given back\n“whole”" }, { q: "themes", a: "voice" }]);
  await h.demo.run(["clinic", "edit", "riverside", "--no-open"]);
  try {
    await send(page);
    await page.getByRole("heading", { name: "The form is closed right now" }).waitFor();
    assert.equal(await page.locator("#words").inputValue(), "given back\n“whole”");
  } finally {
    await h.demo.run(["clinic", "edit", "riverside", "--open"]);
  }
  await page.getByRole("button", { name: "Send again" }).click();
  await receiptOn(page);
  const told = (await h.demo.told()).filter((t) => words(t) === "given back\n“whole”");
  assert.deepEqual(told.map((t) => answerTo(t, "themes")), ["voice"]);
  await context.close();
});

test("over plain http from another machine the page says why it cannot lock, and the plain form works", async () => {
  const elsewhere = h.demo.url.replace("localhost", "plain.test");
  const { context, page } = await h.open(elsewhere + TELL);
  assert.equal(await page.evaluate(() => isSecureContext), false);
  assert.match(await page.locator("main").innerText(), /its address starts with http, not https\), so this browser cannot lock your words/);
  await tell(page, [{ q: "words", a: "over plain http" }]);
  await send(page);
  await receiptOn(page);
  assert.match(await page.locator("main").innerText(), /Our computer saw your words for a moment/);
  assert.deepEqual((await h.demo.told()).filter((t) => words(t) === "over plain http").map((t) => t.sealed_by), ["server"]);
  await page.goto(`${elsewhere}/panel`);
  assert.match(await page.locator("main").innerText(), /This page does not ask for your key here/);
  assert.ok(await page.locator('input[type="file"]').isHidden());
  await context.close();
});

test("a browser without the functions to lock says so and leaves the plain form as it is", async () => {
  const { context, page } = await h.open("/");
  await page.addInitScript(() => { Object.defineProperty(crypto, "subtle", { value: undefined }); });
  await page.goto(h.demo.url + TELL);
  assert.match(await page.locator("main").innerText(), /This browser is too old to lock your words itself/);
  await tell(page, [{ q: "words", a: "an old browser" }]);
  await send(page);
  await receiptOn(page);
  assert.deepEqual((await h.demo.told()).filter((t) => words(t) === "an old browser").map((t) => t.sealed_by), ["server"]);
  await context.close();
});

/**
 * What a person presses in lynx, as its command script. Lynx needs no terminal for it, and waits for each page before the
 * next key. With -tna a field takes keys only after Return, so that a slash always searches.
 */
class Keys {
  #script = "";

  press(...keys: string[]): this {
    for (const k of keys) this.#script += `key ${k}\n`;
    return this;
  }

  type(text: string): this {
    return this.press("^U", ...Array.from(text, (c) => c === " " ? "<space>" : c), "^J");
  }

  /** Goes to the first field or link on or below the line that holds a text. */
  find(text: string): this {
    return this.press("/").type(text);
  }

  async run(url: string, editor: string): Promise<void> {
    const script = h.demo.file("keys.txt");
    const home = h.demo.file("lynx");
    mkdirSync(home, { recursive: true });
    writeFileSync(script, this.#script);
    const env = { PATH: process.env["PATH"], HOME: home, TERM: "xterm", LANG: "C.UTF-8", LC_ALL: "C.UTF-8" };
    const lynx = spawn("lynx", ["-nopause", "-tna", `-editor=${editor}`, `-cmd_script=${script}`, url], { env, stdio: ["ignore", "ignore", "inherit"], detached: true, timeout: 60_000 });
    const code = await new Promise((resolve, reject) => {
      lynx.once("error", reject);
      lynx.once("exit", resolve);
    });
    assert.equal(code, 0);
  }
}

test("a text browser fills the form, sends it and shows the eight words", async () => {
  const text = "Told from a text browser.\n“Curly” 🕊️ שלום";
  const editor = h.demo.file("editor");
  const saved = h.demo.file("thanks.txt");
  writeFileSync(h.demo.file("typed.txt"), `${text}\n`);
  writeFileSync(editor, `#!/bin/sh\ncat ${h.demo.file("typed.txt")} > "$1"\n`, { mode: 0o755 });
  await new Keys()
    .find("What happened?").press("^J", "^X", "e", "^I") // the field below the question opens in the editor
    .find("A nurse").press("^J") // a tick in the box before the line
    .find("Send to the panel").press("^J")
    .press("p", "^J").type(saved) // what it shows, to a file
    .press("q", "y")
    .run(h.demo.url + TELL, editor);
  assert.ok(existsSync(saved), "the text browser did not get to the page after sending");
  const page = readFileSync(saved, "utf8");
  const receipt = Array.from(page.matchAll(/^ +[1-8]\. ([a-z]+)$/gm), (m) => m[1] ?? "");
  assert.equal(receipt.length, 8, page);
  assert.ok(page.replaceAll(" ", "").includes(toDigits(parseReceipt(receipt.join(" ")))));
  assert.match(page, /Our computer saw your words for a moment/);
  assert.match(page, /answerable\/ticket\/v1/);
  const told = (await h.demo.told()).filter((t) => words(t).startsWith("Told from a text browser."));
  assert.deepEqual(told.map((t) => t.sealed_by), ["server"]);
  // Nothing is answered that the person did not answer.
  assert.deepEqual(told[0]?.answers, [{ q: "words", a: text }, { q: "roles", a: "nurse" }, { q: "share_level", a: "panel_only" }]);
});

/** Sends the form where there is no terminal, and gives the page that comes back. */
async function posted(home: string): Promise<string> {
  const { form, back } = await sendByW3m(h.demo.url + TELL, home, [["words", TOLD], ["roles", "nurse"]]);
  assert.match(form, /Tell the panel[^]+What happened\?[^]+A nurse[^]+Send to the panel/);
  return back;
}

const TOLD = "Told from w3m.\n“Curly” שלום";

/** Fills the form by keys, and gives the page that w3m saved after sending. */
async function pressed(home: string): Promise<string> {
  const editor = h.demo.file("w3m-editor");
  const saved = h.demo.file("w3m-thanks.txt");
  writeFileSync(editor, `#!/bin/sh\nprintf '%s' '${TOLD}' > "$1"\n`, { mode: 0o755 });
  await press(h.demo.url + TELL, home, editor, [
    { after: /Tell the panel/, keys: "/What happened\r" }, { keys: "\t" }, { keys: "\r" }, // the field below the question opens in the editor
    { keys: "/A nurse\r" }, { keys: "\x1b[Z" }, { keys: "\r" }, // back to the box before the line, and a tick in it
    { keys: "/Send to the panel\r" }, { keys: "\r" },
    { after: /Your eight words/, keys: "S" }, { keys: `\x15${saved}\r` }, { keys: "q" }, { keys: "y" },
  ]);
  return readFileSync(saved, "utf8");
}

test("another text browser fills the form, sends it and shows the eight words", async () => {
  const home = h.demo.file("w3m");
  mkdirSync(home, { recursive: true });
  const page = TERMINAL ? await pressed(home) : await posted(home);
  const receipt = Array.from(page.matchAll(/^ *[1-8]\. ([a-z]+)$/gm), (m) => m[1] ?? "");
  assert.ok(receipt.length === 8 && page.replaceAll(" ", "").includes(toDigits(parseReceipt(receipt.join(" ")))), page);
  assert.match(page, /Our computer saw your words for a moment/);
  assert.doesNotMatch(page, /Shift/, "it promises keys that need script");
  const told = (await h.demo.told()).filter((t) => words(t).startsWith("Told from w3m."));
  assert.deepEqual(told.map((t) => [t.sealed_by, words(t).trim(), answerTo(t, "roles")]), [["server", TOLD, "nurse"]]);
});

test("without script a link out of a half-filled form opens apart and loses no word, and on a shared device it stays and says so", async () => {
  const { context, page } = await h.open(TELL, { javaScriptEnabled: false });
  await page.locator("#words").fill("half a sentence");
  const [other] = await Promise.all([context.waitForEvent("page"), page.getByRole("link", { name: "Check the keys (new tab)" }).click()]);
  await other.getByRole("heading", { level: 1 }).waitFor();
  assert.match(other.url(), /\/keys/);
  assert.equal(await other.evaluate(() => window.opener as unknown), null);
  assert.equal(await page.locator("#words").inputValue(), "half a sentence");
  await page.goto(`${h.demo.url}${TELL}?shared`);
  await page.getByText("links here open in this same tab").first().waitFor();
  await page.getByRole("link", { name: "Check the keys" }).click();
  await page.waitForURL(/\/keys\?shared/);
  assert.equal(context.pages().length, 2);
  await context.close();
});

test("in a text browser every question stands before its answers", async () => {
  const dump = await new Promise<string>((resolve, reject) => {
    const lynx = spawn("lynx", ["-dump", "-width=100", "-display_charset=UTF-8", h.demo.url + TELL], { stdio: ["ignore", "pipe", "inherit"] });
    let out = "";
    lynx.stdout.on("data", (b: Buffer) => { out += b.toString(); });
    lynx.once("error", reject);
    lynx.once("exit", () => { resolve(out); });
  });
  let from = 0;
  const inOrder = [
    "Nobody reads this right away", "What happened?", "____", "Who is it about?", "( ) Me", "Things that can happen", "[ ] Force and being locked up",
    "Was something good?", "[ ] I was listened to and believed", "When was it?", "( ) This week", "Who did it?", "[ ] A therapist",
    "Names, if you want to say them", "____", "Who may see or hear of it?", "(*) Only the panel", "Send to the panel", "Español",
  ];
  for (const text of inOrder) {
    const at = dump.replaceAll("•", "*").indexOf(text, from);
    assert.ok(at >= 0, `${text} is missing or in another place`);
    from = at;
  }
});
