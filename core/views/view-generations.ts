// Which generation of a View serves, and which is being built: kept in the store, so that all
// processes agree, and changed by compare-and-set.
import * as z from 'zod';
import { TenfoldError } from '../errors.ts';
import type { World } from '../world.ts';

const generation = z.object({
  /** 12 hexadecimal digits; each build has another. */
  id: z.string().regex(/^[0-9a-f]{12}$/),
  /** Hash of all settings that decide the stored data. */
  definition: z.string(),
  /**
   * The resource as written, so that it can be folded and read on when the
   * resource has become another.
   */
  manifest: z.unknown(),
  /**
   * Topics that it comes from: the name of each, that in the log, and what tells it from an
   * earlier topic of that name.
   */
  sources: z.array(z.object({ name: z.string(), topic: z.string(), id: z.string().optional() })),
  /** When its building began, milliseconds since 1970. */
  since: z.number(),
});

const state = z.object({
  serving: generation.optional(),
  building: generation.optional(),
  superseded: z.array(z.string()).optional(),
});

export type ViewGeneration = Readonly<z.output<typeof generation>>;

export interface ViewGenerations {
  readonly serving: ViewGeneration | undefined;
  readonly building: ViewGeneration | undefined;
  /**
   * Definitions that were replaced, newest last: a process that wants one of them may not know the
   * new one yet.
   */
  readonly superseded: readonly string[];
  /** Version of this state; undefined when there is none yet. */
  readonly version: number | undefined;
}

/** The part of the store that is needed. */
export interface GenerationStore {
  row(scope: string, table: string, key: string): Promise<{ readonly value: Uint8Array } | undefined>;
  position(scope: string, consumer: string, partition: number): Promise<number | undefined>;
}

export interface GenerationWriter extends GenerationStore {
  apply(
    scope: string,
    changes: readonly { kind: 'put-row'; table: string; key: string; value: string }[],
    fence: { consumer: string; partition: number; after: number | undefined; upTo: number },
  ): Promise<{ readonly applied: boolean }>;
}

const TABLE = 'generations';
const KEY = 'state';
const CONSUMER = 'generations';
const MOST_SUPERSEDED = 16;

/** `known`: what was read before; its row is not read again while it has the same version. */
export async function readGenerations(
  store: GenerationStore,
  namespace: string,
  name: string,
  known?: ViewGenerations,
): Promise<ViewGenerations> {
  const scope = scopeOf(namespace, name);
  // The version first: a change in between makes the next compare-and-set fail, and nothing worse.
  const version = await store.position(scope, CONSUMER, 0);
  if (known?.version !== undefined && known.version === version) return known;
  const row = await store.row(scope, TABLE, KEY);
  if (row === undefined) return { serving: undefined, building: undefined, superseded: [], version };
  try {
    const { serving, building, superseded = [] } = state.parse(JSON.parse(Buffer.from(row.value).toString()));
    return { serving, building, superseded, version };
  } catch (cause) {
    throw new TenfoldError('data-corrupt', `The stored generations of View ${name} cannot be read.`, {
      cause,
    });
  }
}

/**
 * Whether it was written: not when another process has changed it since `version` was read.
 * Versions are times: a store that has lost its newest changes gives none of them out again.
 */
export async function writeGenerations(
  world: Pick<World, 'now'>,
  store: GenerationWriter,
  namespace: string,
  name: string,
  { version, serving, building, superseded }: ViewGenerations,
): Promise<boolean> {
  const value = JSON.stringify({ serving, building, superseded });
  const { applied } = await store.apply(
    scopeOf(namespace, name),
    [{ kind: 'put-row', table: TABLE, key: KEY, value }],
    { consumer: CONSUMER, partition: 0, after: version, upTo: Math.max((version ?? 0) + 1, world.now()) },
  );
  return applied;
}

/** The state in which this definition is the desired one. */
export function aimAt(state: ViewGenerations, definition: string): Pick<ViewGenerations, 'superseded'> {
  const before = (state.building ?? state.serving)?.definition;
  const others = state.superseded.filter(each => each !== definition && each !== before);
  const all = before === undefined || before === definition ? others : [...others, before];
  return { superseded: all.slice(-MOST_SUPERSEDED) };
}

/** Apart from the scopes of the generations, which go with them. */
function scopeOf(namespace: string, name: string): string {
  return `views/${namespace}/${name}`;
}
