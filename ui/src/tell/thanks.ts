/**
 * The page after sending: the eight words, what happens next, the ticket. It stands in the place of the form, whose
 * fields are emptied first, so that going back finds nothing. The title stays that of the form: a browser keeps titles in its
 * history, which must not tell that something was sent. The heading says it, and has the focus. On a device that others use
 * nothing is printed, copied or saved from it.
 */
import { isShared } from "./links.js";
import type { Accepted } from "./send.js";
import { localeOf, type Say } from "./say.js";

export interface Thanks extends Accepted {
  /** Eight words joined by spaces, and their language. */
  words: string;
  wordsLang: string;
  digits: string;
  lang: string;
  /** The day, as YYYY-MM-DD, until which the panel keeps the key to it. */
  retainUntil: string;
  /** Path of the script that draws the square, "" for none. */
  square: string;
  /** Address of the page with two questions about the person. */
  about: string;
  /** Saves what was told as a file. */
  keep: () => void;
}

export function showThanks(main: HTMLElement, t: Thanks, say: Say): void {
  const doc = main.ownerDocument;
  const title = element(doc, "h1", say("thanks.title_locked"));
  const now = main.querySelector<HTMLElement>("[data-part=now]"); // nobody reads it right away, and whom to turn to
  if (now) now.hidden = false;
  const leaving = main.querySelector<HTMLElement>(".leaving"); // how to get away, and what that cannot hide
  if (leaving) leaving.hidden = false;
  title.tabIndex = -1;
  main.replaceChildren(
    doc.getElementById("draft") ?? "", // that a machine wrote the page, where one did
    doc.querySelector("[data-module=shared]") ?? "", // that it wipes itself, where it does
    title,
    element(doc, "p", say("thanks.locked_client")),
    receipt(doc, t, say),
    element(doc, "h2", say("thanks.next")),
    list(doc, [
      say("script.next_log", { day: writtenDay(t.logBy, t.lang) }),
      say("thanks.next_read"),
      say("script.next_answers", { day: writtenDay(firstEnd(t.retainUntil), t.lang) }),
      say("script.next_kept", { day: writtenDay(t.retainUntil, t.lang) }),
    ]),
    element(doc, "h2", say("thanks.ticket")),
    element(doc, "p", say("thanks.ticket_more")),
    untranslated(element(doc, "pre", t.ticket, "ticket")),
    ...(isShared(doc) ? [] : [
      element(doc, "h2", say("mailbox.packet")),
      element(doc, "p", say("thanks.packet_more")),
      button(doc, say("mailbox.packet_save"), t.keep),
    ]),
    now ?? "",
    aboutYou(doc, t, say),
    element(doc, "p", say("thanks.leave"), "on-screen"),
    leaving ?? "",
  );
  doc.querySelector("nav.languages")?.remove(); // the words are shown once
  window.scrollTo(0, 0);
  title.focus();
}

/** The two questions about the person. Where their page opens, `linksAfterSending` says. */
function aboutYou(doc: Document, t: Thanks, say: Say): HTMLElement {
  const link = Object.assign(doc.createElement("a"), { href: t.about, textContent: say(isShared(doc) ? "about.open_here" : "about.open") });
  const offer = element(doc, "p", `${say("about.offer")} `);
  offer.append(link);
  const section = element(doc, "div", "", "on-screen");
  section.append(element(doc, "h2", say("about.title")), offer);
  return section;
}

function receipt(doc: Document, t: Thanks, say: Say): HTMLElement {
  const words = t.words.split(" ");
  const section = doc.createElement("section");
  const digitsFirst = t.lang !== t.wordsLang; // a language without a list of words
  const title = element(doc, "h2", say(digitsFirst ? "thanks.your_digits" : "thanks.words"));
  title.id = "words-title";
  section.setAttribute("aria-labelledby", title.id);
  const shown = [group(doc, words.slice(0, 4), 1, t.wordsLang), group(doc, words.slice(4), 5, t.wordsLang)];
  const digits = untranslated(element(doc, "p", t.digits.replace(/(...)(?=.)/g, "$1 "), "digits"));
  section.append(
    title,
    ...(digitsFirst ? [digits, element(doc, "p", say("thanks.digits_why")), element(doc, "h3", say("thanks.words")), ...shown] : shown),
    element(doc, "p", say(isShared(doc) ? "thanks.once_here" : "thanks.once")),
    buttons(section, t, say),
    element(doc, "p", say("thanks.use")),
    ...(digitsFirst ? [] : [element(doc, "h3", say("thanks.digits")), digits]),
    element(doc, "p", say("thanks.digits_more"), "quiet"),
  );
  void addSquare(section, t, say);
  return section;
}

