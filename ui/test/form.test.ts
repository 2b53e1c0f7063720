import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { askedAgain } from "../src/form/doubts.js";
import { drawingOf, GLYPHS, shapeOf } from "../src/form/glyphs.js";
import { voiceOf } from "../src/form/forwhom.js";
import { rankOf } from "../src/englishwords.js";
import { hints } from "../src/guard.js";
import { hashText } from "../src/decision.js";
import { noticeMember } from "../src/panel/noticechoice.js";
import { filling, newestSettings, settingsText } from "../src/panel/settingsview.js";

const internal = path.join(import.meta.dirname, "../../../internal");
const read = (file: string): unknown => JSON.parse(readFileSync(path.join(internal, file), "utf8"));

test("what is asked about again is the same with and without script", () => {
  const { cases } = read("web/testdata/doubts.json") as { cases: { name: string; answers: Record<string, string>; want: string[] }[] };
  for (const c of cases) {
    const all = ["words", "pictures", "themes", "good", "other_text", "impact", "impact_on", "wants", "must_not", "share_level", "hide"].map((key) => ({ key, codes: c.answers[key]?.split("\n") ?? [] }));
    assert.deepEqual(askedAgain(all).map((d) => d.key), c.want, c.name);
  }
});

interface Item { code: string }
interface Taxonomy { themes: { code: string; items: Item[] }[]; positive: { code: string; items: Item[] }[]; impact_scale_reporter: Item[]; impact_domains: Item[]; scope: Item[] }
interface Form { steps: { fields: { key: string; options?: string[] | string }[] }[] }

/** The faces and their drawings, which paper shows too. */
const FACES = [{ code: "happy", glyph: "happy" }, { code: "middle", glyph: "meh" }, { code: "sad", glyph: "sad" }] as const;

test("a face on paper is the face that is pressed", () => {
  const paper = readFileSync(path.join(internal, "../ui/templates/paper.html"), "utf8");
  const around = GLYPHS.happy.slice(0, GLYPHS.happy.indexOf("M8.5"));
  assert.ok(paper.includes(`d="${around}{{if eq . "happy"}}${GLYPHS.happy.slice(around.length)}{{else if eq . "middle"}}${GLYPHS.meh.slice(around.length)}{{else}}${GLYPHS.sad.slice(around.length)}{{end}}"`));
  for (const { code, glyph } of FACES) assert.deepEqual(drawingOf("pictures", code), [glyph]);
});

test("everything that can be picked has a drawing, and no two of one list look alike", () => {
  const taxonomy = read("taxonomy/taxonomy.json") as Taxonomy;
  const lists: [string, string[]][] = [
    ["pictures", FACES.map(({ code }) => code)],
    ["themes", [...taxonomy.themes.map((t) => t.code), "other", "not_sure"]], ["impact", taxonomy.impact_scale_reporter.map((c) => c.code)],
    ["impact_on", taxonomy.impact_domains.map((c) => c.code)], ["scope", taxonomy.scope.map((c) => c.code)],
    ...taxonomy.themes.map((t): [string, string[]] => ["items", t.items.map((i) => i.code)]), ["good", taxonomy.positive.flatMap((t) => t.items.map((i) => i.code))],
    ...(read("taxonomy/form_v1.json") as Form).steps.flatMap((s) => s.fields).flatMap((f): [string, string[]][] => (Array.isArray(f.options) && f.key !== "pictures" ? [[f.key, f.options]] : [])),
  ];
  assert.ok(lists.length > 20);
  for (const [question, codes] of lists) {
    const drawn = codes.map((code) => drawingOf(question, code)?.join("/") ?? `none for ${code}`);
    assert.deepEqual(drawn.filter((d) => d.split("/").some((g) => !(g in GLYPHS))), [], question);
    assert.equal(new Set(drawn).size, drawn.length, `${question}: ${drawn.join(" ")}`);
  }
  assert.notDeepEqual(drawingOf("when", "skip"), ["next"], "skipping a question looks like going on");

  for (const own of [["service", "crisis_house"], ["items", "x_riverside.cold_hall"]] as const) assert.equal(drawingOf(...own), null);
  const most = Math.max(...Array.from(readFileSync(path.join(internal, "clinic/settings.go"), "utf8").matchAll(/max(?:Services|Items) += (\d+)/g), (m) => Number(m[1])));
  const shapes = Array.from({ length: most }, (_, place) => shapeOf(place).join("/"));
  assert.ok(most >= 60 && shapes.every((d) => d.split("/").every((g) => g in GLYPHS)));
  const taken = lists.flatMap(([question, codes]) => codes.map((code) => drawingOf(question, code)?.join("/")));
  assert.equal(new Set([...shapes, ...taken]).size, most + new Set(taken).size, "what a clinic has named itself looks like something else");
});

test("hints name what points at somebody, once each, and leave out what is in every text", () => {
  const text = "The nurse on the ward was rude. On 3 March Nurse Halloran said no to me in Ward 7. Nurse Halloran laughed. My number is 020 7946 0958.";
  const found = hints(text, "en");
  assert.deepEqual(found.map((h) => [h.kind, h.text]), [["date", "3 March"], ["name", "Nurse Halloran"], ["place", "Ward 7"], ["contact", "020 7946 0958"]]);
  for (const h of found) assert.equal(text.slice(h.start, h.end), h.text);
  assert.deepEqual(hints("I was held down in my room and nobody listened. It hurt for two days.", "en"), []);
});

