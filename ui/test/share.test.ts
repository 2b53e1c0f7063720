import assert from "node:assert/strict";
import { test } from "node:test";
import { concat, fromBase64, toBase64 } from "../src/encoding.js";
import { identityFromSeed, recipientOf } from "../src/identity.js";
import { sealBytes, WrongKey } from "../src/seal.js";
import {
  answerLines, combineShares, hashShares, MissingShares, openEpochShare, openingLines, parseOpening, sealEpochShare, ShareError, wrapEpochShares, type Quorum,
} from "../src/share.js";
import { vectors } from "./vectors.js";

interface Dealt {
  comment: string; split_by: string; epoch: string; recipient: string; epoch_identity: string;
  k: number; n: number; record_shares: string; reviewers: string[]; wraps: string[]; shares: string[];
}
interface File {
  comment: string; dealt: Dealt[];
  refuse: { comment: string; at: number; problem: string; names: string; file: string }[];
  request: { clinic: string; epoch: string; requester: string; recipient: string; day: string; lines: string; file: string; answer_lines: string };
}
const v = vectors<File>("shares.json");
const quorum = (d: Dealt): Quorum => ({ epoch: d.epoch, recipient: d.recipient, k: d.k, n: d.n, shares: d.record_shares });

/** Every choice of k out of items. */
function choices<T>(items: readonly T[], k: number): T[][] {
  if (k === 0) return [[]];
  return items.flatMap((item, i) => choices(items.slice(i + 1), k - 1).map((rest) => [item, ...rest]));
}

for (const d of v.dealt) {
  test(`${d.comment}: each reviewer opens the own part, and every ${String(d.k)} of them the epoch`, async () => {
    const parts = await Promise.all(d.wraps.map((wrap, at) => openEpochShare(fromBase64(wrap), d.reviewers[at] ?? "", quorum(d), at)));
    assert.deepEqual(parts.map((p) => toBase64(p.share)), d.shares);
    const shares = parts.map((p) => p.share);
    for (const chosen of choices(shares, d.k)) assert.equal(await combineShares(quorum(d), chosen), d.epoch_identity);
    for (const few of choices(shares, d.k - 1)) {
      await assert.rejects(combineShares(quorum(d), [...few, ...few]), (e) => e instanceof MissingShares && e.have === d.k - 1 && e.need === d.k);
      // Nor do they give it when somebody claims that fewer are enough.
      if (few.length >= 2) await assert.rejects(combineShares({ ...quorum(d), k: d.k - 1 }, few), ShareError);
    }
  });
}

test("both languages have split", () => { assert.deepEqual(v.dealt.map((d) => d.split_by), ["go", "go", "browser", "browser"]); });

test("a part that was tampered with, swapped or is another epoch's is refused and named", async (t) => {
  const d = v.dealt[0];
  assert.ok(d && v.refuse.length > 0);
  for (const r of v.refuse) {
    await t.test(r.comment, () => assert.rejects(openEpochShare(fromBase64(r.file), d.reviewers[r.at] ?? "", quorum(d), r.at),
      (e) => e instanceof ShareError && e.problem === r.problem && e.hash === r.names));
  }
  await t.test("sealed to somebody else", () =>
    assert.rejects(openEpochShare(fromBase64(d.wraps[0] ?? ""), d.reviewers[1] ?? "", quorum(d), 0), WrongKey));
  await t.test("far too large", async () =>
    assert.rejects(openEpochShare(await sealBytes(new Uint8Array(5000), await recipientOf(d.reviewers[0] ?? "")), d.reviewers[0] ?? "", quorum(d), 0), ShareError));
});

test("an epoch dealt here goes through a request and its answers", async () => {
  const identity = identityFromSeed(new Uint8Array(32).fill(7));
  const reviewers = [1, 2, 3].map((b) => identityFromSeed(new Uint8Array(32).fill(b)));
  const { files, quorum: line } = await wrapEpochShares("2026-12-abcd", identity, await Promise.all(reviewers.map(recipientOf)), 2);
  const [numbers, shares = ""] = line.split(" ");
  assert.equal(numbers, "2/3");
  const q = { epoch: "2026-12-abcd", recipient: await recipientOf(identity), k: 2, n: 3, shares };
  const asked = identityFromSeed(new Uint8Array(32).fill(9));
  const colleague = await openEpochShare(files[2] ?? new Uint8Array(), reviewers[2] ?? "", q, 2);
  assert.equal(hashShares(colleague.hashes), shares);
  const answer = await sealEpochShare(q, colleague, await recipientOf(asked));
  const theirs = await openEpochShare(answer, asked, q, 2);
  const own = await openEpochShare(files[0] ?? new Uint8Array(), reviewers[0] ?? "", q, 0);
  assert.equal(await combineShares(q, [own.share, theirs.share]), identity);
  const otherKey = { ...q, recipient: await recipientOf(asked) };
  await assert.rejects(combineShares(otherKey, [own.share, theirs.share]), (e) => e instanceof ShareError && e.problem === "dealt-wrongly");
  const sameCoordinate = concat(new Uint8Array(32).fill(5), own.share.slice(32));
  await assert.rejects(combineShares(q, [own.share, sameCoordinate]), (e) => e instanceof ShareError && e.problem === "dealt-wrongly");
});

test("a request and an answer are written as Go writes them", () => {
  const r = v.request;
  const { clinic, epoch, requester, recipient, day } = r;
  assert.equal(openingLines({ clinic, epoch, requester, recipient, day }), r.lines);
  assert.deepEqual(parseOpening(r.lines), { clinic, epoch, requester, recipient, day });
  assert.equal(answerLines(r.lines, fromBase64(r.file)), r.answer_lines);
  for (const wrong of [r.lines.slice(0, -1), `${r.lines}\n`, r.lines.replace("\nopen\n", "\nshred\n"), r.lines.replace("age1pq1", "age1"), r.lines.replace(day, "soon")]) {
    assert.equal(parseOpening(wrong), null);
  }
});
