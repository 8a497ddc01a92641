// Following uploads: from where it was left, and over a journal that is kept no longer.
import assert from 'node:assert/strict';
import { TenfoldError } from '../../../core/errors.ts';
import { fanOutLayoutOf } from '../../../core/fan-outs/layout.ts';
import { realWorld } from '../../../core/world.ts';
import type { NewRecord } from '../../../drivers/event-log/event-log.ts';
import type { FanOutSite } from '../../../worker/fan-outs/fan-out-settings.ts';
import { watchUploads } from '../../../worker/fan-outs/watch-uploads.ts';
import { eventually } from '../../eventually.ts';
import { createFakeStore } from '../../fakes/fake-store.ts';

const layout = fanOutLayoutOf('default', 'pictures');
const NOW = Date.now();
const blob = (name: string, modified = NOW) => ({
  key: `objects/default/${name}`,
  size: 3,
  etag: `e-${name}`,
  modified,
  contentType: 'image/jpeg',
  metadata: {},
});

describe('watching uploads', () => {
  const run = async (kept: object | undefined, there: ReturnType<typeof blob>[], journal: 'kept' | 'gone') => {
    const begun: string[] = [];
    const keys = createFakeStore(realWorld);
    if (kept) await keys.put(layout.splitScope, 'uploads', JSON.stringify(kept), { ttlMs: 1e9 });
    const site = {
      world: realWorld,
      store: keys,
      log: {
        append: async (_: string, records: readonly NewRecord[]) => {
          for (const { headers } of records) begun.push(headers['ce_subject'] ?? '');
          return [];
        },
      },
      settings: { namespace: 'default', name: 'pictures', layout },
    } as unknown as FanOutSite;
    const watch = watchUploads({
      site,
      rule: { prefix: 'uploads/', suffixes: ['.jpg'] },
      isOwned: () => true,
      trouble: error => assert.fail(String(error)),
      blobs: {
        now: async () => NOW,
        latestChange: async () => '9',
        async changes(after, { signal }) {
          if (journal === 'gone' && after === '1') throw new TenfoldError('gone', 'kept no longer');
          if (after === '9') await new Promise(resolve => signal?.addEventListener('abort', resolve, { once: true }));
          const changes = there.map(({ key, etag, size, modified: at }) => ({
            kind: 'written' as const,
            key,
            etag,
            size,
            at,
          }));
          return { changes: after === '9' ? [] : changes, next: '9' };
        },
        list: async () => ({ blobs: there, next: undefined }),
        head: async key => there.find(each => each.key === key),
      },
    });
    const place = async () => {
      const entry = await keys.get(layout.splitScope, 'uploads');
      return entry && JSON.parse(Buffer.from(entry.value).toString()).cursor;
    };
    await eventually(async () => (await place()) === '9', 'it has followed');
    await watch.close();
    return begun;
  };

  it('begins with what comes after it was set up', async () => {
    assert.deepEqual(await run(undefined, [blob('uploads/old.jpg')], 'kept'), []);
  });

  it('goes on from where it was left, with what it is for', async () => {
    const there = [blob('uploads/a.jpg'), blob('uploads/b.txt'), blob('other/c.jpg')];
    assert.deepEqual(await run({ cursor: '1', at: NOW }, there, 'kept'), ['uploads/a.jpg']);
  });

  it('lists what is there where the journal is kept no longer, and leaves alone what it has seen', async () => {
    const there = [blob('uploads/new.jpg'), blob('uploads/seen.jpg', NOW - 3_600_000)];
    assert.deepEqual(await run({ cursor: '1', at: NOW }, there, 'gone'), ['uploads/new.jpg']);
  });
});
