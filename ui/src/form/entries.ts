/**
 * The entries that the form in parts has in the browser's list of pages: in which of them the browser is, and which part each
 * of them shows. They carry no state, and all have the address of the form and its title.
 *
 * A browser that hides its list tells a page of Back and Forward alike. What an entry does carry is whether the browser scrolls
 * by itself on coming back to it: here two do, the next two do not, and so on. The entry before one and the one after it then
 * always differ, and nothing is noted that the order of the list does not tell.
 */

type Scrolling = History["scrollRestoration"];

/** What of a window this needs. */
interface Listed {
  history: Pick<History, "pushState" | "go" | "scrollRestoration">;
  location: Pick<Location, "hash">;
}

/** Where a browser is in its list of pages, as far as it tells; a number that only grows and falls with Back and Forward. */
export const placeIn = (win: object) => (): number =>
  (win as { navigation?: { currentEntry?: { index: number } | null } }).navigation?.currentEntry?.index ?? NaN;

/** How the browser scrolls on coming to an entry, by its number. */
const scrollingOf = (n: number): Scrolling => ((n & 2) === 0 ? "auto" : "manual");

export class Entries {
  /** The part that each entry shows, from the first on. */
  private readonly parts = [0];
  private at = 0;
  private was: number;
  private hash: string;
  private returning = false;

  constructor(
    private readonly win: Listed,
    private readonly place: () => number,
  ) {
    win.history.scrollRestoration = scrollingOf(0);
    this.was = place();
    this.hash = win.location.hash;
  }

  /** How many entries of the form are before the one in sight. */
  get behind(): number {
    return Math.max(0, this.at);
  }

  /** Whether one is after it. */
  get ahead(): boolean {
    return this.at + 1 < this.parts.length;
  }

  /** A part is shown as a new entry, so that Back comes here again; those ahead are gone. */
  add(part: number): void {
    const { history } = this.win;
    history.pushState(null, "");
    this.at = this.behind + 1;
    this.parts.splice(this.at, Infinity, part);
    history.scrollRestoration = scrollingOf(this.at);
    this.was = this.place();
  }

  /** Back or Forward was pressed. Gives the part that the entry shows, and undefined where it is none of the form's. */
  moved(): number | undefined {
    const [{ was }, now, { hash }] = [this, this.place(), this.win.location];
    this.was = now;
    if (hash !== this.hash) { // a link within the page
      this.hash = hash;
      return undefined;
    }
    if (this.returning) {
      this.returning = false;
      return undefined;
    }
    this.at += Number.isNaN(now) ? this.step() : now - was;
    return this.parts[this.at];
  }

  /** A browser that hides its list is taken to go by one entry at a time. */
  private step(): number {
    return this.ahead && this.win.history.scrollRestoration === scrollingOf(this.at + 1) ? 1 : -1;
  }

  /** Goes to the first of them, so that Back leads away from the page at once. */
  toFirst(): void {
    const { behind } = this;
    if (behind === 0) return;
    this.at = 0;
    this.returning = true;
    this.win.history.go(-behind);
  }
}
