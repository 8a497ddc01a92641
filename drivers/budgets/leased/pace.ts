// How often a process asks for its slices, and for how long it has them.
import { jittered } from '../../../core/retry/backoff.ts';

/**
 * Time to live of a slice: so long a process goes on without the store, and so long
 * others wait for one that died.
 */
export const LEASE_MS = 10_000;
/** Given away of it, for clocks that do not go at quite the same pace. */
export const MARGIN_MS = 100;
/** While a limit is in use: so soon who holds a slice hears that others lack some of it. */
const ACTIVE_MS = 500;
/** While others owe something, or it is somebody else's turn. */
const LACKING_MS = 80;
/** Not more often, however much is wanted at once. */
export const PRESSED_MS = 50;
/** How often it is looked whether something that is owed is free by now. */
export const OWING_MS = 10;
/** While nothing of what is owed becomes free. */
export const SILENT_MS = ACTIVE_MS;
/** While the store cannot be asked. */
export const RETRIES = { base: 100, max: 1_000 };
/** Units that were not used for so long are given back. */
export const IDLE_MS = 1_000;
/** The same where nobody else uses the limit. */
export const IDLE_ALONE_MS = 10_000;

export interface SliceStatus {
  /** Units that the store counts for this process. */
  readonly granted: number;
  readonly share: number;
  /** Units that the process may use. */
  readonly cap: number;
  /** It could use more than that. */
  readonly lacks: boolean;
}

/**
 * Milliseconds until the store is asked again. `chance`: uniform in [0, 1), so that processes do
 * not ask at the same moment.
 */
export function untilNextMs({ granted, share, cap, lacks }: SliceStatus, chance: number): number {
  if (granted > cap) return OWING_MS;
  const ms = lacks && (granted < share || granted === 0) ? LACKING_MS : ACTIVE_MS;
  return jittered(ms, chance);
}
