/** What codes are called: read from the JSON that the page carries, with the code itself as a last resort. */
import type { Answer } from "../pad.js";
import type { FormCodes } from "./codingform.js";

interface File {
  items: Record<string, { label: string; cw?: boolean; urgent?: boolean }>;
  themes: Record<string, string>;
  questions: Record<string, string>;
  options: Record<string, Record<string, string>>;
  codes: FormCodes;
}

/** Questions whose answer is a list of codes, one a line, and where their labels are. */
const LISTS = new Set(["themes", "items", "good"]);

export class Labels {
  readonly #file: File;

  constructor(json: string) {
    this.#file = JSON.parse(json, withoutPrototype) as File;
  }

  /** What codings are asked for, in the order in which it is shown. */
  get codes(): FormCodes {
    return this.#file.codes;
  }

  /** Takes what clinics call items of their own. A code of the common list keeps its label. */
  learn(items: readonly { code: string; label: string }[]): void {
    for (const { code, label } of items) if (code.startsWith("x_")) this.#file.items[code] = { label };
  }

  question(q: string): string {
    return this.#file.questions[q] ?? spaced(q);
  }

  /** Questions whose answers are codes that were picked. The codes of services are each clinic's own, so the page carries no list of them. */
  get picked(): string[] {
    return [...LISTS, "service", ...Object.keys(this.#file.options)];
  }

  /** True when the answer is codes that were picked and not words that were typed. */
  isChoice(q: string): boolean {
    return LISTS.has(q) || this.#file.options[q] !== undefined;
  }

  /** The labels of a picked answer, one for each code. */
  choices(answer: Answer): string[] {
    return answer.a.split("\n").filter((code) => code !== "").map((code) => this.#choice(answer.q, code));
  }

  #choice(q: string, code: string): string {
    return this.#label(q, code) ?? spaced(code);
  }

  #label(q: string, code: string): string | undefined {
    if (q === "themes") return this.#file.themes[code];
    if (q === "items" || q === "good") return this.#file.items[code]?.label;
    return this.#file.options[q]?.[code];
  }

  /** The labels of those codes that have one. */
  known(answer: Answer): string[] {
    return answer.a.split("\n").flatMap((code) => this.#label(answer.q, code) ?? []);
  }

  /** True when every code of a picked answer has a label. */
  knows(answer: Answer): boolean {
    return answer.a.split("\n").every((code) => this.#label(answer.q, code) !== undefined);
  }

  /** What to be warned of before reading: labels of the picked items that carry the warning. */
  warnings(answers: readonly Answer[]): string[] {
    const codes = answers.filter(({ q }) => q === "items").flatMap(({ a }) => a.split("\n"));
    const marked = codes.map((code) => this.#file.items[code]).filter((item) => item?.cw === true);
    return [...new Set(marked.map((item) => item?.label ?? ""))];
  }
}

/** A code in a file can be any text, "constructor" too; it must find nothing but what the page carries. */
function withoutPrototype(_: string, value: unknown): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  return Object.assign(Object.create(null) as object, value);
}

function spaced(code: string): string {
  return code.replace(/[._]/g, " ");
}
