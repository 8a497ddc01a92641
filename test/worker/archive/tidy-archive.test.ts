// What an archive removes, and what it keeps.
import assert from 'node:assert/strict';
import type { BlobStore } from '../../../drivers/blob-store/blob-store.ts';
import { archiveScopeOf, fileKeyOf, rangeKeyOf } from '../../../worker/archive/layout.ts';
import { noteFile } from '../../../worker/archive/manifest.ts';
import { decideRange } from '../../../worker/archive/range.ts';
import { tidyArchive } from '../../../worker/archive/tidy-archive.ts';
import { layoutOf } from './make.ts';
import { allFilesOf, openTestStorage, type TestStorage } from './test-storage.ts';

const DAY_MS = 86_400_000;
const layout = layoutOf();
const scope = archiveScopeOf(layout, 0);
const signal = new AbortController().signal;

describe('tidying of an archive', () => {
  let storage: TestStorage;
  let blobs: BlobStore;
  beforeEach(async () => {
    storage = await openTestStorage();
    ({ blobs } = storage);
  });
  afterEach(() => storage.close());

  const put = async (from: number, definition = 'd1') => {
    const other = layoutOf({ definition });
    const key = fileKeyOf(other, 'date=2026-11-25', 0, from, from + 10);
    const range = { from, to: from + 10, definition, files: [{ folder: 'date=2026-11-25', key }] };
    assert.ok(await decideRange(blobs, other, 0, range));
    await blobs.put(key, Buffer.from('x'));
    return key;
  };
  const note = async (from: number, at: number, after: number | undefined) => {
    const key = await put(from);
    const file = { key, etag: '', folder: 'date=2026-11-25', from, to: from + 10, bytes: 1, at };
    await storage.store.apply(scope, [noteFile(file)], { consumer: 'archive', partition: 0, after, upTo: from + 10 });
    return key;
  };
  const options = (retention: number | undefined, later = 0) => ({
    // Its own clock is years behind.
    world: { ...storage.world, now: () => 0 },
    store: storage.store,
    blobs: { ...blobs, now: async () => (await blobs.now()) + later },
    layout,
    partition: 0,
    retention,
    signal,
  });
  const isThere = async (key: string) => (await blobs.head(key)) !== undefined;

  it('removes files beyond their time with what is noted of them, and no others', async () => {
    const now = storage.world.now();
    const old = await note(0, now - 7_200_000, undefined);
    const young = await note(10, now, 10);
    await tidyArchive(options(3_600_000));
    assert.deepEqual([await isThere(old), await isThere(young)], [false, true]);
    assert.deepEqual(
      (await allFilesOf(storage.store, scope)).map(({ key }) => key),
      [young],
    );
  });

  it('keeps files for ever without a retention', async () => {
    const old = await note(0, 1, undefined);
    await tidyArchive(options(undefined));
    assert.ok(await isThere(old));
  });

  it('removes, after a day, records of ranges and the files that nobody finished', async () => {
    const left = await put(0, 'before');
    const whole = await note(0, storage.world.now(), undefined);
    const record = rangeKeyOf(layout, 0, 0);
    await tidyArchive(options(undefined));
    assert.deepEqual([await isThere(left), await isThere(record)], [true, true]);
    await tidyArchive(options(undefined, DAY_MS + 1_000));
    assert.deepEqual([await isThere(left), await isThere(whole), await isThere(record)], [false, true, false]);
  });

  it('keeps what has still to be finished, however old', async () => {
    await note(0, storage.world.now(), undefined);
    const open = await put(10);
    await tidyArchive(options(undefined, 2 * DAY_MS));
    assert.deepEqual([await isThere(open), await isThere(rangeKeyOf(layout, 0, 10))], [true, true]);
  });
});
