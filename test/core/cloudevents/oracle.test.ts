// The `cloudevents` package as oracle, and round trips: what we write it reads, what it writes
// we read, nothing is lost.
import assert from 'node:assert/strict';
import { HTTP, CloudEvent as OracleEvent } from 'cloudevents';
import fc from 'fast-check';
import type { CloudEvent } from '../../../core/cloudevents/cloud-event.ts';
import { decodeEvent, decodeEvents } from '../../../core/cloudevents/decode.ts';
import { type EncodedEvent, encodeBatch, encodeBinary, encodeStructured } from '../../../core/cloudevents/encode.ts';

const printable = fc.string({
  unit: fc.integer({ min: 0x21, max: 0x7e }).map(code => String.fromCharCode(code)),
  minLength: 1,
});
/**
 * Without what the oracle does not escape, and without quotes, which a reader
 * must take as a quoted string.
 */
const plain = printable.filter(text => !/[%"]/.test(text));
const unicode = fc
  .string({ unit: 'binary', minLength: 1 })
  .filter(text => !/[\u0000-\u001f\u007f-\u009f]|\p{Noncharacter_Code_Point}|\p{Surrogate}/u.test(text));
/** The oracle alone refuses a source that is no URI reference. */
const uriReference = fc
  .oneof(
    fc.webUrl(),
    fc.webPath().filter(path => path !== ''),
  )
  .filter(text => !/[%"]/.test(text));
const time = fc
  .date({ min: new Date(0), max: new Date('9999-12-31'), noInvalidDate: true })
  .map(date => date.toISOString());
const extensionName = fc.stringMatching(/^[a-z][a-z0-9]{0,19}$/).filter(name => !RESERVED.has(name));
const RESERVED = new Set([
  'id',
  'source',
  'type',
  'subject',
  'time',
  'data',
  'specversion',
  'dataschema',
  'datacontenttype',
]);
const json = fc
  .jsonValue()
  .filter(value => value !== null)
  .map(value => JSON.parse(JSON.stringify(value)));

function events(
  source: fc.Arbitrary<string>,
  text: fc.Arbitrary<string>,
  extensionValue: fc.Arbitrary<string | number | boolean>,
  data: fc.Arbitrary<unknown>,
) {
  return fc
    .record(
      {
        id: text,
        source,
        type: text,
        subject: text,
        time,
        data,
        extensions: fc.dictionary(extensionName, extensionValue),
      },
      { requiredKeys: ['id', 'source', 'type', 'extensions'] },
    )
    .map(({ extensions, ...event }): CloudEvent => {
      const type = 'data' in event ? { datacontenttype: 'application/json' } : {};
      return { specversion: '1.0', ...event, ...type, ...extensions };
    });
}

const objects = fc.dictionary(fc.string(), json).map(value => JSON.parse(JSON.stringify(value)));
const forOracle = events(uriReference, plain, plain, objects);
const anyEvent = events(unicode, unicode, unicode, json);

function toMessage(encoded: EncodedEvent) {
  const headers: Record<string, string> = {};
  for (let index = 0; index < encoded.headers.length; index += 2) {
    headers[encoded.headers[index] as string] = encoded.headers[index + 1] as string;
  }
  return { headers, body: encoded.body };
}

function toBody(body: unknown): Buffer {
  return body === undefined ? Buffer.alloc(0) : Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
}

/** The oracle's event without what it adds on its own. */
function fromOracle(event: unknown): Record<string, unknown> {
  return JSON.parse(JSON.stringify(event));
}

function toRaw(headers: object): string[] {
  return Object.entries(headers).flatMap(([name, value]) => [name, String(value)]);
}

describe('CloudEvents against the oracle', () => {
  for (const [mode, encode] of [
    ['binary', encodeBinary],
    ['structured', encodeStructured],
  ] as const) {
    it(`the oracle reads what we write (${mode})`, () => {
      fc.assert(
        fc.property(forOracle, event => {
          const read = HTTP.toEvent(toMessage(encode(event)));
          const { time, ...rest } = fromOracle(read);
          assert.deepEqual(rest, fromOracle({ ...event, time: undefined }));
          if (event.time !== undefined) assert.equal(new Date(String(time)).getTime(), new Date(event.time).getTime());
        }),
      );
    });
  }

  for (const [mode, encode] of [
    ['binary', HTTP.binary],
    ['structured', HTTP.structured],
  ] as const) {
    it(`we read what the oracle writes (${mode})`, () => {
      fc.assert(
        fc.property(forOracle, event => {
          const written = encode(new OracleEvent(event));
          const read = decodeEvent(toRaw(written.headers), toBody(written.body));
          // The oracle adds the current time, and a content type to events without data.
          const expected = {
            ...event,
            time: event.time ?? read.time,
            datacontenttype: event.datacontenttype ?? read.datacontenttype,
          };
          assert.deepEqual(fromOracle(read), fromOracle(expected));
        }),
      );
    });
  }
});

describe('CloudEvents round trips', () => {
  const extension = fc.oneof(unicode, fc.boolean(), fc.integer());

  it('binary keeps every attribute and any JSON data', () => {
    fc.assert(
      fc.property(anyEvent, event => {
        const { headers, body } = encodeBinary(event);
        for (const value of headers) assert.match(value, /^[ -~]*$/);
        assert.deepEqual(decodeEvent(headers, toRawBody(body)), event);
      }),
    );
  });

  it('structured and batched keep the types of extensions too', () => {
    fc.assert(
      fc.property(fc.array(events(unicode, unicode, extension, json), { maxLength: 4 }), list => {
        for (const event of list) {
          const { headers, body } = encodeStructured(event);
          assert.deepEqual(decodeEvent(headers, toRawBody(body)), event);
        }
        const { headers, body } = encodeBatch(list);
        assert.deepEqual(decodeEvents(headers, toRawBody(body)), list);
      }),
    );
  });

  it('bytes and text survive every mode', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1 }), fc.string({ minLength: 1, unit: 'grapheme' }), (bytes, text) => {
        const base = { specversion: '1.0', id: '1', source: '/s', type: 't' } as const;
        const binary: CloudEvent = { ...base, datacontenttype: 'application/octet-stream', data: Buffer.from(bytes) };
        const textual: CloudEvent = { ...base, datacontenttype: 'text/plain', data: text };
        for (const event of [binary, textual]) {
          for (const encode of [encodeBinary, encodeStructured]) {
            const { headers, body } = encode(event);
            assert.deepEqual(decodeEvent(headers, toRawBody(body)), event);
          }
        }
      }),
    );
  });

  it('no input makes the decoder throw anything but a refusal', () => {
    const header = fc.oneof(
      fc.constantFrom('ce-id', 'ce-source', 'ce-type', 'ce-specversion', 'content-type', 'ce-time'),
      printable,
    );
    const value = fc.oneof(fc.constantFrom('1.0', 'application/json', 'application/cloudevents+json'), fc.string());
    fc.assert(
      fc.property(fc.array(fc.tuple(header, value)), fc.string(), (pairs, body) => {
        try {
          decodeEvents(pairs.flat(), Buffer.from(body));
        } catch (error) {
          const { code } = error as { code?: string };
          assert.ok(code === 'invalid-event' || code === 'unsupported-media-type', String(error));
        }
      }),
      { numRuns: 1000 },
    );
  });
});

function toRawBody(body: string | Buffer | undefined): Buffer {
  return body === undefined ? Buffer.alloc(0) : Buffer.from(body);
}
