/**
 * Leaving fast: the Leave button without a trace of this page in the list of pages to go back to, as far as a page can, and
 * Shift three times for those who have a keyboard. The page's own words go from the screen before the next page comes.
 * Besides, what every page for writers and the public does with a press: links within it, and the language switch.
 */

import { hush } from "./hush.js";

/** The three presses have to come within this time, in milliseconds. */
export const WITHIN = 3000;
const PRESSES = 3;

/**
 * Counts bare presses of Shift: down and up again with no other key, button or touch between. Capital letters, shortcuts and
 * the ways to change a keyboard's language are none, and each of them starts the count anew.
 */
export class Shifts {
  private presses: number[] = [];
  private alone = false;

  /** A key went down. What this gives is false when the count starts anew. */
  down(key: Pick<KeyboardEvent, "key" | "repeat" | "ctrlKey" | "altKey" | "metaKey">): boolean {
    const bare = key.key === "Shift" && !key.repeat && !key.ctrlKey && !key.altKey && !key.metaKey && !this.alone;
    if (!bare) this.clear();
    this.alone = bare;
    return bare;
  }

  /** A key came up at a time in milliseconds; gives how many presses count by now, 0 to 3. */
  up(key: string, at: number): number {
    if (key !== "Shift" || !this.alone) return this.presses.length;
    this.alone = false;
    this.presses = [...this.presses.filter((p) => at - p < WITHIN), at];
    return this.presses.length;
  }

  clear(): void {
    this.presses = [];
    this.alone = false;
  }
}

class Leaving {
  private readonly shifts = new Shifts();
  private readonly count: HTMLElement;
  private timer = 0;

  constructor(
    private readonly link: HTMLAnchorElement,
    /** Holds what is said after the first press and after the second. */
    private readonly about: HTMLElement,
  ) {
    this.count = document.createElement("p");
    this.count.className = "leave-count";
    this.count.setAttribute("role", "status");
    document.body.append(this.count);
  }

  listen(): void {
    this.link.addEventListener("click", (event) => {
      event.preventDefault();
      this.go();
    });
    window.addEventListener("keydown", (event) => { if (!this.shifts.down(event)) this.say(""); }, true);
    window.addEventListener("keyup", (event) => { if (event.key === "Shift") this.pressed(this.shifts.up(event.key, Date.now())); }, true);
    for (const other of ["pointerdown", "blur"]) window.addEventListener(other, () => { this.startAnew(); }, true);
    // Whoever comes back to a page that the browser kept finds it new.
    window.addEventListener("pageshow", (event) => { if (event.persisted) window.location.reload(); });
  }

  private pressed(times: number): void {
    if (times >= PRESSES) {
      this.go();
      return;
    }
    this.say(this.about.dataset[["none", "first", "second"][times] ?? ""] ?? "");
    window.clearTimeout(this.timer);
    this.timer = window.setTimeout(() => { this.startAnew(); }, WITHIN);
  }

  private startAnew(): void {
    this.shifts.clear();
    this.say("");
  }

  private say(sentence: string): void {
    if (this.count.textContent !== sentence) this.count.textContent = sentence;
  }

  /** On a slow network the next page takes its time: what stands here goes at once. */
  private go(): void {
    hush();
    document.body.hidden = true;
    const away = (): void => { window.location.replace(this.link.href); };
    const { behind, ahead } = entriesOfThisPage();
    if (behind === 0 && !ahead) {
      away();
      return;
    }
    window.setTimeout(away, TOO_SLOW);
    void withoutEntries(behind, this.link.href).then(away, away);
  }
}

/** A browser that has not gone through its list of pages within this time, in milliseconds, leaves all the same. */
const TOO_SLOW = 400;

/**
 * Makes the entry of this page that is replaced next the only one of it. Entries of parts behind it would show the form to who
 * goes back, and those ahead to who goes forward: it goes to the first of them, and takes all others out of the list with one
 * new entry, which leads away as well.
 */
