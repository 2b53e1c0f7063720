/** The form in parts: to and fro without loss, everything looked over at the end, and hints that stay in the browser. */
import assert from "node:assert/strict";
import { mkdirSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { brotliCompressSync } from "node:zlib";
import type { Page } from "playwright-core";
import { house, inOrder, keptOnDevice, NOTHING_KEPT, smallTargets, spokenOf, startBrowser, tooWide, violations } from "./browser.js";
import { answerTo, words } from "./demo.js";
import { code, lookAgain, rowOf, sit, take } from "./desk.js";
import { leaks } from "./recorder.js";
import { atTheEnd, inParts, receiptOn, send, tell } from "./story.js";

const h = house();
const TELL = "/c/riverside/tell";
const pictures = process.env["ANSWERABLE_SCREENSHOTS"] ?? "";
const press = (page: Page, name: string | RegExp): Promise<void> => page.getByRole("button", { name, exact: typeof name === "string" }).click();
const heading = (page: Page): Promise<string> => page.evaluate(() => document.activeElement?.textContent ?? "");

/** Skips to the page, which is the part in sight then as before, and no entry of its own in the list of pages. */
async function skip(page: Page): Promise<void> {
  const [part, entries] = [await page.locator(".where:visible").innerText(), await page.evaluate(() => history.length)];
  await page.locator("a.skip").press("Enter");
  await page.waitForTimeout(100); // to go back takes its time
  const [focus, after] = await page.evaluate(() => [document.activeElement?.id, history.length] as const);
  assert.deepEqual([focus, page.url().split("#")[1], after], ["main", undefined, entries]);
  assert.equal(await page.locator(".where:visible").innerText(), part);
  await page.keyboard.press("Tab");
  assert.equal(await page.evaluate(() => document.activeElement?.closest("main")?.id), "main", "the next key leads elsewhere");
}

/** What every state of the page is held to. */
async function examine(page: Page, name: string): Promise<void> {
  await page.evaluate(() => { scrollTo(0, 0); }); // what lies half under the head of the page could be scrolled
  assert.deepEqual(await violations(page), [], name);
  assert.deepEqual(await smallTargets(page), [], `${name}: targets`);
  await page.emulateMedia({ reducedMotion: "reduce" });
  assert.equal(await page.evaluate(() => document.getAnimations().length), 0, `${name} moves`);
  await page.emulateMedia({ reducedMotion: "no-preference" });
  for (const [device, width, height] of [["phone", 360, 780], ["desktop", 1280, 900]] as const) {
    await page.setViewportSize({ width, height });
    assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), `${name} is wider than a ${device}`);
    if (pictures === "") continue;
    mkdirSync(pictures, { recursive: true });
    await page.screenshot({ path: path.join(pictures, `form-${name}-${device}.png`), fullPage: true });
  }
}

