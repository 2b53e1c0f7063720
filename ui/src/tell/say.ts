/**
 * The sentences of the page script. They come with the page, from the same file as its own words, so that one
 * translation serves both.
 */

export type Say = (key: string, values?: Record<string, string>) => string;

/** Reads the sentences out of the page. A name in braces stands for a value. */
export function sentences(doc: Document): Say {
  const texts = JSON.parse(doc.getElementById("strings")?.textContent ?? "{}") as Partial<Record<string, string>>;
  return (key, values = {}) => {
    const text = texts[key];
    if (text === undefined) throw new Error(`unknown sentence ${key}`);
    return text.replace(/\{(\w+)\}/g, (whole, name: string) => values[name] ?? whole);
  };
}
