/** A real Chromium, and what every page is held to. */
import assert from "node:assert/strict";
import { accessSync, constants, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { after, afterEach, before } from "node:test";
import { chromium, type Browser, type BrowserContext, type BrowserContextOptions, type Page } from "playwright-core";
import { Demo } from "./demo.js";
import { saidOnPages } from "./onfailure.js";
import { Recorder } from "./recorder.js";

/** A machine may be slow, in milliseconds. What comes is waited for no longer than it takes. */
const PATIENCE = 60_000;

/** For `unrouteAll`: what is under way is answered first. A route taken away under its own answer breaks the test. */
export const WAITED = { behavior: "wait" } as const;

/** The demo and the browser of a test file. Both end with the file, also when a test fails. */
export interface House {
  demo: Demo;
  browser: Browser;
  /** A page of its own, in a browser that knows nothing of the others. */
  open: (where: string, options?: BrowserContextOptions) => Promise<Visit>;
  /** The same, with all its traffic through a recorder. */
  openRecorded: (where: string, options?: BrowserContextOptions) => Promise<Visit & { recorder: Recorder }>;
}

/** A page being visited, and what it complained of: script errors, refused resources, policy violations. */
export interface Visit {
  context: BrowserContext;
  page: Page;
  heard: string[];
}

/** Starts both before the tests of a file: a demo with some made-up texts, to which more can be added. */
export function house(submissions = 0, furnish?: (demo: Demo) => Promise<void>): House {
  const h: Partial<House> = {};
  const recorders: Recorder[] = [];
  let over = false;
  before(async () => {
    h.demo = await Demo.start("--submissions", `${submissions}`);
    h.browser = await startBrowser();
    await furnish?.(h.demo);
  }, { timeout: 240_000 });
  const heardOn = new WeakMap<Page, string[]>();
  afterEach(async (t) => {
    const test = t as { passed?: boolean; diagnostic: (line: string) => void }; // passed: since Node.js 20.12, and in no types of 20
    if (test.passed !== false || h.browser === undefined) return;
    for (const line of await saidOnPages(h.browser, (page) => heardOn.get(page) ?? [])) test.diagnostic(line);
  });
  after(async () => {
    over = true;
    await h.browser?.close();
    await Promise.all(recorders.map((r) => r.stop()));
    await h.demo?.stop();
  }, { timeout: 60_000 });
  h.open = async (where, options = {}) => {
    const { demo, browser } = h as House;
    const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
    context.setDefaultTimeout(PATIENCE);
    const page = await context.newPage();
    endsWithItsWindow(context, page, () => over);
    const heard = complaints(page);
    heardOn.set(page, heard);
    await page.goto(where.startsWith("http") ? where : demo.url + where);
    return { context, page, heard };
  };
  h.openRecorded = async (where, options = {}) => {
    const { demo, open } = h as House;
    const recorder = await Recorder.start(demo.url);
    recorders.push(recorder);
    return { ...(await open(where, { ...options, proxy: recorder.proxy })), recorder };
  };
  return h as House;
}

/**
 * An answer that a test changes may be under way when its window closes: Playwright then breaks the test that is over, or the one
 * after it. Nothing is taken away before the window, for that sends on what a test holds back.
 */
function endsWithItsWindow(context: BrowserContext, page: Page, over: () => boolean): void {
  let closing = false;
  const [close, route] = [context.close.bind(context), page.route.bind(page)];
  context.close = (why) => {
    closing = true;
    return close(why);
  };
  page.route = (url, handler, times) => route(url, async (...asked) => {
    try {
      await handler(...asked);
    } catch (err) {
      if (!closing && !over()) throw err;
    }
  }, times);
}

/** Chromium from the PATH, or where CHROMIUM says. */
export function chromiumPath(): string {
  const folders = (process.env["PATH"] ?? "").split(path.delimiter);
  const names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
  const places = [process.env["CHROMIUM"], ...names.flatMap((n) => folders.map((f) => path.join(f, n)))];
  const found = places.find((p) => p !== undefined && runs(p));
  if (found === undefined) throw new Error("Chromium is missing. Install it (Debian: apt-get install chromium) or set CHROMIUM to its path.");
  return found;
}

function runs(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/**
 * What these tests do without. The first line is the window around a page: for each new one Chromium makes ready a list under
 * an address bar that nobody sees, and a process for a page to come, which together take longer than most pages of ours. Of
 * several lists Chromium takes the last, so the others stand here as Playwright gives them.
 */
const WITHOUT = [
  "WebUIOmniboxPopup", "WebUIOmniboxAimPopup", "SpareRendererForSitePerProcess",
  "AvoidCorsURLLoaderRestartOnRedirect", "AvoidUnnecessaryBeforeUnloadCheckSync", "DestroyProfileOnBrowserClose", "HttpsFirstBalancedModeAutoEnable",
  "HttpsUpgrades", "LensOverlay", "MediaRouter", "NetworkTimeServiceQuerying", "OptimizationHints", "PaintHolding", "PreconnectToSearch", "AimEnabled",
  "ThirdPartyStoragePartitioning",
];

/** In a container, and as root, the sandbox cannot start; these pages are our own. */
export const FLAGS = [
  "--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-dev-shm-usage", "--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run",
  `--disable-features=${WITHOUT.join(",")}`,
];

/** `camera` is a film (y4m) that its camera sees, and its owner allows; `letters` the size of text that its owner wants, in pixels. */
export function startBrowser(more: { keepPagesForBack?: boolean; camera?: string; letters?: number } = {}): Promise<Browser> {
  return chromium.launch({
    executablePath: chromiumPath(),
    args: [
      ...FLAGS,
      "--host-resolver-rules=MAP plain.test 127.0.0.1",
      ...(more.letters === undefined ? [] : [`--blink-settings=defaultFontSize=${String(more.letters)}`]),
      ...(more.camera === undefined ? [] : ["--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream", `--use-file-for-fake-video-capture=${more.camera}`]),
    ],
    ignoreDefaultArgs: more.keepPagesForBack === true ? ["--disable-back-forward-cache"] : [],
  });
}

function complaints(page: Page): string[] {
  const heard: string[] = [];
  page.on("pageerror", (err) => heard.push(err.message));
  page.on("console", (m) => { if (m.type() === "error" || m.type() === "warning") heard.push(m.text()); });
  return heard;
}

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

interface AxeResults {
  violations: { id: string; nodes: { target: string[]; failureSummary?: string }[] }[];
}

const GUIDELINES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa", "best-practice"];

/**
 * Accessibility violations, one line each, in light and in dark. Injected by evaluate: the page's
 * policy refuses added script elements. Only contrast can differ in the dark, and in another language nothing of that: `dark` leaves
 * it out there.
 */
export async function violations(page: Page, { dark: andDark = true } = {}): Promise<string[]> {
  await page.emulateMedia({ colorScheme: "light" });
  if (!await page.evaluate(() => "axe" in globalThis)) await page.evaluate(axe); // half a megabyte, once for a page
  const found = await runAxe(page, { runOnly: { type: "tag", values: GUIDELINES } });
  if (!andDark) return found;
  await page.emulateMedia({ colorScheme: "dark" });
  const dark = await runAxe(page, { runOnly: { type: "rule", values: ["color-contrast"] } });
  await page.emulateMedia({ colorScheme: "light" });
  return [...found, ...dark.map((v) => `in the dark: ${v}`)];
}

async function runAxe(page: Page, options: object): Promise<string[]> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => { timer = setTimeout(() => { reject(new Error("axe did not end")); }, 60_000); });
  const run = page.evaluate((o) => (globalThis as unknown as { axe: { run: (o: object) => Promise<AxeResults> } }).axe.run(o), { ...options, resultTypes: ["violations"], preload: false });
  const results = await Promise.race([run, late]).finally(() => { clearTimeout(timer); });
  return results.violations.flatMap((v) => v.nodes.map((n) => `${v.id}: ${n.target.join(" ")}: ${n.failureSummary ?? ""}`));
}

