// The checksum of an object, computed anew while it is read, over a real S3: whatever client wrote
// it, in one piece or in parts, a flipped bit is found and sound content never is refused.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { type ChecksumAlgorithm, type CompletedPart, S3 } from '@aws-sdk/client-s3';
import * as fc from 'fast-check';
import { objectKeyOf } from '../../../../core/object-key.ts';
import { realWorld } from '../../../../core/world.ts';
import type { BlobStore } from '../../../../drivers/blob-store/blob-store.ts';
import { checksumOf } from '../../../../drivers/blob-store/s3/checksum.ts';
import { crc64nvme } from '../../../../drivers/blob-store/s3/crc.ts';
import { createObjectNames } from '../../../../drivers/blob-store/s3/object-names.ts';
import { openS3BlobStore } from '../../../../drivers/blob-store/s3/s3-blob-store.ts';
import { crc32c } from '../../../../drivers/crc32c.ts';
import { type Condition, conditionOf, createPace } from '../../../../server/objects/read-object.ts';
import { type S3Server, startS3, toS3Connection } from '../../../services/s3.ts';

const MIB = 1 << 20;
const WAYS: readonly (readonly [ChecksumAlgorithm, 'COMPOSITE' | 'FULL_OBJECT'])[] = [
  ['CRC32', 'COMPOSITE'],
  ['CRC32', 'FULL_OBJECT'],
  ['CRC32C', 'COMPOSITE'],
  ['CRC64NVME', 'FULL_OBJECT'],
  ['SHA1', 'COMPOSITE'],
  ['SHA256', 'COMPOSITE'],
];
/** Lengths of parts; the last ones are not as clients make them. */
const CUTS: readonly (readonly number[])[] = [
  [5 * MIB + 7],
  [5 * MIB, 1],
  [5 * MIB, 5 * MIB, 5 * MIB],
  [6 * MIB, 5 * MIB, 1000],
];

const names = createObjectNames('', 'escaped');

describe('the checksum of an object in S3', () => {
  let server: S3Server;
  let blobs: BlobStore;
  let s3: S3;
  let bucket: string;
  before(async () => {
    server = await startS3();
    const { origin, username, password, pathname } = new URL(server.url);
    bucket = pathname.slice(1);
    const credentials = { accessKeyId: username, secretAccessKey: password };
    s3 = new S3({ endpoint: origin, region: 'us-east-1', forcePathStyle: true, credentials });
    const connection = { region: 'us-east-1', pathStyle: true, ...toS3Connection(server.url) };
    blobs = await openS3BlobStore({ world: realWorld, connection, keys: 'escaped', prefix: '' });
  });
  after(async () => {
    await blobs?.close();
    s3?.destroy();
    await server?.process.stop();
  });

  const found = (key: string): Promise<Condition> => {
    const { signal } = new AbortController();
    return conditionOf(blobs, key, createPace(realWorld, 1e12, signal), signal);
  };
  /** As other clients write it, in parts of these lengths. */
  const upload = async (key: string, lengths: readonly number[], way: (typeof WAYS)[number]) => {
    const [ChecksumAlgorithm, ChecksumType] = way;
    const place = { Bucket: bucket, Key: names.ofKey(key) };
    const { UploadId } = await s3.createMultipartUpload({ ...place, ChecksumAlgorithm, ChecksumType });
    const Parts: CompletedPart[] = [];
    for (const [index, length] of lengths.entries()) {
      const PartNumber = index + 1;
      const Body = Buffer.alloc(length, `${PartNumber}-some text`);
      const { $metadata: _, ...sent } = await s3.uploadPart({
        ...place,
        UploadId,
        PartNumber,
        Body,
        ChecksumAlgorithm,
      });
      Parts.push({ ...sent, PartNumber });
    }
    await s3.completeMultipartUpload({ ...place, UploadId, MultipartUpload: { Parts }, ChecksumType });
  };

  for (const way of WAYS) {
    it(`${way.join(' ')} finds a flipped bit in whatever part, and refuses nothing that is sound`, async () => {
      const key = objectKeyOf('shop', `films/${WAYS.indexOf(way)}`);
      const flips = fc.double({ min: 0, max: 0.9999, noNaN: true });
      for (const lengths of CUTS) {
        await upload(key, lengths, way);
        const sound = await blobs.get(key);
        assert.ok(sound);
        assert.equal((await buffer(sound.body)).length, sound.length);
        assert.deepEqual(await found(key), { is: 'sound' }, lengths.join());
        const path = join(server.folder, bucket, names.ofKey(key));
        const content = readFileSync(path);
        const isFound = async (share: number) => {
          const flipped = Buffer.from(content);
          const at = Math.floor(share * flipped.length);
          flipped.writeUInt8(flipped.readUInt8(at) ^ 1, at);
          writeFileSync(path, flipped);
          const now = await found(key);
          assert.match(
            now.is === 'damaged' ? now.why : now.is,
            /does not match its checksum/,
            `byte ${at} of ${lengths.join()}`,
          );
        };
        await fc.assert(fc.asyncProperty(flips, isFound), { numRuns: 2, examples: [[0.9999]] });
        writeFileSync(path, content);
        assert.deepEqual(await found(key), { is: 'sound' }, 'as it was');
      }
    });
  }

  it('is that of the specifications, over whatever pieces', () => {
    const text = Buffer.from('123456789');
    assert.equal(crc32c(text), 0xe3069283);
    assert.equal(crc64nvme(text), 0xae8b14860a799888n);
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.nat(300), (bytes, at) => {
        const [head, tail] = [bytes.subarray(0, at), bytes.subarray(at)];
        assert.equal(crc32c(tail, 0, tail.length, crc32c(head)), crc32c(bytes));
        assert.equal(crc64nvme(tail, crc64nvme(head)), crc64nvme(bytes));
      }),
    );
  });

  it('is not judged where the server does not say where parts end, or says other ends than were taken', async () => {
    const bytes = Buffer.alloc(30, 'x');
    const answer = { ChecksumType: 'COMPOSITE', ChecksumCRC32: 'AAAAAA==-3' };
    const judged = async (lengthOf: (number: number) => Promise<number | undefined>) => {
      const checksum = checksumOf(answer, { size: bytes.length, lengthOf });
      await checksum?.update(bytes);
      return await checksum?.fits();
    };
    assert.equal(await judged(async () => undefined), undefined);
    assert.equal(await judged(async number => [10, 12, 8][number - 1]), undefined);
    assert.equal(await judged(async () => 10), false);
  });
});
