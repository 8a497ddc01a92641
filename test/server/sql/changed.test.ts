// An archive whose definition was changed: files of every kind are asked as one table.
import assert from 'node:assert/strict';
import { createSqlService } from '../../../server/sql/sql-service.ts';
import type { ArchiveRow } from '../../../worker/archive/archive-event.ts';
import { encodeJsonl } from '../../../worker/archive/encode-jsonl.ts';
import { encodeParquet } from '../../../worker/archive/encode-parquet.ts';
import {
  ARCHIVE_CONSUMER,
  type ArchiveLayout,
  archiveScopeOf,
  fileKeyOf,
  folderOfRow,
  valueFolderOf,
} from '../../../worker/archive/layout.ts';
import { noteFile } from '../../../worker/archive/manifest.ts';
import { DAY, layoutOf, rowOf } from '../../worker/archive/make.ts';
import { openTestStorage, type TestStorage } from '../../worker/archive/test-storage.ts';

const HOUR = 3_600_000;

describe('SQL over an archive that was changed', () => {
  let storage: TestStorage;
  before(async () => {
    storage = await openTestStorage();
    await storage.log.ensureTopic('clicks', { partitions: 1 });
    const kinds: readonly Partial<ArchiveLayout>[] = [
      {},
      { format: 'jsonl', compression: 'gzip', definition: 'd2' },
      { partitionBy: 'hour', definition: 'd3' },
      { format: 'jsonl', compression: 'none', partitionBy: 'hour', definition: 'd4' },
      { folders: ['country'], definition: 'd5' },
      { format: 'jsonl', compression: 'none', folders: ['country'], definition: 'd6' },
      { folders: ['country', 'shop'], definition: 'd7' },
    ];
    let position: number | undefined;
    for (const [number, kind] of kinds.entries()) {
      const layout = layoutOf(kind);
      const row = rowOf(number, {
        time: DAY + (number + 1) * HOUR,
        data: JSON.stringify({ n: number }),
        ...foldersOf(layout),
      });
      const folder = folderOfRow(row, layout.partitionBy);
      const key = fileKeyOf(layout, folder, 0, number, number + 1);
      const groups = one(row);
      const { format, compression } = layout;
      const body = format === 'parquet' ? encodeParquet(groups, compression) : encodeJsonl(groups, compression);
      const { blob } = await storage.blobs.put(key, body);
      const file = { key, folder, etag: '', from: number, to: number + 1, bytes: blob?.size ?? 0, at: 1 };
      const fence = { consumer: ARCHIVE_CONSUMER, partition: 0, after: position, upTo: number + 1 };
      await storage.store.apply(archiveScopeOf(layout, 0), [noteFile(file)], fence);
      position = number + 1;
    }
  });
  after(() => storage.close());

  for (const partitionBy of ['day', 'hour'] as const) {
    it(`finds all of it, by ${partitionBy} now`, async () => {
      const archive = { layout: layoutOf({ partitionBy }), topic: 'clicks', marked: false, toEvents: () => [] };
      const { world } = storage;
      const table = { kind: 'archive', namespace: 'default', name: 'clicks', pipeline: 'clicks', archive } as const;
      const service = createSqlService({ world, storage, tables: () => [table] });
      const hour = partitionBy === 'hour' ? ', "hour"' : '';
      const sql = `SELECT (data->>'n')::INT AS n, "date"::VARCHAR${hour} FROM clicks ORDER BY n`;
      const rows: unknown[] = [];
      const { signal } = new AbortController();
      for await (const answer of service.ask({ namespace: 'default', sql }, signal)) {
        if (answer.kind === 'rows') rows.push(...answer.rows);
      }
      const expected = [0, 1, 2, 3, 4, 5, 6].map(n => [n, '2026-11-25', ...(partitionBy === 'hour' ? [n + 1] : [])]);
      assert.deepEqual(rows, expected);
    });
  }

  it('has folders as columns, which are empty for files from before', async () => {
    const layout = layoutOf({ folders: ['country', 'shop'] });
    const archive = { layout, topic: 'clicks', marked: false, toEvents: () => [] };
    const { world } = storage;
    const table = { kind: 'archive', namespace: 'default', name: 'clicks', pipeline: 'clicks', archive } as const;
    const service = createSqlService({ world, storage, tables: () => [table] });
    const sql = `SELECT (data->>'n')::INT AS n, country, shop FROM clicks WHERE n > 2 ORDER BY n`;
    const rows: unknown[] = [];
    const { signal } = new AbortController();
    for await (const answer of service.ask({ namespace: 'default', sql }, signal)) {
      if (answer.kind === 'rows') rows.push(...answer.rows);
    }
    assert.deepEqual(rows, [
      [3, null, null],
      [4, HOSTILE, null],
      [5, HOSTILE, null],
      [6, HOSTILE, null],
    ]);
  });
});

const HOSTILE = '../../hour=07/ü%2F\'"x.';

function foldersOf({ folders }: ArchiveLayout): { readonly folders?: string } {
  if (folders === undefined) return {};
  return { folders: folders.map(name => valueFolderOf(name, name === 'shop' ? undefined : HOSTILE)).join('/') };
}

async function* one(row: ArchiveRow) {
  yield [row];
}
