/** Panels for tests: members, signed lists and keys, as a server would give them. */
import { ed25519 } from "@noble/curves/ed25519.js";
import { newest, verifyPanels, withSignatures } from "../src/chain.js";
import { deal, type Term } from "../src/deal.js";
import { toBase64, utf8 } from "../src/encoding.js";
import { identityFromSeed, recipientOf, seedOf, signingKey, type SigningKey } from "../src/identity.js";
import type { ServedEpoch, ServedPanel, Shown, Signed, SignedLines } from "../src/panel/served.js";

export const CLINIC = "6f9a1c3e-0000-4000-8000-000000000001";
export const TERM: Term = { not_before: "2026-12-01", not_after: "2026-12-31", retain_until: "2027-06-29" };

export interface Member {
  identity: string;
  recipient: string;
  key: SigningKey;
  id: string;
}

export type ServedList = ServedPanel["manifests"][number];

/** As many members, the same on every run, sorted by id as lists are. */
export async function members(count: number, from = 1): Promise<[Member, ...Member[]]> {
  const all: Member[] = [];
  for (let n = from; n < from + count; n++) {
    const identity = identityFromSeed(new Uint8Array(32).fill(n));
    const key = signingKey(seedOf(identity));
    all.push({ identity, recipient: await recipientOf(identity), key, id: key.reviewer });
  }
  all.sort((a, b) => (a.id < b.id ? -1 : 1));
  return all as [Member, ...Member[]];
}

export const signAs = (m: Member, label: string, lines: string): Signed =>
  ({ reviewer: m.id, signature: toBase64(ed25519.sign(utf8(`answerable/v1/${label}\n${lines}`), m.key.secret)) });

/** A list's lines after those before it. */
export function listLines(on: Member[], m: number, before: ServedList[] = []): string {
  const previous = before.length === 0 ? "-" : newest(verifyPanels(CLINIC, before.map((l) => withSignatures(l.lines, "signature", l.signatures)), "")).hash;
  const rows = on.map((one) => `${one.id} ${one.recipient} ${toBase64(one.key.public)}`);
  return ["answerable/leaf/v1", "panel", CLINIC, String(before.length + 1), previous, String(m), ...rows].map((l) => l + "\n").join("");
}

/** A list signed by those named, or by everyone on it. */
export function signedList(on: Member[], m: number, before: ServedList[] = [], by: Member[] = on): ServedList {
  const lines = listLines(on, m, before);
  return { version: before.length + 1, lines, signatures: by.map((one) => signAs(one, "panel", lines)) };
}

export const served = (manifests: ServedList[]): ServedPanel => ({ clinic: CLINIC, manifests });

/** A key that one member dealt to the newest list, as another of its members is given it: without acks. */
export async function offered(lists: ServedPanel, dealer: Member, to: Member = dealer, term: Term = TERM): Promise<ServedEpoch> {
  const panel = newest(verifyPanels(CLINIC, lists.manifests.map((l) => withSignatures(l.lines, "signature", l.signatures)), ""));
  const { lines, wraps } = await deal(panel, { term, previous: null, ticketKey: "clinic.example/answerable/ticket+00000000+AAAA" });
  const wrap = wraps.find((w) => w.reviewer === to.id);
  return {
    id: lines.split("\n")[3] ?? "", state: "offered", record: lines, dealer: dealer.id, dealer_signature: signAs(dealer, "epoch-deal", lines).signature,
    acks: [], wrap: wrap === undefined ? null : toBase64(wrap.file), wrap_from: null, files: 0,
  };
}

export const acked = (e: ServedEpoch, by: Member[]): ServedEpoch => ({ ...e, state: "logged", acks: by.map((m) => signAs(m, "epoch-ack", e.record)) });

/** What an honest server shows beside its lists: a log with all of them and with what was decided, and nothing left out. */
export function shownOf(panel: ServedPanel, decided: SignedLines[] = []): Shown {
  const lists = panel.manifests.map((l) => withSignatures(l.lines, "signature", l.signatures));
  return { leaves: [...lists, ...decided.map(leafOf)], chain: { manifests: lists, revocations: decided.filter((d) => d.lines.split("\n")[1] === "revoke").map(leafOf) }, decided };
}

export const leafOf = (d: SignedLines): string => withSignatures(d.lines, "signature", d.signatures);
