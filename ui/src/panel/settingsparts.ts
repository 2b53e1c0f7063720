/**
 * Settings in words: everything that a panel signs with them, as the form words it for people where they read it, and what they
 * change. Nothing here touches the page.
 */
import { hashText } from "../decision.js";
import { readPlan } from "../plan.js";
import type { Labels } from "./labels.js";
import { PLAN, planLines } from "./planview.js";
import { PRACTICE, practiceLines } from "./practiceview.js";
import type { Line, Settings } from "./settingsview.js";
import { SETTINGS } from "./settingswords.js";

/** The twin of clinic.Languages in internal/clinic/language.go, the one that is left out of settings first. */
export const LANGUAGES = ["en", "es", "ar"] as const;

/** What stands under one title. `own` are words that somebody typed, line by line. */
export interface Part { title: string; lines: string[]; own?: true }

/** What one part loses and gets; both are empty where only the order, or spaces, are others. */
export interface Change { title: string; gone: string[]; come: string[] }

/** Settings part by part, in the order of the form. What they leave out stays as it is and has no part. */
export function partsOf(s: Settings, labels: Labels): Part[] {
  const theme = (code: string): string => labels.choices({ q: "themes", a: code })[0] ?? code;
  const language = s.language ?? LANGUAGES[0];
  return [
    { title: SETTINGS.language, lines: [(SETTINGS.languageName as Partial<Record<string, string>>)[language] ?? language] },
    own(SETTINGS.intro, s.intro),
    ...(s.panel_note === undefined ? [] : [own(SETTINGS.note, s.panel_note)]),
    ...(s.legal_notice === undefined ? [] : [own(SETTINGS.notice, s.legal_notice)]),
    { title: SETTINGS.services, lines: s.services.map((x) => `${x.label} (${x.code})`) },
    { title: SETTINGS.items, lines: s.items.map((x) => `${theme(x.theme)}: ${x.label} (${x.code})`) },
    ...(s.support.length === 0 ? [{ title: SETTINGS.support, lines: [] }] : s.support.map(lineOf)),
    ...(s.clocks === undefined ? [] : [{ title: SETTINGS.clocks, lines: SETTINGS.clocksSay(s.clocks) }]),
    { title: SETTINGS.shared, lines: [s.shared ? SETTINGS.sharedYes : SETTINGS.sharedNo] },
    ...(s.practice === undefined ? [] : [{ title: PRACTICE.title, lines: practiceLines(s.practice) }]),
    ...(s.plan === undefined ? [] : [{ title: PLAN.title, lines: planned(s.plan) }]),
  ];
}

const own = (title: string, text: string): Part => ({ title, lines: text === "" ? [] : text.split("\n"), own: true });

/** Somebody to turn to: what the form says of them, and what only the panel knows. */
function lineOf(l: Line): Part {
  const { law, trace, cost, police, way } = SETTINGS.says;
  return {
    title: `${SETTINGS.support}: ${l.name}`,
    lines: [
      l.what,
      l.run_by_peers ? SETTINGS.says.peers : SETTINGS.says.noPeers,
      police[l.contacts_emergency_services] ?? l.contacts_emergency_services,
      law[l.mandatory_reporting] ?? l.mandatory_reporting,
      trace[l.can_trace] ?? l.can_trace,
      SETTINGS.says.hours(l.hours, l.time_zone),
      SETTINGS.says.ways(l.ways.map((code) => way[code] ?? code)),
      SETTINGS.says.languages(l.languages),
      cost[l.cost] ?? l.cost,
      SETTINGS.says.source(l.source_url),
      SETTINGS.says.region(l.region),
      SETTINGS.says.checked(l.checked_on, l.checked_by),
    ],
  };
}

/** A plan in words, with the name that its text has by its hash. */
function planned(text: string): string[] {
  const plan = readPlan(text);
  return plan === null ? [SETTINGS.badPlan, `${PLAN.hash} ${hashText(text)}`] : planLines(plan, hashText(text));
}

/**
 * What proposed settings change in those that hold now. Members that they leave out stay as they are, but for the language: without
 * it, it is English.
 */
export function changes(now: Settings, proposed: Settings, labels: Labels): Change[] {
  const before = byTitle(partsOf(now, labels));
  const after = byTitle(partsOf({ ...now, ...proposed, language: proposed.language ?? LANGUAGES[0] }, labels));
  return [...new Set([...after.keys(), ...before.keys()])].flatMap((title) => {
    const [was = [], will = []] = [before.get(title), after.get(title)];
    const same = was.length === will.length && was.every((line, i) => line === will[i]);
    return same ? [] : [{ title, gone: without(was, will), come: without(will, was) }];
  });
}

/** The lines under each title. Two to turn to may have one name. */
function byTitle(parts: readonly Part[]): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (const { title, lines } of parts) found.set(title, [...(found.get(title) ?? []), ...lines]);
  return found;
}

/** Lines that are not among others, each as often as it is more. */
function without(lines: readonly string[], others: readonly string[]): string[] {
  const left = [...others];
  return lines.filter((line) => {
    const at = left.indexOf(line);
    if (at >= 0) left.splice(at, 1);
    return at < 0;
  });
}
