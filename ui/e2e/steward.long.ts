/** The stewards' page: from a clinic that nobody has set up to an open form, with the panel's part done in terminals. */
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { test } from "node:test";
import type { Page } from "playwright-core";
import { house, keptOnDevice, NOTHING_KEPT, tabTo, violations } from "./browser.js";

const h = house(0);

/** Makes an identity file and uses an invitation with it. */
async function join(name: string, code: string): Promise<string> {
  const file = h.demo.file(name);
  await h.demo.run(["identity", "new", "--out", file]);
  await h.demo.run(["panel", "join", "--server", h.demo.url, "--identity", file, "--invitation", code]);
  return file;
}

/** Somebody who is a steward and nothing else. */
async function steward(name: string): Promise<string> {
  const added = JSON.parse(await h.demo.run(["clinic", "add", `place-of-${name}`, "--name", `Place of ${name}`, "--json"])) as { steward_invitation: string };
  return join(name, added.steward_invitation);
}

async function signIn(page: Page, file: string): Promise<void> {
  await page.getByLabel("Your identity file").setInputFiles(file);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("heading", { name: "Clinics here" }).waitFor();
}

const row = (page: Page, title: string): ReturnType<Page["locator"]> => page.locator(".step-row").filter({ has: page.getByRole("heading", { name: title, exact: true }) });

const says = (page: Page, title: string, state: string): Promise<void> => row(page, title).locator(".state", { hasText: state }).waitFor();

let file = "";

