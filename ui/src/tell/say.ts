/**
 * The sentences of the page script. They come with the page, from the same file as its own words, so that one
 * translation serves both.
 */

export type Say = (key: string, values?: Record<string, string>) => string;

/** Reads the sentences out of the page, where another language can take their place. A name in braces stands for a value. */
export function sentences(doc: Document): Say {
  const source = doc.getElementById("strings");
  let read = "";
  let texts: Texts = {};
  return (key, values = {}) => {
    const now = written(source);
    if (now !== read) texts = JSON.parse(read = now) as typeof texts;
    const text = texts[key];
    if (text === undefined) throw new Error(`unknown sentence ${key}`);
    const isolate = doc.documentElement.dir === "rtl" ? (v: string) => `\u2068${v}\u2069` : (v: string) => v;
    return text.replace(/\{(\w+)\}/g, (whole, name: string) => (values[name] === undefined ? whole : isolate(values[name])));
  };
}

/** Sentences by their keys. */
export type Texts = Partial<Record<string, string>>;

export const stringsOf = (page: Document): Texts => JSON.parse(written(page.getElementById("strings"))) as Texts;

/** How long sentences may take, in milliseconds. The page's own are not much larger, and have come. */
const PATIENCE = 20_000;

/** The sentences at an address; search is that of the page, which names its language. Rejects where they cannot be had. */
export async function textsAt(where: string, search: string): Promise<Texts> {
  const patience = new AbortController();
  const timer = setTimeout(() => { patience.abort(); }, PATIENCE);
  try {
    const response = await fetch(where + search, { credentials: "omit", cache: "no-store", redirect: "error", signal: patience.signal });
    if (!response.ok) throw new Error("no words");
    return (await response.json()) as Texts;
  } finally {
    clearTimeout(timer);
  }
}

/** Puts sentences that come apart from the page beside its own. */
export async function fetchSentences(doc: Document, where: string): Promise<void> {
  const { search } = doc.location;
  const texts = await textsAt(where, search);
  if (doc.location.search !== search) return fetchSentences(doc, where); // meanwhile it is said in another language
  putSentences(doc, { ...stringsOf(doc), ...texts });
}

/** In an attribute, for what holds the page's own is of the kind that scripts are, whose text the policy lets nobody change. */
export function putSentences(doc: Document, texts: Texts): void {
  const source = doc.getElementById("strings");
  if (source) source.dataset["now"] = JSON.stringify(texts);
}

const written = (source: HTMLElement | null): string => source?.dataset["now"] ?? source?.textContent ?? "{}";

/** Days and numbers as the pages write them: the day before the month, and the digits of the receipt. */
export const localeOf = (lang: string): string => (lang === "en" ? "en-GB" : `${lang}-u-nu-latn`);

/**
 * While a script runs, no button sends a form to get it back in another language: the words would leave with it, or be sent as
 * if somebody had pressed Send. Comes before a form's own listeners, and again whenever the switch was put there anew.
 */
export function keepSwitchHere(doc: Document): void {
  doc.defaultView?.addEventListener("submit", sendNothing, true);
  doc.defaultView?.addEventListener("click", sayNoSwitch);
  for (const below of doc.querySelectorAll("p.languages")) below.remove(); // for text browsers
  for (const button of doc.querySelectorAll<HTMLButtonElement>("button[name=lang]")) button.type = "button";
}

/** Nothing took the press on a language: the script that listens for it did not come. */
function sayNoSwitch(event: MouseEvent): void {
  const nav = (event.target as Element).closest("button[name=lang]")?.closest<HTMLElement>("[data-failed]");
  const said = nav?.querySelector("p");
  if (said && !event.defaultPrevented) said.textContent = nav?.dataset["failed"] ?? "";
}

/** A way in which a press on a language still came to send a form. */
function sendNothing(event: SubmitEvent): void {
  if ((event.submitter as HTMLButtonElement | null)?.name !== "lang") return;
  event.preventDefault();
  event.stopImmediatePropagation();
}
