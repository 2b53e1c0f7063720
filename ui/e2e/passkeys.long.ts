/** Passkeys, where they do what they should and where they do not, and the ways in of somebody who has several. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import type { Page } from "playwright-core";
import { readIdentityFile } from "../src/identity.js";
import { house, violations } from "./browser.js";
import { alert, device, isIn, join, keepFile, keepPaper, keepPasskey, links, makeKey, press, problem, status } from "./joining.js";

const h = house(0);

const putOff = (page: Page, off: boolean): Promise<void> => page.evaluate((no) => {
  const credentials = navigator.credentials as unknown as Record<string, unknown>;
  for (const name of ["create", "get"]) {
    if (no) credentials[name] = (): Promise<never> => Promise.reject(new DOMException("", "NotAllowedError"));
    else Reflect.deleteProperty(credentials, name);
  }
}, off);

test("a passkey prompt that is put off is told, and the button works again", async () => {
  const [link = ""] = await links(h, 1);
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
  const [link = ""] = await links(h, 1);
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
  const [link = ""] = await links(h, 1);
  const { page, context } = await h.open("/static/app.css");
  await page.addInitScript(() => { delete (globalThis as { PublicKeyCredential?: unknown }).PublicKeyCredential; });
  await page.goto(link);
  await makeKey(page);
  await page.getByText("This browser has no passkeys that can open keys.").first().waitFor();
  assert.ok(await page.getByRole("button", { name: "Make a passkey" }).isHidden());
  for (const where of ["/panel", "/steward"]) {
    await page.goto(h.demo.url + where);
    await page.getByLabel("Your identity file").waitFor();
    assert.ok(await page.getByRole("button", { name: "Use a passkey" }).isHidden());
  }
  await context.close();
});

test("ways in are seen, added, removed and ended: what was removed opens nothing any more", async () => {
  const [link = ""] = await links(h, 1);
  const { page, context } = await h.open(link);
  await device(page);
  await makeKey(page);
  const { file, words } = await keepFile(h, page, "ways.age");
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
  await own.getByText("You have no passkey here.").first().waitFor();

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

  const renewed = await keepFile(h, page, "renewed.age");
  assert.notEqual(renewed.words, words);
  const groups = await keepPaper(page);
  assert.ok((await readIdentityFile(new Uint8Array(readFileSync(renewed.file)), renewed.words)).endsWith(groups.join("")));
  await press(page, "Make a new locked file");
  await status(page, "Save the file");
  await press(page, "Lock");
  assert.equal(await page.locator('[data-part="file-secret"] li').count(), 0, "locking takes the words away");
  await context.close();
});
