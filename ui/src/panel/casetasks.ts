/** What a reviewer does about an opened message: each task as a part of the view, with the button that signs and sends it. */
import { roleOf, type Check, type Note, type Sharing } from "../coding.js";
import { proposal } from "../compare.js";
import type { Answer } from "../pad.js";
import type { Wishes } from "../sharing.js";
import { agreedCodes, onlyAsked, strays } from "./agreedcodes.js";
import { ownOf, type Bench, type Story } from "./bench.js";
import {
  AGREED, changedSince, checkOf, mayCheckAgain, mayKeep, readsAlone, saidMoreSince, stageOf, standing, taskOf, type Case, type Dated, type Leave, type Row,
} from "./casework.js";
import { chipText } from "./cards.js";
import { CASE } from "./casewords.js";
import { CodingForm, type FormCodes } from "./codingform.js";
import { button, clearSent, el, typed } from "./dom.js";
import { box, type Part } from "./drafts.js";
import { showFaults } from "./faults.js";
import type { Labels } from "./labels.js";
import { ownOrTheirs } from "./ownortheirs.js";
import { NotAsDrawn, tells } from "./refusals.js";
import { hasSigned } from "./signedlast.js";
import { dayText } from "./reading.js";
import { mayCheck, thirdIsOpen, thirdReads } from "./seats.js";
import { CheckForm, DecideForm, decisionShown } from "./sharingview.js";
import { comparedIn, sideBySide } from "./sidebyside.js";

/** What the tasks need of the view around them. */
export interface Desk {
  bench: Bench;
  labels: Labels;
  codes: FormCodes;
  /**
   * Does something that is stored, says what was done, and shows the message as it then stands. A failure is said. `box` is what is sent
   * out of a field: it is no draft any more, though another message was opened meanwhile.
   */
  do: (c: Case, step: () => Promise<void>, done: string | ((now: Row | null) => string), box?: Answer) => void;
  /** A message as it stands by now; null when it is not there any more. */
  fresh: (leaf: string) => Promise<Row | null>;
}

export class CaseTasks {
  constructor(private readonly on: Desk) {}

