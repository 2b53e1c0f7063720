/**
 * What reviewers write about a message, as it stands inside a sealed review file: the card in the queue, codings, the
 * consensus, notes, drafts, the check whether somebody could guess who wrote, and the decision how far it may go.
 *
 * Twin of internal/coding; FORMAT.md there is the specification, and both run the same vectors. One content has one
 * spelling: a file is read only when it is, byte for byte, what `encode` writes.
 */
import { isCheckIn, type CheckIn } from "./checkin.js";
import { fromUtf8, utf8, wellFormed } from "./encoding.js";
import { JsonError, onlyMembers, parseStrict, type Json } from "./json.js";
import { BUCKETS, isId32, type Answer } from "./pad.js";
import {
  FORMS, goesAlong, hasWords, isLeftOut, WISH_MEMBERS, isKnownWishes, wishesForbid, type Form, type Outgoing, type Wishes,
} from "./sharing.js";

/** The length in bytes of every padded plaintext. */
export const SIZE = BUCKETS[0];
const MAX_CODES = 200;
/** A note names so many messages at most as there already. */
export const MOST_HAD = 64;

/** What a coder finds. A theme neither in `yes` nor in `no` was not on the list of codes that was asked. Lists are sorted. */
export interface Found {
  taxonomy: string;
  yes: string[];
  no: string[];
  items: string[];
  good: string[];
  seriousness: number;
  involved: string[];
  repair: string[];
  /** Who wrote; missing where it is not said, and in codings of before. */
  role?: WriterRole;
  /** Items of the clinic's own, each behind a theme in `yes` and a dot; missing where there are none. */
  own?: string[];
}

/** Who wrote, as coarsely as it is counted. */
export type WriterRole = "client" | "worker";

const CLIENT_ANSWERS = ["me", "helping_someone_they_agree", "helping_someone_cannot_ask", "saw_it"];

/** What a writer answered to "who is it about"; "" where they did not. Coders begin with it and may think otherwise. */
export function roleOf(answers: readonly Answer[]): WriterRole | "" {
  const said = answers.find(({ q }) => q === "for_whom")?.a ?? "";
  if (said === "worker_there") return "worker";
  return CLIENT_ANSWERS.includes(said) ? "client" : "";
}

export type CardKind = "submission" | "followup" | "consent" | "about_you" | "decoy" | "junk";
const CARD_KINDS: readonly string[] = ["submission", "followup", "consent", "about_you", "decoy", "junk"];

/** All that a reviewer sees of a message before declaring that nothing ties them to it. */
export interface Card {
  of: CardKind;
  thread: string;
  service: string;
  roles: string[];
  when: string;
  chips: string[];
  urgent: boolean;
  taxonomy: string;
  /** When a follow-up wishes to be asked what happened since. */
  check_in?: CheckIn;
  /** What all messages of one receipt have in common; missing where a message has no mailbox. */
  receipt?: string;
  /** Base64url of the key that tags acts on the message; missing where it carries none. */
  actions?: string;
  /** The log as the card's maker had read it: how many leaves, a space, and the root over them in base64. */
  log?: string;
}
export interface Consensus extends Found {
  /** Base64url of the hashes of the sealed codings: two, or three with a third coder. */
  codings: string[];
}
export interface Note {
  text: string;
  /** The writer was shown what may go out, as they wanted: the clocks stand still. */
  asked?: true;
  /** In which form they were shown it, and the very words; both missing in notes of before, the words also where the form has none. */
  form?: Form;
  words?: string;
  /** Base64url of the leaf hashes of what had come from the writer already, in order, never more than MOST_HAD; missing in notes of before. */
  had?: string[];
  /** As they were shown, of the form `theme`. */
  themes?: string[];
  /** What they were shown that the clinic would read beside the words. */
  must_not?: string[];
  /** Base64url of the hash of the sealed note that said so: the panel waits no longer. */
  over?: string;
  /** What that note says was shown did not go to the writer after all. */
  unsent?: true;
}
export interface Draft {
  /** The fields of the page as they stand, in order of their names. */
  fields: Answer[];
}
export interface Check extends Outgoing {
  guess: boolean;
  changed: string;
  /**
   * With words alone: what somebody had to look for, at the writer's wish, as the member looked; missing where it was nothing, and
   * in checks of before.
   */
  hide?: string[];
}
export interface Sharing {
  decision: "share" | "keep" | "object";
  form: Form | "";
  words: string;
  wishes: Wishes;
  consensus: string[];
  check: string;
  of: string;
  /** Base64url of the hash of the sealed note by which the writer was shown these words, and to which they said yes; missing where they never wished it. */
  shown?: string;
}

