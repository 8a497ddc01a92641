// Events in records of the log: nothing is lost on the way, the `cloudevents` package agrees, and
// records of others are read with care.
import assert from 'node:assert/strict';
import { Kafka, CloudEvent as OracleEvent } from 'cloudevents';
import fc from 'fast-check';
import type { CloudEvent } from '../../../core/cloudevents/cloud-event.ts';
import { decodeEvent } from '../../../core/cloudevents/decode.ts';
import { decodeBatch } from '../../../core/cloudevents/decode-json.ts';
import { encodeStructured } from '../../../core/cloudevents/encode.ts';
import { fromRecord, type PlainRecord, toHttpMessage, toJsonText, toRecord } from '../../../core/cloudevents/record.ts';

const text = fc
  .string({ unit: 'binary', minLength: 1 })
  .filter(value => !/[\u0000-\u001f\u007f-\u009f]|\p{Noncharacter_Code_Point}|\p{Surrogate}/u.test(value));
const name = fc
  .stringMatching(/^[a-z][a-z0-9]{0,19}$/)
  .filter(value => !['id', 'source', 'type', 'subject', 'time', 'data', 'specversion'].includes(value))
  .filter(value => value !== 'dataschema' && value !== 'datacontenttype');
const json = fc.jsonValue().map(value => JSON.parse(JSON.stringify(value)));
const bytes = fc.uint8Array({ minLength: 1, maxLength: 50 }).map(value => Buffer.from(value));
const payload = fc.oneof(
  json.map(data => ({ data, datacontenttype: 'application/json' })),
  bytes.map(data => ({ data, datacontenttype: 'application/octet-stream' })),
  text.map(data => ({ data, datacontenttype: 'text/plain' })),
  fc.constant({}),
);
const event: fc.Arbitrary<CloudEvent> = fc
  .tuple(
    fc.record({ id: text, source: text, type: text, subject: text }, { requiredKeys: ['id', 'source', 'type'] }),
    fc.dictionary(name, text, { maxKeys: 5 }),
    payload,
  )
  .map(([attributes, extensions, data]) => ({ specversion: '1.0', ...attributes, ...extensions, ...data }));

const order: CloudEvent = {
  specversion: '1.0',
  id: 'o-1',
  source: '/shop',
  type: 'OrderCreated',
  time: '2026-01-31T12:00:00Z',
  partitionkey: 'ada',
  datacontenttype: 'application/json',
  data: { total: 7 },
};
const plain: PlainRecord = { source: '/topics/legacy', type: 'legacy', partition: 3, offset: 41, timestamp: 0 };

describe('event in a record', () => {
  it('comes back whole', () => {
    fc.assert(fc.property(event, original => assert.deepEqual(fromRecord(toRecord(original, null)), original)));
  });

  it('gives the same event over HTTP, straight from the record', () => {
    fc.assert(
      fc.property(event, original => {
        const { headers, body } = toHttpMessage(toRecord(original, null));
        assert.deepEqual(decodeEvent(headers, body), original);
      }),
    );
  });

  it('gives the same event in a batch, straight from the record', () => {
    fc.assert(
      fc.property(event, event, (first, second) => {
        const texts = [first, second].map(each => toJsonText(toRecord(each, null)));
        assert.deepEqual(decodeBatch(Buffer.from(`[${texts.join(',')}]`), limits), [first, second]);
      }),
    );
  });

  it('keeps data as it was sent when its bytes are known', () => {
    const body = Buffer.from('{ "total":7.0 }');
    assert.equal(toRecord(order, 'ada', body).value, body);
  });

  it('is read by the cloudevents package', () => {
    const { headers, value, key } = toRecord(order, 'ada');
    const read = Kafka.toEvent({ headers, body: value.toString(), ...{ key, value: value.toString() } });
    assert.ok(!Array.isArray(read));
    const { data, ...attributes } = JSON.parse(JSON.stringify(read));
    assert.deepEqual({ ...attributes, data }, { ...order, time: '2026-01-31T12:00:00.000Z' });
  });

  for (const mode of ['binary', 'structured'] as const) {
    it(`is read as the cloudevents package writes it (${mode})`, () => {
      const written = Kafka[mode](new OracleEvent({ ...order, data: { total: 7 } }));
      const value = Buffer.from(mode === 'binary' ? JSON.stringify(written.value) : String(written.value));
      const headers = Object.fromEntries(
        Object.entries(written.headers)
          // A client of Kafka leaves these out.
          .filter(([, field]) => field !== undefined)
          .map(([header, field]) => [header.toLowerCase(), String(field)]),
      );
      const expected = mode === 'binary' ? order : { ...order, time: '2026-01-31T12:00:00.000Z' };
      assert.deepEqual(fromRecord({ headers, value }), expected);
      const message = toHttpMessage({ headers, value });
      assert.deepEqual(decodeEvent(message.headers, message.body), expected);
      assert.deepEqual(JSON.parse(toJsonText({ headers, value })), expected);
    });
  }

  it('in structured mode passes on as it is', () => {
    const { headers, body } = encodeStructured(order);
    const record = { headers: { 'content-type': headers[1] ?? '' }, value: Buffer.from(String(body)) };
    assert.deepEqual(toHttpMessage(record), { headers, body: record.value });
  });
});

