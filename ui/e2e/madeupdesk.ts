/**
 * The panel's desk with a made-up message on it: the real views, in the place of panel.js on the real page, with nobody signed in
 * and no server behind them. It is built for the browser tests alone.
 */
import type { Consensus } from "../src/coding.js";
import type { Said } from "../src/consent.js";
import type { Bench, Story } from "../src/panel/bench.js";
import { blind, hasPart, isToAsk, stageOf, taskOf, type Case, type Row } from "../src/panel/casework.js";
import { DEFAULT_CLOCKS } from "../src/panel/clocks.js";
import { el, part } from "../src/panel/dom.js";
import { findingShown, takeBack } from "../src/panel/findingsview.js";
import { KeyholderError, type Keyholder } from "../src/panel/keyholder.js";
import { Labels } from "../src/panel/labels.js";
import { Outbox, type Answer } from "../src/panel/outbox.js";
import { DEFAULT_CAPS, Pace } from "../src/panel/pace.js";
import { pauses } from "../src/panel/pause.js";
import { askBox, replyBox, showsTo } from "../src/panel/reply.js";
import { ReviewDesk } from "../src/panel/reviewdesk.js";
import { asksFirst } from "../src/panel/shown.js";
import { wishesOf } from "../src/sharing.js";
import { says, STATES, type State } from "./deskstates.js";
import { ANNA, BELA, CLEO, DARA, dated, LAST_WEEK, LONG, TODAY } from "./madeupcases.js";

const SEALED = { mailbox: "", ct: "", expires_on: TODAY };
const done = (): Promise<void> => Promise.resolve();

const seen = ({ of: c, me = ANNA }: State): Case => blind(c, me, TODAY);

function rowOf(s: State): Row {
  const { me = ANNA, declared = hasPart(s.of, me), junk = null } = s;
  const c = seen(s);
  const stands = { stage: stageOf(c, TODAY), task: taskOf(c, me, TODAY), pauses: declared ? pauses(c.notes, c.back) : null };
  return { ...c, ...stands, declared, answering: s.answering ?? null, junk };
}

function paceOf({ brake, hard = false, avoids = [] }: State): Pace {
  let now = 0;
  const pace = new Pace({ ...DEFAULT_CAPS, hard }, () => now);
  if (brake === "sitting") for (let n = 0; n < DEFAULT_CAPS.sitting; n++) pace.opened(String(n));
  if (brake === "serious" || brake === "gap") for (let n = 0; n < DEFAULT_CAPS.serious; n++) pace.coded(String(n), 3);
  if (brake === "serious") now += DEFAULT_CAPS.gap * 60_000;
  pace.avoid(avoids);
  return pace;
}

/** What the page gives the boxes for answers: a worker that seals at once, and an outbox in which all stays. */
function hostOf({ refuses, waits }: State): Parameters<typeof askBox>[2] {
  const ask = (): Promise<unknown> =>
    (refuses === undefined ? Promise.resolve(SEALED) : Promise.reject(new KeyholderError(refuses)));
  const outbox = new Outbox(() => { /* nothing is sent */ });
  if (waits === "showing") outbox.add({ clinic: "", leaf: "", reply: SEALED, acts: [], note: {} } as unknown as Answer);
  return { clinic: "", keys: () => ({ ask } as unknown as Keyholder), outbox, touched: () => { /* nobody is idle */ } };
}

/** A story with what its writer allows in it, as the worker has it. */
function allowing(story: Omit<Story, "wishes" | "first">): Story {
  const first: Said[] = story.kind === "consent" ? [] : [{ kind: story.kind, day: story.day, answers: story.answers }];
  const changes = story.changes.map((consent): Said => ({ kind: "consent", day: story.day, consent }));
  const said = [...first, ...story.later, ...changes];
  return { ...story, wishes: wishesOf(said), first: asksFirst(said) };
}

function benchOf(s: State): Bench {
  const { me = ANNA, gone, draft = [], story } = s;
  const host = hostOf(s);
  const acts = (): Promise<string[]> => Promise.resolve([]);
  return {
    me, today: TODAY, clocks: DEFAULT_CLOCKS, pace: paceOf(s),
    rows: () => Promise.resolve([rowOf(s), ...(s.others ?? []).map(rowOf)]),
    week: 9,
    shares: () => Promise.resolve([ANNA, BELA, CLEO, DARA].map((reviewer, n) => ({ reviewer, taken: 3 * n, open: n }))),
    open: () => Promise.resolve(gone ?? {
      of: seen(s),
      story: allowing({
        kind: "submission", sealedBy: "client", ...says(), day: LAST_WEEK, wished: false, later: [], about: [], changes: [],
        allRead: true, laterGone: false, orphan: false, canReply: true, ...story,
      }),
    }),
    why: () => Promise.resolve(gone ?? "withdrawn"), left: () => false,
    stale: () => { /* nothing is fetched */ }, claim: done, recuse: done, handBack: done, release: done, show: done,
    send: (_, kind, body) => {
      if (kind === "consensus") s.of.consensuses.push(dated(me, body as Consensus)); // whatever else is sent changes nothing
      return done();
    },
    keep: () => Promise.resolve("stored"), sent: done, draft: () => Promise.resolve({ fields: draft, stored: true }),
    own: () => [{ theme: "force", code: "x_lift", label: `The lift stood still: ${LONG}` }],
    below: (of, { canReply }) => [replyBox("", canReply, isToAsk(of, TODAY), { ...host, contacted: acts })],
    showing: (_, taken) => showsTo("", host).waiting(taken),
    noting: () => s.waits === "note",
    asking: () => askBox("", acts, host),
    crowd: () => ({ k: 3, role: "nurse", rare: { theme: "force", role: "nurse", k: 1 } }),
  };
}

/** Puts the message, or the finding, of a state on the desk in place of what is there. */
async function show(name: string): Promise<void> {
  const s = STATES.find((state) => state.name === name);
  if (s === undefined) throw new Error(`no state is called ${name}`);
  const root = document.querySelector<HTMLElement>('[data-module="panel"]') ?? document.body;
  const labels = new Labels(document.getElementById("taxonomy")?.textContent ?? "");
  for (const away of ["intro", "plain", "again"]) part(root, away).hidden = true;
  part(root, "desk").hidden = false;
  const desks = part(root, "desks");
  if (s.finding !== undefined) {
    const box = el("div", { class: "waits" }, ...findingShown(s.finding, labels), takeBack(() => { /* it stays */ }));
    desks.replaceChildren(el("section", { class: "reading" }, el("h3", {}, "A finding"), box));
    return;
  }
  const desk = new ReviewDesk(benchOf(s), labels, {
    name: "", heading: part(root, "queue-title"), notes: () => [], decoys: () => 0, more: [],
    opens: () => { /* there is one desk */ },
    say: (sentence) => { part(root, "status").textContent = sentence; },
    alert: (sentence) => { part(root, "alert").textContent = sentence; },
    failed: (err) => { part(root, "alert").textContent = String(err); },
    unkept: () => { /* all is kept */ },
  });
  desks.replaceChildren(desk.element);
  await desk.look();
  if (s.shut !== true) desk.show(s.of.leaf);
}

Object.assign(globalThis, { showState: show });
