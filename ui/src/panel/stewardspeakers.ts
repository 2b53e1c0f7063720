/** Who speaks for a clinic: a steward invites them, and ends it. The panel sees who is there, and judges what they promise. */
import { ask } from "./api.js";
import { button, clearSent, el } from "./dom.js";
import { onceLink, type Attempts } from "./stewardlink.js";
import { SPEAKERS } from "./stewardwords.js";

interface Speaker { id: string; role: string; state: "invited" | "joined" | "left" }

/** `at` is the address of the clinic in the stewards' part of the API. */
export class Speakers {
  readonly element: HTMLElement;
  readonly #steward: Attempts;
  readonly #at: string;
  readonly #list = el("ul", {});
  readonly #role = el("input", { type: "text", id: "steward-role", maxlength: "200", "aria-describedby": "steward-role-hint" });

  constructor(steward: Attempts, at: string) {
    this.#steward = steward;
    this.#at = at;
    let typed = "";
    const invite = onceLink(steward, async () => {
      typed = this.#role.value;
      return ((await (await ask("/liaisons", { role: typed.trim() }, at)).json()) as { link: string }).link;
    }, async () => {
      clearSent(this.#role, typed);
      await this.look();
    });
    this.element = el("section", {},
      el("h3", {}, SPEAKERS.title), el("p", {}, SPEAKERS.what), this.#list,
      el("div", { class: "field" }, el("label", { for: "steward-role" }, SPEAKERS.role), el("p", { class: "hint", id: "steward-role-hint" }, SPEAKERS.roleHint), this.#role),
      invite);
  }

  async look(): Promise<void> {
    this.#show(((await (await ask("/liaisons", undefined, this.#at)).json()) as { liaisons: Speaker[] }).liaisons);
  }

  #show(speakers: Speaker[]): void {
    this.#list.replaceChildren(...(speakers.length === 0 ? [el("li", { class: "quiet" }, SPEAKERS.none)] : speakers.map((s) => this.#row(s))));
  }

  #row(s: Speaker): HTMLElement {
    const row = el("li", {}, `${SPEAKERS.one(s.role, SPEAKERS.states[s.state])} `);
    if (s.state === "left") return row;
    const end = button(SPEAKERS.end, () => {
      void this.#steward.attempt(async () => {
        await ask(`/liaisons/${encodeURIComponent(s.id)}/remove`, null, this.#at);
        await this.look();
        this.#steward.say(SPEAKERS.ended);
      });
    });
    end.dataset["busy"] = "";
    end.append(el("span", { class: "unseen" }, `: ${s.role}`));
    row.append(end);
    return row;
  }
}
