// What others write straight into the bucket is told as soon as the bucket says so; what we wrote
// ourselves is told once all the same.
import assert from 'node:assert/strict';
import type { BlobChange, NotifiedBlobStore } from '../../../../drivers/blob-store/blob-store.ts';
import { content, rejectsWith } from '../../../contract/blob-store/subject.ts';
import { eventually } from '../../../eventually.ts';
import { s3, s3Url } from '../../../services/s3.ts';
import { s3ClientOf } from '../../../services/s3-client.ts';
import { findService } from '../../../services/service.ts';
import { MIB, type S3Cases, s3Cases } from './s3-cases.ts';

const created = (...keys: readonly string[]) => eventOf('s3:ObjectCreated:Put', 'tenfold', ...keys);
const eventOf = (eventName: string, bucket: string, ...keys: readonly string[]) =>
  Buffer.from(
    JSON.stringify({ Records: keys.map(key => ({ eventName, s3: { bucket: { name: bucket }, object: { key } } })) }),
  );

/** As those that know nothing of us. */
const clientOf = (cases: S3Cases, port: number) => {
  const client = s3ClientOf(s3Url(port));
  cases.atEnd(() => client.destroy());
  return {
    put: (Key: string, Body: string | Uint8Array = 'cat', Metadata: Record<string, string> = {}) =>
      client.putObject({ Bucket: 'tenfold', Key, Body, ContentType: 'image/jpeg', Metadata }),
    copy: (from: string, Key: string) =>
      client.copyObject({ Bucket: 'tenfold', Key, CopySource: `tenfold/${encodeURIComponent(from)}` }),
    remove: (Key: string) => client.deleteObject({ Bucket: 'tenfold', Key }),
  };
};
const open = async (cases: S3Cases, options: Parameters<S3Cases['store']>[1] = {}) => {
  const server = await cases.server();
  const faults = await cases.faults(server.port);
  const blobs = await cases.store(faults.port, { keys: 'plain', tellChangesOf: ['objects/'], ...options });
  return { server, faults, blobs, direct: clientOf(cases, server.port) };
};
const told = async (blobs: NotifiedBlobStore) => {
  const all: BlobChange[] = [];
  for (let after: string | undefined; ; ) {
    const { changes, next } = await blobs.changes(after, { limit: 1000 });
    if (changes.length === 0) return all;
    all.push(...changes);
    after = next;
  }
};
const keysOf = (changes: readonly BlobChange[]) => changes.map(({ key }) => key);

if (findService(s3))
  describe('blob store over S3: what others write into the bucket', () => {
    const cases = s3Cases();

    describeTold(cases);
    describeNames(cases);
  });

