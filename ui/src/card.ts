/** The card of a message: all that leaves the worker before a reviewer has declared. Twin of internal/coding/card.go. */
import { sorted, type Card, type CardKind } from "./coding.js";
import type { Answer } from "./pad.js";

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
 * own code; here it only has to look like one.
 */
export function newCard(of: CardKind, thread: string, answers: readonly Answer[], codes: CardCodes): Card {
  const picked = (q: string): string[] => answers.filter((a) => a.q === q).flatMap(({ a }) => a.split("\n"));
  const answered = (list: string[]): string[] => list.filter((code) => !NO_ANSWER.includes(code));
  const items = picked("items");
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
