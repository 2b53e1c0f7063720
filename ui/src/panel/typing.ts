/** Tells letters that somebody typed on with from keys for the page. */

/** For so long after a letter in a field the next one is meant for it too, wherever the focus went meanwhile. */
export const RUN_MS = 1000;

/** One key, as the browser tells of it. */
type Key = Pick<KeyboardEvent, "key" | "timeStamp">;

/**
 * A run of letters that began in a field. Whoever types fast and looks at the keys does not see that the field was taken from under
 * them: what they go on typing is for no key of the page, until they rest, or move the focus themselves.
 */
export class Typing {
  #last = -Infinity;

  /** Whether a key belongs to what is typed. `field`: it went into a field. */
  takes({ key, timeStamp }: Key, field: boolean): boolean {
    if (key === "Tab") this.moved();
    else if (field || timeStamp - this.#last < RUN_MS) this.#last = timeStamp;
    else return false;
    return true;
  }

  /** Somebody moved the focus themselves. */
  moved(): void {
    this.#last = -Infinity;
  }
}