/** What has to be found in a text of each language, as people type on phones, and a text in which nothing points at anybody. */
const PLANTED: Record<string, { text: string; found: string[]; plain: string }> = {
  en: {
    text: "Mary said nurse john at leeds hospital hurt my twin. I am the only trans man there, and i was pregnant. It was monday, 3 march.",
    found: ["nurse john", "leeds hospital", "twin", "the only trans man", "pregnant", "monday", "3 march"],
    plain: "The nurse said no. A doctor came, and the nurse laughed. They took me to the hospital. Nobody listened. Nurse, I said.",
  },
  es: {
    text: "Fue el lunes 12 de octubre en el hospital san juan. La enfermera carmen y el doctor Ruiz dejaron sola a mi hermana gemela. Soy la única mujer trans, en la planta 3. En marzo estaba embarazada. Me llamo lucía, 612 345 678.",
    found: ["lunes", "12 de octubre", "hospital san juan", "enfermera carmen", "doctor Ruiz", "mi hermana gemela", "la única mujer trans", "planta 3", "marzo", "embarazada", "Me llamo lucía", "612 345 678"],
    plain: "Fue muy duro. Soy de otra ciudad. La enfermera dijo que no. El doctor no me escuchó. Estuve en el hospital y nadie vino. Me quedé sola en la habitación.",
  },
  ar: {
    text: "يوم الاثنين ١٢ مارس ذهبت إلى مستشفى الأمل. الدكتور سامي والممرضة ليلى ضربا أختي التوأم. أنا حامل، في الغرفة ٧. اسمي نور، ورقمي ٠٧٩٠١٢٣٤٥٦٧.",
    found: ["يوم الاثنين", "١٢ مارس", "مستشفى الأمل", "الدكتور سامي", "والممرضة ليلى", "أختي التوأم", "حامل", "الغرفة ٧", "اسمي نور", "٠٧٩٠١٢٣٤٥٦٧"],
    plain: "قالت الممرضة لا. الطبيب لم يسمعني. أخذوني إلى المستشفى ولم يأت أحد. كنت وحدي في الغرفة.",
  },
  fr: { text: "Le 12/03/2026, chambre 7.", found: ["12/03/2026", "7"], plain: "Personne ne m'a écouté. Je suis restée seule." },
};

test("what points at somebody is found in each language the form is in, and nothing in a text that points at nobody", () => {
  for (const [lang, { text, found, plain }] of Object.entries(PLANTED)) {
    assert.deepEqual(found.filter((f) => !hints(text, lang).some((h) => h.text === f)), [], `${lang}: ${JSON.stringify(hints(text, lang).map((h) => h.text))}`);
    assert.deepEqual(hints(plain, lang).map((h) => h.text), [], lang);
  }
  assert.deepEqual(hints("John hit me with the xylophone.", "en", rankOf).map((h) => [h.kind, h.text]), [["name", "John"], ["rare", "xylophone"]]);
});

test("whoever writes for somebody, saw it or works there is spoken to so, and everybody else as before", () => {
  assert.deepEqual(["me", "helping_someone_cannot_ask", "saw_it", "worker_there", "not_sure", "skip", ""].map(voiceOf), [null, "them", "saw", "work", null, null, null]);
});

test("the newest settings are those that no others follow, whatever the order in which they come", () => {
  const lines = (after: string, text: string): string => `answerable/leaf/v1\nsettings\nc\n2026-11-25\n${after}\n${hashText(text)}\n`;
  const first = lines("first", "a");
  const second = lines(hashText(first), "b");
  const third = lines(hashText(second), "a");
  assert.equal(newestSettings([second, third, first]), third);
  assert.equal(newestSettings([]), null);
});

test("settings say the legal notice that holds, or the proposed one where a member takes it, and none of their own", () => {
  const proposed = { text: "Another.", on: "2026-11-25" };
  assert.deepEqual(noticeMember("Holds.", proposed, false), { legal_notice: "Holds." });
  assert.deepEqual(noticeMember("Holds.", proposed, true), { legal_notice: "Another." });
  assert.deepEqual(noticeMember("Holds.", undefined, true), { legal_notice: "Holds." });
  assert.deepEqual(noticeMember(undefined, proposed, false), {});
  const body = '{"intro":"","shared":false,"services":[],"items":[],"support":[],"legal_notice":"Another."}';
  const read = (text: string): string | undefined => settingsText({ kind: "settings", clinic: "c", day: "2026-11-25", after: "first", text: hashText(text) }, text)?.legal_notice;
  assert.equal(read(body), "Another.");
  assert.equal(read(body.replace("legal_notice", "notice_proposed")), undefined);
});

test("the settings form never names settings as known that its fields do not have", () => {
  assert.equal(filling(null, "first", false), "fill");
  assert.equal(filling("first", "first", true), "leave");
  assert.equal(filling("first", "second", false), "fill", "nobody has written: what holds now goes in, with its name");
  assert.equal(filling("first", "second", true), "behind", "somebody has written: both stay, and the server refuses");
});
