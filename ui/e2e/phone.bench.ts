/** What a search costs on a phone: the same work in Chromium at its own pace, and slowed down as its tools do it for middling and old phones. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { build } from "esbuild";
import type { Phone } from "../test/phonesearch.js";
import { startBrowser } from "./browser.js";

const REPORTS = 500;
const SLOWER = [1, 4, 6];

const { outputFiles } = await build({ entryPoints: ["test/phonesearch.ts"], bundle: true, format: "iife", target: "es2020", write: false });
const script = outputFiles[0]?.text ?? "";
const server = createServer((_, response) => { response.setHeader("Content-Type", "text/html").end("<!doctype html><title>phone</title>"); });
await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
const browser = await startBrowser();
try {
  for (const rate of SLOWER) {
    const page = await browser.newPage({ viewport: { width: 360, height: 740 } });
    await page.goto(`http://127.0.0.1:${String((server.address() as AddressInfo).port)}/`);
    await page.addScriptTag({ content: script });
    await (await page.context().newCDPSession(page)).send("Emulation.setCPUThrottlingRate", { rate });
    const { open, take, find } = await page.evaluate(() => (globalThis as unknown as { phone: () => Promise<Phone> }).phone());
    const searches = Object.entries(find).map(([q, ms]) => `${q} ${ms.toFixed(1)}`).join(", ");
    console.log(`${String(REPORTS)} reports, ${String(rate)} times slower: opened in about ${(open * REPORTS / 1000).toFixed(0)} s (${open.toFixed(0)} ms each), taken into the index in ${(take / 1000).toFixed(1)} s; searches in ms: ${searches}`);
    await page.close();
  }
} finally {
  await browser.close();
  server.close();
}
