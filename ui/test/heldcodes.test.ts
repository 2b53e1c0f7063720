/**
 * Codes in the clear are believed only as far as the agreement behind them goes. The claims are those of
 * internal/client/heldcodes_test.go.
 */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { ed25519 } from "@noble/curves/ed25519.js";
import { sha256 } from "@noble/hashes/sha2.js";
import type { Manifest } from "../src/chain.js";
import type { Consensus, Found } from "../src/coding.js";
import { proposal } from "../src/compare.js";
import { toBase64, toBase64url, utf8 } from "../src/encoding.js";
import { signingKey, type SigningKey } from "../src/identity.js";
import type { Dated } from "../src/panel/casework.js";
import { holdCodes, SignedCodes, type Agreeing, type CodesHolding, type ServedCodes } from "../src/panel/heldcodes.js";
import { countedIn } from "../src/panel/inclear.js";
import { codedLines, factsOf } from "../src/panel/outgoing.js";
import { sign } from "../src/signin.js";

const CLINIC = "6f9a1c3e-0000-4000-8000-000000000001";
const KEYS = [1, 2, 3, 4].map((n) => signingKey(new Uint8Array(32).fill(n)));
const [ANNA, BELA, CLEO, DARA] = KEYS as [SigningKey, SigningKey, SigningKey, SigningKey];
const LISTS = [{ members: KEYS.map((k) => ({ id: k.reviewer, recipient: "", verifyKey: k.public })) } as unknown as Manifest];
const LEAF = new Uint8Array(32).fill(9);
const FOUND: Found = { taxonomy: "0.2.0", yes: ["force"], no: [], items: [], good: [], seriousness: 2, involved: [], repair: [] };

let files = 0;
const dated = <B>({ reviewer: by }: SigningKey, body: B, day = "2026-11-21"): Dated<B> => ({ by, hash: toBase64url(new Uint8Array(32).fill(++files)), body, day });

/** A message that Anna and Bela coded, of whom one found another theme too, and on which both agree. */
function agreed(): Agreeing & { consensuses: Dated<Consensus>[]; claims: { by: string; role: "coder" | "third" | "checker" }[] } {
  const codings = [dated(ANNA, FOUND), dated(BELA, { ...FOUND, yes: ["force", "voice"] })];
  const body = { ...proposal(codings), yes: ["force"] };
  return { claims: [], codings, consensuses: [dated(ANNA, body), dated(BELA, body)], services: ["ward"] };
}

const now = (c: Agreeing): Consensus => c.consensuses[0]?.body ?? assert.fail();

/** The codes as Anna posts them, with what she changed in them before she signed. */
function posted(body: Consensus, change: Partial<Consensus> = {}, by = ANNA, service = "ward"): ServedCodes {
  const hash = toBase64(sha256(utf8(JSON.stringify(factsOf(service, { ...body, ...change })))));
  return { facts_hash: hash, by: by.reviewer, signature: sign(`answerable/v1/coded\n${codedLines(CLINIC, toBase64(LEAF), hash)}`, by) };
}

function held(codes: ServedCodes | undefined, c: Agreeing, me = DARA, leaf = toBase64url(LEAF)): CodesHolding {
  const known = new SignedCodes();
  return holdCodes(me.reviewer, codes, c, (one) => known.holds(CLINIC, LISTS, leaf, one));
}

test("what two coders agree on holds, for everybody, whichever of them posted it", () => {
  const c = agreed();
  for (const me of KEYS) for (const by of [ANNA, BELA]) assert.equal(held(posted(now(c), {}, by), c, me), "holds");
});

test("what was agreed on holds no more once one of the coders signs another agreement, and nobody is accused", () => {
  const c = agreed();
  const codes = posted(now(c));
  const again = { ...now(c), yes: ["force", "voice"] };
  c.consensuses.push(dated(BELA, again));
  assert.equal(held(codes, c), "outgrown");
  assert.equal(held(posted(again, {}, BELA), c), "differs", "one alone agrees with nobody");
  c.consensuses.push(dated(ANNA, again));
  assert.deepEqual([held(codes, c), held(posted(again, {}, BELA), c)], ["outgrown", "holds"]);
  c.consensuses.push(dated(BELA, { ...again })); // the same again is the same
  assert.equal(held(posted(again), c), "holds");
});

