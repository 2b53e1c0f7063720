/**
 * The view in which a panel hands findings over, looks at what the clinic answers, and judges its promises.
 *
 * Those who wrote are asked through their mailboxes, from the message itself: nothing of whom the panel asked, or of what they
 * answered, is sent from here.
 */
import type { Doubt, Shown, Verdict } from "../judgement.js";
import { VERDICTS } from "../judgement.js";
import { ask, send } from "./api.js";
import { button, el, focusOn, typed } from "./dom.js";
import { FINDING, findingShown, takeBack } from "./findingsview.js";
import type { HeldFinding } from "./heldfindings.js";
import type { Host } from "./keysview.js";
import { dayText } from "./reading.js";
import type { ServedBench } from "./servedbench.js";
import type { Tended } from "./tending.js";

interface Answer { id: string; role: string; power: string; words: string; day: string; shown: boolean }
interface Handed { id: string; finding: string | null; public: boolean; taken_back: boolean; handed_on: string; answer_by: string; responses: Answer[] }
interface Happened { kind: "extended" | "refused" | "claimed" | "judged"; day: string; due: string | null; reason: string; verdict: "" | Verdict }
interface Pledge {
  id: string;
  handover: string;
  what: string;
  who: string;
  how: string;
  made_on: string;
  first_due: string;
  due: string;
  state: "open" | "overdue" | "claimed" | Verdict;
  round: number;
  to_judge: boolean;
  judge_by: string | null;
  ask_again: string | null;
  members: number;
  own: "" | Verdict;
  events: Happened[];
  repeats: string[];
}
interface Ledger { day: string; handovers: Handed[]; promises: Pledge[]; liaisons: { role: string; state: "invited" | "joined" | "left" }[] }

/** Seconds for which a leaf is waited for. */
const PATIENCE = 3;

const STATES: Record<Pledge["state"], string> = {
  open: "There is time left.",
  overdue: "Late: its day has passed.",
  claimed: "The clinic says it is done.",
  kept: "Judged: kept.",
  partly: "Judged: kept in part.",
  not_kept: "Judged: not kept.",
};

const SAY = {
  judge: "Waits for your word",
  noJudge: "No promise waits for your word.",
  judgeHint: "Ask those who wrote, if they left a way: open the message, and answer it with the text below. Their answers come as sealed messages that only you read. Then say what you think together. Two of you who sign the same word decide. Nobody is told how many you asked.",
  askText: "A text to ask with",
  asking: (p: Pledge): string => `The clinic promised this:\n\n${p.what}\n\nIt was to be done by ${dayText(p.due)}. How one can see it: ${p.how}\n\nIs it kept, kept in part, or not kept? You do not have to answer, and there is no last day. If you want to, write it here in your mailbox, with what you saw. Only the panel reads it. Nobody is told that we asked you, or how many answered.`,
  words: { kept: "It is kept", partly: "It is kept in part", not_kept: "It is not kept" } satisfies Record<Verdict, string>,
  spoken: (n: number, own: "" | Verdict): string =>
    `${n === 1 ? "One of you has spoken." : `${String(n)} of you have spoken.`}${own === "" ? "" : ` You said: ${SAY.words[own].toLowerCase()}. You can say something else until two agree.`}`,
  judged: "You have signed. It counts when another of you signs the same.",
  decided: "You have signed, and so has another. It stands now, for everybody to see.",
  again: (day: string): string => `It was judged kept. Since ${dayText(day)} it is time to ask again.`,
  by: (day: string): string => `In time until ${dayText(day)}.`,
  due: (p: Pledge): string => `By ${p.who}, until ${dayText(p.due)}. ${p.how}`,
  answers: "What the clinic answers",
  noAnswers: "You have handed nothing over yet.",
  look: "Nobody outside reads an answer, or a promise in it, before one of you has looked. Could a word in it point at somebody: at who wrote, or at who else is meant?",
  show: "I looked. Let everybody read it",
  hide: "Take it off the public page",
  shown: "Everybody can read it now.",
  hidden: "Only the clinic and you read it now.",
  power: (text: string): string => `What this role can change: ${text}`,
  answered: (a: Answer): string => `${dayText(a.day)}, as ${a.role}. ${a.shown ? "Everybody can read it." : "Not for everybody yet."}`,
  handed: (h: Handed): string => `Handed over on ${dayText(h.handed_on)}`,
  waits: (day: string): string => `No answer yet. The clinic has until ${dayText(day)}.`,
  takenBack: "Taken back.",
  findings: "Not handed over yet",
  noFindings: "Every finding that stands is with the clinic.",
  hand: "Hand it over",
  changed: "Something about it is not as it was a moment ago. It was not handed over. Look at it again.",
  handedNow: "The clinic reads it now. Its days to answer run.",
  findingsHint: "The clinic reads this as it is, from then on. Each of you can take it back at once, before and after: then it is gone from the clinic's page.",
  seen: (n: number): string => `Handed over, with nothing for you to look at: ${String(n)}`,
  unfold: (n: number): string => `Show them: ${String(n)}`,
  all: "All promises",
  noPromises: "The clinic has promised nothing yet.",
  history: "What happened to it",
  doubt: ({ what, verdict }: Doubt): string => {
    const said = SAY.words[verdict].toLowerCase();
    if (what === "hidden") return `Two of you signed: ${said}. The public log has that, and this server does not show it. Tell your colleagues, in a way that is not this site.`;
    return `This server says that two of you signed: ${said}. The public log does not have that, signed by two of you for these words. Do not rely on it, and tell your colleagues, in a way that is not this site.`;
  },
  unheld: "The public log could not be read, so nothing here is held against it.",
  happened: (e: Happened): string => {
    const what = {
      extended: `Moved to ${e.due === null ? "" : dayText(e.due)}.`,
      refused: `The clinic wanted to move it to ${e.due === null ? "" : dayText(e.due)}, after its day. It was not moved.`,
      claimed: "The clinic said it is done.",
      judged: e.verdict === "" ? "Judged." : `Two of you said: ${SAY.words[e.verdict].toLowerCase()}.`,
    }[e.kind];
    return `${dayText(e.day)}: ${what}${e.reason === "" ? "" : ` ${e.reason}`}`;
  },
  repeat: "It happened again",
  repeatHint: "Tie a finding that came later to this promise.",
  tie: (h: Handed): string => `Tie the finding of ${dayText(h.handed_on)}`,
  tied: "Tied. If the promise was kept, it counts as happening again.",
  repeats: (n: number): string => `Findings tied to it: ${String(n)}.`,
  speakers: "Who speaks for the clinic",
  noSpeakers: "Nobody speaks for the clinic here yet. A steward of this place invites them, on the stewards' page.",
  speakersHint: "If you know that one of them sits with you, say so to a steward of this place, who can end it: nobody can be both.",
  speaker: { invited: "invited", joined: "has joined", left: "has left" },
};

