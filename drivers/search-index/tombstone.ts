// How long an index remembers a deleted document.

/** A late write with a lower version loses against the deletion for so long. */
export const TOMBSTONE_MS = 7 * 86_400_000;
