/** What a folder of `review pull` holds, opened with a reviewer's key alone, as the public age would: the command shows one message at a time. */
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { fromUtf8 } from "../src/encoding.js";
import { readIdentityFile } from "../src/identity.js";
import { parseSubmissionLeaf } from "../src/leaf.js";
import type { Answer, Plaintext } from "../src/pad.js";
import { open, openBytes } from "../src/seal.js";

/** One message. */
export interface Told {
  leaf_hash: string;
  epoch: string;
  sealed_by?: "client" | "server";
  lang?: string;
  answers?: Answer[];
  t?: Plaintext["t"];
  mailbox?: string | null;
  thread?: string | null;
}

const LEAF = ".leaf";

/** Opens all but covers. What nobody can open has no answers. `known` are plaintexts that were opened before, by leaf hash in hex. */
export async function opened(folder: string, identityFile: string, known = new Map<string, Plaintext>()): Promise<Told[]> {
  const mine = await readIdentityFile(readFileSync(identityFile));
  const keys = new Map<string, string>();
  const all: Told[] = [];
  for (const name of readdirSync(folder).filter((n) => n.endsWith(LEAF)).sort().map((n) => n.slice(0, -LEAF.length))) {
    const { epoch } = parseSubmissionLeaf(readFileSync(path.join(folder, name + LEAF), "utf8"));
    const key = keys.get(epoch) ?? (JSON.parse(fromUtf8(await openBytes(readFileSync(path.join(folder, "epochs", `${epoch}.age`)), mine))) as { identity: string }).identity;
    keys.set(epoch, key);
    const p = known.get(name) ?? await open(readFileSync(path.join(folder, `${name}.age`)), key).catch(() => null);
    if (p !== null) known.set(name, p);
    if (p?.t !== "decoy") all.push({ ...p, leaf_hash: name, epoch });
  }
  return all;
}
