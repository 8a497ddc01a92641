// The end of all texts that begin with some text, for ranges over keys in UTF-8 order.

/**
 * Bytes above all that begin with `prefix`. UTF-8 has no byte FF, so the last
 * one can always be raised.
 */
export function afterText(prefix: string): Buffer {
  const bytes = Buffer.from(prefix);
  if (bytes.length === 0) return Buffer.of(0xff);
  const last = bytes.length - 1;
  bytes[last] = (bytes[last] ?? 0) + 1;
  return bytes;
}
