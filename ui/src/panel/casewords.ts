/** The sentences of the panel's work on messages. */
import type { Reason } from "../sharing.js";
import type { Form } from "../sharing.js";
import type { Stage, Task } from "./casework.js";
import type { ClockName, Due } from "./clocks.js";
import type { MarkKind } from "./guess.js";
import type { Withheld } from "./outgoing.js";
import type { Brake, Caps } from "./pace.js";

export const STAGES: Record<Stage, string> = {
  beside: "Stands beside what somebody wrote. Nobody codes it.",
  "too-few": "Fewer than two of you are left who can read this. Ask a partner panel, or invite and sign in a new member. Until then nobody may decide on it alone.",
  coding: "Waits for two of you to read it, each alone.",
  differs: "Two of you read it and found different things.",
  compared: "Two of you read it and agree. Both still sign the same words.",
  "one-left": "Of those who read it, too few are left to agree. Another of you reads it alone, as the third.",
  "no-third": "Of those who read it, too few are left to agree, and nobody else is left to read it. Ask a partner panel, or invite and sign in a new member.",
  "no-checker": "Agreed. All of you who are left read it first, so nobody can look with other eyes whether someone could guess who wrote. Ask a partner panel, or invite and sign in a new member. Until then you can only keep it.",
  agreed: "Agreed. A third member looks whether someone could guess who wrote.",
  checked: "Checked. You can decide now how far it may go.",
  objecting: "Decided. Everybody on the panel has two whole days to object.",
  objected: "Somebody objects. Nothing goes out without a new decision, on a later day.",
  ready: "Two whole days have passed and nobody objects.",
  "taken-back": "It went out and was taken back. It does not go out by the same decision again: decide anew, or keep it.",
  kept: "Stays with the panel.",
  released: "In the clear, for the clinic. Under Promises you see whether it was handed over.",
};

/** The same in a few words, for a row of the queue. The sentence itself stands in the message. */
export const STANDS: Record<Stage, string> = {
  beside: "Nobody codes it.",
  "too-few": "Too few of you are left. Ask a partner panel.",
  coding: "Needs two readings.",
  differs: "You found different things.",
  compared: "You agree, and have not signed yet.",
  "one-left": "Another of you reads it, as the third.",
  "no-third": "Nobody is left to read it. Ask a partner panel.",
  "no-checker": "Agreed. Nobody is left to look at it.",
  agreed: "Agreed. A third member looks at it.",
  checked: "Checked.",
  objecting: "Decided. There is time to object.",
  objected: "Somebody objects.",
  ready: "Decided. Nobody objects.",
  "taken-back": "Taken back. Decide anew.",
  kept: "Stays with the panel.",
  released: "In the clear. Under Promises you see more.",
};

export const TASKS: Record<Task, string> = {
  look: "Read it",
  declare: "Look whether you may take it",
  code: "Read and answer",
  wait: "Look at it again",
  agree: "Compare and agree",
  third: "Look whether you may be the third",
  check: "Could someone guess who?",
  decide: "Decide how far it may go",
  object: "Look, and object if you must",
  release: "Put it in the clear, for the clinic",
  again: "See how it stands",
  nothing: "See how it stands",
};

const CLOCK: Record<ClockName, string> = { taken: "Take it", coded: "Both readings", decided: "Decide", reply: "Answer the writer", feedback: "Tell the writer what you decided" };

/** The same where a step of it is done, and another is due by then. */
const CLOCK_AT: Partial<Record<Stage, string>> = {
  differs: "Agree", compared: "Agree and sign", "one-left": "Read it as the third, and agree", "no-third": "Agree",
  objecting: "Be done with it", ready: "Be done with it",
};

const clockText = (clock: ClockName, stage: Stage): string =>
  (clock === "coded" || clock === "decided" ? CLOCK_AT[stage] : undefined) ?? CLOCK[clock];

/** While it stands still, no day is named: that day moves on with today. */
export function dueText(d: Due, stage: Stage, day: string, paused = false): string {
  return `${clockText(d.clock, stage)}${paused ? "" : ` by ${day}`}: ${leftText(d, paused)}`;
}

