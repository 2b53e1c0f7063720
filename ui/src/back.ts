/**
 * Taking words back with script: the eight words stay on this device, and only the token that takes this one message back
 * leaves it.
 */
import { toBase64url } from "./encoding.js";
import { readReceipt } from "./otherwords.js";
import { derive, UnknownWord } from "./receipt.js";
import { keepSwitchHere, sentences, type Say } from "./tell/say.js";
import { NoAnswer, Refused, withdraw } from "./tell/send.js";

function byId(id: string): HTMLElement {
  const found = document.getElementById(id);
  if (found === null) throw new Error(`no ${id}`);
  return found;
}

function start(form: HTMLFormElement): void {
  const say = sentences(document);
  keepSwitchHere(document);
  const field = byId("receipt") as HTMLTextAreaElement;
  const button = form.querySelector("button");
  byId("how").textContent = say("back.script");
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (button?.disabled === true) return;
    if (button !== null) button.disabled = true;
    byId("how").textContent = say("back.working");
    takeBack(form, field.value).then(
      (ticket) => { done(form, field, ticket); },
      (err: unknown) => {
        if (button !== null) button.disabled = false;
        byId("how").textContent = say("back.script");
        problem(problemOf(err, say));
      },
    );
  });
}

async function takeBack(form: HTMLFormElement, typed: string): Promise<string> {
  const keys = await derive(await readReceipt(typed, form.dataset["spanish"] ?? ""), form.dataset["origin"] ?? "");
  return withdraw(form.dataset["clinic"] ?? "", toBase64url(keys.anchor), toBase64url(keys.withdrawToken));
}

function done(form: HTMLFormElement, field: HTMLTextAreaElement, ticket: string): void {
  field.value = "";
  form.hidden = true;
  byId("receipt-problem").hidden = true;
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
  if (err instanceof UnknownWord) return say("script.back_unknown", { position: String(err.position), word: err.word });
  if (err instanceof Refused) return refused(err, say);
  if (err instanceof NoAnswer) return say("back.no_answer");
  return say("back.count");
}

/** The server says in English why it refused. */
function refused(err: Refused, say: Say): string {
  if (err.kind === "nothing-to-withdraw") return say("back.nothing");
  if (err.kind === "slow-down") return say("mailbox.slow_down");
  return document.documentElement.lang === "en" ? err.detail : say("back.no_answer");
}

const form = document.getElementById("back");
// Without a safe connection there is no WebCrypto: then the plain form works, and says what the server sees.
if (form instanceof HTMLFormElement && window.isSecureContext) start(form);
