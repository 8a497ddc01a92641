// The scenarios of the CloudEvents HTTP binding over a real connection: a function gets what the
// `cloudevents` package reads from the same message.
import assert from 'node:assert/strict';
import { request } from 'node:http';
import { HTTP, type CloudEvent as OracleEvent } from 'cloudevents';
import { batch, type CloudEvent, event } from 'tenfold';
import { runFunction, stopFunctions } from './running-function.ts';

type Headers = Readonly<Record<string, string>>;

const BINARY: Headers = {
  'ce-specversion': '1.0',
  'ce-type': 'com.example.someevent',
  'ce-time': '2018-04-05T03:56:24Z',
  'ce-id': '1234-1234-1234',
  'ce-source': '/mycontext/subcontext',
};
const STRUCTURED: Headers = { 'content-type': 'application/cloudevents+json' };
const BATCHED: Headers = { 'content-type': 'application/cloudevents-batch+json; charset=UTF-8' };
const EVENT = {
  specversion: '1.0',
  type: 'com.example.someevent',
  time: '2018-04-05T03:56:24Z',
  id: '1234-1234-1234',
  source: '/mycontext/subcontext',
};
const HELLO = '{\n    "message": "Hello World!"\n}';

function without(headers: Headers, name: string): Headers {
  return Object.fromEntries(Object.entries(headers).filter(([key]) => key !== name));
}

