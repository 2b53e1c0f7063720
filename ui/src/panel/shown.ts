/** What a writer who wished to see first what goes out was shown. Twin of internal/coding/shown.go. */
import type { Note } from "../coding.js";
import type { Answer } from "../pad.js";
import type { Change, Form } from "../sharing.js";
import type { Case, Dated } from "./casework.js";

/** The very words that may go out, and how. A theme has none. */
export interface Words {
  form: Form | "";
  words: string;
}

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

/** One's own showings, which one can say did not go after all. */
export const ownShowings = <N extends Noted>(notes: readonly N[], me: string): N[] => showings(notes).filter(({ by }) => by === me);

/**
 * The hashes of the notes by which a writer was shown these very words in this form, and on whose day, or later, more came from the same
 * receipt. It says that they can have answered; what they answered is for people to read, and who decides names the note to which it was a yes.
 * Only what was shown on the newest day counts: whoever was shown something else since was asked about that instead.
 */
export function shown(notes: readonly Noted[], back: readonly string[], { form, words }: Words): string[] {
  const all = showings(notes);
  const newest = all.reduce((last, { day }) => (day > last ? day : last), "");
  return all.filter(({ body, day }) => body.form === form && (body.words ?? "") === words && day === newest && back.some((d) => d >= day)).map(({ hash }) => hash);
}

/** Whether words may not go out because their writer wished to see first what does, and was not shown these. `first` as asksFirst says. */
export const unseen = (c: Pick<Case, "notes" | "back">, first: boolean, w: Words): boolean =>
  (first || wasAsked(c.notes)) && shown(c.notes, c.back, w).length === 0;