function describeTold(cases: S3Cases): void {
  it('is told as it stands there, and is the same whoever asks', async () => {
    const { blobs, direct } = await open(cases);
    await direct.put('data/objects/a/cat.jpg');
    await blobs.receiveNotification(created('data/objects/a/cat.jpg'));
    const [change] = await told(blobs);
    const info = await blobs.head('objects/a/cat.jpg');
    assert.deepEqual(change, {
      kind: 'written',
      key: 'objects/a/cat.jpg',
      etag: info?.etag,
      size: 3,
      at: info?.modified,
    });
    assert.equal(info?.contentType, 'image/jpeg');
  });

  it('is told again with the same time and content when it is heard twice', async () => {
    const { blobs, direct } = await open(cases);
    await direct.put('data/objects/a/cat.jpg');
    await blobs.receiveNotification(created('data/objects/a/cat.jpg', 'data/objects/a/cat.jpg'));
    await blobs.receiveNotification(created('data/objects/a/cat.jpg'));
    assert.equal(new Set((await told(blobs)).map(change => JSON.stringify(change))).size, 1);
  });

  it('is told once where we wrote it, in one request or in parts', async () => {
    const { blobs } = await open(cases);
    for (const [key, bytes] of [
      ['objects/a/small', 10],
      ['objects/a/long', 6 * MIB],
    ] as const) {
      await blobs.put(key, content(bytes));
      await blobs.receiveNotification(created(`data/${key}`));
    }
    await blobs.put('results/1', content(10));
    await blobs.receiveNotification(created('data/results/1', 'journal/0000000000000001', 'claims/x', 'tenfold.json'));
    assert.deepEqual(keysOf(await told(blobs)), ['objects/a/small', 'objects/a/long']);
  });

  it('is told where it is a copy of what we wrote, or stands in its place', async () => {
    const { blobs, direct } = await open(cases);
    await blobs.put('objects/a/ours', content(10));
    await direct.copy('data/objects/a/ours', 'data/objects/a/copy');
    await blobs.receiveNotification(created('data/objects/a/copy'));
    await direct.put('data/objects/a/ours', 'theirs');
    await blobs.receiveNotification(created('data/objects/a/ours'));
    const changes = await told(blobs);
    assert.deepEqual(keysOf(changes), ['objects/a/ours', 'objects/a/copy', 'objects/a/ours']);
    assert.equal(changes[0]?.etag, changes[1]?.etag);
    assert.equal(changes[2]?.size, 6);
  });

  it('is told whatever it says of itself', async () => {
    const { blobs, direct } = await open(cases);
    for (const [index, stamp] of ['!', '', 'zzzzzzzzzzzzzzz.1', 'abc.1.00000000', '-5.x', 'NaN'].entries()) {
      await direct.put(`data/objects/a/${index}`, 'x', { 'tenfold-write': stamp, 'tenfold-owner': '%' });
      await blobs.receiveNotification(created(`data/objects/a/${index}`));
    }
    const changes = await told(blobs);
    assert.equal(changes.length, 6);
    for (const { at } of changes) assert.ok(Math.abs(at - Date.now()) < 60_000, String(at));
  });

  it('is not told where it is gone, elsewhere, none of what is followed, or no object of ours', async () => {
    const { blobs, direct } = await open(cases, { prefix: 'shop/' });
    await direct.put('shop/data/objects/a/gone');
    await direct.remove('shop/data/objects/a/gone');
    for (const name of ['data/objects/a/x', 'shop/data/results/x', 'shop/data/objects/a/folder/', 'shop/other'])
      await direct.put(name, name.endsWith('/') ? new Uint8Array() : 'x');
    await blobs.receiveNotification(
      created(
        ...['shop/data/objects/a/gone', 'data/objects/a/x', 'shop/data/results/x', 'shop/data/objects/a/folder/'],
        ...['shop/other', 'shop/data/objects/a/../../x', 'shop/data/objects/a/\u0007', '', '/', '%00', '%ZZ', '\ud800'],
        `shop/data/objects/${'x'.repeat(2000)}`,
      ),
    );
    await direct.put('shop/data/objects/a/there');
    await blobs.receiveNotification(eventOf('s3:ObjectCreated:Put', 'another', 'shop/data/objects/a/there'));
    await blobs.receiveNotification(eventOf('s3:ObjectRemoved:Delete', 'tenfold', 'shop/data/objects/a/there'));
    assert.deepEqual(await told(blobs), []);
    // It is asked for once, and no list stops at what is nobody's.
    await blobs.receiveNotification(created('shop/data/objects/a/there'));
    assert.deepEqual(keysOf(await told(blobs)), ['objects/a/there']);
    assert.deepEqual(
      (await blobs.list('objects/', { limit: 1 })).blobs.map(({ key }) => key),
      ['objects/a/there'],
    );
  });
}