/** What a page leaves on the device, as far as script can see: all of it has to be nothing. */
export function keptOnDevice(page: Page): Promise<object> {
  return page.evaluate(async () => ({
    local: localStorage.length,
    session: sessionStorage.length,
    databases: (await indexedDB.databases()).length,
    caches: (await caches.keys()).length,
    workers: (await navigator.serviceWorker.getRegistrations()).length,
    cookies: document.cookie,
    history: history.state as unknown,
    name: window.name,
  }));
}

export const NOTHING_KEPT = { local: 0, session: 0, databases: 0, caches: 0, workers: 0, cookies: "", history: null, name: "" };

/** Controls that are lower than a finger is wide, 44 pixels. Links within a sentence are none: WCAG 2.5.5 lets them be. */
export function smallTargets(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const targets = "button, summary, select, textarea, input[type=text], input[type=file], label.choice, .leave, nav a, header a, li > a:first-child, .button";
    const alone = Array.from(document.querySelectorAll("p > a:only-child")).filter((a) => a.textContent.trim() === a.parentElement?.textContent.trim());
    const shown = [...Array.from(document.querySelectorAll(targets)), ...alone].filter((e) => e.getClientRects().length > 0 && !e.classList.contains("unseen"));
    const size = shown.map((e) => ({ e, width: Math.round(e.getBoundingClientRect().width), height: Math.round(e.getBoundingClientRect().height) }));
    return size.filter(({ width, height }) => width < 44 || height < 44).map(({ e, width, height }) => `${e.tagName} ${e.id || e.textContent.trim().slice(0, 30)}: ${String(width)} x ${String(height)}`);
  });
}

