/** One message on the desk, from the question whether anything ties one to it, to the finding. */
import { roleOf, type Check, type Found, type Sharing } from "../coding.js";
import { proposal } from "../compare.js";
import type { Answer } from "../pad.js";
import { wishesOf, type Wishes } from "../sharing.js";
import { alone } from "./alone.js";
import { answersOf, type Bench, type Gone, type Story } from "./bench.js";
import { guarded, storyOf } from "./casestory.js";
import { changedSince, checkOf, isToAsk, mayCheckAgain, mayKeep, stageOf, standing, taskOf, type Case, type Dated, type Role, type Row } from "./casework.js";
import { pauseText } from "./cards.js";
import { BRAKES, CASE, STAGES } from "./casewords.js";
import { CodingForm, type Fault, type FormCodes } from "./codingform.js";
import { chips, declaration, stepBack } from "./declare.js";
import { button, el, typed } from "./dom.js";
import { box, Drafts, KEPT, type Part } from "./drafts.js";
import { elsewhere } from "./elsewhere.js";
import type { Labels } from "./labels.js";
import { ownOrTheirs } from "./ownortheirs.js";
import { isPaused, pauses, waits } from "./pause.js";
import { dayText, junk } from "./reading.js";
import { ASK } from "./reply.js";
import { mayCheck, thirdIsOpen, thirdReads } from "./seats.js";
import { CheckForm, DecideForm, decisionShown } from "./sharingview.js";
import { sideBySide } from "./sidebyside.js";
import { SAY } from "./words.js";

/** What the view needs from the page around it. */
export interface Around {
  say: (sentence: string) => void;
  alert: (sentence: string) => void;
  /** Tells a failure in a sentence; it may mean that one has to sign in again. */
  failed: (err: unknown) => void;
  /** Something was stored: the list is worked out anew, and the message as it then stands, or null. */
  changed: (leaf: string) => Promise<Row | null>;
  closed: () => void;
}

export class CaseView {
  #drafts: Drafts | null = null;
  /** Begins to keep what is typed in the message that is open. */
  #busy = false;
  /** Something was pressed while a step was under way, and that was said. */
  #hasty = false;
  /** Counts what is opened and put away: what began before the last of these draws nothing any more. */
  #turn = 0;
  #fetching = false;
  /** Messages that this reviewer declared on, for as long as this page is open. */
  readonly #declared = new Set<string>();
  #opening: Promise<void> = Promise.resolve();

  constructor(
    private readonly room: HTMLElement,
    private readonly bench: Bench,
    private readonly labels: Labels,
    private readonly codes: FormCodes,
    private readonly around: Around,
  ) {}

