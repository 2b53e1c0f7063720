/** A writer looks for the own mark in the log: with script in the browser alone, without it told how to ask elsewhere. */
import assert from "node:assert/strict";
import { mkdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { ed25519 } from "@noble/curves/ed25519.js";
import { sha256 } from "@noble/hashes/sha2.js";
import type { Page, Request } from "playwright-core";
import { concat, fromBase64, fromHex, toBase64, toHex, utf8 } from "../src/encoding.js";
import { house, keptOnDevice, NOTHING_KEPT, violations, WAITED } from "./browser.js";
import { growLog } from "./grownlog.js";

const h = house(0);
const CHECK = "/c/riverside/check";
const pictures = process.env["ANSWERABLE_SCREENSHOTS"] ?? "";

async function examine(page: Page, name: string): Promise<void> {
  assert.deepEqual(await violations(page), [], name);
  const before = page.viewportSize() ?? { width: 1280, height: 900 };
  for (const [size, viewport] of Object.entries({ phone: { width: 360, height: 780 }, narrow: { width: 320, height: 640 }, desktop: { width: 1280, height: 900 } })) {
    await page.setViewportSize(viewport);
    assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= document.documentElement.clientWidth), `${name}: wider than the window (${size})`);
    if (pictures === "") continue;
    mkdirSync(pictures, { recursive: true });
    for (const colorScheme of ["light", "dark"] as const) {
      await page.emulateMedia({ colorScheme });
      await page.screenshot({ path: path.join(pictures, `${name}-${size}-${colorScheme}.png`), fullPage: true });
    }
    await page.emulateMedia({ colorScheme: "light" });
  }
  await page.setViewportSize(before);
}

async function look(page: Page, words: string): Promise<void> {
  await page.getByLabel("Your eight words").fill(words);
  await page.getByRole("button", { name: "Look" }).click();
}

const answer = (page: Page, sentence: string): Promise<void> => page.getByRole("status").getByText(sentence).first().waitFor();

/** Tells something from a terminal and waits until its batch is in the log. */
async function told(words: string): Promise<{ receipt: string; digits: string; ticket: string }> {
  const said = JSON.parse(await h.demo.run(["--json", "submit", "--server", h.demo.url, "--clinic", h.demo.clinic], words)) as {
    receipt: string; digits: string; ticket: string; leaf_hash: string;
  };
  for (let i = 0; ; i++) {
    try {
      await h.demo.run(["log", "proof", h.demo.url, "--leaf", said.leaf_hash]);
      return said;
    } catch (err) {
      if (i > 40) throw err;
      await new Promise((resolve) => setTimeout(resolve, 250));
    }
  }
}

test("with the eight words a writer finds the own mark, and no request depends on them", async () => {
  const said = await told("it is still there");
  const { page, context, heard } = await h.open(CHECK);
  const requests: Request[] = [];
  page.on("request", (r) => requests.push(r));
  await examine(page, "check");
  await look(page, said.receipt);
  await answer(page, "We have it. It is received, it is counted, and its mark is still there.");
  await answer(page, "Nobody else has signed this log.");
  await page.getByText("What the log has signed").click();
  await page.getByText("demo.localhost/answerable").first().waitFor();
  await examine(page, "check-there");
  const asked = requests.map((r) => new URL(r.url()).pathname);
  assert.ok(asked.every((p) => p === "/api/v1/log" || p === "/log/checkpoint" || /^\/log\/tile\/entries\/[0-9x/]+(\.p\/[0-9]+)?$/.test(p)), asked.join(" "));
  assert.ok(requests.every((r) => r.method() === "GET" && r.postData() === null));

  // Other words of the list make the same requests.
  const before = asked.length;
  await look(page, "abandon ability able about above absent absorb abstract");
  await answer(page, "There is no mark for these words.");
  assert.deepEqual(requests.slice(before).map((r) => new URL(r.url()).pathname), asked.slice(0, requests.length - before));
  await look(page, said.digits);
  await answer(page, "We have it. It is received");

  assert.deepEqual(await keptOnDevice(page), NOTHING_KEPT);
  assert.deepEqual(await context.cookies(), []);
  assert.deepEqual(heard, []);
  await context.close();
});

