/** Gentler wordings in Arabic. "And", "in", "for" and the like stand in one with the word that follows, and stay. */
import { beginning, ending, thingFollows, type Plan, type Spot } from "./plan.js";

export function arabic(spot: Spot): Plan {
  return { date, place, name, number, rare, contact }[spot.kind](spot);
}

/** The letters that a hint begins with and that are no part of its first word, unless that word begins with them itself. */
function joined(found: string, own: RegExp, letters = "بلك"): string {
  const and = /^[وف]/u.test(found) && !own.test(found) ? found.slice(0, 1) : "";
  const rest = found.slice(and.length);
  return letters !== "" && new RegExp(`^[${letters}]`, "u").test(rest) && !own.test(rest) ? found.slice(0, and.length + 1) : and;
}

const DATES = /^(?:ليلة|كانون|فبراير|فيفري)/u;
const PLACES = /^(?:وحدة|بلدة|كنيسة)/u;
const PLAIN = /^(?:و\p{L}+|في|من|على|إلى|عن|مع|ثم|لكن|لأن|أو|لم|لا|ما|هناك|هنا|عندما|حين|التي|الذي)$/u;

const HOUR = "صباح|مساء|ليلة|يوم|عام|سنة|شهر|الساعة|تمام";

function date({ found, before }: Spot): Plan {
  const during = ending(before, `(?:[وف]?في )?(?:${HOUR})(?: (?:${HOUR}))*|[وف]?في`);
  const rest = before.slice(0, before.length - during.length);
  const and = during === "" ? joined(found, DATES, "") : /^[وف]في/u.test(during) ? during.slice(0, 1) : "";
  if (ending(rest, "[وف]?(?:منذ|حتى|قبل|بعد|من|إلى|بين)") !== "") return { say: "date_that", back: during.length };
  const was = ending(rest, "(?:كان|حدث|حصل|جرى) (?:ذلك|هذا)");
  return { say: was === "" ? "date" : "date_ago", back: during.length, lead: and };
}

function place({ found, before }: Spot): Plan {
  const at = ending(before, "في");
  return at === "" ? { say: "place_bare", lead: joined(found, PLACES) } : { say: "place", back: at.length };
}

function name({ found }: Spot): Plan {
  const own = /^([وف]?)(?:[اإأ]سمي|لقبي|يناديونني)/u.exec(found);
  if (own !== null) return { say: "own_name", lead: own[1] ?? "" };
  const theirs = /^[وف]?(?:[اإأ]سمها?|لقبها?) /u.exec(found)?.[0] ?? "";
  if (theirs !== "") return { say: "their_name", back: -theirs.length };
  if (/^[يت]دعى/u.test(found)) return { say: null };
  const she = /^\S+ة(?:\s|$)/u.test(found);
  return { say: she ? "name_she" : "name", lead: joined(found, /^لقب/u) };
}

const YEARS = " (?:سنة|سنوات|سنين|عاما|عامًا|عام|أعوام)";

function number({ found, before, after }: Spot): Plan {
  const years = beginning(after, YEARS);
  if (ending(before, "[وف]?عمر(?:ي|ه|ها)(?: هو| كان)?") !== "") return { say: "age", on: years.length };
  const n = Number(found.replace(/[٠-٩]/gu, (d) => String(d.charCodeAt(0) % 16)));
  return n >= 3 && n <= 10 && thingFollows(after, PLAIN) ? { say: "number" } : { say: null };
}

function rare({ found, before }: Spot): Plan {
  const me = ending(before, "[وف]?(?:أنا|كنت|لأنني|لأني|أنني|أني)") !== "";
  if (/الوحيدة?$/u.test(found)) return { say: me ? "only" : null };
  if (/^[وف]?ال(?:حامل|حبلى)/u.test(found)) return { say: null };
  if (/حامل|حبلى/u.test(found)) return { say: "state", lead: joined(found, /^ل?ل?ح/u) };
  return { say: "close", lead: joined(found, /^توأم/u) };
}

function contact({ found, before }: Spot): Plan {
  const by = ending(before, "على|في|عبر");
  if (/^(?:https?:|www\.)/iu.test(found)) return by === "" ? { say: "web", lead: "شيء " } : { say: "web", back: by.length };
  if (ending(before, "[وف]?(?:رقم|هاتف|بريد|عنوان)(?:ي|ه|ها)(?: هو)?") !== "") return { say: "kept" };
  if (/^@/u.test(found)) return { say: "name" };
  if (by !== "") return { say: null, back: by.length };
  return { say: found.includes("@") ? "name" : "contact" };
}
