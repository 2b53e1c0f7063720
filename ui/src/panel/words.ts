/** The sentences of the panel's page. The panel reads English so far. */
import type { Oddity, Oddness } from "../ledger.js";
import type { Age } from "./completeness.js";
import type { Failure } from "./messages.js";
import type { JunkReason } from "./desk.js";

export const FAILURES: Record<Failure, string> = {
  overlap: "The public log shows that numbers of some of these days are let out already. Whoever holds both could take one from the other and be left with a smaller group. Sign nothing, and tell your panel.",
  bundle: "This file does not hold: something in it is not what would be signed, or its numbers are not just those that your panel let out. Sign nothing, and tell your panel.",
  figures: "These figures do not hold: the tables are not the ones that would be signed. Sign nothing, and tell your panel.",
  "too-large": "This file is too large to be an identity file. Choose the small file you keep your key in.",
  "not-an-identity": "This is not an identity file. It holds one line that starts with AGE-SECRET-KEY-PQ-1.",
  "several-identities": "This file holds more than one key. Keep each key in a file of its own.",
  "classic-key": "This file holds a key of the older kind. Make a new one with: age-keygen -pq",
  "not-a-passphrase-file": "This file is locked to a key and not with a passphrase. Choose your identity file.",
  "work-factor": "This file was locked in a way we do not open. Lock your identity again with: age -p",
  "wrong-passphrase": "This passphrase does not open the file. Check it and try again.",
  fingerprint: "The panel's first list of members is not the one whose fingerprint you gave. Tell your panel, by a way that is not this site. Do not ignore this.",
  panel: "The signed lists of members do not hold together: the server gave a list that the panel did not sign. Tell your panel, by a way that is not this site. Do not ignore this.",
  record: "The server gave a key that was not made for this panel as it is. Tell your panel. Do not ignore this.",
  signatures: "The server gave a key that too few of the panel have signed. Tell your panel. Do not ignore this.",
  days: "This key is not for today.",
  revoked: "The panel has called this key back.",
  seat: "The signed list does not name you with the key you hold. If you have just joined, the panel signs a new list first. If not, tell your panel.",
  draft: "The list that waits does not follow from the signed one. Nothing was signed. Tell your panel.",
  wrap: "Your sealed copy does not hold the key that its record names. Nothing was signed. Tell your panel. Do not ignore this.",
  "no-wrap": "You hold no copy of this key. A colleague who does can hand it on.",
  giver: "This key was handed on, but nobody on the panel signed that. Tell your panel. Do not ignore this.",
  term: "The days of this key, or for how long its words are kept, are not those that the panel decided. Nothing was made or signed. Tell your panel.",
  decision: "This does not read as a decision of this panel. Nothing was signed.",
  number: "This key would be opened by another number of you than you have decided. Nothing was made or signed. Tell your panel. Do not ignore this.",
  unread: "The public log could not be read, or is not what it was. So nobody can say what the server leaves out, and your browser makes and signs nothing. Look again; if it stays so, tell the whole panel.",
  withheld: "The server leaves out what your panel has signed. Nothing was made or signed. Tell the whole panel, by a way that is not this site. Do not ignore this.",
  unlogged: "What you signed last about your panel or its keys is not in the public log yet. Your browser makes and signs keys once it is. Look again in a minute; if it stays so, tell your panel.",
  opens: "Your copy of this key opens, and holds the key that its record names. There is nothing to mend.",
  kit: "A paper kit is for keys that two of at most seven of you open.",
  together: "This key is opened by several of you together. Whoever needs to read asks the others, under Keys and members.",
  request: "This request does not hold. Nothing was given.",
  "paper-short": "Something is missing. A paper copy has 58 characters after AGE-SECRET-KEY-PQ-1. Check that no group was left out.",
  "paper-long": "This is too long. A paper copy has 58 characters after AGE-SECRET-KEY-PQ-1. Check that no group is there twice.",
  "paper-mistake": "There is a mistake in it somewhere. Compare it with the paper, group by group.",
  "not-for-this-passkey": "This passkey does not open your key. Use another way in.",
  "too-long": "This is too long for one answer. Shorten it, or write two.",
  failed: "This browser could not do it. Reload the page and try again, or use the terminal.",
};

