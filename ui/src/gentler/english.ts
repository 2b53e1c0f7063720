/** Gentler wordings in English: what goes with a day, a place, a name, so that what is left reads as a sentence. */
import { SPOT } from "../looks.js";
import { turnsEnglish } from "./mood.js";
import { borne, people, written } from "./people.js";
import { among, another, beginning, ending, ends, stop, that, thingFollows, type Plan, type Spot } from "./plan.js";

const DET = "the|a|an|my|our|your|his|her|its|their|this|that|these|those";
/** Words that say nothing of what a day, a name or a number belongs to. */
const PLAIN_WORDS =
  "i|me|we|us|you|he|him|she|it|they|them|who|whom|which|what|somebody|someone|something|nobody|nothing|anybody|everybody|" +
  "everyone|there|here|then|now|and|or|but|so|if|as|than|because|while|when|where|until|since|after|before|in|on|at|to|from|" +
  "of|by|for|with|without|about|into|near|over|under|out|up|down|off|again|away|back|too|also|not|never|always|only|just|" +
  "very|both|all|once|twice|today|yesterday|is|was|were|are|am|be|been|has|had|have|did|does|do|will|would|can|could|may|" +
  "might|must|should|said|says|told|tells|came|comes|went|goes|got|gets|gave|gives|took|takes|put|puts|held|kept|made|makes|" +
  "let|left|saw|sees|knew|knows|thought|thinks|ran|runs|sat|stood|spoke|hit|hits|hurt|hurts|threw|broke|felt|feels|wrote|" +
  "writes|met|laughs|shouts|asks|wants|works|lives|i['\u2019]m|[a-z]+n['\u2019]t|[a-z]{2,}(?:ed|ing|ly)";
