import assert from "node:assert/strict";
import { test } from "node:test";
import { sha256 } from "@noble/hashes/sha2.js";
import { fromUtf8, toBase64url, toHex, utf8 } from "../src/encoding.js";
import { countBytes, encode, parse, PlaintextError, toJson, TooLong, type Plaintext, type Submission } from "../src/pad.js";
import { randomFrom, vectors } from "./vectors.js";

interface Case { comment: string; plaintext: Plaintext; json_bytes: number; bucket: number; padded_sha256: string }
interface File {
  encode: Case[];
  too_long: { comment: string; plaintext: Plaintext; json_bytes: number; limit: number }[];
  accept: { comment: string; json: string }[];
  refuse: { comment: string; json: string }[];
}
const file = vectors<File>("plaintext.json");

/** An answer with "times" stands for its text repeated so often. */
function full(p: Plaintext): Plaintext {
  if (p.t === "decoy" || p.t === "consent") return p;
  const answers = (p.answers as { q: string; a: string; times?: number }[]).map(({ q, a, times }) => ({ q, a: a.repeat(times ?? 1) }));
  return { ...p, answers };
}

function padded(json: string | Uint8Array, bucket = 16384): Uint8Array {
  const out = new Uint8Array(bucket).fill(0x20);
  out.set(typeof json === "string" ? utf8(json) : json);
  out[bucket - 1] = 0x0a;
  return out;
}

const anchor = toBase64url(new Uint8Array(32).fill(1));
function saying(a: string): Submission {
  return {
    v: 1, t: "submission", epoch: "2026-12", origin: "clinic.example/answerable", sealed_by: "client", form: "f", lang: "en",
    answers: [{ q: "words", a }], subject: null, reply_to: null, mailbox: null, anchor, thread: null,
  };
}

test("a plaintext is the same bytes as everywhere else, and comes back", async (t) => {
  assert.ok(file.encode.length > 10);
  for (const v of file.encode) {
    await t.test(v.comment, () => {
      const p = full(v.plaintext);
      assert.equal(countBytes(p), v.json_bytes);
      const bytes = encode(p);
      assert.equal(bytes.length, v.bucket);
      assert.equal(toHex(sha256(bytes)), v.padded_sha256);
      assert.deepEqual(parse(bytes), p);
    });
  }
});

test("a text that does not fit is refused with its size", () => {
  for (const v of file.too_long) {
    assert.throws(() => encode(full(v.plaintext)), (err: unknown) => {
      assert.ok(err instanceof TooLong);
      assert.deepEqual([err.bytes, err.limit], [v.json_bytes, v.limit]);
      return true;
    });
  }
});

test("what the format allows is read", async (t) => {
  for (const v of file.accept) await t.test(v.comment, () => { parse(padded(v.json)); });
});

test("what the format does not allow is refused", async (t) => {
  for (const v of file.refuse) {
    await t.test(v.comment, () => { assert.throws(() => parse(padded(v.json)), PlaintextError); });
  }
});

test("sizes and padding are exact", () => {
  const json = '{"v":1,"t":"decoy"}';
  parse(padded(json));
  for (const size of [0, 1, 16383, 16385, 65535, 65537]) {
    assert.throws(() => parse(size === 0 ? new Uint8Array() : padded("", size)), PlaintextError);
  }
  const zeros = padded(json).fill(0, 100, 16383);
  assert.throws(() => parse(zeros), PlaintextError);
  const noNewline = padded(json);
  noNewline[16383] = 0x20;
  assert.throws(() => parse(noNewline), PlaintextError);
});

test("bytes that are not UTF-8 are refused, not mended", () => {
  for (const bad of [[0xff], [0xc3, 0x28], [0xed, 0xa0, 0x80], [0xc0, 0x80], [0xf4, 0x90, 0x80, 0x80]]) {
    const [before, after] = fromUtf8(toJson(saying("X"))).split("X");
    const json = [...utf8(before ?? ""), ...bad, ...utf8(after ?? "")];
    assert.throws(() => parse(padded(Uint8Array.from(json))), PlaintextError);
  }
  const bom = Uint8Array.from([0xef, 0xbb, 0xbf, ...utf8('{"v":1,"t":"decoy"}')]);
  assert.throws(() => parse(padded(bom)), PlaintextError);
});

test("half a character becomes U+FFFD before it is sealed", () => {
  for (const [typed, want] of [["a\ud83db", "a\ufffdb"], ["\udc4d", "\ufffd"], ["👍", "👍"]] as const) {
    const back = parse(encode(saying(typed)));
    assert.ok(back.t === "submission");
    assert.equal(back.answers[0]?.a, want);
  }
});

test("no error quotes what a person wrote", () => {
  const secret = "coffee and the blue door";
  for (const json of [fromUtf8(toJson(saying(secret))).slice(0, -3), `{"v":1,"t":"decoy","${secret}":1}`, `"${secret}"`]) {
    assert.throws(() => parse(padded(json)), (err: unknown) => err instanceof PlaintextError && !String(err.stack).includes("coffee"));
  }
});

test("random text comes back byte for byte", () => {
  const random = randomFrom(4);
  for (let i = 0; i < 500; i++) {
    const units = Array.from({ length: random.int(400) }, () => random.int(random.int(4) === 0 ? 0x10000 : 0x250));
    const p = saying(String.fromCharCode(...units.map((u) => (u >= 0xd800 && u < 0xe000 ? 0x2028 : u))));
    assert.deepEqual(parse(encode(p)), p);
  }
});

test("whatever is inside, reading it gives a plaintext or a PlaintextError", () => {
  const random = randomFrom(5);
  const good = toJson(saying('a "quoted" \\ word, [list] {x: 1}'));
  for (let i = 0; i < 5000; i++) {
    const bytes = good.slice();
    for (let n = random.int(4); n >= 0; n--) bytes[random.int(bytes.length)] = random.int(256);
    try {
      const p = parse(padded(bytes));
      assert.deepEqual(parse(encode(p)), p);
    } catch (err) {
      assert.ok(err instanceof PlaintextError, String(err));
    }
  }
});
