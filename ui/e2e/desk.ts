/** A reviewer at the panel's desk, as tests sit there. */
import type { APIResponse, BrowserContextOptions, Page, Route } from "playwright-core";
import type { House, Visit } from "./browser.js";

/** Signs in with the nth identity file of the demo and waits for the queue. */
export async function sit(h: House, n: number, options: BrowserContextOptions & { prepare?: (page: Page) => Promise<unknown> } = {}): Promise<Visit> {
  const { prepare, ...context } = options;
  const visit = await h.open("/panel", context);
  if (prepare) {
    await prepare(visit.page);
    await visit.page.reload();
  }
  await signIn(visit.page, h.demo.identity(n));
  return visit;
}

export async function signIn(page: Page, file: string): Promise<void> {
  await page.setInputFiles('[data-part="file"]', file);
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
  await queueIsThere(page);
}

export async function queueIsThere(page: Page): Promise<void> {
  await page.waitForFunction(() => /messages?\.|Nobody has/.test(document.querySelector('[data-part="status"]')?.textContent ?? "") && document.querySelector("[aria-disabled]") === null);
}

export async function lookAgain(page: Page): Promise<void> {
  await page.evaluate(() => { (document.querySelector('[data-part="status"]') as HTMLElement).textContent = ""; });
  await press(page, "Look again");
  await queueIsThere(page);
}

export const press = (page: Page, name: string): Promise<void> => page.getByRole("button", { name, exact: true }).click();

export const rowOf = (leaf: string): string => `[data-leaf="${leaf}"]`;

/** Opens a message as somebody whom nothing ties to it. Whoever has a part in it already just opens it. */
export async function take(page: Page, row: string): Promise<void> {
  await page.evaluate(() => { for (const e of document.querySelectorAll(".reading > *")) e.setAttribute("data-before", ""); });
  await page.locator(row).click();
  const told = page.locator(".reading > :not([data-before]) > h3", { hasText: /^What was told$/ });
  const mine = page.getByRole("button", { name: "Nothing ties me to it: I take it", exact: true });
  await mine.or(told).first().waitFor();
  if (await mine.isVisible()) await mine.click();
  await told.waitFor();
}

/** Hands a message back, and waits until the list is worked out anew: until then a press is told to wait. */
export async function handBack(page: Page, row: string): Promise<void> {
  const listed = await page.locator(row).elementHandle();
  await press(page, "Hand this back");
  await page.getByText("Nobody is told why", { exact: false }).first().waitFor();
  await listed.waitForElementState("hidden");
}

/** Answers the coding form: yes for some themes, no for all others. */
export async function code(page: Page, yes: string[], seriousness: number, prefix = "mine_"): Promise<void> {
  for (const name of await page.locator(`input[type=radio][name^="${prefix}theme."][value=no]`).evaluateAll((all) => all.map((i) => (i as HTMLInputElement).name))) {
    await page.locator(`input[name="${name}"][value="${yes.includes(name.slice(prefix.length + 6)) ? "yes" : "no"}"]`).check();
  }
  await page.locator(`input[name="${prefix}seriousness"][value="${seriousness}"]`).check();
}

export const alertOf = async (page: Page): Promise<string> => {
  await page.waitForFunction(() => document.querySelector('[data-part="alert"]')?.textContent !== "");
  return (await page.textContent('[data-part="alert"]')) ?? "";
};

/** As a first reader, to whom no card was stored yet: whole keys are given, and nothing is stored. Other routes of a test come after it. */
export async function firstReader(page: Page): Promise<void> {
  await page.route("**/reviews?after=*", (route) => route.fulfill({ json: { files: [], next: "" } }));
  for (const path of ["reviews", "acts"]) {
    await page.route(`**/panel/c/*/${path}`, async (route) => {
      if (route.request().method() === "POST") await route.fulfill({ status: 201, json: {} });
      else await route.fallback();
    });
  }
  await page.route("**/files?after=*", async (route) => { await route.fulfill({ response: await wholeFiles(route) }); });
}

/** The answer to a request for files, without its wish for those that have no card. */
export const wholeFiles = (route: Route): Promise<APIResponse> => route.fetch({ url: route.request().url().replace("&uncarded=1", "") });
