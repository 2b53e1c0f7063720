/** Gentler wordings in Spanish. What a preposition has drawn into itself (al, del) comes apart again. */
import { beginning, ending, thingFollows, type Plan, type Spot } from "./plan.js";

const ARTICLE = "al|del|el|la|los|las|un|una|mi|su|nuestro|nuestra|este|esta|ese|esa";
const PLAIN_WORDS =
  "y|e|o|u|ni|pero|que|quien|cuando|donde|porque|como|si|a|al|de|del|en|con|sin|por|para|desde|hasta|entre|sobre|me|te|se|" +
  "le|les|lo|nos|no|ya|fue|era|es|son|eran|estaba|hay|muy|más|también|nunca|siempre|nadie|nada|allí|aquí|ahí|después|antes|" +
  "luego|entonces";
const PLAIN = new RegExp(`^(?:${PLAIN_WORDS})$`, "iu");

export function spanish(spot: Spot): Plan {
  return { date, place, name, number, rare, contact }[spot.kind](spot);
}

/** The preposition that an article has drawn into itself. */
const apart = (article: string): string => (/^al\s/iu.test(article) ? "a " : /^del\s/iu.test(article) ? "de " : "");

const WHICH = "(?:al|del|el|la|los|las|este|esta|ese|esa|cada|todos los|todas las|pasado|próximo|mismo|año|mes de|mes|día)";

function date({ before, after }: Spot): Plan {
  const on = beginning(after, " (?:por|de) la (?:mañana|tarde|noche)| (?:pasad[oa]|próxim[oa]|siguiente)").length;
  const which = ending(before, `${WHICH}(?: ${WHICH})*`);
  const rest = before.slice(0, before.length - which.length);
  if (/^del\s/iu.test(which)) return { say: "date_that", back: which.length, on, lead: "de " };
  if (ending(rest, "desde|hasta|de|hacia|entre|sobre|para|contra") !== "") return { say: "date_that", back: which.length, on };
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

function place(spot: Spot): Plan {
  const { found, before } = spot;
  if (/^\p{Lu}[\p{L}'\u2019-]+(?: \p{Lu}[\p{L}'\u2019-]+)*$/u.test(found)) {
    const leads = ending(before, "a|de").trim().toLowerCase();
    if ((leads === "a" && !TO_PLACE.test(before)) || (leads === "de" && !OF_PLACE.test(before))) return name(spot);
  }
  const article = ending(before, ARTICLE);
  const at = ending(before.slice(0, before.length - article.length), "en");
  if (at !== "" && apart(article) === "") return { say: "place", back: article.length + at.length };
  return { say: "place_bare", back: article.length, lead: apart(article) };
}

const CLOSE =
  "amig[oa]|herman[oa]|madre|padre|mamá|papá|novi[oa]|pareja|espos[oa]|marido|mujer|hij[oa]|tí[oa]|prim[oa]|vecin[oa]|" +
  "terapeuta|psicólog[oa]|psiquiatra|compañer[oa]|jef[ea]|llamad[oa]";

function name({ found, before }: Spot): Plan {
  if (/^(?:me llamo|mi (?:nombre|apellido)) /iu.test(found)) return { say: "own_name" };
  if (/^(?:se llam|su (?:nombre|apellido) )/iu.test(found)) return { say: "their_name" };
  if (ending(before, CLOSE) !== "") return { say: null };
  const article = ending(before, ARTICLE);
  return { say: "name", back: article.length, lead: apart(article) };
}

const OWNED = "los|las|mis|sus|tus|nuestros|nuestras|estos|estas|esos|esas|otros|otras";
const LABEL = "números?|sección|línea|autobús|página|artículo|código|nivel|fase|parte|talla|n\\.?[ºo°]";

function number({ before, after }: Spot): Plan {
  const years = beginning(after, " años(?: de edad)?");
  const at = ending(before, "a (?:los|mis|sus)");
  if (at !== "" && years !== "") return { say: "age", back: at.length, on: years.length, lead: "a " };
  const ages = ending(before, "(?:tengo|tenía|tiene|tuve|cumplí|cumplió|cumplo)(?: solo| ya| casi)?") !== "";
  const ends = /^\s*(?:$|[.,;:!?)\n])/u.test(after) || beginning(after, " (?:y|pero|cuando|porque)") !== "";
  if (ages && (years !== "" || ends)) return { say: "age", on: years.length };
  if (years !== "" && ending(before, "de|con") !== "") return { say: "age", on: years.length };
  const attached = /^(?:[\p{L}µ]+|\s?[%\u20ac$])/u.exec(after)?.[0] ?? "";
  const money = /[£$\u20ac]\s?$/u.exec(before)?.[0] ?? "";
  if (attached !== "" || money !== "") return { say: "amount", back: money.length, on: attached.length };
  const of = beginning(after, " de");
  const owned = ending(before, OWNED);
  if (of !== "") return { say: "number", back: owned.length, on: of.length };
  if (owned !== "" || ending(before, LABEL) !== "" || !thingFollows(after, PLAIN)) return { say: null };
  return { say: "number" };
}

function rare({ found, before }: Spot): Plan {
  const det = ending(before, ARTICLE);
  if (/^(?:el|la) /iu.test(found)) return { say: "only" };
  if (/^embarazo$/iu.test(found)) return { say: "about", back: det.length, lead: apart(det) };
  const is = ending(before, "(?:est|qued|sig|segu)\\p{L}*(?: muy| ya)?|y") !== "";
  if (/^embarazad/iu.test(found)) return { say: is ? "state" : null };
  const article = ending(before, ARTICLE);
  return { say: /s$/iu.test(found) ? "close_many" : "close", back: article.length, lead: apart(article) };
}

function contact({ found, before }: Spot): Plan {
  const by = ending(before, "al|en|por|con");
  if (/^(?:https?:|www\.)/iu.test(found)) return by === "" ? { say: "web", lead: "algo " } : { say: "web", back: by.length };
  if (/(?:^|[^\p{L}])(?:es|era)\s+$|:\s*$/iu.test(before)) return { say: "kept" };
  if (/^@/u.test(found)) return { say: "name" };
  if (by !== "") return { say: null, back: by.length };
  return { say: found.includes("@") ? "name" : "contact" };
}