/** Draws the digits as a square. Where its script does not come, words and digits do. */
async function addSquare(section: HTMLElement, t: Thanks, say: Say): Promise<void> {
  if (t.square === "") return;
  try {
    const { square } = (await import(t.square)) as typeof import("../square.js");
    const doc = section.ownerDocument;
    const last = section.lastElementChild;
    if (t.digits === "" || last === null) return; // nobody wants them any longer
    last.before(element(doc, "h3", say("thanks.square")), square(doc, t.digits), element(doc, "p", say("thanks.square_more")));
  } catch {
    // an old browser, or no network now
  }
}

function group(doc: Document, words: string[], start: number, lang: string): HTMLElement {
  const ol = doc.createElement("ol");
  ol.className = "receipt";
  ol.start = start;
  ol.lang = lang;
  ol.append(...words.map((word) => element(doc, "li", word)));
  return untranslated(ol);
}

function buttons(section: HTMLElement, t: Thanks, say: Say): HTMLElement {
  const doc = section.ownerDocument;
  const status = element(doc, "p", "");
  status.setAttribute("role", "status");
  const row = element(doc, "div", "", "buttons");
  row.append(
    ...(isShared(doc) ? [] : [
      button(doc, say("thanks.print"), () => { window.print(); }),
      button(doc, say("thanks.copy"), () => { void copy(t.words, status, say); }),
    ]),
    button(doc, say("thanks.forget"), () => { forget(section, t, say); }),
  );
  const both = doc.createElement("div");
  both.append(row, status);
  return both;
}

async function copy(words: string, status: HTMLElement, say: Say): Promise<void> {
  try {
    await navigator.clipboard.writeText(words);
    status.textContent = say("thanks.copied");
  } catch {
    status.textContent = say("thanks.copy_failed");
  }
}

/** Nothing on the page holds the words any longer, and nothing in the script does. */
function forget(section: HTMLElement, t: Thanks, say: Say): void {
  t.words = "";
  t.digits = "";
  const gone = element(section.ownerDocument, "p", say("thanks.forgotten"));
  gone.tabIndex = -1;
  section.removeAttribute("aria-labelledby");
  section.replaceChildren(gone);
  gone.focus();
}

/** In how many days before its key goes a mailbox ends: internal/mailbox draws one of them. */
const SPREAD = 30;

/** The first day on which a mailbox can end whose key is kept until a day. */
function firstEnd(retainUntil: string): string {
  const day = new Date(`${retainUntil}T00:00:00Z`);
  day.setUTCDate(day.getUTCDate() + 1 - SPREAD);
  return day.toISOString().slice(0, 10);
}

export function writtenDay(day: string, lang: string): string {
  const format: Intl.DateTimeFormatOptions = { timeZone: "UTC", day: "numeric", month: "long", year: "numeric" };
  return new Date(day + "T00:00:00Z").toLocaleDateString(localeOf(lang), format);
}

function list(doc: Document, items: string[]): HTMLElement {
  const ul = doc.createElement("ul");
  ul.append(...items.map((item) => element(doc, "li", item)));
  return ul;
}

function button(doc: Document, label: string, act: () => void): HTMLElement {
  const b = doc.createElement("button");
  b.type = "button";
  b.className = "button second";
  b.textContent = label;
  b.addEventListener("click", act);
  return b;
}

function element(doc: Document, tag: string, content: string, className = ""): HTMLElement {
  const e = doc.createElement(tag);
  e.textContent = content;
  if (className !== "") e.className = className;
  return e;
}

function untranslated(e: HTMLElement): HTMLElement {
  e.translate = false;
  e.dir = "ltr";
  return e;
}
