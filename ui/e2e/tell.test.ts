/** Telling with script: the words are locked in the browser, and nothing else leaves. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { generateHybridIdentity, generateX25519Identity, identityToRecipient } from "age-encryption";
import type { Page, Route } from "playwright-core";
import { decodeQR } from "qr/decode.js";
import { derive, parseReceipt, toDigits } from "../src/receipt.js";
import { house, keptOnDevice, NOTHING_KEPT, startBrowser, tabTo, type Visit } from "./browser.js";
import { answerTo, words } from "./demo.js";
import { leaks, type Recorded, type Recorder } from "./recorder.js";
import { atTheEnd, CANARIES, inParts, receiptOn, send, STORY, tell, WORDS } from "./story.js";

const h = house();
const TELL = "/c/riverside/tell";
const EPOCH = "**/api/v1/c/riverside/epoch";
const CHAIN = "**/api/v1/c/riverside/chain";
const SUBMISSIONS = "**/api/v1/c/riverside/submissions";

const status = (page: Page): Promise<string> => page.locator('[data-part="status"]').innerText();
const stillThere = async (page: Page, text: string): Promise<void> => { assert.equal(await page.locator("#words").inputValue(), text); };
const said = (page: Page, sentence: string): Promise<void> => page.locator('[data-part="status"]', { hasText: sentence }).waitFor();

/** Runs a visit through a recorder. */
async function recorded(visit: (v: Visit, recorder: Recorder) => Promise<void>): Promise<void> {
  const { recorder, ...v } = await h.openRecorded(TELL);
  await visit(v, recorder);
  await v.context.close();
}

/** The picture of a square's path, four pixels a module. */
function drawnAs(path: string): { width: number; height: number; data: Uint8Array } {
  const runs = [...path.matchAll(/M(\d+) (\d+)h(\d+)v1/g)].map((m) => [Number(m[1]), Number(m[2]), Number(m[3])] as const);
  const size = 4 * (Math.max(...runs.map(([, y]) => y)) + 5);
  const data = new Uint8Array(size * size * 4).fill(255);
  for (const [x, y, w] of runs) for (let dy = 0; dy < 4; dy++) data.fill(0, ((4 * y + dy) * size + 4 * x) * 4, ((4 * y + dy) * size + 4 * (x + w)) * 4);
  return { width: size, height: size, data };
}

test("what looks for leaks finds a secret in every disguise", () => {
  const secret = "the zebra's key";
  const bytes = new Uint8Array([200, 1, 77, 255, 0, 13, 99, 180, 62, 63, 250]);
  const sent = (url: string, body: Uint8Array | string = ""): Recorded => ({ method: "POST", url, headers: ["Accept", "*/*"], body: Buffer.from(body) });
  const disguised = [
    sent(`http://x/?q=${encodeURIComponent(secret)}`), sent("http://x/", `a=${secret.replaceAll(" ", "+")}`),
    ...["", "1", "12", "123"].map((before) => sent("http://x/", Buffer.from(`${before}${secret}${before}`).toString("base64"))),
    sent("http://x/", Buffer.from(secret).toString("hex")), { ...sent("http://x/"), headers: ["X-Mark", secret] },
  ];
  for (const r of disguised) assert.equal(leaks([r], [secret]).length, 1, JSON.stringify(r));
  for (const r of [sent("http://x/", bytes), sent(`http://x/${Buffer.from(bytes).toString("base64url")}`), sent("http://x/", Buffer.from(bytes).toString("hex").toUpperCase())]) {
    assert.equal(leaks([r], [bytes]).length, 1, JSON.stringify(r));
  }
  assert.deepEqual(leaks([sent("http://x/", "the zebra has no key")], [secret, bytes]), []);
});

