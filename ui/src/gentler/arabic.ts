/** Gentler wordings in Arabic. "And", "in", "for" and the like stand in one with the word that follows, and stay. */
import { turnsArabic } from "./mood.js";
import { borne } from "./people.js";
import { among, another, beginning, ending, ends, stop, that, thingFollows, type Plan, type Spot } from "./plan.js";

export function arabic(spot: Spot): Plan {
  if (spot.kind === "contact") return contact(spot);
  if (turnsArabic(spot.sentence) || ASKS.test(spot.sentence) || /[?\u061f]/u.test(spot.rest)) return null;
  return { date, place, name, number, rare }[spot.kind](spot);
}

/** Somebody asks for something: said more loosely, they would ask for something else. */
const ASKS = among(
  "[وف]?(?:أريد|نريد|أرغب|أطلب|نطلب|أود|عايز|عايزة|بدي|أبغى|أبي|ابغى|من فضلكم?|لو سمحتم|أرجوكم|أخبروا|اسألوا|خذوا|" +
  "انقلوني|خذوني|كلموا|اتصلوا|تعالوا)");

/** The letters that a hint begins with and that are no part of its first word, unless that word begins with them itself. */
function joined(found: string, own: RegExp, letters = "بلك"): string {
  const and = /^[وف]/u.test(found) && !own.test(found) ? found.slice(0, 1) : "";
  const rest = found.slice(and.length);
  return letters !== "" && new RegExp(`^[${letters}]`, "u").test(rest) && !own.test(rest) ? found.slice(0, and.length + 1) : and;
}

const DATES = /^(?:ليلة|كانون|فبراير|فيفري)/u;
const PLACES = /^(?:وحدة|بلدة|كنيسة)/u;
const PLAIN = /^(?:و\p{L}+|في|من\p{L}{0,2}|على|إلى|عن|مع|ثم|لكن|لأن|أو|لم|لا|ما|هناك|هنا|عندما|حين|التي|الذي)$/u;
const GOES_ON = "و(?!ليد|ائل|سام|فاء|رود)\\p{L}+|ثم|لكن|لأن|لأني|لأنني|أو|عندما|حين|هنا|هناك|في";

const HOUR = "صباح|مساء|ليلة|يوم|عام|سنة|شهر|الساعة|تمام";
/** What goes on and on did not happen at some time. */
const RECURS = among("كل|مرات|دائما|دائمًا|أسبوعيا|أسبوعيًا");

function date({ found, before, after, sentence, rest: sentenceEnd }: Spot): Plan {
  if (RECURS.test(sentenceEnd)) return null;
  if (/^\d+\.\d+$/u.test(found)) return null;
  if (/^[\d\u0660-\u0669./-]+$/u.test(found) && thingFollows(after, PLAIN)) return null;
  if (/(?:^|[^\p{L}])[وف]?(?:بين [^.!]{0,30}|[^.!]*ذلك الوقت[^.!]*)$/u.test(sentence)) return null;
  const during = ending(before, `(?:[وف]?في )?(?:${HOUR})(?: (?:${HOUR}))*|[وف]?في`);
  const rest = before.slice(0, before.length - during.length);
  const and = during === "" ? joined(found, DATES, "") : /^[وف]في/u.test(during) ? during.slice(0, 1) : "";
  if (ending(rest, "[وف]?(?:منذ|حتى|قبل|بعد|من|إلى)") !== "") return { say: "date_that", back: during.length };
  if (ending(rest, "[وف]?(?:منذ|حتى|قبل|بعد|من|إلى) (?:يوم|ليلة|صباح|مساء)") !== "") return null;
  const was = ending(rest, "(?:كان|حدث|حصل|جرى) (?:ذلك|هذا)");
  return { say: was === "" ? "date" : "date_ago", back: during.length, lead: and };
}

function place({ found, before }: Spot): Plan {
  const at = ending(before, "في");
  if (TITLED.test(found)) return null;
  return at === "" ? { say: "place_bare", lead: joined(found, PLACES) } : { say: "place", back: at.length };
}

/** What stands before a name: "my name is", a title, with what is joined to it. */
const CALLED =
  /^(.*?(?:[اإأ]سم(?:ي|ها?)|لقب(?:ي|ها?)|يناديونني|[يت]دعى|(?:ال|[وفبلك])*\p{L}+(?: النفسي(?:ة)?)?)[.]? )([\p{L}\p{M} ]+)$/u;
const TITLED = new RegExp(
  "دكتور|ممرض|طبيب|سيد|آنسة|مدام|[أا]ستاذ|مهندس|شيخ|حاج|معالج|[أا]خصائي|اختصاصي|حكيم|مستر|(?:^|[^\\p{L}])د[.]?(?= )", "u");

/** What may follow a name and is no second part of it. */
const FOLLOWS =
  "لم|لا|هو|هي|من|إلى|على|مع|عن|ب\\p{L}+|\\p{L}{2,}(?:ني|نا|ت|وا|تني)|قال|ضحك|صرخ|جاء|ضرب|أخذ|أمر|رفض|كان|دخل|خرج|شتم|" +
  "دفع|غائب|غائبة|أيضا";

