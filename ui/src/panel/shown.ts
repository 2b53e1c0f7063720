/** What a writer who wished to see first what goes out was shown. Twin of internal/coding/shown.go. */
import type { Note } from "../coding.js";
import type { Answer } from "../pad.js";
import { isSame, type Change, type Outgoing } from "../sharing.js";
import type { Case, Dated } from "./casework.js";

type Noted = Pick<Dated<Note>, "by" | "hash" | "day" | "body">;

/** Words as they are shown, checked and given out, whatever they were typed with: lines end in a line feed, and the last in none. */
export const lines = (words: string): string => words.replace(/\r\n?/g, "\n").replace(/\n+$/, "");

/**
 * Whether a writer wished, ever, to be shown what goes out before it does. Who takes that wish back says yes to what they saw, and to
 * nothing else.
 */
export const asksFirst = (answers: readonly Answer[], changes: readonly Change[]): boolean =>
  answers.some(({ q }) => q === "ask_me_first") || changes.some(({ ask_me_first }) => ask_me_first);

/** Whether the author of a note has said in another that it did not go to the writer after all. Nobody can say so of a colleague's: they did not send it. */
const unsent = (notes: readonly Noted[], { by, hash }: Noted): boolean =>
  notes.some((n) => n.body.unsent === true && n.body.over === hash && n.by === by);

/** Notes by which a writer was asked, and which their author did not take back. */
const asking = <N extends Noted>(notes: readonly N[]): N[] => notes.filter((n) => n.body.asked === true && !unsent(notes, n));

/** Whether a note has it that a writer was asked. From then on nothing goes out but what one of them says was shown. */
export const wasAsked = (notes: readonly Noted[]): boolean => asking(notes).length > 0;

/** Whether a writer was asked by a note that names no words, as notes of before do. */
export const askedInNoWords = (notes: readonly Noted[]): boolean => asking(notes).some(({ body }) => body.form === undefined);

/** Notes by which a writer was shown something, and which their author did not take back: it did not go to them after all. */
export const showings = <N extends Noted>(notes: readonly N[]): N[] => asking(notes).filter(({ body }) => body.form !== undefined);

/** Of one's own showings those that do not wait here: they went, or never will. `waits`: the answer of the last one waits still. */
export const notWaiting = <N extends Noted>(notes: readonly N[], me: string, waits: boolean): N[] =>
  showings(notes).filter(({ by }) => by === me).slice(0, waits ? -1 : undefined);

/** What a note shows of; a note of before shows nothing that goes out. */
export const showsOf = ({ form, words, themes, must_not: along }: Note): Outgoing =>
  ({ form: form ?? "count", words: words ?? "", ...(themes === undefined ? {} : { themes }), ...(along === undefined ? {} : { must_not: along }) });

/**
 * The hashes of the notes by which a writer was shown exactly what is to go out, and on whose day, or later, more came from
 * the same receipt. It says that they can have answered; what they answered is for people to read, and who decides names the
 * note to which it was a yes. Only what was shown on the newest day counts: whoever was shown something else since was asked
 * about that instead.
 */
export function shown(notes: readonly Noted[], back: readonly string[], out: Outgoing): string[] {
  const all = showings(notes);
  const newest = all.reduce((last, { day }) => (day > last ? day : last), "");
  return all.filter(({ body, day }) => isSame(showsOf(body), out) && day === newest && back.some((d) => d >= day)).map(({ hash }) => hash);
}

/**
 * Whether something may not go out because their writer wished to see first what does, and was not shown it. `first` as
 * asksFirst says.
 */
export const unseen = (c: Pick<Case, "notes" | "back">, first: boolean, out: Outgoing): boolean =>
  (first || wasAsked(c.notes)) && shown(c.notes, c.back, out).length === 0;
