/** One message on the desk, from the question whether anything ties one to it, to the finding. */
import type { Answer } from "../pad.js";
import { alone } from "./alone.js";
import { ApiError } from "./api.js";
import type { Bench, Gone } from "./bench.js";
import { guarded, storyOf } from "./casestory.js";
import { isToAsk, type Case, type Role, type Row } from "./casework.js";
import { CaseTasks, type Desk } from "./casetasks.js";
import { brakeNote } from "./brakenote.js";
import { CASE, STAGES } from "./casewords.js";
import type { FormCodes } from "./codingform.js";
import { chips, declaration, stepBack } from "./declare.js";
import { asked, button, el } from "./dom.js";
import { Drafts, KEPT, withLate, type Part } from "./drafts.js";
import { elsewhere, typedBefore } from "./elsewhere.js";
import type { Labels } from "./labels.js";
import { isGrave } from "./pace.js";
import { pauses } from "./pause.js";
import { dayText, junk } from "./reading.js";
import { NotAsDrawn, Refused, tells } from "./refusals.js";
import { ASK } from "./reply.js";
import { clockList } from "./rowclocks.js";
import { mayCheck } from "./seats.js";
import { showFirst } from "./showfirst.js";
import { staying } from "./staying.js";
import { SAY } from "./words.js";

/** What the view needs from the page around it. */
export interface Around {
  say: (sentence: string) => void;
  alert: (sentence: string) => void;
  /** Tells a failure in a sentence; it may mean that one has to sign in again. */
  failed: (err: unknown) => void;
  /** Says, where somebody types, why that is not kept, and whether one has to sign in again; "" when it is kept. */
  unkept: (sentence: string, signedOut: boolean) => void;
  /** Something was stored: the list is worked out anew, and the message as it then stands, or null. */
  changed: (leaf: string) => Promise<Row | null>;
  closed: () => void;
  /** A message could not be opened; what stands in the view still, by its leaf, or "" for none. */
  stays: (leaf: string) => void;
}

export class CaseView {
  #drafts: Drafts | null = null;
  /** A step is under way. */
  #busy = false;
  /** Something was pressed while a step was under way, and that was said. */
  #hasty = false;
  /** What is drawn now is drawn after a step that failed: whoever pressed for it goes on there. */
  #failing = false;
  /** Counts what is opened and put away: what began before the last of these draws nothing any more. */
  #turn = 0;
  /** The turn that is shown, and its message. */
  #filled = -1;
  #standing: Row | null = null;
  #fetching = false;
  /** The message that is open, where it is of the gravest kind, and whether its story is shown. */
  #grave: { leaf: string; told: boolean } | null = null;
  /** Messages that this reviewer declared on, for as long as this page is open. */
  readonly #declared = new Set<string>();
  #opening: Promise<void> = Promise.resolve();
  readonly #on: Desk;
  readonly #tasks: CaseTasks;

  constructor(
    private readonly room: HTMLElement,
    private readonly bench: Bench,
    private readonly labels: Labels,
    codes: FormCodes,
    private readonly around: Around,
  ) {
    this.#on = {
      bench, labels, codes, do: (c, step, done, box) => { this.#do(c, step, done, box); }, fresh: (leaf) => this.#fresh(leaf),
    };
    this.#tasks = new CaseTasks(this.#on);
  }

