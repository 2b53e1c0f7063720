/** The server, as the panel's page sees it. */
import { sha256 } from "@noble/hashes/sha2.js";
import { fromBase64, toBase64 } from "../encoding.js";
import type { ServedFinding } from "./heldfindings.js";
import { REFUSED } from "./refusedwords.js";
import type { SealedReply } from "./writers.js";
import type { ServedOpening } from "./together.js";
import type { Term } from "../deal.js";
import type { ServedEpoch, ServedPanel, Signed } from "./served.js";
import type { Served } from "../reviewfile.js";
import type { Reminder, ServedRecusal } from "../stepback.js";
import type { Share } from "./bench.js";
import type { ServedWork } from "./epochwork.js";
import type { SettingsNow } from "./settingsview.js";

/** The server refused or could not be reached. The message is a sentence for a person. */
export class ApiError extends Error {
  override name = "ApiError";
  /** `status` is 0 when there was no answer at all; `kind` is the problem's name, "" when it has none. */
  constructor(
    readonly status: number,
    sentence: string,
    readonly kind = "",
  ) {
    super(sentence);
  }
}

export interface Clinic {
  slug: string;
  name: string;
}

export interface Epochs {
  origin: string;
  ticket_key: string;
  previous: string | null;
  epochs: ServedEpoch[];
  /** Leaves of what was taken back and waits for its place in the log. */
  withdrawn: string[];
}

/** Which keys are missing, as the server works it out. Nobody has to make them: the server cannot. */
export interface Plan {
  k: number;
  n: number;
  terms: Term[];
  covered_until: string | null;
  /** The last day on which the form is open if nobody makes another key, the late days of the last one included. */
  open_until: string | null;
  warn_days: number | null;
  /** How long copies of the database are kept. */
  backup_days: number;
}

export interface Decision {
  id: string;
  kind: string;
  state: string;
  lines: string;
  body: string;
  proposed_by: string;
  made_on: string | null;
  needed: number;
  signatures: Signed[];
}

/** Somebody who has joined a panel; `listed` when the signed list names them. */
export interface Seat {
  reviewer: string;
  joined_on: string;
  listed: boolean;
}

export interface FilesPage {
  files: { leaf: string; file: string; day: string }[];
  next: string | null;
}

/** A nonce to sign, and the server's clock in Unix seconds: phones' clocks are often minutes off. */
export async function nonce(): Promise<{ nonce: string; now: number }> {
  const response = await ask("/nonce", {});
  const { nonce } = (await response.json()) as { nonce: string };
  const clock = Date.parse(response.headers.get("Date") ?? "");
  return { nonce, now: (Number.isNaN(clock) ? Date.now() : clock) / 1000 };
}

/** Who signed in, and where they may work. */
export interface Me {
  reviewer: string;
  steward: boolean;
  clinics: Clinic[];
  /** Answers to writers are sent when the time in Unix seconds is a multiple of this. */
  reply_every_seconds: number;
}

/** `device` is the name a person gave the place they sign in from. */
export async function signIn(text: string, signature: string, device: string): Promise<Me> {
  return (await (await ask("/sign-in", { text, signature, device })).json()) as Me;
}

/** Who is signed in, and on which panels they sit now. */
export const me = (): Promise<Me> => read("/me");

export async function signOut(): Promise<void> {
  await ask("/sign-out", {});
}

/** A clinic's signed lists, which everybody may see. */
export function panel(clinic: string): Promise<ServedPanel> {
  return read(`/c/${encodeURIComponent(clinic)}/panel`, "/api/v1");
}

/** What a writer is given to walk, as texts of leaves. */
export function chain(clinic: string): Promise<{ manifests: string[]; revocations: string[] }> {
  return read(`/c/${encodeURIComponent(clinic)}/chain`, "/api/v1");
}

export const epochs = (clinic: string): Promise<Epochs> => read(at(clinic, "/epochs"));
export const plan = (clinic: string): Promise<Plan> => read(at(clinic, "/plan"));
export const seats = async (clinic: string): Promise<Seat[]> => (await read<{ members: Seat[] }>(at(clinic, "/members"))).members;
export const decisions = async (clinic: string): Promise<Decision[]> => (await read<{ decisions: Decision[] }>(at(clinic, "/decisions"))).decisions;
export const settings = (clinic: string): Promise<SettingsNow> => read(at(clinic, "/settings"));

export const openings = async (clinic: string): Promise<ServedOpening[]> => (await read<{ openings: ServedOpening[] }>(at(clinic, "/openings"))).openings;

/** Sends one's own part to who asked. */
export async function answerOpening(clinic: string, id: string, answer: { file: string; signature: string }): Promise<void> {
  await ask(at(clinic, `/openings/${encodeURIComponent(id)}/answers`), answer);
}

/** Posts a sealed answer; the same one again is kept once. */
export async function postReply(clinic: string, reply: SealedReply): Promise<void> {
  await ask(at(clinic, "/replies"), reply);
}

