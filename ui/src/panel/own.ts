/**
 * A person's own ways in: where they are signed in, their passkeys, and new copies of their key. For everybody with a key,
 * whether they sit on a panel or not.
 */
import { ask } from "./api.js";
import { Copies } from "./copies.js";
import { button, el, part } from "./dom.js";
import type { Keyholder } from "./keyholder.js";
import { Notices } from "./notices.js";
import { storePasskey } from "./passkey.js";
import { dayText } from "./reading.js";
import { WAY } from "./waywords.js";

interface Session {
  id: string;
  device: string;
  signed_in_on: string;
  here: boolean;
}

interface Passkey {
  credential: string;
  name: string;
  added_on: string;
}

/** The page around it. */
export interface Owner {
  keys: () => Keyholder;
  reviewer: () => string;
  /** The name of this device, for a passkey that is made on it. */
  device: () => string;
  attempt: (step: () => Promise<void>) => Promise<void>;
  say: (sentence: string) => void;
}

export class Own {
  readonly #root: HTMLElement;
  readonly #owner: Owner;
  readonly #copies: Copies;
  readonly #notices: Notices;
  #sessions: Session[] = [];

  constructor(root: HTMLElement, owner: Owner) {
    this.#root = root;
    this.#owner = owner;
    this.#copies = new Copies(root, {
      ...owner,
      before: "", // what was kept on another day this page cannot know
      keepPasskey: async (p) => {
        await storePasskey(p, owner.device());
        await this.look();
        return WAY.kept;
      },
    });
    this.#notices = new Notices(root, owner);
    part(root, "end-others").addEventListener("click", () => { void owner.attempt(() => this.#endOthers()); });
  }

  /** Fetches and shows both lists, and whether notices are offered. Throws ApiError. */
  async look(): Promise<void> {
    const [sessions, passkeys] = await Promise.all([ask("/sessions"), ask("/passkeys"), this.#notices.look()]);
    this.#sessions = ((await sessions.json()) as { sessions: Session[] }).sessions;
    this.#showSessions();
    this.#showPasskeys(((await passkeys.json()) as { passkeys: Passkey[] }).passkeys);
  }

  /** Empties it when the page locks. */
  clear(): void {
    this.#sessions = [];
    for (const name of ["sessions", "passkeys"]) part(this.#root, name).replaceChildren();
    this.#copies.clear();
    this.#notices.clear();
  }

  #showSessions(): void {
    part(this.#root, "sessions").replaceChildren(...this.#sessions.map((s) => {
      const device = s.device === "" ? WAY.unnamed : s.device;
      const row = el("li", {}, el("strong", {}, device), ` ${WAY.signedIn(dayText(s.signed_in_on))} `);
      row.append(s.here ? el("span", { class: "quiet" }, WAY.here) : this.#act(WAY.end(device), () => this.#end(s)));
      return row;
    }));
    part(this.#root, "end-others").hidden = this.#sessions.length < 2;
  }

  #showPasskeys(passkeys: Passkey[]): void {
    const rows = passkeys.map((p) => {
      const name = p.name === "" ? WAY.unnamed : p.name;
      return el("li", {}, el("strong", {}, name), ` ${WAY.added(dayText(p.added_on))} `, this.#act(WAY.remove(name), () => this.#remove(p)));
    });
    part(this.#root, "passkeys").replaceChildren(...(rows.length > 0 ? rows : [el("li", {}, WAY.noKeys)]));
  }

  #act(label: string, step: () => Promise<void>): HTMLButtonElement {
    const b = button(label, () => { void this.#owner.attempt(step); });
    b.dataset["busy"] = "";
    return b;
  }

  async #end(s: Session): Promise<void> {
    await ask(`/sessions/${s.id}/end`, null);
    await this.#after(WAY.ended, "sessions-title");
  }

  async #endOthers(): Promise<void> {
    for (const s of this.#sessions.filter((one) => !one.here)) await ask(`/sessions/${s.id}/end`, null);
    await this.#after(WAY.endedOthers, "sessions-title");
  }

  async #remove(p: Passkey): Promise<void> {
    await ask("/passkeys/remove", { credential: p.credential });
    await this.#after(WAY.removed, "passkeys-title");
  }

  /** The pressed button is gone, so the focus goes to the list's heading. */
  async #after(said: string, heading: string): Promise<void> {
    await this.look();
    part(this.#root, heading).focus();
    this.#owner.say(said);
  }
}
