// Decoding beyond the conformance scenarios: hostile input, data of every kind, escapes in headers.
import assert from 'node:assert/strict';
import { contentModeOf, decodeEvent, decodeEvents } from '../../../core/cloudevents/decode.ts';
import { wrapData } from '../../../core/cloudevents/wrap.ts';
import type { World } from '../../../core/world.ts';

const REQUIRED = ['ce-specversion', '1.0', 'ce-id', '1', 'ce-source', '/s', 'ce-type', 't'];
const JSON_TYPE = ['content-type', 'application/json'];
const LIMITS = { maxAttributes: 6, maxAttributeLength: 50, maxBatch: 2 };

function without(name: string): string[] {
  const at = REQUIRED.indexOf(name);
  return REQUIRED.toSpliced(at, 2);
}

describe('contentModeOf', () => {
  const rows: Array<[name: string, headers: string[], mode: string | undefined]> = [
    ['binary by ce-specversion', REQUIRED, 'binary'],
    ['binary whatever the case', ['CE-SpecVersion', '1.0'], 'binary'],
    ['structured', ['content-type', 'application/cloudevents+json'], 'structured'],
    ['structured with parameters', ['Content-Type', 'Application/CloudEvents+JSON; charset=UTF-8'], 'structured'],
    ['structured wins over stray headers', [...REQUIRED, 'content-type', 'application/cloudevents+json'], 'structured'],
    ['batched', ['content-type', 'application/cloudevents-batch+json'], 'batched'],
    ['none for plain JSON', JSON_TYPE, undefined],
    ['none without headers', [], undefined],
  ];
  for (const [name, headers, mode] of rows) it(name, () => assert.equal(contentModeOf(headers), mode));

  it('refuses other event formats and charsets, naming them', () => {
    const avro = ['content-type', 'application/cloudevents+avro'];
    assert.throws(() => contentModeOf(avro), { code: 'unsupported-media-type', message: /cloudevents\+avro/ });
    const latin = ['content-type', 'application/cloudevents+json; charset=latin1'];
    assert.throws(() => contentModeOf(latin), { code: 'unsupported-media-type', message: /latin1/ });
  });
});

describe('data that is not JSON', () => {
  const structured = ['content-type', 'application/cloudevents+json'];
  for (const data of ['card 4111', '{"a": 4111-4111-4111}', '{"card":"4111",}', '"4111', 'undefined4111']) {
    it(`is refused without a word of it: ${data}`, () => {
      for (const headers of [[...REQUIRED, ...JSON_TYPE], structured]) {
        const isSilent = (error: unknown) =>
          error instanceof Error && /is not valid JSON: \w+/.test(error.message) && !error.message.includes('4111');
        assert.throws(() => decodeEvent(headers, Buffer.from(data)), isSilent);
      }
    });
  }
});