export const JUNK: Record<JunkReason, string> = {
  leaf: "Its line in the public log cannot be read.",
  epoch: "The server gave it to us under another key's name.",
  hash: "The file is not the one that the public log names.",
  shape: "The file is not sealed the way we seal.",
  key: "It was not sealed with the panel's key, or it was damaged on the way.",
  plaintext: "It opens, but what is inside is not a message of ours.",
  "other-epoch": "It was written for another key. Somebody may have sent an old file again.",
  "other-origin": "It was written for another place.",
  "other-anchor": "It belongs to another message's receipt. Somebody may have mixed files up on purpose.",
};

export const SAY = {
  signingIn: "Signing in.",
  locked: "Locked. The keys and everything that was open are gone from this page.",
  lockedIdle: "Locked after ten quiet minutes. Choose your identity file to go on.",
  typedWaits: "What you typed last is not at the server yet. It waits here, sealed to you alone. Unlock again to store it. It is lost when this page closes.",
  typedLost: "Some of what you typed last could not be sealed in time, and is lost.",
  stepBackWaits: (n: number): string => `You stepped back from ${n === 1 ? "a message" : `${n} messages`}, and the server has not taken that yet. Press “Look again”. Until then do not close this page.`,
  sessionEnded: "You were signed out: it has been a while, or another window was locked. Your key is still open here. Press “Sign in again”.",
  promisesWait: (n: number): string => `About the clinic's answers and promises, ${n === 1 ? "one thing waits" : `${String(n)} things wait`} for you: see Promises.`,
  notOnPanel: "You are signed in, but you sit on no panel here yet. Ask the person who invited you.",
  busy: "One moment: what was begun before is not done yet. Press it again then.",
  busyThen: "One moment: it is shown as soon as what was begun before is done.",
  fetching: "Looking for new words.",
  fetchingAll: "Fetching everything under this key, so that nobody sees which one you read.",
  lookingAtKeys: "Checking every signature.",
  opening: (n: number, of: number): string => `Opened ${n} of ${of}.`,
  opened: (n: number): string => (n === 1 ? "One message." : `${n} messages.`),
  empty: "Nobody has written yet, or nothing has arrived. New words come in batches, mostly once a day.",
  together: (epoch: string, n: number): string => `${filesWaiting(n)} under key ${epoch}, which several of you open together. To read, ask the others under Keys and members.`,
  noWrap: (epoch: string, n: number): string => `${filesWaiting(n)} under key ${epoch}, which you do not hold. A colleague who does can read them.`,
  badKey: (epoch: string, n: number, why: string): string => `${filesWaiting(n)} under key ${epoch}. ${why}`,
  gap: (got: number, of: number): string => `The server said it holds ${of} files and gave us ${got}. Look again later. If it stays so, tell your panel.`,
  dropped: (n: number, epoch: string): string =>
    `The public log says that ${n === 1 ? "one more message was" : `${n} more messages were`} told under key ${epoch}, and the server does not give ${n === 1 ? "it" : "them"}. Nobody took ${n === 1 ? "it" : "them"} back. Tell the whole panel, by a way that is not this site. Do not ignore this.`,
  hidden: (n: number): string =>
    `The public log names ${n === 1 ? "one message" : `${n} messages`} under a key of yours that the server does not list. Tell the whole panel, by a way that is not this site. Do not ignore this.`,
  unlogged: (epoch: string): string =>
    `The server gives messages under key ${epoch}, and the public log that it shows does not name that key. The log may be an old one. Compare it with a colleague, by a way that is not this site.`,
  logOverdue: "The public log stands still: by this device's clock a new batch is overdue. What was told since is not in it, and nobody can say whether it is here. Compare with a colleague, by a way that is not this site, and check the clock of this device.",
  logState: ({ size, batch, witness, silent }: Age, dayText: (day: string) => string): string => {
    const server = batch === null ? "No batch has run yet, the server says." : `The newest batch is of ${dayText(batch)}, the server says.`;
    const seen = witness === null ? "Nobody else has signed this state of it." : `${witness.name} has signed this state of it on ${dayText(witness.day)}.`;
    const down = witness === null || silent.length === 0 ? "" : ` Not signed by ${silent.join(", ")}, which should have.`;
    return `The public log has ${size.toLocaleString("en")} leaves. ${server} ${seen}${down} A colleague should see the same.`;
  },
  logUnread: "The public log could not be read, or is not what it was. Nobody can say now whether everything that was told is here. Look again; if it stays so, tell the whole panel.",
  junk: "This one will not open",
  junkFound: "A colleague's browser tried and could not open it. Yours tries when you read another one of these days.",
  junkMore: "Nothing you do here changes that. It stays in the list, so that nobody can say it was never there.",
  byClient: "Locked on the writer's own device",
  byServer: "Locked by our computer, which saw the words for a moment",
  followup: "More from somebody who wrote before.",
  aboutYou: "What somebody says about themselves.",
  aboutAlone: "They wished it tied to what they told. That is not here.",
  aboutTied: "About the person, tied by their wish",
  aboutTiedMore: "The clinic is never given this, and no coding, finding, figure or export holds it. Write it nowhere.",
  consent: "The writer has changed what may be done with their words. From now on:",
  rowFollowup: "More from before",
  rowAboutYou: "About a person",
  rowConsent: "The writer changed what may be done with their words",
  rowShareDefault: "Only the panel",
  rowClient: "Locked by the writer",
  rowServer: "Locked by our computer",
  holds: "This holds:",
  holdsNothing: "The writer ticked nothing on our warning list. Their own words can still hold anything.",
  unlisted: "Their own words can hold more than this.",
  lift: "Read it",
  sentences: "Read it sentence by sentence",
  next: "Next sentence",
  rest: "Read the rest",
  close: "Close it",
  share: "Who may see this",
  shareDefault: "The panel only. The writer chose nothing, so it is the most private answer.",
  mustNot: "What you must not do",
  ask: "Before you share",
  names: "People's names",
  namesRule: "Our rule: look at names only when two of you agree. This page cannot check that; you can.",
  namesShow: "Show the names",
  noAnswers: "The writer left every question open.",
  wrongCard: (by: string, day: string): string =>
    `The card that ${by} stored for a message of ${day} says something else than the message does: of what it is, of warnings, service, role or time. ` +
    "It may be from an older list of warnings. Your list goes by the message. If there is no such reason, ask them, and tell your panel.",
  unproven: (by: string, part: "coded" | "recused"): string =>
    `The server says that ${by} has ${part === "coded" ? "read a message and sent what they found" : "stepped back from a message"}, and shows no signature of theirs for it. ` +
    `It counts for nothing here, and the message stays open to you. Ask ${by}, by a way that is not this server.`,
  unsigned: (day: string): string =>
    `The server says that something of a message of ${day} was given out, and shows no member's signature for it by the decision that stands. ` +
    "It stays in your list. Tell the whole panel, by a way that is not this server.",
  awayReview: (by: string): string => `The server gives something about a message in the name of ${by} that counts for nothing: they were not on the panel then, or the message came after they had left. It is not shown. Tell your panel.`,
  badReview: (by: string): string => `The server gives something about a message in the name of ${by} that they did not sign so. It is not shown. Tell your panel.`,
  elsewhere: (epoch: string): string =>
    `The server lists a message under key ${epoch}, and the public log names it under another. It is not shown there: what you write about it would be locked to the wrong key. Tell the whole panel.`,
  circles: (epoch: string): string =>
    `The server gives its list under key ${epoch} in circles and does not come to its end. Something of it may be missing here. Look again, and if this stays, tell the whole panel.`,
  misdated: "The days that the server gives for messages are not in the order of the public log. A writer's older wish could look like the newest, so nothing goes out. Tell the whole panel.",
  otherLog: (by: string[]): string =>
    `${by.join(", ")} signed to have seen another public log than the one that the server shows you now: a longer one, or a different one. Nothing goes out. Tell the whole panel, by a way that is not this site. Do not ignore this. ` +
    "Tell each other how many leaves your logs have. Where you find that only who signed it says so, " +
    "it stops nothing any more once they are off the list of members.",
  otherLogLeft: (by: string[]): string =>
    `${by.join(", ")} signed to have seen another public log than the one that the server shows you now, a longer one or a different one, ` +
    "and is not on the list of members any more. It stops nothing. Either the server showed them another log, " +
    "or they did not see what they signed: tell each other how many leaves your logs have.",
  outNoLog: "The public log could not be read, or is not what it was. So nobody can say whether this writer sent more, and nothing goes out. Look again.",
  outMissing: (n: number): string =>
    `The public log names ${n === 1 ? "one message" : `${String(n)} messages`} that your browser was not given. ${n === 1 ? "It" : "One of them"} may take this back, so nothing goes out. Look again; if it stays so, tell the whole panel.`,
  otherDay: (theirs: string, own: string): string =>
    `The server says that today is ${theirs}. This device says that it is ${own}. What you sign carries the server's day, and a wrong one could cut short the time to object. So nothing is signed now. ` +
    "If this device is wrong, set its date right and look again. If it is right, tell the whole panel, by a way that is not this server.",
  dayHere: (theirs: string, own: string): string =>
    `The server on this machine works on ${theirs}, and this device says that it is ${own}. What you sign here carries the server's day.`,
  retracted: "A writer allows less now. What lay in the clear of that message, for the clinic, was taken back. What somebody has read there stays read.",
  uncounted: "A writer does not want to be counted any more. That message's codes were taken out of the numbers.",
  outgrown: "Two of you had agreed on the codes of a message, and do not any more. They were taken out of the numbers until two agree again.",
  wrongCodes: (by: string, day: string, signed: boolean): string =>
    (signed
      ? `${by} put codes of a message of ${day} into the numbers that no two of you agreed on. They were taken out. `
        + `Ask ${by}, and tell your panel.`
      : `The server counts codes of a message of ${day} in the name of ${by}, who did not sign them. They were taken out. `
        + "Tell the whole panel, by a way that is not this site."),
  codesHidden: (day: string): string =>
    `The server says that the codes of a message of ${day} are in the numbers, and does not show whose they are. `
    + "Look again, and if this stays, tell the whole panel, by a way that is not this site.",
  decoys: (n: number): string => (n === 1 ? "One more file is" : `${n} more files are`) + " empty on purpose. They hide how many people wrote.",
  more: (n: number): string => `Show ${n} more`,
  worked: (minutes: number): string => (minutes === 1 ? "Open for 1 minute." : `Open for ${minutes} minutes.`),
  pause: "That is a long time with hard things. Stand up, drink something. It will all still be here.",
};

