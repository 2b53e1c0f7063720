/**
 * What the form says and asks at a clinic, as a member of its panel proposes it: everything at once, with a preview of what
 * people will see. What was decided before stands among the decisions, with its day and who signed.
 */
import { hashText, parseDecision, type Resolution } from "../decision.js";
import { onlyMembers, parseStrict } from "../json.js";
import type { Practice } from "./api.js";
import { button, el, typed } from "./dom.js";
import type { Labels } from "./labels.js";
import { NoticeChoice } from "./noticechoice.js";
import { PRACTICE, PracticeFields } from "./practiceview.js";
import { changes, LANGUAGES, partsOf } from "./settingsparts.js";
import { SETTINGS } from "./settingswords.js";

/** The twin of clinic.Settings in internal/clinic/settings.go. */
export interface Settings {
  intro: string;
  /** Who reads and how they are chosen, as the form says it; left out, it stays as it is. */
  panel_note?: string;
  shared: boolean;
  services: { code: string; label: string }[];
  items: { theme: string; code: string; label: string }[];
  support: Line[];
  /** Left out, they stay as they are. */
  clocks?: Clocks;
  /** How the panel itself works; left out, it stays as it is. */
  practice?: Practice;
  /** The text of the plan of figures; left out, it stays as it is. */
  plan?: string;
  /** In which the panel and its clinic write, one of LANGUAGES; left out, it is English. */
  language?: string;
  /** What the law may make the panel do: the text that holds or the one that is proposed; left out, it stays as it is. */
  legal_notice?: string;
}

/** A legal notice that whoever runs the server proposes, since a day. */
export interface ProposedNotice { text: string; on: string }

/** What holds now, and the legal notice that waits for the panel, which is no member of settings. */
export type SettingsNow = Settings & { notice_proposed?: ProposedNotice };

/** How many working days a clinic has to answer, and days a panel has to judge, and lets pass before it asks again. */
export interface Clocks { answer: number; judge: number; look_back: number }

const DEFAULT_CLOCKS: Clocks = { answer: 20, judge: 30, look_back: 90 };
const CLOCKS = ["answer", "judge", "look_back"] as const;

export interface Line {
  name: string;
  what: string;
  run_by_peers: boolean;
  contacts_emergency_services: string;
  mandatory_reporting: string;
  can_trace: string;
  ways: string[];
  languages: string[];
  hours: string;
  time_zone: string;
  region: string;
  cost: string;
  source_url: string;
  checked_on: string;
  checked_by: string;
}

const TEXTS = ["name", "what", "languages", "hours", "time_zone", "region", "source_url", "checked_on", "checked_by"] as const;
export const CHOICES = {
  contacts_emergency_services: ["unknown", "never", "only_if_you_agree", "may_without_asking"],
  mandatory_reporting: ["unknown", "none", "some_law_duties"],
  can_trace: ["unknown", "no", "yes"],
  cost: ["free", "local_call", "other"],
} as const;
export const WAYS = ["voice", "text", "chat", "relay", "sign_video"] as const;

const MEMBERS = [
  "intro", "panel_note", "shared", "services", "items", "support", "clocks", "practice", "plan", "legal_notice", "language",
] as const;

/** Settings from the text that lines name by its hash; null for any other text. */
export function settingsText(r: Extract<Resolution, { kind: "settings" }>, body: string): Settings | null {
  try {
    return hashText(body) === r.text ? (onlyMembers(parseStrict(body), MEMBERS) as unknown as Settings) : null;
  } catch {
    return null;
  }
}

/** The lines of the settings that were decided last: those that no others name as the ones before. Null where there are none. */
export function newestSettings(decided: readonly string[]): string | null {
  const all = decided.filter((lines) => parseDecision(lines)?.kind === "settings");
  const followed = new Set(all.map((lines) => (parseDecision(lines) as Extract<Resolution, { kind: "settings" }>).after));
  return all.find((lines) => !followed.has(hashText(lines))) ?? null;
}

