/** The form for a pen, printed: its sheets come apart, so each that somebody writes on has the number of its form, in every language. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { accessSync } from "node:fs";
import { after, before, test } from "node:test";
import { launch } from "puppeteer-core";
import { startBrowser } from "./browser.js";
import { Demo } from "./demo.js";
import { LANGUAGES } from "./plainpages.js";

const FIREFOX = process.env["FIREFOX"] ?? "/usr/bin/firefox-esr";
const COPIES = 2;

let demo: Demo;
before(async () => {
  accessSync(FIREFOX); // Debian: apt-get install firefox-esr
  demo = await Demo.start("--submissions", "0");
}, { timeout: 240_000 });
after(() => demo.stop());

/** What the two kinds of pages have of each other that is needed here. */
interface Printer {
  goto: (url: string) => Promise<unknown>;
  evaluate: <T>(f: () => T) => Promise<T>;
}

/** The sheets of a PDF as text. */
const sheetsOf = (file: string): string[] =>
  execFileSync("pdftotext", ["-layout", file, "-"], { encoding: "utf8", maxBuffer: 1 << 24 }).split("\f").slice(0, -1);

/** Whose a sheet is, by the number on it; -1 without one. pdftotext turns groups of digits round in texts that run from right to left. */
function whose(sheet: string, numbers: string[][]): number {
  const digits = sheet.replace(/\D/g, "");
  return numbers.findIndex((groups) => [groups, [...groups].reverse()].some((order) => digits.includes(order.join(""))));
}

async function everySheetHasItsNumber(page: Printer, print: (file: string) => Promise<unknown>, name: string): Promise<void> {
  for (const lang of LANGUAGES) {
    await page.goto(`${demo.url}/c/riverside/paper?copies=${String(COPIES)}&lang=${lang}`);
    const numbers = await page.evaluate(() => Array.from(document.querySelectorAll(".paper .number bdi"), (e) => e.textContent.trim().split(" ")));
    const file = demo.file(`${name}-${lang}.pdf`);
    await print(file);
    // A strip has what it says itself. Behind the last one is the foot of the page.
    const sheets = sheetsOf(file);
    const strips = sheets.flatMap((sheet, i) => sheet.includes("/mailbox") ? [i] : []);
    assert.equal(strips.length, COPIES, `${name}, ${lang}: ${String(sheets.length)} sheets with strips at ${strips.join()}`);
    for (const [i, sheet] of sheets.slice(0, strips.at(-1)).entries()) {
      const copy = strips.filter((strip) => strip < i).length;
      if (!strips.includes(i)) assert.equal(whose(sheet, numbers), copy, `${name}, ${lang}: sheet ${String(i + 1)} of ${String(sheets.length)}`);
    }
    assert.ok((strips[0] ?? 0) >= 4, `${name}, ${lang}: ${String(sheets.length)} sheets`);
  }
}

test("each printed sheet that somebody writes on has the number of its form", { timeout: 240_000 }, async (t) => {
  const browser = await startBrowser();
  t.after(() => browser.close());
  const page = await browser.newPage();
  await everySheetHasItsNumber(page, (path) => page.pdf({ path, format: "A4" }), "chromium");
});

test("in Firefox each printed sheet that somebody writes on has the number of its form", { timeout: 240_000 }, async (t) => {
  const browser = await launch({ browser: "firefox", executablePath: FIREFOX, headless: true, extraPrefsFirefox: { "intl.accept_languages": "en" } });
  t.after(() => browser.close());
  const page = await browser.newPage();
  await everySheetHasItsNumber(page, (path) => page.pdf({ path, format: "A4" }), "firefox");
});