function describeNames(cases: S3Cases): void {
  it('is found under its name, however that is encoded', async () => {
    const { blobs, direct } = await open(cases);
    for (const key of ['my cat', 'one+two', '100%', 'a%20b', 'ä&?#']) await direct.put(`data/objects/a/${key}`, key);
    await blobs.receiveNotification(
      created('data/objects/a/my+cat', 'data/objects/a/one%2Btwo', 'data/objects/a/100%'),
    );
    await blobs.receiveNotification(created('data/objects/a/a%20b', 'data%2Fobjects%2Fa%2F%C3%A4%26%3F%23'));
    const names = ['my cat', 'one+two', '100%', 'a%20b', 'ä&?#'];
    assert.deepEqual(keysOf(await told(blobs)).toSorted(), names.map(name => `objects/a/${name}`).toSorted());
  });

  it('is the one that the event means where a name can be read in two ways', async () => {
    const { blobs, direct } = await open(cases);
    await direct.put('data/objects/a/one two', 'before');
    const { ETag = '' } = await direct.put('data/objects/a/one+two', 'now');
    const record = {
      eventName: 's3:ObjectCreated:Put',
      s3: { bucket: { name: 'tenfold' }, object: { key: 'data/objects/a/one+two', eTag: ETag } },
    };
    await blobs.receiveNotification(Buffer.from(JSON.stringify({ Records: [record] })));
    assert.deepEqual(keysOf(await told(blobs)), ['objects/a/one+two']);
  });

  it('has names with an end where keys are escaped', async () => {
    const { blobs, direct } = await open(cases, { keys: 'escaped' });
    for (const name of ['cat.jpg!', 'no-end.jpg', 'not escaped!', 'my!0cat!'])
      await direct.put(`data/objects/a/${name}`);
    await blobs.receiveNotification(
      created(...['cat.jpg!', 'no-end.jpg', 'not escaped!', 'my!0cat!'].map(name => `data/objects/a/${name}`)),
    );
    assert.deepEqual(keysOf(await told(blobs)).toSorted(), ['objects/a/cat.jpg', 'objects/a/my cat']);
    const listed = await blobs.list('objects/', { limit: 10 });
    assert.deepEqual(
      listed.blobs.map(({ key }) => key),
      ['objects/a/cat.jpg', 'objects/a/my cat'],
    );
  });

  it('is not taken for done while the server does not answer, and is then', async () => {
    const { blobs, direct, faults } = await open(cases);
    await direct.put('data/objects/a/cat.jpg');
    const event = created('data/objects/a/cat.jpg');
    for (const fault of ['HEAD', 'PUT']) {
      faults.decide(({ method }) => (method === fault ? { kind: 'answer', status: 503, code: '' } : undefined));
      await rejectsWith('store-unavailable', blobs.receiveNotification(event));
    }
    faults.decide(undefined);
    await eventually(
      () =>
        blobs.receiveNotification(event).then(
          () => true,
          () => false,
        ),
      'it is told when the server is back',
    );
    assert.ok((await told(blobs)).length >= 1);
  });

  it('is left out, and holds up no other, where it alone is refused', async () => {
    const { blobs, direct, faults } = await open(cases);
    await direct.put('data/objects/a/theirs');
    await direct.put('data/objects/a/cat.jpg');
    for (const status of [400, 403]) {
      faults.decide(({ method, key }) =>
        method === 'HEAD' && key.endsWith('/theirs') ? { kind: 'answer', status, code: '' } : undefined,
      );
      await rejectsWith(
        'invalid-input',
        blobs.receiveNotification(created('data/objects/a/theirs', 'data/objects/a/cat.jpg')),
      );
    }
    assert.deepEqual([...new Set(keysOf(await told(blobs)))], ['objects/a/cat.jpg']);
    // Nothing may be looked at any more: that is not the object's fault.
    faults.decide(({ method }) => (method === 'HEAD' ? { kind: 'answer', status: 403, code: '' } : undefined));
    await rejectsWith('storage-unusable', blobs.receiveNotification(created('data/objects/a/cat.jpg')));
  });

  it('is told in its order with what we write under the same key', async () => {
    const { server, blobs, direct } = await open(cases);
    const other = await cases.store(server.port, { tellChangesOf: ['objects/'] });
    const key = 'objects/a/both';
    for (let round = 0; round < 10; round++) {
      await Promise.all([
        other.put(key, content(20 + round)),
        direct.put(`data/${key}`, `theirs ${round}`).then(() => blobs.receiveNotification(created(`data/${key}`))),
      ]);
      await blobs.receiveNotification(created(`data/${key}`));
      const there = await blobs.head(key);
      assert.equal((await told(blobs)).at(-1)?.etag, there?.etag, `round ${round}`);
    }
  });
}
