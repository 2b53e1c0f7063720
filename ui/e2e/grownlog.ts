/**
 * A log as a hostile server would show it: grown by a leaf that nobody should have written, perhaps without one that it dropped, and
 * signed with its own key.
 */
import { readFileSync } from "node:fs";
import { ed25519 } from "@noble/curves/ed25519.js";
import type { Page } from "playwright-core";
import { concat, fromBase64, fromHex, toBase64, toHex, utf8 } from "../src/encoding.js";
import { leafHash } from "../src/leaf.js";
import { entriesPath, parseBundle } from "../src/log.js";
import { Tree } from "../src/tree.js";
import type { Demo } from "./demo.js";

const TILE = 256;

/** Shows a page the log of the demo with one leaf more, and without the one whose hash in hex is `without`. */
export async function growLog(page: Page, demo: Pick<Demo, "url" | "file">, leaf: string, without = ""): Promise<void> {
  const [, , name = "", id = "", ...secret] = readFileSync(demo.file("data/keys/log.key"), "utf8").trim().split("+");
  let leaves: string[] = [];
  await page.route("**/log/checkpoint", async (route) => {
    const response = await route.fetch();
    const all = await allLeaves(demo.url, Number((await response.text()).split("\n")[1]));
    leaves = [...all.filter((one) => toHex(leafHash(one)) !== without), leaf];
    const tree = new Tree();
    for (const one of leaves) tree.add(leafHash(one));
    const text = `${name}\n${leaves.length}\n${toBase64(tree.root())}\n`;
    const signature = ed25519.sign(utf8(text), fromBase64(secret.join("+")).slice(1));
    await route.fulfill({ response, body: `${text}\n— ${name} ${toBase64(concat(fromHex(id), signature))}\n` });
  });
  await page.route("**/log/tile/entries/**", async (route) => {
    const n = Number(/entries\/(\d+)/.exec(route.request().url())?.[1]);
    const entries = leaves.slice(n * TILE, (n + 1) * TILE).map((one) => {
      const bytes = utf8(one);
      return concat(Uint8Array.of(bytes.length >> 8, bytes.length & 255), bytes);
    });
    await route.fulfill({ body: Buffer.from(concat(...entries)) });
  });
}

async function allLeaves(url: string, size: number): Promise<string[]> {
  const leaves: string[] = [];
  for (let n = 0; n * TILE < size; n++) {
    const width = Math.min(TILE, size - n * TILE);
    const bundle = await fetch(`${url}/log/${entriesPath(n, width)}`);
    leaves.push(...parseBundle(new Uint8Array(await bundle.arrayBuffer()), width));
  }
  return leaves;
}
