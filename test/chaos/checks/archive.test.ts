// The observer of the archive sees each file, also where there are more than fit into one page, and
// finds what is missing and what is there twice.
import assert from 'node:assert/strict';
import { type S3Server, s3, s3Url, startS3 } from '../../services/s3.ts';
import { s3ClientOf } from '../../services/s3-client.ts';
import { canStart } from '../../services/service.ts';
import { archiveCheck } from './archive.ts';
import type { SeenRecord } from './records.ts';

/** More than S3 lists at once. */
const FILES = 1003;

if (canStart(s3))
  describe('the observer of the archive', () => {
    let server: S3Server;
    const recordsOf = (count: number): SeenRecord[] =>
      Array.from({ length: count }, (_, offset) => ({
        offset,
        timestamp: 0,
        headers: { ce_id: `e${offset}` },
        value: Buffer.from('{}'),
      }));
    const differences = (records: readonly SeenRecord[]) =>
      archiveCheck({
        site: { namespace: 'seen', s3: { url: s3Url(server.port) } },
        records: { of: async () => records, byPartition: async () => [records] },
      }).differences();

    before(async () => {
      server = await startS3();
      const client = s3ClientOf(s3Url(server.port));
      const put = (name: string, line: object) =>
        client.putObject({
          Bucket: 'tenfold',
          Key: `seen/data/archive/seen/kept/${name}.jsonl!`,
          Body: `${JSON.stringify(line)}\n`,
        });
      const waiting = Array.from({ length: FILES }, (_, offset) => offset);
      const work = async () => {
        for (let offset = waiting.pop(); offset !== undefined; offset = waiting.pop())
          await put(`f${offset}`, { id: `e${offset}`, offset });
      };
      await Promise.all(Array.from({ length: 8 }, work));
      await put('again', { id: 'e7', offset: 7 });
      client.destroy();
    });
    after(() => server?.process.stop());

    it('reads all files', async () => {
      assert.deepEqual(await differences(recordsOf(FILES + 1)), [
        'the archive has e7 1 times too often (at 7 in kept/again.jsonl!, at 7 in kept/f7.jsonl!)',
        `the archive has e${FILES} 1 times too few ()`,
      ]);
    });
  });
