/** Gentler wordings in Spanish. What a preposition has drawn into itself (al, del) comes apart again. */
import { turnsSpanish } from "./mood.js";
import { borne, written } from "./people.js";
import { among, another, beginning, ending, ends, stop, that, thingFollows, type Plan, type Spot } from "./plan.js";

const ARTICLE = "al|del|el|la|los|las|un|una|mi|su|nuestro|nuestra|este|esta|ese|esa";
const PLAIN_WORDS =
  "y|e|o|u|ni|pero|que|quien|cuando|donde|porque|como|si|a|al|de|del|en|con|sin|por|para|desde|hasta|entre|sobre|me|te|se|" +
  "le|les|lo|nos|no|ya|fue|era|es|son|eran|estaba|hay|muy|más|también|nunca|siempre|nadie|nada|allí|aquí|ahí|después|antes|" +
  "luego|entonces";
const PLAIN = new RegExp(`^(?:${PLAIN_WORDS})$`, "iu");

const GOES_ON = "y|e|o|pero|cuando|porque|mientras|ni|me|nos|se|le|les|lo|la|que";

/** Somebody asks for something: said more loosely, they would ask for something else. */
const WISHES = among("por favor|quier[oe]\\p{L}*|queremos|quer[ií]\\p{L}*|pido|pedimos|ruego");
const ASKS = new RegExp(
  "^[\\s¡]*(?:ll[aá]m\\p{L}+|d[ií]gan?\\p{L}*|dile|d[ií]les|pregunt[ea]n?(?:le)?|env[ií]\\p{L}+|mand[ea]n?\\p{L}*|" +
  "ll[eé]v[ae]\\p{L}*|vengan?|ven|vayan?|hablen?|pong[aá]\\p{L}*|escr[ií]b\\p{L}+|d[eé]jen?\\p{L}*)(?![\\p{L}\\p{M}])", "iu");

export function spanish(spot: Spot): Plan {
  if (spot.kind === "contact") return contact(spot);
  const { sentence } = spot;
  if (turnsSpanish(sentence) || WISHES.test(sentence) || ASKS.test(sentence) || sentence.includes("¿")
    || spot.rest.includes("?")) return null;
  return { date, place, name, number, rare }[spot.kind](spot);
}

/** The preposition that an article has drawn into itself. */
const apart = (article: string): string => (/^al\s/iu.test(article) ? "a " : /^del\s/iu.test(article) ? "de " : "");

const WHICH = "(?:al|del|el|la|este|esta|ese|esa|pasado|próximo|mismo|año|mes de|mes|día)";
/** What goes on and on did not happen at some time. */
const RECURS = among("cada|tod[oa]s|siempre|veces");

function date({ found, before, after, rest: sentenceEnd }: Spot): Plan {
  const on = beginning(after, " (?:por|de) la (?:mañana|tarde|noche)| (?:pasad[oa]|próxim[oa]|siguiente)").length;
  if (RECURS.test(sentenceEnd) || ending(before, "los|las|unos|unas|muchos|varios|algunos|otros|dos|tres") !== "") return null;
  if (/^(?:s[a\u00e1]bados|domingos)$/iu.test(found) || /[\u00a3$\u20ac]\s?$/u.test(before)) return null;
  if (/^\d+\.\d+$/u.test(found)) return null;
  if (/^(?:a las? |[\d./-]+$)/iu.test(found) && thingFollows(after.slice(on), PLAIN)) return null;
  const which = ending(before, `${WHICH}(?: ${WHICH})*`);
  const rest = before.slice(0, before.length - which.length);
  if (/(?:^|[^\p{L}])(?:entre [^.!?]{1,30}|ese momento[^.!?]*)$/iu.test(before)) return null;
  if (/^del\s/iu.test(which)) return { say: "date_that", back: which.length, on, lead: "de " };
  if (ending(rest, "desde|hasta|de|hacia|sobre|para|contra") !== "") return { say: "date_that", back: which.length, on };
  const at = /^al\s/iu.test(which) ? "" : ending(rest, "en|a|por|durante");
  const was = ending(rest.slice(0, rest.length - at.length), "fue|era");
  return { say: was === "" ? "date" : "date_ago", back: which.length + at.length, on };
}

