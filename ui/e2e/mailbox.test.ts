/** Coming back with the eight words: both directions, with script and without, and taking everything back at each stage. */
import assert from "node:assert/strict";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";
import type { Page } from "playwright-core";
import { encodeQR } from "qr";
import { toBase64url } from "../src/encoding.js";
import { house, keptOnDevice, NOTHING_KEPT, startBrowser, violations } from "./browser.js";
import { firstReader, rowOf, signIn, take, wholeFiles } from "./desk.js";
import { answerTo, words } from "./demo.js";
import { opened, type Told } from "./pulled.js";
import { growLog } from "./grownlog.js";

const h = house(0);
const MAILBOX = "/c/riverside/mailbox";
const API = "/api/v1/c/riverside";
const pictures = process.env["ANSWERABLE_SCREENSHOTS"] ?? "";

interface Said {
  receipt: string;
  digits: string;
  leaf_hash: string;
}

const at = (): string[] => ["--server", h.demo.url, "--clinic", h.demo.clinic];
const say = async (text: string): Promise<Said> => JSON.parse(await h.demo.run(["--json", "submit", ...at()], text)) as Said;

/** Answers the message of a leaf from a terminal, once it is in its batch. */
async function answer(leaf: string, text: string, reviewer = 0): Promise<void> {
  await h.demo.told(); // waits for the batch
  const message = [...at(), "--identity", h.demo.identity(reviewer), "--from", h.demo.file(`answers-${String(reviewer)}`), "--leaf", leaf];
  await h.demo.run(["review", "declare", "--yes", ...message]);
  await h.demo.run(["review", "reply", ...message], text);
}

let folders = 0;

/** What a reviewer gets who pulls for the first time: a folder of an earlier pull keeps what was taken back since. */
async function pulledAfresh(): Promise<Told[]> {
  const dir = h.demo.file(`pulled-${++folders}`);
  await h.demo.run(["review", "pull", ...at(), "--identity", h.demo.identity(0), "--out", dir]);
  return opened(dir, h.demo.identity(0));
}

const leafOf = (all: Told[], text: string): string => all.find((t) => words(t) === text)?.leaf_hash ?? "";

async function enter(page: Page, typed: string): Promise<void> {
  await page.getByLabel("Your eight words, or the digits").fill(typed);
  await page.getByRole("button", { name: "Open", exact: true }).click();
  await page.getByRole("heading", { name: "Answers", exact: true }).waitFor();
}

const press = (page: Page, name: string): Promise<void> => page.getByRole("button", { name, exact: true }).click();

async function writeMore(page: Page, text: string): Promise<void> {
  await page.getByLabel("What do you want to say?").fill(text);
  await page.locator("form", { has: page.getByLabel("What do you want to say?") }).getByRole("button", { name: "Send to the panel" }).click();
  await page.getByText("We have it. It goes to the panel with the next batch.").first().waitFor();
}

async function examine(page: Page, name: string): Promise<void> {
  assert.deepEqual(await violations(page), [], name);
  const before = page.viewportSize() ?? { width: 1280, height: 900 };
  for (const [size, viewport] of Object.entries({ phone: { width: 360, height: 780 }, narrow: { width: 320, height: 640 }, desktop: { width: 1280, height: 900 } })) {
    await page.setViewportSize(viewport);
    assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= document.documentElement.clientWidth), `${name}: wider than the window (${size})`);
    if (pictures !== "" && size !== "narrow") await shoot(page, `${name}-${size}`);
  }
  await page.setViewportSize(before);
}

async function shoot(page: Page, name: string): Promise<void> {
  if (pictures === "") return;
  mkdirSync(pictures, { recursive: true });
  await page.screenshot({ path: path.join(pictures, `${name}.png`), fullPage: true });
}

