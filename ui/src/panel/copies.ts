/**
 * Keeping one's key: a passkey, a locked file with seven words, a paper copy. Each shows whether it is kept, and the last
 * two are kept only when the person has typed a part back: what nobody can read again is no copy.
 */
import { paperGroups } from "../paper.js";
import { knowsPassphrase } from "../passphrase.js";
import { ApiError } from "./api.js";
import { el, part } from "./dom.js";
import type { Keyholder } from "./keyholder.js";
import { makePasskey, passkeysWork, type NewPasskey } from "./passkey.js";
import { sheet } from "./sheet.js";
import { sentenceFor } from "./unlock.js";
import { WAY } from "./waywords.js";

/** The page around the copies. */
export interface Keeping {
  keys: () => Keyholder;
  reviewer: () => string;
  /** Runs a step that may fail, and says so when it does. */
  attempt: (step: () => Promise<void>) => Promise<void>;
  say: (sentence: string) => void;
  /** Keeps a passkey that was just made, at once or later; says what the page shows as its state. */
  keepPasskey: (p: NewPasskey) => Promise<string>;
  /** What a copy's state is before this page has made it. */
  before: string;
}

type Typed = "file" | "paper";

export class Copies {
  readonly #root: HTMLElement;
  readonly #around: Keeping;
  readonly #kept = new Set<string>();
  #secret = "";
  #file = "";
  #saved = false;
  #passkeys = true;