  /** What this reviewer can do next, and what else they may. */
  of(c: Case, story: Story): Part[] {
    const { me, today } = this.on.bench;
    const { wishes, first, allRead, laterGone } = story;
    const leave: Leave = { wishes, first, allRead, laterGone, own: ownOf(story) };
    const keep = mayKeep(c, me, today) ? [this.#deciding(c, leave)] : [];
    const again = mayCheckAgain(c, me, today) ? [this.#checking(c, story, wishes, checkOf(c))] : [];
    switch (taskOf(c, me, today)) {
      case "code": return [this.#coding(c, story)];
      case "agree": return [this.#agreeing(c, story)];
      case "check": return [this.#checking(c, story, wishes, null), ...keep];
      case "decide": return [...keep, ...again];
      case "object": return [this.#objecting(c)];
      case "release": return [this.#releasing(c, leave)];
      case "again": return [this.#kept(c, wishes)];
      default: return [...(stageOf(c, today) === "coding" && c.coded.includes(me) ? [{ element: el("p", {}, CASE.waitOther) }] : []), ...keep];
    }
  }

  /** Where the writer said more since, or may have and nobody can know, it can only be objected to: then it is decided on anew. */
  #releasing(c: Case, { wishes, laterGone }: Leave): Part {
    const objecting = this.#objecting(c);
    const decision = standing(c);
    const note = laterGone === true ? CASE.laterGoneDecided : decision !== null && saidMoreSince(c, decision, wishes) ? CASE.saidMore : "";
    if (note !== "") return { ...objecting, element: el("section", {}, el("p", { class: "note" }, note), objecting.element) };
    const element = el("section", {}, objecting.element, el("p", {}, CASE.releaseHint), button(CASE.release, () => { this.on.do(c, () => this.on.bench.release(c.leaf), CASE.released); }, "button"));
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
    element.append(el("p", { class: "note" }, CASE.keptChanged), button(CASE.takeUp, () => { this.on.do(c, () => this.on.bench.send(c.leaf, "sharing", body), CASE.takenUp); }, "button"));
    return { element };
  }

  #coding(c: Case, story: Story): Part {
    const form = new CodingForm(this.on.codes, this.on.labels, "mine_", worksThere(story.answers), roleOf(story.answers), this.on.bench.own(c));
    const third = c.claims.some(({ by, role }) => by === this.on.bench.me && role === "third");
    const agreed = AGREED.includes(stageOf(c, this.on.bench.today));
    const send = (): void => {
      const said = form.read();
      if ("faults" in said) { showFaults(element, said.faults); return; }
      const { pace } = this.on.bench;
      this.on.do(c, async () => {
        if (third && !agreed) await this.#stillThird(c);
        await this.on.bench.send(c.leaf, "coding", said.found).catch((err: unknown) => {
          if (tells(err) === "lost") pace.coded(c.leaf, said.found.seriousness); // whether it was sent or not, it was a hard one
          throw err;
        });
        pace.coded(c.leaf, said.found.seriousness);
      }, CASE.sent);
    };
    const note = third && agreed ? [el("p", { class: "note" }, CASE.agreedMeanwhile)] : [];
    const element = el("section", {}, el("h3", {}, CASE.coding), ...note, el("p", {}, CASE.codingHint), form.element, button(CASE.send, send, "button"));
    return { element, fields: () => form.fields(), fill: (fields) => { form.fill(fields); } };
  }

  /** Throws NotAsDrawn where two have agreed since this was drawn: a third reading could leave nobody to look at it, and helps nobody. */
  async #stillThird(c: Case): Promise<void> {
    const now = await this.on.fresh(c.leaf);
    if (now !== null && AGREED.includes(now.stage)) throw new NotAsDrawn(CASE.agreedMeanwhile);
  }

  /** Side by side, and the agreement; who comes second starts from what the other signed. */
  #agreeing(c: Case, story: Story): Part {
    const begun = proposal(c.codings);
    const others = c.consensuses.filter(({ by, body }) => by !== this.on.bench.me && body.codings.join() === begun.codings.join());
    const mine = hasSigned(c, this.on.bench.me);
    const other = others[others.length - 1];
    const works = worksThere(story.answers) || c.codings.some(({ body }) => body.yes.includes("work"));
    const codes = agreedCodes(c.codings, this.on.codes, other?.body);
    const form = new CodingForm(codes, this.on.labels, "both_", works, roleOf(story.answers), this.on.bench.own(c));
    form.show(other === undefined ? begun : onlyAsked(other.body, c.codings));
    const shown = ownOrTheirs(form, other);
    const sign = (): void => {
      const said = form.read();
      if ("faults" in said) { showFaults(element, said.faults); return; }
      const nobodys = strays(said.found, c.codings).map((what) => form.faultAt(what, what === "seriousness" ? CASE.faultBetween : CASE.faultNobody(chipText(what, this.on.labels))));
      if (nobodys.length > 0) { showFaults(element, nobodys); return; }
      this.on.do(c, () => this.on.bench.send(c.leaf, "consensus", { ...said.found, codings: begun.codings }),
        (now) => (now !== null && AGREED.includes(now.stage) ? CASE.bothSigned : CASE.signedConsensus));
    };
    const element = el("section", {}, ...sideBySide(comparedIn(c), this.on.codes, this.on.labels),
      ...this.#thirdHint(c),
      el("h3", {}, CASE.consensus), el("p", {}, CASE.consensusHint),
      ...(mine ? [el("p", { class: "note" }, CASE.signedConsensus)] : []),
      shown.element, button(CASE.signConsensus, sign, "button"));
    return { ...shown, element };
  }

  #thirdHint(c: Case): HTMLElement[] {
    if (thirdReads(c)) return [el("p", { class: "note" }, CASE.thirdReads)];
    const left = mayCheck(c).length;
    if (stageOf(c, this.on.bench.today) !== "differs" || !thirdIsOpen(c) || left === 0) return [];
    return [el("p", {}, CASE.third), ...(left === 1 ? [el("p", { class: "note" }, CASE.lastThird)] : [])];
  }

  /** `before`: the check that stands, where this member may send other words. */
  #checking(c: Case, story: Story, wishes: Wishes, before: Dated<Check> | null): Part {
    const form = new CheckForm(c, story, wishes, this.on.bench, this.on.labels, before !== null);
    if (form.closed) return form;
    if (before !== null) form.show(before.body);
    const send = (): void => {
      const said = form.read();
      if ("faults" in said) { showFaults(form.element, said.faults); return; }
      this.on.do(c, () => this.on.bench.send(c.leaf, "check", said.check), CASE.sentCheck);
    };
    form.element.append(button(CASE.sendCheck, send, "button"));
    return form;
  }

  #deciding(c: Case, leave: Leave): Part {
    const form = new DecideForm(c, leave, this.on.bench, this.on.labels, (body) => {
      if ("faults" in body) { showFaults(form.element, body.faults); return; }
      this.on.do(c, () => this.on.bench.send(c.leaf, "sharing", body.sharing), CASE.sentDecision);
    });
    return form;
  }

  #objecting(c: Case): Part {
    const decision = standing(c);
    if (decision === null) return { element: el("section", {}) };
    const why = el("textarea", { id: "object-why", rows: "3", autocomplete: "off", spellcheck: "false" });
    const object = (): void => {
      if (why.value.trim() === "") { showFaults(element, [{ id: "object-why", sentence: CASE.whyEmpty }]); return; }
      const words = why.value;
      const body: Sharing = { decision: "object", form: "", words, wishes: decision.body.wishes, consensus: [], check: "", of: decision.hash };
      this.on.do(c, async () => {
        await this.on.bench.send(c.leaf, "sharing", body);
        clearSent(why, words); // it is no draft any more
      }, CASE.sentObjection, { q: "object_why", a: words });
    };
    const element = el("section", {}, ...decisionShown(c, decision, this.on.labels),
      el("div", { class: "field" }, el("label", { for: "object-why" }, CASE.why), el("p", { class: "hint" }, CASE.objectHint), why), button(CASE.object, object));
    return box("object_why", element, why);
  }

