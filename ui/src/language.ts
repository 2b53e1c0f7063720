/**
 * The page in another language, with everything that stands on it: what was typed and ticked, what is open, the page's own
 * state. Nothing is sent and nothing is kept. The page is fetched in both languages, its sentences are set side by side, and
 * each sentence that stands here is said in the other language, also those that a script put there.
 *
 * Without this the switch is a link, or a button that sends the form to get it back.
 */

import { pageAt } from "./page.js";
import { keepSwitchHere, putSentences, stringsOf, textsAt, type Texts } from "./tell/say.js";

/** What tells nothing in a language, or belongs to the person or to the place where it stands. */
const NOT_WORDS = ["lang", "dir", "id", "name", "value", "class", "type", "for", "checked", "hidden", "open", "nonce"];

/** Sentences of one language by those of another, and attributes by their name and value. */
interface Phrases {
  texts: Map<string, string>;
  attributes: Map<string, string>;
  /** Sentences with names in braces, as what they look like when a script has put values in. */
  filled: { looks: RegExp; names: string[]; say: string }[];
}

async function speak(address: string): Promise<void> {
  const where = document.querySelector<HTMLElement>("[data-words]")?.dataset["words"];
  const [from, to, before, after] = await Promise.all([
    wholePage(wholeAt(window.location.href)), wholePage(wholeAt(address)), partWords(where, window.location.href), partWords(where, address),
  ]);
  const phrases: Phrases = { texts: new Map(), attributes: new Map(), filled: [] };
  compare(stringsOf(from), stringsOf(to), phrases);
  compare(before, after, phrases);
  pair(from.documentElement, to.documentElement, phrases);
  document.title = retitled(from.title, to.title, { ...stringsOf(from), ...before }, { ...stringsOf(to), ...after });
  retell(document.body, phrases);
  swap("#draft", to);
  swap("nav.languages", to);
  keepSwitchHere(document);
  besides(to);
  document.documentElement.lang = to.documentElement.lang;
  document.documentElement.dir = to.documentElement.dir;
  spoken = address;
  window.addEventListener("popstate", keepAddress);
  keepAddress();
  putSentences(document, { ...stringsOf(to), ...after });
  document.dispatchEvent(new CustomEvent("language", { detail: to })); // what a script has put together says itself anew
}

/** Where the page is in the language that was chosen last. */
let spoken = "";

/** Parts of the form that were left before have an older address. The page that Back brings there is still in this language. */
function keepAddress(): void {
  window.history.replaceState(null, "", spoken + window.location.hash);
}

/** The title, and what stands before it while something is wrong. */
function retitled(from: string, to: string, those: Texts, these: Texts): string {
  const [{ title }, error = "", now = ""] = [document, those["site.error"], these["site.error"]];
  return (title.startsWith(error) ? now + title.slice(error.length) : title).replace(from, () => to);
}

/** A page whose script takes parts from elsewhere names the address that has them all. */
function wholeAt(address: string): string {
  const whole = document.querySelector<HTMLElement>("[data-whole]")?.dataset["whole"];
  return whole === undefined ? address : whole + new URL(address, window.location.href).search;
}

/** The sentences that come apart from the form, in the language of an address. */
async function partWords(where: string | undefined, address: string): Promise<Texts> {
  return where === undefined ? {} : textsAt(where, new URL(address, window.location.href).search);
}

async function wholePage(address: string): Promise<Document> {
  const page = await pageAt(address);
  if (!page?.querySelector("nav.languages")) throw new Error("no page");
  return page;
}

/** Sets the scripts' sentences side by side. */
function compare(from: Texts, to: Texts, phrases: Phrases): void {
  for (const [key, text = ""] of Object.entries(from)) {
    const say = to[key];
    if (say === undefined || text === "") continue;
    const names = Array.from(text.matchAll(/\{(\w+)\}/g), (m) => m[1] ?? "");
    if (names.length === 0) phrases.texts.set(text.trim(), say.trim());
    else phrases.filled.push({ looks: looksLike(text), names, say });
  }
}

