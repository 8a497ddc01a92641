// Copies of archive files beside DuckDB: made once, kept as long as there is room,
// never more than is allowed.
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TenfoldError } from '../../../core/errors.ts';
import { createFileCache } from '../../../server/sql/file-cache.ts';
import type { ArchiveFile } from '../../../worker/archive/manifest.ts';
import { createFakeBlobs } from '../../fakes/fake-blobs.ts';

const signal = new AbortController().signal;
const nothing = () => {};

describe('the cache of archive files', () => {
  let folder: string;
  let blobs: ReturnType<typeof createFakeBlobs>;
  let asked: string[];
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'tenfold-cache-'));
    blobs = createFakeBlobs();
    asked = [];
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const put = async (name: string, bytes = 10): Promise<ArchiveFile> => {
    const key = `archive/default/clicks/date=2026-11-25/${name}`;
    await blobs.put(key, Buffer.alloc(bytes, name));
    return { key, etag: '1', folder: 'date=2026-11-25', from: 0, to: 1, bytes, at: 1 };
  };
  const cacheOf = (maxBytes = 1_000) => {
    const counted = {
      get(key: string) {
        asked.push(key.slice(key.lastIndexOf('/') + 1));
        return blobs.get(key);
      },
    };
    return createFileCache({ blobs: counted, folder, maxBytes });
  };
  const names = () => readdirSync(join(folder, 'files', 'date=2026-11-25')).sort();

  it('copies a file once, into the folder that says its date', async () => {
    const file = await put('a.parquet');
    const cache = cacheOf();
    for (let time = 0; time < 2; time++) {
      assert.deepEqual(await cache.fetch([file], nothing, signal), [{ path: 'files/date=2026-11-25/a.parquet' }]);
    }
    assert.deepEqual(asked, ['a.parquet']);
    assert.equal(readFileSync(join(folder, 'files/date=2026-11-25/a.parquet'), 'latin1'), 'a.parqueta');
  });

  it('says how far it is', async () => {
    const files = [await put('a'), await put('b', 30)];
    const told: (readonly [number, number])[] = [];
    await cacheOf().fetch(files, (bytes, of) => told.push([bytes, of]), signal);
    assert.deepEqual(told.at(-1), [40, 40]);
  });

  it('says what is not there any more', async () => {
    const [kept, gone] = [await put('a'), await put('b')];
    await blobs.delete(gone.key);
    assert.deepEqual(await cacheOf().fetch([kept, gone], nothing, signal), [
      { path: 'files/date=2026-11-25/a' },
      { missing: true },
    ]);
  });

  it('copies again what is not whole', async () => {
    const file = await put('a');
    await cacheOf().fetch([{ ...file, bytes: 10 }], nothing, signal);
    await cacheOf().fetch([{ ...file, bytes: 11 }], nothing, signal);
    assert.deepEqual(asked, ['a', 'a']);
  });

  it('makes room by removing what was not asked for the longest, and nothing that is wanted now', async () => {
    const files = [await put('a', 40), await put('b', 40), await put('c', 40)];
    const cache = cacheOf(100);
    for (const file of files.slice(0, 2)) {
      await cache.fetch([file], nothing, signal);
      await new Promise(resolve => setTimeout(resolve, 10));
    }
    await cache.fetch(files.slice(0, 1), nothing, signal);
    await cache.fetch(files.slice(2), nothing, signal);
    assert.deepEqual(names(), ['a', 'c']);
  });

  it('refuses more than there may ever be room for', async () => {
    const files = [await put('a', 60), await put('b', 60)];
    await assert.rejects(
      cacheOf(100).fetch(files, nothing, signal),
      error => error instanceof TenfoldError && error.code === 'query-too-large',
    );
    assert.deepEqual(asked, []);
  });

  it('leaves nothing behind when it is ended', async () => {
    const file = await put('a');
    const ended = new AbortController();
    const slow = {
      async get(key: string) {
        ended.abort(new Error('enough'));
        return blobs.get(key);
      },
    };
    const cache = createFileCache({ blobs: slow, folder, maxBytes: 1_000 });
    await assert.rejects(cache.fetch([file], nothing, ended.signal));
    assert.deepEqual(names(), []);
  });
});
