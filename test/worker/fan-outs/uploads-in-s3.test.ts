// Following uploads that another process takes into the same bucket: the jobs that are begun are
// those that its endpoint has begun.
import assert from 'node:assert/strict';
import { fanOutLayoutOf } from '../../../core/fan-outs/layout.ts';
import { toUploadStart } from '../../../core/fan-outs/upload.ts';
import { realWorld } from '../../../core/world.ts';
import type { BlobStore } from '../../../drivers/blob-store/blob-store.ts';
import { openS3BlobStore } from '../../../drivers/blob-store/s3/s3-blob-store.ts';
import type { NewRecord } from '../../../drivers/event-log/event-log.ts';
import type { FanOutSite } from '../../../worker/fan-outs/fan-out-settings.ts';
import { watchUploads } from '../../../worker/fan-outs/watch-uploads.ts';
import { chunked, content } from '../../contract/blob-store/subject.ts';
import { eventually } from '../../eventually.ts';
import { createFakeStore } from '../../fakes/fake-store.ts';
import { s3, toS3Connection } from '../../services/s3.ts';
import { findService } from '../../services/service.ts';

const service = findService(s3);
const layout = fanOutLayoutOf('default', 'pictures');
const MIB = 1024 * 1024;

if (service)
  describe('uploads in S3', () => {
    const prefix = `uploads-${process.pid}-${Date.now()}/`;
    const stores: BlobStore[] = [];
    const open = async () => {
      const blobs = await openS3BlobStore({
        world: realWorld,
        connection: toS3Connection(service.url()),
        prefix,
        tellChangesOf: ['objects/'],
      });
      stores.push(blobs);
      return blobs;
    };
    after(() => Promise.all(stores.map(store => store.close())));

    it('begin the same jobs for who takes them and who follows them, in order', async () => {
      const [endpoints, follower] = [[await open(), await open()], await open()];
      const begun: string[] = [];
      const site = {
        world: realWorld,
        store: createFakeStore(realWorld),
        log: {
          append: async (_: string, records: readonly NewRecord[]) => {
            for (const { headers } of records) begun.push(headers['ce_id'] ?? '');
            return [];
          },
        },
        settings: { namespace: 'default', name: 'pictures', layout },
      } as unknown as FanOutSite;
      const watch = watchUploads({
        site,
        blobs: follower,
        rule: { prefix: 'uploads/', suffixes: ['.jpg'] },
        isOwned: () => true,
        trouble: error => assert.fail(String(error)),
      });
      await eventually(
        async () => (await site.store.get(layout.splitScope, 'uploads')) !== undefined,
        'it follows from somewhere on',
      );
      const expected: string[] = [];
      const upload = async (blobs: BlobStore, name: string, bytes: number) => {
        const body = chunked(content(bytes), 100_000);
        const { blob } = await blobs.put(`objects/default/${name}`, body, { contentType: 'image/jpeg' });
        assert.ok(blob);
        const { etag, size, contentType, modified } = blob;
        if (name.endsWith('.jpg'))
          expected.push(toUploadStart(layout.starters, { name, etag, size, contentType, modified }, '').nonce);
      };
      await upload(endpoints[0]!, 'uploads/1.jpg', 10);
      await upload(endpoints[1]!, 'uploads/2.jpg', 9 * MIB);
      await upload(endpoints[0]!, 'uploads/3.png', 10);
      await upload(endpoints[1]!, 'uploads/1.jpg', 20);
      await Promise.all(endpoints.map((endpoint, n) => upload(endpoint, `uploads/both-${n}.jpg`, 1000)));
      await eventually(() => begun.length >= expected.length, 'all have begun');
      await watch.close();
      // Also of the first object, which was replaced since.
      assert.deepEqual(begun.slice(0, 3), expected.slice(0, 3));
      assert.deepEqual(begun.toSorted(), expected.toSorted());
    });
  });
