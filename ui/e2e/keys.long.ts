/** The panel looks after itself in browsers: newcomers, keys, those who leave, decisions, and a server that lies. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { ed25519 } from "@noble/curves/ed25519.js";
import { sha256 } from "@noble/hashes/sha2.js";
import type { BrowserContext, Page } from "playwright-core";
import { toBase64, utf8 } from "../src/encoding.js";
import { wrapEpochKey } from "../src/epochkey.js";
import { readIdentityFile, seedOf, signingKey } from "../src/identity.js";
import { house, keptOnDevice, NOTHING_KEPT, tabTo, violations } from "./browser.js";
import { rowOf, take } from "./desk.js";

const TOLD = "Told before the newcomer came.";

const h = house(0, async (demo) => {
  await demo.run(["submit", "--server", demo.url, "--clinic", demo.clinic], TOLD);
  await demo.told(); // waits for the batch
});

const at = (): string[] => ["--server", h.demo.url, "--clinic", h.demo.clinic];

interface Desk {
  page: Page;
  context: BrowserContext;
  heard: string[];
}

const settled = (page: Page): Promise<unknown> => page.waitForFunction(() => document.querySelector("[aria-disabled]") === null);
const status = async (page: Page): Promise<string> => (await page.textContent('[data-part="status"]')) ?? "";

/** Signs in and waits until the queue is there. */
async function signIn(file: string, fragment = "", prepare: (page: Page) => Promise<void> = () => Promise.resolve()): Promise<Desk> {
  const desk = await h.open(`/panel${fragment}`);
  await prepare(desk.page);
  await desk.page.getByLabel("Your identity file").setInputFiles(file);
  await desk.page.getByRole("button", { name: "Sign in", exact: true }).click();
  await desk.page.locator('[data-part="desk"]:not([hidden])').waitFor();
  await settled(desk.page);
  return desk;
}

async function openKeys(page: Page): Promise<void> {
  await page.getByRole("button", { name: "Keys and members" }).click();
  await page.getByRole("heading", { name: "What you decide together" }).waitFor();
  await settled(page);
}

/** What the page says about a key of its table, by state. */
const keysIn = (page: Page, state: string): Promise<number> => page.locator(".clinic-keys tbody tr", { hasText: state }).count();

async function press(page: Page, name: string | RegExp): Promise<string> {
  await page.getByRole("button", { name, exact: typeof name === "string" }).first().click();
  await settled(page);
  return status(page);
}

let newcomer = "";
let newcomerId = "";
let newcomerRecipient = "";

