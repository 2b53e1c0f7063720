import assert from "node:assert/strict";
import { test } from "node:test";
import { actionLeaf, actionTag, signAct, type ActCode } from "../src/action.js";
import { ofActs, ownActs } from "../src/ownacts.js";
import { CLINIC, leafOf, members, signedList, type Member } from "./panels.js";

const OWN = new Uint8Array(32).fill(7);
const OTHER = new Uint8Array(32).fill(8);

const act = (by: Member, code: ActCode, n: number, day: string, key = OWN): string =>
  actionLeaf(signAct({ tag: actionTag(key, code, n), code, outcome: "", day }, by.key));

const said = (leaves: string[], clinics = [CLINIC]): string[] =>
  ownActs(ofActs(leaves), OWN, clinics).map(({ act: a, index, holds }) => `${String(index)} ${a.code} ${a.day}${holds ? "" : " forged"}`);

/** A leaf that waits for no batch. */
const SHRED = "answerable/leaf/v1\nshred\nanother\n";

test("a receipt finds the acts under its own tags, in the order in which they came", async () => {
  const [anna, bela] = await members(2);
  assert.ok(bela);
  const list = leafOf(signedList([anna, bela], 2));
  assert.deepEqual(said([
    list,
    act(bela, "assessed", 0, "2026-12-08"),
    act(anna, "contacted", 1, "2026-12-14"),
    act(anna, "received", 0, "2026-12-08", OTHER),
    act(anna, "received", 0, "2026-12-08"),
    "answerable/leaf/v1\naction\nnonsense\n",
    act(anna, "contacted", 0, "2026-12-07"),
  ]), ["6 contacted 2026-12-07", "4 received 2026-12-08", "1 assessed 2026-12-08", "2 contacted 2026-12-14"]);
});

test("an act counts only when a member of that clinic's panel has signed it, and stays visible when not", async () => {
  const [anna, bela, stranger] = await members(3);
  assert.ok(bela && stranger);
  const first = signedList([anna, bela], 2);
  const leaves = [leafOf(first), leafOf(signedList([anna], 1, [first], [anna, bela])), act(bela, "received", 0, "2026-12-08"), act(stranger, "closed", 0, "2026-12-09")];
  assert.deepEqual(said(leaves), ["2 received 2026-12-08", "3 closed 2026-12-09 forged"], "an act waits for its batch, and who has left since the one before signed as the member they were");
  assert.deepEqual(said([...leaves.slice(0, 3), SHRED, ...leaves.slice(3), act(bela, "closed", 0, "2026-12-09")]),
    ["2 received 2026-12-08", "4 closed 2026-12-09 forged", "5 closed 2026-12-09 forged"], "and after that batch they are nobody");
  assert.deepEqual(said([leaves[0] ?? "", SHRED, act(bela, "received", 0, "2026-12-08"), SHRED, leaves[1] ?? "", act(bela, "closed", 0, "2026-12-09")]),
    ["2 received 2026-12-08", "5 closed 2026-12-09"]);
  assert.deepEqual(said(leaves, ["another-clinic"]), ["2 received 2026-12-08 forged", "3 closed 2026-12-09 forged"]);
  const copied = act(anna, "received", 0, "2026-12-08").replace("2026-12-08", "2026-12-09");
  assert.deepEqual(said([leafOf(first), copied]), ["1 received 2026-12-09 forged"], "another day than the one that was signed");
});