  /** Opens a message after what is under way; a failure is said. */
  open(c: Row): void {
    const turn = ++this.#turn;
    const show = (): Promise<void> => (turn === this.#turn ? this.show(c) : Promise.resolve());
    this.#opening = this.#opening.then(show).catch((err: unknown) => { if (turn === this.#turn) this.around.failed(err); });
  }

  /** Shows a message: what it is about, and, for those who have a part in it or have declared, the message itself. */
  async show(c: Row): Promise<void> {
    const turn = this.#turn;
    await this.#leave();
    if (turn !== this.#turn) return;
    const seat = this.#part(c) === null ? roleFor(c) : null; // to take, or to take again after it was handed back
    const role = this.#part(c) ?? seat;
    if (c.card.of === "junk") this.#fill(c, junk(c.junk));
    else if (seat === null && (c.declared || this.#declared.has(c.leaf))) await this.#open(c);
    else if (role === null && (c.task === "look" || c.task === "object" || isToAsk(c, this.bench.today))) this.#fill(c, this.#declare(c, null));
    else if (role === null) this.#fill(c, [chips(c, this.labels)]);
    else this.#fill(c, this.#declare(c, role));
  }

  /** Saves what is typed and empties the view. */
  async close(): Promise<void> {
    this.#turn++;
    if (this.#fetching) this.#fetch(false);
    const left = this.#leave();
    this.room.replaceChildren(); // the fields are read already
    await left;
  }

  /** Empties the view at once: the page goes away. What was typed since it was last kept goes too; the browser has asked before. */
  drop(): void {
    this.#turn++;
    this.#drafts?.stop();
    this.#drafts = null;
    this.room.replaceChildren();
  }

  /** The part that this reviewer has by the server's word. It is signed by nobody, so it opens nothing. */
  #part(c: Row): Role | null {
    return c.claims.find(({ by }) => by === this.bench.me)?.role ?? null;
  }

  /** The question before reading. Without a role nothing is taken: the reviewer only looks. */
  #declare(c: Row, role: Role | null): HTMLElement[] {
    const { pace } = this.bench;
    const brake = role === null || (this.#part(c) !== null && c.task !== "code") ? null : pace.brake(c.leaf);
    const warned = brake === null ? [] : [el("p", { class: "note" }, BRAKES[brake](pace.caps, pace.minutesLeft()))];
    if (brake !== null && pace.caps.hard) return [chips(c, this.labels), ...warned, ...this.#ways(c)];
    if (role === "third" && mayCheck(c).every((id) => id === this.bench.me)) warned.push(el("p", { class: "note" }, CASE.lastOther));
    const clear = (): void => {
      this.#do(c, async () => {
        if (role !== null && this.#part(c) === null) await this.bench.claim(c.leaf, role);
        this.#declared.add(c.leaf);
      }, "");
    };
    return [...warned, ...declaration(c, this.labels, role === null ? CASE.clearLook : CASE.clear, clear, () => { this.#recuse(c); })];
  }

  #recuse(c: Row): void {
    this.#partFrom(c.leaf, () => this.bench.recuse(c.leaf), CASE.recused);
  }

  async #open(row: Row): Promise<void> {
    const { pace } = this.bench;
    const brake = row.task === "code" ? pace.brake(row.leaf) : null;
    if (brake !== null && pace.caps.hard) {
      this.#fill(row, [el("p", { class: "note" }, BRAKES[brake](pace.caps, pace.minutesLeft())), ...this.#ways(row)]);
      return;
    }
    const turn = this.#turn;
    this.#fetch(true);
    const opened = await this.bench.open(row.leaf);
    if (turn !== this.#turn) return; // put away, or locked, meanwhile
    this.#fetch(false);
    if (opened === "withdrawn" || opened === "shredded") {
      this.#fill(null, gone(opened));
      await this.around.changed(row.leaf);
      return;
    }
    const { of: c, story } = opened;
    const begun = await this.bench.draft(c.leaf);
    if (turn !== this.#turn) return;
    if (row.task !== "object" && row.task !== "look") pace.opened(c.leaf);
    const { must_not } = wishesOf(answersOf(story), story.changes);
    const below = this.bench.below(c, story, row.task).map((p) => (must_not.includes("do_not_contact_me") ? { ...p, element: guarded(p.element) } : p));
    const parts: Part[] = [...below, ...this.#tasks(c, story), ...(row.task === "look" ? [] : [this.#notes(c)]), ...alone(c, this.bench.me, begun.fields), ...elsewhere(begun.fields)];
    for (const p of parts) p.fill?.(begun.fields);
    this.#fill(row, [...this.#asking(c), ...storyOf(story, row.task, this.labels), ...(row.task === "look" || row.task === "object" ? [] : this.#waiting(c, story)), ...parts.map((p) => p.element), ...this.#ways(row)]);
    const kept = el("p", { class: "quiet", role: "status" });
    this.room.append(kept);
    this.#drafts = new Drafts(
      () => parts.flatMap((p) => p.fields?.() ?? []),
      (fields, shown) => this.bench.keep(c.leaf, fields, shown),
      (how) => { if (kept.textContent !== KEPT[how]) kept.textContent = KEPT[how]; },
      begun,
    );
  }

  #fetch(now: boolean): void {
    this.#fetching = now;
    this.around.say(now ? SAY.fetchingAll : "");
  }

  #tasks(c: Case, story: Story): Part[] {
    const { me, today } = this.bench;
    const wishes = wishesOf(answersOf(story), story.changes);
    const keep = mayKeep(c, me, today) ? [this.#deciding(c, wishes, story.allRead)] : [];
    const again = mayCheckAgain(c, me, today) ? [this.#checking(c, story, wishes, checkOf(c))] : [];
    switch (taskOf(c, me, today)) {
      case "code": return [this.#coding(c, story)];
      case "agree": return [this.#agreeing(c, story)];
      case "check": return [this.#checking(c, story, wishes, null), ...keep];
      case "decide": return [...keep, ...again];
      case "object": return [this.#objecting(c)];
      case "release": return [this.#releasing(c)];
      case "again": return [this.#kept(c, wishes)];
      default: return [...(stageOf(c, today) === "coding" && c.coded.includes(me) ? [{ element: el("p", {}, CASE.waitOther) }] : []), ...keep];
    }
  }

  #releasing(c: Case): Part {
    const objecting = this.#objecting(c);
    const element = el("section", {}, objecting.element, el("p", {}, CASE.releaseHint), button(CASE.release, () => { this.#do(c, () => this.bench.release(c.leaf), CASE.released); }, "button"));
    return { ...objecting, element };
  }

  /** What was kept can be taken up again, where its writer has changed what they allow. */
  #kept(c: Case, wishes: Wishes): Part {
    const decision = standing(c);
    const element = el("section", {}, el("h3", {}, CASE.keptTitle));
    if (decision === null) return { element };
    element.append(el("p", {}, CASE.keptWhy), typed(decision.body.words));
    if (!changedSince(decision, wishes)) {
      element.append(el("p", {}, CASE.keptHow));
      return { element };
    }
    const body: Sharing = { decision: "object", form: "", words: CASE.takeUpNote, wishes, consensus: [], check: "", of: decision.hash };
    element.append(el("p", { class: "note" }, CASE.keptChanged), button(CASE.takeUp, () => { this.#do(c, () => this.bench.send(c.leaf, "sharing", body), CASE.takenUp); }, "button"));
    return { element };
  }

  #coding(c: Case, story: Story): Part {
    const form = new CodingForm(this.codes, this.labels, "mine_", worksThere(story.answers), roleOf(story.answers), this.bench.own(c));
    const send = (): void => {
      const said = form.read();
      if ("faults" in said) { this.#faults(element, said.faults); return; }
      this.#do(c, async () => {
        await this.bench.send(c.leaf, "coding", said.found);
        this.bench.pace.coded(c.leaf, said.found.seriousness);
      }, CASE.sent);
    };
    const element = el("section", {}, el("h3", {}, CASE.coding), el("p", {}, CASE.codingHint), form.element, button(CASE.send, send, "button"));
    return { element, fields: () => form.fields(), fill: (fields) => { form.fill(fields); } };
  }

  /** Side by side, and the agreement; who comes second starts from what the other signed. */
  #agreeing(c: Case, story: Story): Part {
    const form = new CodingForm(this.codes, this.labels, "both_", worksThere(story.answers) || c.codings.some(({ body }) => body.yes.includes("work")), roleOf(story.answers), this.bench.own(c));
    const begun = proposal(c.codings);
    const others = c.consensuses.filter(({ by, body }) => by !== this.bench.me && body.codings.join() === begun.codings.join());
    const mine = c.consensuses.some(({ by }) => by === this.bench.me);
    const other = others[others.length - 1];
    form.show(other?.body ?? begun);
    const shown = ownOrTheirs(form, other);
    const sign = (): void => {
      const said = form.read();
      if ("faults" in said) { this.#faults(element, said.faults); return; }
      // A consensus that starts from an older list keeps that list's version only when nothing of today's was asked.
      const found: Found = other ? { ...said.found, taxonomy: other.body.taxonomy } : said.found;
      this.#do(c, () => this.bench.send(c.leaf, "consensus", { ...found, codings: begun.codings }), CASE.signedConsensus);
    };
    const element = el("section", {}, ...sideBySide(c.codings, this.codes, this.labels),
      ...this.#thirdHint(c),
      el("h3", {}, CASE.consensus), el("p", {}, CASE.consensusHint),
      ...(mine ? [el("p", { class: "note" }, CASE.signedConsensus)] : []),
      shown.element, button(CASE.signConsensus, sign, "button"));
    return { ...shown, element };
  }

  #thirdHint(c: Case): HTMLElement[] {
    if (thirdReads(c)) return [el("p", { class: "note" }, CASE.thirdReads)];
    const left = mayCheck(c).length;
    if (stageOf(c, this.bench.today) !== "differs" || !thirdIsOpen(c) || left === 0) return [];
    return [el("p", {}, CASE.third), ...(left === 1 ? [el("p", { class: "note" }, CASE.lastThird)] : [])];
  }

  /** `before`: the check that stands, where this member may send other words. */
  #checking(c: Case, story: Story, wishes: Wishes, before: Dated<Check> | null): Part {
    const form = new CheckForm(c, story, wishes, this.bench, this.labels, before !== null);
    if (form.closed) return form;
    if (before !== null) form.show(before.body);
    const send = (): void => {
      const said = form.read();
      if ("faults" in said) { this.#faults(form.element, said.faults); return; }
      this.#do(c, () => this.bench.send(c.leaf, "check", said.check), CASE.sentCheck);
    };
    form.element.append(button(CASE.sendCheck, send, "button"));
    return form;
  }

  #deciding(c: Case, wishes: Wishes, allRead: boolean): Part {
    const form = new DecideForm(c, wishes, allRead, this.bench.today, this.labels, (body) => {
      if ("faults" in body) { this.#faults(form.element, body.faults); return; }
      this.#do(c, () => this.bench.send(c.leaf, "sharing", body.sharing), CASE.sentDecision);
    });
    return form;
  }

  #objecting(c: Case): Part {
    const decision = standing(c);
    if (decision === null) return { element: el("section", {}) };
    const why = el("textarea", { id: "object-why", rows: "3", autocomplete: "off", spellcheck: "false" });
    const object = (): void => {
      if (why.value.trim() === "") { this.#faults(element, [{ id: "object-why", sentence: CASE.whyEmpty }]); return; }
      const body: Sharing = { decision: "object", form: "", words: why.value, wishes: decision.body.wishes, consensus: [], check: "", of: decision.hash };
      this.#do(c, async () => {
        await this.bench.send(c.leaf, "sharing", body);
        why.value = ""; // it is no draft any more
      }, CASE.sentObjection);
    };
    const element = el("section", {}, ...decisionShown(decision, this.labels),
      el("div", { class: "field" }, el("label", { for: "object-why" }, CASE.why), el("p", { class: "hint" }, CASE.objectHint), why), button(CASE.object, object));
    return box("object_why", element, why);
  }

  /** What its writer wishes to be asked, and from when. */
  #asking(c: Case): HTMLElement[] {
    if (c.checkIn === "") return [];
    const due = isToAsk(c, this.bench.today);
    const said = due ? ASK.due(dayText(c.checkIn)) : ASK.later(dayText(c.checkIn));
    return [el("section", { class: "allowed" }, el("h3", {}, ASK.title), el("p", {}, said), el("p", {}, ASK.what), ...(due ? [this.bench.asking(c.leaf)] : []))];
  }

  /** Whether the panel waits for a writer who wants to see it first, when it did, and since when. */
  #waiting(c: Case, story: Story): HTMLElement[] {
    const was = pauses(c.notes, c.back);
    const wants = story.kind !== "consent" && wishesOf(answersOf(story), story.changes).ask_me_first;
    if (!wants && was.length === 0) return [];
    const begin = (): void => { this.#do(c, () => this.bench.send(c.leaf, "note", { text: CASE.askedNote, asked: true }), CASE.sentPause); };
    const end = (): void => {
      this.#do(c, async () => {
        for (const over of waits(c.notes, c.back)) await this.bench.send(c.leaf, "note", { text: CASE.waitOverNote, over });
      }, CASE.sentPause);
    };
    const next = isPaused(was) ? [el("p", {}, CASE.waitOverHint), el("p", {}, button(CASE.waitOver, end))]
      : wants ? [el("p", {}, CASE.firstHint), el("p", {}, button(CASE.asked, begin))] : [];
    return [el("section", { class: "allowed" }, el("h3", {}, CASE.first), ...was.map((p) => el("p", { class: "note" }, `${pauseText(p)}.`)), ...next)];
  }

  #notes(c: Case): Part {
    const area = el("textarea", { id: "case-note", rows: "4", autocomplete: "off", spellcheck: "false", "aria-describedby": "case-note-hint" });
    const add = (): void => {
      if (area.value.trim() === "") { this.#faults(element, [{ id: "case-note", sentence: CASE.noteEmpty }]); return; }
      const text = area.value;
      this.#do(c, async () => {
        await this.bench.send(c.leaf, "note", { text });
        area.value = ""; // it is no draft any more
      }, CASE.sentNote);
    };
    const later = taskOf(c, this.bench.me, this.bench.today) === "code"; // then only one's own are here
    const list = later && c.notes.length === 0 ? [] : c.notes.length === 0 ? [el("p", { class: "quiet" }, CASE.noNotes)]
      : [el("ol", { class: "notes" }, ...c.notes.map((n) => el("li", {}, el("p", { class: "quiet" }, `${n.by}, ${dayText(n.day)}`), typed(n.body.text))))];
    const element = el("section", {}, el("h3", {}, CASE.notes), ...(later ? [el("p", { class: "quiet" }, CASE.notesLater)] : []), ...list,
      el("div", { class: "field" }, el("label", { for: "case-note" }, CASE.noteLabel), el("p", { class: "hint", id: "case-note-hint" }, CASE.noteHint), area), button(CASE.noteSend, add));
    return box("note", element, area);
  }

  /** The ways out of a message that stand under it at any time: to step back for good, and, before a coding was sent, to hand it back with no word why. */
  #ways(c: Row): HTMLElement[] {
    const taken = this.#part(c) !== null && !c.coded.includes(this.bench.me);
    return [el("section", {}, el("p", {}, CASE.barsAgain), stepBack(() => { this.#recuse(c); })), ...(taken ? [this.#handBack(c)] : [])];
  }

  /** Nothing typed stays that would name who hands something back. */
  #handBack(c: Row): HTMLElement {
    const back = (): void => {
      this.#partFrom(c.leaf, async () => {
        await this.bench.handBack(c.leaf);
        this.#declared.delete(c.leaf);
      }, CASE.handedBack);
    };
    const ask = (): void => {
      const typed = this.#drafts?.any ?? c.declared; // what was typed may be out of sight, as in a pause
      if (!typed) { back(); return; }
      const yes = button(CASE.handBackYes, back, "button");
      room.replaceChildren(el("p", {}, CASE.handBackTyped), yes, button(CASE.cancel, () => { begin(); room.querySelector("button")?.focus(); }));
      yes.focus();
    };
    const room = el("div", { class: "buttons" });
    const begin = (): void => { room.replaceChildren(button(CASE.handBack, ask)); };
    begin();
    return room;
  }

  /** Gives a message, or the part in it, away: what was typed on it is stored no more. Where that fails, all stays as it is. */
  #partFrom(leaf: string, step: () => Promise<void>, done: string): void {
    this.#attempt(async () => {
      const drafts = this.#drafts;
      await drafts?.discard();
      try {
        await step();
      } catch (err) {
        if (drafts === this.#drafts) drafts?.start();
        throw err;
      }
      if (drafts === this.#drafts) this.#drafts = null;
      const turn = this.#turn;
      await this.around.changed(leaf);
      if (turn === this.#turn) this.#fill(null, [el("p", {}, done)]);
    });
  }

  #fill(c: Row | null, body: HTMLElement[]): void {
    const title = el("h2", { tabindex: "-1" }, c === null ? CASE.queue : `${CASE.of[c.card.of]}, ${dayText(c.day)}`);
    const stage = c === null || c.card.of === "junk" ? [] : [el("p", {}, STAGES[c.stage])];
    this.room.replaceChildren(title, ...stage, ...body, el("p", {}, button(CASE.back, () => { void this.close(); this.around.closed(); })));
    title.focus();
  }

  /** Errors stand together, and the focus goes to the first; each leads to its control. */
  #faults(section: HTMLElement, faults: Fault[]): void {
    section.querySelector(":scope > .problems")?.remove();
    const links = faults.map(({ id, sentence }) => {
      const a = el("a", { href: `#${id}` }, sentence);
      a.addEventListener("click", (event) => { event.preventDefault(); document.getElementById(id)?.focus(); });
      return el("li", {}, a);
    });
    const box = el("div", { class: "problems", tabindex: "-1", role: "alert" }, el("h3", {}, CASE.faultsTitle), el("ul", {}, ...links));
    section.prepend(box);
    box.focus();
  }

  /** Does something that is stored, and shows the message as it then stands. */
  #do(c: Pick<Case, "leaf" | "epoch">, step: () => Promise<void>, done: string): void {
    this.#attempt(async () => {
      const turn = this.#turn;
      await step();
      const now = await this.around.changed(c.leaf);
      if (turn === this.#turn) await this.#showStored(c, now);
      this.around.say(done);
    });
  }

  async #showStored(c: Pick<Case, "leaf" | "epoch">, now: Row | null): Promise<void> {
    if (now !== null) { await this.show(now); return; }
    const turn = this.#turn;
    await this.#leave();
    const why = await this.bench.why(c.epoch);
    if (turn === this.#turn) this.#fill(null, gone(why));
  }

  /** One step at a time. A press meanwhile is not kept, or it could send something twice; it is said. */
  #attempt(step: () => Promise<void>): void {
    if (this.#busy) {
      this.#hasty = true;
      this.around.alert(CASE.busy);
      return;
    }
    this.#busy = true;
    this.#hasty = false;
    this.around.alert("");
    step().then(() => { if (this.#hasty) this.around.alert(""); }, (err: unknown) => { this.around.failed(err); }).finally(() => { this.#busy = false; });
  }

  async #leave(): Promise<void> {
    const drafts = this.#drafts;
    this.#drafts = null;
    await drafts?.end();
  }
}

const gone = (why: Gone): HTMLElement[] => [el("p", { class: "note" }, why === "withdrawn" ? CASE.gone : CASE.wordsGone)];

function roleFor(c: Row): Role | null {
  if (c.task === "third") return "third";
  if (c.task !== "declare") return null;
  return c.stage === "coding" ? "coder" : "checker";
}

const worksThere = (answers: readonly Answer[]): boolean => roleOf(answers) === "worker";
