// The body of a request as what an object store takes: a stream as it
// arrives, or bytes that are there.
import type { Call } from '../exchange/target.ts';

/** As S3 takes in one request. */
export const MAX_OBJECT_BYTES = 5 * 1024 ** 3;

export function bodyOf({ body }: Call): AsyncIterable<Uint8Array> | Uint8Array {
  if (body === null) return new Uint8Array(0);
  return typeof body === 'string' ? Buffer.from(body) : body;
}