test("one group of questions a page, to and fro without loss, looked over, changed and sent, and the list of pages tells nothing", async () => {
  const { context, page, heard, recorder } = await h.openRecorded(TELL);
  await inParts(page);
  const entry = (): Promise<number | undefined> => page.evaluate(() => (window as { navigation?: { currentEntry: { index: number } } }).navigation?.currentEntry.index);
  const began = await entry();
  assert.match(await page.locator("main").innerText(), /Nobody reads this right away/);
  assert.equal(await page.locator(".step:visible").count(), 1);
  const door = "shut the door of Ward 7. I cried. I don't think I'm the only one.";
  await page.locator("#words").fill(`On 3 March Nurse Halloran ${door}`);
  await page.getByText("This could tell them who you are.").first().waitFor();
  await examine(page, "first");
  inOrder(await spokenOf(page), ["link \"Skip to the page\"", "link \"Leave\"", "navigation \"Languages\"", "heading \"Tell the panel\" [level=1]", "Nobody reads this right away",
    "heading \"Tell us in your own words\" [level=2]", "textbox \"What happened?\"", "On 3 March", "This could tell them who you are.", "group \"Who is it about?\"", "radio \"Me\"", "button \"Continue\"", "button \"Skip to the end\"", "contentinfo"]);

  assert.match(await page.locator(".hints:visible").innerText(), /When you look it all over, we may have other words\.[^]*the only one \(a rare word\)/);
  assert.equal(await page.locator(".hints button").count(), 0, "something is offered before the sentence was looked at");
  await page.locator('input[name="for_whom"][value="helping_someone_they_agree"]').check();
  await skip(page);
  await press(page, "Continue");
  assert.equal(await heading(page), "What was it about?");
  await skip(page);
  assert.match(await page.locator(".step:visible").innerText(), /Part 2 of 8/);
  assert.match(await page.locator("#themes > legend").innerText(), /What happened to them\?/);
  assert.equal(await page.locator('[name=themes][value=work]').isVisible(), false);
  await page.locator('[name=themes][value=respect]').check();
  const folds = await page.locator("#themes > details > summary").evaluateAll((all) => all.map((e) => e.firstChild?.textContent?.trim()));
  assert.ok(folds.every((name) => name?.startsWith("More about: ")) && new Set(folds).size === folds.length, `two folds are called alike: ${folds.join()}`);
  await page.locator("#other_text").fill("a line");
  await page.locator("#other_text").press("Enter");
  assert.equal(await heading(page), "When and where", "Return in a line goes on");
  await page.locator('input[name="when"][value="longer"]').check();
  await page.goBack();
  assert.equal(await heading(page), "What was it about?");
  assert.ok(await page.locator('[name=themes][value=respect]').isChecked());
  await page.goForward();
  assert.equal(await heading(page), "When and where");
  await press(page, "Back");
  await press(page, "Continue");
  assert.ok(await page.locator('input[name="when"][value="longer"]').isChecked());
  for (const code of ["nurse", "skip"]) await page.locator(`input[name="roles"][value="${code}"]`).check();
  await press(page, "Continue");
  await page.locator('input[name="impact"][value="none"]').check();
  await page.locator('input[name="impact_on"][value="mind"]').check();
  await press(page, "Skip to the end");

  const over = page.locator(".look-over");
  await over.getByText("This could tell them who you are.").first().waitFor();
  assert.match(await over.innerText(), /You said that it did not hurt, and also what it affected/);
  assert.match(await over.innerText(), /You skipped a question and answered it too/);
  assert.doesNotMatch(await over.innerText(), /A nurse/, "what is skipped is shown as if it went");
  assert.match(await over.innerText(), /How people treated me/);
  assert.match(await over.innerText(), /You did not answer\. That is fine\./);
  await examine(page, "look-over");
  inOrder(await spokenOf(page), ["heading \"Check and send\"", "You said that it did not hurt", "This could tell them who you are.", "term: What happened?", "definition: On 3 March", "button \"Change: What happened?\"",
    "term: Who is it about?", "button \"Send to the panel\"", "button \"Back\""]);
  const only = over.locator("li", { hasText: "the only one" });
  assert.match(await only.innerText(), /You can change this by hand\. No words of ours are sure to say the same\./);
  assert.equal(await only.getByRole("button").count(), 0, "it offers what would turn the sentence");
  const shown = over.locator("dd.typed").first();
  for (const [name, left, said] of [[/Say “someone” instead/, "someone", "It is changed in your words."], [/Put back what I had/, "Nurse Halloran", "Your words are as they were."], [/Say “someone” instead/, "someone", "It is changed in your words."]] as const) {
    await over.getByRole("button", { name }).press("Enter");
    await over.getByRole("status").getByText(said).first().waitFor();
    assert.equal(await page.locator("#words").inputValue(), `On 3 March ${left} ${door}`);
    assert.equal(await shown.innerText(), `On 3 March ${left} ${door}`, "what one looks over is not what is sent");
    assert.ok(await over.evaluate((e) => e.contains(document.activeElement) && document.activeElement?.tagName === "BUTTON"), "the focus is dropped");
  }
  await over.getByRole("button", { name: "Change: When was it?" }).click();
  assert.equal(await page.evaluate(() => (document.activeElement as HTMLInputElement | null)?.value), "longer");
  await page.locator('input[name="when"][value="this_month"]').check();
  assert.deepEqual(await keptOnDevice(page), NOTHING_KEPT);
  await send(page);
  await receiptOn(page);
  assert.match(await page.locator("main").innerText(), /Nobody reads this right away/);
  await examine(page, "thanks");
  assert.equal(await entry(), began, "going back would lead through the parts of a form that is sent");
  assert.ok(await page.locator(".receipt").first().isVisible());

  await page.goto(`${h.demo.url}${await page.getByRole("link", { name: "Open the two questions in a new tab" }).getAttribute("href") ?? ""}`);
  await press(page, "Send to the panel");
  await page.locator("#problems", { hasText: "Nothing is answered yet." }).waitFor();
  assert.equal(await page.locator("fieldset.failed > legend + .problem", { hasText: "Nothing is answered yet." }).count(), 1, "it is said of the question, not of one answer");
  await examine(page, "about-you");
  await page.getByLabel("65 or over").check();
  await page.getByLabel("Which communities do you belong to?").fill("We who knit by the weir");
  await press(page, "Send to the panel");
  await page.getByRole("heading", { name: "We have your two answers" }).waitFor();
  await examine(page, "about-you-sent");

  assert.deepEqual(leaks(recorder.requests, ["by the weir", "65_plus", "Halloran", "On 3 March", "I cried"]), []);
  const told = (await h.demo.told()).filter((t) => words(t).startsWith("On 3 March"));
  assert.deepEqual(told.map((t) => [words(t), answerTo(t, "when"), answerTo(t, "themes"), answerTo(t, "other_text"), answerTo(t, "impact_on"), answerTo(t, "roles")]),
    [[`On 3 March someone ${door}`, "this_month", "respect", "a line", "mind", ""]]);
  const about = (await h.demo.told()).filter((t) => answerTo(t, "communities") !== "");
  assert.deepEqual(about.map((t) => [t.sealed_by, t.answers]), [["client", [{ q: "age_band", a: "65_plus" }, { q: "communities", a: "We who knit by the weir" }]]]);
  assert.deepEqual(heard, []);
  await context.close();
});

test("the whole form is answered by pressing pictures, and each can say its label by a voice of the device", async () => {
  const { context, page, heard } = await h.open("/static/app.css", { viewport: { width: 360, height: 780 } });
  await page.addInitScript(() => {
    const said: string[] = [];
    const voices = [{ localService: false, lang: "en-US", name: "far" }, { localService: true, lang: "en-GB", name: "here" }];
    Object.assign(window, { said, SpeechSynthesisUtterance: function (this: { text: string }, text: string) { this.text = text; } });
    Object.defineProperty(window, "speechSynthesis", { value: {
      getVoices: () => voices, cancel: () => undefined, speak: (u: { text: string; voice: { name: string } }) => said.push(`${u.voice.name}: ${u.text}`) } });
  });
  await page.goto(h.demo.url + TELL);
  await inParts(page);
  await press(page, "Answer with pictures");
  await page.getByRole("button", { name: "Say it aloud: I saw it" }).waitFor();
  await page.locator("label.choice", { has: page.locator('[value="saw_it"]') }).click();
  await examine(page, "tiles-first");
  inOrder(await spokenOf(page), ["Nobody reads this right away.", "button \"Say it aloud: Nobody reads this right away.", "What the law may make the panel do:", "button \"Say it aloud: What the law may", "heading \"Tell us in your own words\""]);
  await press(page, "Continue");
  assert.equal(await page.locator("main > :not(form) .speak:visible").count(), 0, "what stood before the form is gone, and its speakers are not");
  await page.locator("label.choice", { has: page.locator('[value="place"]') }).click();
  await page.getByRole("button", { name: "Say it aloud: The place itself" }).click();
  assert.deepEqual(await page.evaluate(() => (window as unknown as { said: string[] }).said), ["here: The place itself"]);
  await examine(page, "tiles-themes");
  for (let part = 3; part <= 8; part++) {
    await press(page, "Continue");
    assert.match(await page.locator(".step:visible .where").innerText(), new RegExp(`^Part ${part} of 8$`));
    assert.deepEqual(await violations(page), [], `part ${part}`);
  }
  await page.locator(".look-over dd svg").first().waitFor();
  await examine(page, "tiles-look-over");
  await send(page);
  await receiptOn(page);
  assert.deepEqual(heard, []);
  await context.close();
});