/** Whether the server has a sealed answer. It is asked for by the hash alone, which tells no mailbox. Throws ApiError. */
export async function hasReply(clinic: string, { ct }: SealedReply): Promise<boolean> {
  const hash = toBase64(sha256(fromBase64(ct)));
  return (await send<{ kept: boolean }>(clinic, "/replies/kept", { hash })).kept;
}

/** The newest list, which may be a draft that waits for signatures. */
export const newestList = (clinic: string): Promise<{ version: number; state: string; lines: string; signatures: Signed[] }> => read(at(clinic, "/manifest"));

/** Epochs whose key we hold and a member lacks, by member. */
export const missingWraps = async (clinic: string): Promise<{ reviewer: string; epochs: string[] }[]> =>
  (await read<{ members: { reviewer: string; epochs: string[] }[] }>(at(clinic, "/wraps/missing"))).members;

/** Whole pages of an epoch's files; `uncarded` leaves out those of which we stored a card, or two colleagues did. */
export const files = (clinic: string, epoch: string, after: string, uncarded = false): Promise<FilesPage> =>
  read(at(clinic, `/epochs/${encodeURIComponent(epoch)}/files?after=${after}${uncarded ? "&uncarded=1" : ""}`));

/** How the work on an epoch's messages stands. */
export const work = (clinic: string, epoch: string): Promise<ServedWork> => read(at(clinic, `/epochs/${encodeURIComponent(epoch)}/work`));

/** What was written about an epoch's messages, a page at a time. */
export const reviews = (clinic: string, epoch: string, after: string): Promise<{ files: Served[]; next: string | null }> =>
  read(at(clinic, `/epochs/${encodeURIComponent(epoch)}/reviews?after=${after}`));

export const recusals = (clinic: string): Promise<{ recusals: ServedRecusal[]; kept: Reminder[] }> => read(at(clinic, "/recusals"));
export const shares = async (clinic: string): Promise<Share[]> => (await read<{ shares: Share[] }>(at(clinic, "/shares"))).shares;
/** Acts of the clinic in public, by their tags in base64. */
export const acts = async (clinic: string): Promise<{ tag: string; code: string; day: string }[]> =>
  (await read<{ acts: { tag: string; code: string; day: string }[] }>(at(clinic, "/acts"))).acts;

/** What of messages lies in the clear for the clinic, as the server gives it. */
export const findings = async (clinic: string): Promise<ServedFinding[]> => (await read<{ findings: ServedFinding[] }>(at(clinic, "/findings"))).findings;

/** Takes a finding back. Throws ApiError. */
export const retract = (clinic: string, finding: string): Promise<unknown> => send(clinic, `/findings/${encodeURIComponent(finding)}/retraction`, {});

/** How a panel works: its days, its deadlines, and how much of this reading one person does. */
export interface Practice {
  /** Working days. */
  taken: number;
  /** Days. */
  coded: number;
  decided: number;
  /** Days until a writer is first answered, and until they are told what was decided. */
  reply: number;
  feedback: number;
  /** 1 is Monday, 7 Sunday. */
  working_days: number[];
  holidays: string[];
  /** Stories. */
  sitting: number;
  serious: number;
  /** Messages taken in seven days. */
  week: number;
  /** Minutes. */
  gap: number;
  hard: boolean;
}
export const practice = (clinic: string): Promise<Practice & { history: { by: string; day: string }[] }> => read(at(clinic, "/practice"));

/** Sends something to a clinic's panel. */
export async function send<T>(clinic: string, path: string, body: object): Promise<T> {
  return (await (await ask(at(clinic, path), body)).json()) as T;
}

const at = (clinic: string, path: string): string => `/c/${encodeURIComponent(clinic)}${path}`;

async function read<T>(path: string, base?: string): Promise<T> {
  return (await (await ask(path, undefined, base)).json()) as T;
}

/** GET; POST when there is a body, null for one without. Throws ApiError. */
export async function ask(path: string, body?: object | null, base = "/api/v1/panel"): Promise<Response> {
  const post: RequestInit = body === null ? { method: "POST" } : { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) };
  const options: RequestInit = { cache: "no-store", credentials: "same-origin", ...(body === undefined ? {} : post) };
  const response = await fetch(base + path, options).catch(() => {
    throw new ApiError(0, "The server does not answer. Check the connection and try again.");
  });
  if (response.ok) return response;
  throw await problemOf(response);
}

async function problemOf(response: Response): Promise<ApiError> {
  try {
    const { detail, type } = (await response.json()) as { detail?: unknown; type?: unknown };
    const kind = typeof type === "string" ? type.replace("urn:answerable:problem:", "") : "";
    if (typeof detail === "string" && detail !== "") return new ApiError(response.status, REFUSED[kind] ?? detail, kind);
  } catch {
    // not a problem document: something between here and the server answered
  }
  return new ApiError(response.status, "The server answered in a way this page does not know. Try again in a few minutes.");
}
