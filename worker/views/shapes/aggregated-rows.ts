// A View as rows that add events up: the row of a key has values as a window of a Pipeline would
// have them, over all time.

import { compileTemplate } from '../../../core/cel/template.ts';
import { TenfoldError } from '../../../core/errors.ts';
import { toExactText } from '../../../core/units/whole-numbers.ts';
import { compileIndexes } from '../../../core/views/row-indexes.ts';
import { VIEW_ROWS } from '../../../core/views/view-layout.ts';
import type { LogRecord } from '../../../drivers/event-log/event-log.ts';
import type { Change } from '../../../drivers/store/changes.ts';
import { valuesScope } from '../../../resources/references/scopes.ts';
import type { Resource } from '../../../resources/resource.ts';
import type { Accumulator } from '../../aggregates/aggregate.ts';
import { type Aggregate, compileAggregate } from '../../aggregates/compile-aggregate.ts';
import { compileRequiredKey, createEventReader, happenedAt } from './event-reader.ts';
import { readAll } from './merged-rows.ts';
import { parseValue } from './operation.ts';
import { appendedAt, KEPT_AFTER_MS, OVER_MS, timeToLiveSince } from './time-to-live.ts';
import type { PlainShape } from './view-shape.ts';

type AggregateSpec = NonNullable<Resource<'View'>['spec']['aggregate']>;
type Row = Readonly<Record<string, unknown>>;

/**
 * A second row beside each row, with all that its values are made of: also beside one that is not
 * shown, and one that is over. Only the fold reads it.
 */
const TALLIES = 'tenfold.tally';
/** Bytes of it. A batch holds the tallies of all its keys. */
const MAX_TALLY = 512 * 1024;

interface Tally {
  /** Append time of the newest of its events, milliseconds since 1970. */
  readonly at: number;
  readonly results: readonly Accumulator[];
}

export function compileAggregatedRows(spec: AggregateSpec, filter: string | undefined): PlainShape {
  const read = createEventReader(filter);
  const keyOf = compileRequiredKey('The key of the row', spec.by);
  const aggregates = Object.entries(spec.values).map(([name, text]) => compileAggregate(name, text));
  const isShown = compileHaving(spec);
  const placesOf = compileIndexes(spec.indexes);

  const changesOf = (key: string, tally: Tally, now: number): Change[] => {
    const row = rowOf(aggregates, tally);
    const ttlMs = spec.ttl === undefined ? undefined : timeToLiveSince(tally.at, spec.ttl, now);
    const keptMs = ttlMs === undefined ? undefined : ttlMs + KEPT_AFTER_MS;
    const keep: Change = { kind: 'put-row', table: TALLIES, key, value: encodeTally(key, tally), ttlMs: keptMs };
    if (ttlMs === OVER_MS || !isShown(row)) return [keep, { kind: 'delete-row', table: VIEW_ROWS, key }];
    const value = toExactText(row);
    return [keep, { kind: 'put-row', table: VIEW_ROWS, key, value, ttlMs, indexes: placesOf(row) }];
  };

  return {
    project(record) {
      const event = read(record);
      if (event === undefined) return [];
      const values = aggregates.map(({ ask }) => ask?.(event));
      return [{ key: keyOf(event), value: Buffer.from(toExactText([happenedAt(event, record), ...values])) }];
    },
    async toChanges(records, scope, store) {
      const byKey = Map.groupBy(records, record => record.key ?? '');
      const stored = await readAll(store, scope, TALLIES, [...byKey.keys()]);
      const now = store.now();
      return [...byKey].flatMap(([key, those]) => {
        const tally = addAll(aggregates, stored.get(key), those, spec.ttl);
        return changesOf(key, tally, now);
      });
    },
  };
}

function compileHaving({ having, values }: AggregateSpec): (row: Row) => boolean {
  if (having === undefined) return () => true;
  const template = compileTemplate(having, valuesScope(Object.keys(values)), { expected: 'bool', whole: true });
  return row => template.evaluate({ row }) === true;
}

/** An event that was appended when the row was over begins a new one. */
function addAll(
  aggregates: readonly Aggregate[],
  stored: unknown,
  records: readonly LogRecord[],
  ttl = Number.POSITIVE_INFINITY,
): Tally {
  let tally = stored === undefined ? undefined : decodeTally(aggregates, stored);
  for (const record of records) {
    const appended = appendedAt(record);
    const { at, results } =
      tally === undefined || appended - tally.at > ttl
        ? { at: appended, results: aggregates.map(({ create }) => create()) }
        : tally;
    const [time, ...values] = listIn(parseValue(record.value));
    for (const [index, result] of results.entries()) result.add(values[index], Number(time));
    tally = { at: Math.max(at, appended), results };
  }
  if (tally === undefined) throw new Error('There is no row without an event.');
  return tally;
}

function rowOf(aggregates: readonly Aggregate[], { results }: Tally): Row {
  const entries = aggregates.map(({ name }, index) => [name, results[index]?.result()] as const);
  for (const [name, result] of entries) {
    // JSON would hold null instead, and the sum begin anew.
    if (typeof result !== 'number' || Number.isFinite(result)) continue;
    throw new TenfoldError('expression-failed', `The value "${name}" of the row would be no finite number.`);
  }
  return Object.fromEntries(entries);
}

function encodeTally(key: string, { at, results }: Tally): string {
  const text = toExactText([at, ...results.map(each => each.save())]);
  const bytes = Buffer.byteLength(text);
  if (bytes <= MAX_TALLY) return text;
  const message = `The values of row '${key}' would take ${bytes} bytes; ${MAX_TALLY} are allowed.`;
  throw new TenfoldError('body-too-large', message);
}

function decodeTally(aggregates: readonly Aggregate[], stored: unknown): Tally {
  const [at, ...saved] = listIn(stored);
  return { at: Number(at), results: aggregates.map(({ create }, index) => create(saved[index])) };
}

function listIn(json: unknown): readonly unknown[] {
  if (Array.isArray(json)) return json;
  throw new TenfoldError('invalid-input', 'A record of the View is not a list of values.');
}
