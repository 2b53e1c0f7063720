/** Building page elements from text. Text goes in as text and never as markup. */

type Child = Node | string;

export function el<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Record<string, string> = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

export function button(label: string, onClick: () => void, kind = "button second"): HTMLButtonElement {
  const b = el("button", { type: "button", class: kind }, label);
  b.addEventListener("click", onClick);
  return b;
}

let questions = 0;

/**
 * Puts a question before something that cannot be undone into a room. The focus goes to `no`, so that pressing twice by mistake does
 * nothing; and who hears the page hears the question with it.
 */
export function asked(room: HTMLElement, sentence: string, yes: HTMLButtonElement, no: HTMLButtonElement): void {
  const question = el("p", { id: `question-${String(++questions)}` }, sentence);
  for (const b of [yes, no]) b.setAttribute("aria-describedby", question.id);
  room.replaceChildren(question, yes, no);
  no.focus();
}

/** An element the page must have; its absence is a mistake in the template. */
// eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters -- the caller knows the template
export function part<T extends HTMLElement>(root: ParentNode, name: string): T {
  const found = root.querySelector<T>(`[data-part="${name}"]`);
  if (found === null) throw new Error(`the page lacks its part ${name}`);
  return found;
}

/** What a person typed, shown exactly as typed, in its own direction. */
export function typed(text: string): HTMLElement {
  return el("p", { class: "typed", dir: "auto", translate: "no" }, text);
}

/**
 * Takes what was sent out of the box that it was typed in. What was typed there while it was on its way stays: in a text, what comes
 * after the words that were sent; in a single line, all of it, where it is not the same any more.
 */
export function clearSent(box: Pick<HTMLInputElement | HTMLTextAreaElement, "value" | "type">, sent: string): void {
  if (box.value === sent) box.value = "";
  else if (box.type === "textarea" && box.value.startsWith(sent)) box.value = box.value.slice(sent.length).trimStart();
}

/**
 * Puts the focus on what comes in the place of something that had it: were it dropped, who hears or tabs through the page would
 * begin at its top.
 */
export function focusOn(e: HTMLElement): void {
  if (!e.matches("button, a, input, textarea, select, summary, [tabindex]")) e.tabIndex = -1;
  e.focus({ preventScroll: true });
}
