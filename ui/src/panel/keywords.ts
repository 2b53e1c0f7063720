/** The sentences of the view in which a panel looks after its members and keys. */
import type { CharterPart, Resolution, Rotation } from "../decision.js";
import type { Withheld } from "../standing.js";
import { dayText } from "./reading.js";
import type { AnswerProblem, Refusal, Request } from "./together.js";

const keys = (n: number): string => (n === 1 ? "1 key" : `${String(n)} keys`);
const messages = (n: number): string => (n === 1 ? "1 message" : `${String(n)} messages`);

export const STATES: Record<string, string> = {
  offered: "Offered: waits for signatures",
  logged: "Ready: its days have not come",
  active: "In use: people write to it today",
  grace: "Ended: takes late forms today",
  closed: "Ended: kept to be read",
  revoked: "Called back: takes nothing",
  abandoned: "Never used: not enough signatures in time",
  "shred-pending": "Will be destroyed when one more has signed",
  shredded: "Destroyed",
};

export const CHARTER: Record<CharterPart, string> = {
  chosen: "How are members chosen?",
  peers: "Are most of them client community members: people who come here for care?",
  paid: "Who pays them, and from where does the money come?",
  barred: "Who may not join?",
  more: "What else should people know? (You may leave this empty.)",
};

/** What is wrong with a part that came. */
export const PARTS: Record<AnswerProblem, (who: string, hash: string) => string> = {
  left: (who) => `${who} is not on the panel any more. Their part was not used.`,
  changed: (who) => `The answer in the name of ${who} is not what ${who} signed: the server has changed it. Tell your panel. Do not ignore this.`,
  "no-part": (who) => `${who} joined after this key was made and holds no part of it. Their answer was not used.`,
  wrong: (who, hash) => `The part from ${who} is not the one that was made for ${who}${hash === "" ? "" : ` (its hash is ${hash})`}. It was not used. Ask them, by a way that is not this site, to give it again.`,
};

/** Why a request must not be answered. */
export const REFUSALS: Record<Refusal, string> = {
  unreadable: "A request does not read. Do not answer it.",
  "not-a-member": "Somebody asks who is not on the panel. Do not answer. Tell your panel.",
  "not-signed": "A request stands here in the name of a member who did not sign it. Do not answer. Tell your panel. Do not ignore this.",
  elsewhere: "A request is another clinic's. Do not answer it.",
  days: "A request is not of these days. Do not answer it.",
  key: "A request is for a key that the panel did not sign, or that each of you opens alone. Do not answer it.",
};