export interface Bodies {
  card: Card;
  coding: Found;
  consensus: Consensus;
  note: Note;
  check: Check;
  sharing: Sharing;
  draft: Draft;
}
export type Kind = keyof Bodies;

/** Where a file belongs: `leaf` is base64url of the leaf hash of the message it is about. */
export interface Place {
  epoch: string;
  origin: string;
  leaf: string;
  /** The reviewer who wrote it. */
  by: string;
}

export type ReviewFile = { [K in Kind]: Place & { t: K; body: Bodies[K] } }[Kind];

/** A plaintext is no review file, or this content cannot be one. The message never quotes it. */
export class ReviewFileError extends Error {
  override name = "ReviewFileError";
}

/** The content does not fit a file; both numbers are bytes. */
export class ReviewFileTooLong extends Error {
  override name = "ReviewFileTooLong";
  constructor(readonly bytes: number, readonly limit: number) {
    super(`the file takes ${String(bytes)} bytes and at most ${String(limit)} fit`);
  }
}

const wrong = (why: string): never => { throw new ReviewFileError(why); };

/** How many bytes of JSON a file takes; at most SIZE - 1 fit. */
export const countBytes = (f: ReviewFile): number => utf8(text(f)).length;

/** The padded plaintext. Throws ReviewFileError or ReviewFileTooLong. */
export function encode(f: ReviewFile): Uint8Array {
  const json = utf8(text(f));
  if (json.length > SIZE - 1) throw new ReviewFileTooLong(json.length, SIZE - 1);
  const out = new Uint8Array(SIZE).fill(0x20);
  out.set(json);
  out[SIZE - 1] = 0x0a;
  return out;
}

/** The one spelling of a file. */
function text(f: ReviewFile): string {
  if (!isId32(f.leaf)) wrong("its leaf is not 32 bytes in base64url");
  if (!/^r[a-z2-7]{8}$/.test(f.by)) wrong("its author is no reviewer");
  const body = READ[f.t](f.body as unknown as Json);
  return JSON.stringify({ v: 1, t: f.t, epoch: str(f.epoch), origin: str(f.origin), leaf: f.leaf, by: f.by, body });
}

/** Reads what `encode` wrote and nothing else. Throws ReviewFileError. */
export function parse(padded: Uint8Array): ReviewFile {
  if (padded.length !== SIZE || padded[SIZE - 1] !== 0x0a) wrong("it does not have the size of one");
  let end = SIZE - 1;
  while (end > 0 && padded[end - 1] === 0x20) end--;
  let json: string;
  try {
    json = fromUtf8(padded.subarray(0, end));
    return spelledRight(fromJson(parseStrict(json)), json);
  } catch (err) {
    if (err instanceof JsonError || err instanceof TypeError) return wrong("it is no JSON of ours");
    throw err;
  }
}

function spelledRight(f: ReviewFile, json: string): ReviewFile {
  return text(f) === json ? f : wrong("it is not spelled the one way there is");
}

function fromJson(value: Json): ReviewFile {
  const o = onlyMembers(value, ["v", "t", "epoch", "origin", "leaf", "by", "body"]);
  if (o["v"] !== 1) wrong("its version is not known");
  const t = o["t"];
  if (typeof t !== "string" || !isKind(t)) return wrong("its kind is not known");
  const body = READ[t](o["body"] ?? null);
  return { t, epoch: str(o["epoch"]), origin: str(o["origin"]), leaf: str(o["leaf"]), by: str(o["by"]), body } as ReviewFile;
}

/** Whether a file belongs where it was found: a server could put one message's coding under another. */
export function isAt(f: ReviewFile, p: Place): boolean {
  return f.epoch === p.epoch && f.origin === p.origin && f.leaf === p.leaf && f.by === p.by;
}

