// Decides for `dedupe` whether an event is the first with its key, by the time of the log. The
// answer is the same whenever the event is read, and however often.
import { TenfoldError } from '../../../core/errors.ts';
import type { Keys } from '../../../drivers/store/store.ts';

/** An event that was let through: its place and append time, milliseconds since 1970. */
export type First = readonly [place: string, time: number];

export interface FirstOfKey {
  readonly scope: string;
  readonly key: string;
  readonly first: First;
  readonly windowMs: number;
}

/**
 * The store forgets by its own clock, so the time at which events are read counts. It keeps a key
 * for this much longer than the window. So a worker may stand still or fall behind for so long
 * between two events of one key.
 */
const PATIENCE_MS = 60 * 60_000;
/**
 * The events of one key. The store keeps those that are nearest in time: a replay begins far from
 * the newest.
 */
const MOST = 16;
/** Other events change the key meanwhile; each time one of them gets through. */
const TRIES = 1_000;

/** The list to keep of the key when the event passes; `first`: the key was kept already. */
function decideFirst(known: readonly First[], event: First, windowMs: number): readonly First[] | 'first' | 'repeat' {
  const [place, time] = event;
  const ago = ([, at]: First) => Math.abs(at - time);
  if (known.some(([at]) => at === place)) return 'first';
  if (known.some(each => ago(each) <= windowMs)) return 'repeat';
  return [...known, event].sort((one, other) => ago(one) - ago(other)).slice(0, MOST);
}

/**
 * Whether the event is the first with its key within the window. The answer stays the same, however
 * often it comes.
 */
export async function isFirstOfKey(
  store: Pick<Keys, 'put'>,
  { scope, key, first, windowMs }: FirstOfKey,
): Promise<boolean> {
  const ttlMs = windowMs + PATIENCE_MS;
  let keep: readonly First[] = [first];
  let when: 'absent' | { readonly version: string } = 'absent';
  for (let left = TRIES; left > 0; left--) {
    const outcome = await store.put(scope, key, JSON.stringify(keep), { ttlMs, when });
    if (outcome.written) return true;
    const { entry } = outcome;
    when = entry === undefined ? 'absent' : { version: entry.version };
    const decided = decideFirst(entry === undefined ? [] : read(entry.value, first[1]), first, windowMs);
    if (typeof decided === 'string') return decided === 'first';
    keep = decided;
  }
  throw new TenfoldError('store-unavailable', `${scope}: others changed the key ${key} each time it was written.`);
}

/** An earlier release kept the place alone, for as long as the window was. */
function read(value: Uint8Array, time: number): First[] {
  const text = Buffer.from(value).toString();
  return text.startsWith('[') ? JSON.parse(text) : [[text, time]];
}
