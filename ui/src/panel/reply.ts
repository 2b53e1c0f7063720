/** The box under an opened message in which a reviewer answers its writer. */
import type { SealedReply } from "./writers.js";
import { button, el } from "./dom.js";
import type { Part } from "./drafts.js";
import { KeyholderError, type Keyholder } from "./keyholder.js";
import type { Outbox } from "./outbox.js";

export const REPLY = {
  title: "Answer the writer",
  who: "Only the writer can open it, with their eight words, and only if they come back. It is signed with your name here, " +
    "so that they can see that it is from the panel. You cannot read it again after you lock it.",
  care: "Ask nothing that helps to find out who they are. Promise only what the panel can keep.",
  words: "Your answer",
  lock: "Lock it and let it wait",
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
  sent: (n: number): string => (n === 1 ? "One answer was sent." : `${n} answers were sent.`),
  notSent: (n: number): string => (n === 1 ? "One answer waits still" : `${n} answers wait still`) + ": the server does not answer, or you are signed out. It is tried again at the next full hour.",
  leftBehind: (n: number): string => (n === 1 ? "One answer waits, sealed." : `${n} answers wait, sealed.`) + " Unlock again to send it. It is lost when this page closes.",
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

/** The box for a message, by its leaf hash in hex. */
export function replyBox(leaf: string, canReply: boolean, host: ReplyHost): Part {
  if (!canReply) return { element: el("p", { class: "quiet" }, REPLY.none) };
  const box = el("details", { class: "reply" }, el("summary", {}, REPLY.title));
  const text = fill(box, leaf, host);
  return {
    element: box,
    fields: () => [{ q: FIELD, a: text.value }],
    fill: (fields) => {
      text.value = fields.find(({ q }) => q === FIELD)?.a ?? "";
      box.open = text.value !== "";
    },
  };
}

/** The box to write in, which is empty once the answer is locked. */
function fill(box: HTMLElement, leaf: string, host: ReplyHost): HTMLTextAreaElement {
  const text = el("textarea", { id: "reply-text", rows: "6", autocomplete: "off", spellcheck: "false", "aria-describedby": "reply-problem" });
  const problem = el("p", { class: "problem", id: "reply-problem", role: "alert" });
  const form = el("form", { novalidate: "" },
    el("p", {}, REPLY.who), el("p", {}, REPLY.care),
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
    const day = new Date().toISOString().slice(0, 10);
    const sealing = host.keys().ask<"sealReply">({ do: "sealReply", leaf, day, text: text.value });
    Promise.all([sealing, sealing.then(() => host.contacted())]).then(
      ([reply, acts]) => {
        text.value = "";
        host.outbox.add(host.clinic, reply, acts);
        form.replaceWith(waiting(reply, host));
        box.querySelector<HTMLElement>("[tabindex]")?.focus();
      },
      (err: unknown) => {
        problem.textContent = err instanceof KeyholderError && err.failure === "too-long" ? REPLY.tooLong : REPLY.failed;
      },
    ).finally(() => { busy = false; });
  });
  box.append(form);
  return text;
}

function waiting(reply: SealedReply, host: ReplyHost): HTMLElement {
  const at = host.outbox.next().toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" });
  const room = el("div", { tabindex: "-1", role: "status" }, el("p", {}, REPLY.waits(at)));
  const end = (sentence: string): void => { room.replaceChildren(el("p", {}, sentence)); };
  room.append(
    el("p", { class: "hint" }, REPLY.nowMore),
    el("div", { class: "buttons" },
      button(REPLY.now, () => { void host.outbox.send(); room.querySelector(".buttons")?.remove(); }),
      button(REPLY.take, () => { end(host.outbox.remove(reply) ? REPLY.taken : REPLY.gone); })));
  return room;
}