test("no request of a whole visit holds a word, a choice or the receipt, and the panel reads what was told to the byte", async () => {
  await recorded(async ({ context, page, heard }, recorder) => {
    const title = await page.title();
    assert.equal(await page.locator("footer a[target]").count(), 0);
    await tell(page, STORY);
    await page.locator("footer", { hasText: "Links here open in a new tab" }).waitFor();
    assert.equal(await page.locator("footer nav a:not([target=_blank])").count(), 0, "links that take a half filled form away");
    await send(page);
    const shown = await receiptOn(page);

    assert.equal(await page.evaluate(() => document.activeElement?.tagName), "H1");
    assert.equal(await page.locator("h1").innerText(), "We have it, locked");
    assert.equal(await page.title(), title, "the title tells that something was sent");
    const here = await page.evaluate(() => Array.from(document.querySelectorAll("a[href]")).filter((a) => (a as HTMLAnchorElement).target !== "_blank").map((a) => a.className));
    assert.deepEqual(here, ["skip", "leave"], "links that take the words away");
    assert.equal(shown.words.split(" ").length, 8);
    const receipt = parseReceipt(shown.words);
    assert.equal(shown.digits, toDigits(receipt));
    assert.match(shown.ticket, /^answerable\/ticket\/v1\n/);
    assert.ok(await page.getByRole("button", { name: "Print" }).isVisible());
    assert.ok(await page.getByRole("button", { name: "Copy the words" }).isVisible());
    for (const canary of CANARIES) assert.ok(!(await page.content()).includes(canary), canary);

    const drawn = await page.locator("svg.square path").getAttribute("d");
    assert.equal(decodeQR(drawnAs(drawn ?? "")), shown.digits.replaceAll(" ", ""));

    const saving = page.waitForEvent("download");
    await page.getByRole("button", { name: "Save the file" }).click();
    const kept = await (await saving).path();
    const packet = JSON.parse(readFileSync(kept, "utf8")) as { written: string[]; tickets: string[] };
    assert.ok(packet.written.some((w) => w.endsWith(`\n${WORDS}`)), packet.written.join("\n\n"));
    assert.deepEqual(packet.tickets.map((t) => t.trim()), [shown.ticket.trim()]);
    for (const secret of [shown.words, shown.digits]) assert.ok(!readFileSync(kept, "utf8").includes(secret), "the file holds the receipt");
    assert.match(await h.demo.run(["export", "verify", kept]), /Nothing in this file is proven yet: it holds 1 tickets/);

    await page.getByRole("button", { name: "I do not want these words" }).click();
    const page2 = await page.content();
    assert.ok(!page2.includes(shown.digits) && !page2.includes(shown.digits.replace(/(...)(?=.)/g, "$1 ")));
    assert.equal(await page.locator(".receipt, .digits").count(), 0);
    assert.match(await page.evaluate(() => document.activeElement?.textContent ?? ""), /^The words and the digits are gone/);
    assert.deepEqual(await keptOnDevice(page), NOTHING_KEPT);
    assert.deepEqual(await context.cookies(), []);
    await page.goto("about:blank");

    const origin = "demo.localhost/answerable";
    const keys = await derive(receipt, origin);
    const pairs = shown.words.split(" ").slice(1).map((w, i) => [shown.words.split(" ")[i], w] as const);
    const secrets = [
      ...CANARIES, "my_words_to_clinic", "force.held_down", "crisis_house", "say_sorry",
      ...[" ", "-", ",", "\n"].flatMap((between) => pairs.map(([a, b]) => `${a ?? ""}${between}${b}`)),
      shown.digits, shown.digits.replace(/(...)(?=.)/g, "$1 "), receipt,
      keys.mailboxToken, keys.anchorToken, keys.withdrawToken, keys.actions, keys.replyIdentity, keys.mailbox,
    ];
    assert.deepEqual(leaks(recorder.requests, secrets), []);
    const posts = recorder.requests.filter((r) => r.method !== "GET");
    assert.deepEqual(posts.map((r) => r.url), [`${h.demo.url}/api/v1/c/riverside/submissions`]);
    assert.equal(Math.round((posts[0]?.body.length ?? 0) / 1000), 24, "SECURITY.md says how large what is told is on the line");
    assert.deepEqual(recorder.strangers, []);

    const told = (await h.demo.told()).filter((t) => words(t) === WORDS);
    assert.equal(told.length, 1);
    assert.equal(told[0]?.sealed_by, "client");
    assert.deepEqual(told[0].answers, STORY);
    assert.deepEqual(heard, []);
  });
});

