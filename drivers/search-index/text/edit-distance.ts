// How many letters have to be changed, left out, added, or swapped with their neighbour to make one
// word of another, up to a bound.

/** Longer words are hardly typed. */
export const LONGEST = 32;

/** Typos that a word of this length may have. */
export function typosIn(word: string): number {
  if (word.length < 4 || word.length > LONGEST) return 0;
  return word.length < 8 ? 1 : 2;
}

/** Undefined beyond `max`. (Optimal string alignment: no place is edited twice.) */
export function editDistance(a: string, b: string, max: number): number | undefined {
  if (Math.abs(a.length - b.length) > max) return undefined;
  let before: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    let least = i;
    for (let j = 1; j <= b.length; j++) {
      const same = a.charCodeAt(i - 1) === b.charCodeAt(j - 1);
      let cost = Math.min(at(last, j) + 1, at(row, j - 1) + 1, at(last, j - 1) + (same ? 0 : 1));
      if (i > 1 && j > 1 && a.charCodeAt(i - 1) === b.charCodeAt(j - 2) && a.charCodeAt(i - 2) === b.charCodeAt(j - 1))
        cost = Math.min(cost, at(before, j - 2) + 1);
      row.push(cost);
      if (cost < least) least = cost;
    }
    // A swap can come back from one row further up.
    if (least > max && Math.min(...last) > max) return undefined;
    before = last;
    last = row;
  }
  const distance = at(last, b.length);
  return distance <= max ? distance : undefined;
}

const at = (row: readonly number[], index: number): number => row[index] ?? Number.POSITIVE_INFINITY;
