/** States of the panel's desk that come up seldom: the made-up message that brings each about, and words that only it says. */
import type { Card, Found } from "../src/coding.js";
import type { Answer } from "../src/pad.js";
import type { Answering } from "../src/panel/answering.js";
import type { Gone, Story, Told } from "../src/panel/bench.js";
import { proposal } from "../src/compare.js";
import { stageOf, taskOf, type Case, type Dated } from "../src/panel/casework.js";
import { BRAKES, CASE, REASONS, STAGES } from "../src/panel/casewords.js";
import type { JunkReason } from "../src/panel/desk.js";
import { BESIDE } from "../src/panel/elsewhere.js";
import { FINDING } from "../src/panel/findingsview.js";
import type { HeldFinding, Holding } from "../src/panel/heldfindings.js";
import { DEFAULT_CAPS, type Brake } from "../src/panel/pace.js";
import { dayText } from "../src/panel/reading.js";
import { ASK, REPLY } from "../src/panel/reply.js";
import { JUNK, SAY } from "../src/panel/words.js";
import { ALLOWED } from "../src/panel/allowed.js";
import {
  agreed, ANNA, asked, BELA, CARD, checked, CLEO, coded, DARA, dated, decided, differing, FOUND, kept, LAST_WEEK, LONG, message,
  released, sharing, takenUp, TODAY, tookBack, WHY, WISHES, WORDS, YESTERDAY,
} from "./madeupcases.js";

export interface State {
  name: string;
  of: Case;
  /** Who sits at the desk; Anna where nobody is named. */
  me?: string;
  /** The reviewer has said that nothing ties them to it; by itself who has a part in it has. */
  declared?: boolean;
  story?: Partial<Omit<Story, "wishes" | "first">>;
  draft?: Answer[];
  junk?: JunkReason;
  gone?: Gone;
  brake?: Brake;
  /** The caps stop the reader; by themselves they only say so. */
  hard?: boolean;
  /** Something to show the writer waits, or its note does. */
  waits?: "showing" | "note";
  /** What the worker says instead of sealing an answer. */
  refuses?: "too-long";
  answering?: Answering;
  /** Other messages of the queue, and themes that are avoided. */
  others?: State[];
  avoids?: string[];
  /** Nothing is opened: the queue is what is looked at. */
  shut?: true;
  /** A finding to look at instead of a message. */
  finding?: HeldFinding;
  /** What is pressed once it is open, one after the other, by what stands on it. */
  press?: string[];
  /** Sentences that stand on the page then. */
  words: string[];
}

export const STATES: State[] = [];

const told = (kind: Told["kind"], answers: Answer[], more: Partial<Told> = {}): Told =>
  ({ kind, sealedBy: "client", answers, day: YESTERDAY, wished: false, ...more });
const TOLD = "They held me down at the door on Tuesday, and nobody told me why.";

/** What a writer tells where a state says nothing else, and what they answer beside it. */
export const says = (...more: Answer[]): { answers: Answer[] } => ({
  answers: [
    {
      q: "words",
      a: `${TOLD} Sister Agatha was there. I went home. ${LONG}`,
    },
    { q: "share_level", a: "my_words_to_clinic" }, { q: "hold_until", a: "now" }, ...more,
  ],
});
const FIRST: Answer = { q: "ask_me_first", a: "show_me_before_sharing" };
const MUST_NOT: Answer = { q: "must_not", a: "do_not_call_police\ndo_not_contact_me\ndo_not_put_in_my_notes" };
const coder = { claims: [{ by: ANNA, role: "coder" as const }] };

const SHUT: Card = { ...CARD, of: "junk" };
const ANSWERING: Answering = { clock: "reply", sure: false };
const inQueue = (more: Partial<State> & Pick<State, "of">): State => ({ name: "", words: [], ...more });

