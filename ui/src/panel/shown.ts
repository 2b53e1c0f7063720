/** What a writer who wished to see first what goes out was shown. Twin of internal/coding/shown.go. */
import { MOST_HAD, sorted, type Note } from "../coding.js";
import type { Said } from "../consent.js";
import { isSame, type Outgoing } from "../sharing.js";
import type { Case, Dated } from "./casework.js";

type Noted = Pick<Dated<Note>, "by" | "hash" | "day" | "body">;

/** More from the writer of a message: words, or changed wishes. */
export interface Came {
  /** Base64url of the leaf hash. */
  leaf: string;
  /** Of its batch, `YYYY-MM-DD`. */
  day: string;
}

/**
 * What a note that shows a writer something says had come from them already. Of more than MOST_HAD it names the newest: what is
 * left out is of an earlier day, or of a day with more than that many.
 */
export function hadOf(back: readonly Came[]): string[] {
  const order = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
  return sorted([...back].sort((a, b) => order(b.day, a.day) || order(a.leaf, b.leaf)).slice(0, MOST_HAD).map(({ leaf }) => leaf));
}

/**
 * Whether more can have come from a writer after a note. Days have no order within: where the note does not name what was there
 * already, all that came on its day can have.
 */
export const cameAfter = ({ body, day }: Pick<Noted, "body" | "day">, c: Came): boolean => c.day >= day && body.had?.includes(c.leaf) !== true;

/** Words as they are shown, checked and given out, whatever they were typed with: lines end in a line feed, and the last in none. */
export const lines = (words: string): string => words.replace(/\r\n?/g, "\n").replace(/\n+$/, "");

/**
 * Whether a writer wished, ever, in any message of their receipt, to be shown what goes out before it does. Who takes that wish back
 * says yes to what they saw, and to nothing else.
 */
export const asksFirst = (said: readonly Said[]): boolean => said.some(({ kind, answers, consent }) =>
  consent?.ask_me_first === true || (kind !== "about_you" && answers?.some(({ q }) => q === "ask_me_first") === true));

/** Whether the author of a note has said in another that it did not go to the writer after all. Nobody can say so of a colleague's: they did not send it. */
const unsent = (notes: readonly Noted[], { by, hash }: Noted): boolean =>
  notes.some((n) => n.body.unsent === true && n.body.over === hash && n.by === by);

/** Notes by which a writer was asked, and which their author did not take back. */
const asking = <N extends Noted>(notes: readonly N[]): N[] => notes.filter((n) => n.body.asked === true && !unsent(notes, n));

/** Those who may take part and signed that a note does not bind. */
export const against = (notes: readonly Noted[], { hash }: Noted, here: readonly string[]): string[] =>
  sorted(notes.filter(({ by, body }) => body.unsent === true && body.over === hash && here.includes(by)).map(({ by }) => by));

/**
 * Whether a note binds no longer which has it that a writer was asked, and not of what, and whose author may take part no more, so
 * that they cannot take it back: two who may have signed that it does not bind. What a writer wished stands in their own words,
 * and a note that names words says what they answered to; neither is set aside.
 */
const isSetAside = (notes: readonly Noted[], bare: Noted, here: readonly string[]): boolean =>
  bare.body.form === undefined && !here.includes(bare.by) && against(notes, bare, here).length >= 2;

/**
 * Whether a note that is not set aside has it that a writer was asked. From then on nothing goes out but what one of them says was
 * shown. `here` are those who may still take part in the message.
 */
export const wasAsked = (notes: readonly Noted[], here: readonly string[]): boolean => asking(notes).some((n) => !isSetAside(notes, n, here));

/** Notes that say that a writer was asked and not of what, as notes of before do, and bind still. */
export const bare = <N extends Noted>(notes: readonly N[], here: readonly string[]): N[] =>
  asking(notes).filter((n) => n.body.form === undefined && !isSetAside(notes, n, here));

/** Notes by which a writer was shown something, and which their author did not take back: it did not go to them after all. */
export const showings = <N extends Noted>(notes: readonly N[]): N[] => asking(notes).filter(({ body }) => body.form !== undefined);

/** One's own showings, which one can say did not go after all. */
export const ownShowings = <N extends Noted>(notes: readonly N[], me: string): N[] => showings(notes).filter(({ by }) => by === me);

/** What a note shows of; a note of before shows nothing that goes out. */
export const showsOf = ({ form, words, themes, must_not: along }: Note): Outgoing =>
  ({ form: form ?? "count", words: words ?? "", ...(themes === undefined ? {} : { themes }), ...(along === undefined ? {} : { must_not: along }) });

/**
/**
 * The hashes of the notes by which a writer was shown exactly what is to go out, and after which more came from the same
 * receipt: back is all that came. It says that they can have answered; what they answered is for people to read, and who decides
 * names the note to which it was a yes. Only what was shown on the newest day counts: whoever was shown something else since was
 * asked about that instead.
 */
export function shown(notes: readonly Noted[], back: readonly Came[], out: Outgoing): string[] {
  const all = showings(notes);
  const newest = all.reduce((last, { day }) => (day > last ? day : last), "");
  return all.filter((n) => isSame(showsOf(n.body), out) && n.day === newest && back.some((c) => cameAfter(n, c))).map(({ hash }) => hash);
}

/**
 * Whether something may not go out because their writer wished to see first what does, and was not shown it. `first` as
 * asksFirst says.
 */
export const unseen = (c: Pick<Case, "notes" | "back" | "free">, first: boolean, out: Outgoing): boolean =>
  (first || wasAsked(c.notes, c.free)) && shown(c.notes, c.back, out).length === 0;
