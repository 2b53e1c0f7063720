/**
 * Passkeys, as the page uses them. A passkey proves nothing to the server here: it only opens the file in which a
 * reviewer's identity is locked, through WebAuthn's PRF extension.
 */
import { fromBase64, fromBase64url, toBase64, toBase64url } from "../encoding.js";
import { prfInputs, type PrfResults } from "../prf.js";
import { ask } from "./api.js";
import type { Keyholder } from "./keyholder.js";
import type { Answers, Call } from "./messages.js";

/** Why a passkey did not work: the person said no or waited too long, or the browser or the key cannot do it. */
export type PasskeyProblem = "cancelled" | "no-prf" | "failed";

export class PasskeyError extends Error {
  override name = "PasskeyError";
  constructor(readonly problem: PasskeyProblem) {
    super(`passkey: ${problem}`);
  }
}

/** A passkey that was just made, and the identity locked to it. */
export interface NewPasskey {
  /** Base64url. */
  credential: string;
  file: Uint8Array;
}

/** False where a passkey surely cannot open a key. Many browsers tell only when one has been made. */
export async function passkeysWork(): Promise<boolean> {
  if (!passkeysExist()) return false;
  const told = (PublicKeyCredential as { getClientCapabilities?: () => Promise<Record<string, boolean>> }).getClientCapabilities?.();
  const can: Record<string, boolean> = await Promise.resolve(told ?? {}).catch(() => ({}));
  return can["extension:prf"] !== false;
}

export function passkeysExist(): boolean {
  return (globalThis as { PublicKeyCredential?: unknown }).PublicKeyCredential !== undefined && "credentials" in navigator;
}

/** Makes a passkey and locks the unlocked identity to it. Throws PasskeyError. */
export async function makePasskey(keys: Keyholder, reviewer: string): Promise<NewPasskey> {
  let credential = "";
  const file = await withPasskey<"lockPasskey">(keys, (passkey) => ({ do: "lockPasskey", passkey }), async (nonce) => {
    const made = await create(reviewer, nonce);
    credential = toBase64url(new Uint8Array(made.rawId));
    // Some give their answer at once; others have to be asked for it, and the person has to touch or look again.
    return resultsOf(made) ?? evaluate(made.rawId, nonce);
  });
  return { credential, file };
}

/** Keeps the locked file on the server, for whoever has the passkey. Throws ApiError. */
export async function storePasskey(p: NewPasskey, name: string): Promise<void> {
  await ask("/passkeys", { credential: p.credential, name, file: toBase64(p.file) });
}

/** A passkey that a person chose, and the file it opens. */
export interface FoundPasskey {
  credential: string;
  file: Uint8Array;
}

/** Lets a person choose a passkey, and fetches its file. Throws PasskeyError or ApiError. */
export async function findPasskey(): Promise<FoundPasskey> {
  const chosen = await get({ allowCredentials: [] });
  const credential = toBase64url(new Uint8Array(chosen.rawId));
  const { file } = (await (await ask("/passkeys/open", { credential })).json()) as { file: string };
  return { credential, file: fromBase64(file) };
}

/** Opens the file in the worker, which then holds the identity. Throws PasskeyError or KeyholderError. */
export async function openPasskey(keys: Keyholder, found: FoundPasskey): Promise<void> {
  const id = Uint8Array.from(fromBase64url(found.credential)).buffer;
  await withPasskey<"openPasskey">(keys, (passkey) => ({ do: "openPasskey", file: found.file, passkey }), (nonce) => evaluate(id, nonce));
}

/** Asks the worker for something during which it needs the passkey, once. */
async function withPasskey<K extends "lockPasskey" | "openPasskey">(
  keys: Keyholder,
  call: (passkey: MessagePort) => Extract<Call, { do: K }>,
  use: (nonce: Uint8Array) => Promise<PrfResults>,
): Promise<Answers[K]> {
  const { port1: here, port2: there } = new MessageChannel();
  const refused: PasskeyError[] = [];
  here.onmessage = (event: MessageEvent<Uint8Array>) => {
    use(event.data).then(
      (results) => { here.postMessage(results); },
      (err: unknown) => {
        refused.push(passkeyError(err));
        here.postMessage(null);
      },
    );
  };
  try {
    return await keys.ask<K>(call(there), [there]);
  } catch (err) {
    throw refused[0] ?? err;
  } finally {
    here.close();
  }
}

async function create(reviewer: string, nonce: Uint8Array): Promise<PublicKeyCredential> {
  const made = await navigator.credentials.create({
    publicKey: {
      rp: { name: "Answerable" },
      user: { id: random(16), name: reviewer, displayName: reviewer },
      // Nobody checks its signatures, so every usual kind will do.
      pubKeyCredParams: [-8, -7, -257].map((alg) => ({ type: "public-key", alg })),
      authenticatorSelection: { residentKey: "required", requireResidentKey: true, userVerification: "required" },
      challenge: random(16),
      // With an empty `prf` Windows Hello refuses to make one at all.
      extensions: { prf: { eval: prfInputs(nonce) } },
    },
  }).catch((err: unknown) => { throw passkeyError(err); });
  if (!(made instanceof PublicKeyCredential)) throw new PasskeyError("failed");
  if (made.getClientExtensionResults().prf?.enabled !== true && resultsOf(made) === null) throw new PasskeyError("no-prf");
  return made;
}

async function evaluate(id: ArrayBuffer, nonce: Uint8Array): Promise<PrfResults> {
  const used = await get({ allowCredentials: [{ type: "public-key", id }], extensions: { prf: { eval: prfInputs(nonce) } } });
  const results = resultsOf(used);
  if (results === null) throw new PasskeyError("no-prf");
  return results;
}

async function get(wish: Partial<PublicKeyCredentialRequestOptions>): Promise<PublicKeyCredential> {
  const got = await navigator.credentials.get({ publicKey: { challenge: random(16), userVerification: "required", ...wish } })
    .catch((err: unknown) => { throw passkeyError(err); });
  if (!(got instanceof PublicKeyCredential)) throw new PasskeyError("failed");
  return got;
}

function resultsOf(credential: PublicKeyCredential): PrfResults | null {
  const results = credential.getClientExtensionResults().prf?.results;
  if (results?.second === undefined) return null;
  return results as unknown as PrfResults; // the library takes them in every form in which browsers give them
}

/** Browsers say no in one way for a person who cancels, waits too long or has no passkey here. */
function passkeyError(err: unknown): PasskeyError {
  if (err instanceof PasskeyError) return err;
  const name = err instanceof Error ? err.name : "";
  if (name === "NotAllowedError" || name === "AbortError") return new PasskeyError("cancelled");
  return new PasskeyError(name === "NotSupportedError" ? "no-prf" : "failed");
}

function random(n: number): Uint8Array<ArrayBuffer> {
  return crypto.getRandomValues(new Uint8Array(n));
}
