/**
 * Every page that people who tell, come back or look can be shown, without script and with it, in a language: no violation that
 * axe finds. One browser and one demo serve all of it; a page without script is fetched as a browser would and shown as it came.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Page } from "playwright-core";
import { house, smallTargets, violations } from "./browser.js";
import { ABOUT, addressOf, BACK, furnishPlain, MAILBOX, nobody, plainPages, said, sentBy, TELL, type Language, type Plain } from "./plainpages.js";
import { atTheEnd, receiptOn, send, tell } from "./story.js";

/** Eight words that open a mailbox with an answer. */
let answered = "";

const h = house(0, async (demo) => { answered = await furnishPlain(demo); });

/** The page that comes, without its scripts: axe is one, and has to run beside it. */
async function fetched(plain: Plain, lang: Language): Promise<string> {
  const [address, sent] = [addressOf(h.demo, plain.path, lang), await sentBy(plain)];
  const answer = await fetch(address, sent === undefined ? {} : { method: "POST", body: new URLSearchParams(sent) });
  assert.equal(answer.status, plain.status ?? 200, address);
  const html = (await answer.text()).replace(/<script src="[^"]*" defer><\/script>/g, "");
  assert.ok(html.includes(`<html lang="${lang}"`) && !html.includes("<script src"));
  return html;
}

/** Works through rows two at once, as many as there are cores. */
async function twoAtOnce<T>(rows: T[], lane: (next: () => T | undefined) => Promise<void>): Promise<void> {
  const left = [...rows];
  await Promise.all([lane(() => left.shift()), lane(() => left.shift())]);
}

/** What axe finds, in the dark only once, for the colours are those of every language; and what is too small to press. */
const found = async (page: Page, lang: Language, name: string): Promise<string[]> =>
  [...(await violations(page, { dark: lang === "en" })), ...(await smallTargets(page)).map((t) => `too small to press: ${t}`)].map((v) => `${name}: ${v}`);

const submit = (page: Page, form: string): Promise<void> => page.locator(`${form} button[type=submit].button`).first().click();

/** Opens a mailbox in this browser. */
async function opened(page: Page, words: string): Promise<void> {
  await page.locator("#receipt").fill(words);
  await submit(page, "#enter");
  await page.locator("#room:not([hidden]) #answers-title").waitFor();
}

const inParts = (page: Page): Promise<void> => page.locator("form[data-part]").waitFor();

/** Opens all that is folded, so that axe sees it. */
const unfold = (page: Page): Promise<void> => page.locator("details").evaluateAll((all) => { for (const d of all) d.setAttribute("open", ""); });