/** What a screen reader says of a page, as one text: roles and names in the order in which it comes to them. */
export const spokenOf = (page: Page): Promise<string> => page.locator("body").ariaSnapshot();

/** Throws unless these stand in a text in this order. */
export function inOrder(text: string, parts: readonly string[]): void {
  let from = 0;
  for (const part of parts) {
    const at = text.indexOf(part, from);
    if (at < 0) throw new Error(`${part} is missing or in another place in\n${text}`);
    from = at + part.length;
  }
}

/** What reaches beyond the window. */
export const tooWide = (page: Page): Promise<string[]> => page.evaluate(() => {
  const width = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= width) return [];
  return Array.from(document.querySelectorAll("body *")).filter((e) => e.getBoundingClientRect().right > width + 1)
    .map((e) => `${e.tagName} ${e.className}: ${String(Math.round(e.getBoundingClientRect().right))}`);
});

/** Presses Tab until a control has the focus. At each stop the focus must show, and the Leave button must not hide it. */
export async function tabTo(page: Page, selector: string): Promise<void> {
  for (let pressed = 0; pressed < 250; pressed++) {
    await page.keyboard.press("Tab");
    const stop = await page.evaluate((wanted) => {
      const e = document.activeElement;
      if (!(e instanceof HTMLElement) || e === document.body) return null; // round the end, by way of the browser's own controls
      const style = getComputedStyle(e);
      const box = e.getBoundingClientRect();
      const leave = document.querySelector(".leave");
      const over = leave === e ? undefined : leave?.getBoundingClientRect();
      const covered = over !== undefined && box.left >= over.left && box.right <= over.right && box.top >= over.top && box.bottom <= over.bottom;
      return {
        where: e.id || e.textContent.slice(0, 30),
        there: e.matches(wanted),
        ring: style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2,
        seen: box.bottom > 0 && box.top < innerHeight && !covered,
      };
    }, selector);
    if (stop === null) continue;
    if (!stop.ring) throw new Error(`the focus does not show on ${stop.where}`);
    if (!stop.seen) throw new Error(`${stop.where} has the focus and is hidden`);
    if (stop.there) return;
  }
  throw new Error(`Tab never comes to ${selector}`);
}

/** Fails where a page breaks a rule of accessibility, or is wider than its window. */
export async function accessible(page: Page, where: string): Promise<void> {
  assert.deepEqual(await violations(page), [], where);
  const wide = await page.evaluate(() => document.documentElement.scrollWidth > document.documentElement.clientWidth);
  assert.ok(!wide, `${where} is wider than the window`);
}
