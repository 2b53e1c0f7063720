/** Gentler wordings in whole sentences: what is left after each is one too. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { rankOf } from "../src/englishwords.js";
import { gentler, together } from "../src/gentler.js";
import { hints } from "../src/guard.js";
import * as arabic from "./sentences/arabic.js";
import * as english from "./sentences/english.js";
import * as spanish from "./sentences/spanish.js";

const locales = path.join(import.meta.dirname, "../../locales");
const sentences = (lang: string) => JSON.parse(readFileSync(path.join(locales, `${lang}.json`), "utf8")) as Record<string, string>;

/** What says nothing of who wrote is not pointed at. */
const QUIET: Record<string, string[]> = {
  en: ["I said no 3 times.", "I told them no 5 times and they went on.", "There were 0 nurses."],
  es: ["Había 0 enfermeras.", "Dije que no 3 veces."],
  ar: ["كان هناك ٠ ممرضات", "قلت لا ٣ مرات"],
};

test("how often something happened, and that there was none, is not pointed at", () => {
  for (const [lang, all] of Object.entries(QUIET)) {
    for (const text of all) assert.deepEqual(hints(text, lang, rankOf), [], text);
  }
});

/** Sentences that deny, doubt, hope or ask, that speak of all, of others, or of what others say. */
const SENTENCES = { en: english, es: spanish, ar: arabic };

test("no offer turns a sentence, speaks of others, or asks for something else: where it might, there is none", () => {
  for (const [lang, { KEPT }] of Object.entries(SENTENCES)) {
    const all = KEPT.trim().split("\n");
    assert.ok(all.length > 90, lang);
    for (const text of all) {
      assert.notDeepEqual(hints(text, lang, rankOf), [], `nothing is pointed at: ${text}`);
      assert.equal(softened(text, lang), text);
    }
  }
});

test("a sentence is looked at to where it begins, and not beyond", () => {
  const inEnglish = (text: string): string => softened(text, "en");
  assert.equal(inEnglish("I did nothing. I was the only one there."), "I did nothing. I was one of the people there.");
  assert.equal(inEnglish("Nobody came! On Monday they hit me."), "Nobody came! At some time they hit me.");
  for (const far of [
    `I do not think, ${"and that is long and hard to say, ".repeat(20)}and I was the only one.`,
    "Nobody saw Dr. Who, and I was the only one.",
    "Nobody said\nI was the only one.", "I never said \u201cOh! I was the only one.\u201d",
    "I never said: \"Oh! I was the only one.\"",
  ]) assert.equal(inEnglish(far), far);
});

/** Takes every offer, first to last, as one would where everything is looked over, until there is none. */
function softened(text: string, lang: string): string {
  const say = sentences(lang);
  for (let n = 0; n < 30; n++) {
    const now = text;
    const found = hints(now, lang, rankOf, (all) => together(all, now, lang));
    const g = found.map((hint) => gentler(now, hint, lang, (key) => say[key] ?? assert.fail(key))).find((offer) => offer !== null);
    if (g === undefined) return text;
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
    const worded = [...all, ...SENTENCES[lang as keyof typeof SENTENCES].WORDED];
    assert.deepEqual(worded.map(([text]) => [text, softened(text, lang)]), worded, lang);
  }
});

test("where the sentence says the same without it, leaving it out is what is offered, and nothing where that is not known", () => {
  const say = sentences("en");
  const offers = (text: string, lang: string): (string | null | undefined)[] =>
    hints(text, lang, rankOf)
      .map((hint) => gentler(text, hint, lang, (key) => say[key] ?? ""))
      .map((offer) => (offer === null ? undefined : offer.says));
  assert.deepEqual(offers("My 3 children cried.", "en"), [null]);
  assert.deepEqual(offers("They defenestrated me.", "en"), [undefined]);
  assert.deepEqual(offers("Le 12/03/2026, chambre 7.", "fr"), [undefined, undefined], "in a language whose sentences it does not know");
  for (const lang of ["en", "es", "ar"]) {
    for (const key of ["guard.leave", "guard.by_hand", "guard.later"]) assert.notEqual(sentences(lang)[key] ?? "", "");
  }
});
