// A View as a table: each event puts, changes or deletes the row of its key.
import { compileValue } from '../../../core/cel/value.ts';
import { TenfoldError } from '../../../core/errors.ts';
import { indexNameOf, VIEW_ROWS } from '../../../core/views/view-layout.ts';
import type { Change } from '../../../drivers/store/changes.ts';
import type { Value } from '../../../drivers/store/values.ts';
import { scopeOf } from '../../../resources/references/scopes.ts';
import type { Resource } from '../../../resources/resource.ts';
import { compileEventCondition, compileRequiredKey, createEventReader } from './event-reader.ts';
import { isObject, mergeRows } from './merged-rows.ts';
import { DELETE, isDelete, NOTHING, parseValue } from './operation.ts';
import { timeToLiveOf } from './time-to-live.ts';
import type { PlainShape } from './view-shape.ts';

type TableSpec = NonNullable<Resource<'View'>['spec']['table']>;

interface Index {
  readonly name: string;
  readonly members: readonly (readonly string[])[];
}

export function compileTable(spec: TableSpec, filter: string | undefined): PlainShape {
  const read = createEventReader(filter);
  const keyOf = compileRequiredKey('The key of the row', spec.key);
  const deletes = compileEventCondition(spec.delete);
  const value = spec.value === undefined ? undefined : compileValue(spec.value, scopeOf('event'));
  const indexes: Index[] = spec.indexes.map(members => ({
    name: indexNameOf(members),
    members: [members].flat().map(member => member.split('.')),
  }));

  const put = (row: string, text: Uint8Array | string, json: unknown, ttlMs: number | undefined): Change => ({
    kind: 'put-row',
    table: VIEW_ROWS,
    key: row,
    value: text,
    ttlMs,
    indexes: placesOf(indexes, json),
  });

  const putMerged = (row: string, json: unknown, ttlMs: number | undefined) =>
    put(row, JSON.stringify(json), json, ttlMs);

  return {
    project(record) {
      const event = read(record);
      if (event === undefined) return [];
      const row = keyOf(event);
      if (deletes(event)) return [{ key: row, value: NOTHING, headers: DELETE }];
      const json = value ? value.evaluate({ event }) : event.data;
      if (json instanceof Uint8Array || json === undefined) {
        throw new TenfoldError(
          'expression-failed',
          'The event has no data that are JSON, and the table has no "value".',
        );
      }
      return [{ key: row, value: Buffer.from(JSON.stringify(json)) }];
    },

    async toChanges(records, scopeName, store) {
      if (!spec.merge) {
        const last = new Map(records.map(record => [record.key ?? '', record]));
        return [...last].map(([row, record]) => {
          if (isDelete(record)) return remove(row);
          // The row goes in as it is; only its index members are read.
          const json = indexes.length === 0 ? undefined : parseValue(record.value);
          return put(row, record.value, json, timeToLiveOf(record, spec.ttl, store.now()));
        });
      }
      return mergeRows({ ttl: spec.ttl, table: VIEW_ROWS, put: putMerged }, records, scopeName, store);
    },
  };
}

function remove(row: string): Change {
  return { kind: 'delete-row', table: VIEW_ROWS, key: row };
}

/** An index finds a row when all members of the index are there and can be compared. */
function placesOf(indexes: readonly Index[], json: unknown): Record<string, Value[]> {
  const places: Record<string, Value[]> = {};
  for (const { name, members } of indexes) {
    const values = members.map(path => valueAt(json, path));
    if (values.every(value => value !== undefined)) places[name] = values;
  }
  return places;
}

function valueAt(json: unknown, path: readonly string[]): Value | undefined {
  let value = json;
  for (const member of path) {
    if (!isObject(value) || !Object.hasOwn(value, member)) return undefined;
    value = value[member];
  }
  return isValue(value) ? value : undefined;
}

function isValue(value: unknown): value is Value {
  return value === null || typeof value === 'boolean' || typeof value === 'number' || typeof value === 'string';
}
