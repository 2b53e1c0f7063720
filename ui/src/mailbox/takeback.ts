/** Taking back all that was told with one receipt. */
import { toBase64url } from "../encoding.js";
import type { Stretched } from "../receipt.js";
import { Refused, withdraw } from "../tell/send.js";

/** How many messages one receipt is looked through for: nobody sends more. */
export const MOST_MESSAGES = 100;

/** How many places in a row may be empty before no more is looked for: what was told under a key that was destroyed leaves a gap. */
const EMPTY_PLACES = 5;

/**
 * Takes back the messages of a receipt one by one, with pauses of random length up to `pace` seconds, so that the server does
 * not see that they belong together. The first `known` were sent, as the log shows; what still waits for its batch comes after
 * them. Those in `without` are gone already. Throws NoAnswer or Refused.
 */
export async function takeAllBack(clinic: string, keys: Stretched, known: number, without: Set<number>, pace: number, progress: (tickets: string[]) => void): Promise<string[]> {
  const tickets: string[] = [];
  for (let j = 0, empty = 0, pausing = false; j < MOST_MESSAGES && empty <= EMPTY_PLACES; j++) {
    if (without.has(j)) continue;
    if (pausing) await pause(pace);
    const { anchor, withdrawToken } = keys.commitments(j);
    try {
      tickets.push(await withdraw(clinic, toBase64url(anchor), toBase64url(withdrawToken)));
      progress(tickets);
      empty = 0;
      pausing = true;
    } catch (err) {
      if (!(err instanceof Refused) || err.kind !== "nothing-to-withdraw") throw err;
      if (j >= known) empty++;
      pausing = false;
    }
  }
  return tickets;
}

function pause(most: number): Promise<void> {
  const [r = 0] = crypto.getRandomValues(new Uint32Array(1));
  return new Promise((resolve) => { setTimeout(resolve, (0.2 + 0.8 * (r / 2 ** 32)) * most * 1000); });
}
