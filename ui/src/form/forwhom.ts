/**
 * Questions follow whom it is about: "How much did it hurt?" becomes "How much did it hurt them?". Only what is asked changes,
 * never what can be picked nor what is sent; a line over the choices says whom "I" and "my" mean in them.
 */
import { el } from "./elements.js";
import type { Say } from "../tell/say.js";

/** How each answer to "Who is it about?" is spoken to. */
const VOICE: Partial<Record<string, Voice>> = {
  helping_someone_they_agree: "them",
  helping_someone_cannot_ask: "them",
  saw_it: "saw",
  worker_there: "work",
};
export type Voice = "them" | "saw" | "work";

/** Questions that have a wording of their own for somebody else. */
const ASKED = ["themes", "good", "roles", "impact", "impact_on", "wants", "must_not", "names"];

export const voiceOf = (forWhom: string): Voice | null => VOICE[forWhom] ?? null;

export function worded(form: HTMLFormElement, say: Say): void {
  const own = new Map<Element, string>();
  const meant = el("p", { class: "notice meant" });
  form.querySelector("#themes > legend")?.after(meant);
  const about = form.querySelector("#meant");
  const follow = (): void => {
    const voice = voiceOf(form.querySelector<HTMLInputElement>("[name=for_whom]:checked")?.value ?? "");
    for (const key of ASKED) {
      const question = form.querySelector(`#${key} > legend, label[for="${key}"]`);
      if (!question) continue;
      if (!own.has(question)) own.set(question, question.textContent);
      question.textContent = voice === null ? own.get(question) ?? "" : say(`voice.${voice}.${key}`);
    }
    meant.hidden = voice === null;
    meant.textContent = voice === null ? "" : say(`voice.${voice}`);
    if (about instanceof HTMLElement) about.hidden = true;
    showWork(form, voice);
  };
  document.addEventListener("language", (event) => {
    const to = (event as CustomEvent<Document>).detail;
    for (const key of ASKED) {
      const [here, there] = [form, to].map((root) => root.querySelector(`#${key} > legend, label[for="${key}"]`));
      if (here && there) own.set(here, there.textContent);
    }
    follow();
  });
  form.addEventListener("change", (event) => { if ((event.target as HTMLInputElement).name === "for_whom") follow(); });
  follow();
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
