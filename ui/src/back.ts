/**
 * Taking words back with script: the eight words stay on this device, and only the tokens that take messages back leave it. The
 * log is not read here, which is much for a phone: the page tries one place after the other.
 */
import { takeAllBack } from "./mailbox/takeback.js";
import { readReceipt } from "./otherwords.js";
import { typedWrong } from "./mailbox/typed.js";
import { stretchFor } from "./receipt.js";
import { linksHere } from "./tell/links.js";
import { keepSwitchHere, sentences, type Say } from "./tell/say.js";
import { NoAnswer, Refused } from "./tell/send.js";

function byId(id: string): HTMLElement {
  const found = document.getElementById(id);
  if (found === null) throw new Error(`no ${id}`);
  return found;
}

function start(form: HTMLFormElement): void {
  const say = sentences(document);
  keepSwitchHere(document);
  linksHere(document);
  const field = byId("receipt") as HTMLTextAreaElement;
  const button = form.querySelector("button");
  byId("how").textContent = say("back.script");
  byId("what").textContent = say("mailbox.back_more");
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (button?.disabled === true) return;
    if (button !== null) button.disabled = true;
    byId("how").textContent = say("back.working");
    takeBack(form, field.value, (gone) => { byId("how").textContent = say("script.mailbox_taking", { done: String(gone) }); }).then(
      (tickets) => {
        if (tickets.length === 0) throw new NothingHere();
        done(form, field, say("script.mailbox_gone", { count: String(tickets.length) }), tickets.join("\n"));
      },
    ).catch(
      (err: unknown) => {
        if (button !== null) button.disabled = false;
        byId("how").textContent = say("back.script");
        problem(problemOf(err, say));
      },
    );
  });
}

/** No message is there for these words. */
class NothingHere extends Error {}

async function takeBack(form: HTMLFormElement, typed: string, progress: (gone: number) => void): Promise<string[]> {
  const stretched = await stretchFor(await readReceipt(typed, form.dataset["spanish"] ?? ""), form.dataset["origin"] ?? "");
  const pace = Number(form.dataset["pace"] ?? "15");
  return takeAllBack(form.dataset["clinic"] ?? "", stretched, 0, new Set(), pace, (tickets) => { progress(tickets.length); });
}

function done(form: HTMLFormElement, field: HTMLTextAreaElement, gone: string, ticket: string): void {
  field.value = "";
  form.hidden = true;
  byId("receipt-problem").hidden = true;
  byId("gone").textContent = gone;
  byId("ticket").textContent = ticket;
  byId("done").hidden = false;
  byId("done").focus();
}

function problem(text: string): void {
  const shown = byId("receipt-problem");
  shown.textContent = text;
  shown.hidden = false;
  shown.focus();
}

function problemOf(err: unknown, say: Say): string {
  if (err instanceof NothingHere) return say("back.nothing");
  if (err instanceof Refused) return refused(err, say);
  if (err instanceof NoAnswer) return say("back.no_answer");
  return typedWrong(err, say) ?? say("back.no_answer");
}

/** The server says in English why it refused. */
function refused(err: Refused, say: Say): string {
  if (err.kind === "slow-down") return say("mailbox.slow_down");
  return document.documentElement.lang === "en" ? err.detail : say("back.no_answer");
}

const form = document.getElementById("back");
// Without a safe connection there is no WebCrypto: then the plain form works, and says what the server sees.
if (form instanceof HTMLFormElement && window.isSecureContext) start(form);