test("a newcomer is put on the list by two signatures and their own, and browsers make and check the new keys by themselves", async () => {
  newcomer = h.demo.file("newcomer.txt");
  const { invitation } = JSON.parse(await h.demo.run(["panel", "invite", "--clinic", h.demo.clinic, "--json"])) as { invitation: string };
  await h.demo.run(["identity", "new", "--out", newcomer]);
  newcomerRecipient = (JSON.parse(await h.demo.run(["identity", "show", "--identity", newcomer, "--json"])) as { recipient: string }).recipient;
  newcomerId = (JSON.parse(await h.demo.run(["panel", "join", "--server", h.demo.url, "--identity", newcomer, "--invitation", invitation, "--json"])) as { reviewer: string }).reviewer;

  const ann = await signIn(h.demo.identity(0));
  await openKeys(ann.page);
  assert.match(await ann.page.locator(".clinic-keys").innerText(), new RegExp(`${newcomerId} has joined and is not on the signed list`));
  assert.match(await press(ann.page, "Propose the list with them"), /^Proposed\./);
  assert.match(await ann.page.locator(".waits").first().innerText(), new RegExp(`List 2 waits for signatures[^]*Joins: ${newcomerId}`));
  assert.match(await press(ann.page, "Sign it"), /^You signed the list/);

  const inTerminal = JSON.parse(await h.demo.run(["panel", "manifest", "draft", "--json", ...at(), "--identity", h.demo.identity(1)])) as { list: string };
  assert.ok((await ann.page.locator(".waits").first().innerText()).includes(inTerminal.list));
  const bo = await signIn(h.demo.identity(1));
  await openKeys(bo.page);
  assert.match(await press(bo.page, "Sign it"), /^You signed the list/); // two have, and who joins has not
  const cyFirst = await signIn(newcomer);
  assert.match(await cyFirst.page.locator('[data-part="tended"]').innerText(), /the signed list does not name you yet, so you are given nothing to read/);
  assert.equal(await cyFirst.page.locator('[data-part="alarms"] li').count(), 0);
  await cyFirst.page.getByRole("button", { name: "Keys and members" }).click();
  await cyFirst.page.getByRole("button", { name: "Sign it" }).waitFor();
  assert.equal(await cyFirst.page.getByRole("heading", { name: "What you decide together" }).count(), 0);
  await settled(cyFirst.page);
  assert.match(await press(cyFirst.page, "Sign it"), /^You signed, and the list is in force\. .*Your browser made [4-9] keys/);
  await cyFirst.context.close();
  await press(bo.page, "What people wrote");
  await press(bo.page, "Look again");
  await openKeys(bo.page);
  assert.equal(await keysIn(bo.page, "Ready: its days have not come") >= 3, true);

  await press(ann.page, "What people wrote");
  await press(ann.page, "Look again");
  assert.match(await ann.page.locator('[data-part="tended"]').innerText(), /opened your copy of [4-9] new keys, found them right, and signed/);
  const cy = await signIn(newcomer);
  assert.match(await cy.page.locator(".note").first().innerText(), /which you do not hold/);
  for (const { page, heard, context } of [ann, bo, cy]) {
    assert.deepEqual(heard, []);
    assert.deepEqual(await page.locator('[data-part="alarms"] li').count(), 0);
    assert.deepEqual(await keptOnDevice(page), NOTHING_KEPT);
    await context.close();
  }
});

test("a copy of a key that does not open is told by its receiver, who asks for it again", async () => {
  // A colleague hands on something else than the key, signed as it must be.
  const identity = await readIdentityFile(readFileSync(h.demo.identity(0)));
  const key = signingKey(seedOf(identity));
  const [told] = await h.demo.told();
  const epoch = told?.epoch ?? "";
  const ann = await signIn(h.demo.identity(0));
  await ann.page.route("**/panel/c/riverside/wraps", async (route) => {
    const body = route.request().postDataJSON() as { wraps: { epoch: string; reviewer: string; file: string; signature: string }[] };
    for (const w of body.wraps.filter((one) => one.epoch === epoch)) {
      const file = await wrapEpochKey(epoch, identity, newcomerRecipient);
      w.file = toBase64(file);
      w.signature = toBase64(ed25519.sign(utf8(`answerable/v1/wrap\n${epoch}\n${w.reviewer}\n${toBase64(sha256(file))}\n`), key.secret));
    }
    await route.continue({ postData: JSON.stringify(body) });
  });
  await openKeys(ann.page);
  assert.match(await press(ann.page, new RegExp(`^Hand \\d+ keys of the past on to ${newcomerId}`)), new RegExp(`keys handed on to ${newcomerId}`));
  await ann.context.close();

  const cy = await signIn(newcomer);
  assert.match((await cy.page.locator(".note").first().textContent()) ?? "", /does not hold the key that its record names/);
  await openKeys(cy.page);
  assert.match(await cy.page.locator(".clinic-keys").innerText(), new RegExp(`Your copy of key ${epoch} does not open`));
  assert.match(await press(cy.page, `Ask for key ${epoch} again`), /^You said so/);
  assert.equal(await cy.page.getByRole("button", { name: /^Ask for key/ }).count(), 0);
  await cy.context.close();
});

