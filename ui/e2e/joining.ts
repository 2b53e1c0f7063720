/** The steps of somebody who joins a panel from a steward's link, and of keeping a key in each way. */
import assert from "node:assert/strict";
import type { CDPSession, Page } from "playwright-core";
import type { House } from "./browser.js";

let clinics = 0;

/** The clinic that `links` added last: its short name, and its name. */
export const clinic = (): { slug: string; name: string } => ({ slug: `harbour-${clinics}`, name: `Harbour ${clinics}` });

/** A clinic of its own with as many links to its panel as asked for, made by a steward in the browser. */
export async function links(h: House, n: number): Promise<string[]> {
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
export async function status(page: Page, sentence: string | RegExp): Promise<void> {
  await page.locator('[data-part="status"]', { hasText: sentence }).waitFor().catch(async (err: unknown) => {
    throw new Error(`the alert says: ${(await page.textContent('[data-part="alert"]')) ?? ""}`, { cause: err });
  });
}
export const alert = (page: Page, sentence: string | RegExp): Promise<void> => page.locator('[data-part="alert"]', { hasText: sentence }).waitFor();
/** What is wrong, said where it is wrong. */
export const problem = (page: Page, sentence: string): Promise<void> => page.locator(".problem", { hasText: sentence }).waitFor();
export const press = (page: Page, name: string): Promise<void> => page.getByRole("button", { name, exact: true }).click();

export async function makeKey(page: Page): Promise<void> {
  await press(page, "Make my key here");
  await status(page, "Your key is made.");
}

export async function join(page: Page): Promise<string> {
  await press(page, "Join");
  await status(page, "You have joined.");
  return (await page.locator('[data-part="done-reviewer"]').textContent()) ?? "";
}

/**
 * A passkey of the device that this tab is on, as Chromium pretends to have one. Like Windows Hello, it makes none for who asks
 * with an empty `prf`.
 */
export async function device(page: Page, hasPrf = true): Promise<{ cdp: CDPSession; authenticatorId: string }> {
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
export async function keepFile(h: House, page: Page, name: string): Promise<{ file: string; words: string }> {
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
export async function keepPaper(page: Page): Promise<string[]> {
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

export async function keepPasskey(page: Page): Promise<void> {
  await press(page, "Make a passkey");
  await status(page, "Your passkey is made.");
}

/** True once the panel's page has let this reviewer in. */
export async function isIn(page: Page, reviewer: string): Promise<void> {
  await page.locator('[data-part="desk"]').waitFor();
  assert.equal(await page.locator('[data-part="desk"] [data-part="reviewer"]').textContent(), reviewer);
  await status(page, /Nobody has|messages?\./);
  await press(page, "Your ways in");
  await page.getByRole("heading", { name: "Your ways in" }).waitFor();
}
