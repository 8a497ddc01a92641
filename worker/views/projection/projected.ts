// The origin of an event that a function made. The View takes the event once by it, although it may
// be delivered again and out of order.

import type { LogRecord } from '../../../drivers/event-log/event-log.ts';
import type { Change } from '../../../drivers/store/changes.ts';
import type { Tables } from '../../../drivers/store/tables.ts';
import type { IsRepeat } from '../../fold/fold.ts';
import type { SourceMark } from '../../fold/source-mark.ts';
import type { ShapeStore, ShapeUpkeep, ViewShape } from '../shapes/view-shape.ts';

/** The place of the event, and its number among the results. */
const FROM = 'tenfold-made-from';
/** All results of the events of the same partition below this place are in the log already. */
const SETTLED = 'tenfold-settled';

const TAKEN = 'tenfold.taken';
/** Redriven records lie below the settled offset; they are remembered for a time instead. */
const TAKEN_AGAIN = 'tenfold.taken-again';
const LOW = 'tenfold.settled';
const AGAIN_TTL_MS = 7 * 86_400_000;
const PRUNED_AT_ONCE = 2_000;
const EVERY_MS = 5_000;

export interface MadeFrom {
  /** Partition and topic, as one name without a slash. */
  readonly source: string;
  readonly offset: number;
  /** How often the event was redriven. */
  readonly generation: number;
  readonly index: number;
  readonly settledBelow: number;
}

export function madeFromHeaders({ source, offset, generation, index, settledBelow }: MadeFrom): Record<string, string> {
  return { [FROM]: `${source}/${padded(offset)}/${generation}/${padded(index)}`, [SETTLED]: String(settledBelow) };
}

/** The same for an event that another fold has fed, maybe twice: it is known by its place there. */
export function fedFromHeaders(mark: SourceMark, index: number): Record<string, string> {
  const { topic, partition, offset } = mark;
  const source = `fed.${partition}.${topic.replaceAll('/', '.')}`;
  return { [FROM]: `${source}/${padded(offset)}/fed/${mark.index}-${index}` };
}

/**
 * The headers of the results of a projected record: they keep its origin, each with a place of its
 * own.
 */
export function passOn({ headers }: LogRecord, place: number): Record<string, string> {
  return { [FROM]: `${headers[FROM]}/${place}`, [SETTLED]: headers[SETTLED] ?? '0' };
}

/** A shape as it is folded. */
export interface FoldedShape extends Pick<ViewShape, 'upkeep'> {
  toChanges(
    records: readonly LogRecord[],
    scope: string,
    store: ShapeStore,
    isRepeat: IsRepeat,
  ): Promise<readonly Change[]>;
}

/** The shape, without events that were published twice. */
export function countingOnce(shape: ViewShape): FoldedShape {
  return {
    upkeep: shape.upkeep,
    async toChanges(records, scope, store, isRepeat) {
      const fresh = records.filter(record => !isRepeat(record));
      return fresh.length === 0 ? [] : shape.toChanges(fresh, scope, store);
    },
  };
}

interface Origin {
  readonly key: string;
  readonly source: string;
  readonly offset: number;
  readonly isFirst: boolean;
  readonly settledBelow: number;
}

/** The shape, taking each event that a function made once. */
export function takingOnce(shape: ViewShape): FoldedShape {
  return {
    async toChanges(records, scope, store, isRepeat) {
      const from = records.map(originOf);
      const lows = await readLows(store, scope, from);
      const taken = await readTaken(store, scope, from);
      const changes: Change[] = [];
      const fresh = records.filter((_, at) => {
        const origin = from[at];
        if (origin === undefined) return true;
        const { key, source, offset, isFirst, settledBelow } = origin;
        const low = lows.get(source) ?? 0;
        if (settledBelow > low) lows.set(source, settledBelow);
        if (taken.has(key) || (isFirst && offset < low)) return false;
        taken.add(key);
        changes.push(
          isFirst
            ? { kind: 'put-row', table: TAKEN, key, value: '1' }
            : { kind: 'put-row', table: TAKEN_AGAIN, key, value: '1', ttlMs: AGAIN_TTL_MS },
        );
        return true;
      });
      for (const [source, low] of lows) changes.push({ kind: 'put-row', table: LOW, key: source, value: String(low) });
      changes.unshift(...(await countingOnce(shape).toChanges(fresh, scope, store, isRepeat)));
      return changes;
    },
    upkeep: {
      everyMs: Math.min(EVERY_MS, shape.upkeep?.everyMs ?? EVERY_MS),
      async toChanges(scope, store, now) {
        const pruned = await prune(scope, store);
        return pruned.length > 0 ? pruned : ((await shape.upkeep?.toChanges(scope, store, now)) ?? []);
      },
    },
  };
}

async function readLows(store: Pick<Tables, 'rows'>, scope: string, from: readonly (Origin | undefined)[]) {
  const sources = [...new Set(from.flatMap(origin => origin?.source ?? []))];
  const lows = new Map<string, number>();
  if (sources.length === 0) return lows;
  for (const row of await store.rows(scope, LOW, sources)) if (row) lows.set(row.key, Number(textOf(row.value)));
  return lows;
}

async function readTaken(store: Pick<Tables, 'rows'>, scope: string, from: readonly (Origin | undefined)[]) {
  const taken = new Set<string>();
  for (const [table, isFirst] of [
    [TAKEN, true],
    [TAKEN_AGAIN, false],
  ] as const) {
    const keys = from.flatMap(origin => (origin?.isFirst === isFirst ? origin.key : []));
    if (keys.length === 0) continue;
    for (const row of await store.rows(scope, table, keys)) if (row) taken.add(row.key);
  }
  return taken;
}

/** Records below the settled offset need not be remembered one by one. */
const prune: (scope: string, store: Parameters<ShapeUpkeep['toChanges']>[1]) => Promise<readonly Change[]> = async (
  scope,
  store,
) => {
  const { rows } = await store.scan(scope, LOW, { limit: PRUNED_AT_ONCE });
  for (const { key: source, value } of rows) {
    const to = { value: `${source}/${padded(Number(textOf(value)))}`, inclusive: false };
    const page = await store.scan(scope, TAKEN, { prefix: [`${source}/`], to, limit: PRUNED_AT_ONCE });
    if (page.rows.length > 0) return page.rows.map(({ key }) => ({ kind: 'delete-row', table: TAKEN, key }));
  }
  return [];
};

function originOf({ headers }: LogRecord): Origin | undefined {
  const key = headers[FROM];
  if (key === undefined) return undefined;
  const [source = '', offset = '', generation = ''] = key.split('/');
  return {
    key,
    source,
    offset: Number(offset),
    isFirst: generation === '0',
    settledBelow: Number(headers[SETTLED] ?? 0),
  };
}

/** Text that sorts as the numbers do. */
function padded(number: number): string {
  return String(number).padStart(16, '0');
}

function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString();
}
