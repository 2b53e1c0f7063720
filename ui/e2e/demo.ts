/**
 * A running demo for browser tests: the real binary with a database of its own, in a folder that
 * goes away afterwards, and a real Chromium.
 */
import { execFileSync, spawn, type ChildProcess } from "node:child_process";
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import path from "node:path";
import { chromium, type Browser, type Page } from "playwright-core";

const repository = path.join(import.meta.dirname, "../../..");
const binary = path.join(repository, "bin/answerable");

export interface Demo {
  url: string;
  clinic: string;
  /** Paths of the identity files of the panel. */
  identities: string[];
  /** Runs the command line tool against this demo; returns what it printed. */
  run: (args: string[], input?: string) => string;
  /** A path for a file of the test's own. */
  file: (name: string) => string;
  stop: () => Promise<void>;
}

/** Starts `answerable demo` with more flags. Batches come every second unless the flags say otherwise. */
export async function startDemo(...flags: string[]): Promise<Demo> {
  if (!existsSync(binary)) throw new Error("bin/answerable is missing. Run: make build");
  const folder = mkdtempSync(path.join(tmpdir(), "answerable-e2e-"));
  chmodSync(folder, 0o755); // as root, Postgres runs as another user and has to get in
  const server = spawn(binary, ["demo", "--data", path.join(folder, "data"), "--addr", "127.0.0.1:0", "--batch-every", "1s", "--json", ...flags]);
  const ready = await firstLine(server);
  const line = JSON.parse(ready) as { url: string; clinic: string; identities: string[] };
  return {
    ...line,
    run: (args, input = "") => execFileSync(binary, args, { input, encoding: "utf8", stdio: ["pipe", "pipe", "ignore"] }),
    file: (name) => path.join(folder, name),
    stop: async () => {
      const ended = new Promise((resolve) => server.once("exit", resolve));
      server.kill("SIGINT");
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** What the server prints when it is ready, or an error with what it said instead. */
function firstLine(server: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let out = "";
    let said = "";
    server.stderr?.on("data", (b: Buffer) => { said += b.toString(); });
    server.stdout?.on("data", (b: Buffer) => {
      out += b.toString();
      if (out.includes("\n")) resolve(out.slice(0, out.indexOf("\n")));
    });
    server.once("exit", (code) => { reject(new Error(`the demo ended with ${String(code)}: ${said}`)); });
  });
}

/** Chromium where Debian, Ubuntu and macOS put it, or where CHROMIUM says. */
function chromiumPath(): string {
  const places = [
    process.env["CHROMIUM"], "/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
  ];
  const found = places.find((p) => p !== undefined && existsSync(p));
  if (found === undefined) throw new Error("Chromium is missing. Install it (Debian: apt-get install chromium) or set CHROMIUM to its path.");
  return found;
}

/** A headless Chromium, with more flags if wanted. */
export function startBrowser(...flags: string[]): Promise<Browser> {
  return chromium.launch({
    executablePath: chromiumPath(),
    args: [
      "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-background-networking",
      "--disable-component-update", "--disable-sync", "--no-first-run", ...flags,
    ],
  });
}

/** Collects what the page complains about: script errors, refused resources, console errors. */
export function complaints(page: Page): string[] {
  const heard: string[] = [];
  page.on("pageerror", (err) => heard.push(err.message));
  page.on("console", (m) => { if (m.type() === "error" || m.type() === "warning") heard.push(m.text()); });
  return heard;
}

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

interface AxeResults {
  violations: { id: string; nodes: { target: string[]; failureSummary?: string }[] }[];
}

/** Accessibility violations, one line each. Injected by evaluate: the page's policy refuses added script elements. */
export async function violations(page: Page): Promise<string[]> {
  await page.evaluate(axe);
  const results = await Promise.race([
    page.evaluate(() => (globalThis as unknown as { axe: { run: () => Promise<AxeResults> } }).axe.run()),
    new Promise<never>((_, reject) => setTimeout(() => { reject(new Error("axe did not end")); }, 30_000).unref()),
  ]);
  return results.violations.flatMap((v) => v.nodes.map((n) => `${v.id}: ${n.target.join(" ")}: ${n.failureSummary ?? ""}`));
}
