/** Taking back what was told, with script and without. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { house } from "./browser.js";
import { words } from "./demo.js";
import { receiptOn, send, tell } from "./story.js";

const h = house();
const BACK = "/c/riverside/back";

for (const javaScriptEnabled of [true, false]) {
  const how = javaScriptEnabled ? "with script, and the words never leave the device" : "without script, and the page says what our computer sees";
  test(`what was told is taken back with the eight words ${how}`, async () => {
    const text = `to take back ${javaScriptEnabled}`;
    const told = await h.open("/c/riverside/tell", { javaScriptEnabled });
    await tell(told.page, [{ q: "words", a: text }]);
    await send(told.page);
    const receipt = await receiptOn(told.page);
    await told.context.close();
    const at = ["--server", h.demo.url, "--clinic", h.demo.clinic];
    await h.demo.run(["mailbox", ...at, "--write"], `${receipt.words}\nmore ${text}`);

    const { context, page, heard, recorder } = await h.openRecorded(BACK, { javaScriptEnabled, viewport: { width: 360, height: 740 } });
    const main = page.locator("main");
    assert.match(await main.innerText(), javaScriptEnabled ? /Your words stay on this phone or computer/ : /Our computer sees your words for the moment/);
    const typed = receipt.words.split(" ").map((w) => w.slice(0, 4).toUpperCase()).join(" - ");
    await page.getByLabel("Your eight words, or the digits").fill(typed.replace(/^\S+/, "qqqq"));
    await page.getByRole("button", { name: "Take it back now" }).click();
    await page.getByText(/Word 1, "qqqq", is not on our list/i).first().waitFor();
    await page.getByLabel("Your eight words, or the digits").fill(typed);
    if (process.env["SHOTS"] !== undefined) await page.screenshot({ path: `${process.env["SHOTS"]}/back-${javaScriptEnabled}.png`, fullPage: true });
    await page.getByRole("button", { name: "Take it back now" }).click();
    await page.getByText("It is gone. Messages taken back: 2.").first().waitFor();
    assert.equal((await main.innerText()).match(/answerable\/ticket\/v1/g)?.length, 2);
    if (javaScriptEnabled) {
      const posts = [...recorder.posts(BACK), ...recorder.posts("/api/v1/c/riverside/withdraw")];
      assert.ok(!posts.some((p) => p.body.toString().toLowerCase().includes(typed.slice(0, 4).toLowerCase() + " ")));
      for (const p of posts) assert.deepEqual(Object.keys(JSON.parse(p.body.toString()) as object), ["anchor", "token"]);
    }
    // Taken back a moment ago: the panel misses nothing, neither in a terminal nor on its page.
    assert.deepEqual((await h.demo.told()).filter((t) => words(t).includes(text)), []);
    assert.deepEqual(heard.filter((x) => !/40[4]|422/.test(x)), []);
    await context.close();
  });
}
