// How slow a client may be: one that drips cannot hold a place for ever.

const LEAST_BYTES_PER_SECOND = 1024;

/** The time that a client has for so many bytes that it sends or takes, milliseconds. */
export function timeForBytes(bytes: number): number {
  return (bytes * 1000) / LEAST_BYTES_PER_SECOND;
}
