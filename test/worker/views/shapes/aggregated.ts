// What tests of rows that add events up share: shapes, records, and a store for one scope.
import assert from 'node:assert/strict';
import { toRecord } from '../../../../core/cloudevents/record.ts';
import type { LogRecord } from '../../../../drivers/event-log/event-log.ts';
import { viewSpec } from '../../../../resources/kinds/view.ts';
import { compileAggregatedRows } from '../../../../worker/views/shapes/aggregated-rows.ts';
import type { PlainShape, ShapeStore } from '../../../../worker/views/shapes/view-shape.ts';
import type { SimulatedState } from '../../../simulation/store/simulated-state.ts';

export const SCOPE = 's';

/** `aggregate`: without `by`, which is the id in the data. */
export const shapeOf = (aggregate: object, filter?: string) =>
  compileAggregatedRows(
    viewSpec.parse({ from: ['t'], aggregate: { by: '${event.data.id}', ...aggregate } }).aggregate ??
      assert.fail('There is no aggregate.'),
    filter,
  );

/** `offset`: also second of the event, and of its append. */
export function recordOf(data: object, offset: number, time?: string): LogRecord {
  const event = {
    specversion: '1.0',
    id: `${offset}`,
    source: '/t',
    type: 'T',
    data,
    ...(time ? { time } : {}),
  } as const;
  return { offset, timestamp: offset * 1000, ...toRecord(event, null) };
}

/** What the fold reads of them. */
export function keyedOf(shape: PlainShape, records: readonly LogRecord[]): LogRecord[] {
  return records.flatMap(record => shape.project(record).map(keyed => ({ ...record, headers: {}, ...keyed })));
}

export function storeOf(state: SimulatedState, now: () => number): ShapeStore {
  return {
    now,
    rows: async (scope, table, keys) =>
      keys.map(key => {
        const value = state.bytes(scope, table, key);
        return value && { key, value, version: '' };
      }),
    changeDocuments: async () => assert.fail('nothing is indexed'),
  };
}