async function withoutEntries(behind: number, elsewhere: string): Promise<void> {
  await stepsBack(behind);
  window.history.pushState(null, "", elsewhere);
  await stepsBack(1);
}

function stepsBack(steps: number): Promise<void> {
  if (steps === 0) return Promise.resolve();
  return new Promise((resolve) => {
    window.addEventListener("popstate", () => { resolve(); }, { once: true });
    window.history.go(-steps);
  });
}

/**
 * How many entries of the browser's list of pages before the one in sight are this page's own, and whether one after it is.
 * Browsers that do not show their list are told by the page's body, as far as the form in parts has counted.
 */
function entriesOfThisPage(): { behind: number; ahead: boolean } {
  const { navigation } = window as { navigation?: { entries: () => { sameDocument: boolean }[]; currentEntry: { index: number } | null } };
  if (!navigation?.currentEntry) return { behind: Number(document.body.dataset["behind"] ?? "0"), ahead: document.body.dataset["ahead"] === "true" };
  const [entries, at] = [navigation.entries(), navigation.currentEntry.index];
  let first = at;
  while (entries[first - 1]?.sameDocument === true) first--;
  return { behind: at - first, ahead: entries[at + 1]?.sameDocument === true };
}

/** Begins where the page says what leaving cannot hide. */
export function begin(doc: Document): void {
  const link = doc.querySelector<HTMLAnchorElement>("a.leave");
  const about = doc.querySelector<HTMLElement>("[data-module=leaving]");
  if (!link || !about) return;
  new Leaving(link, about).listen();
  const said = (sentence = ""): HTMLElement => Object.assign(doc.createElement("p"), { textContent: sentence });
  about.querySelector("p")?.after(said(about.dataset["keys"]));
  if (about.dataset["gone"] !== undefined) about.append(said(about.dataset["gone"]));
}

/**
 * Links within a page for writing, followed by hand. An entry of their own in the list of pages would be one that Leave does
 * not know of, and pressed again they would look like Back to the form in parts. The address keeps what a poster put behind its #.
 */
function followWithin(doc: Document): void {
  doc.addEventListener("click", (event) => {
    const link = (event.target as Element).closest<HTMLAnchorElement>('a.skip, #problems a[href^="#"]');
    const to = link && doc.getElementById(link.hash.slice(1));
    if (!to || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    focusAt(to);
  });
}

/** What takes no focus by itself takes it until it moves on. */
function focusAt(to: HTMLElement): void {
  if (to.tabIndex < 0 && !to.hasAttribute("tabindex")) {
    to.tabIndex = -1;
    to.addEventListener("blur", () => { to.removeAttribute("tabindex"); }, { once: true });
  }
  to.focus({ preventScroll: true });
  to.scrollIntoView();
}

/**
 * The language switch. Its script comes when somebody presses it. Keys that open links elsewhere are left to links: with a
 * button they would send the form.
 */
function offerLanguages(doc: Document): void {
  doc.addEventListener("click", (event) => {
    const choice = (event.target as Element).closest("nav.languages a, nav.languages button");
    const nav = choice?.closest<HTMLElement>("nav[data-script]");
    if (!choice || !nav) return;
    if (choice instanceof HTMLAnchorElement && (event.ctrlKey || event.metaKey || event.shiftKey)) return;
    event.preventDefault();
    (import(nav.dataset["script"] ?? "") as Promise<typeof import("./language.js")>).then((language) => language.change(choice)).catch(() => {
      sayIn(nav, nav.dataset["failed"] ?? "");
    });
  }, true);
}

/** Says a sentence at the switch, each time as a new one, so that it is heard each time. */
function sayIn(nav: HTMLElement, sentence: string): void {
  nav.querySelector("p")?.remove();
  const said = Object.assign(document.createElement("p"), { className: "problem" });
  said.setAttribute("role", "alert");
  nav.append(said);
  said.textContent = sentence;
}

if (typeof document !== "undefined") {
  begin(document);
  followWithin(document);
  offerLanguages(document);
}
