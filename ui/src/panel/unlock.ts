/**
 * Getting in, for every page of those who hold a key: with the identity file, a passkey, or the paper copy typed.
 * Whichever it is, the identity goes into a worker of its own.
 */
import { wantsPassphrase } from "../agefile.js";
import { ApiError, nonce, signIn, type Me } from "./api.js";
import { guessDevice, looksHere } from "./device.js";
import { part } from "./dom.js";
import { Keyholder, KeyholderError } from "./keyholder.js";
import { findPasskey, openPasskey, PasskeyError, passkeysExist, type FoundPasskey } from "./passkey.js";
import { PASSKEY, WAY } from "./waywords.js";
import { FAILURES } from "./words.js";

/** Seconds a signed sign-in text stays good; the server takes at most 120. */
const SIGN_IN_SECONDS = 100;

/** Opens the identity in a new worker. Throws KeyholderError, PasskeyError or ApiError, and ends the worker then. */
export type Unlocking = () => Promise<Keyholder>;

/** The page around the fields. */
export interface Around {
  say: (sentence: string) => void;
  alert: (sentence: string) => void;
  /** Somebody wants in: the page shuts its buttons, runs the unlocking and goes on from there. */
  enter: (unlock: Unlocking) => void;
}

export class Unlock {
  readonly #form: HTMLFormElement;
  readonly #file: HTMLInputElement;
  readonly #passphrase: HTMLInputElement;
  readonly #paper: HTMLTextAreaElement;
  readonly #device: HTMLInputElement;
  readonly #around: Around;
  readonly #worker: string;
  /** A passkey that was found but not used: after a broken-off second prompt, one press goes on with it. */
  #found: FoundPasskey | null = null;

  /** Uses the fields in `root`, whose `data-worker` says where the worker is. */
  constructor(root: HTMLElement, around: Around) {
    this.#around = around;
    this.#worker = root.dataset["worker"] ?? "";
    this.#form = part(root, "unlock");
    this.#file = part(root, "file");
    this.#passphrase = part(root, "passphrase");
    this.#paper = part(root, "paper");
    this.#device = part(root, "device");
    this.#file.addEventListener("change", () => { void this.#fileChosen(); });
    this.#form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#submitted();
    });
    part(root, "passkey").addEventListener("click", () => { around.enter(() => this.#withPasskey()); });
    part(root, "passkey-way").hidden = !passkeysExist();
    this.show(true);
  }

  /** The name of this device, as the person wants it. */
  get device(): string {
    return this.#device.value.trim();
  }

  /** Shows or hides the fields, always empty: browsers bring them back on reload. */
  show(shown: boolean): void {
    this.#form.reset();
    this.#device.value = guessDevice(looksHere());
    part(this.#form, "passphrase-field").hidden = true;
    this.#found = null;
    this.#form.hidden = !shown;
  }

  focus(): void {
    this.#file.focus();
  }

  /** Puts the cursor where somebody has to type again. */
  mend(err: unknown): void {
    if (!(err instanceof KeyholderError)) return;
    if (err.failure === "wrong-passphrase") this.#passphrase.select();
    if (err.failure.startsWith("paper-")) this.#paper.focus();
  }

  async #fileChosen(): Promise<void> {
    const chosen = this.#file.files?.[0];
    const locked = chosen !== undefined && wantsPassphrase(new Uint8Array(await chosen.slice(0, 64).arrayBuffer()));
    part(this.#form, "passphrase-field").hidden = !locked;
    if (locked) this.#passphrase.focus();
  }

  #submitted(): void {
    const chosen = this.#file.files?.[0];
    const paper = this.#paper.value;
    if (chosen === undefined && paper.trim() !== "") {
      this.#around.enter(() => this.#holding((keys) => keys.ask<"typed">({ do: "typed", paper })));
      return;
    }
    if (chosen === undefined) { this.#around.alert(WAY.chooseFile); this.#file.focus(); return; }
    const passphrase = this.#passphrase.value;
    if (!part(this.#form, "passphrase-field").hidden && passphrase === "") {
      this.#around.alert(WAY.typePassphrase);
      this.#passphrase.focus();
      return;
    }
    this.#around.enter(() => this.#holding(async (keys) => {
      this.#around.say(WAY.unlocking);
      await keys.ask<"unlock">({ do: "unlock", file: new Uint8Array(await chosen.arrayBuffer()), passphrase });
    }));
  }

  async #withPasskey(): Promise<Keyholder> {
    const again = this.#found !== null;
    this.#around.say(again ? WAY.passkeyOpen : WAY.passkeyFind);
    const found = this.#found ?? await findPasskey();
    this.#found = found;
    this.#around.say(WAY.passkeyOpen);
    const keys = await this.#holding((k) => openPasskey(k, found)).catch((err: unknown) => {
      // Another passkey may be the right one, unless this one was put off for the first time.
      if (again || !(err instanceof PasskeyError && err.problem === "cancelled")) this.#found = null;
      throw err;
    });
    this.#found = null;
    return keys;
  }

  async #holding(take: (keys: Keyholder) => Promise<unknown>): Promise<Keyholder> {
    const keys = new Keyholder(this.#worker);
    try {
      await take(keys);
      return keys;
    } catch (err) {
      keys.end();
      throw err;
    }
  }
}

/** Signs in with what the worker holds. Throws ApiError or KeyholderError. */
export async function signInWith(keys: Keyholder, device: string): Promise<Me> {
  const challenge = await nonce();
  const signed = await keys.ask<"signIn">({ do: "signIn", nonce: challenge.nonce, exp: challenge.now + SIGN_IN_SECONDS });
  return signIn(signed.text, signed.signature, device);
}

/** What a person is told about something that went wrong. */
export function sentenceFor(err: unknown): string {
  if (err instanceof ApiError) return err.message;
  if (err instanceof PasskeyError) return PASSKEY[err.problem];
  return FAILURES[err instanceof KeyholderError ? err.failure : "failed"];
}
