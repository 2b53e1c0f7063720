/** The view in which a panel looks after itself: who sits on it, its keys, and what it decides together. */
import { charterTexts, parseDecision, type Resolution } from "../decision.js";
import { plusDays } from "../chain.js";
import * as api from "./api.js";
import { goneFrom, olderKeys, stepsOf, usable, type Shown } from "./change.js";
import { button, el } from "./dom.js";
import { busy, field, number, submit } from "./fields.js";
import type { WhenFree } from "./fold.js";
import { HandingOn } from "./handingon.js";
import type { Keyholder } from "./keyholder.js";
import { KeyholderError } from "./keyholder.js";
import { keyTable } from "./keytable.js";
import { kitBox, kitCanBe } from "./kitview.js";
import type { Labels } from "./labels.js";
import { charterList, Proposals } from "./proposals.js";
import { proposeDecision } from "./proposing.js";
import { changed, newestSettings, preview, settingsText, SettingsForm, type Settings } from "./settingsview.js";
import type { ServedEpoch } from "./served.js";
import { inWords, KEYS, REFUSALS } from "./keywords.js";
import { dayText, today } from "./reading.js";
import { putOnSheet } from "./sheet.js";
import { look, tend, type Leaves, type Progress, type Tended } from "./tending.js";
import type { Request, ServedOpening } from "./together.js";
import { FAILURES } from "./words.js";

/** What the view needs from the page around it. */
export interface Host {
  /** The page, whose sheet is printed. */
  root: HTMLElement;
  /** The worker that holds the identity. */
  keys: () => Keyholder;
  me: () => string;
  labels: Labels;
  /** The fingerprint that a person gave for a clinic, or "". */
  pinned: (slug: string) => string;
  /** Reads the public log anew. */
  leaves: Leaves;
  say: (sentence: string) => void;
  /** Runs something that may fail; a failure is said in a sentence. */
  attempt: (step: () => Promise<void>) => Promise<void>;
  /** Runs something that only shows, as soon as nothing else runs. */
  whenFree: WhenFree;
  /** Work that goes on is not a quiet minute. */
  touched: () => void;
  progress: Progress;
  /** Takes what a clinic's keys have come to, so that the view opens with it the next time. */
  renewed: (t: Tended) => void;
}

/** Fills `room` with one section for each clinic. */
export async function showKeys(room: HTMLElement, host: Host, clinics: Tended[]): Promise<void> {
  putOnSheet(host.root);
  const sections = clinics.map((t) => new ClinicKeys(host, t));
  room.replaceChildren(...sections.map((s) => s.element));
  for (const s of sections) await s.fill();
}

class ClinicKeys {
  readonly element = el("section", { class: "clinic-keys" });
  readonly #host: Host;
  #t: Tended;
  readonly #change = el("div", {});
  readonly #members = el("div", {});
  readonly #keys = el("div", {});
  readonly #openings = el("div", {});
  readonly #unreadable = el("div", {});
  readonly #give: HandingOn;
  readonly #decisions = el("div", {});
  readonly #proposals: Proposals;
  readonly #settings: SettingsForm;
  #plan: api.Plan | null = null;
  /** A list waits for signatures. */
  #draftWaits = false;

