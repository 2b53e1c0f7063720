import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { askedAgain } from "../src/form/doubts.js";
import { drawingOf, GLYPHS, shapeOf } from "../src/form/glyphs.js";
import { ASKED, meantIn, voiceOf } from "../src/form/forwhom.js";
import { rankOf } from "../src/englishwords.js";
import { together } from "../src/gentler.js";
import { hints as separate, type Hint } from "../src/guard.js";
import { hashText } from "../src/decision.js";
import { noticeMember } from "../src/panel/noticechoice.js";
import { filling, newestSettings, settingsText } from "../src/panel/settingsview.js";

const internal = path.join(import.meta.dirname, "../../../internal");
const read = (file: string): unknown => JSON.parse(readFileSync(path.join(internal, file), "utf8"));

test("what is asked about again is the same with and without script", () => {
  const { cases } = read("web/testdata/doubts.json") as { cases: { name: string; answers: Record<string, string>; want: string[] }[] };
  for (const c of cases) {
    const all = ["words", "pictures", "themes", "good", "other_text", "when", "roles", "impact", "impact_on", "wants", "must_not", "share_level", "hide"].map((key) => ({ key, codes: c.answers[key]?.split("\n") ?? [] }));
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

  for (const own of [["service", "crisis_house"], ["items", "x_riverside.cold_hall"]] as const) assert.equal(drawingOf(own[0], own[1]), null);
  const most = Math.max(...Array.from(readFileSync(path.join(internal, "clinic/settings.go"), "utf8").matchAll(/max(?:Services|Items) += (\d+)/g), (m) => Number(m[1])));
  const shapes = Array.from({ length: most }, (_, place) => shapeOf(place).join("/"));
  assert.ok(most >= 60 && shapes.every((d) => d.split("/").every((g) => g in GLYPHS)));
  const taken = lists.flatMap(([question, codes]) => codes.map((code) => drawingOf(question, code)?.join("/")));
  assert.equal(new Set([...shapes, ...taken]).size, most + new Set(taken).size, "what a clinic has named itself looks like something else");
});

/** Hints as somebody has them who looks everything over. */
const hints = (text: string, lang: string, rank: typeof rankOf | null = null): Hint[] => separate(text, lang, rank, (all) => together(all, text, lang));

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
    found: ["nurse john", "leeds hospital", "twin", "the only trans man", "pregnant", "monday, 3 march"],
    plain: "The nurse said no. A doctor came, and the nurse laughed. They took me to the hospital. Nobody listened. Nurse, I said.",
  },
  es: {
    text: "Fue el lunes 12 de octubre en el hospital san juan. La enfermera carmen y el doctor Ruiz dejaron sola a mi hermana gemela. Soy la única mujer trans, en la planta 3. En marzo estaba embarazada. Me llamo lucía, 612 345 678.",
    found: ["lunes 12 de octubre", "hospital san juan", "enfermera carmen", "doctor Ruiz", "mi hermana gemela", "la única mujer trans", "planta 3", "marzo", "embarazada", "Me llamo lucía", "612 345 678"],
    plain: "Fue muy duro. Soy de otra ciudad. La enfermera dijo que no. El doctor no me escuchó. Estuve en el hospital y nadie vino. Me quedé sola en la habitación.",
  },
  ar: {
    text: "يوم الاثنين ١٢ مارس ذهبت إلى مستشفى الأمل. الدكتور سامي والممرضة ليلى ضربا أختي التوأم. أنا حامل، في الغرفة ٧. اسمي نور، ورقمي ٠٧٩٠١٢٣٤٥٦٧.",
    found: ["يوم الاثنين ١٢ مارس", "مستشفى الأمل", "الدكتور سامي", "والممرضة ليلى", "أختي التوأم", "حامل", "الغرفة ٧", "اسمي نور", "٠٧٩٠١٢٣٤٥٦٧"],
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

/** What else points at somebody, each in a sentence of its own, between words that point at nobody. */
const ALSO: Record<string, { around: (found: string) => string; found: string[]; plain: string[] }> = {
  es: {
    around: (found) => `Pasó con ${found}, y nadie me oyó.`,
    found: [
      "se llamaba carmen", "su nombre era ruiz", "mujer llamada rosa", "señorita pilar", "sor teresa", "psiquiatra moreno", "doctora vega", "dra. vega", "lic. soto",
      "12 de oct", "3 mar", "primero de mayo", "veintidós de julio", "finales de agosto", "1º de mayo", "esta noche", "año nuevo", "semana santa", "miércoles", "a las tres", "12/03/2026",
      "ambulatorio norte", "centro de salud norte", "pueblo de olmeda", "calle de la paz", "escuela arcoíris", "comisaría central", "tercera planta", "piso segundo", "planta n.º 3", "ala B", "box 4",
    ],
    plain: [
      "Me llaman loca. He llamado dos veces, y una llamada perdida no es nada.", "La psiquiatra no vino. La señorita me gritó y la doctora después se fue.",
      "Fui al centro de salud y después a la calle. Un ala vacía.", "El médico habla mucho. La enfermera todavía duerme. Esta semana y esta vez.",
    ],
  },
  ar: {
    around: (found) => `حدث هذا ${found}، ولم يسمعني أحد.`,
    found: [
      "واسمي نور", "إسمي نور", "اسمها ليلى", "يدعى سامي", "لقبي الحلبي", "للدكتور سامي", "الدكتور عبد الرحمن", "أبو أحمد", "د. سامي", "د/ سامي", "مدام نادية", "الأخصائية هالة", "الطبيب النفسي سامي", "الاستاذة منى", "اسمي فاطمة", "الدكتور ياسر", "الدكتور هاني",
      "١٢/٣/٢٠٢٦", "٢٠٢٦-٠٣-١٢", "الأول من مايو", "١٢ من شهر مارس", "ايلول", "كانون الاول", "٣ أوت", "٧ محرم", "ليلة الجمعة", "الأثنين", "امس", "هذا الصباح", "رأس السنة", "الساعة ٣", "الساعة الثالثة",
      "مستوصف الأمل", "بمستشفى الملك فهد", "سجن النور", "محافظة إدلب", "ميدان التحرير", "الطابق الثالث", "الغرفة رقم ٧", "عنبر ٣", "جناح ب", "الدور الأرضي", "حاملاً",
    ],
    plain: ["الدكتور سأل ثم خرج. قال الطبيب النفسي لا.", "كان المركز بعيدا. الدكتور يصرخ والممرضة تضحك.", "الممرضة أخبرتني. السيدة نفسها شتمتني. الطبيبة تركتني.", "هذه وحدة قاسية في هذا الدور."],
  },
};

test("names after a title or an opening, days and places in words, and digits of their own script are found in Spanish and Arabic", () => {
  for (const [lang, { around, found, plain }] of Object.entries(ALSO)) {
    const missed = found.filter((f) => !hints(around(f), lang).some((h) => h.text === f));
    assert.deepEqual(missed.map((f) => [f, hints(around(f), lang).map((h) => h.text)]), [], lang);
    for (const text of plain) assert.deepEqual(hints(text, lang).map((h) => h.text), [], text);
  }
});

test("however long a text is, what is looked for in it takes no more time for each letter", () => {
  const pieces: Record<string, string[]> = {
    es: ["a", "la ", "hospital de la ", "primero de ", "veinti", "se llamaba ", "tercera ", "1", "12 de ", "x\u0301"],
    ar: ["\u0627", "\u0648\u0628\u0627\u0644 ", "\u0639\u0628\u062f ", "\u062f ", "\u0627\u0644\u062f\u0643\u062a\u0648\u0631 \u0639\u0628\u062f ", "\u0661\u0662 \u0645\u0646 ", "\u0645\u0633\u062a\u0634\u0641\u0649 ", "\u0627\u0644\u0633\u0627\u0639\u0629 "],
  };
  for (const [lang, all] of Object.entries(pieces)) {
    for (const piece of all) {
      const took = (size: number): number => {
        const text = piece.repeat(Math.ceil(size / piece.length));
        const started = performance.now();
        hints(text, lang);
        return performance.now() - started;
      };
      took(1000);
      let [one, ten] = [Infinity, Infinity];
      for (let n = 0; n < 2 || (n < 10 && ten >= 30 * one + 200); n++) { // a busy machine is slow now and then
        [one, ten] = [Math.min(one, took(20_000)), Math.min(ten, took(200_000))];
      }
      assert.ok(ten < 30 * one + 200, `${lang} ${JSON.stringify(piece)}: ${String(one)} and ${String(ten)} ms`);
    }
  }
});

test("whoever writes for somebody, saw it or works there is spoken to so, and everybody else as before", () => {
  assert.deepEqual(["me", "helping_someone_cannot_ask", "saw_it", "worker_there", "not_sure", "skip", ""].map(voiceOf), [null, "them", "saw", "work", null, null, null]);
});

test("for each whom it can be about, what is asked and whom its choices mean has a sentence, and the server gives it", () => {
  const tellwords = readFileSync(path.join(internal, "web/tellwords.go"), "utf8");
  const listed = (name: string): string[] => {
    const [, list = ""] = new RegExp(`var ${name} = \\[\\]string\\{(.*)\\}`).exec(tellwords) ?? [];
    return Array.from(list.matchAll(/"([^"]+)"/g), ([, key = ""]) => key);
  };
  assert.deepEqual(listed("voiced"), ASKED);
  const voices = ["them", "saw", "work"] as const;
  assert.deepEqual(listed("voices"), voices);
  assert.ok(tellwords.includes('"voice.both"'));
  for (const lang of ["en", "es", "ar"]) {
    const words = read(`../ui/locales/${lang}.json`) as Partial<Record<string, string>>;
    const keys = voices.flatMap((voice) => [...ASKED.map((key) => `voice.${voice}.${key}`), meantIn("impact", voice), meantIn("must_not", voice)]);
    assert.deepEqual(keys.filter((key) => (words[key] ?? "") === ""), [], lang);
  }
  assert.deepEqual(voices.map((voice) => meantIn("must_not", voice)), ["voice.both", "voice.both", "voice.both"]);
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