const CODE = /^[a-z0-9_]{1,32}$/;
const ITEM = /^[a-z0-9_]{1,32}\.[a-z0-9_]{1,32}$/;
const OWN = /^[a-z0-9_]{1,32}\.x_[a-z0-9_]{1,40}\.[a-z0-9_]{1,40}$/;
const VERSION = /^[0-9]{1,4}(\.[0-9]{1,4}){2}$/;
const isCode = (s: string): boolean => CODE.test(s);
const isItem = (s: string): boolean => ITEM.test(s);
const isOwn = (s: string): boolean => OWN.test(s);

/** Each reads a body into its members in their fixed order, and throws when something in it is not as described. */
const READ: { [K in Kind]: (value: Json) => Bodies[K] } = { card, coding: found, consensus, note, check, sharing, draft };
const isKind = (t: string): t is Kind => Object.keys(READ).includes(t);

const FOUND_MEMBERS = ["taxonomy", "yes", "no", "items", "good", "seriousness", "involved", "repair", "role", "own"] as const;

function found(value: Json): Found {
  return foundIn(onlyMembers(value, FOUND_MEMBERS));
}

function foundIn(o: Record<string, Json>): Found {
  const seriousness = o["seriousness"];
  if (typeof seriousness !== "number" || ![0, 1, 2, 3].includes(seriousness)) return wrong("its seriousness is not 0 to 3");
  const f: Found = {
    taxonomy: version(o["taxonomy"]),
    yes: codes(o["yes"], isCode),
    no: codes(o["no"], isCode),
    items: codes(o["items"], isItem),
    good: codes(o["good"], isItem),
    seriousness,
    involved: codes(o["involved"], isCode),
    repair: codes(o["repair"], isCode),
    ...(o["role"] === undefined ? {} : { role: writerRole(o["role"]) }),
    ...(o["own"] === undefined ? {} : { own: some(codes(o["own"], isOwn), "it says that there are none of the clinic's own items, where nothing says it") }),
  };
  if (f.yes.some((theme) => f.no.includes(theme))) wrong("a theme is both there and not there");
  if ([...f.items, ...(f.own ?? [])].some((item) => !f.yes.includes(themeOf(item)))) wrong("an item belongs to no theme that was found");
  return f;
}

const writerRole = (value: Json): WriterRole => (value === "client" || value === "worker" ? value : wrong("who wrote is neither client nor worker"));

const some = (list: string[], why: string): string[] => (list.length > 0 ? list : wrong(why));

/** The theme of an item, and of one of a clinic's own as codings write it. */
export const themeOf = (item: string): string => item.split(".")[0] ?? "";

/** The code of an own item as forms and settings write it, from how a coding does. */
export const ownCode = (coded: string): string => coded.slice(coded.indexOf(".") + 1);

function consensus(value: Json): Consensus {
  const o = onlyMembers(value, [...FOUND_MEMBERS, "codings"]);
  return { ...foundIn(o), codings: hashes(o["codings"], 2, MOST_CODERS) };
}

function card(value: Json): Card {
  const o = onlyMembers(value, ["of", "thread", "service", "roles", "when", "chips", "urgent", "taxonomy", "check_in", "receipt", "actions", "log"]);
  const of = str(o["of"]);
  if (!CARD_KINDS.includes(of)) wrong("it stands for nothing known");
  if (typeof o["urgent"] !== "boolean") return wrong("it does not say whether it is urgent");
  return {
    of: of as CardKind,
    thread: orNone(o["thread"], isId32),
    service: orNone(o["service"], isCode),
    roles: codes(o["roles"], isCode),
    when: orNone(o["when"], isCode),
    chips: codes(o["chips"], (c) => isCode(c) || isItem(c)),
    urgent: o["urgent"],
    taxonomy: version(o["taxonomy"]),
    ...(o["check_in"] === undefined ? {} : { check_in: checkIn(str(o["check_in"])) }),
    ...tie("receipt", o["receipt"]),
    ...tie("actions", o["actions"]),
    ...(o["log"] === undefined ? {} : { log: matching(o["log"], SIGHTING) }),
  };
}

const checkIn = (code: string): CheckIn => (isCheckIn(code) ? code : wrong("when to ask is not known"));

const SIGHTING = /^[1-9][0-9]{0,14} [A-Za-z0-9+/]{43}=$/;

