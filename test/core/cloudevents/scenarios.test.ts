// The scenarios of the CloudEvents project's own conformance suite: HTTP
// protocol binding and JSON format.
import assert from 'node:assert/strict';
import { defaultEventLimits } from '../../../core/cloudevents/cloud-event.ts';
import { decodeEvent, decodeEvents } from '../../../core/cloudevents/decode.ts';
import { toEvent } from '../../../core/cloudevents/decode-json.ts';
import { TenfoldError } from '../../../core/errors.ts';

const MINIMAL = { specversion: '1.0', id: 'minimal', type: 'io.cloudevents.test', source: 'https://cloudevents.io' };
const STRUCTURED = ['Content-Type', 'application/cloudevents+json'];
const BATCHED = ['Content-Type', 'application/cloudevents-batch+json'];

function structured(event: unknown) {
  return decodeEvent(STRUCTURED, Buffer.from(JSON.stringify(event)));
}

function batched(batch: unknown) {
  return decodeEvents(BATCHED, Buffer.from(JSON.stringify(batch)));
}

describe('CloudEvents scenarios: HTTP protocol binding', () => {
  const expected = {
    specversion: '1.0',
    id: '1234-1234-1234',
    source: '/mycontext/subcontext',
    type: 'com.example.someevent',
    time: '2018-04-05T03:56:24Z',
    data: { message: 'Hello World!' },
  };

  for (const contentType of ['application/json', 'application/json; charset=utf-8']) {
    it(`binary content mode (${contentType})`, () => {
      const headers = [
        ...['Host', 'example.com', 'ce-specversion', '1.0', 'ce-type', 'com.example.someevent'],
        ...['ce-time', '2018-04-05T03:56:24Z', 'ce-id', '1234-1234-1234', 'ce-source', '/mycontext/subcontext'],
        ...['Content-Type', contentType, 'Content-Length', '33'],
      ];
      const event = decodeEvent(headers, Buffer.from('{\n    "message": "Hello World!"\n}'));
      assert.deepEqual(event, { ...expected, datacontenttype: contentType });
    });
  }

  for (const contentType of ['application/cloudevents+json', 'application/cloudevents+json; charset=utf-8']) {
    it(`structured content mode (${contentType})`, () => {
      const event = { ...expected, datacontenttype: 'application/json' };
      const decoded = decodeEvent(
        ['Host', 'example.com', 'Content-Type', contentType],
        Buffer.from(JSON.stringify(event)),
      );
      assert.deepEqual(decoded, event);
    });
  }
});

describe('CloudEvents scenarios: JSON format, valid events', () => {
  const rows: Array<[name: string, input: object, expected?: object]> = [
    ['minimal', {}],
    ['null for optional', { datacontenttype: null, dataschema: null, subject: null, time: null }, {}],
    [
      'all core attributes',
      {
        datacontenttype: 'text/plain',
        dataschema: 'https://cloudevents.io/dataschema',
        subject: 'tests',
        time: '2018-04-05T17:31:00Z',
      },
    ],
    ['time in UTC', { time: '2018-04-05T17:31:00Z' }],
    ['time to nanoseconds', { time: '2018-04-05T17:31:00.000000000Z' }],
    ['time with positive offset', { time: '2018-04-05T18:31:00+01:00' }],
    ['time with negative offset', { time: '2018-04-05T16:31:00-01:00' }],
    ['relative source', { source: '#fragment' }],
    ['simple text data', { datacontenttype: 'text/plain', data: 'Simple text' }],
    [
      'all extension types',
      {
        extinteger: 10,
        extboolean: true,
        extstring: 'text',
        exturi: 'https://cloudevents.io',
        exturiref: '//authority/path',
        exttimestamp: '2023-03-31T15:12:00Z',
        extbinary: 'TWE=',
      },
    ],
  ];
  for (const [name, input, expected] of rows) {
    it(name, () => {
      assert.deepEqual(structured({ ...MINIMAL, ...input }), { ...MINIMAL, ...(expected ?? input) });
    });
  }

  it('a batch of any size, the empty one included', () => {
    assert.deepEqual(batched([]), []);
    assert.deepEqual(batched([MINIMAL, { ...MINIMAL, id: 'second' }]), [MINIMAL, { ...MINIMAL, id: 'second' }]);
  });
});

describe('CloudEvents scenarios: JSON format, invalid events', () => {
  const rows: Array<[name: string, change: Record<string, unknown>, attribute: string]> = [
    ['no specversion', { specversion: undefined }, 'specversion'],
    ['no id', { id: undefined }, 'id'],
    ['no type', { type: undefined }, 'type'],
    ['no source', { source: undefined }, 'source'],
    ['time is garbage', { time: 'lunchtime' }, 'time'],
    ['time to the minute', { time: '2018-04-05T18:31Z' }, 'time'],
    ['time with offset X', { time: '2018-04-05T18:31:00X' }, 'time'],
    ['time with offset out of range', { time: '2018-04-05T18:31:00+25:00' }, 'time'],
    ['time with non-integer offset', { time: '2018-04-05T18:31:00+xx:00' }, 'time'],
    ['time with hour-only offset', { time: '2018-04-05T18:31:00+05' }, 'time'],
    ['empty id', { id: '' }, 'id'],
    ['empty type', { type: '' }, 'type'],
    ['empty source', { source: '' }, 'source'],
    ['empty specversion', { specversion: '' }, 'specversion'],
    ['unknown specversion', { specversion: '0.9' }, 'specversion'],
    ['datacontenttype not of RFC 2046', { datacontenttype: 'xyz' }, 'datacontenttype'],
    ['empty datacontenttype', { datacontenttype: '' }, 'datacontenttype'],
    ['empty dataschema', { dataschema: '' }, 'dataschema'],
    ['empty subject', { subject: '' }, 'subject'],
    ['numeric id', { id: 25 }, 'id'],
    ['object as id', { id: { xyz: 'abc' } }, 'id'],
    ['capitalized extension', { MyExtension: 'bad' }, 'MyExtension'],
    ['punctuated extension', { 'my.extension': 'bad' }, 'my.extension'],
    ['non-integer extension value', { myextension: 1.5 }, 'myextension'],
    ['both data and data_base64', { data: 'text', data_base64: 'eyAieHl6IjogMTIzIH0=' }, 'data'],
  ];
  for (const [name, change, attribute] of rows) {
    it(`${name}: refused, naming ${attribute}`, () => {
      assert.throws(
        () => structured({ ...MINIMAL, ...change }),
        error =>
          error instanceof TenfoldError &&
          error.code === 'invalid-event' &&
          error.extensions['attribute'] === attribute,
      );
    });
  }

  const batches: Array<[name: string, batch: unknown, message: RegExp]> = [
    ['mixed specversions', [MINIMAL, { ...MINIMAL, specversion: '0.9' }], /^event 2 of the batch: specversion/],
    ['an invalid event', [{ ...MINIMAL, id: undefined }], /^event 1 of the batch: id is required/],
    ['a member that is no object', ['not an object', MINIMAL], /^event 1 of the batch: event must be a JSON object/],
    ['no array', MINIMAL, /^batch must be a JSON array/],
  ];
  for (const [name, batch, message] of batches) {
    it(`batch with ${name}: refused`, () => {
      assert.throws(() => batched(batch), { code: 'invalid-event', message });
    });
  }

  it('names the event of a batch when asked to', () => {
    assert.throws(() => toEvent(null, defaultEventLimits, 'event 7'), {
      message: 'event 7: event must be a JSON object.',
    });
  });
});