/** Not by fetch(), which adds headers of its own and writes names in lower case. */
function post(port: number, headers: Headers, body: string | Buffer): Promise<number> {
  return new Promise((resolve, reject) => {
    const sent = request({ host: '127.0.0.1', port, method: 'POST', headers }, answer => {
      answer.resume().on('end', () => resolve(answer.statusCode ?? 0));
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

/**
 * As JSON with every attribute as the event has it: the package writes
 * times anew, with milliseconds.
 */
function comparable(one: unknown): unknown {
  const { time, data, data_base64: base64, ...attributes } = one as CloudEvent & { data_base64?: string };
  const bytes = data instanceof Uint8Array ? Buffer.from(data).toString('base64') : base64;
  return JSON.parse(JSON.stringify({ ...attributes, time: Date.parse(String(time)), data: bytes ?? data }));
}

describe('CloudEvents HTTP binding: a function gets what the cloudevents package reads', () => {
  afterEach(stopFunctions);

  const single: readonly [name: string, headers: Headers, body: string | Buffer][] = [
    ['binary, JSON', { ...BINARY, 'content-type': 'application/json' }, HELLO],
    ['binary, JSON with a charset', { ...BINARY, 'content-type': 'application/json; charset=utf-8' }, HELLO],
    ['binary, text', { ...BINARY, 'content-type': 'text/plain' }, 'Hello World!'],
    ['binary, XML', { ...BINARY, 'content-type': 'application/xml' }, '<message>Hello World!</message>'],
    [
      'binary, names of headers in other cases',
      { ...without(BINARY, 'ce-id'), 'CE-Id': 'x', 'Content-Type': 'text/plain' },
      'a',
    ],
    [
      'binary, all optional attributes',
      {
        ...BINARY,
        'ce-subject': 'tests',
        'ce-dataschema': 'https://cloudevents.io/s',
        'content-type': 'application/json',
      },
      HELLO,
    ],
    [
      'binary, extensions',
      { ...BINARY, 'ce-partitionkey': 'order-7', 'ce-sequence': '42', 'content-type': 'text/plain' },
      'a',
    ],
    [
      'binary, characters beyond ASCII in data',
      { ...BINARY, 'content-type': 'application/json' },
      '{"drink":"café ☕"}',
    ],
    [
      'structured',
      STRUCTURED,
      JSON.stringify({ ...EVENT, datacontenttype: 'application/json', data: { a: [1, null] } }),
    ],
    [
      'structured with a charset',
      { 'content-type': 'application/cloudevents+json; charset=utf-8' },
      JSON.stringify({ ...EVENT, datacontenttype: 'application/json', data: { message: 'Hello World!' } }),
    ],
    ['structured, text', STRUCTURED, JSON.stringify({ ...EVENT, datacontenttype: 'text/plain', data: 'Hello' })],
    [
      'structured, bytes',
      STRUCTURED,
      JSON.stringify({ ...EVENT, datacontenttype: 'application/octet-stream', data_base64: 'AAECAwQ=' }),
    ],
    [
      'structured, extensions of every type',
      STRUCTURED,
      JSON.stringify({ ...EVENT, a: 1, b: true, c: 'text', data: 1 }),
    ],
    [
      'structured, its headers are not attributes',
      { ...STRUCTURED, 'ce-id': 'other' },
      JSON.stringify({ ...EVENT, data: {} }),
    ],
  ];
  for (const [name, headers, body] of single) {
    it(name, async () => {
      const got: CloudEvent[] = [];
      const { port } = await runFunction(event(one => void got.push(one)));
      assert.equal(await post(port, headers, body), 204);
      const lower = Object.fromEntries(Object.entries(headers).map(([key, value]) => [key.toLowerCase(), value]));
      assert.deepEqual(got.map(comparable), [
        comparable((HTTP.toEvent({ headers: lower, body }) as OracleEvent).toJSON()),
      ]);
    });
  }

  it('batched', async () => {
    const got: CloudEvent[] = [];
    const { port } = await runFunction(batch(events => void got.push(...events)));
    const body = JSON.stringify([
      { ...EVENT, data: { n: 1 } },
      { ...EVENT, id: 'second', datacontenttype: 'text/plain', data: 'b' },
    ]);
    assert.equal(await post(port, BATCHED, body), 204);
    const read = HTTP.toEvent({ headers: { ...BATCHED }, body });
    assert.ok(Array.isArray(read));
    assert.deepEqual(
      got.map(comparable),
      read.map(one => comparable((one as OracleEvent).toJSON())),
    );
  });

  it('binary, JSON of a format of its own, which the package leaves as text', async () => {
    const got: CloudEvent[] = [];
    const { port } = await runFunction(event(one => void got.push(one)));
    assert.equal(await post(port, { ...BINARY, 'content-type': 'application/vnd.example+json' }, HELLO), 204);
    assert.deepEqual(got[0]?.data, { message: 'Hello World!' });
  });

  it('percent-encoded attributes, which the package leaves as they are', async () => {
    const got: CloudEvent[] = [];
    const { port } = await runFunction(event(one => void got.push(one)));
    const headers = { ...BINARY, 'ce-subject': 'Euro%20%E2%82%AC%20%F0%9F%98%80', 'content-type': 'text/plain' };
    assert.equal(await post(port, headers, 'a'), 204);
    assert.equal(got[0]?.subject, 'Euro € 😀');
  });

  const refused: readonly [name: string, headers: Headers, body: string][] = [
    ['binary without a source', { ...without(BINARY, 'ce-source'), 'content-type': 'application/json' }, HELLO],
    ['binary without a type', { ...without(BINARY, 'ce-type'), 'content-type': 'application/json' }, HELLO],
    ['a body without any attribute', { 'content-type': 'application/json' }, HELLO],
    ['structured without a source', STRUCTURED, JSON.stringify({ ...EVENT, source: undefined })],
    ['structured that is no JSON', STRUCTURED, '{'],
    ['structured, empty', STRUCTURED, ''],
  ];
  for (const [name, headers, body] of refused) {
    it(`refuses as the package does: ${name}`, async () => {
      const { port } = await runFunction(event(() => assert.fail('called')));
      assert.equal(await post(port, headers, body), 400);
      assert.throws(() => (HTTP.toEvent({ headers: { ...headers }, body }) as OracleEvent).validate());
    });
  }

  const madeUp: readonly [name: string, headers: Headers, body: string][] = [
    ['binary without an id', { ...without(BINARY, 'ce-id'), 'content-type': 'application/json' }, HELLO],
    ['binary without a version', { ...without(BINARY, 'ce-specversion'), 'content-type': 'application/json' }, HELLO],
    ['structured without an id', STRUCTURED, JSON.stringify({ ...EVENT, id: undefined })],
  ];
  for (const [name, headers, body] of madeUp) {
    it(`refuses what the package would complete by itself: ${name}`, async () => {
      const { port } = await runFunction(event(() => assert.fail('called')));
      assert.equal(await post(port, headers, body), 400);
    });
  }
});
