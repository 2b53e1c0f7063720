/** The box under an opened message in which a reviewer answers its writer. */
import { CHECK_IN } from "../checkin.js";
import type { Served } from "../reviewfile.js";
import type { SealedReply } from "./writers.js";
import { button, clearSent, el, focusOn } from "./dom.js";
import type { Part } from "./drafts.js";
import { KeyholderError, type Keyholder } from "./keyholder.js";
import type { Fate, Outbox } from "./outbox.js";
import { today } from "./reading.js";
import { Refused } from "./refusals.js";

const unknown = (n: number): string => (n === 1 ? "Of one answer nobody knows yet whether it went" : `Of ${n} answers nobody knows yet whether they went`);

export const REPLY = {
  title: "Answer the writer",
  who: "Only the writer can open it, with their eight words, and only if they come back. It is signed with your name here, " +
    "so that they can see that it is from the panel. You cannot read it again after you lock it.",
  care: "Ask nothing that helps to find out who they are. Promise only what the panel can keep.",
  words: "Your answer",
  lock: "Lock it and let it wait",
  asks: "The writer wished to be asked by now whether something has happened to their care since. That question goes with your answer.",
  none: "The writer of this left no way to answer.",
  empty: "There are no words here.",
  tooLong: "This is too long for one answer. Shorten it, or write two. Your words are still here.",
  failed: "This could not be locked. Your words are still here.",
  waits: (at: string): string => `It is locked and waits here. It goes at ${at}, together with the others of its hour, so that nobody sees when it was ` +
    "written. Keep this page open until then. You may lock it: what waits is sealed, and goes after you unlock again.",
  now: "Send it now",
  nowMore: "Then whoever watches the server sees when you wrote it, and may guess from what you were reading who it is for.",
  take: "Do not send it",
  taken: "It was not sent.",
  unknown: (at: string): string => "The server was sent it and did not answer, so nobody knows yet whether its writer has it. It waits here, sealed, " +
    `and goes again at ${at}; however often it goes, its writer gets it once. Keep this page open until then.`,
  back: "It may have gone before you took it back: the server was sent it and did not answer. It is not sent again. The server is asked " +
    "for it half a minute after that, and then at every full hour. Until it says, what follows from an answer is kept. Keep this page open.",
  askNow: "Ask the server now",
  went: "It went.",
  refused: "The server refused it, so it was not sent.",
  lacks: "The server says that it does not have it. It is not sent again.",
  lacked: (n: number): string => `The server says that it does not have ${n === 1 ? "one answer" : `${n} answers`} that you took back. ` +
    `${n === 1 ? "It is" : "They are"} not sent again.`,
  ofUnknown: (n: number): string => `${unknown(n)}: the server was sent it and did not answer. It is asked again at the next full hour. ` +
    "Keep this page open until then.",
  unknownBehind: (n: number): string => `${unknown(n)}. Unlock again to find out. What follows from it is lost when this page closes.`,
  unmarked: (n: number): string => (n === 1 ? "For one of them the public log has no mark" : `For ${n} of them the public log has no mark`) + " that you answered.",
  owed: (n: number): string => (n === 1 ? "One thing that follows from an answer" : `${n} things that follow from answers`) + " waits still, the mark in the public log or the note for your panel. It is tried again at the next full hour. Keep this page open until then.",
  unshown: "It was to show a writer what may go out, and they were not shown it. Your panel was told nothing of it.",
  sent: (n: number): string => (n === 1 ? "One answer was sent." : `${n} answers were sent.`),
  notSent: (n: number): string => (n === 1 ? "One answer waits still" : `${n} answers wait still`) + ": the server does not answer, or you are signed out. It is tried again at the next full hour.",
  leftBehind: (n: number): string => (n === 1 ? "One answer waits, sealed." : `${n} answers wait, sealed.`) + " Unlock again to send it. It is lost when this page closes.",
  owedBehind: "An answer went, and the mark in the public log or the note for your panel waits still. Unlock again to send it. It is lost when this page closes.",
};