const matching = (value: Json, pattern: RegExp): string => {
  const s = str(value);
  return pattern.test(s) ? s : wrong("what it says of the log does not read");
};

/** A member that is there only where there is something to say. */
function tie<K extends "receipt" | "actions">(member: K, value: Json | undefined): { [M in K]?: string } {
  if (value === undefined) return {};
  const s = str(value);
  return isId32(s) ? ({ [member]: s } as { [M in K]: string }) : wrong("what ties it is not 32 bytes in base64url");
}

function note(value: Json): Note {
  const o = onlyMembers(value, ["text", "asked", "form", "words", "themes", "must_not", "had", "over", "unsent"]);
  const text = str(o["text"]);
  if (isBlank(text)) return wrong("the note is empty");
  const { asked, over } = o;
  if (over !== undefined) return { text, ...ending(o, str(over)) };
  if (o["unsent"] !== undefined) return wrong("it does not say what was not sent");
  if (asked === undefined) return SHOWN.every((m) => o[m] === undefined) ? { text } : wrong("it shows words to nobody");
  return asked === true ? { text, asked, ...showing(o) } : wrong("it does not say whether the writer was asked");
}

/** What a note that shows something says of it. */
const SHOWN = ["form", "words", "themes", "must_not", "had"] as const;

function ending(o: Record<string, Json>, over: string): Pick<Note, "over" | "unsent"> {
  const begins = ["asked", ...SHOWN].some((m) => o[m] !== undefined);
  if (begins || !isId32(over)) return wrong("it does not say which wait is over, or begins one too");
  if (o["unsent"] === undefined) return { over };
  return o["unsent"] === true ? { over, unsent: true } : wrong("it does not say whether it was sent");
}

function showing(o: Record<string, Json>): Omit<Note, "text"> {
  if (SHOWN.every((m) => o[m] === undefined)) return {};
  const { words, ...shown } = outgoing({ ...o, form: o["form"] ?? "", words: o["words"] ?? "" });
  const had = o["had"] === undefined ? {} : { had: hashes(o["had"], 0, MOST_HAD) };
  return { form: shown.form, ...(words === "" ? {} : { words }), ...along(shown), ...had };
}

function draft(value: Json): Draft {
  const list = onlyMembers(value, ["fields"])["fields"];
  if (!Array.isArray(list) || list.length > MAX_CODES) return wrong("its fields are not a list, or too many");
  const fields = list.map((item) => {
    const o = onlyMembers(item, ["q", "a"]);
    return { q: str(o["q"]), a: str(o["a"]) };
  });
  codes(fields.map(({ q }) => q), (q) => isCode(q) || isItem(q)); // once each, in order
  return { fields };
}

function check(value: Json): Check {
  const o = onlyMembers(value, ["form", "words", "themes", "must_not", "guess", "changed", "hide"]);
  if (typeof o["guess"] !== "boolean") return wrong("it does not say whether somebody could guess");
  const out = outgoing(o);
  const hide = list(o["hide"]);
  if (hide !== undefined && !(hasWords(out.form) && hide.every(isLeftOut))) wrong("it names what nobody asked to leave out");
  return { ...out, guess: o["guess"], changed: str(o["changed"]), ...(hide === undefined ? {} : { hide }) };
}

function outgoing(o: Record<string, Json>): Outgoing {
  const { form, words } = formAndWords(o);
  const [themes, mustNot] = [list(o["themes"]), list(o["must_not"])];
  if (themes !== undefined && form !== "theme") wrong("it names themes that do not go out");
  if (mustNot !== undefined && !(hasWords(form) && mustNot.every(goesAlong))) wrong("it names what does not go along");
  return { form, words, ...along({ themes, must_not: mustNot }) };
}

const list = (value: Json | undefined): string[] | undefined => (value === undefined ? undefined : some(codes(value, isCode), "it names nothing, where nothing says it"));

/** Members that are there only where there is something to say. */
const along = ({ themes, must_not: mustNot }: { themes?: string[] | undefined; must_not?: string[] | undefined }): Pick<Outgoing, "themes" | "must_not"> =>
  ({ ...(themes === undefined ? {} : { themes }), ...(mustNot === undefined ? {} : { must_not: mustNot }) });

