/** A list in an order that nobody can guess. */
export function shuffled<T>(list: readonly T[]): T[] {
  const order = new Map(list.map((x) => [x, crypto.getRandomValues(new Uint32Array(1))[0] ?? 0]));
  return [...list].sort((a, b) => (order.get(a) ?? 0) - (order.get(b) ?? 0));
}
