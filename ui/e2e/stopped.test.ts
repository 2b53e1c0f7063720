/** Telling while the database is stopped: the server answers, and can keep nothing. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { house } from "./browser.js";
import { receiptOn, send, tell } from "./story.js";

const h = house();
const TELL = "/c/riverside/tell";

test("with the database stopped the form says that nothing can be kept, and the words stay", async () => {
  const open = await h.open(TELL);
  await tell(open.page, [{ q: "words", a: "told while all was well" }]);
  await send(open.page);
  await receiptOn(open.page);
  await open.context.close();

  const { context, page } = await h.open(TELL);
  const status = page.locator('[data-part="status"]');
  await tell(page, [{ q: "words", a: "told while it was stopped" }]);
  h.demo.stopDatabase();
  await send(page);
  await status.filter({ hasText: "it can keep nothing right now" }).waitFor({ timeout: 120_000 });
  const said = await status.innerText();
  assert.match(said, /Your words are still here, on this page only/);
  assert.match(said, /try again in some minutes/);
  assert.doesNotMatch(said, /could not reach/);
  assert.equal(await page.locator("#words").inputValue(), "told while it was stopped");
  assert.ok(await page.locator("#words").isEnabled());
  assert.ok(await page.getByRole("button", { name: "Send again" }).isVisible());
  assert.equal(await page.locator(".receipt").count(), 0);
  await context.close();
});
