/**
 * What a reviewer's browser does for the panel by itself, at every sign-in: it walks each panel's lists, makes the keys that
 * are missing, and signs new ones after opening its own copy. Nobody has to click, and everything it did is said.
 */
import * as api from "./api.js";
import type { Keyholder } from "./keyholder.js";
import { KeyholderError } from "./keyholder.js";
import type { ServedEpoch, ServedPanel, SignedLines } from "./served.js";
import type { Walked } from "./told.js";
import { KEYS, PARTS } from "./keywords.js";
import { FAILURES } from "./words.js";

/** A clinic as its panel's member finds it today. */
export interface Tended {
  clinic: api.Clinic;
  clinicId: string;
  origin: string;
  /** null while there is no signed list, or when the lists do not hold. */
  walked: Walked | null;
  /** Whether the newest signed list names this reviewer. */
  listed: boolean;
  epochs: ServedEpoch[];
  /** Keys that are in use or were, and whose copy does not open. */
  unreadable: Set<string>;
  /** Keys that colleagues helped this worker to open. */
  opened: Set<string>;
  /** Leaves of what was taken back and waits for its place in the log. */
  withdrawn: string[];
  /** What was done, and what to do before long. */
  notes: string[];
  /** What does not hold. */
  alarms: string[];
}

/** Reads the public log's leaves about panels and keys; null when it does not hold or is not given. */
export type Leaves = () => Promise<string[] | null>;

/** Hears how far work with many keys has come; `done` is `of` when it has ended. */
export type Progress = (work: "making" | "signing" | "checking" | "drawing", done: number, of: number) => void;

/** A decision that is not in the log yet is waited for: an honest server has it there in a second. */
const WAIT_MS = 1500;
const WAITS = 5;

/**
 * Tends one clinic's keys. What does not hold becomes an alarm and stops that part only. Each key is sent when it is made, and
 * each signature when it is given: work that is cut off goes on at the next sign-in, anybody's, with what is still missing.
 * Throws ApiError.
 */
export async function tend(clinic: api.Clinic, keys: Keyholder, me: string, pinned: string, leaves: Leaves, progress: Progress): Promise<Tended> {
  const t: Tended = { clinic, clinicId: "", origin: "", walked: null, listed: false, epochs: [], unreadable: new Set(), opened: new Set(), withdrawn: [], notes: [], alarms: [] };
  let walked = await walk(t, keys, me, pinned, leaves);
  for (let n = 0; walked?.waits === true && n < WAITS; n++) {
    await new Promise((after) => setTimeout(after, WAIT_MS));
    walked = await walk(t, keys, me, pinned, leaves);
  }
  if (walked === null) return t;
  if (walked.withheld.length > 0) t.alarms.push(KEYS.withheld(walked.withheld));
  else if (walked.unread) t.alarms.push(FAILURES.unread);
  else if (walked.waits) t.notes.push(FAILURES.unlogged);
  if (walked.lists.length === 0) {
    if (walked.withheld.length === 0) t.notes.push(KEYS.noList);
    return t;
  }
  t.walked = walked;
  t.listed = walked.lists[walked.lists.length - 1]?.members.includes(me) ?? false;
  if (!t.listed) {
    t.notes.push(KEYS.notListed); // the server gives nothing more to whom the panel has not let in
    return t;
  }
  const free = walked.withheld.length === 0 && !walked.unread;
  if (free) await makeMissing(t, keys, progress);
  await look(t);
  if (free) await signOffers(t, keys, me, progress);
  await gather(t, keys, me);
  return t;
}

/** Walks a clinic's lists and holds what the server shows against the log, which is read first. */
async function walk(t: Tended, keys: Keyholder, me: string, pinned: string, leaves: Leaves): Promise<Walked | null> {
  const { slug } = t.clinic;
  const log = await leaves();
  const served = await api.panel(slug);
  t.clinicId = served.clinic;
  const chain = await api.chain(slug);
  const decided = await decidedFor(slug, served, me);
  return alarmed(t, () => keys.ask<"walk">({ do: "walk", clinic: slug, served, pinned, shown: { leaves: log, chain, decided } }));
}

/**
 * What the panel has decided; null for whom the newest list that the server shows does not name, and who is shown nothing. The
 * worker goes by the lists that hold.
 */
async function decidedFor(slug: string, served: ServedPanel, me: string): Promise<SignedLines[] | null> {
  const newest = served.manifests[served.manifests.length - 1];
  if (newest?.lines.includes(`\n${me} `) !== true) return null;
  const decisions = await api.decisions(slug);
  return decisions.filter((d) => d.state === "made").map(({ lines, signatures }) => ({ lines, signatures }));
}

