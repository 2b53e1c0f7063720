/**
 * The server, as somebody sees it who comes back. What it is given is a token, sealed files and commitments; the words and
 * what the answers say stay here.
 */
import { sha256 } from "@noble/hashes/sha2.js";
import { ChainError, verifyPanels } from "../chain.js";
import { fromBase64, toBase64, toBase64url } from "../encoding.js";
import { leafHash, submissionLeaf } from "../leaf.js";
import type { Plaintext } from "../pad.js";
import type { ReceiptKeys, Stretched, Terms } from "../receipt.js";
import { seal } from "../seal.js";
import { fetchChain, NoAnswer, post, Refused, request, type Accepted, type Epoch, type Locked } from "../tell/send.js";
import { MOST_MESSAGES } from "./takeback.js";

const PAGE = 8;
const JSON_TYPE = { "Content-Type": "application/json" };

/** The sealed answers in a mailbox. Throws NoAnswer or Refused. */
export async function fetchAnswers(clinic: string, token: Uint8Array): Promise<Uint8Array[]> {
  const files: Uint8Array[] = [];
  for (let page = 0; ; page++) {
    const body = JSON.stringify({ token: toBase64url(token), page });
    const { count, replies } = await request(`/api/v1/c/${clinic}/mailbox`, { method: "POST", headers: JSON_TYPE, body });
    const all = Number(count);
    if (!Number.isSafeInteger(all) || !Array.isArray(replies)) throw new NoAnswer("not a mailbox");
    // The places past the count hold random bytes, so that every mailbox looks alike on the line.
    files.push(...replies.slice(0, Math.max(0, Math.min(PAGE, all - page * PAGE))).map((r) => fromBase64(String(r))));
    if (all <= (page + 1) * PAGE) return files;
  }
}

/** The panel's lists, for whom they name and for the file that somebody keeps. */
export interface Panel {
  clinicId: string;
  manifests: string[];
  /** The signing keys of everybody who is or was on the panel; empty where the lists do not hold. */
  keys: Map<string, Uint8Array>;
  broken: boolean;
}

/** Walks the lists from the first. Throws NoAnswer or Refused. */
export async function fetchPanel(clinic: string, fingerprint: string): Promise<Panel> {
  const { clinic_id: clinicId, manifests } = await fetchChain(clinic);
  try {
    const members = verifyPanels(clinicId, manifests, fingerprint).flatMap((p) => p.manifest.members);
    return { clinicId, manifests, keys: new Map(members.map((m) => [m.id, m.verifyKey])), broken: false };
  } catch (err) {
    if (!(err instanceof ChainError)) throw err;
    return { clinicId, manifests: [], keys: new Map(), broken: true };
  }
}

/** Makes the plaintext of a further message with the keys of its place. */
export type Write = (keys: ReceiptKeys, terms: Terms) => Plaintext;

/** A file of the log. Throws NoAnswer. */
export async function get(path: string): Promise<Uint8Array> {
  // A copy on the device would say when somebody looked.
  const response = await fetch(path, { credentials: "omit", cache: "no-store" }).catch(() => { throw new NoAnswer(); });
  if (!response.ok) throw new NoAnswer();
  return new Uint8Array(await response.arrayBuffer());
}

/** Seals a plaintext that has the commitments of these keys. */
export async function lock(plaintext: Plaintext, keys: ReceiptKeys, epoch: Epoch): Promise<Locked> {
  const file = await seal(plaintext, epoch.recipient);
  const leaf = submissionLeaf({ epoch: epoch.epoch, fileHash: sha256(file), anchor: keys.anchor, withdraw: keys.withdraw });
  const body = { v: 1, epoch: epoch.epoch, ct: toBase64(file), anchor: toBase64url(keys.anchor), withdraw: toBase64url(keys.withdraw), pow: null, invite: null };
  return { body: JSON.stringify(body), leafHash: toBase64(leafHash(leaf)) };
}

/**
 * One further message on its way. After NoAnswer, send again: the same sealed file is sent, which counts once. A place that
 * another device took meanwhile is passed over.
 */
export class Further {
  #locked: Locked | null = null;
  #place: number;

  constructor(
    private readonly clinic: string,
    private readonly keys: Stretched,
    private readonly epoch: Epoch,
    private readonly lang: string,
    private readonly saying: Write,
    from: number,
  ) {
    this.#place = Math.max(1, from);
  }

  /** The place after the one that was used. */
  get next(): number {
    return this.#place + 1;
  }

  /** Throws TooLong, NoAnswer or Refused. */
  async send(): Promise<Accepted> {
    for (; this.#place < MOST_MESSAGES; this.#place++, this.#locked = null) {
      const keys = await this.keys.message(this.#place);
      const { epoch, origin, form } = this.epoch;
      this.#locked ??= await lock(this.saying(keys, { epoch, origin, form, lang: this.lang }), keys, this.epoch);
      try {
        return await post(this.clinic, this.#locked);
      } catch (err) {
        if (!(err instanceof Refused) || !["anchor-used", "withdraw-used"].includes(err.kind)) throw err;
      }
    }
    throw new Refused("full", "");
  }
}