const en = JSON.parse(readFileSync(path.join(import.meta.dirname, "../../locales/en.json"), "utf8")) as Record<string, string>;

test("no voice that works over the network says a word, and none says what somebody typed", async () => {
  for (const near of [false, true]) {
    const { context, page } = await h.open("/static/app.css");
    await page.addInitScript((local) => {
      const said: string[] = [];
      const voices = [{ localService: false, lang: "en-US", name: "far" }, ...(local ? [{ localService: true, lang: "en-GB", name: "here" }] : [])];
      Object.assign(window, { said, SpeechSynthesisUtterance: function (this: { text: string }, text: string) { this.text = text; } });
      Object.defineProperty(window, "speechSynthesis", { value: {
        getVoices: () => voices, cancel: () => undefined, speak: (u: { text: string; voice: { name: string } }) => said.push(`${u.voice.name}: ${u.text}`) } });
    }, near);
    await page.goto(h.demo.url + TELL);
    await inParts(page);
    await page.locator("#words").fill("zebrafinch-7431 shut the door on 3 March");
    await page.evaluate(() => { document.querySelector<HTMLElement>("[name=wants][value=be_counted]")?.click(); });
    await press(page, "Answer with pictures");
    await page.locator("form.tiles").waitFor();
    for (let part = 1; part <= 8; part++) {
      for (const typed of await page.locator(".step:visible .field > :is(textarea, input[type=text]):visible").all()) await typed.fill("zebrafinch-7431 again");
      await page.evaluate(() => { for (const b of document.querySelectorAll<HTMLElement>(".speak")) b.click(); });
      assert.equal(await page.getByText("has no voice of its own").isVisible(), !near, `part ${String(part)}`);
      if (part < 8) await press(page, "Continue");
    }
    const said = await page.evaluate(() => (window as unknown as { said: string[] }).said);
    if (near) assert.ok(said.length > 300 && said.every((s) => s.startsWith("here: ")), `${String(said.length)} labels were said`);
    else assert.deepEqual(said, []);
    // What one has to know before one tells, and what is asked where all is looked over, can be heard like the questions.
    const known = ["tell.not_now", "tell.law", "who.mean", "leave.title", "leave.cannot", "doubt.counted", "guard.title", "question.names"].map((key) => en[key] ?? key);
    assert.deepEqual(known.filter((sentence) => said.some((s) => s.includes(sentence)) !== near), [], `what is said where ${near ? "a voice is here" : "none is"}`);
    assert.equal(await page.locator(".look-over dt .speak").count(), await page.locator(".look-over dt").count());
    assert.equal(await page.locator(".typed .speak, [translate=no] .speak").count(), 0);
    if (near) {
      assert.ok(said.includes(`here: ${en["question.wants"]} ${en["option.wants.be_counted"]} ${en["check.change"]}`), "of a question what was picked is not said");
      assert.ok(said.includes(`here: ${en["question.words"]} ${en["check.change"]}`), "of what was typed not its question alone is said");
      inOrder(await spokenOf(page), [en["doubt.counted"] ?? "", `button "Say it aloud: ${en["doubt.counted"]}"`, "What happened?", "button \"Say it aloud: What happened?\"", "button \"Change: What happened?\""]);
      assert.deepEqual(await smallTargets(page), []);
    }
    assert.deepEqual(said.filter((s) => s.includes("zebrafinch")), []);
    assert.equal((await page.locator(".speak:not([hidden])").count()) > 0, near);
    await context.close();
  }
});

test("pictures and languages whose script does not come say so, and leave what was typed", async () => {
  const { context, page } = await h.open("/c/riverside");
  await page.route(/\/(tiles|leave)\.js/, (route) => route.abort());
  await page.goto(h.demo.url + TELL);
  await inParts(page);
  await page.locator("#words").fill("A door was shut.");
  await press(page, "Answer with pictures");
  await page.getByText(en["tiles.failed"] ?? "-").first().waitFor();
  await page.locator("nav.languages").getByText("Español").click();
  await page.getByText(en["site.language_failed"] ?? "-").first().waitFor();
  assert.equal(await page.locator("#words").inputValue(), "A door was shut.");
  await context.close();
});

