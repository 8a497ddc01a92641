// A function behind OpenFaaS: what OpenFaaS answers by itself is never taken for an answer of the
// function, by clients or by workers.
import assert from 'node:assert/strict';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import { closeServer, listen } from '../../../core/http/http-server.ts';
import { childContext } from '../../../core/trace-context.ts';
import { realWorld } from '../../../core/world.ts';
import type { FunctionHost } from '../../../drivers/function-host/function-host.ts';
import { createAddressCheck } from '../../../gateway/transport/address-policy.ts';
import { createTransport } from '../../../gateway/transport/create-transport.ts';
import { callTarget } from '../../../gateway/upstream/buffered-call.ts';
import { CallTimes } from '../../../gateway/upstream/call-times.ts';
import { createFunctionTarget } from '../../../gateway/upstream/function-target.ts';
import { AskedPause } from '../../../gateway/upstream/policies/asked-pause.ts';
import { RetryBudget } from '../../../gateway/upstream/policies/retry-budget.ts';
import { openfaasNameOf } from '../../../k8s/providers/openfaas/names.ts';
import { errorToOutcome } from '../../../worker/deliver/to-outcome.ts';
import { settle, startFakeOpenFaas } from '../../fakes/openfaas-gateway.ts';

const transport = createTransport({
  checkAddress: createAddressCheck({ allowLoopback: true }),
  connectTimeoutMs: 1000,
});

/** One call of a function at `url`, which says what runs it. */
function ask(url: string, provider: string | undefined, headers: readonly string[] = []) {
  const { origin, pathname } = new URL(url);
  const lease = { origin, basePath: pathname === '/' ? '' : pathname, provider, release() {} };
  const host: Pick<FunctionHost, 'tryAcquire' | 'acquire'> = { tryAcquire: () => lease, acquire: async () => lease };
  const target = createFunctionTarget({
    world: realWorld,
    host: { ...unused, ...host },
    transport,
    namespace: 'default',
    name: 'menu',
    ownHeaders: [],
    pause: new AskedPause(realWorld),
    budget: new RetryBudget(),
    times: new CallTimes(realWorld),
  });
  const init = { method: 'POST', path: '/', headers, body: '{}', timeoutMs: 5000, maxBody: 1000 };
  return callTarget(realWorld, target, { ...init, trace: childContext(undefined) }).then(
    ({ status }) => `${status}`,
    error => {
      assert.equal(errorToOutcome(error).kind, 'later', 'no attempt is used, and no event counts as delivered');
      return `${error.status} ${error.code} ${error.retryAfterSeconds}`;
    },
  );
}

const unused: FunctionHost = {
  apply() {},
  tryAcquire: () => undefined,
  acquire: () => Promise.reject(new Error('nobody calls it')),
  status: () => [],
  close: async () => {},
};

const NOT_READY = '503 not-ready 1';
const HANDED_ON = { 'x-call-id': '1', 'x-start-time': '1', 'x-served-by': 'openfaas-ce/0.27' };

describe('A function behind OpenFaaS', () => {
  let server: Server;
  let url: string;
  let answer: { readonly status: number; readonly headers: Readonly<Record<string, string>>; readonly body?: string };
  let sent: IncomingHttpHeaders;

  before(async () => {
    server = createServer((request, response) => {
      sent = request.headers;
      request.resume();
      request.on('end', () => {
        response.sendDate = false;
        response.writeHead(answer.status, { 'content-length': String(answer.body?.length ?? 0), ...answer.headers });
        response.end(answer.body);
      });
    });
    url = await listen(server, '127.0.0.1', 0);
  });
  after(async () => {
    await transport.close();
    await closeServer(server, realWorld, 0);
  });

  const own: readonly [name: string, status: number, headers: Record<string, string>, body?: string][] = [
    ['404 while its provider starts anew', 404, {}, 'error finding function menu.openfaas-fn'],
    ['500 when it cannot be scaled up', 500, {}, 'error finding function menu.openfaas-fn'],
    ['200 with nothing, when it was not scaled up', 200, {}],
    [
      '503 when there are no instances',
      503,
      { ...HANDED_ON, 'x-openfaas-internal': 'proxy' },
      'No endpoints available',
    ],
    ['500 when none is reached', 500, { ...HANDED_ON, 'x-openfaas-internal': 'proxy' }, "Can't reach service"],
    ['400 of another part of it', 400, { 'x-openfaas-internal': 'gateway' }],
  ];
  for (const [name, status, headers, body] of own) {
    it(`was not called where OpenFaaS answers ${name}`, async () => {
      answer = { status, headers, ...(body === undefined ? {} : { body }) };
      assert.equal(await ask(url, 'openfaas'), NOT_READY);
      assert.equal(await ask(url, 'deployment'), String(status), 'of others it is the answer');
      assert.equal(await ask(url, undefined), String(status));
    });
  }

  for (const status of [200, 204, 400, 404, 429, 500, 502, 503]) {
    it(`answers ${status} itself where the call was handed on`, async () => {
      answer = { status, headers: HANDED_ON, ...(status === 204 ? {} : { body: 'x' }) };
      assert.equal(await ask(url, 'openfaas'), String(status));
    });
  }

  it('was not called where a stream was asked for and nothing came', async () => {
    answer = { status: 200, headers: HANDED_ON };
    for (const accept of ['text/event-stream', 'application/x-ndjson'])
      assert.equal(await ask(url, 'openfaas', ['accept', accept]), NOT_READY);
    assert.equal(await ask(url, 'openfaas', ['accept', 'application/json']), '200');
    answer = { status: 200, headers: { ...HANDED_ON, 'content-type': 'text/event-stream' } };
    assert.equal(await ask(url, 'openfaas', ['accept', 'text/event-stream']), '200');
  });

  it('is called without the id that a client sends, with which OpenFaaS would not mark its answer', async () => {
    answer = { status: 200, headers: HANDED_ON };
    await ask(url, 'openfaas', ['accept', 'a/b', 'x-call-id', 'mine', 'x-other', 'y']);
    assert.deepEqual([sent['x-call-id'], sent['x-other']], [undefined, 'y']);
    await ask(url, undefined, ['x-call-id', 'mine']);
    assert.equal(sent['x-call-id'], 'mine');
  });

  it('is told from OpenFaaS over its whole life', async () => {
    const gateway = await startFakeOpenFaas();
    const name = openfaasNameOf({ name: 'menu', namespace: 'default' });
    const call = () => ask(`${gateway.url}/function/${name}`, 'openfaas', ['x-call-id', 'mine']);
    try {
      assert.equal(await call(), NOT_READY, 'it is not there yet');
      const deployed = { service: name, image: 'a', labels: {} };
      gateway.functions.set(name, { deployed, replicas: 1, available: 0, deleted: false });
      assert.equal(await call(), NOT_READY, 'it starts');
      settle(gateway);
      assert.equal(await call(), '200');
      gateway.faults.providerAway = true;
      assert.equal(await call(), NOT_READY, 'faas-netes starts anew');
      gateway.faults.providerAway = false;
      assert.equal(await call(), '200');
    } finally {
      await gateway.close();
    }
  });
});
