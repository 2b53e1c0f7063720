/** The part of the figures' view in which a panel makes, looks at and signs bundles that the clinic takes away. */
import { readBundle, type Bundle } from "../bundle.js";
import { fromBase64 } from "../encoding.js";
import { ask, send } from "./api.js";
import { button, el } from "./dom.js";
import type { Signed } from "./served.js";
import type { Host } from "./keysview.js";
import { dayText } from "./reading.js";
import type { Tended } from "./tending.js";
import { FAILURES } from "./words.js";

interface Served {
  id: string;
  state: "draft" | "signed" | "dropped";
  needed: number;
  first: string;
  last: string;
  as_of: string;
  lines: string;
  manifest: string;
  signatures: Signed[];
  file: string;
}

interface Ledger { periods: { first: string; last: string }[]; exports: Served[] }

const SAY = {
  title: "Files for the clinic to take away",
  what: "One file for a time: the numbers you let out, what the clinic answered and promised, and a report to print. Nobody's words are in it. Everybody can take it once enough of you have signed.",
  make: (p: string): string => `Make the file for ${p}`,
  made: "Made. Look at it, then sign. Nobody outside the panel sees it yet.",
  none: "No time is over yet for which a file can be made.",
  about: (asOf: string): string => `Promises and answers as of ${dayText(asOf)}.`,
  words: "No numbers are let out for this time. The file has answers, promises and questions.",
  numbers: (n: number, tables: number): string => `It holds the ${String(tables)} tables that you let out for this time, of about ${String(n)} reports.`,
  answers: "Answers in it",
  promises: "Promises in it",
  silences: "Silences in it",
  nothing: "None.",
  promise: (who: string, due: string, state: string): string => `${who}, by ${dayText(due)}. Now: ${state.replace(/-/g, " ")}.`,
  silence: (whose: string, what: string, n: number): string => `${whose === "clinic" ? "The clinic" : "The panel"}, ${what.replace(/-/g, " ")}: ${String(n)}`,
  limits: "Your signature says that these numbers, answers and promises stand in the file. Its report and tables are made from them by the server; your browser does not make them again. The command answerable export build does, before it signs.",
  pdf: "It has a PDF, too, which nobody can make again. Open it before you sign.",
  by: (n: number, of: number, who: string[]): string => `${String(n)} of ${String(of)} have signed${who.length > 0 ? `: ${who.join(", ")}` : ""}.`,
  sign: "I looked at it. Sign the file",
  signed: (n: number, of: number): string => `You signed. ${String(n)} of ${String(of)} have signed.`,
  out: "You signed, and everybody can take the file now.",
  drop: "Give this file up",
  dropped: "The file is given up. Nobody outside has seen it.",
  take: (p: string): string => `Take the file for ${p}`,
};

const period = (of: { first: string; last: string }): string => `${dayText(of.first)} to ${dayText(of.last)}`;

/** Bundles of one clinic. `again` draws the whole view anew after an act and says what came of it. */
export class ClinicExports {
  readonly element = el("section", { class: "clinic-exports" });
  readonly #host: Host;
  readonly #t: Tended;
  readonly #again: (work: () => Promise<string>) => void;

  constructor(host: Host, t: Tended, again: (work: () => Promise<string>) => void) {
    this.#host = host;
    this.#t = t;
    this.#again = again;
  }

