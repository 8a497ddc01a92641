// Records as operators see them: whatever others wrote, it is shown within its bounds, and no
// record keeps those behind it from being seen.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { LogRecord } from '../../../drivers/event-log/event-log.ts';
import { toTopicEvent } from '../../../server/events/topics/topic-event.ts';

/** Attributes and headers: of one event at most 100, each cut at 2,048 characters or so. */
const MOST_BESIDE_DATA = 1_000_000;

const types = fc.constantFrom(
  'application/json',
  'application/cloudevents+json',
  'application/cloudevents+json; charset=utf-8',
  'application/cloudevents-batch+json',
  'text/plain',
  'image/png',
  'x',
  '',
);
const text = fc.oneof(fc.string({ unit: 'binary', maxLength: 30 }), fc.constant('ä'.repeat(3000)));
const structured = fc
  .record(
    {
      specversion: fc.constantFrom('1.0', '0.3'),
      id: text,
      source: text,
      type: text,
      data: fc.jsonValue({ maxDepth: 2 }),
      data_base64: fc.base64String(),
      datacontenttype: types,
      extension: fc.oneof(text, fc.integer(), fc.boolean(), fc.constant(null)),
    },
    { requiredKeys: [] },
  )
  .map(event => Buffer.from(JSON.stringify(event)));
const value = fc.oneof(
  structured,
  fc.uint8Array({ maxLength: 60 }).map(bytes => Buffer.from(bytes)),
  fc.jsonValue({ maxDepth: 2 }).map(json => Buffer.from(JSON.stringify(json))),
  text.map(each => Buffer.from(each)),
);
const headers = fc
  .tuple(
    fc.record(
      {
        ce_specversion: fc.constantFrom('1.0', '0.3', ''),
        ce_id: text,
        ce_source: text,
        ce_type: text,
        'content-type': types,
        'tenfold-unreadable': text,
      },
      { requiredKeys: [] },
    ),
    fc.dictionary(
      fc.oneof(fc.string({ maxLength: 10 }), fc.constantFrom('ce___proto__', '__proto__', 'ce_data')),
      text,
      {
        maxKeys: 5,
      },
    ),
  )
  .map(([own, more]): Record<string, string> => ({ ...more, ...own }));
const timestamp = fc.oneof(fc.constant(-1), fc.integer({ min: 0 }), fc.constantFrom(2 ** 53, Number.MAX_VALUE));
const record = fc.record({ offset: fc.nat(), timestamp, key: fc.option(text), value, headers });

describe('a record of a topic', () => {
  it('is shown within its bounds, whatever it holds', () => {
    fc.assert(
      fc.property(record, fc.nat({ max: 80 }), (given: LogRecord, most) => {
        const event = toTopicEvent(given, 3, most, undefined);
        const { data, text: shown, base64, bytes, truncated } = event;
        const written = JSON.stringify(event);
        assert.ok(written.length < MOST_BESIDE_DATA + 12 * most);
        assert.ok([data, shown, base64].filter(each => each !== undefined).length <= 1, written);
        assert.equal(truncated === true, bytes > most, written);
        if (shown !== undefined) assert.ok(Buffer.byteLength(shown) <= most);
        if (base64 !== undefined) assert.ok(Buffer.from(base64, 'base64').length <= most);
        assert.deepEqual([event.partition, event.offset, event.key], [3, given.offset, given.key]);
      }),
      { numRuns: 500, endOnFailure: true },
    );
  });

  it('has data that read back the same', () => {
    const own = { ce_specversion: '1.0', ce_id: 'e', ce_source: '/s', ce_type: 't' };
    const of = (type: string, bytes: Buffer) =>
      toTopicEvent(
        { offset: 0, timestamp: 0, key: null, value: bytes, headers: { ...own, 'content-type': type } },
        0,
        9000,
        undefined,
      );
    fc.assert(
      fc.property(
        fc.jsonValue({ maxDepth: 2 }),
        text.filter(each => each !== ''),
        fc.uint8Array({ minLength: 1 }),
        (json, plain, raw) => {
          const bytes = Buffer.from(JSON.stringify(json));
          assert.deepEqual(of('application/json', bytes).data, JSON.parse(bytes.toString()));
          const [words, others] = [of('text/plain', Buffer.from(plain)), of('image/png', Buffer.from(raw))];
          assert.deepEqual(Buffer.from(words.text ?? Buffer.from(words.base64 ?? '', 'base64')), Buffer.from(plain));
          assert.deepEqual(Buffer.from(others.text ?? Buffer.from(others.base64 ?? '', 'base64')), Buffer.from(raw));
        },
      ),
    );
  });
});