/** The same in a few words, without its day. */
export const shortDue = (d: Due, stage: Stage, paused = false): string => `${clockText(d.clock, stage)}: ${leftText(d, paused)}`;

function leftText({ clock, left }: Due, paused: boolean): string {
  if (left === 0 && !paused) return "today";
  const n = Math.abs(left);
  const days = `${String(n)} ${clock === "taken" ? "working " : ""}${n === 1 ? "day" : "days"} ${left < 0 ? "late" : "left"}`;
  return paused ? `${days}, when the writer has answered` : days;
}

export const BRAKES: Record<Brake, (caps: Caps, minutes: number) => string> = {
  gap: (caps, minutes) => `That was a hard one. Take ${String(caps.gap)} minutes: stand up, drink something, talk to somebody. ${minutes === 1 ? "1 minute" : `${String(minutes)} minutes`} left.`,
  serious: (caps) => `You have read ${String(caps.serious)} of the hardest kind in this sitting. That is enough for today.`,
  sitting: (caps) => `You have read ${String(caps.sitting)} in this sitting. That is enough for today.`,
};

export const FORM_NAMES: Record<Form, string> = {
  count: "Counted, in tables that hide small numbers",
  theme: "The clinic learns what it was about, in nobody's words",
  paraphrase: "The clinic reads it in the panel's words",
  quote: "The clinic reads the writer's words",
  public: "Everybody may read the writer's words",
};

export const REASONS: Record<Reason, string> = {
  "not-allowed": "The writer did not allow this much.",
  "ask-first": "The writer wants to see it first and has not said yes.",
  "on-hold": "The writer said to wait.",
  "no-quotes": "The writer does not want their own words shown.",
  "worker-reads": "Their worker must not be told, and nobody knows who at the clinic reads it.",
  "not-agreed": "Two of you have to agree first.",
  "not-shown": "The writer wanted to see it first, and was not shown these very words, or has not come back since. Show them these, or take what they were shown.",
  "not-checked": "A third member has to look first whether someone could guess who.",
  "could-guess": "A member says that someone could guess who.",
  objected: "Somebody objects.",
  "still-time": "There is still time to object.",
  "not-read": "The writer sent more that is not opened yet. It may take this back.",
  "later-gone": "A younger key was destroyed, with something that came in after this message. The writer may have changed their mind there, " +
    "and nobody can know that any more. So nothing more of this goes out or is counted.",
  "not-known": "The writer chose something this page does not know. So it counts as no.",
};

export const WITHHELD: Record<Withheld, string> = {
  ...REASONS,
  "given-out": "It is in the clear already: a colleague put it there, or you did with a press before this one.",
  "taken-back": "It went into the clear and was taken back since. It does not go out by the same decision again: decide anew, " +
    "or keep it.",
};

export const MARKS: Record<MarkKind, string> = {
  contact: "a way to reach somebody", date: "a day or time", number: "a number", place: "a place", name: "a name, perhaps", rare: "a rare word",
};