function formAndWords(o: Record<string, Json>): { form: Form; words: string } {
  const form = FORMS.find((f) => f === o["form"] && f !== "count");
  if (form === undefined) return wrong("its form of sharing is not known");
  const words = str(o["words"]);
  const wants = form !== "theme";
  if (wants === isBlank(words) || (!wants && words !== "")) wrong("its words do not fit its form");
  return { form, words };
}

const SHARING_MEMBERS = ["decision", "form", "words", "wishes", "consensus", "check", "of", "shown"] as const;

function sharing(value: Json): Sharing {
  const o = onlyMembers(value, SHARING_MEMBERS);
  const wishes = wishesIn(o["wishes"] ?? null);
  switch (o["decision"]) {
    case "share": return share(o, wishes);
    case "keep":
    case "object": return unshared(o, o["decision"], wishes);
  }
  return wrong("its decision is not known");
}

function share(o: Record<string, Json>, wishes: Wishes): Sharing {
  const { form, words } = formAndWords(o);
  const consensus = hashes(o["consensus"], 2, MOST_CODERS);
  const check = str(o["check"]);
  if (!isId32(check) || o["of"] !== "") wrong("it names no check");
  if (wishesForbid(wishes, form).length > 0) wrong("the writer did not allow it");
  const shown = o["shown"];
  if (shown !== undefined && !isId32(str(shown))) wrong("it does not name how its words were shown");
  return { decision: "share", form, words, wishes, consensus, check, of: "", ...(shown === undefined ? {} : { shown: str(shown) }) };
}

function unshared(o: Record<string, Json>, decision: "keep" | "object", wishes: Wishes): Sharing {
  if (o["form"] !== "" || o["check"] !== "" || o["shown"] !== undefined || hashes(o["consensus"], 0, 0).length > 0) wrong("it shares nothing and names a form");
  const of = str(o["of"]);
  if (decision === "keep" ? of !== "" : !isId32(of)) wrong("it does not name what it objects to");
  return { decision, form: "", words: str(o["words"]), wishes, consensus: [], check: "", of };
}

function wishesIn(value: Json): Wishes {
  const o = onlyMembers(value, WISH_MEMBERS);
  if (typeof o["ask_me_first"] !== "boolean") return wrong("the writer's wishes are not known");
  const w = {
    share_level: str(o["share_level"]), ask_me_first: o["ask_me_first"], hold: str(o["hold"]),
    hide: codes(o["hide"], isCode), must_not: codes(o["must_not"], isCode),
  };
  return isKnownWishes(w) ? w : wrong("the writer's wishes are not known");
}

function str(value: Json | undefined): string {
  return typeof value === "string" && wellFormed(value) === value ? value : wrong("a member is not text");
}

function orNone(value: Json | undefined, is: (s: string) => boolean): string {
  const s = str(value);
  return s === "" || is(s) ? s : wrong("it holds something that is no code");
}

function version(value: Json | undefined): string {
  const s = str(value);
  return VERSION.test(s) ? s : wrong("it names no version of the list of codes");
}

/** Each code once and in order, so that one choice has one spelling. */
function codes(value: Json | undefined, is: (code: string) => boolean): string[] {
  if (!Array.isArray(value) || value.length > MAX_CODES) return wrong("its codes are not a list, or too many");
  const list = value.map((code) => str(code));
  if (!list.every(is)) wrong("its codes hold something that is no code");
  if (list.some((code, i) => i > 0 && (list[i - 1] ?? "") >= code)) wrong("its codes are not in order, or one is there twice");
  return list;
}

/** How many codings a consensus names at most: a panel has no more members. */
const MOST_CODERS = 20;

function hashes(value: Json | undefined, least: number, most: number): string[] {
  const list = codes(value, isId32);
  return list.length >= least && list.length <= most ? list : wrong("it names too few or too many files");
}

/** True when a reader would see nothing: spaces, control characters and marks that have no shape. */
export function isBlank(text: string): boolean {
  return !/[^\s\u0085\p{Cc}\p{Cf}]/u.test(text);
}

/** The codes once each, in order. Codes are ASCII, so this is the order of bytes too. */
export function sorted(list: readonly string[]): string[] {
  return [...new Set(list)].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
}
