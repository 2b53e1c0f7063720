/** Refusals: the page's own, and those of the server that are no failure of the step that met them. */
import { ApiError } from "./api.js";

/** Something may not be done now; the message is a sentence for a person. */
export class Refused extends Error {
  override name = "Refused";
}

/** What was decided about is not what stands by now: it is looked at again first. The message is a sentence for a person. */
export class NotAsDrawn extends Refused {
  override name = "NotAsDrawn";
}

/** What a step that failed tells of the message on the page. */
export type Tells =
  /** It is not there any more for this reviewer. */
  | "gone"
  /** It stands otherwise by now. */
  | "old"
  /** Nothing is known: the answer did not come, and the step may be done. */
  | "lost"
  /** Nothing. */
  | "nothing";

export function tells(err: unknown): Tells {
  if (err instanceof NotAsDrawn) return "old";
  if (!(err instanceof ApiError)) return "nothing";
  if (err.kind === "message-gone" || err.kind === "recused") return "gone";
  if (err.status === 0 || err.status >= 500) return "lost";
  return [403, 404, 409].includes(err.status) ? "old" : "nothing";
}

/** Waits for a request. Refusals of these kinds are no failure: false. */
export async function unless(sent: Promise<unknown>, ...kinds: string[]): Promise<boolean> {
  try {
    await sent;
    return true;
  } catch (err) {
    if (err instanceof ApiError && kinds.includes(err.kind)) return false;
    throw err;
  }
}

/** What follows from something that is stored must not make it look as if it was not: it is tried again at the next look. */
export async function quietly(step: Promise<unknown>): Promise<void> {
  try {
    await step;
  } catch (err) {
    if (!(err instanceof ApiError)) throw err;
  }
}
