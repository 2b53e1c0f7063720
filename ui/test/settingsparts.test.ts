/** Whoever signs settings reads every member of them in words, and what they change in those that hold now. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";

import { Labels } from "../src/panel/labels.js";
import { changes, LANGUAGES, partsOf } from "../src/panel/settingsparts.js";
import { CHOICES, languageMember, WAYS, type Settings } from "../src/panel/settingsview.js";
import { SETTINGS } from "../src/panel/settingswords.js";
import { readPlan } from "../src/plan.js";

const root = path.join(import.meta.dirname, "../../..");
const file = (name: string): string => readFileSync(path.join(root, name), "utf8");
const { plans } = JSON.parse(file("internal/figures/testdata/release.json")) as { plans: string[] };
const sentences = JSON.parse(file("ui/locales/en.json")) as Record<string, string>;
const labels = new Labels(JSON.stringify({ items: {}, themes: { place: "The place itself" }, questions: {}, options: {}, codes: {} }));

/** Settings with every member. A new one does not compile before it stands here, and fails below before it is shown. */
const full: Required<Settings> = {
  intro: "First words.\n\nMore of them.", panel_note: "Five of us.", legal_notice: "A court can make us speak.", language: "es", shared: true,
  services: [{ code: "ward", label: "The ward" }, { code: "attic", label: "The attic" }],
  items: [{ theme: "place", code: "x_riverside.cold_hall", label: "The hall was cold" }],
  support: [{
    name: "River peers", what: "Peers who listen.", run_by_peers: true, contacts_emergency_services: "never", mandatory_reporting: "none", can_trace: "yes",
    ways: ["voice", "text"], languages: ["English", "Spanish"], hours: "always", time_zone: "Europe/London", region: "any", cost: "free",
    source_url: "https://line.example", checked_on: "2026-11-20", checked_by: "The panel",
  }],
  clocks: { answer: 20, judge: 30, look_back: 90 },
  practice: {
    taken: 3, coded: 10, decided: 15, reply: 7, feedback: 90, working_days: [1, 2, 4], holidays: ["2026-12-25"], sitting: 5, serious: 1, week: 12, gap: 15, hard: true,
  },
  plan: plans[0] ?? "",
};

/** Every copy of a value that differs in one place: another text, number or tick, or a list without one of its things. */
function others(value: unknown): { where: string; other: unknown }[] {
  if (typeof value === "string") return [{ where: "", other: `${value}!` }];
  if (typeof value === "number") return [{ where: "", other: value + 1 }];
  if (typeof value === "boolean") return [{ where: "", other: !value }];
  const inner = Object.entries(value as object).flatMap(([key, one]) => others(one).map(({ where, other }) => {
    const copy = structuredClone(value) as Record<string, unknown>;
    copy[key] = other;
    return { where: `.${key}${where}`, other: copy };
  }));
  return Array.isArray(value) ? [...inner, ...value.map((_, i) => ({ where: `[${String(i)}] gone`, other: value.filter((__, j) => j !== i) as unknown }))] : inner;
}

test("whatever is changed in settings, the preview is another, and says that it is", () => {
  assert.ok(readPlan(full.plan) !== null);
  const all = others(full) as { where: string; other: Settings }[];
  assert.ok(all.length > 50, String(all.length));
  const before = JSON.stringify(partsOf(full, labels));
  for (const { where, other } of all) {
    assert.notEqual(JSON.stringify(partsOf(other, labels)), before, where);
    const said = changes(full, other, labels);
    assert.ok(said.some(({ gone, come }) => gone.length + come.length > 0), `${where}: ${JSON.stringify(said)}`);
  }
  assert.deepEqual(changes(full, full, labels), []);
});

test("settings have the members that the server reads, and each is previewed", () => {
  const tags = (name: string): string[] => {
    const [, body = ""] = new RegExp(`\ntype ${name} struct \\{\n(.*?)\n\\}`, "s").exec(file("internal/clinic/settings.go") + file("internal/clinic/clocks.go") + file("internal/review/settings.go")) ?? [];
    return Array.from(body.matchAll(/`json:"(\w+)/g), ([, tag = ""]) => tag).sort();
  };
  const [service = {}] = full.services, [item = {}] = full.items, [line = {}] = full.support;
  for (const [name, twin] of Object.entries({ Settings: full, ServiceSetting: service, ItemSetting: item, LineSetting: line, Clocks: full.clocks, PracticeSetting: full.practice })) {
    assert.deepEqual(Object.keys(twin).sort(), tags(name), name);
  }
});

test("the preview says of somebody to turn to what the form says of them", () => {
  const { says } = SETTINGS;
  const twins: [Partial<Record<string, string>>, string, readonly string[]][] = [
    [says.police, "police", CHOICES.contacts_emergency_services], [says.law, "law", CHOICES.mandatory_reporting],
    [says.trace, "trace", CHOICES.can_trace], [says.cost, "cost", CHOICES.cost], [says.way, "way", WAYS],
  ];
  for (const [words, key, codes] of twins) assert.deepEqual(words, Object.fromEntries(codes.map((code) => [code, sentences[`support.${key}.${code}`]])), key);
  assert.equal(says.peers, sentences["support.peers"]);
  assert.equal(says.hours("H", "Z"), sentences["support.hours"]?.replace("{{.Hours}}", "H").replace("{{.Zone}}", "Z"));
  assert.equal(says.ways(["a", "b"]), sentences["support.ways"]?.replace("{{.Ways}}", "a, b"));
  assert.equal(says.languages(["a"]), sentences["support.languages"]?.replace("{{.Languages}}", "a"));
});

test("a co-signer reads the one word that was turned round, and nothing else", () => {
  const proposed = { ...structuredClone(full), practice: { ...full.practice, week: 40 } };
  if (proposed.support[0] !== undefined) proposed.support[0].can_trace = "no";
  assert.deepEqual(changes(full, proposed, labels), [
    { title: "Whom to turn to now: River peers", gone: ["They can find out where you are."], come: ["They cannot see where you are."] },
    { title: "How this panel works", gone: ["Messages that one member takes in a week: 12"], come: ["Messages that one member takes in a week: 40"] },
  ]);
  assert.deepEqual(changes(full, { ...full, services: full.services.toReversed() }, labels), [{ title: SETTINGS.services, gone: [], come: [] }]);
  const fewer: Settings = structuredClone(full);
  delete fewer.practice;
  delete fewer.plan;
  delete fewer.panel_note;
  assert.deepEqual(changes(full, fewer, labels), [], "what is left out stays as it is");
  const twice = { ...full, support: [...full.support, ...full.support] };
  assert.ok(changes(full, twice, labels).length === 1, "a second line of the same name is seen");
});

test("English is left out of settings, and what leaves the language out is English", () => {
  assert.deepEqual([languageMember("en"), languageMember("es")], [{}, { language: "es" }]);
  const english: Settings = structuredClone(full);
  delete english.language;
  assert.deepEqual(changes(full, english, labels), [{ title: SETTINGS.language, gone: ["Spanish"], come: ["English"] }]);
  assert.deepEqual(changes(english, { ...english, language: "en" }, labels), []);
  const [, inGo = ""] = /Languages = \[\]string\{(.*)\}/.exec(file("internal/clinic/language.go")) ?? [];
  assert.deepEqual(inGo.split(", ").map((code) => JSON.parse(code) as unknown), [...LANGUAGES]);
});