export const KEYS = {
  noList: "This panel has no signed list of members yet. All its members sign the first one under Keys and members.",
  notListed: "You have joined, and the signed list does not name you yet, so you are given nothing to read. When a colleague has proposed a list that does, you and they sign it under Keys and members. Then press Look again.",
  warn: (days: number, openUntil: string | null): string => {
    if (openUntil === null) return "No key takes words today, so the form is closed. Nobody can write until enough of you have signed in: your browsers make the keys by themselves.";
    const end = days <= 0 ? "The last key's days end today or are over." : `In ${days === 1 ? "one day" : `${String(days)} days`} the last key's days end.`;
    return `${end} The form stays open with it until ${dayText(openUntil)}. Then it closes, and nobody can write. New keys wait for signatures: ask your colleagues to sign in.`;
  },
  made: (n: number): string => `Your browser made ${keys(n)} for the time ahead. Your colleagues' browsers check ${n === 1 ? "it" : "them"} when they sign in.`,
  working: {
    making: (done: number, of: number): string => `${String(done)} of ${keys(of)} made. What is made stays, also when you lock or close this page.`,
    signing: (done: number, of: number): string => `${String(done)} of ${of === 1 ? "1 new key" : `${String(of)} new keys`} opened and signed.`,
    drawing: (done: number, of: number): string => `${String(done)} of ${String(of)} blocks drawn.`,
    checking: (done: number, of: number): string => `The signatures of ${String(done)} of ${keys(of)} checked.`,
  },
  signed: (n: number): string => `Your browser opened your copy of ${n === 1 ? "1 new key" : `${String(n)} new keys`}, found ${n === 1 ? "it" : "them"} right, and signed.`,
  aboutKey: (epoch: string, why: string): string => `Key ${epoch}: ${why}`,

  withheld: (what: Withheld[]): string =>
    `The public log has what this server does not show you: ${list(what.map(WITHHELD))}. Your browser makes and signs nothing here. Tell the whole panel, by a way that is not this site. Do not ignore this.`,

  members: "Who sits here",
  fingerprint: "The panel's fingerprint",
  fingerprintHint: "It stands on the poster and never changes. Compare it with a colleague's, or with the poster on the wall. To have this page check it each time, keep this address as a bookmark:",
  needed: (m: number, n: number): string => `${String(m)} of ${String(n)} must sign what counts.`,
  you: "you",
  leaves: (id: string): string => `${id} leaves`,
  leaving: "Somebody leaves, or has lost their key",
  leavingHint: "A new list without them is proposed. Those who stay sign it. Then your browsers make new keys, and you call back the keys that the one who left can still open. What was written to those stays readable to them: nothing can undo that.",
  lostHint: "Has somebody lost their key, and stays? Then a steward makes them a new link first. When they have joined with a new key, one list takes the old key off and puts the new one on. To every program they are somebody else from then on: what they stepped back from comes up again, and they have to step back again. What they coded before they neither check nor read as the third.",
  replacedBy: (ids: string[]): string => `${list(ids)} ${ids.length === 1 ? "has" : "have"} joined, and will be put on the same list. If it is somebody who lost their key: meet them first, and compare the new id with what they see. What they stepped back from before comes up again for them: ask them to step back again, and not to check what they have coded.`,
  who: "Who leaves, or whose key is lost",
  howMany: "How many must sign from then on",
  proposeWithout: "Propose the list without them",
  newcomers: (ids: string[]): string => `${list(ids)} ${ids.length === 1 ? "has" : "have"} joined and ${ids.length === 1 ? "is" : "are"} not on the signed list. Meet them first, and compare their id with what they see.`,
  proposeWith: "Propose the list with them",
  draftTitle: (version: number): string => `List ${String(version)} waits for signatures`,
  draftJoined: (ids: string[]): string => `Joins: ${list(ids)}. Who joins signs too: nobody else can say which key is theirs.`,
  draftLeft: (ids: string[]): string => `Leaves: ${list(ids)}.`,
  draftFirst: "The first list. Everybody on it signs, and its fingerprint goes on the poster.",
  draftMembers: (ids: string[]): string => `Then on it: ${list(ids)}.`,
  draftName: "The name of this list, and of no other. Compare it with what a colleague is shown:",
  draftNeeded: (m: number): string => `From then on ${String(m)} must sign.`,
  signedBy: (ids: string[]): string => (ids.length === 0 ? "Nobody has signed yet." : `Signed by ${list(ids)}.`),
  sign: "Sign it",
  signedList: "You signed the list. It counts when enough of you have.",
  listInForce: "You signed, and the list is in force.",
  proposed: "Proposed. It counts when enough of you have signed.",
  decided: "You signed, and it is decided.",
  signedOne: "You signed.",

  change: "A change of the panel goes on",
  changeDone: (done: number, of: number): string => `${String(done)} of ${String(of)} steps are done.`,
  changeHint: "You can stop at any time. What is done stays, and any of you can go on.",
  stepDone: "Done.",
  stepOpen: "To do.",
  stepChoice: "If you want.",
  steps: {
    list: "Enough of you sign the new list.",
    "call-back": "The keys that somebody who left can open are called back.",
    keys: "New keys are made and signed. Your browsers do it by themselves when you sign in.",
    past: "The keys of the past are handed on to who has joined.",
  },

  keysTitle: "Keys",
  keysHint: "Each key is for its own days. Your browsers make them ahead and sign that they hold them; there is nothing to click.",
  covered: (day: string): string => `There are keys until ${dayText(day)}.`,
  late: (day: string): string => `The last key's days are over. It takes words until ${dayText(day)}, and then the form closes.`,
  noneNow: "No key takes words today.",
  tableName: "Keys of this panel",
  columns: ["Key", "Days", "State", "Signed by", "Read until", "Holds"],
  days: (from: string, to: string): string => `${dayText(from)} to ${dayText(to)}`,
  holds: (n: number): string => (n === 0 ? "nothing" : messages(n)),
  openedBy: (k: number): string => (k > 1 ? `Any ${String(k)} of you open it together` : "Each of you opens it alone"),
  decidedNow: (r: Rotation | null): string => (r === null ? "You have not decided how keys change: each member opens every key alone." : inWords({ kind: "rotation", clinic: "", day: "", rotation: r })),
  unproven: "Not shown: the panel did not sign this",
  callBack: "Call keys back",
  callBackHint: "A key that is called back takes no words from that day, and the next one is used at once. Do this when somebody has left, or when a key may have been seen by others.",
  heldByLeft: (ids: string[], n: number): string => `${list(ids)} ${ids.length === 1 ? "has" : "have"} left and can still open what is written to ${keys(n)}. Call ${n === 1 ? "it" : "them"} back.`,
  proposeCallBack: "Propose to call them back",
  chooseKeys: "Tick at least one key.",
  destroy: "Destroy a key whose time is over",
  destroyHint: (days: number): string => `The key and everything written to it is destroyed, when two of you have signed. Nobody can bring it back. Copies of the database can hold it for ${String(days)} days more.`,
  destroyYounger: (id: string, older: readonly { id: string; files: number }[]): string =>
    older.length === 0 ? "" :
      `Before you sign: older keys still hold messages: ${list(older.map((k) => `${k.id} (${messages(k.files)})`))}. Who wrote them may have ` +
      `changed their mind under ${id}. Once it is destroyed, nobody can know that. Then none of the messages that came in before can be ` +
      "shared or counted any more. You can still read them, answer them and keep them. Decide about them first, or destroy the older key " +
      "first. Your promise to destroy a key when its time is over still stands: weigh the two.",
  proposeDestroy: (id: string, n: number): string => `Propose to destroy ${id} and ${KEYS.holds(n)}`,

  give: "Hand keys on",
  giveHint: "Somebody who joined later reads what is written from now on. If they should read the past too, hand the keys of that time on. What you hand on cannot be taken back.",
  giveTo: (id: string, n: number): string => `Hand ${keys(n)} of the past on to ${id}`,
  giving: (done: number, of: number): string => `${String(done)} of ${String(of)} keys handed on.`,
  given: (n: number, id: string): string => `${keys(n)} handed on to ${id}.`,
  skipped: (ids: string[]): string =>
    ids.length === 0 ? "" : `${list(ids)} ${ids.length === 1 ? "was" : "were"} skipped, because your own copy does not open. Another colleague can hand ${ids.length === 1 ? "it" : "them"} on.`,
  unreadable: (id: string): string => `Your copy of key ${id} does not open. Who made it made it wrongly, or somebody has changed it. Tell your panel. When you say so here, a colleague who holds the key can hand it on to you again; the old copy is kept.`,
  refuse: (id: string): string => `Ask for key ${id} again`,
  refused: "You said so. When a colleague has handed the key on, look again.",
  stop: "Stop",
  stopped: (done: number, of: number): string => `Stopped. ${String(done)} of ${String(of)} are handed on; you can go on with the rest at any time.`,

  opening: "Opening together",
  openingHint: "Where several of you open a key, nobody reads alone. Whoever needs to read asks. The request stands in the public log, and each of you decides whether to give your part.",
  asks: (q: Request): string =>
    `${dayText(q.day)}: ${q.asker} asks to open key ${q.epoch}. With ${String(q.k)} of ${String(q.n)} parts they read all that was written to it, and what comes until ${dayText(q.lastDay)}.`,
  askThem: "Ask them, by a way that is not this site, whether it is them, and why. What you give cannot be taken back.",
  givePart: "Give your part",
  gavePart: "You gave your part. Only the one who asked can open it.",
  mine: (answered: number): string => `It is your request. ${answered === 1 ? "One colleague has" : `${String(answered)} colleagues have`} answered.`,
  noPart: "You joined after this key was made and hold no part of it.",
  askFor: (epoch: string, files: number): string => `Ask to open key ${epoch} (${messages(files)})`,
  asked: "You asked. Your colleagues see it for seven days. Tell them why. When they have answered, look again.",
  makeKit: (epoch: string): string => `Make a paper kit for key ${epoch}`,
  kitHint: "With a paper kit any two of you open this key when there is no server any more, with their own identity files and the public age command. Nobody sees when it is used. Nothing here can destroy a copy: when you destroy the key, burn or wipe each.",
  kitMade: (n: number): string => `The kit is made, with ${String(n)} blocks. Save it or print it, then put it away.`,
  saveKit: "Save the kit",
  printKit: "Print it",
  putKitAway: "Put it away",
  kitAway: "Put away. Nothing of the kit is left on this page.",
  othersAsk: (n: number): string => `${n === 1 ? "A colleague asks" : `${String(n)} requests ask`} to open a key together. See Keys and members.`,
  openedTogether: (from: string[]): string => `Open, with the parts of ${list(from)}.`,
  waitsForParts: (have: number, need: number): string => `${String(have)} of ${String(need)} parts are here. It opens when more colleagues have answered.`,
  dealtWrongly: (dealer: string): string => `The parts are those that were made, and together they do not give the key. ${dealer} made them wrongly, and nobody can open it. Tell your panel, and call this key back.`,

  decisions: "What you decide together",
  noneWaits: "Nothing waits for signatures.",
  waits: (signed: number, needed: number): string => `${String(signed)} of ${String(needed)} have signed.`,
  before: "What was decided before",
  proposeCharter: "Propose the panel's charter",
  charterHint: "Your own words about yourselves. Everybody can read them on the page of the keys.",
  proposeThis: "Propose it",
  proposeSupport: "Propose whether the form may open without a list of whom to turn to",
  supportWithout: "It may open without a list",
  supportNeeded: "It opens only with a list",
  proposeRotation: "Propose how often the key changes",
  rotationDays: "Days a key is in use",
  rotationDaysHint: "1 to 92. Leave it empty for one key a month.",
  rotationK: "How many open a key together",
  rotationKHint: "One is quick. With two or more nobody reads alone, and nobody can copy everything alone. It holds for keys made from then on.",
  rotationRetain: "Days that words are kept after their key's last day",
  rotationRetainHint: "30 to 3650.",
  wrongNumber: "One of these numbers cannot be. Check them against the sentences beside them.",
  emptyCharter: "Answer the first four questions.",
};

