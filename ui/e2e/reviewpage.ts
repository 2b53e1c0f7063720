/** Runs in a test's browser: puts the views on the panel's page, with a table in the test where worker and server stand. */
import type { Bench } from "../src/panel/bench.js";
import type { Case, Role } from "../src/panel/casework.js";
import { DEFAULT_CLOCKS } from "../src/panel/clocks.js";
import { Labels } from "../src/panel/labels.js";
import { DEFAULT_CAPS, Pace } from "../src/panel/pace.js";
import { ReviewDesk } from "../src/panel/reviewdesk.js";

interface Scope {
  table: (call: string, args: unknown[]) => Promise<{ value?: unknown; error?: string }>;
  sit: (me: string) => Promise<void>;
  minutes: (n: number) => void;
  desk: ReviewDesk;
}
const scope = globalThis as unknown as Scope;

async function ask<T>(call: string, ...args: unknown[]): Promise<T> {
  const { value, error } = await scope.table(call, args);
  if (error !== undefined) throw new Error(error);
  return value as T;
}

let ahead = 0;
scope.minutes = (n) => { ahead += n * 60_000; };

scope.sit = async (me) => {
  const passers = await ask<ReturnType<Bench["passers"]>>("passers");
  const bench: Bench = {
    me, today: await ask<string>("today"), clocks: DEFAULT_CLOCKS, pace: new Pace(DEFAULT_CAPS, () => performance.now() + ahead),
    cases: () => ask<Case[]>("cases"),
    shares: () => ask("shares"),
    claim: (leaf: string, role: Role) => ask("claim", leaf, role),
    recuse: (leaf) => ask("recuse", leaf),
    handBack: (leaf) => ask("handBack", leaf),
    story: (leaf) => ask("story", leaf),
    send: (leaf, kind, body) => ask("send", leaf, kind, body),
    draft: (leaf) => ask("draft", leaf),
    release: (leaf) => ask("release", leaf),
    passers: () => passers,
  };
  const part = (name: string): HTMLElement => document.querySelector<HTMLElement>(`[data-part="${name}"]`) as HTMLElement;
  const labels = new Labels(document.getElementById("taxonomy")?.textContent ?? "");
  scope.desk = new ReviewDesk(bench, labels, (s) => { part("status").textContent = s; }, (s) => { part("alert").textContent = s; });
  for (const form of document.querySelectorAll<HTMLElement>(".panel > section, .panel > form, .panel > div:not([data-part=desk]):not([role])")) form.hidden = true;
  part("desk").hidden = false;
  part("desk").replaceChildren(scope.desk.element);
  await scope.desk.look();
};
