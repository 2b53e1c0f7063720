/**
 * What names, days, places, numbers and rare details look like in a language. English and Spanish tell names by their capitals;
 * Arabic has none, so there a name is seen only behind a title or "my name is". Of other languages it knows numbers alone.
 */
export type MarkKind = "contact" | "date" | "number" | "place" | "name" | "rare";
export type Look = [MarkKind, RegExp];

const OTHER = String.raw`(?:^|[^\p{L}\p{M}\p{N}])`; // no lookbehind: older phones refuse the whole script for it
const END = String.raw`(?![\p{L}\p{M}\p{N}])`;
/** A whole word or several, with the letters of any script. */
const whole = (pattern: string): RegExp => new RegExp(`${OTHER}(${pattern})${END}`, "giu");
/** As whole, followed by a word that is none of the plain ones. */
const followed = (before: string, plain: string, more = ""): RegExp =>
  whole(String.raw`(?:${before})\.? ${more}(?!(?:${plain})${END})[\p{L}\p{M}'\u2019-]{2,}`);

const NUMBERS: Look[] = [
  ["date", /\b\d{4}-\d{2}-\d{2}\b/gu],
  ["contact", /\b[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,9}|\bhttps?:\/\/\S+|\bwww\.\S+|\B@\w{2,}|\+?\d[\d ()-]{6,}\d/giu],
];
const TIMES: Look[] = [
  ["date", /\b\d{1,2}[./-]\d{1,2}(?:[./-]\d{2,4})?\b|\b(?:19|20)\d\d\b|\b\d{1,2}[:.]\d{2}(?: ?[ap]\.?m\b)?|\b\d{1,2} ?(?:[ap]m|o'clock)\b/giu],
];
const DIGITS: Look[] = [["number", /\d+(?:[.,]\d+)*/gu]];

const MONTH = "jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?";
const COUNT = "two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|eighteen|nineteen|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety|hundred|thousand|dozen";
/** Words for places, in English. */
export const SPOT = "ward|room|floor|bed|bay|unit|wing|building|house|clinic|hospital|street|road|avenue|lane|square|station|school|college|university|church|mosque|temple|synagogue|park|town|village|city|county|bridge|hostel|shelter|prison|shop|caf\u00e9|cafe|pub";
/** With and without a capital: the letter i in a pattern would make every capital letter any letter. */
const SPOT_ANY = SPOT.split("|").map((s) => `[${s.slice(0, 1)}${s.slice(0, 1).toUpperCase()}]${s.slice(1)}`).join("|");
/** Words that follow "the nurse" or come before "hospital" and are no names. */
const PLAIN =
  "a|an|the|my|our|your|his|her|its|their|this|that|these|those|another|any|each|every|some|one|no|of|in|on|at|to|by|or|and|but|as|if|so|from|for|with|without|near|into|onto|than|then|there|here|" +
  "is|was|were|are|be|been|has|had|have|did|does|do|didn't|wasn't|wouldn't|said|says|told|came|comes|went|got|gave|took|put|held|kept|made|let|left|saw|knew|thought|ran|sat|stood|spoke|hit|hurt|threw|broke|would|will|could|can|may|might|must|should|" +
  "not|never|just|also|only|always|again|who|whom|which|what|when|where|why|how|because|while|after|before|about|out|up|down|off|over|back|away|i|me|we|us|he|him|she|they|them|you|it|" +
  "new|old|same|other|next|first|last|main|big|small|local|nearest|general|mental|psychiatric|private|public|state|day|night|walk-in|health|high|primary|good|bad|whole|went|inside|outside|nurse|nurses|doctor|station|office|call|notes|team|manager|practitioner|assistant|appointment|[a-z]+(?:ed|ing|ly)";
/** Plain words that have a capital where they open a sentence, and no part in the name of a place. */
const OPENERS = "The|A|An|My|Our|Your|His|Her|Their|This|That|In|On|At|To|From|Of|Near|By|And|But|Then|When|After|Before|While|Since|Until|No|Every|Some|Was|Is|Inside|Outside";
const english = (): Look[] => [
  ...NUMBERS,
  ["date", new RegExp(String.raw`\b(?:\d{1,2}(?:st|nd|rd|th)?(?: of)? (?:${MONTH})|(?:${MONTH}) \d{1,2}(?:st|nd|rd|th)?)\b(?:,? \d{4})?`, "giu")],
  ...TIMES,
  ["date", /\b(?:mon|tues|wednes|thurs|fri|satur|sun)days?\b|\b(?:yesterday|last night|this morning|christmas|easter|ramadan|eid|passover|hanukkah|diwali|new year'?s?|halloween|thanksgiving|(?:my|her|his|their) birthday|midnight|noon|\d{1,2}(?:st|nd|rd|th))\b/giu],
  // Only with a capital: may, march and august are also plain words.
  ["date", /\b(?:January|February|March|April|May|June|July|August|September|October|November|December)\b/gu],
  ["rare", /\b(?:the )?only (?:\p{L}+[ -]){0,2}(?:man|woman|person|patient|one|boy|girl|nurse|doctor|worker|student|trans|gay|black|deaf|blind)\b(?: (?:man|woman|person|patient|one)\b)?|\b(?:twins?|triplets|pregnant|pregnancy)\b/giu],
  ["place", new RegExp(String.raw`\b(?!(?:${OPENERS}) )(?:\p{Lu}[\p{L}'\u2019-]+ ){1,3}(?:${SPOT_ANY})(?!\p{L})`, "gu")],
  ["place", new RegExp(String.raw`\b(?:${SPOT_ANY}) (?:\d+\p{L}?|\p{Lu}(?![\p{L}'\u2019])|\p{Lu}[\p{L}'\u2019-]+)(?!\p{L})`, "gu")],
  ["place", whole(String.raw`(?!(?:${PLAIN}|${SPOT})${END})[\p{L}'\u2019-]{3,} (?:hospital|clinic|university|college|prison)`)],
  ["place", new RegExp(String.raw`\b(?:${SPOT_ANY})(?!\p{L})`, "gu")],
  ["name", /\b(?:Dr|Doctor|Nurse|Mr|Mrs|Ms|Mx|Miss|Prof|Professor|Sister|Father|Rev)\.? \p{Lu}[\p{L}'\u2019-]+(?: \p{Lu}[\p{L}'\u2019-]+)*/gu],
  ["place", /\b(?:in|at|near|from|to|of) (\p{Lu}[\p{L}'\u2019-]+(?: \p{Lu}[\p{L}'\u2019-]+)*)/gu],
  ["number", new RegExp(String.raw`\d+(?:[.,]\d+)*|\b(?:${COUNT})\b`, "giu")],
  ["name", followed("dr|doctor|nurse|mr|mrs|ms|mx|prof|professor|therapist|my name is|(?:his|her|their) name is|(?:was|is) called", PLAIN)],
];

const MES = "enero|febrero|marzo|abril|mayo|junio|julio|agosto|septiembre|setiembre|octubre|noviembre|diciembre";
const LLANAS =
  "de|del|que|quien|y|e|o|u|no|ni|me|te|se|le|les|lo|la|los|las|el|un|una|en|a|al|con|sin|por|para|porque|pero|donde|cuando|como|muy|m\u00e1s|mi|su|nos|ya|nunca|tambi\u00e9n|siempre|entonces|era|es|fue|son|eran|estaba|est\u00e1|ten\u00eda|hizo|dijo|dice|vino|fui|hab\u00eda|ha|p\u00fablico|p\u00fablica|privado|privada|nuevo|nueva|jefe|jefa|general|dec\u00eda|hac\u00eda|quer\u00eda|sab\u00eda|pod\u00eda|ven\u00eda|ser\u00eda|re\u00eda|psiqui\u00e1trico|psiqui\u00e1trica|" +
  "mayor|menor|peque\u00f1o|peque\u00f1a|cerrada|cerrado|abierta|grande|com\u00fan|mental|solo|sola|s\u00f3lo|quiso|puso|tuvo|pudo|supo|vio|dio|trajo|llegu\u00e9|volv\u00ed|va|iba|viene|hay|habla|sabe|puede|quiere|tiene|debe|grita|" +
  "est[aeo]s?|es[aeo]s?|otr[ao]s?|antes|despu\u00e9s|luego|sobre|hasta|desde|entre|contra|durante|cada|aqu\u00ed|all\u00ed|ah\u00ed|bien|mal|m\u00e1s|menos|tan|a\u00fan|todav\u00eda|tampoco|nadie|nada|tod[ao]s?|hoy|ayer|si|pues|jefes?|social|de guardia|" +
  "[a-z]+(?:mente|\u00f3|aba|aron|ieron|iendo|ado|ada)";
const PUESTO = "primer|segund|tercer|cuart|quint|sext|s[e\u00e9]ptim|octav";
/** The number of a day in words, or about which day it was. */
const DIA = "primero|uno|dos|tres|cuatro|cinco|seis|siete|ocho|nueve|diez|once|doce|trece|catorce|quince|veinte|dieci\\p{L}+|veinti\\p{L}+|treinta(?: y uno)?|principios|mediados|finales";
const spanish = (): Look[] => [
  ...NUMBERS,
  ["date", whole(`(?:(?:\\d{1,2}(?:\u00ba|\\.\u00ba|\u00b0|er)?|${DIA})(?: de)? )?(?:${MES})(?: (?:de|del) \\d{4})?|\\d{1,2}(?: de)? (?:ene|feb|mar|abr|may|jun|jul|ago|sept?|oct|nov|dic)`)],
  ...TIMES,
  ["date", whole("lunes|martes|mi[e\u00e9]rcoles|jueves|viernes|s[a\u00e1]bados?|domingos?|ayer|anteayer|antier|anoche|esta (?:ma\u00f1ana|tarde|noche)|navidad(?:es)?|nochebuena|nochevieja|fin de a\u00f1o|a\u00f1o nuevo|semana santa|pascuas?|d[i\u00ed]a de (?:muertos|reyes)|ramad[a\u00e1]n|(?:mi|su) cumplea\u00f1os|mediod[i\u00ed]a|medianoche|a las? (?:\\d{1,2}|una|dos|tres|cuatro|cinco|seis|siete|ocho|nueve|diez|once|doce)")],
  ["rare", whole(`(?:(?:mi|su) )?(?:herman[oa]s? )?(?:gemel[oa]s?|melliz[oa]s?|trilliz[oa]s?)|embarazad[oa]|embarazo|(?:el|la) [u\u00fa]nic[oa] (?!que${END})\\p{L}+(?: trans)?`)],
  ["place", whole(`(?:hospital|cl[i\u00ed]nica|centro(?: de (?:salud|d[i\u00ed]a|acogida|menores|mayores))?|ambulatorio|consultorio|sanatorio|residencia|albergue|colegio|escuela|instituto|universidad|iglesia|mezquita|sinagoga|parroquia|calle|avenida|carretera|paseo|plaza|parque|barrio|pueblo|ciudad|estaci[o\u00f3]n|comisar[i\u00ed]a|c[a\u00e1]rcel|prisi[o\u00f3]n) (?:(?:de|del|la|el|las|los) ){0,2}(?!(?:${LLANAS}|salud|d[i\u00ed]a|acogida|menores|mayores)${END})[\\p{L}'\u2019-]{2,}(?: (?!(?:${LLANAS})${END})[\\p{L}'\u2019-]{3,})?`)],
  ["place", whole(`(?:planta|piso|sala|habitaci[o\u00f3]n|cuarto|cama|box|consulta|unidad|pabell[o\u00f3]n|m[o\u00f3]dulo|edificio|ala|puerta) (?:n[u\u00fa]mero |n\\.?[\u00bao\u00b0] ?)?\\d+\\p{L}?`)],
  ["place", whole(`(?:${PUESTO})[oa]? (?:planta|piso)|(?:planta|piso) (?:${PUESTO})[oa]`)],
  // A letter with a capital: a is a plain word.
  ["place", /(?:^|[^\p{L}\p{M}])((?:[Pp]lanta|[Pp]iso|[Ss]ala|[Uu]nidad|[Pp]abell[o\u00f3]n|[Mm]\u00f3dulo|[Ee]dificio|[Aa]la) \p{Lu})(?![\p{L}\p{M}])/gu],
  ["place", /(?:^|[^\p{L}\p{M}])(?:[Ee]n|[Dd]e|[Dd]esde|[Aa]|[Hh]asta|[Hh]acia) (\p{Lu}[\p{L}'\u2019-]+(?: \p{Lu}[\p{L}'\u2019-]+)*)/gu],
  ["name", followed("dr|dra|doctora?|enfermer[oa]|sra?|srta|se\u00f1ora?|se\u00f1orita|don|do\u00f1a|sor|profesora?|psic[o\u00f3]log[oa]|psiquiatra|terapeuta|lic|licenciad[oa]|me llamo|se llam(?:a|aba)|(?:mi|su) nombre (?:es|era)|(?:mi|su) apellido (?:es|era)|(?:mujer|hombre|persona|chic[oa]|ni\u00f1[oa]|hij[oa]|herman[oa]|amig[oa]|enfermer[oa]|doctora?) (?:llamad|apellidad)[oa]", LLANAS)],
  ...DIGITS,
];

const SHAHR = "\u064a\u0646\u0627\u064a\u0631|\u0641\u0628\u0631\u0627\u064a\u0631|\u0645\u0627\u0631\u0633|[\u0623\u0627]\u0628\u0631\u064a\u0644|\u0645\u0627\u064a\u0648|\u064a\u0648\u0646\u064a\u0648|\u064a\u0648\u0644\u064a\u0648|[\u0623\u0627]\u063a\u0633\u0637\u0633|\u0633\u0628\u062a\u0645\u0628\u0631|[\u0623\u0627]\u0643\u062a\u0648\u0628\u0631|\u0646\u0648\u0641\u0645\u0628\u0631|\u062f\u064a\u0633\u0645\u0628\u0631|\u0643\u0627\u0646\u0648\u0646 \u0627\u0644(?:[\u0623\u0627]\u0648\u0644|\u062b\u0627\u0646\u064a)|\u062a\u0634\u0631\u064a\u0646 \u0627\u0644(?:[\u0623\u0627]\u0648\u0644|\u062b\u0627\u0646\u064a)|\u0634\u0628\u0627\u0637|[\u0622\u0627]\u0630\u0627\u0631|\u0646\u064a\u0633\u0627\u0646|[\u0623\u0627]\u064a\u0627\u0631|\u062d\u0632\u064a\u0631\u0627\u0646|\u062a\u0645\u0648\u0632|[\u0623\u0627]\u064a\u0644\u0648\u0644|\u062c\u0627\u0646\u0641\u064a|\u0641\u064a\u0641\u0631\u064a|[\u0623\u0627]\u0641\u0631\u064a\u0644|\u062c\u0648\u064a\u0644\u064a\u0629|\u0631\u0645\u0636\u0627\u0646|\u0634\u0648\u0627\u0644|\u0634\u0639\u0628\u0627\u0646";
/** Months whose names are plain words too, and are looked for behind the number of a day alone. */
const SHAHR_ADAD = "\u0645\u0627\u064a|\u062c\u0648\u0627\u0646|[\u0623\u0627]\u0648\u062a|\u0645\u062d\u0631\u0645|\u0635\u0641\u0631|\u0631\u0628\u064a\u0639 \u0627\u0644(?:[\u0623\u0627]\u0648\u0644|[\u0622\u0627]\u062e\u0631|\u062b\u0627\u0646\u064a)|\u062c\u0645\u0627\u062f[\u0649\u064a] \u0627\u0644(?:[\u0623\u0627]\u0648\u0644\u0649|[\u0622\u0627]\u062e\u0631\u0629|\u062b\u0627\u0646\u064a\u0629)|\u0631\u062c\u0628|\u0630[\u0648\u064a] (?:\u0627\u0644\u0642\u0639\u062f\u0629|\u0627\u0644\u062d\u062c\u0629)";
/** "and", "in", "for" and the like stand in one with the word that follows. */
const JOINED = "(?:[\u0648\u0641])?(?:[\u0628\u0644\u0643])?";
/** Which one of several: the first to the tenth, with its article. */
const RUTBA = "\u0627\u0644(?:[\u0623\u0627]\u0648\u0644\u0649?|\u062b\u0627\u0646\u064a|\u062b\u0627\u0644\u062b|\u0631\u0627\u0628\u0639|\u062e\u0627\u0645\u0633|\u0633\u0627\u062f\u0633|\u0633\u0627\u0628\u0639|\u062b\u0627\u0645\u0646|\u062a\u0627\u0633\u0639|\u0639\u0627\u0634\u0631|\u062d\u0627\u062f\u064a|\u0648\u0627\u062d\u062f)\u0629?";
/** First words of names that have two. */
const KUNYA = "\u0639\u0628\u062f|[\u0623\u0627]\u0628\u0648|[\u0627\u0625]\u0628\u0646|\u0628\u0646|\u0628\u0646\u062a|\u0622\u0644|\u0627\u0644(?:\u0645\u0644\u0643\u0629?|[\u0623\u0627]\u0645\u064a\u0631\u0629?|\u0634\u064a\u062e\u0629?|\u0642\u062f\u064a\u0633\u0629?)";
/** Names that begin or end as verbs do. */
const ASMA =
  "\u064a\u0648\u0633\u0641|\u064a\u0627\u0633\u0631|\u064a\u0627\u0633\u064a\u0646|\u064a\u0627\u0633\u0645\u064a\u0646|\u064a\u062d\u064a\u0649|\u064a\u0648\u0646\u0633|\u064a\u0632\u0646|\u0648\u0644\u064a\u062f|\u0648\u0627\u0626\u0644|\u0648\u0641\u0627\u0621|\u0648\u0633\u0627\u0645|\u0641\u0627\u0637\u0645\u0629|\u0641\u0647\u062f|\u0641\u064a\u0635\u0644|\u0641\u0624\u0627\u062f|\u0641\u0627\u062f\u064a|\u0641\u0627\u0631\u0633|\u0641\u0627\u0631\u0648\u0642|\u0641\u0631\u0627\u0633|\u0641\u0631\u064a\u062f\u0629?|\u062a\u0627\u0645\u0631|\u062a\u064a\u0633\u064a\u0631|\u062a\u0648\u0641\u064a\u0642|\u0637\u0644\u0639\u062a|\u0645\u062f\u062d\u062a|\u0639\u0632\u062a";
/** Verbs that often follow somebody, in the past and with whom they were done to. */
const FAAL =
  "\u0642\u0627\u0644|\u0643\u0627\u0646|\u062c\u0627\u0621|\u0631\u0641\u0636|\u0636\u0631\u0628|\u0635\u0631\u062e|\u0623\u062e\u0630|\u0633\u0623\u0644|\u0643\u062a\u0628|\u0648\u0636\u0639|\u062f\u062e\u0644|\u062e\u0631\u062c|\u0630\u0647\u0628|\u0639\u0627\u062f|\u0623\u0639\u0637\u0649|\u0637\u0644\u0628|\u0623\u0645\u0631|\u0634\u062a\u0645|\u0636\u062d\u0643|\u0648\u0642\u0641|\u062c\u0644\u0633|\u0646\u0638\u0631|\u0631\u062f|\u0628\u062f\u0623|\u0638\u0644|\u062d\u0627\u0648\u0644|\u0645\u0646\u0639|\u0623\u063a\u0644\u0642|\u062a\u0631\u0643|\u0631\u0623\u0649|\u0633\u0645\u0639|\u0639\u0631\u0641|\u0644\u0645\u0633|\u062f\u0641\u0639|\u0647\u062f\u062f|\u0623\u062c\u0628\u0631|\u0643\u0630\u0628|\u063a\u0636\u0628|\u0623\u062e\u0628\u0631";
const ADIYA =
  "\u0627\u0644\u0630\u064a|\u0627\u0644\u062a\u064a|\u0627\u0644\u0630\u064a\u0646|\u0641\u064a|\u0645\u0646|\u0639\u0644\u0649|\u0625\u0644\u0649|\u0639\u0646|\u0645\u0639|\u0623\u0646|\u0625\u0646|\u0644\u0645|\u0644\u0627|\u0645\u0627|\u0644\u0646|\u0647\u0648|\u0647\u064a|\u0647\u0646\u0627\u0643|\u0647\u0646\u0627|\u062b\u0645|\u0642\u062f|\u0644\u064a|\u0644\u0647|\u0644\u0647\u0627|\u0628\u064a|\u0643\u0644|\u063a\u064a\u0631|\u0627\u0644\u062c\u062f\u064a\u062f\u0629?|\u0627\u0644\u0645\u0646\u0627\u0648\u0628\u0629?|\u0627\u0644\u0645\u0633\u0624\u0648\u0644\u0629?|\u0627\u0644\u0639\u0627\u0645\u0629?|\u0627\u0644\u0646\u0641\u0633\u064a\u0629?|\u0646\u0641\u0633\u0647|\u0646\u0641\u0633\u0647\u0627|\u0639\u0646\u062f\u0645\u0627|\u062d\u064a\u0646|\u062d\u062a\u0649|\u0644\u0643\u0646|\u0644\u0623\u0646|\u0623\u0648|\u0623\u0645|\u0625\u0630\u0627|\u0643\u0645\u0627|\u0639\u0646\u062f|" +
  `\u0628\u0639\u062f|\u0642\u0628\u0644|\u0623\u0645\u0627\u0645|\u0628\u062f\u0648\u0646|\u062f\u0648\u0646|\u0628\u064a\u0646|\u0644\u064a\u0633|\u0647\u0630\u0627|\u0647\u0630\u0647|\u0630\u0644\u0643|\u0627\u0644\u0622\u062e\u0631|\u0627\u0644\u0623\u062e\u0631\u0649|(?:${FAAL})\u062a?(?:\u0646\u064a|\u0646\u0627|\u0647\u0627?|\u0647\u0645|\u0648\u0627)?|(?!(?:${ASMA})${END})(?:[\u0648\u064a\u062a\u0641]\\p{L}+|\\p{L}{2,}\u062a)`;
const arabic = (): Look[] => [
  ...NUMBERS,
  ["date", whole(`${JOINED}(?:(?:\\d{1,2}|${RUTBA}) (?:\u0645\u0646 )?(?:\u0634\u0647\u0631 )?)?(?:${SHAHR})(?: \\d{4})?|\\d{1,2} (?:\u0645\u0646 )?(?:\u0634\u0647\u0631 )?(?:${SHAHR_ADAD})(?: \\d{4})?`)],
  ...TIMES,
  ["date", whole(`${JOINED}(?:(?:\u064a\u0648\u0645|\u0644\u064a\u0644\u0629|\u0635\u0628\u0627\u062d|\u0645\u0633\u0627\u0621) )?(?:\u0627\u0644\u0633\u0628\u062a|\u0627\u0644[\u0623\u0627]\u062d\u062f|\u0627\u0644[\u0627\u0625\u0623]\u062b\u0646\u064a\u0646|\u0627\u0644\u062b\u0644\u0627\u062b\u0627\u0621?|\u0627\u0644[\u0623\u0627]\u0631\u0628\u0639\u0627\u0621?|\u0627\u0644\u062e\u0645\u064a\u0633|\u0627\u0644\u062c\u0645\u0639\u0629)|${JOINED}(?:(?:[\u0623\u0627]\u0648\u0644 )?[\u0623\u0627]\u0645\u0633|\u0627\u0644\u0628\u0627\u0631\u062d\u0629|\u0647\u0630\u0627 \u0627\u0644\u0635\u0628\u0627\u062d|\u0647\u0630\u0647 \u0627\u0644\u0644\u064a\u0644\u0629|\u0627\u0644\u0644\u064a\u0644\u0629 \u0627\u0644\u0645\u0627\u0636\u064a\u0629|\u0645\u0646\u062a\u0635\u0641 \u0627\u0644\u0644\u064a\u0644|\u0631[\u0623\u0627]\u0633 \u0627\u0644\u0633\u0646\u0629|\u0627\u0644\u0645\u0648\u0644\u062f \u0627\u0644\u0646\u0628\u0648\u064a|\u0639\u0627\u0634\u0648\u0631\u0627\u0621|\u0627\u0644\u0643\u0631\u064a\u0633\u0645\u0627\u0633|\u0639\u064a\u062f (?:\u0627\u0644\u0641\u0637\u0631|\u0627\u0644[\u0623\u0627]\u0636\u062d\u0649|\u0627\u0644\u0641\u0635\u062d|\u0645\u064a\u0644\u0627\u062f\\p{L}*)|\u0627\u0644\u0633\u0627\u0639\u0629 (?:\\d{1,2}|${RUTBA}))`)],
  ["rare", whole(`${JOINED}(?:\u0623\u062e\u062a\u064a |\u0623\u062e\u064a )?(?:\u0627\u0644)?\u062a\u0648[\u0623\u0627]\u0645\\p{L}*|${JOINED}(?:\u0627\u0644)?\u062d\u0627\u0645\u0644(?:\u0627|\u0627\u064b|\u064b\u0627)?|(?:\u0627\u0644)?\u062d\u0628\u0644\u0649|\\p{L}+ \u0627\u0644\u0648\u062d\u064a\u062f\u0629?`)],
  ["place", whole(`${JOINED}(?:\u0645\u0633\u062a\u0634\u0641\u0649|\u0645\u0634\u0641\u0649|\u0645\u0633\u062a\u0648\u0635\u0641|\u0645\u0635\u062d\u0629|\u0639\u064a\u0627\u062f\u0629|\u0645\u0631\u0643\u0632|\u0645[\u0623\u0627]\u0648\u0649|\u0645\u0644\u062c\u0623|\u0645\u062f\u0631\u0633\u0629|\u0645\u0639\u0647\u062f|\u062c\u0627\u0645\u0639\u0629|\u0645\u0633\u062c\u062f|\u0643\u0646\u064a\u0633\u0629|\u0633\u062c\u0646|\u0645\u062d\u0637\u0629|\u0645\u064a\u062f\u0627\u0646|\u0633\u0627\u062d\u0629|\u0634\u0627\u0631\u0639|\u062d\u0627\u0631\u0629|\u062d\u064a|\u0645\u062e\u064a\u0645|\u0645\u062f\u064a\u0646\u0629|\u0628\u0644\u062f\u0629|\u0642\u0631\u064a\u0629|\u0645\u062d\u0627\u0641\u0638\u0629) (?:(?:${KUNYA}) )?(?!(?:${ADIYA})${END})\\p{L}{2,}`)],
  ["place", whole(`${JOINED}(?:\u0627\u0644|\u0644)?(?:\u063a\u0631\u0641\u0629|\u062c\u0646\u0627\u062d|\u0642\u0633\u0645|\u0637\u0627\u0628\u0642|\u062f\u0648\u0631|\u0639\u0646\u0628\u0631|\u0645\u0628\u0646\u0649|\u0648\u062d\u062f\u0629|\u0633\u0631\u064a\u0631) (?:(?:\u0631\u0642\u0645 )?\\d+\\p{L}?|\\p{L}|${RUTBA}|\u0627\u0644[\u0623\u0627]\u0631\u0636\u064a)`)],
  ["name", followed(`${JOINED}(?:(?:\u0627\u0644|\u0644)?(?:\u062f\u0643\u062a\u0648\u0631\u0629?|\u0645\u0645\u0631\u0636\u0629?|\u0637\u0628\u064a\u0628\u0629?|\u0633\u064a\u062f\u0629?|\u0622\u0646\u0633\u0629|\u0645\u062f\u0627\u0645|[\u0623\u0627]\u0633\u062a\u0627\u0630\u0629?|\u0645\u0647\u0646\u062f\u0633\u0629?|\u0634\u064a\u062e\u0629?|\u062d\u0627\u062c\u0629?|\u0645\u0639\u0627\u0644\u062c\u0629?|[\u0623\u0627]\u062e\u0635\u0627\u0626\u064a\u0629?|\u0627\u062e\u062a\u0635\u0627\u0635\u064a\u0629?|\u062d\u0643\u064a\u0645\u0629?|\u0645\u0633\u062a\u0631)(?: \u0627\u0644\u0646\u0641\u0633\u064a\u0629?)?|\u062f|[\u0627\u0625\u0623]\u0633\u0645(?:\u064a|\u0647\u0627?)|[\u064a\u062a]\u062f\u0639\u0649|\u0644\u0642\u0628(?:\u064a|\u0647\u0627?)|\u064a\u0646\u0627\u062f\u0648\u0646\u0646\u064a)`, ADIYA, `(?:(?:${KUNYA}) )?`)],
  ["name", whole(`${JOINED}(?:(?:\u0627\u0644)?\u062f ?[./] ?|[\u0623\u0627]\u0628\u0648 )(?:(?:${KUNYA}) )?(?!(?:${ADIYA})${END})\\p{L}{2,}`)],
  ...DIGITS,
];

const LOOKS: Partial<Record<string, () => Look[]>> = { en: english, es: spanish, ar: arabic };
const made = new Map<string, Look[]>();

/**
 * What to look for in a language; the first that fits a stretch keeps it. It is put together when first asked for: for an old phone that
 * is work, and nobody has typed when the page comes.
 */
export function looksOf(lang: string): Look[] {
  const looks = made.get(lang) ?? LOOKS[lang]?.() ?? [...NUMBERS, ...TIMES, ...DIGITS];
  made.set(lang, looks);
  return looks;
}

/** Each digit as its twin of 0 to 9; a text keeps its length. */
export const westernDigits = (text: string): string => text.replace(/[\u0660-\u0669\u06f0-\u06f9]/g, (d) => String(d.charCodeAt(0) % 16));