  #at(rest: string): string {
    return `/c/${encodeURIComponent(this.#t.clinic.slug)}/exports${rest}`;
  }

  async fill(): Promise<void> {
    const { periods, exports } = (await (await ask(this.#at(""))).json()) as Ledger;
    const drafts = exports.filter((e) => e.state === "draft");
    const boxes = [];
    for (const d of drafts) boxes.push(await this.#draft(d));
    const has = (p: { first: string }): boolean => exports.some((e) => e.state !== "dropped" && e.first === p.first);
    const open = periods.filter((p) => !has(p)).slice(0, 4);
    const signed = exports.filter((e) => e.state === "signed");
    this.element.replaceChildren(
      el("h4", {}, SAY.title),
      el("p", { class: "hint" }, SAY.what),
      ...boxes,
      ...(periods.length === 0 ? [el("p", { class: "quiet" }, SAY.none)] : []),
      el("ul", { class: "due" }, ...open.map((p) => el("li", {}, busy(button(SAY.make(period(p)), () => { this.#again(() => this.#make(p)); }))))),
      el("ul", {}, ...signed.map((e) => el("li", {}, el("a", { href: e.file }, SAY.take(period(e))), ` ${SAY.about(e.as_of)}`))),
    );
  }

  async #make(p: { first: string; last: string }): Promise<string> {
    await send(this.#t.clinic.slug, "/exports", { first: p.first, last: p.last });
    return SAY.made;
  }

  /** A draft as its own files say it. */
  async #draft(d: Served): Promise<HTMLElement> {
    const box = el("div", { class: "waits" });
    const { zip } = (await (await ask(this.#at(`/${encodeURIComponent(d.id)}/bundle`))).json()) as { zip: string };
    const file = fromBase64(zip);
    const bundle = readBundle(this.#t.clinicId, d.lines, d.manifest, file);
    if (bundle === null) {
      box.append(el("p", { class: "note" }, FAILURES.bundle));
      return box;
    }
    const signers = d.signatures.map((s) => s.reviewer);
    box.append(el("h5", {}, period(bundle)), ...told(bundle), el("p", { class: "hint" }, SAY.limits), el("p", { class: "quiet" }, SAY.by(signers.length, d.needed, signers)));
    const buttons = el("div", { class: "buttons" });
    if (!signers.includes(this.#host.me())) buttons.append(busy(button(SAY.sign, () => { this.#again(() => this.#sign(d, file)); }, "button")));
    buttons.append(busy(button(SAY.drop, () => { this.#again(() => this.#drop(d)); })));
    box.append(buttons);
    return box;
  }

  async #sign(d: Served, zip: Uint8Array): Promise<string> {
    const { slug } = this.#t.clinic;
    const { signature, ssh } = await this.#host.keys().ask<"signExport">({ do: "signExport", clinic: slug, drafted: { lines: d.lines, manifest: d.manifest, zip }, leaves: await this.#host.leaves() });
    const after = await send<Served>(slug, `/exports/${encodeURIComponent(d.id)}/signatures`, { signature, ssh_signature: ssh });
    return after.state === "signed" ? SAY.out : SAY.signed(after.signatures.length, after.needed);
  }

  async #drop(d: Served): Promise<string> {
    await ask(this.#at(`/${encodeURIComponent(d.id)}/drop`), null);
    return SAY.dropped;
  }
}

const busy = (b: HTMLButtonElement): HTMLButtonElement => {
  b.dataset["busy"] = "";
  return b;
};

/** All that a bundle says and that is not shown above in this view already. */
function told(b: Bundle): HTMLElement[] {
  const typed = (text: string): HTMLElement => el("p", { class: "typed", dir: "auto" }, text);
  const list = (title: string, items: HTMLElement[]): HTMLElement[] => [el("h6", {}, title), ...(items.length === 0 ? [el("p", { class: "quiet" }, SAY.nothing)] : items)];
  return [
    el("p", {}, SAY.about(b.asOf)),
    el("p", {}, b.release === null ? SAY.words : SAY.numbers(b.release.reports, b.release.tables.length)),
    ...list(SAY.answers, b.responses.flatMap((r) => [typed(r.text), el("p", { class: "quiet", dir: "auto" }, `${r.role}, ${dayText(r.on)}`)])),
    ...list(SAY.promises, b.promises.flatMap((p) => [typed(p.what), el("p", { class: "quiet", dir: "auto" }, SAY.promise(p.who, p.due, p.state)), typed(p.how)])),
    ...list(SAY.silences, b.silences.map((s) => el("p", {}, SAY.silence(s.whose, s.what, s.count)))),
    ...(b.pdf ? [el("p", {}, SAY.pdf)] : []),
  ];
}
