// Reads and removes header fields of a request, kept as name (lower case) and value in turn.

/** The value of the first field of this name, in lower case. */
export function fieldOf(fields: readonly string[], name: string): string | undefined {
  for (let index = 0; index < fields.length; index += 2) if (fields[index] === name) return fields[index + 1];
  return undefined;
}

/**
 * The value of a field that must come once: one that came twice is joined, and so it is no
 * credential and no signature of any kind.
 */
export function joinedField(fields: readonly string[], name: string): string | undefined {
  let value: string | undefined;
  for (let index = 0; index < fields.length; index += 2) {
    if (fields[index] !== name) continue;
    value = value === undefined ? fields[index + 1] : `${value}, ${fields[index + 1]}`;
  }
  return value;
}

/** Names as `dropFields` compares them: many servers read `_` and `-` alike. */
export function spellingsOf(names: Iterable<string>): ReadonlySet<string> {
  return new Set([...names].map(dashed));
}

/** Removes, in place, every spelling of `names`, which come from `spellingsOf`. */
export function dropFields(fields: string[], names: ReadonlySet<string>): void {
  let kept = 0;
  for (let index = 0; index < fields.length; index += 2) {
    const name = fields[index] ?? '';
    if (names.has(dashed(name))) continue;
    if (kept !== index) {
      fields[kept] = name;
      fields[kept + 1] = fields[index + 1] ?? '';
    }
    kept += 2;
  }
  fields.length = kept;
}

function dashed(name: string): string {
  return name.includes('_') ? name.replaceAll('_', '-') : name;
}
