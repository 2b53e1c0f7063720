/** The view in which a panel looks after itself: who sits on it, its keys, and what it decides together. */
import { parseDecision, charterTexts, decisionLines, hashCharter, CHARTER_PARTS, type CharterPart, type Resolution } from "../decision.js";
import { plusDays } from "../chain.js";
import * as api from "./api.js";
import { goneFrom, stepsOf, usable, type Shown } from "./change.js";
import { button, el, typed } from "./dom.js";
import type { Keyholder } from "./keyholder.js";
import { KeyholderError } from "./keyholder.js";
import type { Labels } from "./labels.js";
import { newestSettings, preview, settingsText, SettingsForm } from "./settingsview.js";
import type { ServedEpoch } from "./keywork.js";
import { CHARTER, inWords, KEYS, REFUSALS, STATES } from "./keywords.js";
import { dayText } from "./reading.js";
import { kitName, kitSheet, kitText, type Kit } from "./kit.js";
import { MOST_IN_KIT } from "./kitfiles.js";
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
  readonly #give = el("div", {});
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
    const say = (sentence: string): void => { host.say(sentence); };
    this.#proposals = new Proposals(propose, say);
    this.#settings = new SettingsForm(`x_${t.clinic.slug.replace(/-/g, "_")}.`, host.labels, propose, say);
    this.#proposals.element.append(this.#settings.element);
    this.element.append(el("h3", {}, t.clinic.name), this.#change, this.#members, this.#keys, this.#unreadable, this.#openings, this.#give, this.#decisions, this.#proposals.element);
  }

  async fill(): Promise<void> {
    await this.#fillMembers();
    const { listed } = this.#t;
    for (const part of [this.#change, this.#keys, this.#unreadable, this.#openings, this.#give, this.#decisions, this.#proposals.element]) part.hidden = !listed;
    if (!listed) return;
    await look(this.#t);
    this.#plan = await api.plan(this.#t.clinic.slug);
    const shown = await this.#proveAll();
    this.#fillKeys(shown);
    this.#fillUnreadable();
    await this.#fillOpenings(shown);
    const lacking = await this.#fillGive();
    this.#fillChange(shown, lacking);
    await this.#fillDecisions();
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
      table(shown),
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
    const rows = over.map(({ epoch }) => el("p", {}, busy(button(KEYS.proposeDestroy(epoch.id, epoch.files), () => {
      this.#act(() => this.#propose({ kind: "shred", clinic: this.#t.clinicId, day: today(), epoch: epoch.id, effective: plusDays(today(), backup) }, ""));
    }))));
    return [el("details", {}, el("summary", {}, KEYS.destroy), el("p", { class: "hint" }, KEYS.destroyHint(backup)), ...rows)];
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
      ...shown.filter((s) => this.#kitCanBe(s)).map((s) => this.#kitBox(s)),
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

  /** Whether a paper kit of a key can be made: it is open here, and two of few enough open it. */
  #kitCanBe({ epoch, proven }: Shown): boolean {
    return proven !== null && proven.k === 2 && proven.n <= MOST_IN_KIT && this.#t.opened.has(epoch.id);
  }

  #kitBox({ epoch, proven }: Shown): HTMLElement {
    const room = el("div", {});
    const make = busy(button(KEYS.makeKit(epoch.id), () => { void this.#host.attempt(() => this.#showKit(room, epoch, proven?.retainUntil ?? "")); }));
    return el("div", { class: "waits" }, el("p", { class: "hint" }, KEYS.kitHint), el("p", {}, make), room);
  }

  /** Makes a kit, and shows ways to save and to print it until it is put away. */
  async #showKit(room: HTMLElement, epoch: ServedEpoch, retainUntil: string): Promise<void> {
    const kit: Kit = { epoch: epoch.id, retainUntil, files: await this.#host.keys().ask<"kit">({ do: "kit", clinic: this.#t.clinic.slug, epoch }) };
    const pages = await kitSheet(kit, (done, of) => { this.#host.progress("drawing", done, of); });
    this.#host.keys(); // throws when somebody has locked the page meanwhile
    putOnSheet(this.#host.root, ...pages);
    const href = URL.createObjectURL(new Blob([kitText(kit)], { type: "text/plain" }));
    const save = el("a", { href, download: kitName(kit), class: "button second" }, KEYS.saveKit);
    const away = button(KEYS.putKitAway, () => {
      URL.revokeObjectURL(href);
      room.replaceChildren();
      putOnSheet(this.#host.root);
      this.#host.say(KEYS.kitAway);
    });
    room.replaceChildren(el("div", { class: "buttons" }, save, button(KEYS.printKit, () => { window.print(); }), away));
    save.focus();
    this.#host.say(KEYS.kitMade(kit.files.length));
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

  // Handing on

  /** Offers to hand keys on; gives how many are lacking. */
  async #fillGive(): Promise<number> {
    const missing = await api.missingWraps(this.#t.clinic.slug);
    this.#give.replaceChildren(...(missing.length === 0 ? [] : [heading(KEYS.give), el("p", { class: "hint" }, KEYS.giveHint), ...missing.map((m) => this.#giveTo(m.reviewer, m.epochs))]));
    return missing.reduce((n, m) => n + m.epochs.length, 0);
  }

  #giveTo(to: string, epochs: string[]): HTMLElement {
    const room = el("div", { class: "waits" });
    const start = busy(button(KEYS.giveTo(to, epochs.length), () => { void this.#host.attempt(() => this.#giveAll(room, to, epochs)); }));
    room.append(start);
    return room;
  }

  /** Hands keys on, some at a time, so that what is done stays done when it is stopped or cut off. */
  async #giveAll(room: HTMLElement, to: string, epochs: string[]): Promise<void> {
    const bar = el("progress", { max: String(epochs.length), value: "0", "aria-label": KEYS.give });
    const said = el("p", { role: "status" }, KEYS.giving(0, epochs.length));
    const halt = new AbortController();
    const stop = button(KEYS.stop, () => { halt.abort(); });
    room.append(bar, said, stop);
    const skipped: string[] = [];
    let done = 0;
    try {
      while (done < epochs.length && !halt.signal.aborted) {
        const some = epochs.slice(done, done + WRAPS_AT_ONCE);
        skipped.push(...(await this.#giveSome(to, some)));
        done += some.length;
        bar.value = done;
        said.textContent = KEYS.giving(done, epochs.length);
        this.#host.touched();
      }
    } finally {
      [bar, said, stop].forEach((e) => { e.remove(); });
    }
    await this.#fillGive();
    const given = done - skipped.length;
    this.#host.say([done < epochs.length ? KEYS.stopped(given, epochs.length) : KEYS.given(given, to), KEYS.skipped(skipped)].join(" ").trim());
  }

  /** Hands some keys on; those whose own copy does not open are skipped, and named. */
  async #giveSome(to: string, ids: string[]): Promise<string[]> {
    const wraps = [];
    const skipped: string[] = [];
    for (const id of ids) {
      const epoch = this.#t.epochs.find((e) => e.id === id);
      const wrap = epoch === undefined ? null : await this.#rewrap(epoch, to);
      if (wrap === null) skipped.push(id);
      else wraps.push({ epoch: id, reviewer: to, ...wrap });
    }
    if (wraps.length > 0) await api.send(this.#t.clinic.slug, "/wraps", { wraps });
    return skipped;
  }

  /** Seals one's own key for a colleague; null when it does not open. */
  async #rewrap(epoch: ServedEpoch, to: string): Promise<{ file: string; signature: string } | null> {
    try {
      return await this.#host.keys().ask<"rewrap">({ do: "rewrap", clinic: this.#t.clinic.slug, epoch, to });
    } catch (err) {
      if (!(err instanceof KeyholderError) || !["wrap", "no-wrap", "giver"].includes(err.failure)) throw err;
      if (err.failure === "wrap") this.#t.unreadable.add(epoch.id);
      return null;
    }
  }

  // Decisions

  async #fillDecisions(): Promise<void> {
    const all = await api.decisions(this.#t.clinic.slug);
    const waiting = all.filter((d) => d.state === "draft");
    const made = all.filter((d) => d.state === "made");
    this.#decisions.replaceChildren(
      heading(KEYS.decisions),
      ...(waiting.length === 0 ? [el("p", { class: "quiet" }, KEYS.noneWaits)] : waiting.map((d) => this.#decision(d))),
      ...(made.length === 0 ? [] : [el("details", {}, el("summary", {}, KEYS.before), ...made.map((d) => this.#decision(d)))]),
    );
    this.#proposals.show(all);
    this.#settings.show(await api.settings(this.#t.clinic.slug), newestSettings(made.map((d) => d.lines)));
  }

  #decision(d: api.Decision): HTMLElement {
    const box = el("div", { class: "waits" });
    const what = parseDecision(d.lines);
    const texts = what?.kind === "charter" ? charterTexts(what, d.body) : null;
    const settings = what?.kind === "settings" ? settingsText(what, d.body) : null;
    if (what === null || what.clinic !== this.#t.clinicId || (what.kind === "charter" && texts === null) || (what.kind === "settings" && settings === null)) {
      box.append(el("p", { class: "note" }, FAILURES.decision));
      return box;
    }
    box.append(el("p", {}, el("strong", {}, dayText(what.day)), ". ", inWords(what)));
    if (texts !== null) box.append(charterList(texts));
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

  /** Signs a decision of one's own and proposes it. Its clinic is this one. */
  async #propose(what: Resolution, body: string): Promise<string> {
    const lines = decisionLines({ ...what, clinic: this.#t.clinicId });
    const signature = await this.#host.keys().ask<"signDecision">({ do: "signDecision", clinic: this.#t.clinic.slug, lines });
    const d = await api.send<api.Decision>(this.#t.clinic.slug, "/decisions", { lines, body, signature });
    return d.state === "made" ? KEYS.decided : KEYS.proposed;
  }

  #id(name: string): string {
    return `keys-${this.#t.clinic.slug}-${name}`;
  }
}

/** States of keys whose words are there to be read. */
const ASKABLE = ["active", "grace", "closed", "revoked"];

/** As many as the server takes in one request. */
const WRAPS_AT_ONCE = 20;

const today = (): string => new Date().toISOString().slice(0, 10);
const heading = (text: string): HTMLElement => el("h4", {}, text);

/** Keys as a table. Roles are named, because browsers forget them where the style sheet turns rows into blocks. */
function table(shown: Shown[]): HTMLElement {
  const rows = shown.map(({ epoch, proven }) => {
    const state = STATES[epoch.state] ?? epoch.state;
    const cells = proven === null
      ? [KEYS.unproven, state, "", "", ""]
      : [KEYS.days(proven.notBefore, proven.notAfter), `${state}. ${KEYS.openedBy(proven.k)}.`, String(epoch.acks.length), dayText(proven.retainUntil), KEYS.holds(epoch.files)];
    const shownCells = cells.map((c, i) => el("td", { role: "cell", "data-label": KEYS.columns[i + 1] ?? "" }, c));
    return el("tr", { role: "row" }, el("th", { scope: "row", role: "rowheader", translate: "no" }, epoch.id), ...shownCells);
  });
  const head = el("thead", { role: "rowgroup" }, el("tr", { role: "row" }, ...KEYS.columns.map((c) => el("th", { scope: "col", role: "columnheader" }, c))));
  return el("table", { role: "table", "aria-label": KEYS.tableName }, head, el("tbody", { role: "rowgroup" }, ...rows));
}

function charterList(texts: Record<CharterPart, string>): HTMLElement {
  const answered = CHARTER_PARTS.filter((part) => texts[part] !== "");
  return el("dl", {}, ...answered.flatMap((part) => [el("dt", {}, CHARTER[part]), el("dd", {}, typed(texts[part]))]));
}

/** The forms in which a member proposes something. They are made once, so that what is being written stays. */
class Proposals {
  readonly element = el("div", {});
  readonly #charter = Object.fromEntries(CHARTER_PARTS.map((p) => [p, el("textarea", { rows: "3", maxlength: "3000" })])) as Record<CharterPart, HTMLTextAreaElement>;
  #filled = false;

  constructor(propose: (what: Resolution, body: string) => void, say: (sentence: string) => void) {
    this.element.append(
      this.#charterForm(propose, say),
      supportForm(propose),
      rotationForm(propose, say),
    );
  }

  /** Puts the newest charter into its form, unless somebody has begun to write. */
  show(all: api.Decision[]): void {
    const newest = all.find((d) => d.kind === "charter" && d.state === "made");
    const what = newest === undefined ? null : parseDecision(newest.lines);
    if (this.#filled || newest === undefined || what?.kind !== "charter") return;
    const texts = charterTexts(what, newest.body);
    if (texts === null || CHARTER_PARTS.some((p) => this.#charter[p].value !== "")) return;
    this.#filled = true;
    for (const part of CHARTER_PARTS) this.#charter[part].value = texts[part];
  }

  #charterForm(propose: (what: Resolution, body: string) => void, say: (sentence: string) => void): HTMLElement {
    const form = el("form", { autocomplete: "off", novalidate: "" }, el("p", { class: "hint" }, KEYS.charterHint), ...CHARTER_PARTS.map((p) => field(CHARTER[p], this.#charter[p])), submit(KEYS.proposeThis));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const texts = Object.fromEntries(CHARTER_PARTS.map((p) => [p, this.#charter[p].value.trim()])) as Record<CharterPart, string>;
      if (CHARTER_PARTS.some((p) => p !== "more" && texts[p] === "")) { say(KEYS.emptyCharter); return; }
      propose({ kind: "charter", clinic: "", day: today(), parts: hashCharter(texts) }, JSON.stringify(texts));
    });
    return el("details", {}, el("summary", {}, KEYS.proposeCharter), form);
  }
}

function supportForm(propose: (what: Resolution, body: string) => void): HTMLElement {
  const offer = (without: boolean) => (): void => { propose({ kind: "support", clinic: "", day: today(), without }, ""); };
  return el("details", {}, el("summary", {}, KEYS.proposeSupport), el("div", { class: "buttons" }, busy(button(KEYS.supportWithout, offer(true))), busy(button(KEYS.supportNeeded, offer(false)))));
}

function rotationForm(propose: (what: Resolution, body: string) => void, say: (sentence: string) => void): HTMLElement {
  const days = number(nextId(), 1, 92, "");
  const k = number(nextId(), 1, 20, "1");
  const retain = number(nextId(), 30, 3650, "180");
  const form = el(
    "form", { autocomplete: "off", novalidate: "" },
    field(KEYS.rotationDays, days, KEYS.rotationDaysHint), field(KEYS.rotationK, k, KEYS.rotationKHint), field(KEYS.rotationRetain, retain, KEYS.rotationRetainHint),
    submit(KEYS.proposeThis),
  );
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const what: Resolution = { kind: "rotation", clinic: "-", day: today(), rotation: { k: Number(k.value), days: Number(days.value), retainDays: Number(retain.value) } };
    if (parseDecision(decisionLines(what)) === null) { say(KEYS.wrongNumber); return; }
    propose(what, "");
  });
  return el("details", {}, el("summary", {}, KEYS.proposeRotation), form);
}

let ids = 0;
const nextId = (): string => `keys-field-${String(++ids)}`;

function field(label: string, control: HTMLElement, hint = ""): HTMLElement {
  if (control.id === "") control.id = nextId();
  const parts: HTMLElement[] = [el("label", { for: control.id }, label)];
  if (hint !== "") {
    control.setAttribute("aria-describedby", `${control.id}-hint`);
    parts.push(el("p", { class: "hint", id: `${control.id}-hint` }, hint));
  }
  return el("div", { class: "field" }, ...parts, control);
}

const number = (id: string, min: number, max: number, value: string): HTMLInputElement =>
  el("input", { type: "number", id, min: String(min), max: String(max), value, inputmode: "numeric" });

/** A button that is shut while something runs. */
function busy<T extends HTMLElement>(b: T): T {
  b.dataset["busy"] = "";
  return b;
}

const submit = (label: string): HTMLElement => el("p", {}, busy(el("button", { type: "submit", class: "button second" }, label)));

/** The fingerprints that an address pins: `#slug=XXXX-XXXX-XXXX-XXXX-XXXX`, more of them joined by `&`. */
export function pinnedIn(fragment: string): Map<string, string> {
  const pins = new Map<string, string>();
  for (const pair of fragment.replace(/^#/, "").split("&")) {
    const [slug = "", print = ""] = pair.split("=");
    if (/^[a-z0-9-]+$/.test(slug) && print !== "") pins.set(slug, print.toUpperCase());
  }
  return pins;
}