const GOES =
  "fu[ei]|fuimos|fueron|iba|ir|voy|va|vamos|llegu?\\p{L}*|llev\\p{L}*|volv\\p{L}*|mud\\p{L}*|traslad\\p{L}*|viaj\\p{L}*|" +
  "mand\\p{L}*|envi\\p{L}*|entr\\p{L}*|regres\\p{L}*|vin[eo]|bus|tren|camino|cerca";
const TO_PLACE = new RegExp(`(?:^|[^\\p{L}])(?:${GOES})(?: (?:me|sola?|otra vez))? a $`, "iu");
const COMES =
  "soy|somos|eres|es|era|son|veng[oa]|vien\\p{L}*|vin[eo]|sal\\p{L}*|lejos|cerca|fuera|centro|ciudad|pueblo|barrio|calle|" +
  "hospital|norte|sur|este|oeste|universidad|traslad\\p{L}*|gente|tren|volv\\p{L}*";
const OF_PLACE = new RegExp(`(?:^|[^\\p{L}])(?:${COMES}) de $`, "iu");

/** Whom one shouts at, trusts or believes in is no place. */
const NO_PLACE =
  /(?:^|[^\p{L}])(?:cre[oeíy]\p{L}*|conf[ií]\p{L}*|pens\p{L}*|piens\p{L}*|fe|habl\p{L}*|dij\p{L}*|escri\p{L}*)(?: \p{L}+)? en $/iu;

/** What is said of those whom somebody hates is no place that can go. */
const SLUR = among("(?:odi|insult|despreci|asco|culp|d[ie]j|dic|grit|llam[aóé])\\p{L}*");

function place(spot: Spot): Plan {
  const { found, before, after, sentence } = spot;
  if (/^\p{Lu}[\p{L}'\u2019-]+(?: \p{Lu}[\p{L}'\u2019-]+)*$/u.test(found)) {
    const leads = ending(before, "a|de").trim().toLowerCase();
    if (leads === "de" && SLUR.test(sentence)) return null;
    if (borne(found) && (leads === "de" || !TO_PLACE.test(before))) return leads === "" ? null : name(spot);
    if ((leads === "a" && !TO_PLACE.test(before)) || (leads === "de" && !OF_PLACE.test(before))
      || NO_PLACE.test(before)) return null;
  }
  const article = ending(before, ARTICLE);
  if (ending(before, "otr[oa]s?|las|los|una?|dos|tres") !== ""
    || beginning(after, " (?:es|era|fue|est\\p{L}+)") !== "") return null;
  const at = ending(before.slice(0, before.length - article.length), "en");
  if (at !== "" && apart(article) === "") return { say: "place", back: article.length + at.length };
  return { say: "place_bare", back: article.length, lead: apart(article) };
}

const CLOSE =
  "amig[oa]|herman[oa]|madre|padre|mamá|papá|novi[oa]|pareja|espos[oa]|marido|mujer|hij[oa]|tí[oa]|prim[oa]|vecin[oa]|" +
  "terapeuta|psicólog[oa]|psiquiatra|compañer[oa]|jef[ea]";
/** What stands before a name: what it is said with, or whose it is. */
const CALLED = new RegExp(
  "^(me llamo |mi (?:nombre|apellido) (?:es|era) |se llam(?:a|aba) |su (?:nombre|apellido) (?:es|era) |" +
  "\\p{L}+ (?:llamad|apellidad)[oa] |\\p{L}+\\.? )(.+)$", "iu");
