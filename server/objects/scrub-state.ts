// The progress of the check of all objects, and its findings: one document in the store, which
// processes take turns to carry on.
import * as z from 'zod';
import { MAX_UNKNOWN } from '../../admin/object-view.ts';
import type { Store } from '../../drivers/store/store.ts';
import { CONTROL_SCOPE } from '../shared/document.ts';

const damaged = z.object({
  key: z.string(),
  owner: z.object({
    kind: z.enum(['Topic', 'Queue', 'FanOut', 'Pipeline', 'object', 'unknown']),
    namespace: z.string(),
    name: z.string(),
    what: z.string(),
  }),
  reason: z.string(),
  at: z.number(),
});

/**
 * Keys of objects without a checksum: the first ones; beyond `MAX_UNKNOWN` they are only counted.
 */
const unknown = z.object({ count: z.number(), keys: z.array(z.string()) });

export type UnknownKeys = z.output<typeof unknown>;

export const NO_UNKNOWN: UnknownKeys = { count: 0, keys: [] };

export function withUnknown({ count, keys }: UnknownKeys, key: string): UnknownKeys {
  return { count: count + 1, keys: keys.length < MAX_UNKNOWN ? [...keys, key] : keys };
}

const scrubState = z.object({
  /** The beginning of the current pass; undefined between two. */
  beganAt: z.number().optional(),
  /** Key up to which it has come. */
  after: z.string(),
  objects: z.number(),
  bytes: z.number(),
  checkedAt: z.number().optional(),
  /** The process that carries it on, and the time until which no other process does. */
  holder: z.string(),
  heldUntil: z.number(),
  damaged: z.array(damaged),
  /** Damaged ones that are not listed: of the current pass so far, and of the last whole one. */
  beyondSoFar: z.number().default(0),
  beyond: z.number(),
  /** In the current pass so far, and in the last whole one. */
  unknownSoFar: unknown,
  unknown,
});

export type ScrubState = z.output<typeof scrubState>;

const KEY = 'objects';
const TTL_MS = 10 * 365 * 86_400_000;
const NOTHING: ScrubState = {
  after: '',
  objects: 0,
  bytes: 0,
  holder: '',
  heldUntil: 0,
  damaged: [],
  beyondSoFar: 0,
  beyond: 0,
  unknownSoFar: NO_UNKNOWN,
  unknown: NO_UNKNOWN,
};

export interface SeenState {
  readonly state: ScrubState;
  readonly version: string | undefined;
}

/** A state that cannot be read begins anew: a pass finds all of it again. */
export async function readScrubState(store: Pick<Store, 'get'>): Promise<SeenState> {
  const entry = await store.get(CONTROL_SCOPE, KEY);
  if (entry === undefined) return { state: NOTHING, version: undefined };
  try {
    const state = scrubState.parse(JSON.parse(Buffer.from(entry.value).toString()));
    return { state, version: entry.version };
  } catch {
    return { state: NOTHING, version: entry.version };
  }
}

/** The new version; undefined when another process has changed it since. */
export async function writeScrubState(
  store: Pick<Store, 'put'>,
  state: ScrubState,
  over: string | undefined,
): Promise<string | undefined> {
  const when = over === undefined ? 'absent' : { version: over };
  const outcome = await store.put(CONTROL_SCOPE, KEY, JSON.stringify(state), { ttlMs: TTL_MS, when });
  return outcome.written ? outcome.version : undefined;
}