  /** Opens a message after what is under way; a failure is said. */
  open(c: Row): void {
    const turn = ++this.#turn;
    this.around.alert(""); // it was about something else
    const show = (): Promise<void> => (turn === this.#turn ? this.show(c) : Promise.resolve());
    this.#opening = this.#opening.then(show).catch((err: unknown) => {
      if (turn !== this.#turn) return;
      this.around.stays(this.#standing?.leaf ?? "");
      this.around.failed(err);
    });
  }

  /** Shows a message: what it is about, and, for those who have a part in it or have declared, the message itself. */
  show(c: Row): Promise<void> {
    return this.#instead(() => this.#showFor(c));
  }

  /** Saves what is typed on what stands here, for `step` to put something else in its place. Where that fails all stays as it was. */
  async #instead(step: () => Promise<void>): Promise<void> {
    const [turn, standing, grave, at] = [this.#turn, this.#standing, this.#grave, document.activeElement];
    const same = this.#filled === turn; // it is drawn anew, and what is typed on meanwhile stays
    if (!same) this.room.inert = true; // what is typed from here on would be read by nobody
    try {
      this.#rest();
      await (same ? this.#drafts?.hold() : this.#drafts?.end());
      if (turn === this.#turn) await step();
    } catch (err) {
      if (turn === this.#turn && this.#fetching) this.#fetch(false);
      if (standing !== null && standing === this.#standing) {
        this.#grave ??= grave;
        this.#drafts?.start();
      }
      throw err;
    } finally {
      if (turn === this.#turn) this.room.inert = false;
      if (at instanceof HTMLElement && this.room.contains(at) && document.activeElement === document.body) at.focus();
    }
  }

  async #showFor(c: Row): Promise<void> {
    const seat = this.#part(c) === null ? roleFor(c) : null; // to take, or to take again after it was handed back
    const role = this.#part(c) ?? seat;
    if (c.card.of !== "junk" && seat === null && (c.declared || this.#declared.has(c.leaf))) { await this.#open(c); return; }
    void this.#drafts?.save(); // what was typed on while it was saved
    if (c.card.of === "junk") this.#fill(c, junk(c.junk));
    else if (role === null && (c.task === "look" || c.task === "object" || isToAsk(c, this.bench.today))) this.#fill(c, this.#declare(c, null));
    else if (role === null) this.#fill(c, [chips(c, this.labels)]);
    else this.#fill(c, this.#declare(c, role));
  }

  /** Saves what is typed and empties the view. */
  async close(): Promise<void> {
    this.#turn++;
    if (this.#fetching) this.#fetch(false);
    const left = this.#leave();
    this.#empty(); // the fields are read already
    await left;
  }

  /** Empties the view at once: the page goes away. What was typed since it was last kept goes too; the browser has asked before. */
  drop(): void {
    this.#turn++;
    this.#rest();
    this.#empty();
  }

  #empty(): void {
    this.#drafts?.stop();
    [this.#drafts, this.#standing] = [null, null];
    this.room.replaceChildren();
  }

  /** Saves what is typed; the message stays open. Never throws. */
  async save(): Promise<void> {
    await this.#drafts?.save();
  }

  /** The message is not there any more: nothing of it stays, nor of what was typed on it, and why is said. */
  away(why: Gone): void {
    this.drop();
    if (this.#fetching) this.#fetch(false);
    this.#fill(null, gone(why));
  }

  /** The part that this reviewer has by the server's word. It is signed by nobody, so it opens nothing. */
  #part(c: Row): Role | null {
    return c.claims.find(({ by }) => by === this.bench.me)?.role ?? null;
  }

  /** The question before reading. Without a role nothing is taken: the reviewer only looks. */
  #declare(c: Row, role: Role | null): HTMLElement[] {
    const { pace } = this.bench;
    const brake = pace.brakeOn(c);
    const warned = brake === null ? [] : [brakeNote(brake, pace)];
    if (brake !== null && pace.caps.hard) return [chips(c, this.labels), ...warned, ...this.#ways(c)];
    if (role === "third" && this.#isLastOther(c)) warned.push(el("p", { class: "note" }, CASE.lastOther));
    const clear = (): void => {
      this.#do(c, async () => {
        if (role !== null && this.#part(c) === null) await this.#claim(c, role);
        this.#declared.add(c.leaf);
      }, "");
    };
    return [...warned, ...declaration(c, this.labels, role === null ? CASE.clearLook : CASE.clear, clear, () => { this.#recuse(c); })];
  }

  /** Nobody else is left who did not read it. */
  #isLastOther(c: Row): boolean {
    return mayCheck(c).every((id) => id === this.bench.me);
  }

  /**
   * Takes a part. What a third or a checker is for can be over by now: two may have agreed, or fewer be left. Throws NotAsDrawn then,
   * before the part is taken.
   */
  async #claim(c: Row, role: Role): Promise<void> {
    if (role !== "coder") {
      const now = await this.#fresh(c.leaf);
      const same = now !== null && roleFor(now) === role && (role !== "third" || this.#isLastOther(now) === this.#isLastOther(c));
      if (!same) throw new NotAsDrawn(CASE.otherNow);
    }
    await this.bench.claim(c.leaf, role);
  }

  /** Fetches how a message stands, and draws the list. */
  #fresh(leaf: string): Promise<Row | null> {
    this.bench.stale(leaf);
    return this.around.changed(leaf);
  }

  #recuse(c: Row): void {
    this.#partFrom(c, () => this.bench.recuse(c.leaf), CASE.recused);
  }

  async #open(row: Row): Promise<void> {
    const { pace } = this.bench;
    const brake = pace.brakeOn(row);
    if (brake !== null && pace.caps.hard) {
      void this.#drafts?.save(); // what was typed on while it was saved
      this.#fill(row, [brakeNote(brake, pace), ...this.#ways(row)]);
      return;
    }
    const turn = this.#turn;
    this.#fetch(true);
    const opened = await this.bench.open(row.leaf);
    if (turn !== this.#turn) return; // put away, or locked, meanwhile
    this.#fetch(false);
    if (typeof opened === "string") {
      this.#fill(null, gone(opened));
      await this.around.changed(row.leaf);
      return;
    }
    const { of: c, story } = opened;
    const kept = await this.bench.draft(c.leaf);
    if (turn !== this.#turn) return;
    const begun = withLate(kept, this.#filled === turn ? this.#drafts?.late ?? [] : []);
    const told = row.task !== "object" && row.card.of !== "consent";
    if (told) pace.opened(c.leaf);
    if (isGrave(c)) this.#grave = { leaf: c.leaf, told };
    const { must_not } = story.wishes;
    const below = this.bench.below(c, story, row.task).map((p) => (must_not.includes("do_not_contact_me") ? { ...p, element: guarded(p.element) } : p));
    const first = row.task === "look" || row.task === "object" ? null : showFirst(c, story, this.#on);
    const parts: Part[] = [...(first === null ? [] : [first]), ...below, ...this.#tasks.of(c, story), ...(row.task === "look" ? [] : [this.#tasks.notes(c)]), ...alone(c, this.bench.me, begun.fields)];
    const open = parts.flatMap((p) => p.fields?.() ?? []);
    parts.push(...elsewhere(begun.fields, open, this.labels), ...typedBefore(begun.fields, open, c));
    const bare = parts.filter(({ fill }) => fill !== undefined).flatMap((p) => p.fields?.() ?? []); // the others show only what is kept
    for (const p of parts) p.fill?.(begun.fields);
    const now = { ...row, pauses: pauses(c.notes, c.back) }; // the row may be older than what was just opened
    this.#fill(now, [...this.#asking(c), ...storyOf(story, row, this.labels), ...parts.map((p) => p.element), ...this.#ways(row)]);
    const became = el("p", { class: "quiet", role: "status" });
    this.room.append(became);
    this.#drafts = new Drafts(
      () => parts.flatMap((p) => p.fields?.() ?? []),
      (fields, shown) => this.bench.keep(c.leaf, fields, shown),
      (how) => {
        if (how === "gone" && became.isConnected) void this.#isGone(c, null);
        if (became.textContent === KEPT[how]) return;
        became.textContent = KEPT[how];
        if (became.isConnected) this.around.unkept(how === "stored" || how === "both" ? "" : KEPT[how], how === "signed-out");
      },
      begun,
      bare,
    );
  }

  #fetch(now: boolean): void {
    this.#fetching = now;
    this.around.say(now ? SAY.fetchingAll : "");
  }

  /** What its writer wishes to be asked, and from when. */
  #asking(c: Case): HTMLElement[] {
    if (c.checkIn === "") return [];
    const due = isToAsk(c, this.bench.today);
    const said = due ? ASK.due(dayText(c.checkIn)) : ASK.later(dayText(c.checkIn));
    return [el("section", { class: "allowed" }, el("h3", {}, ASK.title), el("p", {}, said), el("p", {}, ASK.what), ...(due ? [this.bench.asking(c.leaf)] : []))];
  }

  /** The ways out of a message that stand under it at any time: to step back for good, and, before a coding was sent, to hand it back with no word why. */
  #ways(c: Row): HTMLElement[] {
    const taken = this.#part(c) !== null && !c.coded.includes(this.bench.me);
    return [el("section", {}, el("p", {}, CASE.barsAgain), stepBack(() => { this.#recuse(c); }, () => this.#typedOn(c))), ...(taken ? [this.#handBack(c)] : [])];
  }

  /** Whether something typed and not sent would go with a message; it may be out of sight, as in a pause. */
  #typedOn(c: Row): boolean {
    return this.#drafts?.any ?? c.declared;
  }

  /** Nothing typed stays that would name who hands something back. */
  #handBack(c: Row): HTMLElement {
    const back = (): void => {
      this.#partFrom(c, async () => {
        await this.bench.handBack(c.leaf);
        this.#declared.delete(c.leaf);
      }, CASE.handedBack);
    };
    const ask = (): void => {
      if (!this.#typedOn(c)) { back(); return; }
      const no = button(CASE.cancel, () => { begin(); room.querySelector("button")?.focus(); });
      asked(room, CASE.handBackTyped, button(CASE.handBackYes, back, "button"), no);
    };
    const room = el("div", { class: "buttons" });
    const begin = (): void => { room.replaceChildren(button(CASE.handBack, ask)); };
    begin();
    return room;
  }

  /** Gives a message, or the part in it, away: what was typed on it is stored no more. Where that fails, all stays as it is. */
  #partFrom(c: Row, step: () => Promise<void>, done: string): void {
    const { leaf } = c;
    this.#attempt(async () => {
      const [turn, drafts] = [this.#turn, this.#drafts];
      const put = (said: string): void => { if (turn === this.#turn) this.#fill(null, [el("p", {}, said)]); };
      await drafts?.discard();
      try {
        await step();
      } catch (err) {
        if (this.bench.left(leaf)) { // it is signed
          put(SAY.stepBackWaits(1));
          throw err;
        }
        if (drafts === this.#drafts) drafts?.start();
        throw await this.#after(c, turn, err);
      }
      put(done); // before anything else can fail
      await this.around.changed(leaf);
    });
  }

  /**
   * Fills the view, and goes to its heading; whoever went elsewhere while the same message was fetched anew is left there, and
   * whoever types in it goes on in the same field.
   */
  #fill(c: Row | null, body: HTMLElement[]): void {
    const at = document.activeElement;
    const same = this.#filled === this.#turn;
    const elsewhere = same && at !== null && at !== document.body && !this.room.contains(at);
    const stays = same ? staying(this.room, this.#failing) : (): boolean => false;
    this.#drafts?.stop();
    [this.#filled, this.#standing, this.#drafts] = [this.#turn, c, null];
    const title = el("h2", { tabindex: "-1" }, c === null ? CASE.queue : `${CASE.of[c.card.of]}, ${dayText(c.day)}`);
    const stage = c === null || c.card.of === "junk" ? [] : [el("p", {}, STAGES[c.stage])];
    const clocks = c === null || c.card.of === "junk" ? [] : clockList(c, this.bench);
    this.room.replaceChildren(title, ...stage, ...clocks, ...body, el("p", {}, button(CASE.back, () => { void this.close(); this.around.closed(); })));
    this.room.inert = false;
    if (!elsewhere && !stays()) title.focus();
  }

  /** Does something that is stored, and shows the message as it then stands. */
  #do(c: Pick<Case, "leaf" | "epoch">, step: () => Promise<void>, done: string | ((now: Row | null) => string), box?: Answer): void {
    this.#attempt(async () => {
      for (const faults of this.room.querySelectorAll(".problems")) faults.remove(); // it is filled in
      const turn = this.#turn;
      try {
        await step();
      } catch (err) {
        throw await this.#after(c, turn, err);
      }
      if (box !== undefined && turn !== this.#turn) await this.bench.sent(c.leaf, box); // it was kept as the box was put away
      const now = await this.around.changed(c.leaf);
      if (turn === this.#turn) await this.#showStored(c, now);
      this.around.say(typeof done === "string" ? done : done(now));
    });
  }

  /**
   * After a step that failed: where that tells that the page is old, or nobody knows whether the step is done, the message is drawn as
   * it stands by now, with all that is typed. Gives what is to be said.
   */
  async #after(c: Pick<Case, "leaf" | "epoch">, turn: number, err: unknown): Promise<unknown> {
    const told = tells(err);
    if (told === "nothing" || turn !== this.#turn) return err;
    if (told === "gone") {
      await this.#isGone(c, err);
      return err;
    }
    this.#failing = true;
    try {
      const now = await this.#fresh(c.leaf);
      if (turn === this.#turn) await this.#showStored(c, now);
    } catch {
      return err; // all stays as it was
    } finally {
      this.#failing = false;
    }
    return told === "lost" ? new Refused(CASE.answerLost) : err;
  }

  /** The server has said that a message is not there any more for this reviewer: nothing of it stays here. */
  async #isGone(c: Pick<Case, "leaf" | "epoch">, err: unknown): Promise<void> {
    const turn = this.#turn;
    const left = err instanceof ApiError && err.kind === "recused";
    const why = await this.bench.why(c.epoch, c.leaf).catch(() => (left ? "left" : "withdrawn") as Gone);
    if (turn === this.#turn) this.away(why);
    await this.#fresh(c.leaf).catch(() => { /* the list is drawn anew at the next look */ });
  }

  async #showStored(c: Pick<Case, "leaf" | "epoch">, now: Row | null): Promise<void> {
    if (now !== null) { await this.show(now); return; }
    const turn = this.#turn;
    await this.#instead(async () => {
      const why = await this.bench.why(c.epoch, c.leaf);
      if (turn === this.#turn) this.#fill(null, gone(why));
    });
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

  /** After a story of the gravest kind there is a pause, whoever found it so. */
  #rest(): void {
    const [grave, { pace }] = [this.#grave, this.bench];
    if (grave?.told === true) pace.leftGrave(grave.leaf);
    else if (grave !== null) pace.lookedAtGrave(grave.leaf);
    this.#grave = null;
  }

  async #leave(): Promise<void> {
    this.#rest();
    await this.#drafts?.end();
  }
}

const GONE: Record<Gone, string> = { withdrawn: CASE.gone, shredded: CASE.wordsGone, left: CASE.recused };
const gone = (why: Gone): HTMLElement[] => [el("p", { class: "note" }, GONE[why])];

function roleFor(c: Row): Role | null {
  if (c.task === "third") return "third";
  if (c.task !== "declare") return null;
  return c.stage === "coding" ? "coder" : "checker";
}
