// The first look at a bucket: what is wrong with it is said at the start, and one whose server
// cannot keep what must hold is refused.
import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { content, rejectsWith } from '../../../contract/blob-store/subject.ts';
import { s3 } from '../../../services/s3.ts';
import { findService } from '../../../services/service.ts';
import { s3Cases } from './s3-cases.ts';

if (findService(s3))
  describe('blob store over S3: a bucket that is looked at first', () => {
    const cases = s3Cases();

    it('says what is wrong with the bucket or the keys, at the start', async () => {
      const server = await cases.server();
      const at = `127.0.0.1:${server.port}`;
      for (const [url, message] of [
        [`http://tenfold:tenfold-secret@${at}/nowhere`, /There is no such bucket: Bucket 'nowhere'/],
        [`http://somebody:tenfold-secret@${at}/tenfold`, /does not know this access key/],
        [`http://tenfold:wrong@${at}/tenfold`, /does not accept the secret key/],
      ] as const) {
        const opening = cases.store(url);
        await assert.rejects(opening, message);
        await rejectsWith('storage-unusable', opening);
      }
    });

    it('says what is not allowed', async () => {
      const server = await cases.server();
      const faults = await cases.faults(server.port);
      faults.decide(({ method }) =>
        method === 'PUT' ? { kind: 'answer', status: 403, code: 'AccessDenied' } : undefined,
      );
      await assert.rejects(
        cases.store(faults.port),
        /does not allow what is needed of it: AccessDenied \(403\): told so/,
      );
    });

    it('refuses a server that ignores conditions of writes', async () => {
      const server = await cases.server();
      const faults = await cases.faults(server.port);
      // As one that has never heard of them.
      faults.decide(({ method, headers }) =>
        method === 'PUT' && headers['if-match'] ? { kind: 'answer', status: 200, code: '' } : undefined,
      );
      // Not only at the first time.
      for (let n = 0; n < 2; n++)
        await assert.rejects(cases.store(faults.port), /although it was told not to \(If-Match\)/);
    });

    it('looks at a bucket once more whose server sees a folder in the place of a new name', async () => {
      const server = await cases.server();
      const faults = await cases.faults(server.port);
      let refused = 0;
      const folder = { kind: 'answer', status: 409, code: 'ExistingObjectIsDirectory' } as const;
      faults.decide(({ method, key, headers }) =>
        method === 'PUT' &&
        /^probes\/[^/]+$/.test(key) &&
        !headers['if-match'] &&
        !headers['if-none-match'] &&
        ++refused < 3
          ? folder
          : undefined,
      );
      const blobs = await cases.store(faults.port);
      assert.equal(refused, 3);
      assert.ok((await blobs.put('a', content(3))).written);
    });

    it('refuses what a later release has written, and leaves it as it is', async () => {
      const server = await cases.server();
      await (await cases.store(server.port)).put('a', content(3));
      const marker = join(server.folder, 'tenfold', 'tenfold.json');
      const later = readFileSync(marker, 'utf8').replace('"format":1', '"format":2');
      writeFileSync(marker, later);
      const opening = cases.store(server.port);
      await assert.rejects(opening, /was written by a newer version \(format 2\); this one knows format 1/);
      await rejectsWith('storage-unusable', opening);
      assert.equal(readFileSync(marker, 'utf8'), later);
    });

    it('keeps keys as they are where it was told so once, and names what the server cannot', async () => {
      const server = await cases.server();
      await cases.store(server.port, { keys: 'plain' });
      const blobs = await cases.store(server.port);
      await blobs.put('reports/may 1!.csv', content(3));
      assert.ok(existsSync(join(server.folder, 'tenfold', 'data', 'reports', 'may 1!.csv')));
      const below = blobs.put('reports/may 1!.csv/x', content(3));
      await assert.rejects(below, /cannot keep an object and others below its key: ObjectParentIsFile/);
      await rejectsWith('invalid-input', below);
    });
  });
