// Whether an answer is a stream, whose head must not wait for its body.

/** An answer whose length its head does not tell, or that is known to go on. */
export function isStream(fields: readonly string[]): boolean {
  let length = false;
  for (let index = 0; index + 1 < fields.length; index += 2) {
    const name = fields[index] ?? '';
    if (name.length !== 14 && name.length !== 12) continue;
    const lower = name.toLowerCase();
    if (lower === 'content-length') length = true;
    else if (lower === 'content-type' && fields[index + 1]?.startsWith('text/event-stream')) return true;
  }
  return !length;
}