test("a member who posts what nobody agreed on, or who agreed on nothing, is found out", () => {
  const c = agreed();
  for (const change of [{ yes: ["voice"] }, { seriousness: 0 }, { items: ["force.held_down"] }, { good: ["good_repair.sorry"] }, { involved: ["nurse"] }, { repair: ["apology"] }, { taxonomy: "0.1.0" }, { role: "worker" as const }]) {
    assert.equal(held(posted(now(c), change), c), "differs", JSON.stringify(change));
  }
  assert.equal(held(posted(now(c), {}, ANNA, "another"), c), "differs", "of another service");
  assert.equal(held(posted(now(c), {}, CLEO), c), "differs", "who did not code it");
  assert.equal(held(posted(now(c)), { ...c, services: ["visits", "ward"] }), "holds", "where it is not open, a service that a card says");
  const alone = agreed();
  alone.consensuses.pop();
  assert.equal(held(posted(now(alone)), alone), "differs");
  const stranger = agreed();
  stranger.consensuses[1] = dated(CLEO, now(stranger));
  assert.equal(held(posted(now(stranger)), stranger), "differs", "an agreement of who did not code it");
});

test("a server that changes codes or whose they are is found out, and so is one that does not show them", () => {
  const c = agreed();
  const codes = posted(now(c));
  for (const change of [{ facts_hash: posted(now(c), { yes: [] }).facts_hash }, { by: BELA.reviewer }, { by: "rzzzzzzzz" }, { signature: "%" }, { signature: posted(now(c), {}, BELA).signature }, { facts_hash: "" }]) {
    assert.equal(held({ ...codes, ...change }, c), "differs", JSON.stringify(change));
  }
  assert.equal(held(codes, c, DARA, toBase64url(new Uint8Array(32))), "differs", "of another message");
  assert.equal(held(undefined, c), "hidden");
});

test("who still reads alone, and whoever does not know what it is, says nothing", () => {
  const c = agreed();
  c.claims.push({ by: DARA.reviewer, role: "third" }, { by: CLEO.reviewer, role: "checker" });
  for (const codes of [undefined, posted(now(c), { yes: [] })]) {
    assert.deepEqual([held(codes, c), held(codes, c, CLEO) === "shut", held(codes, { ...c, services: [] }, ANNA)], ["shut", false, "shut"]);
  }
});

test("facts and what is signed of them are Go's", () => {
  const v = JSON.parse(readFileSync(path.join(import.meta.dirname, "../../../internal/review/testdata/sign.json"), "utf8")) as Record<string, string>;
  const body = { taxonomy: "0.2.0", yes: ["consent", "force"], no: ["voice"], items: ["force.restraint"], good: [], seriousness: 2, involved: ["nurse"], repair: ["apology"], role: "worker" as const, own: ["x_one"], codings: [] };
  const facts = JSON.stringify(factsOf("ward", body));
  const hash = toBase64(sha256(utf8(facts)));
  assert.deepEqual([facts, codedLines(v["clinic"] ?? "", toBase64(new Uint8Array(32).fill(1)), hash)], [v["facts"], v["coded"]]);
  const lists = [{ members: [{ id: "raaaaaaaa", recipient: "", verifyKey: ed25519.getPublicKey(new Uint8Array(32).fill(7)) }] } as unknown as Manifest];
  const codes = { facts_hash: hash, by: "raaaaaaaa", signature: v["coded_signature"] ?? "" };
  assert.ok(new SignedCodes().holds(v["clinic"] ?? "", lists, toBase64url(new Uint8Array(32).fill(1)), codes));
});

test("codes that came after what was written was fetched are held against nothing before it is fetched anew", () => {
  const message = (more: object) => ({ leaf: "l", day: "d", carded: true, coded_in_clear: true, finding: false, ...more });
  const c = agreed();
  const [before, later] = [posted(now(c)), posted(now(c), { yes: [] })];
  const first = countedIn(new Map([["a", message({ codes: before })], ["b", message({ coded_in_clear: false })], ["c", message({})]]));
  assert.deepEqual([...first], [["a", before], ["c", undefined]]);
  const after = new Map([["a", message({ codes: { ...before } })], ["b", message({ codes: later })], ["c", message({ codes: later })]]);
  assert.deepEqual([...countedIn(after, first)], [["a", before]]);
  assert.deepEqual([...countedIn(after, new Map())], []);
});
