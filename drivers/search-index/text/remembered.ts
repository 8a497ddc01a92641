// Words come again and again: what was made of the last thousands of them is not made anew.

const MOST = 20_000;

export function remembered<T>(make: (word: string) => T): (word: string) => T {
  const known = new Map<string, T>();
  return word => {
    const found = known.get(word);
    if (found !== undefined) return found;
    const made = make(word);
    if (known.size >= MOST) known.clear();
    known.set(word, made);
    return made;
  };
}
