/** A link that is good once: made, shown, and copied. */
import { button, el } from "./dom.js";
import { SAY } from "./stewardwords.js";

/** Who does what may fail, and says what came of it. */
export interface Attempts {
  attempt: (work: () => Promise<void>) => Promise<void>;
  say: (sentence: string) => void;
}

/** A button that makes a one-time link, and the link with a button that copies it. `fetchLink` asks for the link; `then` follows it. */
export function onceLink(steward: Attempts, fetchLink: () => Promise<string>, then: () => Promise<void> = () => Promise.resolve()): HTMLElement {
  const id = `link-${Math.random().toString(36).slice(2)}`;
  const field = el("input", { type: "text", id, readonly: "", "aria-describedby": `${id}-hint`, translate: "no" });
  const copy = button(SAY.copy, () => { void copyFrom(field, steward); });
  const shown = el("div", {}, el("label", { for: id }, SAY.linkLabel), el("p", { class: "hint", id: `${id}-hint` }, SAY.linkHint), el("div", { class: "link" }, field, copy));
  shown.hidden = true;
  const make = button(SAY.invite, () => {
    void steward.attempt(async () => {
      field.value = await fetchLink();
      shown.hidden = false;
      make.textContent = SAY.inviteAgain;
      await then();
      steward.say(SAY.invited);
      field.focus();
      field.select();
    });
  });
  make.dataset["busy"] = "";
  return el("div", {}, el("p", {}, make), shown);
}

async function copyFrom(field: HTMLInputElement, steward: Attempts): Promise<void> {
  try {
    await navigator.clipboard.writeText(field.value);
    steward.say(SAY.copied);
  } catch {
    field.focus();
    field.select();
    steward.say(SAY.copyFailed);
  }
}