// The queue.
STATES.push(
  {
    name: "a queue with everything in it", of: message({ card: { ...CARD, chips: ["force"], urgent: true } }), shut: true,
    avoids: ["voice"], others: [
      inQueue({ of: agreed({ checkIn: "2026-11-23", card: { ...CARD, chips: ["force"] } }), answering: ANSWERING }),
      inQueue({ of: message({ checkIn: "2026-11-23", card: { ...CARD, chips: [] } }) }),
      inQueue({ of: coded(FOUND, FOUND, { notes: [asked(ANNA)] }) }),
      inQueue({ of: message({ day: "2026-09-01", card: { ...CARD, chips: [] } }) }),
      inQueue({ of: message() }), inQueue({ of: message({ card: SHUT }), junk: "leaf" }),
    ], words: [CASE.urgent, CASE.toAsk, ASK.now, CASE.rest, CASE.avoided(1), CASE.mayNotContact, CASE.sharesTitle, SAY.junk],
  },
  {
    name: "an empty queue", of: message({ card: { ...CARD, of: "decoy" } }), shut: true, press: [CASE.avoidTitle],
    words: [CASE.none, CASE.avoidHint],
  },
);

// Before it is opened, and while it is read.
STATES.push(
  {
    name: "a card without chips", of: message({ card: { ...CARD, chips: [], service: "", roles: [], when: "" } }),
    words: [CASE.noChips, CASE.notSaid, CASE.declareTitle],
  },
  {
    name: "cards that say different things",
    of: message({ card: { ...CARD, differ: { services: ["crisis_house", "ward"], whens: ["this_month", "this_week"] } } }),
    words: [CASE.cardsDiffer, CASE.declareTitle],
  },
  {
    name: "the last one who could be the third", of: differing({ free: [ANNA, BELA, CLEO] }), me: CLEO,
    words: [CASE.lastOther, STAGES.differs],
  },
  { name: "a change that is looked at", of: message({ card: { ...CARD, of: "consent" } }), words: [CASE.clearLook, STAGES.beside] },
  {
    name: "a writer who wishes to be asked, before declaring",
    of: released({ checkIn: "2026-11-23" }), me: DARA,
    words: [ASK.title, CASE.clearLook, STAGES.released],
  },
  { name: "nothing to do", of: released(), me: DARA, words: [STAGES.released, CASE.chips, CASE.weekFull(9, 9)] },
  {
    name: "too few left", of: message({ ...coder, coded: [ANNA], codings: [dated(ANNA, FOUND)], free: [ANNA] }),
    words: [STAGES["too-few"], CASE.buddy([])],
  },
  ...(["sitting", "serious", "gap"] as const).flatMap((brake): State[] => [
    { name: `the cap ${brake}, which warns`, of: message(), brake, words: [BRAKES[brake](DEFAULT_CAPS, 10), CASE.declareTitle] },
    {
      name: `the cap ${brake}, which stops before reading`, of: message(), brake, hard: true,
      words: [BRAKES[brake](DEFAULT_CAPS, 10), CASE.barsAgain],
    },
    {
      name: `the cap ${brake}, which stops what was taken`, of: message(coder), declared: true, brake, hard: true,
      words: [BRAKES[brake](DEFAULT_CAPS, 10), CASE.handBack],
    },
  ]),
  ...(["leaf", "other-anchor"] as const).map((junk): State =>
    ({ name: `one that will not open (${junk})`, of: message({ card: SHUT }), junk, words: [JUNK[junk], SAY.junkMore] })),
  { name: "one that did not open for a colleague", of: message({ card: SHUT }), words: [SAY.junkFound, SAY.junkMore] },
  { name: "words whose key was destroyed", of: message(coder), gone: "shredded", words: [CASE.wordsGone] },
  {
    name: "the form, with an item of the clinic's own", of: message(coder), draft: [{ q: "mine_theme.force", a: "yes" }],
    words: [CASE.codingHint, CASE.items, "The lift stood still", CASE.notesLater],
  },
  {
    name: "names behind a veil", of: message(coder), story: says({ q: "names", a: "Brother Anselm" }), press: [SAY.lift],
    words: [SAY.namesRule, SAY.namesShow],
  },
  {
    name: "names that are shown", of: message(coder), story: says({ q: "names", a: `Brother Anselm ${LONG}` }),
    press: [SAY.lift, SAY.namesShow], words: ["Brother Anselm"],
  },
  {
    name: "one sentence after the other", of: message(coder), press: [SAY.sentences, SAY.next],
    words: [SAY.next, SAY.rest, "Sister Agatha was there."],
  },
  {
    name: "a coding that is not filled in", of: message(coder), press: [CASE.send],
    words: [CASE.faultsTitle, CASE.faultThemes(FOUND.yes.length + FOUND.no.length), CASE.faultSeriousness],
  },
  { name: "a message that holds nothing", of: message(coder), story: { answers: [] }, words: [SAY.noAnswers, CASE.impactNone] },
  {
    name: "a colleague who is late",
    of: message({ day: "2026-11-01", claims: coded().claims, coded: [ANNA], codings: [dated(ANNA, FOUND)] }),
    words: [CASE.silent([BELA]), CASE.waitOther, CASE.buddy([BELA])],
  },
  {
    name: "two to talk to", of: differing({ claims: [...(differing().claims), { by: CLEO, role: "third" }] }),
    words: [CASE.buddy([BELA, CLEO]), CASE.thirdReads],
  },
  {
    name: "typed in a terminal and in another window, and about to be let go", of: message(coder),
    draft: [{ q: "note_elsewhere", a: "not so" }, { q: "terminal", a: LONG }],
    press: [BESIDE.go], words: [BESIDE.lead, BESIDE.terminal, BESIDE.other(CASE.noteLabel), BESIDE.sure, BESIDE.yes],
  },
  {
    name: "typed in a form that is shut, and let go", of: agreed(), draft: [{ q: "check_words", a: LONG }],
    press: [BESIDE.go, BESIDE.yes], words: [BESIDE.beforeLead, BESIDE.gone],
  },
  {
    name: "about a person alone", of: message({ card: { ...CARD, of: "about_you" } }), declared: true,
    story: { kind: "about_you", answers: [{ q: "words", a: "I am old." }], wished: true },
    words: [SAY.aboutYou, SAY.aboutAlone, STAGES.beside],
  },
  {
    name: "what came later, without what came first", of: message({ card: { ...CARD, of: "followup" } }), declared: true,
    story: { kind: "followup", orphan: true, allRead: false }, words: [CASE.orphan, SAY.followup, STAGES.beside],
  },
  {
    name: "a writer who came back, changed their mind and told of themselves",
    of: message({ ...coder, back: [{ leaf: "b", day: YESTERDAY }] }),
    story: {
      later: [told("followup", [{ q: "words", a: "It happened again." }])],
      about: [told("about_you", [{ q: "words", a: "I am old." }], { wished: true })],
      changes: [{ share_level: "count_me", ask_me_first: true, hold: "wait_until_i_say", hide: ["the_place", "quotes"] }],
    },
    words: [ALLOWED.changed, ALLOWED.more(2), CASE.writerMore, SAY.followup, SAY.aboutTiedMore],
  },
  {
    name: "a writer whose later message would allow more", of: message({ ...coder, back: [{ leaf: "b", day: YESTERDAY }] }),
    story: { later: [told("followup", [{ q: "share_level", a: "my_words_public" }])] },
    words: [ALLOWED.title, ALLOWED.closer, ALLOWED.more(1)],
  },
);