test("whoever it is about, every question is asked in words for them, where all is looked over too", async () => {
  const asked = ["pictures", "themes", "good", "roles", "impact", "impact_on", "wants", "must_not", "names"];
  const { context, page } = await h.open(TELL);
  await inParts(page);
  await page.locator("#words").fill("the door was shut");
  const choose = (code: string): Promise<void> => page.evaluate((value) => { document.querySelector<HTMLInputElement>(`[name=for_whom][value=${value}]`)?.click(); }, code);
  for (const [code, voice] of [["helping_someone_they_agree", "voice.them"], ["saw_it", "voice.saw"], ["worker_there", "voice.work"], ["helping_someone_cannot_ask", "voice.them"], ["me", "question"]] as const) {
    while (!(await page.locator("#words").isVisible())) await page.goBack();
    await choose(code);
    const says = Object.fromEntries(await page.evaluate((keys) => keys.map((key) => [key, document.querySelector(`#${key} > legend, label[for="${key}"]`)?.textContent.trim()]), asked)) as Record<string, string>;
    for (const key of asked) assert.equal(says[key], en[`${voice}.${key}`], `${code}: ${key}`);
    const affected = code === "me" ? "How did it affect you?" : en[`${voice}.step-impact`];
    assert.equal(await page.locator("#step-impact").textContent(), affected, code);
    for (const key of ["themes", "good", "impact", "impact_on", "wants", "must_not"]) {
      const [line, described] = await page.evaluate((id) => {
        const about = document.querySelector<HTMLElement>(`#${id} > .meant`);
        const described = document.getElementById(id)?.getAttribute("aria-describedby")?.split(" ");
        return [about?.hidden === false ? about.textContent : "", described?.includes(about?.id ?? "-")];
      }, key);
      const means = code === "me" ? "" : en[key === "must_not" ? "voice.both" : voice];
      assert.equal(line, means, `${code}: whom the choices of ${key} mean`);
      assert.ok(described, `${key} is not described by it`);
    }
    await page.locator(".ways-on [name=rest]:visible").click();
    const over = await page.locator(".look-over dt").allInnerTexts();
    for (const key of asked) assert.ok(over.includes(en[`${voice}.${key}`] ?? ""), `${code}: ${key} where all is looked over`);
  }
  await context.close();
});

const shapes = (page: Page, selector: string): Promise<string> => page.locator(selector).first().evaluate((e) => Array.from(e.querySelectorAll("svg path"), (p) => p.getAttribute("d")).join(" "));

test("in pictures what is wrong and the thanks can be said aloud, nothing of the writer is, and no two ways on look alike", async () => {
  const { context, page } = await h.open("/static/app.css", { viewport: { width: 320, height: 640 } });
  await page.addInitScript(() => {
    const said: string[] = [];
    Object.assign(window, { said, SpeechSynthesisUtterance: function (this: { text: string }, text: string) { this.text = text; } });
    Object.defineProperty(window, "speechSynthesis", { value: {
      getVoices: () => [{ localService: true, lang: "en-GB" }], cancel: () => undefined, speak: (u: { text: string }) => said.push(u.text) } });
  });
  const sayAll = async (): Promise<string> => {
    for (const speaker of await page.locator(".speak:visible").all()) await speaker.click();
    return page.evaluate(() => (window as unknown as { said: string[] }).said.splice(0).join("\n"));
  };
  const unspoken = (): Promise<string[]> => page.evaluate(() => Array.from(document.querySelectorAll("main button:not(.speak, [name=lang], dd *, .hint-box *)"))
    .filter((b) => b.getClientRects().length > 0 && b.nextElementSibling?.getAttribute("aria-label") !== `Say it aloud: ${b.textContent.trim()}`)
    .map((b) => b.textContent));
  await page.goto(h.demo.url + TELL);
  await inParts(page);
  const shown = page.locator(".switch:visible svg");
  assert.ok((await shown.count()) === 1 && (await shown.boundingBox())?.width === 24, "no drawing on what turns pictures on");
  await press(page, "Answer with pictures");
  await page.locator("form.tiles").waitFor();
  const [on, rest, skip] = await Promise.all(['[data-way="on"]', '[data-way="rest"]', 'label:has([value="skip"])'].map((s) => shapes(page, s)));
  assert.equal(new Set([on, rest, skip, ""]).size, 4, "two ways on look alike, or have no drawing");
  assert.deepEqual(await unspoken(), [], "the first part");
  await send(page);
  const summary = page.locator("#problems");
  await summary.waitFor();
  await summary.locator(".speak").click();
  assert.match(await page.evaluate(() => (window as unknown as { said: string[] }).said.splice(0).join("\n")), /Something is not right yet Nothing is said yet\..+ Nothing was sent\./s);
  await examine(page, "tiles-problem");
  assert.deepEqual(await unspoken(), [], "the last part");
  await page.locator("#problems a").click();
  await page.locator("#words").fill("A zebrafinch sang.");
  await send(page);
  const receipt = await receiptOn(page);
  await page.getByRole("button", { name: "Say it aloud: The same as a square" }).waitFor();
  assert.deepEqual(await unspoken(), [], "the thanks");
  await examine(page, "tiles-thanks");
  const said = await sayAll();
  assert.match(said, /We have it, locked Only the panel can open it\./);
  assert.match(said, /What happens next/);
  const [first = "", second = ""] = receipt.words.split(" ");
  const whole = said.replace(/\s/g, ""); // one word of eight may be one of ours
  for (const secret of ["zebrafinch", first + second, receipt.digits.slice(0, 9), receipt.ticket.trim().slice(-20)]) assert.ok(!whole.includes(secret), `${secret} is said aloud`);
  await context.close();
});

