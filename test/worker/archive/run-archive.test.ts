// An archive over the embedded drivers, and with its files in S3: events become files in the blob
// store, each in one of them.
import assert from 'node:assert/strict';
import { buffer } from 'node:stream/consumers';
import { parquetReadObjects } from 'hyparquet';
import { fromRecord } from '../../../core/cloudevents/record.ts';
import { parseTimestamp, realWorld, type World } from '../../../core/world.ts';
import type { BlobStore } from '../../../drivers/blob-store/blob-store.ts';
import { openS3BlobStore } from '../../../drivers/blob-store/s3/s3-blob-store.ts';
import type { LogRecord, NewRecord } from '../../../drivers/event-log/event-log.ts';
import { archiveScopeOf } from '../../../worker/archive/layout.ts';
import { type ArchiveSettings, startArchive } from '../../../worker/archive/run-archive.ts';
import type { Stage } from '../../../worker/fold/stage.ts';
import { eventually } from '../../eventually.ts';
import { s3, toS3Connection } from '../../services/s3.ts';
import { findService } from '../../services/service.ts';
import { layoutOf } from './make.ts';
import { allFilesOf, openTestStorage, type TestStorage } from './test-storage.ts';

const TOPIC = 'clicks';

function toEvents(record: LogRecord) {
  const event = fromRecord(record);
  return [{ event, timeMs: parseTimestamp(event.time ?? '') ?? record.timestamp, key: record.key }];
}

