/** What the server refuses, in the words of the page. It says why in English alone, and to programs. */
import type { Refused } from "./send.js";

/** Why, and what to do, as the key of a sentence: by the kinds that a person can do something about in different ways. */
export function whyRefused(err: Refused): string {
  if (err.kind === "form-closed") return "script.closed";
  if (err.kind === "slow-down") return "script.slow_down";
  return err.kind === "stale-epoch" ? "script.key_changed" : "script.refused_again";
}

/** The focus goes to a sentence: what was pressed says nothing, and what had the focus may not take it now. */
export function focusOn(sentence: HTMLElement): void {
  sentence.tabIndex = -1;
  sentence.focus();
}
