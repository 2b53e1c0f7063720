/** Opening a message tells the server nothing of which one it is; what it owes goes with the next look. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { fromBase64url, toBase64, toBase64url } from "../src/encoding.js";
import { house, WAITED } from "./browser.js";
import { code, lookAgain, press, rowOf, signIn, take } from "./desk.js";
import { leaks } from "./recorder.js";

const [ANNA, BELA] = [0, 1] as const;
const random = (): string => toBase64url(crypto.getRandomValues(new Uint8Array(32)));
const mailbox = random();
let leaf = "";

const h = house(0, async (demo) => {
  leaf = await demo.post([{ q: "words", a: "zebrafinch" }, { q: "share_level", a: "count_me" }], undefined, { mailbox, actions: random() });
  await demo.told();
});

/** Anna reads it in a terminal, finds it grave in the second degree and signs that. */
async function annaAgrees(): Promise<void> {
  const hex = Buffer.from(leaf, "base64url").toString("hex");
  const mine = ["--server", h.demo.url, "--clinic", h.demo.clinic, "--identity", h.demo.identity(ANNA), "--from", h.demo.file("anna"), "--leaf", hex];
  await h.demo.run(["review", "agree", ...mine], "yes\n");
}

async function annaCodes(): Promise<void> {
  const hex = Buffer.from(leaf, "base64url").toString("hex");
  const folder = h.demo.file("anna");
  const place = ["--server", h.demo.url, "--clinic", h.demo.clinic, "--identity", h.demo.identity(ANNA)];
  const mine = [...place, "--from", folder, "--leaf", hex];
  await h.demo.run(["review", "pull", ...place, "--out", folder]);
  await h.demo.run(["review", "declare", "--yes", ...mine]);
  await h.demo.run(["review", "claim", ...mine]);
  const blank = JSON.parse(await h.demo.run(["review", "code", "--blank", "--from", folder, "--leaf", hex])) as { yes: string[]; no: string[]; seriousness: number };
  await h.demo.run(["review", "code", ...mine], JSON.stringify({ ...blank, yes: ["force"], no: blank.no.filter((theme) => theme !== "force"), seriousness: 2 }));
}

test("opening a message sends nothing that names it: what may be counted, or has to be taken back, goes with the next look", { timeout: 180_000 }, async () => {
  await annaCodes();
  const { page, context, recorder, heard } = await h.openRecorded("/panel");
  await signIn(page, h.demo.identity(BELA));
  await take(page, rowOf(leaf));
  await code(page, ["force"], 2);
  await press(page, "Send it and freeze it");
  await page.getByRole("heading", { name: "Side by side" }).waitFor();
  await annaAgrees();
  await page.route("**/panel/c/*/coded", (route) => route.abort()); // the server is away just when two agree
  await lookAgain(page);
  await page.locator(rowOf(leaf)).click();
  await page.getByText("Another of you has signed this", { exact: false }).first().waitFor();
  await press(page, "Agree and sign");
  await page.locator(rowOf(leaf), { hasText: "third member" }).waitFor();
  await page.unrouteAll(WAITED);

  /** What the browser sends while it puts the message away and opens it. */
  const opening = async (): Promise<typeof recorder.requests> => {
    await press(page, "Back to the list");
    await page.waitForTimeout(4000); // what was fetched is taken as new for so long, and acts wait for their second
    const before = recorder.requests.length;
    await page.locator(rowOf(leaf)).click();
    await page.getByRole("heading", { name: "What was told" }).waitFor();
    await page.waitForTimeout(500);
    return recorder.requests.slice(before);
  };
  const sent = (path: string): number => recorder.posts(path).filter(({ body }) => leaks([{ method: "", url: "", headers: [], body }], [fromBase64url(leaf)]).length > 0).length;

  const first = await opening();
  assert.ok(first.some(({ url }) => /\/work$/.test(url)), "whole keys are fetched");
  assert.deepEqual([leaks(first, [fromBase64url(leaf)]), first.filter(({ method }) => method !== "GET").map(({ url }) => url)], [[], []]);
  assert.equal(sent("/coded"), 0);
  await lookAgain(page);
  assert.equal(sent("/coded"), 1, "at the next look it is counted");

  // The server shows other codes than were agreed on, in Bela's name: they are taken out, and those that were are counted.
  await page.evaluate((other) => {
    const real = globalThis.fetch;
    globalThis.fetch = async (...asked) => {
      const response = await real(...asked);
      if (!response.url.endsWith("/work")) return response;
      const work = (await response.json()) as { messages: { codes?: { facts_hash: string } }[] };
      for (const { codes } of work.messages) if (codes !== undefined) codes.facts_hash = other;
      return Response.json(work);
    };
    addEventListener("honest", () => { globalThis.fetch = real; });
  }, toBase64(new Uint8Array(32)));
  await lookAgain(page);
  await page.evaluate(() => dispatchEvent(new Event("honest")));
  const both = (): number[] => [sent("/coded/retraction"), sent("/coded")];
  assert.deepEqual(both(), [1, 2], "what nobody signed is taken out, and what two agree on is counted");
  await page.locator('[data-part="alarms"] li', { hasText: "who did not sign them" }).waitFor();
  await lookAgain(page);
  assert.deepEqual(both(), [1, 2], "once");

  await h.demo.post([], undefined, { t: "consent", mailbox, thread: leaf, share_level: "panel_only", ask_me_first: false, hold: "now", hide: [] });
  await h.demo.told();
  const second = await opening();
  assert.deepEqual([leaks(second, [fromBase64url(leaf)]), second.filter(({ method }) => method !== "GET").map(({ url }) => url)], [[], []]);
  assert.equal(sent("/coded/retraction"), 1);
  await lookAgain(page);
  assert.equal(sent("/coded/retraction"), 2, "at the next look it is taken back");
  await lookAgain(page);
  assert.deepEqual(both(), [2, 2], "once");
  assert.deepEqual(heard.filter((line) => !line.includes("ERR_FAILED")), []);
  await context.close();
});
