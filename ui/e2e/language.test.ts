/** Arabic, from right to left, with script and without; another language in the middle of a form, which loses no word; and voices. */
import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";
import type { Page } from "playwright-core";
import { parseReceipt, toDigits } from "../src/receipt.js";
import { words as spanishWords } from "../src/spanish.js";
import { house, keptOnDevice, NOTHING_KEPT, violations } from "./browser.js";
import { words } from "./demo.js";
import { atTheEnd, receiptOn, send as sendInParts, tell } from "./story.js";

const h = house();
const TELL = "/c/riverside/tell";
const pictures = process.env["ANSWERABLE_SCREENSHOTS"] ?? "";

/** Right to left, without violations, no wider than an old phone, and what must not turn round is isolated. */
async function standsUp(page: Page, name: string): Promise<void> {
  assert.deepEqual(await page.evaluate(() => [document.documentElement.lang, document.documentElement.dir]), ["ar", "rtl"], name);
  assert.deepEqual(await violations(page), [], name);
  assert.ok(await page.locator("#draft .notice").isVisible(), `${name} does not say that a machine wrote it`);
  const before = page.viewportSize() ?? { width: 1280, height: 900 };
  await page.setViewportSize({ width: 320, height: 640 });
  assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= document.documentElement.clientWidth), `${name} is wider than 320 pixels`);
  const turned = await page.evaluate(() => Array.from(document.querySelectorAll(".receipt, .digits, .fingerprint, pre"))
    .filter((e) => getComputedStyle(e).direction !== "ltr").map((e) => e.className));
  assert.deepEqual(turned, [], name);
  await page.setViewportSize(before);
  if (pictures === "") return;
  mkdirSync(pictures, { recursive: true });
  for (const [size, viewport] of Object.entries({ phone: { width: 360, height: 800 }, desktop: before })) {
    await page.setViewportSize(viewport);
    await page.screenshot({ path: path.join(pictures, `arabic-${name}-${size}.png`), fullPage: true });
  }
}

const send = (page: Page): Promise<void> => page.getByRole("button", { name: "إرسال إلى اللجنة" }).first().click();
const to = (page: Page, language: string): Promise<void> => page.locator("nav.languages").getByText(language, { exact: true }).click();

