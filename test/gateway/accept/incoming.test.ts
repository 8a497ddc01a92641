// Whatever strangers send, reading it gives events or says what is wrong with it;
// nothing else is ever thrown.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { fromRecord, toHttpMessage, toJsonText, toRecord } from '../../../core/cloudevents/record.ts';
import { TenfoldError } from '../../../core/errors.ts';
import { realWorld } from '../../../core/world.ts';
import { modeOf, readBatch, readOne } from '../../../gateway/accept/incoming.ts';

const names = [
  'content-type',
  'content-encoding',
  'ce-specversion',
  'ce-id',
  'ce-source',
  'ce-type',
  'ce-time',
  'ce-subject',
  'ce-data',
  'ce-datacontenttype',
  'ce-dataref',
  'ce-constructor',
  'ce-__proto__',
  'ce-',
  'ce-ÄÖ',
];
const values = fc.oneof(
  fc.constantFrom(
    '1.0',
    'application/json',
    'application/cloudevents+json',
    'application/cloudevents-batch+json',
    'text/plain',
    'a/b; charset=x',
  ),
  fc.constantFrom('%', '%zz', '%ED%A0%80', '"', '""', '"a', '2026-01-31T12:00:00Z', ''),
  fc.string({ unit: 'binary-ascii' }),
);
const headers = fc.array(fc.tuple(fc.constantFrom(...names), values), { maxLength: 12 }).map(pairs => pairs.flat());
const bodies = fc.oneof(
  fc.uint8Array({ maxLength: 100 }).map(bytes => Buffer.from(bytes)),
  fc.json().map(text => Buffer.from(text)),
  fc
    .record(
      {
        specversion: fc.constantFrom('1.0', 1, null),
        id: fc.jsonValue(),
        source: fc.jsonValue(),
        type: fc.jsonValue(),
        data: fc.jsonValue(),
        data_base64: fc.jsonValue(),
      },
      { requiredKeys: [] },
    )
    .map(event => Buffer.from(JSON.stringify(event))),
);
const envelope = () => ({ type: 'T', source: '/x' });

/** Undefined when it was refused, as it may be; fails for anything else. */
function refusedOr<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    assert.ok(error instanceof TenfoldError && error.status >= 400 && error.status < 500, String(error));
    return undefined;
  }
}

describe('requests of strangers', () => {
  it('are events, or refused', () => {
    fc.assert(
      fc.property(headers, bodies, (fields, body) => {
        const mode = refusedOr(() => modeOf(fields));
        if (mode === 'batch') {
          refusedOr(() => readBatch(fields, body));
          return;
        }
        if (mode === undefined) return;
        const incoming = refusedOr(() => readOne(fields, body, envelope, realWorld));
        if (incoming === undefined) return;
        // What was accepted can be delivered, alone and in a batch, and is what it was.
        const record = toRecord(incoming.event, null, incoming.body);
        const message = toHttpMessage(record);
        assert.ok(message.headers.every(text => !/[\r\n]/.test(text)));
        assert.equal(fromRecord(record).id, incoming.event.id);
        assert.equal(JSON.parse(toJsonText(record)).id, incoming.event.id);
      }),
      { numRuns: 2000 },
    );
  });

  it('keep every digit of their data, in every content mode', () => {
    const numbers = fc.array(fc.bigInt({ min: -(2n ** 80n), max: 2n ** 80n }), { maxLength: 4 });
    const json = 'application/json';
    const named = '"specversion":"1.0","id":"1","source":"/s","type":"t"';
    fc.assert(
      fc.property(numbers, fc.string(), (all, text) => {
        const data = `{"all":[${all.join()}],"text":${JSON.stringify(text)}}`;
        const encoded = Buffer.from(data).toString('base64');
        const events = [
          `{${named},"data":${data}}`,
          `{${named},"datacontenttype":"${json}","data_base64":"${encoded}"}`,
        ];
        const fields = ['ce-specversion', '1.0', 'ce-id', '1', 'ce-source', '/s', 'ce-type', 't', 'content-type', json];
        const structured = ['content-type', 'application/cloudevents+json'];
        const entries = [
          readOne(['content-type', json], Buffer.from(data), envelope, realWorld),
          readOne(fields, Buffer.from(data), envelope, realWorld),
          ...events.map(each => readOne(structured, Buffer.from(each), envelope, realWorld)),
          ...readBatch([], Buffer.from(`[${events.join()}]`)),
        ];
        for (const entry of entries) {
          assert.ok('event' in entry);
          assert.equal(String(Buffer.from(toRecord(entry.event, null, entry.body).value)), data);
        }
      }),
    );
  });

  it('are lists of events and refusals when they are batches', () => {
    fc.assert(
      fc.property(fc.array(fc.jsonValue(), { maxLength: 10 }), list => {
        const entries = refusedOr(() => readBatch([], Buffer.from(JSON.stringify(list))));
        if (entries) assert.equal(entries.length, list.length);
      }),
    );
  });
});

describe('records of strangers', () => {
  const record = fc.record({
    value: fc.oneof(bodies, fc.uint8Array({ maxLength: 50 })),
    headers: fc.dictionary(
      fc.constantFrom(
        'content-type',
        'ce_specversion',
        'ce_id',
        'ce_source',
        'ce_type',
        'ce_x\ny',
        'ce___proto__',
        'other',
      ),
      fc.oneof(values, fc.string({ unit: 'binary' })),
    ),
  });
  const plain = { source: '/topics/t', type: 't', partition: 1, offset: 2, timestamp: 3 };

  it('are events, or refused, however they are read', () => {
    fc.assert(
      fc.property(record, each => {
        refusedOr(() => fromRecord(each, plain));
        refusedOr(() => toJsonText(each, plain));
        const message = refusedOr(() => toHttpMessage(each, plain));
        assert.ok(message?.headers.every(text => !/[\r\n]/.test(text)) ?? true);
      }),
      { numRuns: 2000 },
    );
  });
});
