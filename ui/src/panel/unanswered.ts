/**
 * What was posted and got no answer. The server may have it, so the very same bytes are posted when the same is sent again: those it
 * keeps once. Sealed anew it would stand there twice, for good.
 */
import type { Served } from "../reviewfile.js";
import { ApiError } from "./api.js";

export class Unanswered {
  readonly #posted = new Map<string, Served>();

  /**
   * Posts what `sign` makes, or what was made of the same before and got no answer. `what` is equal for the same alone; null is made
   * anew each time. Throws what both throw.
   */
  async post(what: string | null, sign: () => Promise<Served>, store: (served: Served) => Promise<void>): Promise<void> {
    const served = (what === null ? undefined : this.#posted.get(what)) ?? await sign();
    if (what !== null) this.#posted.delete(what);
    try {
      await store(served);
    } catch (err) {
      if (what !== null && err instanceof ApiError && (err.status === 0 || err.status >= 500)) this.#posted.set(what, served);
      throw err;
    }
  }
}