test("a form from paper is entered under the words of its strip, with the week and no day", async () => {
  const { context, page, heard } = await h.open("/c/riverside/paper?copies=2");
  assert.equal(await page.locator("article.paper").count(), 2);
  await examine(page, "paper");
  if (pictures !== "") await page.pdf({ path: path.join(pictures, "paper.pdf"), format: "A4" });
  await page.emulateMedia({ media: "print" });
  assert.deepEqual(await page.locator(".each-sheet").evaluateAll((all) => all.map((e) => getComputedStyle(e).display)), ["table-header-group", "table-header-group"], "a sheet has no number");
  await page.emulateMedia({ media: null });
  const numbers = await page.locator(".paper .number bdi").allTextContents();
  const strip = (await page.locator(".paper").first().locator(".strip .receipt li").allTextContents()).join(" ");
  assert.notEqual(numbers[0], numbers[1]);
  await page.getByRole("link", { name: "enter a form that came on paper" }).click();
  await page.locator("form[data-part]").waitFor();
  await page.locator("#words").fill("written by hand");
  const number = page.getByLabel("Number of the form");
  for (const wrong of ["", (numbers[0] ?? "").split(" ").reverse().join(" "), (numbers[0] ?? "").replace(/\d/, (d) => String((Number(d) + 1) % 10)), strip]) {
    if (wrong !== "") await number.fill(wrong);
    await send(page);
    const link = page.locator("#problems a", { hasText: "The number of the form does not fit" });
    await link.press("Enter");
    assert.ok(await number.evaluate((e) => e === document.activeElement), "the error does not lead to its field");
    assert.match((await number.getAttribute("aria-describedby")) ?? "", /^paper-number-hint paper-number-problem$/);
    assert.equal(await page.locator("#words").getAttribute("aria-invalid"), null);
  }
  await number.fill(numbers[0] ?? "");
  await examine(page, "paper-entry");
  for (const [name, code, asks] of [["Español", "es", /¿Qué pasó\?/], ["English", "en", /What happened\?/]] as const) {
    await page.locator("nav.languages").getByText(name, { exact: true }).click();
    await page.locator(`html[lang=${code}]`).waitFor();
    assert.match(page.url(), new RegExp(`\\?paper&lang=${code}$`));
    assert.equal(await page.locator("form[data-module=paper]").getAttribute("data-lang"), code);
    assert.match((await page.locator("label[for=words]").textContent()) ?? "", asks);
    assert.equal(await page.locator("#paper-number").inputValue(), numbers[0]);
  }
  // Where locking fails there is no other way: it would end under other words than those of the strip. And who then finds that the
  // number was another sheet's puts it right: what was to go out under that one's words does not.
  await number.fill(numbers[1] ?? "");
  await page.evaluate(() => { crypto.subtle.deriveBits = () => Promise.reject(new Error("broken")); });
  await send(page);
  await page.locator('[data-part="status"]', { hasText: "could not lock it, and nothing was sent" }).waitFor();
  assert.equal(await page.locator('[data-part="status"] button').count(), 0);
  await page.evaluate(() => Reflect.deleteProperty(crypto.subtle, "deriveBits")); // that of the browser stands behind it
  while (!(await number.isVisible())) await page.getByRole("button", { name: "Back", exact: true }).click();
  await number.fill(numbers[0] ?? "");
  await send(page);
  // Whoever typed it in is shown nothing that opens the writer's mailbox, and nothing of it to keep.
  await page.getByRole("heading", { name: "It is entered, and locked", exact: true }).waitFor();
  await examine(page, "paper-entered");
  const entered = await page.content();
  for (const theirs of [...strip.split(" ").map((word) => `>${word}<`), (numbers[0] ?? "").slice(0, 11), "written by hand", "about-you", "<button"]) assert.ok(!entered.includes(theirs), theirs);
  const [back] = await Promise.all([h.open("/c/riverside/mailbox"), page.getByRole("link", { name: "Enter the next one" }).click()]);
  await page.locator("form[data-part]").waitFor();
  assert.equal(await number.inputValue(), "");
  await back.page.getByLabel("Your eight words, or the digits").fill(strip);
  await back.page.getByRole("button", { name: "Open", exact: true }).click();
  await back.page.locator("#room h2").first().waitFor();
  await back.context.close();
  const told = (await h.demo.told()).filter((t) => words(t) === "written by hand");
  assert.deepEqual(told.map((t) => [t.sealed_by, answerTo(t, "source")]), [["client", "paper"]]);
  assert.equal(new Date(answerTo(told[0], "week")).getUTCDay(), 1);
  // A copy of the sheet, from another hand.
  await page.locator("#words").fill("by another hand");
  await number.fill(numbers[0] ?? "");
  await send(page);
  await page.locator('[data-part="status"]', { hasText: "This number was entered before" }).waitFor();
  assert.doesNotMatch(await page.locator('[data-part="status"]').innerText(), /Send again/);
  assert.equal(await page.locator("#words").inputValue(), "by another hand");
  assert.deepEqual(heard.filter((line) => !line.includes("status of 409")), []);
  await page.route("**/steps.js*", (route) => route.abort()); // all on one page, where Return must not send half of a sheet
  await page.reload();
  await page.getByRole("button", { name: /^Send/, disabled: false }).waitFor();
  await page.locator('[name=themes][value=other]').check();
  await page.locator("#other_text").fill("a line");
  await page.locator("#other_text").press("Enter");
  assert.deepEqual([await page.locator("#problems").count(), await page.locator('[data-part="status"]').innerText()], [0, ""], "Return sends it");
  await page.addInitScript(() => { Object.defineProperty(window, "isSecureContext", { value: false }); });
  await page.reload();
  await page.getByText("Nothing can be sent from here: this browser cannot lock it.", { exact: false }).first().waitFor();
  assert.equal(await page.getByText("our computer locks", { exact: false }).count(), 0, "it says that something goes that cannot");
  assert.ok(await page.getByRole("button", { name: /^Send/ }).isDisabled());
  await context.close();
});

