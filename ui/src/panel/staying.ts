/**
 * Where somebody works in a view that is drawn anew under their hands: the same field has the focus after it, at the same letter
 * and at the same height of the window.
 */

/** What somebody types or chooses in. */
export const FIELDS = "input, textarea, select";

/**
 * Notes the field in `room` that has the focus, or, with `controls`, whatever control there has it. Gives what puts the focus on
 * the same one of what was drawn meanwhile, and says whether there is one.
 */
export function staying(room: HTMLElement, controls = false): () => boolean {
  const at = document.activeElement;
  const which = controls ? `${FIELDS}, button, summary` : FIELDS;
  if (!(at instanceof HTMLElement) || !room.contains(at) || !at.matches(which)) return () => false;
  const [top, scrolled, caret] = [at.getBoundingClientRect().top, at.scrollTop, caretIn(at)];
  return () => {
    const same = Array.from(room.querySelectorAll<HTMLElement>(which)).find((e) => isSame(e, at));
    if (same === undefined) return false;
    for (let fold = same.closest("details"); fold !== null; fold = fold.parentElement?.closest("details") ?? null) fold.open = true;
    same.focus({ preventScroll: true });
    if (caret !== null && isText(same)) same.setSelectionRange(...caret);
    same.scrollTop = scrolled;
    room.scrollTop += same.getBoundingClientRect().top - top; // one of the two scrolls: the room, or the page
    window.scrollBy(0, same.getBoundingClientRect().top - top);
    return document.activeElement === same;
  };
}

const isText = (e: HTMLElement): e is HTMLTextAreaElement | HTMLInputElement =>
  e instanceof HTMLTextAreaElement || (e instanceof HTMLInputElement && e.selectionStart !== null);

const caretIn = (e: HTMLElement): [number, number] | null => (isText(e) ? [e.selectionStart ?? 0, e.selectionEnd ?? 0] : null);

/** A field is known by its name and value, or by its id; a button by what it says. */
function isSame(e: HTMLElement, as: HTMLElement): boolean {
  if (e.tagName !== as.tagName) return false;
  if (e instanceof HTMLInputElement && as instanceof HTMLInputElement && as.name !== "") {
    return e.name === as.name && (!["radio", "checkbox"].includes(as.type) || e.value === as.value);
  }
  return as.id === "" ? e.matches("button, summary") && e.textContent === as.textContent : e.id === as.id;
}