/** A finding of a list of codes that lacks most of today's, and has one that today's lacks. */
const OLDER: Found = { ...FOUND, taxonomy: "0.1.0", yes: ["force", "old_theme"], no: ["bias"] };

// Side by side, and the third.
STATES.push(
  { name: "one who read it is left", of: differing({ free: [ANNA, CLEO, DARA] }), words: [STAGES["one-left"], CASE.barsAgain] },
  {
    name: "one who read it is left, and a third may come", of: differing({ free: [ANNA, CLEO, DARA] }), me: CLEO,
    words: [STAGES["one-left"], CASE.declareTitle],
  },
  { name: "nobody is left to be the third", of: differing({ free: [ANNA] }), words: [STAGES["no-third"], CASE.notes] },
  {
    name: "the last third is not asked for lightly", of: differing({ free: [ANNA, BELA, CLEO] }),
    words: [CASE.third, CASE.lastThird, CASE.compareDiffers],
  },
  {
    name: "a third who reads it", of: differing({ claims: [...differing().claims, { by: CLEO, role: "third" }] }), me: CLEO,
    words: [STAGES.differs, CASE.coding],
  },
  {
    name: "a third who reads what the two have agreed on meanwhile", me: CLEO,
    of: agreed({ claims: [...differing().claims, { by: CLEO, role: "third" }], agreementSent: true }), words: [STAGES.agreed, CASE.agreedMeanwhile, CASE.coding],
  },
  {
    name: "found the same, and a note to the others", of: coded(FOUND, FOUND, { notes: [dated(BELA, { text: LONG })] }),
    words: [LONG, CASE.compareSame, CASE.compareAgree, STAGES.compared],
  },
  signed("what another signed, with own words put by", { ...FOUND, seriousness: 3 }, "older", [CASE.takeOver, CASE.showOwn]),
  signed("what another signed, and own words in its place", { ...FOUND, seriousness: 3 }, "", [CASE.ownShown, CASE.showTheirs]),
  mine(),
  {
    name: "an older list of codes, and what it lacks is not asked", of: coded(OLDER, { ...OLDER, yes: ["force"] }), press: [CASE.signConsensus],
    words: [CASE.older("0.1.0"), CASE.beside, CASE.signedConsensus],
  },
  {
    name: "an agreement on what no reading says", of: coded(FOUND, FOUND), press: [CASE.signConsensus],
    draft: [...[...FOUND.yes, ...FOUND.no].map((t) => ({ q: `both_theme.${t}`, a: ["bias", "force"].includes(t) ? "yes" : "no" })), { q: "both_seriousness", a: "3" }],
    words: [CASE.faultsTitle, "choose what one of the readings says", CASE.faultBetween],
  },
  agreeing("two readings of an older list of codes", OLDER, { ...OLDER, yes: ["force"], no: ["bias", "voice"] }),
  agreeing("a reading of today's list of codes and one of an older list", FOUND, OLDER),
  agreeing("two readings of an older list of codes, and a third of today's", OLDER, { ...OLDER, seriousness: 0 }, dated(CLEO, FOUND)),
);

