/**
 * Words before which a looser wording may say something else, or the opposite: those that deny, doubt, hope, ask, or speak of all
 * or of each. One function a language says whether one of them stands in what comes before a hint in its sentence. It would rather see
 * one too many: then no wording is offered, and who writes decides.
 */
import { among } from "./plan.js";

const ENGLISH = among(
  "not?|never|nobody|no[- ]one|noone|none|nothing|nowhere|neither|nor|nope|cannot|\\p{L}+n['\u2019\u2018`\u00b4]t|" +
  "(?:do|did|does|was|is|are|were|ca|could|wo|would|have|has|had|should|ai|must|need)nt|without|hardly|barely|scarcely|" +
  "rarely|seldom|doubt\\p{L}*|unsure|uncertain|unlikely|untrue|false|falsely|impossible|lie[sd]?|lying|myth|" +
  "den(?:y|ies|ied|ying)|refus\\p{L}+|fail\\p{L}*|forg[eo]t\\p{L}*|prevent\\p{L}*|avoid\\p{L}*|stop\\p{L}*|if|unless|" +
  "whether|except|apart|besides|unlike|instead|rather|only|hop(?:e|es|ed|ing)|wish\\p{L}*|maybe|perhaps|possibly|probably|" +
  "might|wonder\\p{L}*|suppos\\p{L}*|imagin\\p{L}*|pretend\\p{L}*|as though|ban(?:s|ned)?|forb\\p{L}+|all|both|every|each|" +
  "everyone|everybody|everything|always|any|anyone|anybody|most|often|usually|weekly|daily|nightly|whenever|once an?|" +
  "twice an?|times an?|per");
/** A "no" that somebody said, and one that stands for "number". */
const SAID_NO = /\bsa(?:y|ys|id|ying) no(?=[,;]| (?:on|at|in|to|and|when|but|because|again|then)\b)/giu;
const NUMBER = /\b(?:room|bed|ward|bay|unit|flat|patient|file|case) no\b/giu;

/** Whether a sentence in English turns on what comes next. */
export const turnsEnglish = (sentence: string): boolean => ENGLISH.test(sentence.replace(SAID_NO, "").replace(NUMBER, ""));

const SPANISH = among(
  "no|nunca|jam[a\u00e1]s|tampoco|ni|nadie|nada|ning[u\u00fa]n\\p{L}*|sin|dud\\p{L}+|ojal[a\u00e1]|qui(?:z[a\u00e1]s?|sas)|" +
  "tal vez|a lo mejor|acaso|posible\\p{L}*|probable\\p{L}*|imposible|si|espero|esperaba|esperamos|dese\\p{L}+|quisiera|" +
  "quiz|neg[\u00f3o]\\p{L}*|neg(?:aron|ar|aba)|nieg\\p{L}+|apenas|excepto|salvo|s[o\u00f3]lo|solamente|[u\u00fa]nicamente|" +
  "falso|mentira|ment\\p{L}+|parece|parec\\p{L}+|supon\\p{L}+|supuest\\p{L}+|imagin\\p{L}+|como si|en vez|en lugar de|" +
  "olvid\\p{L}+|evit\\p{L}+|impid\\p{L}+|rechaz\\p{L}+|prohib\\p{L}+|dej\\p{L}+ de|incierto|cada|tod[oa]s?|siempre|" +
  "amb[oa]s|cualquier\\p{L}*|mayor\u00eda|a menudo|diari\\p{L}+|semanal\\p{L}*|a veces|veces (?:al|a la|por)|q|xq no");
/** Whether a sentence in Spanish turns on what comes next. */
export const turnsSpanish = (sentence: string): boolean => SPANISH.test(sentence);

const ARABIC = among(
  "[وف]?(?:لم|لما|لا|ما|لن|ليس|ليست|ليسوا|ليسن|ليسا|لست|لسنا|لستم|لستن|لسن|ألا|الا|لئلا|كيلا|ألم|أليس|أليست|غير|بدون|دون|" +
  "بلا|مش|موش|مو|مب|مهوب|مهب|مهو|ماهو|ماهي|ماني|مانيش|منيش|ماكو|مافي|مفيش|مافيش|ماحد|محد|محدش|ماكنت|ماكان|ماكانت|مكنت|أبدا|" +
  "أبدًا|أبداً|ابدا|قط|إلا|سوى|فقط|بس|لو|لولا|إذا|اذا|إن|ان|ربما|لعل\\p{L}*|ليت\\p{L}*|يمكن|ممكن|يجوز|عسى|هل|كأن\\p{L}*|" +
  "مستحيل|يستحيل|محال|[أانيت]?شك\\p{L}{0,3}|[أانيت]تمنى|تمنيت|[أانيت]رجو|آمل|نأمل|أمل|رجاء|رجاءً|أنكر\\p{L}*|" +
  "[أنيت]نكر\\p{L}*|نفى|نفت|نفوا|رفض\\p{L}*|[أنيت]رفض\\p{L}*|نسي\\p{L}*|[أنيت]نسى|منع\\p{L}*|[أنيت]منع\\p{L}*|كذب\\p{L}*|" +
  "[أنيت]كذب\\p{L}*|تقريبا|[بكل]?كل|[بل]?كل(?:نا|هم|هن|ها|ه)|[بل]?جميع\\p{L}*|كافة|معظم|أغلب|دائما|دائمًا|دائماً|دايما|" +
  "غالبا|غالبًا|أي|أية|كلا|كلتا|أيام|يوميا|يوميًا|أسبوعيا|أسبوعيًا|م\\p{L}{2,}ش|وم\\p{L}{2,}ش)");
/** "Some" time or place, whose word is that of "not". */
const SOME = /(?:وقت|مكان|شيء|شخص|يوم|نوع|حد|أحد) ما(?![\p{L}\p{M}])/gu;

/** Whether a sentence in Arabic turns on what comes next. */
export const turnsArabic = (sentence: string): boolean => ARABIC.test(sentence.replace(/[\u064b-\u0652\u0640]/gu, "").replace(SOME, ""));