describe('decoding a binary event', () => {
  for (const name of ['specversion', 'id', 'source', 'type']) {
    it(`without ${name}: refused, naming the header`, () => {
      assert.throws(() => decodeEvent(without(`ce-${name}`), Buffer.alloc(0)), {
        code: 'invalid-event',
        message: `${name} is required: send it as the header ce-${name}.`,
      });
    });
  }

  const refused: Array<[name: string, headers: string[], body: string, message: RegExp]> = [
    ['two ids', ['ce-id', '2'], '', /^id is given twice/],
    ['two ids in another case', ['CE-ID', '2'], '', /^id is given twice/],
    ['an empty id before another', ['ce-id', ''], '', /^id is given twice/],
    ['two specversions', ['ce-specversion', '1.0'], '', /^specversion is given twice/],
    ['two subjects', ['ce-subject', 'a', 'ce-subject', 'b'], '', /^subject is given twice/],
    ['two content types', [...JSON_TYPE, ...JSON_TYPE], '{}', /two Content-Type headers/],
    ['ce-datacontenttype', ['ce-datacontenttype', 'text/plain'], '', /belongs in the Content-Type header/],
    ['ce-data', ['ce-data', 'x'], '', /^data is no attribute name/],
    ['an underscore in a name', ['ce-my_ext', 'x'], '', /^my_ext is no attribute name/],
    ['__proto__', ['ce-__proto__', 'x'], '', /^__proto__ is no attribute name/],
    ['an empty name', ['ce-', 'x', 'ce-%', 'y'], '', /^% is no attribute name/],
    ['a control character in an escape', ['ce-subject', 'a%00b'], '', /^subject contains control/],
    ['a line break in an escape', ['ce-subject', 'a%0d%0ab'], '', /^subject contains control/],
    ['bytes that are not UTF-8', ['ce-subject', '%ff%fe'], '', /^subject has percent-encoded bytes that are not UTF-8/],
    ['an overlong encoding', ['ce-subject', '%c0%af'], '', /not UTF-8/],
    ['a surrogate in UTF-8', ['ce-subject', '%ed%a0%80'], '', /not UTF-8/],
    ['a bad time', ['ce-time', '2026-02-30T00:00:00Z'], '', /^time must be an RFC 3339/],
    ['an empty subject', ['ce-subject', ''], '', /^subject must not be empty/],
    ['a content type that is none', ['content-type', 'json'], '{}', /^datacontenttype must be a media type/],
    ['broken JSON', JSON_TYPE, '{"a":', /^data is not valid JSON/],
    ['too many attributes', ['ce-a', '1', 'ce-b', '1', 'ce-c', '1'], '', /^c exceeds the limit of 6/],
    ['too long an attribute', ['ce-a', 'x'.repeat(51)], '', /^a is longer than 50/],
    ['too long an attribute after decoding', ['ce-a', `%20${'x'.repeat(50)}`], '', /^a is longer than 50/],
  ];
  for (const [name, headers, body, message] of refused) {
    it(`with ${name}: refused`, () => {
      const run = () => decodeEvent([...REQUIRED, ...headers], Buffer.from(body), LIMITS);
      assert.throws(run, { code: 'invalid-event', message });
    });
  }

  it('refuses an empty id even when a second one follows', () => {
    const headers = ['ce-id', '', 'ce-id', '1', ...without('ce-id')];
    assert.throws(() => decodeEvent(headers, Buffer.alloc(0)), { message: 'id must not be empty.' });
  });

  it('refuses JSON that is not UTF-8', () => {
    const body = Buffer.from([0x22, 0xff, 0x22]);
    assert.throws(() => decodeEvent([...REQUIRED, ...JSON_TYPE], body), {
      message: 'data is not UTF-8, as JSON must be.',
    });
  });

  const values: Array<[name: string, sent: string, value: string]> = [
    ['percent-encoded UTF-8', 'Euro%20%E2%82%AC%20%F0%9F%98%80', 'Euro € 😀'],
    ['lower-case hex', '%e2%82%ac', '€'],
    ['one round only', '%2525', '%25'],
    ['a percent sign that starts no escape', '50% off', '50% off'],
    ['a quoted string', '"a \\"b\\" c"', 'a "b" c'],
    ['a quoted string with an escape inside', '"%41"', 'A'],
    ['an extension named constructor', 'x', 'x'],
  ];
  for (const [name, sent, value] of values) {
    it(`takes ${name}`, () => {
      const event = decodeEvent([...REQUIRED, 'ce-constructor', sent], Buffer.alloc(0));
      assert.equal(event['constructor'], value);
    });
  }

  const bodies: Array<[name: string, contentType: string[], body: Buffer, data: unknown]> = [
    ['JSON', JSON_TYPE, Buffer.from('{"a":1}'), { a: 1 }],
    ['JSON by suffix', ['content-type', 'application/vnd.x+json'], Buffer.from('[1]'), [1]],
    ['text', ['content-type', 'text/plain; charset=utf-8'], Buffer.from('é'), 'é'],
    ['XML', ['content-type', 'application/xml'], Buffer.from('<a/>'), '<a/>'],
    [
      'text in another charset',
      ['content-type', 'text/plain; charset=latin1'],
      Buffer.from([0xe9]),
      Buffer.from([0xe9]),
    ],
    ['text that is not UTF-8', ['content-type', 'text/plain'], Buffer.from([0xff]), Buffer.from([0xff])],
    ['bytes', ['content-type', 'image/png'], Buffer.from([1, 2]), Buffer.from([1, 2])],
    ['no content type', [], Buffer.from('{}'), Buffer.from('{}')],
    ['no body', JSON_TYPE, Buffer.alloc(0), undefined],
  ];
  for (const [name, contentType, body, data] of bodies) {
    it(`gives data for ${name}`, () => {
      const event = decodeEvent([...REQUIRED, ...contentType], body);
      assert.deepEqual(event.data, data);
      assert.equal('data' in event, data !== undefined);
    });
  }

  it('keeps a __proto__ member of the data an own member', () => {
    const event = decodeEvent([...REQUIRED, ...JSON_TYPE], Buffer.from('{"__proto__":{"admin":true}}'));
    assert.equal((event.data as { admin?: boolean }).admin, undefined);
  });
});

