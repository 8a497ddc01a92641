// The process that is killed: log, store and blobs on its disk, a stage that brings events to the
// archive's topic, and the archive.
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { pathToFileURL } from 'node:url';
import { parquetReadObjects } from 'hyparquet';
import { realWorld as world } from '../../../core/world.ts';
import { openFolderBlobStore } from '../../../drivers/blob-store/folder/folder-blob-store.ts';
import { createSqliteEventLog } from '../../../drivers/event-log/sqlite/sqlite-event-log.ts';
import { openDatabase } from '../../../drivers/sqlite/open-database.ts';
import { openSqliteStore } from '../../../drivers/store/sqlite/sqlite-store.ts';
import { ARCHIVE_CONSUMER, type ArchiveLayout, archiveScopeOf } from '../../../worker/archive/layout.ts';
import { filesOf } from '../../../worker/archive/manifest.ts';
import { findRanges } from '../../../worker/archive/range.ts';
import { startArchive } from '../../../worker/archive/run-archive.ts';
import { startRekey } from '../../../worker/fold/rekey.ts';
import { type Answer, type CollectedFile, KEYED, type Order, PARTITIONS, SOURCE } from './protocol.ts';

const DAY_MS = 86_400_000;
const [, , folder = '', threadFile = ''] = process.argv;

const file = join(folder, 'tenfold.db');
const database = await openDatabase({ world, file, thread: pathToFileURL(threadFile) });
const log = await createSqliteEventLog({ world, database });
const store = await openSqliteStore({ world, database });
const blobs = await openFolderBlobStore({ world, database, folder: join(folder, 'blobs') });
for (const topic of [SOURCE, KEYED]) await log.ensureTopic(topic, { partitions: PARTITIONS });

const layout: ArchiveLayout = {
  namespace: 'default',
  table: 'clicks',
  root: 'archive/default/clicks/',
  id: 'abcd1234',
  format: 'parquet',
  compression: 'snappy',
  partitionBy: 'day',
  definition: 'd1',
};
const refused = async (_: number, record: { readonly offset: number }) => fail(new Error(`refused ${record.offset}`));
const observer = {
  trouble: (_: number, error: unknown) => console.error(error),
  superseded() {},
  jumped() {},
  refused() {},
};

let unfinished = 0;
for (let partition = 0; partition < PARTITIONS; partition++) {
  const position = await store.position(archiveScopeOf(layout, partition), ARCHIVE_CONSUMER, partition);
  unfinished += (await findRanges(blobs, layout, partition, position ?? 0)).size;
}
await startRekey({
  world,
  log,
  observer,
  settings: {
    group: 'rekey',
    topic: SOURCE,
    target: KEYED,
    project: ({ key, value }) => [{ key: key ?? '', value }],
    refused,
  },
});
await startArchive({
  world,
  log,
  store,
  blobs,
  observer,
  settings: {
    group: 'archive',
    topic: KEYED,
    marked: true,
    layout,
    // Short, so that it rolls over all the time.
    roll: { size: 2_000, every: 30 },
    retention: undefined,
    begin: async () => 0,
    toEvents({ value, timestamp, key }) {
      const id = Buffer.from(value).toString();
      const late = Number(id.slice(1)) % 5 === 0 ? DAY_MS : 0;
      return [{ event: { specversion: '1.0', id, source: '/k', type: 'K' }, timeMs: timestamp - late, key }];
    },
    refused,
  },
});

process.on('message', (order: Order) => {
  carryOut(order).then(answer => process.send?.(answer), fail);
});
// The killer is gone.
process.on('disconnect', () => process.exit(0));
const ready: Answer = { kind: 'ready', unfinished };
process.send?.(ready);

async function carryOut(order: Order): Promise<Answer> {
  if (order.kind === 'publish') {
    const { ids } = order;
    await log.append(
      SOURCE,
      ids.map(id => ({ key: id, value: Buffer.from(id), headers: {} })),
    );
    return { kind: 'published', ids };
  }
  if (order.kind === 'look') return { kind: 'seen', behind: await behind() };
  return { kind: 'collected', files: await collect() };
}

/** Of both stages. */
async function behind(): Promise<number> {
  let sum = 0;
  const read = await log.positions('rekey', SOURCE);
  for (const [partition, { end }] of ((await log.bounds(SOURCE)) ?? []).entries()) {
    sum += end - (read[partition]?.offset ?? 0);
  }
  for (const [partition, { end }] of ((await log.bounds(KEYED)) ?? []).entries()) {
    const position = await store.position(archiveScopeOf(layout, partition), ARCHIVE_CONSUMER, partition);
    sum += end - (position ?? 0);
  }
  return sum;
}

async function collect(): Promise<CollectedFile[]> {
  const noted = new Set<string>();
  for (let partition = 0; partition < PARTITIONS; partition++) {
    for await (const { key } of filesOf(store, archiveScopeOf(layout, partition))) noted.add(key);
  }
  const files: CollectedFile[] = [];
  for (let after: string | undefined = ''; after !== undefined; ) {
    const page = await blobs.list(layout.root, { limit: 1_000, after });
    for (const { key } of page.blobs) {
      if (key.includes('/_ranges/')) continue;
      const blob = await blobs.get(key);
      if (blob === undefined) throw new Error(`${key} is gone`);
      const bytes = await buffer(blob.body);
      const rows = await parquetReadObjects({ file: new Uint8Array(bytes).buffer, columns: ['id'] });
      files.push({ key, noted: noted.delete(key), ids: rows.map(({ id }) => String(id)) });
    }
    after = page.next;
  }
  for (const key of noted) throw new Error(`${key} is noted and not there`);
  return files;
}

function fail(error: unknown): void {
  console.error(error);
  process.exit(1);
}