const PLAIN = new RegExp(`^(?:${DET}|${PLAIN_WORDS})$`, "iu");
const things = (after: string): boolean => thingFollows(after, PLAIN);
/** Several of what follows: without what is said of them, it would be said of all. */
const MANY = /^[ -](?:[\p{L}-]+s|people|men|women|children|kids|staff|folk)(?![\p{L}'\u2019])/iu;
const GOES_ON = "and|or|but|when|because|so|then|while|i|he|she|they|we";

/** Somebody asks for something: said more loosely, they would ask for something else. */
const WISHES = among("please|want\\p{L}*|wanna|would like|let['\u2019]s");
const ASKS = new RegExp(
  "['\u2019]d like\\b|^\\s*(?:and |but |then |so )?(?:tell|ask|call|ring|phone|text|let|give|send|write|move|bring|" +
  "take|come|go|see|talk|speak|contact|keep|make|do|leave|look|get|help|find|remove|sack|fire)(?!\\p{L})", "iu");

export function english(spot: Spot): Plan {
  if (spot.kind === "contact") return contact(spot);
  if (turnsEnglish(spot.sentence) || WISHES.test(spot.sentence) || ASKS.test(spot.sentence) || spot.rest.includes("?")) return null;
  return { date, place, name, number, rare }[spot.kind](spot);
}

const WHICH = "the|a|that|this|last|next|early|late|mid";
const DURING = `(?:on|in|at|around|about|during|over)(?: (?:${WHICH}))*|(?:${WHICH})`;

const PART = " (?:mornings?|afternoons?|evenings?|nights?|lunchtime|(?:last|this|next) (?:week|month|year)|Day|Eve|Sunday|Monday)";
/** What goes on and on did not happen at some time. */
const RECURS = among("every|each|always|most|weekly|daily|used to|would");
/** Days that need no word before them. */
const BARE_DAY = /^(?:yesterday|last night|this morning)$/iu;

function date({ found, before, after, sentence, rest: sentenceEnd }: Spot): Plan {
  if (RECURS.test(sentence) || RECURS.test(sentenceEnd) || /days$/iu.test(found)) return null;
  if (/birthday$/iu.test(found) && beginning(after, " (?:was|is)") !== "") return null;
  const part = beginning(after, PART);
  if (/s$/u.test(part) || /[\u00a3$\u20ac]\s?$/u.test(before)) return null;
  const rest = after.slice(part.length);
  const which = ending(before, `(?:${WHICH})(?: (?:${WHICH}))*`);
  const owned = ending(before, "the|a|an|my|our|your|his|her|their");
  const during = ending(before, DURING);
  const bare = during === "" && part === "" && owned === "";
  if (bare && things(rest) && !BARE_DAY.test(found)) return null;
  if (/^\d{1,2}(?:st|nd|rd|th)$/iu.test(found) && (ending(before, "on the") === "" || things(rest))) return null;
  if (/^\d+\.\d+$/u.test(found) && !/^at/iu.test(during)) return null;
  if (/\bbetween [^.!?]{0,30}$|\bthat time\b/iu.test(sentence)) return null;
  const then: Plan = { say: "date_that", back: which.length, on: part.length };
  if (/^['\u2019]s/u.test(rest)) return then;
  if (owned !== "" && things(rest)) return MANY.test(rest) ? null : { say: "out", on: part.length };
  const without = before.slice(0, before.length - which.length);
  if (ending(without, "since|until|till|before|after|between|from|by|to|of|than") !== "") return then;
  if (during === which && beginning(rest, " (?:was|is)") !== "" && ending(without, "it was|that was|this was") === "") return then;
  const said = before.slice(0, before.length - during.length);
  const was = ending(said, "it was|that was|this was");
  if (during === "" && was === "" && ending(said, "is|was|are|be|it['\u2019]s") !== "") return null;
  return { say: was === "" ? "date" : "date_ago", back: during.length, on: part.length };
}

const IS_SPOT = new RegExp(String.raw`\d|\b(?:${SPOT})\b`, "iu");
const GOES =
  "go|goes|going|went|gone|come|came|coming|move|moved|moving|drove|drive|send|sent|take|took|taken|bring|brought|travel|" +
  "travelled|transferred|back|fly|flew|walk|walked|run|ran|return|returned|way|train|bus|close|near|next";
const WHOM = "me|us|him|her|them|it|back|on|over|down|up|straight|away|alone";
const SIDES = "north|south|east|west|outside|parts?|cent(?:re|er)|middle|edge|streets|people|rest|side|out";
/** Behind these, a word with a capital is a place; behind the other words that lead to either, it may be somebody. */
const TO_PLACE = new RegExp(
  `\\b(?:(?:${GOES}|am|is|was|are|were|['\u2019]m)(?: (?:${WHOM}))* (?:to|from)|(?:${SIDES}|${SPOT}) of) $`, "iu");
/** Where one shouts at what comes next, or trusts in it, it is no place. */
const NO_PLACE = new RegExp(
  "\\b(?:believ|trust|confid|faith|interest|shout|yell|scream|laugh|look|swear|swore|angry|mad|point|star|glar|smil|" +
  "snap|spoke|speak|talk|writ|wrote|say|said|sang|sing|read|threw|throw|thrown|pray|hate|rage|fury|cross|annoy|hiss|bark|" +
  "spat|spit|wave|waving|nod)\\p{L}*(?: \\p{L}+)? (?:in|at|near) $", "iu");

/** What leads to a place. Behind another word, the first of its own says what sort of thing that is: "the car park at …". */
const LEADS = "in|on|at|to|from|near|of|by|inside|outside|within|into|towards?|through|via|around|and|or";

function place(spot: Spot): Plan {
  const { found, before, after, sentence } = spot;
  const capitals = !IS_SPOT.test(found);
  if (capitals && (people(found) || borne(found))) return name(spot);
  if (capitals && ending(before, "to|of|from") !== "" && !TO_PLACE.test(before)) return null;
  if (capitals && (NO_PLACE.test(before) || (SLUR.test(sentence) && ending(before, "of|from") !== ""))) return null;
  const det = ending(before, DET);
  const own = /['\u2019]s$/u.test(found) && things(after);
  if (/^\p{Ll}/u.test(found) && det === "" && ending(before, LEADS) === "") return null;
  if (det !== "" && /\d\p{L}?$|\s\p{Lu}$/u.test(found) && things(after)) return MANY.test(after) ? null : { say: "out" };
  if (things(after) && !own && !capitals) return null;
  const at = ending(before.slice(0, before.length - det.length), "in|on|at|inside|within");
  if (at !== "" && !own && !/^['\u2019]s/u.test(after)) return { say: "place", back: det.length + at.length };
  return { say: "place_bare", back: det.length, tail: own ? "'s" : "" };
}

const LABEL =
  "number|no\\.|section|bus|page|step|flat|apartment|extension|line|code|level|stage|chapter|part|phase|grade|class|type|" +
  "route|size|item|option|article|table|pin";
const CLOSE =
  "friend|sister|brother|mother|father|mum|mom|dad|partner|wife|husband|son|daughter|aunt|uncle|cousin|neighbour|neighbor|" +
  "doctor|nurse|therapist|psychiatrist|worker|keyworker|manager|colleague|boss|receptionist|counsellor|counselor";
const SOMEBODY = `nurse|doctor|man|woman|person|boy|girl|lady|guy|patient|someone|somebody|${CLOSE}`;
const TITLE = /^(?:dr|doctor|nurse|mr|mrs|ms|mx|miss|prof|professor|sister|father|rev|therapist)\.? /iu;
/** What people do, and no medicine and no clinic does. */
const DOES =
  " (?:said|told|shouted|laughed|grabbed|smiled|cried|whispered|yelled|screamed|pushed|slapped|touched|kicked|punched|pinned|" +
  "dragged|lied|asked|answered|apologised|apologized|spat|swore|held me|hit me|walked|stood|sat)";
/** What somebody was called, or what is said of those whom somebody hates, is no name of theirs, and goes with nothing else. */
const SLUR = among("(?:call|nam|hat|said|say|loath|despis|insult|shout|yell|blam)\\p{L}*");

/** Whether a word, or several, are somebody's name for sure. */
const isName = (words: string): boolean => (written(words) && !people(words) && words !== words.toUpperCase()) || borne(words);
/** Where somebody says a thing plainly: nothing stands before it that they might only think, or that another says. */
const plainly = (sentence: string): boolean =>
  /^(?:[\s"'\u201c\u2018(-]*|.*(?:[,;]|\b(?:and|but|because)))\s*$/isu.test(sentence) && !WAVERS.test(sentence);
const WAVERS = among(
  "sa(?:y|ys|id|ying)|tell|tells|told|think|thinks|thought|feel|feels|felt|guess|believ\\p{L}*|seem\\p{L}*|like|would|" +
  "could|should|must|can|may|joked?|claim\\p{L}*|assum\\p{L}+|hear|heard|according|apparently|wr[io]te|ask\\p{L}*|as if|" +
  "dream\\p{L}*|fear\\p{L}*|worr\\p{L}+|afraid|sure|reckon|know|knew|knows");

function name(spot: Spot): Plan {
  const { found, before, after, sentence, rest } = spot;
  const named = /^(my name is |(?:his|her|their) name is |(?:is|was) called )(.+)$/iu.exec(found);
  if (named !== null) {
    const [, lead = "", who = ""] = named;
    if (/^my/iu.test(lead)) return isName(who) && plainly(sentence) && !WAVERS.test(rest) && ends(after, GOES_ON)
      ? { say: "own_name" } : null;
    if (/called/iu.test(lead)) return borne(who) && ends(after, GOES_ON)
      ? { say: "their_name", back: -lead.indexOf(" ") - 1 } : null;
    return isName(who) && ends(after, GOES_ON) ? { say: "their_name", back: -lead.length } : null;
  }
  const nth = new RegExp(`^(?:${LABEL})$`, "iu").test(found) ? beginning(after, " \\d+") : "";
  if (nth !== "") return { say: "something", on: nth.length };
  const tail = /['\u2019]s$/u.test(found) ? "'s" : "";
  const det = ending(before, DET);
  const who = found.replace(TITLE, "").replace(/['\u2019]s$/u, "");
  if (who !== found.replace(/['\u2019]s$/u, "")) return isName(who) ? { say: "name", back: det.length, tail } : null;
  return people(who) ? kind(spot, det) : untitled(spot, who, det, tail);
}

/** Where a sentence begins, or says of one person what they are; what was done to somebody may be for what they are. */
const SUBJECT = /^\s*(?:(?:yesterday|at some time|then|and|but),? )*((?:i am|i['\u2019]m|i was|it was|s?he (?:is|was)|s?he['\u2019]s) )?$/iu;
const WHY = /\b(?:because|why|reason|so|therefore|due)\b/iu;

/** A word for a people or a faith: it goes where it says something of one person, and stays where it is what is said, or why. */
function kind({ before, after, sentence, rest }: Spot, det: string): Plan {
  if (SLUR.test(sentence)) return null;
  const speaks = ending(before, "speaks?|spoke|speaking|understands?|understood|learns?|learnt") !== "";
  if (speaks) return ends(after, GOES_ON) ? { say: "something" } : null;
  const lead = SUBJECT.exec(sentence.slice(0, sentence.length - det.length));
  if (lead === null || (lead[1] !== undefined && WHY.test(rest))) return null;
  return /^(?:a|an|the|my|our|his|her|their|this|that) /iu.test(det) && things(after) && !MANY.test(after) ? { say: "out" } : null;
}

function untitled({ before, after, sentence }: Spot, who: string, det: string, tail: string): Plan {
  const named = ending(before, `(?:${SOMEBODY}) (?:called|named)`);
  if (named !== "") return isName(who) ? { say: "out", back: named.length - named.search(/(?:called|named)\s+$/iu) } : null;
  if (ending(before, CLOSE) !== "") return isName(who) && !things(after) ? { say: "out" } : null;
  const into = ending(before, "(?:in|on|at|inside) the");
  if (into !== "" && !borne(who) && tail === "" && !things(after)) {
    return SLUR.test(sentence) || NO_PLACE.test(before.slice(0, -"the ".length)) ? null : { say: "place", back: into.length };
  }
  if (det !== "" && tail === "" && things(after)) return MANY.test(after) || SLUR.test(sentence) ? null : { say: "out" };
  if (det !== "" || /\p{L}-$/u.test(before)) return null;
  if (/\bnam(?:e|es|ed|ing)\b/iu.test(sentence)) return null;
  if (borne(who)) return tail === "" && things(after) && MANY.test(after) ? null : { say: "name", tail };
  return /s$/u.test(who) || tail !== "" || beginning(after, DOES) === "" ? null : { say: "name" };
}

const UNIT = "[ -](?:hour|minute|day|week|month|year|night|mile|bed|person)(?:[ -]old)?";
const SOMEBODY_IS = "(?:i|you|we|they|he|she|who) (?:am|is|was|are|were)|i['\u2019]m|s?he['\u2019]s|turned|turning|being";
/** Behind these a number says how many there were; behind "under" or "the first" it says something else. */
const COUNTS = new RegExp(
  "(?:^\\s*|[.!?:;,]\\s*|\\b(?:by|for|with|and|were|was|had|have|has|saw|took|needed|waited|lasted|of|from|me|us|him|her|them|" +
  "after|then|when|because|or) )$", "iu");

function number(spot: Spot): Plan {
  const { found, before, after, sentence } = spot;
  const old = beginning(after, "[ -]years?[ -]old");
  const aged = ending(before, "aged");
  const at = ending(before, "at (?:the )?age(?: of)?");
  if (at !== "") return { say: "age", back: at.length, on: old.length, lead: "at " };
  if (aged !== "") return { say: "age", back: aged.length, on: old.length, lead: "of " };
  const a = ending(before, "a|an");
  const det = ending(before, `${DET}|other|first|last|next|some`);
  const is = ending(before, SOMEBODY_IS) !== "";
  if (old !== "") {
    if (is || (det === ""
      && ending(before, `(?:${SOMEBODY}),?|was|is|am`) !== "")) return { say: "age", on: old.length, lead: "of " };
    if (a === "") return null;
    return things(after.slice(old.length)) ? { say: "out", on: old.length } : { say: "name", back: a.length, on: old.length };
  }
  const unit = beginning(after, UNIT);
  if (unit !== "" && (a !== "" || unit.startsWith("-"))) return a !== "" && things(after.slice(unit.length))
    ? { say: "out", on: unit.length } : null;
  const attached = /^(?:[\p{L}µ]+|\s?%)/u.exec(after)?.[0] ?? "";
  const money = /[£$\u20ac]\s?$/u.exec(before)?.[0] ?? "";
  if (attached !== "" || money !== "") {
    return COUNTS.test(before.slice(0, before.length - money.length))
      ? { say: "amount", back: money.length, on: attached.length } : null;
  }
  if (ending(before, "(?:room|bed|ward|bay|unit|flat|patient|file|case) no") !== "") return { say: "out", back: "no ".length };
  if (ending(before, LABEL) !== "") return { say: "out" };
  if (/^(?:my|our|his|her|their) /iu.test(det)) return things(after) && MANY.test(after) ? { say: "out" } : null;
  return det === "" && (is || COUNTS.test(sentence)) ? counted(spot, is, Number(found)) : null;
}

/** A number that stands by itself can be an age or an hour; before a thing it says how many there are. */
function counted({ before, after, sentence }: Spot, is: boolean, n: number): Plan {
  if (beginning(after, " of") !== "") return { say: "number" };
  if (!ends(after, GOES_ON)) return things(after) && n !== 1 ? { say: "number" } : null;
  if (is && n !== 1 && (Number.isNaN(n) || n > 9)) return { say: "age", lead: "of " };
  const and = /^(?:i am|i['\u2019]m|i was) [^.!?,]{1,40} (and )$/iu.exec(sentence.trimStart())?.[1] ?? "";
  if (and !== "" && n > 9 && /^\s*(?:$|[.,;!)\n])/u.test(after)) return { say: "out", back: and.length };
  const from = ending(before, "after|from");
  return from !== "" && n <= 24 ? { say: "date_that" } : null;
}

/** What may follow the one who writes: where, and when. Who is meant by it, and what they did, would be said of others too. */
const THERE = new RegExp(
  "^((?: (?:there|here|then|now|(?:in|on|at|from)(?:[ -][\\p{L}\\d'\u2019-]+){1,4}))?)" +
  "\\s*(?:$|[.,;!)\\n]| (?:and|but|because|when|so) )", "iu");
const OTHERS = among("who|whom|that|which|to|they|he|she|it|i|we|you|not|never|no");
/** What comes before the next clause of a sentence. */
const clause = (rest: string): string => rest.split(/[,;]| (?:and|but|because|when|so) /iu)[0] ?? "";

/** How words for people end: nobody is something. */
const SOMEONE = /(?:er|or|ist|man|men|woman|women|ians?|ee|person|people|s|phobe|ic|nt)$/iu;

function rare({ found, before, after, sentence, rest }: Spot): Plan {
  const det = ending(before, DET);
  const me = /^(.*?)(?:i am|i['\u2019]m|i was)(?: a)?\s+$/isu.exec(sentence)?.[1];
  const mine = me !== undefined && plainly(me);
  const alone = mine && !OTHERS.test(THERE.exec(after)?.[1] ?? " who");
  if (/\bonly\b/iu.test(found)) return alone && !WAVERS.test(rest) && !turnsEnglish(clause(rest))
    ? { say: "only", back: det.length } : null;
  if (/^pregnancy$/iu.test(found)) return ending(before, "my") !== "" ? { say: "about", back: det.length } : null;
  if (/^pregnant$/iu.test(found)) {
    const is = ending(before, "(?:am|is|was|are|were|be|been|being|i['\u2019]m|she['\u2019]s)(?: (?:very|still|also|then|now|heavily))?") !== "";
    return is && det === "" && !things(after) ? { say: "state" } : null;
  }
  if (/^(?:twins?|triplets)$/iu.test(found)) return twin(found, before, after, alone);
  const named = ending(before.slice(0, before.length - det.length), "with|of|about|on|in|into") !== ""
    && /^(?:a|an|the|my|this|that) /iu.test(det);
  return named && !SOMEONE.test(found) && ends(after, GOES_ON) && !SLUR.test(sentence)
    ? { say: "something", back: det.length } : null;
}

function twin(found: string, before: string, after: string, mine: boolean): Plan {
  if (ending(before, "(?:am|was|['\u2019]m) a") !== "") return mine ? { say: "only", back: "a ".length } : null;
  const kin = beginning(after, " (?:sister|brother|boy|girl|son|daughter)s?");
  if (ending(before, "my|our") === "" || things(after.slice(kin.length))) return null;
  return { say: /s$/iu.test(kin === "" ? found : kin)
    ? "close_many" : "close", back: ending(before, "my|our").length, on: kin.length };
}

function contact({ found, before, sentence, rest }: Spot): Plan {
  if (turnsEnglish(sentence)) {
    if (another(sentence, rest) || /\b(?:is|was|are|be|not|n['\u2019]t)\s*$|[,:]\s*$/iu.test(before)
      || /^@/u.test(found)) return null;
    return that(found);
  }
  const by = ending(before, "on|at|via|in|by");
  if (/^(?:https?:|www\.)/iu.test(found)) return { say: "web", ...(by === ""
    ? { lead: "something " } : { back: by.length }), tail: stop(found) };
  if (/\b(?:is|was|:)\s*$/iu.test(before)) return { say: "kept" };
  if (/^@/u.test(found)) return { say: "name" };
  if (by !== "") return { say: "out", back: by.length };
  return { say: found.includes("@") ? "name" : "contact" };
}
