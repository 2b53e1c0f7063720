/** Problems in the form: a summary at its head that takes the focus, and the same sentence at the field. */
import type { Say } from "./say.js";

/** What is wrong, and the id of the control in which it is. */
export interface Problem {
  field: string;
  text: string;
}

/** Says what is wrong: with the words, unless told with what. */
export function showProblem(doc: Document, say: Say, wrong: Problem | string): void {
  clearProblems(doc, say);
  const problem = typeof wrong === "string" ? { field: "words", text: wrong } : wrong;
  doc.title = say("site.error") + doc.title;
  const summary = doc.createElement("div");
  summary.id = "problems";
  summary.className = "problems";
  summary.tabIndex = -1;
  summary.setAttribute("role", "alert");
  summary.append(text(doc, "h2", say("problems.title")), list(doc, problem), text(doc, "p", say("problems.kept")));
  doc.querySelector("h1")?.after(summary);
  markField(doc, problem);
  summary.focus();
}

function list(doc: Document, problem: Problem): HTMLElement {
  const link = doc.createElement("a");
  link.href = `#${problem.field}`;
  link.textContent = problem.text;
  const ul = doc.createElement("ul");
  const li = doc.createElement("li");
  li.append(link);
  ul.append(li);
  return ul;
}

function markField(doc: Document, problem: Problem): void {
  const field = doc.getElementById(problem.field);
  if (!field) return;
  const said = text(doc, "p", problem.text);
  said.id = `${problem.field}-problem`;
  said.className = "problem";
  const group = field.closest("label") === null ? null : field.closest("fieldset"); // one of several to tick: it is said of all of them
  if (group === null) {
    field.before(said);
    field.setAttribute("aria-invalid", "true");
  } else group.querySelector("legend")?.after(said);
  (group ?? field.parentElement)?.classList.add("failed");
  const about = group ?? field;
  about.setAttribute("aria-describedby", [...described(about), said.id].join(" "));
}

const described = (field: Element): string[] => (field.getAttribute("aria-describedby") ?? "").split(" ").filter((id) => id !== "");

/** Takes away what showProblem, or the server, put there. */
export function clearProblems(doc: Document, say: Say): void {
  const error = say("site.error");
  if (doc.title.startsWith(error)) doc.title = doc.title.slice(error.length);
  doc.getElementById("problems")?.remove();
  for (const problem of doc.querySelectorAll('.problem[id$="-problem"]')) problem.remove();
  for (const field of doc.querySelectorAll(".failed")) field.classList.remove("failed");
  for (const field of doc.querySelectorAll("[aria-invalid]")) field.removeAttribute("aria-invalid");
  for (const field of doc.querySelectorAll('[aria-describedby*="-problem"]')) {
    const left = described(field).filter((id) => !id.endsWith("-problem")).join(" ");
    if (left === "") field.removeAttribute("aria-describedby");
    else field.setAttribute("aria-describedby", left);
  }
}

function text(doc: Document, tag: string, content: string): HTMLElement {
  const element = doc.createElement(tag);
  element.textContent = content;
  return element;
}
