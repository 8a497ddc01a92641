// A function that normalises answers: whatever it does, its caller gets a value of JSON or hears
// why there is none, in time.
import assert from 'node:assert/strict';
import { childContext } from '../../../../core/trace-context.ts';
import { realWorld } from '../../../../core/world.ts';
import { createNormalizer } from '../../../../gateway/strangler/shadow/normalizer.ts';
import { createAddressCheck } from '../../../../gateway/transport/address-policy.ts';
import { createTransport } from '../../../../gateway/transport/create-transport.ts';
import { createUrlTarget } from '../../../../gateway/upstream/url-target.ts';
import { startUpstream } from '../../../fakes/echo-upstream.ts';

const world = realWorld;
const answer = { status: 200, fields: ['content-type', 'application/json'], body: Buffer.from('{"a":1}') };

describe('a function that normalises answers', () => {
  const transport = createTransport({
    checkAddress: createAddressCheck({ allowLoopback: true }),
    connectTimeoutMs: 1000,
  });
  let upstream: Awaited<ReturnType<typeof startUpstream>>;
  let path = '';

  before(async () => {
    upstream = await startUpstream((request, response) => {
      request.resume();
      if (path === '/value') response.end('{"b":2}');
      else if (path === '/huge') response.end(JSON.stringify('x'.repeat(2000)));
      else if (path === '/text') response.end('no JSON');
      else if (path === '/empty') response.writeHead(204).end();
      else if (path === '/error') response.writeHead(500).end('{}');
      else if (path === '/cut') request.socket.destroy();
      else if (path === '/half') response.write('{"b":');
    });
  });
  after(async () => {
    await upstream.close();
    await transport.close();
  });

  const normalize = (to: string, timeoutMs: number) => {
    path = to;
    const target = createUrlTarget(transport, 'default', upstream.origin);
    return createNormalizer({ world, target, timeoutMs, maxBody: 1000 })(answer, childContext(undefined));
  };

  it('gives the value that is compared', async () => {
    assert.deepEqual((await normalize('/value', 60_000)).mapped, { value: { b: 2 } });
  });

  for (const [to, timeoutMs, said] of [
    ['/huge', 60_000, /it gave no answer/],
    ['/text', 60_000, /no JSON/],
    ['/empty', 60_000, /it answered 204/],
    ['/error', 60_000, /it answered 500/],
    ['/cut', 60_000, /it gave no answer/],
    ['/never', 50, /it gave no answer/],
    ['/half', 50, /it gave no answer/],
  ] as const)
    it(`is not comparable at ${to}`, async () => {
      await assert.rejects(normalize(to, timeoutMs), { code: 'expression-failed', message: said });
    });
});
