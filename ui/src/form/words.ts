/** The sentences of what loads by itself. They come when they are needed, so that the page itself stays small. */
import type { Say } from "../tell/say.js";

export async function fetchWords(where: string): Promise<Say> {
  const response = await fetch(where + window.location.search, { credentials: "omit", cache: "no-store", redirect: "error" });
  if (!response.ok) throw new Error("no words");
  const texts = (await response.json()) as Partial<Record<string, string>>;
  return (key, values = {}) => {
    const text = texts[key];
    if (text === undefined) throw new Error(`unknown sentence ${key}`);
    return text.replace(/\{(\w+)\}/g, (whole, name: string) => values[name] ?? whole);
  };
}