test("a colleague hands the keys of the past on, and the newcomer reads what was told before", async () => {
  const ann = await signIn(h.demo.identity(0));
  await openKeys(ann.page);
  assert.match(await press(ann.page, new RegExp(`^Hand 1 key of the past on to ${newcomerId}`)), new RegExp(`^1 key handed on to ${newcomerId}`));
  assert.equal(await ann.page.getByRole("heading", { name: "Hand keys on" }).count(), 0);
  await ann.context.close();
  const cy = await signIn(newcomer);
  assert.equal(await cy.page.locator(".note").count(), 0);
  const read: string[] = [];
  for (const leaf of await cy.page.locator(".row").evaluateAll((all) => all.map((r) => (r as HTMLElement).dataset["leaf"] ?? ""))) {
    await take(cy.page, rowOf(leaf));
    await cy.page.getByRole("button", { name: "Read it", exact: true }).click();
    read.push(await cy.page.locator(".words").innerText());
  }
  assert.ok(read.some((words) => words.includes(TOLD)));
  await cy.context.close();
});

test("somebody leaves: a new list, their keys called back, new keys at once, and the form stays open", async () => {
  const ann = await signIn(h.demo.identity(0));
  await openKeys(ann.page);
  await ann.page.getByText("Somebody leaves, or has lost their key").click();
  await ann.page.getByLabel("Who leaves").selectOption(newcomerId);
  assert.match(await press(ann.page, "Propose the list without them"), /^Proposed/);
  await press(ann.page, "Sign it");
  const bo = await signIn(h.demo.identity(1));
  await openKeys(bo.page);
  assert.match(await press(bo.page, "Sign it"), /^You signed, and the list is in force/);
  const note = bo.page.locator(".clinic-keys .note");
  assert.match(await note.innerText(), new RegExp(`${newcomerId} has left and can still open what is written to \\d+ keys`));
  assert.match(await press(bo.page, "Propose to call them back"), /^Proposed/);
  await press(ann.page, "What people wrote");
  await press(ann.page, "Look again"); // makes or signs what is missing
  await openKeys(ann.page);
  const waiting = ann.page.locator(".waits", { hasText: "Call back" });
  await waiting.getByRole("button", { name: "Sign it" }).click();
  await settled(ann.page);
  assert.match(await status(ann.page), /^You signed, and it is decided/);
  assert.equal(await ann.page.locator(".clinic-keys .note").count(), 0);
  assert.equal(await keysIn(ann.page, "Called back") >= 4, true);
  assert.equal(await keysIn(ann.page, "In use") , 1);
  assert.equal((await fetch(`${h.demo.url}/api/v1/c/${h.demo.clinic}/epoch`)).status, 200);

  const gone = await h.open("/panel");
  await gone.page.getByLabel("Your identity file").setInputFiles(newcomer);
  await gone.page.getByRole("button", { name: "Sign in", exact: true }).click();
  await gone.page.getByText("you sit on no panel here yet").first().waitFor();
  for (const d of [ann, bo, gone]) await d.context.close();
});

test("a key whose time is over is destroyed by two, and what was written to it is gone", async () => {
  const yesterday = new Date(Date.now() - 86_400_000).toISOString().slice(0, 10);
  const { id } = JSON.parse(await h.demo.run(["epoch", "make", "--not-before", yesterday, "--days", "1", "--retain-days", "0", "--json", ...at(), "--identity", h.demo.identity(0)])) as { id: string };
  const ann = await signIn(h.demo.identity(0));
  const bo = await signIn(h.demo.identity(1)); // both browsers acknowledge it
  await openKeys(ann.page);
  await ann.page.getByText("Call keys back", { exact: true }).click();
  await ann.page.getByLabel(id).check();
  await press(ann.page, "Propose to call them back");
  await openKeys(bo.page);
  await press(bo.page, "Sign it");
  await bo.page.getByText("Destroy a key whose time is over").click();
  assert.match(await bo.page.locator("details", { hasText: "Destroy a key" }).innerText(), /Copies of the database can hold it for 35 days more/);
  assert.match(await press(bo.page, new RegExp(`^Propose to destroy ${id}`)), /^Proposed/);
  await press(ann.page, "What people wrote");
  await openKeys(ann.page);
  assert.equal(await ann.page.locator("tr", { hasText: id }).innerText().then((t) => t.includes("Will be destroyed")), true);
  await press(ann.page, "Sign it");
  assert.match(await ann.page.locator("tr", { hasText: id }).innerText(), /Destroyed/);
  for (const d of [ann, bo]) await d.context.close();
});

