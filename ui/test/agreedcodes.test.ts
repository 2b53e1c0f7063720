/** An agreement on codings of an older list of codes than today's: what it is asked, and that it can be agreed on. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Consensus, Found } from "../src/coding.js";
import { follows, proposal, settled, type Coded } from "../src/compare.js";
import { agreedCodes, onlyAsked, strays } from "../src/panel/agreedcodes.js";
import type { FormCodes } from "../src/panel/codingform.js";

const theme = (code: string): FormCodes["themes"][number] => ({ code, items: [] });
const TODAY: FormCodes = {
  version: "0.3.0", themes: ["bias", "force", "place", "voice"].map(theme), good: [], seriousness: [], roles: [], when: [], wants: [],
};
const FOUND: Found = { taxonomy: "0.3.0", yes: ["force"], no: ["bias", "place", "voice"], items: [], good: [], seriousness: 1, involved: [], repair: [] };
const OLDER: Found = { ...FOUND, taxonomy: "0.1.0", yes: ["force"], no: ["old_theme", "voice"] };

const coded = (...bodies: Found[]): Coded<Found>[] => bodies.map((body, n) => ({ by: `r${String(n)}`, hash: `h${String(n)}`, body }));

/** What the form gives of one who answers as proposed wherever it asks, and otherwise no; it adds what it does not ask. */
function signed(codings: Coded<Found>[], theirs?: Consensus): Consensus {
  const begun = proposal(codings);
  const { version, themes } = agreedCodes(codings, TODAY, theirs);
  const from = theirs === undefined ? begun : onlyAsked(theirs, codings);
  const no = new Set([...from.no, ...themes.map(({ code }) => code).filter((code) => !from.yes.includes(code))]);
  return { ...from, taxonomy: version, no: [...no].sort(), codings: begun.codings };
}

/** Two coders sign the same. */
const both = (codings: Coded<Found>[], body: Consensus): Consensus | undefined =>
  settled(codings, codings.slice(0, 2).map(({ by }) => ({ by, hash: `s${by}`, body })))?.consensus;

test("an agreement asks what at least one reading was asked, and two can sign it: of an older list, of both, and with a third", () => {
  const newer: Found = { ...OLDER, taxonomy: "0.2.0", no: ["bias", "voice"] };
  const cases: [string, Found[], string[], string][] = [
    ["of today's list", [FOUND, FOUND], ["bias", "force", "place", "voice"], "0.3.0"],
    ["of an older list", [OLDER, { ...OLDER, yes: ["force", "voice"], no: ["old_theme"] }], ["force", "voice"], "0.1.0"],
    ["of two older lists", [OLDER, newer], ["bias", "force", "voice"], "0.2.0"],
    ["of both", [FOUND, OLDER], ["bias", "force", "place", "voice"], "0.3.0"],
    ["of an older list, and a third of today's", [OLDER, { ...OLDER, seriousness: 3 }, FOUND], ["bias", "force", "place", "voice"], "0.3.0"],
  ];
  for (const [name, bodies, themes, version] of cases) {
    const codings = coded(...bodies);
    const asked = agreedCodes(codings, TODAY);
    assert.deepEqual([asked.themes.map(({ code }) => code), asked.version], [themes, version], name);
    const body = signed(codings);
    assert.deepEqual([both(codings, body), body.taxonomy], [body, version], name);
    assert.deepEqual(signed(codings, body), body, `${name}: who comes second signs the same`);
  }
});

test("what another signed keeps its version where a reading has it, and loses what no reading was asked", () => {
  const mixed = coded(FOUND, OLDER);
  const terminal = proposal(mixed);
  assert.deepEqual([terminal.taxonomy, both(mixed, signed(mixed, terminal))?.taxonomy], ["0.1.0", "0.1.0"], "signed at a terminal");
  const older = coded(OLDER, OLDER);
  const all: Consensus = { ...FOUND, yes: ["force", "place"], no: ["bias", "old_theme", "voice"], items: ["force.held_down", "place.cold"], own: ["place.x_hall"], codings: proposal(older).codings };
  assert.equal(follows(all, older), false, "every theme of today's list was answered");
  const body = signed(older, all);
  assert.deepEqual(both(older, body), { ...proposal(older), items: ["force.held_down"], own: [] });
});

test("what no reading says is named before it is signed, and nothing else is", () => {
  const codings = coded({ ...FOUND, seriousness: 1 }, { ...FOUND, yes: [], no: ["bias", "force", "place", "voice"], seriousness: 3 });
  const said = (found: Partial<Found>): [string[], boolean] => {
    const body = { ...FOUND, seriousness: 2, ...found };
    return [strays(body, codings), follows({ ...body, codings: ["h0", "h1"] }, codings)];
  };
  assert.deepEqual(said({}), [[], true]);
  assert.deepEqual(said({ yes: [], no: ["bias", "force", "place", "voice"] }), [[], true]);
  assert.deepEqual(said({ yes: ["bias", "force"], no: ["place", "voice"] }), [["bias"], false]);
  assert.deepEqual(said({ yes: ["bias", "voice"], no: ["force", "place"], seriousness: 0 }), [["bias", "voice", "seriousness"], false]);
});
