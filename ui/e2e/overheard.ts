/** What a reviewer's page is given: by its worker, and by the server. */
import type { Page } from "playwright-core";
import { toBase64url } from "../src/encoding.js";
import { leafHash } from "../src/leaf.js";

/** Keeps all that the worker says to the page. */
export const listen = (page: Page): Promise<unknown> => page.addInitScript(() => {
  const carried: string[] = [];
  (globalThis as unknown as { carried: string[] }).carried = carried;
  const add = Object.getOwnPropertyDescriptor(EventTarget.prototype, "addEventListener")?.value as typeof EventTarget.prototype.addEventListener;
  Worker.prototype.addEventListener = function (this: Worker, ...args: Parameters<typeof add>) {
    if (args[0] === "message") add.call(this, "message", (event) => { carried.push(JSON.stringify((event as MessageEvent).data)); });
    add.apply(this, args);
  } as typeof Worker.prototype.addEventListener;
});

export const carried = (page: Page): Promise<string> => page.evaluate(() => (globalThis as unknown as { carried: string[] }).carried.join("\n"));

/** Keeps what the server gives of files, cards and work. Route nothing of these besides. */
export function given(page: Page): () => Promise<{ files: Given[]; messages: Given[] }> {
  const bodies: Promise<string>[] = [];
  page.on("response", (r) => { if (/\/(files|reviews|work)\b/.test(r.url())) bodies.push(r.text().catch(() => "{}")); });
  return async () => {
    const all = (await Promise.all(bodies)).map((b) => JSON.parse(b) as { files?: Given[]; messages?: Given[] });
    return { files: all.flatMap(({ files }) => files ?? []), messages: all.flatMap(({ messages }) => messages ?? []) };
  };
}

export interface Given { leaf: string; kind?: string; author?: string }

/** Base64url of the leaf hash of a file as it came, or of what was written about one. */
export const leafOf = ({ leaf }: Given): string => (leaf.includes("\n") ? toBase64url(leafHash(leaf)) : toBase64url(Buffer.from(leaf, "base64")));

/** What the panel's server says to this reviewer's browser. */
export const ask = <T>(page: Page, path: string): Promise<T> => page.evaluate(async (p) => (await fetch(`/api/v1/panel/c/riverside${p}`)).json() as unknown, path) as Promise<T>;