test("with script a writer reads answers and writes again for three rounds, and no request holds a word", async () => {
  const said = await say("told for three rounds");
  const forgiving = said.receipt.split(" ").map((w) => w.slice(0, 4).toUpperCase()).join(" - ");
  let leaf = said.leaf_hash;
  const secrets: string[] = [...said.receipt.split(" ").map((w) => `${w} `), said.digits];
  for (const round of [1, 2, 3]) {
    const reply = `answer ${round} of the panel: ochre <lantern> שלום`;
    await answer(leaf, reply, round % 2);
    const { context, page, heard, recorder } = await h.openRecorded(MAILBOX);
    await enter(page, round === 2 ? said.digits : forgiving);
    assert.equal(await page.locator(".answer").count(), round);
    assert.equal(await page.locator(".answer .typed").last().textContent(), reply);
    assert.equal(await page.getByText(/^Written on .* and signed by r[a-z2-7]{8} of the panel\.$/).count(), round);
    assert.match((await page.locator('[data-part="ends"]').textContent()) ?? "", /^This mailbox ends on \d+ \w+ 20\d\d\./);
    await page.getByText(`Message ${round}: it is marked in the log, and still there.`).first().waitFor();
    if (round === 1) await examine(page, "mailbox-open");
    const more = `more from the writer, round ${round}: quillwort`;
    secrets.push(more, reply);
    await writeMore(page, more);
    const posts = [...recorder.posts(`${API}/mailbox`), ...recorder.posts(`${API}/submissions`)];
    assert.equal(posts.length, 2);
    assert.ok(recorder.requests.every((r) => r.method === "GET" || r.url.includes("/api/v1/")));
    for (const p of posts) for (const s of secrets) assert.ok(!p.body.toString().includes(s));
    assert.deepEqual(await keptOnDevice(page), NOTHING_KEPT);
    assert.deepEqual(heard, []);
    if (round === 3) {
      await press(page, "Close the mailbox");
      assert.ok(!(await page.content()).includes("quillwort"));
      assert.equal(await page.getByLabel("Your eight words, or the digits").inputValue(), "");
    }
    await context.close();
    const all = await h.demo.told();
    leaf = leafOf(all, more);
    assert.ok(all.find((t) => t.leaf_hash === leaf)?.sealed_by === "client");
  }
});

test("without script the same three rounds go through the server for a moment, and the page says so", async () => {
  const said = await say("told without script");
  let leaf = said.leaf_hash;
  for (const round of [1, 2, 3]) {
    await answer(leaf, `plain answer ${round}`, round % 2);
    const { context, page, heard } = await h.open(MAILBOX, { javaScriptEnabled: false });
    await page.getByText("Our computer sees your words, the answers and what you write for the moment it needs").first().waitFor();
    if (round === 1) await shoot(page, "mailbox-plain-closed");
    await enter(page, said.receipt);
    assert.equal(await page.locator(".answer").count(), round);
    if (round === 1) await shoot(page, "mailbox-plain-open");
    await writeMore(page, `plain, round ${round}`);
    assert.deepEqual(heard, []);
    await context.close();
    const all = await h.demo.told();
    leaf = leafOf(all, `plain, round ${round}`);
    assert.equal(all.find((t) => t.leaf_hash === leaf)?.sealed_by, "server");
  }
});

for (const javaScriptEnabled of [true, false]) {
  const how = javaScriptEnabled ? "with script" : "without script";
  test(`everything is taken back at each stage ${how}`, async () => {
    for (const stage of ["told", "answered", "written again", "consent changed"]) {
      const text = `to take back, ${stage}, ${how}`;
      const said = await say(text);
      if (stage !== "told") await answer(said.leaf_hash, "we read it");
      const { context, page } = await h.open(MAILBOX, { javaScriptEnabled });
      await enter(page, said.receipt);
      if (stage === "written again" || stage === "consent changed") await writeMore(page, `more ${text}`);
      if (stage === "consent changed") {
        await page.getByLabel("The panel, and count me in its numbers").check();
        await page.getByLabel("My own words").check();
        await press(page, "Send my choice");
        await page.getByText("We have it. It goes to the panel with the next batch.").first().waitFor();
      }
      await press(page, "Take everything back");
      await page.getByText("Tick the line above the button first. Nothing was taken back yet.").first().waitFor();
      await page.getByLabel("Yes, delete all of it.").check();
      await press(page, "Take everything back");
      await page.getByText(/It is gone. Messages taken back: \d\./).first().waitFor();
      const gone = { told: 1, answered: 1, "written again": 2, "consent changed": 3 }[stage];
      await page.getByText(`Messages taken back: ${String(gone)}.`).first().waitFor();
      assert.match((await page.locator(".ticket").textContent()) ?? "", /answerable\/ticket\/v1/);
      await context.close();
      await h.demo.told(); // waits for the batch
      const left = await pulledAfresh();
      assert.deepEqual(left.filter((t) => words(t).includes(text)), [], stage);
    }
  });
}

