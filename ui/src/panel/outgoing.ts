/** What of a message comes into the clear, signed by who lets it out: codes that are counted, and findings. */
import { sha256 } from "@noble/hashes/sha2.js";
import { settled } from "../compare.js";
import { fromBase64url, toBase64, utf8 } from "../encoding.js";
import type { SigningKey } from "../identity.js";
import type { Form, Reason } from "../sharing.js";
import { sign } from "../signin.js";
import { allowed, stageOf, standing, type Case, type Leave } from "./casework.js";
import type { At } from "./epochwork.js";
import { unseen } from "./shown.js";

/** Why a message does not go out, or the finding, signed, as it is posted. */
export type Release = { why: Reason[] } | { leaf: string; form: Form; words: string; themes: string[]; sharing: string; signature: string };

/** Codes that may lie in the clear, signed, as they are posted. */
export interface CodedFacts {
  leaf: string;
  facts: {
    taxonomy: string; service: string; role: string; themes: string[]; items: string[]; good: string[]; seriousness: number; involved: string[]; repair: string[];
  };
  signature: string;
}

/**
 * The codes of a message for the clear, signed; null when nobody agreed yet, or when anything forbids that it is counted: the
 * writer's wishes, or something later that is not open.
 */
export function codedFacts(at: At, c: Case, leave: Leave, key: SigningKey): CodedFacts | null {
  const agreed = settled(c.codings, c.consensuses);
  const mine = c.consensuses.some(({ by, hash }) => by === key.reviewer && agreed?.hashes.includes(hash) === true);
  if (agreed === null || !mine) return null;
  const verdict = allowed(c, leave, at.today).find(({ form }) => form === "count");
  if (verdict?.why.length !== 0) return null;
  const { taxonomy, yes, items, good, seriousness, involved, repair, role = "" } = agreed.consensus;
  // The order of the members is part of what is signed.
  const facts = { taxonomy, service: c.card.service, role, themes: yes, items, good, seriousness, involved, repair };
  const signature = sign(`answerable/v1/coded\n${lines(at.clinic, base64(c.leaf), toBase64(sha256(utf8(JSON.stringify(facts)))))}`, key);
  return { leaf: base64(c.leaf), facts, signature };
}

/**
 * The finding that follows from a decision, signed: its words are those that were checked and decided on, nobody objects,
 * and the writer's wishes as they stand now allow it.
 */
export function findingOf(at: At, c: Case, leave: Leave, key: SigningKey): Release {
  const decision = standing(c);
  const agreed = settled(c.codings, c.consensuses);
  if (decision?.body.decision !== "share" || decision.body.form === "" || agreed === null) return { why: ["not-agreed"] };
  if (unseen(c, leave.first, decision.body)) return { why: ["not-shown"] };
  const verdict = allowed(c, leave, at.today).find(({ form }) => form === decision.body.form);
  const why = verdict === undefined ? [] : [...verdict.why, ...verdict.wait];
  if (verdict === undefined || why.length > 0) return { why };
  if (stageOf(c, at.today) !== "ready") return { why: ["not-checked"] };
  const { form, words } = decision.body;
  const themes = agreed.consensus.yes;
  const sharing = base64(decision.hash);
  const text = lines(at.clinic, base64(c.leaf), form, toBase64(sha256(utf8(words))), themes.length === 0 ? "-" : themes.join(" "), sharing);
  return { leaf: base64(c.leaf), form, words, themes, sharing, signature: sign(`answerable/v1/finding\n${text}`, key) };
}

const base64 = (b64url: string): string => toBase64(fromBase64url(b64url));
const lines = (...all: string[]): string => all.map((l) => `${l}\n`).join("");
