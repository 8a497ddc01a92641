// A View as a table: each event puts, changes or deletes the row of its key.

import { compileValue, type ValueTemplate } from '../../../core/cel/value.ts';
import { dataBytesOf, exactFromRecord, toRecord } from '../../../core/cloudevents/record.ts';
import { TenfoldError } from '../../../core/errors.ts';
import { toExactText } from '../../../core/units/whole-numbers.ts';
import { compileIndexes } from '../../../core/views/row-indexes.ts';
import { VIEW_ROWS } from '../../../core/views/view-layout.ts';
import type { Change } from '../../../drivers/store/changes.ts';
import { scopeOf } from '../../../resources/references/scopes.ts';
import type { Resource } from '../../../resources/resource.ts';
import { compileEventCondition, compileRequiredKey, createEventReader } from './event-reader.ts';
import { type MergeOptions, merged, mergeRows } from './merged-rows.ts';
import { DELETE, isDelete, NOTHING, parseValue } from './operation.ts';
import { timeToLiveOf } from './time-to-live.ts';
import type { PlainShape } from './view-shape.ts';

type TableSpec = NonNullable<Resource<'View'>['spec']['table']>;

export function compileTable(spec: TableSpec, filter: string | undefined): PlainShape {
  const read = createEventReader(filter);
  const keyOf = compileRequiredKey('The key of the row', spec.key);
  const deletes = compileEventCondition(spec.delete);
  const value = spec.value === undefined ? undefined : compileValue(spec.value, scopeOf('change'));
  const change = value && readsRow(value) ? value : undefined;
  const placesOf = compileIndexes(spec.indexes);
  const hasIndexes = spec.indexes.length > 0;

  const put = (row: string, text: Uint8Array | string, json: unknown, ttlMs: number | undefined): Change => ({
    kind: 'put-row',
    table: VIEW_ROWS,
    key: row,
    value: text,
    ttlMs,
    indexes: placesOf(json),
  });

  const merging: MergeOptions = {
    ttl: spec.ttl,
    table: VIEW_ROWS,
    put: (row, json, ttlMs) => put(row, toExactText(json), json, ttlMs),
    next(before, record) {
      const made = change
        ? change.evaluate({ event: exactFromRecord(record), row: before ?? null })
        : parseValue(record.value);
      return spec.merge ? merged(before, made) : made;
    },
  };

  return {
    project(record) {
      const event = read(record);
      if (event === undefined) return [];
      const row = keyOf(event);
      if (deletes(event)) return [{ key: row, value: NOTHING, headers: DELETE }];
      // The fold evaluates it, as only the fold knows the row.
      if (change) return [{ ...toRecord(event, null, dataBytesOf(record)), key: row }];
      const json = value ? value.evaluate({ event }) : event.data;
      if (json instanceof Uint8Array || json === undefined) {
        throw new TenfoldError(
          'expression-failed',
          'The event has no data that are JSON, and the table has no "value".',
        );
      }
      return [{ key: row, value: Buffer.from(toExactText(json)) }];
    },

    async toChanges(records, scopeName, store) {
      if (spec.merge || change) return mergeRows(merging, records, scopeName, store);
      const last = new Map(records.map(record => [record.key ?? '', record]));
      return [...last].map(([row, record]) => {
        if (isDelete(record)) return remove(row);
        // The row goes in as it is; only its index members are read.
        const json = hasIndexes ? parseValue(record.value) : undefined;
        return put(row, record.value, json, timeToLiveOf(record, spec.ttl, store.now()));
      });
    },
  };
}

function readsRow({ references }: ValueTemplate): boolean {
  return references.some(reference => reference.split('.', 1)[0] === 'row');
}

function remove(row: string): Change {
  return { kind: 'delete-row', table: VIEW_ROWS, key: row };
}