const WITHHELD = (what: Withheld): string => {
  if (what === "revoke") return "that a key was called back";
  if (what === "rotation") return "what you decided last about your keys";
  return `${what} of the panel's members`;
};

function list(ids: string[]): string {
  if (ids.length < 2) return ids.join("");
  return `${ids.slice(0, -1).join(", ")} and ${ids[ids.length - 1] ?? ""}`;
}

/** A decision in words, worked out from its signed lines. A charter's texts are shown beside this. */
export function inWords(r: Resolution): string {
  switch (r.kind) {
    case "revoke":
      return `Call back ${list(r.epochs)}: ${r.epochs.length === 1 ? "this key takes" : "these keys take"} no words any more.`;
    case "shred":
      return `Destroy key ${r.epoch} and everything written to it. Copies of the database can hold it until ${dayText(r.effective)}.`;
    case "support":
      return r.without ? "The form may open without a list of whom to turn to." : "The form opens only with a list of whom to turn to.";
    case "charter":
      return "The panel's charter:";
    case "settings":
      return "What the form says and asks here, how your panel works, and which numbers go out:";
    case "rotation": {
      const { k, days, retainDays } = r.rotation;
      const length = days === 0 ? "a month" : days === 1 ? "one day" : `${String(days)} days`;
      return `From its next one on, a key lasts ${length}, is opened by ${k === 1 ? "one of you" : `${String(k)} of you together`}, and its words are kept for ${String(retainDays)} days after.`;
    }
  }
}
