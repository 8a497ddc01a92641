// Rows of the table of results, each beside its bar.

/** A measured value is not to be larger than its bar. */
export function barRow(
  what: string,
  words: string,
  value: number,
  bar: number,
  barWords = unitOf(words, bar),
): string[] {
  return [what, words, `≤ ${barWords}`, value <= bar ? 'met' : 'missed'];
}

export function kilobytes(bytes: number): string {
  return `${(bytes / 1_000).toFixed(1)} KB`;
}

/** The bar in the unit of the value. */
function unitOf(words: string, bar: number): string {
  const unit = words.split(' ').at(-1) ?? '';
  return `${(unit === 'KB' ? bar / 1_000 : bar).toLocaleString('en')} ${unit}`;
}
