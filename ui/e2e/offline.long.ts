/** One of three reviewers reads in a folder, on a machine without a network. The two others sit at the panel's page. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { toBase64url } from "../src/encoding.js";
import { STANDS } from "../src/panel/casewords.js";
import { house } from "./browser.js";
import { code, lookAgain, press, rowOf, sit, take } from "./desk.js";

const [ANNA, BELA, CLEO] = [0, 1, 2] as const;
const random = (): string => toBase64url(crypto.getRandomValues(new Uint8Array(32)));
let leaf = "";

const h = house(0, async (demo) => {
  leaf = await demo.post(
    [{ q: "words", a: "zebrafinch-2210 shut me in" }, { q: "themes", a: "force" }, { q: "service", a: "crisis_house" }, { q: "share_level", a: "panel_summary_to_clinic" }, { q: "hold_until", a: "now" }],
    undefined, { mailbox: random(), actions: random() },
  );
  await demo.told(); // waits for the batch
});

interface Sent { n: number; do: string; result: string; why?: string; next?: string }

test("one reviewer works in a folder without a network, two at the page, and what happened meanwhile is shown and not written over", { timeout: 240_000 }, async () => {
  const folder = h.demo.file("stick");
  const mine = ["--identity", h.demo.identity(CLEO)];
  const place = ["--server", h.demo.url, "--clinic", h.demo.clinic];
  const hex = Buffer.from(leaf, "base64url").toString("hex");
  const offline = (command: string, words = "", ...flags: string[]): Promise<string> =>
    h.demo.run(["review", command, "--offline", ...mine, "--from", folder, "--leaf", hex, ...flags], words);
  const push = async (...flags: string[]): Promise<Sent[]> => {
    const args = ["review", "push", "--json", "--now", ...place, ...mine, "--from", folder, ...flags];
    const out = await h.demo.run(args).catch((err: unknown) => { throw new Error(`push: ${String(err)}`); });
    return out.split("\n").filter((l) => l !== "").map((l) => JSON.parse(l) as Sent);
  };
  await h.demo.run(["review", "pull", ...place, ...mine, "--out", folder]);

  const anna = await sit(h, ANNA);
  await take(anna.page, rowOf(leaf));
  await code(anna.page, ["force"], 2);
  await press(anna.page, "Send it and freeze it");
  await anna.page.getByText("The other one is not yet", { exact: false }).first().waitFor();

  await assert.rejects(offline("note", "too early"), /you have not declared yet/);
  await offline("declare", "", "--yes");
  const blank = JSON.parse(await h.demo.run(["review", "code", "--blank", "--from", folder, "--leaf", hex])) as { yes: string[]; no: string[]; seriousness: number };
  blank.no = blank.no.filter((theme) => theme !== "force");
  blank.yes = ["force"];
  blank.seriousness = 2;
  await offline("claim");
  await offline("code", JSON.stringify(blank));
  await offline("note", "written on the train");
  assert.ok(!(await offline("compare")).includes('"comparison"'), "a coding that is not given yet");
  assert.deepEqual((await push()).map((s) => `${s.do} ${s.result}`), ["claim done", "coding done", "note done"]);

  await lookAgain(anna.page);
  await anna.page.locator(rowOf(leaf)).click();
  await anna.page.getByRole("heading", { name: "Side by side" }).waitFor();
  await anna.page.getByText("written on the train").first().waitFor();
  await press(anna.page, "Agree and sign");
  await anna.page.locator(".reading .note", { hasText: "Signed" }).waitFor();

  await h.demo.run(["review", "pull", ...place, ...mine, "--out", folder]);
  await offline("agree", "yes\n");
  assert.deepEqual((await push()).map((s) => `${s.do} ${s.result}`), ["consensus done"]);
  await offline("decide", "it is for us alone", "--keep");

  const bela = await sit(h, BELA);
  await take(bela.page, rowOf(leaf));
  await bela.page.locator('input[name="check_form"][value="paraphrase"]').check();
  await bela.page.fill("#check-words", "Somebody was shut in.");
  await bela.page.locator('input[name="check_guess"][value="no"]').check();
  await press(bela.page, "Send what I think");
  await bela.page.getByRole("heading", { name: "How far may it go?" }).waitFor();
  await press(bela.page, "Share it so, unless somebody objects");
  await bela.page.getByRole("button", { name: "I object" }).waitFor();

  await assert.rejects(push(), /not sent, and kept in the folder: 1 step waits/);
  const waiting = JSON.parse(await h.demo.run(["review", "waiting", "--json", ...mine, "--from", folder])) as { n: number; do: string }[];
  assert.deepEqual(waiting.map((w) => w.do), ["sharing"]);
  // Over a decision that stands nothing is decided: it is let go, then objected to, and then it is kept.
  const step = String(waiting[0]?.n);
  await assert.rejects(push("--anyway", step), /not sent, and kept in the folder: 1 step waits/);
  await h.demo.run(["review", "drop", ...mine, "--from", folder, "--step", step], "yes\n");
  await h.demo.run(["review", "pull", ...place, ...mine, "--out", folder]);
  await offline("object", "it is for us alone");
  assert.deepEqual((await push()).map((s) => `${s.do} ${s.result}`), ["sharing done"]);
  await lookAgain(bela.page);
  await bela.page.locator(rowOf(leaf), { hasText: STANDS.objected }).waitFor();
  await h.demo.run(["review", "pull", ...place, ...mine, "--out", folder]);
  await offline("decide", "it is for us alone", "--keep");
  assert.deepEqual((await push()).map((s) => `${s.do} ${s.result}`), ["sharing done"]);
  await lookAgain(bela.page);
  await bela.page.locator(rowOf(leaf), { hasText: /stays with/i }).waitFor();
  for (const { context, heard } of [anna, bela]) {
    assert.deepEqual(heard, []);
    await context.close();
  }
});
