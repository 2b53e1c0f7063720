/** The box under an opened message in which a reviewer answers its writer. */
import { CHECK_IN } from "../checkin.js";
import type { Served } from "../reviewfile.js";
import type { SealedReply } from "./writers.js";
import { button, clearSent, el, focusOn } from "./dom.js";
import type { Part } from "./drafts.js";
import { KeyholderError, type Keyholder } from "./keyholder.js";
import type { Outbox } from "./outbox.js";
import { today } from "./reading.js";
import { Refused } from "./refusals.js";

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
  gone: "It was sent already.",
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

function waiting(reply: SealedReply, host: Pick<ReplyHost, "outbox">, taken: () => void = () => { /* nothing follows from it */ }): HTMLElement {
  const at = host.outbox.next().toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" });
  const room = el("div", { tabindex: "-1", role: "status" }, el("p", {}, REPLY.waits(at)));
  const end = (sentence: string): void => {
    room.replaceChildren(el("p", {}, sentence));
    room.focus();
  };
  room.append(
    el("p", { class: "hint" }, REPLY.nowMore),
    el("div", { class: "buttons" },
      button(REPLY.now, () => {
        void host.outbox.send();
        room.querySelector(".buttons")?.remove();
        room.focus();
      }),
      button(REPLY.take, () => {
        const removed = host.outbox.remove(reply);
        end(removed ? REPLY.taken : REPLY.gone);
        if (removed) taken();
      })));
  return room;
}
