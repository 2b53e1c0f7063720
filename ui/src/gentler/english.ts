/** Gentler wordings in English: what goes with a day, a place, a name, so that what is left reads as a sentence. */
import { SPOT } from "../looks.js";
import { beginning, ending, thingFollows, type Plan, type Spot } from "./plan.js";

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

export function english(spot: Spot): Plan {
  return { date, place, name, number, rare, contact }[spot.kind](spot);
}

const WHICH = "the|a|that|this|last|next|every|each|early|late|mid";
const DURING = `(?:on|in|at|around|about|during|over)(?: (?:${WHICH}))*|(?:${WHICH})`;

const PART = " (?:mornings?|afternoons?|evenings?|nights?|lunchtime|(?:last|this|next) (?:week|month|year)|Day|Eve|Sunday|Monday)";

function date({ before, after }: Spot): Plan {
  const part = beginning(after, PART);
  const rest = after.slice(part.length);
  const which = ending(before, `(?:${WHICH})(?: (?:${WHICH}))*`);
  const owned = ending(before, "the|a|an|my|our|your|his|her|their");
  const that: Plan = { say: "date_that", back: which.length, on: part.length };
  if (/^['\u2019]s/u.test(rest)) return that;
  if (owned !== "" && things(rest)) return { say: null, on: part.length };
  const without = before.slice(0, before.length - which.length);
  if (ending(without, "since|until|till|before|after|between|from|by|to|of|than") !== "") return that;
  if (/\bbetween [^.!?]{1,30} and $/iu.test(without)) return that;
  const during = ending(before, DURING);
  if (during === which && beginning(rest, " (?:was|is)") !== "" && ending(without, "it was|that was|this was") === "") return that;
  const was = ending(before.slice(0, before.length - during.length), "it was|that was|this was|was it|was that");
  return { say: was === "" ? "date" : "date_ago", back: during.length, on: part.length };
}

const IS_SPOT = new RegExp(String.raw`\d|\b(?:${SPOT})\b`, "iu");
const GOES =
  "go|goes|going|went|gone|come|came|coming|move|moved|moving|drove|drive|send|sent|take|took|taken|bring|brought|travel|" +
  "travelled|transferred|back|fly|flew|walk|walked|run|ran|return|returned|way|train|bus|close|near|next";
const WHOM = "me|us|him|her|them|it|back|on|over|down|up|straight|away|alone";
const SIDES = "north|south|east|west|outside|parts?|cent(?:re|er)|middle|edge|streets|people|rest|side|out";
/** Behind these, a word with a capital is a place; behind the other words that lead to either, it is somebody. */
const TO_PLACE = new RegExp(`\\b(?:(?:${GOES})(?: (?:${WHOM}))* to|(?:${SIDES}|${SPOT}) of) $`, "iu");
const SENT =
  "letters?|emails?|calls?|messages?|notes?|texts?|words?|help|support|hid|hide|hear|heard|got|gifts?|money|reports?|reply|" +
  "answer|threats?|abuse|visits?|looks?";
const FROM_PERSON = new RegExp(`\\b(?:${SENT}) from $`, "iu");

function place(spot: Spot): Plan {
  const { found, before, after } = spot;
  if (!IS_SPOT.test(found)) {
    const leads = ending(before, "to|of|from").trim().toLowerCase();
    if (leads === "from" ? FROM_PERSON.test(before) : leads !== "" && !TO_PLACE.test(before)) return name(spot);
  }
  const det = ending(before, DET);
  if (det !== "" && /\d\p{L}?$|\s\p{Lu}$/u.test(found) && things(after)) return { say: null };
  const at = ending(before.slice(0, before.length - det.length), "in|on|at|inside|within");
  const own = /['\u2019]s$/u.test(found);
  if (at !== "" && !own && !/^['\u2019]s/u.test(after)) return { say: "place", back: det.length + at.length };
  return { say: "place_bare", back: det.length, tail: own ? "'s" : "" };
}

const LABEL =
  "number|no\\.|section|bus|page|step|flat|apartment|extension|line|code|level|stage|chapter|part|phase|grade|class|type|" +
  "route|size|item|option|article|table|pin";
const CLOSE =
  "friend|sister|brother|mother|father|mum|mom|dad|partner|wife|husband|son|daughter|aunt|uncle|cousin|neighbour|neighbor|" +
  "doctor|nurse|therapist|psychiatrist|worker|keyworker|manager|colleague|boss|receptionist|counsellor|counselor";
/** Words with a capital that say of somebody what they are, or name what they speak. */
const PEOPLES = new RegExp(
  "^(?:\\p{Lu}\\p{L}+(?:ish|nese|ican)|Black|White|Deaf|Blind|Muslim|Jewish|Christian|Hindu|Sikh|Roma|Arab|Thai|Dutch|French|Welsh|Greek|" +
  "Trans|Autistic|Asian|Indian)$", "u");

function name({ found, before, after }: Spot): Plan {
  if (/^my name is/iu.test(found)) return { say: "own_name" };
  const theirs = /^(?:his|her|their) name is /iu.exec(found)?.[0] ?? "";
  if (theirs !== "") return { say: "their_name", back: -theirs.length };
  const called = /^(?:is|was) (?=called)/iu.exec(found)?.[0] ?? "";
  if (called !== "") return { say: "name", back: -called.length };
  const named = ending(before, "called|named");
  if (named !== "") return { say: null, back: named.length };
  if (ending(before, CLOSE) !== "") return { say: null };
  const nth = new RegExp(`^(?:${LABEL})$`, "iu").test(found) ? beginning(after, " \\d+") : "";
  if (nth !== "") return { say: "something", on: nth.length };
  const speaks = ending(before, "speaks?|spoke|speaking|understands?|understood|learns?|learnt") !== "";
  if (speaks && PEOPLES.test(found)) return { say: "something" };
  const tail = /['\u2019]s$/u.test(found) ? "'s" : "";
  const det = ending(before, DET);
  if (tail === "" && !/\s/u.test(found) && (det !== "" || PEOPLES.test(found)) && things(after)) return { say: null };
  const into = tail === "" && /^the /iu.test(det) ? ending(before, "(?:in|on|at|inside|to|from|near|through) the") : "";
  if (/^(?:in|on|at|inside) /iu.test(into)) return { say: "place", back: into.length };
  if (into !== "") return { say: "place_bare", back: det.length };
  return { say: "name", back: det.length, tail };
}

const UNIT = "[ -](?:hour|minute|day|week|month|year|night|mile|bed|person)(?:[ -]old)?";
const SOMEBODY_IS = "(?:i|you|we|they|he|she|who) (?:am|is|was|are|were)|i['\u2019]m|s?he['\u2019]s|turned|turning|being";

function number(spot: Spot): Plan {
  const { found, before, after } = spot;
  const old = beginning(after, "[ -]years?[ -]old");
  const aged = ending(before, "aged");
  const at = ending(before, "at (?:the )?age(?: of)?");
  if (at !== "") return { say: "age", back: at.length, on: old.length, lead: "at " };
  if (aged !== "") return { say: "age", back: aged.length, on: old.length, lead: "of " };
  const a = ending(before, "a|an");
  const det = ending(before, `${DET}|all|both|other|first|last|next|some`);
  if (old !== "") {
    if (det === "") return { say: "age", on: old.length, lead: "of " };
    if (a === "" || things(after.slice(old.length))) return { say: null, on: old.length };
    return { say: "name", back: a.length, on: old.length };
  }
  const unit = beginning(after, UNIT);
  if (unit !== "" && (a !== "" || unit.startsWith("-"))) return { say: null, on: unit.length };
  const attached = /^(?:[\p{L}µ]+|\s?%)/u.exec(after)?.[0] ?? "";
  const money = /[£$\u20ac]\s?$/u.exec(before)?.[0] ?? "";
  if (attached !== "" || money !== "") return { say: "amount", back: money.length, on: attached.length };
  if (ending(before, "(?:room|bed|ward|bay|unit|flat|patient|file|case) no") !== "") return { say: null, back: "no ".length };
  if (ending(before, LABEL) !== "") return { say: null };
  return counted(spot, det, Number(found));
}

const END = /^\s*(?:$|[.,;:!?)\n])/u;

/** A number that stands by itself can be an age or an hour; before a thing it says how many there are. */
function counted({ before, after }: Spot, det: string, n: number): Plan {
  if (det !== "") return beginning(after, " of") !== "" ? { say: "number", back: det.length } : { say: null };
  const ends = END.test(after) || beginning(after, " (?:and|or|but|when|because|so|then|while|i|he|she|they|we)") !== "";
  if (!ends) return { say: "number" };
  const and = /\b(?:am|is|was|were|['\u2019]m) [^.!?,]{1,40} (and )$/iu.exec(before)?.[1] ?? "";
  if (and !== "" && END.test(after)) return { say: null, back: and.length };
  if (ending(before, `(?:${SOMEBODY_IS})(?: (?:only|just|about|nearly))?`) !== "") return { say: "age", lead: "of " };
  const at = ending(before, "at|by|until|since|around|before|after|from");
  if (at !== "" && n > 12 && at.startsWith("at")) return { say: "age" };
  if (at !== "" && n <= 24) return date({ kind: "date", found: "", before, after });
  if (ending(before, "it was|it is|that was|this was|it['\u2019]s") !== "") return { say: "date_ago" };
  return { say: "number" };
}

function rare({ found, before, after }: Spot): Plan {
  const det = ending(before, DET);
  if (/\bonly\b/iu.test(found)) return { say: "only", back: det.length };
  if (/^pregnancy$/iu.test(found)) return { say: "about", back: det.length };
  if (/^pregnant$/iu.test(found)) return det !== "" || things(after) ? { say: null } : { say: "state" };
  if (/^(?:twins?|triplets)$/iu.test(found)) {
    if (ending(before, "(?:am|was|is) a") !== "") return { say: "only", back: det.length };
    const kin = beginning(after, " (?:sister|brother|boy|girl|son|daughter)s?");
    return { say: /s$/iu.test(kin === "" ? found : kin) ? "close_many" : "close", back: det.length, on: kin.length };
  }
  const named = det !== "" || ending(before, "with|of|about|for|from|on|in|at|by|into|like|without|some|any") !== "";
  return named && !things(after) ? { say: "something", back: det.length } : { say: null };
}

function contact({ found, before }: Spot): Plan {
  const by = ending(before, "on|at|via|in|by");
  if (/^(?:https?:|www\.)/iu.test(found)) return by === "" ? { say: "web", lead: "something " } : { say: "web", back: by.length };
  if (/\b(?:is|was|:)\s*$/iu.test(before)) return { say: "kept" };
  if (/^@/u.test(found)) return { say: "name" };
  if (by !== "") return { say: null, back: by.length };
  return { say: found.includes("@") ? "name" : "contact" };
}
