// JSON bodies against the schema of a route: what passes, what is refused,
// and what the refusal says.
import assert from 'node:assert/strict';
import { startUpstream } from '../../fakes/echo-upstream.ts';
import { serveYaml } from '../serve-yaml.ts';

const yaml = (origin: string) => `
apiVersion: tenfold.dev/v1alpha1
kind: Api
metadata: { name: shop }
spec:
  routes:
    - match: { path: /orders }
      to: { url: "${origin}" }
      request:
        maxBody: 100Ki
        schema:
          type: object
          required: [coffee]
          properties:
            coffee: { type: string }
            count: { type: integer, minimum: 1 }
            extra: true
          additionalProperties: false
`;

interface Refusal {
  readonly type: string;
  readonly detail: string;
  readonly violations?: readonly { readonly pointer: string; readonly message: string }[];
}

describe('request.schema', () => {
  let upstream: Awaited<ReturnType<typeof startUpstream>>;
  let listener: Awaited<ReturnType<typeof serveYaml>>;
  before(async () => {
    upstream = await startUpstream();
    listener = await serveYaml(yaml(upstream.origin));
  });
  after(async () => {
    await listener.close();
    await upstream.close();
  });

  const post = (
    body: string | Uint8Array<ArrayBuffer> | undefined,
    headers: Record<string, string> = {},
    method = 'POST',
  ) =>
    fetch(`${listener.address}/orders`, {
      method,
      headers: { 'content-type': 'application/json', ...headers },
      ...(body === undefined ? {} : { body }),
    });

  it('passes a body that matches on, byte by byte', async () => {
    const body = '{ "coffee" : "v60",\n"count":2 }';
    const answer = await post(body, { 'content-type': 'application/vnd.shop+json; charset=UTF-8' });
    assert.equal(((await answer.json()) as { body: string }).body, body);
  });

  it('tells every violation with its place, and no data', async () => {
    const answer = await post('{"count":0,"secret":"hunter2"}');
    const problem = (await answer.json()) as Refusal;
    assert.equal(answer.status, 400);
    assert.match(problem.type, /#invalid-input$/);
    assert.deepEqual(problem.violations?.map(({ pointer }) => pointer).sort(), ['/coffee', '/count', '/secret']);
    assert.ok(!JSON.stringify(problem).includes('hunter2'));
  });

  it('bounds the list of violations', async () => {
    const many = Object.fromEntries(Array.from({ length: 500 }, (_, index) => [`x${index}`, 1]));
    const problem = (await (await post(JSON.stringify({ coffee: 'a', ...many }))).json()) as Refusal;
    assert.equal(problem.violations?.length, 20);
  });

  const deep = (levels: number) => `{"coffee":"a","extra":${'['.repeat(levels)}${']'.repeat(levels)}}`;
  const refused: Record<string, [string | Uint8Array<ArrayBuffer> | undefined, number, Record<string, string>?]> = {
    'no body': [undefined, 400],
    'no JSON': ['{"coffee":', 400],
    'two values': ['{"coffee":"a"} {"coffee":"b"}', 400],
    'JSON that is 100 levels deep': [deep(100), 400],
    'a hundred thousand open brackets': ['['.repeat(100_000), 400],
    'invalid UTF-8': [new Uint8Array([0x22, 0xff, 0x22]), 400],
    'a member __proto__': ['{"coffee":"a","extra":{"__proto__":{"admin":true}}}', 400],
    'a member __proto__ in escapes': ['{"coffee":"a","extra":[{"\\u005f_proto__":1}]}', 400],
    'a form': ['coffee=v60', 415, { 'content-type': 'application/x-www-form-urlencoded' }],
    'text that calls itself something like JSON': ['{"coffee":"a"}', 415, { 'content-type': 'text/json-ish' }],
    'another charset': ['{"coffee":"a"}', 415, { 'content-type': 'application/json; charset=utf-16' }],
    'a compressed body': ['{"coffee":"a"}', 415, { 'content-encoding': 'gzip' }],
    'too much': [JSON.stringify({ coffee: 'x'.repeat(110_000) }), 413],
  };
  for (const [name, [body, status, headers]] of Object.entries(refused)) {
    it(`refuses ${name} with ${status}, and the target never sees it`, async () => {
      const before = upstream.seen.length;
      assert.equal((await post(body, headers)).status, status);
      assert.equal(upstream.seen.length, before);
    });
  }

  it('takes brackets inside of texts for text', async () => {
    assert.equal((await post(JSON.stringify({ coffee: '[{"\\'.repeat(200) }))).status, 200);
  });

  it('takes 60 levels', async () => assert.equal((await post(deep(60))).status, 200));

  it('asks no body of methods that have none', async () => {
    assert.equal((await fetch(`${listener.address}/orders`)).status, 200);
    assert.equal((await fetch(`${listener.address}/orders`, { method: 'DELETE' })).status, 200);
  });
});