/** A sentence with any values in the place of its names. Values may be isolated from letters that run the other way. */
function looksLike(text: string): RegExp {
  const parts = text.split(/\{\w+\}/).map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(`^${parts.join("\u2068?(.*?)\u2069?")}$`, "s");
}

/** Sets two twins side by side: what differs between them is said differently. */
function pair(a: Element, b: Element, phrases: Phrases): void {
  if (a.classList.contains("beside")) return; // it is taken over as it stands
  for (const { name, value } of Array.from(a.attributes)) {
    const other = b.getAttribute(name);
    if (other === null || other === value || NOT_WORDS.includes(name)) continue;
    phrases.attributes.set(`${name} ${value}`, other);
    if (name.startsWith("data-")) phrases.texts.set(value, other); // a script may have said it
  }
  const [those, these] = [a.childNodes, b.childNodes];
  if (those.length !== these.length) return;
  those.forEach((one, i) => {
    const other = these[i];
    if (one instanceof Text && other instanceof Text) pairText(one, other, phrases);
    else if (one instanceof Element && other instanceof Element) pair(one, other, phrases);
  });
}

/** The same words can have to be said differently in different places, so each also counts for the nearest name alone. */
function pairText(one: Text, other: Text, phrases: Phrases): void {
  const text = one.data.trim();
  if (text === "") return;
  phrases.texts.set(placed(one, text), other.data.trim());
  if (!phrases.texts.has(text)) phrases.texts.set(text, other.data.trim());
}

const placed = (node: Text, text: string): string => `${node.parentElement?.closest("[id]")?.id ?? ""}\n${text}`;

function retell(root: Element, phrases: Phrases): void {
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_ELEMENT | NodeFilter.SHOW_TEXT);
  for (let node: Node | null = root; node !== null; node = walker.nextNode()) {
    if (node instanceof Element) retellAttributes(node, phrases);
    else if (node instanceof Text && !(node.parentElement instanceof HTMLTextAreaElement || node.parentElement instanceof HTMLScriptElement)) retellText(node, phrases);
  }
}

function retellAttributes(element: Element, phrases: Phrases): void {
  for (const { name, value } of Array.from(element.attributes)) {
    const other = phrases.attributes.get(`${name} ${value}`);
    if (other !== undefined) element.setAttribute(name, other);
  }
}

function retellText(node: Text, phrases: Phrases): void {
  const text = node.data.trim();
  if (text === "") return;
  const other = phrases.texts.get(placed(node, text)) ?? phrases.texts.get(text) ?? refilled(text, phrases);
  if (other !== undefined) node.data = node.data.replace(text, () => other);
}

function refilled(text: string, phrases: Phrases): string | undefined {
  for (const { looks, names, say } of phrases.filled) {
    const values = looks.exec(text)?.slice(1);
    if (values) return say.replace(/\{(\w+)\}/g, (_, name: string) => values[names.indexOf(name)] ?? "");
  }
  return undefined;
}

function swap(selector: string, to: Document): void {
  const other = to.querySelector(selector);
  if (other) document.querySelector(selector)?.replaceWith(document.adoptNode(other));
}

/** What stands in another language beside a draft, and nowhere else; which one can depend on the draft. */
function besides(to: Document): void {
  const others = to.querySelectorAll<HTMLElement>(".beside");
  document.querySelectorAll<HTMLElement>(".beside").forEach((one, i) => {
    const other = others[i];
    one.textContent = other?.textContent ?? "";
    one.hidden = one.textContent === "";
    if (other !== undefined) [one.lang, one.dir] = [other.lang, other.dir];
  });
}

/** The button that was pressed is gone, and another language's stands in its place. */
function focusSwitch(): void {
  document.querySelector<HTMLElement>("nav.languages a, nav.languages button:not([hidden])")?.focus();
}

let busy = false;

/** Says the page in the language that was chosen. Rejects where that page cannot be had; then everything stays. */
export async function change(choice: Element): Promise<void> {
  if (busy) return;
  busy = true;
  try {
    await speak(choice.getAttribute("href") ?? choice.getAttribute("formaction") ?? "");
    focusSwitch();
  } finally {
    busy = false;
  }
}
