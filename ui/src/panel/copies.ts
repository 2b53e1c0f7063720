/**
 * Keeping one's key: a passkey, a locked file with seven words, a paper copy. Each shows whether it is kept, and the last
 * two are kept only when the person has typed a part back: what nobody can read again is no copy.
 */
import { paperGroups } from "../paper.js";
import { knowsPassphrase } from "../passphrase.js";
import { el, part } from "./dom.js";
import type { Keyholder } from "./keyholder.js";
import { makePasskey, passkeysWork, type NewPasskey } from "./passkey.js";
import { sheet } from "./sheet.js";
import { WAY } from "./waywords.js";

/** The page around the copies. */
export interface Keeping {
  keys: () => Keyholder;
  reviewer: () => string;
  /** Runs a step that may fail, and says so when it does. */
  attempt: (step: () => Promise<void>) => Promise<void>;
  say: (sentence: string) => void;
  alert: (sentence: string) => void;
  /** Keeps a passkey that was just made, at once or later; says what the page shows as its state. */
  keepPasskey: (p: NewPasskey) => Promise<string>;
}

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
    this.#click("make-passkey", () => this.#makePasskey());
    this.#click("make-file", () => this.#makeFile());
    this.#click("make-paper", () => this.#makePaper());
    part(root, "save-file").addEventListener("click", () => { this.#saved = true; });
    part(root, "print-paper").addEventListener("click", () => { window.print(); });
    this.#check("file", () => this.#checkFile());
    this.#check("paper", () => this.#checkPaper());
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
    for (const name of ["passkey", "file", "paper"]) this.#state(name, WAY.notKept);
    part(this.#root, "make-passkey").hidden = !this.#passkeys;
    if (!this.#passkeys) this.#state("passkey", WAY.noPasskeys);
    this.#put("file");
    this.#put("paper");
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
    this.#around.say(WAY.fileLocking);
    const { file, passphrase } = await this.#around.keys().ask<"lockPassphrase">({ do: "lockPassphrase" });
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

  #checkFile(): boolean {
    if (!this.#saved) { this.#around.alert(WAY.saveFirst); part(this.#root, "save-file").focus(); return false; }
    if (knowsPassphrase(this.#secret, this.#typed("file"))) return true;
    this.#around.alert(WAY.wordsWrong);
    return false;
  }

  #checkPaper(): boolean {
    const typed = this.#typed("paper").toUpperCase().replace(/[^A-Z0-9]/g, "");
    if (typed.length >= 6 && this.#secret.endsWith(typed)) return true;
    this.#around.alert(WAY.paperWrong);
    return false;
  }

  #typed(name: string): string {
    return part<HTMLInputElement>(this.#root, `${name}-typed`).value;
  }

  /** Wires the buttons of a copy that is typed back: hide and ask, show again, check. */
  #check(name: "file" | "paper", right: () => boolean): void {
    const asks = (asking: boolean): void => {
      part(this.#root, `${name}-shown`).hidden = asking;
      part(this.#root, `${name}-back`).hidden = !asking;
      part(this.#root, asking ? `${name}-typed` : `${name}-title`).focus();
    };
    part(this.#root, `${name}-have`).addEventListener("click", () => {
      if (name === "file" && !this.#saved) { this.#around.alert(WAY.saveFirst); part(this.#root, "save-file").focus(); return; }
      this.#around.alert("");
      asks(true);
    });
    part(this.#root, `${name}-again`).addEventListener("click", () => { asks(false); });
    part(this.#root, `${name}-back`).addEventListener("submit", (event) => {
      event.preventDefault();
      this.#around.alert("");
      if (!right()) { part<HTMLInputElement>(this.#root, `${name}-typed`).select(); return; }
      this.#kept.add(name);
      this.#state(name, WAY.kept);
      this.#put(name);
      part(this.#root, `make-${name}`).textContent = name === "file" ? WAY.makeFileAgain : WAY.makePaperAgain;
      part(this.#root, `${name}-title`).focus();
      this.#around.say(name === "file" ? WAY.fileKept : WAY.paperKept);
    });
  }

  /** Shows words or groups to keep. */
  #show(name: "file" | "paper", items: HTMLElement[]): void {
    part(this.#root, `${name}-secret`).replaceChildren(...items);
    part(this.#root, `make-${name}`).hidden = true;
    part(this.#root, `${name}-shown`).hidden = false;
    part(this.#root, `${name}-title`).focus();
  }

  /** Puts a copy away: nothing of it stays on the page. */
  #put(name: "file" | "paper"): void {
    this.#secret = "";
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

  #click(name: string, step: () => Promise<void>): void {
    part(this.#root, name).addEventListener("click", () => { void this.#around.attempt(step); });
  }
}
