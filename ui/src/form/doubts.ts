/**
 * What was answered, question by question as it stands on the page, and which answers do not seem to go together. A doubt is
 * a question to the person and never keeps anything from being sent; internal/web asks the same ones where no script runs.
 */
import { ownWords } from "../ownwords.js";

export interface Shown {
  key: string;
  question: string;
  /** What was picked or typed, as a person reads it; empty when nothing was, and when it is skipped. */
  said: string[];
  /** What was picked; "skip" alone where it was skipped and answered too. */
  codes: string[];
  /** What stands in the clinic's language beside the question and beside each picked answer; null where nothing does. */
  besides: { question: Element | null; said: (Element | null)[] };
  typed: boolean;
  /** Of each picked answer its question and code, and its language where it is not the page's, as attributes. */
  data: Record<string, string>[];
  /** Nothing but what the page had chosen beforehand. */
  preset: boolean;
  /** Where the focus goes to change it. */
  control: HTMLElement;
}

const SKIP = "skip";

type Control = HTMLInputElement | HTMLTextAreaElement;

/** The questions of one part. */
export function answersOf(part: HTMLElement): Shown[] {
  return Array.from(part.querySelectorAll<HTMLElement>(".field")).flatMap((field) => {
    const controls = Array.from(field.querySelectorAll<Control>("textarea, input"));
    const [first] = controls;
    if (first === undefined || first.type === "hidden") return [];
    const typed = first.type !== "radio" && first.type !== "checkbox";
    const question = ownWords(field.querySelector("legend, label"));
    const ticked = typed ? [] : (controls as HTMLInputElement[]).filter((c) => c.checked);
    const skips = ticked.some((c) => c.value === SKIP);
    const checked = skips ? [] : ticked;
    const text = typed && first.value.trim() !== "" ? [first.value] : [];
    return [{
      key: first.name, question, typed,
      besides: { question: beside(field.querySelector("legend, label")), said: checked.map((c) => beside(c.labels?.[0] ?? null)) },
      data: checked.map((c) => ({ "data-question": c.name, "data-code": c.value, ...tongue(c) })),
      said: typed ? text : checked.map(label),
      codes: typed ? text : skips && ticked.length > 1 ? [SKIP] : checked.map((c) => c.value),
      preset: typed ? text.length === 0 : ticked.every((c) => c.defaultChecked),
      control: typed ? first : checked[0] ?? first,
    }];
  });
}

const beside = (of: Element | null): Element | null => of?.querySelector(".beside:not([hidden])") ?? null;

/** The answers that let words go to the clinic or further, where somebody's worker could read them. */
const WORDS_GO = ["panel_summary_to_clinic", "my_words_to_clinic", "my_words_public"];

/** A choice's own words, without its hint. */
const label = (control: Control): string => control.labels?.[0]?.querySelector("span")?.firstChild?.textContent?.trim() ?? "";

/** The wishes that nobody but the clinic can fulfil. */
const CLINIC_DOES = ["say_sorry", "explain", "put_it_right_for_me", "change_a_rule", "train_people", "fix_my_notes", "money_back", "meet_with_support", "thank_someone"];

/** The language of a choice that the clinic has worded itself, whatever the page's. */
function tongue(control: Control): Record<string, string> {
  const lang = control.labels?.[0]?.querySelector("span")?.getAttribute("lang") ?? null;
  return lang === null ? {} : { lang, dir: "auto" };
}

/** Pairs of answers that do not go together. `none` stands for a question that was left empty. */
export const DOUBTS: { key: string; one: [q: string, codes: string[]]; other: [q: string, codes: string[]] }[] = [
  { key: "contact", one: ["wants", ["talk_to_panel", "peer_support", "meet_with_support"]], other: ["must_not", ["do_not_contact_me"]] },
  { key: "counted", one: ["wants", ["be_counted"]], other: ["share_level", ["panel_only"]] },
  { key: "told", one: ["wants", CLINIC_DOES], other: ["share_level", ["panel_only", "count_me"]] },
  { key: "notes", one: ["wants", ["fix_my_notes"]], other: ["must_not", ["do_not_put_in_my_notes"]] },
  { key: "unhurt", one: ["impact", ["none"]], other: ["impact_on", []] },
  { key: "quotes", one: ["share_level", ["my_words_to_clinic", "my_words_public"]], other: ["hide", ["quotes"]] },
  { key: "worker", one: ["share_level", WORDS_GO], other: ["must_not", ["do_not_tell_my_worker"]] },
];

/** The doubts about answers, and the questions each is about. */
export function askedAgain<S extends Pick<Shown, "key" | "codes">>(all: readonly S[]): { key: string; fields: S[] }[] {
  const having = ([q, codes]: [string, string[]]): S | undefined =>
    all.find((a) => a.key === q && a.codes.some((c) => codes.length === 0 || codes.includes(c)));
  const pairs = DOUBTS.flatMap(({ key, one, other }) => {
    const fields = [having(one), having(other)].filter((f) => f !== undefined);
    return fields.length === 2 ? [{ key, fields }] : [];
  });
  return [...pairs, ...ticksApart(all), ...onlyOther(all)];
}

/** To skip a question or not to be sure, beside an answer to it, where more than one can be ticked. */
function ticksApart<S extends Pick<Shown, "key" | "codes">>(all: readonly S[]): { key: string; fields: S[] }[] {
  return all.filter((a) => ["themes", "roles", "wants"].includes(a.key)).flatMap((a) => {
    const skipped = a.codes.includes(SKIP);
    return skipped || (a.codes.length > 1 && a.codes.includes("not_sure")) ? [{ key: skipped ? "skipped" : "unsure", fields: [a] }] : [];
  });
}

/** "Something else" alone tells the panel nothing. */
function onlyOther<S extends Pick<Shown, "key" | "codes">>(all: readonly S[]): { key: string; fields: S[] }[] {
  const says = (q: string): string[] => all.find((a) => a.key === q)?.codes ?? [];
  const else_ = all.find((a) => a.key === "other_text");
  if (says("themes").join() !== "other" || ["words", "pictures", "good", "other_text"].some((q) => says(q).length > 0) || else_ === undefined) return [];
  return [{ key: "only_other", fields: [else_] }];
}
