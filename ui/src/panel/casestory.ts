/** An opened message: what its writer told, what came later, and what may be done with it now. */
import { consentIn, type Choice } from "../consent.js";
import { HIDES } from "../pad.js";
import { ALLOWED } from "./allowed.js";
import type { Story, Told } from "./bench.js";
import type { Row } from "./casework.js";
import { CASE, REASONS } from "./casewords.js";
import { button, el } from "./dom.js";
import type { Labels } from "./labels.js";
import { choiceBlock, dayText, submission } from "./reading.js";
import { SAY } from "./words.js";

export function storyOf(story: Story, { task, stage }: Pick<Row, "task" | "stage">, labels: Labels): HTMLElement[] {
  if (task === "object") return []; // what may go out is enough to object to it
  const orphan = story.orphan ? [el("p", { class: "note" }, CASE.orphan)] : [];
  const done = stage === "kept" || stage === "released"; // nothing more is decided about it
  const gone = story.laterGone && story.kind === "submission" && !done ? [el("p", { class: "note" }, `${REASONS["later-gone"]} ${CASE.laterGone}`)] : [];
  if (story.kind === "consent") {
    return [...orphan, el("p", {}, el("strong", {}, SAY.consent)), ...story.changes.map((c) => choiceBlock(c, labels))];
  }
  const said = story.answers.filter(({ q }) => q === "impact");
  const impact = said.length > 0 ? said.flatMap((a) => labels.choices(a)).join(", ") : CASE.impactNone;
  return [
    ...orphan, ...gone, ...allowedNow(story, labels),
    el("section", {}, el("h3", {}, CASE.story), ...told({ ...story, kind: story.kind }, true, labels)),
    ...(story.later.length === 0 ? [] : [el("section", {}, el("h3", {}, CASE.writerMore), ...story.later.flatMap((t) => told(t, false, labels)))]),
    ...aboutThem(story, labels),
    ...(task === "look" ? [] : [el("section", { class: "impact" }, el("h3", {}, CASE.impact), el("p", {}, el("strong", {}, impact)), el("p", { class: "quiet" }, CASE.impactNote))]),
  ];
}

function told(t: Told, first: boolean, labels: Labels): HTMLElement[] {
  const alone = t.wished ? [SAY.aboutYou, SAY.aboutAlone] : [SAY.aboutYou];
  const whose = { submission: [], followup: [SAY.followup], about_you: first ? alone : [] }[t.kind];
  return [...(first ? [] : [el("p", { class: "quiet" }, dayText(t.day))]), ...whose.map((w) => el("p", {}, el("strong", {}, w))), ...submission(t, labels, first && t.kind === "submission")];
}

/** What the writer says about themselves, where they wished it tied to what they told. */
function aboutThem({ about }: Story, labels: Labels): HTMLElement[] {
  if (about.length === 0) return [];
  const titled = [el("h3", {}, SAY.aboutTied), el("p", { class: "quiet" }, SAY.aboutTiedMore)];
  return [el("section", { class: "about" }, ...titled, ...about.flatMap((t) => told(t, false, labels)))];
}

/** What holds now, where the writer came back, or said it in more than one message. */
function allowedNow(story: Story, labels: Labels): HTMLElement[] {
  const more = story.later.length + story.changes.length;
  const why = story.changes.length > 0 ? ALLOWED.changed : saidMore(story) ? ALLOWED.closer : null;
  const holds = why === null ? [] : [el("h3", {}, ALLOWED.title), el("p", {}, why), choiceBlock(choiceOf(story), labels)];
  const all = [...(more === 0 ? [] : [el("p", {}, ALLOWED.more(more))]), ...holds];
  return all.length === 0 ? [] : [el("section", { class: "allowed" }, ...all)];
}

/** Whether another message than the one that is shown says what may be done with it. */
function saidMore(story: Story): boolean {
  const asked = story.later.some(({ answers }) => answers.some(({ q }) => CHOICES.includes(q)));
  return story.kind === "submission" && (asked || JSON.stringify(choiceOf(story)) !== JSON.stringify(consentIn(story.answers)));
}

const CHOICES = ["share_level", "hold_until", "ask_me_first", "hide"];

/** What may be done now, as a choice. */
function choiceOf({ wishes }: Story): Choice {
  const { share_level, ask_me_first, hold, hide } = wishes as Choice;
  return { share_level, ask_me_first, hold, hide: HIDES.filter((h) => hide.includes(h)) };
}

/** Before the box for an answer to a writer who said not to be contacted: what that means, and a question. Other elements stay as they are. */
export function guarded(box: HTMLElement): HTMLElement {
  if (!box.matches("details.reply, details.show-first")) return box;
  const guard = el("section", { class: "allowed" }, el("p", { class: "note" }, CASE.noContact));
  guard.append(el("p", {}, button(CASE.noContactYes, () => {
    guard.replaceWith(box);
    box.setAttribute("open", "");
    box.querySelector<HTMLElement>("summary")?.focus();
  })));
  return guard;
}