test("a word that is none is named with those near it, and wrong words look like an empty mailbox", async () => {
  const { context, page, recorder } = await h.openRecorded(MAILBOX);
  await examine(page, "mailbox-closed");
  const open = async (typed: string): Promise<void> => {
    await page.getByLabel("Your eight words, or the digits").fill(typed);
    await press(page, "Open");
  };
  await open("abandn ability able");
  await page.getByText('Word 1, "abandn", is not on our list. Did you mean abandon?').first().waitFor();
  assert.match(await page.title(), /^Error: /);
  await shoot(page, "mailbox-near");
  await open("abandon ability able");
  await page.getByText("These are 3 words. There must be eight, or 27 digits.").first().waitFor();
  await open("123 456");
  await page.getByText("These are 6 digits. There must be 27, or eight words.").first().waitFor();
  assert.equal(recorder.posts(`${API}/mailbox`).length, 0);
  await enter(page, "abandon ability able about above absent absorb abstract");
  await page.getByText("There is no answer here.").first().waitFor();
  await page.getByText("No mark in the log yet.").first().waitFor();
  await page.getByLabel("Yes, delete all of it.").check();
  await press(page, "Take everything back");
  await page.getByText("We found nothing for these words.").first().waitFor();
  await context.close();
});

/** What a reviewer's browser is given so many days later: the days of all messages lie further back. */
async function later(page: Page, days: number): Promise<void> {
  const day = new Date(Date.now() - days * 86_400_000).toISOString().slice(0, 10);
  await page.route("**/epochs/*/work", async (route) => {
    const response = await route.fetch();
    const work = (await response.json()) as { messages: { day: string }[] };
    await route.fulfill({ response, json: { ...work, messages: work.messages.map((m) => ({ ...m, day })) } });
  });
}