describe('decoding the JSON format', () => {
  const STRUCTURED = ['content-type', 'application/cloudevents+json'];
  const base = { specversion: '1.0', id: '1', source: '/s', type: 't' };
  const decode = (event: unknown) => decodeEvent(STRUCTURED, Buffer.from(JSON.stringify(event)), LIMITS);

  it('reads data_base64 as bytes, or as JSON when the type says so', () => {
    const bytes = decode({ ...base, datacontenttype: 'image/png', data_base64: 'AQI=' });
    assert.deepEqual(bytes.data, Buffer.from([1, 2]));
    const json = decode({ ...base, datacontenttype: 'application/json', data_base64: 'eyJhIjoxfQ==' });
    assert.deepEqual(json.data, { a: 1 });
  });

  const refused: Array<[name: string, event: unknown, message: RegExp]> = [
    ['broken Base64', { ...base, data_base64: 'AQI' }, /^data_base64 must be a Base64 string/],
    [
      'Base64 that is not the JSON it says',
      { ...base, datacontenttype: 'text/json', data_base64: 'AQI=' },
      /hold JSON/,
    ],
    ['an object as extension', { ...base, ext: {} }, /^ext must be a string, a boolean or a 32-bit integer/],
    ['an integer beyond 32 bits', { ...base, ext: 2 ** 31 }, /^ext must be/],
    ['a control character', { ...base, subject: 'a\nb' }, /^subject contains control/],
    ['half a surrogate pair', { ...base, subject: '\ud800' }, /^subject contains control/],
    ['a noncharacter', { ...base, subject: '\ufdd0' }, /^subject contains control/],
    ['too many attributes', { ...base, a: '1', b: '1', c: '1' }, /^c exceeds the limit/],
    ['an array', [base], /^event must be a JSON object/],
  ];
  for (const [name, event, message] of refused) {
    it(`refuses ${name}`, () => assert.throws(() => decode(event), { code: 'invalid-event', message }));
  }

  it('refuses a __proto__ member', () => {
    const body = Buffer.from('{"specversion":"1.0","id":"1","source":"/s","type":"t","__proto__":{"x":1}}');
    assert.throws(() => decodeEvent(STRUCTURED, body), { message: /^__proto__ is no attribute name/ });
  });

  it('refuses what is not JSON or not UTF-8', () => {
    assert.throws(() => decodeEvent(STRUCTURED, Buffer.from('{')), { message: /^event is not valid JSON/ });
    assert.throws(() => decodeEvent(STRUCTURED, Buffer.from([0xff])), {
      message: 'event is not UTF-8, as JSON must be.',
    });
  });

  it('bounds a batch, and refuses one where a single event is expected', () => {
    const headers = ['content-type', 'application/cloudevents-batch+json'];
    const body = Buffer.from(JSON.stringify([base, base, base]));
    assert.throws(() => decodeEvents(headers, body, LIMITS), { message: 'batch has 3 events; at most 2 are taken.' });
    assert.throws(() => decodeEvent(headers, body), { code: 'unsupported-media-type' });
  });
});

describe('wrapData', () => {
  const world = { now: () => 1_767_225_600_000, id: () => 'fresh' } as World;
  const envelope = { source: '/topics/orders', type: 'orders' };
  const head = { specversion: '1.0', id: 'fresh', ...envelope, time: '2026-01-01T00:00:00.000Z' };
  const rows: Array<[name: string, contentType: string | undefined, body: string, expected: object]> = [
    ['JSON', 'application/json', '{"a":1}', { datacontenttype: 'application/json', data: { a: 1 } }],
    ['a body without type as JSON', undefined, '1', { datacontenttype: 'application/json', data: 1 }],
    ['text', 'text/plain', 'hi', { datacontenttype: 'text/plain', data: 'hi' }],
    ['an empty body', 'text/plain', '', { datacontenttype: 'text/plain' }],
  ];
  for (const [name, contentType, body, expected] of rows) {
    it(`wraps ${name}`, () => {
      assert.deepEqual(wrapData(contentType, Buffer.from(body), envelope, world), { ...head, ...expected });
    });
  }
});