test("what loads before one sends is small and moves nothing, and what comes when it is asked for is small too", async () => {
  const { context, page } = await h.open("/static/app.css", { viewport: { width: 360, height: 780 } });
  const loaded = new Map<string, Promise<Buffer>>();
  page.on("response", (r) => { if (r.request().resourceType() === "script") loaded.set(new URL(r.url()).pathname, r.body()); });
  await page.addInitScript(() => {
    const moved: string[] = [];
    interface Shift { value: number; hadRecentInput: boolean; sources: { node: Element | null }[] }
    Object.assign(window, { moved });
    new PerformanceObserver((list) => { for (const e of list.getEntries() as unknown as Shift[]) if (!e.hadRecentInput) moved.push(`${String(e.value)} ${e.sources.map(({ node }) => `${node?.nodeName ?? ""} ${(node?.textContent ?? "").slice(0, 40)}`).join("; ")}`); }).observe({ type: "layout-shift", buffered: true });
  });
  await page.goto(`${h.demo.url}${TELL}?shared`);
  await tell(page, [{ q: "for_whom", a: "saw_it" }]);
  assert.deepEqual(await page.evaluate(() => (window as unknown as { moved: string[] }).moved), [], "something moved");
  while (!loaded.has("/static/guard.js")) await page.waitForTimeout(50);
  const asked: string[] = [];
  page.on("request", (r) => { asked.push(r.url()); });
  await page.locator("#words").pressSequentially("Nurse john");
  await page.locator(".hints li", { hasText: "Nurse john" }).waitFor();
  assert.deepEqual(asked, [], "a network sees that somebody types");
  await tell(page, [{ q: "themes", a: "force" }]);
  const before = await Promise.all(Array.from(loaded, async ([name, body]) => [name, packed(await body)] as const));
  assert.deepEqual(before.map(([name]) => name).sort(), ["guard", "leave", "shared", "steps", "tell"].map((n) => `/static/${n}.js`));
  const bytes = before.reduce((sum, [, n]) => sum + n, 0);
  assert.ok(bytes <= 45 * 1024, `${String(bytes)} bytes of script before the first send`);
  const curve = "52036cee2b6ffe738cc740797779e89800700a4d4141d8ab75eb4dca135978a3"; // d of Ed25519: who has it brings the whole library
  for (const [name, body] of loaded) assert.ok(!(await body).includes(curve), `${name} checks signatures by itself`);
  await context.close();
});

test("what did not come with the form is asked for again by the clock, and not because somebody types", async () => {
  for (const past of [false, true]) {
    const { context, page } = await h.open("/static/app.css");
    const now = Date.now();
    await page.clock.install({ time: now });
    await page.clock.pauseAt(now + 600_000); // the clock goes on where the test lets it, and nowhere else
    const asked: string[] = [];
    page.on("request", (r) => { asked.push(new URL(r.url()).pathname); });
    const held = new Map<string, () => void>();
    for (const [at, dropped] of [["**/tell/words", "/c/riverside/tell/words"], ["**/static/guard.js*", "/static/guard.js"]] as const) {
      await page.route(at, async (route) => {
        await new Promise<void>((resolve) => { held.set(dropped, resolve); });
        await route.abort();
      }, { times: 1 });
    }
    const until = async (there: () => boolean | Promise<boolean>): Promise<void> => { while (!await there()) await page.clock.runFor(100); };
    const typed = async (dropped: string, more: string): Promise<void> => {
      await until(() => held.has(dropped));
      const failed = page.waitForEvent("requestfailed");
      held.get(dropped)?.();
      await failed;
      asked.length = 0;
      await page.locator("#words").pressSequentially(more);
      await page.clock.runFor(1_500); // what follows from typing
      assert.deepEqual(asked, [], "a network that drops an answer sees that somebody types");
    };
    await page.goto(h.demo.url + TELL);
    if (past) await page.locator('input[name="when"]').first().check();
    await typed("/c/riverside/tell/words", "Nurse ");
    await typed("/static/guard.js", "Halloran");
    await until(() => asked.includes("/static/guard.js"));
    if (past) assert.equal(await page.locator("form[data-part]").count(), 0);
    else await until(() => page.locator(".hints li", { hasText: "Nurse Halloran" }).isVisible());
    await context.close();
  }
});

test("no script of a page for writers and the public is larger than 60 KB, and the table of them says how large each is", async () => {
  const ofMembers = ["panel", "panel-worker", "training", "steward", "join"];
  const top = path.join(import.meta.dirname, "../../..");
  const names = readdirSync(path.join(top, "ui/static")).filter((n) => n.endsWith(".js")).map((n) => n.slice(0, -3)).filter((n) => !ofMembers.includes(n));
  const table = Object.fromEntries(Array.from(readFileSync(path.join(top, "README.md"), "utf8").matchAll(/^\| `([a-z-]+)` \| (\d+) \|/gm), (m) => [m[1], Number(m[2])])) as Record<string, number>;
  assert.deepEqual(Object.keys(table).sort(), names.sort());
  for (const name of names) {
    const n = packed(Buffer.from(await (await fetch(`${h.demo.url}/static/${name}.js`)).arrayBuffer()));
    assert.ok(n > 100 && n <= 60 * KB, `${name}: ${String(n)} bytes`);
    assert.ok(Math.abs((table[name] ?? 0) - n / KB) < 1, `the table says ${String(table[name])} KB of ${name}, which has ${String(n)} bytes`);
  }
});

/** As README.md counts. */
const KB = 1000;

const packed = (body: Buffer): number => brotliCompressSync(body).length;