test("links lead away from what is told at once, though sentences come late or never", async () => {
  for (const come of ["late", "never"]) {
    const { context, page } = await h.open("/c/riverside");
    let bring: () => void = () => undefined;
    const asked = new Promise<void>((resolve) => { bring = resolve; });
    if (come === "never") await page.route("**/static/steps.js*", (route) => route.abort()); // in parts, Send would be out of sight
    await page.route("**/tell/words", async (route) => {
      if (come === "never") return route.abort();
      await asked;
      return route.continue();
    });
    await page.goto(h.demo.url + TELL);
    await page.locator('[data-part="locks"]', { hasText: "Your phone or computer locks" }).waitFor();
    assert.equal(await page.locator("footer a[target]").count(), 0);
    await page.locator("#words").pressSequentially("H");
    const tab = page.waitForEvent("popup");
    await page.getByRole("link", { name: "Check the keys" }).click();
    await (await tab).waitForURL("**/keys");
    await stillThere(page, "H");
    if (come === "late") {
      assert.equal(await page.locator("#links-apart").count(), 0);
      bring();
    } else {
      await page.unroute("**/tell/words"); // and is said when they come after all
      await page.getByRole("button", { name: "Send to the panel" }).click();
    }
    await page.locator("#links-apart").waitFor();
    await context.close();
  }
});

test("going back after sending finds an empty form, whether or not the browser keeps pages", async (t) => {
  const keeping = await startBrowser({ keepPagesForBack: true });
  t.after(() => keeping.close());
  for (const browser of [h.browser, keeping]) {
    const context = await browser.newContext();
    const page = await context.newPage();
    await page.goto(h.demo.url + TELL);
    await tell(page, [{ q: "words", a: "told and left" }, { q: "themes", a: "force" }]);
    await send(page);
    const { digits } = await receiptOn(page);
    await page.goto(`${h.demo.url}/c/riverside`);
    await page.goBack();
    await page.locator("#words").waitFor();
    await stillThere(page, "");
    assert.equal(await page.locator("input[name=themes]:checked").count(), 0);
    const text = await page.content();
    assert.ok(!text.includes("told and left") && !text.replaceAll(" ", "").includes(digits));
    await context.close();
  }
});

test("copying says what it did, and printing shows the words to keep and nothing that was told", async () => {
  const { context, page } = await h.open(TELL, { permissions: ["clipboard-read", "clipboard-write"] });
  await tell(page, [{ q: "words", a: "not on paper" }]);
  await send(page);
  const shown = await receiptOn(page);
  await page.getByRole("button", { name: "Copy the words" }).click();
  await page.getByText("Copied. Whoever can paste").first().waitFor();
  assert.equal(await page.evaluate(() => navigator.clipboard.readText()), shown.words);
  await page.emulateMedia({ media: "print" });
  assert.ok(await page.locator(".receipt").first().isVisible());
  assert.ok(await page.locator(".digits").isVisible());
  for (const gone of [".leave", ".buttons", "footer", "header"]) assert.equal(await page.locator(gone).first().isVisible(), false, gone);
  assert.ok(!(await page.locator("body").innerText()).includes("not on paper"));
  await context.close();
});

test("an answer lost after storing is asked for again, gives a ticket, and one message is stored", async () => {
  await recorded(async ({ page }, recorder) => {
    recorder.fate = (r) => (r.method === "POST" && recorder.posts("/submissions").length <= 2 ? "answer lost" : "passes");
    await tell(page, [{ q: "words", a: "the answer was lost" }]);
    await send(page);
    await receiptOn(page);
    const bodies = recorder.posts("/submissions").map((r) => r.body.toString());
    assert.ok(bodies.length >= 3, `${bodies.length} posts`);
    assert.equal(new Set(bodies).size, 1);
    assert.equal((await h.demo.told()).filter((t) => words(t) === "the answer was lost").length, 1);
  });
});

test("a double click stores one message, also in a tab that nobody looks at", async () => {
  await recorded(async ({ page }, recorder) => {
    await tell(page, [{ q: "words", a: "clicked twice" }]);
    await page.evaluate(() => { window.requestAnimationFrame = () => 0; }); // what a tab in the background paints
    await (await atTheEnd(page)).dblclick();
    await receiptOn(page);
    assert.equal(recorder.posts("/submissions").length, 1);
    assert.equal((await h.demo.told()).filter((t) => words(t) === "clicked twice").length, 1);
  });
});

