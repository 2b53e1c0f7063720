/** The form in which a coder says what a message holds. Its fields have names, so that a draft can fill it again. */
import type { CardCodes } from "../card.js";
import { ownCode, sorted, themeOf, type Found, type WriterRole } from "../coding.js";
import type { Answer } from "../pad.js";
import { CASE } from "./casewords.js";
import { el } from "./dom.js";
import type { Labels } from "./labels.js";
import { codedOwn, type OwnItem } from "./ownitems.js";

/** What the form asks, in its order. */
export interface FormCodes extends CardCodes {
  good: CardCodes["themes"];
  seriousness: { v: number; code: string; anchor: string }[];
  wants: string[];
}

export interface Fault {
  /** Of the control to go to. */
  id: string;
  sentence: string;
}

/** The theme that is asked only about people who work there. */
const WORK = "work";

/** What stands in the form where a coding has no role. */
const UNSAID = "unsaid";

export class CodingForm {
  readonly element = el("div", { class: "coding-form" });
  readonly #codes: FormCodes;
  readonly #labels: Labels;
  readonly #themes: FormCodes["themes"];
  /** What this clinic's form asked beyond the common list. */
  readonly #own: readonly OwnItem[];
  readonly #prefix: string;
  /** What a shown coding holds that this form does not ask: it goes out again as it came in. */
  #beside: Pick<Found, "yes" | "no" | "items" | "good" | "involved" | "repair"> & { own: string[] } = { yes: [], no: [], items: [], own: [], good: [], involved: [], repair: [] };