test("a browser that knows no Ed25519 fetches what checks signatures when one sends, again where it does not come at once", async () => {
  const { context, page } = await h.open("/c/riverside");
  await page.addInitScript(() => {
    const whole = Object.getOwnPropertyDescriptor(SubtleCrypto.prototype, "importKey")?.value as (...args: unknown[]) => Promise<CryptoKey>;
    SubtleCrypto.prototype.importKey = function (this: SubtleCrypto, ...args: unknown[]) {
      return args[2] === "Ed25519" ? Promise.reject(new DOMException("", "NotSupportedError")) : whole.apply(this, args);
    } as typeof SubtleCrypto.prototype.importKey;
  });
  const fetched: string[] = [];
  page.on("request", (r) => { fetched.push(new URL(r.url()).pathname); });
  await page.route("**/static/signatures.js?1", (route) => route.abort());
  await page.goto(h.demo.url + TELL);
  await tell(page, [{ q: "words", a: "told in an older browser" }]);
  assert.ok(!fetched.includes("/static/signatures.js"), "before it is needed");
  await send(page);
  await receiptOn(page);
  assert.equal(fetched.filter((p) => p === "/static/signatures.js").length, 2);
  const told = (await h.demo.told()).filter((t) => words(t) === "told in an older browser");
  assert.deepEqual(told.map((t) => t.sealed_by), ["client"]);
  await context.close();
});

test("where the parts' script does not come the form is one long page that sends; without its sentences it says that nothing went", async () => {
  const { context, page } = await h.open("/c/riverside");
  await page.route(/steps|guard|tiles/, (route) => route.abort());
  await page.route("**/tell/words", (route) => route.abort());
  await page.goto(h.demo.url + TELL);
  await page.locator("#words").fill("told on one long page");
  await page.getByRole("button", { name: "Send to the panel" }).click();
  await page.getByText("could not be locked").first().waitFor();
  assert.equal(await page.locator("#words").inputValue(), "told on one long page");
  await page.unroute("**/tell/words");
  await page.getByRole("button", { name: "Send again" }).click();
  await receiptOn(page);
  const told = (await h.demo.told()).filter((t) => words(t) === "told on one long page");
  assert.deepEqual(told.map((t) => t.sealed_by), ["client"]);
  await context.close();
});

test("with letters of four times their size on the smallest screen all of it is still there, none wider than the screen", async (t) => {
  const browser = await startBrowser({ letters: 64 });
  t.after(() => browser.close());
  for (const javaScriptEnabled of [true, false]) {
    const page = await browser.newPage({ viewport: { width: 320, height: 640 }, javaScriptEnabled });
    const fits = async (name: string): Promise<void> => {
      assert.equal(await page.evaluate(() => getComputedStyle(document.documentElement).fontSize), "64px");
      if (pictures !== "") await page.screenshot({ path: path.join(pictures, `large-${name}-${String(javaScriptEnabled)}.png`) });
      assert.deepEqual(await tooWide(page), [], `${name}, script ${String(javaScriptEnabled)}`);
    };
    await page.goto(h.demo.url + TELL);
    if (javaScriptEnabled) await inParts(page);
    await fits("first");
    await tell(page, [{ q: "words", a: "large letters" }, { q: "themes", a: "respect" }]);
    await fits("themes");
    await (await atTheEnd(page)).hover();
    await fits("end");
    await send(page);
    await receiptOn(page);
    await fits("thanks");
    for (const lang of ["en", "es", "ar"]) {
      for (const where of ["", "/about-you", "/mailbox", "/back", "/check", "/keys", "/accountability", "/poster", "/paper"]) {
        await page.goto(`${h.demo.url}/c/riverside${where}?lang=${lang}`);
        await fits(`${where.slice(1)}-${lang}`);
      }
    }
    await page.close();
  }
});

test("without script, answers that do not go together are asked about once, and nothing is lost", async () => {
  const { context, page } = await h.open(TELL, { javaScriptEnabled: false });
  assert.deepEqual(await smallTargets(page), []);
  inOrder(await spokenOf(page), ["link \"Leave\"", "heading \"Tell the panel\" [level=1]", "Nobody reads this right away", "textbox \"What happened?\"", "group \"Who is it about?\"", "heading \"What was it about?\"",
    "checkbox \"Force and being locked up", "group \"When was it?\"", "group \"How much did it hurt?\"", "group \"Who may see or hear of it?\"", "button \"Send to the panel\"", "contentinfo"]);
  await tell(page, [{ q: "words", a: "counted or not" }, { q: "wants", a: "be_counted" }]);
  await send(page);
  await page.locator("#problems").waitFor();
  assert.match(await page.locator("#problems").innerText(), /If you leave both, you are not counted/);
  assert.equal(await page.locator("#words").inputValue(), "counted or not");
  await page.getByLabel("I mean it like this. Send it.").check();
  await send(page);
  await receiptOn(page);
  await context.close();
});