/** Settings as people will see them, with everything in them that is signed. */
export function preview(s: Settings, labels: Labels): HTMLElement {
  return el("dl", { class: "settings" }, ...partsOf(s, labels).flatMap(({ title, lines, own }) => [
    el("dt", {}, title),
    el("dd", {}, lines.length === 0 ? el("p", { class: "quiet" }, SETTINGS.nothing)
      : own ? typed(lines.join("\n"))
      : el("ul", {}, ...lines.map((line) => item(line)))),
  ]));
}

/** What proposed settings change, line by line: what a member signs can be like what holds but for one word. */
export function changed(now: Settings, proposed: Settings, labels: Labels): HTMLElement {
  const all = changes(now, proposed, labels);
  const title = el("p", {}, el("strong", {}, SETTINGS.changes));
  return el("div", { "data-part": "changes" }, title, all.length === 0 ? el("p", {}, SETTINGS.changesNothing)
    : el("dl", { class: "settings" }, ...all.flatMap(({ title, gone, come }) => [
      el("dt", {}, title),
      el("dd", {}, el("ul", {},
        ...(gone.length + come.length === 0 ? [el("li", {}, SETTINGS.order)] : []),
        ...gone.map((line) => item(line, SETTINGS.gone)), ...come.map((line) => item(line, SETTINGS.come)))),
    ])));
}

/** A line, whose letters may run the other way than ours, after what becomes of it. */
const item = (line: string, mark = ""): HTMLElement =>
  el("li", {}, ...(mark === "" ? [] : [el("strong", {}, mark), " "]), el("bdi", {}, line.trim() === "" ? SETTINGS.empty : line));

/**
 * What the form does with what holds now. `after` names the settings that its fields were filled with, null for none yet. It is
 * never moved without the fields: the server would take what was written without knowing the newest, and undo them.
 */
export function filling(after: string | null, newest: string, written: boolean): "fill" | "leave" | "behind" {
  if (after === newest) return "leave";
  return after === null || !written ? "fill" : "behind";
}

/** The form. It is made once, so that what is being written stays. */
export class SettingsForm {
  readonly element: HTMLDetailsElement;
  readonly #intro = el("textarea", { rows: "4", maxlength: "2000" });
  readonly #note = el("textarea", { rows: "4", maxlength: "2000" });
  readonly #language = el("select", {}, ...LANGUAGES.map((code) => el("option", { value: code }, SETTINGS.languageName[code])));
  readonly #services = el("textarea", { rows: "6", spellcheck: "false" });
  readonly #items = el("textarea", { rows: "6", spellcheck: "false" });
  readonly #notice = new NoticeChoice();
  readonly #shared = el("input", { type: "checkbox" });
  readonly #clocks = new Map(CLOCKS.map((key) => [key, el("input", { type: "text", inputmode: "numeric", class: "short", autocomplete: "off" })]));
  readonly #lines = el("div", {});
  readonly #practice = new PracticeFields(field);
  readonly #shown = el("div", { role: "status" });
  readonly #meanwhile = el("div", { role: "status" });
  readonly #form: HTMLFormElement;
  /** The settings that the fields were filled with, by their hash; and the fields as they were then. */
  #after: string | null = null;
  #filled = "";
  /** What holds now, for saying what is changed. */
  #now: Settings = { intro: "", shared: false, services: [], items: [], support: [] };
  /** What was proposed last from here, and the fields as they were then. */
  #proposed = { text: "", fields: "" };

