/** The sentences of the panel's work on messages. */
import type { Reason } from "../sharing.js";
import type { Form } from "../sharing.js";
import type { Stage, Task } from "./casework.js";
import type { ClockName, Due } from "./clocks.js";
import type { MarkKind } from "./guess.js";
import type { Brake, Caps } from "./pace.js";

export const STAGES: Record<Stage, string> = {
  beside: "Stands beside what somebody wrote. Nobody codes it.",
  "too-few": "Fewer than two of you are left who can read this. Ask a partner panel, or invite and sign in a new member. Until then nobody may decide on it alone.",
  coding: "Waits for two of you to read it, each alone.",
  differs: "Two of you read it and found different things.",
  compared: "Two of you read it and agree. Both still sign the same words.",
  agreed: "Agreed. A third member looks whether someone could guess who wrote.",
  checked: "Checked. You can decide now how far it may go.",
  objecting: "Decided. Everybody on the panel has two whole days to object.",
  objected: "Somebody objects. Nothing goes out without a new decision, on a later day.",
  ready: "Two whole days have passed and nobody objects.",
  kept: "Stays with the panel.",
  released: "Given to the clinic.",
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
  release: "Give it to the clinic",
  nothing: "See how it stands",
};

const CLOCK: Record<ClockName, string> = { taken: "Take it", coded: "Both readings", decided: "Decide" };

/** While it stands still, no day is named: that day moves on with today. */
export function dueText(d: Due, day: string, paused = false): string {
  const what = paused ? CLOCK[d.clock] : `${CLOCK[d.clock]} by ${day}`;
  if (paused) return `${what}: ${d.left < 0 ? `${days(-d.left)} late` : `${days(d.left)} left`}, when the writer has answered`;
  if (d.left < 0) return `${what}: ${days(-d.left)} late`;
  return d.left === 0 ? `${what}: today` : `${what}: ${days(d.left)} left`;
}

const days = (n: number): string => (n === 1 ? "1 day" : `${String(n)} days`);

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
  "no-quotes": "The writer said: no quotes.",
  "worker-reads": "Their worker must not be told, and nobody knows who at the clinic reads it.",
  "not-agreed": "Two of you have to agree first.",
  "not-checked": "A third member has to look first whether someone could guess who.",
  "could-guess": "A member says that someone could guess who.",
  objected: "Somebody objects.",
  "still-time": "There is still time to object.",
  "not-read": "The writer sent more that is not opened yet. It may take this back.",
  "not-known": "The writer chose something this page does not know. So it counts as no.",
};

export const MARKS: Record<MarkKind, string> = {
  contact: "a way to reach somebody", date: "a day or time", number: "a number", place: "a place", name: "a name, perhaps", rare: "a rare word",
};