test("a steward sets a clinic up in the browser, is told at each step what is missing, and opens its form", async () => {
  file = await steward("ada");
  const { page, heard, context } = await h.open("/steward");
  await signIn(page, file);
  await page.getByText("Add a clinic").click();
  await page.getByLabel("Name people know it by").fill("Lakeside House");
  await page.getByLabel("Short name for its address").fill("lakeside");
  await page.getByRole("button", { name: "Add it" }).click();
  await page.getByRole("heading", { name: "Lakeside House" }).waitFor();
  await says(page, "The panel's members", "Missing");

  const members: string[] = [];
  let link = "";
  for (const name of ["bo", "cy", "di"]) {
    await row(page, "The panel's members").getByRole("button", { name: /Make (a|another) link/ }).click();
    await page.waitForFunction((before) => {
      const { value } = document.querySelector<HTMLInputElement>(".step-row .link input") ?? { value: "" };
      return value !== "" && value !== before;
    }, link);
    link = await row(page, "The panel's members").getByLabel("Link for one person").inputValue();
    assert.match(link, new RegExp(`^${h.demo.url}/panel/join#[a-z2-7]{32}$`));
    members.push(await join(name, link.split("#")[1] ?? ""));
  }
  await page.getByRole("button", { name: "Look again" }).click();
  await says(page, "The panel's members", "Done");
  await page.getByLabel("How many members must sign").fill("2");
  await page.getByRole("button", { name: "Propose the list" }).click();
  await page.getByText("The first list is proposed, and everybody on it signs it.").first().waitFor();

  const at = ["--server", h.demo.url, "--clinic", "lakeside"];
  const each = async (...args: string[]): Promise<void> => {
    for (const identity of members) await h.demo.run([...args, ...at, "--identity", identity]);
  };
  const { list } = JSON.parse(await h.demo.run(["--json", "panel", "manifest", "draft", ...at, "--identity", members[0] ?? ""])) as { list: string };
  await each("panel", "manifest", "sign", "--list", list);
  await h.demo.run(["epoch", "make", ...at, "--identity", members[0] ?? ""]);
  await each("epoch", "ack");
  await page.getByRole("button", { name: "Look again" }).click();
  await says(page, "Keys for the next months", "Done");

  await page.getByRole("button", { name: "Open the form" }).click();
  await page.getByRole("alert").filter({ hasText: "The form cannot open yet, for these are missing: the notice" }).waitFor();
  await page.getByLabel("The notice, in plain words").fill("The law here asks nothing of the panel.");
  await row(page, "What the law may make the panel do").getByRole("button", { name: "Save" }).click();
  await says(page, "What the law may make the panel do", "Done");

  await page.getByLabel("Other ways to tell while the form is closed").fill("Letter box | A locked box | In the hall");
  await row(page, "Other ways to tell").getByRole("button", { name: "Save" }).click();
  await page.getByRole("alert").filter({ hasText: "Four texts with | between them" }).waitFor();
  await page.getByLabel("Other ways to tell while the form is closed").fill("Letter box | A locked box | The tenants' union | In the hall\n");
  await row(page, "Other ways to tell").getByRole("button", { name: "Save" }).click();
  await says(page, "Other ways to tell", "Done");
  const shut = await (await fetch(`${h.demo.url}/c/lakeside/tell`)).text();
  assert.match(shut, /Letter box[^]*Run by: The tenants&#39; union/);

  const charter = h.demo.file("charter.json");
  writeFileSync(charter, JSON.stringify({ chosen: "By lot.", peers: "All.", paid: "Nobody.", barred: "Managers.", more: "" }));
  for (const proposal of [["charter", "--file", charter], ["support", "--open-without"]]) {
    const { id } = JSON.parse(await h.demo.run(["--json", "panel", ...proposal, ...at, "--identity", members[0] ?? ""])) as { id: string };
    await h.demo.run(["panel", "decisions", "--sign", id, ...at, "--identity", members[1] ?? ""]);
  }
  // Who speaks for the clinic: invited here, and the place is taken back.
  const speakers = page.locator("[data-part=speakers]");
  await speakers.getByRole("button", { name: "Make a link" }).click();
  await page.getByRole("alert").filter({ hasText: "Say in one line what they are at the clinic" }).waitFor();
  await speakers.getByLabel("What the next one is at the clinic").fill("practice manager");
  await speakers.getByRole("button", { name: "Make a link" }).click();
  await speakers.getByText("practice manager: invited, not here yet.").first().waitFor();
  assert.match(await speakers.getByLabel("Link for one person").inputValue(), new RegExp(`^${h.demo.url}/clinic/join#[a-z2-7]{32}$`));
  assert.deepEqual(await violations(page), []);
  await speakers.getByRole("button", { name: /^End it ?: practice manager$/ }).click();
  await speakers.getByText("practice manager: has left.").first().waitFor();

  await page.getByRole("button", { name: "Open the form" }).click();
  await page.getByText("The form is open.", { exact: true }).first().waitFor();
  await says(page, "The form", "Done");
  assert.equal(await page.locator(".step-row.missing").count(), 0);
  assert.equal((await fetch(`${h.demo.url}/api/v1/c/lakeside/epoch`)).status, 200);
  assert.deepEqual(heard.filter((m) => !/409|422/.test(m)), []); // the refusals above are ones the browser notes
  assert.deepEqual(await keptOnDevice(page), NOTHING_KEPT);
  await context.close();
});

test("a steward reads nothing: the panel's desk shows none of what was told", async () => {
  const { page, context } = await h.open("/panel");
  await page.getByLabel("Your identity file").setInputFiles(file);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByText("You are signed in, but you sit on no panel here yet.").first().waitFor();
  await context.close();
});

test("who is no steward is told so, and shown nothing", async () => {
  const { page, context } = await h.open("/steward");
  await page.getByLabel("Your identity file").setInputFiles(h.demo.identity(0));
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("alert").filter({ hasText: "Only a steward of this place may do this." }).waitFor();
  assert.equal(await page.getByRole("heading", { name: "Clinics here" }).count(), 0);
  assert.deepEqual(await context.cookies(), []);
  await context.close();
});

test("a steward works by keyboard, what is being written stays when the list is looked at again, and signing out ends the session", async () => {
  const { page, context } = await h.open("/steward");
  await page.getByLabel("Your identity file").setInputFiles(file);
  await tabTo(page, '[data-part="unlock"] button');
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: "Clinics here" }).waitFor();
  await tabTo(page, '[data-part="clinics"] li:last-child .row');
  await page.keyboard.press("Enter");
  await page.locator(".step-row").first().waitFor();
  assert.equal(await page.evaluate(() => document.activeElement?.id), "steward-place");
  await tabTo(page, "#steward-notice");
  await page.keyboard.type("half a sentence");
  await page.getByRole("button", { name: "Look again" }).click();
  await page.waitForFunction(() => document.querySelector("[aria-disabled]") === null);
  assert.match(await page.locator("#steward-notice").inputValue(), /half a sentence/);
  assert.equal((await context.cookies()).length, 1);
  await page.getByRole("button", { name: "Sign out" }).click();
  await page.getByText("You are signed out.").first().waitFor();
  assert.equal(await page.locator(".step-row").count(), 0);
  assert.deepEqual(await context.cookies(), []);
  await context.close();
});
