/** What a page takes back of the codes in the clear, against a server and a worker of a few lines. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { toBase64, toBase64url } from "../src/encoding.js";
import type { Deliveries } from "../src/panel/deliveries.js";
import type { WrongCodes } from "../src/panel/inclear.js";
import type { Keyholder } from "../src/panel/keyholder.js";
import { Lowering } from "../src/panel/lowering.js";
import { SAY } from "../src/panel/words.js";

const leaf = (n: number): string => toBase64url(new Uint8Array(32).fill(n));
const b64 = (n: number): string => toBase64(new Uint8Array(32).fill(n));
const wrong = (n: number, holding: WrongCodes["holding"], more: Partial<WrongCodes> = {}): WrongCodes =>
  ({ leaf: leaf(n), epoch: "e", day: "2026-12-01", holding, by: "rbbbbbbbb", signed: true, ...more });

/** Everything that is done for codes that do not hold, in order. */
async function done(all: WrongCodes[], act: (l: Lowering) => Promise<void>): Promise<{ did: string[]; alarms: string[]; notes: string[] }> {
  const out = { did: [] as string[], alarms: [] as string[], notes: [] as string[] };
  globalThis.fetch = (url, init) => {
    const to = new URL(url as string, "https://clinic.example").pathname.replace("/api/v1/panel/c/riverside", "");
    out.did.push(init?.method === "POST" ? `${to} ${init.body as string}` : to);
    return Promise.resolve(Response.json(to === "/findings" ? { findings: [] } : {}));
  };
  const from = {
    tended: { clinic: { slug: "riverside" }, clinicId: "c" }, work: new Map(), notes: out.notes, epochs: [],
    once: (alarm: string) => out.alarms.push(alarm),
    stale: () => undefined,
    refresh: (epoch: string, reviewsToo: boolean) => Promise.resolve(out.did.push(`fetches ${epoch} ${String(reviewsToo)}`)),
  };
  const ask = (call: { do: string }): Promise<unknown> => {
    out.did.push(`asks ${call.do}`);
    return Promise.resolve(call.do === "wrongCodes" ? all : []);
  };
  await act(new Lowering(from as unknown as Deliveries, { keys: { ask } as unknown as Keyholder, whole: () => Promise.resolve() }));
  return out;
}

const takenOut = (n: number): string => `/coded/retraction ${JSON.stringify({ leaf: b64(n) })}`;

test("at a look, codes that no two agree on are taken out before what may be counted is, and said in red where no two ever did", async () => {
  const { did, alarms, notes } = await done([wrong(1, "outgrown")], (l) => l.all([]));
  assert.deepEqual(did, ["/findings", "asks wrongCodes", takenOut(1), "fetches e false", "asks forbidden", "asks uncounted"]);
  assert.deepEqual([alarms, notes], [[], [SAY.outgrown]]);

  const posted = await done([wrong(2, "differs")], (l) => l.all([]));
  assert.deepEqual([posted.did.includes(takenOut(2)), posted.alarms, posted.notes], [true, [SAY.wrongCodes("rbbbbbbbb", "2026-12-01", true)], []]);
  const changed = await done([wrong(3, "differs", { signed: false })], (l) => l.all([]));
  assert.deepEqual([changed.did.includes(takenOut(3)), changed.alarms], [true, [SAY.wrongCodes("rbbbbbbbb", "2026-12-01", false)]]);
  const hidden = await done([wrong(4, "hidden", { by: "", signed: false })], (l) => l.all([]));
  assert.deepEqual(hidden.did, ["/findings", "asks wrongCodes", "asks forbidden", "asks uncounted"], "what is not shown is taken out for nobody's word");
  assert.deepEqual(hidden.alarms, [SAY.codesHidden("2026-12-01")]);
});

test("right after a coder signs, no other message is named than the one they signed about", async () => {
  const all = [wrong(1, "outgrown"), wrong(2, "outgrown"), wrong(3, "differs")];
  const { did, alarms } = await done(all, (l) => l.disagreed(leaf(2)));
  assert.deepEqual([did, alarms], [["asks wrongCodes", takenOut(2), "fetches e false"], []]);
});