test("a panel decides its charter, support lines and rotation; the second signature makes it so", async () => {
  const ann = await signIn(h.demo.identity(0));
  const bo = await signIn(h.demo.identity(1));
  await openKeys(ann.page);
  await ann.page.getByText("Propose the panel's charter").click();
  await ann.page.getByLabel("Who pays them").fill("A fund of the city. <b>Not</b> the clinic.");
  await ann.page.locator("details", { hasText: "Propose the panel's charter" }).getByRole("button", { name: "Propose it" }).click();
  await settled(ann.page);
  await ann.page.getByText("Propose how often the key changes").click();
  await ann.page.getByLabel("Days a key is in use").fill("93");
  const rotation = ann.page.locator("details", { hasText: "Propose how often the key changes" });
  await rotation.getByRole("button", { name: "Propose it" }).click();
  assert.match(await status(ann.page), /One of these numbers cannot be/);
  await ann.page.getByLabel("Days a key is in use").fill("14");
  await rotation.getByRole("button", { name: "Propose it" }).click();
  await settled(ann.page);
  await ann.page.getByText("Propose whether the form may open").click();
  await press(ann.page, "It opens only with a list");

  await openKeys(bo.page);
  const words = await bo.page.locator(".clinic-keys").innerText();
  assert.match(words, /A fund of the city\. <b>Not<\/b> the clinic\./);
  assert.match(words, /a key lasts 14 days, is opened by one of you, and its words are kept for 180 days after/);
  assert.match(words, /The form opens only with a list of whom to turn to\./);
  for (let left = 3; left > 0; left--) {
    assert.equal(await bo.page.getByRole("button", { name: "Sign it" }).count(), left);
    assert.match(await press(bo.page, "Sign it"), /^You signed, and it is decided/);
  }
  const page = await (await fetch(`${h.demo.url}/c/${h.demo.clinic}/keys`)).text();
  assert.match(page, /A fund of the city\. &lt;b&gt;Not&lt;\/b&gt; the clinic\./);
  for (const d of [ann, bo]) await d.context.close();
});

interface ServedPanel { manifests: { lines: string; signatures: { reviewer: string; signature: string }[] }[] }

// A server that lies about the panel or its keys. Each time the page says so, and nothing is signed, opened or made.
const lies: Record<string, { glob: string; lie: (body: ServedPanel & { epochs: Record<string, unknown>[] }) => void; says: RegExp; fragment?: string }> = {
  "another list of members": {
    glob: "**/api/v1/c/riverside/panel", says: /signed lists of members do not hold together/,
    lie: (b) => { for (const m of b.manifests) m.lines = m.lines.replace(/\n2\nr/, "\n1\nr"); },
  },
  "a list with signatures left out": {
    glob: "**/api/v1/c/riverside/panel", says: /signed lists of members do not hold together/,
    lie: (b) => { for (const m of b.manifests) m.signatures.pop(); },
  },
  "another first list than the one on the poster": {
    glob: "**/nothing", lie: () => undefined, says: /not the one whose fingerprint you gave/, fragment: "#riverside=AAAA-BBBB-CCCC-DDDD-EEEE",
  },
  "a key without its acks": {
    glob: "**/panel/c/riverside/epochs", says: /a key that too few of the panel have signed/,
    lie: (b) => { for (const e of b.epochs) e["acks"] = []; },
  },
  "a wrap of another key": {
    glob: "**/panel/c/riverside/epochs", says: /does not hold the key that its record names/,
    lie: (b) => { const wraps = b.epochs.map((e) => e["wrap"]); wraps.unshift(wraps.pop()); b.epochs.forEach((e, i) => { if (e["wrap"] !== null) e["wrap"] = wraps[i] ?? "AAAA"; }); },
  },
};
for (const [what, { glob, lie, says, fragment }] of Object.entries(lies)) {
  test(`a server that gives ${what} is found out`, async () => {
    const posted: string[] = [];
    const desk = await signIn(h.demo.identity(2), fragment ?? "", async (page) => {
      page.on("request", (r) => { if (r.method() === "POST") posted.push(new URL(r.url()).pathname); });
      await page.route(glob, async (route) => {
        const response = await route.fetch();
        const body = (await response.json()) as ServedPanel & { epochs: Record<string, unknown>[] };
        lie(body);
        await route.fulfill({ response, json: body });
      });
    });
    assert.match(await desk.page.locator('[data-part="desk"]').innerText(), says);
    assert.equal(await desk.page.locator(".row").count(), 0, "something was opened");
    assert.deepEqual(posted.filter((p) => !/\/(nonce|sign-in)$/.test(p)), []);
    await desk.context.close();
  });
}