test("what the form says and asks takes effect when enough of the panel have signed, and is kept with its day", async () => {
  const { context, page, heard } = await h.open("/panel/settings", { viewport: { width: 1280, height: 900 } });
  await page.getByLabel("Your identity file").setInputFiles(h.demo.identity(0));
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
  const form = page.locator("details[data-part=settings]");
  await form.locator("summary").waitFor();
  await form.getByLabel("First words of the clinic's page").fill("Words that the panel chose.");
  await form.getByLabel("What can happen here and is not on the common list").fill("place | cold_hall | The hall was cold");
  await press(page, "Add a line to turn to");
  for (const [label, value] of [["Name", "Quiet line"], ["What it is", "Peers who listen."], ["Languages", "English"], ["When it is open", "Always"], ["In which time zone", "Europe/London"], ["For which region", "any"], ["Where this is from", "https://quiet.example"], ["Who checked it", "The panel"]] as const) {
    await form.getByLabel(label, { exact: true }).fill(value);
  }
  await form.getByLabel("Do they call police or an ambulance?").selectOption("never");
  await form.getByText("By voice").click();
  await form.getByLabel("Working days until the clinic has answered a finding").fill("15");
  await form.getByLabel("Messages in one sitting").fill("many");
  await press(page, "Look how it will be");
  await page.getByText("How this panel works: write whole numbers.").first().waitFor();
  await form.getByLabel("Messages in one sitting").fill("5");
  await press(page, "Look how it will be");
  const looks = form.locator("[role=status]").last();
  const said = (list: string): Promise<string> => looks.locator(list).innerText();
  const whole = await said(":scope > dl.settings");
  for (const line of ["Messages in one sitting: 5", "The place itself: The hall was cold (x_riverside.cold_hall)", "The clinic has 15 working days to answer.", "We do not know if they can find out where you are."]) {
    assert.ok(whole.includes(line), line);
  }
  const differs = await said("[data-part=changes]");
  for (const line of ["No more: The clinic has 20 working days to answer.", "New: The clinic has 15 working days to answer.", "Whom to turn to now: Quiet line", "New: They never call police or an ambulance for you."]) {
    assert.ok(differs.includes(line), `${line} in ${differs}`);
  }
  assert.ok(!differs.includes("You ask again"), differs);
  await examine(page, "panel-settings");
  await press(page, "Propose this");
  const waits = page.locator(".waits", { hasText: "What the form says and asks here" }).first();
  await waits.waitFor();
  assert.equal(await waits.locator("[data-part=changes]").innerText(), differs, "who is asked to sign reads something else than who proposed");
  assert.equal(await waits.locator(":scope > dl.settings").innerText(), whole);
  assert.ok(!(await (await fetch(`${h.demo.url}/c/riverside`)).text()).includes("Words that the panel chose."), "one of three is enough");
  assert.deepEqual(heard, []);
  await context.close();

  const member = ["--server", h.demo.url, "--clinic", "riverside", "--identity", h.demo.identity(1)];
  const waiting = JSON.parse(await h.demo.run(["--json", "panel", "decisions", ...member])) as { id: string; kind: string; state: string }[];
  const id = waiting.find((d) => d.kind === "settings" && d.state === "draft")?.id ?? "none";
  await h.demo.run(["panel", "decisions", "--sign", id, ...member]);
  const about = await (await fetch(`${h.demo.url}/c/riverside`)).text();
  assert.ok(about.includes("Words that the panel chose.") && about.includes("Quiet line"));
  assert.ok((await (await fetch(h.demo.url + TELL)).text()).includes("The hall was cold"));
  await assert.rejects(h.demo.run(["clinic", "edit", "riverside", "--intro", "Words of the operator."]), /the panel decides/);
  const settled = await h.demo.run(["panel", "settings", ...member]);
  assert.match(settled, /x_riverside\.cold_hall/);
  assert.match(settled, /"answer":\s*15/);
  assert.match(settled, /"sitting":\s*5/);
  await ownItemsAreCoded();

  await h.demo.run(["clinic", "edit", "riverside", "--legal-notice", "A court can make the panel speak."]);
  assert.ok(!(await (await fetch(`${h.demo.url}/c/riverside`)).text()).includes("A court can make"), "the operator changes it alone");
  const { context: later, page: again } = await h.open("/panel/settings", { viewport: { width: 360, height: 740 } });
  await again.getByLabel("Your identity file").setInputFiles(h.demo.identity(0));
  await again.getByRole("button", { name: "Sign in", exact: true }).click();
  await again.getByLabel("Take the text that is proposed").check();
  await press(again, "Look how it will be");
  await again.locator("dl.settings dd", { hasText: "A court can make the panel speak." }).first().waitFor();
  await examine(again, "panel-settings-notice");
  await later.close();
});

/** Two coders are asked what the panel just added, see each other's, agree on it, and find it in the numbers for the panel alone. */
async function ownItemsAreCoded(): Promise<void> {
  const leaf = await h.demo.post([{ q: "words", a: "the hall again" }, { q: "themes", a: "place" }, { q: "items", a: "x_riverside.cold_hall" }]);
  await h.demo.told();
  const [anna, bela] = [await sit(h, 0), await sit(h, 1)];
  await take(anna.page, rowOf(leaf));
  await code(anna.page, ["place"], 1);
  await anna.page.locator(".theme").getByLabel("The hall was cold").check();
  await press(anna.page, "Send it and freeze it");
  await anna.page.getByText("The other one is not yet", { exact: false }).first().waitFor();
  await take(bela.page, rowOf(leaf));
  await code(bela.page, ["place"], 1);
  await press(bela.page, "Send it and freeze it");
  await bela.page.getByRole("row", { name: "The hall was cold" }).waitFor(); // found by one of them
  assert.ok(await bela.page.getByLabel("The hall was cold").isChecked(), "the agreement begins with what either found");
  await examine(bela.page, "own-item-agreed");
  await press(bela.page, "Agree and sign");
  await bela.page.locator(".reading .note", { hasText: "Signed" }).waitFor();
  await lookAgain(anna.page);
  await anna.page.locator(rowOf(leaf)).click();
  await anna.page.getByText("Another of you has signed this", { exact: false }).first().waitFor();
  await press(anna.page, "Agree and sign");
  await anna.page.getByText("A third member looks", { exact: false }).first().waitFor();
  await press(anna.page, "Figures");
  await anna.page.getByText("Numbers for your panel alone", { exact: true }).click();
  await anna.page.getByRole("row", { name: "The hall was cold 1" }).waitFor();
  await Promise.all([anna.context.close(), bela.context.close()]);
}