/** Bela has signed what all found, and Anna signs the same at the page: then they agree. */
function agreeing(name: string, a: Found, b: Found, ...more: Dated<Found>[]): State {
  const c = coded(a, b);
  c.codings.push(...more);
  c.coded.push(...more.map(({ by }) => by));
  return { name, of: { ...c, consensuses: [dated(BELA, proposal(c.codings))] }, press: [CASE.signConsensus], words: [STAGES.agreed] };
}

/** Another has signed something else than what is found in the draft, which began from `from`. */
function signed(name: string, other: Found, from: string, words: string[]): State {
  const c = coded(FOUND, { ...FOUND, seriousness: 3, items: [] });
  const theirs = dated(BELA, { ...other, codings: c.codings.map(({ hash }) => hash) });
  const began = { q: "both_from", a: from === "" ? theirs.hash : from };
  const draft = [{ q: "both_seriousness", a: "2" }, { q: "both_theme.force", a: "yes" }, began];
  return { name, of: { ...c, consensuses: [theirs] }, draft, words };
}

function mine(): State {
  const c = coded(FOUND, { ...FOUND, seriousness: 3 });
  const consensuses = [dated(ANNA, { ...FOUND, codings: c.codings.map(({ hash }) => hash) })];
  const words = [CASE.signedConsensus, CASE.consensusHint];
  return { name: "signed, and waiting for the other", of: { ...c, consensuses }, words };
}

