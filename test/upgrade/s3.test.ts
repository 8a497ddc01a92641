// F12: a blob store over S3 reads what an earlier release has left in the bucket, objects and the
// journal of their changes, and goes on with it.
import assert from 'node:assert/strict';
import { text } from 'node:stream/consumers';
import type { BlobStore } from '../../drivers/blob-store/blob-store.ts';
import { s3Cases } from '../drivers/blob-store/s3/s3-cases.ts';
import { s3 } from '../services/s3.ts';
import { findService } from '../services/service.ts';
import { fixtureOf } from './fixture.ts';
import { dumpS3, loadS3 } from './s3-image.ts';

const RELEASES = ['0.1'];
const REPORT = 'reports/may 1!.csv';

if (findService(s3))
  for (const release of RELEASES)
    describe(`what release ${release} has left in S3`, () => {
      const cases = s3Cases();
      const put = async (blobs: BlobStore, key: string, body: string) => {
        const contentType = 'text/plain';
        const outcome = await blobs.put(key, Buffer.from(body), { contentType, metadata: { of: body } });
        assert.ok(outcome.written);
      };
      const changed = async (blobs: BlobStore, after?: string) => {
        const { changes, next } = await blobs.changes(after, { limit: 100 });
        return { told: changes.map(({ kind, key }) => `${kind} ${key}`), next };
      };

      it('is read, and gone on with', async () => {
        const { objects, cursor } = await fixtureOf(release, 's3', async () => {
          const server = await cases.server();
          const blobs = await cases.store(server.port);
          await put(blobs, 'a', 'one');
          await put(blobs, REPORT, 'two');
          const { next } = await changed(blobs);
          await put(blobs, 'a', 'three');
          await put(blobs, 'gone', 'four');
          await blobs.delete('gone');
          await blobs.close();
          return { objects: await dumpS3(server.url), cursor: next };
        });
        const server = await cases.server();
        await loadS3(server.url, objects);
        const blobs = await cases.store(server.port);

        const { blobs: all } = await blobs.list('', { limit: 10 });
        assert.deepEqual(
          all.map(({ key }) => key),
          ['a', REPORT],
        );
        for (const [key, body] of [
          ['a', 'three'],
          [REPORT, 'two'],
        ] as const) {
          const found = await blobs.get(key);
          assert.ok(found);
          assert.equal(await text(found.body), body);
          const head = await blobs.head(key);
          assert.deepEqual([head?.contentType, head?.metadata, head?.size], ['text/plain', { of: body }, body.length]);
        }
        const before = ['written a', `written ${REPORT}`, 'written a', 'written gone', 'deleted gone'];
        assert.deepEqual((await changed(blobs)).told, before);
        const { told, next } = await changed(blobs, cursor);
        assert.deepEqual(told, before.slice(2), 'cursors lead where they led');

        const head = await blobs.head('a');
        assert.ok(head);
        const again = await blobs.put('a', Buffer.from('next'), { when: { etag: head.etag } });
        assert.ok(again.written);
        await blobs.delete(REPORT);
        await put(blobs, 'b', 'new');
        assert.deepEqual((await changed(blobs, next)).told, ['written a', `deleted ${REPORT}`, 'written b']);
        const { blobs: left } = await blobs.list('', { limit: 10 });
        assert.deepEqual(
          left.map(({ key }) => key),
          ['a', 'b'],
        );
      });
    });
