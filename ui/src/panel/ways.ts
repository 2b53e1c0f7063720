/**
 * The worker's part of the ways in: how an identity comes into this worker, and how copies of it leave.
 *
 * It leaves locked to a passphrase or a passkey. The one exception is the paper copy, which a person has to read.
 */
import { Encrypter, generateHybridIdentity } from "age-encryption";
import { toBase64 } from "../encoding.js";
import { readIdentityFile, readPaper, recipientOf } from "../identity.js";
import { newPassphrase } from "../passphrase.js";
import type { PrfResults } from "../prf.js";
import { lockToPasskey, openWithPasskey, type AskPasskey } from "../prflock.js";
import { enrolText, sign } from "../signin.js";
import type { Desk, Reviewer } from "./desk.js";

/** log2 of scrypt's cost: a second or two, and still possible on an old phone. */
const WORK_FACTOR = 17;

/** A port asks for a passkey: it takes a nonce and answers what the passkey computed, or null when it could not. */
export type WayCall =
  | { do: "who" }
  | { do: "make" }
  | { do: "typed"; paper: string }
  | { do: "openPasskey"; file: Uint8Array; passkey: MessagePort }
  | { do: "lockPasskey"; passkey: MessagePort }
  | { do: "lockPassphrase" }
  | { do: "paper" }
  | { do: "enrol"; invitation: string };

export interface Enrolment {
  invitation: string;
  recipient: string;
  /** Base64, as the signature. */
  verify_key: string;
  signature: string;
}

/** A file, and the words that open it. */
export interface LockedFile {
  file: Uint8Array;
  passphrase: string;
}

export interface WayAnswers {
  who: Reviewer;
  make: Reviewer;
  typed: Reviewer;
  openPasskey: Reviewer;
  lockPasskey: Uint8Array;
  lockPassphrase: LockedFile;
  paper: string;
  enrol: Enrolment;
}

const WAYS = new Set<string>(["who", "make", "typed", "openPasskey", "lockPasskey", "lockPassphrase", "paper", "enrol"] satisfies WayCall["do"][]);

export function isWay(call: { do: string }): call is WayCall {
  return WAYS.has(call.do);
}

/** Throws IdentityError for what cannot be read, and Locked when nothing is unlocked. */
export async function answerWay(desk: Desk, call: WayCall): Promise<WayAnswers[WayCall["do"]]> {
  switch (call.do) {
    case "who":
      return desk.take(desk.own.identity);
    case "make":
      return desk.take(await generateHybridIdentity());
    case "typed":
      return desk.take(readPaper(call.paper));
    case "openPasskey":
      return desk.take(await readIdentityFile(await openWithPasskey(call.file, over(call.passkey))));
    case "lockPasskey":
      return lockToPasskey(`${desk.own.identity}\n`, over(call.passkey));
    case "lockPassphrase":
      return lockWithPassphrase(desk);
    case "paper":
      return desk.own.identity;
    case "enrol":
      return enrolment(desk, call.invitation);
  }
}

/** A file as `age -p` makes it, which `age -d` opens. */
async function lockWithPassphrase(desk: Desk): Promise<LockedFile> {
  const { identity, key } = desk.own;
  const passphrase = newPassphrase();
  const e = new Encrypter();
  e.setPassphrase(passphrase);
  e.setScryptWorkFactor(WORK_FACTOR);
  const file = await e.encrypt(`# reviewer: ${key.reviewer}\n# public key: ${await recipientOf(identity)}\n${identity}\n`);
  return { file, passphrase };
}

/** Signs that I bring my key to an invitation, which must look like one, so that nothing else can be signed by way of it. */
async function enrolment(desk: Desk, invitation: string): Promise<Enrolment> {
  if (!/^[a-z2-7]{32}$/.test(invitation)) throw new Error("not an invitation");
  const { identity, key } = desk.own;
  const recipient = await recipientOf(identity);
  return { invitation, recipient, verify_key: toBase64(key.public), signature: sign(enrolText(invitation, recipient), key) };
}

/** The passkey at the other end of a port. */
function over(port: MessagePort): AskPasskey {
  return (nonce) => new Promise((resolve, reject) => {
    port.onmessage = (event: MessageEvent<PrfResults | null>) => {
      if (event.data === null) reject(new Error("the passkey was not used"));
      else resolve(event.data);
    };
    port.postMessage(nonce);
  });
}