test("in the middle of the form the language changes, no word leaves, and the page after sending is right to left", async () => {
  const { context, page, heard, recorder } = await h.openRecorded("/static/app.css");
  await page.addInitScript(() => { // what phones of 2020 know of selectors
    for (const [owner, name] of [[Element.prototype, "closest"], [Document.prototype, "querySelector"], [Document.prototype, "querySelectorAll"]] as const) {
      const known = (owner as unknown as Record<string, (s: string) => unknown>)[name] as (s: string) => unknown;
      Object.assign(owner, { [name]: function (this: unknown, selector: string) {
        if (/:(is|where|has)\(/.test(selector) && !(new Error().stack ?? "").includes("eval")) throw new DOMException(selector, "SyntaxError");
        return known.call(this, selector);
      } });
    }
  });
  await page.goto(h.demo.url + TELL);
  await tell(page, [{ q: "words", a: "لم يسألني أحد." }, { q: "themes", a: "voice" }, { q: "names", a: "Dr Blue" }, { q: "share_level", a: "count_me" }]);
  await page.locator("nav.languages button", { hasText: "العربية" }).press("Enter"); // the keyboard is enough
  await page.locator("html[lang=ar]").waitFor();
  assert.equal(await page.locator("#words").inputValue(), "لم يسألني أحد.");
  assert.equal(await page.locator("#names").inputValue(), "Dr Blue");
  assert.ok(await page.locator('[name=themes][value=voice]').isChecked() && await page.locator('[name=share_level][value=count_me]').isChecked());
  assert.match(await page.locator('[data-part="locks"]').innerText(), /هاتفكم أو حاسوبكم يقفل كلماتكم/); // what the script had said
  assert.match(await page.locator('[data-part="room"]').innerText(), /المكان المستعمل/);
  assert.match(await page.title(), /احكوا/);
  assert.deepEqual(await page.locator("main").getByText(/What happened\?|As much or as little/).count(), 0);
  assert.equal(await page.evaluate(() => document.activeElement?.closest("nav")?.className), "languages");
  await standsUp(page, "form");
  while (!(await page.locator("#words").isVisible())) await page.locator(".ways-on > .second:not([name=rest]):visible").click();
  await page.locator("#words").fill("لم يسألني أحد. حقًا");
  await page.locator("nav.languages").getByText("Español", { exact: true }).click({ modifiers: ["ControlOrMeta"] });
  await page.locator("html[lang=es][dir=ltr]").waitFor();
  assert.equal(await page.locator("#words").inputValue(), "لم يسألني أحد. حقًا");
  await page.goBack(); // to a part that was left while the page was Arabic
  await page.locator("#words").waitFor({ state: "hidden" });
  assert.match(page.url(), /\?lang=es$/);
  await to(page, "العربية");
  await page.locator("html[lang=ar]").waitFor();
  assert.match(page.url(), /\?lang=ar$/);
  assert.match(await page.locator("h1").innerText(), /احكوا/);

  await page.route("**/api/v1/c/riverside/submissions", (route) => route.abort(), { times: 3 });
  await sendInParts(page);
  await page.getByRole("button", { name: "إرسال من جديد" }).waitFor();
  await standsUp(page, "no-answer");
  await page.getByRole("button", { name: "إرسال من جديد" }).click();
  const shown = await receiptOn(page);
  assert.equal(toDigits(parseReceipt(shown.words)), shown.digits.replaceAll(" ", ""));
  assert.match(await page.locator(":is(.digits, .receipt)").first().getAttribute("class") ?? "", /digits/); // the language has no words of its own
  await standsUp(page, "thanks");
  assert.deepEqual(await keptOnDevice(page), NOTHING_KEPT);
  const posts = recorder.requests.filter((r) => r.method !== "GET").map((r) => new URL(r.url).pathname);
  assert.deepEqual([...new Set(posts)], ["/api/v1/c/riverside/submissions"]);
  const told = (await h.demo.told()).find((t) => words(t) === "لم يسألني أحد. حقًا");
  assert.equal(told?.lang, "ar");
  assert.deepEqual(heard.filter((line) => !line.includes("ERR_FAILED")), []);

  // Coming back with digits as an Arabic keyboard types them, and another language while the mailbox is open.
  await page.goto(`${h.demo.url}/c/riverside/mailbox?lang=ar`);
  await page.locator("#receipt").fill(shown.digits.replace(/\d/g, (d) => String.fromCharCode(0x660 + Number(d))));
  await page.getByRole("button", { name: "فتح", exact: true }).click();
  await page.locator("#room").waitFor();
  await page.locator("#more-words").fill("أريد أن أضيف");
  await standsUp(page, "mailbox");
  await to(page, "English");
  await page.getByText("There is no answer here.").first().waitFor();
  assert.equal(await page.locator("#more-words").inputValue(), "أريد أن أضيف");
  await page.locator("form[data-act=write] button.button").click();
  await page.getByText("We have it. It goes to the panel").first().waitFor();
  await context.close();
});

test("a press on a language sends nothing, held with a key or not, on any page and after any change", async () => {
  const { context, page, heard } = await h.open(TELL);
  const sent: string[] = [];
  context.on("request", (r) => { if (r.method() !== "GET") sent.push(r.url()); });
  const everyWay = async (): Promise<void> => {
    for (const [name, code] of [["Español", "es"], ["English", "en"]] as const) {
      await page.locator("nav.languages").getByText(name, { exact: true }).click({ modifiers: ["ControlOrMeta"] });
      await page.locator(`html[lang=${code}]`).waitFor();
    }
    // Where a button comes to send after all, as in a browser that runs half of this.
    await page.evaluate(() => { for (const form of Array.from(document.forms)) {
      const b = Object.assign(document.createElement("button"), { type: "submit", name: "lang", value: "es", formAction: "?lang=es" });
      form.append(b);
      b.click();
      b.remove();
    } });
    assert.equal(await page.locator("form button[name=lang], button[name=lang][type=submit]").count(), 0);
  };
  await tell(page, [{ q: "words", a: "not to be sent" }]);
  await everyWay();
  assert.ok(await page.locator("#words").isVisible(), "it went one part on");
  await (await atTheEnd(page)).hover();
  await everyWay();
  assert.ok(await page.locator(".look-over").isVisible());
  await page.goto(`${h.demo.url}/c/riverside/about-you`);
  await page.getByLabel("65 or over").check();
  await everyWay();
  assert.ok(await page.getByLabel("65 or over").isChecked());
  for (const where of ["back", "mailbox"]) {
    await page.goto(`${h.demo.url}/c/riverside/${where}`);
    await page.locator("#receipt").fill("abandon ability able");
    await everyWay();
    assert.equal(await page.locator("#receipt").inputValue(), "abandon ability able");
    assert.equal(await page.locator("#receipt-problem:visible, #mailbox-problem:visible").count(), 0, "the words were looked at");
  }
  assert.deepEqual(sent, []);
  assert.deepEqual(heard, []);
  await context.close();
});

test("without script the switch is a button that gives the form back with every word, and a network that fails takes none", async () => {
  const { context, page } = await h.open(TELL, { javaScriptEnabled: false });
  await tell(page, [{ q: "words", a: "line one\nline two" }, { q: "themes", a: "voice" }, { q: "other_text", a: "more" }]);
  await page.locator("#other_text").press("Enter"); // neither sends nor switches
  await to(page, "العربية");
  await page.locator("html[lang=ar]").waitFor();
  assert.match(page.url(), /\/tell\?lang=ar$/);
  assert.equal(await page.locator("#words").inputValue(), "line one\nline two");
  assert.equal(await page.locator("#other_text").inputValue(), "more");
  assert.ok(await page.locator('[name=themes][value=voice]').isChecked());
  assert.equal((await h.demo.told()).filter((t) => words(t).startsWith("line one")).length, 0);
  await send(page);
  await receiptOn(page);
  assert.equal(await page.locator("nav.languages").count(), 0);
  await context.close();

  // Spanish has words of its own. They open the mailbox on a page of another language too.
  const spanish = await h.open(`${TELL}?lang=es`);
  await tell(spanish.page, [{ q: "words", a: "Nadie me preguntó." }]);
  await sendInParts(spanish.page);
  const shown = await receiptOn(spanish.page);
  assert.equal(await spanish.page.locator("ol.receipt").first().getAttribute("lang"), "es");
  assert.equal(toDigits(parseReceipt(shown.words, spanishWords)), shown.digits.replaceAll(" ", ""));
  await spanish.page.goto(`${h.demo.url}/c/riverside/back`);
  await spanish.page.locator("#receipt").fill(shown.words.normalize("NFD").toUpperCase());
  await spanish.page.getByRole("button", { name: "Take it back now" }).click();
  await spanish.page.getByText("It is gone.").first().waitFor();
  await spanish.context.close();

  const scripted = await h.open(`${TELL}?lang=es`);
  await scripted.page.locator("#words").fill("sigue aquí");
  await scripted.context.setOffline(true);
  await to(scripted.page, "English");
  await scripted.page.getByText("No pudimos traer esta página").first().waitFor();
  await scripted.page.evaluate(() => { for (const problem of Array.from(document.querySelectorAll(".problem"))) problem.remove(); }); // as a form does that is sent
  await to(scripted.page, "English");
  await scripted.page.getByText("No pudimos traer esta página").first().waitFor();
  assert.equal(await scripted.page.locator("#words").inputValue(), "sigue aquí");
  await scripted.context.close();
});

test("the other public pages stand up to it in Arabic", async () => {
  for (const [name, where] of [["place", "/c/riverside"], ["keys", "/c/riverside/keys"], ["poster", "/c/riverside/poster"], ["back", "/c/riverside/back"],
    ["check", "/c/riverside/check"], ["numbers", "/c/riverside/accountability"], ["nowhere", "/c/nowhere"]] as const) {
    const { context, page, heard } = await h.open(`${where}?lang=ar`);
    await standsUp(page, name);
    assert.deepEqual(heard.filter((line) => !line.includes("status of 404")), [], name);
    await context.close();
  }
});

/** What a screen reader says on a part: text that is shown, and names that stand in attributes, without what says its own language. */
const spokenOn = (page: Page): Promise<string> => page.evaluate(() => {
  const said: string[] = [];
  for (const e of Array.from(document.querySelectorAll<HTMLElement>("main *"))) {
    if (!e.checkVisibility() || e.closest(".beside, [translate=no], [lang]:not(html), script") !== null) continue;
    said.push(e.getAttribute("aria-label") ?? "", ...Array.from(e.childNodes, (n) => (n.nodeType === 3 ? n.textContent ?? "" : "")));
  }
  return said.join("\n");
});

test("after two changes of language nothing that a script put together is left in the first, whoever it is about, with pictures and where all is looked over", async () => {
  const { context, page, heard } = await h.open(TELL);
  await page.locator("form[data-part]").waitFor();
  await sendInParts(page);
  await page.locator("#problems a").click(); // nothing was told
  assert.match(await page.title(), /^Error: Tell/);
  await tell(page, [{ q: "for_whom", a: "saw_it" }, { q: "words", a: "on 3 March" }]);
  await page.locator(".hints li").waitFor({ state: "attached" });
  for (const language of ["Español", "العربية"]) {
    await to(page, language);
    await page.locator(`html[lang=${language === "Español" ? "es" : "ar"}]`).waitFor();
  }
  assert.match(await page.title(), /^خطأ: احكوا/);
  await page.locator(".switch:visible").click();
  await page.evaluate(() => { for (const e of document.querySelectorAll(".beside")) e.setAttribute("aria-hidden", "true"); }); // the clinic's language stands beside a draft on purpose
  for (let part = 1; ; part++) {
    const latin = (await spokenOn(page)).match(/[A-Za-zñáéíóú]{3,}/g) ?? [];
    assert.deepEqual(latin.filter((w) => !/^(age|SHA|JavaScript|answerable|Shift|QR|ECT|Riverside|Community|Clinic|March)$/i.test(w)), [], `part ${String(part)}`);
    assert.ok(await page.locator("#draft .notice").isVisible(), `part ${String(part)} does not say that a machine wrote it`);
    const drawn = await page.locator(".ways-on .button:visible > svg").evaluateAll((all) => all.map((svg) => svg.innerHTML));
    assert.equal(new Set(drawn).size, drawn.length, `ways on part ${String(part)} look alike`);
    const on = page.locator(".ways-on > [data-way=on]:visible");
    if (await on.count() === 0) break;
    await on.click();
  }
  const beside = await page.locator(".look-over .beside:visible").allInnerTexts();
  for (const said of ["Who may see or hear of it?", "Only the panel"]) assert.ok(beside.some((b) => b.startsWith(said)), `${said} does not stand beside the draft where all is looked over: ${beside.join(" / ")}`);
  assert.deepEqual(heard, []);
  await context.close();
});

/** What a script of the page said aloud: the voice and the words. */
const aloud = (page: Page): Promise<string[]> => page.evaluate(() => (window as unknown as { said: string[] }).said.splice(0));

test("in pictures what the clinic has named itself has a shape, and is said in a voice of the clinic's language or not at all", async () => {
  const member = (n: number): string[] => ["--server", h.demo.url, "--clinic", "riverside", "--identity", h.demo.identity(n)];
  const settings = JSON.parse(await h.demo.run(["panel", "settings", ...member(0)])) as { items: unknown[]; language: string };
  settings.language = "es";
  settings.items = [{ theme: "place", code: "x_riverside.cold_hall", label: "The hall was cold" }, { theme: "place", code: "x_riverside.far_bus", label: "The bus is far" }];
  writeFileSync(h.demo.file("settings.json"), JSON.stringify(settings));
  const { id } = JSON.parse(await h.demo.run(["--json", "panel", "settings", "--file", h.demo.file("settings.json"), ...member(0)])) as { id: string };
  await h.demo.run(["panel", "decisions", "--sign", id, ...member(1)]);
  for (const here of [["ar", "es", "en"], ["ar"], ["es"]]) {
    const { context, page, heard } = await h.open("/static/app.css", { viewport: { width: 360, height: 780 } });
    await page.addInitScript((langs) => {
      const voices = [...["ar-EG", "en-US"].map((lang) => ({ localService: false, lang, name: "far" })), ...langs.map((lang) => ({ localService: true, lang: `${lang}-XX`, name: lang }))];
      const said: string[] = [];
      Object.assign(window, { said, SpeechSynthesisUtterance: function (this: { text: string }, text: string) { this.text = text; } });
      Object.defineProperty(window, "speechSynthesis", { value: {
        getVoices: () => voices, cancel: () => undefined, speak: (u: { text: string; voice: { name: string } }) => said.push(`${u.voice.name}: ${u.text}`) } });
    }, here);
    await page.goto(`${h.demo.url}${TELL}?lang=ar`);
    await tell(page, [{ q: "items", a: "x_riverside.cold_hall" }]);
    await page.locator(".switch:visible").click();
    await page.locator("form.tiles").waitFor();
    const tile = (code: string): ReturnType<Page["locator"]> => page.locator("div", { has: page.locator(`> label > [value="${code}"]`) }).last();
    for (const [code, words, lang] of [["x_riverside.cold_hall", "The hall was cold", "es"], ["place", "المكان نفسه", "ar"]] as const) {
      const speaker = tile(code).locator(".speak").first();
      assert.equal(await speaker.isVisible(), here.includes(lang), `${code} with voices of ${here.join()}`);
      await speaker.evaluate((b) => { (b as HTMLElement).click(); }); // also where it is not shown
      assert.deepEqual(await aloud(page), here.includes(lang) ? [`${lang}: ${words}`] : []);
    }
    const shape = (code: string): Promise<string> => tile(code).locator("label").evaluate((e) => Array.from(e.querySelectorAll("svg[aria-hidden=true] path"), (p) => p.getAttribute("d")).join(" "));
    const own = await Promise.all(["x_riverside.cold_hall", "x_riverside.far_bus", "place"].map(shape));
    assert.equal(new Set([...own, ""]).size, 4, "neighbours look alike, or have no drawing");
    assert.deepEqual(await violations(page), []);
    await tell(page, [{ q: "service", a: "crisis_house" }]);
    const services = await page.locator("#service .choice").evaluateAll((all) => all.map((e) => e.querySelector("svg")?.innerHTML ?? ""));
    assert.ok(services.length >= 7 && new Set([...services, ""]).size === services.length + 1, "two services look alike, or one has no drawing");
    await atTheEnd(page);
    const over = page.locator('.look-over dd[data-code="x_riverside.cold_hall"]');
    assert.deepEqual(await over.evaluate((e) => [e.getAttribute("lang"), e.getAttribute("dir"), Array.from(e.querySelectorAll("path"), (p) => p.getAttribute("d")).join(" ")]), ["es", "auto", own[0]]);
    assert.equal(await page.locator('.look-over dd[data-code="place"][lang]').count(), 0);
    assert.deepEqual(heard, []);

    // Spanish stands beside the Arabic, and in the middle of it English beside the Spanish, which is a draft too.
    const beside = page.locator("#share_level > legend .beside");
    assert.deepEqual(await beside.evaluate((e) => [e.getAttribute("lang"), e.getAttribute("dir"), e.textContent]), ["es", "ltr", "¿Quién puede verlo o saber de ello?"]);
    await to(page, "Español");
    await page.locator("html[lang=es]").waitFor();
    assert.deepEqual(await beside.evaluate((e) => [e.getAttribute("lang"), e.getAttribute("dir"), e.textContent]), ["en", "ltr", "Who may see or hear of it?"]);
    await to(page, "English");
    await page.locator("html[lang=en]").waitFor();
    await tile("place").locator(".speak").first().evaluate((b) => { (b as HTMLElement).click(); });
    assert.deepEqual(await aloud(page), here.includes("en") ? ["en: The place itself"] : []);
    await context.close();
  }
});