test("what happened since and a wish reach the panel as codes of the form; it is reminded to ask, asks with one press, and the page asks then", async () => {
  const said = await say("told, then asked since");
  const { context, page } = await h.open(MAILBOX);
  await enter(page, said.receipt);
  assert.ok(!(await page.getByLabel("I was treated worse after I spoke up").isVisible()), "who was not asked is asked");
  await page.locator("form[data-act=since] button").click();
  await page.getByText("Say first if something happened, or choose when to be asked.").first().waitFor();
  await page.getByText("Say what happened since").click();
  await page.getByLabel("I was treated worse after I spoke up").check();
  await page.getByLabel("In a month").check();
  await page.getByLabel("What happened? You can leave this empty.").fill("they stopped calling back");
  await page.locator("form[data-act=since] button").click();
  await page.getByText("We have it. It goes to the panel with the next batch.").first().waitFor();
  const line = page.getByText(/^Come back on \d+ \w+ 20\d\d or later$/);
  await page.getByText("We cannot remind you: we do not know who you are.", { exact: false }).first().waitFor();
  await examine(page, "mailbox-come-back");
  await page.evaluate(() => { window.print = () => undefined; });
  await press(page, "Print this line");
  await page.emulateMedia({ media: "print" });
  assert.deepEqual([await line.isVisible(), await page.getByRole("heading", { name: "Answers", exact: true }).isVisible()], [true, false]);
  await page.emulateMedia({ media: "screen" });
  await page.evaluate(() => { window.dispatchEvent(new Event("afterprint")); });
  await page.getByRole("heading", { name: "Answers", exact: true }).waitFor();
  assert.deepEqual(await keptOnDevice(page), NOTHING_KEPT);
  await page.getByLabel("An answer from a peer who has been there").check();
  await page.getByLabel("Practical help, like forms, food, rides or money").check();
  await writeMore(page, "a wish too");
  await context.close();
  const all = await h.demo.told();
  const since = all.find((t) => words(t) === "they stopped calling back");
  assert.equal(answerTo(since, "items"), "response.payback");
  assert.equal(answerTo(since, "check_in"), "month");
  const wish = all.find((t) => words(t) === "a wish too");
  assert.equal(answerTo(wish, "wants"), "peer_support");
  assert.equal(answerTo(wish, "wants_text"), "I need practical help.");

  // Two months later the list reminds whoever read it. Being treated worse is urgent, also when it is told later.
  const row = rowOf(toBase64url(Buffer.from(said.leaf_hash, "hex")));
  const desk = await h.open("/panel");
  await later(desk.page, 60);
  await signIn(desk.page, h.demo.identity(0));
  const item = desk.page.locator(".queue li", { has: desk.page.locator(row) });
  assert.match((await item.textContent()) ?? "", /The writer wishes to be asked/);
  assert.equal(await desk.page.locator(".queue h3", { hasText: /^First of all/ }).locator("~ ol").first().locator(row).count(), 1);
  assert.equal(await item.getByRole("button", { name: "Ask them now" }).count(), 0, "who has not declared cannot ask");
  await take(desk.page, row);
  await desk.page.locator(".reading section", { hasText: /The writer wishes to be asked.*Since \d+ \w+ 20\d\d: whether something has happened/ }).waitFor();
  await desk.page.fill("#case-note", "read, and to be asked");
  await press(desk.page, "Add the note");
  await item.getByRole("button", { name: "Ask them now" }).click();
  await item.getByText("It is locked and waits here.", { exact: false }).first().waitFor();
  assert.deepEqual(await violations(desk.page), []);
  await shoot(desk.page, "panel-ask");
  const sendNow = item.getByRole("button", { name: "Send it now" });
  if (await sendNow.isVisible()) await sendNow.click().catch(() => undefined); // or its moment came
  await desk.page.getByText("One answer was sent.").first().waitFor();
  await desk.page.waitForFunction((r) => !(document.querySelector(r)?.textContent ?? "").includes("wishes to be asked"), row);
  assert.deepEqual(desk.heard, []);
  await desk.context.close();

  for (const javaScriptEnabled of [true, false]) {
    const back = await h.open(MAILBOX, { javaScriptEnabled });
    await enter(back.page, said.receipt);
    await back.page.getByText("The panel asks you, as you wished: Has anything happened to your care since?", { exact: false }).first().waitFor();
    await back.page.getByLabel("Nothing bad has happened").check(); // it stands open
    const headings = await back.page.locator("#room h2").allTextContents();
    assert.ok(headings.indexOf("Your care since then") === headings.indexOf("Answers") + 1, headings.join());
    if (javaScriptEnabled) await examine(back.page, "mailbox-asked");
    else await shoot(back.page, "mailbox-asked-plain");
    await back.page.locator("form[data-act=since] button.button").click();
    await back.page.getByText("We have it. It goes to the panel with the next batch.").first().waitFor();
    await back.context.close();
  }
});

/** A film of one picture, light all over but for the square of a text. */
function film(text: string): Buffer {
  const rows = encodeQR(text, "raw", { ecc: "medium", border: 4 });
  const [width, height, unit] = [320, 240, 6];
  const light = Buffer.alloc(width * height, 235);
  rows.forEach((row, y) => { row.forEach((dark, x) => {
    if (dark) for (let dy = 0; dy < unit; dy++) light.fill(16, (y * unit + dy) * width + x * unit, (y * unit + dy) * width + (x + 1) * unit);
  }); });
  const frame = Buffer.concat([Buffer.from("FRAME\n"), light, Buffer.alloc(width * height / 2, 128)]);
  return Buffer.concat([Buffer.from(`YUV4MPEG2 W${width} H${height} F10:1 Ip A1:1 C420jpeg\n`), ...Array.from({ length: 10 }, () => frame)]);
}

