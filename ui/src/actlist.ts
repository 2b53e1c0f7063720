/** The panel's acts in words, for the pages on which writers come back. */
import { isWeekly } from "./action.js";
import type { OwnAct } from "./ownacts.js";
import type { Say } from "./tell/say.js";

/** `heading` is the level of its title; `day` writes a day as the page does. What is weekly says its week. */
export function actList(heading: "h2" | "h3", doc: Document, acts: OwnAct[], say: Say, day: (day: string) => string): HTMLElement[] {
  const element = (tag: string, text: string, kind = ""): HTMLElement => {
    const e = doc.createElement(tag);
    e.textContent = text;
    if (kind !== "") e.className = kind;
    return e;
  };
  const rows = acts.filter((a) => a.holds).map(({ act }) =>
    element("li", say(isWeekly(act.code) ? "act.week" : "act.on", { day: day(act.day), what: say(`act.${act.code}`) })));
  const list = doc.createElement("ul");
  list.append(...rows);
  const forged = acts.length - rows.length;
  return [
    element(heading, say("act.title")),
    element("p", say("act.more")),
    rows.length > 0 ? list : element("p", say("act.none")),
    ...(forged > 0 ? [element("p", say("act.forged", { count: String(forged) }), "problem")] : []),
  ];
}
