// Looks up a header in Node's raw list: cheaper than letting Node build its object, which
// most requests never need.

/** The first value of `name` (lower-case), or undefined. */
export function rawHeader(headers: readonly string[], name: string): string | undefined {
  const length = name.length;
  for (let index = 0; index + 1 < headers.length; index += 2) {
    const candidate = headers[index] as string;
    if (candidate.length === length && (candidate === name || candidate.toLowerCase() === name))
      return headers[index + 1];
  }
  return undefined;
}
