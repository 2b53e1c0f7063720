/** Words of the list that somebody may have meant. Twin of Go's seal.Near. */
const EDITS = 2;
const MOST = 3;

/**
 * The nearest first: those that two slips of the hand (a letter more, less, other, or two swapped) turn into what was
 * typed.
 */
export function near(typed: string, list: readonly string[]): string[] {
  const found: string[][] = [[], [], []];
  for (const word of list) found[slips(typed, word)]?.push(word);
  return found.flat().slice(0, MOST);
}

/** The optimal string alignment distance, or more than EDITS. */
function slips(a: string, b: string): number {
  if (Math.abs(a.length - b.length) > EDITS) return EDITS + 1;
  let two: number[] = [];
  let one = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const other = a[i - 1] === b[j - 1] ? 0 : 1;
      let d = Math.min((one[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (one[j - 1] ?? 0) + other);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) d = Math.min(d, (two[j - 2] ?? 0) + 1);
      row.push(d);
    }
    two = one;
    one = row;
  }
  return one[b.length] ?? 0;
}