describe('record that is no event', () => {
  it('is refused unless it is said where it stands', () => {
    assert.throws(() => fromRecord({ headers: {}, value: Buffer.from('{}') }), { code: 'invalid-event' });
  });

  for (const [what, headers, value, datacontenttype, data] of [
    ['JSON', {}, '{"a":1}', 'application/json', { a: 1 }],
    ['anything else', {}, '\u0001\u0002', 'application/octet-stream', Buffer.from([1, 2])],
    ['text that says so', { 'content-type': 'text/plain' }, 'hello', 'text/plain', 'hello'],
  ] as const) {
    it(`becomes one with ${what} as its data`, () => {
      const record = { headers: { ...headers }, value: Buffer.from(value) };
      const expected = {
        specversion: '1.0',
        id: '3-41',
        source: '/topics/legacy',
        type: 'legacy',
        time: '1970-01-01T00:00:00.000Z',
        datacontenttype,
        data,
      };
      assert.deepEqual(fromRecord(record, plain), expected);
      const message = toHttpMessage(record, plain);
      assert.deepEqual(decodeEvent(message.headers, message.body), expected);
      const [fromBatch] = decodeBatch(Buffer.from(`[${toJsonText(record, plain)}]`), limits);
      assert.deepEqual(fromBatch, expected);
    });
  }
});

describe('record of a stranger', () => {
  const own = toRecord(order, null).headers;

  it('cannot add fields to a request', () => {
    const headers = {
      ...own,
      'ce_x\r\nhost': 'evil',
      ce_UP: 'x',
      ce_note: 'a\r\nhost: evil',
      'content-type': 'a/b\r\nx: y',
    };
    const message = toHttpMessage({ headers, value: Buffer.alloc(0) });
    assert.deepEqual(
      message.headers.filter(field => /[\r\n]/.test(field)),
      [],
    );
    assert.equal(message.headers[message.headers.indexOf('ce-note') + 1], 'a%0D%0Ahost:%20evil');
    assert.ok(!message.headers.includes('content-type'));
  });

  it('cannot break out of its place in a batch', () => {
    const record = { headers: own, value: Buffer.from('1},{"specversion":"1.0"') };
    assert.throws(() => toJsonText(record), { code: 'invalid-event' });
  });

  for (const missing of ['ce_id', 'ce_source', 'ce_type']) {
    it(`is refused without ${missing}`, () => {
      const { [missing]: _, ...headers } = own;
      assert.throws(() => fromRecord({ headers, value: Buffer.alloc(0) }), { code: 'invalid-event' });
    });
  }
});

const limits = { maxAttributes: 100, maxAttributeLength: 16_384, maxBatch: 10 };