// After the agreement: the check, the decision, the objection, and what goes out.
const CHECKS = { me: CLEO };
const shared = decided(LAST_WEEK, { form: "theme" }, {}, FOUND);
STATES.push(
  {
    name: "nobody is left to look, and no reason to keep it", of: agreed({ free: [ANNA, BELA], claims: coded().claims }),
    press: [CASE.decideKeep], words: [STAGES["no-checker"], CASE.keepLead, CASE.faultsTitle, CASE.whyEmpty],
  },
  {
    name: "the checker's part is open", of: agreed({ claims: coded().claims }), me: DARA, words: [STAGES.agreed, CASE.declareTitle],
  },
  {
    name: "a check that is not filled in", of: agreed(), ...CHECKS, press: [CASE.sendCheck],
    words: [CASE.faultForm, CASE.faultWords, CASE.faultGuess],
  },
  {
    name: "a summary in the writer's own words", of: agreed(), ...CHECKS, story: says({ q: "hide", a: "quotes" }),
    draft: [{ q: "check_form", a: "paraphrase" }, { q: "check_words", a: TOLD }], press: [CASE.sendCheck],
    words: [CASE.faultOwnWords([TOLD.slice(0, -1)]), CASE.faultGuess],
  },
  {
    name: "a check in which much stands out", of: agreed(), ...CHECKS,
    story: says({ q: "hide", a: "the_date\nthe_place" }, MUST_NOT), draft: [
      { q: "check_form", a: "quote" },
      {
        q: "check_words",
        a: `${TOLD} Sister Agatha, 12 Hill Road, agatha@riverside.example, ${LONG}, on 3 March 2026.`,
      },
    ], words: [CASE.hide, CASE.conditions, CASE.alongWould, CASE.themesWould, CASE.quotes(2), CASE.crowdSmall, CASE.marksLimit],
  },
  {
    name: "a check of no themes", of: agreed({}, { ...FOUND, yes: [], no: [...FOUND.no, "force"].sort(), items: [] }), ...CHECKS,
    words: [CASE.noThemesOut, CASE.marksNone],
  },
  {
    name: "a check of what may go nowhere", of: agreed(), ...CHECKS, story: { answers: [{ q: "share_level", a: "panel_only" }] },
    words: [CASE.nothingGoes, REASONS["not-allowed"], CASE.keepLead],
  },
  {
    name: "a check before the writer saw it", of: agreed(), ...CHECKS, story: says(FIRST),
    words: [CASE.nothingYet, REASONS["ask-first"], CASE.firstHint],
  },
  {
    name: "a check after a yes to no words", of: agreed(), ...CHECKS,
    story: { ...says(FIRST), changes: [{ ...WISHES, share_level: "my_words_to_clinic", hold: "now", hide: [] }] },
    words: [CASE.checkUnseen],
  },
  {
    name: "a check of what the writer was shown",
    of: agreed({ notes: [asked(CLEO, { form: "quote", words: WORDS })], back: [{ leaf: "b", day: YESTERDAY }] }), ...CHECKS,
    words: [CASE.checkShown, CASE.shownOn(CLEO, dayText(LAST_WEEK)), CASE.unsent],
  },
  {
    name: "a check after a younger key was destroyed", of: agreed(), ...CHECKS, story: { laterGone: true },
    words: [REASONS["later-gone"], CASE.nothingGoes],
  },
  {
    name: "someone could guess", of: checked({ guess: true, changed: `I would leave out ${LONG}` }), ...CHECKS,
    words: [CASE.checkLead, REASONS["could-guess"], `I would leave out ${LONG}`],
  },
  { name: "other words after a check", of: checked(), ...CHECKS, words: [CASE.checkAgain, CASE.checkAgainLead, CASE.decideShare] },
  {
    name: "a decision", of: checked({ changed: "I took out the day." }), story: says(MUST_NOT),
    words: [STAGES.checked, CASE.decideLead, CASE.changed, CASE.conditions, REASONS["not-checked"]],
  },
  { name: "a decision on themes alone", of: checked({ form: "theme" }), words: [CASE.themesOut, CASE.decideShare] },
  { name: "a decision without a reason", of: checked(), press: [CASE.decideKeep], words: [CASE.faultsTitle, CASE.whyEmpty] },
  {
    name: "a decision that much forbids", of: checked({ form: "quote" }),
    story: {
      answers: [{ q: "share_level", a: "my_words_public" }, { q: "hold_until", a: "wait_until_i_say" }, { q: "hide", a: "quotes" }],
      allRead: false,
    },
    words: [REASONS["on-hold"], REASONS["no-quotes"], REASONS["not-read"]],
  },
  {
    name: "a decision after the writer's yes",
    of: checked({}, { notes: [asked(CLEO, { form: "paraphrase", words: WORDS })], back: [{ leaf: "b", day: YESTERDAY }] }),
    words: [CASE.yesTo(dayText(LAST_WEEK)), CASE.decideShare],
  },
  { name: "time to object", of: decided(YESTERDAY), me: DARA, declared: true, words: [STAGES.objecting, CASE.objectHint, WORDS] },
  {
    name: "an objection without a reason", of: decided(YESTERDAY, { form: "theme" }), me: DARA, declared: true,
    press: [CASE.object], words: [CASE.whyEmpty, CASE.themesOut],
  },
  {
    name: "words that go along, to object to",
    of: decided(YESTERDAY, { wishes: { ...WISHES, must_not: ["do_not_call_police", "do_not_put_in_my_notes"] } }), me: DARA,
    declared: true,
    words: [CASE.along, CASE.objectHint],
  },
  {
    name: "objected to today", of: objected(TODAY),
    words: [STAGES.objected, CASE.objects(DARA, dayText(TODAY)), CASE.objectedToday],
  },
  {
    name: "objected to before", of: objected(YESTERDAY),
    words: [STAGES.objected, CASE.objects(DARA, dayText(YESTERDAY)), CASE.decideShare],
  },
  { name: "ready to go out", of: decided(LAST_WEEK), words: [STAGES.ready, CASE.releaseHint, CASE.release] },
  {
    name: "ready to go out, and a younger key was destroyed since", of: decided(LAST_WEEK), story: { laterGone: true },
    words: [STAGES.ready, REASONS["later-gone"], CASE.laterGone, CASE.laterGoneDecided, CASE.object],
  },
  {
    name: "ready to go out, and the writer hides more since", of: decided(LAST_WEEK), story: says({ q: "hide", a: "the_date" }),
    words: [STAGES.ready, CASE.saidMore, CASE.object],
  },
  {
    name: "ready to go out, and an objection without a reason", of: shared, press: [CASE.object],
    words: [STAGES.ready, CASE.whyEmpty, CASE.themesOut],
  },
  {
    name: "taken back after it went out", of: tookBack(),
    words: [STAGES["taken-back"], CASE.decideTitle, CASE.decideShare, CASE.decideKeep],
  },
  { name: "in the clear", of: released(), words: [STAGES.released, CASE.barsAgain] },
  { name: "kept", of: kept(), words: [STAGES.kept, CASE.keptWhy, WHY, CASE.keptHow] },
  {
    name: "kept, and the writer allows something else", of: kept(),
    story: { answers: [{ q: "share_level", a: "my_words_public" }, { q: "hold_until", a: "now" }] },
    words: [CASE.keptChanged, CASE.takeUp],
  },
  { name: "kept, and taken up again today", of: takenUp(TODAY), words: [STAGES.checked, CASE.decideTitle, CASE.objectedToday] },
  { name: "kept, and taken up again before", of: takenUp(YESTERDAY), words: [STAGES.checked, CASE.decideShare] },
  finding("holds", { form: "theme", words: "", themes: ["force", "voice"] }, [CASE.themesOut]),
  finding("differs", {}, [FINDING.differs, WORDS]),
  finding("forbidden", { must_not: ["do_not_call_police"] }, [FINDING.forbidden, CASE.along]),
  finding("shut", {}, [FINDING.shut]),
  { ...finding("holds", {}, [FINDING.sure, FINDING.yes]), name: "a finding that is about to be taken back", press: [FINDING.take] },
);