// A server that shows less than its panel has signed. All signatures that it shows hold; the public log has the rest.
interface Shown { manifests: unknown[]; revocations: unknown[]; decisions: { kind: string }[] }
const hidden: Record<string, { glob: string; hide: (body: Shown) => void; says: RegExp }> = {
  "the newest list of members": { glob: "**/api/v1/c/riverside/panel", says: /does not show you: list \d+ of the panel's members/, hide: (b) => { b.manifests.pop(); } },
  "all lists of members": { glob: "**/api/v1/c/riverside/panel", says: /does not show you: list 1 of the panel's members, list 2/, hide: (b) => { b.manifests = []; } },
  "the newest list from writers": { glob: "**/api/v1/c/riverside/chain", says: /does not show you: list \d+ of the panel's members/, hide: (b) => { b.manifests.pop(); } },
  "from writers that a key was called back": { glob: "**/api/v1/c/riverside/chain", says: /does not show you: that a key was called back/, hide: (b) => { b.revocations = []; } },
  "what was decided about keys": { glob: "**/panel/c/riverside/decisions", says: /does not show you: what you decided last about your keys/, hide: (b) => { b.decisions = b.decisions.filter((d) => d.kind !== "rotation"); } },
};
for (const [what, { glob, hide, says }] of Object.entries(hidden)) {
  test(`a server that hides ${what} is found out, and nothing is made or signed for it`, async () => {
    const posted: string[] = [];
    const desk = await signIn(h.demo.identity(2), "", async (page) => {
      page.on("request", (r) => { if (r.method() === "POST") posted.push(new URL(r.url()).pathname); });
      await page.route(glob, async (route) => {
        const response = await route.fetch();
        const body = (await response.json()) as Shown;
        hide(body);
        await route.fulfill({ response, json: body });
      });
    });
    assert.match(await desk.page.locator('[data-part="alarms"]').innerText(), says);
    // An act on a message may go out meanwhile, by chance as always: it is signed for that message, not for a list.
    assert.deepEqual(posted.filter((p) => !/\/(nonce|sign-in|acts)$/.test(p)), []);
    await desk.context.close();
  });
}

test("each key says how many open it, and what was decided about the next ones stands beside them", async () => {
  const desk = await signIn(h.demo.identity(0));
  await openKeys(desk.page);
  const words = await desk.page.locator(".clinic-keys").innerText();
  assert.match(words, /From its next one on, a key lasts 14 days, is opened by one of you, and its words are kept for 180 days after\./);
  assert.match(await desk.page.locator("tr", { hasText: "In use" }).innerText(), /Each of you opens it alone/);
  await desk.context.close();
});

test("the view of keys passes axe, fits a small phone, and works by keyboard", async () => {
  const desk = await signIn(h.demo.identity(0));
  await tabTo(desk.page, '[data-view="keys"]');
  await desk.page.keyboard.press("Enter");
  await desk.page.getByRole("heading", { name: "What you decide together" }).waitFor();
  await settled(desk.page);
  assert.equal(await desk.page.evaluate(() => document.activeElement?.id), "panel-keys");
  for (const d of await desk.page.locator(".clinic-keys details").all()) await d.evaluate((e) => { (e as HTMLDetailsElement).open = true; });
  assert.deepEqual(await violations(desk.page), []);
  await desk.page.setViewportSize({ width: 320, height: 640 });
  assert.equal(await desk.page.evaluate(() => document.documentElement.scrollWidth <= 320), true);
  assert.deepEqual(await violations(desk.page), []);
  await desk.context.close();
});
