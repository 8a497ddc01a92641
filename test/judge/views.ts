// What the judge says of a View when all has come to its end: it has each row once, as the events
// say, and no other; nothing of earlier generations is left over.

/** The text of a row; undefined where there is none. */
export type RowText = string | undefined;

export interface SeenView {
  /** For people: the rows, the ranking, the documents. */
  readonly what: string;
  /** What readers are told, by key; a key can be there more than once. */
  readonly found: Iterable<readonly [key: string, text: RowText]>;
  /** What the events say of each key. A list has all that it may be. */
  readonly expected: Iterable<readonly [key: string, text: RowText | readonly RowText[]]>;
  /** What is kept of generations that nobody needs. */
  readonly leftOver?: readonly string[];
}

export function judgeView({ what, found, expected, leftOver = [] }: SeenView): string[] {
  const wrong = leftOver.map(name => `${name} is left over`);
  const shown = new Map<string, RowText>();
  for (const [key, text] of found) {
    if (shown.has(key)) wrong.push(`${what} has ${key} more than once`);
    shown.set(key, text);
  }
  const known = new Set<string>();
  for (const [key, text] of expected) {
    known.add(key);
    const may = typeof text === 'string' || text === undefined ? [text] : text;
    const is = shown.get(key);
    if (!may.includes(is))
      wrong.push(`${what} has ${key} as ${is}, and the events say ${may.map(String).join(' or ')}`);
  }
  for (const [key, text] of shown)
    if (text !== undefined && !known.has(key)) wrong.push(`${what} has ${key}, of which there is no event`);
  return wrong;
}

/** What was read later is never less than what was read before. */
export function judgeProgress(what: string, before: number, now: number): string[] {
  return now < before ? [`${what} went back from ${before} to ${now}`] : [];
}
