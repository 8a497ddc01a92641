// What becomes of records that are no events of ours: each kind is one row of
// docs/guides/sharing-topics.md.
import assert from 'node:assert/strict';
import { fromRecord, toHttpMessage, toJsonText } from '../../../../core/cloudevents/record.ts';
import type { LogRecord } from '../../../../drivers/event-log/event-log.ts';
import { asEvent } from '../../../../drivers/event-log/shared/as-event.ts';
import type { TopicSharing } from '../../../../drivers/event-log/shared/topic-sharing.ts';

const SHARING: TopicSharing = {
  external: true,
  literal: true,
  source: '/topics/orders',
  type: 'orders',
  contentMode: 'binary',
  codec: undefined,
};
const BASE = {
  specversion: '1.0',
  id: '3-42',
  source: '/topics/orders',
  type: 'orders',
  time: '2026-01-31T12:00:00.000Z',
};
const record = (value: string | Uint8Array | null, more: Partial<LogRecord> = {}): LogRecord => ({
  offset: 42,
  timestamp: Date.UTC(2026, 0, 31, 12),
  key: 'order-7',
  headers: {},
  value: typeof value === 'string' ? Buffer.from(value) : (value ?? Buffer.alloc(0)),
  ...(value === null ? { isTombstone: true as const } : {}),
  ...more,
});
const read = (given: LogRecord) => asEvent(given, 3, SHARING);

describe('records of topics of others', () => {
  const rows: readonly (readonly [string, LogRecord, Record<string, unknown>])[] = [
    ['JSON', record('{"a":1}'), { partitionkey: 'order-7', datacontenttype: 'application/json', data: { a: 1 } }],
    ['no key', record('[1]', { key: null }), { datacontenttype: 'application/json', data: [1] }],
    [
      'JSON of a type of its own',
      record('1', { headers: { 'content-type': 'application/vnd.x+json' } }),
      { partitionkey: 'order-7', datacontenttype: 'application/vnd.x+json', data: 1 },
    ],
    ['text', record('héllo'), { partitionkey: 'order-7', datacontenttype: 'text/plain', data: 'héllo' }],
    [
      'bytes',
      record(Buffer.from([0, 255])),
      { partitionkey: 'order-7', datacontenttype: 'application/octet-stream', data: Buffer.from([0, 255]) },
    ],
    [
      'a type that the value is not of',
      record('{', { headers: { 'content-type': 'application/json' } }),
      { partitionkey: 'order-7', datacontenttype: 'text/plain', data: '{' },
    ],
    [
      'a content type that is none',
      record('{}', { headers: { 'content-type': 'a\r\nb' } }),
      { partitionkey: 'order-7', datacontenttype: 'application/json', data: {} },
    ],
    ['a tombstone', record(null), { partitionkey: 'order-7', tenfoldtombstone: 'true' }],
    ['an empty value', record(''), { partitionkey: 'order-7' }],
    [
      'a key that no attribute can hold',
      record('1', { key: 'a\nb' }),
      { datacontenttype: 'application/json', data: 1 },
    ],
    [
      'attributes without a version',
      record('1', { headers: { ce_id: 'x', ce_type: 'y', 'x-other': 'z' } }),
      { partitionkey: 'order-7', datacontenttype: 'application/json', data: 1 },
    ],
  ];
  for (const [name, given, expected] of rows)
    it(`${name} becomes an event`, () => {
      const made = read(given);
      assert.deepEqual(fromRecord(made), { ...BASE, ...expected });
      assert.doesNotThrow(() => toHttpMessage(made));
      assert.doesNotThrow(() => JSON.parse(toJsonText(made)));
      const { key, offset, timestamp, value } = made;
      assert.deepEqual(
        { key, offset, timestamp, value },
        { key: given.key, offset: 42, timestamp: given.timestamp, value: given.value },
      );
    });

  it('has no time where the record has none, and keeps headers that are no attributes', () => {
    const made = read(record('1', { timestamp: -1, headers: { 'x-other': 'z', traceparent: 't' } }));
    assert.equal(fromRecord(made).time, undefined);
    assert.equal(made.headers['x-other'], 'z');
    assert.equal(made.headers['traceparent'], 't');
  });

  it('events stay as they are, in either mode', () => {
    const binary = record('{"a":1}', {
      headers: { ce_specversion: '1.0', ce_id: 'i', ce_source: '/s', ce_type: 't', 'content-type': 'application/json' },
    });
    assert.equal(read(binary), binary);
    const structured = record('{"specversion":"1.0","id":"i","source":"/s","type":"t","data":7}', {
      headers: { 'content-type': 'application/cloudevents+json; charset=utf-8' },
    });
    assert.equal(read(structured), structured);
  });

  const CE = { ce_specversion: '1.0', ce_id: 'i', ce_source: '/s', ce_type: 't' };
  const bad: readonly (readonly [string, LogRecord, RegExp])[] = [
    ['an event without id', record('1', { headers: { ...CE, ce_id: '' } }), /id is required/],
    ['an event of another version', record('1', { headers: { ...CE, ce_specversion: '0.3' } }), /must be 1\.0/],
    [
      'an attribute with a line break',
      record('1', { headers: { ...CE, ce_subject: 'a\nb' } }),
      /subject contains control/,
    ],
    [
      'a structured event that is no JSON',
      record('{', { headers: { 'content-type': 'application/cloudevents+json' } }),
      /not valid JSON/,
    ],
    [
      'a batch',
      record('[]', { headers: { 'content-type': 'application/cloudevents-batch+json' } }),
      /come one by one .* not as application\/cloudevents-batch\+json/,
    ],
    [
      'another format',
      record('x', { headers: { 'content-type': 'application/cloudevents+avro' } }),
      /not as application\/cloudevents\+avro/,
    ],
  ];
  for (const [name, given, why] of bad)
    it(`${name} is told to be unreadable by whoever asks, with its bytes`, () => {
      const made = read(given);
      for (const ask of [fromRecord, toHttpMessage, toJsonText])
        assert.throws(
          () => ask(made),
          (error: Error & { code?: string }) => error.code === 'invalid-event' && why.test(error.message),
        );
      assert.equal(made.value, given.value);
      assert.equal(read(made), made, 'once is enough');
    });
});