/** Fills `room` with one section for each clinic on whose list the reviewer is. */
export async function showPromises(room: HTMLElement, host: Host, clinics: Tended[], benches: ServedBench[]): Promise<void> {
  const benchOf = (t: Tended): ServedBench | undefined => benches.find(({ clinic }) => clinic.slug === t.clinic.slug);
  const sections = clinics.filter((t) => t.listed).map((t) => new ClinicPromises(host, t, benchOf(t)));
  room.replaceChildren(...sections.map((s) => s.element));
  for (const s of sections) await s.fill();
}

/** How many things of a clinic wait for its panel: promises to judge, answers to look at, findings to hand over. */
export async function promisesWaiting(slug: string): Promise<number> {
  const at = (path: string): Promise<Response> => ask(`/c/${encodeURIComponent(slug)}${path}`);
  const ledger = (await (await at("/promises")).json()) as Ledger;
  const { findings } = (await (await at("/findings")).json()) as { findings: { id: string }[] };
  const handed = new Set(ledger.handovers.map((h) => h.finding));
  const unseen = ledger.handovers.flatMap((h) => (h.taken_back ? [] : h.responses)).filter((a) => !a.shown);
  return ledger.promises.filter((p) => p.to_judge).length + unseen.length + findings.filter((f) => !handed.has(f.id)).length;
}

class ClinicPromises {
  readonly element = el("section", { class: "clinic-promises" });
  readonly #host: Host;
  readonly #t: Tended;
  readonly #bench: ServedBench | undefined;

  constructor(host: Host, t: Tended, bench: ServedBench | undefined) {
    this.#host = host;
    this.#t = t;
    this.#bench = bench;
  }