function name({ found, before, after, sentence }: Spot): Plan {
  const [, lead = "", who = ""] = CALLED.exec(found) ?? [];
  if (!borne(who)) return null;
  const own = /^([وف]?)(?:[اإأ]سمي|لقبي) $/u.exec(lead);
  const told = plainly(sentence) && ends(after, GOES_ON);
  if (own !== null) return told ? { say: "own_name", lead: own[1] ?? "" } : null;
  if (/^[وف]?(?:[اإأ]سمها?|لقبها?) $/u.test(lead)) return told ? { say: "their_name", back: -lead.length } : null;
  if (!TITLED.test(lead) || ending(before, "يا") !== "" || !ends(after, `${GOES_ON}|${FOLLOWS}`)) return null;
  const she = /^\S+ة(?:\s|$)/u.test(found);
  return { say: she ? "name_she" : "name", lead: joined(found, /^لقب/u) };
}

const YEARS = " (?:سنة|سنوات|سنين|عاما|عامًا|عام|أعوام)";
/** Behind these a number says how many there were; behind "less than" it says something else. */
const COUNTS = new RegExp(
  "(?:^\\s*|[.!:;،؛]\\s*|(?:^|[^\\p{L}])(?:\\p{L}+(?:ني|نا)|بي|لي|بنا|لنا|مع|هناك|كان|كانت|لمدة|مدة|منذ|بعد|قبل|خلال|" +
  "رأيت) )$", "u");

function number({ found, before, after, sentence }: Spot): Plan {
  const years = beginning(after, YEARS);
  if (ending(before, "[وف]?عمر(?:ي|ه|ها)") !== ""
    && ends(after.slice(years.length), GOES_ON)) return { say: "age", on: years.length };
  const n = Number(found.replace(/[٠-٩]/gu, (d) => String(d.charCodeAt(0) % 16)));
  return n >= 3 && n <= 10 && COUNTS.test(sentence) && thingFollows(after, PLAIN) ? { say: "number" } : null;
}

/** Where somebody says a thing plainly: nothing stands before it that they might only think, or that another says. */
const plainly = (sentence: string): boolean =>
  /^[\s"«(-]*$|(?:[،؛,;]|(?:^|[^\p{L}])(?:لأن|لكن|عندما|حين))\s*$/u.test(sentence) && !WAVERS.test(sentence);
const WAVERS = among(
  "[وف]?[أايتنس]?(?:قال|قول|قلت|قيل|ظن|عتقد|سمع|شعر|حس|خبر|زعم|عرف|علم|خاف|خشى|خشيت|نطق|كتب|سأل|ذكر|ناد|حلم|تخيل|رأي)\\p{L}*");
/** What may follow the one who writes: where. Who is meant by it, and what they did, would be said of others too. */
const THERE = /^(?: (?:هنا|هناك|في(?: (?!الت?ي |الذي |اللي |من )[\p{L}\d]+){1,3}))?\s*(?:$|[.،؛!,)\n])/u;

/** The one who writes, and what they may say that they are. */
const ME = "[وف]?(?:أنا|كنت|لأنني|لأني)";
const SOMEONE = /^(?:المرأة|الرجل|الشخص|البنت|الفتاة|المريضة|المريض|الطالبة|الطالب|الصماء|السيدة|الشاب|الشابة) /u;

/** "Me" stands in the hint itself where nothing is between it and "the only". */
function only({ found, before, after, sentence, rest }: Spot): Plan {
  const within = beginning(found, ME);
  const me = within === "" ? ending(before, ME) : within;
  if (me === "" || (within === "" && !SOMEONE.test(found)) || !THERE.test(after) || WAVERS.test(rest)) return null;
  const earlier = within === "" ? sentence.slice(0, sentence.length - me.length) : sentence;
  if (!plainly(earlier) && (WAVERS.test(earlier) || !/^(?:[وف]|لأن)/u.test(me))) return null;
  return { say: "only", back: within === "" ? 0 : -within.length - 1 };
}

function rare(spot: Spot): Plan {
  const { found, before, after } = spot;
  if (/الوحيدة?$/u.test(found)) return only(spot);
  if (/^[وفبلك]*ال(?:حامل|حبلى)/u.test(found)) return null;
  if (/حامل|حبلى/u.test(found)) {
    const is = ending(before, `${ME}|[وف]?(?:هي|كانت|امرأة|أختي|زوجتي|ابنتي|أمي)`) !== "";
    return is && ends(after, GOES_ON) ? { say: "state", lead: joined(found, /^ل?ل?ح/u) } : null;
  }
  // A verb that follows is of a woman or of a man.
  const alone = ends(after, GOES_ON) || !thingFollows(after, /^(?:بعد|قبل|منذ|يوم|أمس|أمامي|معي|بقوة|بشدة|من|إلى|على|عن|مع)$/u);
  if (!alone || ending(before, "\\p{L}+ت") !== "") return null;
  return /^[وفبلك]*(?:أختي |أخي |تو[أا]مي$)/u.test(found) ? { say: "close", lead: joined(found, /^توأم/u) } : null;
}

function contact({ found, before, sentence, rest }: Spot): Plan {
  const by = ending(before, "على|في|عبر");
  if (turnsArabic(sentence)) {
    const to = by !== "" || ending(before, "إلى|مع|[بل]?(?:رقم|الرقم)") !== "";
    if (!to || another(sentence, rest) || /^@/u.test(found)) return null;
    return that(found);
  }
  if (/^(?:https?:|www\.)/iu.test(found)) return { say: "web", ...(by === ""
    ? { lead: "شيء " } : { back: by.length }), tail: stop(found) };
  if (ending(before, "[وف]?(?:رقم|هاتف|بريد|عنوان)(?:ي|ه|ها)(?: هو)?") !== "") return { say: "kept" };
  if (/^@/u.test(found)) return { say: "name" };
  if (by !== "") return { say: "out", back: by.length };
  return { say: found.includes("@") ? "name" : "contact" };
}