  /** What members wrote to each other, and the box for a note. */
  notes(c: Case): Part {
    const area = el("textarea", { id: "case-note", rows: "4", autocomplete: "off", spellcheck: "false", "aria-describedby": "case-note-hint" });
    const add = (): void => {
      if (area.value.trim() === "") { showFaults(element, [{ id: "case-note", sentence: CASE.noteEmpty }]); return; }
      const text = area.value;
      this.on.do(c, async () => {
        await this.on.bench.send(c.leaf, "note", { text });
        clearSent(area, text); // it is no draft any more
      }, CASE.sentNote, { q: "note", a: text });
    };
    const later = readsAlone(c, this.on.bench.me); // then only one's own are here
    const list = later && c.notes.length === 0 ? [] : c.notes.length === 0 ? [el("p", { class: "quiet" }, CASE.noNotes)]
      : [el("ol", { class: "notes" }, ...c.notes.map((n) => el("li", {}, el("p", { class: "quiet" }, `${n.by}, ${dayText(n.day)}`), typed(said(n.body)))))];
    const element = el("section", {}, el("h3", {}, CASE.notes), ...(later ? [el("p", { class: "quiet" }, taskOf(c, this.on.bench.me, this.on.bench.today) === "code" ? CASE.notesLater : CASE.notesAlone)] : []), ...list,
      el("div", { class: "field" }, el("label", { for: "case-note" }, CASE.noteLabel), el("p", { class: "hint", id: "case-note-hint" }, CASE.noteHint), area), button(CASE.noteSend, add));
    return box("note", element, area);
  }
}

/** What a note says. Of a colleague's, who reads alone is given that the panel waits, or waits no longer, and no text. */
const said = ({ text, asked }: Note): string => (text !== "" ? text : asked === true ? CASE.noteAsked : CASE.noteOver);

const worksThere = (answers: readonly Answer[]): boolean => roleOf(answers) === "worker";