export const ASK = {
  title: "The writer wishes to be asked",
  later: (day: string): string => `From ${day} on: whether something has happened to their care since. You are reminded then.`,
  due: (day: string): string => `Since ${day}: whether something has happened to their care since.`,
  what: "They find the question in their mailbox when they come back with their words, in the language in which they read it. Nobody can remind them.",
  now: "Ask them now",
  done: "They are asked already.",
  failed: "This could not be locked. Open the message and try again.",
};

/** What the box needs of the page around it. */
export interface ReplyHost {
  /** The short name of the clinic whose message is open. */
  clinic: string;
  keys: () => Keyholder;
  outbox: Outbox;
  /** Signs that the writer was answered, under some tags. */
  contacted: () => Promise<string[]>;
  /** Work that goes on is not a quiet minute. */
  touched: () => void;
}

/** The draft's field in which an answer is kept until it is locked. */
const FIELD = "reply";

/** The box for a message, by its leaf hash in hex. `asks` where its writer is to be asked by now what happened since. */
export function replyBox(leaf: string, canReply: boolean, asks: boolean, host: ReplyHost): Part {
  if (!canReply) return { element: el("p", { class: "quiet" }, REPLY.none) };
  const box = el("details", { class: "reply" }, el("summary", {}, REPLY.title));
  const text = fill(box, leaf, asks, host);
  return {
    element: box,
    fields: () => [{ q: FIELD, a: text.value }],
    fill: (fields) => {
      text.value = fields.find(({ q }) => q === FIELD)?.a ?? "";
      box.open = text.value !== "";
    },
  };
}

/** One press asks a writer what happened since. `ready` gives what `contacted` of the host would, once the message is open. */
export function askBox(leaf: string, ready: () => Promise<string[]>, host: Omit<ReplyHost, "contacted">): HTMLElement {
  const waits = host.outbox.asking(leaf);
  if (waits !== null) return waiting(waits, host);
  const problem = el("p", { class: "problem", role: "alert" });
  let busy = false; // a button that is shut would drop the focus
  const now = button(ASK.now, () => {
    if (busy) return;
    if (host.outbox.asked(leaf) || host.outbox.asking(leaf) !== null) { // from the list, or from the open message: it stands in both
      const done = el("p", {}, ASK.done);
      box.replaceChildren(done);
      focusOn(done);
      return;
    }
    busy = true;
    problem.textContent = "";
    host.touched();
    const acts = ready();
    const sealing = acts.then(() => host.keys().ask<"sealReply">({ do: "sealReply", leaf, said: { day: today(), text: "", asks: CHECK_IN } }));
    Promise.all([sealing, acts]).then(
      ([reply, texts]) => {
        host.outbox.add({ clinic: host.clinic, leaf, reply, acts: texts, asks: true });
        const room = waiting(reply, host);
        box.replaceWith(room);
        room.focus();
      },
      (err: unknown) => { problem.textContent = err instanceof Refused ? err.message : ASK.failed; },
    ).finally(() => { busy = false; });
  });
  const box = el("div", {}, problem, el("p", {}, now));
  return box;
}

/** How a writer is shown what may go out. */
export interface Shows {
  /** Locks the answer. Throws KeyholderError. */
  seal: (text: string) => Promise<SealedReply>;
  /** Lets it wait for its hour, and the note of it until it went. */
  add: (reply: SealedReply, acts: string[], note: Served) => void;
  /** Whether it went, and the note of it is not stored yet. */
  noting: () => boolean;
  /** The one that waits; null for none. `taken` is called when it is not to be sent after all. */
  waiting: (taken: () => void) => HTMLElement | null;
}

/** For a message, by its leaf hash in hex. */
export function showsTo(leaf: string, host: Omit<ReplyHost, "contacted">): Shows {
  return {
    seal: (text) => {
      host.touched();
      return host.keys().ask<"sealReply">({ do: "sealReply", leaf, said: { day: today(), text } });
    },
    add: (reply, acts, note) => { host.outbox.add({ clinic: host.clinic, leaf, reply, acts, note }); },
    noting: () => host.outbox.noting(leaf),
    waiting: (taken) => {
      const reply = host.outbox.showing(leaf);
      return reply === null ? null : waiting(reply, host, taken);
    },
  };
}