test("when no server answers, the words stay, the page says so, and sending again works", async () => {
  await recorded(async ({ page }, recorder) => {
    await tell(page, [{ q: "words", a: "nobody answers" }, { q: "share_level", a: "count_me" }]);
    recorder.fate = (r) => (r.method === "POST" ? "lost" : "passes");
    await send(page);
    assert.ok(await page.locator("textarea").first().isDisabled(), "one can type while a message is on its way");
    await said(page, "They are locked and ready");
    await stillThere(page, "nobody answers");
    assert.ok(await page.locator("textarea").first().isEnabled());
    recorder.fate = () => "passes";
    await page.getByRole("button", { name: "Send again" }).click();
    await receiptOn(page);
    const told = (await h.demo.told()).filter((t) => words(t) === "nobody answers");
    assert.deepEqual(told.map((t) => answerTo(t, "share_level")), ["count_me"]);
  });
});

test("when not even the key can be fetched, the page says that nothing was sent", async () => {
  await recorded(async ({ page }, recorder) => {
    await tell(page, [{ q: "words", a: "no key to lock with" }]);
    recorder.fate = () => "lost";
    await send(page);
    await said(page, "could not be locked");
    await stillThere(page, "no key to lock with");
    assert.equal(recorder.posts("").length, 0);
  });
});

test("when locking fails the page says so, keeps the words, and offers the other way by a button that says what it does", async () => {
  await recorded(async ({ page }, recorder) => {
    const text = "this browser is broken";
    await page.evaluate(() => { crypto.subtle.deriveBits = () => Promise.reject(new Error("broken")); });
    await tell(page, [{ q: "words", a: text }, { q: "themes", a: "money" }]);
    await send(page);
    await said(page, "Locking your words did not work");
    await stillThere(page, text);
    assert.deepEqual(recorder.posts(""), []);
    await page.getByRole("button", { name: "sees the words for a moment" }).click();
    await receiptOn(page);
    assert.match(await page.locator("main").innerText(), /Our computer saw your words for a moment/);
    const told = (await h.demo.told()).filter((t) => words(t) === text);
    assert.deepEqual(told.map((t) => [t.sealed_by, answerTo(t, "themes")]), [["server", "money"]]);
  });
});