/** Fetches the epochs anew. */
export async function look(t: Tended): Promise<void> {
  const { origin, epochs, withdrawn } = await api.epochs(t.clinic.slug);
  t.origin = origin;
  t.epochs = epochs;
  t.withdrawn = withdrawn;
}

async function makeMissing(t: Tended, keys: Keyholder, progress: Progress): Promise<void> {
  const plan = await api.plan(t.clinic.slug);
  if (plan.warn_days !== null) t.notes.push(KEYS.warn(plan.warn_days, plan.open_until));
  if (plan.terms.length === 0 || t.walked?.waits === true) return;
  const { ticket_key, previous } = await api.epochs(t.clinic.slug);
  let made = 0;
  for (const [done, term] of plan.terms.entries()) {
    progress("making", done, plan.terms.length);
    const offer = { term, previous, ticketKey: ticket_key };
    const dealt = await alarmed(t, () => keys.ask<"deal">({ do: "deal", clinic: t.clinic.slug, offer, k: plan.k }));
    if (dealt === null) return;
    if (await unlessBeaten(api.send(t.clinic.slug, "/epochs", dealt))) made++;
  }
  progress("making", plan.terms.length, plan.terms.length);
  if (made > 0) t.notes.push(KEYS.made(made));
}

/** Two browsers may deal at once, or a list be signed meanwhile: the slower one goes on calmly. */
async function unlessBeaten(sent: Promise<unknown>): Promise<boolean> {
  try {
    await sent;
    return true;
  } catch (err) {
    if (err instanceof api.ApiError && (err.kind === "days-taken" || err.kind === "stale")) return false;
    throw err;
  }
}

async function signOffers(t: Tended, keys: Keyholder, me: string, progress: Progress): Promise<void> {
  let signed = 0;
  const waiting = t.epochs.filter((e) => waitsFor(e, me));
  for (const [done, epoch] of waiting.entries()) {
    progress("signing", done, waiting.length);
    const own = await alarmed(t, async () => {
      const proven = await keys.ask<"prove">({ do: "prove", clinic: t.clinic.slug, epoch });
      return proven.version === t.walked?.lists.length ? keys.ask<"ack">({ do: "ack", clinic: t.clinic.slug, epoch }) : "";
    }, epoch.id);
    if (own === null || own === "") continue; // an epoch of an earlier list has the signatures it ever gets
    if (await unlessBeaten(api.send(t.clinic.slug, `/epochs/${encodeURIComponent(epoch.id)}/acks`, { signature: own }))) signed++;
  }
  progress("signing", waiting.length, waiting.length);
  if (signed === 0) return;
  t.notes.push(KEYS.signed(signed));
  await look(t);
}

/** Gathers what colleagues gave for keys that this reviewer asked to open, and says who else asks. */
async function gather(t: Tended, keys: Keyholder, me: string): Promise<void> {
  const openings = await api.openings(t.clinic.slug);
  const asked = new Set(openings.filter((o) => o.requester === me).map((o) => o.epoch));
  for (const epoch of t.epochs.filter((e) => asked.has(e.id))) {
    const came = await alarmed(t, () => keys.ask<"collect">({ do: "collect", clinic: t.clinic.slug, openings, epoch }), epoch.id);
    if (came === null) continue;
    if (came.open) t.opened.add(epoch.id);
    t.alarms.push(...came.problems.map((p) => KEYS.aboutKey(epoch.id, PARTS[p.why](p.who, p.hash))));
    if (came.dealtWrongly !== "") t.alarms.push(KEYS.aboutKey(epoch.id, KEYS.dealtWrongly(came.dealtWrongly)));
    else t.notes.push(KEYS.aboutKey(epoch.id, came.open ? KEYS.openedTogether(came.from) : KEYS.waitsForParts(came.from.length, came.need)));
  }
  const others = openings.filter((o) => o.requester !== me && !o.answers.some((a) => a.reviewer === me));
  if (others.length > 0) t.notes.push(KEYS.othersAsk(others.length));
}

function waitsFor(e: ServedEpoch, me: string): boolean {
  return ["offered", "logged", "active"].includes(e.state) && !e.acks.some((a) => a.reviewer === me);
}

/** Does key work; what the worker refuses becomes an alarm, and null. */
async function alarmed<T>(t: Tended, work: () => Promise<T>, epoch = ""): Promise<T | null> {
  try {
    return await work();
  } catch (err) {
    if (!(err instanceof KeyholderError) || err.failure === "failed") throw err;
    t.alarms.push(epoch === "" ? FAILURES[err.failure] : KEYS.aboutKey(epoch, FAILURES[err.failure]));
    return null;
  }
}