  constructor(root: HTMLElement, around: Keeping) {
    this.#root = root;
    this.#around = around;
    this.#make("passkey", () => this.#makePasskey());
    this.#make("file", () => this.#makeFile());
    this.#make("paper", () => this.#makePaper());
    part(root, "save-file").addEventListener("click", () => { this.#saved = true; });
    part(root, "print-paper").addEventListener("click", () => { window.print(); });
    this.#check("file", () => this.#fileProblem(), WAY.fileKept);
    this.#check("paper", () => this.#paperProblem(), WAY.paperKept);
    this.clear();
    void passkeysWork().then((can) => {
      this.#passkeys = can;
      if (!can) this.clear();
    });
  }

  /** How many ways are kept. */
  get kept(): number {
    return this.#kept.size;
  }

  /** Empties everything: what was shown, and what was counted. */
  clear(): void {
    this.#kept.clear();
    this.#state("passkey", this.#passkeys ? this.#around.before : WAY.noPasskeys);
    part(this.#root, "make-passkey").hidden = !this.#passkeys;
    this.#problem("passkey", "");
    for (const name of ["file", "paper"] as const) {
      this.#state(name, this.#around.before);
      this.#put(name);
    }
  }

  async #makePasskey(): Promise<void> {
    this.#around.say(WAY.passkeyMake);
    const made = await makePasskey(this.#around.keys(), this.#around.reviewer());
    this.#state("passkey", await this.#around.keepPasskey(made));
    this.#kept.add("passkey");
    this.#around.say(WAY.passkeyMade);
  }

  async #makeFile(): Promise<void> {
    this.#put("paper");
    this.#put("file");
    const before = part(this.#root, "file-state").textContent;
    this.#state("file", WAY.fileLocking);
    this.#around.say(WAY.fileLocking);
    const { file, passphrase } = await this.#around.keys().ask<"lockPassphrase">({ do: "lockPassphrase" })
      .finally(() => { this.#state("file", before); });
    this.#secret = passphrase;
    this.#file = URL.createObjectURL(new Blob([Uint8Array.from(file)], { type: "application/octet-stream" }));
    const save = part<HTMLAnchorElement>(this.#root, "save-file");
    save.href = this.#file;
    save.download = `key-${this.#around.reviewer()}.age`;
    this.#show("file", passphrase.split(" ").map((word) => el("li", {}, word)));
    this.#around.say(WAY.fileLocked);
  }

  async #makePaper(): Promise<void> {
    this.#put("file");
    const identity = await this.#around.keys().ask<"paper">({ do: "paper" });
    this.#secret = identity;
    const { start, groups } = paperGroups(identity);
    part(this.#root, "paper-start").textContent = start;
    this.#show("paper", groups.map((group) => el("li", {}, group)));
    sheet(this.#root, identity, this.#around.reviewer());
    this.#around.say(WAY.paperShown);
  }

  #fileProblem(): string {
    return knowsPassphrase(this.#secret, this.#typed("file")) ? "" : WAY.wordsWrong;
  }

  #paperProblem(): string {
    const typed = this.#typed("paper").toUpperCase().replace(/[^A-Z0-9]/g, "");
    return typed.length >= 6 && this.#secret.endsWith(typed) ? "" : WAY.paperWrong;
  }

  #typed(name: Typed): string {
    return part<HTMLInputElement>(this.#root, `${name}-typed`).value;
  }

  /** Wires the buttons of a copy that is typed back: hide and ask, show again, check. */
  #check(name: Typed, problem: () => string, right: string): void {
    const asks = (asking: boolean): void => {
      this.#problem(name, "");
      part(this.#root, `${name}-shown`).hidden = asking;
      part(this.#root, `${name}-back`).hidden = !asking;
      part(this.#root, asking ? `${name}-typed` : `${name}-title`).focus();
    };
    part(this.#root, `${name}-have`).addEventListener("click", () => {
      if (name === "paper" || this.#saved) { asks(true); return; }
      this.#problem("file", WAY.saveFirst);
      part(this.#root, "save-file").focus();
    });
    part(this.#root, `${name}-again`).addEventListener("click", () => { asks(false); });
    part(this.#root, `${name}-back`).addEventListener("submit", (event) => {
      event.preventDefault();
      const wrong = problem();
      this.#problem(name, wrong);
      if (wrong !== "") { part<HTMLInputElement>(this.#root, `${name}-typed`).select(); return; }
      this.#kept.add(name);
      this.#state(name, WAY.kept);
      this.#put(name);
      part(this.#root, `make-${name}`).textContent = name === "file" ? WAY.makeFileAgain : WAY.makePaperAgain;
      part(this.#root, `${name}-title`).focus();
      this.#around.say(right);
    });
  }

  /** Shows words or groups to keep. */
  #show(name: Typed, items: HTMLElement[]): void {
    part(this.#root, `${name}-secret`).replaceChildren(...items);
    part(this.#root, `make-${name}`).hidden = true;
    part(this.#root, `${name}-shown`).hidden = false;
    part(this.#root, `${name}-title`).focus();
  }

  /** Puts a copy away: nothing of it stays on the page. */
  #put(name: Typed): void {
    this.#secret = "";
    this.#problem(name, "");
    part(this.#root, `${name}-secret`).replaceChildren();
    part<HTMLFormElement>(this.#root, `${name}-back`).reset();
    for (const shown of [`${name}-shown`, `${name}-back`]) part(this.#root, shown).hidden = true;
    part(this.#root, `make-${name}`).hidden = false;
    if (name === "paper") {
      sheet(this.#root);
      return;
    }
    if (this.#file !== "") URL.revokeObjectURL(this.#file);
    part(this.#root, "save-file").removeAttribute("href");
    this.#file = "";
    this.#saved = false;
  }

  #state(name: string, sentence: string): void {
    part(this.#root, `${name}-state`).textContent = sentence;
  }

  /** What is wrong stands with the copy: the top of the page is far away on a phone. */
  #problem(name: string, sentence: string): void {
    part(this.#root, `${name}-problem`).textContent = sentence;
  }

  /** What the server says is the page's to tell; it may mean that one has to sign in again. */
  #make(name: string, step: () => Promise<void>): void {
    part(this.#root, `make-${name}`).addEventListener("click", () => {
      void this.#around.attempt(async () => {
        this.#problem(name, "");
        await step().catch((err: unknown) => {
          if (err instanceof ApiError) throw err;
          this.#around.say("");
          this.#problem(name, sentenceFor(err));
        });
      });
    });
  }
}
