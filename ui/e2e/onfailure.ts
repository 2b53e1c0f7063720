/** What the open pages said to people when a test failed, so that a failure on another machine can be understood. */
import type { Browser, Page } from "playwright-core";

const ANSWERS_WITHIN = 3_000;

/** One line for each thing that a page said, and each that it complained of. */
export async function saidOnPages(browser: Browser, heardOn: (page: Page) => readonly string[]): Promise<string[]> {
  const pages = browser.contexts().flatMap((context) => context.pages());
  const all = await Promise.all(pages.map(async (page) => [
    `open: ${page.url()}`,
    ...(await Promise.race([saidOn(page), late()])),
    ...heardOn(page).map((complaint) => `  complaint: ${complaint}`),
  ]));
  return all.flat();
}

function saidOn(page: Page): Promise<string[]> {
  const found = page.evaluate(() => {
    const parts = { "title": "h1", "alert": '[data-part="alert"]', "status": '[data-part="status"]', "reading": ".reading h2, .reading h3" };
    return Object.entries(parts).flatMap(([name, selector]) =>
      Array.from(document.querySelectorAll<HTMLElement>(selector), (e) => e.innerText.trim()).filter((text) => text !== "").map((text) => `  ${name}: ${text}`));
  });
  return found.catch((err: unknown) => [`  does not answer: ${String(err)}`]);
}

const late = (): Promise<string[]> => new Promise((resolve) => { setTimeout(resolve, ANSWERS_WITHIN, ["  does not answer"]).unref(); });
