// A number with the word for what it counts.

/** `1 event`, `2 events`. The word gets an s, so it must be one that does: not `query` or `box`. */
export function counted(count: number, word: string): string {
  return `${count} ${word}${count === 1 ? '' : 's'}`;
}