export const CASE = {
  queue: "Messages",
  openOne: "Open message",
  urgent: "First of all: it may still go on, or somebody may not be safe",
  toAsk: "These writers wished to be asked by now",
  rest: "All others, the oldest first",
  none: "Nothing waits for you.",
  chips: "It may hold:",
  noChips: "The writer ticked nothing on our warning list.",
  of: { submission: "A message", followup: "More from somebody who wrote before", consent: "A writer changed what may be done", about_you: "About a person", decoy: "", junk: "One that will not open" },
  band: "When it happened", service: "Service", roles: "Who it is about", arrived: "Came in",
  notSaid: "not said",
  avoidTitle: "Not these themes",
  avoidHint: "Messages about these are not shown to you. Only this page knows, also while it is locked; you choose again once it was closed or reloaded. What a writer did not tick can still turn up.",
  avoided: (n: number): string => (n === 1 ? "One message is not shown, as you chose." : `${String(n)} messages are not shown, as you chose.`),
  sharesTitle: "How the work lies on all of you",
  sharesHint: "In the last seven days. Who hands something back is not noted. What somebody read and answered counts all the same.",
  weekFull: (taken: number, week: number): string => `Messages that you took in seven days: ${String(taken)}. Your panel set ${String(week)} for one member. That is enough for this week.`,
  sharesHead: ["Member", "Taken", "Not yet answered"],
  you: "you",
  declareTitle: "Before you read: does anything tie you to it?",
  declareShown: "This is all that leaves the seal before you answer.",
  cardsDiffer: "Your colleagues' cards of it say different things. All of it stands here: think of each.",
  hard: "You must step back if you",
  hardBars: [
    "work for this clinic or its owner, or did in the last five years",
    "are paid by it",
    "are kin, a close friend, the therapist or a client of somebody it may be about",
    "may be named in it",
    "may have written it",
  ],
  soft: "You can also step back for a reason of your own. Nobody asks which, and none is kept.",
  clear: "Nothing ties me to it: I take it",
  clearLook: "Nothing ties me to it: I look at it",
  junk: "What will not open",
  recuse: "I step back",
  recuseSure: "From now on the server gives you nothing of this message. Others take it. This cannot be undone.",
  pauseOver: "The pause is over. You can open it again now.",
  recuseTyped: "What you typed about this message and did not send goes with it, a note to yourself too, and cannot be fetched back. Notes that you sent stay.",
  recuseYes: "Yes, I step back for good",
  recused: "You have stepped back. Thank you.",
  cancel: "No, go back",
  handBack: "Hand this back",
  barsAgain: "Did you see while reading that something ties you to it? You, or somebody close to you, may be named in it. Then step back.",
  handBackTyped: "What you typed about this message goes with it, and cannot be fetched back. Notes that you sent stay.",
  handBackYes: "Hand it back, and let what I typed go",
  handedBack: "Handed back. Nobody is told why, and your name is not kept with it. When the week is over your panel sees how often all of you together did.",
  gone: "The writer took this message back. It is gone for everybody, and so is what you wrote about it.",
  wordsGone: "The key to these words was destroyed, as the panel decided. Nobody can read them any more.",
  story: "What was told",
  impact: "How the writer says it affected them",
  impactNote: "This is theirs. What you find does not change it.",
  impactNone: "The writer did not say.",
  coding: "What you find",
  codingHint: "On your own: nobody sees it before both readings are in. After you send it you cannot change it; you talk it over then.",
  themes: "Is this in it?",
  yes: "Yes", no: "No",
  items: "What of it?",
  good: "What was good?",
  seriousness: "How grave is what was done?",
  involved: "Who was involved?",
  repair: "What repair is asked?",
  writer: "Who wrote it?",
  writerHint: "As the writer answered. Change it only where their words say otherwise. Reports of people who work there are counted apart.",
  writers: { client: "A client community member, or somebody who stands by one", worker: "Somebody who works there", unsaid: "They do not say" },
  send: "Send it and freeze it",
  sent: "Sent. It is frozen.",
  sentCheck: "Sent. If the words change, somebody looks at them again.",
  sentDecision: "Sent. A new decision can take its place.",
  sentObjection: "Sent. Nothing of it goes out without a new decision.",
  sentNote: "Your panel can read the note now. Nobody can change it.",
  sentPause: "Written down. The clock goes by it.",
  waitOther: "Your reading is in. The other one is not yet; you see both when it is.",
  faultsTitle: "Not sent yet",
  faultThemes: (n: number): string => (n === 1 ? "Answer yes or no for one more theme." : `Answer yes or no for ${String(n)} more themes.`),
  faultSeriousness: "Choose how grave it is, from 0 to 3.",
  faultNobody: (theme: string): string => `${theme}: choose what one of the readings says. What none of them says would never count as agreed. Do you see it otherwise now? Say so in a note.`,
  faultBetween: "Choose how grave it is between what the readings say.",
  compareTitle: "Side by side",
  compareHead: ["Question", "Answers"],
  compareSame: "You found the same.",
  compareAgree: "You agree on the themes, and on how grave it is within one step.",
  compareDiffers: "You do not agree yet. Talk it over in the notes, or ask a third member to read it alone.",
  third: "A third member can read it alone.",
  thirdReads: "A third member reads it alone now. Wait for what they find.",
  lastThird: "Only one of you is left who did not read it. If they read it as the third, nobody is left to look whether someone could guess who wrote, and it can only be kept. So try to agree first.",
  lastOther: "You are the last one here who did not read it. If you read it as the third, nobody is left to look whether someone could guess who wrote. Then you can all only keep it, until there is a new member or a partner panel.",
  notAsked: "not asked",
  older: (version: string): string => `Answered with an older list of codes (${version}). Codes that today's list lacks are shown as they are.`,
  beside: "Also found, with codes that today's list lacks. They stay:",
  consensus: "What you agree on",
  consensusHint: "Both readings stay as they are. This stands beside them.",
  signConsensus: "Agree and sign",
  signedConsensus: "Signed. It holds when another of you signs the same.",
  bothSigned: "Signed. Two of you have signed the same now.",
  takeOver: "Another of you has signed this. Sign the same, or change it.",
  ownShown: "Another of you has signed something else. Below stands what you typed.",
  showTheirs: "Show what the other signed",
  showOwn: "Show what I typed",
  notes: "Notes to the others",
  noteLabel: "A note",
  noteHint: "Everybody who reads this message can read it. It is sealed like the message.",
  noteSend: "Add the note",
  noteEmpty: "Write something first.",
  noNotes: "No notes yet.",
  noteAsked: "The panel asked the writer, and waits for them.",
  noteOver: "The wait for the writer was ended or taken back.",
  notesLater: "What others wrote here you read after you have sent what you found.",
  notesAlone: "What others wrote here you read once two who read it agree, or once you have sent what you found yourself. You may be asked to read it alone.",
  alone: "For you",
  aloneLabel: "A note to yourself",
  aloneHint: "How it is for you after reading. It is sealed to you alone, and goes when this message goes. Write about yourself, not about them.",
  buddy: (others: string[]): string => {
    const when = "Say how it is for you. What you found waits until both readings are in.";
    if (others.length === 0) return "Nobody reads this with you yet. You can tell anybody on your panel that it was hard, without telling what it was.";
    return `Do not stay alone with it: ${others.join(" and ")} ${others.length === 1 ? "reads" : "read"} it too, and you can talk. ${when}`;
  },
  silent: (names: string[]): string => {
    const ask = `ask ${names.length === 1 ? "them" : "both"}`;
    return `${names.join(" and ")} took it, says the server, and nothing of theirs counts yet. Nobody signs that they take a part: ${ask}`;
  },
  mayNotContact: "Who does not want to be contacted says so in their words. Then the clocks for an answer to the writer do not count.",
  mayNotContactThis: "Unless they do not want to be contacted: that stands in their words",
  mayPause: "While a writer is asked, the other clocks of their message stand still. You see that once you have said that nothing ties you to it.",
  mayPauseThis: "This may be put off while its writer is asked",
  pausedSince: (day: string): string => `The clock stands still since ${day}: the writer looks first`,
  paused: (from: string, to: string): string => `The clock stood still from ${from} to ${to}, while the writer looked`,
  first: "The writer wants to see it first",
  firstHint: "Nothing goes out before they say yes. Show them the very words. From that day the clocks of this message stand still, until more comes from them. If they never come back, it can be kept with the panel, and is not counted.",
  firstNoWay: "And they left no way to show it to them. So nothing in words can go out: keep it with the panel.",
  firstShow: "Show the writer what may go out",
  firstLead: "What you say to them before it",
  firstLeadHint: "Change it as you like, or write it in their language. They read it above what would go out: the words, the themes where there are none, and what must not happen.",
  firstTied: "Your panel reads in a note what this is. Once the writer says yes, this goes out and nothing else: anything else is shown to them first, again.",
  firstLock: "Lock these words and let them wait",
  firstLocked: "The words are locked for the writer and wait for their hour. Your panel can read which they are once they went. Until then you find them here again, should this page be closed.",
  firstNoting: "The words went to the writer. The note of it for your panel waits still, and is tried again at the next full hour. Keep this page open until then.",
  faultLead: "Say in a few words what the writer is shown.",
  shownOn: (who: string, day: string): string => `${who} showed the writer this on ${day}:`,
  unsent: "This did not go to the writer",
  shownInNoWords: "The writer was asked by a note of before, which does not say which words they were shown. So these words cannot be decided on yet: show them these words again, and wait for their answer.",
  bareBy: (who: string, day: string): string => `${who} noted on ${day} that the writer was asked, and not of which words. So nothing goes out but what the writer is shown first.`,
  bareHere: (who: string): string => `Is that not so? Then ask ${who} to take it back.`,
  bareGone: "Whoever noted it may take part no more, and cannot take it back. Read all that the writer sent. Do they not say that they want to see it first? Then two of you can set the note aside. What the writer wishes themselves always stays.",
  bareAgainst: (who: string[]): string => `${who.join(" and ")} signed that it does not bind.`,
  setAside: "I read all of it: the writer does not ask for this",
  setAsideNote: "I read all that the writer sent. They do not say that they want to see it first, so that note binds us not.",
  sentSetAside: "Signed. It counts once two of you have signed it.",
  unsentNote: "The words did not go to the writer after all.",
  checkShown: "The writer wanted to see it first, and was shown the words below. Other words go out only after they were shown those too. If someone could guess, say so, and write what should change.",
  checkUnseen: "The writer wanted to see it first, and was shown no words to which they can have answered. So no words can be let through yet. Show them some first, above.",
  faultShown: "The writer was not shown these very words, in this form. Take the ones they were shown, or show them these first, above.",
  yesTo: (day: string): string => `The writer was shown these words on ${day}, and has come back since. Who shares them says: I read what they answered, and their yes is to these words.`,
  askedNote: "I sent the writer the words that may go out. We wait for their answer.",
  waitOver: "We wait no longer",
  waitOverHint: "The clock runs again by itself when more comes from the writer on a later day. You can also start it again yourself.",
  waitOverNote: "We wait for the writer's answer no longer.",
  checkTitle: "Could someone guess who?",
  nothingGoes: "As it stands, nothing of this may go out. Why is written at each form. So there are no words to check. Keep it with the panel, and say why, below.",
  nothingYet: "As it stands, nothing of this may go out. Why is written at each form. The writer wants to see it first: show them the words, above. Or keep it with the panel, and say why, below.",
  checkLead: "You are not one of the two who read it first. Look at the words that may go out, with the eyes of somebody who works there.",
  form: "In which form?",
  words: "The words that would go out",
  wordsHint: "Take out names, days, places, and what only one person could know. Do not use the writer's own words in a summary.",
  marksTitle: "What stands out",
  marksNone: "Nothing stands out to this page.",
  marksLimit: "This page knows plain English and common ways to write days and places. It does not know this place or its people. A text without marks can still give somebody away.",
  quotes: (n: number): string => (n === 1 ? "One stretch is in the writer's own words:" : `${String(n)} stretches are in the writer's own words:`),
  crowd: (k: number, role: string, theme = ""): string => {
    const [count, name, are] = k === 1 ? ["Only this message", "names", "is"] : [`${String(k)} messages`, "name", "are"];
    const [joined, about] = theme === "" ? [" and", ""] : [",", `, and ${are} about “${theme}”`];
    return `${count} at hand came that month${joined} ${name} that service${role === "" ? "" : ` and “${role}”`}${about}.`;
  },
  crowdCounts: "It counts messages and not people.",
  crowdSmall: "That is very few. Somebody who works there may know.",
  hide: "The writer wants this taken out:",
  notAsDrawn: "Something has changed since you opened this, so nothing was sent. It is drawn anew: look at it again, then decide.",
  sentAlready: "You sent this before, and the server has it: its answer did not come. Nothing was sent twice.",
  answerLost: "The server's answer did not come. What stands here was fetched after that: look whether your step is done, " +
    "before you press again.",
  otherNow: "Something has changed since you opened this, so you have taken no part in it. It is drawn anew: look at it again, " +
    "then decide.",
  agreedMeanwhile: "The two others have signed meanwhile what they agree on, says the server. That is no word of what they found. " +
    "You need not read it any more: hand it back, below, and you can still look whether someone could guess who wrote. Once you have sent what you find, you cannot.",
  saidMore: "Since this was decided, the writer has said more that must not happen, or must not be shown. Nobody looked for that, " +
    "so it cannot go out like this. Object, with that as your reason. Then it is looked at again, and you decide anew.",
  laterGone: "You can still read it and answer it. Once two coders agree, keep it with the panel.",
  laterGoneDecided: "So it cannot go out. Object, with that as your reason. Then keep it with the panel.",
  orphan: "What this person told first is not here. They took it back, or its key is gone, or you cannot open it. " +
    "So nobody here knows all that they wish. Read this, and answer it. Nothing of it is shared or counted.",
  faultOwnWords: (said: string[]): string =>
    `The writer does not allow their own words to go out. Say this in other words: ${said.map((s) => `“${s}”`).join("; ")}`,
  conditions: "The writer also said this must not happen. The clinic is not told: it is for you to keep to.",
  along: "Beside the words the clinic reads, and nobody else does, what the writer said must not happen:",
  alongWould: "Beside words in any form the clinic would read, and nobody else would, what the writer said must not happen. It is part of what you answer for:",
  themesOut: "The clinic learns these themes, and nothing else:",
  themesWould: "In nobody's words, the clinic would learn these themes. Words in any other form go out without them:",
  noThemesOut: "You agreed on no theme, so without words there is nothing for the clinic to learn.",
  noContact: "The writer said: do not contact me. An answer calls nobody and goes to no phone. It waits in their mailbox, and they find it only if they come back. Write it only where saying nothing would hurt them more.",
  noContactYes: "I know that, and answer all the same",
  guessNo: "I think nobody could guess", guessYes: "Someone could guess",
  changed: "What you changed, or would change (for the others)",
  sendCheck: "Send what I think",
  faultGuess: "Say whether someone could guess.",
  faultForm: "Choose a form.",
  faultWords: "Write the words that would go out.",
  decideTitle: "How far may it go?",
  decideLead: "Decide on the words that were checked. If they should be other words, whoever checked them sends new ones.",
  checkAgain: "Other words",
  checkAgainLead: "You checked the words. You can send new ones here. Then it is decided on those.",
  objectedToday: "Somebody objects today. Share it tomorrow or later, or keep it.",
  keepTitle: "Keep it with the panel",
  keepLead: "Then nothing goes out, and the writer can see that you are done with it. If they allow more later, you can take it up again.",
  keptTitle: "It stays with the panel",
  keptWhy: "Why it was kept:",
  keptHow: "If the writer changes what may be done with it, you can take it up again here.",
  keptChanged: "Since then the writer has changed what may be done with it.",
  takeUp: "Take it up again",
  takeUpNote: "The writer has changed what may be done with it. So we decide anew.",
  takenUp: "It is open again. A decision to share it counts from tomorrow.",
  decideShare: "Share it so, unless somebody objects",
  decideKeep: "Keep it with the panel",
  why: "Why (for the others)",
  whyEmpty: "Say why in a few words. Only the panel reads it.",
  object: "I object",
  objects: (who: string, day: string): string => `${who} objected on ${day}:`,
  objectHint: "Then nothing goes out without a new decision.",
  release: "Put it in the clear now",
  releaseHint: "Then whoever runs this server can read it too. The clinic gets it when one of you presses “Hand it over”, under Promises.",
  released: "It is in the clear now. To give it to the clinic, hand it over under Promises.",
  back: "Back to the list",
  writerMore: "More from the same writer",
  failed: "That did not work, and nothing you typed is lost.",
  busy: "One moment: the step before is still under way. Press again when it is done.",
};
