/**
 * A form from paper, entered by somebody on the panel: the same questions, locked under the words of its strip, so that who
 * wrote it can come back with them. Of the day on which it came only the week is kept.
 */
import type { Answer } from "./pad.js";
import { parsePaperNumber } from "./papernumber.js";
import { toDigits } from "./receipt.js";
import { beginWith, Tell } from "./tell.js";
import type { Problem } from "./tell/problems.js";
import { focusOn } from "./tell/refusal.js";
import type { Refused } from "./tell/send.js";

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
      return { field: "paper-number", text: document.getElementById("paper-entry")?.dataset["unread"] ?? "" };
    }
    return super.problemIn(answers);
  }

  /** The plain way would lock it under other words, and those of the strip would open nothing. */
  protected override notLocked(): void {
    focusOn(this.show(document.getElementById("paper-entry")?.dataset["unlocked"] ?? ""));
  }

  protected override receipt(): Uint8Array {
    return parsePaperNumber(control("paper-number")?.value ?? "");
  }

  protected override sheet(): string {
    return toDigits(this.receipt());
  }

  /** Sending again never helps: the words of a strip lock one form. */
  protected override whyRefused(err: Refused): string {
    return err.kind === "anchor-used" ? (document.getElementById("paper-entry")?.dataset["used"] ?? "") : super.whyRefused(err);
  }

  protected override answers(): Answer[] {
    return [...super.answers(), { q: "source", a: PAPER }, { q: "week", a: control("paper-week")?.value ?? "" }];
  }

  protected override empty(): void {
    super.empty();
    const number = control("paper-number");
    if (number) number.value = "";
  }
}

const control = (id: string): HTMLInputElement | null => document.getElementById(id) as HTMLInputElement | null;

const form = document.querySelector<HTMLFormElement>('form[data-module="paper"]');
if (form) beginWith(FromPaper, form, document, document.getElementById("paper-entry")?.dataset["unable"]);
