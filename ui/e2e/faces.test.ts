/** Saying with a face how it felt: by pressing it, on the form that came on paper, and as the panel reads it. */
import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { fromHex, toBase64url } from "../src/encoding.js";
import { house, violations } from "./browser.js";
import { sit, take, rowOf } from "./desk.js";
import { inParts, receiptOn, send } from "./story.js";

const h = house();
const TELL = "/c/riverside/tell";
const pictures = process.env["ANSWERABLE_SCREENSHOTS"] ?? "";

test("a face alone is told by pressing it, looked over, sent, and read by the panel", async () => {
  for (const lang of ["ar", "en"]) {
    const { context, page, heard } = await h.open(`${TELL}?lang=${lang}`, { viewport: { width: 320, height: 640 } });
    await inParts(page);
    await page.locator("form[data-part]").waitFor();
    await page.locator(".switch:visible").click();
    const faces = page.locator("#pictures .choice");
    await faces.locator("svg").first().waitFor();
    const drawn = await faces.locator("svg path").evaluateAll((all) => all.map((p) => p.getAttribute("d")));
    assert.equal(new Set(drawn).size, 3, "two faces look alike");
    await faces.filter({ has: page.locator('[value="sad"]') }).click();
    await faces.filter({ has: page.locator('[value="middle"]') }).click();
    assert.deepEqual(await violations(page), [], lang);
    assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), `${lang} is wider than a phone`);
    if (pictures !== "") {
      mkdirSync(pictures, { recursive: true });
      await page.locator("#pictures").scrollIntoViewIfNeeded();
      await page.screenshot({ path: path.join(pictures, `faces-${lang}.png`) });
    }
    await page.locator(".ways-on > button[name=rest]:visible").click();
    assert.equal(await page.locator('.look-over dd[data-question="pictures"] svg').count(), 2);
    await send(page);
    await receiptOn(page);
    assert.deepEqual(heard, []);
    await context.close();
  }
  const told = await h.demo.told();
  const wanted = [{ q: "pictures", a: "middle\nsad" }, { q: "share_level", a: "panel_only" }];
  assert.deepEqual(told.map((t) => t.answers), [wanted, wanted]);

  const { context, page, heard } = await sit(h, 1);
  await take(page, rowOf(toBase64url(fromHex(told[0]?.leaf_hash ?? ""))));
  await page.getByRole("button", { name: "Read it", exact: true }).click();
  const read = page.locator(".reading .words");
  assert.deepEqual(await read.locator("h3").allTextContents(), ["How did it feel?"]);
  assert.deepEqual(await read.locator("li").allTextContents(), ["In between", "Sad"]);
  assert.deepEqual(heard, []);
  await context.close();
});

test("faces that came on paper are entered, and without script they are boxes", async () => {
  const paper = await h.open("/c/riverside/paper");
  assert.equal(await paper.page.locator(".paper .face:visible").count(), 3);
  const number = (await paper.page.locator(".paper .number bdi").textContent()) ?? "";
  await paper.page.goto(`${h.demo.url}${TELL}?paper`);
  await paper.page.locator("form[data-part]").waitFor();
  await paper.page.locator('[name="pictures"][value="happy"]').check();
  await paper.page.getByLabel("Number of the form").fill(number);
  await send(paper.page);
  await paper.page.getByRole("heading", { name: "It is entered, and locked" }).waitFor();
  await paper.context.close();

  const plain = await h.open(TELL, { javaScriptEnabled: false });
  assert.equal(await plain.page.locator("form svg").count(), 0);
  await plain.page.getByRole("group", { name: "How did it feel?" }).getByLabel("Happy").check();
  await send(plain.page);
  await receiptOn(plain.page);
  await plain.context.close();
  const happy = (await h.demo.told()).filter((t) => t.answers?.some(({ q, a }) => q === "pictures" && a === "happy"));
  const ways = happy.map((t) => [t.sealed_by, t.answers?.some(({ q }) => q === "source")]);
  assert.deepEqual(ways.sort(), [["client", true], ["server", false]]);
});
