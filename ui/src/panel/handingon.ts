/** Handing keys of the past on to colleagues who lack them. */
import * as api from "./api.js";
import { button, el } from "./dom.js";
import { busy } from "./fields.js";
import { KeyholderError } from "./keyholder.js";
import type { Host } from "./keysview.js";
import { KEYS } from "./keywords.js";
import type { ServedEpoch } from "./served.js";
import type { Tended } from "./tending.js";

/** As many as the server takes in one request. */
const WRAPS_AT_ONCE = 20;

export class HandingOn {
  readonly element = el("div", {});

  constructor(private readonly host: Host) {}

  /** Offers to hand keys on; gives how many are lacking. */
  async fill(t: Tended): Promise<number> {
    const missing = await api.missingWraps(t.clinic.slug);
    this.element.replaceChildren(...(missing.length === 0 ? [] : [el("h4", {}, KEYS.give), el("p", { class: "hint" }, KEYS.giveHint), ...missing.map((m) => this.#giveTo(t, m.reviewer, m.epochs))]));
    return missing.reduce((n, m) => n + m.epochs.length, 0);
  }

  #giveTo(t: Tended, to: string, epochs: string[]): HTMLElement {
    const room = el("div", { class: "waits" });
    const start = busy(button(KEYS.giveTo(to, epochs.length), () => { void this.host.attempt(() => this.#giveAll(t, room, to, epochs)); }));
    room.append(start);
    return room;
  }

  /** Hands keys on, some at a time, so that what is done stays done when it is stopped or cut off. */
  async #giveAll(t: Tended, room: HTMLElement, to: string, epochs: string[]): Promise<void> {
    const bar = el("progress", { max: String(epochs.length), value: "0", "aria-label": KEYS.give });
    const said = el("p", { role: "status" }, KEYS.giving(0, epochs.length));
    const halt = new AbortController();
    const stop = button(KEYS.stop, () => { halt.abort(); });
    room.append(bar, said, stop);
    const skipped: string[] = [];
    let done = 0;
    try {
      while (done < epochs.length && !halt.signal.aborted) {
        const some = epochs.slice(done, done + WRAPS_AT_ONCE);
        skipped.push(...(await this.#giveSome(t, to, some)));
        done += some.length;
        bar.value = done;
        said.textContent = KEYS.giving(done, epochs.length);
        this.host.touched();
      }
    } finally {
      [bar, said, stop].forEach((e) => { e.remove(); });
    }
    await this.fill(t);
    const given = done - skipped.length;
    this.host.say([done < epochs.length ? KEYS.stopped(given, epochs.length) : KEYS.given(given, to), KEYS.skipped(skipped)].join(" ").trim());
  }

  /** Hands some keys on; those whose own copy does not open are skipped, and named. */
  async #giveSome(t: Tended, to: string, ids: string[]): Promise<string[]> {
    const wraps = [];
    const skipped: string[] = [];
    for (const id of ids) {
      const epoch = t.epochs.find((e) => e.id === id);
      const wrap = epoch === undefined ? null : await this.#rewrap(t, epoch, to);
      if (wrap === null) skipped.push(id);
      else wraps.push({ epoch: id, reviewer: to, ...wrap });
    }
    if (wraps.length > 0) await api.send(t.clinic.slug, "/wraps", { wraps });
    return skipped;
  }

  /** Seals one's own key for a colleague; null when it does not open. */
  async #rewrap(t: Tended, epoch: ServedEpoch, to: string): Promise<{ file: string; signature: string } | null> {
    try {
      return await this.host.keys().ask<"rewrap">({ do: "rewrap", clinic: t.clinic.slug, epoch, to });
    } catch (err) {
      if (!(err instanceof KeyholderError) || !["wrap", "no-wrap", "giver"].includes(err.failure)) throw err;
      if (err.failure === "wrap") t.unreadable.add(epoch.id);
      return null;
    }
  }
}
