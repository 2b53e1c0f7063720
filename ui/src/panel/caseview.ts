/** One message on the desk, from the question whether anything ties one to it, to the finding. */
import { roleOf, type Found, type Sharing } from "../coding.js";
import { proposal } from "../compare.js";
import type { Answer } from "../pad.js";
import { wishesOf, type Wishes } from "../sharing.js";
import { ALLOWED } from "./allowed.js";
import { alone } from "./alone.js";
import { answersOf, type Bench, type Gone, type Story, type Told } from "./bench.js";
import { stageOf, standing, taskOf, type Case, type Role, type Row } from "./casework.js";
import { pauseText } from "./cards.js";
import { BRAKES, CASE, STAGES } from "./casewords.js";
import { CodingForm, type Fault, type FormCodes } from "./codingform.js";
import { chips, declaration } from "./declare.js";
import { button, el, typed } from "./dom.js";
import type { Choice } from "./desk.js";
import { Drafts } from "./drafts.js";
import type { Labels } from "./labels.js";
import { isPaused, pauses, waits } from "./pause.js";
import { choiceBlock, dayText, junk, submission } from "./reading.js";
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
  #busy = false;
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
    this.#opening = this.#opening.then(() => this.show(c)).catch((err: unknown) => { this.around.failed(err); });
  }

  /** Shows a message: what it is about, and, for those who have a part in it or have declared, the message itself. */
  async show(c: Row): Promise<void> {
    await this.#leave();
    const role = this.#part(c) ?? roleFor(c);
    if (c.card.of === "junk") this.#fill(c, junk(c.junk));
    else if (c.declared || this.#declared.has(c.leaf)) await this.#open(c);
    else if (role === null && (c.task === "look" || c.task === "object")) this.#fill(c, this.#declare(c, null));
    else if (role === null) this.#fill(c, [chips(c, this.labels)]);
    else this.#fill(c, this.#declare(c, role));
  }

  /** Saves what is typed and empties the view. */
  async close(): Promise<void> {
    const left = this.#leave();
    this.room.replaceChildren(); // the fields are read already
    await left;
  }

  /** Empties the view at once: the page goes away, and what was typed was saved when it was hidden. */
  drop(): void {
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
    if (brake !== null && pace.caps.hard) return [chips(c, this.labels), ...warned, ...this.#handBack(c, [])];
    const clear = (): void => {
      this.#do(c, async () => {
        if (role !== null && this.#part(c) === null) await this.bench.claim(c.leaf, role);
        this.#declared.add(c.leaf);
      }, "");
    };
    const recuse = (): void => {
      this.#attempt(async () => {
        await this.bench.recuse(c.leaf);
        await this.around.changed(c.leaf);
        this.#fill(null, [el("p", {}, CASE.recused)]);
      });
    };
    return [...warned, ...declaration(c, this.labels, role === null ? CASE.clearLook : CASE.clear, clear, recuse)];
  }

  async #open(row: Row): Promise<void> {
    const { pace } = this.bench;
    const brake = row.task === "code" ? pace.brake(row.leaf) : null;
    if (brake !== null && pace.caps.hard) {
      this.#fill(row, [el("p", { class: "note" }, BRAKES[brake](pace.caps, pace.minutesLeft())), ...this.#handBack(row, [])]);
      return;
    }
    this.around.say(SAY.fetchingAll);
    const opened = await this.bench.open(row.leaf);
    this.around.say("");
    if (opened === "withdrawn" || opened === "shredded") {
      this.#fill(null, gone(opened));
      await this.around.changed(row.leaf);
      return;
    }
    const { of: c, story } = opened;
    if (row.task !== "object" && row.task !== "look") pace.opened(c.leaf);
    const begun = await this.bench.draft(c.leaf);
    const parts: Part[] = [this.#task(c, story), ...(row.task === "look" ? [] : [this.#notes(c)]), ...alone(c, this.bench.me, begun)];
    for (const p of parts) p.fill?.(begun);
    const below = this.bench.below(c, story, row.task);
    this.#fill(row, [...this.#story(story, row), ...(row.task === "look" || row.task === "object" ? [] : this.#waiting(c, story)), ...below, ...parts.map((p) => p.element), ...this.#handBack(row, c.coded)]);
    const kept = el("p", { class: "quiet", role: "status" });
    this.room.append(kept);
    this.#drafts = new Drafts(
      () => parts.flatMap((p) => p.fields?.() ?? []),
      (fields) => this.bench.send(c.leaf, "draft", { fields }),
      (ok) => { kept.textContent = ok ? CASE.draftSaved : CASE.draftFailed; },
      begun,
    );
  }

  #story(story: Story, row: Row): HTMLElement[] {
    if (row.task === "object") return []; // what may go out is enough to object to it
    if (story.kind === "consent") return [el("p", {}, el("strong", {}, SAY.consent)), ...story.changes.map((c) => choiceBlock(c, this.labels))];
    const said = story.answers.filter(({ q }) => q === "impact");
    const impact = said.length > 0 ? said.flatMap((a) => this.labels.choices(a)).join(", ") : CASE.impactNone;
    return [
      ...this.#allowed(story),
      el("section", {}, el("h3", {}, CASE.story), ...this.#told({ ...story, kind: story.kind }, true)),
      ...(story.later.length === 0 ? [] : [el("section", {}, el("h3", {}, CASE.writerMore), ...story.later.flatMap((t) => this.#told(t, false)))]),
      ...(row.task === "look" ? [] : [el("section", { class: "impact" }, el("h3", {}, CASE.impact), el("p", {}, el("strong", {}, impact)), el("p", { class: "quiet" }, CASE.impactNote))]),
    ];
  }

  #told(t: Told, first: boolean): HTMLElement[] {
    const whose = { submission: [], followup: [SAY.followup], about_you: [SAY.aboutYou] }[t.kind];
    return [...(first ? [] : [el("p", { class: "quiet" }, dayText(t.day))]), ...whose.map((w) => el("p", {}, el("strong", {}, w))), ...submission(t, this.labels, first && t.kind === "submission")];
  }

  /** What holds now, where the writer came back. */
  #allowed(story: Story): HTMLElement[] {
    const more = story.later.length + story.changes.length;
    if (more === 0) return [];
    const changed = story.changes.length === 0 ? [] : [el("h3", {}, ALLOWED.title), el("p", {}, ALLOWED.changed), choiceBlock(choiceOf(story), this.labels)];
    return [el("section", { class: "allowed" }, el("p", {}, ALLOWED.more(more)), ...changed)];
  }

  #task(c: Case, story: Story): Part {
    const wishes = wishesOf(answersOf(story), story.changes);
    switch (taskOf(c, this.bench.me, this.bench.today)) {
      case "code": return this.#coding(c, story);
      case "agree": return this.#agreeing(c, story);
      case "check": return this.#checking(c, story, wishes);
      case "decide": return this.#deciding(c, wishes, story.allRead);
      case "object": return { element: el("section", {}, ...this.#objecting(c)) };
      case "release": return { element: el("section", {}, ...this.#objecting(c), button(CASE.release, () => { this.#do(c, () => this.bench.release(c.leaf), CASE.released); }, "button")) };
      default: return { element: el("section", {}, ...(stageOf(c, this.bench.today) === "coding" ? [el("p", {}, CASE.waitOther)] : [])) };
    }
  }

  #coding(c: Case, story: Story): Part {
    const form = new CodingForm(this.codes, this.labels, "mine_", worksThere(story.answers), roleOf(story.answers));
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
    const form = new CodingForm(this.codes, this.labels, "both_", worksThere(story.answers) || c.codings.some(({ body }) => body.yes.includes("work")), roleOf(story.answers));
    const begun = proposal(c.codings);
    const others = c.consensuses.filter(({ by, body }) => by !== this.bench.me && body.codings.join() === begun.codings.join());
    const mine = c.consensuses.some(({ by }) => by === this.bench.me);
    const other = others[others.length - 1];
    form.show(other?.body ?? begun);
    const sign = (): void => {
      const said = form.read();
      if ("faults" in said) { this.#faults(element, said.faults); return; }
      // A consensus that starts from an older list keeps that list's version only when nothing of today's was asked.
      const found: Found = other ? { ...said.found, taxonomy: other.body.taxonomy } : said.found;
      this.#do(c, () => this.bench.send(c.leaf, "consensus", { ...found, codings: begun.codings }), CASE.signedConsensus);
    };
    const element = el("section", {}, ...sideBySide(c.codings, this.codes, this.labels),
      ...(stageOf(c, this.bench.today) === "differs" ? [el("p", {}, CASE.third)] : []),
      el("h3", {}, CASE.consensus), el("p", {}, CASE.consensusHint),
      ...(mine ? [el("p", { class: "note" }, CASE.signedConsensus)] : []), ...(other ? [el("p", { class: "note" }, CASE.takeOver)] : []),
      form.element, button(CASE.signConsensus, sign, "button"));
    return { element, fields: () => form.fields(), fill: (fields) => { if (fields.some(({ q }) => q.startsWith("both_"))) form.fill(fields); } };
  }

  #checking(c: Case, story: Story, wishes: Wishes): Part {
    const form = new CheckForm(c, story, wishes, this.bench, this.labels);
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

  #objecting(c: Case): HTMLElement[] {
    const decision = standing(c);
    if (decision === null) return [];
    const why = el("textarea", { id: "object-why", rows: "3", autocomplete: "off", spellcheck: "false" });
    const object = (): void => {
      if (why.value.trim() === "") { this.#faults(box, [{ id: "object-why", sentence: CASE.whyEmpty }]); return; }
      const body: Sharing = { decision: "object", form: "", words: why.value, wishes: decision.body.wishes, consensus: [], check: "", of: decision.hash };
      this.#do(c, () => this.bench.send(c.leaf, "sharing", body), CASE.sentObjection);
    };
    const box = el("section", {}, ...decisionShown(decision, this.labels),
      el("div", { class: "field" }, el("label", { for: "object-why" }, CASE.why), el("p", { class: "hint" }, CASE.objectHint), why), button(CASE.object, object));
    return [box];
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
    const list = c.notes.length === 0 ? [el("p", { class: "quiet" }, CASE.noNotes)]
      : [el("ol", { class: "notes" }, ...c.notes.map((n) => el("li", {}, el("p", { class: "quiet" }, `${n.by}, ${dayText(n.day)}`), typed(n.body.text))))];
    const element = el("section", {}, el("h3", {}, CASE.notes), ...list,
      el("div", { class: "field" }, el("label", { for: "case-note" }, CASE.noteLabel), el("p", { class: "hint", id: "case-note-hint" }, CASE.noteHint), area), button(CASE.noteSend, add));
    return { element, fields: () => [{ q: "note", a: area.value }], fill: (fields) => { area.value = fields.find(({ q }) => q === "note")?.a ?? ""; } };
  }

  /** Whoever has sent a coding keeps it; before that, a message goes back with no word why. */
  #handBack(c: Row, coded: readonly string[]): HTMLElement[] {
    if (coded.includes(this.bench.me) || !c.claims.some(({ by }) => by === this.bench.me)) return [];
    const back = (): void => {
      this.#attempt(async () => {
        await this.#leave();
        await this.bench.handBack(c.leaf);
        await this.around.changed(c.leaf);
        this.#fill(null, [el("p", {}, CASE.handedBack)]);
      });
    };
    return [el("p", {}, button(CASE.handBack, back))];
  }

  #fill(c: Row | null, body: HTMLElement[]): void {
    const title = el("h2", { tabindex: "-1" }, c === null ? CASE.queue : `${CASE.of[c.card.of]}, ${dayText(c.day)}`);
    const stage = c === null || c.card.of === "junk" ? [] : [el("p", {}, STAGES[c.stage])];
    this.room.replaceChildren(title, ...stage, ...body, el("p", {}, button(CASE.back, () => { this.#attempt(async () => { await this.close(); this.around.closed(); }); })));
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
    const box = el("div", { class: "problems", tabindex: "-1", role: "alert" }, el("h4", {}, CASE.faultsTitle), el("ul", {}, ...links));
    section.prepend(box);
    box.focus();
  }

  /** Does something that is stored, and shows the message as it then stands. */
  #do(c: Pick<Case, "leaf" | "epoch">, step: () => Promise<void>, done: string): void {
    this.#attempt(async () => {
      await step();
      const now = await this.around.changed(c.leaf);
      if (now === null) {
        await this.#leave();
        this.#fill(null, gone(await this.bench.why(c.epoch)));
      } else await this.show(now);
      this.around.say(done);
    });
  }

  #attempt(step: () => Promise<void>): void {
    if (this.#busy) return;
    this.#busy = true;
    this.around.alert("");
    step().catch((err: unknown) => { this.around.failed(err); }).finally(() => { this.#busy = false; });
  }

  async #leave(): Promise<void> {
    const drafts = this.#drafts;
    this.#drafts = null;
    await drafts?.end();
  }
}

/** A part of the view with fields that a draft keeps. */
export interface Part {
  element: HTMLElement;
  fields?: () => Answer[];
  fill?: (fields: readonly Answer[]) => void;
}

const gone = (why: Gone): HTMLElement[] => [el("p", { class: "note" }, why === "withdrawn" ? CASE.gone : CASE.wordsGone)];

function roleFor(c: Row): Role | null {
  if (c.task === "third") return "third";
  if (c.task !== "declare") return null;
  return c.stage === "coding" ? "coder" : "checker";
}

/** The newest change of what may be done, as a choice. */
function choiceOf(story: Story): Choice {
  const { share_level, ask_me_first, hold, hide } = wishesOf(story.answers, story.changes);
  return { share_level, ask_me_first, hold, hide } as Choice;
}

const worksThere = (answers: readonly Answer[]): boolean => roleOf(answers) === "worker";