test("the camera reads the receipt's square, and is off afterwards; without one the page says to type", async (t) => {
  const said = await say("told for the camera");
  const file = h.demo.file("square.y4m");
  writeFileSync(file, film(said.digits));
  const browser = await startBrowser({ camera: file });
  t.after(() => browser.close());
  const page = await browser.newPage();
  await page.goto(h.demo.url + MAILBOX);
  await press(page, "Read the square with the camera");
  await page.getByText("The square is read. The camera is off.").first().waitFor();
  assert.equal(await page.getByLabel("Your eight words, or the digits").inputValue(), said.digits);
  assert.equal(await page.evaluate(() => document.querySelector("video")?.srcObject ?? null), null);
  assert.ok(await page.locator("video").isHidden());
  await press(page, "Open");
  await page.getByRole("heading", { name: "Answers", exact: true }).waitFor();

  const { context, page: without } = await h.open(MAILBOX);
  await press(without, "Read the square with the camera");
  await without.getByText("This browser gives us no camera").first().waitFor();
  await examine(without, "mailbox-no-camera");
  await enter(without, said.receipt);
  await context.close();
});

test("a message taken back while the panel's page fetches its files alarms nobody", async () => {
  const said = await say("told, and taken back in the middle");
  await h.demo.told(); // waits for the batch
  const { context, page } = await h.open("/panel");
  await firstReader(page);
  await page.route("**/files?after=*", async (route) => {
    await h.demo.run(["mailbox", ...at(), "--withdraw"], said.receipt);
    await h.demo.told();
    await wholeFiles(route).then((response) => route.fulfill({ response }));
  }, { times: 1 });
  await signIn(page, h.demo.identity(0));
  assert.deepEqual(await page.locator('[data-part="alarms"] li').allTextContents(), []);
  await context.close();
});

test("a message that was dropped from the log is named, and so is what does not belong there", async () => {
  const said = await say("told first, and dropped");
  const before = await h.open(MAILBOX);
  await enter(before.page, said.receipt);
  await writeMore(before.page, "told second");
  await before.context.close();
  await h.demo.told(); // waits for the batch
  const { context, page } = await h.open(MAILBOX);
  await growLog(page, h.demo, "answerable/leaf/v1\nforget\neverything\n", said.leaf_hash);
  await enter(page, said.receipt);
  await page.getByText("Message 2: it is marked in the log, and still there.").first().waitFor();
  await page.locator(".problem", { hasText: "Message 1 of these words has no mark, and a later one has." }).waitFor();
  await page.locator(".problem", { hasText: "The log holds marks that do not belong there (1)." }).waitFor();
  assert.equal(await page.getByText(/^Message 1: /).count(), 0);
  await examine(page, "mailbox-dropped");
  await context.close();
});

test("two devices at once, and a lost answer, lose and double nothing", async () => {
  const said = await say("told for two devices");
  const one = await h.open(MAILBOX);
  const two = await h.open(MAILBOX);
  await two.page.evaluate(() => { window.requestAnimationFrame = () => 0; }); // a tab that nobody looks at
  await enter(one.page, said.receipt);
  await enter(two.page, said.receipt);
  await Promise.all([writeMore(one.page, "from the first device"), writeMore(two.page, "from the second device")]);
  // The message arrives and its answer does not.
  await one.page.route(`**${API}/submissions`, async (route) => { await route.fetch(); await route.abort(); }, { times: 1 });
  await one.page.getByLabel("What do you want to say?").fill("sent twice");
  const again = one.page.locator("form[data-act=write] button");
  await again.click();
  await one.page.getByText("so we do not know if it arrived").first().waitFor();
  assert.equal(await one.page.getByLabel("What do you want to say?").inputValue(), "sent twice");
  await again.click();
  await one.page.getByText("We have it.").first().waitFor();
  await one.context.close();
  await two.context.close();
  const all = await h.demo.told();
  for (const text of ["from the first device", "from the second device", "sent twice"]) assert.equal(all.filter((t) => words(t) === text).length, 1, text);
});

