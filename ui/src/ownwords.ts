/** What stands there in the page's own language, without what stands beside it in another. */
export function ownWords(element: Element | null): string {
  const copy = element?.cloneNode(true) as Element | undefined;
  for (const other of Array.from(copy?.querySelectorAll(".beside") ?? [])) other.remove();
  return copy?.textContent.trim() ?? "";
}
