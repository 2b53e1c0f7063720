/**
 * What often gives people away in a text: names, days, places, numbers, rare words. It marks them in this browser alone.
 *
 * It is a pointing finger and no judge. It knows English words and common ways to write days and places. It does not know
 * who works where, what everybody in a town talks about, or that a plain word is somebody's favourite. A text without a mark
 * can still give its writer away, so a person decides.
 */
import { rankOf } from "./englishwords.js";
import { marksBy, type Mark } from "./marking.js";

export type { MarkKind } from "./looks.js";
export type { Mark } from "./marking.js";

/** What stands out in an English text. */
export const marks = (text: string): Mark[] => marksBy(text, "en", rankOf);