test("the file that one keeps holds answers and proofs, and a terminal checks it", async () => {
  const said = await say("told for the packet");
  await answer(said.leaf_hash, "an answer to keep");
  await h.demo.told(); // waits for the batch, with what the panel says it did
  const { context, page } = await h.open(MAILBOX);
  await enter(page, said.receipt);
  await page.getByRole("heading", { name: "What the panel says it did" }).waitFor();
  await page.locator("li", { hasText: /^In the week of .*: the panel has written to you\./ }).waitFor();
  await writeMore(page, "words to keep");
  const saving = page.waitForEvent("download");
  await press(page, "Save the file");
  const download = await saving;
  assert.equal(download.suggestedFilename(), "notes.json");
  const file = h.demo.file("packet.json");
  const packet = readFileSync(await download.path(), "utf8");
  writeFileSync(file, packet);
  await context.close();
  assert.match(packet, /an answer to keep/);
  assert.match(packet, /words to keep/);
  const { vkey } = JSON.parse(packet) as { vkey: string };
  const checked = await h.demo.run(["log", "proof", h.demo.file("."), "--vkey", vkey, "--check", file]);
  assert.match(checked, /The proof holds/);
  assert.match(checked, /^[1-9]\d* acts are signed by members of the panel\./m);
  assert.match(await h.demo.run(["log", "proof", h.demo.url], said.receipt), /the panel says "contacted", signed by r[a-z2-7]{8}\./);
  assert.match(await h.demo.run(["export", "verify", file]), /The proof holds/);
  await assert.rejects(h.demo.run(["export", "verify", file, "--fingerprint", "AAAA-AAAA-AAAA-AAAA-AAAA"]), /not the one with that fingerprint/);
  writeFileSync(file, packet.replace("an answer to keep", "an answer of mine"));
  await assert.rejects(h.demo.run(["log", "proof", h.demo.file("."), "--vkey", vkey, "--check", file]), /answer/);
});

test("a reviewer answers on the panel's page; the answer waits for its time, survives a lock, and comes", async () => {
  const said = await say("ask me on the page");
  await h.demo.told();
  const { context, page, heard } = await h.open("/panel");
  // A long hour, so that the answer is still waiting when the page is locked.
  let seconds = 3600;
  await page.route("**/api/v1/panel/sign-in", async (route) => {
    const response = await route.fetch();
    const me = (await response.json()) as Record<string, unknown>;
    await route.fulfill({ response, json: { ...me, reply_every_seconds: seconds } });
  });
  const signIn = async (): Promise<void> => {
    await page.setInputFiles('[data-part="file"]', h.demo.identity(0));
    await page.getByRole("button", { name: "Sign in", exact: true }).click();
    await page.waitForFunction(() => /messages?\./.test(document.querySelector('[data-part="status"]')?.textContent ?? ""));
  };
  await signIn();
  await take(page, rowOf(toBase64url(Buffer.from(said.leaf_hash, "hex"))));
  await page.locator(".reading").getByText("Answer the writer", { exact: true }).click();
  await page.getByRole("button", { name: "Lock it and let it wait" }).click();
  await page.getByText("There are no words here.").first().waitFor();
  await page.getByLabel("Your answer").fill("x".repeat(20_000));
  await page.getByRole("button", { name: "Lock it and let it wait" }).click();
  await page.getByText("This is too long for one answer.").first().waitFor();
  await page.getByLabel("Your answer").fill("answered on the page");
  assert.deepEqual(await violations(page), []);
  await shoot(page, "panel-reply");
  await page.getByRole("button", { name: "Lock it and let it wait" }).click();
  await page.getByText("It is locked and waits here.").first().waitFor();
  await shoot(page, "panel-reply-waits");
  assert.ok(!(await page.content()).includes("answered on the page"));
  await page.getByRole("button", { name: "Lock", exact: true }).click();
  await page.getByText("One answer waits, sealed.").first().waitFor();
  seconds = 2;
  await signIn();
  await page.getByText("One answer was sent.").first().waitFor();
  assert.deepEqual(heard, []);
  await context.close();
  const visit = await h.open(MAILBOX);
  await enter(visit.page, said.receipt);
  assert.equal(await visit.page.locator(".answer .typed").textContent(), "answered on the page");
  await visit.page.getByText(/signed by r[a-z2-7]{8} of the panel/).first().waitFor();
  await visit.context.close();
});