/** What scripts make of a page: where it begins, and what a person does there. Each look is at the page as it then stands. */
type Look = (state: string) => Promise<void>;
const SCRIPTED: Record<string, { path: string; act: (page: Page, look: Look) => Promise<void> }> = {
  "form": {
    path: TELL,
    act: async (page, look) => {
      await inParts(page);
      await look("first part");
      for (let part = 2; ; part++) {
        const on = page.locator('[data-way="on"]:visible');
        if ((await on.count()) === 0) break;
        await on.click();
        await unfold(page);
        await look(`part ${String(part)}`);
      }
      await send(page);
      await page.locator("#problems").waitFor();
      await look("nothing said");
    },
  },
  "form, in pictures": {
    path: TELL,
    act: async (page, look) => {
      await inParts(page);
      await page.locator(".switch:visible").click();
      await page.locator("form.tiles").waitFor();
      await page.locator('[data-way="on"]:visible').click();
      await unfold(page);
      await look("a part");
      await atTheEnd(page);
      await look("looked over");
    },
  },
  "form, sent": {
    path: TELL,
    act: async (page, look) => {
      await tell(page, [{ q: "words", a: "Told for axe on 3 March by Dr Blue." }, { q: "wants", a: "be_counted" }]);
      await atTheEnd(page);
      await look("with a doubt and a hint");
      await send(page);
      await receiptOn(page);
      await look("thanks");
      await page.locator("section[aria-labelledby=words-title] button").last().click();
      await look("the words are gone");
    },
  },
  "form, on a shared device": {
    path: `${TELL}?shared`,
    act: async (page, look) => {
      await inParts(page);
      await look("first part");
      await page.keyboard.press("Shift");
      await page.keyboard.press("Shift");
      await page.locator(".leave-count:not(:empty)").waitFor();
      await look("two presses of Shift");
    },
  },
  "form, from paper": { path: `${TELL}?paper`, act: async (page, look) => { await inParts(page); await look("first part"); } },
  "about you": {
    path: ABOUT,
    act: async (page, look) => {
      await look("asked");
      await submit(page, "#about-you");
      await page.locator('[data-part="status"]:not(:empty), #problems').first().waitFor();
      await look("nothing said");
      await page.locator("#communities").fill("told for axe");
      await submit(page, "#about-you");
      await page.locator("#about-you").waitFor({ state: "detached" });
      await look("sent");
    },
  },
  "back": {
    path: BACK,
    act: async (page, look) => {
      await look("asked");
      await page.locator("#receipt").fill("zebra xylophonist");
      await submit(page, "#back");
      await page.locator("#receipt-problem:not([hidden])").waitFor();
      await look("a wrong word");
      await page.locator("#receipt").fill((await said(h.demo, "mine")).receipt);
      await submit(page, "#back");
      await page.locator("#done:not([hidden])").waitFor();
      await look("done");
    },
  },
  "mailbox": {
    path: MAILBOX,
    act: async (page, look) => {
      await look("asked");
      await page.locator("#receipt").fill("zebra xylophonist");
      await submit(page, "#enter");
      await page.locator("#mailbox-problem:not([hidden])").waitFor();
      await look("a wrong word");
      await opened(page, answered);
      await page.locator(".answer").first().waitFor();
      await unfold(page);
      await look("with an answer");
      await submit(page, "#write");
      await page.locator("#mailbox-problem:not([hidden])").waitFor();
      await look("nothing written");
      await page.locator("#more-words").fill("more");
      await submit(page, "#write");
      await page.locator("#said:not([hidden])").waitFor();
      await look("written");
      await page.locator('[data-part="close"]').click();
      await look("closed");
    },
  },
  "mailbox, empty": {
    path: MAILBOX,
    act: async (page, look) => { await opened(page, nobody); await look("open"); },
  },
  "check": {
    path: "/c/riverside/check",
    act: async (page, look) => {
      await page.locator("form[data-module=logcheck]").waitFor();
      await unfold(page);
      await look("asked");
      await submit(page, "form[data-module=logcheck]");
      await page.locator("#check-problem:not(:empty)").waitFor();
      await look("nothing said");
      await page.locator("#check-words").fill(answered);
      await submit(page, "form[data-module=logcheck]");
      await page.locator('[data-part="status"] summary').waitFor();
      await unfold(page);
      await look("found");
    },
  },
  "accountability": {
    path: "/c/riverside/accountability",
    act: async (page, look) => {
      await unfold(page);
      await look("as it comes");
      await page.locator("[data-module=promises]:not([hidden]) button").click();
      await page.locator("[data-module=promises] [data-part=said]:not(:empty)").waitFor();
      await look("signatures checked");
    },
  },
};

/** Walks through all pages without script in a language. */
export function plainWalk(lang: Language): void {
  test(`no page without script has a violation, ${lang}`, async () => {
    const wrong: string[] = [];
    await twoAtOnce(Object.entries(plainPages(h.demo, answered)), async (next) => {
      const { context, page } = await h.open("/static/app.css");
      let html = "";
      await page.route("**/as-it-came", (route) => route.fulfill({ contentType: "text/html; charset=utf-8", body: html }));
      for (let row = next(); row !== undefined; row = next()) {
        const [name, plain] = row;
        html = await fetched(plain, lang);
        await page.goto(`${h.demo.url}/as-it-came`);
        assert.ok((await page.locator("h1").count()) === 1 && (await page.locator("main").count()) === 1, name);
        wrong.push(...(await found(page, lang, name)));
      }
      await page.evaluate(() => { document.querySelector("main h1")?.replaceWith(document.createElement("img")); });
      assert.match((await found(page, lang, "an image that nothing is said of")).join("\n"), /image-alt/);
      await context.close();
    });
    assert.deepEqual(wrong, []);
  });
}

/** Walks through all that scripts make of them. */
export function scriptedWalk(lang: Language): void {
  test(`no page with script has a violation, ${lang}`, async () => {
    const wrong: string[] = [];
    await twoAtOnce(Object.entries(SCRIPTED), async (next) => {
      for (let row = next(); row !== undefined; row = next()) {
        const [name, { path, act }] = row;
        const { context, page } = await h.open(`${path}${path.includes("?") ? "&" : "?"}lang=${lang}`);
        let looks = 0;
        await act(page, async (state) => {
          looks++;
          assert.equal(await page.locator("html").getAttribute("lang"), lang);
          wrong.push(...(await found(page, lang, `${name}, ${state}`)));
        });
        assert.ok(looks > 0, name);
        await context.close();
      }
    });
    assert.deepEqual(wrong, []);
  });
}