test("words that are none are named with near ones, at the field and in the title", async () => {
  const { page, context } = await h.open(CHECK);
  const requests: string[] = [];
  page.on("request", (r) => requests.push(new URL(r.url()).pathname));
  await look(page, "abandon abillity able about");
  await page.getByText('Word 2, "abillity", is not on our list. Did you mean ability?').first().waitFor();
  await look(page, "abandon lantern2 able about");
  await page.getByText('Word 2, "lantern", is not on our list.').first().waitFor();
  assert.match(await page.title(), /^Error: /);
  assert.equal(await page.evaluate(() => document.activeElement?.id), "check-words");
  await examine(page, "check-unknown-word");
  await look(page, "abandon ability able");
  await page.getByText("These are 3 words. There must be eight, or 27 digits.").first().waitFor();
  await look(page, "12345");
  await page.getByText("These are 5 digits. There must be 27, or eight words.").first().waitFor();
  await look(page, "9".repeat(27));
  await page.getByText("These are no words and no digits of ours. Look at them again.").first().waitFor();
  // Nothing that was typed is asked of the server: at most another list of words is fetched.
  assert.ok(requests.every((p) => /\.js$/.test(p)), requests.join(" "));
  await context.close();
});

/** A ticket for any leaf and day, signed with the server's own key. */
function ticketFor(leaf: Uint8Array, logBy: string): string {
  const [, , name = "", id = "", ...key] = readFileSync(h.demo.file("data/keys/ticket.key"), "utf8").trim().split("+");
  const lines = `answerable/ticket/v1\n${name.replace(/\/ticket$/, "")}\n${toBase64(leaf)}\n${logBy}\n`;
  const signature = ed25519.sign(utf8(lines), fromBase64(key.join("+")).slice(1));
  return `${lines}\n— ${name} ${toBase64(concat(fromHex(id), signature))}\n`;
}

test("with the ticket the mark is found too, and a broken promise is proven by a file", async () => {
  const said = await told("with a ticket");
  const { page, context, heard } = await h.open(CHECK);
  await page.getByText("I have my ticket too").click();
  await examine(page, "check-ticket");
  const ticket = page.getByLabel("Your ticket", { exact: true });
  const press = (): Promise<void> => page.getByRole("button", { name: "Look" }).click();
  await ticket.fill(said.ticket);
  await press();
  await answer(page, "We have it. It is received");

  const nowhere = new Uint8Array(32).fill(7);
  await ticket.fill(ticketFor(nowhere, "2999-12-31"));
  await press();
  await answer(page, "is not there yet");
  await ticket.fill(ticketFor(nowhere, "2026-01-01"));
  await press();
  await answer(page, "Your message should have been counted by now, and it is not. Your ticket promised a mark by the end of 1 January 2026.");
  await answer(page, "no proof: nobody who watches the log has signed a later day");
  await answer(page, "Keep the file below and give it to the panel in another way");
  await examine(page, "check-overdue");
  const saving = page.waitForEvent("download");
  await page.getByRole("link", { name: "Save the file" }).click();
  const proof = readFileSync(await (await saving).path(), "utf8");
  assert.match(proof, /^answerable\/missing\/v1\nnot proved\n\nanswerable\/ticket\/v1\n/);
  assert.match(proof, /\n\ndemo\.localhost\/answerable\n[0-9]+\n/);

  const shared = await h.open(`${CHECK}?shared`); // where others use the device nothing is saved
  await shared.page.getByText("I have my ticket too").click();
  await shared.page.getByLabel("Your ticket", { exact: true }).fill(ticketFor(nowhere, "2026-01-01"));
  await shared.page.getByRole("button", { name: "Look" }).click();
  await answer(shared.page, "Look with your ticket on a device of your own, or from a terminal");
  assert.equal(await shared.page.locator("a[download]").count(), 0);
  assert.doesNotMatch(await shared.page.locator("main").innerText(), /Keep the file below/);
  await shared.context.close();

  await ticket.fill(said.ticket.replace("2026", "2027"));
  await press();
  await page.getByText("This is no ticket of this place.").first().waitFor();
  assert.equal(await page.evaluate(() => document.activeElement?.id), "check-ticket");
  await examine(page, "check-bad-ticket");
  assert.deepEqual(heard, []);
  await context.close();
});

test("a server that gives another log than it signs is found out, and one that is away is told", async () => {
  const said = await told("in a log that is changed on the way");
  const { page, context } = await h.open(CHECK);
  await page.route("**/log/tile/entries/**", async (route) => {
    const response = await route.fetch();
    const body = await response.body();
    body[body.length - 5] = (body[body.length - 5] ?? 0) ^ 1;
    await route.fulfill({ response, body });
  });
  await look(page, said.receipt);
  await answer(page, "The log that our computer gave is not the one it signed.");
  await examine(page, "check-broken");
  await page.unrouteAll(WAITED);
  await page.route("**/log/checkpoint", (route) => route.abort());
  await look(page, said.receipt);
  await answer(page, "Our computer does not answer.");
  await context.close();
});

