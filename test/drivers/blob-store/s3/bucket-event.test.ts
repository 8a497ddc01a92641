// What is read in the events of buckets: as several servers send them, and as
// somebody would who means harm.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { readBucketEvent } from '../../../../drivers/blob-store/s3/bucket-event.ts';

const read = (message: unknown) => readBucketEvent(Buffer.from(JSON.stringify(message)));
const record = (eventName: string, key: unknown, bucket: object = { name: 'shop' }, more: object = {}) => ({
  eventVersion: '2.2',
  eventName,
  s3: { s3SchemaVersion: '1.0', bucket, object: { key, size: 2, ...more } },
});

describe('an event of a bucket', () => {
  const understood: readonly (readonly [server: string, message: object, names: readonly string[]])[] = [
    [
      'AWS',
      {
        Records: [
          record(
            'ObjectCreated:Put',
            'data/my+cat%2B1.jpg',
            { name: 'shop', arn: 'arn:aws:s3:::shop' },
            { eTag: 'e1' },
          ),
        ],
      },
      ['data/my cat+1.jpg', 'data/my+cat+1.jpg', 'data/my+cat%2B1.jpg'],
    ],
    [
      'MinIO',
      {
        EventName: 's3:ObjectCreated:CompleteMultipartUpload',
        Key: 'shop/data/cat.jpg',
        Records: [
          record('s3:ObjectCreated:CompleteMultipartUpload', 'data%2Fcat.jpg', { name: 'shop' }, { eTag: 'e1' }),
        ],
      },
      ['data/cat.jpg', 'data%2Fcat.jpg'],
    ],
    [
      'Ceph',
      { Records: [record('ObjectCreated:Copy', 'data/cat.jpg', { name: 'shop', id: 'x' }, { eTag: 'e1' })] },
      ['data/cat.jpg'],
    ],
    [
      'the Versity gateway',
      {
        Records: [
          record(
            's3:ObjectCreated:Put',
            'data/100%.jpg!',
            { name: 'shop', arn: 'arn:aws:s3:::/shop/data/100%.jpg!' },
            { eTag: '"e1"', versionId: null },
          ),
        ],
      },
      ['data/100%.jpg!'],
    ],
    [
      'EventBridge',
      {
        'detail-type': 'Object Created',
        source: 'aws.s3',
        detail: { bucket: { name: 'shop' }, object: { key: 'data/a b.jpg', size: 5, etag: 'e1' } },
      },
      ['data/a b.jpg'],
    ],
    [
      'a structured CloudEvent',
      {
        specversion: '1.0',
        type: 'com.amazonaws.s3',
        data: { Records: [record('ObjectCreated:Post', 'data/cat.jpg', { name: 'shop' }, { eTag: 'e1' })] },
      },
      ['data/cat.jpg'],
    ],
  ];
  for (const [server, message, names] of understood) {
    it(`is understood as ${server} sends it`, () =>
      assert.deepEqual(read(message), {
        writes: [{ buckets: ['shop'], names, etag: 'e1' }],
        unreadable: undefined,
      }));
  }

  it('is of the bucket that its ARN names, too', () => {
    const bucket = { name: 'healthd', arn: 'arn:aws:s3:::/shop/data/cat.jpg' };
    const { writes } = read({ Records: [record('s3:ObjectCreated:Put', 'data/cat.jpg', bucket)] });
    assert.deepEqual(writes[0]?.buckets, ['healthd', 'shop']);
  });

  const ignored: readonly (readonly [what: string, message: object])[] = [
    ['the test at the start', { Service: 'S3', Event: 's3:TestEvent', Bucket: 'shop' }],
    ['what was removed', { Records: [record('s3:ObjectRemoved:Delete', 'data/a')] }],
    ['tags of what stays', { Records: [record('s3:ObjectCreated:PutTagging', 'data/a')] }],
    ['how long it is kept', { Records: [record('s3:ObjectCreated:PutRetention', 'data/a')] }],
    ['no records', { Records: [] }],
    ['what was removed, as EventBridge tells it', { 'detail-type': 'Object Deleted', detail: {} }],
  ];
  for (const [what, message] of ignored)
    it(`tells of no write: ${what}`, () => assert.deepEqual(read(message), { writes: [], unreadable: undefined }));

  const unreadable: readonly (readonly [what: string, message: Uint8Array, why: RegExp])[] = [
    ['nothing', Buffer.alloc(0), /not an object of JSON/],
    ['no JSON', Buffer.from('{"Records":'), /not an object of JSON/],
    ['no UTF-8', Buffer.from([0x22, 0xff, 0x22]), /not an object of JSON/],
    ['a list', Buffer.from('[]'), /not an object of JSON/],
    ['records that are none', Buffer.from('{"Records":{"length":9}}'), /no list of Records/],
    ['anything else', Buffer.from('{"hello":"world"}'), /no list of Records/],
    ['a CloudEvent without data', Buffer.from('{"specversion":"1.0"}'), /not an object of JSON/],
    [
      'a record without a key',
      Buffer.from(JSON.stringify({ Records: [record('ObjectCreated:Put', 7)] })),
      /object\.key/,
    ],
    ['nothing in a record', Buffer.from('{"Records":[null]}'), /eventName/],
    ['nothing in its detail', Buffer.from('{"detail-type":"Object Created"}'), /detail/],
    [
      'a key that no server has',
      Buffer.from(JSON.stringify({ Records: [record('ObjectCreated:Put', 'x'.repeat(9999))] })),
      /key/,
    ],
    ['far too much', Buffer.alloc(1024 * 1024 + 1, ' '), /more than 1048576/],
  ];
  for (const [what, message, why] of unreadable)
    it(`is left out with a reason: ${what}`, () => assert.match(readBucketEvent(message).unreadable ?? '', why));

  it('is read as far as it can be', () => {
    const { writes, unreadable: why } = read({ Records: [null, record('ObjectCreated:Put', 'data/a')] });
    assert.deepEqual(
      writes.map(({ names }) => names),
      [['data/a']],
    );
    assert.match(why ?? '', /eventName/);
  });

  it('never throws, whatever it is', () => {
    const json = fc.jsonValue().map(value => Buffer.from(JSON.stringify(value)));
    const close = fc
      .record({ eventName: fc.constant('ObjectCreated:Put'), s3: fc.jsonValue() })
      .map(each => Buffer.from(JSON.stringify({ Records: [each] })));
    fc.assert(fc.property(fc.oneof(fc.uint8Array(), json, close), message => void readBucketEvent(message)));
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 40 }), key => {
        const [write] = read({
          Records: [record('ObjectCreated:Put', encodeURIComponent(key.toWellFormed()).replaceAll('%20', '+'))],
        }).writes;
        assert.ok(write?.names.includes(key.toWellFormed()));
      }),
    );
  });
});
