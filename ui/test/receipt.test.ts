import assert from "node:assert/strict";
import { test } from "node:test";
import { sha256 } from "@noble/hashes/sha2.js";
import { fromHex, toHex, utf8 } from "../src/encoding.js";
import { parsePaperNumber } from "../src/papernumber.js";
import { derive, newReceipt, parseReceipt, ReceiptError, toDigits, toWords, UnknownWord, WrongCount } from "../src/receipt.js";
import { words as spanish } from "../src/spanish.js";
import { randomFrom, vectors } from "./vectors.js";

interface Derived {
  receipt: string; origin: string; message: number; words: string; digits: string;
  mailbox_token: string; mailbox_id: string; anchor_token: string; anchor: string; withdraw_token: string; withdraw: string;
  actions_key: string; reply_identity: string; reply_recipient_sha256: string;
}
interface File {
  derive: Derived[];
  read: { comment: string; typed: string; receipt: string }[];
  spanish: { receipt: string; words: string; typed: string[] }[];
  refuse: { comment: string; typed: string; position?: number; word?: string }[];
  paper: { receipt: string; number: string }[];
  paper_refuse: { comment: string; typed: string }[];
}
const file = vectors<File>("receipt.json");

test("a receipt derives the same keys as everywhere else", async (t) => {
  assert.ok(file.derive.length > 0);
  for (const v of file.derive) {
    await t.test(`${v.receipt} message ${v.message} at ${v.origin}`, async () => {
      const receipt = fromHex(v.receipt);
      assert.equal(toWords(receipt), v.words);
      assert.equal(toDigits(receipt), v.digits);
      const k = await derive(receipt, v.origin, v.message);
      assert.deepEqual(
        {
          mailbox_token: toHex(k.mailboxToken), mailbox_id: toHex(k.mailbox),
          anchor_token: toHex(k.anchorToken), anchor: toHex(k.anchor),
          withdraw_token: toHex(k.withdrawToken), withdraw: toHex(k.withdraw), actions_key: toHex(k.actions),
          reply_identity: k.replyIdentity, reply_recipient_sha256: toHex(sha256(utf8(k.replyRecipient))),
        },
        {
          mailbox_token: v.mailbox_token, mailbox_id: v.mailbox_id,
          anchor_token: v.anchor_token, anchor: v.anchor,
          withdraw_token: v.withdraw_token, withdraw: v.withdraw, actions_key: v.actions_key,
          reply_identity: v.reply_identity, reply_recipient_sha256: v.reply_recipient_sha256,
        },
      );
    });
  }
});

test("words and digits are read as people type them", async (t) => {
  for (const v of file.read) {
    await t.test(v.comment, () => { assert.equal(toHex(parseReceipt(v.typed)), v.receipt); });
  }
});

test("the same number stands in Spanish words, with accents and without, whole or begun", () => {
  assert.ok(file.spanish.length > 0);
  for (const v of file.spanish) {
    assert.equal(toWords(fromHex(v.receipt), spanish), v.words);
    for (const typed of [v.words, ...v.typed]) assert.equal(toHex(parseReceipt(typed, spanish)), v.receipt, typed);
  }
  const [first = ""] = file.spanish.map((v) => v.words);
  assert.throws(() => parseReceipt(first.replace(/ \S+$/, " xyzzy"), spanish), (err: unknown) => err instanceof UnknownWord && err.position === 8 && err.list.includes("abaco"));
  assert.equal(toHex(parseReceipt(toWords(fromHex(file.spanish[0]?.receipt ?? "")), spanish)), file.spanish[0]?.receipt); // English stays English
});

test("what is not a receipt is refused, and the wrong word named", async (t) => {
  for (const v of file.refuse) {
    await t.test(v.comment, () => {
      assert.throws(() => parseReceipt(v.typed), (err: unknown) => {
        assert.ok(err instanceof ReceiptError);
        assert.equal(err instanceof UnknownWord, v.position !== undefined);
        if (err instanceof UnknownWord) assert.deepEqual([err.position, err.word], [v.position, v.word]);
        return true;
      });
    });
  }
});

test("the count that was typed is told", () => {
  assert.throws(() => parseReceipt("abandon zoo"), (err: unknown) => err instanceof WrongCount && err.got === 2 && err.want === 8);
  assert.throws(() => parseReceipt("12 34"), (err: unknown) => err instanceof WrongCount && err.got === 4 && err.want === 27);
});

test("a number from paper is read as it stands there, and refused with any digit wrong or two in each other's place", () => {
  assert.ok(file.paper.length > 0 && file.paper_refuse.length > 0);
  for (const { receipt, number } of file.paper) {
    assert.equal(toHex(parsePaperNumber(number.replace(/(...)/g, "$1 "))), receipt);
    const arabic = number.replace(/\d/g, (d) => String.fromCharCode(0x660 + Number(d)));
    assert.equal(toHex(parsePaperNumber(`\u2066${arabic}\u2069`)), receipt);
    for (let i = 0; i < number.length; i++) {
      for (let d = 0; d < 10; d++) {
        const wrong = number.slice(0, i) + String(d) + number.slice(i + 1);
        if (wrong !== number) assert.throws(() => parsePaperNumber(wrong), ReceiptError, wrong);
      }
      const swapped = number.slice(0, i) + (number[i + 1] ?? "") + (number[i] ?? "") + number.slice(i + 2);
      if (i + 1 < number.length && swapped !== number) assert.throws(() => parsePaperNumber(swapped), ReceiptError, swapped);
    }
  }
  for (const { comment, typed } of file.paper_refuse) assert.throws(() => parsePaperNumber(typed), ReceiptError, comment);
});

test("every receipt comes back from its words, its short words and its digits", () => {
  const random = randomFrom(1);
  for (let i = 0; i < 2000; i++) {
    const receipt = random.bytes(11);
    const words = toWords(receipt);
    assert.deepEqual(parseReceipt(words), receipt);
    assert.deepEqual(parseReceipt(words.split(" ").map((w) => w.slice(0, 4)).join("-")), receipt);
    assert.deepEqual(parseReceipt(toDigits(receipt)), receipt);
  }
});

test("whatever is typed gives eleven bytes or a ReceiptError", () => {
  const random = randomFrom(2);
  const pieces = ["abandon", "zoo", "ACT", "lant", "0", "999", "\u0301", "é", "-", ",", " ", "\n", "\ud800", "ß", "٣", "🜁", "1."];
  for (let i = 0; i < 5000; i++) {
    const typed = Array.from({ length: random.int(14) }, () => (pieces[random.int(pieces.length)] ?? "") + (random.int(2) ? " " : "")).join("");
    try {
      assert.equal(parseReceipt(typed).length, 11);
    } catch (err) {
      assert.ok(err instanceof ReceiptError, `${JSON.stringify(typed)}: ${String(err)}`);
    }
  }
});

test("two new receipts differ", () => {
  assert.notDeepEqual(newReceipt(), newReceipt());
});