function archives(openBlobs: () => Promise<BlobStore | undefined>): void {
  let storage: TestStorage;
  let stage: Stage | undefined;
  const refused: number[] = [];
  const observer = { trouble() {}, superseded() {}, jumped() {}, refused() {} };
  beforeEach(async () => {
    refused.length = 0;
    storage = await openTestStorage(await openBlobs());
    await storage.log.ensureTopic(TOPIC, { partitions: 1 });
  });
  afterEach(async () => {
    await stage?.close(1_000);
    await storage.close();
  });

  const start = async (changes: Partial<ArchiveSettings> = {}, now?: World['now']) => {
    const settings: ArchiveSettings = {
      group: 'archive',
      topic: TOPIC,
      marked: false,
      layout: layoutOf(),
      roll: { size: 1_000_000, every: 100 },
      retention: undefined,
      begin: async () => 0,
      toEvents,
      refused: async (_, { offset }) => {
        refused.push(offset);
      },
      ...changes,
    };
    const { world, log, store, blobs } = storage;
    const itsWorld = { ...world, ...(now && { now }) };
    stage = await startArchive({ world: itsWorld, log, store, blobs, settings, observer });
  };
  const publish = async (ids: readonly string[], time: string) => {
    const records = ids.map((id): NewRecord => {
      const headers = { ce_specversion: '1.0', ce_id: id, ce_source: '/c', ce_type: 'C', ce_time: time };
      return { key: 'k', value: Buffer.from('{"a":1}'), headers: { ...headers, 'content-type': 'application/json' } };
    });
    await storage.log.append(TOPIC, records);
  };
  const files = () => allFilesOf(storage.store, archiveScopeOf(layoutOf(), 0));
  const idsIn = async (key: string) => {
    const blob = (await storage.blobs.get(key)) ?? assert.fail(`${key} is not there`);
    const bytes = await buffer(blob.body);
    const rows = await parquetReadObjects({ file: new Uint8Array(bytes).buffer });
    return rows.map(({ id }) => id);
  };

  it('has a file for each day of the events, and each event in one', async () => {
    await publish(['a', 'b'], '2026-11-25T10:00:00Z');
    await publish(['c'], '2026-11-24T23:59:59.999Z');
    await publish(['d'], '2026-11-25T10:00:01Z');
    await start();
    await eventually(async () => (await files()).length === 2, 'the files are there');
    const found = new Map<string, unknown[]>();
    for (const { folder, key } of await files()) found.set(folder, await idsIn(key));
    assert.deepEqual([...found].sort(), [
      ['date=2026-11-24', ['c']],
      ['date=2026-11-25', ['a', 'b', 'd']],
    ]);
  });

  it('begins a new file when one is large', async () => {
    await publish(['a', 'b', 'c', 'd'], '2026-11-25T10:00:00Z');
    await start({ roll: { size: 80, every: 100 } });
    await eventually(async () => (await files()).some(({ to }) => to === 4), 'the files are there');
    const ids = await Promise.all((await files()).map(({ key }) => idsIn(key)));
    assert.deepEqual(ids.flat(), ['a', 'b', 'c', 'd']);
    assert.equal(ids.length, 2);
  });

  it('F31: writes its files in time where the clock is set back by an hour', async () => {
    let aheadMs = 0;
    await publish(['a'], '2026-11-25T10:00:00Z');
    await start({ roll: { size: 1_000_000, every: 1_000 } }, () => Date.now() + aheadMs);
    await eventually(() => stage?.totals.handled === 1, 'the event is read');
    aheadMs = -3_600_000;
    await eventually(async () => (await files()).length === 1, 'the file is there');
  });

  it('goes on after a restart where it was', async () => {
    await publish(['a'], '2026-11-25T10:00:00Z');
    await start();
    await eventually(async () => (await files()).length === 1, 'the files are there');
    await stage?.close(1_000);
    await publish(['b'], '2026-11-25T10:00:00Z');
    await start();
    await eventually(async () => (await files()).length === 2, 'the files are there');
    const ids = await Promise.all((await files()).map(({ key }) => idsIn(key)));
    assert.deepEqual(ids, [['a'], ['b']]);
  });

  it('sets aside what nothing can be made of, and goes on', async () => {
    await storage.log.append(TOPIC, [{ key: null, value: Buffer.from('x'), headers: {} }]);
    await publish(['a'], '2026-11-25T10:00:00Z');
    await start();
    await eventually(async () => (await files()).length === 1, 'the files are there');
    assert.deepEqual(refused, [0]);
    assert.equal((await files())[0]?.from, 1);
  });

  it('writes no old position into the log once another owner has moved it in the store', async () => {
    const { store, log } = storage;
    const committed: number[] = [];
    let isAway = true;
    const join: typeof log.join = options =>
      log.join({
        ...options,
        assigned: owned =>
          options.assigned({
            partition: owned.partition,
            lost: owned.lost,
            committed: () => owned.committed(),
            open: (topic, from) => owned.open(topic, from),
            async commit({ offset, metadata }) {
              if (isAway) throw new Error('the coordinator is away');
              committed.push(offset);
              await owned.commit({ offset, metadata });
            },
          }),
      });
    storage = {
      ...storage,
      log: new Proxy(log, { get: (_, name) => (name === 'join' ? join : Reflect.get(log, name)) }),
    };
    await publish(['a'], '2026-11-25T10:00:00Z');
    await start();
    await eventually(async () => (await files()).length === 1, 'the file is there');
    const scope = archiveScopeOf(layoutOf(), 0);
    const fence = { consumer: 'archive', partition: 0, after: 1, upTo: 7, server: await store.server(scope) };
    assert.ok((await store.apply(scope, [], fence)).applied);
    isAway = false;
    await eventually(() => committed.length > 0, 'it goes on from where the other was');
    assert.deepEqual(committed, [7]);
  });

  it('moves on where nothing is to be kept', async () => {
    await publish(['a'], '2026-11-25T10:00:00Z');
    await start({ toEvents: () => [] });
    const position = () => storage.store.position(archiveScopeOf(layoutOf(), 0), 'archive', 0);
    await eventually(async () => (await position()) === 1, 'it moves on');
    assert.deepEqual(await files(), []);
  });
}

describe('an archive', () => archives(async () => undefined));

const service = findService(s3);
if (service)
  describe('an archive in S3', () => {
    let turn = 0;
    archives(() =>
      openS3BlobStore({
        world: realWorld,
        connection: toS3Connection(service.url()),
        prefix: `archive-${process.pid}-${++turn}/`,
        tellChangesOf: [],
      }),
    );
  });