  async fill(): Promise<void> {
    const ledger = await this.#get<Ledger>("/promises");
    const findings = (await this.#bench?.findings()) ?? [];
    const doubts = await this.#hold(ledger.promises);
    const doubtsOf = (p: Pledge): Doubt[] => doubts?.[ledger.promises.indexOf(p)] ?? [];
    const handed = new Set(ledger.handovers.map((h) => h.finding));
    const open = findings.filter((f) => !handed.has(f.id));
    const due = ledger.promises.filter((p) => p.to_judge);
    this.element.replaceChildren(
      el("h3", {}, this.#t.clinic.name),
      el("h4", {}, SAY.judge),
      ...(due.length === 0 ? [el("p", { class: "quiet" }, SAY.noJudge)] : [el("p", { class: "hint" }, SAY.judgeHint), ...due.map((p) => this.#judging(p, ledger.day, doubtsOf(p)))]),
      el("h4", {}, SAY.findings),
      ...(open.length === 0 ? [el("p", { class: "quiet" }, SAY.noFindings)] : [el("p", { class: "hint" }, SAY.findingsHint), ...open.map((f) => this.#finding(f))]),
      el("h4", {}, SAY.answers),
      ...(ledger.handovers.length === 0 ? [el("p", { class: "quiet" }, SAY.noAnswers)] : [el("p", { class: "hint" }, SAY.look), ...folded(ledger.handovers, (h) => wants(h, findings), SAY.seen, (h) => this.#handed(h, findings.find((f) => f.id === h.finding)))]),
      el("h4", {}, SAY.all),
      alarms(doubts === null ? [SAY.unheld] : []),
      ...(ledger.promises.length === 0 ? [el("p", { class: "quiet" }, SAY.noPromises)] :
        folded(ledger.promises, (p) => doubtsOf(p).length > 0, SAY.unfold, (p) => this.#pledge(p, ledger.handovers, doubtsOf(p)))),
      el("h4", {}, SAY.speakers),
      ...speakers(ledger),
    );
  }

  async #get<T>(path: string): Promise<T> {
    return (await (await ask(`/c/${encodeURIComponent(this.#t.clinic.slug)}${path}`)).json()) as T;
  }

  /** Holds what members are said to have judged against the log; null when that could not be read. An honest server's leaf is there within seconds. */
  async #hold(promises: Pledge[]): Promise<Doubt[][] | null> {
    const shown = promises.map((p): Shown => ({
      id: p.id, what: p.what, who: p.who, how: p.how, firstDue: p.first_due, judged: p.events.flatMap((e) => (e.kind === "judged" && e.verdict !== "" ? [e.verdict] : [])),
    }));
    if (shown.length === 0) return [];
    for (let wait = 1; ; wait++) {
      const leaves = await this.#host.leaves();
      if (leaves === null) return null;
      const doubts = await this.#host.keys().ask<"holdPromises">({ do: "holdPromises", clinic: this.#t.clinic.slug, promises: shown, leaves });
      if (wait > PATIENCE || !doubts.flat().some((d) => d.what === "unlogged")) return doubts;
      await new Promise((resume) => setTimeout(resume, 1000));
    }
  }

  #act(work: () => Promise<string>): void {
    const heading = this.#headingOver(document.activeElement);
    void this.#host.attempt(async () => {
      const said = await work();
      await this.fill();
      if (document.activeElement === document.body) this.#goTo(heading); // what was pressed is drawn anew
      this.#host.say(said);
    });
  }

  /** The heading under which something stands, "" for none. */
  #headingOver(e: Element | null): string {
    let at = e;
    while (at !== null && at.parentElement !== this.element) at = at.parentElement;
    while (at !== null && at.tagName !== "H4") at = at.previousElementSibling;
    return at?.textContent ?? "";
  }

  #goTo(heading: string): void {
    const all = Array.from(this.element.querySelectorAll<HTMLElement>(":scope > h3, :scope > h4"));
    const at = all.find((h) => h.textContent === heading) ?? all[0];
    if (at !== undefined) focusOn(at);
  }

  #button(label: string, work: () => Promise<string>, kind = "button second"): HTMLButtonElement {
    const b = button(label, () => { this.#act(work); }, kind);
    b.dataset["busy"] = "";
    return b;
  }

  #judging(p: Pledge, day: string, doubts: Doubt[]): HTMLElement {
    const box = el("div", { class: "waits" }, ...promised(p), alarms(doubts.map(SAY.doubt)));
    if (p.state === "kept" && p.ask_again !== null) box.append(el("p", {}, SAY.again(p.ask_again)));
    if (p.judge_by !== null) box.append(el("p", { class: "quiet" }, SAY.by(p.judge_by)));
    const text = el("textarea", { readonly: "", rows: "9", "aria-label": SAY.askText });
    text.value = SAY.asking(p);
    box.append(
      el("details", {}, el("summary", {}, SAY.askText), text),
      el("p", {}, SAY.spoken(p.members, p.own)),
      el("div", { class: "buttons" }, ...VERDICTS.map((v) => this.#button(SAY.words[v], () => this.#judge(p, v, day)))),
    );
    return box;
  }

  async #judge(p: Pledge, verdict: Verdict, day: string): Promise<string> {
    const { slug } = this.#t.clinic;
    const said = { id: p.id, what: p.what, who: p.who, how: p.how, firstDue: p.first_due };
    const signature = await this.#host.keys().ask<"signJudgement">({ do: "signJudgement", clinic: slug, promised: said, round: p.round, verdict, day });
    const { decided } = await send<{ decided: boolean }>(slug, `/promises/${encodeURIComponent(p.id)}/judgements`, { round: p.round, verdict, day, signature });
    return decided ? SAY.decided : SAY.judged;
  }

  /** What does not hold is not handed over; it can be taken back all the same. */
  #finding(f: HeldFinding): HTMLElement {
    const hand = this.#button(SAY.hand, async () => {
      const now = (await this.#bench?.findings())?.find(({ id }) => id === f.id); // it may have changed since it was drawn
      if (now?.holding !== "holds" || !sameFinding(now, f)) return SAY.changed;
      await send(this.#t.clinic.slug, "/handovers", { finding: f.id });
      return SAY.handedNow;
    });
    return el("div", { class: "waits" }, ...findingShown(f, this.#host.labels), ...(f.holding === "holds" ? [el("p", {}, hand)] : []), this.#back(f));
  }

  #back(f: HeldFinding): HTMLElement {
    return takeBack(() => {
      this.#act(async () => {
        await this.#bench?.takeBack(f);
        return FINDING.taken;
      });
    });
  }

  /** `f`: the finding that was handed over, where it stands. */
  #handed(h: Handed, f: HeldFinding | undefined): HTMLElement {
    const box = el("div", { class: "waits" }, el("h5", {}, SAY.handed(h)));
    if (f !== undefined) box.append(...findingShown(f, this.#host.labels), this.#back(f));
    if (h.taken_back) box.append(el("p", {}, SAY.takenBack));
    else if (h.responses.length === 0) box.append(el("p", { class: "quiet" }, SAY.waits(h.answer_by)));
    for (const a of h.responses) {
      box.append(
        el("p", { class: "quiet" }, SAY.answered(a)), typed(a.words), typed(SAY.power(a.power)),
        el("p", {}, this.#button(a.shown ? SAY.hide : SAY.show, async () => {
          await send(this.#t.clinic.slug, `/responses/${encodeURIComponent(a.id)}/showing`, { shown: !a.shown });
          return a.shown ? SAY.hidden : SAY.shown;
        })));
    }
    return box;
  }

  #pledge(p: Pledge, handovers: Handed[], doubts: Doubt[]): HTMLElement {
    const box = el("div", { class: "waits" }, ...promised(p), alarms(doubts.map(SAY.doubt)));
    if (p.repeats.length > 0) box.append(el("p", {}, SAY.repeats(p.repeats.length)));
    if (p.events.length > 0) box.append(el("details", {}, el("summary", {}, SAY.history), el("ol", {}, ...p.events.map((e) => el("li", {}, SAY.happened(e))))));
    const later = handovers.filter((h) => h.handed_on >= p.made_on && h.id !== p.handover && !p.repeats.includes(h.id) && !h.taken_back);
    if (later.length > 0) {
      box.append(el("details", {}, el("summary", {}, SAY.repeat), el("p", { class: "hint" }, SAY.repeatHint),
        ...later.map((h) => el("p", {}, this.#button(SAY.tie(h), async () => {
          await send(this.#t.clinic.slug, `/promises/${encodeURIComponent(p.id)}/repeats`, { handover: h.id });
          return SAY.tied;
        })))));
    }
    return box;
  }
}

/** A hand-over that a member has to look at: an answer, or a finding that is not what was decided. */
const wants = (h: Handed, findings: readonly HeldFinding[]): boolean =>
  (!h.taken_back && h.responses.some((a) => !a.shown)) || findings.some((f) => f.id === h.finding && (f.holding === "differs" || f.holding === "forbidden"));

const sameFinding = (a: HeldFinding, b: HeldFinding): boolean => JSON.stringify(a) === JSON.stringify(b);

const alarms = (said: string[]): HTMLElement => el("ul", { class: "alarms" }, ...said.map((one) => el("li", {}, one)));

const promised = (p: Pledge): HTMLElement[] => [typed(p.what), typed(SAY.due(p)), el("p", {}, el("strong", {}, STATES[p.state]))];

/** How many of a list stand open: more would make a phone's page endless. */
const FOLD_ABOVE = 3;

/** Draws a list. Where it is long, only what has to be seen stands open, and the rest unfolds. */
function folded<T>(all: T[], open: (one: T) => boolean, say: (n: number) => string, draw: (one: T) => HTMLElement): HTMLElement[] {
  if (all.length <= FOLD_ABOVE) return all.map(draw);
  const rest = all.filter((one) => !open(one));
  return [...all.filter(open).map(draw), el("details", {}, el("summary", {}, say(rest.length)), ...rest.map(draw))];
}

function speakers({ liaisons }: Ledger): HTMLElement[] {
  if (liaisons.length === 0) return [el("p", { class: "quiet" }, SAY.noSpeakers)];
  return [el("p", { class: "hint" }, SAY.speakersHint), el("ul", {}, ...liaisons.map((l) => el("li", {}, `${l.role}: ${SAY.speaker[l.state]}`)))];
}
