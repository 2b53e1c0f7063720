import assert from "node:assert/strict";
import { test } from "node:test";
import { Busy } from "../src/panel/busy.js";
import { fillOnOpening } from "../src/panel/fold.js";

/** A page of which only the parts are asked for. */
const page = (): HTMLElement => {
  const part = { textContent: "", hidden: true, removeAttribute: () => undefined };
  return { querySelector: () => part, querySelectorAll: () => [] } as unknown as HTMLElement;
};

const gate = (): { open: () => void; wait: Promise<void> } => {
  let open = (): void => undefined;
  const wait = new Promise<void>((resolve) => { open = resolve; });
  return { open, wait };
};

test("what only shows waits for what runs, each in its turn; what acts is not begun", async () => {
  const busy = new Busy(page(), { failed: (err) => { throw err; }, touched: () => undefined });
  const done: string[] = [];
  const step = (name: string) => (): Promise<void> => { done.push(name); return Promise.resolve(); };
  const { open, wait } = gate();
  const first = busy.attempt(async () => { await wait; done.push("first"); });
  await Promise.all([busy.whenFree(step("one fold")), busy.attempt(step("a second act")), busy.whenFree(step("another fold"))]);
  assert.deepEqual(done, []);
  open();
  await first;
  assert.deepEqual(done, ["first", "one fold", "another fold"]);
});

test("what is cut short leaves nothing waiting", async () => {
  const busy = new Busy(page(), { failed: () => { throw new Error("what was cut has not failed"); }, touched: () => undefined });
  const { open, wait } = gate();
  let shown = false;
  const first = busy.attempt(async () => { await wait; throw new Error("the page was locked"); });
  await busy.whenFree(() => { shown = true; return Promise.resolve(); });
  busy.cut();
  open();
  await first;
  assert.equal(shown, false);
});

test("a fold opened while the page is busy is filled after that, unless it was shut again", async () => {
  const busy = new Busy(page(), { failed: (err) => { throw err; }, touched: () => undefined });
  const fold = (): { box: HTMLDetailsElement; filled: () => number } => {
    let filled = 0;
    const box = Object.assign(new EventTarget(), { open: false }) as HTMLDetailsElement;
    fillOnOpening(box, (step) => busy.whenFree(step), () => { filled++; return Promise.resolve(); }, () => filled === 0);
    return { box, filled: () => filled };
  };
  const turn = (box: HTMLDetailsElement): void => { box.open = !box.open; box.dispatchEvent(new Event("toggle")); };
  const [stays, shut] = [fold(), fold()];
  const { open, wait } = gate();
  const first = busy.attempt(() => wait);
  turn(stays.box);
  turn(shut.box);
  turn(shut.box);
  open();
  await first;
  assert.deepEqual([stays.filled(), shut.filled()], [1, 0]);
  turn(shut.box);
  await Promise.resolve();
  assert.equal(shut.filled(), 1);
});