/** What is wrong with a leaf of the log that no honest server writes. */
const ODDNESS: Record<Oddness, string> = {
  kind: "its kind is unknown",
  form: "its lines are not those of its kind",
  anchor: "it carries the mark by which somebody finds their own message, perhaps to make that one look taken back",
  epochless: "it is a message under a key that the log does not name",
  withdrawal: "it takes a message back without what only the writer had",
  panel: "it is no list of members that follows the one before",
  epoch: "it is a key that its panel has not signed",
  "other-epoch": "it is a second key by the name of another",
  shredding: "it says that a key was destroyed, and that key's panel has not signed that",
};

const MOST_ODD = 5;

/** Names the leaves that do not belong in the log. We do not count them. */
export function oddSentence(oddities: Oddity[]): string {
  const named = oddities.slice(0, MOST_ODD).map((o) => `leaf ${o.index}: ${ODDNESS[o.reason]}`).join("; ");
  const more = oddities.length > MOST_ODD ? `; and ${oddities.length - MOST_ODD} more` : "";
  return `The public log holds what no honest server writes: ${named}${more}. We do not count it. Tell the whole panel, by a way that is not this site. Do not ignore this.`;
}

function filesWaiting(n: number): string {
  return n === 1 ? "One file waits" : `${n} files wait`;
}
