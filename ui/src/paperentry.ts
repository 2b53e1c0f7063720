/**
 * A form from paper, entered by somebody on the panel: the same questions, locked under the words of its strip, so that who
 * wrote it can come back with them. Of the day on which it came only the week is kept.
 */
import type { Answer } from "./pad.js";
import { el } from "./form/elements.js";
import { parsePaperNumber } from "./papernumber.js";
import { toDigits } from "./receipt.js";
import { beginWith, Tell } from "./tell.js";
import { linksFree } from "./tell/links.js";
import type { Problem } from "./tell/problems.js";
import { focusOn } from "./tell/refusal.js";
import type { Refused } from "./tell/send.js";
import { writtenDay, type Thanks } from "./tell/thanks.js";

const PAPER = "paper";

class FromPaper extends Tell {
  /** Without this script the form cannot be sent: the words of the strip would be lost. */
  override listen(): void {
    super.listen();
    for (const b of Array.from(document.querySelectorAll<HTMLButtonElement>("#tell button[type=submit]:not([hidden])"))) b.disabled = false;
  }

  protected override problemIn(answers: Answer[]): Problem | string | null {
    try {
      this.receipt();
    } catch {
      return { field: "paper-number", text: text("unread") };
    }
    return super.problemIn(answers);
  }

  /** The plain way would lock it under other words, and those of the strip would open nothing. */
  protected override notLocked(): void {
    focusOn(this.show(text("unlocked")));
  }

  protected override receipt(): Uint8Array {
    return parsePaperNumber(control("paper-number")?.value ?? "");
  }

  protected override sheet(): string {
    return toDigits(this.receipt());
  }

  /** Sending again never helps: the words of a strip lock one form. */
  protected override whyRefused(err: Refused): string {
    return err.kind === "anchor-used" ? text("used") : super.whyRefused(err);
  }

  protected override answers(): Answer[] {
    return [...super.answers(), { q: "source", a: PAPER }, { q: "week", a: control("paper-week")?.value ?? "" }];
  }

  /** The words of the strip are somebody else's: none of what opens their mailbox is shown, and nothing is offered to keep. */
  protected override thank(main: HTMLElement, { ticket, logBy, lang }: Thanks): void {
    const title = el("h1", { tabindex: "-1" }, text("entered"));
    const next = el("a", { class: "button", href: document.location.pathname + document.location.search }, text("next"));
    main.replaceChildren(
      document.getElementById("draft") ?? "",
      document.querySelector("[data-module=shared]") ?? "",
      title,
      el("p", {}, text("destroy")),
      el("p", {}, this.say("script.next_log", { day: writtenDay(logBy, lang) })),
      el("p", {}, next),
      el("h2", {}, text("ticket")),
      el("p", {}, text("ticketMore")),
      el("pre", { class: "ticket", translate: "no", dir: "ltr" }, ticket),
    );
    linksFree(document);
    document.querySelector("nav.languages")?.remove();
    window.scrollTo(0, 0);
    title.focus();
  }

  protected override empty(): void {
    super.empty();
    const number = control("paper-number");
    if (number) number.value = "";
  }
}

const texts = document.getElementById("paper-entry");
const text = (name: string): string => texts?.dataset[name] ?? "";
const control = (id: string): HTMLInputElement | null => document.getElementById(id) as HTMLInputElement | null;

const form = document.querySelector<HTMLFormElement>('form[data-module="paper"]');
if (form) beginWith(FromPaper, form, document, text("unable"));
