// Events as HTTP messages: what is taken comes back the same through every form in
// which it is sent on or kept.
import assert from 'node:assert/strict';
import { type CloudEvent, defaultEventLimits } from '../../../core/cloudevents/cloud-event.ts';
import { contentModeOf, decodeEvent, decodeEvents } from '../../../core/cloudevents/decode.ts';
import { decodeBatch, decodeStructured } from '../../../core/cloudevents/decode-json.ts';
import { type EncodedEvent, encodeBatch, encodeBinary, encodeStructured } from '../../../core/cloudevents/encode.ts';
import { fromRecord, toHttpMessage, toJsonText, toRecord } from '../../../core/cloudevents/record.ts';
import { sameEventOf } from '../../../core/cloudevents/same-event.ts';
import type { FuzzTarget } from '../fuzz-target.ts';
import { refusedBy } from '../refusals.ts';

const NAMES = [
  ...['specversion', 'id', 'source', 'type', 'time', 'subject', 'datacontenttype', 'dataschema', 'partitionkey'],
  ...['data', 'data_base64', 'traceparent', '__proto__', 'constructor'],
];
const VALUES = [
  ...[
    '1.0',
    '0.3',
    '2026-01-31T12:00:00Z',
    '2026-02-30T12:00:60.5+01:00',
    'application/json',
    'text/plain; charset=utf-8',
  ],
  ...[
    'application/xml',
    'application/octet-stream',
    '%C3%A9',
    '%FF',
    '%',
    '"a\\"b"',
    '\xc3\xa9',
    '\xed\xa0\x80',
    '\ufeff',
  ],
];

export const eventBinary: FuzzTarget = {
  name: 'cloudevents-binary',
  words: [...NAMES.map(name => `\nce-${name}: `), ...VALUES, '\nContent-Type: ', '\n\n', 'CE-ID', '{"a":1}', '[', '"'],
  runs: 8_000,
  run(input) {
    const text = input.toString('latin1');
    const end = text.includes('\n\n') ? text.indexOf('\n\n') : text.length;
    const headers = text
      .slice(0, end)
      .split('\n')
      .flatMap(line => {
        const [, name, value = ''] = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([\t\x20-\x7e\x80-\xff]*)$/.exec(line) ?? [];
        return name === undefined ? [] : [name, value.trim()];
      });
    return outcomeOf(() => {
      const mode = contentModeOf(headers);
      const events = decodeEvents(headers, input.subarray(Math.min(end + 2, input.length)));
      for (const event of events) assertKept(event);
      return `${mode} ${events.length} ${typeof events[0]?.data} ${Object.keys(events[0] ?? {}).length}`;
    });
  },
};

const JSON_WORDS = [
  ...NAMES.map(name => `,"${name}":`),
  ...VALUES.map(value => `"${value}"`),
  ...['{', '}', '[', ']', ',', 'null', 'true', '2147483648', '-1', '1.5', '"aGk="', '"\\u0000"', '"\\ud800"', '"ABC":'],
];

export const eventStructured: FuzzTarget = {
  name: 'cloudevents-structured',
  words: JSON_WORDS,
  runs: 8_000,
  run: input =>
    outcomeOf(() => {
      const event = decodeStructured(input, defaultEventLimits);
      assertKept(event);
      const record = { headers: { 'content-type': 'application/cloudevents+json' }, value: input };
      assert.deepEqual(fromRecord(record), event);
      assert.deepEqual(JSON.parse(toJsonText(record)), JSON.parse(input.toString('utf8')));
      return `${typeof event.data} ${Object.keys(event).length}`;
    }),
};

export const eventBatch: FuzzTarget = {
  name: 'cloudevents-batch',
  words: [...JSON_WORDS, '{"specversion":"1.0","id":"b","source":"/s","type":"t"}'],
  runs: 5_000,
  run: input =>
    outcomeOf(() => {
      const events = decodeBatch(input, defaultEventLimits);
      assert.deepEqual(decodeEvents(...messageOf(encodeBatch(events))), events);
      return `${Math.min(events.length, 5)}`;
    }),
};

function outcomeOf(decode: () => string): string {
  try {
    return decode();
  } catch (error) {
    return refusedBy(error, 'invalid-event', 'unsupported-media-type');
  }
}

function assertKept(event: CloudEvent): void {
  assert.ok(event.specversion === '1.0' && event.id !== '' && event.source !== '' && event.type !== '');
  assert.deepEqual(decodeEvent(...messageOf(encodeStructured(event))), event, 'structured');
  const asText = withTextAttributes(event);
  assert.deepEqual(decodeEvent(...messageOf(encodeBinary(event))), asText, 'binary');
  const record = toRecord(event, null);
  const { headers, body } = toHttpMessage(record);
  assert.deepEqual(decodeEvent(headers, body), asText, 'record as an HTTP message');
  assert.deepEqual(fromRecord(record), asText, 'record');
  assert.deepEqual(decodeStructured(Buffer.from(toJsonText(record)), defaultEventLimits), asText, 'record as JSON');
  assert.ok(sameEventOf(record) !== undefined);
}

/** In binary mode every attribute is a text, and data without a type is JSON. */
function withTextAttributes(event: CloudEvent): CloudEvent {
  const texts = Object.entries(event).map(([name, value]) => [
    name,
    name === 'data' || value === undefined ? value : String(value),
  ]);
  const isJson = event.data !== undefined && event.datacontenttype === undefined && !(event.data instanceof Uint8Array);
  return Object.fromEntries([...texts, ...(isJson ? [['datacontenttype', 'application/json']] : [])]);
}

function messageOf({ headers, body }: EncodedEvent): [headers: string[], body: Buffer] {
  return [headers, typeof body === 'string' ? Buffer.from(body) : (body ?? Buffer.alloc(0))];
}
