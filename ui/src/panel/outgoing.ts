/** What of a message comes into the clear, signed by who lets it out: codes that are counted, and findings. */
import { sha256 } from "@noble/hashes/sha2.js";
import type { Consensus } from "../coding.js";
import { settled } from "../compare.js";
import { fromBase64url, toBase64, utf8 } from "../encoding.js";
import type { SigningKey } from "../identity.js";
import { repeats } from "../repeats.js";
import type { Outgoing, Reason } from "../sharing.js";
import { sign } from "../signin.js";
import { allowed, isBeside, outgoingOf, saidMoreSince, stageOf, standing, type Case, type Leave } from "./casework.js";
import type { At } from "./epochwork.js";
import { unseen } from "./shown.js";
import { agreementOf } from "./whoseword.js";

/** A reason of the writer's or of the panel's work; or that it is out already, or was taken back. */
export type Withheld = Reason | "given-out" | "taken-back";

/** Why a message does not go out, or the finding, signed, as it is posted. */
export type Release = { why: Withheld[] } | (Named & { day: string; signature: string });

/** What a finding says, of which message, and by which decision: base64 both. */
export type Named = Required<Outgoing> & { leaf: string; sharing: string };

/** Codes that may lie in the clear, signed, as they are posted. */
export interface CodedFacts {
  leaf: string;
  facts: Facts;
  signature: string;
}

interface Facts {
  taxonomy: string;
  service: string;
  role: string;
  themes: string[];
  items: string[];
  good: string[];
  seriousness: number;
  involved: string[];
  repair: string[];
}

/** What of an agreement is counted. The order of the members is part of what is signed. */
export function factsOf(service: string, { taxonomy, yes, items, good, seriousness, involved, repair, role }: Consensus): Facts {
  return { taxonomy, service, role: role ?? "", themes: yes, items, good, seriousness, involved, repair };
}

/**
 * The codes of a message for the clear, signed; null when nobody agreed yet, or when anything forbids that it is counted: the
 * writer's wishes, something later that is not open, or that it came later itself.
 */
export function codedFacts(at: At, c: Case, leave: Leave, key: SigningKey): CodedFacts | null {
  const agreed = settled(c.codings, c.consensuses);
  const mine = c.consensuses.some(({ by, hash }) => by === key.reviewer && agreed?.hashes.includes(hash) === true);
  if (agreed === null || !mine || isBeside(c)) return null;
  const verdict = allowed(c, leave, at.today).find(({ form }) => form === "count");
  if (verdict?.why.length !== 0) return null;
  const facts = factsOf(c.card.service, agreed.consensus);
  const hash = toBase64(sha256(utf8(JSON.stringify(facts))));
  const signature = sign(`answerable/v1/coded\n${codedLines(at.clinic, base64(c.leaf), hash)}`, key);
  return { leaf: base64(c.leaf), facts, signature };
}

/**
 * The finding that follows from a decision, signed: it is what was checked and decided on, nobody objects, and the writer's
 * wishes as they stand now allow it.
 */
export function findingOf(at: At, c: Case, leave: Leave, key: SigningKey): Release {
  const decision = standing(c);
  const stage = stageOf(c, at.today);
  if (stage === "released") return { why: ["given-out"] };
  if (stage === "taken-back") return { why: ["taken-back"] };
  if (isBeside(c) || agreementOf(c) === null) return { why: ["not-agreed"] };
  if (decision?.body.decision !== "share" || decision.body.form === "") return { why: ["not-agreed"] };
  const { form, words } = decision.body;
  const out = outgoingOf(c, form, words, leave.wishes);
  if (unseen(c, leave.first, out)) return { why: ["not-shown"] };
  if (saidMoreSince(c, decision, leave.wishes)) return { why: ["not-checked"] };
  if (repeats(leave.wishes, out, leave.own).length > 0) return { why: ["no-quotes"] };
  const verdict = allowed(c, leave, at.today).find((v) => v.form === form);
  const why = verdict === undefined ? [] : [...verdict.why, ...verdict.wait];
  if (verdict === undefined || why.length > 0) return { why };
  if (stage !== "ready") return { why: ["not-checked"] };
  const signed = { leaf: base64(c.leaf), form, words, themes: out.themes ?? [], must_not: out.must_not ?? [], sharing: base64(decision.hash) };
  return { ...signed, day: at.today, signature: sign(`answerable/v1/${DATED}\n${datedLines(at.clinic, signed, at.today)}`, key) };
}

/** The label of a finding that is signed with its day. */
export const DATED = "dated-finding";

/** The lines under the signature of codes; base64. */
export const codedLines = (clinic: string, leaf: string, factsHash: string): string => lines(clinic, leaf, factsHash);

/** The lines under the signature of a finding. */
export function datedLines(clinic: string, f: Named, day: string): string {
  return lines(...saidIn(clinic, f), listed(f.must_not), day);
}

/** The lines of findings that were signed without a day, under the label "finding": an older program's. */
export function findingLines(clinic: string, f: Named): string {
  return lines(...saidIn(clinic, f), ...(f.must_not.length === 0 ? [] : [f.must_not.join(" ")]));
}

const saidIn = (clinic: string, f: Named): string[] => [clinic, f.leaf, f.form, toBase64(sha256(utf8(f.words))), listed(f.themes), f.sharing];
const listed = (codes: readonly string[]): string => (codes.length === 0 ? "-" : codes.join(" "));

const base64 = (b64url: string): string => toBase64(fromBase64url(b64url));
const lines = (...all: string[]): string => all.map((l) => `${l}\n`).join("");