  /** `prefix` keeps apart two forms on one page. `role` is who wrote, by their own answer: it is chosen to begin with. */
  constructor(codes: FormCodes, labels: Labels, prefix: string, worksThere: boolean, role: WriterRole | "", own: readonly OwnItem[] = []) {
    this.#codes = codes;
    this.#own = own;
    this.#labels = labels;
    this.#prefix = prefix;
    this.#themes = codes.themes.filter(({ code }) => code !== WORK || worksThere);
    this.element.append(
      el("h4", {}, CASE.themes),
      ...this.#themes.map((t) => this.#theme(t)),
      this.#scale(),
      this.#who(),
      this.#ticks("involved", CASE.involved, codes.roles.filter(isAnswer), (c) => this.#label("roles", c)),
      this.#ticks("repair", CASE.repair, codes.wants.filter(isAnswer), (c) => this.#label("wants", c)),
      this.#ticks("good", CASE.good, codes.good.flatMap((t) => t.items.map((i) => i.code)), (c) => this.#label("items", c)),
    );
    this.#say(role);
    this.element.addEventListener("change", () => { this.#unfold(); });
  }

  #label(q: string, code: string): string {
    return this.#labels.choices({ q, a: code })[0] ?? code;
  }

  #theme(t: FormCodes["themes"][number]): HTMLElement {
    const name = `theme.${t.code}`;
    const items = this.#ticks("items", CASE.items, t.items.map((i) => i.code), (c) => this.#label("items", c), "inner");
    items.append(...this.#own.filter(({ theme }) => theme === t.code).map((i) => this.#input("checkbox", "own", codedOwn(i), i.label)));
    items.dataset["of"] = t.code;
    items.hidden = true;
    return el("fieldset", { class: "group theme", id: this.#id(name), tabindex: "-1" },
      el("legend", {}, this.#label("themes", t.code)),
      el("div", { class: "yes-no" }, this.#radio(name, "yes", CASE.yes), this.#radio(name, "no", CASE.no)),
      items,
    );
  }

  #scale(): HTMLElement {
    return el("fieldset", { class: "group", id: this.#id("seriousness"), tabindex: "-1" }, el("legend", {}, CASE.seriousness),
      ...this.#codes.seriousness.map(({ v, anchor }) => this.#radio("seriousness", String(v), `${String(v)}. ${anchor}`)));
  }

  #who(): HTMLElement {
    const hint = el("p", { class: "hint", id: this.#id("role-hint") }, CASE.writerHint);
    return el("fieldset", { class: "group", "aria-describedby": hint.id }, el("legend", {}, CASE.writer), hint,
      ...(["client", "worker", UNSAID] as const).map((role) => this.#radio("role", role, CASE.writers[role])));
  }

  #say(role: WriterRole | ""): void {
    for (const input of this.element.querySelectorAll<HTMLInputElement>("input")) {
      if (input.name === `${this.#prefix}role`) input.checked = input.value === (role === "" ? UNSAID : role);
    }
  }

  #ticks(name: string, legend: string, codes: string[], label: (code: string) => string, more = ""): HTMLFieldSetElement {
    return el("fieldset", { class: `group ${more}` }, el("legend", {}, legend), ...codes.map((code) => this.#input("checkbox", name, code, label(code))));
  }

  #radio(name: string, value: string, label: string): HTMLElement {
    return this.#input("radio", name, value, label);
  }

  #input(type: string, name: string, value: string, label: string): HTMLElement {
    const input = el("input", { type, name: this.#prefix + name, value });
    return el("label", { class: "choice" }, input, el("span", {}, label));
  }

  #id(name: string): string {
    return `${this.#prefix}${name}`.replace(/\./g, "-");
  }

  /** Items of a theme show when it is there. What was ticked below a theme that is not there after all stays ticked, unseen and unsent. */
  #unfold(): void {
    for (const room of this.element.querySelectorAll<HTMLElement>("[data-of]")) {
      room.hidden = this.#picked(`theme.${room.dataset["of"] ?? ""}`)[0] !== "yes";
    }
  }

  #picked(name: string): string[] {
    const inputs = this.element.querySelectorAll<HTMLInputElement>("input:checked");
    return Array.from(inputs).filter((i) => i.name === this.#prefix + name).map((i) => i.value);
  }

  /** The coding, or what is missing. */
  read(): { found: Found } | { faults: Fault[] } {
    const said = (answer: string): string[] => this.#themes.filter((t) => this.#picked(`theme.${t.code}`)[0] === answer).map((t) => t.code);
    const [yes, no] = [said("yes"), said("no")];
    const open = this.#themes.filter(({ code }) => !yes.includes(code) && !no.includes(code));
    const seriousness = this.#picked("seriousness")[0];
    const role = this.#picked("role")[0];
    const faults: Fault[] = [];
    if (open[0]) faults.push({ id: this.#id(`theme.${open[0].code}`), sentence: CASE.faultThemes(open.length) });
    if (seriousness === undefined) faults.push({ id: this.#id("seriousness"), sentence: CASE.faultSeriousness });
    if (faults.length > 0 || seriousness === undefined) return { faults };
    const b = this.#beside;
    const stays = (i: string): boolean => [...yes, ...b.yes].includes(themeOf(i));
    const own = sorted([...this.#picked("own").filter((i) => yes.includes(themeOf(i))), ...b.own.filter(stays)]);
    return {
      found: {
        taxonomy: this.#codes.version, yes: sorted([...yes, ...b.yes]), no: sorted([...no, ...b.no]),
        items: sorted([...this.#picked("items").filter((i) => yes.includes(themeOf(i))), ...b.items.filter(stays)]),
        good: sorted([...this.#picked("good"), ...b.good]), seriousness: Number(seriousness),
        involved: sorted([...this.#picked("involved"), ...b.involved]), repair: sorted([...this.#picked("repair"), ...b.repair]),
        ...(role === "client" || role === "worker" ? { role } : {}),
        ...(own.length > 0 ? { own } : {}),
      },
    };
  }

  /** What is wrong with the answer to a theme, or with `seriousness`. */
  faultAt(what: string, sentence: string): Fault {
    return { id: this.#id(what === "seriousness" ? what : `theme.${what}`), sentence };
  }

  /** Every field as it stands, for a draft. */
  fields(): Answer[] {
    const names = new Set(Array.from(this.element.querySelectorAll<HTMLInputElement>("input:checked"), (i) => i.name));
    return [...names].map((name) => ({ q: name, a: this.#picked(name.slice(this.#prefix.length)).join("\n") }));
  }

  /** Puts a draft back. Codes that the form no longer has stay in the draft and show nowhere; one of before leaves who wrote as it is. */
  fill(fields: readonly Answer[]): void {
    const role = `${this.#prefix}role`;
    const older = !fields.some(({ q }) => q === role);
    for (const input of this.element.querySelectorAll<HTMLInputElement>("input")) {
      if (older && input.name === role) continue;
      input.checked = fields.some(({ q, a }) => q === input.name && a.split("\n").includes(input.value));
    }
    this.#unfold();
  }

  /** Shows a coding, such as one that others propose, and names the codes in it that this form does not ask. */
  show(f: Found): void {
    const asked = (name: string): string[] => Array.from(this.element.querySelectorAll<HTMLInputElement>("input")).filter((i) => i.name === this.#prefix + name).map((i) => i.value);
    const theme = (code: string): boolean => !this.#themes.some((t) => t.code === code);
    const other = (q: "items" | "own" | "good" | "involved" | "repair"): string[] => (f[q] ?? []).filter((code) => !asked(q).includes(code));
    this.#beside = { yes: f.yes.filter(theme), no: f.no.filter(theme), items: other("items"), own: other("own"), good: other("good"), involved: other("involved"), repair: other("repair") };
    const named = [...this.#beside.yes, ...this.#beside.items, ...this.#beside.own.map(ownCode), ...this.#beside.good, ...this.#beside.involved, ...this.#beside.repair];
    this.element.querySelector(".beside")?.remove();
    if (named.length > 0) this.element.append(el("p", { class: "beside" }, `${CASE.beside} ${named.map((c) => this.#labels.choices({ q: c.includes(".") ? "items" : "themes", a: c })[0] ?? c).join(", ")}`));
    const themes = [...f.yes.map((code) => [code, "yes"]), ...f.no.map((code) => [code, "no"])];
    const fields: Answer[] = [
      ...themes.map(([code, a]) => ({ q: `${this.#prefix}theme.${code ?? ""}`, a: a ?? "" })),
      ...(["items", "own", "good", "involved", "repair"] as const).map((q) => ({ q: this.#prefix + q, a: (f[q] ?? []).join("\n") })),
      { q: `${this.#prefix}seriousness`, a: String(f.seriousness) },
      { q: `${this.#prefix}role`, a: f.role ?? UNSAID },
    ];
    this.fill(fields);
  }
}

const isAnswer = (code: string): boolean => code !== "skip" && code !== "not_sure";
