/** What the tests tell: made up, with everything in it that texts of people hold. */
import type { Locator, Page } from "playwright-core";
import type { Answer } from "../src/pad.js";

/** Parts of the story by which it would be known again wherever it turned up. */
export const CANARIES = ["zebrafinch-7431", "Quillwort Ammerling", "“curly’s” — dash", "שלום עולם", "👩🏽‍⚕️🕊️", "the marmalade stairs", "ask about ochre lanterns"];

export const WORDS =
  `  It was zebrafinch-7431, by “curly’s” — dash, on the stairs.\n\n\tThen שלום עולם and مرحبا 👩🏽‍⚕️🕊️.\n` +
  `cafe\u0301 & <b>not bold</b> + 50% = ?a=b&c="d"\n\nEnd  `;

/** Answers of every kind, in the order of the form. */
export const STORY: Answer[] = [
  { q: "words", a: WORDS },
  { q: "pictures", a: "middle\nsad" },
  { q: "for_whom", a: "helping_someone_cannot_ask" },
  { q: "themes", a: "force\nrespect" },
  { q: "items", a: "force.held_down\nrespect.hid_behind_role" },
  { q: "good", a: "good_care.heard" },
  { q: "other_text", a: "the marmalade stairs" },
  { q: "when", a: "many_times" },
  { q: "service", a: "crisis_house" },
  { q: "roles", a: "security\nsomeone_else" },
  { q: "names", a: "Quillwort Ammerling\nand a second line" },
  { q: "wants", a: "say_sorry" },
  { q: "wants_text", a: "ask about ochre lanterns" },
  { q: "must_not", a: "do_not_call_police" },
  { q: "share_level", a: "my_words_to_clinic" },
  { q: "hide", a: "the_place" },
];

const TYPED = ["words", "other_text", "names", "wants_text", "language"];

/** Fills the form as a person would: types, ticks, goes on, and opens what is folded when something in it is wanted. */
export async function tell(page: Page, answers: Answer[]): Promise<void> {
  await inParts(page);
  for (const { q, a } of answers) {
    await goTo(page, page.locator(".step").filter({ has: page.locator(`[name="${q}"]`) }));
    if (TYPED.includes(q)) await page.locator(`[name="${q}"]`).fill(a);
    else for (const code of a.split("\n")) await tick(page, q, code);
  }
}

async function tick(page: Page, q: string, code: string): Promise<void> {
  const control = page.locator(`input[name="${q}"][value="${code}"]`);
  const folded = page.locator("details:not([open])").filter({ has: control });
  while ((await folded.count()) > 0) await folded.first().locator("> summary").click();
  await control.check();
}

/** Waits until the form is in parts, where the browser locks and so will put it into parts. */
export async function inParts(page: Page): Promise<void> {
  const locks = (await page.locator('[data-part="locks"]').textContent()) ?? "";
  if ((locks.startsWith("Your phone or computer") || (await page.locator("html").getAttribute("lang")) !== "en") && (await page.locator("#problems").count()) === 0) await page.locator("form[data-part]").waitFor();
}

/** Presses Continue until a part is there. */
async function goTo(page: Page, part: Locator): Promise<void> {
  while (!(await part.isVisible())) await page.locator(".ways-on > .button:not(.second):visible").click();
}

/** Goes to the last part, and gives the button that sends. */
export async function atTheEnd(page: Page): Promise<Locator> {
  await inParts(page);
  const rest = page.locator(".ways-on > button[name=rest]:visible");
  const button = page.locator('form[data-module] .step button[type=submit].button');
  if (!(await button.isVisible())) await ((await rest.isVisible()) ? rest : page.locator(".ways-on > .button:not(.second):visible")).click();
  return button;
}

export async function send(page: Page): Promise<void> {
  await (await atTheEnd(page)).click();
}

/** What the page of thanks shows. */
export interface Receipt {
  words: string;
  digits: string;
  ticket: string;
}

export async function receiptOn(page: Page): Promise<Receipt> {
  await page.locator(".ticket").waitFor();
  return {
    words: (await page.locator(".receipt li").allTextContents()).join(" "),
    digits: ((await page.locator(".digits").textContent()) ?? "").replaceAll(" ", ""),
    ticket: (await page.locator(".ticket").textContent()) ?? "",
  };
}