const isName = (words: string): boolean => (written(words) && words !== words.toUpperCase()) || borne(words);
/** Where somebody says a thing plainly: nothing stands before it that they might only think, or that another says. */
const plainly = (sentence: string): boolean =>
  /^(?:[\s"'\u201c\u00ab(\u00a1-]*|.*(?:[,;]|(?:^|[^\p{L}])(?:y|pero|porque)))\s*(?:yo )?$/isu.test(sentence) && !WAVERS.test(sentence);
const WAVERS = among(
  "d[ie][cj]\\p{L}*|dig\\p{L}*|dir[iíáé]\\p{L}*|cre[oeíy]\\p{L}*|pens\\p{L}*|piens\\p{L}*|sent\\p{L}*|sient\\p{L}*|" +
  "opin\\p{L}*|seg[uú]n|oí|escuch\\p{L}*|pregunt\\p{L}*|como|podr\\p{L}*|pued\\p{L}*|tem\\p{L}*|miedo|sab[ieí]\\p{L}*|sé|" +
  "segur[oa]|afirm\\p{L}*|cuent\\p{L}*|cont[oó]\\p{L}*");

function name(spot: Spot): Plan {
  const { found, before, after, sentence, rest } = spot;
  const [, lead = "", who = found] = CALLED.exec(found) ?? [];
  if (!isName(who) || (/llam|nombre|apellido/iu.test(lead) && thingFollows(after, PLAIN))) return null;
  if (/^(?:me llamo|mi) /iu.test(lead)) return plainly(sentence) && !WAVERS.test(rest) && !/era $/iu.test(lead)
    ? { say: "own_name" } : null;
  if (/^(?:se llam|su )/iu.test(lead)) return { say: "their_name" };
  if (ending(before, CLOSE) !== "") return lead === "" ? { say: "out" } : null;
  if (lead === "" && !borne(who)) return null;
  const article = ending(before, ARTICLE);
  return ending(before, "los|las|otr[oa]s?") === "" ? { say: "name", back: article.length, lead: apart(article) } : null;
}

const OWNED = "mis|sus|nuestros|nuestras";
const LABEL = "números?|sección|línea|autobús|página|artículo|código|nivel|fase|parte|talla|n\\.?[ºo°]";
/** Behind these a number says how many there were; behind "menos de" or "los primeros" it says something else. */
const COUNTS = /(?:^\s*|[.!?:;,]\s*|[^\p{L}](?:\p{L}+(?:ron|ban|[ií]an|[oóéí]|[ae]n)|por|con|durante|hay|fui|me|y) )$/iu;
const NOT_COUNTS =
  /(?:^|[^\p{L}])(?:como|cuando|tanto|cuanto|luego|unos|otros|segundo|tercero|primero|último|número|según|también|uno|cien) $/iu;

function number({ before, after, sentence }: Spot): Plan {
  const years = beginning(after, " años(?: de edad)?");
  const at = ending(before, "a (?:los|mis|sus)");
  if (at !== "" && years !== "") return { say: "age", back: at.length, on: years.length, lead: "a " };
  const ages = ending(before, "(?:tengo|tenía|tiene|tuve|cumplí|cumplió|cumplo)(?: ya)?") !== "";
  const over = ends(after, "y|pero|cuando|porque");
  if (ages && (years !== "" || over)) return { say: "age", on: years.length };
  const who = ending(before, "(?:mujer|hombre|chic[oa]|niñ[oa]|persona|paciente|hij[oa]|herman[oa]) (?:de|con)");
  if (years !== "" && ending(before, "de|con") !== "") return who === "" ? null : { say: "age", on: years.length };
  const counts = COUNTS.test(` ${sentence}`.replace(/^\s+$/u, "")) && !NOT_COUNTS.test(sentence);
  const attached = /^(?:[\p{L}µ]+|\s?[%\u20ac$])/u.exec(after)?.[0] ?? "";
  const money = /[£$\u20ac]\s?$/u.exec(before)?.[0] ?? "";
  if (attached !== "" || money !== "") return counts && money === "" ? { say: "amount", on: attached.length } : null;
  if (ending(before, LABEL) !== "") return { say: "out" };
  if (ending(before, OWNED) !== "") return beginning(after, " de") === "" && thingFollows(after, PLAIN) ? { say: "out" } : null;
  if (!counts) return null;
  const of = beginning(after, " de");
  if (of !== "") return { say: "number", on: of.length };
  return thingFollows(after, PLAIN) && /^ \p{L}+s(?!\p{L})/u.test(after) ? { say: "number" } : null;
}

/** What is said of the one who writes beside that there is no other, and goes with it. */
const ALSO =
  " (?:negr[oa]|trans|sord[oa]|cieg[oa]|gay|lesbiana|musulmana|musulmán|árabe|gitan[oa]|latin[oa]|extranjer[oa]|" +
  "jud[ií][oa]|asiátic[oa]|african[oa]|marroquí|blanc[oa]|indígena|autista|embarazada|joven|mayor|migrante)";
/** What may follow the one who writes: where, and when. Who is meant by it, and what they did, would be said of others too. */
const THERE = new RegExp(
  "^((?: (?:allí|aquí|ahí|entonces|ahora|(?:en|de|del)(?: [\\p{L}\\d'\u2019-]+){1,4}))?)" +
  "\\s*(?:$|[.,;!)\\n]| (?:y|pero|porque|cuando) )", "iu");
const OTHERS = among("que|quien|a|se|me|no|las|los");
/** What comes before the next clause of a sentence. */
const clause = (rest: string): string => rest.split(/[,;]| (?:y|pero|porque|cuando) /iu)[0] ?? "";

function rare({ found, before, after, sentence, rest }: Spot): Plan {
  if (/^(?:el|la) [uú]nic/iu.test(found)) return only({ after, sentence, rest });
  const det = ending(before, ARTICLE);
  if (/^embarazo$/iu.test(found)) return ending(before, "mi") !== "" ? { say: "about", back: det.length } : null;
  const is = ending(before, "(?:est|qued|sig|segu)\\p{L}*(?: muy| ya)?|y") !== "";
  if (/^embarazad/iu.test(found)) return is && det === "" && ends(after, GOES_ON) ? { say: "state" } : null;
  if (!/^mi /iu.test(found) && ending(before, "mis?") === "") return null;
  const mine = ending(before, "mis?");
  return { say: /s$/iu.test(found) ? "close_many" : "close", back: mine.length };
}

function only({ after, sentence, rest }: Pick<Spot, "after" | "sentence" | "rest">): Plan {
  const me = /^(.*?)(?:(?:^|[^\p{L}])(?:soy|fui)(?: yo)?|(?:^|[^\p{L}])yo era) $/isu.exec(sentence)?.[1];
  if (me === undefined || !plainly(me) || WAVERS.test(rest) || turnsSpanish(clause(rest))) return null;
  const also = beginning(after, `(?:${ALSO})+`);
  const there = THERE.exec(after.slice(also.length))?.[1] ?? " que";
  return OTHERS.test(there) ? null : { say: "only", on: also.length };
}

function contact({ found, before, sentence, rest }: Spot): Plan {
  if (turnsSpanish(sentence)) {
    if (another(sentence, rest) || /(?:^|[^\p{L}])(?:es|era|no|sea)\s+$|[,:]\s*$/iu.test(before) || /^@/u.test(found)) return null;
    const al = ending(before, "al");
    return { ...that(found), back: al.length, lead: apart(al) };
  }
  const by = ending(before, "al|en|por|con");
  if (/^(?:https?:|www\.)/iu.test(found)) return { say: "web", ...(by === ""
    ? { lead: "algo " } : { back: by.length }), tail: stop(found) };
  if (/(?:^|[^\p{L}])(?:es|era)\s+$|:\s*$/iu.test(before)) return { say: "kept" };
  if (/^@/u.test(found)) return { say: "name" };
  if (by !== "") return { say: "out", back: by.length };
  const to = /(?:^|[^\p{L}])(?:me|nos) \p{L}+ (a )$/iu.exec(before)?.[1] ?? "";
  if (to !== "") return { say: "out", back: to.length };
  return { say: found.includes("@") ? "name" : "contact" };
}
