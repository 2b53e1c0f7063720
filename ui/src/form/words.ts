/** The sentences of what loads by itself. They come when they are needed, so that the page itself stays small. */
import type { Say } from "../tell/say.js";

export type Texts = Partial<Record<string, string>>;

/** Told to the document when the page is said in another language, with these sentences in it as Texts. */
export const REWORDED = "reworded";

/** The sentences at an address; search is that of the page, which names its language. */
export async function textsAt(where: string, search: string): Promise<Texts> {
  const response = await fetch(where + search, { credentials: "omit", cache: "no-store", redirect: "error" });
  if (!response.ok) throw new Error("no words");
  return (await response.json()) as Texts;
}

export async function fetchWords(where: string): Promise<Say> {
  let texts = await textsAt(where, window.location.search);
  document.addEventListener(REWORDED, (event) => { texts = (event as CustomEvent<Texts>).detail; });
  return (key, values = {}) => {
    const text = texts[key];
    if (text === undefined) throw new Error(`unknown sentence ${key}`);
    return text.replace(/\{(\w+)\}/g, (whole, name: string) => values[name] ?? whole);
  };
}