/** A witness of the test: its verifier key, and what it signs. */
function witness(name: string): { vkey: string; sign: (note: string, at: string) => string } {
  const secret = new Uint8Array(32).fill(name.length);
  const key = concat(Uint8Array.of(4), ed25519.getPublicKey(secret));
  const id = sha256(concat(utf8(`${name}\n`), key)).slice(0, 4);
  return {
    vkey: `${name}+${toHex(id)}+${toBase64(key)}`,
    sign: (note, at) => {
      const seconds = BigInt(Date.parse(at) / 1000);
      const stamp = new Uint8Array(8);
      new DataView(stamp.buffer).setBigUint64(0, seconds);
      const text = note.slice(0, note.indexOf("\n\n") + 1);
      const signature = ed25519.sign(utf8(`cosignature/v1\ntime ${seconds}\n${text}`), secret);
      return `${note}— ${name} ${toBase64(concat(id, stamp, signature))}\n`;
    },
  };
}

test("a broken promise is proved only by a witness who signed a later day, and whose list it is stands beside it", async () => {
  const said = await told("watched");
  const hillside = witness("hillside.example/witness");
  const absent = witness("riverside.example/witness/2");
  const policy = `witness a ${hillside.vkey}\nwitness b ${absent.vkey}\n`;
  let at = "2026-01-01T23:00:00Z";
  const { page, context, heard } = await h.open(`${CHECK}#policy=${encodeURIComponent(policy)}`);
  await page.route("**/log/checkpoint", async (route) => {
    const response = await route.fetch();
    await route.fulfill({ response, body: hillside.sign(await response.text(), at) });
  });
  assert.equal(await page.getByLabel("The list of those who watch it").inputValue(), policy);
  await look(page, said.receipt);
  await answer(page, "The names of those who watch this log are the ones that you put in.");
  await answer(page, "These have seen this very log and signed it: hillside.example/witness.");
  await answer(page, "These have not signed it: riverside.example/witness/2.");
  await examine(page, "check-watched");

  await page.getByLabel("Your eight words").fill("");
  await page.getByText("I have my ticket too").click();
  await page.getByLabel("Your ticket", { exact: true }).fill(ticketFor(new Uint8Array(32).fill(7), "2026-01-01"));
  await page.getByRole("button", { name: "Look" }).click();
  await answer(page, "Your message should have been counted by now");
  at = "2026-01-02T00:00:00Z";
  await page.getByRole("button", { name: "Look" }).click();
  await answer(page, "Your message was not counted, and that is proved. Your ticket promised a mark by the end of 1 January 2026. On 2 January 2026 hillside.example/witness signed the log");
  await examine(page, "check-proved");
  const saving = page.waitForEvent("download");
  await page.getByRole("link", { name: "Save the file" }).click();
  assert.match(readFileSync(await (await saving).path(), "utf8"), /^answerable\/missing\/v1\nproved by hillside\.example\/witness 2026-01-02\n\n/);

  // A list for another log, and what is no list.
  await page.getByLabel("The list of those who watch it").fill(`log other.example/answerable+98646411+AYqI4910CfGV/VLbLTy6XXLKZwm/HZQSG/N0iAG0D29c\n${policy}`);
  await page.getByRole("button", { name: "Look" }).click();
  await page.getByText("This is no such list.").first().waitFor();
  await page.getByLabel("The list of those who watch it").fill(`log words.example/answerable+98646411+AYqI4910CfGV/VLbLTy6XXLKZwm/HZQSG/N0iAG0D29c\n${policy}`);
  await page.getByRole("button", { name: "Look" }).click();
  await page.getByText("Your list is for another log than the one that our computer gives.").first().waitFor();
  await page.getByLabel("The list of those who watch it").fill("");
  // The server's own list is called that.
  await page.route("**/api/v1/log", async (route) => {
    const response = await route.fetch();
    await route.fulfill({ response, json: { ...((await response.json()) as object), policy } });
  });
  await page.getByLabel("Your ticket", { exact: true }).fill(said.ticket);
  await page.getByRole("button", { name: "Look" }).click();
  await answer(page, "The names of those who watch this log come from our own computer. It could make some up.");
  assert.deepEqual(heard, []);
  await context.close();
});

test("leaves that do not belong in the log are shown in red", async () => {
  const said = await told("beside a leaf of no kind");
  const { page, context } = await h.open(CHECK);
  await growLog(page, h.demo, "answerable/leaf/v1\nforget\neverything\n");
  await look(page, said.receipt);
  await answer(page, "We have it. It is received");
  await page.locator(".problem", { hasText: "The log holds marks that do not belong there: 1." }).waitFor();
  await examine(page, "check-odd");
  await context.close();
});

test("without script the page takes no words and says how to ask from a terminal", async () => {
  const { page, context } = await h.open(CHECK, { javaScriptEnabled: false });
  assert.equal(await page.locator("form").isVisible(), false);
  await page.getByText("answerable log proof", { exact: false }).first().waitFor();
  await page.getByText("Never send anybody the eight words").first().waitFor();
  if (pictures !== "") await page.screenshot({ path: path.join(pictures, "check-plain.png"), fullPage: true });
  await context.close();
});
