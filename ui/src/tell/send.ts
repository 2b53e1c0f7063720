/**
 * Locking and sending. The words are sealed here, to the panel's key; what leaves is the sealed file and two public
 * commitments. The same sealed file may be sent any number of times and counts once.
 */
import { sha256 } from "@noble/hashes/sha2.js";
import { checked } from "#signatures";
import { ChainError, verifyChain, type Chain, type Record as EpochRecord } from "../chain.js";
import { toBase64, toBase64url } from "../encoding.js";
import { leafHash, submissionLeaf } from "../leaf.js";
import type { Answer } from "../pad.js";
import { derive, newSubmission } from "../receipt.js";
import { seal } from "../seal.js";

/** No answer came, or one that promises nothing: the network, or a server that is down. Trying again is right. */
export class NoAnswer extends Error {
  override name = "NoAnswer";
}

/** The server answers and can keep nothing now: its database is away. Trying again later is right. */
export class CannotKeep extends NoAnswer {
  override name = "CannotKeep";
}

/** The server refused and says why in a sentence. */
export class Refused extends Error {
  override name = "Refused";
  constructor(
    /** The last part of the problem's type, such as "stale-epoch". */
    readonly kind: string,
    readonly detail: string,
  ) {
    super(kind);
  }
}

/** What the server says about the key that locks words today. */
interface Said {
  origin: string;
  epoch: string;
  recipient: string;
  form: string;
}

/** A key that is shown to be the panel's, and the day, as YYYY-MM-DD, until which the panel signed that it is kept. */
export interface Epoch extends Said {
  retainUntil: string;
}

/** The key that the server names is not the one that the panel signed. */
export class Swapped extends Error {
  override name = "Swapped";
}

/**
 * Fetches today's key and walks from the panel's first list to it. `fingerprints` are those that the first list must have.
 * Throws ChainError or Swapped when the key cannot be shown to be the panel's, NoAnswer or Refused.
 */
export async function fetchProvenEpoch(clinic: string, fingerprints: string[], today: string): Promise<Epoch> {
  const epoch = await fetchEpoch(clinic);
  const chain = await fetchChain(clinic);
  let retainUntil = "";
  for (const fingerprint of fingerprints) {
    const record = await proven(() => verifyChain(chain, fingerprint, today));
    if (record.id !== epoch.epoch || record.recipient !== epoch.recipient) throw new Swapped("not the key that was signed");
    retainUntil = record.retainUntil;
  }
  return { ...epoch, retainUntil };
}

/** Walks a chain. What checks its signatures may have to be fetched, and not come. */
async function proven(walk: () => EpochRecord): Promise<EpochRecord> {
  try {
    return await checked(walk);
  } catch (err) {
    throw err instanceof ChainError ? err : new NoAnswer("nothing came that checks signatures");
  }
}

export async function fetchChain(clinic: string): Promise<Chain> {
  const { clinic_id: id, manifests, epoch, revocations, instead_of } = await request(`/api/v1/c/${clinic}/chain`, { method: "GET" });
  if (!isText(id) || !isTexts(manifests) || !isText(epoch) || !isTexts(revocations) || !isText(instead_of)) throw new NoAnswer("not a chain");
  return { clinic_id: id, manifests, epoch, revocations, instead_of };
}

/** A sealed message, ready to be sent as often as needed. */
export interface Locked {
  body: string;
  /** Base64 of the hash under which it will stand in the log. */
  leafHash: string;
}

export interface Accepted {
  ticket: string;
  /** The day, as YYYY-MM-DD, by which the ticket promises it will be in the log. */
  logBy: string;
}

const PATIENCE = 60_000;
const UNAVAILABLE = 503;

async function fetchEpoch(clinic: string): Promise<Said> {
  const answer = await request(`/api/v1/c/${clinic}/epoch`, { method: "GET" });
  const { origin, epoch, recipient, form } = answer;
  if (!isText(origin) || !isText(epoch) || !isText(recipient) || !isText(form)) throw new NoAnswer("not an epoch");
  return { origin, epoch, recipient, form };
}

/** Seals answers under a receipt. Throws TooLong, or anything that a browser without the needed functions throws. */
export async function lock(answers: Answer[], receipt: Uint8Array, epoch: Epoch, lang: string): Promise<Locked> {
  const keys = await derive(receipt, epoch.origin);
  const terms = { epoch: epoch.epoch, origin: epoch.origin, form: epoch.form, lang };
  const file = await seal(newSubmission(keys, terms, answers), epoch.recipient);
  const leaf = submissionLeaf({ epoch: epoch.epoch, fileHash: sha256(file), anchor: keys.anchor, withdraw: keys.withdraw });
  const body = {
    v: 1,
    epoch: epoch.epoch,
    ct: toBase64(file),
    anchor: toBase64url(keys.anchor),
    withdraw: toBase64url(keys.withdraw),
    pow: null,
    invite: null,
  };
  return { body: JSON.stringify(body), leafHash: toBase64(leafHash(leaf)) };
}

/**
 * Sends a sealed message. The ticket that comes back must name the very leaf that was sent, or it would promise
 * nothing about it. Throws NoAnswer, which may be a CannotKeep, or Refused.
 */
export async function post(clinic: string, locked: Locked): Promise<Accepted> {
  const headers = { "Content-Type": "application/json" };
  const answer = await request(`/api/v1/c/${clinic}/submissions`, { method: "POST", headers, body: locked.body });
  const { ticket, leaf_hash: hash } = answer;
  const [kind, , leaf, logBy] = isText(ticket) ? ticket.split("\n") : [];
  if (!isText(ticket) || kind !== "answerable/ticket/v1" || hash !== locked.leafHash || leaf !== hash || !isText(logBy)) {
    throw new NoAnswer("the ticket is not for this message");
  }
  return { ticket, logBy };
}

/** Takes one message back. Gives the server's ticket for the leaf about it. Throws NoAnswer, which may be a CannotKeep, or Refused. */
export async function withdraw(clinic: string, anchor: string, token: string): Promise<string> {
  const headers = { "Content-Type": "application/json" };
  const { ticket } = await request(`/api/v1/c/${clinic}/withdraw`, { method: "POST", headers, body: JSON.stringify({ anchor, token }) });
  if (!isText(ticket)) throw new NoAnswer("no ticket");
  return ticket;
}

const isText = (x: unknown): x is string => typeof x === "string";
const isTexts = (x: unknown): x is string[] => Array.isArray(x) && x.every(isText);

export async function request(path: string, init: RequestInit): Promise<Record<string, unknown>> {
  const patience = new AbortController();
  const timer = setTimeout(() => { patience.abort(); }, PATIENCE);
  try {
    const response = await fetch(path, { ...init, credentials: "omit", cache: "no-store", redirect: "error", signal: patience.signal });
    return await read(response);
  } catch (err) {
    if (err instanceof Refused || err instanceof CannotKeep) throw err;
    throw new NoAnswer("no answer");
  } finally {
    clearTimeout(timer);
  }
}

async function read(response: Response): Promise<Record<string, unknown>> {
  if (response.status === UNAVAILABLE) throw new CannotKeep("nothing can be kept");
  if (response.status >= 500) throw new NoAnswer(`status ${response.status}`);
  const answer = (await response.json()) as Record<string, unknown>;
  if (response.ok) return answer;
  const { type, detail } = answer;
  throw new Refused(isText(type) ? type.replace(/^.*[:/]/, "") : "", isText(detail) ? detail : "");
}
