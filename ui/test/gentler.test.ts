/** Gentler wordings in whole sentences: what is left after each is one too. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { rankOf } from "../src/englishwords.js";
import { gentler, together } from "../src/gentler.js";
import { hints } from "../src/guard.js";

const locales = path.join(import.meta.dirname, "../../locales");
const sentences = (lang: string) => JSON.parse(readFileSync(path.join(locales, `${lang}.json`), "utf8")) as Record<string, string>;

/** What a hint would turn into its opposite has none. */
const TURNED: Record<string, string[]> = {
  en: [
    "I said no 3 times.", "I told them no 5 times and they went on.", "They said no 2 weeks ago.", "There were 0 nurses.",
    "I am not the only one.", "I wasn\u2019t the only woman there.", "She is never the only nurse.",
  ],
  es: ["Había 0 enfermeras.", "No soy la única persona.", "Dije que no 3 veces.", "Nunca fui la única persona."],
  ar: ["أنا لست الوحيدة هنا", "لست المرأة الوحيدة هنا", "كان هناك ٠ ممرضات", "قلت لا ٣ مرات"],
};

test("nothing offers to turn a sentence into its opposite", () => {
  for (const [lang, all] of Object.entries(TURNED)) {
    for (const text of all) {
      assert.deepEqual(hints(text, lang, rankOf), [], text);
      assert.equal(softened(text, lang), text);
    }
  }
});

/** Takes every offer, first to last, as one would where everything is looked over, until nothing is left to say. */
function softened(text: string, lang: string): string {
  const say = sentences(lang);
  for (let n = 0; n < 30; n++) {
    const now = text;
    const [hint] = hints(now, lang, rankOf, (all) => together(all, now, lang));
    if (hint === undefined) return text;
    const g = gentler(text, hint, lang, (key) => say[key] ?? assert.fail(key));
    text = text.slice(0, g.start) + g.text + text.slice(g.end);
  }
  return assert.fail(`there is no end of it: ${text}`);
}

const BEFORE_AND_AFTER: Record<string, [string, string][]> = {
  en: [
    ["I am pregnant and 43.", "I am in a special situation."],
    ["I was the only Deaf woman there.", "I was one of the people there."],
    ["On Monday I was in room 12.", "At some time I was somewhere."],
    ["It was in 2019 on Ward 7.", "It was some time ago somewhere."],
    ["Nurse Halloran took me to Leeds Hospital at 3 pm.", "Someone took me to some place at some time."],
    ["The Ward 7 nurse said no on Monday, 3 March in the morning.", "The nurse said no at some time in the morning."],
    ["Since last Tuesday nobody came.", "Since that time nobody came."],
    ["I am 43 and I live in Manchester.", "I am of an age I keep to myself and I live somewhere."],
    ["A 19-year-old man was held by 7 nurses for 3 hours.", "A man was held by some nurses for some hours."],
    ["My name is Lucy. Her name is Ana.", "I keep my name to myself. Her name is one I know."],
    ["They hurt my twin and shouted at my friend Mary.", "They hurt someone close to me and shouted at my friend."],
    ["Call me on 020 7946 0958 or write to bo@example.org.", "Call me or write to someone."],
    ["My number is 020 7946 0958.", "My number is one I keep to myself."],
    ["I said it to Dr Smith, and he gave me 200mg.", "I said it to someone, and he gave me an amount."],
    ["He hit me with the xylophone.", "He hit me with something."],
    ["My Monday appointment was 2 or 3 weeks late.", "My appointment was some weeks late."],
    ["I was afraid of Mary, and Mary's friend laughed.", "I was afraid of someone, and someone's friend laughed."],
    ["There were 12 of us in the hospital in Leeds.", "There were some of us somewhere."],
    ["I was in bed no 4 and said no.", "I was in bed and said no."],
    ["I told the nurse, not him, the only man there.", "I told the nurse, not him, one of the people there."],
    ["5 people held me on Christmas Day under Section 136.", "Some people held me at some time under something."],
    ["Monday was bad. The 3rd of March was worse, in the Royal Infirmary.", "That time was bad. That time was worse, somewhere."],
    ["Yesterday a Muslim nurse cried because of my pregnancy.", "At some time a nurse cried because of something about me."],
  ],
  es: [
    ["Estoy embarazada y tengo 43 años.", "Estoy en una situación especial y tengo una edad que me guardo."],
    ["El lunes 12 de octubre estuve en la habitación 12.", "En algún momento estuve en algún lugar."],
    ["Fue en 2019 en la planta 7.", "Fue hace un tiempo en algún lugar."],
    ["Soy la única mujer trans de la planta 3.", "Soy una de las personas de algún lugar."],
    ["Se lo dije al doctor Ruiz y a la enfermera carmen.", "Se lo dije a alguien y a alguien."],
    ["Me llevaron al hospital san juan a las tres.", "Me llevaron a algún lugar en algún momento."],
    ["Desde el lunes dejan sola a mi hermana gemela.", "Desde ese momento dejan sola a alguien cercano."],
    ["Me llamo lucía y la enfermera se llamaba carmen.", "Mi nombre me lo guardo y la enfermera tiene un nombre que conozco."],
    ["Me sujetaron 7 enfermeras. Mi número es 612 345 678.",
      "Me sujetaron un número de enfermeras. Mi número es algo que me guardo."],
    ["Antes del viernes lloró la hija de María.", "Antes de ese momento lloró la hija de alguien."],
  ],
  ar: [
    ["يوم الاثنين ١٢ مارس كنت في الغرفة ٧.", "في وقت ما كنت في مكان ما."],
    ["أنا حامل وعمري ٤٣ سنة.", "أنا في وضع خاص وعمري أحتفظ به لنفسي."],
    ["ضربني الدكتور سامي والممرضة ليلى.", "ضربني أحدهم وإحداهن."],
    ["كان ذلك في مارس في مستشفى الأمل.", "كان ذلك منذ مدة في مكان ما."],
    ["أنا المرأة الوحيدة هناك.", "أنا من الناس هناك."],
    ["اسمي نور، ورقمي ٠٧٩٠١٢٣٤٥٦٧.", "لي اسم أحتفظ به، ورقمي أحتفظ به لنفسي."],
    ["ضربوا أختي التوأم بعد يوم الجمعة.", "ضربوا أحد المقربين مني بعد ذلك الوقت."],
    ["أخذوني إلى مستشفى الأمل للدكتور سامي.", "أخذوني إلى مكان ما لأحدهم."],
    ["أمسكت بي ٧ ممرضات.", "أمسكت بي عدة ممرضات."],
  ],
};

test("with every gentler wording taken, what is left reads as a sentence, in each language that has them", () => {
  for (const [lang, all] of Object.entries(BEFORE_AND_AFTER)) {
    assert.deepEqual(all.map(([text]) => [text, softened(text, lang)]), all, lang);
  }
});

test("where no wording would read as a sentence, leaving it out is what is offered", () => {
  const say = sentences("en");
  const offers = (text: string, lang: string): (string | null)[] =>
    hints(text, lang, rankOf).map((hint) => gentler(text, hint, lang, (key) => say[key] ?? "").says);
  assert.deepEqual(offers("They defenestrated me.", "en"), [null]);
  assert.deepEqual(offers("Le 12/03/2026, chambre 7.", "fr"), [null, null], "in a language whose sentences it does not know");
  for (const lang of ["en", "es", "ar"]) assert.notEqual(sentences(lang)["guard.leave"] ?? "", "");
});
