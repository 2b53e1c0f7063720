/**
 * The legal notice among the settings: the panel reads the text that holds, and takes another that whoever runs the server
 * proposes, or leaves it. It writes none of its own.
 */
import { el, typed } from "./dom.js";
import { dayText } from "./reading.js";
import { SETTINGS } from "./settingswords.js";
import type { ProposedNotice, Settings } from "./settingsview.js";

/** What settings say of the legal notice: nothing where none was ever written. */
export function noticeMember(holds: string | undefined, proposed: ProposedNotice | undefined, take: boolean): Pick<Settings, "legal_notice"> {
  const text = take && proposed !== undefined ? proposed.text : holds;
  return text === undefined ? {} : { legal_notice: text };
}

export class NoticeChoice {
  readonly element = el("div", { "data-part": "notice" });
  readonly #take = el("input", { type: "checkbox" });
  #holds: string | undefined;
  #proposed: ProposedNotice | undefined;

  /** Shows what holds and what is proposed. A tick stays only for the text that it was set for. */
  show(holds: string | undefined, proposed: ProposedNotice | undefined): void {
    if (proposed?.text !== this.#proposed?.text) this.#take.checked = false;
    else if (holds === this.#holds && this.element.hasChildNodes()) return; // somebody may be on the tick
    this.#holds = holds;
    this.#proposed = proposed;
    this.element.replaceChildren(
      el("h5", {}, SETTINGS.notice),
      holds === undefined ? el("p", {}, SETTINGS.noNotice) : typed(holds),
      ...(proposed === undefined ? [] : [
        el("p", { class: "hint" }, SETTINGS.noticeProposed(dayText(proposed.on))),
        el("blockquote", {}, typed(proposed.text)),
        el("label", { class: "choice" }, this.#take, " ", el("span", {}, SETTINGS.takeNotice)),
      ]),
    );
  }

  read(): Pick<Settings, "legal_notice"> {
    return noticeMember(this.#holds, this.#proposed, this.#take.checked);
  }
}
