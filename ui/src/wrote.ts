/** Whether somebody who signed a file was on the panel when they say that they wrote it. Twin of keyring.Wrote. */
import type { Manifest } from "./chain.js";

/** A signed list, and the day on which it came into force, `YYYY-MM-DD`; none where nobody knows. */
export interface Listed extends Pick<Manifest, "members"> {
  day?: string;
}

/**
 * Whether somebody may have written a file about a message on the day that they signed for it: they have to have been on the panel then,
 * and after the message had come. `lists` are the clinic's signed lists, the newest last. `before` is how many of them stand in the log
 * before the message, null where the log was not read; a message that the log does not have yet comes after all that it has.
 *
 * Who has left wrote what they wrote while they were on it, up to the day on which the list without them came, about what had come by then.
 * Days are the author's word, which the server holds to: one who would lie with its help can date a file back, and only onto
 * a message of their time.
 */
export function wrote(lists: readonly Listed[], author: string, before: number | null, day: string): boolean {
  const dayOf = (i: number): string => lists[i]?.day ?? "";
  let joined = -1;
  for (const [i, { members }] of lists.entries()) {
    const on = members.some(({ id }) => id === author);
    if (on && joined < 0) joined = i;
    if (on || joined < 0) continue;
    if (day >= dayOf(joined) && (dayOf(i) === "" || day <= dayOf(i)) && (before === null || before <= i)) return true;
    joined = -1;
  }
  return joined >= 0 && day >= dayOf(joined);
}
