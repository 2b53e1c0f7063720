/**
 * Questions follow whom it is about: "How much did it hurt?" becomes "How much did it hurt them?". Only what is asked changes,
 * never what can be picked nor what is sent; a line over all choices that say "I" or "my" says whom they mean.
 */
import type { Say } from "../tell/say.js";

/** How each answer to "Who is it about?" is spoken to. */
const VOICE: Partial<Record<string, Voice>> = {
  helping_someone_they_agree: "them",
  helping_someone_cannot_ask: "them",
  saw_it: "saw",
  worker_there: "work",
};
export type Voice = "them" | "saw" | "work";

/** Questions, and the heading of a part, that have a wording of their own for somebody else. */
export const ASKED = ["pictures", "themes", "good", "roles", "step-impact", "impact", "impact_on", "wants", "must_not", "names"];

/** Where a question or a heading of ASKED stands. */
const place = (key: string): string => `#${key} > legend, label[for="${key}"], h2#${key}`;

/** The sentence that says whom the choices of a question mean. What must not happen counts for whoever writes, too. */
export const meantIn = (question: string, voice: Voice): string => (question === "must_not" ? "voice.both" : `voice.${voice}`);

export const voiceOf = (forWhom: string): Voice | null => VOICE[forWhom] ?? null;

export function worded(form: HTMLFormElement, say: Say): void {
  const own = new Map<Element, string>();
  const lines = Array.from(form.querySelectorAll<HTMLElement>("fieldset > .meant"), dressed);
  const follow = (): void => {
    const voice = voiceOf(form.querySelector<HTMLInputElement>("[name=for_whom]:checked")?.value ?? "");
    for (const key of ASKED) {
      const question = form.querySelector(place(key));
      if (!question) continue;
      if (!own.has(question)) own.set(question, question.textContent);
      question.textContent = voice === null ? own.get(question) ?? "" : say(`voice.${voice}.${key}`);
    }
    for (const line of lines) {
      line.hidden = voice === null;
      line.textContent = voice === null ? "" : say(meantIn(line.parentElement?.id ?? "", voice));
    }
    showWork(form, voice);
  };
  document.addEventListener("language", (event) => {
    const to = (event as CustomEvent<Document>).detail;
    for (const key of ASKED) {
      const [here, there] = [form, to].map((root) => root.querySelector(place(key)));
      if (here && there) own.set(here, there.textContent);
    }
    follow();
  });
  form.addEventListener("change", (event) => { if ((event.target as HTMLInputElement).name === "for_whom") follow(); });
  follow();
}

/** A line of the page for whoever it may be about, as one for whom it is about. It is said with the name of its question. */
function dressed(line: HTMLElement): HTMLElement {
  const question = line.parentElement;
  line.className = "notice meant";
  line.id = `${question?.id ?? ""}-meant`;
  question?.setAttribute("aria-describedby", `${question.getAttribute("aria-describedby") ?? ""} ${line.id}`.trim());
  return line;
}

/** What can happen to people who work there is shown to them, and to whoever has ticked it already. */
function showWork(form: HTMLFormElement, voice: Voice | null): void {
  const tick = form.querySelector<HTMLInputElement>('[name="themes"][value="work"]');
  const row = tick?.closest("div");
  if (!tick || !row) return;
  const more = row.nextElementSibling;
  const ticked = tick.checked || (more?.querySelector("input:checked") ?? null) !== null;
  row.hidden = voice !== "work" && !ticked;
  if (more instanceof HTMLDetailsElement) more.hidden = row.hidden;
}
