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

type Noted = Pick<Dated<Note>, "hash" | "day" | "body">;

/**
 * Whether a writer wished, ever, to be shown what goes out before it does. Who takes that wish back says yes to what they saw, and to
 * nothing else.
 */
export const asksFirst = (answers: readonly Answer[], changes: readonly Change[]): boolean =>
  answers.some(({ q }) => q === "ask_me_first") || changes.some(({ ask_me_first }) => ask_me_first);

/** Whether a note has it that a writer was asked. From then on nothing goes out but what one of them says was shown. */
export const wasAsked = (notes: readonly Noted[]): boolean => notes.some(({ body }) => body.asked === true);

/** Notes by which a writer was shown something, and which nobody took back: it did not go to them after all. */
export const showings = <N extends Noted>(notes: readonly N[]): N[] =>
  notes.filter(({ hash, body }) => body.form !== undefined && !notes.some((n) => n.body.unsent === true && n.body.over === hash));

/**
 * The hashes of the notes by which a writer was shown these very words in this form, and on whose day, or later, more came from the same
 * receipt. It says that they can have answered; what they answered is for people to read, and who decides names the note to which it was a yes.
 */
export function shown(notes: readonly Noted[], back: readonly string[], { form, words }: Words): string[] {
  return showings(notes).filter(({ body, day }) => body.form === form && (body.words ?? "") === words && back.some((d) => d >= day)).map(({ hash }) => hash);
}

/** Whether words may not go out because their writer wished to see first what does, and was not shown these. `first` as asksFirst says. */
export const unseen = (c: Pick<Case, "notes" | "back">, first: boolean, w: Words): boolean =>
  (first || wasAsked(c.notes)) && shown(c.notes, c.back, w).length === 0;
