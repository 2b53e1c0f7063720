/** Problems in the form: a summary at its head that takes the focus, and the same sentence at the field. */
import type { Say } from "./say.js";

/** Says what is wrong with the words, the one question of which the page itself can tell that something is. */
export function showProblem(doc: Document, say: Say, sentence: string): void {
  clearProblems(doc, say);
  doc.title = say("site.error") + doc.title;
  const summary = doc.createElement("div");
  summary.id = "problems";
  summary.className = "problems";
  summary.tabIndex = -1;
  summary.setAttribute("role", "alert");
  summary.append(text(doc, "h2", say("problems.title")), list(doc, sentence), text(doc, "p", say("problems.kept")));
  doc.querySelector("h1")?.after(summary);
  markField(doc, sentence);
  summary.focus();
}

function list(doc: Document, sentence: string): HTMLElement {
  const link = doc.createElement("a");
  link.href = "#words";
  link.textContent = sentence;
  const ul = doc.createElement("ul");
  const li = doc.createElement("li");
  li.append(link);
  ul.append(li);
  return ul;
}

function markField(doc: Document, sentence: string): void {
  const field = doc.getElementById("words");
  if (!field) return;
  const problem = text(doc, "p", sentence);
  problem.id = "words-problem";
  problem.className = "problem";
  field.before(problem);
  field.setAttribute("aria-invalid", "true");
  field.setAttribute("aria-describedby", "words-hint words-problem");
  field.parentElement?.classList.add("failed");
}

/** Takes away what showProblem, or the server, put there. */
export function clearProblems(doc: Document, say: Say): void {
  const error = say("site.error");
  if (doc.title.startsWith(error)) doc.title = doc.title.slice(error.length);
  doc.getElementById("problems")?.remove();
  for (const problem of Array.from(doc.querySelectorAll(".problem"))) problem.remove();
  for (const field of Array.from(doc.querySelectorAll(".failed"))) field.classList.remove("failed");
  for (const field of Array.from(doc.querySelectorAll("[aria-invalid]"))) field.removeAttribute("aria-invalid");
}

function text(doc: Document, tag: string, content: string): HTMLElement {
  const element = doc.createElement(tag);
  element.textContent = content;
  return element;
}