/** The box to write in, which is empty once the answer is locked. */
function fill(box: HTMLElement, leaf: string, asks: boolean, host: ReplyHost): HTMLTextAreaElement {
  const text = el("textarea", { id: "reply-text", rows: "6", autocomplete: "off", spellcheck: "false", "aria-describedby": "reply-problem" });
  const problem = el("p", { class: "problem", id: "reply-problem", role: "alert" });
  const form = el("form", { novalidate: "" },
    el("p", {}, REPLY.who), el("p", {}, REPLY.care), ...(asks ? [el("p", { class: "note" }, REPLY.asks)] : []),
    el("div", { class: "field" }, el("label", { for: "reply-text" }, REPLY.words), problem, text),
    el("p", {}, el("button", { type: "submit", class: "button second" }, REPLY.lock)));
  text.addEventListener("input", host.touched);
  let busy = false;
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (busy) return;
    if (text.value.trim() === "") {
      problem.textContent = REPLY.empty;
      return;
    }
    busy = true;
    problem.textContent = "";
    const words = text.value;
    const sealing = host.keys().ask<"sealReply">({ do: "sealReply", leaf, said: { day: today(), text: words, ...(asks ? { asks: CHECK_IN } : {}) } });
    Promise.all([sealing, sealing.then(() => host.contacted())]).then(
      ([reply, acts]) => {
        clearSent(text, words);
        host.outbox.add({ clinic: host.clinic, leaf, reply, acts, asks });
        const room = waiting(reply, host);
        if (text.value !== "") { form.before(room); return; } // what was typed meanwhile stays, and its writer at it
        form.replaceWith(room);
        room.focus();
      },
      (err: unknown) => {
        problem.textContent = err instanceof Refused ? err.message : err instanceof KeyholderError && err.failure === "too-long" ? REPLY.tooLong : REPLY.failed;
      },
    ).finally(() => { busy = false; });
  });
  box.append(form);
  return text;
}

/**
 * What stands in the place of an answer that is locked, and what became of it. `taken` is called when it was taken back and not sent.
 */
function waiting(
  reply: SealedReply, { outbox }: Pick<ReplyHost, "outbox">, taken: () => void = () => { /* nothing follows from it */ },
): HTMLElement {
  const room = el("div", { tabindex: "-1", role: "status" });
  const draw = (...body: HTMLElement[]): void => {
    const here = room.contains(document.activeElement);
    room.replaceChildren(...body);
    if (here) room.focus(); // what was pressed is gone
  };
  const press = (label: string, step: () => Promise<void>): HTMLButtonElement => button(label, () => {
    room.querySelector(".buttons")?.remove();
    room.focus();
    void step().then(() => { if (!isOver(fate)) show(fate); }); // it can be pressed again
  });
  let fate: Fate = "waits";
  const show = (now: Fate): void => {
    fate = now;
    if (isOver(now)) {
      draw(el("p", {}, OVER[now]));
      if ((now === "unsent" || now === "lacks") && room.isConnected) taken();
      return;
    }
    const back = (label: string): HTMLElement => press(label, () => outbox.takeBack(reply));
    if (now === "back") {
      draw(el("p", {}, REPLY.back), el("div", { class: "buttons" }, back(REPLY.askNow)));
      return;
    }
    const at = outbox.next().toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" });
    const both = el("div", { class: "buttons" }, press(REPLY.now, () => outbox.send()), back(REPLY.take));
    draw(el("p", {}, REPLY[now](at)), el("p", { class: "hint" }, REPLY.nowMore), both);
  };
  outbox.watch(reply, show);
  return room;
}

const OVER = { went: REPLY.went, refused: REPLY.refused, unsent: REPLY.taken, lacks: REPLY.lacks };
const isOver = (fate: Fate): fate is keyof typeof OVER => fate in OVER;
