// Events and settings for the tests of archives.
import { type ArchiveRow, toArchiveRow } from '../../../worker/archive/archive-event.ts';
import type { ArchiveLayout } from '../../../worker/archive/layout.ts';

export const DAY = Date.UTC(2026, 10, 25);

export function layoutOf(changes: Partial<ArchiveLayout> = {}): ArchiveLayout {
  return {
    namespace: 'default',
    table: 'clicks',
    root: 'archive/default/clicks/',
    id: 'abcd1234',
    format: 'parquet',
    compression: 'snappy',
    partitionBy: 'day',
    definition: 'd1',
    ...changes,
  };
}

export function rowOf(offset: number, changes: Partial<ArchiveRow> = {}): ArchiveRow {
  const event = { specversion: '1.0' as const, id: `e${offset}`, source: '/clicks', type: 'Clicked', data: { offset } };
  const place = { partition: 0, offset, index: 0, appendedMs: DAY + offset };
  return { ...toArchiveRow({ event, timeMs: DAY + offset, key: `k${offset % 3}` }, place), ...changes };
}
