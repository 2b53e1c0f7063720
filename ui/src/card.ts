/** The card of a message: all that leaves the worker before a reviewer has declared. Twin of internal/coding/card.go. */
import { sha256 } from "@noble/hashes/sha2.js";
import { CHECK_IN, isCheckIn } from "./checkin.js";
import { sorted, type Card, type CardKind } from "./coding.js";
import { toBase64url, utf8 } from "./encoding.js";
import { isId32, type Answer } from "./pad.js";

/** What a card takes from the list of codes and the form. The panel's page carries it. */
export interface CardCodes {
  version: string;
  themes: { code: string; items: { code: string; cw: boolean; urgent: boolean; urgent_if_still_going: boolean }[] }[];
  roles: string[];
  when: string[];
}

const NO_ANSWER = ["skip", "not_sure"];

/**
 * Only codes of today's form are taken: whatever else stands where a code belongs could be words. A service is the clinic's
 * own code; here it only has to look like one. Nothing is taken from what somebody says about themselves.
 */
export function newCard(of: CardKind, thread: string, answers: readonly Answer[], codes: CardCodes): Card {
  const taken = of === "about_you" ? [] : answers;
  const picked = (q: string): string[] => taken.filter((a) => a.q === q).flatMap(({ a }) => a.split("\n"));
  const answered = (list: string[]): string[] => list.filter((code) => !NO_ANSWER.includes(code));
  const items = picked("items");
  const checkIn = of === "followup" ? answered(picked(CHECK_IN)).find(isCheckIn) : undefined;
  const stillGoing = picked("still_going").includes("yes");
  return {
    of,
    thread,
    service: answered(picked("service")).find((code) => /^[a-z0-9_]{1,32}$/.test(code)) ?? "",
    roles: sorted(answered(picked("roles")).filter((code) => codes.roles.includes(code))),
    when: answered(picked("when")).find((code) => codes.when.includes(code)) ?? "",
    chips: chips(picked("themes"), items, codes),
    urgent: codes.themes.some((t) => t.items.some((i) => items.includes(i.code) && (i.urgent || (i.urgent_if_still_going && stillGoing)))),
    taxonomy: codes.version,
    ...(checkIn === undefined ? {} : { check_in: checkIn }),
  };
}

/** What a card says instead of a mailbox: who has a card alone cannot pretend to be the writer. */
export const receiptOf = (mailbox: string): string => toBase64url(sha256(utf8(`answerable/v1/card-receipt\n${mailbox}\n`)));

/** Adds what ties a message to others of its receipt and to acts in public; what does not read ties nothing. */
export function tied(card: Card, mailbox: string | null, actions: string | null): Card {
  return {
    ...card,
    ...(mailbox !== null && isId32(mailbox) ? { receipt: receiptOf(mailbox) } : {}),
    ...(actions !== null && isId32(actions) ? { actions } : {}),
  };
}

/** Picked items that carry a warning; a theme with such items of which none was picked stands for them all. */
function chips(themes: string[], items: string[], codes: CardCodes): string[] {
  return sorted(codes.themes.flatMap((theme) => {
    const picked = theme.items.filter((i) => items.includes(i.code));
    const whole = themes.includes(theme.code) && picked.length === 0 && theme.items.some((i) => i.cw);
    return [...picked.filter((i) => i.cw).map((i) => i.code), ...(whole ? [theme.code] : [])];
  }));
}
