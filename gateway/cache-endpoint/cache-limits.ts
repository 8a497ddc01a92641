// How much and how long the cache endpoint keeps, and waits.

/** Bytes of a key, as UTF-8. */
export const MAX_KEY = 512;
export const MAX_VALUE = 1024 * 1024;
export const MAX_TAGS = 16;
/** Bytes of a tag, as UTF-8. */
export const MAX_TAG = 128;
export const MAX_TYPE = 200;
export const MAX_TTL_MS = 30 * 86_400_000;
/** As a function may run. */
export const MAX_LEASE_MS = 900_000;
export const DEFAULT_LEASE_MS = 10_000;
export const MAX_WAIT_MS = 60_000;
/**
 * Requests of one process that wait for a value that others make. Each looks at
 * the store again and again.
 */
export const MAX_WAITING = 2_000;
