/**
 * The page on which an invitation is used. Somebody sees where it leads, makes a key or brings one, keeps a copy of it, and
 * joins.
 *
 * The key stays in a worker. The invitation is taken out of the address at once, so that it does not stay in the history.
 */
import { invitationIn } from "../invitation.js";
import { ApiError, ask, signOut, type Clinic, type Me } from "./api.js";
import { Copies } from "./copies.js";
import { el, part } from "./dom.js";
import { Quiet } from "./idle.js";
import { Keyholder, KeyholderError } from "./keyholder.js";
import { storePasskey, type NewPasskey } from "./passkey.js";
import { sentenceFor, signInWith, Unlock, type Unlocking } from "./unlock.js";
import { WAY } from "./waywords.js";

class Join {
  readonly #root: HTMLElement;
  readonly #unlock: Unlock;
  readonly #copies: Copies;
  #code: string | null = null;
  /** Where the invitation leads; null is to the stewards. */
  #clinic: Clinic | null = null;
  #keys: Keyholder | null = null;
  #reviewer = "";
  #brought = false;
  /** Whether the invitation is used: after a broken connection nobody here can tell. */
  #used: "no" | "unsure" | "yes" = "no";
  #locks = 0;
  #passkeys: NewPasskey[] = [];

  constructor(root: HTMLElement) {
    this.#root = root;
    this.#unlock = new Unlock(root, {
      say: (s) => { this.#say(s); },
      alert: (s) => { this.#alert(s); },
      enter: (unlock) => { void this.#attempt(() => this.#bring(unlock)); },
    });
    this.#copies = new Copies(root, {
      keys: () => this.#holder(),
      reviewer: () => this.#reviewer,
      attempt: (step) => this.#attempt(step),
      say: (s) => { this.#say(s); },
      before: WAY.notKept,
      keepPasskey: (p) => {
        this.#passkeys.push(p);
        return Promise.resolve(WAY.keptAfter);
      },
    });
    this.#listen();
    part(root, "plain").hidden = true;
    this.#arrive();
    window.addEventListener("hashchange", () => { this.#arrive(); });
  }

  #listen(): void {
    part(this.#root, "invitation").addEventListener("submit", (event) => {
      event.preventDefault();
      this.#look(part<HTMLInputElement>(this.#root, "code").value);
    });
    part(this.#root, "make").addEventListener("click", () => { void this.#attempt(() => this.#make()); });
    part(this.#root, "join").addEventListener("click", () => { void this.#attempt(() => this.#join()); });
    part(this.#root, "lock").addEventListener("click", () => { this.#lock(WAY.locked); });
    new Quiet(() => { this.#lock(WAY.lockedIdle); }, () => this.#keys !== null);
    // A page kept for the back button would keep the key too.
    window.addEventListener("pagehide", () => { this.#lock(""); });
  }

  /** Reads the invitation from the address, and takes it out of there. */
  #arrive(): void {
    const given = location.hash;
    if (given !== "") history.replaceState(null, "", location.pathname);
    if (given !== "") this.#look(given);
    else if (this.#code === null) this.#step("invitation");
  }

  #look(given: string): void {
    const code = invitationIn(given);
    if (code === null) {
      this.#step("invitation");
      this.#alert(WAY.noCode);
      part(this.#root, "code").focus();
      return;
    }
    void this.#attempt(async () => {
      this.#say(WAY.looking);
      const answer = await ask("/invitation", { invitation: code }).catch((err: unknown) => {
        this.#step("invitation");
        throw err;
      });
      this.#clinic = ((await answer.json()) as { clinic: Clinic | null }).clinic;
      this.#end(); // another link, while a key for the first was open
      this.#code = code;
      part<HTMLFormElement>(this.#root, "invitation").reset();
      this.#say("");
      this.#showWhere();
    });
  }

  #showWhere(): void {
    part(this.#root, "where").textContent = this.#clinic === null ? WAY.toStewards : WAY.toPanel(this.#clinic.name);
    part(this.#root, "for-panel").hidden = this.#clinic === null;
    part(this.#root, "for-stewards").hidden = this.#clinic !== null;
    this.#step("leads");
    part(this.#root, "where").focus();
  }

  async #make(): Promise<void> {
    this.#keys?.end();
    const keys = new Keyholder(this.#root.dataset["worker"] ?? "");
    this.#keys = keys;
    const { reviewer } = await keys.ask<"make">({ do: "make" });
    this.#toCopies(reviewer, false);
  }

  async #bring(unlock: Unlocking): Promise<void> {
    this.#keys?.end();
    this.#keys = await unlock();
    const { reviewer } = await this.#keys.ask<"who">({ do: "who" });
    this.#toCopies(reviewer, true);
  }

  #toCopies(reviewer: string, brought: boolean): void {
    this.#reviewer = reviewer;
    this.#brought = brought;
    part(this.#root, "reviewer").textContent = reviewer;
    this.#unlock.show(true);
    this.#step("keep");
    part(this.#root, "keep-title").focus();
    this.#say(brought ? WAY.brought : WAY.ready);
  }

  async #join(): Promise<void> {
    const keys = this.#holder();
    part(this.#root, "join-problem").textContent = this.#brought || this.#copies.kept > 0 ? "" : WAY.keepOne;
    if (!this.#brought && this.#copies.kept === 0) return;
    this.#say(WAY.joining);
    const me = await this.#enrol(keys);
    await this.#keepPasskeys();
    await signOut().catch(() => undefined); // this page needs it no longer, and the session ends by itself
    this.#done(me);
  }

  /** Uses the invitation and signs in. */
  async #enrol(keys: Keyholder): Promise<Me> {
    if (this.#used === "yes") return signInWith(keys, this.#unlock.device);
    const enrolment = await keys.ask<"enrol">({ do: "enrol", invitation: this.#code ?? "" });
    try {
      await ask("/enrol", enrolment);
    } catch (err) {
      return this.#notTaken(err, keys);
    }
    this.#used = "yes";
    return signInWith(keys, this.#unlock.device);
  }

  /** After a broken connection, an invitation that is not good any more may have been used by the first try. */
  async #notTaken(err: unknown, keys: Keyholder): Promise<Me> {
    const refused = err instanceof ApiError && err.status >= 400 && err.status < 500;
    if (this.#used === "unsure" && refused) {
      const me = await signInWith(keys, this.#unlock.device).catch(() => null);
      if (me !== null && this.#sits(me)) {
        this.#used = "yes";
        return me;
      }
    }
    this.#used = refused ? "no" : "unsure";
    throw err;
  }

  #sits(me: Me): boolean {
    return this.#clinic === null ? me.steward : me.clinics.some((c) => c.slug === this.#clinic?.slug);
  }

  async #keepPasskeys(): Promise<void> {
    for (let next = this.#passkeys[0]; next !== undefined; next = this.#passkeys[0]) {
      await storePasskey(next, this.#unlock.device);
      this.#passkeys.shift();
    }
  }

  #done(me: Me): void {
    this.#end();
    const steward = this.#clinic === null;
    part(this.#root, "done-title").textContent = this.#clinic === null ? WAY.joinedStewards : WAY.joinedPanel(this.#clinic.name);
    part(this.#root, "done-reviewer").textContent = me.reviewer;
    part(this.#root, "done-panel").hidden = steward;
    part(this.#root, "done-stewards").hidden = !steward;
    part(this.#root, "go").replaceChildren(el("a", { href: steward ? "/steward" : "/panel", class: "button" }, steward ? WAY.goSteward : WAY.goPanel));
    this.#code = null;
    this.#step("done");
    this.#say(WAY.joined);
    part(this.#root, "done-title").focus();
  }

  #lock(sentence: string): void {
    if (this.#keys === null) return;
    this.#locks++;
    this.#end();
    this.#alert("");
    this.#say(sentence);
    if (this.#code !== null) this.#showWhere();
  }

  /** Ends the worker and empties what was shown. */
  #end(): void {
    this.#keys?.end();
    this.#keys = null;
    this.#passkeys = [];
    this.#reviewer = "";
    this.#used = "no";
    this.#copies.clear();
    this.#unlock.show(true);
    for (const name of ["reviewer", "join-problem"]) part(this.#root, name).textContent = "";
  }

  #holder(): Keyholder {
    if (this.#keys === null) throw new KeyholderError("failed");
    return this.#keys;
  }

  /** Shows one step of the page. */
  #step(name: "invitation" | "leads" | "keep" | "done"): void {
    for (const step of ["invitation", "leads", "keep", "done"]) part(this.#root, step).hidden = step !== name;
    part(this.#root, "intro").hidden = name !== "invitation";
  }

  /** Runs a step that may fail, with the buttons shut so that it cannot be started twice. */
  async #attempt(step: () => Promise<void>): Promise<void> {
    const buttons = Array.from(this.#root.querySelectorAll<HTMLElement>("[data-busy]"));
    if (buttons.some((b) => b.getAttribute("aria-disabled") === "true")) return;
    for (const b of buttons) b.setAttribute("aria-disabled", "true");
    const locks = this.#locks;
    this.#alert("");
    try {
      await step();
    } catch (err) {
      if (locks === this.#locks) this.#failed(err); // what locking cuts short has not failed
    } finally {
      for (const b of buttons) b.removeAttribute("aria-disabled");
    }
  }

  #failed(err: unknown): void {
    this.#say("");
    this.#alert([sentenceFor(err), ...this.#whatNow(err)].join(" "));
    this.#unlock.mend(err);
  }

  #whatNow(err: unknown): string[] {
    if (this.#used === "yes") return [this.#passkeys.length > 0 ? WAY.passkeyUnkept : WAY.unfinished];
    if (this.#used === "unsure") return [WAY.unsure];
    const atTheDoor = !part(this.#root, "invitation").hidden;
    return atTheDoor && err instanceof ApiError && err.status === 403 ? [WAY.oldCode] : [];
  }

  #say(sentence: string): void {
    part(this.#root, "status").textContent = sentence;
  }

  #alert(sentence: string): void {
    const alert = part(this.#root, "alert");
    alert.textContent = sentence;
    if (sentence !== "") alert.scrollIntoView({ block: "center" });
  }
}

const root = document.querySelector<HTMLElement>('[data-module="join"]');
if (root !== null) {
  // Over plain http anybody on the way could swap this script and take the key.
  if (window.isSecureContext) new Join(root);
  else part(root, "insecure").hidden = false;
}