/** Texts and keys with which a server could try to get another key in between. */
async function swaps(): Promise<Record<string, [what: "epoch" | "chain", change: (answer: Answer) => object, says: RegExp]>> {
  const theirs = await identityToRecipient(await generateHybridIdentity());
  const older = await identityToRecipient(await generateX25519Identity());
  const replaced = (text: string): string => text.replace(/age1pq1[02-9a-z]+/, theirs);
  const cut = (text: string, word: string): string => text.split("\n").filter((line) => !line.startsWith(word)).join("\n");
  return {
    "another key": ["epoch", () => ({ recipient: theirs }), /not the one that the panel signed/],
    "a key of an older kind": ["epoch", () => ({ recipient: older }), /not the one that the panel signed/],
    "another epoch": ["epoch", () => ({ epoch: "2020-01-aaaa" }), /not the one that the panel signed/],
    "another key in the record": ["chain", (a) => ({ epoch: replaced(a.epoch) }), /not signed by enough of the panel/],
    "no acknowledgements": ["chain", (a) => ({ epoch: cut(a.epoch, "ack ") }), /not signed by enough of the panel/],
    "another member": ["chain", (a) => ({ manifests: a.manifests.map(replaced) }), /list of the panel's members is missing, or not signed/],
    "a list without signatures": ["chain", (a) => ({ manifests: a.manifests.map((m) => cut(m, "signature ")) }), /list of the panel's members is missing, or not signed/],
    "no list": ["chain", () => ({ manifests: [] }), /list of the panel's members is missing, or not signed/],
    "no record": ["chain", () => ({ epoch: "" }), /not made for the panel as it is now/],
  };
}

interface Answer {
  epoch: string;
  manifests: string[];
}

test("a key that is not shown to be the panel's locks nothing, and the page says what is wrong", async () => {
  for (const [what, [where, change, says]] of Object.entries(await swaps())) {
    await recorded(async ({ page }, recorder) => {
      const text = `swapped: ${what}`;
      await page.route(where === "epoch" ? EPOCH : CHAIN, async (route) => {
        const answer = (await (await fetch(route.request().url())).json()) as Answer;
        await route.fulfill({ json: { ...answer, ...change(answer) } });
      });
      await tell(page, [{ q: "words", a: text }]);
      await send(page);
      await said(page, "We stopped");
      assert.match(await status(page), says, what);
      await stillThere(page, text);
      assert.equal(await page.locator('[data-part="status"] button').count(), 0, "no way around");
      assert.deepEqual(recorder.posts(""), []);
    });
  }
  assert.deepEqual((await h.demo.told()).filter((t) => words(t).startsWith("swapped")), []);
});

test("the fingerprint that a poster's address carries must be the panel's", async () => {
  const { context, page } = await h.open(TELL);
  const right = await page.locator("form").getAttribute("data-fingerprint");
  assert.match(right ?? "", /^([A-Z2-7]{4}-){4}[A-Z2-7]{4}$/);
  await context.close();
  for (const [fingerprint, proven] of [[right?.toLowerCase(), true], ["AAAA-BBBB-CCCC-DDDD-EEEE", false], ["", false]] as const) {
    const { context, page } = await h.open(`${TELL}#p=${fingerprint ?? ""}`);
    await tell(page, [{ q: "words", a: `from the poster: ${String(proven)}` }]);
    await send(page);
    if (proven) {
      await receiptOn(page);
    } else {
      await said(page, "We stopped");
      assert.match(await status(page), /fingerprint is not the one of the poster/);
    }
    await context.close();
  }
  assert.equal((await h.demo.told()).filter((t) => words(t).startsWith("from the poster")).length, 1);
});

/** Passes a JSON answer on with some members changed. */
async function answerWith(route: Route, changes: object): Promise<void> {
  const answer = await fetch(route.request().url());
  await route.fulfill({ json: { ...((await answer.json()) as object), ...changes } });
}

test("a key that changed while the form was open is fetched again, and the days on the page are those of the new one", async () => {
  const { context, page } = await h.open("/static/app.css");
  const day = /<li>[^<]*?(\d{1,2} [A-Z][a-z]+ \d{4})[^<]*<\/li>/.exec(await (await fetch(h.demo.url + TELL)).text())?.[1] ?? "none";
  await page.route(`**${TELL}`, async (route) => { // as the page was made for an older key
    await route.fulfill({ contentType: "text/html", body: (await (await fetch(route.request().url())).text()).replaceAll(day, "1 January 2001") });
  });
  await page.goto(h.demo.url + TELL);
  await page.getByText("1 January 2001").first().waitFor();
  let fetched = 0;
  await page.route(EPOCH, async (route) => {
    await (++fetched === 1 ? answerWith(route, { epoch: "20200101-aaaa" }) : route.continue());
  });
  let posted = 0;
  await page.route(SUBMISSIONS, async (route) => {
    const stale = { type: "urn:answerable:problem:stale-epoch", title: "Stale", status: 409, detail: "Lock again." };
    await (++posted === 1 ? route.fulfill({ status: 409, contentType: "application/problem+json", json: stale }) : route.continue());
  });
  const answers: number[] = [];
  page.on("response", (r) => { if (r.request().method() === "POST") answers.push(r.status()); });
  await tell(page, [{ q: "words", a: "the key had changed" }]);
  await send(page);
  await receiptOn(page);
  assert.deepEqual(answers, [409, 201]);
  const says = await page.locator("main").innerText();
  assert.ok(says.includes(`After ${day} the panel deletes it`) && !says.includes("2001"), says);
  assert.equal((await h.demo.told()).filter((t) => words(t) === "the key had changed").length, 1);
  await context.close();
});

test("a form that closes while somebody writes keeps the words and says that it is closed", async () => {
  const { context, page } = await h.open(TELL);
  await tell(page, [{ q: "words", a: "closed in between" }]);
  await h.demo.run(["clinic", "edit", "riverside", "--no-open"]);
  try {
    await send(page);
    await said(page, "Your words are still here");
    assert.match(await status(page), /closed/);
    await stillThere(page, "closed in between");
    const visit = await h.open(TELL);
    assert.equal(await visit.page.locator("h1").innerText(), "The form is closed right now");
    assert.equal(await visit.page.locator("form").count(), 0);
    await visit.context.close();
  } finally {
    await h.demo.run(["clinic", "edit", "riverside", "--open"]);
  }
  await context.close();
});

test("a service that ends while somebody writes stays in what they told", async () => {
  const { context, page } = await h.open(TELL);
  await tell(page, [{ q: "words", a: "ended in between" }, { q: "service", a: "crisis_house" }]);
  const rest = ["front_door=Front desk and first visits", "talking_therapy=Talking therapy", "medicines=Medicine reviews", "drop_in=Drop-in and groups"].flatMap((s) => ["--service", s]);
  await h.demo.run(["clinic", "edit", "riverside", ...rest]);
  try {
    assert.ok(!(await (await fetch(h.demo.url + TELL)).text()).includes("crisis_house"));
    await send(page);
    await receiptOn(page);
    const told = (await h.demo.told()).filter((t) => words(t) === "ended in between");
    assert.deepEqual(told.map((t) => answerTo(t, "service")), ["crisis_house"]);
  } finally {
    await h.demo.run(["clinic", "edit", "riverside", ...rest, "--service", "crisis_house=The crisis house"]);
  }
  await context.close();
});

test("what is refused is said in the page's language, with what to do, and has the focus; Send never does nothing in silence", async () => {
  const { context, page } = await h.open("/static/app.css");
  await page.clock.install();
  let words: "away" | "there" = "away";
  await page.route("**/tell/words*", async (route) => { if (words === "there") await route.continue(); }); // or never an answer
  await page.goto(`${h.demo.url}${TELL}?lang=es`);
  await page.locator("#words").fill("sin respuesta");
  await page.locator("form button.button[type=submit]").click();
  await said(page, "Cerrando tus palabras");
  await page.clock.fastForward(21_000);
  await said(page, "No pudimos llegar a nuestro ordenador");
  await stillThere(page, "sin respuesta");
  words = "there";
  await page.clock.resume();
  for (const [kind, sentence] of [["slow-down", "Espera un minuto"], ["shape", "Si sigue igual"], ["form-closed", "cerrado ahora"]] as const) {
    await page.route(SUBMISSIONS, (route) => route.fulfill({ status: 409, contentType: "application/problem+json", json: { type: `urn:answerable:problem:${kind}`, detail: "English." } }), { times: 1 });
    await page.locator("form button.button[type=submit]").click();
    await said(page, sentence);
    assert.ok(!(await status(page)).includes("English."));
    assert.match(await page.evaluate(() => document.activeElement?.textContent ?? ""), new RegExp(sentence));
  }
  await page.goto(`${h.demo.url}/c/riverside/about-you?lang=es`);
  await page.locator("input[value='65_plus']").check();
  await page.route(SUBMISSIONS, (route) => route.fulfill({ status: 429, contentType: "application/problem+json", json: { type: "urn:answerable:problem:slow-down", detail: "English." } }));
  await page.locator("form button.button[type=submit]").click();
  await said(page, "Espera un minuto");
  assert.match(await page.evaluate(() => document.activeElement?.textContent ?? ""), /Espera un minuto/);
  await context.close();
});

test("what is too long is refused with a count of bytes, and stays", async () => {
  await recorded(async ({ page }, recorder) => {
    const long = "ä".repeat(40_000);
    await tell(page, [{ q: "words", a: long }]);
    await page.locator('[data-part="room"]', { hasText: /^Too long: .* 1\d\d(\.\d)? % of it/ }).waitFor();
    await send(page);
    const summary = page.locator("#problems");
    await summary.waitFor();
    assert.match(await summary.innerText(), /it takes 8\d,\d{3} bytes and 65,535 fit/);
    await stillThere(page, long);
    await page.locator("#problems a").click();
    assert.equal(await page.evaluate(() => document.activeElement?.id), "words");
    await page.locator("#words").fill("ä".repeat(31_000));
    assert.deepEqual(recorder.posts(""), []);
    await send(page);
    await receiptOn(page);
    assert.equal(await page.locator("#problems").count(), 0);
    assert.equal((await page.title()).startsWith("Error:"), false);
  });
});

test("nothing said is an error that has the focus, is named in the title and leads to the field", async () => {
  for (const nothing of ["", " \n\t\u00a0\u2003"]) {
    await recorded(async ({ page, heard }, recorder) => {
      await tell(page, [{ q: "words", a: nothing }, { q: "when", a: "longer" }]);
      await send(page);
      assert.equal(await page.evaluate(() => document.activeElement?.id), "problems");
      assert.match(await page.title(), /^Error: /);
      assert.equal(await page.locator("#words").getAttribute("aria-invalid"), "true");
      const described = (await page.locator("#words").getAttribute("aria-describedby")) ?? "";
      for (const id of described.split(" ")) assert.equal(await page.locator(`[id="${id}"]`).count(), 1, id);
      await page.locator("#problems a").click();
      assert.equal(await page.evaluate(() => document.activeElement?.id), "words");
      assert.ok(await page.locator('input[name="when"][value="longer"]').isChecked());
      assert.deepEqual(recorder.posts(""), []);
      assert.deepEqual(heard, []);
    });
  }
});

test("a whole report is told with the keyboard alone, and one always sees where one is", async () => {
  const { context, page } = await h.open(TELL, { viewport: { width: 390, height: 844 } });
  await inParts(page);
  await tabTo(page, "#words");
  await page.keyboard.type("Typed, not clicked.");
  await tabTo(page, 'input[name="for_whom"]'); // stands on skip, and goes round
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("ArrowDown");
  await tabTo(page, ".step:not([hidden]) .ways-on .button");
  await page.keyboard.press("Enter");
  await tabTo(page, 'input[value="force"]');
  await page.keyboard.press("Space");
  await tabTo(page, "details summary");
  await page.keyboard.press("Enter");
  await tabTo(page, 'input[value="force.police_called"]');
  await page.keyboard.press("Space");
  await tabTo(page, ".step:not([hidden]) .ways-on .button:last-child");
  await page.keyboard.press("Enter");
  await tabTo(page, "button[type=submit]");
  await page.keyboard.press("Enter");
  await receiptOn(page);
  await tabTo(page, "button:last-child");
  assert.equal(await page.evaluate(() => document.activeElement?.textContent), "I do not want these words");
  await page.keyboard.press("Enter");
  assert.equal(await page.locator(".receipt").count(), 0);
  const told = (await h.demo.told()).filter((t) => words(t) === "Typed, not clicked.");
  assert.deepEqual(told[0]?.answers, [
    { q: "words", a: "Typed, not clicked." }, { q: "for_whom", a: "helping_someone_they_agree" }, { q: "themes", a: "force" },
    { q: "items", a: "force.police_called" }, { q: "share_level", a: "panel_only" },
  ]);
  await context.close();
});

test("Leave goes elsewhere at once and cannot be undone by going back", async () => {
  const { context, page } = await h.open("/c/riverside");
  await page.goto(h.demo.url + TELL);
  await tell(page, [{ q: "words", a: "somebody is coming" }]);
  await page.route("**/leave", (route) => route.fulfill({ contentType: "text/html", body: "<h1>Elsewhere</h1>" }));
  await page.getByRole("link", { name: "Leave" }).click();
  await page.getByRole("heading", { name: "Elsewhere" }).waitFor();
  await page.goBack();
  assert.equal(new URL(page.url()).pathname, "/c/riverside");
  await context.close();
});

test("posts that are no messages are refused to the page in words, which stay", async () => {
  const { context, page } = await h.open(TELL);
  await page.route(SUBMISSIONS, async (route) => {
    const body = JSON.parse(route.request().postData() ?? "{}") as { ct: string };
    await route.continue({ postData: JSON.stringify({ ...body, ct: body.ct.slice(0, -4) }) });
  });
  await tell(page, [{ q: "words", a: "cut on the way" }]);
  await send(page);
  await said(page, "Our computer did not take it");
  await stillThere(page, "cut on the way");
  await context.close();
});