function objected(day: string): Case {
  const c = decided(YESTERDAY);
  return { ...c, sharings: [...c.sharings, sharing(DARA, "object", LONG, c.sharings[0]?.hash, day)] };
}

function finding(holding: Holding, more: Partial<HeldFinding>, words: string[]): State {
  const f: HeldFinding = {
    id: "1", leaf: "", sharing: "", day: YESTERDAY, by: CLEO, signature: "", form: "paraphrase", words: WORDS, themes: [],
    must_not: [], holding, ...more,
  };
  return { name: `a finding (${holding})`, of: shared, finding: f, words: [...words, FINDING.posted(CLEO, YESTERDAY)] };
}

// What the writer is shown first, and answers to them.
const GONE = { free: [ANNA, BELA, CLEO] };
STATES.push(
  { name: "no way to show it", of: agreed(), story: { ...says(FIRST), canReply: false }, words: [CASE.firstNoWay, REPLY.none] },
  {
    name: "words for the writer, before two agree", of: differing(), story: says(FIRST), press: [CASE.firstShow],
    words: [CASE.firstLeadHint, REASONS["not-agreed"]],
  },
  {
    name: "words for the writer that are not filled in", of: agreed(), ...CHECKS, story: says(FIRST),
    press: [CASE.firstShow, CASE.firstLock], words: [CASE.faultForm, CASE.faultWords, CASE.faultLead],
  },
  {
    name: "words for the writer in which much stands out", of: agreed(), ...CHECKS,
    story: says(FIRST, { q: "must_not", a: "do_not_call_police" }),
    draft: [{ q: "first_form", a: "quote" }, { q: "first_words", a: TOLD }],
    words: [CASE.firstTied, CASE.alongWould, CASE.quotes(1)],
  },
  {
    name: "words for a writer who wants no contact", of: agreed(), ...CHECKS, story: says(FIRST, MUST_NOT),
    words: [CASE.firstHint, CASE.noContact, CASE.noContactYes],
  },
  {
    name: "words for a writer who wants no contact, all the same", of: agreed(), ...CHECKS, story: says(FIRST, MUST_NOT),
    press: [CASE.noContactYes], words: [CASE.firstLeadHint, CASE.noContact],
  },
  {
    name: "words that wait for their hour", of: agreed(), ...CHECKS, story: says(FIRST), waits: "showing",
    words: [CASE.first, REPLY.nowMore, REPLY.take],
  },
  { name: "a note that waits", of: agreed(), ...CHECKS, story: says(FIRST), waits: "note", words: [CASE.firstNoting] },
  {
    name: "a writer who was shown words and has not come back",
    of: agreed({ notes: [asked(CLEO, { form: "theme", themes: ["force"] })] }), ...CHECKS, story: says(FIRST),
    words: [CASE.pausedSince(dayText(LAST_WEEK)), CASE.waitOver, CASE.unsent, CASE.themesOut],
  },
  {
    name: "a bare note by a colleague who is here", of: agreed({ notes: [asked(BELA)] }),
    words: [CASE.bareBy(BELA, dayText(LAST_WEEK)), CASE.bareHere(BELA)],
  },
  {
    name: "a bare note of one's own", of: agreed({ notes: [asked(ANNA)] }),
    words: [CASE.bareBy(ANNA, dayText(LAST_WEEK)), CASE.unsent],
  },
  {
    name: "a bare note by somebody who left", of: agreed({ ...GONE, notes: [asked(DARA)] }), words: [CASE.bareGone, CASE.setAside],
  },
  { name: "a bare note that one of two has set aside", of: aside(ANNA), words: [CASE.bareGone, CASE.bareAgainst([ANNA])] },
  { name: "a bare note that another has set aside", of: aside(BELA), words: [CASE.bareAgainst([BELA]), CASE.setAside] },
  {
    name: "a check that waits for words that were shown in none", of: checked({}, { notes: [asked(BELA)] }),
    words: [CASE.shownInNoWords, REASONS["not-shown"]],
  },
  { name: "an answer that is empty", of: agreed(), press: [REPLY.title, REPLY.lock], words: [REPLY.care, REPLY.empty] },
  {
    name: "an answer that asks what happened since", of: agreed({ checkIn: "2026-11-23" }), press: [REPLY.title],
    words: [REPLY.asks, ASK.what, ASK.now],
  },
  {
    name: "an answer that is too long", of: agreed(), draft: [{ q: "reply", a: "I am sorry." }], refuses: "too-long",
    press: [REPLY.lock], words: [REPLY.tooLong],
  },
  {
    name: "an answer that waits", of: agreed(), draft: [{ q: "reply", a: "I am sorry." }], press: [REPLY.lock],
    words: [REPLY.nowMore, REPLY.now, REPLY.take],
  },
  {
    name: "an answer that was taken back", of: agreed(), draft: [{ q: "reply", a: "I am sorry." }], press: [REPLY.lock, REPLY.take],
    words: [REPLY.taken],
  },
  {
    name: "a writer to be asked later", of: agreed({ checkIn: "2026-12-28" }), words: [ASK.later(dayText("2026-12-28")), ASK.what],
  },
  { name: "a question that waits", of: agreed({ checkIn: "2026-11-23" }), press: [ASK.now], words: [ASK.what, REPLY.nowMore] },
  {
    name: "a question that cannot be locked", of: agreed({ checkIn: "2026-11-23" }), refuses: "too-long", press: [ASK.now],
    words: [ASK.failed],
  },
);

function aside(by: string): Case {
  const note = asked(DARA);
  return agreed({ ...GONE, notes: [note, dated(by, { text: "It does not bind.", over: note.hash, unsent: true as const })] });
}

export const stageIn = ({ of }: State): string => stageOf(of, TODAY);
export const taskIn = ({ of, me = ANNA }: State): string => taskOf(of, me, TODAY);