  constructor(host: Host, t: Tended) {
    this.#host = host;
    this.#t = t;
    const propose = (what: Resolution, body: string): void => { this.#act(() => this.#propose(what, body)); };
    this.#give = new HandingOn(host);
    const say = (sentence: string): void => { host.say(sentence); };
    this.#proposals = new Proposals(propose, say);
    this.#settings = new SettingsForm(`x_${t.clinic.slug.replace(/-/g, "_")}.`, host.labels, propose, say);
    this.#proposals.element.append(this.#settings.element);
    this.element.append(el("h3", {}, t.clinic.name), this.#change, this.#members, this.#keys, this.#unreadable, this.#openings, this.#give.element, this.#decisions, this.#proposals.element);
  }

  async fill(): Promise<void> {
    await this.#fillMembers();
    const { listed } = this.#t;
    for (const part of [this.#change, this.#keys, this.#unreadable, this.#openings, this.#give.element, this.#decisions, this.#proposals.element]) part.hidden = !listed;
    if (!listed) return;
    await look(this.#t);
    this.#plan = await api.plan(this.#t.clinic.slug);
    const shown = await this.#proveAll();
    this.#fillKeys(shown);
    this.#fillUnreadable();
    await this.#fillOpenings(shown);
    const lacking = await this.#give.fill(this.#t);
    this.#fillChange(shown, lacking);
    await this.#fillDecisions(shown);
  }

  /** How far a change of the panel has come, and what is left to do. */
  #fillChange(keys: Shown[], lacking: number): void {
    const lists = this.#lists();
    const steps = stepsOf({ draft: this.#draftWaits, lists, keys, unmade: this.#plan?.terms.length ?? 0, lacking });
    const counted = steps.filter((s) => s.name !== "past");
    const done = counted.filter((s) => s.done).length;
    const rows = steps.map((s) => el("li", {}, el("strong", {}, s.done ? KEYS.stepDone : s.name === "past" ? KEYS.stepChoice : KEYS.stepOpen), " ", KEYS.steps[s.name]));
    this.#change.replaceChildren(...(steps.length === 0 ? [] : [
      heading(KEYS.change),
      el("p", { id: this.#id("change") }, KEYS.changeDone(done, counted.length)),
      el("progress", { max: String(counted.length), value: String(done), "aria-labelledby": this.#id("change") }),
      el("ol", { class: "steps-left" }, ...rows),
      el("p", { class: "hint" }, KEYS.changeHint),
    ]));
  }

  #lists(): string[][] {
    return this.#t.walked?.lists.map((l) => l.members) ?? [];
  }

  /** Does something, brings the section up to date and says what happened. */
  #act(work: () => Promise<string>): void {
    void this.#host.attempt(async () => {
      const said = await work();
      const { unreadable } = this.#t;
      this.#t = await tend(this.#t.clinic, this.#host.keys(), this.#host.me(), this.#host.pinned(this.#t.clinic.slug), this.#host.leaves, this.#host.progress);
      this.#t.unreadable = unreadable; // known from opening what was written
      this.#host.renewed(this.#t);
      await this.fill();
      this.#host.say([said, ...this.#t.notes, ...this.#t.alarms].join(" "));
    });
  }

  // Members

  async #fillMembers(): Promise<void> {
    const { walked, clinic } = this.#t;
    const now = walked?.lists[walked.lists.length - 1];
    const parts: HTMLElement[] = [heading(KEYS.members)];
    if (walked !== null && now !== undefined) {
      const bookmark = `${location.origin}/panel#${clinic.slug}=${walked.fingerprint}`;
      parts.push(
        el("p", {}, `${KEYS.fingerprint}: `, el("strong", { class: "fingerprint", translate: "no" }, walked.fingerprint)),
        el("p", { class: "hint" }, KEYS.fingerprintHint, " ", el("a", { href: bookmark }, bookmark)),
        el("ul", { class: "ids" }, ...now.members.map((id) => el("li", {}, el("span", { translate: "no" }, id), id === this.#host.me() ? ` (${KEYS.you})` : ""))),
        el("p", {}, KEYS.needed(now.m, now.members.length)),
      );
    }
    const draft = await this.#draft();
    this.#draftWaits = draft !== null;
    if (draft !== null) parts.push(draft);
    if (walked !== null && now !== undefined && now.members.includes(this.#host.me())) {
      const newcomers = (await api.seats(clinic.slug)).filter((s) => !s.listed).map((s) => s.reviewer);
      if (newcomers.length > 0 && draft === null) parts.push(this.#newcomers(newcomers, now.m));
      if (now.members.length > 1) parts.push(this.#leaving(now.members, now.m, newcomers));
    }
    this.#members.replaceChildren(...parts);
  }

  /** The list that waits for signatures, read by the worker from the lines that would be signed. */
  async #draft(): Promise<HTMLElement | null> {
    const { clinic, clinicId } = this.#t;
    const waiting = await api.newestList(clinic.slug).catch((err: unknown) => {
      if (err instanceof api.ApiError && err.kind === "no-panel") return null;
      throw err;
    });
    if (waiting?.state !== "draft") return null;
    const box = el("div", { class: "waits" });
    const call = { clinic: clinic.slug, clinicId, lines: waiting.lines };
    try {
      const d = await this.#host.keys().ask<"readDraft">({ do: "readDraft", ...call });
      const signers = waiting.signatures.map((s) => s.reviewer);
      box.append(
        el("h5", {}, KEYS.draftTitle(d.version)),
        el("p", {}, d.version === 1 ? KEYS.draftFirst : [d.joined.length > 0 ? KEYS.draftJoined(d.joined) : "", d.left.length > 0 ? KEYS.draftLeft(d.left) : ""].join(" ").trim()),
        el("p", {}, KEYS.draftMembers(d.members), " ", KEYS.draftNeeded(d.m)),
        el("p", {}, KEYS.draftName, " ", el("span", { class: "fingerprint", translate: "no" }, d.name)),
        el("p", {}, KEYS.signedBy(signers)),
      );
      if (!signers.includes(this.#host.me())) {
        box.append(busy(button(KEYS.sign, () => { this.#act(() => this.#signDraft(call, d.version)); }, "button")));
      }
    } catch (err) {
      if (!(err instanceof KeyholderError)) throw err;
      box.append(el("p", { class: "note" }, FAILURES[err.failure]));
    }
    return box;
  }

  async #signDraft(call: { clinic: string; clinicId: string; lines: string }, version: number): Promise<string> {
    const signature = await this.#host.keys().ask<"signDraft">({ do: "signDraft", ...call });
    const { state } = await api.send<{ state: string }>(call.clinic, "/manifest/signatures", { version, signature });
    return state === "logged" ? KEYS.listInForce : KEYS.signedList;
  }

  #newcomers(ids: string[], m: number): HTMLElement {
    const propose = (): void => { this.#act(() => this.#proposeList(m, [])); };
    return el("div", { class: "waits" }, el("p", {}, KEYS.newcomers(ids)), busy(button(KEYS.proposeWith, propose)));
  }

  #leaving(members: string[], m: number, newcomers: string[]): HTMLElement {
    const who = el("select", { id: this.#id("who") }, ...members.map((id) => el("option", { value: id }, id === this.#host.me() ? `${id} (${KEYS.you})` : id)));
    const most = members.length - 1 + newcomers.length;
    const count = number(this.#id("m"), 1, most, String(Math.min(m, most)));
    const form = el("form", { autocomplete: "off", novalidate: "" }, el("p", { class: "hint" }, KEYS.leavingHint), el("p", { class: "hint" }, newcomers.length === 0 ? KEYS.lostHint : KEYS.replacedBy(newcomers)), field(KEYS.who, who), field(KEYS.howMany, count), submit(KEYS.proposeWithout));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#act(() => this.#proposeList(Number(count.value), [who.value]));
    });
    return el("details", {}, el("summary", {}, KEYS.leaving), form);
  }

  async #proposeList(m: number, without: string[]): Promise<string> {
    await api.send(this.#t.clinic.slug, "/manifest/proposals", { m, without });
    return KEYS.proposed;
  }

  // Keys

  async #proveAll(): Promise<Shown[]> {
    const shown: Shown[] = [];
    const { epochs } = this.#t;
    for (const [done, epoch] of epochs.entries()) {
      this.#host.progress("checking", done, epochs.length);
      const proven = await this.#host.keys().ask<"prove">({ do: "prove", clinic: this.#t.clinic.slug, epoch }).catch((err: unknown) => {
        if (err instanceof KeyholderError && err.failure !== "failed") return null;
        throw err;
      });
      shown.push({ epoch, proven });
    }
    this.#host.progress("checking", epochs.length, epochs.length);
    return shown;
  }

  #fillKeys(shown: Shown[]): void {
    const until = this.#plan?.covered_until ?? null;
    const open = this.#plan?.open_until ?? null;
    this.#keys.replaceChildren(
      heading(KEYS.keysTitle),
      el("p", {}, KEYS.keysHint, " ", until !== null ? KEYS.covered(until) : open === null ? KEYS.noneNow : KEYS.late(open)),
      el("p", {}, KEYS.decidedNow(this.#t.walked?.decided ?? null)),
      keyTable(shown),
      ...this.#callBack(shown),
      ...this.#destroy(shown),
    );
  }

  /** Keys in use or to come, with those ticked that somebody who has left can open. */
  #callBack(shown: Shown[]): HTMLElement[] {
    const inUse = shown.filter(usable);
    if (inUse.length === 0) return [];
    const left = new Set<string>();
    const boxes = inUse.map(({ epoch, proven }) => {
      const gone = goneFrom(proven, this.#lists());
      gone.forEach((id) => left.add(id));
      const box = el("input", { type: "checkbox", value: epoch.id });
      box.checked = gone.length > 0;
      return box;
    });
    const held = boxes.filter((b) => b.checked).length;
    const form = el(
      "form", { autocomplete: "off", novalidate: "" },
      el("p", { class: "hint" }, KEYS.callBackHint),
      ...boxes.map((box) => el("label", { class: "choice" }, box, " ", el("span", { translate: "no" }, box.value))),
      submit(KEYS.proposeCallBack),
    );
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const epochs = boxes.filter((b) => b.checked).map((b) => b.value).sort();
      if (epochs.length === 0) { this.#host.say(KEYS.chooseKeys); return; }
      this.#act(() => this.#propose({ kind: "revoke", clinic: this.#t.clinicId, day: today(), epochs }, ""));
    });
    const folded = el("details", held > 0 ? { open: "" } : {}, el("summary", {}, KEYS.callBack), form);
    return held > 0 ? [el("p", { class: "note" }, KEYS.heldByLeft([...left], held)), folded] : [folded];
  }

  #destroy(shown: Shown[]): HTMLElement[] {
    const over = shown.filter(({ epoch, proven }) => proven !== null && proven.retainUntil < today() && ["closed", "revoked", "shred-pending"].includes(epoch.state));
    const backup = this.#plan?.backup_days ?? 0;
    if (over.length === 0) return [];
    const rows = over.flatMap(({ epoch }) => [...this.#younger(epoch.id, shown), el("p", {}, busy(button(KEYS.proposeDestroy(epoch.id, epoch.files), () => {
      this.#act(() => this.#propose({ kind: "shred", clinic: this.#t.clinicId, day: today(), epoch: epoch.id, effective: plusDays(today(), backup) }, ""));
    })))]);
    return [el("details", {}, el("summary", {}, KEYS.destroy), el("p", { class: "hint" }, KEYS.destroyHint(backup)), ...rows)];
  }

  /** What it means to destroy a key while older ones still hold messages, before anybody signs that. */
  #younger(destroyed: string, shown: readonly Shown[]): HTMLElement[] {
    const said = KEYS.destroyYounger(destroyed, olderKeys(shown, destroyed));
    return said === "" ? [] : [el("p", { class: "note" }, said)];
  }

  /** Copies of keys that do not open, each with a way to ask for another. */
  #fillUnreadable(): void {
    const boxes = this.#t.epochs.filter((e) => this.#t.unreadable.has(e.id)).map((e) =>
      el("div", { class: "waits" }, el("p", { class: "note" }, KEYS.unreadable(e.id)), busy(button(KEYS.refuse(e.id), () => { this.#act(() => this.#refuse(e)); }))));
    this.#unreadable.replaceChildren(...boxes);
  }

  async #refuse(epoch: ServedEpoch): Promise<string> {
    const { slug } = this.#t.clinic;
    const signature = await this.#host.keys().ask<"refuse">({ do: "refuse", clinic: slug, epoch });
    await api.ask(`/c/${encodeURIComponent(slug)}/epochs/${encodeURIComponent(epoch.id)}/refusals`, { signature });
    this.#t.unreadable.delete(epoch.id);
    return KEYS.refused;
  }

  // Opening together

  async #fillOpenings(shown: Shown[]): Promise<void> {
    const requests: { opening: ServedOpening; q: Request }[] = [];
    for (const opening of await api.openings(this.#t.clinic.slug)) {
      const q = await this.#host.keys().ask<"readRequest">({ do: "readRequest", clinic: this.#t.clinic.slug, opening, epochs: this.#t.epochs });
      requests.push({ opening, q });
    }
    const asked = new Set(requests.filter(({ q }) => q.mine && q.refused === "").map(({ q }) => q.epoch));
    const closed = shown.filter(({ epoch, proven }) => proven !== null && proven.k > 1 && epoch.files > 0 && !asked.has(epoch.id) && ASKABLE.includes(epoch.state));
    const rows = [
      ...requests.map(({ opening, q }) => this.#request(opening, q)),
      ...shown.filter((s) => kitCanBe(s, this.#t.opened)).map((s) => kitBox(this.#host, this.#t.clinic.slug, s)),
      ...closed.map(({ epoch }) => el("p", {}, busy(button(KEYS.askFor(epoch.id, epoch.files), () => { this.#act(() => this.#ask(epoch)); })))),
    ];
    this.#openings.replaceChildren(...(rows.length === 0 ? [] : [heading(KEYS.opening), el("p", { class: "hint" }, KEYS.openingHint), ...rows]));
  }

  #request(opening: ServedOpening, q: Request): HTMLElement {
    if (q.refused !== "") return el("div", { class: "waits" }, el("p", { class: "note" }, REFUSALS[q.refused]));
    const box = el("div", { class: "waits" }, el("p", {}, KEYS.asks(q)));
    const holds = this.#t.epochs.some((e) => e.id === q.epoch && e.wrap !== null);
    if (q.mine) box.append(el("p", { class: "quiet" }, KEYS.mine(q.answered.length)));
    else if (q.given) box.append(el("p", { class: "quiet" }, KEYS.gavePart));
    else if (!holds) box.append(el("p", { class: "quiet" }, KEYS.noPart));
    else box.append(el("p", { class: "hint" }, KEYS.askThem), busy(button(KEYS.givePart, () => { this.#act(() => this.#givePart(opening)); }, "button")));
    return box;
  }

  async #givePart(opening: ServedOpening): Promise<string> {
    const { slug } = this.#t.clinic;
    await api.answerOpening(slug, opening.id, await this.#host.keys().ask<"answer">({ do: "answer", clinic: slug, opening, epochs: this.#t.epochs }));
    return KEYS.gavePart;
  }

  async #ask(epoch: ServedEpoch): Promise<string> {
    const { slug } = this.#t.clinic;
    await api.send(slug, "/openings", await this.#host.keys().ask<"ask">({ do: "ask", clinic: slug, epoch }));
    return KEYS.asked;
  }

  // Decisions

  async #fillDecisions(shown: readonly Shown[]): Promise<void> {
    const all = await api.decisions(this.#t.clinic.slug);
    const now = await api.settings(this.#t.clinic.slug); // after the decisions: never older than the newest of them
    const waiting = all.filter((d) => d.state === "draft");
    const made = all.filter((d) => d.state === "made");
    this.#decisions.replaceChildren(
      heading(KEYS.decisions),
      ...(waiting.length === 0 ? [el("p", { class: "quiet" }, KEYS.noneWaits)] : waiting.map((d) => this.#decision(d, now, shown))),
      ...(made.length === 0 ? [] : [el("details", {}, el("summary", {}, KEYS.before), ...made.map((d) => this.#decision(d)))]),
    );
    this.#proposals.show(all);
    this.#settings.show(now, newestSettings(made.map((d) => d.lines)));
  }

  /** A decision in words; what waits also with what it changes: in the settings that hold now, or in what can still be shared. */
  #decision(d: api.Decision, now: Settings | null = null, shown: readonly Shown[] = []): HTMLElement {
    const box = el("div", { class: "waits" });
    const what = parseDecision(d.lines);
    const texts = what?.kind === "charter" ? charterTexts(what, d.body) : null;
    const settings = what?.kind === "settings" ? settingsText(what, d.body) : null;
    if (what === null || what.clinic !== this.#t.clinicId || (what.kind === "charter" && texts === null) || (what.kind === "settings" && settings === null)) {
      box.append(el("p", { class: "note" }, FAILURES.decision));
      return box;
    }
    box.append(el("p", {}, el("strong", {}, dayText(what.day)), ". ", inWords(what)));
    if (what.kind === "shred") box.append(...this.#younger(what.epoch, shown));
    if (texts !== null) box.append(charterList(texts));
    if (settings !== null && now !== null) box.append(changed(now, settings, this.#host.labels));
    if (settings !== null) box.append(preview(settings, this.#host.labels));
    const signers = d.signatures.map((s) => s.reviewer);
    box.append(el("p", { class: "quiet" }, d.state === "draft" ? `${KEYS.waits(signers.length, d.needed)} ` : "", KEYS.signedBy(signers)));
    if (d.state === "draft" && !signers.includes(this.#host.me())) {
      box.append(busy(button(KEYS.sign, () => { this.#act(() => this.#signDecision(d)); }, "button")));
    }
    return box;
  }

  async #signDecision(d: api.Decision): Promise<string> {
    const signature = await this.#host.keys().ask<"signDecision">({ do: "signDecision", clinic: this.#t.clinic.slug, lines: d.lines });
    const after = await api.send<api.Decision>(this.#t.clinic.slug, `/decisions/${encodeURIComponent(d.id)}/signatures`, { signature });
    return after.state === "made" ? KEYS.decided : KEYS.signedOne;
  }

  async #propose(what: Resolution, body: string): Promise<string> {
    const d = await proposeDecision(this.#host.keys(), this.#t, what, body);
    return d.state === "made" ? KEYS.decided : KEYS.proposed;
  }

  #id(name: string): string {
    return `keys-${this.#t.clinic.slug}-${name}`;
  }
}

/** States of keys whose words are there to be read. */
const ASKABLE = ["active", "grace", "closed", "revoked"];

const heading = (text: string): HTMLElement => el("h4", {}, text);

/** The fingerprints that an address pins: `#slug=XXXX-XXXX-XXXX-XXXX-XXXX`, more of them joined by `&`. */
export function pinnedIn(fragment: string): Map<string, string> {
  const pins = new Map<string, string>();
  for (const pair of fragment.replace(/^#/, "").split("&")) {
    const [slug = "", print = ""] = pair.split("=");
    if (/^[a-z0-9-]+$/.test(slug) && print !== "") pins.set(slug, print.toUpperCase());
  }
  return pins;
}
