/** Where the form in parts is in the browser's list of pages, in browsers that show their list and in those that hide it. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Entries, placeIn } from "../src/form/entries.js";

/** A browser's list of pages with a form's first entry in sight. Each entry keeps how the browser scrolls on coming to it. */
class Browser {
  readonly pushed: unknown[] = [];
  readonly location = { hash: "" };
  readonly history: Pick<History, "pushState" | "go" | "scrollRestoration">;
  private readonly list: History["scrollRestoration"][] = ["auto"];
  readonly entries: Entries;
  private index = 0;

  constructor(listed: boolean) {
    const [list, at] = [this.list, (): number => this.index];
    this.history = {
      pushState: (...args) => {
        this.pushed.push(args);
        list.splice(at() + 1, Infinity, list[at()] ?? "auto");
        this.leap(1);
      },
      go: (by = 0) => { this.leap(by); },
      get scrollRestoration() { return list[at()] ?? "auto"; },
      set scrollRestoration(mode) { list[at()] = mode; },
    };
    const navigation = listed ? { currentEntry: { get index() { return at() + 7; } } } : undefined;
    this.entries = new Entries(this, placeIn({ navigation }));
  }

  leap(by: number): void {
    this.index += by;
  }

  /** Plays "+5" as going to part 5, "<" as Back, ">" as Forward, "|" as being sent, each time with what the form is told. */
  play(presses: string): string[] {
    return presses.split(" ").map((press) => {
      if (press.startsWith("+")) this.entries.add(Number(press.slice(1)));
      else if (press === "|") this.entries.toFirst();
      else this.leap(press === "<" ? -1 : 1);
      const part = press.startsWith("+") ? press.slice(1) : String(this.entries.moved());
      assert.equal(this.entries.behind, this.index, press);
      assert.equal(this.entries.ahead, this.index < this.list.length - 1, press);
      return part;
    });
  }
}

test("Back and Forward come to the part that stood there, and entries are counted, whether the browser shows its list or not", () => {
  for (const listed of [true, false]) {
    const browser = new Browser(listed);
    const shown = browser.play("+1 +2 < > < < > > +5 +6 +7 < < > < < < > > > >").join(" ");
    assert.equal(shown, "1 2 1 2 1 0 1 2 5 6 7 6 5 6 5 2 1 2 5 6 7", `listed ${String(listed)}`);
    assert.equal(browser.play("< | > > < +4 <").join(" "), "6 undefined 1 2 1 4 1", "after it was sent");
    assert.deepEqual(browser.pushed, browser.pushed.map(() => [null, ""]), "an entry carries state or another address");
  }
});

test("where the list is shown a leap over several parts is one, and a link within the page is none", () => {
  const browser = new Browser(true);
  browser.play("+1 +2 +3");
  browser.leap(-3);
  assert.equal(browser.entries.moved(), 0);
  browser.leap(2);
  assert.equal(browser.entries.moved(), 2);
  browser.location.hash = "#words";
  assert.equal(browser.entries.moved(), undefined);
  assert.equal(browser.entries.moved(), 2);
});
