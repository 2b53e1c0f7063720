/** Lighthouse finds nothing to mend in a public page: accessibility and good practice, 100 of 100. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Demo } from "./demo.js";
import { lighthouse } from "./lighthouse.js";

let demo: Demo;
before(async () => { demo = await Demo.start("--submissions", "0"); }, { timeout: 240_000 });
after(() => demo.stop());

const PAGES = ["/", "/c/riverside", "/c/riverside/tell", "/c/riverside/tell?lang=ar", "/c/riverside/about-you", "/c/riverside/mailbox", "/c/riverside/back", "/c/riverside/check",
  "/c/riverside/keys", "/c/riverside/poster", "/c/riverside/paper", "/c/riverside/accountability", "/c/riverside/accountability?lang=es", "/panel"];

for (const page of PAGES) {
  test(`${page} has all points`, { timeout: 300_000 }, async () => {
    const { points, lost } = await lighthouse(demo.url + page, ["accessibility", "best-practices"]);
    assert.deepEqual([points, lost], [{ "accessibility": 100, "best-practices": 100 }, []]);
  });
}