test("an answer that is not the panel's is marked, and lists that do not hold make every answer so", async () => {
  const said = await say("told, and answered by somebody");
  await answer(said.leaf_hash, "from the panel");
  const { context, page } = await h.open(MAILBOX);
  await page.route("**/api/v1/c/riverside/chain", async (route) => {
    const response = await route.fetch();
    const chain = (await response.json()) as { manifests: string[] };
    await route.fulfill({ response, json: { ...chain, manifests: chain.manifests.map((m) => m.replace("\npanel\n", "\npanels\n")) } });
  });
  await enter(page, said.receipt);
  await page.getByText("Trust none of them.").first().waitFor();
  await page.getByText("This answer is not signed by anybody on the panel.").first().waitFor();
  await shoot(page, "mailbox-unsigned");
  await context.close();
});

test("on a small phone the keyboard alone opens the mailbox, writes, takes all back and closes", async () => {
  const said = await say("told for the keyboard");
  await answer(said.leaf_hash, "an answer for the keyboard");
  const { context, page, heard } = await h.open(MAILBOX, { viewport: { width: 320, height: 568 } });
  const focused = (): Promise<string> => page.evaluate(() => {
    const at = document.activeElement;
    const label = at instanceof HTMLInputElement || at instanceof HTMLTextAreaElement ? at.labels?.[0]?.textContent : at?.textContent;
    return (label ?? "").trim();
  });
  const tabTo = async (name: string): Promise<void> => {
    for (let steps = 0; steps < 60; steps++) {
      await page.keyboard.press("Tab");
      if ((await focused()).startsWith(name)) {
        const seen = await page.evaluate(() => {
          const box = (document.activeElement?.closest("label") ?? document.activeElement)?.getBoundingClientRect();
          return box !== undefined && box.height > 0 && box.bottom > 0 && box.top < innerHeight;
        });
        assert.ok(seen, `${name} is not in view`);
        return;
      }
    }
    assert.fail(`the keyboard does not come to ${name}; it is at ${await focused()}`);
  };
  await tabTo("Your eight words, or the digits");
  await page.keyboard.type(said.receipt);
  await tabTo("Open");
  await page.keyboard.press("Enter");
  await page.getByText("an answer for the keyboard").first().waitFor();
  assert.equal(await focused(), "Answers");
  await tabTo("What do you want to say?");
  await page.keyboard.type("by keyboard");
  await tabTo("An answer from a peer who has been there");
  await page.keyboard.press("Space");
  await tabTo("Send to the panel");
  await page.keyboard.press("Enter");
  await page.getByText("We have it. It goes to the panel with the next batch.").first().waitFor();
  assert.match(await focused(), /^We have it\./);
  await tabTo("Take everything back");
  await page.keyboard.press("Enter");
  await page.getByText("Tick the line above the button first.").first().waitFor();
  assert.match(await focused(), /^Tick the line/);
  await page.keyboard.press("Shift+Tab");
  assert.match(await focused(), /^Yes, delete all of it\./);
  await page.keyboard.press("Space");
  await tabTo("Take everything back");
  await page.keyboard.press("Enter");
  await page.getByText("It is gone. Messages taken back: 2.").first().waitFor();
  await tabTo("Close the mailbox");
  await page.keyboard.press("Enter");
  await page.getByText("The mailbox is closed", { exact: false }).first().waitFor();
  assert.deepEqual(heard.filter((line) => !line.includes("404")), []);
  await context.close();
});

test("a clock that is a day wrong opens a mailbox and sends all the same", async () => {
  const said = await say("told with a wrong clock");
  for (const days of [-1, 1]) {
    const { context, page } = await h.open(MAILBOX);
    await page.clock.setFixedTime(Date.now() + days * 86_400_000);
    await enter(page, said.receipt);
    await writeMore(page, `clock off by ${days}`);
    await context.close();
  }
});