export const CASE = {
  queue: "Messages",
  openOne: "Open message",
  urgent: "First of all: it may still go on, or somebody may not be safe",
  rest: "All others, the oldest first",
  none: "Nothing waits for you.",
  chips: "It may hold:",
  noChips: "The writer ticked nothing on our warning list.",
  of: { submission: "A message", followup: "More from somebody who wrote before", consent: "A writer changed what may be done", about_you: "About a person", decoy: "", junk: "One that will not open" },
  band: "When it happened", service: "Service", roles: "Who it is about", arrived: "Came in",
  notSaid: "not said",
  avoidTitle: "Not these themes",
  avoidHint: "Messages about these are not shown to you today. Only this page knows; you choose again when you sign in again. What a writer did not tick can still turn up.",
  avoided: (n: number): string => (n === 1 ? "One message is not shown, as you chose." : `${String(n)} messages are not shown, as you chose.`),
  sharesTitle: "How the work lies on all of you",
  sharesHint: "In the last seven days. Who hands something back is not noted.",
  sharesHead: ["Member", "Taken", "Not yet answered"],
  you: "you",
  declareTitle: "Before you read: does anything tie you to it?",
  declareShown: "This is all that leaves the seal before you answer.",
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
  recuseYes: "Yes, I step back for good",
  recused: "You have stepped back. Thank you.",
  cancel: "No, go back",
  handBack: "Hand this back",
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
  compareTitle: "Side by side",
  compareHead: ["Question", "Answers"],
  compareSame: "You found the same.",
  compareAgree: "You agree on the themes, and on how grave it is within one step.",
  compareDiffers: "You do not agree yet. Talk it over in the notes, or ask a third member to read it alone.",
  third: "A third member can read it alone.",
  notAsked: "not asked",
  older: (version: string): string => `Answered with an older list of codes (${version}). Codes that today's list lacks are shown as they are.`,
  beside: "Also found, with codes that today's list lacks. They stay:",
  consensus: "What you agree on",
  consensusHint: "Both readings stay as they are. This stands beside them.",
  signConsensus: "Agree and sign",
  signedConsensus: "Signed. It holds when another of you signs the same.",
  takeOver: "Another of you has signed this. Sign the same, or change it.",
  notes: "Notes to the others",
  noteLabel: "A note",
  noteHint: "Everybody who reads this message can read it. It is sealed like the message.",
  noteSend: "Add the note",
  noteEmpty: "Write something first.",
  noNotes: "No notes yet.",
  alone: "For you",
  aloneLabel: "A note to yourself",
  aloneHint: "How it is for you after reading. It is sealed to you alone, and goes when this message goes. Write about yourself, not about them.",
  buddy: (others: string[]): string => {
    const when = "Say how it is for you. What you found waits until both readings are in.";
    if (others.length === 0) return "Nobody reads this with you yet. You can tell anybody on your panel that it was hard, without telling what it was.";
    return `Do not stay alone with it: ${others.join(" and ")} ${others.length === 1 ? "reads" : "read"} it too, and you can talk. ${when}`;
  },
  mayPause: "This may be put off while its writer is asked",
  pausedSince: (day: string): string => `The clock stands still since ${day}: the writer looks first`,
  paused: (from: string, to: string): string => `The clock stood still from ${from} to ${to}, while the writer looked`,
  first: "The writer wants to see it first",
  firstHint: "Nothing goes out before they say yes. Send them the words: answer the writer, below. Then say here that you did. From that day the clocks of this message stand still, until more comes from them.",
  asked: "I sent the writer the words: now we wait",
  askedNote: "I sent the writer the words that may go out. We wait for their answer.",
  waitOver: "We wait no longer",
  waitOverHint: "The clock runs again by itself when more comes from the writer on a later day. You can also start it again yourself.",
  waitOverNote: "We wait for the writer's answer no longer.",
  draftSaved: "What you typed is kept, sealed to you alone.",
  draftFailed: "What you typed could not be kept. Do not close this page. It tries again.",
  checkTitle: "Could someone guess who?",
  checkLead: "You are not one of the two who read it first. Look at the words that may go out, with the eyes of somebody who works there.",
  form: "In which form?",
  words: "The words that would go out",
  wordsHint: "Take out names, days, places, and what only one person could know. Do not use the writer's own words in a summary.",
  marksTitle: "What stands out",
  marksNone: "Nothing stands out to this page.",
  marksLimit: "This page knows plain English and common ways to write days and places. It does not know this place or its people. A text without marks can still give somebody away.",
  quotes: (n: number): string => (n === 1 ? "One stretch is in the writer's own words:" : `${String(n)} stretches are in the writer's own words:`),
  crowd: (k: number, role: string): string => `${k === 1 ? "Only this message" : `${String(k)} messages`} at hand ${k === 1 ? "names" : "name"} this service and month${role === "" ? "" : ` and “${role}”`}. It counts messages and not people.`,
  rareTheme: (k: number, theme: string): string => `${k === 1 ? "Only this message" : `${String(k)} messages`} at hand ${k === 1 ? "carries" : "carry"} a warning of the theme “${theme}”.`,
  crowdSmall: "That is very few. Somebody who works there may know.",
  hide: "The writer wants this taken out:",
  conditions: "The writer said what must not happen. It goes along with the words:",
  guessNo: "I think nobody could guess", guessYes: "Someone could guess",
  changed: "What you changed, or would change (for the others)",
  sendCheck: "Send what I think",
  faultGuess: "Say whether someone could guess.",
  faultForm: "Choose a form.",
  faultWords: "Write the words that would go out.",
  decideTitle: "How far may it go?",
  decideLead: "Decide on the words that were checked. If you change them, they are checked again.",
  decideShare: "Share it so, unless somebody objects",
  decideKeep: "Keep it with the panel",
  why: "Why (for the others)",
  whyEmpty: "Say why in a few words. Only the panel reads it.",
  object: "I object",
  objectHint: "Then nothing goes out without a new decision.",
  release: "Give it to the clinic now",
  released: "Given to the clinic.",
  back: "Back to the list",
  writerMore: "More from the same writer",
  failed: "That did not work, and nothing you typed is lost.",
};
