/** The sentences of the panel's page. The panel reads English so far. */
import type { Failure } from "./messages.js";
import type { JunkReason } from "./desk.js";

export const FAILURES: Record<Failure, string> = {
  "too-large": "This file is too large to be an identity file. Choose the small file you keep your key in.",
  "not-an-identity": "This is not an identity file. It holds one line that starts with AGE-SECRET-KEY-PQ-1.",
  "several-identities": "This file holds more than one key. Keep each key in a file of its own.",
  "classic-key": "This file holds a key of the older kind. Make a new one with: age-keygen -pq",
  "not-a-passphrase-file": "This file is locked to a key and not with a passphrase. Choose your identity file.",
  "work-factor": "This file was locked in a way we do not open. Lock your identity again with: age -p",
  "wrong-passphrase": "This passphrase does not open the file. Check it and try again.",
  "paper-short": "Something is missing. A paper copy has 58 characters after AGE-SECRET-KEY-PQ-1. Check that no group was left out.",
  "paper-long": "This is too long. A paper copy has 58 characters after AGE-SECRET-KEY-PQ-1. Check that no group is there twice.",
  "paper-mistake": "There is a mistake in it somewhere. Compare it with the paper, group by group.",
  "not-for-this-passkey": "This passkey does not open your key. Use another way in.",
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
  sessionEnded: "You were signed out, because it has been a while. Your key is still open here.",
  notOnPanel: "You are signed in, but you sit on no panel here yet. Ask the person who invited you.",
  fetching: "Looking for new words.",
  opening: (n: number, of: number): string => `Opened ${n} of ${of}.`,
  opened: (n: number): string => (n === 1 ? "One message." : `${n} messages.`),
  empty: "Nobody has written yet, or nothing has arrived. New words come in batches, mostly once a day.",
  noWrap: (epoch: string, n: number): string => `${filesWaiting(n)} under key ${epoch}, which you do not hold. A colleague who does can read them.`,
  badWrap: (epoch: string, n: number): string => `${filesWaiting(n)} under key ${epoch}, but the server gave us a key that is not the one people wrote to. Tell your panel. Do not ignore this.`,
  gap: (got: number, of: number): string => `The server said it holds ${of} files and gave us ${got}. Look again later. If it stays so, tell your panel.`,
  junk: "This one will not open",
  junkMore: "Nothing you do here changes that. It stays in the list, so that nobody can say it was never there.",
  byClient: "Locked on the writer's own device",
  byServer: "Locked by our computer, which saw the words for a moment",
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
  decoys: (n: number): string => (n === 1 ? "One more file is" : `${n} more files are`) + " empty on purpose. They hide how many people wrote.",
  more: (n: number): string => `Show ${n} more`,
  worked: (minutes: number): string => (minutes === 1 ? "Open for 1 minute." : `Open for ${minutes} minutes.`),
  pause: "That is a long time with hard things. Stand up, drink something. It will all still be here.",
};

function filesWaiting(n: number): string {
  return n === 1 ? "One file waits" : `${n} files wait`;
}