  constructor(
    private readonly prefix: string,
    private readonly labels: Labels,
    propose: (what: Resolution, body: string) => void,
    say: (sentence: string) => void,
  ) {
    const form = el("form", { autocomplete: "off", novalidate: "" },
      el("p", { class: "hint" }, SETTINGS.hint), this.#meanwhile,
      field(SETTINGS.language, this.#language, SETTINGS.languageHint),
      field(SETTINGS.intro, this.#intro),
      field(SETTINGS.note, this.#note),
      this.#notice.element,
      field(SETTINGS.services, this.#services, SETTINGS.servicesHint),
      field(SETTINGS.items, this.#items, SETTINGS.itemsHint(labels.codes.themes.map((t) => t.code).join(", "))),
      el("h5", {}, SETTINGS.support), this.#lines,
      el("p", {}, button(SETTINGS.addLine, () => { this.#lines.append(lineFields()); })),
      el("h5", {}, SETTINGS.clocks), el("p", { class: "hint" }, SETTINGS.clocksHint),
      ...[...this.#clocks].map(([key, input]) => field(SETTINGS.clock[key], input)),
      el("p", {}, el("label", { class: "choice" }, this.#shared, " ", el("span", {}, SETTINGS.sharedYes))),
      this.#practice.element,
      el("div", { class: "buttons" }, button(SETTINGS.look, () => { this.#look(say); }), el("button", { type: "submit", class: "button second", "data-busy": "" }, SETTINGS.propose)),
      this.#shown,
    );
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const settings = this.#read(say);
      if (settings === null || this.#after === null) return;
      const body = JSON.stringify(settings);
      this.#proposed = { text: hashText(body), fields: this.#fields() };
      propose({ kind: "settings", clinic: "", day: new Date().toISOString().slice(0, 10), after: this.#after, text: hashText(body) }, body);
    });
    this.#form = form;
    this.element = el("details", { "data-part": "settings" }, el("summary", {}, SETTINGS.title), form);
  }

  /** Puts in what holds now, unless somebody has begun to write: then it says so. `newest` are the lines of the settings decided last. */
  show(now: SettingsNow, newest: string | null): void {
    this.#now = now;
    this.#notice.show(now.legal_notice, now.notice_proposed);
    const after = newest === null ? "first" : hashText(newest);
    switch (filling(this.#after, after, this.#written(newest))) {
      case "fill":
        this.#fill(now, after);
        break;
      case "behind":
        this.#meanwhile.replaceChildren(el("p", { class: "note" }, SETTINGS.meanwhile), el("p", {}, button(SETTINGS.takeNewest, () => { this.#fill(now, after); })));
    }
  }

  #fill(now: Settings, after: string): void {
    this.#meanwhile.replaceChildren();
    this.#language.value = now.language ?? LANGUAGES[0];
    this.#intro.value = now.intro;
    this.#note.value = now.panel_note ?? "";
    this.#services.value = now.services.map((s) => `${s.code} | ${s.label}`).join("\n");
    this.#items.value = now.items.map((i) => `${i.theme} | ${i.code.replace(this.prefix, "")} | ${i.label}`).join("\n");
    this.#shared.checked = now.shared;
    for (const [key, input] of this.#clocks) input.value = String((now.clocks ?? DEFAULT_CLOCKS)[key]);
    if (now.practice !== undefined) this.#practice.show(now.practice);
    this.#lines.replaceChildren(...now.support.map((l) => lineFields(l)));
    this.#after = after;
    this.#filled = this.#fields();
  }

  /** Whether somebody has written here what is not in the newest settings. */
  #written(newest: string | null): boolean {
    const fields = this.#fields();
    const decided = newest === null ? null : parseDecision(newest);
    const own = decided?.kind === "settings" && decided.text === this.#proposed.text && fields === this.#proposed.fields;
    return fields !== this.#filled && !own;
  }

  #fields(): string {
    const controls = this.#form.querySelectorAll<HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement>("input, textarea, select");
    return JSON.stringify(Array.from(controls, (c) => (c instanceof HTMLInputElement && c.type === "checkbox" ? c.checked : c.value)));
  }

  #look(say: (sentence: string) => void): void {
    const settings = this.#read(say);
    if (settings === null) return;
    const differs = changed(this.#now, settings, this.labels);
    this.#shown.replaceChildren(el("h5", {}, SETTINGS.preview), differs, preview(settings, this.labels));
  }

  /** What is written; null, with a sentence, where a line does not read. The server looks at everything else. */
  #read(say: (sentence: string) => void): Settings | null {
    const services = rows(this.#services, 2);
    const items = rows(this.#items, 3);
    if (services === null || items === null) {
      say(services === null ? SETTINGS.badService : SETTINGS.badItem);
      return null;
    }
    const numbers = CLOCKS.map((key) => this.#clocks.get(key)?.value.trim() ?? "");
    if (numbers.some((n) => !/^\d{1,3}$/.test(n))) {
      say(SETTINGS.badClock);
      return null;
    }
    const [answer = 0, judge = 0, lookBack = 0] = numbers.map(Number);
    const practice = this.#practice.read();
    if (practice === null) {
      say(PRACTICE.number);
      return null;
    }
    return {
      intro: this.#intro.value.trim(),
      panel_note: this.#note.value.trim(),
      shared: this.#shared.checked,
      services: services.map(([code = "", label = ""]) => ({ code, label })),
      items: items.map(([theme = "", code = "", label = ""]) => ({ theme, code: this.prefix + code, label })),
      support: Array.from(this.#lines.children, (box) => readLine(box)),
      clocks: { answer, judge, look_back: lookBack },
      practice,
      ...this.#notice.read(),
      ...languageMember(this.#language.value),
    };
  }
}

/** What settings say of the language: nothing where it is English, as in all that were signed before one could be named. */
export const languageMember = (code: string): Pick<Settings, "language"> => (code === LANGUAGES[0] ? {} : { language: code });

/** The lines of a field as texts with | between them; null where one has another number. */
function rows(from: HTMLTextAreaElement, parts: number): string[][] | null {
  const lines = from.value.split("\n").filter((l) => l.trim() !== "").map((l) => l.split("|").map((p) => p.trim()));
  return lines.every((l) => l.length === parts && l.every((p) => p !== "")) ? lines : null;
}

function lineFields(l?: Line): HTMLElement {
  const box = el("fieldset", { class: "group line" }, el("legend", {}, l?.name ?? SETTINGS.newLine));
  for (const key of TEXTS) {
    const value = l === undefined ? (key === "checked_on" ? new Date().toISOString().slice(0, 10) : "") : key === "languages" ? l.languages.join(", ") : l[key];
    box.append(field(SETTINGS.line[key], el("input", { type: "text", "data-key": key, value }), SETTINGS.lineHint[key] ?? ""));
  }
  for (const [key, codes] of Object.entries(CHOICES) as [keyof typeof CHOICES, readonly string[]][]) {
    const select = el("select", { "data-key": key }, ...codes.map((code) => el("option", { value: code }, SETTINGS.choice[code] ?? code)));
    select.value = l?.[key] ?? codes[0] ?? "";
    box.append(field(SETTINGS.line[key], select));
  }
  const tick = (key: string, label: string, on: boolean): HTMLElement => {
    const input = el("input", { type: "checkbox", "data-key": key });
    input.checked = on;
    return el("label", { class: "choice" }, input, " ", el("span", {}, label));
  };
  box.append(...WAYS.map((way) => tick(way, SETTINGS.way[way], l?.ways.includes(way) ?? false)), tick("run_by_peers", SETTINGS.line.run_by_peers, l?.run_by_peers ?? false));
  box.append(el("p", {}, button(SETTINGS.dropLine, () => { box.remove(); })));
  return box;
}

function readLine(box: Element): Line {
  const control = (key: string): HTMLInputElement | null => box.querySelector<HTMLInputElement>(`[data-key="${key}"]`);
  const text = (key: string): string => control(key)?.value.trim() ?? "";
  const on = (key: string): boolean => control(key)?.checked ?? false;
  return {
    name: text("name"), what: text("what"), run_by_peers: on("run_by_peers"),
    contacts_emergency_services: text("contacts_emergency_services"), mandatory_reporting: text("mandatory_reporting"), can_trace: text("can_trace"),
    ways: WAYS.filter(on), languages: text("languages").split(",").map((x) => x.trim()).filter((x) => x !== ""),
    hours: text("hours"), time_zone: text("time_zone"), region: text("region"), cost: text("cost"),
    source_url: text("source_url"), checked_on: text("checked_on"), checked_by: text("checked_by"),
  };
}

let ids = 0;

function field(label: string, control: HTMLElement, hint = ""): HTMLElement {
  control.id = `settings-${String(++ids)}`;
  const parts: HTMLElement[] = [el("label", { for: control.id }, label)];
  if (hint !== "") {
    control.setAttribute("aria-describedby", `${control.id}-hint`);
    parts.push(el("p", { class: "hint", id: `${control.id}-hint` }, hint));
  }
  return el("div", { class: "field" }, ...parts, control);
}
