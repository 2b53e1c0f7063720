/**
 * Handing on the keys of many years: 500 epochs to seven newcomers in one browser, interrupted and gone on with. The page,
 * the worker and every file are real; the server's answers about the panel are made here, because no server holds decades
 * of keys after a minute.
 */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import type { Page, Route } from "playwright-core";
import { plusDays, verifySignature } from "../src/chain.js";
import { fromBase64 } from "../src/encoding.js";
import { openEpochKey } from "../src/epochkey.js";
import { readIdentityFile, recipientOf, seedOf, signingKey } from "../src/identity.js";
import type { ServedEpoch } from "../src/panel/served.js";
import { acked, CLINIC, members, offered, served, signedList, type Member } from "../test/panels.js";
import { house } from "./browser.js";

const EPOCHS = 500;
const NEWCOMERS = 7;

const h = house(0);

interface Given { epoch: string; reviewer: string; file: string; signature: string }

async function memberOf(file: string): Promise<Member> {
  const identity = await readIdentityFile(readFileSync(file));
  const key = signingKey(seedOf(identity));
  return { identity, recipient: await recipientOf(identity), key, id: key.reviewer };
}

/** Answers for the server about the panel and its keys, and keeps what is handed on. */
async function standIn(page: Page, me: Member, newcomers: Member[], epochs: ServedEpoch[], lists: ReturnType<typeof served>): Promise<Given[]> {
  const given: Given[] = [];
  const json = (body: object) => (route: Route): Promise<void> => route.fulfill({ json: body });
  const at = "**/api/v1/panel/c/riverside";
  await page.route("**/api/v1/c/riverside/panel", json(lists));
  await page.route(`${at}/epochs`, json({ origin: "demo.localhost/answerable", ticket_key: "t", previous: null, epochs, withdrawn: [] }));
  await page.route(`${at}/plan`, json({ k: 1, n: NEWCOMERS + 1, previous: null, ticket_key: "t", terms: [], covered_until: "2030-01-01", warn_days: null, backup_days: 35 }));
  await page.route(`${at}/members`, json({ members: [me, ...newcomers].map((m) => ({ reviewer: m.id, joined_on: "2026-01-01", listed: true })) }));
  await page.route(`${at}/manifest`, json({ version: 2, state: "logged", lines: "", signatures: [] }));
  await page.route(`${at}/decisions`, json({ decisions: [] }));
  await page.route(`${at}/wraps/missing`, (route) => {
    const lacks = (m: Member): string[] => epochs.map((e) => e.id).filter((id) => !given.some((g) => g.reviewer === m.id && g.epoch === id));
    return route.fulfill({ json: { members: newcomers.map((m) => ({ reviewer: m.id, epochs: lacks(m) })).filter((m) => m.epochs.length > 0) } });
  });
  await page.route(`${at}/wraps`, (route) => {
    const { wraps } = route.request().postDataJSON() as { wraps: Given[] };
    assert.ok(wraps.length <= 20);
    given.push(...wraps);
    return route.fulfill({ json: { added: wraps.length } });
  });
  return given;
}

test(`${String(EPOCHS)} keys are handed on to ${String(NEWCOMERS)} newcomers, with progress, interrupted and gone on with`, async (t) => {
  const me = await memberOf(h.demo.identity(0));
  const newcomers = await members(NEWCOMERS, 40);
  const alone = signedList([me], 1);
  const everybody = [me, ...newcomers].sort((a, b) => (a.id < b.id ? -1 : 1));
  const together = signedList(everybody, 1, [alone]);
  const epochs: ServedEpoch[] = [];
  for (let n = 0; n < EPOCHS; n++) {
    const day = plusDays("2025-01-01", n);
    epochs.push(acked(await offered(served([alone]), me, me, { not_before: day, not_after: day, retain_until: "2035-01-01" }), [me]));
  }
  const { page, context } = await h.open("/panel");
  page.setDefaultTimeout(600_000);
  const given = await standIn(page, me, newcomers, epochs, served([alone, together]));
  await page.getByLabel("Your identity file").setInputFiles(h.demo.identity(0));
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
  await page.locator('[data-part="desk"]:not([hidden])').waitFor();
  const settled = (): Promise<unknown> => page.waitForFunction(() => document.querySelector("[aria-disabled]") === null, undefined, { polling: 100 });
  await settled();
  await page.getByRole("button", { name: "Keys and members" }).click();
  await settled();

  const next = page.getByRole("button", { name: /^Hand \d+ keys? of the past on to/ }).first();
  await next.click();
  await page.getByText(/^(40|60|80) of 500 keys handed on/).first().waitFor();
  await page.getByRole("button", { name: "Stop" }).click();
  await settled();
  assert.match((await page.textContent('[data-part="status"]')) ?? "", /^Stopped\. \d+ of 500 are handed on/);
  const before = given.length;
  assert.ok(before > 0 && before < EPOCHS);

  const began = Date.now();
  for (let n = 0; n < NEWCOMERS; n++) {
    await next.click();
    await page.locator(".clinic-keys .waits progress").waitFor();
    await settled();
  }
  const seconds = (Date.now() - began) / 1000;
  assert.equal(given.length, EPOCHS * NEWCOMERS);
  assert.equal(new Set(given.map((g) => `${g.epoch} ${g.reviewer}`)).size, EPOCHS * NEWCOMERS);
  t.diagnostic(`${String(given.length - before)} wraps in ${seconds.toFixed(1)} s: ${((seconds * 1000) / (given.length - before)).toFixed(1)} ms each`);

  // What was handed on is what the newcomers need: some of it is opened and checked with their keys.
  const panel = { lines: "", clinic: CLINIC, version: 2, previous: "", m: 1, members: everybody.map((m) => ({ id: m.id, recipient: m.recipient, verifyKey: m.key.public })) };
  for (let n = 0; n < given.length; n += 97) {
    const g = given[n];
    const epoch = epochs.find((e) => e.id === g?.epoch);
    const to = newcomers.find((m) => m.id === g?.reviewer);
    assert.ok(g && epoch && to);
    const file = fromBase64(g.file);
    const hash = Buffer.from(await crypto.subtle.digest("SHA-256", new Uint8Array(file))).toString("base64");
    assert.ok(verifySignature(panel, "wrap", `${g.epoch}\n${g.reviewer}\n${hash}\n`, me.id, fromBase64(g.signature)));
    await openEpochKey(file, to.identity, g.epoch, epoch.record.split("\n")[5] ?? "");
  }
  await context.close();
});
